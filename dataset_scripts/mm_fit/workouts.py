# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""One workout of MM-Fit: its files, checked; all devices on one clock; cut at the labels.

Layout as in the authors' starter code (https://github.com/KDMStromback/mm-fit, EDA.ipynb): rows of sensors are video
frame, milliseconds, x, y, z; poses are (coordinate, frame, frame number and joints).
"""

import csv
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.constants import g as STANDARD_GRAVITY

from modeling_mujo.configuration_mujo import JOINTS
from modeling_mujo.resampling_mujo import resample_uneven

EXERCISES = {
    "squats": "squats",
    "lunges": "lunges",
    "bicep_curls": "bicep curls",
    "situps": "sit-ups",
    "pushups": "push-ups",
    "tricep_extensions": "tricep extensions",
    "dumbbell_rows": "dumbbell rows",
    "jumping_jacks": "jumping jacks",
    "dumbbell_shoulder_press": "dumbbell shoulder press",
    "lateral_shoulder_raises": "lateral shoulder raises",
}
NULL_CODE = "non_activity"
DEVICES = {
    "sw_l": "left_wrist",
    "sw_r": "right_wrist",
    "sp_l": "left_thigh",
    "sp_r": "right_thigh",
    "eb_l": "head",
}
SENSORS = ("acc", "gyr")
SAMPLING_RATE = 50.0  # Hz
MAX_GAP_SECONDS = 0.2  # as the feature extractor bridges

_NOMINAL_FRAME_RATE = 30.0  # of the reference camera
_SENSOR_COLUMNS = 5
_STRAY = 1000.0  # ms that rows may be out of order by
# Between 1 g read as 1 and 1 g read as 9.81, with room for hard training; the device is worn, so it feels gravity.
_MEDIAN_IN_G, _MEDIAN_IN_SI = (0.5, 2.0), (6.0, 16.0)
# The devices' gyroscopes end at 2000 deg/s = 35 rad/s, and nobody trains without turning faster than 40 deg/s.
_MOST_RADIANS = 40.0

Clock = tuple[np.ndarray, np.ndarray]  # frame numbers, and the times in seconds at which they start


@dataclass(frozen=True)
class LabelledSet:
    """Frames `first` to `last`, both included, of one exercise."""

    first: int
    last: int
    repetitions: int | None
    code: str


@dataclass(frozen=True)
class Workout:
    """All of one folder.

    Attributes:
        sets: in order of time.
        clock: when each video frame starts.
        start: time of the first sample of `imu`, in seconds.
        imu: `(time, 5, 6)` m/s² and rad/s at `SAMPLING_RATE`, devices as in `DEVICES`, NaN where missing.
        pose_frames: `(frames,)` numbers of the video frames that have a pose.
        pose: `(frames, 17, 3)` metres, z up.
    """

    sets: list[LabelledSet]
    clock: Clock
    start: float
    imu: np.ndarray
    pose_frames: np.ndarray
    pose: np.ndarray


@dataclass(frozen=True)
class Bout:
    """A set, or the time between two: `imu` `(time, 5, 6)` and `pose` `(frames, 17, 3)` start and end together."""

    code: str
    repetitions: int | None
    imu: np.ndarray
    pose: np.ndarray
    pose_sampling_rate: float


def mm_fit_pose(joints: np.ndarray) -> np.ndarray:
    """Bring MM-Fit's 3D pose to the project's axes.

    The poses are lifted from OpenPose's 2D joints by Martinez et al. ("A simple yet effective baseline for 3d human
    pose estimation", ICCV 2017), so they have the 17 joints of Human3.6M in its order, the project's: first the right
    leg, last the right arm. (The table in the authors' notebook calls 1-6 and 11-16 by the other side; its table of
    the 2D joints, from which they were lifted, does not.) The authors state no axes; users who laid a second estimate
    of the same video over the poses found millimetres, x to the right of the image, y away from the camera and z up.
    Turned by half a circle about z, a person who faces the camera faces +y. Heights are not above the floor.

    Args:
        joints: `(3, frames, 17)`.

    Returns:
        `(frames, 17, 3)` float32, metres, z up, joints in `JOINTS` order.

    Raises:
        ValueError: if `joints` has another shape.
    """
    if joints.ndim != 3 or (joints.shape[0], joints.shape[2]) != (3, len(JOINTS)):
        raise ValueError(f"expected poses of shape (3, frames, {len(JOINTS)}), got {joints.shape}")
    x, y, z = joints
    return np.stack([-x, -y, z], axis=-1, dtype=np.float32, casting="same_kind") / np.float32(1000)


def require_readable(folder: Path) -> None:
    """Look at the labels, and the shape, length and clock of every file, without reading it whole.

    Raises:
        FileNotFoundError: if the folder, its labels or all accelerometers are missing.
        ValueError: if a file is cut short, of another shape, has another clock, or no device covers a labelled set.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"the workout {folder} is missing")
    sets = _read_labels(folder)
    streams = {name: _open_stream(path) for name, path in _stream_files(folder).items()}
    accelerometers = [rows for (_, sensor), rows in streams.items() if sensor == "acc"]
    if not accelerometers:
        expected = [f"{folder.name}_{device}_acc.npy" for device in DEVICES]
        raise FileNotFoundError(f"{folder} holds no accelerometer, none of {expected}")
    _require_covered(
        folder, sets, min(rows[0, 0] for rows in accelerometers), max(rows[-1, 0] for rows in accelerometers)
    )
    _open_pose(folder)


