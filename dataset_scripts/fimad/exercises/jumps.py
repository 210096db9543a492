"""Jumps and hops."""

from dataset_scripts.fimad.exercises.everyday import STAND
from dataset_scripts.fimad.exercises.format import Exercise, Fault, Keyframe, Pose, pose
from dataset_scripts.fimad.exercises.legs import SQUAT

_LEFT, _RIGHT = ("left_foot",), ("right_foot",)


def _jump(start: Pose, crouch: Pose, air: Pose, seconds: float = 0.34) -> tuple[Keyframe, ...]:
    return (
        Keyframe(start, 0.5, 0.15),
        Keyframe(crouch, 0.5),
        Keyframe(air, seconds, 0, ()),
        Keyframe(crouch, seconds),
    )


_CROUCH = pose(SQUAT, pitch=30, hip_flexion=84, knee_flexion=78, shoulder_flexion=-22, elbow_flexion=20)
_OFF_FORWARD = pose(STAND, pitch=14, hip_flexion=-2, foot_pitch=-50, shoulder_flexion=36)
_DOWN_AHEAD = pose(STAND, pitch=10, hip_flexion=46, knee_flexion=34, shoulder_flexion=30)
_OFF_BACKWARD = pose(STAND, pitch=4, hip_flexion=26, foot_pitch=-30, shoulder_flexion=20)
_DOWN_BEHIND = pose(STAND, pitch=26, hip_flexion=34, knee_flexion=44, shoulder_flexion=40)

JUMPS = (
    Exercise(
        "squat jump",
        ("Jump squats", "Squat jumps", "Vertical jumps", "Jumping"),
        "standing",
        "squats, jumps straight up and lands in a squat",
        _jump(
            pose(STAND),
            pose(SQUAT, pitch=30, hip_flexion=96, knee_flexion=88, shoulder_flexion=-35, elbow_flexion=20),
            pose(STAND, foot_pitch=-50, shoulder_flexion=95, hip_flexion=6),
        ),
        tempo=(0.85, 1.1),
        faults=(Fault("hardly leaving the ground", amplitude=0.8),),
        rest=0.8,
    ),
    Exercise(
        "hopping",
        ("Hops", "Bouncing on both feet", "Pogo jumps", "Jump rope", "Rope skipping"),
        "standing",
        "hops on the spot on the balls of both feet",
        (
            Keyframe(
                pose(
                    STAND,
                    knee_flexion=44,
                    hip_flexion=36,
                    pitch=10,
                    shoulder_flexion=-14,
                    elbow_flexion=84,
                    foot_pitch=-4,
                ),
                0.24,
            ),
            Keyframe(pose(STAND, knee_flexion=8, foot_pitch=-48, shoulder_flexion=16, elbow_flexion=48), 0.24, 0, ()),
        ),
        tempo=(0.8, 1.3),
        bounce=1.0,
        rest=0.0,
    ),
    Exercise(
        "skater jump",
        ("Skaters", "Speed skaters", "Side to side hops", "Lateral bounds"),
        "standing on one leg",
        "leaps from side to side and lands on one leg",
        (
            Keyframe(
                pose(
                    STAND,
                    pitch=28,
                    right_hip_flexion=62,
                    right_knee_flexion=52,
                    left_hip_flexion=20,
                    left_knee_flexion=62,
                    left_hip_abduction=-8,
                    right_hip_abduction=14,
                    right_shoulder_flexion=-30,
                    left_shoulder_flexion=50,
                    elbow_flexion=50,
                ),
                0.38,
                0.12,
                _RIGHT,
            ),
            Keyframe(
                pose(STAND, hip_abduction=20, knee_flexion=22, hip_flexion=24, pitch=16, elbow_flexion=50), 0.3, 0, ()
            ),
            Keyframe(
                pose(
                    STAND,
                    pitch=28,
                    left_hip_flexion=62,
                    left_knee_flexion=52,
                    right_hip_flexion=20,
                    right_knee_flexion=62,
                    right_hip_abduction=-8,
                    left_hip_abduction=14,
                    left_shoulder_flexion=-30,
                    right_shoulder_flexion=50,
                    elbow_flexion=50,
                ),
                0.38,
                0.12,
                _LEFT,
            ),
            Keyframe(
                pose(STAND, hip_abduction=20, knee_flexion=22, hip_flexion=24, pitch=16, elbow_flexion=50), 0.3, 0, ()
            ),
        ),
        rest=0.0,
    ),
    Exercise(
        "jump front and back",
        ("Jumping forward and back", "Forward and backward jumps", "Jump front to back", "Broad jumps"),
        "standing",
        "jumps forward with both feet and back again",
        (
            Keyframe(STAND, 0.4, 0.1),
            Keyframe(_CROUCH, 0.45),
            Keyframe(_OFF_FORWARD, 0.26, 0, ()),
            Keyframe(_DOWN_AHEAD, 0.2, 0, ()),
            Keyframe(_CROUCH, 0.3, 0.1),
            Keyframe(_OFF_BACKWARD, 0.26, 0, ()),
            Keyframe(_DOWN_BEHIND, 0.2, 0, ()),
            Keyframe(_CROUCH, 0.3),
        ),
        tempo=(0.85, 1.15),
        rest=0.3,
    ),
)
