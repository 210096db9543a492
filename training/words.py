"""The words of the pretraining corpora, numbered."""

from dataset_scripts.fimad.exercises import EXERCISES

# Kinds of a movement that are told apart by what training varies (the pace) or by what no sensor feels. As negatives
# of each other they would keep recordings away from the word that all answer to.
KINDS = {
    "walking": (
        "slow walking",
        "brisk walking",
        "walking with a phone",
        "walking with bags",
        "walking in a circle",
        "walk on uneven terrain",
    ),
    "jogging": ("running", "jog in a circle"),
}
_BY_TITLE = {title.lower(): exercise.name for exercise in EXERCISES for title in exercise.titles}
_BY_KIND = {kind: movement for movement, kinds in KINDS.items() for kind in kinds}


def movement_of(normalized_title: str) -> str:
    """The movement that a title names: "walk" and "slow walk" are "walking"."""
    name = _BY_TITLE.get(normalized_title, normalized_title)
    return _BY_KIND.get(name, name)


class Words:
    """
    Every distinct text and every movement, numbered as they come.

    Corpora that share one object share their numbers: a movement that both have is the same movement in a batch.
    """

    def __init__(self) -> None:
        self._texts: dict[str, int] = {}
        self._movements: dict[str, int] = {}

    @property
    def texts(self) -> list[str]:
        return list(self._texts)

    def text_index(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def title_id(self, normalized_title: str) -> int:
        """The number of the movement that the title names."""
        return self._movements.setdefault(movement_of(normalized_title), len(self._movements))
