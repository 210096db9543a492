"""The words of the pretraining corpora, numbered."""


class Words:
    """
    Every distinct text and every normalised title, numbered as they come.

    Corpora that share one object share their numbers: a movement that both have is the same movement in a batch.
    """

    def __init__(self) -> None:
        self._texts: dict[str, int] = {}
        self._titles: dict[str, int] = {}

    @property
    def texts(self) -> list[str]:
        return list(self._texts)

    def text_index(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def title_id(self, normalized_title: str) -> int:
        return self._titles.setdefault(normalized_title, len(self._titles))
