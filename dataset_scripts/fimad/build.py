"""Build FiMAD from videos: links or files → clips → words, 3D pose, image features, IMU → Parquet.

    python -m dataset_scripts.fimad.build --links youtube_links.txt --split train_val_split.json --output fimad/
    python -m dataset_scripts.fimad.build --videos my_videos/ --output my_fimad/

Every stage keeps its results in the work folder, so a build that was stopped, or that is given more videos, goes on
where it was. `docs/fimad.md` tells what each stage does, what comes out and what a whole build costs.
"""

import logging
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from glob import escape
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from transformers import HfArgumentParser

from dataset_scripts.files import content_hash
from dataset_scripts.fimad.videos import steps
from dataset_scripts.fimad.videos.clip_text import read_exercises
from dataset_scripts.fimad.videos.clips import Clip
from dataset_scripts.fimad.videos.download import download_video, video_id
from dataset_scripts.fimad.videos.executors import Executor, make_executor
from dataset_scripts.fimad.videos.official_files import parse_clip_id, read_language_data, read_links, read_split
from dataset_scripts.fimad.videos.stages import (
    Job,
    Manifest,
    OutOfSpace,
    Result,
    Stage,
    fingerprint,
    finished,
    full_disk_named,
    run_stage,
)
from dataset_scripts.fimad.videos.video_files import find_videos
from dataset_scripts.fimad.videos.writing import ClipParts, write_dataset

logger = logging.getLogger(__name__)

DOWNLOAD = Stage("download", 1, download_video, items="video", unit="video")
LOCAL = Stage("download", 1, steps.local_video, items="video", unit="video")
CUT = Stage("cut", 1, steps.cut, items="video", unit="video")
TEXT = Stage("text", 1, steps.write_text)
LANDMARKS = Stage("landmarks", 1, steps.estimate_landmarks, unit="s")
POSE = Stage("pose", 1, steps.lift_landmarks)
FEATURES = Stage("features", 1, steps.encode_keyframes)
IMU = Stage("imu", 1, steps.simulate_clip_imu)
_WRITE_VERSION = 1  # raised by whoever changes what is written of the same results
STAGES = (*(stage.name for stage in (DOWNLOAD, CUT, TEXT, LANDMARKS, POSE, FEATURES, IMU)), "write")


@dataclass
class BuildArguments:
    """Build FiMAD from videos.

    The parameters you will change: `--links` or `--videos`, `--output`, and `--workers`.
    """

    output: str = field(metadata={"help": "Folder of the dataset: Parquet, card and preview."})
    links: str | None = field(default=None, metadata={"help": "Text file with a video link a line, to download."})
    videos: str | None = field(
        default=None, metadata={"help": "Folder of video files (or one file) instead of links."}
    )
    split: str | None = field(
        default=None, metadata={"help": "The official train_val_split.json: its clips and no others are used."}
    )
    language_data: str | None = field(
        default=None, metadata={"help": "The official language_data.json, if you have it."}
    )
    exercise_database: str | None = field(
        default=None, metadata={"help": "JSON of exercise names and instructions, for descriptions."}
    )
    describe: str | None = field(
        default=None, metadata={"help": "Your own function title -> description, as package.module:function."}
    )
    pose_estimator: str = field(
        default="blazepose", metadata={"help": "'blazepose', or your own function as package.module:function."}
    )
    image_encoder: str = field(
        default="openai/clip-vit-base-patch32",
        metadata={"help": "Hub id or folder of the image encoder, or 'efficientnet-lite0' (needs no network)."},
    )
    work_dir: str | None = field(
        default=None, metadata={"help": "Folder of downloads and intermediate results; default: <output>.work"}
    )
    stages: list[str] = field(
        default_factory=lambda: list(STAGES),
        metadata={"help": "Stages to run; the others only hand on what is there."},
    )
    executor: str = field(default="local", metadata={"help": "Where to work.", "choices": ["local", "ray"]})
    workers: int = field(default=1, metadata={"help": "Processes, or tasks at a time on a cluster."})
    shard_megabytes: int = field(default=256, metadata={"help": "Largest Parquet file."})

    def __post_init__(self) -> None:
        if (self.links is None) == (self.videos is None):
            raise ValueError("give either --links (a file of links) or --videos (a folder of video files)")
        if unknown := set(self.stages) - set(STAGES):
            raise ValueError(f"stages {sorted(unknown)} do not exist; expected some of {', '.join(STAGES)}")


def main(arguments: Sequence[str] | None = None) -> int:
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    try:
        parser = HfArgumentParser(BuildArguments, description=str(__doc__).splitlines()[0])  # type: ignore[arg-type]
        (settings,) = parser.parse_args_into_dataclasses(arguments)
        return build(settings)
    except (ValueError, ImportError, OSError, OutOfSpace, BuildRunning) as error:
        logger.error(f"error: {error}")
        return 2


