# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""MetaMotion barbell: sets of five barbell lifts, and rests between them, by four people with a sensor on the wrist.

Ebbelaar, "Tracking barbell exercises", Vrije Universiteit Amsterdam, 2019, with a MetaMotion wristband.
https://github.com/daveebbelaar/tracking-barbell-exercises

The archive has five letters, but only four people: every recording of "E" is one of A or D again, sample by sample,
with its clock moved by a day or two, and files that end in `1.4.41` are copies of those that end in `1.4.4`. Kept, the
copies would put the same movements in training and in test. This reader takes each recording once, under the letter
whose clock agrees with the start in the file's name.

What was checked on the recordings: the clocks step by 80 and 40 ms; the norm at rest is 0.97 to 1.04 g; the turning of
gravity (du/dt = -w × u) follows the gyroscope within one sample of it. y is -1 g where the arms hang (deadlift, row)
and +0.95 g where they point up (overhead and bench press): the sensor's +y points to the hand, if it reads upwards at
rest. That it does cannot be told from these files, since nobody drew the axes; the maker says so of its sensors.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import datasets
import numpy as np
import pandas as pd
from scipy.constants import g as STANDARD_GRAVITY

from modeling_mujo.resampling_mujo import resample_uneven

EXERCISES = {
    "bench": "bench press",
    "squat": "squat",
    "ohp": "overhead press",
    "dead": "deadlift",
    "row": "barbell row",
    "rest": "rest",
}
SUBJECTS = ("A", "B", "C", "D")
SAMPLING_RATE = 25.0  # Hz, of the gyroscope; the accelerometer ran at 12.5 Hz

_HOMEPAGE = "https://github.com/daveebbelaar/tracking-barbell-exercises"
_ARCHIVE, _FOLDER, _FORM_FOLDER = "metamotion.zip", "data", "form"
_COLUMNS = {
    "Accelerometer": ("12.500", "epoch (ms)", ["x-axis (g)", "y-axis (g)", "z-axis (g)"]),
    "Gyroscope": ("25.000", "epoch (ms)", ["x-axis (deg/s)", "y-axis (deg/s)", "z-axis (deg/s)"]),
}
# Longer holes between samples are left missing; those of the recordings last 2 to 3.5 s.
_MAX_GAP_SECONDS = 0.2
# The accelerometer file of this recording has a space after its category.
_SPACED = ("half", "Accelerometer")

# Person, exercise, category (with the rating of perceived exertion, RPE, where it was noted) and start.
_RECORDINGS = """\
B bench heavy1-rpe8 2019-01-11T16.08.04.758
A bench heavy2-rpe8 2019-01-11T16.10.08.270
B bench heavy2-rpe8 2019-01-11T16.12.04.794
A bench heavy3-rpe8 2019-01-11T16.14.45.178
A ohp heavy1-rpe8 2019-01-11T16.38.54.580
B ohp heavy1-rpe8 2019-01-11T16.40.07.902
A ohp heavy2-rpe7 2019-01-11T16.41.24.439
B ohp heavy2-rpe7 2019-01-11T16.42.43.398
A ohp heavy3-rpe7 2019-01-11T16.44.00.801
B ohp heavy3-rpe8 2019-01-11T16.45.55.708
B ohp medium1-rpe8 2019-01-11T16.48.54.290
A ohp medium1-rpe7 2019-01-11T16.53.53.376
B ohp medium2-rpe8 2019-01-11T16.55.53.154
A ohp medium2-rpe7 2019-01-11T16.57.30.113
B ohp medium3-rpe9 2019-01-11T16.59.28.181
A ohp medium3-rpe7 2019-01-11T17.00.49.801
A squat medium1-rpe7 2019-01-11T17.05.44.498
B squat medium1-rpe9 2019-01-11T17.09.32.694
A squat medium2-rpe8 2019-01-11T17.17.15.443
A squat medium3-rpe7 2019-01-11T17.19.34.896
A dead medium1-rpe6 2019-01-11T17.24.24.832
A bench heavy 2019-01-14T14.22.49.165
A bench heavy2 2019-01-14T14.27.00.784
C bench heavy1 2019-01-14T14.29.37.418
C bench heavy2 2019-01-14T14.32.11.392
A ohp heavy 2019-01-14T14.49.46.484
C bench heavy 2019-01-14T14.51.27.130
A ohp heavy 2019-01-14T14.53.06.282
C ohp heavy 2019-01-14T14.54.34.321
A ohp heavy 2019-01-14T14.55.42.246
C ohp heavy 2019-01-14T14.57.26.702
C row medium 2019-01-14T15.01.39.689
A row heavy 2019-01-14T15.04.06.123
C row heavy 2019-01-14T15.05.36.986
A row heavy 2019-01-14T15.06.50.281
C row heavy 2019-01-14T15.08.50.111
A squat heavy 2019-01-15T20.04.08.637
C squat heavy 2019-01-15T20.06.31.280
A squat heavy 2019-01-15T20.09.06.903
C squat heavy 2019-01-15T20.11.55.634
A squat heavy 2019-01-15T20.14.03.633
C squat heavy 2019-01-15T20.17.27.856
A dead medium 2019-01-15T20.26.26.347
C dead medium 2019-01-15T20.28.15.269
A dead medium 2019-01-15T20.30.34.601
C dead medium 2019-01-15T20.32.32.136
A dead heavy 2019-01-15T20.35.27.174
C dead medium 2019-01-15T20.37.17.794
D squat medium 2019-01-18T17.45.47.575
D squat medium 2019-01-18T17.51.40.910
D squat heavy 2019-01-18T18.03.51.096
D bench medium 2019-01-18T18.12.13.952
D bench medium 2019-01-18T18.21.29.033
A rest sitting 2019-01-18T18.22.25.565
D bench medium 2019-01-18T18.24.19.109
A rest standing 2019-01-18T18.25.39.382
A bench high 2019-01-18T18.27.00.964
A bench half 2019-01-18T18.28.28.218
D row medium 2019-01-18T18.30.48.777
D row medium 2019-01-18T18.33.07.895
D row medium 2019-01-18T18.34.52.516
"""
_BAD_FORM = ("half", "high")  # lowered half way; too high on the chest


