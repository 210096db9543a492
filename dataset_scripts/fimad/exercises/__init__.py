"""The catalogue of exercises, as plain data: one file per kind, each entry a few lines."""

from dataset_scripts.fimad.exercises.arms import ARM_EXERCISES
from dataset_scripts.fimad.exercises.everyday import EVERYDAY
from dataset_scripts.fimad.exercises.floor import FLOOR_EXERCISES
from dataset_scripts.fimad.exercises.format import Exercise
from dataset_scripts.fimad.exercises.gestures import GESTURES
from dataset_scripts.fimad.exercises.gym import GYM_EXERCISES
from dataset_scripts.fimad.exercises.handwork import HANDWORK
from dataset_scripts.fimad.exercises.jumps import JUMPS
from dataset_scripts.fimad.exercises.legs import LEG_EXERCISES
from dataset_scripts.fimad.exercises.locomotion import LOCOMOTION
from dataset_scripts.fimad.exercises.strokes import STROKES
from dataset_scripts.fimad.exercises.supine import SUPINE_EXERCISES
from dataset_scripts.fimad.exercises.weights import WEIGHT_EXERCISES
from dataset_scripts.fimad.exercises.whole_body import WHOLE_BODY_EXERCISES

EXERCISES: tuple[Exercise, ...] = (
    *LOCOMOTION,
    *EVERYDAY,
    *HANDWORK,
    *GESTURES,
    *STROKES,
    *LEG_EXERCISES,
    *JUMPS,
    *ARM_EXERCISES,
    *WEIGHT_EXERCISES,
    *GYM_EXERCISES,
    *FLOOR_EXERCISES,
    *SUPINE_EXERCISES,
    *WHOLE_BODY_EXERCISES,
)
