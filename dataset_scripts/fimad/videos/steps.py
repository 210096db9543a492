"""What each stage of the build makes of one video or clip. Every function writes one file and returns its path.

    download ─ video ─ cut ─ chapters ─┬─ text
                                       └─ landmarks + key frames ─┬─ pose ─ imu
                                                                  └─ video features

The functions run in worker processes, on other machines too: their arguments are paths, numbers and names.
"""

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from dataset_scripts.files import write_atomically
from dataset_scripts.fimad.columns import simulate_fimad_imu
from dataset_scripts.fimad.videos.chapters import describe_video, select_chapters
from dataset_scripts.fimad.videos.clip_text import Describer, load_hook
from dataset_scripts.fimad.videos.clips import Chapter, Clip, ClipText, Frame, Landmarks, PoseTrack, Unusable, Video
from dataset_scripts.fimad.videos.image_features import ImageEncoder, keyframe_jpeg
from dataset_scripts.fimad.videos.official_files import OfficialText, clip_id
from dataset_scripts.fimad.videos.pose_estimation import Estimator, load_estimator
from dataset_scripts.fimad.videos.pose_lifting import lift
from dataset_scripts.fimad.videos.subtitles import spoken_between
from dataset_scripts.fimad.videos.video_files import read_frames

KEYFRAME_RATE = 2.0  # pictures a second kept for the image encoder and the preview


def local_video(file: Path) -> Path:
    """A file of the user's stays where it is."""
    return file


def cut(video_file: Path, official_chapters: tuple[int, ...] | None, output: Path) -> Path:
    """Which chapters of a video become clips.

    Args:
        video_file: with its sidecars beside it; see `describe_video`.
        official_chapters: indices of the chapters that FiMAD's authors used; None chooses by length and title.
        output: JSON with `clips` and `dropped`; see `read_cut`.

    Raises:
        Unusable: the file is no video, or holds no chapter of use.
    """
    video = describe_video(video_file)
    if official_chapters is None:
        kept, dropped = select_chapters(video)
    else:
        kept = tuple(chapter for chapter in video.chapters if chapter.index in official_chapters)
        dropped = tuple((chapter, "not in the split") for chapter in video.chapters if chapter not in kept)
    clips = [_clip(video, chapter) for chapter in kept]
    reasons = [{"clip_id": clip_id(video.video_id, chapter.index), "reason": reason} for chapter, reason in dropped]
    return _write_json(output, {"clips": [asdict(clip) for clip in clips], "dropped": reasons})


def _clip(video: Video, chapter: Chapter) -> Clip:
    return Clip(
        clip_id=clip_id(video.video_id, chapter.index),
        video_id=video.video_id,
        chapter_id=chapter.index,
        title=chapter.title,
        start=chapter.start,
        end=chapter.end,
        subtitles=spoken_between(video.path, chapter.start, chapter.end),
        source=video.source,
        license=video.license,
        fps=video.fps,
    )


def read_cut(file: Path) -> tuple[list[Clip], dict[str, str]]:
    """What `cut` wrote: the clips, and why other chapters, by clip id, are not among them."""
    content = json.loads(file.read_text())
    return [Clip(**clip) for clip in content["clips"]], {row["clip_id"]: row["reason"] for row in content["dropped"]}


def write_text(
    title: str,
    subtitles: str | None,
    official: OfficialText | None,
    database: Path | None,
    hook: str | None,
    output: Path,
) -> Path:
    """The words of a clip, as JSON of `ClipText`."""
    text = describer(database, hook).describe(title, official=official, subtitles=subtitles)
    return _write_json(output, asdict(text))


@lru_cache(maxsize=1)
def describer(database: Path | None, hook: str | None) -> Describer:
    return Describer(database=database, hook=load_hook(hook) if hook else None)


def read_text(file: Path) -> ClipText:
    return ClipText(**json.loads(file.read_text()))


def estimate_landmarks(video_file: Path, start: float, end: float, estimator: str, output: Path) -> Path:
    """Landmarks of every frame between `start` and `end` (seconds), and key frames as JPEG, from one decoding.

    Raises:
        Unusable: there is nothing to decode.
    """
    keyframes = _KeyframeCollector(start)
    landmarks = pose_estimator(estimator)(keyframes.collect(read_frames(video_file, start, end)))
    if not len(landmarks.times):
        raise Unusable("no frames", f"between {start:.1f} and {end:.1f} s")
    return _write_arrays(
        output,
        times=landmarks.times,
        world=landmarks.world,
        image=landmarks.image,
        visibility=landmarks.visibility,
        image_size=np.array(landmarks.image_size),
        keyframe_times=np.array(keyframes.times),
        keyframe_bytes=np.frombuffer(b"".join(keyframes.pictures), np.uint8),
        keyframe_ends=np.cumsum([len(picture) for picture in keyframes.pictures]),
    )


