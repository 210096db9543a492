"""Who is tested and on what windows: each protocol keeps the people of training and test apart."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from training.windows import Windows, join_windows


@dataclass(frozen=True)
class Protocol:
    """
    Which people are tested, and the windows.

    Attributes:
        groups: number of groups of people, each tested once by what was trained on the others; 0: the dataset's own
            test people, once.
        window_seconds, hop_seconds: length of the windows and distance of their starts.
        test_people: whether the dataset's own test people take part. Without them nothing can be learned about them:
            so recipes are chosen.
    """

    groups: int
    window_seconds: float = 4.0
    hop_seconds: float = 2.0
    test_people: bool = True


PROTOCOLS = {
    "fixed": Protocol(groups=0),
    "folds": Protocol(groups=4),
    # Ten groups of people, 3 s windows that overlap by half, all channels: as published for MotionSense.
    "subject_groups_10": Protocol(groups=10, window_seconds=3.0, hop_seconds=1.5),
    "development": Protocol(groups=4, test_people=False),
}
GROUPING_SEED = 0  # one division into groups for all methods, budgets and seeds


@dataclass(frozen=True)
class Fold:
    """People to train on and people to test."""

    train: tuple[int, ...]
    test: tuple[int, ...]


def folds(protocol: Protocol, people: Mapping[str, list[int]]) -> list[Fold]:
    """
    The folds of a protocol for the `people` of each split.

    Nobody is put aside for validation: recipes are fixed beforehand, so whoever is not tested may be trained on.

    Raises:
        ValueError: fewer people than groups, or no test people.
    """
    test = set(people.get("test", []))
    others = sorted({person for split in people.values() for person in split} - test)
    if protocol.groups == 0:
        if not test or not others:
            raise ValueError("The dataset has no test people of its own: choose a protocol with groups.")
        return [Fold(tuple(others), tuple(sorted(test)))]
    everybody = sorted([*others, *test]) if protocol.test_people else others
    if len(everybody) < max(protocol.groups, 2):
        raise ValueError(f"{len(everybody)} people cannot be divided into {protocol.groups} groups.")
    shuffled = np.random.default_rng(GROUPING_SEED).permutation(everybody)
    groups = [set(group.tolist()) for group in np.array_split(shuffled, protocol.groups)]
    return [Fold(tuple(p for p in everybody if p not in group), tuple(sorted(group))) for group in groups]


def people_of(splits: Mapping[str, Windows]) -> dict[str, list[int]]:
    """The people of every split."""
    return {split: windows.subjects.unique().tolist() for split, windows in splits.items()}


def everything(splits: Mapping[str, Windows]) -> Windows:
    """The windows of all splits."""
    return join_windows(list(splits.values()))
