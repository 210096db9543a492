"""The pose process: its protocol with a stand-in for MediaPipe, and the real one where `make pose-env` was run."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from dataset_scripts.fimad.videos.clips import Frame, Unusable
from dataset_scripts.fimad.videos.pose_estimation import (
    _WORKER,
    PYTHON_VARIABLE,
    BlazePose,
    EstimatorError,
    load_estimator,
    pose_python,
)

# In place of MediaPipe: the first pixel tells where the person is, whether there is one, or when to die; the second
# value counts the frames since the clip began.
STAND_IN = """
import sys
from types import SimpleNamespace as Namespace

class Pose:
    def __init__(self, model_complexity, smooth_landmarks):
        self.count = 0
        print("text on the standard output")

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def reset(self):
        self.count = 0

    def process(self, image):
        self.count += 1
        place = int(image[0, 0, 0])
        if place == 255:
            sys.exit("the model is broken")
        if place == 0:
            return Namespace(pose_landmarks=None, pose_world_landmarks=None)
        marks = [Namespace(x=place + n, y=self.count, z=-n, visibility=0.5) for n in range(33)]
        return Namespace(pose_landmarks=Namespace(landmark=marks), pose_world_landmarks=Namespace(landmark=marks))
"""


@pytest.fixture
def stand_in(tmp_path, monkeypatch) -> Path:
    """An interpreter in which `mediapipe` is the stand-in."""
    module = tmp_path / "mediapipe" / "python" / "solutions" / "pose.py"
    module.parent.mkdir(parents=True)
    module.write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return Path(sys.executable)


def frames(places: list[int], size: tuple[int, int] = (6, 8)) -> list[Frame]:
    images = [np.full((*size, 3), place, dtype=np.uint8) for place in places]
    return [Frame(time=index / 30, image=image) for index, image in enumerate(images)]


def test_every_frame_gets_its_own_answer(stand_in):
    places = [1 + n % 200 for n in range(50)]
    places[7] = 0
    with BlazePose(stand_in) as estimate:
        landmarks = estimate(iter(frames(places)))
    assert landmarks.image_size == (8, 6)
    np.testing.assert_allclose(landmarks.times, np.arange(50) / 30)
    found = np.arange(50) != 7
    assert np.isnan(landmarks.world[7]).all()
    assert (landmarks.visibility[7] == 0).all()
    np.testing.assert_array_equal(landmarks.world[found, 3, 0], np.array(places)[found] + 3)
    np.testing.assert_array_equal(landmarks.world[found, 3, 2], -3)
    np.testing.assert_array_equal(landmarks.image[found, 3, 1], np.arange(1, 51)[found])
    np.testing.assert_array_equal(landmarks.visibility[found], 0.5)


def test_a_clip_does_not_depend_on_those_before(stand_in):
    with BlazePose(stand_in) as estimate:
        first = estimate(frames([5] * 20))
        estimate(frames([9] * 3, size=(4, 4)))
        again = estimate(frames([5] * 20))
    np.testing.assert_array_equal(first.world, again.world)


def test_frames_are_taken_as_they_are_needed(stand_in):
    """A long video must not pile up: few frames are ahead of the answers."""
    taken = []

    def source():
        for frame in frames([3] * 40):
            taken.append(frame)
            yield frame
            if len(taken) == 20:
                raise OSError("the video ends in the middle")

    with BlazePose(stand_in) as estimate:
        with pytest.raises(OSError, match="in the middle"):
            estimate(source())
        assert estimate(frames([4] * 12)).world[-1, 0, 1] == 12  # no answer of the broken clip is left over


def test_a_dying_process_says_why_and_the_next_clip_works(stand_in):
    with BlazePose(stand_in) as estimate:
        with pytest.raises(EstimatorError, match=r"(?s)code 1;.*the model is broken"):
            estimate(frames([1] * 10 + [255] + [1] * 200, size=(300, 400)))
        assert len(estimate(frames([1] * 3)).times) == 3


def test_the_process_ends_with_its_parent(stand_in):
    worker = subprocess.Popen([stand_in, _WORKER], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    worker.stdin.close()  # what happens when the parent is killed
    assert worker.wait(timeout=20) == 0


def test_close_leaves_no_process(stand_in):
    estimate = BlazePose(stand_in)
    estimate(frames([1]))
    pid = estimate._worker._process.pid
    estimate.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_unusable_frames_are_named(stand_in):
    with BlazePose(stand_in) as estimate:
        with pytest.raises(Unusable, match="no frames"):
            estimate([])
        with pytest.raises(ValueError, match=r"at 0.03 s is uint8 of \(4, 4, 3\)"):
            estimate([frames([1])[0], frames([1, 1], size=(4, 4))[1]])
        with pytest.raises(ValueError, match="float64"):
            estimate([Frame(0.0, np.zeros((4, 4, 3)))])


def test_without_environment_the_error_names_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setenv(PYTHON_VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(FileNotFoundError, match="make pose-env"):
        BlazePose()


def own_estimator(frames):
    raise NotImplementedError


def test_estimator_by_name():
    assert load_estimator(f"{__name__}:own_estimator") is own_estimator
    with pytest.raises(ValueError, match=r"package\.module:function"):
        load_estimator("openpose")
    with pytest.raises(ValueError, match='no function "missing"'):
        load_estimator(f"{__name__}:missing")


@pytest.mark.slow
def test_blazepose_is_repeatable_and_sees_nobody_in_noise():
    try:
        python = pose_python()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    noise = np.random.default_rng(0).integers(0, 255, (10, 240, 320, 3), dtype=np.uint8)
    clip = [Frame(index / 30, image) for index, image in enumerate(noise)]
    with BlazePose(python) as estimate:
        start = time.monotonic()
        first, second = estimate(clip), estimate(clip)
        assert time.monotonic() - start < 60
    np.testing.assert_array_equal(first.world, second.world)
    assert (first.visibility == 0).all()
