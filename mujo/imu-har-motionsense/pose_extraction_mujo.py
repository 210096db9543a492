# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""Recordings of 3D pose → tensors of MuJo's pose encoder: unit, axes, floor, sampling rate, gaps, windows."""

import warnings
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from transformers import BatchFeature

from .configuration_mujo import JOINTS
from .recordings_mujo import Signal, bounded_seconds, check_choice, read_clock, to_array
from .window_extraction_mujo import Example, WindowFeatureExtractor

_LENGTH_FACTORS = {"m": 1.0, "cm": 1e-2, "mm": 1e-3}
# Rotations that bring the axis that points up to z; none of them mirrors.
_UPRIGHT: Mapping[str, np.ndarray] = MappingProxyType(
    {
        "z": np.eye(3),
        "y": np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]]),
        "-y": np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]]),
    }
)
_FLOORS = ("at_zero", "unknown")

# Metres. Shorter legs than a child's or longer ones than anybody's are in another unit.
_LEG = (0.2, 2.0)
_LEGS = tuple(
    tuple(JOINTS.index(f"{side}_{joint}") for joint in ("hip", "knee", "ankle")) for side in ("left", "right")
)
_ANKLES, _HEAD = [JOINTS.index("left_ankle"), JOINTS.index("right_ankle")], JOINTS.index("head")

# What the lowest joint, mostly an ankle, is seldom below while a body stands, sits or lies: percentile, and height
# above the floor in metres as in pretraining.
_SELDOM_BELOW, _LOWEST_JOINT = 10, 0.075


class MujoPoseFeatureExtractor(WindowFeatureExtractor):
    r"""
    Turns recordings of 3D pose into the tensors of [`MujoPoseModel`].

    Args:
        feature_size (`int`, *optional*, defaults to 51):
            Coordinates of a pose: 17 joints, xyz. No other value is possible.
        settings:
            Rate, gaps and windows: the arguments of [`WindowFeatureExtractor`].
    """

    model_input_names = ["pose_values", "pose_attention_mask"]  # noqa: RUF012

    def __init__(self, feature_size: int = 3 * len(JOINTS), **settings: Any):
        if feature_size != 3 * len(JOINTS):
            raise ValueError(f"feature_size is {3 * len(JOINTS)} ({len(JOINTS)} joints, xyz), got {feature_size}")
        super().__init__(feature_size=feature_size, **settings)

    def __call__(
        self,
        poses: Any,
        *,
        sampling_rate: Any = None,
        timestamps: Any = None,
        length_unit: str | None = None,
        up: str | None = None,
        floor: str | None = None,
        window_seconds: float | None = None,
        hop_seconds: float | None = None,
        return_tensors: str | None = None,
    ) -> BatchFeature:
        r"""
        Convert the pose of one recording, or a list with one per item.

        A pose is an array or tensor `(time, 17, 3)`, its joints in the order of `JOINTS` (Human3.6M), its axes
        right-handed. Every argument that describes it is one value for all, or a list with one value per recording.
        None is guessed: unit, axes, floor and the clock must be given.

        Frames with a NaN count as missing. Gaps longer than `max_gap_seconds` and missing ends are masked in
        `pose_attention_mask`; no NaN is ever returned. Rates are changed as [`MujoImuFeatureExtractor`] does.

        Args:
            poses: see above. Not modified.
            sampling_rate (`float`): frames a second. Give this or `timestamps`.
            timestamps: `(time,)` strictly increasing, in seconds or `datetime64`.
            length_unit (`str`): `"m"`, `"cm"` or `"mm"`. Poses without a unit have to be scaled to a body first.
            up (`str`): the axis that points up: `"z"`, `"y"`, or `"-y"` where y points down, as in pictures.
            floor (`str`): `"at_zero"` where heights are those above the floor; `"unknown"` where they are from a
                camera or from the hips: the pose is then put on the floor, see [`stand_on_floor`].
            window_seconds (`float`), hop_seconds (`float`): cut windows, as [`MujoImuFeatureExtractor`] does.
            return_tensors (`str`): `"pt"` or `"np"` (the default).

        Returns:
            [`BatchFeature`] with

            - **pose_values** `(batch, time, 17, 3)` float32: metres, z up, floor at z = 0.
            - **pose_attention_mask** `(batch, time)` int64: 1 where a frame is real.
            - **window_recording** `(batch,)` int64 and **window_start** `(batch,)` float64 in seconds, when windows
              are cut: where each window came from.

        Raises:
            ValueError: if a description is missing or unknown, legs have the length of nobody's, or a pose has the
                wrong shape, is empty, infinite, too short or too long.

        Warns:
            UserWarning: if the head is mostly below the feet, as where `up` is wrong.
        """
        window, hop = self._window_lengths(window_seconds, hop_seconds)
        described = {
            "sampling_rate": sampling_rate,
            "timestamps": timestamps,
            "length_unit": length_unit,
            "up": up,
            "floor": floor,
        }
        return self._collate(self._cut(poses, described, self._read, window, hop), window, return_tensors)

    def _read(self, pose: Any, described: dict[str, Any]) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
        """A pose at the rate of the output, metres, z up, on the floor `(time, 17, 3)`, and its mask; and the mask."""
        length_unit, up, floor = (described[name] for name in ("length_unit", "up", "floor"))
        check_choice("length_unit", length_unit, _LENGTH_FACTORS)
        check_choice("up", up, _UPRIGHT)
        check_choice("floor", floor, _FLOORS)
        pose = to_array(pose, "a pose")
        if pose.shape[1:] != (len(JOINTS), 3) or len(pose) == 0:
            raise ValueError(
                f"expected a pose of shape (time, {len(JOINTS)}, 3), got {pose.shape}. (For a batch pass a list.)"
            )
        complete = np.isfinite(pose).all(axis=(1, 2))
        if complete.sum() < 2:
            raise ValueError(f"{complete.sum()} of {len(pose)} frames are complete, the others hold NaN")
        pose = pose * _LENGTH_FACTORS[length_unit] @ _UPRIGHT[up].T
        _check_body(pose[complete], length_unit, up)
        clock = read_clock(described["sampling_rate"], described["timestamps"], None, len(pose))
        signal = Signal(pose.reshape(len(pose), -1), clock)
        bounded_seconds([signal], self.sampling_rate)
        origin = 0.0 if isinstance(clock, float) else float(clock[0])
        _, values, mask = self._on_grid(signal, origin)
        pose = values.reshape(-1, len(JOINTS), 3)
        if floor == "unknown":
            pose = stand_on_floor(pose, mask)
        return (pose, mask), mask[None]

    def _collate(self, examples: list[Example], window: int, return_tensors: str | None) -> BatchFeature:
        length = window or max(example.part.stop for example in examples)
        values = np.full((len(examples), length, len(JOINTS), 3), self.padding_value, dtype=np.float32)
        attention_mask = np.zeros((len(examples), length), dtype=np.int64)
        for row, example in enumerate(examples):
            pose, mask = (content[example.part] for content in example.content)
            values[row, : len(mask)] = np.where(mask[:, None, None], pose, self.padding_value)
            attention_mask[row, : len(mask)] = mask
        data = {"pose_values": values, "pose_attention_mask": attention_mask}
        if window:
            data |= self._origins(examples)
        return BatchFeature(data, tensor_type=return_tensors)


