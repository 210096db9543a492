"""Parametric exercises: every clip is another body doing an exercise in another way, as 3D pose with title and
description.

An exercise is a cycle of joint-angle keyframes or a set of gait curves (`exercises`). The generator draws body,
tempo, amplitude, asymmetry, pauses, faults and heading, moves the joints through the keyframes, adds the sway,
breathing and tremor that living bodies have, and stands the body on its contacts (`contacts`). Everything follows
from the exercise and a seed.
"""

import zlib

import numpy as np

from dataset_scripts.fimad.contacts import PARTS, Contacts, place_body
from dataset_scripts.fimad.exercises import EXERCISES
from dataset_scripts.fimad.exercises.format import Exercise, Fault, Gait, Keyframe, Variant
from dataset_scripts.fimad.gait import gait_motion
from dataset_scripts.fimad.kinematics import ANGLE_INDEX, ANGLES, MIRROR_SIGN, MIRRORED_ANGLES, random_body
from dataset_scripts.fimad.skeleton import SAMPLING_RATE, MotionClip
from dataset_scripts.fimad.trajectories import band_noise, pink_sequence, through_keyframes
from dataset_scripts.fimad.words import Performance, describe, make_title

__all__ = ["EXERCISES", "Exercise", "generate_clip", "synthesize_motion"]

_DURATION = (6.0, 14.0)  # seconds
_FAULT_PROBABILITY = 0.35
_VARIANT_PROBABILITY = 0.8
# Keyframes are kept inside these, in degrees, whatever is drawn on top of them; sway adds a degree or two.
_KNOT_LIMITS = {
    "knee_flexion": (5.0, 148.0),
    "elbow_flexion": (6.0, 142.0),
    "hip_flexion": (-22.0, 128.0),
    "hip_abduction": (-30.0, 55.0),
    "shoulder_flexion": (-50.0, 172.0),
    "shoulder_abduction": (-40.0, 172.0),
    "trunk_flexion": (-30.0, 70.0),
}


def _per_angle(trunk: float, arms: float, legs: float, root: float) -> np.ndarray:
    """One number for each of `ANGLES` by the region it belongs to."""
    values = []
    for name in ANGLES:
        if name.startswith(("left_", "right_")):
            values.append(arms if "shoulder" in name or "elbow" in name else legs)
        else:
            values.append(root if name in ("heading", "pitch", "roll", "yaw") else trunk)
    return np.array(values)


_LOWEST, _HIGHEST = np.full(len(ANGLES), -np.inf), np.full(len(ANGLES), np.inf)
for _name, (_low, _high) in _KNOT_LIMITS.items():
    for _index, _angle in enumerate(ANGLES):
        if _angle.endswith(_name):
            _LOWEST[_index], _HIGHEST[_index] = _low, _high

_HINGES = [index for index, name in enumerate(ANGLES) if name.endswith(("knee_flexion", "elbow_flexion"))]
_SWAY = _per_angle(trunk=0.6, arms=1.2, legs=0.25, root=0.3)  # degrees, 0.1-3 Hz
_TREMOR = _per_angle(trunk=0.01, arms=0.025, legs=0.015, root=0.01)  # degrees, 3-12 Hz: tremor and muscle noise
_HABIT = _per_angle(trunk=2.0, arms=5.0, legs=1.2, root=1.0)  # degrees by which people differ in any pose
_FIDGET = _per_angle(trunk=1.5, arms=3.5, legs=0.7, root=1.0)  # degrees between two ways of keeping still


def generate_clip(exercise: Exercise, seed: int) -> MotionClip:
    """One clip of an exercise; the same exercise and seed always give the same clip.

    Args:
        exercise: one of `EXERCISES`.
        seed: non-negative number of the clip.

    Returns:
        6 to 14 seconds of motion; the pelvis is on average above the origin, the floor at z = 0 (for stairs, the
        first step).
    """
    motion, _, performance, rng = synthesize_motion(exercise, seed)
    motion[..., :2] -= motion[:, :1, :2].mean(axis=0)
    return MotionClip(
        recording_id=f"synthetic-{exercise.name.replace(' ', '-')}-{seed}",
        clip_index=0,
        subject=f"synthetic-{seed}",
        title=make_title(exercise, performance, rng),
        normalized_title=exercise.name,
        description=describe(exercise, performance, rng),
        pose=motion.astype(np.float32),
        source="synthetic",
        license="Apache-2.0",
        source_rate=float(SAMPLING_RATE),
        start=0.0,
        end=len(motion) / SAMPLING_RATE,
        side=performance.side or None,
    )


