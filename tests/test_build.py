"""FiMAD from videos, stage by stage: what comes out, what is dropped, and that nothing is lost or done twice.

Pose comes from a function that sees the same squat in any video; the real estimator is tested in
`test_pose_estimation.py`, and `make fimad-demo` runs all of it.
"""

import dataclasses
import functools
import hashlib
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import AbstractContextManager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import datasets
import numpy as np
import pytest

from dataset_scripts.fimad import build
from dataset_scripts.fimad.build import STAGES, main
from dataset_scripts.fimad.columns import fimad_features
from dataset_scripts.fimad.videos.download import download_video
from tests.small_videos import write_chapters
from tests.test_video_files import write_video

ROOT = Path(__file__).parents[1]
OPTIONS = ["--pose_estimator", "tests.small_videos:see_a_squat", "--image_encoder", "efficientnet-lite0"]


class InProcess(AbstractContextManager):
    """Works in this process, which has everything loaded; the others take seconds to start."""

    def __exit__(self, *exception):
        pass

    def map(self, function, calls):
        for item, arguments in calls.items():
            yield item, function(*arguments)


@pytest.fixture(scope="module", autouse=True)
def in_process():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "make_executor", lambda name, workers: InProcess())
        yield


def steady(seconds: float) -> range:
    """Milliseconds of frames."""
    return range(0, round(1000 * seconds), 80)


