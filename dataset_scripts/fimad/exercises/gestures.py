"""What hands say and draw: gestures, and shapes in the air.

Written for the left hand; clips are mirrored at random.
"""

from dataset_scripts.fimad.exercises.everyday import CROSSED
from dataset_scripts.fimad.exercises.format import Exercise, Variant, pose
from dataset_scripts.fimad.exercises.patterns import gesture, swing

_AT_FOREHEAD = pose(
    left_shoulder_flexion=58, left_shoulder_abduction=72, left_shoulder_rotation=34, left_elbow_flexion=128
)
_ARMS = (
    Variant("with a straight arm", pose(left_elbow_flexion=12)),
    Variant("with a bent arm", pose(left_elbow_flexion=78, left_shoulder_rotation=-8)),
)

_DRAWING = (
    *_ARMS,
    Variant("seated", pose(hip_flexion=88, knee_flexion=86), posture="seated on a chair"),
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
    return gesture(name, titles, moves, stroke, options.pop("seconds", 0.3), variants=_DRAWING, **options)


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
    gesture(
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
    gesture(
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
    gesture(
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
    gesture(
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
    gesture(
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
    gesture(
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
    gesture(
        "point",
        ("Pointing", "Point forward", "Pointing at something"),
        "points forward with one arm",
        (
            pose(left_shoulder_flexion=84, left_elbow_flexion=10, left_shoulder_abduction=4),
            pose(left_shoulder_flexion=85, left_elbow_flexion=9, left_shoulder_abduction=5),
        ),
        0.5,
    ),
    gesture(
        "raise a hand",
        ("Raising a hand", "Hand up", "Arm raise to ask a question"),
        "raises one hand overhead and lowers it again",
        (
            pose(left_shoulder_flexion=150, left_shoulder_abduction=14, left_elbow_flexion=22),
            pose(left_shoulder_flexion=151, left_shoulder_abduction=14, left_elbow_flexion=24),
        ),
        0.6,
    ),
    gesture(
        "salute",
        ("Saluting", "Military salute"),
        "raises one hand to the forehead and lowers it again",
        (_AT_FOREHEAD, _AT_FOREHEAD),
        0.4,
    ),
    gesture(
        "cross the arms",
        ("Crossing the arms", "Cross arms before the chest", "Arms crossed and opened"),
        "crosses both arms before the chest and lowers them again",
        (CROSSED, CROSSED),
        0.5,
        sides="both",
    ),
    gesture(
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
    gesture(
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

GESTURES = (*_SIGNS, *_SHAPES)
