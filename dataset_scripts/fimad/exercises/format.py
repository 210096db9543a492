"""How an exercise is written down: keyframes of joint angles, or curves over a gait cycle, and the words for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dataset_scripts.fimad.kinematics import ANGLE_INDEX, LIMB_ANGLES

Pose = Mapping[str, float]

FEET = ("left_foot", "right_foot")
HANDS = ("left_hand", "right_hand")
ALL_FOURS = (*FEET, *HANDS)
SEAT = ("pelvis",)
BACK = ("pelvis", "thorax")


def pose(base: Pose | None = None, **angles: float) -> dict[str, float]:
    """A pose in degrees: names of `kinematics.ANGLES`; a limb angle without a side sets both sides.

    Args:
        base: pose to start from; the rest pose (standing, arms hanging) when absent.
        angles: what differs from it.

    Raises:
        ValueError: for a name that is no joint angle.
    """
    result = dict(base or {})
    for name, value in angles.items():
        names = (f"left_{name}", f"right_{name}") if name in LIMB_ANGLES else (name,)
        for each in names:
            if each not in ANGLE_INDEX:
                raise ValueError(f"{each!r} is no joint angle; expected one of {', '.join(ANGLE_INDEX)}")
            result[each] = float(value)
    return result


@dataclass(frozen=True)
class Keyframe:
    """A pose the body passes or rests in.

    Attributes:
        pose: joint angles in degrees, as made by `pose`.
        move: seconds it takes to get here from the keyframe before, at ordinary tempo.
        hold: seconds at rest here.
        contacts: parts of the body that stand on something; the exercise's own when absent. A part moves freely
            between two keyframes unless it is in contact at both.
    """

    pose: Pose
    move: float
    hold: float = 0.0
    contacts: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Fault:
    """A way of doing it wrong.

    Attributes:
        words: how a trainer names it, continuing a sentence: "with the knees falling inwards".
        change: degrees added to the keyframes, in proportion to how far each is from the first one.
        amplitude: factor on the whole movement.
    """

    words: str
    change: Pose = field(default_factory=dict)
    amplitude: float = 1.0


@dataclass(frozen=True)
class Variant:
    """A way of doing the same: where the arms are, which chair. Its pose is laid over every keyframe.

    Attributes:
        words: continues the description: "with the hands on the hips".
        pose: joint angles in degrees that replace the exercise's own.
        posture: replaces the exercise's posture where the variant changes it.
    """

    words: str
    pose: Pose
    posture: str = ""


@dataclass(frozen=True)
class Gait:
    """Cyclic movement of the legs, each curve given at 20 equal steps of the cycle from initial contact, in degrees.

    Attributes:
        hip: thigh against the vertical, forward positive.
        knee: flexion.
        ankle: dorsiflexion.
        cadence: slowest and fastest, in steps per minute.
        amplitude: factor on the curves at the slowest and fastest cadence.
        stance: part of the cycle that a foot is on the floor; 0 when the body is carried (cycling).
        lean: pitch of the trunk.
        arm_swing: shoulder flexion to either side of the middle.
        elbow: flexion about which the forearm swings.
        arms_forward: shoulder flexion about which the arm swings.
        pelvis_rotation, pelvis_drop: amplitude of pelvic yaw and of the drop on the side of the swinging leg.
        heel_strike: millimetres that the ankle swings when the foot hits the floor.
        climbs: whether each step lands on another level (stairs).
        turn: degrees by which the heading turns in the course of a clip, to either side.
        inertia, cushion: strides over which the pelvis evens out its speed along the floor and its height.
        bounce: factor on what is then left of its rise and fall.
        surge: share of its speed by which the pelvis is faster as a leg lands and slower over the standing leg.
        sway: metres that the pelvis swings to the side of the leg it stands on.
        variation: standard deviation of how long and how large a stride is, as a share.
    """

    hip: tuple[float, ...]
    knee: tuple[float, ...]
    ankle: tuple[float, ...]
    cadence: tuple[float, float]
    amplitude: tuple[float, float] = (1.0, 1.0)
    stance: float = 0.62
    lean: float = 3.0
    arm_swing: float = 20.0
    elbow: float = 20.0
    arms_forward: float = 0.0
    pelvis_rotation: float = 4.0
    pelvis_drop: float = 4.0
    heel_strike: float = 1.0
    climbs: bool = False
    turn: float = 15.0
    inertia: float = 0.09
    cushion: float = 0.06
    bounce: float = 1.5
    surge: float = 0.0
    sway: float = 0.0
    variation: float = 0.02  # Hausdorff et al., J. Appl. Physiol. 78 (1995)


@dataclass(frozen=True)
class Exercise:
    """One exercise or everyday activity.

    Attributes:
        name: normalised title.
        titles: how people write it in a list of chapters, besides `name`.
        posture: start of the description: "standing", "seated on a chair", ...
        moves: what the person does, third person: "bends the knees and hips until ...".
        motion: a cycle of keyframes, or a gait. With a single keyframe the body keeps still.
        contacts: parts of the body on the floor (or seat) in every keyframe that does not say otherwise.
        sides: "both"; "alternate" mirrors every other repetition; "one" mirrors whole clips at random.
        tempo: shortest and longest duration of a repetition, as a factor on its keyframes.
        rest: longest pause between two repetitions, in seconds.
        bounce: 0 where movement comes to rest at each keyframe, 1 where it swings through like a pendulum.
        faults: wrong ways of doing it.
        variants: other ways of doing it, one of them (or none) drawn for a clip.
    """

    name: str
    titles: tuple[str, ...]
    posture: str
    moves: str
    motion: tuple[Keyframe, ...] | Gait
    contacts: tuple[str, ...] = FEET
    sides: str = "both"
    tempo: tuple[float, float] = (0.75, 1.4)
    rest: float = 0.6
    bounce: float = 0.4
    faults: tuple[Fault, ...] = ()
    variants: tuple[Variant, ...] = ()
