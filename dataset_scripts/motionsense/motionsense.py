# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""MotionSense: 360 recordings of 6 activities by 24 people, a phone in the front trouser pocket.

Malekzadeh, Clegg, Cavallaro, Haddadi, "Mobile sensor data anonymization", IoTDI 2019.
https://github.com/mmalekzadeh/motion-sense
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import numpy as np
from scipy.constants import g as STANDARD_GRAVITY

# Code in the folder names → words, and the trials recorded of it.
ACTIVITIES = {
    "dws": "walking downstairs",
    "ups": "walking upstairs",
    "wlk": "walking",
    "jog": "jogging",
    "sit": "sitting",
    "std": "standing",
}
TRIALS = {"dws": (1, 2, 11), "ups": (3, 4, 12), "wlk": (7, 8, 15), "jog": (9, 16), "sit": (5, 13), "std": (6, 14)}
SUBJECTS = tuple(range(1, 25))
SAMPLING_RATE = 50.0  # Hz

_HOMEPAGE = "https://github.com/mmalekzadeh/motion-sense"
_CITATION = """\
@inproceedings{malekzadeh2019mobile,
  title = {Mobile sensor data anonymization},
  author = {Malekzadeh, Mohammad and Clegg, Richard G. and Cavallaro, Andrea and Haddadi, Hamed},
  booktitle = {International Conference on Internet of Things Design and Implementation},
  year = {2019},
}
"""
_FOLDER = "A_DeviceMotion_data"
_HEADER = (
    ",attitude.roll,attitude.pitch,attitude.yaw,gravity.x,gravity.y,gravity.z,"
    "rotationRate.x,rotationRate.y,rotationRate.z,userAcceleration.x,userAcceleration.y,userAcceleration.z"
)
_GRAVITY, _ROTATION_RATE, _USER_ACCELERATION = slice(4, 7), slice(7, 10), slice(10, 13)


@dataclass
class MotionSenseConfig(datasets.BuilderConfig):
    """Who is in which split; everybody else is in train.

    The test people are fixed for every figure this project reports. The validation people are two of each gender,
    161 to 180 cm tall.
    """

    test_subjects: tuple[int, ...] = (1, 6, 14, 19, 23)
    validation_subjects: tuple[int, ...] = (3, 8, 12, 20)


