"""Where the body stands: root translation from what touches the floor, then limbs bent so that nothing there slips.

The steps: (1) the root moves against the mean velocity of all parts in contact and stands on them in height; (2) with
nothing in contact the body flies; (3) what is left of the slip is taken out by two-bone inverse kinematics, smoothly
also between contacts.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d, minimum_filter1d

from dataset_scripts.fimad.kinematics import (
    ANGLE_INDEX,
    LIMBS,
    Body,
    ball_of_foot,
    forward_kinematics,
    reach,
    two_bone_ik,
)
from dataset_scripts.fimad.skeleton import JOINT_INDEX, SAMPLING_RATE
from dataset_scripts.fimad.trajectories import quintic_hermite

GRAVITY = 9.80665
_HAND_HEIGHT = 0.04  # metres, of the wrist joint above a flat hand
_CLEARANCE, _SOFTNESS = 0.02, 0.012  # metres, of free hands and feet from the floor, and how gently it stops them
_JOINT_HEIGHT = 0.06  # metres, of knee and elbow joints above the floor they rest on
_BENCH = 0.26  # of stature: seat height
_STEP = 0.11  # of stature: a step or low box
_SADDLE = 0.56  # of stature: pelvis of a cyclist
_BAR = 1.32  # of stature: a bar one hangs from

PARTS = {
    **{f"{side}_foot": f"{side}_ankle" for side in ("left", "right")},
    **{f"{side}_step": f"{side}_ankle" for side in ("left", "right")},  # foot on a step
    **{f"{side}_hand": f"{side}_wrist" for side in ("left", "right")},
    **{f"{side}_bench": f"{side}_wrist" for side in ("left", "right")},  # hand on a bench
    **{f"{side}_bar": f"{side}_wrist" for side in ("left", "right")},  # hand on a bar overhead
    **{f"{side}_knee": f"{side}_knee" for side in ("left", "right")},
    **{f"{side}_elbow": f"{side}_elbow" for side in ("left", "right")},
    "pelvis": "pelvis",
    "thorax": "thorax",
    "saddle": "pelvis",
    "seat": "pelvis",  # on a chair of whatever height the feet leave
}
_FADE = 8  # frames in which a correction fades once a limb leaves its contact
_SHOCK_AT_PELVIS = 0.8  # of the shock at the foot: a knee that took more would throw the thigh (docs/experiments.md)
# Weight of a part against that of hands and feet. Who lies or sits does not slide when an arm moves, and knees and
# elbows cannot be brought to the floor afterwards, as hands and feet can.
_CARRYING = {"pelvis": 30.0, "thorax": 30.0, "seat": 30.0, "saddle": 30.0, "knee": 4.0, "elbow": 4.0}


@dataclass(frozen=True)
class Contacts:
    """What touches the floor, and when.

    Attributes:
        masks: `(time,)` bool for each part of `PARTS` that is ever in contact.
        roll: `(time,)` for either foot: 0 heel, 1 ball of the foot; ball throughout where absent.
        climbs: whether each foothold may be on another level.
        loads: `(time,)` weight of a foot in carrying the body, where that is known better than from the masks.
        inertia: seconds over which the pelvis evens out what the legs would do to its speed along the floor.
        cushion: the same for its height.
        bounce: factor on what is then left of its rise and fall.
        shocks: `(time,)` metres by which the blow of the floor throws an ankle up.
        surge: `(time,)` factor on the speed along the floor that is left once it is evened out.
        sway: `(time,)` metres by which the pelvis swings to the left of its way.
    """

    masks: dict[str, np.ndarray]
    roll: dict[str, np.ndarray]
    climbs: bool = False
    loads: dict[str, np.ndarray] = field(default_factory=dict)
    inertia: float = 0.0
    cushion: float = 0.0
    bounce: float = 1.0
    shocks: dict[str, np.ndarray] = field(default_factory=dict)
    surge: np.ndarray | None = None
    sway: np.ndarray | None = None


def place_body(angles: np.ndarray, body: Body, contacts: Contacts) -> np.ndarray:
    """Stand a body that moves its joints on its contacts.

    Args:
        angles: `(time, len(ANGLES))` in degrees.
        body: whose bones.
        contacts: what touches the floor when.

    Returns:
        `(time, 17, 3)` in metres, floor at z = 0.
    """
    contacts = replace(contacts, masks={part: _without_stubs(mask) for part, mask in contacts.masks.items()})
    angles = _level_trunk(angles, body, contacts)
    pose = forward_kinematics(angles, body)
    offsets = {part: _contact_offsets(part, angles, body, contacts) for part in contacts.masks}
    pose += _root_path(pose, offsets, body, contacts)[:, None]
    limbs = [part for part in contacts.masks if _limb(part) in LIMBS]
    weights = _weights(contacts)
    total = np.maximum(np.sum(list(weights.values()), axis=0), 1e-9)
    corrections = {
        part: _correction(part, pose, offsets[part], (weights[part] / total) ** 4, body, contacts) for part in limbs
    }
    targets: dict[str, np.ndarray] = {}
    for part, correction in corrections.items():
        end = pose[:, LIMBS[_limb(part)][2]]
        targets[_limb(part)] = targets.get(_limb(part), end) + correction
        if part in contacts.shocks:
            targets[_limb(part)][:, 2] += contacts.shocks[part]
    _bring_within_reach(pose, targets, contacts)
    for limb, target in targets.items():
        two_bone_ik(pose, limb, target)
    if not contacts.climbs:
        _keep_above_floor(pose)
    return pose


def _without_stubs(mask: np.ndarray) -> np.ndarray:
    """Contacts of which the clip shows too few frames to stand on, at either end, count as flight."""
    kept = mask.copy()
    for start, stop in _runs(mask):
        if stop - start < 4 and (start == 0 or stop == len(mask)):
            kept[start:stop] = False
    return kept


def _level_trunk(angles: np.ndarray, body: Body, contacts: Contacts) -> np.ndarray:
    """Pitch the body so that arms and legs of its own lengths reach the floor together in planks and on all fours.

    Without this the inverse kinematics would bend knees that ought to stay straight.
    """
    weights = _weights(contacts)
    front = [part for part in weights if part.endswith(("_hand", "_elbow"))]
    rear = [part for part in weights if part.endswith(("_foot", "_knee"))]
    if not front or not rear:
        return angles
    loads = [np.sum([weights[part] for part in group], axis=0) for group in (front, rear)]
    shared = (loads[0] > 0.5) & (loads[1] > 0.5)
    if not shared.any():
        return angles
    # The pitch of the nearest frame in which both carry; it comes and goes within half a second.
    frames = np.arange(len(angles))
    fade = gaussian_filter1d(
        maximum_filter1d(shared.astype(float), 25, mode="nearest"), 6.0, mode="nearest", truncate=2
    )
    leveled = angles.copy()
    for _ in range(2):
        pose = forward_kinematics(leveled, body)
        places = []
        for group, load in zip((front, rear), loads, strict=True):
            place = np.zeros((len(pose), 3))
            for part in group:
                point = pose[:, JOINT_INDEX[PARTS[part]]] + _contact_offsets(part, leveled, body, contacts)[0]
                place += (weights[part] / np.maximum(load, 1e-9))[:, None] * (point - [0, 0, _height(part, body)])
            places.append(place)
        span = places[0] - places[1]
        tilt = np.degrees(np.arctan2(span[:, 2], np.linalg.norm(span[:, :2], axis=-1))).clip(-15, 15)
        leveled[:, ANGLE_INDEX["pitch"]] += fade * np.interp(frames, frames[shared], tilt[shared])
    return leveled


def _keep_above_floor(pose: np.ndarray) -> None:
    """Move limbs in place so that an elbow and a free hand or foot rest on the floor where they would sink into it."""
    for limb, (root, middle, end) in LIMBS.items():
        if limb.endswith("hand") and pose[:, middle, 2].min() < 0:
            _lift_elbow(pose, root, middle, end)
        if pose[:, end, 2].min() < _CLEARANCE:
            target = pose[:, end].copy()
            over = (target[:, 2] - _CLEARANCE) / _SOFTNESS
            target[:, 2] = _CLEARANCE + _SOFTNESS * np.logaddexp(0, over)
            two_bone_ik(pose, limb, target)


def _lift_elbow(pose: np.ndarray, shoulder: int, elbow: int, wrist: int) -> None:
    """Swing the upper arm up, in place, where the elbow is below the floor; the forearm goes with it."""
    bone = pose[:, elbow] - pose[:, shoulder]
    length = np.linalg.norm(bone, axis=-1)
    height = _SOFTNESS * np.logaddexp(0, pose[:, elbow, 2] / _SOFTNESS)
    drop = np.clip(height - pose[:, shoulder, 2], -length, length)
    level = np.sqrt(length**2 - drop**2) / np.maximum(np.linalg.norm(bone[:, :2], axis=-1), 1e-9)
    moved = pose[:, shoulder] + np.column_stack([bone[:, :2] * level[:, None], drop])
    pose[:, wrist] += moved - pose[:, elbow]
    pose[:, elbow] = moved


def _limb(part: str) -> str:
    return part.replace("bench", "hand").replace("bar", "hand").replace("step", "foot")


def _contact_offsets(part: str, angles: np.ndarray, body: Body, contacts: Contacts) -> tuple[np.ndarray, np.ndarray]:
    """From the joint to the point that touches, `(time, 3)`, and that point's velocity against the joint, in m/s."""
    if part.endswith(("_foot", "_step")):
        side = part.split("_")[0]
        heel, ball = (ball_of_foot(angles, body, side, roll) for roll in (0.0, 1.0))
        if part not in contacts.roll:
            return ball, np.gradient(ball, axis=0) * SAMPLING_RATE
        roll = contacts.roll[part][:, None]
        # The point of the sole that is on the floor has the velocity of the foot there: the change of roll does not
        # move it.
        velocity = (1 - roll) * np.gradient(heel, axis=0) + roll * np.gradient(ball, axis=0)
        return (1 - roll) * heel + roll * ball, velocity * SAMPLING_RATE
    zero = np.zeros((len(angles), 3))
    return zero, zero


