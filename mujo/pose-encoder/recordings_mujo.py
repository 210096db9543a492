# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""Reading one wearable recording: any container, declared units and clock → sensors in SI units."""

import re
import reprlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
import torch
from scipy.constants import g as STANDARD_GRAVITY

from .configuration_mujo import PLACEMENTS

_ACCELERATION_FACTORS = {"m/s2": 1.0, "g": STANDARD_GRAVITY}
_GYROSCOPE_FACTORS = {"rad/s": 1.0, "deg/s": np.pi / 180}
_GRAVITY_CONVENTIONS = ("included", "removed")

# Accepted sampling rates in Hz. A period given as a rate (0.02) or timestamps in milliseconds fall outside.
_MIN_RATE, _MAX_RATE = 1.0, 10_000.0

# In m/s² and rad/s. No wearable sensor reads a tenth of it; the encoder's arithmetic is exact far beyond.
_MAX_READING = 1e5

# Apple's name. Core Motion's accelerations have the opposite sign of specific force.
_CORE_MOTION_STEM = "useracceleration"

# Column names of data frames, compared in lower case without punctuation and followed by x, y or z.
_COLUMN_STEMS = {
    "acceleration": ("acc", "accel", "acceleration", "accelerometer", _CORE_MOTION_STEM),
    "gyroscope": ("gyr", "gyro", "gyroscope", "rotationrate", "angularvelocity"),
    "gravity": ("gravity",),
}
_TIME_COLUMNS = ("time", "timestamp")

# What comes out is bounded by what goes in, or by eleven hours of a sensor at 50 Hz, if that is more. Slow clocks and
# overlapping windows stay far below; a wrong timestamp or hop does not.
FREE_SAMPLES = 2_000_000
MOST_PER_SAMPLE = 100

# Median norm between 1 g read as 1 and 1 g read as 9.81: below it a recording looks like g, above it like m/s².
_UNIT_BOUNDARY = float(np.sqrt(STANDARD_GRAVITY))


class UnitWarning(UserWarning):
    """The readings look as if they were in another unit than the declared one."""


@dataclass
class Signal:
    """What was recorded on one clock; NaN where a sample is missing."""

    values: np.ndarray  # (time, channels) float64
    clock: float | np.ndarray  # rate in Hz, or times (time,) in seconds


@dataclass
class Sensor(Signal):
    """One sensor of one recording in SI units: six channels, of which angular velocity is 0 without a gyroscope."""

    placement: str
    has_gyroscope: bool


@dataclass
class _Signals:
    """What one sensor logged, in the units and signs of the log."""

    acceleration: np.ndarray  # (time, 3)
    gyroscope: np.ndarray | None = None  # (time, 3)
    gravity: np.ndarray | None = None  # (time, 3)
    times: np.ndarray | None = None  # (time,)
    is_core_motion: bool = False


_short = reprlib.Repr()
_short.maxstring = _short.maxother = 100
_short.maxlist = _short.maxdict = 12


def short(value: Any) -> str:
    """`value` for a message, of bounded length and depth, whatever it is."""
    return _short.repr(value)


def check_number(name: str, value: Any, least: float, most: float) -> float:
    """`value` as float; ValueError unless it is a number from `least` to `most`."""
    # `np.bool_` is not among `Real`, and integers beyond any float are compared as they are.
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not least <= value <= most:
        raise ValueError(f"{name} must be a number from {least:g} to {most:g}, got {short(value)}")
    return float(value)


def check_rate(rate: Any) -> float:
    """`rate` in Hz as float; ValueError unless a wearable sensor can have it."""
    return check_number("sampling_rate (in Hz)", rate, _MIN_RATE, _MAX_RATE)


def check_choice(name: str, value: Any, choices: Any) -> None:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {list(choices)}, got {short(value)}")


def to_array(data: Any, name: str) -> np.ndarray:
    """A float64 copy of numbers in any container; missing samples are NaN."""
    if isinstance(data, torch.Tensor):
        if data.layout is not torch.strided or data.is_complex() or data.dtype is torch.bool or data.is_meta:
            raise ValueError(f"{name} must be a dense tensor of real numbers, got {data.layout} of {data.dtype}")
        data = data.detach().to("cpu", torch.float64).numpy()
    masked = np.ma.getmaskarray(data) if np.ma.isMaskedArray(data) else None
    array = as_array(data, name)
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name} must hold numbers, got an array of dtype {array.dtype}")
    array = array.astype(np.float64)
    if masked is not None:
        array[masked] = np.nan
    # Beyond float32 a value would turn infinite on its way out.
    if (np.abs(array) > np.finfo(np.float32).max).any():
        raise ValueError(f"{name} holds infinite values; mark missing samples as NaN")
    return array


