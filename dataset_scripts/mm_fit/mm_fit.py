# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""MM-Fit: 21 workouts of 10 people, 10 exercises, watches on both wrists, phones, an earbud and 3D poses.

Strömbäck, Huang, Radu, "MM-Fit: Multimodal deep learning for automatic exercise logging across sensing devices",
Proc. ACM IMWUT 4(4), 2020. https://mmfit.github.io
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets

from dataset_scripts.labelled_bouts import NULL, bout_features, holds_example, split_subjects
from dataset_scripts.mm_fit.workouts import (
    DEVICES,
    EXERCISES,
    NULL_CODE,
    SAMPLING_RATE,
    Bout,
    load_workout,
    require_readable,
    workout_bouts,
)

# The authors' "Workout-Participant ID mapping" and "Data Split" (https://github.com/KDMStromback/mm-fit, EDA.ipynb).
PERSON_OF_WORKOUT = (2, 0, 1, 0, 1, 2, 0, 1, 0, 1, 0, 1, 3, 4, 0, 1, 5, 6, 7, 8, 9)
OFFICIAL_SPLITS = {
    "train": (1, 2, 3, 4, 6, 7, 8, 16, 17, 18),
    "validation": (14, 15, 19),
    "test": (9, 10, 11),
    "unseen_test": (0, 5, 12, 13, 20),
}
SUBJECTS = tuple(range(10))

_HOMEPAGE = "https://mmfit.github.io"
_CITATION = """\
@article{stromback2020mmfit,
  title = {{MM-Fit}: Multimodal deep learning for automatic exercise logging across sensing devices},
  author = {Str{\\"o}mb{\\"a}ck, David and Huang, Sangxia and Radu, Valentin},
  journal = {Proceedings of the ACM on Interactive, Mobile, Wearable and Ubiquitous Technologies},
  volume = {4},
  number = {4},
  year = {2020},
}
"""
_FOLDER = "mm-fit"


@dataclass
class MmFitConfig(datasets.BuilderConfig):
    """Who is in which split of `by_person`; everybody else is in train. `official` names nobody."""

    test_subjects: tuple[int, ...] = ()
    validation_subjects: tuple[int, ...] = ()


class MmFit(datasets.GeneratorBasedBuilder):
    """MM-Fit from the authors' folder `mm-fit` (`wNN/wNN_*.npy`, `wNN/wNN_labels.csv`) in `data_dir`.

    A row is a set of one exercise, or the time between two sets (label "null"): `imu` `(time, 5, 6)` in m/s² (gravity
    included) and rad/s at 50 Hz, of the watches (wrists), the phones in the trouser pockets (thighs) and the left
    earbud (head); `pose` `(frames, 17, 3)` in metres, z up, at `pose_sampling_rate`. Both start and end together. What
    a device missed is NaN, and so are the frames without a pose; where every device missed more than half, there is
    no row.

    Two configurations: `official` are the authors' splits, of which **only `unseen_test` holds people who are in no
    other**: persons 0 and 1 are in train, validation and test. `by_person` divides nobody; by default its test people
    are those of `unseen_test`, and persons 7 and 8 are for validation.

    Raises:
        ValueError: if `data_dir` is not given, a file is damaged or another one (it is named), or a person is in two
            splits of `by_person`.
        FileNotFoundError: if a workout, its labels or all its accelerometers are missing (they are named). Single
            devices may be missing, as in the authors' own files.
    """

    VERSION = datasets.Version("1.0.0")
    BUILDER_CONFIG_CLASS = MmFitConfig
    BUILDER_CONFIGS = [  # noqa: RUF012
        MmFitConfig(name="official", version=VERSION, description="The authors' splits by workout."),
        MmFitConfig(
            name="by_person",
            version=VERSION,
            description="No person in two splits.",
            test_subjects=(2, 3, 4, 9),
            validation_subjects=(7, 8),
        ),
    ]
    DEFAULT_CONFIG_NAME = "official"

    def _info(self) -> datasets.DatasetInfo:
        features = {
            **bout_features(list(EXERCISES.values()), len(DEVICES)),
            "repetitions": datasets.Value("int32"),
            "pose": datasets.Array3D((None, 17, 3), "float32"),
            "pose_sampling_rate": datasets.Value("float64"),
        }
        return datasets.DatasetInfo(
            description=__doc__, features=datasets.Features(features), homepage=_HOMEPAGE, citation=_CITATION
        )

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        if self.config.data_dir is None:
            raise ValueError(f"download and extract {_FOLDER}.zip from {_HOMEPAGE} and pass its folder as data_dir")
        splits = self._workouts()
        folder = Path(self.config.data_dir) / _FOLDER
        if not folder.is_dir():
            raise FileNotFoundError(f"{folder} is missing: download and extract {_FOLDER}.zip from {_HOMEPAGE}")
        for workout in range(len(PERSON_OF_WORKOUT)):
            require_readable(folder / f"w{workout:02d}")
        return [
            datasets.SplitGenerator(name=split, gen_kwargs={"folder": str(folder), "workouts": workouts})
            for split, workouts in splits.items()
        ]

    def _workouts(self) -> dict[str, tuple[int, ...]]:
        """Numbers of the workouts of each split."""
        test, validation = self.config.test_subjects, self.config.validation_subjects
        if self.config.name == "official":
            if test or validation:
                raise ValueError(
                    f"test_subjects {test} and validation_subjects {validation} do not go with the authors' splits: "
                    'choose people with the configuration "by_person"'
                )
            return OFFICIAL_SPLITS
        return {
            split: tuple(workout for workout, person in enumerate(PERSON_OF_WORKOUT) if person in people)
            for split, people in split_subjects(SUBJECTS, test, validation).items()
        }

    def _generate_examples(self, folder: str, workouts: tuple[int, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
        for number in workouts:
            workout = load_workout(Path(folder) / f"w{number:02d}")
            for index, bout in enumerate(workout_bouts(workout)):
                if holds_example(bout.imu, SAMPLING_RATE):
                    recording_id = f"w{number:02d}_{index:02d}_{bout.code}"
                    yield recording_id, _row(recording_id, PERSON_OF_WORKOUT[number], bout)


def _row(recording_id: str, subject: int, bout: Bout) -> dict[str, Any]:
    return {
        "recording_id": recording_id,
        "subject": subject,
        "label": EXERCISES.get(bout.code, NULL),
        "label_code": bout.code,
        "is_null": bout.code == NULL_CODE,
        "repetitions": bout.repetitions,
        "imu": bout.imu,
        "placements": list(DEVICES.values()),
        "sampling_rate": SAMPLING_RATE,
        "acceleration_unit": "m/s2",
        "gyroscope_unit": "rad/s",
        "gravity": "included",
        "pose": bout.pose,
        "pose_sampling_rate": bout.pose_sampling_rate,
    }
