"""BlazePose in a process of its own; started by `pose_estimation.BlazePose`, never imported.

MediaPipe pins NumPy 1.26 and more, so this runs in the environment of `make pose-env` and needs only mediapipe, NumPy
and the standard library. The protocol, little-endian, has no pickle in it:

    in   uint32 height, uint32 width, then height × width × 3 bytes of RGB    one frame
         two zeros                                                            the next frame begins another clip
    out  33 × 6 float32: world x y z, image x y, visibility                   one answer for every frame, in order;
                                                                              NaN and visibility 0: nobody found

It ends when its input does, so it does not outlive its parent.
"""

import os
import queue
import struct
import threading

import numpy as np
from mediapipe.python.solutions.pose import Pose

_LOOK_AHEAD = 4  # frames read while another is being estimated; what bounds the memory
_HEADER = struct.Struct("<II")


def main() -> None:
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever MediaPipe prints must not get between the answers
    frames: queue.Queue = queue.Queue(_LOOK_AHEAD)
    threading.Thread(target=_read_frames, args=(frames,), daemon=True).start()
    # without MediaPipe's own smoothing: it lags behind, and a zero-phase filter follows (`pose_lifting`)
    with Pose(model_complexity=1, smooth_landmarks=False) as pose:
        while (frame := frames.get()) is not None:
            if frame.size:
                answers.write(_landmarks(pose, frame).tobytes())
            else:
                pose.reset()  # the tracker starts where it last saw the person


def _read_frames(frames: queue.Queue) -> None:
    """Put every frame into the queue, and None when the input ends."""
    while (header := _read(_HEADER.size)) is not None:
        height, width = _HEADER.unpack(header)
        pixels = _read(height * width * 3)
        if pixels is None:
            break
        frames.put(np.frombuffer(pixels, np.uint8).reshape(height, width, 3))
    frames.put(None)


def _read(count: int) -> "bytearray | None":
    """Bytes of the input, None where it ends. Not through `sys.stdin`: its lock outlives a thread that waits in it."""
    data = bytearray(count)
    rest = memoryview(data)
    while rest:
        received = os.readv(0, [rest])
        if not received:
            return None
        rest = rest[received:]
    return data


def _landmarks(pose: Pose, frame: np.ndarray) -> np.ndarray:
    seen = pose.process(frame)
    answer = np.full((33, 6), np.nan, dtype="<f4")
    answer[:, 5] = 0
    if seen.pose_landmarks is not None and seen.pose_world_landmarks is not None:
        answer[:, :3] = [(mark.x, mark.y, mark.z) for mark in seen.pose_world_landmarks.landmark]
        answer[:, 3:] = [(mark.x, mark.y, mark.visibility) for mark in seen.pose_landmarks.landmark]
    return answer


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # the parent went away between a frame and its answer
        os._exit(1)
