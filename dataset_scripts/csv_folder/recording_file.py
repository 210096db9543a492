# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""Reading one recording from a CSV or Parquet file: which column is what, its unit, the clock, and a part of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from modeling_mujo.recordings_mujo import _COLUMN_STEMS, Sensor, check_rate, read_recording
from modeling_mujo.resampling_mujo import resample_uneven

CLOCK_RATE = 50.0  # Hz, of recordings with a time column; the rate of the encoder
_MAX_GAP_SECONDS = 0.2

_UNITS = {
    "g": "g",
    "m/s2": "m/s2",
    "m/s^2": "m/s2",
    "m/s²": "m/s2",
    "rad/s": "rad/s",
    "deg/s": "deg/s",
    "°/s": "deg/s",
    "dps": "deg/s",
}
_UNITS_OF = {"acceleration_unit": ("g", "m/s2"), "gyroscope_unit": ("rad/s", "deg/s")}
TIME_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}  # in seconds
_TIME_WORDS = {"sec": "s", "seconds": "s", "milliseconds": "ms", "µs": "us", "microseconds": "us", "nanoseconds": "ns"}
_TIME = re.compile(
    r"(?:(?P<unit_first>seconds)_elapsed|(?:time|timestamp|elapsed|epoch|unix[ _]?time(?:stamp)?|t)"
    r"(?:[ _](?P<unit>s|sec|seconds|ms|milliseconds|us|microseconds|ns|nanoseconds))?)"
)
_UNDERSTOOD = {stem + axis: quantity for quantity, stems in _COLUMN_STEMS.items() for stem in stems for axis in "xyz"}
_SHORT_NAMES = {letter + axis: stem + axis for letter, stem in (("a", "acc"), ("g", "gyro")) for axis in "xyz"}


@dataclass(frozen=True)
class Reading:
    """How the files of a folder are to be read; the fields are those of `CsvFolderConfig`."""

    sampling_rate: float | None
    time_unit: str | None
    acceleration_unit: str | None
    gyroscope_unit: str | None
    gravity: str | None
    columns: Mapping[str, str] | None


@dataclass(frozen=True)
class Plan:
    """What the header of a file says: columns of each sensor by plain name (`accx`), the clock, units."""

    sensors: dict[str, dict[str, str]]
    clock: float | str  # rate in Hz, or the column of time
    time_unit: str | None
    units: dict[str, str | None]


def read_recording_file(
    path: Path, placements: Sequence[str], reading: Reading, start: float | None, end: float | None
) -> tuple[np.ndarray, float]:
    """Read a recording, or the part from `start` to `end` seconds after its first sample.

    Returns:
        `(time, placements, 6)` in m/s² and rad/s, NaN where missing, and the rate in Hz.

    Raises:
        ValueError: the file is damaged, or its columns, clock or units are unclear (the file is named).
    """
    plan = plan_file(path, placements, reading)
    try:
        frame = _read_frame(path, plan)
        if frame.empty:
            raise ValueError("the file has no rows")
        if isinstance(plan.clock, float):
            seconds = np.arange(len(frame)) / plan.clock
        else:
            seconds = _seconds(frame[plan.clock], plan.time_unit)
        rows = _part(seconds, start, end)
        sensors = read_recording(
            {
                placement: frame.loc[rows, list(columns.values())].set_axis(list(columns), axis=1)
                for placement, columns in plan.sensors.items()
            },
            {
                "placement": None,
                "sampling_rate": plan.clock if isinstance(plan.clock, float) else None,
                "timestamps": None if isinstance(plan.clock, float) else seconds[rows],
                "gravity": reading.gravity,
                "gravity_vector": None,
                **plan.units,
            },
        )
    except (ValueError, OSError) as error:  # pandas' and pyarrow's errors are among these
        raise ValueError(f"{path}: {error}") from error
    return _on_one_clock(sensors)