def _height(part: str, body: Body) -> float:
    """Height of a part's contact point when it rests on its surface, in metres."""
    kind = part.split("_")[-1]
    return {
        "foot": 0.0,
        "step": _STEP * body.stature,
        "saddle": _SADDLE * body.stature,
        "hand": _HAND_HEIGHT,
        "bench": _BENCH * body.stature,
        "bar": _BAR * body.stature,
        "knee": _JOINT_HEIGHT,
        "elbow": _JOINT_HEIGHT,
    }.get(kind, body.thickness)


def _weights(contacts: Contacts) -> dict[str, np.ndarray]:
    """How much each part carries, `(time,)`: none at the edges of its contact, so that support passes smoothly."""
    weights = {}
    for part, mask in contacts.masks.items():
        if part in contacts.loads:
            weights[part] = contacts.loads[part] + 1e-3 * mask
            continue
        inner = minimum_filter1d(mask.astype(float), 7, mode="nearest")
        weight = gaussian_filter1d(inner, 1.6, mode="nearest", truncate=3) + 1e-3 * mask
        weights[part] = weight * _CARRYING.get(part.split("_")[-1], 1.0)
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
    if contacts.inertia:
        velocity[:, :2] = _evened(velocity[:, :2], contacts.inertia)
    course = velocity[:, :2].copy()
    if contacts.surge is not None:
        velocity[:, :2] *= contacts.surge[:, None]
    root = np.cumsum((velocity + np.roll(velocity, 1, axis=0)) / 2, axis=0) / SAMPLING_RATE
    root -= root[0]
    if contacts.sway is not None:
        to_the_left = course[:, ::-1] * [-1, 1] / np.linalg.norm(course, axis=1, keepdims=True)
        root[:, :2] += contacts.sway[:, None] * to_the_left
    standing = _standing_height(pose, offsets, body, weights)
    if contacts.climbs:
        root[:, 2] += standing[0]
    else:
        root[:, 2] = standing
        if flying.any():
            _fly(root[:, 2], flying)
    if contacts.cushion:
        course = _evened(root[:, 2], 0.5)
        root[:, 2] = course + contacts.bounce * (_evened(root[:, 2], contacts.cushion) - course)
        root[:, 2] += _SHOCK_AT_PELVIS * np.sum(list(contacts.shocks.values()), axis=0)
    if any(part.endswith(("_hand", "_elbow")) for part in weights):
        # Support does not pass between arms and legs at a stroke.
        root[:, 2] = gaussian_filter1d(root[:, 2], 2.0, mode="nearest", truncate=3)
    return root


