"""What building FiMAD costs a frame, beside the bare pose estimator on the same frames.

    python benchmarks/fimad_build.py --video walking.mp4

The video is built as many copies under different names, a few of them and many of them: the difference of the two
times is the cost of the frames, without the start of the processes. The bare estimator gets decoded frames of the size
that the build gives it, in a loop that does nothing else. The runs are interleaved, and every round gives one figure.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.results import RESULTS, write_json
from dataset_scripts.fimad.videos.pose_estimation import pose_python
from dataset_scripts.fimad.videos.video_files import probe, read_frames

# Runs in the pose environment: frames as they come, nothing but the estimator in the measured time.
_BARE = """
import sys, time
import numpy as np
from mediapipe.python.solutions.pose import Pose
frames = np.load(sys.argv[1], mmap_mode="r")
with Pose(model_complexity=1, smooth_landmarks=False) as pose:
    pose.process(np.ascontiguousarray(frames[0]))
    pose.reset()
    start = time.perf_counter()
    for frame in frames:
        pose.process(np.ascontiguousarray(frame))
    print(time.perf_counter() - start)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--video", type=Path, required=True, help="a video of a person")
    parser.add_argument("--copies", type=int, nargs=2, default=(2, 8), help="fewer and more copies of it")
    parser.add_argument("--rounds", type=int, default=3, help="repetitions of the whole measurement")
    parser.add_argument("--workers", type=int, default=1, help="processes of the build")
    parser.add_argument("--image_encoder", default="efficientnet-lite0", help="as in build.py")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(
            arguments.video,
            Path(folder),
            tuple(arguments.copies),
            arguments.rounds,
            arguments.workers,
            arguments.image_encoder,
        )
    write_json(RESULTS / f"fimad_build_{arguments.workers}.json", result)
    print(json.dumps(result, indent=1))


def measure(video: Path, folder: Path, copies: tuple[int, int], rounds: int, workers: int, image_encoder: str) -> dict:
    """Milliseconds a frame of the bare estimator and of the build, by round, and the build's overhead over it."""
    frames = folder / "frames.npy"
    np.save(frames, np.stack([frame.image for frame in read_frames(video)]))
    count = len(np.load(frames, mmap_mode="r"))
    bare, build = [], []
    for number in range(rounds):
        bare.append(bare_seconds(frames, workers) / count)
        fewer, more = (
            build_seconds(video, folder / f"{number}_{size}", size, workers, image_encoder) for size in copies
        )
        build.append((more - fewer) / ((copies[1] - copies[0]) * count))
    overhead = [one / other - 1 for one, other in zip(build, bare, strict=True)]
    facts = probe(video)
    return {
        "frames": count,
        "frame_size": list(np.load(frames, mmap_mode="r").shape[1:3][::-1]),
        "source_size": [facts.width, facts.height],
        "fps": facts.fps,
        "copies": list(copies),
        "workers": workers,
        "image_encoder": image_encoder,
        "bare_ms_per_frame": [1000 * seconds for seconds in bare],
        "build_ms_per_frame": [1000 * seconds for seconds in build],
        "overhead": overhead,
        "median": {
            "bare_ms_per_frame": 1000 * float(np.median(bare)),
            "build_ms_per_frame": 1000 * float(np.median(build)),
            "overhead": float(np.median(overhead)),
        },
    }


def bare_seconds(frames: Path, processes: int) -> float:
    """Time that as many estimators, side by side, take for the frames, over their number."""
    command = [str(pose_python()), "-c", _BARE, str(frames)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(processes)]
    outputs = [process.communicate()[0] for process in running]
    return max(float(output) for output in outputs) / processes


def build_seconds(video: Path, folder: Path, copies: int, workers: int, image_encoder: str) -> float:
    """Time of a whole build, from the call to its end."""
    videos = folder / "videos"
    videos.mkdir(parents=True)
    for number in range(copies):
        (videos / f"copy{number:03d}{video.suffix}").symlink_to(video.resolve())
    command = [sys.executable, "-m", "dataset_scripts.fimad.build"]
    options = {"videos": videos, "output": folder / "fimad", "workers": workers, "image_encoder": image_encoder}
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    shutil.rmtree(folder)
    return seconds


if __name__ == "__main__":
    main()
