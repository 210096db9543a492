# Copyright 2026 The MuJo team.
# Licensed under the Apache License, Version 2.0.
"""The rhythm of a stride: how far a limb swings and is pushed within it, and when, in the axes of the limb."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .configuration_mujo import MujoImuConfig

STRIDE_RATES = (0.4, 1.6, 61)  # Hz: slowest, fastest, how many are tried
FEWEST_SAMPLES = 20  # that a window and itself one stride later have to have in common
HALF_SIZE = 0.5  # m/s² or rad/s: of a harmonic whose phase counts half
FAINTEST = 0.05  # m/s² or rad/s: sizes far below are all the same
DOUBTFUL = 0.1  # skewness of a turning at which its sense is half certain
SHARES = {"phase": 0.75, "size": 0.25}
ACCELERATION_SCALE = 3.0  # m/s² that say as much as 1 rad/s about whether a window repeats itself
# In the metric of `pooler_output` (`training/pooler.py`) activities lie about that far apart; docs/experiments.md.
SCALE = 5.0


class MujoRhythm(nn.Module):
    """
    The first harmonics of a stride, as numbers that classifiers can use from a handful of labels.

    Walking on the level, upstairs and downstairs shake a sensor as hard and as often. They differ in when, within a
    stride, a limb is pushed which way. Neither moments nor networks that look at energy see that; and how a sensor
    sits would hide it. So the axes are those of the limb: *up* is the direction of the mean force, *right* the level
    axis about which the sensor turns most, signed such that it turns faster in this sense than back, *backward* is
    perpendicular to both. Who turns about as fast both ways has axes that could as well be half a turn from there:
    what would change its sign counts less. The stride is the rate at which it turns about *right* most strongly;
    phases are counted from the first harmonic of that turning. What does not repeat itself a stride later has no
    rhythm: all features are weighed by its likeness with itself.

    There are no weights: the features are the same in every encoder, trained or not.
    """

    def __init__(self, config: MujoImuConfig):
        super().__init__()
        most = int(config.sampling_rate / 2 / STRIDE_RATES[1])
        if not 0 <= config.num_harmonics <= most:
            raise ValueError(
                f"num_harmonics has to be 0 to {most} at {config.sampling_rate} Hz (the fastest stride is "
                f"{STRIDE_RATES[1]} Hz), got {config.num_harmonics}."
            )
        self.num_harmonics = config.num_harmonics
        self.sampling_rate = config.sampling_rate

    @torch.autocast("cuda", enabled=False)
    @torch.autocast("cpu", enabled=False)
    def forward(self, imu_values: Tensor, mask: Tensor, channel_mask: Tensor) -> Tensor:
        """
        Mean over the sensors that have accelerometer and gyroscope; zeros where none has.

        Args:
            imu_values: `(batch, sensors, time, 6)` m/s² and rad/s.
            mask: `(batch, sensors, time)` bool.
            channel_mask: `(batch, sensors, 2)` bool.

        Returns:
            `(batch, 18 * num_harmonics)`: for each harmonic and each of six channels (force, then rate, about *up*,
            *backward*, *right*) cosine and sine of its phase, the smaller the fainter it is, and the logarithm of its
            size.
        """
        if self.num_harmonics == 0:
            return imu_values.new_zeros(len(imu_values), 0)
        present = (mask.any(-1) & channel_mask.all(-1))[..., None]
        each = self.of_sensors(imu_values.float().flatten(0, 1), mask.flatten(0, 1)).unflatten(0, mask.shape[:2])
        return (each * present).sum(1) / present.sum(1).clamp(min=1)

    def of_sensors(self, imu_values: Tensor, mask: Tensor) -> Tensor:
        """`(sensors, time, 6)` and `(sensors, time)` → `(sensors, 18 * num_harmonics)`."""
        mask = mask[..., None].float()
        signal = in_axes_of_limb(imu_values, mask)
        window = hann(mask)
        rate = self.stride_rate(signal[..., 5:], window)
        harmonics = self.harmonics(signal, window, rate, certainty_of_sense(signal[..., 5:], mask))
        likeness = self.likeness_a_stride_later(signal, mask, rate)
        return SCALE * likeness * harmonics

    def stride_rate(self, turning: Tensor, window: Tensor) -> Tensor:
        """The rate in Hz `(sensors, 1)` at which `turning` `(sensors, time, 1)` has most power."""
        rates = torch.linspace(*STRIDE_RATES, device=turning.device)
        cosines, sines = self.waves(turning.shape[1], rates)
        seen = (turning * window).squeeze(-1)
        power = (seen @ cosines).square() + (seen @ sines).square()
        return rates[power.argmax(dim=-1)][:, None]

    def waves(self, time: int, rates: Tensor) -> tuple[Tensor, Tensor]:
        """Cosines and sines `(..., time, rates)` of these rates in Hz `(..., 1, rates)`."""
        seconds = torch.arange(time, device=rates.device, dtype=rates.dtype)[:, None] / self.sampling_rate
        angles = 2 * math.pi * rates * seconds
        return angles.cos(), angles.sin()

    def harmonics(self, signal: Tensor, window: Tensor, rate: Tensor, certainty: Tensor) -> Tensor:
        """Phase and size of the harmonics of `signal` `(sensors, time, 6)`, flat."""
        orders = torch.arange(1, self.num_harmonics + 1, device=rate.device)
        waves = self.waves(signal.shape[1], (rate * orders)[:, None])
        seen = (signal * window).transpose(1, 2) * (2 / window.sum(1, keepdim=True).clamp(min=1))
        cosine, sine = (seen @ wave for wave in waves)  # (sensors, 6, harmonics)
        start = torch.atan2(sine[:, 5:, :1], cosine[:, 5:, :1] + 1e-12)  # of the stride, in angles of the turning
        turned = torch.stack(
            [
                cosine * (orders * start).cos() + sine * (orders * start).sin(),
                sine * (orders * start).cos() - cosine * (orders * start).sin(),
            ],
            dim=1,
        )
        size = (turned.square().sum(1, keepdim=True) + 1e-12).sqrt()
        # In axes half a turn from these the stride begins half a stride later. Together that changes the signs of odd
        # harmonics of what is upward, and of even ones of what is level.
        upward = torch.arange(6, device=rate.device)[:, None] % 3 == 0
        weight = torch.where(upward == (orders % 2 == 1), certainty[:, None, None], 1.0)[:, None]
        phase = SHARES["phase"] * weight * turned / (size + HALF_SIZE)
        return torch.cat([phase, SHARES["size"] * (1 + (size + FAINTEST).log())], dim=1).flatten(1)

    def likeness_a_stride_later(self, signal: Tensor, mask: Tensor, rate: Tensor) -> Tensor:
        """Correlation of the signal with itself a stride later, 0 where negative: `(sensors, 1)`."""
        lag = (self.sampling_rate / rate).round().long()
        place = torch.arange(signal.shape[1], device=signal.device) + lag
        within = (place < signal.shape[1])[..., None]
        place = place.clamp(max=signal.shape[1] - 1)[..., None]
        both = mask * mask.gather(1, place) * within
        now = signal * signal.new_tensor([1 / ACCELERATION_SCALE] * 3 + [1.0] * 3)
        later = now.gather(1, place.expand_as(now))
        product, energy_now, energy_later = (
            (values * both).sum((1, 2)) for values in (now * later, now.square(), later.square())
        )
        likeness = (product / (energy_now * energy_later + 1e-6).sqrt()).clamp(min=0)
        return (likeness * (both.sum((1, 2)) > FEWEST_SAMPLES))[:, None]


def hann(mask: Tensor) -> Tensor:
    """A Hann window from the first to the last sample where `mask` `(sensors, time, 1)` is 1, and 0 where it is 0."""
    place = torch.arange(mask.shape[1], device=mask.device, dtype=mask.dtype)[:, None]
    last = (mask * place).amax(1, keepdim=True)
    first = last - (mask * (last - place)).amax(1, keepdim=True)
    share = (place - first) / (last - first).clamp(min=1)
    return mask * (math.pi * share).sin().square()


def certainty_of_sense(turning: Tensor, mask: Tensor) -> Tensor:
    """How sure it is in which sense `turning` `(sensors, time, 1)` is the faster: `(sensors,)`, 0 to 1."""
    count = mask.sum((1, 2)).clamp(min=1)
    variance, cube = (turning.pow(power).sum((1, 2)) / count for power in (2, 3))
    skewness = cube.clamp(min=0) / (variance + 1e-4).pow(1.5)
    return skewness / (skewness + DOUBTFUL)


def in_axes_of_limb(imu_values: Tensor, mask: Tensor) -> Tensor:
    """
    Force and rate `(sensors, time, 6)` along up, backward and right, about their means, 0 where `mask`
    `(sensors, time, 1)` is.
    """
    count = mask.sum(1, keepdim=True).clamp(min=1)
    mean = (imu_values * mask).sum(1, keepdim=True) / count
    force, rate = ((imu_values - mean) * mask).split(3, dim=-1)
    up = F.normalize(mean[:, 0, :3], dim=-1)
    helper = F.one_hot(up.abs().argmin(-1), 3).to(up.dtype)
    first = F.normalize(torch.linalg.cross(up, helper), dim=-1)
    second = torch.linalg.cross(up, first)
    right = axis_of_turning(rate, first, second)
    axes = torch.stack([up, torch.linalg.cross(right, up), right], dim=-1)
    return torch.cat([force @ axes, rate @ axes], dim=-1)


def axis_of_turning(rate: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """
    The direction `(sensors, 3)` in the plane of `first` and `second` along which `rate` `(sensors, time, 3)` varies
    most, in closed form; its sign is that of the faster turning (of the mean cube).
    """
    one, other = (rate @ first[..., None]).squeeze(-1), (rate @ second[..., None]).squeeze(-1)
    twice_cosine = one.square().sum(-1) - other.square().sum(-1)
    twice_sine = 2 * (one * other).sum(-1)
    cosine = twice_cosine / (twice_cosine.square() + twice_sine.square() + 1e-12).sqrt()  # of twice the angle
    along = ((1 + cosine).clamp(min=0) / 2).sqrt()
    across = ((1 - cosine).clamp(min=0) / 2).sqrt() * torch.where(twice_sine < 0, -1.0, 1.0)
    axis = along[:, None] * first + across[:, None] * second
    skew = (rate @ axis[..., None]).pow(3).sum((1, 2))
    return axis * torch.where(skew < 0, -1.0, 1.0)[:, None]
