"""Where the body stands: root translation from what touches the floor, then limbs bent so that nothing there slips.

The steps: (1) the root moves against the mean velocity of all parts in contact and stands on them in height; (2) with nothing in
contact the body flies; (3) what is left of the slip is taken out by two-bone inverse kinematics, smoothly also between contacts.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d, minimum_filter1d

from dataset_scripts.fimad.kinematics import LIMBS, Body, ball_of_foot, forward_kinematics, reach, two_bone_ik
from dataset_scripts.fimad.skeleton import JOINT_INDEX, SAMPLING_RATE
from dataset_scripts.fimad.trajectories import quintic_hermite

GRAVITY = 9.80665
_HAND_HEIGHT = 0.04  # metres, of the wrist joint above a flat hand
_JOINT_HEIGHT = 0.05  # metres, of knee and elbow joints above the floor they rest on
_BENCH = 0.26  # of stature: seat height
_BAR = 1.32  # of stature: a bar one hangs from

PARTS = {
    **{f"{side}_foot": f"{side}_ankle" for side in ("left", "right")},
    **{f"{side}_hand": f"{side}_wrist" for side in ("left", "right")},
    **{f"{side}_bench": f"{side}_wrist" for side in ("left", "right")},  # hand on a bench
    **{f"{side}_bar": f"{side}_wrist" for side in ("left", "right")},  # hand on a bar overhead
    **{f"{side}_knee": f"{side}_knee" for side in ("left", "right")},
    **{f"{side}_elbow": f"{side}_elbow" for side in ("left", "right")},
    "pelvis": "pelvis",
    "thorax": "thorax",
    "seat": "pelvis",  # on a chair of whatever height the feet leave
}
_CARRIED_WEIGHT = 30.0  # of pelvis and trunk against feet and hands: who lies or sits does not slide when an arm moves


@dataclass(frozen=True)
class Contacts:
    """What touches the floor, and when.

    Attributes:
        masks: `(time,)` bool for each part of `PARTS` that is ever in contact.
        roll: `(time,)` for either foot: 0 heel, 1 ball of the foot; ball throughout where absent.
        climbs: whether each foothold may be on another level.
    """

    masks: dict[str, np.ndarray]
    roll: dict[str, np.ndarray]
    climbs: bool = False


def place_body(angles: np.ndarray, body: Body, contacts: Contacts) -> np.ndarray:
    """Stand a body that moves its joints on its contacts.

    Args:
        angles: `(time, len(ANGLES))` in degrees.
        body: whose bones.
        contacts: what touches the floor when.

    Returns:
        `(time, 17, 3)` in metres, floor at z = 0.
    """
    pose = forward_kinematics(angles, body)
    offsets = {part: _contact_offsets(part, angles, body, contacts) for part in contacts.masks}
    pose += _root_path(pose, offsets, body, contacts)[:, None]
    limbs = [part for part in contacts.masks if _limb(part) in LIMBS]
    corrections = {part: _correction(part, pose, offsets[part], body, contacts) for part in limbs}
    targets = {}
    for part, correction in corrections.items():
        end = pose[:, LIMBS[_limb(part)][2]]
        targets[_limb(part)] = targets.get(_limb(part), end) + correction
    _bring_within_reach(pose, targets, contacts)
    for limb, target in targets.items():
        two_bone_ik(pose, limb, target)
    return pose


def _limb(part: str) -> str:
    return part.replace("bench", "hand").replace("bar", "hand")


def _contact_offsets(part: str, angles: np.ndarray, body: Body, contacts: Contacts) -> tuple[np.ndarray, np.ndarray]:
    """From the joint to the point that touches, `(time, 3)`, and that point's velocity against the joint, in m/s."""
    if part in ("left_foot", "right_foot"):
        side = part.split("_")[0]
        heel, ball = (ball_of_foot(angles, body, side, roll) for roll in (0.0, 1.0))
        if part not in contacts.roll:
            return ball, np.gradient(ball, axis=0) * SAMPLING_RATE
        roll = contacts.roll[part][:, None]
        # The point of the sole that is on the floor has the velocity of the foot there: the change of roll does not move it.
        velocity = (1 - roll) * np.gradient(heel, axis=0) + roll * np.gradient(ball, axis=0)
        return (1 - roll) * heel + roll * ball, velocity * SAMPLING_RATE
    zero = np.zeros((len(angles), 3))
    return zero, zero


