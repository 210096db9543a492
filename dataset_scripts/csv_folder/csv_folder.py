# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""Your own recordings: a folder of CSV or Parquet files, with a manifest or sorted into folders by activity.

my_recordings/                          my_recordings/
  manifest.csv                            squat/anna/0.csv
  0.csv                                   squat/ben/0.csv
  …                                       rest/anna/0.csv

file,label,subject
0.csv,squat,anna

from dataset_scripts.csv_folder.csv_folder import CsvFolder

builder = CsvFolder(
    data_dir="my_recordings",
    sampling_rate=100,
    acceleration_unit="g",
    gyroscope_unit="deg/s",
    gravity="included",
    placements=("right_wrist",),
    test_subjects=("ben",),
)
builder.download_and_prepare()
rows = builder.as_dataset()
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import datasets

from dataset_scripts.csv_folder.listing import UNNAMED, Entry, list_recordings, split_recordings
from dataset_scripts.csv_folder.recording_file import TIME_UNITS, Reading, plan_file, read_recording_file
from dataset_scripts.fimad.fingerprint import fingerprint
from modeling_mujo.configuration_mujo import PLACEMENTS


@dataclass
class CsvFolderConfig(datasets.BuilderConfig):
    """How the files are to be read. Nothing is guessed: what the headers do not state must be said here.

    The parameters you will give: `gravity`, `acceleration_unit`, `gyroscope_unit`, `sampling_rate` (or a column of
    time), `placements` and `test_subjects`.

    Args:
        sampling_rate: samples a second in Hz. Without it, a column of time is read (time, timestamp, elapsed, epoch,
            seconds_elapsed, …; dates too) and the recordings are resampled to 50 Hz.
        time_unit: "s", "ms", "us" or "ns", where the header of the time does not state it, as "epoch (ms)" does.
        acceleration_unit: "g" or "m/s2", where the headers do not state it, as "Acceleration x (m/s^2)" does.
        gyroscope_unit: "rad/s" or "deg/s", likewise.
        gravity: "included" where a sensor at rest reads 1 g upwards; "removed" for linear acceleration, which needs
            the columns gravity_x, gravity_y and gravity_z.
        placements: where the sensors are worn, names from `PLACEMENTS`. Columns of several sensors start with their
            placement: left_wrist_acc_x. A manifest may say it by recording instead, in its column `placement`.
        columns: from plain names to those of the files, where they are others: {"acc_x": "X", "time": "when"}; then no
            other column is read. Understood without it are acc_x, ax, accel_x, accelerometer_x, "Acceleration x" and
            gyro_x, gx, gyroscope_x, rotationRate.x, in any case and punctuation, and Core Motion's userAcceleration.
        test_subjects, validation_subjects: people, as the manifest or the folders name them; the rest is for training.
    """

    sampling_rate: float | None = None
    time_unit: str | None = None
    acceleration_unit: str | None = None
    gyroscope_unit: str | None = None
    gravity: str | None = None
    placements: Sequence[str] = ("unknown",)
    columns: Mapping[str, str] | None = None
    test_subjects: Sequence[str] = ()
    validation_subjects: Sequence[str] = ()

    def create_config_id(self, config_kwargs: dict, custom_features: datasets.Features | None = None) -> str:
        """Names the cache. `datasets` heeds settings; rows depend on the files too."""
        return f"{super().create_config_id(config_kwargs, custom_features)}-{fingerprint(self.data_dir)}"