def as_array(data: Any, name: str) -> np.ndarray:
    """`np.asarray`, whose errors of ragged, too deep or foreign containers become a ValueError that names them."""
    try:
        return np.asarray(data)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"{name} must be one block of numbers, with rows of one length: {error}") from error


def _is_data_frame(data: Any) -> bool:
    return hasattr(data, "columns") and hasattr(data, "to_numpy")


def find_columns(columns: Sequence[Any]) -> tuple[dict[str, list], bool]:
    """Which columns of a table are read: for acceleration, gyroscope and gravity those of x, y, z, for time one.

    Returns:
        The columns by quantity, quantities that the table lacks left out; and whether it is Core Motion's.

    Raises:
        ValueError: there is no acceleration, an axis is missing, or several columns name the same.
    """
    named: dict[str, list] = {}
    for column in columns:
        named.setdefault(re.sub(r"[^a-z0-9]", "", str(column).lower()), []).append(column)
    wanted: dict[str, list[str]] = {}
    for quantity, stems in {**_COLUMN_STEMS, "time": _TIME_COLUMNS}.items():
        axes = ("",) if quantity == "time" else ("x", "y", "z")
        present = [stem for stem in stems if any(stem + axis in named for axis in axes)]
        if len(present) > 1:
            raise ValueError(f"columns {present} all name the {quantity}: keep one of them")
        if present:
            wanted[quantity] = [present[0] + axis for axis in axes]
    for name in (name for names in wanted.values() for name in names):
        if len(named.get(name, [])) > 1:
            raise ValueError(f"columns of a table must differ from each other, got {short(named[name])}")
    missing = [name for names in wanted.values() for name in names if name not in named]
    if missing:
        raise ValueError(f"columns {missing} are missing among {short(list(columns))}")
    if "acceleration" not in wanted:
        raise ValueError(
            f"no acceleration among the columns {short(list(columns))}: expected acc_x, acc_y, acc_z (or another of "
            f"{_COLUMN_STEMS['acceleration']}), optionally gyro_x, gyro_y, gyro_z and time"
        )
    is_core_motion = wanted["acceleration"][0].startswith(_CORE_MOTION_STEM)
    return {quantity: [named[name][0] for name in names] for quantity, names in wanted.items()}, is_core_motion


def _read_frame(frame: Any) -> _Signals:
    found, is_core_motion = find_columns(list(frame.columns))
    times = found.pop("time", None)
    signals = {
        quantity: np.stack([to_array(frame[column], quantity) for column in columns], axis=1)
        for quantity, columns in found.items()
    }
    return _Signals(**signals, times=frame[times[0]].to_numpy() if times else None, is_core_motion=is_core_motion)


def _read_array(data: Any) -> _Signals:
    array = to_array(data, "a recording")
    if array.ndim != 2 or array.shape[1] not in (3, 6):
        raise ValueError(
            f"expected a recording of shape (time, 3) or (time, 6), or (time, sensors, 3 or 6) with a list of "
            f"placements, got {array.shape}"
        )
    return _Signals(array[:, :3], array[:, 3:] if array.shape[1] == 6 else None)


def read_recording(recording: Any, described: dict[str, Any]) -> list[Sensor]:
    """Read every sensor of one recording.

    Args:
        recording: array `(time, 3 or 6)`, array `(time, sensors, 3 or 6)`, data frame, or dictionary from placement.
        described: placement, sampling_rate, timestamps, acceleration_unit, gyroscope_unit, gravity and gravity_vector,
            as `MujoImuFeatureExtractor` takes them for one recording.

    Raises:
        ValueError: if the description is incomplete, unknown or contradicts the data.
    """
    described = dict(described)
    placement = described.pop("placement")
    if isinstance(recording, (list, tuple)):
        recording = as_array(recording, "a recording")
    if isinstance(recording, Mapping):
        if not recording:
            raise ValueError("got a recording without sensors: an empty dictionary")
        if placement is not None:
            raise ValueError("the keys of a dictionary are the placements: leave `placement` out")
        return _check_lengths(
            [_read_sensor(recording[name], name, _of_sensor(described, name)) for name in recording], described
        )
    if not _is_data_frame(recording) and getattr(recording, "ndim", 0) == 3:
        sensors = recording.shape[1]
        if isinstance(placement, str) or not isinstance(placement, Sequence) or len(placement) != sensors:
            raise ValueError(
                f"an array of shape {tuple(recording.shape)} is (time, sensors, channels) and needs a list of "
                f"{sensors} placements, got {short(placement)}. (For a batch pass a list of recordings.)"
            )
        if sensors > len(PLACEMENTS):
            raise ValueError(f"{sensors} sensors are more than the {len(PLACEMENTS)} places of a body")
        return [
            _read_sensor(recording[:, index], name, _of_sensor(described, index))
            for index, name in enumerate(placement)
        ]
    return [_read_sensor(recording, "unknown" if placement is None else placement, described)]


