"""Smooth curves in time: quintic interpolation through keyframes, and noise with a given band."""

import numpy as np

from dataset_scripts.fimad.skeleton import SAMPLING_RATE


def quintic_hermite(
    knots: np.ndarray, values: np.ndarray, velocities: np.ndarray, accelerations: np.ndarray, times: np.ndarray
) -> np.ndarray:
    """Twice continuously differentiable curve through knots where value, velocity and acceleration are given.

    Args:
        knots: `(knots,)`, increasing, in seconds.
        values, velocities, accelerations: `(knots, channels)`.
        times: `(time,)`, within the knots.

    Returns:
        `(time, channels)`.
    """
    index = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, len(knots) - 2)
    span = (knots[index + 1] - knots[index])[:, None]
    s = (times - knots[index])[:, None] / span
    cube, rest = s**3, 1 - s
    rest_cube = rest**3
    return (
        rest_cube * (1 + 3 * s + 6 * s**2) * values[index]
        + cube * (1 + 3 * rest + 6 * rest**2) * values[index + 1]
        + rest_cube * s * (1 + 3 * s) * span * velocities[index]
        - cube * rest * (1 + 3 * rest) * span * velocities[index + 1]
        + rest_cube * s**2 / 2 * span**2 * accelerations[index]
        + cube * rest**2 / 2 * span**2 * accelerations[index + 1]
    )


def through_keyframes(knots: np.ndarray, values: np.ndarray, bounce: float, times: np.ndarray) -> np.ndarray:
    """Move through keyframes as people do: minimum jerk from rest to rest, without overshoot, swinging through where
    told.

    From rest to rest this is the minimum-jerk curve of Flash & Hogan (J. Neurosci. 5, 1985). Keyframes between two
    others are passed at the harmonic mean of both slopes (Fritsch & Butland, 1984), which keeps every joint between
    its keyframes.

    Args:
        knots: `(knots,)`, increasing, in seconds; two equal values in a row are a hold.
        values: `(knots, channels)`.
        bounce: 0 comes to rest at turning points; 1 turns there with the acceleration of a cosine.
        times: `(time,)`.

    Returns:
        `(time, channels)`.
    """
    span = np.diff(knots)[:, None]
    change = np.diff(values, axis=0)
    slope = change / span
    before, after = slope[:-1], slope[1:]
    same = before * after > 0
    velocities = np.zeros_like(values)
    accelerations = np.zeros_like(values)
    velocities[1:-1] = np.where(same, 2 * before * after / np.where(same, before + after, 1), 0)
    arriving, leaving = change[:-1] / span[:-1] ** 2, -change[1:] / span[1:] ** 2
    turn = np.where(np.abs(arriving) < np.abs(leaving), arriving, leaving)
    accelerations[1:-1] = np.where(before * after < 0, -bounce * np.pi**2 / 2 * turn, 0)
    return quintic_hermite(knots, values, velocities, accelerations, times)


def band_noise(rng: np.random.Generator, length: int, channels: int, low: float, high: float) -> np.ndarray:
    """Noise of unit standard deviation, amplitude as 1/f between two frequencies in Hz, `(length, channels)`."""
    padded = (
        1 << max(length - 1, 511).bit_length()
    )  # a power of two, at least ten seconds: quick, and long waves exist
    frequency = np.fft.rfftfreq(padded, 1 / SAMPLING_RATE)
    inside = (frequency >= low) & (frequency <= high)
    amplitude = np.where(inside, 1 / np.maximum(frequency, low), 0)
    spectrum = amplitude[:, None] * (
        rng.standard_normal((len(frequency), channels)) + 1j * rng.standard_normal((len(frequency), channels))
    )
    noise = np.fft.irfft(spectrum, padded, axis=0) * padded / (2 * np.sqrt(np.sum(amplitude**2)))
    return noise[:length]


def pink_sequence(rng: np.random.Generator, length: int) -> np.ndarray:
    """`(length,)` of unit standard deviation with the slow drift of successive repetitions or strides.

    Sum of first-order autoregressive processes; human stride times are long-range correlated (Hausdorff et al., J.
    Appl. Physiol. 78, 1995).
    """
    total = np.zeros(length)
    for memory in (0.0, 0.6, 0.93):
        innovation = rng.standard_normal(length) * np.sqrt(1 - memory**2)
        innovation[0] = rng.standard_normal()
        lag = np.arange(length)
        kernel = memory**lag if memory else (lag == 0).astype(float)
        total += np.convolve(innovation, kernel)[:length]
    return total / np.sqrt(3)