def plan_file(path: Path, placements: Sequence[str], reading: Reading) -> Plan:
    """Decide from the header alone what to read.

    Raises:
        ValueError: the file is damaged, or its columns, clock or units are unclear (the file is named).
    """
    try:
        header = _read_header(path)
        if reading.columns is None:
            clock, sensors = _clock(header, reading), _sensor_columns(header, placements)
        else:
            clock, sensors = _mapped_columns(header, placements, reading)
        units = _units(sensors, reading)
        time_unit = _time_unit(clock, reading.time_unit) if isinstance(clock, str) else None
    except (ValueError, OSError) as error:
        raise ValueError(f"{path}: {error}") from error
    return Plan(sensors, clock, time_unit, units)


def _read_header(path: Path) -> list[str]:
    if path.suffix.lower() == ".parquet":
        return list(pq.read_schema(path).names)
    header = list(pd.read_csv(path, nrows=0, encoding="utf-8-sig"))
    if len(header) < 3:
        raise ValueError(f"expected a header of at least three comma-separated names, got {header}")
    return header


def _read_frame(path: Path, plan: Plan) -> pd.DataFrame:
    needed = [column for columns in plan.sensors.values() for column in columns.values()]
    needed += [plan.clock] if isinstance(plan.clock, str) else []
    if path.suffix.lower() == ".parquet":
        return pd.read_parquet(path, columns=needed)
    return pd.read_csv(path, usecols=needed, encoding="utf-8-sig")


def _name_and_unit(column: str) -> tuple[str, str | None]:
    """`"Acceleration x (m/s^2)"` → `"acceleration x"`, `"m/s2"`; a unit that is not known is None."""
    match = re.fullmatch(r"(.*?)\s*[(\[]([^)\]]*)[)\]]\s*", column)
    name, unit = match.groups() if match else (column, "")
    unit = unit.strip().lower()
    return name.strip().lower(), _UNITS.get(unit, unit if unit in TIME_UNITS else _TIME_WORDS.get(unit))


def _clock(header: Sequence[str], reading: Reading) -> float | str:
    if reading.sampling_rate is not None:
        return check_rate(reading.sampling_rate)
    found = [column for column in header if _TIME.fullmatch(_name_and_unit(column)[0])]
    if len(found) != 1:
        raise ValueError(
            f"expected one column of time, got {found} among {list(header)}: give sampling_rate, or say which with "
            'columns={"time": …}'
        )
    return found[0]


def _time_unit(column: str, declared: str | None) -> str | None:
    name, stated = _name_and_unit(column)
    match = _TIME.fullmatch(name)
    if match and stated is None:
        word = match["unit"] or match["unit_first"]
        stated = _TIME_WORDS.get(word, word)
    if declared and stated and declared != stated:
        raise ValueError(f"column {column!r} states {stated}, but time_unit is {declared!r}: leave time_unit out")
    return declared or stated


def _sensor_columns(header: Sequence[str], placements: Sequence[str]) -> dict[str, dict[str, str]]:
    """Columns of each sensor by plain name without punctuation; of several sensors, those behind their placement."""
    sensors: dict[str, dict[str, str]] = {}
    for placement in placements:
        prefix = f"{placement}_" if len(placements) > 1 else ""
        columns: dict[str, str] = {}
        for column in header:
            name = _plain(_name_and_unit(column)[0])
            plain = name.removeprefix(_plain(prefix))
            plain = _SHORT_NAMES.get(plain, plain)
            if not name.startswith(_plain(prefix)) or plain not in _UNDERSTOOD:
                continue
            if plain in columns:
                raise ValueError(f"{columns[plain]!r} and {column!r} name the same: say which with columns={{…}}")
            columns[plain] = column
        if not any(all(stem + axis in columns for axis in "xyz") for stem in _COLUMN_STEMS["acceleration"]):
            raise ValueError(
                f"no acceleration of {placement!r} among the columns {list(header)}: expected {prefix}acc_x, "
                f'{prefix}acc_y, {prefix}acc_z or another usual name, or columns={{"{prefix}acc_x": …}}'
            )
        sensors[placement] = columns
    return sensors