@pytest.fixture(scope="module")
def videos(tmp_path_factory) -> Path:
    """A folder with good videos and all kinds of bad ones."""
    folder = tmp_path_factory.mktemp("videos")
    workout = write_video(folder / "workout.mp4", steady(9), size=(96, 64))
    write_chapters(
        workout, ("Intro", 0, 1), ("1. Squats (left) - 30 seconds", 1, 4), ("Rest", 4, 5), ("Jump squats", 5, 9)
    )
    write_video(folder / "goblet squats.mp4", steady(3), size=(96, 64))
    uneven = [*range(0, 1500, 40), *range(1500, 3600, 110)]
    write_video(folder / "sumo squats, uneven.mp4", uneven, size=(96, 64))
    write_video(folder / "turned squats.mp4", steady(3), size=(64, 96), rotation=90)
    write_chapters(write_video(folder / "talk.mp4", steady(3), size=(96, 64)), ("Outro", 0, 3))
    cut_off = write_video(folder / "cut off.mp4", steady(9), size=(96, 64), faststart=True)
    write_chapters(cut_off, ("Squats", 0, 3), ("Lunges", 3, 9))
    whole = cut_off.read_bytes()
    cut_off.write_bytes(whole[: 2 * len(whole) // 3])
    (folder / "empty.mp4").touch()
    (folder / "noise.mp4").write_bytes(random.Random(0).randbytes(5000))
    return folder


@pytest.fixture(scope="module")
def built(videos, tmp_path_factory) -> Path:
    output = tmp_path_factory.mktemp("built") / "fimad"
    assert main(["--videos", str(videos), "--output", str(output), *OPTIONS]) == 0
    return output


def digests(output: Path) -> dict[str, str]:
    """Hash of every file of a data set."""
    return {
        str(file.relative_to(output)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(output.rglob("*"))
        if file.is_file()
    }


def rows(output: Path) -> list[dict]:
    splits = datasets.load_dataset(str(output)).with_format("numpy")
    return sorted((row for split in splits.values() for row in split), key=lambda row: (row["video_id"], row["start"]))


def test_every_usable_clip_becomes_a_row(built):
    clips = rows(built)
    assert [(clip["video_id"], clip["chapter_id"]) for clip in clips] == [
        ("cut off", 0),
        ("goblet squats", 0),
        ("sumo squats, uneven", 0),
        ("turned squats", 0),
        ("workout", 1),
        ("workout", 3),
    ]
    assert clips[4]["normalized_title"] == "squats"
    assert clips[4]["side"] == "left"


def test_rows_hold_what_the_columns_say(built):
    for clip in rows(built):
        seconds = clip["end"] - clip["start"]
        assert len(clip["pose"]) == len(clip["imu"]) == pytest.approx(50 * seconds, abs=2)
        assert clip["imu"].shape[1:] == (16, 6)
        assert clip["video_features"].shape == (pytest.approx(2 * seconds, abs=1.5), 1280)
        # standing and squatting: gravity is what a sensor on the chest reads on average
        assert np.linalg.norm(clip["imu"][:, 1, :3].mean(axis=0)) == pytest.approx(9.8, abs=1.0)
        assert 0.5 < clip["pose_quality"] <= 1


def test_the_columns_are_those_of_the_other_configurations(built):
    assert datasets.load_dataset(str(built))["train"].features == fimad_features(1280)


def test_the_card_names_what_was_left_out(built):
    card = (built / "README.md").read_text()
    for reason in ("intro", "rest", "outro", "empty video", "corrupt video", "truncated video"):
        assert reason in card


def test_the_picture_is_there(built):
    assert (built / "preview.png").read_bytes().startswith(b"\x89PNG")


def test_a_finished_build_does_nothing_again(built, videos):
    before = {file: file.stat().st_mtime_ns for file in built.rglob("*")}
    assert main(["--videos", str(videos), "--output", str(built), *OPTIONS]) == 0
    assert {file: file.stat().st_mtime_ns for file in built.rglob("*")} == before


def test_stages_run_alone(built, videos, tmp_path):
    command = ["--videos", str(videos), "--output", str(tmp_path / "fimad"), *OPTIONS]
    for stage in STAGES:
        assert not (tmp_path / "fimad").exists()
        assert main([*command, "--stages", stage]) == 0
    assert digests(tmp_path / "fimad") == digests(built)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--links"),
        ([*OPTIONS, "--videos", "nowhere"], "nowhere"),
        ([*OPTIONS, "--videos", "{videos}", "--stages", "cook"], "cook"),
        ([*OPTIONS, "--videos", "{videos}", "--pose_estimator", "tests.small_videos:nothing"], "nothing"),
        ([*OPTIONS, "--videos", "{videos}", "--split", "{videos}/empty.mp4"], "empty.mp4"),
        ([*OPTIONS, "--videos", "{videos}", "--exercise_database", "nowhere.json"], "nowhere.json"),
        ([*OPTIONS, "--videos", "{videos}", "--describe", "json:loud"], "loud"),
    ],
)
def test_wrong_settings_are_named_before_any_work(videos, tmp_path, caplog, arguments, message):
    output = tmp_path / "fimad"
    arguments = [argument.format(videos=videos) for argument in arguments]
    assert main([*arguments, "--output", str(output)]) == 2
    assert message in caplog.text
    assert not list(tmp_path.rglob("*.json"))


def test_nobody_in_sight_is_said(videos, tmp_path, caplog):
    options = ["--pose_estimator", "tests.small_videos:see_nobody", "--image_encoder", "efficientnet-lite0"]
    assert main(["--videos", str(videos), "--output", str(tmp_path / "fimad"), *options]) == 2
    assert "no person" in caplog.text


@pytest.fixture
def address(videos):
    """Of a server on this machine that has the videos."""
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(videos))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_links_are_downloaded_and_the_official_split_decides(address, tmp_path, monkeypatch):
    impatient = functools.partial(download_video, pause=0, first_wait=0.01)
    monkeypatch.setattr(build, "DOWNLOAD", dataclasses.replace(build.DOWNLOAD, function=impatient))
    names = ("workout.mp4", "goblet%20squats.mp4", "talk.mp4", "gone.mp4")
    (tmp_path / "links.txt").write_text("".join(f"{address}/{name}\n" for name in names))
    split = {"train": ["workout___0", "gone___0"], "val": ["goblet_squats___0", "goblet_squats___1"]}
    (tmp_path / "split.json").write_text(json.dumps(split))
    output = tmp_path / "fimad"
    arguments = ["--links", str(tmp_path / "links.txt"), "--split", str(tmp_path / "split.json"), *OPTIONS]
    assert main([*arguments, "--output", str(output)]) == 0
    built = datasets.load_dataset(str(output))
    assert built["train"]["video_id"] == ["workout"]
    assert built["validation"]["video_id"] == ["goblet_squats"]
    assert built["train"][0]["source"] == f"{address}/workout.mp4"
    assert sorted(file.name for file in (tmp_path / "fimad.work" / "videos").glob("*.mp4")) == [
        "goblet_squats.mp4",
        "workout.mp4",
    ]
    assert "video: not found" in (output / "README.md").read_text()


