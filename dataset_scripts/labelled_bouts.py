# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""What builders of long recordings with changing labels share: bouts of one label, their columns, splits, sensors."""

import itertools
from collections.abc import Iterator, Sequence

import datasets
import numpy as np

NULL = "null"  # the label of everything that is none of the activities
_MIN_SECONDS = 0.5  # of real samples, as the feature extractor asks of an example


def bout_features(activities: Sequence[str], sensors: int) -> dict[str, object]:
    """Columns of a bout: one label, `imu` `(time, sensors, 6)` with NaN where a sensor or a sample is missing."""
    return {
        "recording_id": datasets.Value("string"),
        "subject": datasets.Value("int32"),
        "label": datasets.ClassLabel(names=[*activities, NULL]),
        "label_code": datasets.Value("string"),
        "is_null": datasets.Value("bool"),
        "imu": datasets.Array3D((None, sensors, 6), "float32"),
        "placements": datasets.Sequence(datasets.Value("string")),
        "sampling_rate": datasets.Value("float64"),
        "acceleration_unit": datasets.Value("string"),
        "gyroscope_unit": datasets.Value("string"),
        "gravity": datasets.Value("string"),
    }


def split_subjects(
    subjects: Sequence[int], test: Sequence[int], validation: Sequence[int]
) -> dict[str, tuple[int, ...]]:
    """People of each split, every person in exactly one; empty splits are left out.

    Raises:
        ValueError: if a person is unknown or in both groups.
    """
    unknown = sorted({*test, *validation} - set(subjects))
    shared = sorted(set(test) & set(validation))
    if unknown or shared:
        raise ValueError(
            f"test_subjects {tuple(test)} and validation_subjects {tuple(validation)}: unknown {unknown}, "
            f"in both {shared}; the people are {tuple(subjects)}"
        )
    train = tuple(subject for subject in subjects if subject not in {*test, *validation})
    splits = {"train": train, "validation": tuple(validation), "test": tuple(test)}
    return {split: people for split, people in splits.items() if people}


def constant_runs(labels: np.ndarray) -> Iterator[tuple[int, int]]:
    """First row and row past the end of every stretch of `(time,)` or `(time, columns)` without a change."""
    changes = np.flatnonzero((np.diff(labels.reshape(len(labels), -1), axis=0) != 0).any(axis=1)) + 1
    bounds = [0, *changes.tolist(), len(labels)]
    yield from itertools.pairwise(bounds)


def present_sensors(imu: np.ndarray, placements: Sequence[str]) -> dict[str, np.ndarray]:
    """The sensors a row really has, as `MujoImuFeatureExtractor` takes them.

    Args:
        imu: `(time, sensors, 6)`, NaN where missing.
        placements: one per sensor.

    Returns:
        Placement → `(time, 6)`, or `(time, 3)` where there is no gyroscope for most of the accelerometer's samples
        (it would mask them). A sensor without samples is left out.
    """
    sensors = {}
    for placement, values in zip(placements, np.moveaxis(imu, 1, 0), strict=True):
        accelerometer, gyroscope = (~np.isnan(part).any(axis=1) for part in (values[:, :3], values[:, 3:]))
        if 2 * (accelerometer & gyroscope).sum() < accelerometer.sum():
            values = values[:, :3]
        if accelerometer.sum() >= 2:
            sensors[str(placement)] = values
    return sensors


def holds_example(imu: np.ndarray, sampling_rate: float) -> bool:
    """Whether some sensor of `(time, sensors, 6)` is there for half a second at least, and for half of the bout."""
    sensors = present_sensors(imu, [str(index) for index in range(imu.shape[1])])
    real = max((int((~np.isnan(values).any(axis=1)).sum()) for values in sensors.values()), default=0)
    return real >= max(_MIN_SECONDS * sampling_rate, len(imu) / 2)
