"""Video → landmarks: BlazePose in its own process, or any function of yours from frames to landmarks.

    with BlazePose() as estimate:
        landmarks = estimate(read_frames("squat.mp4"))

`blazepose_worker.py` is the other end and documents the bytes between the two.
"""

import importlib
import os
import struct
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np

from dataset_scripts.fimad.videos.clips import Frame, Landmarks, Unusable

Estimator = Callable[[Iterable[Frame]], Landmarks]
"""Finds one person in the frames of one clip. It takes the frames one by one and keeps none of them, and what it
returns depends on these frames alone. Raises `Unusable` where it cannot."""

LANDMARKS = 33
PYTHON_VARIABLE = "MUJO_POSE_PYTHON"

_WORKER = Path(__file__).with_name("blazepose_worker.py")
_DEFAULT_PYTHON = Path(__file__).parents[3] / ".venv-pose" / "bin" / "python"
_HEADER = struct.Struct("<II")
_NEXT_CLIP = _HEADER.pack(0, 0)
_ANSWER_BYTES = LANDMARKS * 6 * 4
# Frames sent whose answers are still out. More than the worker's look-ahead, so that it always has a frame at hand;
# few enough for their answers to fit into a pipe, so that the worker never waits for us while we wait for it.
_IN_FLIGHT = 6
_PIPE_BYTES = 1 << 20  # where the system allows it, a frame passes in one piece
_LOG_TAIL = 2000  # characters


class EstimatorError(RuntimeError):
    """The pose estimator itself failed; the video is not to blame, or not proven to be."""


def pose_python() -> Path:
    """The interpreter of the pose environment: `MUJO_POSE_PYTHON`, else `.venv-pose/bin/python` of the checkout.

    Raises:
        FileNotFoundError: there is no such interpreter.
    """
    python = Path(os.environ.get(PYTHON_VARIABLE) or _DEFAULT_PYTHON)
    if not python.is_file():
        raise FileNotFoundError(
            f"no pose environment at {python}: make it with `make pose-env`, or set {PYTHON_VARIABLE} to the Python "
            "of an environment with the packages of requirements-pose.txt"
        )
    return python


class BlazePose(AbstractContextManager["BlazePose"]):
    """MediaPipe BlazePose "full", offline, in a process of its own that serves many clips.

    The process starts with the first clip, again after it died, and ends with the `with` block. A clip's landmarks
    do not depend on the clips before it. While the process estimates, the caller decodes the next frames.
    Not thread-safe: one instance for each thread.

    Args:
        python: interpreter of the environment that `make pose-env` makes; `pose_python()` where it is not given.

    Raises:
        FileNotFoundError: none is given and there is none.
    """

    def __init__(self, python: Path | None = None) -> None:
        self._python = pose_python() if python is None else python
        self._worker: _Worker | None = None

    def __call__(self, frames: Iterable[Frame]) -> Landmarks:
        """Landmarks of one clip.

        Args:
            frames: in the order of their times, all of one size.

        Raises:
            Unusable: there are no frames.
            ValueError: a frame is no RGB picture, or of another size than the first.
            EstimatorError: the process failed; it says what it said last. The next call starts another.
        """
        if self._worker is None:
            self._worker = _Worker(self._python)
        try:
            return self._estimate(frames, self._worker)
        except BaseException:
            self.close()  # answers that are still out would be taken for those to the next clip
            raise

    def _estimate(self, frames: Iterable[Frame], worker: "_Worker") -> Landmarks:
        times: list[float] = []
        answers: list[bytes] = []
        shape: tuple[int, ...] = ()
        for frame in frames:
            shape = shape or frame.image.shape
            _check_frame(frame, shape)
            if not times:
                worker.next_clip()
            worker.send(frame.image)
            times.append(frame.time)
            if len(times) - len(answers) > _IN_FLIGHT:
                answers.append(worker.receive())
        if not times:
            raise Unusable("no frames", "the clip holds no picture")
        while len(answers) < len(times):
            answers.append(worker.receive())
        values = np.frombuffer(b"".join(answers), "<f4").reshape(-1, LANDMARKS, 6)
        return Landmarks(
            times=np.array(times, dtype=np.float64),
            world=values[..., :3].copy(),
            image=values[..., 3:5].copy(),
            visibility=values[..., 5].copy(),
            image_size=(shape[1], shape[0]),
        )

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if there is one."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None


class _Worker:
    """A running `blazepose_worker.py`. Its methods raise `EstimatorError` when it has died."""

    def __init__(self, python: Path) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the process)
        self._process = subprocess.Popen(
            [python, _WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            bufsize=0,
            pipesize=_PIPE_BYTES,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._frames = self._process.stdin
        self._answers = self._process.stdout

    def next_clip(self) -> None:
        self._log.seek(0)
        self._log.truncate()
        self._write(_NEXT_CLIP)

    def send(self, image: np.ndarray) -> None:
        self._write(_HEADER.pack(*image.shape[:2]))
        self._write(np.ascontiguousarray(image).data.cast("B"))

    def _write(self, data: bytes | memoryview) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._frames.write(rest) :]
        except BrokenPipeError as error:
            raise self._failure() from error

    def receive(self) -> bytes:
        answer = b""
        while len(answer) < _ANSWER_BYTES:
            part = self._answers.read(_ANSWER_BYTES - len(answer))
            if not part:
                raise self._failure()
            answer += part
        return answer

    def _failure(self) -> EstimatorError:
        code = self._process.wait()
        self._log.seek(0)
        said = self._log.read().decode(errors="replace").strip()[-_LOG_TAIL:]
        return EstimatorError(f"the pose process ended with code {code}; its last words: {said or 'none'}")

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._frames.close()
        self._answers.close()
        self._log.close()


def _check_frame(frame: Frame, shape: tuple[int, ...]) -> None:
    image = frame.image
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or image.shape != shape:
        raise ValueError(
            f"the frame at {frame.time:.2f} s is {image.dtype} of {image.shape}, expected uint8 of (height, width, "
            f"3), the same for all frames; the first is {shape}"
        )


def load_estimator(name: str) -> Estimator:
    """The estimator that a user named on the command line.

    Args:
        name: "blazepose", or "package.module:function" of an `Estimator` of theirs.

    Raises:
        ValueError: the name has neither form, or there is no such function.
        FileNotFoundError: BlazePose has no environment yet.
    """
    if name == "blazepose":
        return BlazePose()
    module, _, function = name.partition(":")
    if not module or not function:
        raise ValueError(f'the estimator is "{name}", expected "blazepose" or "package.module:function"')
    estimator = getattr(importlib.import_module(module), function, None)
    if not callable(estimator):
        raise ValueError(f'the module {module} has no function "{function}" from frames to Landmarks')
    return estimator
