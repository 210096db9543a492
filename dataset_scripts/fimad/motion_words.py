"""Words for recordings whose files name movements by codes: what people call them, and a sentence about each."""

import csv
import io
import re
from typing import NamedTuple

from dataset_scripts.fimad.titles import normalize_title


class Words(NamedTuple):
    """The three texts of a clip; see `MotionClip`."""

    title: str
    normalized_title: str
    description: str


# HDM05 (Müller et al., "Documentation Mocap Database HDM05", CG-2007-2): class names are in camel case, with
# R/L for the side and the count of repetitions. The title keeps side and count, the normalised title does not.
_HDM05 = {
    "depositFloorR": Words(
        "put an object on the floor with the right hand",
        "put an object on the floor",
        "A person bends down, puts an object on the floor with the right hand and stands up again.",
    ),
    "elbowToKnee1RepsLelbowStart": Words(
        "standing elbow to knee, starting with the left elbow",
        "standing elbow to knee",
        "Standing, a person brings the left elbow to the raised right knee and then the right elbow to the left knee.",
    ),
    "grabHighR": Words(
        "grab an object from a high shelf with the right hand",
        "grab an object from a high shelf",
        "A person reaches up with the right hand to take an object from above head height.",
    ),
    "hopBothLegs1hops": Words(
        "one hop on both legs",
        "hop on both legs",
        "A person hops once, taking off and landing with both feet together.",
    ),
    "jogLeftCircle4StepsRstart": Words(
        "jog in a left circle, four steps",
        "jog in a circle",
        "A person jogs four steps along a circle to the left, starting with the right foot.",
    ),
    "kickLFront1Reps": Words(
        "front kick with the left leg",
        "front kick",
        "Standing on the right leg, a person kicks forward once with the left leg.",
    ),
    "lieDownFloor": Words(
        "lie down on the floor",
        "lie down on the floor",
        "From standing, a person gets down to the floor and lies down.",
    ),
    "rotateArmsBothBackward1Reps": Words(
        "backward arm circle with both arms",
        "backward arm circles",
        "Standing, a person swings both straight arms once around in a full backward circle.",
    ),
    "sneak2StepsLStart": Words(
        "sneak two steps",
        "sneak",
        "A person sneaks forward two slow, careful steps, starting with the left foot.",
    ),
    "squat1Reps": Words(
        "one squat",
        "squat",
        "A person bends hips and knees to squat down once and stands up again.",
    ),
    "throwBasketball": Words(
        "throw a basketball",
        "throw a basketball",
        "A person takes aim and throws a basketball.",
    ),
}

# Names and instructions after Vakanski et al., "A Data Set of Human Body Movements for Physical Rehabilitation
# Exercises", Data 3(1):2, 2018, table 1.
_UI_PRMD = {
    "m01": (
        "deep squat",
        "Bends the knees to lower the body as far as possible with the heels on the floor and raises it.",
    ),
    "m02": ("hurdle step", "Steps with one leg over an imagined hurdle and back while the other leg stays straight."),
    "m03": ("inline lunge", "Takes a step forward and lowers the body until the rear knee is close to the floor."),
    "m04": ("side lunge", "Takes a wide step to the side and bends that knee while the other leg stays straight."),
    "m05": ("sit to stand", "Sits down on a chair and rises to standing."),
    "m06": ("standing active straight leg raise", "Standing, raises one straight leg forward and lowers it."),
    "m07": ("standing shoulder abduction", "Standing, raises one straight arm sideways and lowers it."),
    "m08": ("standing shoulder extension", "Standing, moves one straight arm backward and returns it."),
    "m09": (
        "standing shoulder internal-external rotation",
        "Standing with one upper arm held out sideways and the elbow bent, turns the forearm down and up again.",
    ),
    "m10": ("standing shoulder scaption", "Standing, raises one straight arm forward and outward and lowers it."),
}

# Labels of the exercise routines of CMU subjects 13 and 14, ten a second. Labels 10 and 12 are two ways of
# touching the toes.
_CMU_EXERCISES = {
    1: Words("jumping jacks", "jumping jacks", "Jumps while spreading legs and arms, then jumps back together."),
    2: Words("jogging in place", "jogging", "Jogs, lifting the feet quickly with bent elbows."),
    3: Words("squats", "squat", "Bends hips and knees to squat down and stands up again, several times."),
    4: Words("standing knee raises", "knee raises", "Standing, raises one knee to the chest after the other."),
    5: Words("arm circles", "arm circles", "Standing, swings the straight arms around in circles."),
    6: Words("standing torso twists", "torso twists", "Standing, turns the upper body from side to side."),
    7: Words("side reaches", "side reaches", "Standing, reaches with one arm after the other out to the side."),
    8: Words("shadow boxing", "boxing", "Punches the air with one fist after the other."),
    9: Words("up and down reaches", "up and down", "Bends down to the floor and stretches up again, several times."),
    10: Words("toe touches", "toe touches", "Bends forward at the hips to touch the toes and stands up again."),
    11: Words("standing side bends", "side bends", "Standing, bends the upper body to one side and to the other."),
    12: Words("alternating toe touches", "toe touches", "Bends down to touch one foot, then the other."),
}


def hdm05_words(class_name: str) -> Words:
    """Words for a class of HDM05, as its file names spell it (`squat1Reps`); unknown ones are split into words."""
    if class_name in _HDM05:
        return _HDM05[class_name]
    return plain_words(re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[a-z])", " ", class_name))


def ui_prmd_words(movement: str, correct: bool) -> Words:
    """Words for a UI-PRMD movement (`m01` to `m10`); the description tells whether it was done correctly.

    Raises:
        ValueError: there is no such movement.
    """
    if movement not in _UI_PRMD:
        raise ValueError(f"UI-PRMD has movements m01 to m10, got {movement!r}")
    name, description = _UI_PRMD[movement]
    execution = "The exercise is done correctly." if correct else "The execution is incorrect, as by a patient."
    return Words(name, name, f"{description} {execution}")


def cmu_exercise_words(label: int) -> Words:
    """Words for an exercise label of CMU subjects 13 and 14.

    Raises:
        ValueError: there is no such label.
    """
    if label not in _CMU_EXERCISES:
        raise ValueError(f"exercise labels are 1 to {len(_CMU_EXERCISES)}, got {label}")
    return _CMU_EXERCISES[label]


def plain_words(text: str) -> Words:
    """Words for a free text or a file name such as `side_lunge_03`.

    Raises:
        ValueError: the text names no movement; name the file by what is done.
    """
    title = re.sub(r"[\s_]+", " ", text).strip()
    return Words(title, normalize_title(title), f"A person does: {title}.")


def read_cmu_index(text: str) -> dict[tuple[int, int], str]:
    """Map `(subject, trial)` to the description in CMU's index (columns "Subject", "Trial #", "Motion Description").

    Raises:
        ValueError: a column is absent or a number is none.
    """
    index: dict[tuple[int, int], str] = {}
    for row in csv.DictReader(io.StringIO(text)):
        try:
            index[int(row["Subject"]), int(row["Trial #"])] = row["Motion Description"]
        except KeyError as error:
            raise ValueError(f"no column {error} in the CMU index") from error
    return index
