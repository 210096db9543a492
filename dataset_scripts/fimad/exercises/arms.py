"""Standing and seated exercises of arms and trunk, with and without weights, and gestures."""

from dataset_scripts.fimad.exercises.everyday import BEHIND_HEAD, ON_HIPS, SIT, STAND
from dataset_scripts.fimad.exercises.format import FEET, Exercise, Fault, Keyframe, Pose, Variant, pose

_HINGED = pose(STAND, pitch=48, trunk_flexion=8, hip_flexion=64, knee_flexion=28, neck_flexion=-15)
_SPLIT_STANCE = pose(STAND, left_hip_flexion=18, left_knee_flexion=16, right_hip_flexion=-8, right_knee_flexion=18)
_SEATED = Variant("", pose(hip_flexion=88, knee_flexion=86), posture="seated on a bench")
_SWING = Fault("swinging with the trunk", pose(pitch=-6, trunk_flexion=-8, hip_flexion=-6))
_PARTIAL = Fault("with a partial range of movement", amplitude=0.6)
_FAULTS = (_SWING, _PARTIAL, Fault("with the shoulders pulled up", pose(shoulder_elevation=14)))


def _lift(
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


def _swing(
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


_GUARD = pose(
    _SPLIT_STANCE, shoulder_flexion=42, shoulder_abduction=14, shoulder_rotation=-8, elbow_flexion=122, yaw=-12
)

ARM_EXERCISES = (
    _lift(
        "bicep curl",
        ("Bicep curls", "Dumbbell curls", "Biceps curl", "Hammer curls"),
        "bends both elbows to lift the weights to the shoulders",
        pose(elbow_flexion=12, shoulder_abduction=8, shoulder_rotation=0),
        pose(elbow_flexion=138, shoulder_flexion=14, shoulder_abduction=8, shoulder_rotation=0),
        variants=(_SEATED,),
        tempo=(0.6, 1.6),
    ),
    _lift(
        "alternating bicep curl",
        ("Alternating curls", "Alternate dumbbell curls", "Single arm curls"),
        "curls one weight after the other",
        pose(elbow_flexion=12, shoulder_rotation=0),
        pose(left_elbow_flexion=136, left_shoulder_flexion=14, right_elbow_flexion=12, shoulder_rotation=0),
        sides="alternate",
    ),
    _lift(
        "concentration curl",
        ("Concentration curls", "Seated single arm curl"),
        "curls one weight with the elbow against the thigh",
        pose(
            SIT,
            pitch=30,
            trunk_flexion=18,
            hip_flexion=116,
            hip_abduction=22,
            left_shoulder_flexion=52,
            left_elbow_flexion=15,
        ),
        pose(
            SIT,
            pitch=30,
            trunk_flexion=18,
            hip_flexion=116,
            hip_abduction=22,
            left_shoulder_flexion=52,
            left_elbow_flexion=128,
        ),
        posture="seated on a bench",
        contacts=(*FEET, "seat"),
        sides="one",
    ),
    _lift(
        "shoulder press",
        ("Overhead press", "Dumbbell shoulder press", "Military press", "Shoulder presses"),
        "pushes the weights from the shoulders overhead",
        pose(shoulder_abduction=72, shoulder_flexion=18, shoulder_rotation=82, elbow_flexion=112),
        pose(
            shoulder_abduction=164, shoulder_flexion=12, shoulder_rotation=82, elbow_flexion=12, shoulder_elevation=16
        ),
        variants=(_SEATED,),
        tempo=(0.6, 1.5),
    ),
    _lift(
        "lateral raise",
        ("Lateral raises", "Side raises", "Lateral shoulder raises", "Arm raises to the side"),
        "lifts both straight arms sideways to shoulder height",
        pose(shoulder_abduction=10, elbow_flexion=14),
        pose(shoulder_abduction=92, elbow_flexion=16, shoulder_elevation=5),
    ),
    _lift(
        "front raise",
        ("Front raises", "Front arm raises", "Forward raise"),
        "lifts both straight arms forward to shoulder height",
        pose(shoulder_flexion=4, elbow_flexion=10),
        pose(shoulder_flexion=94, elbow_flexion=10),
    ),
    _lift(
        "shoulder scaption",
        ("Scaption", "Y raise", "Shoulder scaption raise"),
        "lifts the arms overhead in a plane between front and side",
        pose(shoulder_abduction=8, elbow_flexion=8),
        pose(shoulder_flexion=130, shoulder_abduction=28, elbow_flexion=8, shoulder_elevation=12),
        1.3,
    ),
    _lift(
        "shoulder abduction",
        ("Arm abduction", "Full side arm raise", "Snow angels standing"),
        "lifts one straight arm sideways overhead",
        pose(shoulder_abduction=10, elbow_flexion=8),
        pose(left_shoulder_abduction=162, left_elbow_flexion=8, left_shoulder_elevation=14, left_shoulder_rotation=40),
        1.4,
        sides="one",
    ),
    _lift(
        "shoulder extension",
        ("Arm extension backward", "Shoulder extensions", "Straight arm pull back"),
        "moves straight arms backward and returns",
        pose(shoulder_flexion=8, elbow_flexion=8),
        pose(shoulder_flexion=-44, elbow_flexion=8),
    ),
    _lift(
        "shoulder rotation",
        ("External shoulder rotation", "Internal-external rotation", "Rotator cuff"),
        "turns the forearm outward and inward with the elbow at the side",
        pose(left_elbow_flexion=90, left_shoulder_rotation=-48, left_shoulder_abduction=8),
        pose(left_elbow_flexion=90, left_shoulder_rotation=52, left_shoulder_abduction=8),
        sides="one",
    ),
    _lift(
        "shrug",
        ("Shrugs", "Shoulder shrugs", "Dumbbell shrugs"),
        "pulls the shoulders up and lowers them",
        pose(elbow_flexion=8),
        pose(elbow_flexion=8, shoulder_elevation=24),
        0.7,
        faults=(_PARTIAL,),
    ),
    _lift(
        "upright row",
        ("Upright rows", "Barbell upright row"),
        "pulls the weight up along the body with raised elbows",
        pose(shoulder_rotation=-35, elbow_flexion=14),
        pose(shoulder_abduction=82, shoulder_flexion=12, shoulder_rotation=-68, elbow_flexion=112),
    ),
    _lift(
        "bent over row",
        ("Rows", "Dumbbell rows", "Bent-over rows", "Barbell row"),
        "pulls the weights to the belly and lowers them",
        pose(_HINGED, shoulder_flexion=58, elbow_flexion=10),
        pose(_HINGED, shoulder_flexion=-24, elbow_flexion=92, shoulder_abduction=16),
        posture="bent forward at the hips",
        faults=(_PARTIAL, Fault("pulling with the back", pose(pitch=-14, hip_flexion=-14))),
    ),
    _lift(
        "one arm row",
        ("Single arm dumbbell row", "One-arm rows"),
        "pulls one weight to the side of the trunk and lowers it",
        pose(_HINGED, shoulder_flexion=56, elbow_flexion=10),
        pose(_HINGED, left_shoulder_flexion=-28, left_elbow_flexion=94, right_shoulder_flexion=56, trunk_rotation=8),
        posture="bent forward at the hips",
        sides="one",
    ),
    _lift(
        "reverse fly",
        ("Reverse flyes", "Rear delt fly", "Bent-over lateral raise"),
        "spreads both arms backward from below the chest",
        pose(_HINGED, shoulder_flexion=60, elbow_flexion=18),
        pose(_HINGED, shoulder_flexion=60, shoulder_abduction=78, elbow_flexion=20),
        posture="bent forward at the hips",
        faults=(_PARTIAL,),
    ),
    _lift(
        "overhead tricep extension",
        ("Tricep extensions", "Overhead triceps extension", "French press"),
        "straightens the elbows to lift the weight from behind the head",
        pose(shoulder_flexion=160, elbow_flexion=128, shoulder_rotation=10),
        pose(shoulder_flexion=166, elbow_flexion=14, shoulder_rotation=10),
        faults=(_PARTIAL,),
        variants=(_SEATED,),
    ),
    _lift(
        "tricep kickback",
        ("Tricep kickbacks", "Triceps kickback", "Dumbbell kickbacks"),
        "straightens the elbows backward with the upper arms still",
        pose(_HINGED, shoulder_flexion=-12, elbow_flexion=96),
        pose(_HINGED, shoulder_flexion=-18, elbow_flexion=10),
        posture="bent forward at the hips",
        faults=(_PARTIAL,),
    ),
    _lift(
        "tricep pushdown",
        ("Triceps pushdown", "Cable pushdowns", "Rope pushdown"),
        "pushes the cable down by straightening the elbows",
        pose(shoulder_flexion=8, elbow_flexion=112),
        pose(shoulder_flexion=2, elbow_flexion=10),
        faults=(_PARTIAL, _SWING),
    ),
    _lift(
        "lat pulldown",
        ("Lat pulldowns", "Pulldown", "Wide grip pulldown"),
        "pulls the bar from overhead to the chest",
        pose(
            SIT,
            shoulder_abduction=152,
            shoulder_flexion=14,
            shoulder_rotation=70,
            elbow_flexion=14,
            shoulder_elevation=14,
        ),
        pose(
            SIT,
            shoulder_abduction=48,
            shoulder_flexion=4,
            shoulder_rotation=70,
            elbow_flexion=122,
            pitch=-10,
            hip_flexion=78,
        ),
        posture="seated on a bench",
        contacts=(*FEET, "seat"),
        faults=(_PARTIAL,),
    ),
    _lift(
        "seated row",
        ("Seated cable rows", "Cable row", "Seated rows"),
        "pulls the handle to the belly",
        pose(SIT, hip_flexion=96, knee_flexion=40, pitch=10, shoulder_flexion=74, elbow_flexion=12),
        pose(SIT, hip_flexion=82, knee_flexion=40, pitch=-4, shoulder_flexion=-22, elbow_flexion=94),
        posture="seated on a bench",
        contacts=(*FEET, "seat"),
        faults=(_PARTIAL,),
    ),
    _lift(
        "standing chest fly",
        ("Cable fly", "Pec fly", "Chest flyes", "Cable crossover"),
        "brings wide open arms together before the chest",
        pose(_SPLIT_STANCE, shoulder_flexion=82, shoulder_abduction=82, elbow_flexion=26),
        pose(_SPLIT_STANCE, shoulder_flexion=82, shoulder_abduction=2, elbow_flexion=22),
        faults=(_PARTIAL,),
    ),
    _lift(
        "kettlebell swing",
        ("Kettlebell swings", "Russian swing", "KB swings"),
        "swings a weight from between the legs to shoulder height by straightening the hips",
        pose(_HINGED, shoulder_flexion=14, elbow_flexion=8, hip_flexion=78, knee_flexion=42, hip_abduction=12),
        pose(shoulder_flexion=88, elbow_flexion=10, hip_abduction=12),
        0.65,
        faults=(_PARTIAL,),
        bounce=0.9,
        rest=0.0,
    ),
    _swing(
        "arm circles",
        ("Arm circle", "Big arm circles", "Shoulder circles"),
        "swings straight arms in large circles",
        (
            pose(shoulder_flexion=0, shoulder_abduction=14, elbow_flexion=8),
            pose(shoulder_flexion=88, shoulder_abduction=12, elbow_flexion=8),
            pose(shoulder_flexion=164, shoulder_abduction=16, elbow_flexion=8),
            pose(shoulder_flexion=88, shoulder_abduction=86, elbow_flexion=8),
            pose(shoulder_flexion=12, shoulder_abduction=62, elbow_flexion=8),
        ),
        0.32,
        tempo=(0.7, 1.6),
    ),
    _swing(
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
    _swing(
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
    _swing(
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
    _swing(
        "wave",
        ("Waving", "Hand wave", "Right hand wave", "Wave hello"),
        "raises one hand and waves it from side to side",
        (
            pose(
                left_shoulder_abduction=78, left_shoulder_flexion=28, left_shoulder_rotation=96, left_elbow_flexion=88
            ),
            pose(
                left_shoulder_abduction=78, left_shoulder_flexion=28, left_shoulder_rotation=58, left_elbow_flexion=84
            ),
        ),
        0.26,
        sides="one",
        bounce=0.9,
    ),
    _swing(
        "clap",
        ("Clapping", "Hand clap", "Front clap", "Clapping hands"),
        "claps both hands before the chest",
        (
            pose(shoulder_flexion=48, shoulder_abduction=26, elbow_flexion=72, shoulder_rotation=-2),
            pose(shoulder_flexion=48, shoulder_abduction=4, elbow_flexion=76, shoulder_rotation=-26),
        ),
        0.24,
        bounce=0.5,
    ),
    _swing(
        "swipe",
        ("Arm swipe", "Swipe left", "Swipe right", "Hand swipe"),
        "swipes one arm across before the body",
        (
            pose(left_shoulder_flexion=70, left_shoulder_abduction=55, left_elbow_flexion=35),
            pose(left_shoulder_flexion=72, left_shoulder_abduction=-22, left_elbow_flexion=40, trunk_rotation=-10),
        ),
        0.5,
        sides="one",
        rest=1.0,
    ),
    _swing(
        "throw",
        ("Throwing", "Overarm throw", "Throw a ball"),
        "draws one arm back over the shoulder and throws",
        (
            _SPLIT_STANCE,
            pose(
                _SPLIT_STANCE,
                right_shoulder_abduction=92,
                right_shoulder_rotation=88,
                right_elbow_flexion=96,
                trunk_rotation=-30,
                yaw=-16,
            ),
            pose(
                _SPLIT_STANCE,
                right_shoulder_flexion=96,
                right_elbow_flexion=24,
                trunk_rotation=26,
                yaw=14,
                trunk_flexion=16,
            ),
        ),
        0.38,
        sides="one",
        rest=1.0,
    ),
    _swing(
        "trunk twist",
        ("Trunk twists", "Standing twists", "Torso rotation", "Twist"),
        "turns the trunk from side to side",
        (
            pose(trunk_rotation=44, yaw=16, shoulder_flexion=62, elbow_flexion=96, shoulder_rotation=-30),
            pose(trunk_rotation=-44, yaw=-16, shoulder_flexion=62, elbow_flexion=96, shoulder_rotation=-30),
        ),
        0.8,
        bounce=0.7,
        variants=(
            Variant("with the hands on the hips", ON_HIPS),
            Variant("with the hands behind the head", BEHIND_HEAD),
        ),
    ),
    _swing(
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
    _swing(
        "side reach",
        ("Side reaches", "Overhead side reach", "Side reach stretch"),
        "reaches overhead with one arm and bends to the other side",
        (
            pose(trunk_bend=30, roll=4, left_shoulder_abduction=156, left_elbow_flexion=20),
            pose(trunk_bend=-30, roll=-4, right_shoulder_abduction=156, right_elbow_flexion=20),
        ),
        1.0,
    ),
    _lift(
        "toe touch",
        ("Toe touches", "Standing toe touches", "Forward bend", "Waist bends forward"),
        "bends forward with straight legs until the hands reach the feet and rises again",
        pose(shoulder_flexion=10),
        pose(pitch=66, trunk_flexion=52, hip_flexion=74, knee_flexion=14, shoulder_flexion=98, elbow_flexion=10),
        1.3,
        faults=(_PARTIAL, Fault("with bent knees", pose(knee_flexion=22, hip_flexion=10))),
    ),
    _lift(
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
    _lift(
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
    ),
)