class Recording(NamedTuple):
    """One set, as its files name it."""

    subject: str
    exercise: str
    category: str
    start: str

    @property
    def is_bad_form(self) -> bool:
        return self.category in _BAD_FORM

    @property
    def rpe(self) -> int | None:
        _, noted, rating = self.category.partition("-rpe")
        return int(rating) if noted else None

    def file_name(self, sensor: str) -> str:
        """Path in the folder of the recordings."""
        category = f"{self.category} " if (self.category, sensor) == _SPACED else self.category
        name = (
            f"{self.subject}-{self.exercise}-{category}_MetaWear_{self.start}_C42732BE255C_{sensor}_"
            f"{_COLUMNS[sensor][0]}Hz_1.4.4.csv"
        )
        return f"{_FORM_FOLDER}/{name}" if self.is_bad_form else name


RECORDINGS = tuple(Recording(*line.split()) for line in _RECORDINGS.splitlines())


@dataclass
class MetamotionBarbellConfig(datasets.BuilderConfig):
    """Who is in which split; everybody else is in train.

    By default the test person is the one beside A and D who did all five lifts. B did three of them. Only A was
    recorded at rest, so no split tests that class on another person.
    """

    test_subjects: tuple[str, ...] = ("C",)
    validation_subjects: tuple[str, ...] = ("B",)


