# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""Probabilities of overlapping windows → who did what from when to when."""

from collections.abc import Sequence
from typing import Any

import numpy as np

TIMELINES = ("steps", "merged", "whole")


def activity_timeline(
    probabilities: np.ndarray,
    starts: np.ndarray,
    window: int,
    hop: int,
    recording_length: int,
    labels: Sequence[str],
    rate: float,
    top_k: int = 1,
    timeline: str = "steps",
) -> list[dict[str, Any]]:
    r"""
    What a recording holds over time.

    Time is divided into steps of one hop. The probabilities of a step are the mean over all windows that cover its
    middle, so that a single window that errs is outvoted by its neighbours. Where no window lies (a long gap in the
    recording), there is no step.

    Args:
        probabilities: `(windows, labels)`.
        starts: `(windows,)` first samples of the windows, increasing multiples of `hop`.
        window, hop, recording_length: in samples; `hop <= window`.
        labels: names of the classes.
        rate: samples a second.
        top_k: labels per segment, best first.
        timeline: `"steps"`: a segment per step; `"merged"`: neighbouring steps with the same best label are one
            segment, with the mean of their probabilities by duration; `"whole"`: one segment, the mean of all.

    Returns:
        A dictionary with `start` and `end` in seconds, `label` and `score` for each segment and, within it, for each
        of the `top_k` labels.
    """
    spans, means = _steps(probabilities, starts, window, hop, recording_length)
    if timeline != "steps":
        best = means.argmax(1)
        is_new = (best[1:] != best[:-1]) | (spans[1:, 0] != spans[:-1, 1])
        firsts = np.concatenate([[0], np.flatnonzero(is_new) + 1]) if timeline == "merged" else np.array([0])
        seconds = (spans[:, 1] - spans[:, 0])[:, None]
        means = np.add.reduceat(means * seconds, firsts) / np.add.reduceat(seconds, firsts)
        lasts = np.append(firsts[1:], len(spans)) - 1
        spans = np.stack([spans[firsts, 0], spans[lasts, 1]], axis=1)
    return [
        {
            "start": round(float(start) / rate, 3),
            "end": round(float(end) / rate, 3),
            "label": labels[index],
            "score": float(row[index]),
        }
        for (start, end), row in zip(spans, means, strict=True)
        for index in np.argsort(-row, kind="stable")[:top_k]
    ]


def _steps(
    probabilities: np.ndarray, starts: np.ndarray, window: int, hop: int, recording_length: int
) -> tuple[np.ndarray, np.ndarray]:
    """First samples and ends `(steps, 2)` of the steps that windows cover, and their probabilities."""
    if len(starts) == 1:
        return np.array([[starts[0], min(starts[0] + window, recording_length)]]), probabilities
    steps_per_window = int(np.ceil(window / hop - 0.5))
    first = starts // hop
    total = np.zeros((first[-1] + steps_per_window, probabilities.shape[1]))
    count = np.zeros((len(total), 1))
    for step in range(steps_per_window):
        total[first + step] += probabilities
        count[first + step] += 1
    covered = np.flatnonzero(count)
    ends = (covered + 1) * hop
    ends[-1] = min(starts[-1] + window, recording_length)
    return np.stack([covered * hop, ends], axis=1), total[covered] / count[covered]


__all__ = ["TIMELINES", "activity_timeline"]
