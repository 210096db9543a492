"""From joint tracks with gaps and jumps, at any rate, to a gapless pose at 50 Hz."""

from itertools import pairwise

import numpy as np
from scipy.interpolate import CubicSpline, make_interp_spline
from scipy.signal import butter, sosfiltfilt

from dataset_scripts.fimad.skeleton import SAMPLING_RATE

MAX_SPEED = 12.0  # m/s; hands of a thrower stay below, mistaken markers and flipped joint angles do not
MAX_ACCELERATION = 350.0  # m/s²; kicks reach 250 at the ankle, flipped joint angles 1000 at the knee
MAX_GAP_SPEED = 6.0  # m/s from one side of a gap to the other: beyond, the two sides contradict each other
MAX_GAP = 0.2  # seconds that are interpolated
PASS_BAND = 20.0  # Hz; half the sampling rate is 25
MIN_DURATION = 0.5  # seconds of a clip worth keeping
MIN_SHARE = 0.75  # of a clip: of a kick without the kick, the title would be wrong


def clean_pose(pose: np.ndarray, rate: float) -> tuple[np.ndarray, int, float] | None:
    """Close short gaps, cut at long ones and resample.

    Jumps (`mask_jumps`) count as not seen. Gaps up to `MAX_GAP` are closed by a cubic
    spline; of what longer ones divide, the longest stretch is kept.

    Args:
        pose: `(time, joints, 3)` metres, NaN where a joint was not seen.
        rate: frames per second.

    Returns:
        The pose `(time, joints, 3)` float32 at `SAMPLING_RATE`, the frame of the input it begins at, and the share
        of its joint positions that were measured, or None where no stretch of `MIN_DURATION` and `MIN_SHARE` is left.
    """
    pose = mask_jumps(pose, rate)
    seen = np.isfinite(pose).all(axis=-1)
    _fill_short_gaps(pose, seen, rate)
    complete = np.isfinite(pose).all(axis=(1, 2))
    complete &= ~_jumps(pose, rate).any(axis=1)
    first, stop = _longest_run(complete)
    if stop - first < max(MIN_DURATION * rate, MIN_SHARE * len(pose)):
        return None
    return resample(pose[first:stop], rate).astype(np.float32), first, float(seen[first:stop].mean())


def resample(tracks: np.ndarray, rate: float) -> np.ndarray:
    """Bring `(time, ...)` from `rate` Hz to `SAMPLING_RATE`; sample 0 stays sample 0.

    A zero-phase Butterworth low-pass keeps what is faster than the new rate can show from folding back; a quintic
    spline then gives the new samples. Both pass straight motion unchanged, up to the ends: the ripple that
    polyphase filters leave would dominate accelerations once differentiated twice.
    """
    if rate == SAMPLING_RATE:
        return tracks
    if rate > SAMPLING_RATE:
        tracks = sosfiltfilt(butter(6, PASS_BAND, fs=rate, output="sos"), tracks, axis=0)
    count = int((len(tracks) - 1) / rate * SAMPLING_RATE + 1e-3) + 1  # 1e-3: a frame interval of 0.016667 is 1/60
    return make_interp_spline(np.arange(len(tracks)) / rate, tracks, k=5)(np.arange(count) / SAMPLING_RATE)


def mask_jumps(points: np.ndarray, rate: float) -> np.ndarray:
    """A copy of `(time, points, 3)` metres with NaN wherever the motion is none of a human body."""
    masked = points.copy()
    masked[_jumps(points, rate)] = np.nan
    return masked


def _jumps(points: np.ndarray, rate: float) -> np.ndarray:
    """`(time, points)`: at either end of a step that is too fast, or where the velocity changes too fast.

    Beside a gap there is no velocity, and so no jump.
    """
    velocity = np.diff(points, axis=0) * rate
    too_fast = np.linalg.norm(velocity, axis=-1) > MAX_SPEED
    jumps = np.zeros(points.shape[:2], dtype=bool)
    jumps[1:] |= too_fast
    jumps[:-1] |= too_fast
    jumps[1:-1] |= np.linalg.norm(np.diff(velocity, axis=0), axis=-1) * rate > MAX_ACCELERATION
    return jumps


def _fill_short_gaps(pose: np.ndarray, seen: np.ndarray, rate: float) -> None:
    longest = round(MAX_GAP * rate)
    frames = np.arange(len(pose))
    for joint in np.flatnonzero(~seen.all(axis=0) & (seen.sum(axis=0) >= 4)):
        known = frames[seen[:, joint]]
        spline = CubicSpline(known, pose[known, joint])
        for before, after in pairwise(known):
            travelled = np.linalg.norm(pose[after, joint] - pose[before, joint])
            if 1 < after - before <= longest + 1 and travelled * rate <= MAX_GAP_SPEED * (after - before):
                pose[before + 1 : after, joint] = spline(frames[before + 1 : after])


def _longest_run(flags: np.ndarray) -> tuple[int, int]:
    edges = np.diff(np.concatenate([[0], flags.astype(np.int8), [0]]))
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    if not len(starts):
        return 0, 0
    longest = int(np.argmax(stops - starts))
    return int(starts[longest]), int(stops[longest])