class MetamotionBarbell(datasets.GeneratorBasedBuilder):
    """MetaMotion barbell from `metamotion.zip`, or the folder `data` in it, in `data_dir`.

    A row is a set: `imu` `(time, 1, 6)` in m/s² (gravity included) and rad/s at 25 Hz, both sensors on the gyroscope's
    clock; NaN while the sensors sent nothing. `is_bad_form` marks two sets done wrongly on purpose, `rpe` is the
    rating of perceived exertion where it was noted. The authors do not say which wrist; the placement is given as
    `left_wrist`.

    Raises:
        ValueError: if `data_dir` is not given, a file is damaged (it is named), or the splits share a person.
        FileNotFoundError: if the archive or a recording is missing (it is named).
    """

    VERSION = datasets.Version("1.0.0")
    BUILDER_CONFIG_CLASS = MetamotionBarbellConfig
    BUILDER_CONFIGS = [MetamotionBarbellConfig(name="default", version=VERSION)]  # noqa: RUF012

    def _info(self) -> datasets.DatasetInfo:
        features = {
            "recording_id": datasets.Value("string"),
            "subject": datasets.ClassLabel(names=list(SUBJECTS)),
            "label": datasets.ClassLabel(names=list(EXERCISES.values())),
            "label_code": datasets.Value("string"),
            "imu": datasets.Array3D((None, 1, 6), "float32"),
            "placements": datasets.Sequence(datasets.Value("string")),
            "sampling_rate": datasets.Value("float64"),
            "acceleration_unit": datasets.Value("string"),
            "gyroscope_unit": datasets.Value("string"),
            "gravity": datasets.Value("string"),
            "category": datasets.Value("string"),
            "rpe": datasets.Value("int32"),
            "is_bad_form": datasets.Value("bool"),
        }
        return datasets.DatasetInfo(description=__doc__, features=datasets.Features(features), homepage=_HOMEPAGE)

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        data_dir = self.config.data_dir
        if data_dir is None:
            raise ValueError(f"get {_ARCHIVE} from {_HOMEPAGE} and pass its folder as data_dir")
        _require_complete(_open_folder(data_dir))
        return [
            datasets.SplitGenerator(name=split, gen_kwargs={"data_dir": data_dir, "subjects": subjects})
            for split, subjects in _split_subjects(self.config.test_subjects, self.config.validation_subjects).items()
        ]

    def _generate_examples(self, data_dir: str, subjects: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
        folder = _open_folder(data_dir)
        for recording in RECORDINGS:
            if recording.subject not in subjects:
                continue
            acceleration, gyroscope = (_read_log(folder / recording.file_name(name), name) for name in _COLUMNS)
            recording_id = f"{recording.subject}-{recording.exercise}-{recording.category}_{recording.start}"
            yield (
                recording_id,
                {
                    "recording_id": recording_id,
                    "subject": recording.subject,
                    "label": EXERCISES[recording.exercise],
                    "label_code": recording.exercise,
                    "imu": _imu_on_one_clock(acceleration, gyroscope)[:, None],
                    "placements": ["left_wrist"],
                    "sampling_rate": SAMPLING_RATE,
                    "acceleration_unit": "m/s2",
                    "gyroscope_unit": "rad/s",
                    "gravity": "included",
                    "category": recording.category,
                    "rpe": recording.rpe,
                    "is_bad_form": recording.is_bad_form,
                },
            )


def _split_subjects(test: tuple[str, ...], validation: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """People of each split; every person is in exactly one."""
    unknown = sorted({*test, *validation} - set(SUBJECTS))
    shared = sorted(set(test) & set(validation))
    if unknown or shared:
        raise ValueError(
            f"test_subjects {test} and validation_subjects {validation}: unknown {unknown}, in both {shared}. "
            f"People are {SUBJECTS} (all of E is a copy of A and D)"
        )
    train = tuple(subject for subject in SUBJECTS if subject not in {*test, *validation})
    splits = {"train": train, "validation": tuple(validation), "test": tuple(test)}
    return {split: subjects for split, subjects in splits.items() if subjects}


def _open_folder(data_dir: str) -> Path | zipfile.Path:
    """The folder of the recordings, extracted or inside the archive, which is read in place."""
    folder, archive = Path(data_dir) / _FOLDER, Path(data_dir) / _ARCHIVE
    if folder.is_dir():
        return folder
    if not archive.is_file():
        raise FileNotFoundError(f"neither {archive} nor the folder {folder} exists: get it from {_HOMEPAGE}")
    try:
        return zipfile.Path(archive, at=f"{_FOLDER}/")
    except zipfile.BadZipFile as error:
        raise ValueError(f"{archive} is damaged ({error}): get it again from {_HOMEPAGE}") from error


def _require_complete(folder: Path | zipfile.Path) -> None:
    names = [recording.file_name(sensor) for recording in RECORDINGS for sensor in _COLUMNS]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{len(missing)} of {len(names)} files are missing in {folder}: {missing[:5]}")


def _read_log(path: Path | zipfile.Path, sensor: str) -> np.ndarray:
    """`(time, 4)`: milliseconds since 1970 and xyz in g or deg/s."""
    _, clock, axes = _COLUMNS[sensor]
    try:
        with path.open("rb") as file:
            log = pd.read_csv(file, usecols=[clock, *axes], dtype=np.float64)[[clock, *axes]].to_numpy()
    except Exception as error:  # zipfile, zlib and pandas raise a dozen types on damaged bytes
        raise ValueError(f"{path} is damaged ({type(error).__name__}: {error})") from error
    if len(log) < 2 or not np.isfinite(log).all() or (np.diff(log[:, 0]) <= 0).any():
        raise ValueError(
            f"{path} is damaged: expected two or more rows of finite numbers in the order of time, got an array of "
            f"shape {log.shape}"
        )
    return log


def _imu_on_one_clock(acceleration: np.ndarray, gyroscope: np.ndarray) -> np.ndarray:
    """Two logs `(time, 4)` → specific force in m/s² and angular velocity in rad/s, `(time, 6)` at 25 Hz.

    The grid is that of the gyroscope, from the later start to the earlier end of the two.
    """
    first = gyroscope[0, 0]
    lead = max(0.0, first - acceleration[0, 0]) / 1000 * SAMPLING_RATE
    origin = -np.ceil(lead) / SAMPLING_RATE
    signals = []
    for log, factor in ((acceleration, STANDARD_GRAVITY), (gyroscope, np.pi / 180)):
        times = (log[:, 0] - first) / 1000
        offset, values, mask = resample_uneven(log[:, 1:] * factor, times, origin, SAMPLING_RATE, _MAX_GAP_SECONDS)
        signals.append((offset, np.where(mask[:, None], values, np.nan)))
    start = max(offset for offset, _ in signals)
    stop = min(offset + len(values) for offset, values in signals)
    return np.concatenate([values[start - offset : stop - offset] for offset, values in signals], axis=1)