def _height(part: str, body: Body) -> float:
    """Height of a part's contact point when it rests on its surface, in metres."""
    kind = part.split("_")[-1]
    return {
        "foot": 0.0,
        "hand": _HAND_HEIGHT,
        "bench": _BENCH * body.stature,
        "bar": _BAR * body.stature,
        "knee": _JOINT_HEIGHT,
        "elbow": _JOINT_HEIGHT,
    }.get(kind, body.thickness)


def _weights(contacts: Contacts) -> dict[str, np.ndarray]:
    """How much each part carries, `(time,)`: none at the edges of its contact, so that support is handed over smoothly."""
    weights = {}
    for part, mask in contacts.masks.items():
        inner = minimum_filter1d(mask.astype(float), 7, mode="nearest")
        weight = gaussian_filter1d(inner, 1.6, mode="nearest", truncate=3) + 1e-3 * mask
        weights[part] = weight * (_CARRIED_WEIGHT if part in ("pelvis", "thorax", "seat") else 1.0)
    return weights


def _root_path(
    pose: np.ndarray, offsets: dict[str, tuple[np.ndarray, np.ndarray]], body: Body, contacts: Contacts
) -> np.ndarray:
    """Place of the pelvis, `(time, 3)`, for a pose given relative to it."""
    weights = _weights(contacts)
    total = np.sum(list(weights.values()), axis=0)
    flying = ~np.any(list(contacts.masks.values()), axis=0)
    safe = np.maximum(total, 1e-9)
    velocity = np.zeros((len(pose), 3))
    for part, weight in weights.items():
        point_velocity = np.gradient(pose[:, JOINT_INDEX[PARTS[part]]], axis=0) * SAMPLING_RATE + offsets[part][1]
        velocity -= (weight / safe)[:, None] * point_velocity
    times = np.arange(len(pose)) / SAMPLING_RATE
    if flying.any():
        velocity = np.stack([np.interp(times, times[~flying], v[~flying]) for v in velocity.T], axis=-1)
    root = np.cumsum((velocity + np.roll(velocity, 1, axis=0)) / 2, axis=0) / SAMPLING_RATE
    root -= root[0]
    if not contacts.climbs:
        root[:, 2] = _standing_height(pose, offsets, body, weights)
        if flying.any():
            _fly(root[:, 2], flying)
    return root


def _standing_height(
    pose: np.ndarray, offsets: dict[str, tuple[np.ndarray, np.ndarray]], body: Body, weights: dict[str, np.ndarray]
) -> np.ndarray:
    """Height of the pelvis over what carries it, `(time,)` in metres."""
    heights = {
        part: _height(part, body) - pose[:, JOINT_INDEX[PARTS[part]], 2] - offsets[part][0][:, 2] for part in weights
    }
    seat = weights.get("seat")
    others = [part for part in weights if part != "seat"]
    if others:
        total = np.maximum(np.sum([weights[part] for part in others], axis=0), 1e-9)
        height = np.sum([weights[part] * heights[part] for part in others], axis=0) / total
        if seat is None:
            return height
        seated = seat > 1
        level = np.mean(height[seated])
        share = seat / (seat + total)
        return share * level + (1 - share) * height
    return np.full(len(pose), 0.3 * body.stature)