# --- a build in a process of its own, which can be killed ------------------------------------------------------------


def start(videos: Path, output: Path, file_size: int | None = None, *options: str) -> subprocess.Popen:
    """A build of two workers; `file_size` is the largest file in bytes that its disk has room for."""

    def limit() -> None:
        if file_size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

    command = [sys.executable, "-m", "dataset_scripts.fimad.build", "--videos", str(videos), "--output", str(output)]
    return subprocess.Popen(
        [*command, *OPTIONS, "--workers", "2", *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=limit,
    )


def finished_jobs(output: Path) -> dict[tuple[str, str], str]:
    """Content hashes in the manifest by stage and item."""
    manifest = Path(f"{output}.work") / "manifest.sqlite"
    if not manifest.exists():
        return {}
    with sqlite3.connect(f"file:{manifest}?mode=ro", uri=True) as connection:
        try:
            return {
                (stage, item): sha
                for stage, item, sha in connection.execute("SELECT stage, item, sha256 FROM results")
            }
        except sqlite3.OperationalError:  # killed before the table was made
            return {}


@pytest.mark.slow
def test_a_full_disk_is_named_and_loses_nothing(built, videos, tmp_path):
    output = tmp_path / "fimad"
    process = start(videos, output, 40_000)
    message = process.communicate()[1]
    assert process.returncode == 2
    assert "free some and run again" in message
    kept = finished_jobs(output)
    assert kept
    process = start(videos, output)
    assert process.wait() == 0
    assert kept.items() <= finished_jobs(output).items()
    assert digests(output) == digests(built)


@pytest.mark.slow
def test_killed_twenty_times_it_gives_the_same_bytes(built, videos, tmp_path):
    output = tmp_path / "fimad"
    begun = time.monotonic()
    process = start(videos, tmp_path / "timed" / "fimad")
    assert process.wait() == 0
    usual = time.monotonic() - begun
    moments = random.Random(0)
    kills, kept = 0, {}
    while kills < 20:
        process = start(videos, output, 40_000 if kills == 10 else None)
        try:
            process.wait(timeout=moments.uniform(0.3, 1.0) * usual)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
        else:  # finished: again, from a part of what is there
            kills += 1 if kills == 10 else 0
            for file in moments.sample(sorted(Path(f"{output}.work").rglob("*.npz")), 3):
                file.unlink()
            kept = {}
            continue
        now = finished_jobs(output)
        assert kept.items() <= now.items()
        kept = now
    assert start(videos, output).wait() == 0
    assert digests(output) == digests(built)


@pytest.mark.slow
def test_two_builds_do_not_work_in_one_folder(videos, tmp_path):
    first = start(videos, tmp_path / "fimad")
    while not (tmp_path / "fimad.work" / "manifest.sqlite").exists():
        time.sleep(0.05)
    second = start(videos, tmp_path / "fimad")
    assert "another build works in" in second.communicate()[1]
    assert second.returncode == 2
    assert first.wait() == 0


@pytest.mark.slow
def test_ray_gives_the_same_bytes(built, videos, tmp_path):
    pytest.importorskip("ray")
    process = start(videos, tmp_path / "fimad", None, "--executor", "ray")
    assert process.wait() == 0, process.stderr.read()
    assert digests(tmp_path / "fimad") == digests(built)


@pytest.mark.slow
def test_workers_do_not_change_the_bytes(built, videos, tmp_path):
    assert start(videos, tmp_path / "fimad").wait() == 0
    assert digests(tmp_path / "fimad") == digests(built)
