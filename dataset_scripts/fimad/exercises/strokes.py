"""What arms throw and strike: throws and catches, strokes of ball games, and tools.

Written for the left hand; clips are mirrored at random.
"""

from dataset_scripts.fimad.exercises.everyday import STAND
from dataset_scripts.fimad.exercises.format import Variant, pose
from dataset_scripts.fimad.exercises.patterns import gesture, swing

_STEP_STANCE = pose(
    STAND, right_hip_flexion=18, right_knee_flexion=16, left_hip_flexion=-8, left_knee_flexion=18
)  # with the foot opposite the throwing hand in front
_SIDEWAYS = pose(
    STAND, hip_abduction=16, knee_flexion=20, hip_flexion=14, pitch=10, shoulder_rotation=-10
)  # to where the ball is to go
_BOW = pose(_STEP_STANCE, pitch=30, trunk_flexion=18, hip_flexion=46, right_knee_flexion=40, left_hip_flexion=30)

_AT_POT = pose(STAND, left_shoulder_abduction=8, left_shoulder_rotation=-16)

STROKES = (
    gesture(
        "throw",
        ("Throwing", "Overarm throw", "Throw a ball", "Arm throw"),
        "draws one arm back over the shoulder and throws",
        (
            pose(
                left_shoulder_abduction=92,
                left_shoulder_rotation=88,
                left_elbow_flexion=96,
                trunk_rotation=30,
                yaw=16,
            ),
            pose(left_shoulder_flexion=96, left_elbow_flexion=24, trunk_rotation=-26, yaw=-14, trunk_flexion=16),
        ),
        0.3,
        base=_STEP_STANCE,
        variants=(Variant("from the arm alone", pose(trunk_rotation=0, yaw=0, trunk_flexion=4)),),
    ),
    gesture(
        "throw underarm",
        ("Underarm throw", "Bowling", "Bowling a ball", "Underhand toss", "Softball pitch"),
        "swings one straight arm back and forward and lets go low",
        (
            pose(_BOW, left_shoulder_flexion=-46, left_shoulder_abduction=12, left_elbow_flexion=10),
            pose(_BOW, left_shoulder_flexion=40, left_elbow_flexion=8),
            pose(_BOW, left_shoulder_flexion=104, left_elbow_flexion=30),
        ),
        0.36,
        base=_STEP_STANCE,
        variants=(Variant("upright", pose(pitch=4, trunk_flexion=6, hip_flexion=8)),),
    ),
    gesture(
        "throw a frisbee",
        ("Frisbee throw", "Throwing a disc", "Backhand disc throw"),
        "curls one arm across the body and flings it out",
        (
            pose(left_shoulder_flexion=62, left_shoulder_abduction=-32, left_elbow_flexion=96, trunk_rotation=-34),
            pose(left_shoulder_flexion=66, left_shoulder_abduction=44, left_elbow_flexion=12, trunk_rotation=14),
        ),
        0.28,
    ),
    gesture(
        "pick up and throw",
        ("Pick up and throw", "Picking up a ball and throwing it"),
        "bends down, picks something up with one hand and throws it overarm",
        (
            pose(pitch=46, trunk_flexion=30, hip_flexion=104, knee_flexion=84, shoulder_flexion=58, elbow_flexion=12),
            pose(left_shoulder_abduction=90, left_shoulder_rotation=84, left_elbow_flexion=96, trunk_rotation=26),
            pose(left_shoulder_flexion=94, left_elbow_flexion=24, trunk_rotation=-22, trunk_flexion=14),
        ),
        0.6,
        tempo=(0.6, 1.2),
    ),
    gesture(
        "catch",
        ("Catching", "Catch a ball with one hand", "One-handed catch", "Catching an object"),
        "reaches forward with one hand, catches and draws the hand back",
        (
            pose(left_shoulder_flexion=88, left_shoulder_abduction=12, left_elbow_flexion=22),
            pose(left_shoulder_flexion=48, left_shoulder_abduction=10, left_elbow_flexion=92),
        ),
        0.34,
    ),
    gesture(
        "basketball shot",
        ("Basketball shoot", "Jump shot without the jump", "Free throw", "Shooting a basket"),
        "bends the knees, lifts a ball over the head and shoots it at a basket",
        (
            pose(shoulder_flexion=52, elbow_flexion=112, knee_flexion=38, hip_flexion=34, pitch=12),
            pose(shoulder_flexion=118, elbow_flexion=104, knee_flexion=10),
            pose(left_shoulder_flexion=142, left_elbow_flexion=14, right_shoulder_flexion=124, right_elbow_flexion=44),
        ),
        0.36,
    ),
    gesture(
        "baseball swing",
        ("Baseball bat swing", "Swinging a bat", "Batting", "Hitting a ball with a bat"),
        "holds a bat over one shoulder with both hands and swings it round before the body",
        (
            pose(
                left_shoulder_flexion=52,
                left_shoulder_abduction=40,
                left_elbow_flexion=118,
                right_shoulder_flexion=84,
                right_shoulder_abduction=-34,
                right_elbow_flexion=84,
                trunk_rotation=34,
                yaw=18,
            ),
            pose(
                shoulder_flexion=66,
                left_shoulder_abduction=-10,
                right_shoulder_abduction=-8,
                elbow_flexion=22,
                trunk_rotation=-8,
                yaw=-10,
            ),
            pose(
                left_shoulder_flexion=88,
                left_shoulder_abduction=-34,
                left_elbow_flexion=78,
                right_shoulder_flexion=62,
                right_shoulder_abduction=34,
                right_elbow_flexion=108,
                trunk_rotation=-40,
                yaw=-22,
            ),
        ),
        0.3,
        base=_SIDEWAYS,
    ),
    gesture(
        "golf swing",
        ("Golf", "Golf drive", "Swinging a golf club"),
        "swings both straight arms back over one shoulder, down and through to the other side",
        (
            pose(
                shoulder_flexion=92,
                left_shoulder_abduction=36,
                right_shoulder_abduction=-34,
                left_elbow_flexion=70,
                right_elbow_flexion=16,
                trunk_rotation=44,
                yaw=20,
            ),
            pose(shoulder_flexion=22, elbow_flexion=10, shoulder_abduction=-8, trunk_flexion=14),
            pose(
                shoulder_flexion=98,
                left_shoulder_abduction=-34,
                right_shoulder_abduction=36,
                left_elbow_flexion=24,
                right_elbow_flexion=74,
                trunk_rotation=-44,
                yaw=-24,
            ),
        ),
        0.42,
        base=pose(_SIDEWAYS, trunk_flexion=14, shoulder_flexion=22, shoulder_abduction=-8, elbow_flexion=10),
    ),
    gesture(
        "tennis forehand",
        ("Forehand", "Tennis forehand swing", "Forehand stroke", "Table tennis forehand"),
        "swings a racket from the side forward and across the body",
        (
            pose(
                left_shoulder_flexion=20,
                left_shoulder_abduction=62,
                left_shoulder_rotation=20,
                left_elbow_flexion=44,
                trunk_rotation=30,
                yaw=16,
            ),
            pose(left_shoulder_flexion=62, left_shoulder_abduction=20, left_elbow_flexion=30),
            pose(
                left_shoulder_flexion=100,
                left_shoulder_abduction=-30,
                left_elbow_flexion=88,
                trunk_rotation=-28,
                yaw=-14,
            ),
        ),
        0.28,
        base=_SIDEWAYS,
    ),
    gesture(
        "tennis backhand",
        ("Backhand", "Tennis backhand swing", "Backhand stroke"),
        "swings a racket from across the body forward and out to the side",
        (
            pose(
                left_shoulder_flexion=48,
                left_shoulder_abduction=-34,
                left_elbow_flexion=72,
                trunk_rotation=-34,
                yaw=-18,
            ),
            pose(left_shoulder_flexion=60, left_shoulder_abduction=4, left_elbow_flexion=18),
            pose(left_shoulder_flexion=92, left_shoulder_abduction=52, left_elbow_flexion=20, trunk_rotation=16),
        ),
        0.3,
        base=_SIDEWAYS,
    ),
    gesture(
        "tennis serve",
        ("Serve", "Tennis service", "Overhead smash", "Volleyball serve", "Badminton smash"),
        "tosses a ball up with one hand and strikes it overhead with the other",
        (
            pose(
                left_shoulder_abduction=84,
                left_shoulder_rotation=70,
                left_elbow_flexion=104,
                right_shoulder_flexion=142,
                right_elbow_flexion=14,
                trunk_rotation=24,
                trunk_flexion=-8,
            ),
            pose(left_shoulder_flexion=150, left_shoulder_abduction=14, left_elbow_flexion=16, trunk_rotation=-6),
            pose(
                left_shoulder_flexion=34,
                left_shoulder_abduction=-20,
                left_elbow_flexion=26,
                trunk_rotation=-28,
                trunk_flexion=20,
            ),
        ),
        0.36,
        base=_STEP_STANCE,
    ),
    swing(
        "hammering",
        ("Hammer a nail", "Hammering nails", "Using a hammer"),
        "strikes with a hammer again and again",
        (
            pose(left_shoulder_flexion=52, left_shoulder_abduction=12, left_elbow_flexion=122),
            pose(left_shoulder_flexion=42, left_shoulder_abduction=8, left_elbow_flexion=60),
        ),
        0.28,
        sides="one",
        bounce=0.6,
        rest=0.5,
    ),
    swing(
        "stirring",
        ("Stirring a pot", "Stir", "Mixing dough", "Whisking"),
        "stirs in a pot with one hand",
        (
            pose(left_shoulder_flexion=30, left_elbow_flexion=86),
            pose(left_shoulder_flexion=40, left_elbow_flexion=76, left_shoulder_rotation=-27),
            pose(left_shoulder_flexion=48, left_elbow_flexion=64),
            pose(left_shoulder_flexion=38, left_elbow_flexion=76, left_shoulder_rotation=-5),
        ),
        0.2,
        base=_AT_POT,
        sides="one",
        bounce=0.9,
        posture="standing at a stove",
        tempo=(0.6, 1.8),
    ),
)