def synthesize_motion(exercise: Exercise, seed: int) -> tuple[np.ndarray, Contacts, Performance, np.random.Generator]:
    """Motion of an exercise before it is put into words.

    Args:
        exercise: one of `EXERCISES`.
        seed: non-negative number of the clip.

    Returns:
        Pose `(time, 17, 3)` in metres, what is in contact when, what was drawn, and the generator to go on drawing
        with.
    """
    rng = np.random.default_rng([seed, zlib.crc32(exercise.name.encode())])
    body = random_body(rng)
    times = np.arange(int(rng.uniform(*_DURATION) * SAMPLING_RATE)) / SAMPLING_RATE
    if isinstance(exercise.motion, Gait):
        angles, contacts, pace = gait_motion(exercise.motion, times, rng)
        performance = Performance(0, pace, "", None, None)
        angles += _heading(exercise.motion.turn, times, rng)
    else:
        angles, contacts, performance = _keyframe_motion(exercise, exercise.motion, times, rng)
        angles += _heading(0.0, times, rng)
    angles += _living(len(times), rng)
    angles[:, _HINGES] = 4 + np.logaddexp(
        0, angles[:, _HINGES] - 4
    )  # knees and elbows stop softly before they are straight
    return place_body(angles, body, contacts), contacts, performance, rng


