# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""What people hand over – arrays, tables, files, dictionaries – → windows for the encoder, within stated bounds."""

import csv
import io
import os
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch

from .feature_extraction_mujo import MujoImuFeatureExtractor
from .recordings_mujo import Sensor, as_array, bounded_seconds, check_number, find_columns, read_recording, short

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

# Overlap and number of windows are bounded, for every window and its probabilities are held in memory.
_MOST_WINDOWS_PER_SAMPLE = 10
_SAMPLES_PER_WINDOW = 50

# Recorders of many sensors write some 250 columns.
_MAX_COLUMNS = 512


@dataclass
class Windows:
    """The windows of one recording; lengths and times are in samples of the extractor's rate."""

    inputs: dict[str, torch.Tensor]  # of the encoder, `(windows, ...)`
    starts: np.ndarray  # (windows,) int64
    length: int
    hop: int
    recording_length: int

    def batches(self, size: int, device: str | torch.device) -> Iterator[dict[str, torch.Tensor]]:
        """Inputs of `size` windows at a time, on `device`."""
        for start in range(0, len(self.starts), size):
            yield {name: value[start : start + size].to(device) for name, value in self.inputs.items()}


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
        max_samples: bound on the recording's seconds × sensors × its rate in Hz (or the extractor's, if greater); for
            50 of it there may be one window.

    Raises:
        ValueError: the file cannot be read, or the recording is too long, incomplete, or not what sensors read.
    """
    window_seconds, hop_seconds = _window_and_hop(extractor, window_seconds, hop_seconds)
    data, described = _unpack(recording, described)
    data = _open(data, max_samples)
    sensors = _read_sensors(data, described)
    seconds = bounded_seconds(sensors, extractor.sampling_rate, max_samples)
    most_windows = max_samples // _SAMPLES_PER_WINDOW
    if seconds / hop_seconds > most_windows:
        raise ValueError(
            f"{seconds:.1f} s hold more than {most_windows} windows {hop_seconds:g} s apart, one for "
            f"{_SAMPLES_PER_WINDOW} of max_samples={max_samples}: raise hop_seconds, or cut the recording"
        )
    features = extractor(
        data, **described, window_seconds=window_seconds, hop_seconds=hop_seconds, return_tensors="pt"
    )
    rate = extractor.sampling_rate
    return Windows(
        inputs={name: features[name] for name in extractor.model_input_names},
        starts=np.rint(features["window_start"].numpy() * rate).astype(np.int64),
        length=features["imu_values"].shape[2],
        hop=round(hop_seconds * rate),
        recording_length=int(np.ceil(seconds * rate)),
    )


def check_whole_number(name: str, value: Any) -> int:
    """`value`; ValueError unless it is a positive whole number."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be a positive whole number, got {short(value)}")
    return int(value)


def check_described(described: Mapping[Any, Any]) -> None:
    """ValueError for names that do not describe a recording."""
    unknown = [name for name in described if name not in DESCRIPTION]
    if unknown:
        raise ValueError(f"{short(unknown)} do not describe a recording: expected some of {list(DESCRIPTION)}")


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
        return as_array(data, "a recording")
    if isinstance(data, (bytes, bytearray, memoryview)):
        return _read_table(io.BytesIO(data), "the bytes given", max_samples)
    if isinstance(data, (str, os.PathLike)):
        if not os.path.isfile(data):
            raise ValueError(f"no file at {os.fspath(data)!r}: expected the path of a CSV or Parquet file")
        with Path(data).open("rb") as file:
            return _read_table(file, os.fspath(data), max_samples)
    return data


def _read_sensors(data: Any, described: Mapping[str, Any]) -> list[Sensor]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the extractor reads once more and gives the same warnings
        return read_recording(data, {name: described.get(name) for name in DESCRIPTION})


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
    table = _read_parquet(file, name, max_samples) if is_parquet else _read_csv(pd, file, name, max_samples)
    if len(table) > max_samples:
        raise ValueError(f"{name}: more than max_samples={max_samples} rows: cut the recording, or raise max_samples")
    return table


def _read_csv(pd: Any, file: BinaryIO, name: str, max_samples: int) -> Any:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    try:
        columns = _read_header(file)
        # A row has a byte for each column, at least. Shorter ones would be filled up, without bound.
        most_rows = min(max_samples, size // len(columns))
        table = pd.read_csv(file, header=None, names=columns, nrows=most_rows + 1)
    except (ValueError, OverflowError) as error:  # pandas' errors are among these
        raise ValueError(f"{name} cannot be read as a CSV or Parquet file: {error}") from error
    if not isinstance(table.index, pd.RangeIndex):
        raise ValueError(f"{name}: its rows have more fields than the {len(columns)} columns of its first line")
    if len(table) > most_rows and most_rows < max_samples:
        raise ValueError(f"{name}: its rows have fewer fields than the {len(columns)} columns of its first line")
    return table


def _read_header(file: BinaryIO) -> list[str]:
    """Names of a CSV file's columns, its first line; the file is left at the second."""
    line = file.readline(_MAX_HEADER_BYTES)
    if len(line) == _MAX_HEADER_BYTES:
        raise ValueError(f"its first line has {_MAX_HEADER_BYTES} bytes or more: expected the names of the columns")
    try:
        names = next(csv.reader([line.decode("utf-8-sig")], strict=True), [])
    except csv.Error as error:
        raise ValueError(f"its first line does not hold the names of the columns: {error}") from error
    if not 1 <= len(names) <= _MAX_COLUMNS:
        raise ValueError(f"its first line holds {len(names)} names of columns: expected 1 to {_MAX_COLUMNS}")
    find_columns(names)
    return [name if names.count(name) == 1 else f"{name} (column {index})" for index, name in enumerate(names)]


def _read_parquet(file: BinaryIO, name: str, max_samples: int) -> Any:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ImportError("reading Parquet files needs pyarrow: pip install pyarrow") from error

    try:
        parquet = pq.ParquetFile(file)
        if parquet.metadata.num_rows > max_samples:
            raise ValueError(f"its {parquet.metadata.num_rows} rows are more than max_samples={max_samples}")
        # Only these, and only of fixed width: a text or a list that is stored once may unfold a million times.
        found, _ = find_columns(parquet.schema_arrow.names)
        columns = [column for names in found.values() for column in names]
        for field in map(parquet.schema_arrow.field, columns):
            if not (
                pa.types.is_integer(field.type)
                or pa.types.is_floating(field.type)
                or pa.types.is_timestamp(field.type)
            ):
                raise ValueError(f"its column {field.name!r} must hold numbers, got {field.type}")
        return parquet.read(columns=columns).to_pandas(ignore_metadata=True)
    except (ValueError, OSError, pa.ArrowException) as error:
        raise ValueError(f"{name} cannot be read as a CSV or Parquet file: {error}") from error


__all__ = ["DESCRIPTION", "MAX_SAMPLES", "WINDOW_SECONDS", "Windows", "cut_windows"]