@lru_cache(maxsize=1)
def pose_estimator(name: str) -> Estimator:
    return load_estimator(name)


class _KeyframeCollector:
    """Keeps `KEYFRAME_RATE` pictures a second of the frames that pass through, as JPEG."""

    def __init__(self, start: float) -> None:
        self.times: list[float] = []
        self.pictures: list[bytes] = []
        self._start = start

    def collect(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        for frame in frames:
            if frame.time >= self._start + len(self.times) / KEYFRAME_RATE:
                self.times.append(frame.time)
                self.pictures.append(keyframe_jpeg(frame.image))
            yield frame


class Keyframes(NamedTuple):
    """Pictures of a clip: `times` `(pictures,)` in seconds from the beginning of the video, and JPEG `pictures`."""

    times: np.ndarray
    pictures: list[bytes]


def read_landmarks(file: Path) -> tuple[Landmarks, Keyframes]:
    """What `estimate_landmarks` wrote."""
    with np.load(file, allow_pickle=False) as arrays:
        width, height = arrays["image_size"].tolist()
        landmarks = Landmarks(
            times=arrays["times"],
            world=arrays["world"],
            image=arrays["image"],
            visibility=arrays["visibility"],
            image_size=(width, height),
        )
        joined, ends = arrays["keyframe_bytes"].tobytes(), arrays["keyframe_ends"].tolist()
        pictures = [joined[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]
        return landmarks, Keyframes(arrays["keyframe_times"], pictures)


def lift_landmarks(landmarks_file: Path, output: Path) -> Path:
    """Landmarks → 3D pose tracks.

    Raises:
        Unusable: no person, or none that is seen well and long enough.
    """
    landmarks, _ = read_landmarks(landmarks_file)
    tracks = lift(landmarks)
    return _write_arrays(
        output,
        pose=np.concatenate([track.pose for track in tracks]),
        lengths=np.array([len(track.pose) for track in tracks]),
        **{name: np.array([getattr(track, name) for track in tracks]) for name in _TRACK_FIGURES},
    )


_TRACK_FIGURES = ("start", "end", "detected_share", "visibility", "bone_length_variation", "quality")


def read_tracks(file: Path) -> list[PoseTrack]:
    """What `lift_landmarks` wrote."""
    with np.load(file, allow_pickle=False) as arrays:
        poses = np.split(arrays["pose"], np.cumsum(arrays["lengths"])[:-1])
        figures = {name: arrays[name].tolist() for name in _TRACK_FIGURES}
    return [
        PoseTrack(pose=pose, **{name: values[index] for name, values in figures.items()})
        for index, pose in enumerate(poses)
    ]


def encode_keyframes(landmarks_file: Path, encoder: str, output: Path) -> Path:
    """Image features `(pictures, dim)` float16 of the key frames, with their `times`."""
    _, keyframes = read_landmarks(landmarks_file)
    return _write_arrays(output, times=keyframes.times, features=image_encoder(encoder)(keyframes.pictures))


@lru_cache(maxsize=1)
def image_encoder(name: str) -> ImageEncoder:
    torch.set_num_threads(1)  # the same bytes on every machine; processes work side by side instead
    return ImageEncoder(name)


def read_image_features(file: Path, start: float, end: float) -> np.ndarray:
    """Features `(pictures, dim)` of the pictures with `start` ≤ time < `end`, seconds of the video."""
    with np.load(file, allow_pickle=False) as arrays:
        times = arrays["times"]
        return arrays["features"][(times >= start) & (times < end)]


def image_feature_size(file: Path) -> int:
    """Size of the image encoder's features."""
    with np.load(file, allow_pickle=False) as arrays:
        return arrays["features"].shape[1]


def simulate_clip_imu(tracks_file: Path, output: Path) -> Path:
    """IMU `(time, 16, 6)` of every track, one after another as the poses."""
    return _write_arrays(
        output, imu=np.concatenate([simulate_fimad_imu(track.pose) for track in read_tracks(tracks_file)])
    )


def read_imu(file: Path, tracks: list[PoseTrack]) -> list[np.ndarray]:
    """What `simulate_clip_imu` wrote, by track."""
    with np.load(file, allow_pickle=False) as arrays:
        return np.split(arrays["imu"], np.cumsum([len(track.pose) for track in tracks])[:-1])


def _write_json(file: Path, content: Any) -> Path:
    return write_atomically(file, json.dumps(content, indent=1, ensure_ascii=False).encode())


def _write_arrays(file: Path, **arrays: np.ndarray) -> Path:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)  # members carry no time of day: same arrays, same bytes
    return write_atomically(file, buffer.getvalue())
