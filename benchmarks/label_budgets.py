"""How many labels somebody has: a share of all, some windows per class, or everything from a few people."""

from dataclasses import dataclass

import numpy as np

from training.windows import draw_share

KINDS = ("fraction", "k_shot", "people", "none")


@dataclass(frozen=True)
class LabelBudget:
    """
    What is labelled.

    Attributes:
        kind: "fraction" (share of the windows of every class of every person), "k_shot" (windows per class, whoever
            they are from), "people" (all windows of some people) or "none" (zero-shot).
        amount: the share, the windows per class, the people; 0 for "none".
    """

    kind: str
    amount: float = 0

    def __post_init__(self) -> None:
        whole = self.kind in ("k_shot", "people") and self.amount >= 1 and self.amount == int(self.amount)
        share = self.kind == "fraction" and 0 < self.amount <= 1
        if not (whole or share or (self.kind == "none" and self.amount == 0)):
            raise ValueError(
                f"Expected a fraction in (0, 1], whole numbers for k_shot and people, 0 for none; got {self}."
            )

    def __str__(self) -> str:
        """As in tables: "2 %", "5 per class", "1 person"."""
        if self.kind == "fraction":
            return f"{100 * self.amount:g} %"
        if self.kind == "none":
            return "no labels"
        if self.kind == "k_shot":
            return f"{self.amount:g} per class"
        return "1 person" if self.amount == 1 else f"{self.amount:g} people"


BUDGETS = (
    *(LabelBudget("fraction", share) for share in (0.01, 0.02, 0.05, 0.1, 0.5, 1.0)),
    *(LabelBudget("k_shot", count) for count in (1, 5, 10)),
    *(LabelBudget("people", count) for count in (1, 2, 5)),
)


def budgets_for(people: int) -> list[LabelBudget]:
    """`BUDGETS` that can be drawn from the windows of `people` people: not more people than there are."""
    return [budget for budget in BUDGETS if budget.kind != "people" or budget.amount <= people]


def draw(labels: np.ndarray, subjects: np.ndarray, budget: LabelBudget, seed: int) -> np.ndarray:
    """
    Positions of the labelled windows among those of the training people; the same seed gives the same windows.

    Args:
        labels, subjects: `(windows,)` class and person of every window that could be labelled.
        budget: how many are.
        seed: of the draw.

    Raises:
        ValueError: more people asked for than there are.
    """
    match budget.kind:
        case "fraction":
            return draw_share(labels, subjects, budget.amount, seed)
        case "k_shot":
            return draw_per_class(labels, int(budget.amount), seed)
        case "people":
            return draw_people(subjects, int(budget.amount), seed)
    return np.zeros(0, int)


def draw_per_class(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """`count` windows of every class that has as many, all windows of the others."""
    rng = np.random.default_rng(seed)
    cells = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    return np.sort(np.concatenate([rng.choice(cell, min(count, len(cell)), replace=False) for cell in cells]))


def draw_people(subjects: np.ndarray, count: int, seed: int) -> np.ndarray:
    """All windows of `count` people."""
    people = np.unique(subjects)
    if count > len(people):
        raise ValueError(f"Labels of {count} people were asked for, but there are {len(people)} to train on.")
    return np.flatnonzero(np.isin(subjects, np.random.default_rng(seed).choice(people, count, replace=False)))
