"""Titles and descriptions of synthetic clips, worded as people word the chapters of fitness videos."""

from dataclasses import dataclass

import numpy as np

from dataset_scripts.fimad.exercises.format import Exercise, Fault, Gait, Variant

_COUNTED_TITLES = ("{n} {title}", "{title} x{n}", "{title} – {n} reps", "{n}x {title}", "{title} ({n} repetitions)")
_TIMED_TITLES = ("{s} seconds {title}", "{title} {s} sec", "{title} for {s} seconds", "{title} – {s}s")
_NUMBERED_TITLES = ("{k}. {title}", "Exercise {k}: {title}", "{title} (set {k})", "{title} round {k}")
_SENTENCES = (
    "{Posture}, the person {moves}{pace}{manner}{fault}.",
    "{Posture}{manner}. The person {moves}{pace}{fault}.",
    "The person {moves}{pace}, {posture}{manner}{fault}.",
)


@dataclass(frozen=True)
class Performance:
    """What was drawn for one clip and may be put into words.

    Attributes:
        repetitions: how many; 0 for gait and still postures.
        pace: 0 slowest, 1 fastest of what is usual for the exercise.
        side: "left", "right" or "" when both are used alike.
        fault, variant: as drawn.
    """

    repetitions: int
    pace: float
    side: str
    fault: Fault | None
    variant: Variant | None


def make_title(exercise: Exercise, performance: Performance, rng: np.random.Generator) -> str:
    """A chapter title: one of the exercise's own, often with a count, a duration, a number or a side."""
    title = str(rng.choice((exercise.name, *exercise.titles)))
    if performance.side and rng.random() < 0.4:
        title = f"{title} ({performance.side} side)" if rng.random() < 0.5 else f"{performance.side} side {title}"
    kind = rng.random()
    if kind < 0.15 and performance.repetitions:
        title = str(rng.choice(_COUNTED_TITLES)).format(title=title, n=rng.choice((8, 10, 12, 15, 20)))
    elif kind < 0.3 and not isinstance(exercise.motion, Gait):
        title = str(rng.choice(_TIMED_TITLES)).format(title=title, s=rng.choice((20, 30, 40, 45, 60)))
    elif kind < 0.4:
        title = str(rng.choice(_NUMBERED_TITLES)).format(title=title, k=rng.integers(1, 12))
    return title[0].upper() + title[1:] if rng.random() < 0.8 else title


def describe(exercise: Exercise, performance: Performance, rng: np.random.Generator) -> str:
    """One or two sentences: posture, what moves, how fast, and what is wrong with it."""
    sentence = str(rng.choice(_SENTENCES))
    variant = performance.variant
    posture = (variant and variant.posture) or exercise.posture
    text = sentence.format(
        Posture=posture[0].upper() + posture[1:],
        posture=posture,
        moves=exercise.moves,
        manner=f", {variant.words}" if variant and variant.words else "",
        pace=_pace_words(exercise, performance, rng),
        fault=f", {performance.fault.words}" if performance.fault else "",
    )
    if performance.side:
        text += f" The {performance.side} side works."
    return text


def _pace_words(exercise: Exercise, performance: Performance, rng: np.random.Generator) -> str:
    if not (performance.repetitions or isinstance(exercise.motion, Gait)):
        return ""
    if performance.pace < 0.25:
        return str(rng.choice((" slowly", " at a slow pace", " slowly and with control")))
    if performance.pace > 0.75:
        return str(rng.choice((" quickly", " at a fast pace", " briskly")))
    return str(rng.choice(("", " at a steady pace", " evenly")))