def _heading(turn: float, times: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Direction faced: anywhere, and turning smoothly by up to `turn` degrees in the course of the clip."""
    heading = np.zeros((len(times), len(ANGLES)))
    progress = times / times[-1]
    heading[:, ANGLE_INDEX["heading"]] = rng.uniform(-180, 180) + rng.uniform(-turn, turn) * progress
    return heading


def _living(length: int, rng: np.random.Generator) -> np.ndarray:
    """What even a body at rest does: sway, breathing and tremor, in degrees."""
    moving = rng.lognormal(0, 0.4) * _SWAY * band_noise(rng, length, len(ANGLES), 0.1, 3.0)
    moving += rng.lognormal(0, 0.4) * _TREMOR * band_noise(rng, length, len(ANGLES), 3.0, 12.0)
    breath = np.cumsum(1 + 0.15 * band_noise(rng, length, 1, 0.05, 0.5)[:, 0]) / SAMPLING_RATE
    breathing = rng.uniform(0.15, 0.5) * np.sin(2 * np.pi * (rng.uniform(0.2, 0.35) * breath + rng.random()))
    moving[:, ANGLE_INDEX["trunk_flexion"]] -= breathing
    for side in ("left", "right"):
        moving[:, ANGLE_INDEX[f"{side}_shoulder_elevation"]] += 0.6 * breathing
    return moving


def _keyframe_motion(
    exercise: Exercise, keyframes: tuple[Keyframe, ...], times: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, Contacts, Performance]:
    """Joint angles, contacts and what was drawn, for an exercise given in keyframes."""
    variant = _draw(exercise.variants, _VARIANT_PROBABILITY, rng)
    fault = _draw(exercise.faults, _FAULT_PROBABILITY, rng)
    poses = _poses(keyframes, variant, fault) + _habit(exercise, rng)
    mirrored = bool(rng.random() < 0.5) and exercise.sides != "both"
    side = ("right" if mirrored else "left") if exercise.sides == "one" else ""
    if len(keyframes) == 1:
        base, touching = poses[0], keyframes[0].contacts or exercise.contacts
        if mirrored:
            base, touching = _mirrored(base, touching)
        knots, values = _still_knots(exercise, base, times[-1], rng)
        labels = [touching] * len(knots)
        performance = Performance(0, 0.5, side, fault, variant)
    else:
        pace = rng.random()
        tempo = exercise.tempo[1] * (exercise.tempo[0] / exercise.tempo[1]) ** pace
        knots, values, labels, count = _repetition_knots(exercise, keyframes, poses, tempo, mirrored, times[-1], rng)
        performance = Performance(count, pace, side, fault, variant)
    values = np.clip(values, _LOWEST, _HIGHEST)
    start = 0.0 if len(keyframes) == 1 else rng.uniform(0, knots[len(keyframes)])
    angles = through_keyframes(knots, values, min(1.0, exercise.bounce * rng.uniform(0.5, 1.5)), times + start)
    return angles, _contact_masks(knots, labels, times + start), performance


def _habit(exercise: Exercise, rng: np.random.Generator) -> np.ndarray:
    """How this body holds itself in any pose, `(len(ANGLES),)` in degrees."""
    return _held(exercise, _HABIT * rng.standard_normal(len(ANGLES)))


def _held(exercise: Exercise, change: np.ndarray) -> np.ndarray:
    """The part of a change of posture `(..., len(ANGLES))` that an exercise leaves room for.

    Arms that both stand on the floor are held alike: were they not, one would have to bend.
    """
    if "left_hand" in exercise.contacts and "right_hand" in exercise.contacts:
        return (change + (change * MIRROR_SIGN)[..., MIRRORED_ANGLES]) / 2
    return change


def _draw(options: tuple, probability: float, rng: np.random.Generator):
    return options[rng.integers(len(options))] if options and rng.random() < probability else None


def _poses(keyframes: tuple[Keyframe, ...], variant: Variant | None, fault: Fault | None) -> np.ndarray:
    """`(keyframes, len(ANGLES))` with the variant laid over all, and the fault in proportion to the way made
    from the first; a posture has all of it."""
    poses = np.array([[keyframe.pose.get(name, 0.0) for name in ANGLES] for keyframe in keyframes])
    if variant:
        for name, value in variant.pose.items():
            poses[:, ANGLE_INDEX[name]] = value
    if fault:
        way = np.abs(poses - poses[0]).max(axis=1) if len(poses) > 1 else np.ones(1)
        poses = poses[0] + fault.amplitude * (poses - poses[0])
        for name, change in fault.change.items():
            poses[:, ANGLE_INDEX[name]] += change * way / way.max()
    return poses


def _still_knots(
    exercise: Exercise, base: np.ndarray, length: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Long rests with a small change of posture now and then."""
    rests = rng.exponential(4.0, 16).clip(0.8, 8.0)
    moves = rng.uniform(0.5, 1.5, 16)
    knots = np.concatenate([[0.0], np.cumsum(np.stack([rests, moves], axis=1).ravel())])
    shifts = rng.lognormal(0, 0.6, (17, 1)) * _FIDGET * rng.standard_normal((17, len(ANGLES)))
    values = base + np.repeat(_held(exercise, shifts), 2, axis=0)[: len(knots)]
    enough = int(np.searchsorted(knots, length)) + 1
    return knots[:enough], values[:enough]


def _repetition_knots(
    exercise: Exercise,
    keyframes: tuple[Keyframe, ...],
    poses: np.ndarray,
    tempo: float,
    mirrored: bool,
    length: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, list[tuple[str, ...]], int]:
    """Knots in time of repetition after repetition, none like the one before.

    Returns:
        Times `(knots,)`, values `(knots, len(ANGLES))`, contacts at each knot, and the number of repetitions.
    """
    cycle = tempo * sum(keyframe.move + keyframe.hold for keyframe in keyframes)
    count = int(length / (0.6 * cycle)) + 3
    slowness = np.exp(0.05 * pink_sequence(rng, count) + rng.uniform(0, 0.02) * np.arange(count))  # tires
    amplitude = np.clip(rng.normal(1, 0.06) + 0.04 * pink_sequence(rng, count), 0.7, 1.12)
    rhythm = rng.lognormal(0, 0.15, len(keyframes))  # own ratio of the ways down and up
    strength = 1 + rng.normal(0, 0.03, len(ANGLES))  # left and right differ
    pause = rng.uniform(0, exercise.rest) if exercise.rest else 0.0
    knots, values, labels = [0.0], [poses[0]], [keyframes[0].contacts or exercise.contacts]
    for repetition in range(count):
        mirror = mirrored != (exercise.sides == "alternate" and repetition % 2 == 1)
        scaled = poses[0] + amplitude[repetition] * strength * (poses - poses[0])
        scaled += rng.normal(0, 0.01, scaled.shape) * np.abs(poses - poses[0])
        for index in (*range(1, len(keyframes)), 0):
            keyframe, target = keyframes[index], scaled[index]
            touching = keyframe.contacts if keyframe.contacts is not None else exercise.contacts
            if mirror:
                target, touching = _mirrored(target, touching)
            hold = keyframe.hold * tempo * rng.lognormal(0, 0.2) + (pause * rng.uniform(0.5, 1.5) if index == 0 else 0)
            knots.append(knots[-1] + keyframe.move * tempo * slowness[repetition] * rhythm[index])
            values.append(target)
            labels.append(touching)
            if hold > 0.04:
                knots.append(knots[-1] + hold)
                values.append(target)
                labels.append(touching)
    return np.array(knots), np.array(values), labels, max(1, round(length / (cycle + pause)))


def _mirrored(angles: np.ndarray, touching: tuple[str, ...]) -> tuple[np.ndarray, tuple[str, ...]]:
    return (angles * MIRROR_SIGN)[MIRRORED_ANGLES], tuple(_other_side(part) for part in touching)


def _other_side(part: str) -> str:
    return part.replace("left", "right") if part.startswith("left") else part.replace("right", "left")


def _contact_masks(knots: np.ndarray, labels: list[tuple[str, ...]], times: np.ndarray) -> Contacts:
    """A part is in contact between two knots that both name it; a jump leaves and lands amid its push."""
    index = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, len(knots) - 2)
    fraction = (times - knots[index]) / (knots[index + 1] - knots[index])
    airborne = np.array([not label for label in labels])
    pushing = airborne[index + 1] & ~airborne[index] & (fraction < 0.55)
    landing = airborne[index] & ~airborne[index + 1] & (fraction > 0.45)
    masks = {}
    for part in PARTS:
        named = np.array([part in label for label in labels])
        if named.any():
            masks[part] = (named[index] & named[index + 1]) | (named[index] & pushing) | (named[index + 1] & landing)
    return Contacts(masks, {})