def _evened(path: np.ndarray, seconds: float) -> np.ndarray:
    return gaussian_filter1d(path, seconds * SAMPLING_RATE, axis=0, mode="nearest", truncate=3)


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
            _fly_at_edge(height, start, stop)
            continue
        knots = np.array([start - 1, stop]) / SAMPLING_RATE
        # Nobody leaves the floor downwards or lands upwards, whatever a leg still does there.
        leaving = max(height[start - 1] - height[start - 3], 0.0) * SAMPLING_RATE / 2
        landing = min(height[stop + 2] - height[stop], 0.0) * SAMPLING_RATE / 2
        values = np.array([[height[start - 1]], [height[stop]]])
        velocities, falling = np.array([[leaving], [landing]]), np.full((2, 1), -GRAVITY)
        times = np.arange(start, stop) / SAMPLING_RATE
        height[start:stop] = quintic_hermite(knots, values, velocities, falling, times)[:, 0]


def _fly_at_edge(height: np.ndarray, start: int, stop: int) -> None:
    """A flight that the clip cuts in two: a parabola from the one end that is known, in place."""
    if stop <= len(height) - 3:
        ground, velocity = stop, min(height[stop + 2] - height[stop], 0.0) * SAMPLING_RATE / 2
    elif start >= 3:
        ground, velocity = start - 1, max(height[start - 1] - height[start - 3], 0.0) * SAMPLING_RATE / 2
    else:
        return
    time = (np.arange(start, stop) - ground) / SAMPLING_RATE
    enough = GRAVITY / 2 * np.abs(time).max()  # to stay off the floor for as long as the flight lasts
    velocity = max(velocity, enough) if ground < start else min(velocity, -enough)
    height[start:stop] = height[ground] + velocity * time - GRAVITY / 2 * time**2


