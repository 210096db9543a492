"""A body in joint angles: proportions, forward kinematics, two-bone inverse kinematics and the range of human joints.

Axes: x forward, y left, z up. In the rest pose (all angles zero) the body stands upright, looks along x and lets its
arms hang. Angles are in degrees and named as clinicians name them, so that a pose reads like a goniometer table.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from dataset_scripts.fimad.skeleton import JOINT_INDEX, PARENTS

TRUNK_ANGLES = (
    "heading",  # to the left, of the whole body and the feet it stands on
    "pitch",  # pelvis leans forward (90: face down, -90: on the back)
    "roll",  # pelvis leans to the right
    "yaw",  # pelvis turns to the left over its feet
    "trunk_flexion",
    "trunk_bend",  # to the right
    "trunk_rotation",  # to the left
    "neck_flexion",
    "neck_rotation",
)
LIMB_ANGLES = (
    "hip_flexion",
    "hip_abduction",
    "hip_rotation",  # external
    "knee_flexion",
    "foot_pitch",  # of the foot against the floor, toes up; the ankle makes up whatever the shank does
    "shoulder_elevation",  # shrug of the shoulder girdle
    "shoulder_flexion",
    "shoulder_abduction",  # away from the plane of flexion: sideways when flexion is 0, horizontal when it is 90
    "shoulder_rotation",  # external
    "elbow_flexion",
)
ANGLES = TRUNK_ANGLES + tuple(f"left_{name}" for name in LIMB_ANGLES) + tuple(f"right_{name}" for name in LIMB_ANGLES)
ANGLE_INDEX = {name: index for index, name in enumerate(ANGLES)}
MIRRORED_ANGLES = [
    ANGLE_INDEX[name.replace("left_", "right_") if name.startswith("left_") else name.replace("right_", "left_")]
    for name in ANGLES
]
MIRROR_SIGN = np.array(
    [
        -1.0 if name in ("heading", "roll", "yaw", "trunk_bend", "trunk_rotation", "neck_rotation") else 1.0
        for name in ANGLES
    ]
)

# Limbs as (root, middle, end) joints: the chains of the two-bone inverse kinematics.
LIMBS = {
    "left_foot": tuple(JOINT_INDEX[f"left_{name}"] for name in ("hip", "knee", "ankle")),
    "right_foot": tuple(JOINT_INDEX[f"right_{name}"] for name in ("hip", "knee", "ankle")),
    "left_hand": tuple(JOINT_INDEX[f"left_{name}"] for name in ("shoulder", "elbow", "wrist")),
    "right_hand": tuple(JOINT_INDEX[f"right_{name}"] for name in ("shoulder", "elbow", "wrist")),
}

# Active ranges of healthy adults in degrees, the wider of: American Academy of Orthopaedic Surgeons, "Joint Motion"
# (1965); Kapandji, "The Physiology of the Joints" (6th ed.); Roaas & Andersson, Acta Orthop. Scand. 53 (1982). Knee
# flexion goes to the passive 160 of a deep squat (Kapandji), hip flexion to the 145 reached with the knee held to the
# chest.
HUMAN_RANGE = {
    "hip_flexion": (-30.0, 145.0),
    "knee_flexion": (0.0, 160.0),
    "elbow_flexion": (0.0, 150.0),
    "shoulder_elevation": (0.0, 180.0),
    "shoulder_extension": (-90.0, 60.0),
    "trunk_flexion": (0.0, 110.0),
}

# Widest and narrowest angle a limb may be folded to by inverse kinematics, as the inner angle between its two bones.
_STRAIGHT = np.radians(178.0)
_SOFT_STOP = 0.002  # metres
_FOLDED = np.radians(32.0)


@dataclass(frozen=True)
class Body:
    """Proportions of one person.

    Attributes:
        stature: height in metres.
        offsets: `(17, 3)`, place of each joint in its parent's frame in the rest pose, in metres.
        ankle_height: of the ankle joint above the floor when the foot is flat, in metres.
        foot_length: from the ankle forward to the ball of the foot, in metres.
        thickness: from the line of the trunk joints to the surface one lies on, in metres.
    """

    stature: float
    offsets: np.ndarray
    ankle_height: float
    foot_length: float
    thickness: float


def random_body(rng: np.random.Generator) -> Body:
    """Draw a body: segment lengths as fractions of stature, each person's own by a few percent.

    Fractions from Drillis & Contini (1966) as tabulated by Winter, "Biomechanics and Motor Control of Human Movement",
    4th ed., fig. 4.1; left and right differ by about half a percent.
    """
    stature = rng.uniform(1.50, 1.95)
    fractions = {
        "hip": (0.0, 0.052, 0.0),
        "knee": (0.0, 0.0, -0.245),
        "ankle": (0.0, 0.0, -0.246),
        "spine": (-0.008, 0.0, 0.135),
        "thorax": (0.0, 0.0, 0.150),
        "neck": (0.012, 0.0, 0.050),
        "head": (0.0, 0.0, 0.085),
        "shoulder": (0.0, 0.108, 0.0),
        "elbow": (0.0, 0.0, -0.172),
        "wrist": (0.0, 0.0, -0.146),
    }
    offsets = np.zeros((17, 3))
    for segment, fraction in fractions.items():
        size = stature * rng.normal(1.0, 0.03) * np.array(fraction)
        if segment in JOINT_INDEX:
            offsets[JOINT_INDEX[segment]] = size
        else:
            offsets[JOINT_INDEX[f"left_{segment}"]] = size * rng.normal(1.0, 0.005)
            offsets[JOINT_INDEX[f"right_{segment}"]] = size * rng.normal(1.0, 0.005) * (1, -1, 1)
    return Body(
        stature=stature,
        offsets=offsets,
        ankle_height=0.045 * stature,
        foot_length=0.085 * stature,
        thickness=0.06 * stature * rng.normal(1.0, 0.1),
    )


def forward_kinematics(angles: np.ndarray, body: Body) -> np.ndarray:
    """Joint positions relative to the pelvis.

    Args:
        angles: `(time, len(ANGLES))` in degrees.
        body: whose bones to use.

    Returns:
        `(time, 17, 3)` in metres, the pelvis at the origin.
    """
    frames = _joint_frames(angles)
    positions = np.zeros((len(angles), 17, 3))
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            positions[:, joint] = positions[:, parent] + frames[joint] @ body.offsets[joint]
    return positions


def _joint_frames(angles: np.ndarray) -> list[np.ndarray]:
    """The frame that each joint's offset is expressed in, `(time, 3, 3)` each.

    Trunk motion is shared evenly by the lower spine, the upper spine and the shoulder girdle; clinical angles are
    intrinsic rotations: flexion about y, abduction about x, rotation about the bone.
    """
    local = _local_rotations(angles)
    pelvis = local["pelvis"]
    lumbar = pelvis @ local["trunk"]
    thorax = lumbar @ local["trunk"]
    girdle = thorax @ local["trunk"]
    frames: list[np.ndarray] = [pelvis] * 17
    frames[JOINT_INDEX["spine"]] = lumbar
    frames[JOINT_INDEX["thorax"]] = thorax
    frames[JOINT_INDEX["neck"]] = girdle
    frames[JOINT_INDEX["head"]] = girdle @ local["neck"]
    for side in ("left", "right"):
        thigh = pelvis @ local[f"{side}_hip"]
        frames[JOINT_INDEX[f"{side}_knee"]] = thigh
        frames[JOINT_INDEX[f"{side}_ankle"]] = thigh @ local[f"{side}_knee"]
        upper_arm = girdle @ local[f"{side}_shoulder"]
        frames[JOINT_INDEX[f"{side}_shoulder"]] = girdle @ local[f"{side}_girdle"]
        frames[JOINT_INDEX[f"{side}_elbow"]] = upper_arm
        frames[JOINT_INDEX[f"{side}_wrist"]] = upper_arm @ local[f"{side}_elbow"]
    return frames


def _local_rotations(angles: np.ndarray) -> dict[str, np.ndarray]:
    """Rotation of each joint against its parent, `(time, 3, 3)` each, all from one conversion."""
    column = {name: angles[:, index] for name, index in ANGLE_INDEX.items()}
    zero = np.zeros(len(angles))
    euler = {  # turns about y, x, z, in this order, each about the axes the one before has turned
        "trunk": (column["trunk_flexion"] / 3, column["trunk_bend"] / 3, column["trunk_rotation"] / 3),
        "neck": (column["neck_flexion"], zero, column["neck_rotation"]),
    }
    for side, outward in (("left", 1.0), ("right", -1.0)):
        euler[f"{side}_hip"] = (
            -column[f"{side}_hip_flexion"],
            outward * column[f"{side}_hip_abduction"],
            outward * column[f"{side}_hip_rotation"],
        )
        euler[f"{side}_knee"] = (column[f"{side}_knee_flexion"], zero, zero)
        euler[f"{side}_girdle"] = (zero, outward * column[f"{side}_shoulder_elevation"], zero)
        euler[f"{side}_shoulder"] = (
            -column[f"{side}_shoulder_flexion"],
            outward * column[f"{side}_shoulder_abduction"],
            outward * column[f"{side}_shoulder_rotation"],
        )
        euler[f"{side}_elbow"] = (-column[f"{side}_elbow_flexion"], zero, zero)
    stacked = np.stack([np.stack(turns, axis=-1) for turns in euler.values()])  # (joints, time, 3)
    matrices = Rotation.from_euler("YXZ", stacked.reshape(-1, 3), degrees=True).as_matrix()
    local = dict(zip(euler, matrices.reshape(len(euler), -1, 3, 3), strict=True))
    pelvis = np.stack([column["heading"] + column["yaw"], column["pitch"], column["roll"]], axis=-1)
    local["pelvis"] = Rotation.from_euler("ZYX", pelvis, degrees=True).as_matrix()
    return local


def ball_of_foot(angles: np.ndarray, body: Body, side: str, roll: np.ndarray | float = 1.0) -> np.ndarray:
    """Point of the foot that touches the floor, relative to the ankle.

    The foot is not among the 17 joints, but what it rolls over decides how the ankle moves.

    Args:
        angles: `(time, len(ANGLES))` in degrees.
        body: whose foot.
        side: "left" or "right".
        roll: 0 for the heel, 1 for the ball of the foot, between them a point of the sole.

    Returns:
        `(time, 3)` in metres.
    """
    pitch, heading = (
        np.radians(angles[:, ANGLE_INDEX[f"{side}_foot_pitch"]]),
        np.radians(angles[:, ANGLE_INDEX["heading"]]),
    )
    along = body.foot_length * (1.4 * np.asarray(roll) - 0.4)  # the heel lies 0.4 foot lengths behind the ankle
    forward = along * np.cos(pitch) + body.ankle_height * np.sin(pitch)
    up = along * np.sin(pitch) - body.ankle_height * np.cos(pitch)
    return np.stack([forward * np.cos(heading), forward * np.sin(heading), up], axis=-1)


def reach(pose: np.ndarray, limb: str) -> np.ndarray:
    """Distance from a limb's root joint to its end when as straight as inverse kinematics makes it, `(time,)`."""
    root, middle, end = LIMBS[limb]
    upper = np.linalg.norm(pose[:, middle] - pose[:, root], axis=-1)
    lower = np.linalg.norm(pose[:, end] - pose[:, middle], axis=-1)
    return np.sqrt(upper**2 + lower**2 - 2 * upper * lower * np.cos(_STRAIGHT))


