# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""Raw wearable recordings → tensors of MuJo's IMU encoder: units, gravity, sampling rate, placement, gaps, windows."""

from typing import Any

import numpy as np
from transformers import BatchFeature

from .configuration_mujo import PLACEMENTS
from .recordings_mujo import Sensor, bounded_seconds, read_recording
from .window_extraction_mujo import Example, WindowFeatureExtractor


class MujoImuFeatureExtractor(WindowFeatureExtractor):
    r"""
    Turns recordings of wearable sensors into the tensors of [`MujoImuModel`].

    Args:
        feature_size (`int`, *optional*, defaults to 6):
            Channels of a sensor: specific force xyz, angular velocity xyz. No other value is possible.
        settings:
            Rate, gaps and windows: the arguments of [`WindowFeatureExtractor`].
    """

    model_input_names = ["imu_values", "imu_attention_mask", "imu_channel_mask", "placement_ids"]  # noqa: RUF012

    def __init__(self, feature_size: int = 6, **settings: Any):
        if feature_size != 6:
            raise ValueError(f"feature_size is 6 (accelerometer xyz, gyroscope xyz), got {feature_size}")
        super().__init__(feature_size=feature_size, **settings)

    def __call__(
        self,
        recordings: Any,
        *,
        sampling_rate: Any = None,
        timestamps: Any = None,
        acceleration_unit: str | None = None,
        gyroscope_unit: str | None = None,
        gravity: str | None = None,
        gravity_vector: Any = None,
        placement: Any = None,
        window_seconds: float | None = None,
        hop_seconds: float | None = None,
        return_tensors: str | None = None,
    ) -> BatchFeature:
        r"""
        Convert one recording, or a list with one recording per item.

        A recording is one of

        - an array or tensor `(time, 3)` (accelerometer xyz) or `(time, 6)` (accelerometer xyz, gyroscope xyz);
        - a data frame with columns `acc_x acc_y acc_z`, optionally `gyro_x gyro_y gyro_z`, `gravity_x gravity_y
          gravity_z` and `time` or `timestamp`. The stems acc, accel, acceleration, accelerometer, userAcceleration;
          gyr, gyro, gyroscope, rotationRate, angularVelocity are understood, in any case and punctuation. Other
          columns are ignored;
        - a dictionary from placement to one of these, for several sensors worn at once;
        - an array `(time, sensors, 3 or 6)` with `placement` a sequence of `sensors` names.

        Every argument that describes a recording is one value for all, or a list with one value per recording; for
        a dictionary, it may be a dictionary with the same keys. None is guessed: units, gravity and the clock must be
        given. Where sensors of a recording have rates and no timestamps, they start together.

        Missing samples are NaN. A row with a NaN in any channel counts as missing. Gaps longer than
        `max_gap_seconds` and missing ends are masked in `imu_attention_mask`; no NaN is ever returned.

        Rates are changed by a polyphase filter (Kaiser; 60 dB down at the new Nyquist frequency, flat to 80 % of it):
        `n` samples at `rate` become `ceil(n * self.sampling_rate / rate)`. Samples with uneven timestamps become
        `floor((last - first) * self.sampling_rate) + 1`.

        Args:
            recordings: see above. Not modified.
            sampling_rate (`float`): samples a second in Hz. Give this or `timestamps`.
            timestamps: `(time,)` strictly increasing, in seconds or `datetime64`. Not needed for a data frame with a
                time column.
            acceleration_unit (`str`): `"m/s2"` or `"g"`.
            gyroscope_unit (`str`): `"rad/s"` or `"deg/s"`; needed where there is a gyroscope.
            gravity (`str`): `"included"` where a sensor at rest reads 1 g upwards (what accelerometers measure),
                `"removed"` for linear or user acceleration, which needs the gravity that was taken out.
            gravity_vector: `(time, 3)`, with `gravity="removed"`: the gravity signal logged beside the acceleration,
                in the same unit and sign; the two are added. A data frame may hold it in its columns.
            placement: names from `PLACEMENTS`; `None` is `"unknown"`. The keys of a dictionary take its place.
            window_seconds (`float`), hop_seconds (`float`): cut windows. Only whole windows are kept, save that a
                recording shorter than a window gives one, padded under the mask; windows with less than `min_seconds`
                of real samples are left out.
            return_tensors (`str`): `"pt"` or `"np"` (the default).

        Apple's Core Motion has the opposite sign (a phone on its back at rest reads -1 g along z): negate such
        accelerations. A data frame with Core Motion's own `userAcceleration` columns is negated here.

        Returns:
            [`BatchFeature`] with

            - **imu_values** `(batch, sensors, time, 6)` float32: specific force in m/s² (gravity included), angular
              velocity in rad/s.
            - **imu_attention_mask** `(batch, sensors, time)` int64: 1 where a sample is real.
            - **imu_channel_mask** `(batch, sensors, 2)` int64: accelerometer, gyroscope present.
            - **placement_ids** `(batch, sensors)` int64: index into `PLACEMENTS`.
            - **window_recording** `(batch,)` int64 and **window_start** `(batch,)` float64 in seconds, when windows
              are cut: where each window came from.

        Raises:
            ValueError: if a description is missing, unknown or contradicts the data, or a recording has the wrong
                shape, is empty, all NaN, infinite, too short or too long.

        Warns:
            UserWarning: if the accelerations look like g but are declared as m/s², or the reverse.
        """
        window, hop = self._window_lengths(window_seconds, hop_seconds)
        described = {
            "placement": placement,
            "sampling_rate": sampling_rate,
            "timestamps": timestamps,
            "acceleration_unit": acceleration_unit,
            "gyroscope_unit": gyroscope_unit,
            "gravity": gravity,
            "gravity_vector": gravity_vector,
        }
        examples = self._cut(recordings, described, self._read, window, hop)
        return self._collate(examples, window, return_tensors)

    def _read(self, recording: Any, described: dict[str, Any]) -> tuple[tuple, np.ndarray]:
        """The sensors of a recording, their values `(sensors, time, 6)` and mask `(sensors, time)`; and the mask."""
        sensors = read_recording(recording, described)
        bounded_seconds(sensors, self.sampling_rate)
        values, mask = self._align(sensors)
        return (sensors, values, mask), mask

    def _align(self, sensors: list[Sensor]) -> tuple[np.ndarray, np.ndarray]:
        """Bring the sensors of a recording to one grid: values `(sensors, time, 6)`, mask `(sensors, time)`."""
        origin = min(
            (float(sensor.clock[0]) for sensor in sensors if not isinstance(sensor.clock, float)), default=0.0
        )
        rows = [self._on_grid(sensor, origin) for sensor in sensors]
        length = max(offset + len(mask) for offset, _, mask in rows)
        values = np.full((len(rows), length, 6), self.padding_value)
        masks = np.zeros((len(rows), length), dtype=bool)
        for row, (offset, signal, mask) in enumerate(rows):
            width = 6 if sensors[row].has_gyroscope else 3
            place = slice(offset, offset + len(mask))
            values[row, place, :width] = np.where(mask[:, None], signal, self.padding_value)[:, :width]
            masks[row, place] = mask
        return values, masks

    def _collate(self, examples: list[Example], window: int, return_tensors: str | None) -> BatchFeature:
        most_sensors = max(len(example.content[0]) for example in examples)
        length = window or max(example.part.stop for example in examples)
        values = np.full((len(examples), most_sensors, length, 6), self.padding_value, dtype=np.float32)
        attention_mask = np.zeros((len(examples), most_sensors, length), dtype=np.int64)
        channel_mask = np.zeros((len(examples), most_sensors, 2), dtype=np.int64)
        placement_ids = np.zeros((len(examples), most_sensors), dtype=np.int64)
        for row, example in enumerate(examples):
            sensors, signal, mask = example.content
            count, time = mask[:, example.part].shape
            values[row, :count, :time] = signal[:, example.part]
            attention_mask[row, :count, :time] = mask[:, example.part]
            channel_mask[row, :count] = [(1, sensor.has_gyroscope) for sensor in sensors]
            placement_ids[row, :count] = [PLACEMENTS.index(sensor.placement) for sensor in sensors]
        data = {
            "imu_values": values,
            "imu_attention_mask": attention_mask,
            "imu_channel_mask": channel_mask,
            "placement_ids": placement_ids,
        }
        if window:
            data |= self._origins(examples)
        return BatchFeature(data, tensor_type=return_tensors)


__all__ = ["MujoImuFeatureExtractor"]
