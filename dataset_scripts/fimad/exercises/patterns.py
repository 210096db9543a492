"""Three ways in which most exercises move, the stances they start from and the faults they share."""

from dataset_scripts.fimad.exercises.everyday import SIT, STAND
from dataset_scripts.fimad.exercises.format import Exercise, Fault, Keyframe, Pose, Variant, pose

HINGED = pose(STAND, pitch=48, trunk_flexion=8, hip_flexion=64, knee_flexion=28, neck_flexion=-15)
SPLIT_STANCE = pose(STAND, left_hip_flexion=18, left_knee_flexion=16, right_hip_flexion=-8, right_knee_flexion=18)
INCLINE = pose(SIT, pitch=-46, hip_flexion=44, hip_abduction=12, shoulder_flexion=0)
SEATED = Variant("", pose(hip_flexion=88, knee_flexion=86), posture="seated on a bench")
SWINGING = Fault("swinging with the trunk", pose(pitch=-6, trunk_flexion=-8, hip_flexion=-6))
PARTIAL = Fault("with a partial range of movement", amplitude=0.6)
SHALLOW = Fault("with a small range of movement", amplitude=0.6)
_FAULTS = (SWINGING, PARTIAL, Fault("with the shoulders pulled up", pose(shoulder_elevation=14)))


def lift(
    name: str,
    titles: tuple[str, ...],
    moves: str,
    start: Pose,
    top: Pose,
    seconds: float = 1.0,
    posture: str = "standing",
    **options,
) -> Exercise:
    """From a start to a top position and back under control."""
    keyframes = (Keyframe({**STAND, **start}, 1.2 * seconds, 0.15), Keyframe({**STAND, **top}, seconds, 0.2))
    return Exercise(name, titles, posture, moves, keyframes, **{"faults": _FAULTS, **options})


def swing(
    name: str,
    titles: tuple[str, ...],
    moves: str,
    poses: tuple[Pose, ...],
    seconds: float,
    base: Pose = STAND,
    **options,
) -> Exercise:
    """Through several positions in turn without a stop."""
    keyframes = tuple(Keyframe({**base, **each}, seconds) for each in poses)
    return Exercise(name, titles, options.pop("posture", "standing"), moves, keyframes, **{"rest": 0.0, **options})


def gesture(
    name: str,
    titles: tuple[str, ...],
    moves: str,
    stroke: tuple[Pose, ...],
    seconds: float,
    base: Pose = STAND,
    **options,
) -> Exercise:
    """From the hanging arm through the stroke and back, with a rest before the next."""
    raising = max(0.5, 1.3 * seconds)
    keyframes = (
        Keyframe(base, raising, 0.2),
        Keyframe({**base, **stroke[0]}, raising),
        *(Keyframe({**base, **each}, seconds) for each in stroke[1:]),
    )
    return Exercise(
        name,
        titles,
        options.pop("posture", "standing"),
        moves,
        keyframes,
        **{"sides": "one", "rest": 2.0, "tempo": (0.6, 1.5), "bounce": 0.5, **options},
    )
