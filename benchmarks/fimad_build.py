"""What building FiMAD costs a frame, stage by stage, beside the bare pose estimator on the same frames.

    python benchmarks/fimad_build.py --video walking.mp4

The video is brought to the size that the download stage asks for and built as several copies under different names,
by processes that have everything loaded. The bare estimator gets decoded frames of the size that the build gives it,
in a loop that does nothing else. Build and bare estimator take turns, and every round gives one figure. Two
processes are compared with two bare estimators side by side.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import av
import numpy as np
from tqdm.auto import tqdm

from benchmarks.results import RESULTS, write_json
from dataset_scripts.fimad.build import Build, BuildArguments
from dataset_scripts.fimad.videos.executors import Executor, make_executor
from dataset_scripts.fimad.videos.pose_estimation import pose_python
from dataset_scripts.fimad.videos.stages import Job, Manifest, Result, Stage
from dataset_scripts.fimad.videos.video_files import probe, read_frames

TALLEST = 720  # as in `download_video`

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
    parser.add_argument("--copies", type=int, default=8, help="copies of it to build from")
    parser.add_argument("--rounds", type=int, default=5, help="repetitions of the whole measurement")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="numbers of processes to try")
    parser.add_argument("--image_encoder", default="efficientnet-lite0", help="as in build.py")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(
            arguments.video,
            Path(folder),
            arguments.copies,
            arguments.rounds,
            arguments.workers,
            arguments.image_encoder,
        )
    write_json(RESULTS / "fimad_build.json", result)
    for workers, figures in result["workers"].items():
        print(workers, json.dumps(figures["median"], indent=1))


def measure(
    video: Path, folder: Path, copies: int, rounds: int, workers: Sequence[int], image_encoder: str
) -> dict[str, Any]:
    """Milliseconds a frame of the bare estimator and of each stage, by number of processes and round."""
    original, video = probe(video), shrink(video, folder / "original.mp4")
    frames, videos = folder / "frames.npy", folder / "videos"
    np.save(frames, np.stack([frame.image for frame in read_frames(video)]))
    count, height, width, _ = np.load(frames, mmap_mode="r").shape
    videos.mkdir()
    for number in range(copies):
        (videos / f"copy{number:03d}.mp4").symlink_to(video)
    rows: dict[int, list[dict[str, Any]]] = {number: [] for number in workers}
    with ExitStack() as executors:
        started = {number: executors.enter_context(make_executor("local", number)) for number in workers}
        for executor in started.values():
            build_seconds(videos, folder / "warm", image_encoder, executor)
        for _ in tqdm(range(rounds), desc="rounds"):
            for number, executor in started.items():
                bare = bare_seconds(frames, number) / (number * count)
                stages = build_seconds(videos, folder / "build", image_encoder, executor)
                rows[number].append(figures_of(bare, {name: took / (copies * count) for name, took in stages.items()}))
    shown = probe(video)
    return {
        "video": {"frames": count, "fps": shown.fps, "width": shown.width, "height": shown.height},
        "source": {"width": original.width, "height": original.height},
        "frame": {"width": width, "height": height},
        "copies": copies,
        "image_encoder": image_encoder,
        "workers": {str(number): {"rounds": rows[number], "median": median_of(rows[number])} for number in workers},
    }


def figures_of(bare: float, stages: dict[str, float]) -> dict[str, Any]:
    """Of one round, from seconds a frame. The image encoder is another network's work, so it is told apart."""
    return {
        "bare_ms": 1000 * bare,
        "stages_ms": {name: 1000 * seconds for name, seconds in stages.items()},
        "overhead": (sum(stages.values()) - stages["features"]) / bare - 1,
        "overhead_with_image_encoder": sum(stages.values()) / bare - 1,
    }


def median_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians over the rounds; of the overheads their quartiles."""
    overheads = ("overhead", "overhead_with_image_encoder")
    return {
        "bare_ms": float(np.median([row["bare_ms"] for row in rows])),
        "stages_ms": {
            name: float(np.median([row["stages_ms"][name] for row in rows])) for name in rows[0]["stages_ms"]
        },
        **{name: np.quantile([row[name] for row in rows], (0.25, 0.5, 0.75)).tolist() for name in overheads},
    }


def shrink(video: Path, output: Path) -> Path:
    """The video in H.264, at most `TALLEST` pixels tall."""
    with av.open(str(video)) as source, av.open(str(output), "w") as target:
        pictures = source.streams.video[0]
        scale = min(1.0, TALLEST / pictures.height)
        stream = target.add_stream("libx264", rate=pictures.average_rate)
        stream.width, stream.height = (2 * round(side * scale / 2) for side in (pictures.width, pictures.height))
        stream.pix_fmt = "yuv420p"
        for frame in source.decode(pictures):
            small = frame.reformat(stream.width, stream.height, stream.pix_fmt)
            small.pts, small.time_base = frame.pts, frame.time_base
            target.mux(stream.encode(small))
        target.mux(stream.encode())
    return output


def bare_seconds(frames: Path, processes: int) -> float:
    """Time that as many estimators side by side take for the frames, each for all of them."""
    command = [str(pose_python()), "-c", _BARE, str(frames)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(processes)]
    return max(float(process.communicate()[0]) for process in running)


class TimedBuild(Build):
    """Takes the time of every stage."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.seconds: dict[str, float] = {}

    def run_stage(self, stage: Stage, jobs: Sequence[Job]) -> dict[str, Result]:
        start = time.perf_counter()
        results = super().run_stage(stage, jobs)
        self.seconds[stage.name] = time.perf_counter() - start
        return results

    def write(self, *results: Any) -> None:
        start = time.perf_counter()
        super().write(*results)
        self.seconds["write"] = time.perf_counter() - start


def build_seconds(videos: Path, folder: Path, image_encoder: str, executor: Executor) -> dict[str, float]:
    """Time of each stage of a build."""
    settings = BuildArguments(output=str(folder / "fimad"), videos=str(videos), image_encoder=image_encoder)
    with Manifest(folder / "work" / "manifest.sqlite") as manifest:
        build = TimedBuild(settings, folder / "work", manifest, executor)
        build.run()
    shutil.rmtree(folder)
    return build.seconds


if __name__ == "__main__":
    main()