def load_workout(folder: Path) -> Workout:
    """Read one workout and put its devices on one clock.

    Raises:
        ValueError: if a file is damaged or its unit cannot be told.
    """
    files = _stream_files(folder)
    streams = {name: _read_stream(path) for name, path in files.items()}
    accelerometers = [rows for (_, sensor), rows in streams.items() if sensor == "acc"]
    start = min(rows[0, 1] for rows in accelerometers)
    end = max(rows[-1, 1] for rows in accelerometers)
    imu = np.full((int((end - start) * SAMPLING_RATE) + 1, len(DEVICES), 6), np.nan, dtype=np.float32)
    for (device, sensor), rows in streams.items():
        channels = slice(0, 3) if sensor == "acc" else slice(3, 6)
        values = rows[:, 2:] * _factor_to_si(rows[:, 2:], sensor, files[device, sensor])
        _place(imu[:, list(DEVICES).index(device), channels], rows[:, 1] - start, values)
    pose = _open_pose(folder)
    return Workout(
        sets=_read_labels(folder),
        clock=_frame_clock(accelerometers),
        start=start,
        imu=imu,
        pose_frames=pose[0, :, 0].astype(np.int64),
        pose=mm_fit_pose(pose[:, :, 1:]),
    )


def workout_bouts(workout: Workout) -> Iterator[Bout]:
    """The sets and, as far as the video goes, the time between them, in order of time."""
    for labelled in _with_null(workout):
        frames = np.arange(labelled.first, labelled.last + 1)
        begin, end = np.interp([labelled.first, labelled.last + 1], *workout.clock)
        first, last = (int(np.ceil((time - workout.start) * SAMPLING_RATE)) for time in (begin, end))
        if last <= first:
            continue
        pose = np.full((len(frames), len(JOINTS), 3), np.nan, dtype=np.float32)
        inside = (workout.pose_frames >= labelled.first) & (workout.pose_frames <= labelled.last)
        pose[workout.pose_frames[inside] - labelled.first] = workout.pose[inside]
        yield Bout(labelled.code, labelled.repetitions, workout.imu[first:last], pose, len(frames) / (end - begin))


def _with_null(workout: Workout) -> Iterator[LabelledSet]:
    """The sets and the gaps between them. The authors take windows from frames with a pose, so gaps end with those."""
    frames, _ = workout.clock
    recorded = workout.pose_frames if len(workout.pose_frames) else frames
    begin, end = max(frames[0], recorded[0]), min(frames[-1], recorded[-1])
    for labelled in workout.sets:
        if labelled.first > begin:
            yield LabelledSet(int(begin), labelled.first - 1, None, NULL_CODE)
        # Frames beyond the sensors would shift the pose against them.
        yield LabelledSet(
            max(labelled.first, int(frames[0])),
            min(labelled.last, int(frames[-1])),
            labelled.repetitions,
            labelled.code,
        )
        begin = labelled.last + 1
    if begin <= end:
        yield LabelledSet(int(begin), int(end), None, NULL_CODE)


def _read_labels(folder: Path) -> list[LabelledSet]:
    path = folder / f"{folder.name}_labels.csv"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing")
    sets: list[LabelledSet] = []
    with path.open(newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.reader(file), start=1):
            try:
                first, last, repetitions = (int(value) for value in row[:3])
                (code,) = row[3:]
            except ValueError as error:
                raise ValueError(
                    f"{path}, line {number}: expected first frame, last frame, repetitions, exercise, got {row}"
                ) from error
            if code not in EXERCISES or not (sets[-1].last if sets else -1) < first < last:
                raise ValueError(
                    f"{path}, line {number}: expected one of {list(EXERCISES)} in frames after those of the line "
                    f"before, got {row}"
                )
            sets.append(LabelledSet(first, last, repetitions, code))
    if not sets:
        raise ValueError(f"{path} is empty")
    return sets


def _stream_files(folder: Path) -> dict[tuple[str, str], Path]:
    """Files of the workout by device and sensor. Some of the authors' files of phones have a number after the name."""
    files = {}
    for device, sensor in itertools.product(DEVICES, SENSORS):
        name = f"{folder.name}_{device}_{sensor}"
        found = sorted(path for path in folder.iterdir() if re.fullmatch(rf"{name}(_\d+)?\.npy", path.name))
        if len(found) > 1:
            raise ValueError(f"{[path.name for path in found]} in {folder} are the same sensor: keep one of them")
        if found:
            files[device, sensor] = found[0]
    return files