class CsvFolder(datasets.GeneratorBasedBuilder):
    """Recordings of a folder `data_dir`.

    With a `manifest.csv`, a row of it is a recording: columns `file` and `label`, and `subject` (the person), `split`
    ("train", "validation", "test"), `placement`, `start` and `end` (seconds from the first sample) where wanted.
    Without one, files lie as `label/recording.csv` or `label/person/recording.csv`; "_" in a label is a blank.

    Splits are by person. Where nobody is named, only the manifest's `split` can divide the recordings (no file is ever
    in two splits); else all are in "train", with a warning. Nothing is split at random.

    A row is a recording, or the part of a `file` that a row of the manifest names: `imu` `(time, sensors, 6)` in m/s²
    (gravity included) and rad/s at `sampling_rate`, NaN where a sample or the gyroscope is missing.

    Raises:
        ValueError: settings are missing or unknown, a file is damaged or unclear (it is named), a person would be in
            two splits, or one was asked for where nobody is named.
        FileNotFoundError: the folder, or a file of the manifest, does not exist.
    """

    VERSION = datasets.Version("1.0.0")
    BUILDER_CONFIG_CLASS = CsvFolderConfig
    BUILDER_CONFIGS = [CsvFolderConfig(name="default", version=VERSION)]  # noqa: RUF012

    def _info(self) -> datasets.DatasetInfo:
        if self.config.data_dir is None:
            raise ValueError("pass the folder of your recordings as data_dir")
        entries = list_recordings(Path(self.config.data_dir))
        _check_settings(self.config, entries)
        features = {
            "recording_id": datasets.Value("string"),
            "file": datasets.Value("string"),
            "subject": datasets.ClassLabel(names=sorted({_person(entry) for entry in entries})),
            "label": datasets.ClassLabel(names=sorted({entry.label for entry in entries})),
            "label_code": datasets.Value("string"),
            "imu": datasets.Array3D((None, len(self.config.placements), 6), "float32"),
            "placements": datasets.Sequence(datasets.Value("string")),
            "sampling_rate": datasets.Value("float64"),
            "acceleration_unit": datasets.Value("string"),
            "gyroscope_unit": datasets.Value("string"),
            "gravity": datasets.Value("string"),
        }
        return datasets.DatasetInfo(description=__doc__, features=datasets.Features(features))

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        config, folder = self.config, Path(self.config.data_dir)
        entries = list_recordings(folder)
        splits = split_recordings(entries, config.test_subjects, config.validation_subjects)
        if not any(entry.subject or entry.split for entry in entries):
            warnings.warn(
                f"{folder} names nobody, so no split by person is possible: all recordings are in 'train'. To measure "
                "on other people, name them (see CsvFolder)",
                stacklevel=2,
            )
        for entry in entries:
            plan_file(folder / entry.file, _placements(config, entry), _reading(config))
        return [
            datasets.SplitGenerator(name=split, gen_kwargs={"folder": folder, "entries": members})
            for split, members in splits.items()
        ]

    def _generate_examples(self, folder: Path, entries: list[Entry]) -> Iterator[tuple[str, dict[str, Any]]]:
        for entry in entries:
            placements = _placements(self.config, entry)
            imu, rate = read_recording_file(
                folder / entry.file, placements, _reading(self.config), entry.start, entry.end
            )
            yield (
                entry.recording_id,
                {
                    "recording_id": entry.recording_id,
                    "file": entry.file,
                    "subject": _person(entry),
                    "label": entry.label,
                    "label_code": entry.label,
                    "imu": imu,
                    "placements": placements,
                    "sampling_rate": rate,
                    "acceleration_unit": "m/s2",
                    "gyroscope_unit": "rad/s",
                    "gravity": "included",
                },
            )


def _check_settings(config: CsvFolderConfig, entries: Sequence[Entry]) -> None:
    given, listed = tuple(config.placements), {entry.placement for entry in entries if entry.placement}
    unknown = sorted({*given, *listed} - set(PLACEMENTS))
    if unknown or not given or len(set(given)) < len(given):
        raise ValueError(f"placements are {given}, unknown: {unknown}; expected different ones of {PLACEMENTS}")
    if listed and given != ("unknown",):
        raise ValueError(f"placements are given twice: {given} and in the manifest {sorted(listed)}")
    if config.gravity not in ("included", "removed"):
        raise ValueError(f'gravity is {config.gravity!r}: say "included" or "removed" (see CsvFolderConfig)')
    if config.time_unit is not None and config.time_unit not in TIME_UNITS:
        raise ValueError(f"time_unit is {config.time_unit!r}, expected one of {[*TIME_UNITS]}")


def _placements(config: CsvFolderConfig, entry: Entry) -> list[str]:
    return list(config.placements) if entry.placement is None else [entry.placement]


def _person(entry: Entry) -> str:
    """The person; where nobody is named, one stand-in for each split, which the manifest keeps apart."""
    return entry.subject or f"{UNNAMED} ({entry.split or 'train'})"


def _reading(config: CsvFolderConfig) -> Reading:
    return Reading(**{field.name: getattr(config, field.name) for field in fields(Reading)})