def _runs(mask: np.ndarray) -> list[tuple[int, int]]:
    """First and one-past-last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]


def _fly(height: np.ndarray, flying: np.ndarray) -> None:
    """Replace the height in flight, in place, by a path that leaves and lands with the velocity of the legs."""
    for start, stop in _runs(flying):
        if start < 3 or stop > len(height) - 3:
            edge = height[start - 1] if start >= 3 else height[min(stop, len(height) - 1)]
            height[start:stop] = edge
            continue
        knots = np.array([start - 1, stop]) / SAMPLING_RATE
        leaving = (height[start - 1] - height[start - 3]) * SAMPLING_RATE / 2
        landing = (height[stop + 2] - height[stop]) * SAMPLING_RATE / 2
        values = np.array([[height[start - 1]], [height[stop]]])
        velocities, falling = np.array([[leaving], [landing]]), np.full((2, 1), -GRAVITY)
        times = np.arange(start, stop) / SAMPLING_RATE
        height[start:stop] = quintic_hermite(knots, values, velocities, falling, times)[:, 0]


def _correction(
    part: str, pose: np.ndarray, offset: tuple[np.ndarray, np.ndarray], body: Body, contacts: Contacts
) -> np.ndarray:
    """What must be added to a limb's end so that it does not slip while in contact, `(time, 3)`."""
    joint = pose[:, JOINT_INDEX[PARTS[part]]]
    runs = _runs(contacts.masks[part])
    correction = np.zeros_like(joint)
    if not runs:
        return correction
    slip_velocity = np.gradient(joint, axis=0) * SAMPLING_RATE + offset[1]
    slip = np.cumsum((slip_velocity + np.roll(slip_velocity, 1, axis=0)) / 2, axis=0) / SAMPLING_RATE
    height = joint[:, 2] + offset[0][:, 2]
    levels = _levels(height, runs, contacts) if contacts.climbs else np.full(len(runs), _height(part, body))
    for (start, stop), level in zip(runs, levels, strict=True):
        correction[start:stop, :2] = slip[start:stop, :2].mean(axis=0) - slip[start:stop, :2]
        correction[start:stop, 2] = level - height[start:stop]
    return _bridge(correction, runs)


def _levels(height: np.ndarray, runs: list[tuple[int, int]], contacts: Contacts) -> np.ndarray:
    """Heights of successive footholds on stairs, all risers equal."""
    middle = np.array([(start + stop) / 2 for start, stop in runs])
    mean = np.array([height[start:stop].mean() for start, stop in runs])
    if len(runs) < 2:
        return mean
    steps = np.round((middle - middle[0]) / np.median(np.diff(middle)))
    return np.polynomial.Polynomial.fit(steps, mean, 1)(steps)


def _bridge(correction: np.ndarray, runs: list[tuple[int, int]]) -> np.ndarray:
    """Carry a correction smoothly from one contact to the next; before the first and after the last it stays as it is."""
    first, last = runs[0][0], runs[-1][1] - 1
    correction[:first], correction[last + 1 :] = correction[first], correction[last]
    if len(runs) > 1:
        before = np.array([stop - 1 for _, stop in runs[:-1]])
        after = np.array([start for start, _ in runs[1:]])
        ends = np.stack([before, after], axis=1).ravel()
        inward = np.stack([before - 1, after + 1], axis=1).ravel()  # one frame inside the contact
        sign = np.tile([1.0, -1.0], len(before))[:, None]
        values = correction[ends]
        velocities = sign * (values - correction[np.clip(inward, 0, len(correction) - 1)]) * SAMPLING_RATE
        swing = np.concatenate([np.arange(a + 1, b) for a, b in zip(before, after, strict=True)])
        if len(swing):
            knots = ends / SAMPLING_RATE + np.tile([0.0, 1e-9], len(before))
            times = swing / SAMPLING_RATE
            correction[swing] = quintic_hermite(knots, values, velocities, np.zeros_like(values), times)
    return correction


def _bring_within_reach(pose: np.ndarray, targets: dict[str, np.ndarray], contacts: Contacts) -> None:
    """Shift the body, in place and smoothly, where a limb is too short for its foothold."""
    masks: dict[str, np.ndarray] = {}
    for part, mask in contacts.masks.items():
        if _limb(part) in targets:
            masks[_limb(part)] = masks.get(_limb(part), False) | mask
    lengths = {limb: reach(pose, limb) for limb in targets}
    for _ in range(4):
        shift = np.zeros((len(pose), 3))
        for limb, target in targets.items():
            span = target - pose[:, LIMBS[limb][0]]
            distance = np.linalg.norm(span, axis=-1)
            excess = np.where(masks[limb], np.maximum(distance - lengths[limb], 0), 0)
            shift += span * (excess / np.maximum(distance, 1e-9))[:, None]
        if np.abs(shift).max() < 1e-3:
            return
        pose += gaussian_filter1d(shift, 3.0, axis=0, mode="nearest", truncate=3)[:, None]
