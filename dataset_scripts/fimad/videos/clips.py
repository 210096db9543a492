"""What flows between the stages that turn videos into FiMAD: chapters, clips, frames, landmarks, tracks."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np


class Unusable(Exception):
    """A video or clip that cannot become part of FiMAD. The build records it and goes on.

    Attributes:
        reason: few words that are the same for all such videos, for counting: "no person", "private video".
        detail: what was found in this one, with figures; may be empty.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason, detail)  # both, so that it survives pickling between processes
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


@dataclass(frozen=True)
class Chapter:
    """A titled stretch of a video.

    Attributes:
        index: number in the video from 0, chapters that are not used included, as in FiMAD's official ids.
        title: as the video's author wrote it.
        start, end: seconds from the beginning of the video.
    """

    index: int
    title: str
    start: float
    end: float


@dataclass(frozen=True)
class Video:
    """A video at hand and what its file and the files beside it tell.

    Attributes:
        video_id: YouTube id, or the name of a local file; what splits are made by.
        path: the file.
        title: of the whole video.
        source: its public address, or the name of the local file.
        license: as stated by its platform or sidecar; "unknown" where nothing is stated.
        duration: seconds.
        fps: mean frames per second.
        chapters: all of them, in order; one chapter over the whole length where the video has none.
    """

    video_id: str
    path: Path
    title: str
    source: str
    license: str
    duration: float
    fps: float
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True)
class Clip:
    """A chapter that is used, with what its row needs to know of the video.

    Attributes:
        clip_id: `<video_id>___<chapter_id>`.
        chapter_id: `Chapter.index`.
        title: the chapter's.
        start, end: seconds from the beginning of the video.
        subtitles: what is said between them; None where nobody speaks or nothing is known.
        source, license, fps: the video's.
    """

    clip_id: str
    video_id: str
    chapter_id: int
    title: str
    start: float
    end: float
    subtitles: str | None
    source: str
    license: str
    fps: float


@dataclass(frozen=True)
class ClipText:
    """The words of a clip.

    Attributes:
        title: the chapter's.
        normalized_title: lower case, without numbers, durations, sides and brand words; clips that share it are
            positives of each other.
        side: "left", "right", or None where the title names neither or both.
        description: one or more sentences about the movement.
        description_source: where it comes from: "official", "database", "template", or the hook's name.
        subtitles: what is said during the clip; None where nobody speaks or nothing is known.
    """

    title: str
    normalized_title: str
    side: str | None
    description: str
    description_source: str
    subtitles: str | None


class Frame(NamedTuple):
    """One picture of a video: `time` in seconds from the beginning of the video, `image` `(height, width, 3)` uint8
    RGB, upright."""

    time: float
    image: np.ndarray


@dataclass(frozen=True)
class Landmarks:
    """What a pose estimator saw: the 33 landmarks of BlazePose in every frame.

    Attributes:
        times: `(frames,)` float64, seconds from the beginning of the video.
        world: `(frames, 33, 3)` float32, metres from the middle of the hips; camera axes: x to the right of the
            picture, y down, z away from the camera. NaN where nobody was found.
        image: `(frames, 33, 2)` float32, place in the picture, as shares of its width and height.
        visibility: `(frames, 33)` float32 from 0 to 1; 0 where nobody was found.
        image_size: width and height of the pictures in pixels.
    """

    times: np.ndarray
    world: np.ndarray
    image: np.ndarray
    visibility: np.ndarray
    image_size: tuple[int, int]


@dataclass(frozen=True)
class PoseTrack:
    """One person without a long gap, as the columns of FiMAD hold it.

    Attributes:
        start, end: seconds from the beginning of the video.
        pose: `(time, 17, 3)` float32, metres, z up, the floor near z = 0, joints in `JOINTS` order, at 50 Hz.
        detected_share: share of the frames in which the person was found, not interpolated.
        visibility: mean visibility of the landmarks that the joints are made of, 0 to 1.
        bone_length_variation: see `skeleton.bone_length_variation`.
        quality: one figure from 0 (useless) to 1 made of the three.
    """

    start: float
    end: float
    pose: np.ndarray
    detected_share: float
    visibility: float
    bone_length_variation: float
    quality: float
