# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""MHEALTH: 10 people, 12 physical activities, sensors on the chest, the left ankle and the right lower arm.

Banos, Garcia, Holgado-Terriza, Damas, Pomares, Rojas, Saez, Villalonga, "mHealthDroid: a novel framework for agile
development of mobile health applications", IWAAL 2014. https://archive.ics.uci.edu/dataset/319/mhealth+dataset
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import numpy as np

from dataset_scripts.labelled_bouts import NULL, bout_features, constant_runs, holds_example, split_subjects

# Labels 1 to 12 of the logs; 0 is none of them.
ACTIVITIES = (
    "standing still",
    "sitting and relaxing",
    "lying down",
    "walking",
    "climbing stairs",
    "waist bends forward",
    "frontal elevation of arms",
    "knees bending",
    "cycling",
    "jogging",
    "running",
    "jumping front and back",
)
SUBJECTS = tuple(range(1, 11))
PLACEMENTS = ("chest", "left_ankle", "right_wrist")
SAMPLING_RATE = 50.0  # Hz

_HOMEPAGE = "https://archive.ics.uci.edu/dataset/319/mhealth+dataset"
_CITATION = """\
@inproceedings{banos2014mhealthdroid,
  title = {{mHealthDroid}: a novel framework for agile development of mobile health applications},
  author = {Banos, Oresti and Garcia, Rafael and Holgado-Terriza, Juan A. and Damas, Miguel and Pomares, Hector and
            Rojas, Ignacio and Saez, Alejandro and Villalonga, Claudia},
  booktitle = {International Work-conference on Ambient Assisted Living},
  year = {2014},
}
"""
_ARCHIVE, _FOLDER = "mhealth+dataset.zip", "MHEALTHDATASET"
_COLUMNS = 24
_LABEL = 23
# The README names columns 9-11 and 18-20 gyroscopes and 12-14 and 21-23 magnetometers (counted from 1). It is the
# other way round: the former keep a norm of about 1 whatever the person does, as the direction of a field does; the
# latter are within 1.5 of zero in standing, sitting and lying people, and above 100 in running ones, in deg/s.
_ACCELERATION = {"chest": slice(0, 3), "left_ankle": slice(5, 8), "right_wrist": slice(14, 17)}
_ANGULAR_VELOCITY = {"left_ankle": slice(11, 14), "right_wrist": slice(20, 23)}


@dataclass
class MHealthConfig(datasets.BuilderConfig):
    """Who is in which split; everybody else is in train.

    The authors state no split. Leave one person out by `test_subjects=(n,)`.
    """

    test_subjects: tuple[int, ...] = (3, 6, 9)
    validation_subjects: tuple[int, ...] = (5, 10)