class BuildRunning(RuntimeError):
    """Another build works in the same folder."""


def build(settings: BuildArguments) -> int:
    """Build the dataset.

    Returns:
        Exit status: 0, or 1 when jobs failed that another run may mend.

    Raises:
        ValueError: the settings or one of their files are wrong, or no clip came through.
        ImportError, OSError: what the settings name is not there, such as a file, a function or an image encoder.
        OutOfSpace: the disk is full; free some and run again.
        BuildRunning: another build works in the same folder.
    """
    work = Path(settings.work_dir or f"{settings.output.rstrip('/')}.work")
    work.mkdir(parents=True, exist_ok=True)
    try:
        with (
            FileLock(work / "lock", timeout=0),
            Manifest(work / "manifest.sqlite") as manifest,
            make_executor(settings.executor, settings.workers) as executor,
        ):
            return Build(settings, work, manifest, executor).run()
    except Timeout as error:
        raise BuildRunning(f"another build works in {work}: wait for it, or give another --work_dir") from error


class Build:
    """One run of the stages. The method of a stage returns its results by video or clip id, unusable ones left out."""

    def __init__(self, settings: BuildArguments, work: Path, manifest: Manifest, executor: Executor) -> None:
        self.settings = settings
        self.official = read_split(Path(settings.split)) if settings.split else None
        self.language = read_language_data(Path(settings.language_data)) if settings.language_data else {}
        self._load_what_is_named()
        self.dropped: Counter[tuple[str, str]] = Counter()
        self.failed = 0
        self._work = work
        self._manifest = manifest
        self._executor = executor

    def _load_what_is_named(self) -> None:
        """Fail now, not hours later, where the user named something that cannot be loaded."""
        if TEXT.name in self.settings.stages:
            steps.describer(self._database, self.settings.describe)
            if self._database:
                read_exercises(self._database)
        if LANDMARKS.name in self.settings.stages:
            steps.pose_estimator(self.settings.pose_estimator)
        if FEATURES.name in self.settings.stages:
            steps.image_encoder(self.settings.image_encoder)

    @property
    def _database(self) -> Path | None:
        return Path(self.settings.exercise_database) if self.settings.exercise_database else None

    def run(self) -> int:
        """All stages in turn; returns the exit status."""
        videos = self.obtain()
        clips = self.cut(videos)
        texts = self.text(clips)
        landmarks = self.landmarks({item: clips[item] for item in texts}, videos)
        poses = self.pose(landmarks)
        features = self.features({item: landmarks[item] for item in poses})
        imu = self.imu(poses)
        if "write" in self.settings.stages:
            self.write(clips, texts, landmarks, poses, features, imu)
        if self.failed:
            logger.error(f"{self.failed} jobs failed, see above; the same command tries them again.")
        return 1 if self.failed else 0

    def obtain(self) -> dict[str, Result]:
        """Video files: downloaded, or the user's own."""
        if self.settings.videos is not None:
            files = find_videos(Path(self.settings.videos))
            return self.run_stage(LOCAL, [Job(file.stem, _file_state(file), (file,)) for file in files])
        assert self.settings.links is not None
        links = {video_id(link): link for link in read_links(Path(self.settings.links))}
        if self.official is not None:
            links = {item: link for item, link in links.items() if item in self._official_chapters}
        folder = self._work / "videos"
        return self.run_stage(DOWNLOAD, [Job(item, fingerprint(link), (link, folder)) for item, link in links.items()])

    def cut(self, videos: Mapping[str, Result]) -> dict[str, Clip]:
        """Clips of all videos, in order."""
        jobs = []
        for item, video in videos.items():
            chapters = None if self.official is None else self._official_chapters.get(item, ())
            sidecars = [(file.name, content_hash(file)) for file in _sidecars(video.path)]
            jobs.append(self._job(CUT, item, (video.path, chapters), [video.sha256, sidecars], ".json"))
        clips: dict[str, Clip] = {}
        for result in self.run_stage(CUT, jobs).values():
            kept, dropped = steps.read_cut(result.path)
            clips |= {clip.clip_id: clip for clip in kept}
            self.dropped.update(("chapter", reason) for reason in dropped.values())
        return dict(sorted(clips.items()))

    def text(self, clips: Mapping[str, Clip]) -> dict[str, Result]:
        """Words of the clips."""
        database_hash = content_hash(self._database) if self._database else None
        jobs = []
        for item, clip in clips.items():
            official, hook = self.language.get(item), self.settings.describe
            inputs = [clip.title, clip.subtitles, official and asdict(official), database_hash, hook]
            arguments = (clip.title, clip.subtitles, official, self._database, hook)
            jobs.append(self._job(TEXT, item, arguments, inputs, ".json"))
        return self.run_stage(TEXT, jobs)

    def landmarks(self, clips: Mapping[str, Clip], videos: Mapping[str, Result]) -> dict[str, Result]:
        """Landmarks and key frames of the clips: nearly all of the work."""
        jobs = []
        for item, clip in clips.items():
            video, span = videos[clip.video_id], (clip.start, clip.end, self.settings.pose_estimator)
            seconds = round(clip.end - clip.start, 1)
            jobs.append(self._job(LANDMARKS, item, (video.path, *span), [video.sha256, *span], ".npz", seconds))
        return self.run_stage(LANDMARKS, jobs)

    def pose(self, landmarks: Mapping[str, Result]) -> dict[str, Result]:
        """3D pose tracks."""
        return self._derive(POSE, landmarks)

    def features(self, landmarks: Mapping[str, Result]) -> dict[str, Result]:
        """Image features of the key frames."""
        return self._derive(FEATURES, landmarks, self.settings.image_encoder)

    def imu(self, poses: Mapping[str, Result]) -> dict[str, Result]:
        """Simulated IMU of the tracks."""
        return self._derive(IMU, poses)

    def write(self, clips: Mapping[str, Clip], *results: Mapping[str, Result]) -> None:
        """Parquet, card and preview.

        Raises:
            ValueError: no clip came through.
        """
        whole = [item for item in clips if all(item in files for files in results)]
        dropped = {f"{items}: {reason}": count for (items, reason), count in sorted(self.dropped.items())}
        if not whole:
            reasons = "; ".join(f"{count} {reason}" for reason, count in dropped.items())
            raise ValueError(f"no clip came through all stages ({reasons or 'none went in'})")
        clip_files = [[files[item].sha256 for files in results] for item in whole]
        output, shard_bytes = Path(self.settings.output), self.settings.shard_megabytes << 20
        depends = fingerprint(_WRITE_VERSION, clip_files, self.official, dropped, self._how_made(), shard_bytes)
        if self._manifest.find("write", "dataset", depends) is None:
            parts = [ClipParts(clips[item], *(files[item].path for files in results)) for item in whole]
            with full_disk_named():
                card = write_dataset(parts, output, self.official, dropped, self._how_made(), shard_bytes)
            self._manifest.record("write", "dataset", depends, Result(card, content_hash(card)))
        logger.info(f"{len(whole)} clips are in {output}")

    def _how_made(self) -> str:
        """For the card."""
        settings = self.settings
        return (
            f"`python -m dataset_scripts.fimad.build` cut the videos by their chapters and found the pose by "
            f"`{settings.pose_estimator}`; the features of {steps.KEYFRAME_RATE:g} pictures a second are "
            f"`{settings.image_encoder}`'s, and the IMU is simulated from the pose."
        )

    @cached_property
    def _official_chapters(self) -> dict[str, tuple[int, ...]]:
        """Chapters that the official split names, by video."""
        chapters: dict[str, list[int]] = {}
        for item in self.official or ():
            video, chapter = parse_clip_id(item)
            chapters.setdefault(video, []).append(chapter)
        return {video: tuple(sorted(indices)) for video, indices in chapters.items()}

    def _derive(self, stage: Stage, sources: Mapping[str, Result], *options: Any) -> dict[str, Result]:
        """Run a stage whose jobs turn one file of arrays into another."""
        jobs = [
            self._job(stage, item, (source.path, *options), [source.sha256, *options], ".npz")
            for item, source in sources.items()
        ]
        return self.run_stage(stage, jobs)

    def _job(
        self, stage: Stage, item: str, arguments: tuple[Any, ...], inputs: list[Any], suffix: str, weight: float = 1.0
    ) -> Job:
        """A job that writes `<work>/<stage>/<item><suffix>`, and depends on the content of its `inputs`."""
        output = self._work / stage.name / f"{item}{suffix}"
        return Job(item, fingerprint(stage.version, inputs), (*arguments, output), weight)

    def run_stage(self, stage: Stage, jobs: Sequence[Job]) -> dict[str, Result]:
        """Run a stage if it is among those asked for, else look up what is done; count what cannot be used."""
        if stage.name in self.settings.stages:
            results = run_stage(stage, jobs, self._manifest, self._executor)
            self.failed += len(jobs) - len(results)
        else:
            results = finished(stage, jobs, self._manifest)
        self.dropped.update((stage.items, result.reason) for result in results.values() if result.reason)
        return {item: result for item, result in results.items() if not result.reason}


def _file_state(file: Path) -> str:
    """Fingerprint of a file by what changes when it is edited, without reading it."""
    state = file.stat()
    return fingerprint(str(file.resolve()), state.st_size, state.st_mtime_ns)


def _sidecars(video: Path) -> list[Path]:
    """Files beside a video that tell about it: chapters, download information, subtitles."""
    return sorted(file for file in video.parent.glob(f"{escape(video.stem)}.*") if file != video and file.is_file())


if __name__ == "__main__":
    sys.exit(main())
