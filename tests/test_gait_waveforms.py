"""The comparison of strides: harmonics are those that were put in, wherever a window starts."""

import numpy as np
import pytest

from benchmarks.gait_waveforms import WINDOW, compare, mean_stride, stride_harmonics
from dataset_scripts.fimad.skeleton import SAMPLING_RATE


def walker(rate: float = 1.0, late: float = 0.0) -> np.ndarray:
    """A thigh `(WINDOW, 6)` in axes up, backwards, to the right, which swings forwards faster than backwards."""
    turn = 2 * np.pi * rate * (np.arange(WINDOW) / SAMPLING_RATE - late)
    still = np.zeros(WINDOW)
    force = np.stack([9.81 + 3 * np.cos(2 * turn + 1.0), 2 * np.cos(turn + 0.5), np.cos(turn)], axis=1)
    swing = 2 * np.cos(turn) + np.cos(2 * turn)
    return np.concatenate([force, np.stack([0.3 * np.sin(turn), still, swing], axis=1)], axis=1)


@pytest.mark.parametrize("late", [0.0, 0.3, 0.7])
def test_harmonics_do_not_depend_on_where_in_a_stride_the_window_starts(late):
    harmonics = stride_harmonics(walker(late=late))
    assert abs(harmonics[0, 5]) == pytest.approx(2, rel=0.05)
    assert np.angle(harmonics[0, 5]) == pytest.approx(0, abs=1e-6)
    assert abs(harmonics[1, 0]) == pytest.approx(3, rel=0.05)
    assert np.angle(harmonics[1, 0]) == pytest.approx(1.0, abs=0.15)


def test_a_stride_is_like_itself_and_not_like_one_that_runs_backwards():
    forwards, backwards = mean_stride([walker()] * 2), mean_stride([walker()[::-1].copy()])
    assert compare(forwards, forwards)["upward force, m/s²"]["correlation"] == 1
    assert compare(forwards, backwards)["upward force, m/s²"]["correlation"] < 0.9
    assert compare(forwards, 2 * forwards)["upward force, m/s²"]["size"] == pytest.approx(2)