def _open_array(path: Path) -> np.ndarray:
    """The array without reading it; a file that was cut short is found by its length."""
    try:
        return np.lib.format.open_memmap(path, mode="r")
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(f"{path} is damaged ({error})") from error


def _open_stream(path: Path) -> np.ndarray:
    """`(time, 5)`: frame, milliseconds, x, y, z."""
    rows = _open_array(path)
    if rows.ndim != 2 or rows.shape[1] != _SENSOR_COLUMNS or len(rows) < 2 or rows.dtype.kind not in "iuf":
        raise ValueError(
            f"{path} is not a sensor of MM-Fit: expected numbers (time, {_SENSOR_COLUMNS}), got {rows.dtype} "
            f"{rows.shape}"
        )
    frames, milliseconds = rows[[0, -1], 0], rows[[0, -1], 1]
    seconds, expected = (milliseconds[1] - milliseconds[0]) / 1000, (frames[1] - frames[0]) / _NOMINAL_FRAME_RATE
    if not 0.5 * expected - 1 <= seconds <= 2 * expected + 1:
        raise ValueError(
            f"{path} is damaged: its timestamps (column 2, milliseconds) last {seconds:.1f} s, its video frames "
            f"(column 1) about {expected:.1f} s"
        )
    return rows


def _open_pose(folder: Path) -> np.ndarray:
    """`(3, frames, 18)`: the frame number, then the joints; no frames where the workout has no pose."""
    path = folder / f"{folder.name}_pose_3d.npy"
    if not path.is_file():
        return np.empty((3, 0, 1 + len(JOINTS)))
    pose = _open_array(path)
    if pose.ndim != 3 or (pose.shape[0], pose.shape[2]) != (3, 1 + len(JOINTS)) or pose.dtype.kind not in "iuf":
        raise ValueError(
            f"{path} is not a 3D pose of MM-Fit: expected numbers (3, frames, {1 + len(JOINTS)}), got {pose.dtype} "
            f"{pose.shape}"
        )
    return pose


def _require_covered(folder: Path, sets: list[LabelledSet], first: float, last: float) -> None:
    for labelled in sets:
        if labelled.last < first or labelled.first > last:
            raise ValueError(
                f"{folder}: the accelerometers cover frames {first:.0f} to {last:.0f} and not the {labelled.code} of "
                f"frames {labelled.first} to {labelled.last}: are the files whole, and the labels of this workout?"
            )


def _read_stream(path: Path) -> np.ndarray:
    """Rows without NaN in order of time, in seconds; of rows with the same millisecond the first stays."""
    rows = _open_stream(path)[:].astype(np.float64)
    rows = rows[np.isfinite(rows).all(axis=1)]
    _, index = np.unique(rows[:, 1], return_index=True)
    ordered = rows[index]
    if len(ordered) < 2 or ordered[0, 1] < rows[0, 1] - _STRAY or ordered[-1, 1] > rows[-1, 1] + _STRAY:
        raise ValueError(f"{path} is damaged: timestamps before that of the first row or after that of the last")
    ordered[:, 1] /= 1000
    return ordered


def _factor_to_si(values: np.ndarray, sensor: str, path: Path) -> float:
    """From the unit of the file, which no document states, to m/s² or rad/s; physics tells."""
    norm = np.linalg.norm(values, axis=1)
    if sensor == "gyr":
        return np.pi / 180 if np.quantile(norm, 0.999) > _MOST_RADIANS else 1.0
    median = float(np.median(norm))
    if _MEDIAN_IN_SI[0] <= median <= _MEDIAN_IN_SI[1]:
        return 1.0
    if _MEDIAN_IN_G[0] <= median <= _MEDIAN_IN_G[1]:
        return STANDARD_GRAVITY
    raise ValueError(f"{path}: accelerations with a median norm of {median:.2f} are neither m/s² nor g")


def _place(target: np.ndarray, times: np.ndarray, values: np.ndarray) -> None:
    """Resample onto the grid of `target` `(time, 3)`, which starts at time 0; what bridges a gap stays NaN."""
    inside = (times >= 0) & (times * SAMPLING_RATE <= len(target) - 1)
    if inside.sum() < 2:
        return
    first, signal, mask = resample_uneven(values[inside], times[inside], 0.0, SAMPLING_RATE, MAX_GAP_SECONDS)
    grid = target[first : first + len(mask)]  # of slow devices the last sample reaches beyond the end
    grid[mask[: len(grid)]] = signal[: len(grid)][mask[: len(grid)]]


def _frame_clock(streams: list[np.ndarray]) -> Clock:
    """When each video frame starts: at the first sample, of any device, that the authors put beside it."""
    frames, times = np.concatenate([rows[:, :2] for rows in streams]).T
    order = np.lexsort((times, frames))
    numbers, first = np.unique(frames[order], return_index=True)
    return numbers, np.maximum.accumulate(times[order][first])