class MHealth(datasets.GeneratorBasedBuilder):
    """MHEALTH from the authors' `mhealth+dataset.zip`, or the folder `MHEALTHDATASET` in it, in `data_dir`.

    A row is a stretch of one label of one person: `imu` `(time, 3, 6)` in m/s² (gravity included) and rad/s at 50 Hz.
    There is no gyroscope on the chest; its columns are NaN. The sensor that the authors describe as on the right wrist
    and in the table of columns as on the right lower arm is given as `right_wrist`. Stretches between the activities
    have the label "null". The gyroscopes are in columns that the authors' README calls magnetometers: what they
    measure says which is which.

    Raises:
        ValueError: if `data_dir` is not given, a file is damaged (it is named), or the splits share a person.
        FileNotFoundError: if the archive or a log is missing (it is named).
    """

    VERSION = datasets.Version("1.0.0")
    BUILDER_CONFIG_CLASS = MHealthConfig
    BUILDER_CONFIGS = [MHealthConfig(name="default", version=VERSION)]  # noqa: RUF012

    def _info(self) -> datasets.DatasetInfo:
        return datasets.DatasetInfo(
            description=__doc__,
            features=datasets.Features(bout_features(ACTIVITIES, len(PLACEMENTS))),
            homepage=_HOMEPAGE,
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        data_dir = self.config.data_dir
        if data_dir is None:
            raise ValueError(f"download {_ARCHIVE} from {_HOMEPAGE} and pass its folder as data_dir")
        splits = split_subjects(SUBJECTS, self.config.test_subjects, self.config.validation_subjects)
        _require_complete(_open_folder(data_dir))
        return [
            datasets.SplitGenerator(name=split, gen_kwargs={"data_dir": data_dir, "subjects": subjects})
            for split, subjects in splits.items()
        ]

    def _generate_examples(self, data_dir: str, subjects: tuple[int, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
        folder = _open_folder(data_dir)
        for subject in subjects:
            log = _read_log(folder / _file_name(subject))
            imu, codes = _imu_in_si_units(log), log[:, _LABEL].astype(int)
            for index, (start, stop) in enumerate(constant_runs(codes)):
                code = int(codes[start])
                if not holds_example(imu[start:stop], SAMPLING_RATE):
                    continue
                recording_id = f"subject{subject}_{index:02d}_{code}"
                yield (
                    recording_id,
                    {
                        "recording_id": recording_id,
                        "subject": subject,
                        "label": ACTIVITIES[code - 1] if code else NULL,
                        "label_code": str(code),
                        "is_null": code == 0,
                        "imu": imu[start:stop],
                        "placements": list(PLACEMENTS),
                        "sampling_rate": SAMPLING_RATE,
                        "acceleration_unit": "m/s2",
                        "gyroscope_unit": "rad/s",
                        "gravity": "included",
                    },
                )


def _file_name(subject: int) -> str:
    return f"mHealth_subject{subject}.log"


def _open_folder(data_dir: str) -> Path | zipfile.Path:
    """The folder of the logs, extracted or inside the archive, which is read in place."""
    folder, archive = Path(data_dir) / _FOLDER, Path(data_dir) / _ARCHIVE
    if folder.is_dir():
        return folder
    if not archive.is_file():
        raise FileNotFoundError(f"neither {archive} nor the folder {folder} exists: download it from {_HOMEPAGE}")
    try:
        return zipfile.Path(archive, at=f"{_FOLDER}/")
    except zipfile.BadZipFile as error:
        raise ValueError(f"{archive} is damaged ({error}): download it again from {_HOMEPAGE}") from error


def _require_complete(folder: Path | zipfile.Path) -> None:
    names = [_file_name(subject) for subject in SUBJECTS]
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{len(missing)} of {len(names)} files are missing in {folder}: {missing}")
    for name in names:
        _read_log(folder / name)


def _read_log(path: Path | zipfile.Path) -> np.ndarray:
    """`(time, 24)` numbers of one person."""
    try:
        with path.open(encoding="ascii") as file:
            log = np.loadtxt(file, ndmin=2)
    except Exception as error:  # zipfile, zlib and NumPy raise a dozen types on damaged bytes
        raise ValueError(f"{path} is damaged ({type(error).__name__}: {error})") from error
    if len(log) == 0 or log.shape[1] != _COLUMNS or not np.isfinite(log).all():
        raise ValueError(f"{path} is damaged: expected rows of {_COLUMNS} finite numbers, got shape {log.shape}")
    foreign = set(np.unique(log[:, _LABEL])) - set(range(len(ACTIVITIES) + 1))
    if foreign:
        raise ValueError(f"{path} is not a log of MHEALTH: the last column holds {sorted(foreign)[:5]}, not 0 to 12")
    return log


def _imu_in_si_units(log: np.ndarray) -> np.ndarray:
    """`(time, 3, 6)` in m/s² and rad/s, sensors in `PLACEMENTS` order; NaN where there is no gyroscope."""
    imu = np.full((len(log), len(PLACEMENTS), 6), np.nan, dtype=np.float32)
    for sensor, placement in enumerate(PLACEMENTS):
        imu[:, sensor, :3] = log[:, _ACCELERATION[placement]]
        if placement in _ANGULAR_VELOCITY:
            imu[:, sensor, 3:] = np.deg2rad(log[:, _ANGULAR_VELOCITY[placement]])
    return imu