def two_bone_ik(pose: np.ndarray, limb: str, target: np.ndarray) -> None:
    """Bend and swing a limb in place so that its end lies on the target; bone lengths and bending plane are kept.

    Args:
        pose: `(time, 17, 3)`, changed in place.
        limb: key of `LIMBS`.
        target: `(time, 3)`. Beyond the limb's reach, its end comes as near as it can.
    """
    root, middle, end = LIMBS[limb]
    upper, lower = pose[:, middle] - pose[:, root], pose[:, end] - pose[:, middle]
    upper_length, lower_length = (np.linalg.norm(bone, axis=-1, keepdims=True) for bone in (upper, lower))
    product, squares = 2 * upper_length * lower_length, upper_length**2 + lower_length**2
    nearest, farthest = (np.sqrt(squares - product * np.cos(angle)) for angle in (_FOLDED, _STRAIGHT))
    to_target = target - pose[:, root]
    distance = np.linalg.norm(to_target, axis=-1, keepdims=True)
    # A knee stops softly before it is straight: without that, a foot just out of reach would make it jerk.
    distance = farthest - _SOFT_STOP * np.logaddexp(0, (farthest - distance) / _SOFT_STOP)
    distance = np.maximum(distance, nearest)
    direction = _unit(to_target)
    # The middle joint stays on the side it was on: its direction turns with the line from root to end, the shortest
    # way.
    turned = _turn(upper, _unit(upper + lower), direction)
    pole = _unit(turned - direction * _dot(turned, direction)[:, None])
    cosine = (upper_length**2 + distance**2 - lower_length**2) / (2 * upper_length * distance)
    sine = np.sqrt(np.clip(1 - cosine**2, 0, None))
    pose[:, middle] = pose[:, root] + upper_length * (cosine * direction + sine * pole)
    pose[:, end] = pose[:, root] + distance * direction


