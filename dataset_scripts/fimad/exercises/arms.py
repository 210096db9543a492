"""Standing exercises of arms and trunk without weights, and boxing."""

from dataset_scripts.fimad.exercises.everyday import BEHIND_HEAD, ON_HIPS, STAND
from dataset_scripts.fimad.exercises.format import Exercise, Fault, Keyframe, Variant, pose
from dataset_scripts.fimad.exercises.patterns import PARTIAL, SPLIT_STANCE, lift, swing

_GUARD = pose(
    SPLIT_STANCE, shoulder_flexion=42, shoulder_abduction=14, shoulder_rotation=-8, elbow_flexion=122, yaw=-12
)

_DUCKED = pose(_GUARD, shoulder_flexion=20, elbow_flexion=96, trunk_flexion=10)

ARM_EXERCISES = (
    lift(
        "shoulder scaption",
        ("Scaption", "Y raise", "Shoulder scaption raise"),
        "lifts the arms overhead in a plane between front and side",
        pose(shoulder_abduction=8, elbow_flexion=8),
        pose(shoulder_flexion=104, shoulder_abduction=28, elbow_flexion=8, shoulder_elevation=12),
        0.85,
    ),
    lift(
        "shoulder abduction",
        ("Arm abduction", "Full side arm raise", "Snow angels standing"),
        "lifts one straight arm sideways overhead",
        pose(shoulder_abduction=10, elbow_flexion=8),
        pose(left_shoulder_abduction=145, left_elbow_flexion=8, left_shoulder_elevation=14, left_shoulder_rotation=40),
        0.9,
        sides="one",
    ),
    lift(
        "shoulder extension",
        ("Arm extension backward", "Shoulder extensions", "Straight arm pull back"),
        "moves straight arms backward and returns",
        pose(shoulder_flexion=8, elbow_flexion=8),
        pose(shoulder_flexion=-44, elbow_flexion=8),
        0.8,
    ),
    lift(
        "shoulder rotation",
        ("External shoulder rotation", "Internal-external rotation", "Rotator cuff"),
        "turns the forearm outward and inward with the elbow at the side",
        pose(left_elbow_flexion=90, left_shoulder_rotation=-48, left_shoulder_abduction=8),
        pose(left_elbow_flexion=90, left_shoulder_rotation=52, left_shoulder_abduction=8),
        0.9,
        sides="one",
    ),
    swing(
        "arm circles",
        ("Arm circle", "Big arm circles", "Shoulder circles"),
        "swings straight arms in large circles",
        (
            pose(shoulder_flexion=0, shoulder_abduction=14, elbow_flexion=22, knee_flexion=12, hip_flexion=8),
            pose(shoulder_flexion=88, shoulder_abduction=12, elbow_flexion=8),
            pose(shoulder_flexion=164, shoulder_abduction=16, elbow_flexion=26),
            pose(shoulder_flexion=88, shoulder_abduction=86, elbow_flexion=8),
            pose(shoulder_flexion=12, shoulder_abduction=62, elbow_flexion=8),
        ),
        0.22,
        tempo=(0.75, 1.9),
    ),
    swing(
        "arm swings",
        ("Arm swing", "Chest openers", "Horizontal arm swings"),
        "swings both arms apart and together before the chest",
        (
            pose(shoulder_flexion=84, shoulder_abduction=88, elbow_flexion=10),
            pose(shoulder_flexion=84, shoulder_abduction=-18, elbow_flexion=14),
        ),
        0.55,
        bounce=0.8,
    ),
    swing(
        "boxing",
        ("Punches", "Boxing punches", "Jab cross", "Shadow boxing", "Straight punches"),
        "punches forward with one fist after the other",
        (
            _GUARD,
            pose(
                _GUARD, left_shoulder_flexion=88, left_elbow_flexion=12, trunk_rotation=-22, left_shoulder_elevation=8
            ),
            _GUARD,
            pose(_GUARD, right_shoulder_flexion=88, right_elbow_flexion=12, trunk_rotation=34, yaw=10),
        ),
        0.24,
        base=_GUARD,
        tempo=(0.7, 1.6),
    ),
    swing(
        "hook punches",
        ("Hooks", "Boxing hooks", "Left and right hooks"),
        "swings bent arms in hooks from side to side",
        (
            _GUARD,
            pose(
                _GUARD, left_shoulder_flexion=80, left_shoulder_abduction=20, left_elbow_flexion=92, trunk_rotation=-38
            ),
            _GUARD,
            pose(
                _GUARD,
                right_shoulder_flexion=80,
                right_shoulder_abduction=20,
                right_elbow_flexion=92,
                trunk_rotation=38,
            ),
        ),
        0.28,
        base=_GUARD,
    ),
    swing(
        "trunk twist",
        ("Trunk twists", "Standing twists", "Torso rotation", "Twist"),
        "turns the trunk from side to side",
        (
            pose(
                trunk_rotation=44,
                yaw=16,
                shoulder_flexion=62,
                elbow_flexion=96,
                left_elbow_flexion=70,
                shoulder_rotation=-30,
                right_knee_flexion=16,
            ),
            pose(trunk_rotation=-44, yaw=-16, shoulder_flexion=62, elbow_flexion=96, shoulder_rotation=-30),
        ),
        0.65,
        bounce=0.7,
        variants=(
            Variant("with the hands on the hips", ON_HIPS),
            Variant("with the hands behind the head", BEHIND_HEAD),
        ),
    ),
    swing(
        "side bend",
        ("Side bends", "Lateral bends", "Standing side bends", "Side stretch"),
        "bends the trunk to one side and to the other",
        (pose(trunk_bend=34, roll=4), pose(trunk_bend=-34, roll=-4)),
        1.2,
        tempo=(0.6, 1.6),
        variants=(
            Variant("with the hands on the hips", ON_HIPS),
            Variant("with the hands behind the head", BEHIND_HEAD),
        ),
    ),
    swing(
        "side reach",
        ("Side reaches", "Overhead side reach", "Side reach stretch"),
        "reaches overhead with one arm and bends to the other side",
        (
            pose(trunk_bend=30, roll=4, left_shoulder_abduction=156, left_elbow_flexion=20),
            pose(trunk_bend=-30, roll=-4, right_shoulder_abduction=156, right_elbow_flexion=20),
        ),
        1.0,
    ),
    lift(
        "toe touch",
        ("Toe touches", "Standing toe touches", "Forward bend", "Waist bends forward"),
        "bends forward with straight legs until the hands reach the feet and rises again",
        pose(shoulder_flexion=24, elbow_flexion=36),
        pose(pitch=66, trunk_flexion=52, hip_flexion=74, knee_flexion=22, shoulder_flexion=98, elbow_flexion=10),
        0.85,
        faults=(PARTIAL, Fault("with bent knees", pose(knee_flexion=22, hip_flexion=10))),
    ),
    lift(
        "windmill",
        ("Windmills", "Opposite toe touches", "Alternating toe touch"),
        "bends and turns to touch one foot with the opposite hand",
        pose(shoulder_abduction=86, hip_abduction=22, elbow_flexion=8),
        pose(
            pitch=58,
            trunk_flexion=36,
            hip_flexion=66,
            hip_abduction=22,
            knee_flexion=12,
            trunk_rotation=42,
            shoulder_abduction=86,
            shoulder_flexion=12,
            elbow_flexion=8,
        ),
        1.0,
        sides="alternate",
        faults=(),
    ),
    lift(
        "overhead stretch",
        ("Overhead reach", "Reach for the sky", "Full body stretch standing"),
        "reaches up with both arms and lengthens the body",
        pose(shoulder_flexion=8),
        pose(shoulder_flexion=168, elbow_flexion=8, shoulder_elevation=18, trunk_flexion=-8, foot_pitch=-20),
        1.8,
        faults=(),
    ),
    Exercise(
        "shoulder stretch",
        ("Cross-body shoulder stretch", "Arm across the chest stretch"),
        "standing",
        "pulls one arm across the chest and holds it",
        (
            Keyframe(
                pose(
                    STAND,
                    left_shoulder_flexion=80,
                    left_shoulder_abduction=-34,
                    left_elbow_flexion=14,
                    right_shoulder_flexion=50,
                    right_shoulder_rotation=-30,
                    right_elbow_flexion=118,
                ),
                1.0,
            ),
        ),
        sides="one",
    ),
    swing(
        "uppercuts",
        ("Uppercut", "Boxing uppercuts", "Uppercut punches"),
        "punches upward from below with one fist after the other",
        (
            _DUCKED,
            pose(_DUCKED, left_shoulder_flexion=78, left_elbow_flexion=104, trunk_rotation=-26, trunk_flexion=2),
            _DUCKED,
            pose(
                _DUCKED, right_shoulder_flexion=78, right_elbow_flexion=104, trunk_rotation=30, yaw=8, trunk_flexion=2
            ),
        ),
        0.28,
        base=_GUARD,
    ),
)