def _mapped_columns(
    header: Sequence[str], placements: Sequence[str], reading: Reading
) -> tuple[float | str, dict[str, dict[str, str]]]:
    columns = dict(reading.columns or {})
    missing = [column for column in columns.values() if column not in header]
    if missing:
        raise ValueError(f"columns {missing} are not among {list(header)}")
    time = columns.pop("time", None)
    if (time is None) == (reading.sampling_rate is None):
        raise ValueError('the clock must be given once: sampling_rate, or columns={"time": …}')
    sensors = _sensor_columns(list(columns), placements)
    return time or check_rate(reading.sampling_rate), {
        placement: {plain: columns[given] for plain, given in found.items()} for placement, found in sensors.items()
    }


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _units(sensors: Mapping[str, Mapping[str, str]], reading: Reading) -> dict[str, str | None]:
    """Units that the headers state or the settings declare, of what the files hold."""
    units = {}
    for quantity, setting in (("acceleration", "acceleration_unit"), ("gyroscope", "gyroscope_unit")):
        columns = [
            column for named in sensors.values() for plain, column in named.items() if _UNDERSTOOD[plain] == quantity
        ]
        stated = {unit for column in columns if (unit := _name_and_unit(column)[1])}
        declared = getattr(reading, setting)
        known = stated | ({declared} - {None})
        if columns and (len(known) != 1 or not known <= set(_UNITS_OF[setting])):
            raise ValueError(
                f"{setting} is {declared!r} and the columns state {sorted(stated)}: expected one of "
                f"{_UNITS_OF[setting]}, and no contradiction"
            )
        units[setting] = known.pop() if columns else None
    return units


def _seconds(column: pd.Series, unit: str | None) -> np.ndarray:
    """Seconds since the first sample."""
    if not pd.api.types.is_numeric_dtype(column):
        instants = pd.to_datetime(column)
        times = (instants - instants.iloc[0]).dt.total_seconds().to_numpy()
    elif unit is None:
        raise ValueError(f"the unit of the time {column.name!r} is unclear: give time_unit, one of {[*TIME_UNITS]}")
    else:
        times = (column.to_numpy() - column.iloc[0]) * TIME_UNITS[unit]
    if not np.isfinite(times).all():
        raise ValueError(f"the time {column.name!r} is missing in {np.sum(~np.isfinite(times))} rows")
    return times


def _part(seconds: np.ndarray, start: float | None, end: float | None) -> np.ndarray:
    """`(time,)` bool: the samples from `start` up to `end`."""
    rows = (seconds >= (start or 0)) & (seconds < (np.inf if end is None else end))
    if (start is not None or end is not None) and not rows.any():
        raise ValueError(f"no sample between {start} and {end} s; the recording lasts {seconds[-1]:.2f} s")
    return rows


def _on_one_clock(sensors: Sequence[Sensor]) -> tuple[np.ndarray, float]:
    """`(time, sensors, 6)`, NaN where missing, and its rate; recordings with times are resampled to `CLOCK_RATE`."""
    signals, rate = [], CLOCK_RATE
    for sensor in sensors:
        if isinstance(sensor.clock, float):
            values, rate = sensor.values, sensor.clock
        else:
            _, values, mask = resample_uneven(
                sensor.values, sensor.clock, sensor.clock[0], CLOCK_RATE, _MAX_GAP_SECONDS
            )
            values = np.where(mask[:, None], values, np.nan)
        if not sensor.has_gyroscope:
            values = np.pad(values[:, :3], ((0, 0), (0, 3)), constant_values=np.nan)
        signals.append(values)
    return np.stack(signals, axis=1), rate
