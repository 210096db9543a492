"""Standing, sitting, lying and what people do between them."""

from dataset_scripts.fimad.exercises.format import BACK, FEET, Exercise, Keyframe, Pose, Variant, pose

STAND = pose(
    hip_flexion=4, knee_flexion=7, shoulder_abduction=10, shoulder_rotation=-15, elbow_flexion=14, hip_abduction=2
)
SIT = pose(
    hip_flexion=88, knee_flexion=86, hip_abduction=6, shoulder_flexion=22, elbow_flexion=55, shoulder_rotation=-15
)
SUPINE = pose(pitch=-90, hip_flexion=2, knee_flexion=6, hip_abduction=7, shoulder_abduction=20, elbow_flexion=12)
PRONE = pose(pitch=90, hip_flexion=0, knee_flexion=6, foot_pitch=-150, hip_abduction=6, shoulder_abduction=130)

ON_HIPS = pose(shoulder_abduction=42, shoulder_flexion=-18, shoulder_rotation=-60, elbow_flexion=92)
CROSSED = pose(shoulder_flexion=38, shoulder_abduction=6, shoulder_rotation=-62, elbow_flexion=98)
ARMS_FORWARD = pose(shoulder_flexion=86, shoulder_abduction=6, elbow_flexion=12)
BEHIND_HEAD = pose(shoulder_abduction=100, shoulder_flexion=25, shoulder_rotation=85, elbow_flexion=132)
HOLDING_PHONE = pose(right_shoulder_flexion=30, right_shoulder_rotation=-20, right_elbow_flexion=105)

STANDING_ARMS = (
    Variant("with the arms hanging", {}),
    Variant("with the hands on the hips", ON_HIPS),
    Variant("with the arms crossed", CROSSED),
    Variant("holding a phone", HOLDING_PHONE),
)
_CHAIRS = (
    Variant("on a low seat with the knees high", pose(hip_flexion=100, knee_flexion=98)),
    Variant("on a high stool with sloping thighs", pose(hip_flexion=66, knee_flexion=68)),
    Variant("with the feet pulled back under the chair", pose(hip_flexion=86, knee_flexion=108)),
    Variant("with the legs stretched forward", pose(hip_flexion=80, knee_flexion=42)),
    Variant("with the knees apart", pose(hip_abduction=18, hip_rotation=12)),
    Variant("with one foot forward", pose(left_knee_flexion=62, right_knee_flexion=98)),
    Variant("leaning back", pose(pitch=-22, hip_flexion=68, trunk_flexion=6)),
    Variant("leaning forward", pose(pitch=18, hip_flexion=106, trunk_flexion=16)),
    Variant("typing at a desk", pose(shoulder_flexion=32, elbow_flexion=86, shoulder_rotation=-10)),
)
_ASKEW: Pose = pose(STAND, roll=3, left_knee_flexion=7, right_knee_flexion=20, right_hip_flexion=14)


def _turned(degrees: float, **angles: float) -> dict[str, float]:
    return pose(STAND, heading=degrees, **angles)


EVERYDAY = (
    Exercise(
        "standing",
        ("Standing still", "Stand", "Standing upright", "Waiting"),
        "standing",
        "stands still and shifts a little now and then",
        (Keyframe(STAND, 1.0),),
        variants=(*STANDING_ARMS, Variant("resting on one leg", _ASKEW)),
    ),
    Exercise(
        "sitting",
        ("Sitting still", "Sit", "Sitting on a chair", "Sitting and relaxing"),
        "seated on a chair",
        "sits still and shifts a little now and then",
        (Keyframe(SIT, 1.0),),
        contacts=(*FEET, "seat"),
        variants=_CHAIRS,
    ),
    Exercise(
        "lying down",
        ("Lying", "Lying on the back", "Rest on your back", "Savasana"),
        "supine",
        "lies still",
        (Keyframe(SUPINE, 1.0),),
        contacts=BACK,
        variants=(
            Variant(
                "with the hands on the belly", pose(shoulder_abduction=28, shoulder_rotation=-50, elbow_flexion=85)
            ),
            Variant("with the arms overhead", pose(shoulder_abduction=150, elbow_flexion=35, shoulder_rotation=60)),
        ),
    ),
    Exercise(
        "sit to stand",
        ("Chair stand", "Sit-to-stand", "Stand up and sit down", "Chair rises"),
        "seated on a chair",
        "leans forward, stands up and sits down again",
        (
            Keyframe(pose(SIT, knee_flexion=96), 0.7, 0.4, (*FEET, "seat")),
            Keyframe(
                pose(SIT, pitch=28, hip_flexion=116, knee_flexion=100, trunk_flexion=15), 0.6, 0, (*FEET, "seat")
            ),
            Keyframe(STAND, 0.9, 0.4),
            Keyframe(
                pose(SIT, pitch=28, hip_flexion=116, knee_flexion=100, trunk_flexion=15), 1.0, 0, (*FEET, "seat")
            ),
        ),
        tempo=(0.58, 1.15),
        variants=(Variant("with crossed arms", CROSSED), Variant("with the arms forward", ARMS_FORWARD)),
    ),
    Exercise(
        "turning",
        ("Turning around", "Turn on the spot", "Turning in place", "Quarter turns"),
        "standing",
        "turns on the spot in small steps",
        (
            Keyframe(_turned(0), 0.4, 0.2),
            Keyframe(_turned(18, left_hip_flexion=22, left_knee_flexion=38), 0.28, 0, ("right_foot",)),
            Keyframe(_turned(38), 0.28),
            Keyframe(_turned(52, right_hip_flexion=22, right_knee_flexion=38), 0.28, 0, ("left_foot",)),
            Keyframe(_turned(70), 0.28, 0.5),
            Keyframe(_turned(55, right_hip_flexion=22, right_knee_flexion=38), 0.28, 0, ("left_foot",)),
            Keyframe(_turned(34), 0.28),
            Keyframe(_turned(18, left_hip_flexion=22, left_knee_flexion=38), 0.28, 0, ("right_foot",)),
        ),
        sides="one",
    ),
    Exercise(
        "picking up",
        ("Pick up an object from the floor", "Bend down and lift", "Picking something up"),
        "standing",
        "bends knees and back to pick something up from the floor and rises again",
        (
            Keyframe(STAND, 1.0, 0.6),
            Keyframe(
                pose(
                    pitch=48, trunk_flexion=30, hip_flexion=112, knee_flexion=92, shoulder_flexion=62, elbow_flexion=12
                ),
                1.1,
                0.4,
            ),
        ),
    ),
)
