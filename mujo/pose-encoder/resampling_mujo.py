# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""Band-limited resampling of recordings with gaps, from an even rate or from timestamps."""

from fractions import Fraction

import numpy as np
from scipy.interpolate import Akima1DInterpolator
from scipy.signal import firwin, resample_poly

# Deviation from an even clock, in sampling periods, below which timestamps are taken as a rate.
_EVEN_TOLERANCE = 1e-3

# A rate of 2000.01 Hz is 200001/100 Hz, and the filter has 40 taps for each of the numerator.
_MAX_NUMERATOR = 200_000


def resample_even(
    values: np.ndarray, rate: float, new_rate: float, max_gap_seconds: float
) -> tuple[np.ndarray, np.ndarray]:
    """Resample evenly sampled values with a polyphase filter, aligned with the first sample.

    Args:
        values: `(time, channels)`, NaN where missing, with at least one number in every channel.
        rate: samples a second of `values`, in Hz.
        new_rate: samples a second of the result, in Hz; where it equals `rate`, the values are not filtered.
        max_gap_seconds: gaps up to this length are interpolated; longer ones and missing ends are masked.

    Returns:
        Values `(ceil(time * new_rate / rate), channels)` without NaN, and a boolean mask of that length, false where
        the values only bridge a long gap.
    """
    ratio = _fraction(new_rate) / _fraction(rate)
    signal = _resample_rational(_interpolate_missing(values), ratio)
    sample = np.arange(len(signal)) * ratio.denominator / ratio.numerator  # place in `values`
    mask = np.ones(len(signal), dtype=bool)
    for start, stop in _missing_runs(values):
        at_an_end = start == 0 or stop == len(values)
        if at_an_end or (stop - start) / rate > max_gap_seconds:
            mask[(sample > start - 1) & (sample < stop)] = False
    return signal, mask


def resample_uneven(
    values: np.ndarray, times: np.ndarray, origin: float, new_rate: float, max_gap_seconds: float
) -> tuple[int, np.ndarray, np.ndarray]:
    """Put unevenly sampled values on the even grid `origin + n / new_rate`.

    The values are interpolated (modified Akima, which does not ring at gaps) on a multiple of the grid that holds the
    band of the input, then low-pass filtered down to the grid. Even timestamps are resampled as their rate.

    Args:
        values: `(time, channels)`, NaN where missing, with at least two rows free of NaN.
        times: `(time,)` strictly increasing, in seconds.
        origin: time of grid point 0, in seconds, not after `times[0]`.
        new_rate: samples a second of the grid, in Hz.
        max_gap_seconds: as for `resample_even`; a gap is what a step exceeds the median step by.

    Returns:
        The number `n` of the first grid point in `[times[0], times[-1]]`, then values and mask as `resample_even`
        returns them, up to the last grid point in that interval.
    """
    step = (times[-1] - times[0]) / (len(times) - 1)
    offset = (times[0] - origin) * new_rate
    is_even = np.abs(times - times[0] - step * np.arange(len(times))).max() <= _EVEN_TOLERANCE * step
    if is_even and abs(offset - round(offset)) <= _EVEN_TOLERANCE:
        return round(offset), *resample_even(values, 1 / step, new_rate, max_gap_seconds)

    first = int(np.ceil(offset - _EVEN_TOLERANCE))
    last = int(np.floor((times[-1] - origin) * new_rate + _EVEN_TOLERANCE))
    grid = origin + np.arange(first, last + 1) / new_rate
    present = ~np.isnan(values).any(axis=1)
    known_times, known_values = times[present], values[present]

    period = np.median(np.diff(times))
    # Twice the input's rate keeps the interpolation's images out of the band that the filter passes.
    oversampling = int(np.ceil(2 / (period * new_rate))) if period * new_rate < 1 - _EVEN_TOLERANCE else 1
    fine = grid[0] + np.arange((len(grid) - 1) * oversampling + 1) / (new_rate * oversampling)
    bridge = Akima1DInterpolator(known_times, known_values, method="makima")
    signal = bridge(np.clip(fine, known_times[0], known_times[-1]))
    signal = _resample_rational(signal, Fraction(1, oversampling))

    slack = _EVEN_TOLERANCE / new_rate
    mask = (grid >= known_times[0] - slack) & (grid <= known_times[-1] + slack)
    for before in np.flatnonzero(np.diff(known_times) - period > max_gap_seconds):
        mask[(grid > known_times[before] + slack) & (grid < known_times[before + 1] - slack)] = False
    return first, signal, mask


def _fraction(rate: float) -> Fraction:
    """`rate` as a fraction: 31.25 Hz is 125/4 Hz. Off by at most 5e-3 Hz, as for 50.005 Hz."""
    fraction = Fraction(rate).limit_denominator(100)
    if fraction <= 0:
        raise ValueError(f"a sampling rate of {rate:g} Hz: expected one of at least 0.01 Hz")
    if fraction.numerator > _MAX_NUMERATOR:
        raise ValueError(
            f"a sampling rate of {rate:.4f} Hz: expected whole numbers above {_MAX_NUMERATOR // 100} Hz, for the "
            "filter would be of unbounded length. Give it as a rounded sampling_rate"
        )
    return fraction


def _resample_rational(signal: np.ndarray, ratio: Fraction) -> np.ndarray:
    """Change the rate of `(time, channels)` by `ratio`."""
    if ratio == 1:
        return signal
    up, down = ratio.numerator, ratio.denominator
    # Kaiser with beta 6 is 63 dB down; over 41 periods its transition band spans 0.8 to 1.0 of the new Nyquist
    # frequency. When the rate rises nothing can alias, and the filter passes all it can.
    cutoff = 0.9 if down > up else 1.0
    taps = firwin(40 * max(up, down) + 1, cutoff / max(up, down), window=("kaiser", 6.0))
    # Without the mean, the ripple between polyphase branches cannot touch the constant part of gravity.
    mean = signal.mean(axis=0)
    return resample_poly(signal - mean, up, down, window=taps, padtype="symmetric") + mean


def _missing_runs(values: np.ndarray) -> np.ndarray:
    """`(runs, 2)` first row and row past the end of every run of rows with a NaN."""
    missing = np.isnan(values).any(axis=1)
    return np.flatnonzero(np.diff(missing, prepend=False, append=False)).reshape(-1, 2)


def _interpolate_missing(values: np.ndarray) -> np.ndarray:
    """Bridge NaN linearly, channel by channel; the ends keep the nearest number."""
    filled = values.copy()
    rows = np.arange(len(values))
    for channel in filled.T:
        missing = np.isnan(channel)
        if missing.any():
            channel[missing] = np.interp(rows[missing], rows[~missing], channel[~missing])
    return filled
