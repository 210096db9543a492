# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""MyoGym: 10 people, 30 gym exercises, one Myo armband on the right forearm.

Koskimäki, Siirtola, Röning, "MyoGym: introducing an open gym data set for activity recognition collected using Myo
armband", UbiComp/ISWC 2017 Adjunct. https://doi.org/10.1145/3123024.3124400
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import numpy as np
from scipy.constants import g as STANDARD_GRAVITY
from scipy.io import loadmat

from dataset_scripts.labelled_bouts import NULL, bout_features, constant_runs, holds_example, split_subjects

# Labels 1 to 30 of the file.
EXERCISES = (
    "seated cable rows",
    "one-arm dumbbell row",
    "wide-grip pulldown behind the neck",
    "bent over barbell row",
    "reverse grip bent-over row",
    "wide-grip front pulldown",
    "bench press",
    "incline dumbbell flyes",
    "incline dumbbell press",
    "dumbbell flyes",
    "push-ups",
    "leverage chest press",
    "close-grip barbell bench press",
    "bar skullcrusher",
    "triceps pushdown",
    "bench dip",
    "overhead triceps extension",
    "tricep dumbbell kickback",
    "spider curl",
    "dumbbell alternate bicep curl",
    "incline hammer curl",
    "concentration curl",
    "cable curl",
    "hammer curl",
    "upright barbell row",
    "side lateral raise",
    "front dumbbell raise",
    "seated dumbbell shoulder press",
    "car drivers",
    "lying rear delt raise",
)
NULL_CODE = 99
SUBJECTS = tuple(range(1, 11))
SAMPLING_RATE = 50.0  # Hz

_HOMEPAGE = "https://doi.org/10.1145/3123024.3124400"
_CITATION = """\
@inproceedings{koskimaki2017myogym,
  title = {{MyoGym}: introducing an open gym data set for activity recognition collected using Myo armband},
  author = {Koskim{\\"a}ki, Heli and Siirtola, Pekka and R{\\"o}ning, Juha},
  booktitle = {ACM International Joint Conference on Pervasive and Ubiquitous Computing, Adjunct},
  year = {2017},
}
"""
_FILE = "MyoGym.mat"
_SIGNALS, _LABELS = "raw_data", "raw_data_labels"
_SIGNAL_COLUMNS, _LABEL_COLUMNS = 17, 2  # three timestamps, 8 EMG channels, 6 IMU channels; exercise, person
_ACCELERATION, _ANGULAR_VELOCITY = slice(10, 13), slice(14, 17)


@dataclass
class MyoGymConfig(datasets.BuilderConfig):
    """Who is in which split; everybody else is in train.

    The file states no split. Leave one person out by `test_subjects=(n,)`.
    """

    test_subjects: tuple[int, ...] = (3, 6, 9)
    validation_subjects: tuple[int, ...] = (5, 10)


class MyoGym(datasets.GeneratorBasedBuilder):
    """MyoGym from the authors' `MyoGym.mat` in `data_dir`.

    A row is a stretch of one label of one person: `imu` `(time, 1, 6)` in m/s² (gravity included) and rad/s at 50 Hz.
    The armband sits on the right forearm below the elbow, which has no placement of its own; it is given as
    `right_wrist`, the nearest on the same segment: both turn with the forearm. Stretches that are no exercise have the
    label "null". The EMG is left out.

    Raises:
        ValueError: if `data_dir` is not given, the file is damaged or another one, or the splits share a person.
        FileNotFoundError: if the file is missing.
    """

    VERSION = datasets.Version("1.0.0")
    BUILDER_CONFIG_CLASS = MyoGymConfig
    BUILDER_CONFIGS = [MyoGymConfig(name="default", version=VERSION)]  # noqa: RUF012

    def _info(self) -> datasets.DatasetInfo:
        return datasets.DatasetInfo(
            description=__doc__,
            features=datasets.Features(bout_features(EXERCISES, sensors=1)),
            homepage=_HOMEPAGE,
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        if self.config.data_dir is None:
            raise ValueError(f"get {_FILE} from its authors ({_HOMEPAGE}) and pass its folder as data_dir")
        splits = split_subjects(SUBJECTS, self.config.test_subjects, self.config.validation_subjects)
        path = Path(self.config.data_dir) / _FILE
        _, labels = _read(path)
        absent = sorted(set(SUBJECTS) - set(labels[:, 1].tolist()))
        if absent:
            raise ValueError(f"{path} is not complete: nothing of the people {absent} of {len(SUBJECTS)}")
        return [
            datasets.SplitGenerator(name=split, gen_kwargs={"path": str(path), "subjects": subjects})
            for split, subjects in splits.items()
        ]

    def _generate_examples(self, path: str, subjects: tuple[int, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
        imu, labels = _read(Path(path))
        for index, (start, stop) in enumerate(constant_runs(labels)):
            code, subject = labels[start].tolist()
            if subject not in subjects or not holds_example(imu[start:stop], SAMPLING_RATE):
                continue
            recording_id = f"person{subject}_{index:04d}_{code}"
            yield (
                recording_id,
                {
                    "recording_id": recording_id,
                    "subject": subject,
                    "label": NULL if code == NULL_CODE else EXERCISES[code - 1],
                    "label_code": str(code),
                    "is_null": code == NULL_CODE,
                    "imu": imu[start:stop],
                    "placements": ["right_wrist"],
                    "sampling_rate": SAMPLING_RATE,
                    "acceleration_unit": "m/s2",
                    "gyroscope_unit": "rad/s",
                    "gravity": "included",
                },
            )


def _read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """`imu` `(time, 1, 6)` in m/s² and rad/s, and `(time, 2)` exercise and person."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: get it from its authors ({_HOMEPAGE})")
    try:
        with path.open("rb") as file:
            content = loadmat(io.BytesIO(file.read()), variable_names=[_SIGNALS, _LABELS])
        signals, labels = content[_SIGNALS], content[_LABELS]
    except Exception as error:  # zlib and SciPy raise a dozen types on damaged bytes
        raise ValueError(f"{path} is damaged ({type(error).__name__}: {error})") from error
    if (
        signals.shape != (len(labels), _SIGNAL_COLUMNS)
        or labels.shape != (len(signals), _LABEL_COLUMNS)
        or not len(labels)
    ):
        raise ValueError(
            f"{path} is damaged or another file: expected {_SIGNALS} (time, {_SIGNAL_COLUMNS}) and {_LABELS} "
            f"(time, {_LABEL_COLUMNS}), got {signals.shape} and {labels.shape}"
        )
    _require_known(path, "exercises", labels[:, 0], (*range(1, len(EXERCISES) + 1), NULL_CODE))
    _require_known(path, "people", labels[:, 1], SUBJECTS)
    imu = np.concatenate(
        [signals[:, _ACCELERATION] * STANDARD_GRAVITY, np.deg2rad(signals[:, _ANGULAR_VELOCITY])],
        axis=1,
        dtype=np.float32,
        casting="same_kind",
    )
    return imu[:, None], labels.astype(np.int64)


def _require_known(path: Path, what: str, column: np.ndarray, known: tuple[int, ...]) -> None:
    foreign = sorted(set(np.unique(column).tolist()) - set(known))
    if foreign:
        raise ValueError(f"{path} is not MyoGym's: the {what} {foreign[:5]} are none of {known}")