def stand_on_floor(pose: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """
    A pose whose heights are not those above the floor, put on it: `(time, 17, 3)` in metres, z up.

    The encoder reads heights. What is seldom below (the 10th percentile over frames of) the lowest joint is taken for
    where an ankle is on the floor, 7.5 cm above it. Whoever hangs from a bar all the time is put too low.

    Args:
        pose: any height of its own.
        mask: `(time,)` bool, where frames are real; where none is, the pose stays as it is.
    """
    if not mask.any():
        return pose
    lowest = pose[mask][..., 2].min(axis=1)
    return pose - [0.0, 0.0, np.percentile(lowest, _SELDOM_BELOW) - _LOWEST_JOINT]


def _check_body(pose: np.ndarray, length_unit: str, up: str) -> None:
    """Refuse legs of the length of nobody's in `(time, 17, 3)`, and warn of somebody who is upside down."""
    legs = pose[:, _LEGS]  # (time, 2, 3, 3)
    leg = float(np.median(np.linalg.norm(np.diff(legs, axis=2), axis=-1).sum(axis=-1)))
    if not _LEG[0] <= leg <= _LEG[1]:
        raise ValueError(
            f"legs of {leg:.3g} m, from hip to ankle: expected {_LEG[0]} to {_LEG[1]} m. Is length_unit "
            f'"{length_unit}" right, and are the joints in the order of JOINTS?'
        )
    if np.median(pose[:, _HEAD, 2] - pose[:, _ANKLES, 2].mean(axis=1)) < 0:
        warnings.warn(f'the head is mostly below the feet: does up="{up}" point up?', UserWarning, stacklevel=5)


__all__ = ["MujoPoseFeatureExtractor"]
