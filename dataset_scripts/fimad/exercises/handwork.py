"""What hands do all day: eating, writing, brushing teeth, housework, playing with a ball."""

from dataset_scripts.fimad.exercises.everyday import SIT, STAND
from dataset_scripts.fimad.exercises.format import FEET, Exercise, Keyframe, Pose, Variant, pose
from dataset_scripts.fimad.exercises.patterns import SPLIT_STANCE, swing

_SEATED = (*FEET, "seat")
_AT_TABLE = pose(SIT, pitch=6, hip_flexion=94, shoulder_flexion=34, elbow_flexion=72)
_KEYBOARD = pose(SIT, shoulder_flexion=26, elbow_flexion=84, shoulder_rotation=-12)
_PEN = pose(_AT_TABLE, trunk_flexion=14, neck_flexion=25, left_shoulder_flexion=38, left_elbow_flexion=80)
_STANDING_TOO = Variant("", pose(pitch=0, hip_flexion=4, knee_flexion=7), posture="standing at a counter")
_PHONE = pose(STAND, left_shoulder_flexion=36, left_shoulder_abduction=24, left_elbow_flexion=138)
_AT_SINK = pose(STAND, pitch=12, hip_flexion=16, trunk_flexion=10, shoulder_flexion=32, elbow_flexion=82)
_READY = pose(STAND, pitch=14, hip_flexion=34, knee_flexion=32, trunk_flexion=6)
_BROOM = pose(
    STAND, trunk_flexion=16, pitch=8, hip_flexion=14, shoulder_flexion=46, elbow_flexion=50, shoulder_rotation=-25
)


def _to_mouth(name: str, titles: tuple[str, ...], moves: str, low: Pose, mouth: Pose, seconds: float) -> Exercise:
    """From the table to the mouth, a moment there, and back."""
    keyframes = (Keyframe(low, seconds, 0.8 * seconds), Keyframe(mouth, seconds, 0.4 * seconds))
    return Exercise(
        name, titles, "seated at a table", moves, keyframes, contacts=_SEATED, sides="one", rest=3.0, tempo=(0.7, 1.6)
    )


