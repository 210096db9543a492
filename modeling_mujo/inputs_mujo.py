# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""What people hand over – arrays, tables, files, dictionaries – → windows for the encoder, within stated bounds."""

import io
import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch

from .feature_extraction_mujo import MujoImuFeatureExtractor
from .recordings_mujo import Sensor, read_recording
from .resampling_mujo import _fraction

WINDOW_SECONDS = 4.0  # where neither a call nor the extractor says; pretraining's window

# What can be said about a recording: the extractor's arguments.
DESCRIPTION = (
    "sampling_rate",
    "timestamps",
    "acceleration_unit",
    "gyroscope_unit",
    "gravity",
    "gravity_vector",
    "placement",
)

# Eleven hours of one sensor at 50 Hz, five and a half at 100 Hz.
MAX_SAMPLES = 2_000_000

# A row of 17-digit numbers of every column that is read has fewer bytes; longer first lines are no header.
_MAX_BYTES_PER_SAMPLE = 256
_MAX_HEADER_BYTES = 65_536

# Overlap of windows is bounded, for every window is held in memory.
_MOST_WINDOWS_PER_SAMPLE = 10

# A rate of 2000.01 Hz is 200001/100 Hz, and the resampling filter has 40 taps for each of the numerator.
_MAX_RATE_NUMERATOR = 200_000

# In m/s² and rad/s. No wearable sensor reads a tenth of it; the encoder's arithmetic is exact far beyond.
_MAX_READING = 1e5


@dataclass
class Windows:
    """The windows of one recording; lengths and times are in samples of the extractor's rate."""

    inputs: dict[str, torch.Tensor]  # of the encoder, `(windows, ...)`
    starts: np.ndarray  # (windows,) int64
    length: int
    hop: int
    recording_length: int


def cut_windows(
    extractor: MujoImuFeatureExtractor,
    recording: Any,
    described: Mapping[str, Any],
    window_seconds: float | None = None,
    hop_seconds: float | None = None,
    max_samples: int = MAX_SAMPLES,
) -> Windows:
    r"""
    Windows of one recording.

    Args:
        extractor: converts units and rate.
        recording: what [`MujoImuFeatureExtractor`] takes for one recording; or the path or the bytes of a CSV or
            Parquet file with its column names; or a dictionary with such a recording as `"data"` and, beside it, any
            of `DESCRIPTION`, which take the place of `described`.
        described: any of `DESCRIPTION`.
        window_seconds: window length; by default the extractor's, else 4 s.
        hop_seconds: distance between the starts of windows, at most the window and at least a tenth of it; by
            default the extractor's, else half a window.
        max_samples: bound on the recording's seconds × sensors × its rate in Hz (or the extractor's, if greater).

    Raises:
        ValueError: the file cannot be read, or the recording is too long, incomplete, or not what sensors read.
    """
    window_seconds, hop_seconds = _window_and_hop(extractor, window_seconds, hop_seconds)
    data, described = _unpack(recording, described)
    data = _open(data, max_samples)
    sensors = _read_sensors(data, described)
    seconds = _bounded_seconds(sensors, extractor.sampling_rate, max_samples)
    features = extractor(
        data, **described, window_seconds=window_seconds, hop_seconds=hop_seconds, return_tensors="pt"
    )
    largest = float(features["imu_values"].abs().max())
    if largest > _MAX_READING:
        raise ValueError(
            f"a reading of {largest:.3g} m/s² or rad/s: expected less than {_MAX_READING:g}, for no wearable sensor "
            "reads more. Mark damaged samples as NaN and check the units"
        )
    rate = extractor.sampling_rate
    return Windows(
        inputs={name: features[name] for name in extractor.model_input_names},
        starts=np.rint(features["window_start"].numpy() * rate).astype(np.int64),
        length=features["imu_values"].shape[2],
        hop=round(hop_seconds * rate),
        recording_length=int(np.ceil(seconds * rate)),
    )


def check_number(name: str, value: Any, least: float, most: float) -> float:
    """`value` as float; ValueError unless it is a number from `least` to `most`."""
    is_number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not is_number or not least <= value <= most:
        raise ValueError(f"{name} must be a number from {least:g} to {most:g}, got {value!r}")
    return float(value)


def check_whole_number(name: str, value: Any) -> int:
    """`value`; ValueError unless it is a positive whole number."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be a positive whole number, got {value!r}")
    return int(value)


def check_described(described: Mapping[Any, Any]) -> None:
    """ValueError for names that do not describe a recording."""
    unknown = [name for name in described if name not in DESCRIPTION]
    if unknown:
        raise ValueError(f"{unknown} do not describe a recording: expected some of {list(DESCRIPTION)}")


def _window_and_hop(
    extractor: MujoImuFeatureExtractor, window_seconds: float | None, hop_seconds: float | None
) -> tuple[float, float]:
    window = extractor.window_seconds if window_seconds is None else window_seconds
    window = WINDOW_SECONDS if window is None else window
    window = check_number("window_seconds", window, extractor.min_seconds, extractor.max_seconds)
    hop = extractor.hop_seconds if hop_seconds is None else hop_seconds
    hop = window / 2 if hop is None else hop
    return window, check_number("hop_seconds", hop, window / _MOST_WINDOWS_PER_SAMPLE, window)


def _unpack(recording: Any, described: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The data and its description, from a dictionary with `"data"` or from anything else."""
    check_described(described)
    if not (isinstance(recording, Mapping) and "data" in recording):
        return recording, dict(described)
    own = {name: value for name, value in recording.items() if name != "data"}
    check_described(own)
    return recording["data"], {**described, **own}


