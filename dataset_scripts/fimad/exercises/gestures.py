"""What hands say, draw, throw and strike: gestures, shapes drawn in the air, and strokes of ball games.

Written for the left hand; clips are mirrored at random.
"""

from dataset_scripts.fimad.exercises.everyday import CROSSED, STAND
from dataset_scripts.fimad.exercises.format import Exercise, Keyframe, Pose, Variant, pose
from dataset_scripts.fimad.exercises.patterns import swing

_STEP_STANCE = pose(
    STAND, right_hip_flexion=18, right_knee_flexion=16, left_hip_flexion=-8, left_knee_flexion=18
)  # with the foot opposite the throwing hand in front
_SIDEWAYS = pose(
    STAND, hip_abduction=16, knee_flexion=20, hip_flexion=14, pitch=10, shoulder_rotation=-10
)  # to where the ball is to go
_BOW = pose(_STEP_STANCE, pitch=30, trunk_flexion=18, hip_flexion=46, right_knee_flexion=40, left_hip_flexion=30)

_AT_FOREHEAD = pose(
    left_shoulder_flexion=58, left_shoulder_abduction=72, left_shoulder_rotation=34, left_elbow_flexion=128
)
_AT_POT = pose(STAND, left_shoulder_abduction=8, left_shoulder_rotation=-16)

_ARMS = (
    Variant("with a straight arm", pose(left_elbow_flexion=12)),
    Variant("with a bent arm", pose(left_elbow_flexion=78, left_shoulder_rotation=-8)),
)
_DRAWING = (
    *_ARMS,
    Variant("seated", pose(hip_flexion=88, knee_flexion=86), posture="seated on a chair"),
)


