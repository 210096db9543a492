"""Exercises that move the whole body: jumping jacks, burpees, high knees, rowing, pull-ups."""

from dataset_scripts.fimad.exercises.everyday import STAND
from dataset_scripts.fimad.exercises.floor import PLANK, PUSH_UP_LOW
from dataset_scripts.fimad.exercises.format import ALL_FOURS, HANDS, Exercise, Fault, Keyframe, pose

_CLOSED = pose(STAND, knee_flexion=28, hip_flexion=18, shoulder_abduction=12)
_OPEN = pose(STAND, knee_flexion=32, hip_flexion=22, hip_abduction=26, shoulder_abduction=158, elbow_flexion=18)
_AIR = pose(STAND, knee_flexion=9, foot_pitch=-42, hip_abduction=14, shoulder_abduction=86, elbow_flexion=52)
_CROUCH = pose(
    pitch=74,
    trunk_flexion=26,
    hip_flexion=112,
    knee_flexion=112,
    shoulder_flexion=96,
    elbow_flexion=10,
    foot_pitch=-24,
)
WHOLE_BODY_EXERCISES = (
    Exercise(
        "jumping jack",
        ("Jumping jacks", "Star jumps", "Side-straddle hop"),
        "standing",
        "jumps the feet apart while the arms swing overhead and back together",
        (Keyframe(_CLOSED, 0.24), Keyframe(_AIR, 0.24, 0, ()), Keyframe(_OPEN, 0.24), Keyframe(_AIR, 0.24, 0, ())),
        tempo=(0.85, 1.2),
        rest=0.0,
        bounce=0.8,
        faults=(Fault("with the arms only to shoulder height", amplitude=0.65),),
    ),
    Exercise(
        "burpee",
        ("Burpees", "Burpees with push-up", "Squat thrusts"),
        "standing",
        "drops to the hands, jumps back to a plank, does a push-up, jumps forward and leaps up",
        (
            Keyframe(STAND, 0.5, 0.15),
            Keyframe(_CROUCH, 0.65, 0.05, ALL_FOURS),
            Keyframe(pose(PLANK, pitch=82, hip_flexion=48, knee_flexion=52), 0.24, 0, HANDS),
            Keyframe(PLANK, 0.24, 0.1, ALL_FOURS),
            Keyframe(PUSH_UP_LOW, 0.5, 0, ALL_FOURS),
            Keyframe(PLANK, 0.45, 0, ALL_FOURS),
            Keyframe(pose(PLANK, pitch=82, hip_flexion=66, knee_flexion=62), 0.24, 0, HANDS),
            Keyframe(_CROUCH, 0.26, 0.05, ALL_FOURS),
            Keyframe(pose(STAND, pitch=20, hip_flexion=62, knee_flexion=60, shoulder_flexion=20), 0.4),
            Keyframe(pose(STAND, foot_pitch=-45, shoulder_flexion=150), 0.34, 0, ()),
            Keyframe(pose(STAND, pitch=12, hip_flexion=44, knee_flexion=46, shoulder_flexion=40), 0.32),
        ),
        tempo=(0.9, 1.5),
    ),
    Exercise(
        "inchworm",
        ("Inchworms", "Walkouts", "Hand walkout"),
        "standing",
        "bends forward, walks the hands out to a plank and back and stands up",
        (
            Keyframe(STAND, 1.2, 0.2),
            Keyframe(
                pose(
                    pitch=90,
                    trunk_flexion=48,
                    hip_flexion=97,
                    knee_flexion=40,
                    shoulder_flexion=138,
                    elbow_flexion=8,
                    foot_pitch=-8,
                ),
                1.3,
                0.1,
                ALL_FOURS,
            ),
            Keyframe(
                pose(
                    pitch=100, hip_flexion=60, knee_flexion=14, shoulder_flexion=132, elbow_flexion=8, foot_pitch=-35
                ),
                0.8,
                0,
            ),
            Keyframe(PLANK, 0.8, 0.4, ALL_FOURS),
            Keyframe(
                pose(
                    pitch=100, hip_flexion=60, knee_flexion=14, shoulder_flexion=132, elbow_flexion=8, foot_pitch=-35
                ),
                0.8,
                0,
            ),
            Keyframe(
                pose(
                    pitch=90,
                    trunk_flexion=48,
                    hip_flexion=97,
                    knee_flexion=40,
                    shoulder_flexion=138,
                    elbow_flexion=8,
                    foot_pitch=-8,
                ),
                0.8,
                0.1,
                ALL_FOURS,
            ),
        ),
    ),
    Exercise(
        "thruster",
        ("Thrusters", "Squat to press", "Squat and overhead press"),
        "standing",
        "squats with the weights at the shoulders and pushes them overhead on rising",
        (
            Keyframe(
                pose(STAND, shoulder_abduction=160, shoulder_flexion=14, shoulder_rotation=80, elbow_flexion=12),
                0.9,
                0.2,
            ),
            Keyframe(
                pose(
                    pitch=28,
                    hip_flexion=106,
                    knee_flexion=102,
                    hip_abduction=12,
                    hip_rotation=12,
                    shoulder_abduction=62,
                    shoulder_flexion=24,
                    shoulder_rotation=82,
                    elbow_flexion=122,
                ),
                1.1,
                0.1,
            ),
        ),
        faults=(Fault("not going down far enough", amplitude=0.7),),
    ),
    Exercise(
        "rowing machine",
        ("Rowing", "Row machine", "Indoor rowing", "Erg"),
        "seated on a rowing machine",
        "pushes with the legs, swings the trunk back and pulls the handle to the belly",
        (
            Keyframe(
                pose(
                    pitch=16,
                    trunk_flexion=22,
                    hip_flexion=118,
                    knee_flexion=112,
                    shoulder_flexion=84,
                    elbow_flexion=10,
                ),
                0.8,
            ),
            Keyframe(
                pose(
                    pitch=-2, trunk_flexion=14, hip_flexion=90, knee_flexion=50, shoulder_flexion=66, elbow_flexion=12
                ),
                0.6,
            ),
            Keyframe(
                pose(
                    pitch=-20, trunk_flexion=8, hip_flexion=56, knee_flexion=10, shoulder_flexion=-22, elbow_flexion=98
                ),
                0.5,
            ),
            Keyframe(
                pose(
                    pitch=2, trunk_flexion=16, hip_flexion=94, knee_flexion=46, shoulder_flexion=66, elbow_flexion=12
                ),
                0.7,
            ),
        ),
        rest=0.0,
        bounce=0.3,
    ),
    Exercise(
        "pull-up",
        ("Pull-ups", "Pullups", "Chin-ups", "Chins"),
        "hanging from a bar",
        "pulls the body up until the chin is above the bar and lowers it",
        (
            Keyframe(
                pose(
                    shoulder_flexion=164,
                    shoulder_abduction=10,
                    elbow_flexion=14,
                    shoulder_elevation=18,
                    knee_flexion=30,
                ),
                1.2,
                0.3,
            ),
            Keyframe(
                pose(
                    shoulder_flexion=52,
                    shoulder_abduction=22,
                    elbow_flexion=128,
                    knee_flexion=40,
                    hip_flexion=10,
                    trunk_flexion=-8,
                ),
                1.0,
                0.2,
            ),
        ),
        contacts=("left_bar", "right_bar"),
        faults=(
            Fault("with a partial range of movement", amplitude=0.6),
            Fault("kicking with the legs", pose(hip_flexion=30)),
        ),
    ),
    Exercise(
        "bear crawl",
        ("Bear crawls", "Crawling", "Bear walk"),
        "on hands and feet",
        "crawls forward on hands and feet with the knees off the floor",
        (
            Keyframe(
                pose(
                    pitch=84,
                    hip_flexion=86,
                    knee_flexion=82,
                    foot_pitch=-60,
                    elbow_flexion=10,
                    left_shoulder_flexion=72,
                    right_shoulder_flexion=98,
                    right_hip_flexion=72,
                    left_hip_flexion=100,
                ),
                0.4,
                0.05,
            ),
            Keyframe(
                pose(
                    pitch=84,
                    hip_flexion=88,
                    knee_flexion=92,
                    foot_pitch=-60,
                    left_shoulder_flexion=90,
                    left_elbow_flexion=32,
                    right_shoulder_flexion=85,
                    right_hip_flexion=96,
                    left_hip_flexion=86,
                ),
                0.3,
                0,
                ("left_foot", "right_hand"),
            ),
        ),
        contacts=ALL_FOURS,
        sides="alternate",
        rest=0.1,
    ),
)