def _correction(
    part: str,
    pose: np.ndarray,
    offset: tuple[np.ndarray, np.ndarray],
    share: np.ndarray,
    body: Body,
    contacts: Contacts,
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
        # Where this limb alone carried the body is where it stands: there nothing needs correcting.
        foothold = np.average(slip[start:stop, :2], axis=0, weights=share[start:stop] + 1e-6)
        correction[start:stop, :2] = foothold - slip[start:stop, :2]
        correction[start:stop, 2] = level - height[start:stop]
    _bridge(correction, runs)
    return correction


def _levels(height: np.ndarray, runs: list[tuple[int, int]], contacts: Contacts) -> np.ndarray:
    """Heights of successive footholds on stairs, all risers equal."""
    middle = np.array([(start + stop) / 2 for start, stop in runs])
    mean = np.array([height[start:stop].mean() for start, stop in runs])
    if len(runs) < 2:
        return mean
    steps = np.round((middle - middle[0]) / np.median(np.diff(middle)))
    return np.polynomial.Polynomial.fit(steps, mean, 1)(steps)


def _bridge(correction: np.ndarray, runs: list[tuple[int, int]]) -> None:
    """Let corrections fade out after each contact and in before the next, in place, so that limbs swing as told."""
    knots, values, velocities = [], [], []
    for index, (start, stop) in enumerate(runs):
        before = start - (runs[index - 1][1] if index else -_FADE)
        after = (runs[index + 1][0] if index + 1 < len(runs) else len(correction) + 2 * _FADE) - stop
        inside = min(1, stop - start - 1)
        knots += [start - min(_FADE, before / 2 + 0.4), start, stop - 1, stop - 1 + min(_FADE, after / 2 + 0.4)]
        zero, first, last = np.zeros(3), correction[start], correction[stop - 1]
        values += [zero, first, last, zero]
        velocities += [zero, correction[start + inside] - first, last - correction[stop - 1 - inside], zero]
    swing = np.ones(len(correction), dtype=bool)
    for start, stop in runs:
        swing[start:stop] = False
    frames = np.flatnonzero(swing)
    frames = frames[(frames > knots[0]) & (frames < knots[-1])]
    if len(frames):
        slopes, still = np.array(velocities), np.zeros((len(knots), 3))
        ends = np.array(knots) + 1e-9 * np.arange(len(knots))
        correction[frames] = quintic_hermite(ends, np.array(values), slopes, still, frames.astype(float))


def _bring_within_reach(pose: np.ndarray, targets: dict[str, np.ndarray], contacts: Contacts) -> None:
    """Shift the body, in place and smoothly, where a limb is too short for its foothold."""
    masks: dict[str, np.ndarray] = {}
    for part, mask in contacts.masks.items():
        if _limb(part) in targets:
            masks[_limb(part)] = masks.get(_limb(part), False) | mask
    lengths = {limb: reach(pose, limb) for limb in targets}
    for _ in range(6):
        shift = np.zeros((len(pose), 3))
        for limb, target in targets.items():
            span = target - pose[:, LIMBS[limb][0]]
            distance = np.linalg.norm(span, axis=-1)
            excess = np.where(masks[limb], np.maximum(distance - lengths[limb], 0), 0)
            shift += span * (excess / np.maximum(distance, 1e-9))[:, None]
        if np.abs(shift).max() < 1e-3:
            return
        pose += gaussian_filter1d(shift, 3.0, axis=0, mode="nearest", truncate=3)[:, None]
