"""The catalogue of exercises, as plain data: one file per kind, each entry a few lines."""

from dataset_scripts.fimad.exercises.arms import ARM_EXERCISES
from dataset_scripts.fimad.exercises.everyday import EVERYDAY
from dataset_scripts.fimad.exercises.floor import FLOOR_EXERCISES
from dataset_scripts.fimad.exercises.format import Exercise
from dataset_scripts.fimad.exercises.legs import LEG_EXERCISES
from dataset_scripts.fimad.exercises.locomotion import LOCOMOTION
from dataset_scripts.fimad.exercises.whole_body import WHOLE_BODY_EXERCISES

EXERCISES: tuple[Exercise, ...] = (
    *LOCOMOTION,
    *EVERYDAY,
    *LEG_EXERCISES,
    *ARM_EXERCISES,
    *FLOOR_EXERCISES,
    *WHOLE_BODY_EXERCISES,
)