def _gesture(
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


def _drawn(
    name: str, titles: tuple[str, ...], moves: str, points: tuple[tuple[float, float], ...], **options
) -> Exercise:
    """A shape in the air: points `(outwards, upwards)` before the shoulder, in units of a third of a metre or so."""
    stroke = tuple(
        pose(
            left_shoulder_flexion=76 + 26 * up,
            left_shoulder_abduction=4 + 26 * out,
            left_elbow_flexion=36 - 6 * abs(out),
            left_shoulder_rotation=-18 + 10 * out,
        )
        for out, up in points
    )
    return _gesture(name, titles, moves, stroke, options.pop("seconds", 0.3), variants=_DRAWING, **options)


def _ring(inwards: bool) -> tuple[tuple[float, float], ...]:
    """A circle that begins at the top, in eight steps."""
    half = 0.7071
    outwards = ((0, 1), (half, half), (1, 0), (half, -half), (0, -1), (-half, -half), (-1, 0), (-half, half), (0, 1))
    return tuple((-out, up) for out, up in outwards) if inwards else outwards


_SIGNS = (
    swing(
        "wave",
        ("Waving", "Hand wave", "Wave hello", "Waving goodbye"),
        "raises one hand and waves it from side to side",
        (
            pose(
                left_shoulder_abduction=78, left_shoulder_flexion=28, left_shoulder_rotation=96, left_elbow_flexion=88
            ),
            pose(
                left_shoulder_abduction=78, left_shoulder_flexion=28, left_shoulder_rotation=58, left_elbow_flexion=84
            ),
        ),
        0.32,
        sides="one",
        bounce=0.9,
    ),
    swing(
        "clap",
        ("Clapping", "Hand clap", "Front clap", "Clapping hands", "Applause"),
        "claps both hands before the chest",
        (
            pose(shoulder_flexion=48, shoulder_abduction=26, elbow_flexion=72, shoulder_rotation=-2),
            pose(shoulder_flexion=48, shoulder_abduction=4, elbow_flexion=76, shoulder_rotation=-26),
        ),
        0.24,
        bounce=0.5,
    ),
    _gesture(
        "swipe inwards",
        ("Arm swipe across the body", "Swipe across", "Hand swipe inwards"),
        "swipes one arm from the side across before the body",
        (
            pose(left_shoulder_flexion=72, left_shoulder_abduction=52, left_elbow_flexion=30),
            pose(left_shoulder_flexion=74, left_shoulder_abduction=-26, left_elbow_flexion=44, trunk_rotation=-10),
        ),
        0.45,
        variants=_ARMS,
    ),
    _gesture(
        "swipe outwards",
        ("Arm swipe to the side", "Swipe away", "Hand swipe outwards"),
        "swipes one arm from before the body out to the side",
        (
            pose(left_shoulder_flexion=72, left_shoulder_abduction=-26, left_elbow_flexion=48, trunk_rotation=-8),
            pose(left_shoulder_flexion=72, left_shoulder_abduction=52, left_elbow_flexion=26),
        ),
        0.45,
        variants=_ARMS,
    ),
    _gesture(
        "swipe up",
        ("Arm swipe upwards", "Hand swipe up", "Scroll up"),
        "swipes one hand upwards before the body",
        (
            pose(left_shoulder_flexion=34, left_elbow_flexion=40),
            pose(left_shoulder_flexion=118, left_elbow_flexion=30),
        ),
        0.45,
        variants=_ARMS,
    ),
    _gesture(
        "swipe down",
        ("Arm swipe downwards", "Hand swipe down", "Scroll down"),
        "raises one hand and swipes it down before the body",
        (
            pose(left_shoulder_flexion=118, left_elbow_flexion=34),
            pose(left_shoulder_flexion=30, left_elbow_flexion=34),
        ),
        0.45,
        variants=_ARMS,
    ),
    _gesture(
        "knock",
        ("Knocking", "Knock on a door", "Knocking at the door"),
        "raises one fist and knocks on a door",
        (
            pose(left_shoulder_flexion=58, left_elbow_flexion=112),
            pose(left_shoulder_flexion=66, left_elbow_flexion=84),
            pose(left_shoulder_flexion=58, left_elbow_flexion=110),
            pose(left_shoulder_flexion=66, left_elbow_flexion=84),
            pose(left_shoulder_flexion=58, left_elbow_flexion=110),
            pose(left_shoulder_flexion=66, left_elbow_flexion=84),
        ),
        0.16,
        tempo=(0.8, 1.8),
    ),
    _gesture(
        "beckon",
        ("Come here", "Beckoning", "Waving somebody closer"),
        "beckons with one hand",
        (
            pose(left_shoulder_flexion=62, left_shoulder_abduction=12, left_elbow_flexion=42),
            pose(left_shoulder_flexion=52, left_shoulder_abduction=12, left_elbow_flexion=118),
            pose(left_shoulder_flexion=62, left_shoulder_abduction=12, left_elbow_flexion=46),
            pose(left_shoulder_flexion=52, left_shoulder_abduction=12, left_elbow_flexion=118),
        ),
        0.34,
    ),
    _gesture(
        "point",
        ("Pointing", "Point forward", "Pointing at something"),
        "points forward with one arm",
        (
            pose(left_shoulder_flexion=84, left_elbow_flexion=10, left_shoulder_abduction=4),
            pose(left_shoulder_flexion=85, left_elbow_flexion=9, left_shoulder_abduction=5),
        ),
        0.5,
    ),
    _gesture(
        "raise a hand",
        ("Raising a hand", "Hand up", "Arm raise to ask a question"),
        "raises one hand overhead and lowers it again",
        (
            pose(left_shoulder_flexion=150, left_shoulder_abduction=14, left_elbow_flexion=22),
            pose(left_shoulder_flexion=151, left_shoulder_abduction=14, left_elbow_flexion=24),
        ),
        0.6,
    ),
    _gesture(
        "salute",
        ("Saluting", "Military salute"),
        "raises one hand to the forehead and lowers it again",
        (_AT_FOREHEAD, _AT_FOREHEAD),
        0.4,
    ),
    _gesture(
        "cross the arms",
        ("Crossing the arms", "Cross arms before the chest", "Arms crossed and opened"),
        "crosses both arms before the chest and lowers them again",
        (CROSSED, CROSSED),
        0.5,
        sides="both",
    ),
    _gesture(
        "push with both hands",
        ("Two hand push", "Pushing", "Push away", "Pushing a door open"),
        "pushes forward with both hands",
        (
            pose(shoulder_flexion=24, shoulder_abduction=16, elbow_flexion=124),
            pose(shoulder_flexion=84, elbow_flexion=12, shoulder_abduction=4),
            pose(shoulder_flexion=84, elbow_flexion=13, shoulder_abduction=4),
        ),
        0.4,
        sides="both",
    ),
    _gesture(
        "pull with both hands",
        ("Two hand pull", "Pulling", "Pulling a rope", "Tug"),
        "reaches forward with both hands and pulls them to the body",
        (
            pose(shoulder_flexion=80, elbow_flexion=12, shoulder_abduction=4),
            pose(shoulder_flexion=2, shoulder_abduction=18, elbow_flexion=112, pitch=-4, hip_flexion=0),
        ),
        0.5,
        sides="both",
    ),
)

_SHAPES = (
    _drawn(
        "draw an x",
        ("Drawing an X", "Draw a cross", "Drawing an X in the air", "Hand draws X"),
        "draws an X in the air with one hand",
        ((0.9, 1), (-0.9, -1), (-0.9, 1), (0.9, -1)),
        seconds=0.38,
    ),
    _drawn(
        "draw a circle inwards",
        ("Drawing a circle inwards", "Hand circle inwards", "Inward circle in the air"),
        "draws a circle in the air with one hand, inwards at the top",
        _ring(inwards=True),
        seconds=0.17,
        bounce=1.0,
    ),
    _drawn(
        "draw a circle outwards",
        ("Drawing a circle outwards", "Hand circle outwards", "Outward circle in the air"),
        "draws a circle in the air with one hand, outwards at the top",
        _ring(inwards=False),
        seconds=0.17,
        bounce=1.0,
    ),
    _drawn(
        "draw a triangle",
        ("Drawing a triangle", "Triangle in the air", "Hand draws a triangle"),
        "draws a triangle in the air with one hand",
        ((0, 1), (1, -0.9), (-1, -0.9), (0, 1)),
        seconds=0.42,
    ),
    _drawn(
        "draw a square",
        ("Drawing a square", "Square in the air", "Draw a rectangle", "Drawing a box"),
        "draws a square in the air with one hand",
        ((0.9, 0.9), (-0.9, 0.9), (-0.9, -0.9), (0.9, -0.9), (0.9, 0.9)),
        seconds=0.38,
    ),
    _drawn(
        "draw a check mark",
        ("Drawing a tick", "Check mark in the air", "Draw a tick"),
        "draws a check mark in the air with one hand",
        ((0.6, 0.1), (0.1, -0.8), (-0.9, 1)),
        seconds=0.32,
    ),
    _drawn(
        "draw a zigzag",
        ("Drawing a zigzag", "Zigzag in the air", "Draw a Z"),
        "draws a zigzag in the air with one hand",
        ((0.9, 0.9), (-0.9, 0.9), (0.9, -0.9), (-0.9, -0.9)),
        seconds=0.34,
    ),
    _drawn(
        "draw a figure eight",
        ("Drawing an eight", "Figure eight in the air", "Draw an 8", "Infinity sign"),
        "draws a figure of eight in the air with one hand",
        ((0, 0), (0.7, 0.7), (1, 0), (0.7, -0.7), (0, 0), (-0.7, 0.7), (-1, 0), (-0.7, -0.7), (0, 0)),
        seconds=0.19,
        bounce=1.0,
    ),
)

_STROKES = (
    _gesture(
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
    _gesture(
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
    _gesture(
        "throw a frisbee",
        ("Frisbee throw", "Throwing a disc", "Backhand disc throw"),
        "curls one arm across the body and flings it out",
        (
            pose(left_shoulder_flexion=62, left_shoulder_abduction=-32, left_elbow_flexion=96, trunk_rotation=-34),
            pose(left_shoulder_flexion=66, left_shoulder_abduction=44, left_elbow_flexion=12, trunk_rotation=14),
        ),
        0.28,
    ),
    _gesture(
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
    _gesture(
        "catch",
        ("Catching", "Catch a ball with one hand", "One-handed catch", "Catching an object"),
        "reaches forward with one hand, catches and draws the hand back",
        (
            pose(left_shoulder_flexion=88, left_shoulder_abduction=12, left_elbow_flexion=22),
            pose(left_shoulder_flexion=48, left_shoulder_abduction=10, left_elbow_flexion=92),
        ),
        0.34,
    ),
    _gesture(
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
    _gesture(
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
    _gesture(
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
    _gesture(
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
    _gesture(
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
    _gesture(
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

GESTURES = (*_SIGNS, *_SHAPES, *_STROKES)
