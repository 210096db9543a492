"""Who is kept for measuring where a folder of recordings does not say: people; recordings if nobody can be spared."""

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass

import datasets
import numpy as np

from dataset_scripts.csv_folder.listing import UNNAMED


@dataclass
class HeldOut:
    """
    Recordings to train on and recordings to measure with.

    Attributes:
        splits: "train" and, where something is held out, "test", "validation", or both.
        unit: "person": nobody is on both sides; "recording": only recordings are kept apart, and the people in them
            may be those trained on; None: nothing is held out.
    """

    splits: datasets.DatasetDict
    unit: str | None


def hold_out(rows: datasets.DatasetDict, share: float) -> HeldOut:
    """
    Keep `share` of the people for measuring, unless `rows` are split already.

    As many more are kept as it takes to see every activity, and only such whose activities all stay in training.
    Where no person can be spared (there is one, or each activity is of one person), whole files are held out in the
    same way. The choice depends on the names alone, so that it is the same in every run.

    Args:
        rows: of a builder, with the columns `subject`, `label` and, where they come as "train" alone, `file`.

    Raises:
        ValueError: `share` is not in [0, 1), or fewer than two activities are left to train on.
    """
    if not 0 <= share < 1:
        raise ValueError(f"The share of people to hold out must lie in [0, 1), got {share}.")
    if "train" not in rows or len(rows["train"].unique("label")) < 2:
        found = {split: part.features["label"].names for split, part in rows.items()}
        raise ValueError(f"Training needs recordings of at least two activities in 'train', got {found}.")
    if set(rows) != {"train"}:
        are_named = all(names_people(split) for split in rows.values())
        return HeldOut(rows, "person" if are_named else "recording")
    if share > 0:
        for unit, column in (("person", "subject"), ("recording", "file")):
            groups = np.array(rows["train"][column])
            chosen = choose_groups(labels_of_groups(groups, rows["train"]["label"]), share)
            if chosen:
                is_test = np.isin(groups, chosen)
                parts = {"train": ~is_test, "test": is_test}
                splits = {name: rows["train"].select(np.flatnonzero(part)) for name, part in parts.items()}
                return HeldOut(datasets.DatasetDict(splits), unit)
    return HeldOut(rows, None)


def people(rows: datasets.Dataset) -> dict[int, str]:
    """The people of these recordings: number in the column `subject` → name."""
    feature = rows.features["subject"]
    has_names = isinstance(feature, datasets.ClassLabel)
    return {number: feature.int2str(number) if has_names else str(number) for number in sorted(rows.unique("subject"))}


def names_people(rows: datasets.Dataset) -> bool:
    """Whether it is known who is in these recordings."""
    return not any(name.startswith(UNNAMED) for name in people(rows).values())


def labels_of_groups(groups: np.ndarray, labels: list[int]) -> dict[str | int, set[int]]:
    """Which labels each group, a person or a file, has recordings of."""
    found: dict[str | int, set[int]] = {}
    for group, label in zip(groups.tolist(), labels, strict=True):
        found.setdefault(group, set()).add(label)
    return found


def choose_groups(labels_of: Mapping[str | int, Set[int]], share: float) -> list[str | int]:
    """Groups to hold out, fewest for `share` of them and for every label that is left to train on elsewhere."""
    order = np.random.default_rng(0).permutation(len(labels_of))
    waiting = [sorted(labels_of)[place] for place in order]  # type: ignore[type-var]
    trained = Counter(label for labels in labels_of.values() for label in labels)
    unseen = set(trained)
    chosen: list[str | int] = []
    while True:
        spared = [group for group in waiting if all(trained[label] > 1 for label in labels_of[group])]
        best = max(spared, key=lambda group: len(labels_of[group] & unseen), default=None)
        enough = len(chosen) >= max(1, round(share * len(labels_of)))
        if best is None or (enough and not labels_of[best] & unseen):
            return chosen
        waiting.remove(best)
        chosen.append(best)
        trained.subtract(labels_of[best])
        unseen -= labels_of[best]