def _open(data: Any, max_samples: int) -> Any:
    """A recording as the extractor takes it: files become tables, nested lists become arrays."""
    if isinstance(data, Mapping):
        return {name: _open(value, max_samples) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        try:
            return np.asarray(data)
        except ValueError as error:
            raise ValueError(f"nested lists must have the shape (time, 3 or 6): {error}") from error
    if isinstance(data, (bytes, bytearray, memoryview)):
        return _read_table(io.BytesIO(data), "the bytes given", max_samples)
    if isinstance(data, (str, os.PathLike)):
        if not os.path.isfile(data):
            raise ValueError(f"no file at {os.fspath(data)!r}: expected the path of a CSV or Parquet file")
        with Path(data).open("rb") as file:
            return _read_table(file, os.fspath(data), max_samples)
    columns = list(getattr(data, "columns", ()))
    if len(set(columns)) < len(columns):
        raise ValueError(f"columns of a table must differ from each other, got {columns}")
    return data


def _read_sensors(data: Any, described: Mapping[str, Any]) -> list[Sensor]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the extractor reads once more and gives the same warnings
            return read_recording(data, {name: described.get(name) for name in DESCRIPTION})
    except (TypeError, OverflowError) as error:  # of foreign types: sparse tensors, integers beyond any float
        raise ValueError(f"the recording or its description holds what cannot be read as numbers: {error}") from error


def _read_table(file: BinaryIO, name: str, max_samples: int) -> Any:
    """The table of a CSV or Parquet file, told apart by their first bytes."""
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("reading CSV and Parquet files needs pandas: pip install pandas pyarrow") from error

    size = file.seek(0, os.SEEK_END)
    if size > max_samples * _MAX_BYTES_PER_SAMPLE:
        raise ValueError(
            f"{name}: {size} bytes are more than {max_samples * _MAX_BYTES_PER_SAMPLE} (max_samples={max_samples}): "
            "cut the recording, or raise max_samples"
        )
    file.seek(0)
    is_parquet = file.read(4) == b"PAR1"
    file.seek(0)
    try:
        table = _read_parquet(file, max_samples) if is_parquet else _read_csv(pd, file, max_samples)
    except (ValueError, OSError, RecursionError) as error:  # pandas' and pyarrow's errors are among these
        raise ValueError(f"{name} cannot be read as a CSV or Parquet file: {error}") from error
    if len(table) > max_samples:
        raise ValueError(f"{name}: more than max_samples={max_samples} rows: cut the recording, or raise max_samples")
    return table


def _read_csv(pd: Any, file: BinaryIO, max_samples: int) -> Any:
    if len(file.readline(_MAX_HEADER_BYTES)) == _MAX_HEADER_BYTES:
        raise ValueError(f"its first line has {_MAX_HEADER_BYTES} bytes or more: expected the names of the columns")
    file.seek(0)
    table = pd.read_csv(file, nrows=max_samples + 1)
    if not isinstance(table.index, pd.RangeIndex):
        raise ValueError(f"its rows have more fields than the {len(table.columns)} columns of its first line")
    return table


def _read_parquet(file: BinaryIO, max_samples: int) -> Any:
    try:
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ImportError("reading Parquet files needs pyarrow: pip install pyarrow") from error

    parquet = pq.ParquetFile(file)
    rows, bytes_ = (
        parquet.metadata.num_rows,
        sum(parquet.metadata.row_group(group).total_byte_size for group in range(parquet.num_row_groups)),
    )
    if rows > max_samples or bytes_ > max_samples * _MAX_BYTES_PER_SAMPLE:
        raise ValueError(f"{rows} rows of {bytes_} bytes are more than max_samples={max_samples} allows")
    return parquet.read().to_pandas()


def _bounded_seconds(sensors: list[Sensor], rate: float, max_samples: int) -> float:
    """Length of the recording in seconds; ValueError where resampling it would take unbounded memory."""
    clocks = [sensor.clock for sensor in sensors if not isinstance(sensor.clock, float)]
    origin = min((float(clock[0]) for clock in clocks), default=0.0)
    seconds, fastest = 0.0, float(rate)
    for sensor in sensors:
        _check_filter(sensor.clock)
        if isinstance(sensor.clock, float):
            seconds = max(seconds, len(sensor.values) / sensor.clock)
            fastest = max(fastest, sensor.clock)
        else:
            period = float(np.median(np.diff(sensor.clock)))
            seconds = max(seconds, float(sensor.clock[-1]) - origin + period)
            fastest = max(fastest, 1 / period)
    samples = seconds * fastest * len(sensors)
    if samples > max_samples:
        raise ValueError(
            f"{seconds:.1f} s of {len(sensors)} sensors at {fastest:g} Hz are {samples:.0f} samples: expected at most "
            f"max_samples={max_samples}. Cut the recording, check its timestamps, or raise max_samples"
        )
    return seconds


def _check_filter(clock: float | np.ndarray) -> None:
    rate = clock if isinstance(clock, float) else (len(clock) - 1) / float(clock[-1] - clock[0])
    if _fraction(rate).numerator > _MAX_RATE_NUMERATOR:
        raise ValueError(
            f"a sampling rate of {rate:.4f} Hz: expected whole numbers above {_MAX_RATE_NUMERATOR // 100} Hz, for the "
            "filter would be of unbounded length. Give it as a rounded sampling_rate"
        )


__all__ = ["DESCRIPTION", "MAX_SAMPLES", "WINDOW_SECONDS", "Windows", "cut_windows"]