HANDWORK = (
    _to_mouth(
        "drinking",
        ("Drinking from a cup", "Take a sip", "Drinking"),
        "lifts a cup to the mouth, drinks and puts it down",
        pose(SIT, left_shoulder_flexion=38, left_elbow_flexion=60),
        pose(SIT, left_shoulder_flexion=62, left_shoulder_abduction=18, left_elbow_flexion=134, neck_flexion=-12),
        1.0,
    ),
    _to_mouth(
        "eating soup",
        ("Eating with a spoon", "Having soup", "Spooning soup", "Eating cereal"),
        "lifts spoon after spoon from a bowl to the mouth",
        pose(_AT_TABLE, left_shoulder_flexion=30, left_shoulder_abduction=16, left_elbow_flexion=82),
        pose(_AT_TABLE, left_shoulder_flexion=48, left_shoulder_abduction=24, left_elbow_flexion=130, neck_flexion=10),
        0.9,
    ),
    _to_mouth(
        "eating with a fork",
        ("Eating pasta", "Eating a meal", "Having dinner", "Eating"),
        "picks up food with a fork and lifts it to the mouth",
        pose(_AT_TABLE, left_shoulder_flexion=36, left_shoulder_rotation=-28, left_elbow_flexion=74),
        pose(_AT_TABLE, left_shoulder_flexion=54, left_shoulder_abduction=12, left_elbow_flexion=134),
        0.8,
    ),
    _to_mouth(
        "snacking",
        ("Eating chips", "Eating a sandwich", "Having a snack", "Eating with the fingers"),
        "takes food with the fingers and eats it",
        pose(SIT, left_shoulder_flexion=40, left_elbow_flexion=48, left_shoulder_rotation=-5),
        pose(SIT, left_shoulder_flexion=46, left_shoulder_abduction=10, left_elbow_flexion=138, neck_flexion=6),
        0.75,
    ),
    swing(
        "typing",
        ("Typing on a keyboard", "Computer work", "Working at a desk", "Typing"),
        "types on a keyboard with small movements of both hands",
        (
            pose(_KEYBOARD, left_elbow_flexion=86, right_elbow_flexion=83),
            pose(_KEYBOARD, left_elbow_flexion=83, left_shoulder_rotation=-14, right_elbow_flexion=86),
            pose(_KEYBOARD, left_elbow_flexion=85, right_elbow_flexion=82.5, right_shoulder_rotation=-9),
            pose(_KEYBOARD, left_elbow_flexion=84, right_elbow_flexion=86.5, left_shoulder_rotation=-10),
        ),
        0.16,
        contacts=_SEATED,
        posture="seated at a desk",
        tempo=(0.7, 1.8),
        rest=1.5,
    ),
    swing(
        "writing",
        ("Handwriting", "Writing with a pen", "Taking notes"),
        "writes by hand, line after line",
        tuple(
            pose(_PEN, left_shoulder_rotation=-26 + 2.2 * word, left_elbow_flexion=80 + 3 * (word % 2) + 0.5 * word)
            for word in range(8)
        ),
        0.28,
        contacts=_SEATED,
        posture="seated at a desk",
        sides="one",
        tempo=(0.6, 1.4),
        rest=0.8,
    ),
    swing(
        "brushing teeth",
        ("Brush teeth", "Toothbrushing", "Brushing your teeth"),
        "brushes the teeth with small quick strokes of one hand",
        (
            pose(left_shoulder_flexion=48, left_shoulder_abduction=34, left_elbow_flexion=130),
            pose(left_shoulder_flexion=46, left_shoulder_abduction=40, left_elbow_flexion=122),
        ),
        0.15,
        sides="one",
        bounce=0.9,
        tempo=(0.7, 2.0),
        rest=0.3,
    ),
    swing(
        "washing hands",
        ("Wash your hands", "Hand washing", "Rubbing the hands"),
        "rubs both hands together under the tap",
        (
            pose(left_shoulder_flexion=38, right_shoulder_flexion=28, shoulder_rotation=-32, left_elbow_flexion=76),
            pose(left_shoulder_flexion=28, right_shoulder_flexion=38, shoulder_rotation=-32, right_elbow_flexion=76),
        ),
        0.2,
        base=_AT_SINK,
        bounce=0.8,
        posture="standing at a sink",
    ),
    swing(
        "folding clothes",
        ("Fold laundry", "Folding the laundry", "Folding a shirt"),
        "spreads a piece of clothing, folds it together and lays it down",
        (
            pose(shoulder_flexion=48, shoulder_abduction=28, elbow_flexion=62, shoulder_rotation=0),
            pose(shoulder_flexion=58, shoulder_abduction=2, elbow_flexion=80, shoulder_rotation=-24),
            pose(shoulder_flexion=40, shoulder_abduction=24, elbow_flexion=70, shoulder_rotation=-5),
            pose(shoulder_flexion=44, left_shoulder_rotation=-40, elbow_flexion=84, trunk_rotation=-8),
            pose(pitch=12, trunk_flexion=14, hip_flexion=16, shoulder_flexion=52, elbow_flexion=34, trunk_rotation=12),
        ),
        0.7,
        posture="standing at a table",
        rest=1.0,
        tempo=(0.7, 1.5),
    ),
    swing(
        "wiping a table",
        ("Wipe the table", "Cleaning a surface", "Polishing"),
        "wipes a table with one hand in wide strokes",
        (
            pose(_AT_SINK, left_shoulder_flexion=58, left_shoulder_abduction=34, left_elbow_flexion=34),
            pose(_AT_SINK, left_shoulder_flexion=48, left_shoulder_rotation=-48, left_elbow_flexion=66),
        ),
        0.42,
        bounce=0.8,
        sides="one",
        posture="standing at a table",
    ),
    swing(
        "sweeping the floor",
        ("Sweeping", "Sweep with a broom", "Mopping the floor", "Raking leaves"),
        "sweeps the floor with long strokes to one side",
        (
            pose(_BROOM, trunk_rotation=22, yaw=6, left_shoulder_flexion=30, left_elbow_flexion=74),
            pose(_BROOM, trunk_rotation=-20, yaw=-6, left_shoulder_flexion=62, left_elbow_flexion=28),
        ),
        0.6,
        sides="one",
        bounce=0.5,
        rest=0.4,
    ),
    Exercise(
        "talking on the phone",
        ("Phone call", "Making a phone call", "On the phone"),
        "standing",
        "holds a phone to one ear and hardly moves",
        (Keyframe(_PHONE, 1.0),),
        sides="one",
        variants=(Variant("", pose(hip_flexion=88, knee_flexion=86), posture="seated on a chair"),),
    ),
    Exercise(
        "reading",
        ("Reading a book", "Looking at the phone", "Reading a newspaper"),
        "seated on a chair",
        "holds a book before the chest and reads",
        (Keyframe(pose(SIT, shoulder_flexion=30, elbow_flexion=98, neck_flexion=24, trunk_flexion=8), 1.0),),
        contacts=_SEATED,
        variants=(Variant("leaning back", pose(pitch=-22, hip_flexion=68)), _STANDING_TOO),
    ),
    Exercise(
        "reaching to a shelf",
        ("Grab an object from a high shelf", "Take something from the shelf", "High reach"),
        "standing",
        "reaches up with one hand, takes something from a shelf and brings it down",
        (
            Keyframe(STAND, 0.5, 0.2),
            Keyframe(
                pose(STAND, left_shoulder_flexion=128, left_elbow_flexion=22, trunk_bend=6, trunk_flexion=-6), 0.6, 0.2
            ),
            Keyframe(pose(STAND, left_shoulder_flexion=34, left_elbow_flexion=92), 0.6, 0.2),
        ),
        tempo=(0.75, 1.6),
        sides="one",
        rest=1.0,
    ),
    Exercise(
        "kicking a ball",
        ("Kick", "Football kick", "Soccer kick", "Front kick"),
        "standing",
        "swings one leg back and kicks a ball",
        (
            Keyframe(STAND, 0.5, 0.5),
            Keyframe(
                pose(STAND, left_hip_flexion=-14, left_knee_flexion=62, left_shoulder_flexion=30, pitch=6),
                0.4,
                0,
                ("right_foot",),
            ),
            Keyframe(
                pose(
                    STAND, left_hip_flexion=58, left_knee_flexion=66, right_knee_flexion=14, right_shoulder_flexion=36
                ),
                0.26,
                0,
                ("right_foot",),
            ),
            Keyframe(
                pose(STAND, left_hip_flexion=72, left_knee_flexion=24, pitch=-8, right_shoulder_flexion=44),
                0.22,
                0,
                ("right_foot",),
            ),
        ),
        sides="one",
        bounce=0.7,
        tempo=(0.85, 1.4),
        rest=1.5,
    ),
    swing(
        "dribbling a ball",
        ("Dribbling", "Basketball dribble", "Bouncing a ball"),
        "bounces a ball with one hand",
        (
            pose(
                knee_flexion=42,
                hip_flexion=40,
                left_shoulder_flexion=26,
                left_shoulder_abduction=16,
                left_elbow_flexion=92,
            ),
            pose(left_shoulder_flexion=20, left_shoulder_abduction=16, left_elbow_flexion=42),
        ),
        0.36,
        base=_READY,
        sides="one",
        bounce=0.7,
        tempo=(0.75, 1.5),
    ),
    swing(
        "throwing and catching",
        ("Catch", "Playing catch", "Chest pass", "Tossing a ball to a partner"),
        "catches a ball with both hands and throws it back",
        (
            pose(SPLIT_STANCE, shoulder_flexion=52, elbow_flexion=62, shoulder_rotation=-12),
            pose(SPLIT_STANCE, shoulder_flexion=38, elbow_flexion=118, shoulder_rotation=-12),
            pose(SPLIT_STANCE, shoulder_flexion=82, elbow_flexion=14, trunk_flexion=6),
        ),
        0.34,
        rest=1.5,
        tempo=(0.7, 1.5),
    ),
    swing(
        "wood chop",
        ("Wood chops", "Woodchopper", "Chopping wood", "Cable wood chop"),
        "swings both arms from above one shoulder down past the other hip",
        (
            pose(
                shoulder_flexion=120,
                elbow_flexion=22,
                shoulder_rotation=-10,
                trunk_rotation=34,
                yaw=10,
                hip_abduction=12,
            ),
            pose(
                shoulder_flexion=36,
                elbow_flexion=14,
                shoulder_rotation=-20,
                trunk_rotation=-34,
                yaw=-10,
                pitch=18,
                trunk_flexion=18,
                hip_flexion=42,
                knee_flexion=40,
                hip_abduction=12,
            ),
        ),
        0.75,
        sides="one",
        rest=0.4,
    ),
)