def _of_sensor(described: dict[str, Any], sensor: str | int) -> dict[str, Any]:
    """The arguments that describe one sensor of several: from dictionaries by placement, from arrays by index."""

    def pick(name: str, value: Any) -> Any:
        if isinstance(value, Mapping):
            if sensor not in value:
                raise ValueError(f"{name} has no entry for {short(sensor)}, only {short(list(value))}")
            return value[sensor]
        if name == "gravity_vector" and isinstance(sensor, int) and np.ndim(value) == 3:
            return value[:, sensor]
        return value

    return {name: pick(name, value) for name, value in described.items()}


def _check_lengths(sensors: list[Sensor], described: dict[str, Any]) -> list[Sensor]:
    lengths = {sensor.placement: len(sensor.values) for sensor in sensors}
    if np.isscalar(described["sampling_rate"]) and len(set(lengths.values())) > 1:
        raise ValueError(
            f"sensors of one rate differ in length: {lengths}. Give sampling_rate as a dictionary from placement to "
            "rate, give timestamps, or cut them to the same samples"
        )
    return sensors


def _read_sensor(data: Any, placement: Any, described: dict[str, Any]) -> Sensor:
    """Read one sensor and convert it to specific force in m/s² and angular velocity in rad/s."""
    acceleration_unit, gyroscope_unit = described["acceleration_unit"], described["gyroscope_unit"]
    check_choice("placement", placement, PLACEMENTS)
    check_choice("acceleration_unit", acceleration_unit, _ACCELERATION_FACTORS)
    check_choice("gravity", described["gravity"], _GRAVITY_CONVENTIONS)
    signals = _read_frame(data) if _is_data_frame(data) else _read_array(data)
    samples = len(signals.acceleration)
    if samples == 0:
        raise ValueError("a recording is empty")
    clock = read_clock(described["sampling_rate"], described["timestamps"], signals.times, samples)

    force = _specific_force(signals, described["gravity"], described["gravity_vector"])
    force = force * _ACCELERATION_FACTORS[acceleration_unit]
    values = np.zeros((samples, 6))
    values[:, :3] = force
    if signals.gyroscope is not None or gyroscope_unit is not None:
        check_choice("gyroscope_unit", gyroscope_unit, _GYROSCOPE_FACTORS)
    if signals.gyroscope is not None:
        values[:, 3:] = signals.gyroscope * _GYROSCOPE_FACTORS[gyroscope_unit]
    largest = np.nanmax(np.abs(values), initial=0.0)
    if largest > _MAX_READING:
        raise ValueError(
            f"a reading of {largest:.3g} m/s² or rad/s: expected less than {_MAX_READING:g}, for no wearable sensor "
            "reads more. Mark damaged samples as NaN and check the units"
        )
    complete = ~np.isnan(values).any(axis=1)
    if complete.sum() < 2:
        raise ValueError(
            f"{complete.sum()} of {samples} samples are complete, the others hold NaN. (Without gyroscope readings "
            "pass the three columns of the accelerometer.)"
        )
    _warn_of_unit(force, acceleration_unit)
    return Sensor(values, clock, placement, signals.gyroscope is not None)


def _specific_force(signals: _Signals, gravity: str, gravity_vector: Any) -> np.ndarray:
    """Acceleration with gravity, upwards at rest, `(time, 3)`, in the unit of the recording."""
    if gravity == "included":
        if gravity_vector is not None or signals.is_core_motion:
            raise ValueError(
                'gravity="included" contradicts gravity_vector and userAcceleration columns, which belong to '
                'accelerations without gravity: say gravity="removed" or leave them out'
            )
        return signals.acceleration
    vector = signals.gravity if gravity_vector is None else to_array(gravity_vector, "gravity_vector")
    if vector is None:
        raise ValueError(
            'gravity="removed" needs gravity_vector (time, 3): the encoder reads the direction of gravity, which '
            "cannot be restored from linear acceleration alone. Phones log it beside the acceleration"
        )
    if vector.shape != signals.acceleration.shape:
        raise ValueError(f"gravity_vector has shape {vector.shape}, the acceleration {signals.acceleration.shape}")
    total = signals.acceleration + vector
    return -total if signals.is_core_motion else total