class MotionSense(datasets.GeneratorBasedBuilder):
    """MotionSense from the authors' `A_DeviceMotion_data.zip`, or the folder in it, in `data_dir`.

    A row is a recording: `imu` `(time, 1, 6)` in m/s² (gravity included) and rad/s at 50 Hz. The authors say "front
    pocket" and no side; the placement is given as `right_thigh`.

    Raises:
        ValueError: if `data_dir` is not given, a file is damaged (it is named), or the splits share a person.
        FileNotFoundError: if the archive or a recording is missing (it is named).
    """

    VERSION = datasets.Version("1.0.0")
    BUILDER_CONFIG_CLASS = MotionSenseConfig
    BUILDER_CONFIGS = [MotionSenseConfig(name="default", version=VERSION)]  # noqa: RUF012

    def _info(self) -> datasets.DatasetInfo:
        features = {
            "recording_id": datasets.Value("string"),
            "subject": datasets.Value("int32"),
            "label": datasets.ClassLabel(names=list(ACTIVITIES.values())),
            "label_code": datasets.Value("string"),
            "imu": datasets.Array3D((None, 1, 6), "float32"),
            "placements": datasets.Sequence(datasets.Value("string")),
            "sampling_rate": datasets.Value("float64"),
            "acceleration_unit": datasets.Value("string"),
            "gyroscope_unit": datasets.Value("string"),
            "gravity": datasets.Value("string"),
        }
        return datasets.DatasetInfo(
            description=__doc__,
            features=datasets.Features(features),
            homepage=_HOMEPAGE,
            citation=_CITATION,
            license="mit",
        )

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        data_dir = self.config.data_dir
        if data_dir is None:
            raise ValueError(f"download {_FOLDER}.zip from {_HOMEPAGE} and pass its folder as data_dir")
        _require_complete(_open_folder(data_dir))
        return [
            datasets.SplitGenerator(name=split, gen_kwargs={"data_dir": data_dir, "subjects": subjects})
            for split, subjects in _split_subjects(self.config.test_subjects, self.config.validation_subjects).items()
        ]

    def _generate_examples(self, data_dir: str, subjects: tuple[int, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
        folder = _open_folder(data_dir)
        for code, trial, subject in _recordings(subjects):
            recording_id = f"{code}_{trial}_sub_{subject}"
            log = _read_log(folder / f"{code}_{trial}" / f"sub_{subject}.csv")
            yield (
                recording_id,
                {
                    "recording_id": recording_id,
                    "subject": subject,
                    "label": ACTIVITIES[code],
                    "label_code": code,
                    "imu": _imu_in_si_units(log)[:, None],
                    "placements": ["right_thigh"],
                    "sampling_rate": SAMPLING_RATE,
                    "acceleration_unit": "m/s2",
                    "gyroscope_unit": "rad/s",
                    "gravity": "included",
                },
            )


def _split_subjects(test: tuple[int, ...], validation: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """People of each split; every person is in exactly one."""
    unknown = sorted({*test, *validation} - set(SUBJECTS))
    shared = sorted(set(test) & set(validation))
    if unknown or shared:
        raise ValueError(
            f"test_subjects {test} and validation_subjects {validation}: unknown {unknown}, in both {shared}"
        )
    train = tuple(subject for subject in SUBJECTS if subject not in {*test, *validation})
    splits = {"train": train, "validation": tuple(validation), "test": tuple(test)}
    return {split: subjects for split, subjects in splits.items() if subjects}


def _recordings(subjects: tuple[int, ...]) -> Iterator[tuple[str, int, int]]:
    """`(activity code, trial, subject)` of every recording of these people."""
    for code, trials in TRIALS.items():
        for trial in trials:
            for subject in subjects:
                yield code, trial, subject


def _open_folder(data_dir: str) -> Path | zipfile.Path:
    """The folder of the recordings, extracted or inside the archive, which is read in place."""
    folder, archive = Path(data_dir) / _FOLDER, Path(data_dir) / f"{_FOLDER}.zip"
    if folder.is_dir():
        return folder
    if not archive.is_file():
        raise FileNotFoundError(f"neither {archive} nor the folder {folder} exists: download it from {_HOMEPAGE}")
    try:
        return zipfile.Path(archive, at=f"{_FOLDER}/")
    except zipfile.BadZipFile as error:
        raise ValueError(f"{archive} is damaged ({error}): download it again from {_HOMEPAGE}") from error


def _require_complete(folder: Path | zipfile.Path) -> None:
    names = [f"{code}_{trial}/sub_{subject}.csv" for code, trial, subject in _recordings(SUBJECTS)]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{len(missing)} of {len(names)} files are missing in {folder}: {missing[:5]}")


def _read_log(path: Path | zipfile.Path) -> np.ndarray:
    """`(time, 13)` numbers of one recording, columns as in `_HEADER`."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            header = file.readline().rstrip("\r\n")
            if header != _HEADER:
                raise ValueError(f"expected the header {_HEADER!r}, got {header[:200]!r}")
            log = np.loadtxt(file, delimiter=",", ndmin=2)
    except Exception as error:  # zipfile, lzma, zlib and NumPy raise a dozen types on damaged bytes
        raise ValueError(f"{path} is damaged ({type(error).__name__}: {error})") from error
    if len(log) == 0 or log.shape[1] != _HEADER.count(",") + 1 or not np.isfinite(log).all():
        raise ValueError(f"{path} is damaged: expected rows of 13 finite numbers, got an array of shape {log.shape}")
    return log


def _imu_in_si_units(log: np.ndarray) -> np.ndarray:
    """Specific force in m/s² and angular velocity in rad/s, `(time, 6)`.

    Core Motion's gravity points down and its accelerations have the opposite sign of specific force: a phone on its
    back at rest reads gravity.z = -1 g. Source: Apple, CMDeviceMotion; in the recordings, gravity.y = -sin(pitch), and
    the impacts of jogging point along gravity.
    """
    acceleration = log[:, _GRAVITY] + log[:, _USER_ACCELERATION]
    return np.concatenate([-STANDARD_GRAVITY * acceleration, log[:, _ROTATION_RATE]], axis=1)