def _turn(vectors: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Rodrigues' rotation of `vectors` by the shortest turn from unit vectors `start` to `stop`, `(time, 3)` each."""
    axis = np.cross(start, stop)
    cosine = np.sum(start * stop, axis=-1, keepdims=True)
    along = np.sum(axis * vectors, axis=-1, keepdims=True) / (1 + cosine)
    return vectors * cosine + np.cross(axis, vectors) + axis * along


def measure_angles(pose: np.ndarray) -> dict[str, np.ndarray]:
    """Angles that can be read off joint positions, to hold against `HUMAN_RANGE`.

    Args:
        pose: `(time, 17, 3)`.

    Returns:
        For each key of `HUMAN_RANGE`, `(time, sides)` in degrees. Hip flexion is the thigh against the
        pelvis-to-spine line in the sagittal plane; shoulder elevation the upper arm against the trunk in any plane;
        shoulder extension how far the upper arm lies behind the plane of the chest; trunk flexion the neck against
        the lowest part of the spine.
    """
    bone = {name: _unit(pose[:, index] - pose[:, PARENTS[index]]) for name, index in JOINT_INDEX.items() if index}
    up = bone["spine"]
    left = _unit(pose[:, JOINT_INDEX["left_hip"]] - pose[:, JOINT_INDEX["right_hip"]])
    forward = _unit(np.cross(left, up))
    chest_up = bone["thorax"]
    chest_left = _unit(pose[:, JOINT_INDEX["left_shoulder"]] - pose[:, JOINT_INDEX["right_shoulder"]])
    chest_forward = _unit(np.cross(chest_left, chest_up))
    sides = ("left", "right")
    thighs = [bone[f"{side}_knee"] for side in sides]
    upper_arms = [bone[f"{side}_elbow"] for side in sides]
    return {
        "hip_flexion": np.stack([np.degrees(np.arctan2(_dot(t, forward), -_dot(t, up))) for t in thighs], axis=-1),
        "knee_flexion": np.stack([_angle(bone[f"{s}_knee"], bone[f"{s}_ankle"]) for s in sides], axis=-1),
        "elbow_flexion": np.stack([_angle(bone[f"{s}_elbow"], bone[f"{s}_wrist"]) for s in sides], axis=-1),
        "shoulder_elevation": np.stack([_angle(arm, -chest_up) for arm in upper_arms], axis=-1),
        "shoulder_extension": np.stack(
            [np.degrees(np.arcsin(np.clip(-_dot(a, chest_forward), -1, 1))) for a in upper_arms], axis=-1
        ),
        "trunk_flexion": np.stack([_angle(up, bone["neck"])], axis=-1),
    }


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.sum(a * b, axis=-1)


def _angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.degrees(np.arccos(np.clip(_dot(a, b), -1, 1)))
