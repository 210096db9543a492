# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""Muvr: 390 recordings of 30 gym exercises by a watch's accelerometer, in one split and without people.

Training data of the Muvr application, 2015. https://github.com/muvr/muvr-training-data

The authors name nobody, and nearly all files are of one person ("Jan's collected exercises"). A split by window or by
recording would test on the person that was trained on, so there is one split, "train": for pretraining, and for tests
without any training, such as zero-shot recognition by text.

The watch is a Pebble, which logs thousandths of g at 50 Hz (`core/main/ad.c` and `src/main.c` of
https://github.com/muvr/muvr-pebble). Its sign is opposite to specific force: lying face up it reads z = -1 g. The
recordings agree: z is positive in biceps curls with the palms up, where the watch faces down, and negative in lateral
raises and in triceps extensions with the palms down, where it faces up. The norm is 1.0 to 1.1 g on average. Arms that
hang (dips) read x = +1 g here, which says that the hand lies beyond 3 o'clock of the watch: the left wrist.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pandas as pd
from scipy.constants import g as STANDARD_GRAVITY

# Name in the files → words.
EXERCISES = {
    "alt-dumbbell-biceps-curl": "alternating dumbbell biceps curl",
    "angle-chest-press": "incline chest press",
    "barbell-biceps-curl": "barbell biceps curl",
    "barbell-press": "barbell shoulder press",
    "barbell-pullup": "barbell upright row",
    "biceps-curl": "biceps curl",
    "cable-cross-overs": "cable crossover",
    "cable-deltoid-cross-overs": "cable rear deltoid crossover",
    "deltoid-row": "rear deltoid row",
    "dumbbell-biceps-curl": "dumbbell biceps curl",
    "dumbbell-chest-fly": "dumbbell chest fly",
    "dumbbell-chest-press": "dumbbell chest press",
    "dumbbell-front-rise": "dumbbell front raise",
    "dumbbell-press": "dumbbell shoulder press",
    "dumbbell-row": "dumbbell row",
    "dumbbell-side-rise": "dumbbell side raise",
    "lat-pulldown-angled": "angled lat pulldown",
    "lat-pulldown-straight": "straight lat pulldown",
    "lateral-raise": "lateral raise",
    "leverage-high-row": "leverage high row",
    "overhead-pull": "overhead pull",
    "pulldown-crunch": "cable pulldown crunch",
    "rope-biceps-curl": "rope biceps curl",
    "rope-triceps-extension": "rope triceps extension",
    "side-dips": "side bend",
    "straight-bar-biceps-curl": "straight bar biceps curl",
    "straight-bar-triceps-extension": "straight bar triceps extension",
    "triceps-dips": "triceps dip",
    "triceps-extension": "triceps extension",
    "twist": "torso twist",
}
# Recordings in each folder.
FOLDERS = {
    "18-09-15-triceps-biceps-lateral": 84,
    "arms": 52,
    "back": 76,
    "chest": 77,
    "core": 41,
    "shoulders": 60,
}
SAMPLING_RATE = 50.0  # Hz

_HOMEPAGE = "https://github.com/muvr/muvr-training-data"
_ARCHIVE, _FOLDER = "muvr_labelled.zip", "labelled"
_COLUMNS = ("x", "y", "z", "exercise", "intensity", "weight", "repetitions")
_MAX_G = 4.1  # the watch clips at 4.095 g


@dataclass
class MuvrConfig(datasets.BuilderConfig):
    """Splits by person, as other recordings have them, cannot be had here; see the module.

    Args:
        test_subjects, validation_subjects: empty.
    """

    test_subjects: tuple[int, ...] = ()
    validation_subjects: tuple[int, ...] = ()


class Muvr(datasets.GeneratorBasedBuilder):
    """Muvr from an archive `muvr_labelled.zip` of the authors' folder `labelled`, or that folder, in `data_dir`.

    A row is a set of one exercise: `imu` `(time, 1, 6)` in m/s² (gravity included, sign turned to specific force) at
    50 Hz, NaN where the gyroscope would be, since the watch has none. `subject` is 0 throughout: nobody is named.
    `weight` (the authors give no unit) and `repetitions` are null where they were not noted.

    Raises:
        ValueError: if `data_dir` is not given, a file is damaged (it is named), or people are asked for.
        FileNotFoundError: if the archive or recordings are missing (their folder is named).
    """

    VERSION = datasets.Version("1.0.0")
    BUILDER_CONFIG_CLASS = MuvrConfig
    BUILDER_CONFIGS = [MuvrConfig(name="default", version=VERSION)]  # noqa: RUF012

    def _info(self) -> datasets.DatasetInfo:
        features = {
            "recording_id": datasets.Value("string"),
            "subject": datasets.Value("int32"),
            "label": datasets.ClassLabel(names=list(EXERCISES.values())),
            "label_code": datasets.Value("string"),
            "imu": datasets.Array3D((None, 1, 6), "float32"),
            "placements": datasets.Sequence(datasets.Value("string")),
            "sampling_rate": datasets.Value("float64"),
            "acceleration_unit": datasets.Value("string"),
            "gyroscope_unit": datasets.Value("string"),
            "gravity": datasets.Value("string"),
            "weight": datasets.Value("float32"),
            "repetitions": datasets.Value("int32"),
        }
        return datasets.DatasetInfo(description=__doc__, features=datasets.Features(features), homepage=_HOMEPAGE)

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        data_dir, asked = self.config.data_dir, (*self.config.test_subjects, *self.config.validation_subjects)
        if asked:
            raise ValueError(
                f"people {asked} were asked for, but Muvr names nobody and is nearly all one person: it has one "
                "split, 'train', for pretraining and zero-shot tests. Leave test_subjects and validation_subjects out"
            )
        if data_dir is None:
            raise ValueError(
                f"get the folder {_FOLDER} from {_HOMEPAGE} and pass the folder that holds it as data_dir"
            )
        folder = _open_folder(data_dir)
        for name, expected in FOLDERS.items():
            found = len(_recordings(folder, name))
            if found != expected:
                raise FileNotFoundError(f"{folder / name} holds {found} recordings (.csv), expected {expected}")
        return [datasets.SplitGenerator(name="train", gen_kwargs={"data_dir": data_dir})]

    def _generate_examples(self, data_dir: str) -> Iterator[tuple[str, dict[str, Any]]]:
        folder = _open_folder(data_dir)
        for name in FOLDERS:
            for path in _recordings(folder, name):
                log = _read_log(path)
                recording_id = f"{name}/{path.stem}"
                yield (
                    recording_id,
                    {
                        "recording_id": recording_id,
                        "subject": 0,
                        "label": EXERCISES[log["exercise"].iloc[0]],
                        "label_code": log["exercise"].iloc[0],
                        "imu": _imu_in_si_units(log)[:, None],
                        "placements": ["left_wrist"],
                        "sampling_rate": SAMPLING_RATE,
                        "acceleration_unit": "m/s2",
                        "gyroscope_unit": "rad/s",
                        "gravity": "included",
                        "weight": _noted(log["weight"]),
                        "repetitions": _noted(log["repetitions"]),
                    },
                )


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


def _recordings(folder: Path | zipfile.Path, name: str) -> list[Path | zipfile.Path]:
    if not (folder / name).is_dir():
        return []
    return sorted((path for path in (folder / name).iterdir() if path.suffix == ".csv"), key=lambda path: path.name)


def _read_log(path: Path | zipfile.Path) -> pd.DataFrame:
    """Rows of one set, columns as in `_COLUMNS`."""
    types = {"exercise": str, "intensity": str}
    try:
        with path.open("rb") as file:
            log = pd.read_csv(
                file, header=None, names=_COLUMNS, index_col=False, dtype={**dict.fromkeys(_COLUMNS, float), **types}
            )
    except Exception as error:  # zipfile, zlib and pandas raise a dozen types on damaged bytes
        raise ValueError(f"{path} is damaged ({type(error).__name__}: {error})") from error
    acceleration = log[["x", "y", "z"]].to_numpy()
    if len(log) == 0 or not np.isfinite(acceleration).all() or np.abs(acceleration).max() > _MAX_G:
        raise ValueError(f"{path} is damaged: expected rows of {', '.join(_COLUMNS)} with xyz within {_MAX_G} g")
    exercises = log["exercise"].unique().tolist()
    if len(exercises) != 1 or exercises[0] not in EXERCISES:
        raise ValueError(f"{path} is damaged: expected one known exercise in every row, got {exercises[:5]}")
    return log


def _imu_in_si_units(log: pd.DataFrame) -> np.ndarray:
    """Specific force in m/s² and NaN for the gyroscope, `(time, 6)`; the sign is explained in the module."""
    force = -STANDARD_GRAVITY * log[["x", "y", "z"]].to_numpy()
    return np.concatenate([force, np.full_like(force, np.nan)], axis=1)


def _noted(column: pd.Series) -> float | None:
    """What a column says throughout; the authors write nothing or -1 (and 0 repetitions) for "not noted"."""
    value = column.iloc[0]
    return float(value) if value > 0 else None