def read_clock(
    sampling_rate: Any, timestamps: Any, frame_times: np.ndarray | None, samples: int
) -> float | np.ndarray:
    """The rate in Hz, or the times in seconds, of a sensor's samples."""
    given = {"sampling_rate": sampling_rate, "timestamps": timestamps, "a time column": frame_times}
    known = [name for name, value in given.items() if value is not None]
    if len(known) != 1:
        raise ValueError(f"the clock must be given once, as one of {list(given)}; got {known or 'none'}")
    if sampling_rate is not None:
        return check_rate(sampling_rate)
    times = as_array(frame_times if timestamps is None else timestamps, "timestamps")
    if times.dtype.kind == "M" and not np.isnat(times).any():
        times = times.astype("datetime64[ns]").astype(np.int64) / 1e9
    if times.shape != (samples,) or samples < 2 or times.dtype.kind not in "iuf" or not np.isfinite(times).all():
        raise ValueError(
            f"expected {samples} (at least two) finite timestamps in seconds or datetime64, got shape {times.shape} "
            f"and dtype {times.dtype}"
        )
    times = times.astype(np.float64)
    backwards = np.flatnonzero(np.diff(times) <= 0)
    if backwards.size:
        row = int(backwards[0])
        raise ValueError(
            f"timestamps must increase strictly: sample {row} is at {times[row]} s, {times[row + 1]} next"
        )
    try:
        check_rate(1 / float(np.median(np.diff(times))))
    except ValueError as error:
        raise ValueError(f"timestamps must be in seconds: {error}") from error
    return times


def _warn_of_unit(force: np.ndarray, unit: str) -> None:
    """Warn when the specific force `(time, 3)` in m/s² suggests the other unit than the declared one."""
    gravity = STANDARD_GRAVITY / _ACCELERATION_FACTORS[unit]
    norm = float(np.nanmedian(np.linalg.norm(force, axis=1))) / _ACCELERATION_FACTORS[unit]
    other = "g" if unit == "m/s2" else "m/s2"
    looks_like_other = norm < _UNIT_BOUNDARY if unit == "m/s2" else norm > _UNIT_BOUNDARY
    if looks_like_other:
        warnings.warn(
            f"accelerations declared in {unit} have a median norm of {norm:.2f} {unit}, where gravity alone is "
            f"{gravity:.2f} {unit}: are they in {other}?",
            UnitWarning,
            stacklevel=7,
        )


def bounded_seconds(signals: Sequence[Signal], rate: float, most: int | None = None) -> float:
    """Length of a recording in seconds, refused where resampling it would take unbounded memory and time.

    Args:
        signals: of the recording.
        rate: that the recording will have, in Hz.
        most: bound on seconds × signals × the highest rate in Hz; by default a hundred for each sample given, or
            2,000,000 if that is more.

    Raises:
        ValueError: the recording is longer than that, as a wrong timestamp makes it.
    """
    clocks = [signal.clock for signal in signals if not isinstance(signal.clock, float)]
    origin = min((float(clock[0]) for clock in clocks), default=0.0)
    seconds, fastest = 0.0, float(rate)
    for signal in signals:
        if isinstance(signal.clock, float):
            seconds = max(seconds, len(signal.values) / signal.clock)
            fastest = max(fastest, signal.clock)
        else:
            period = float(np.median(np.diff(signal.clock)))
            seconds = max(seconds, float(signal.clock[-1]) - origin + period)
            fastest = max(fastest, 1 / period)
    samples = seconds * fastest * len(signals)
    given = sum(len(signal.values) for signal in signals)
    allowed = max(FREE_SAMPLES, MOST_PER_SAMPLE * given) if most is None else most
    if samples > allowed:
        limit = f"{allowed}" if most is None else f"max_samples={most}"
        raise ValueError(
            f"{seconds:.1f} s of {len(signals)} signals at {fastest:g} Hz are {samples:.0f} samples: expected at most "
            f"{limit}. Cut the recording, or check its timestamps"
        )
    return seconds
