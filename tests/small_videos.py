"""Small videos for tests of the build, and an estimator that sees an exercise in any of them.

The estimator is a function of the frames' times alone, so a build by it takes no model and is the same everywhere.
"""

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np

from dataset_scripts.fimad.synthesis import EXERCISES, generate_clip
from dataset_scripts.fimad.videos.clips import Frame, Landmarks
from modeling_mujo.configuration_mujo import JOINTS

_DISTANCE, _FOCAL = 4.0, 1.0  # metres; picture widths

# BlazePose's 33 landmarks by the nearest of our joints.
_NOSE, _EARS = 0, [7, 8]
_HEAD = ["head"] * 11
_ARMS = [f"{side}_{joint}" for joint in ("shoulder", "elbow", "wrist") for side in ("left", "right")]
_HANDS = ["left_wrist", "right_wrist"] * 3
_LEGS = [f"{side}_{joint}" for joint in ("hip", "knee", "ankle") for side in ("left", "right")]
_FEET = ["left_ankle", "right_ankle"] * 2
_NEAREST = [JOINTS.index(name) for name in (*_HEAD, *_ARMS, *_HANDS, *_LEGS, *_FEET)]


def write_chapters(video: Path, *chapters: tuple[str, float, float]) -> None:
    """A sidecar with titles, beginnings and ends."""
    rows = [{"title": title, "start": start, "end": end} for title, start, end in chapters]
    video.with_suffix(".chapters.json").write_text(json.dumps(rows))


def see_a_squat(frames: Iterable[Frame]) -> Landmarks:
    """Landmarks of somebody who squats in front of a camera, whatever the frames show."""
    times, size = [], (1, 1)
    for frame in frames:
        times.append(frame.time)
        size = (frame.image.shape[1], frame.image.shape[0])
    squat = _squat()
    body = squat[(np.array(times) * 50).astype(int) % len(squat)]
    camera = np.stack([body[..., 0], 1.0 - body[..., 2], body[..., 1] + _DISTANCE], axis=-1)
    image = 0.5 + _FOCAL * camera[..., :2] / camera[..., 2:] * (1, size[0] / size[1])
    world = camera - camera[:, 23:25].mean(axis=1, keepdims=True)
    return Landmarks(
        times=np.array(times),
        world=world.astype(np.float32),
        image=image.astype(np.float32),
        visibility=np.full((len(times), 33), 0.95, np.float32),
        image_size=size,
    )


def see_nobody(frames: Iterable[Frame]) -> Landmarks:
    """Landmarks of an empty room."""
    seen = see_a_squat(frames)
    return Landmarks(seen.times, seen.world * np.nan, seen.image * np.nan, seen.visibility * 0, seen.image_size)


@lru_cache(maxsize=1)
def _squat() -> np.ndarray:
    """Landmarks `(time, 33, 3)` in metres, z up, around the origin."""
    squat = next(exercise for exercise in EXERCISES if exercise.name == "squat")
    pose = generate_clip(squat, seed=1).pose
    pose = pose - pose[:, :1].mean(axis=0) * (1, 1, 0)
    landmarks = pose[:, _NEAREST]
    left = pose[:, JOINTS.index("left_shoulder")] - pose[:, JOINTS.index("right_shoulder")]
    left /= np.linalg.norm(left, axis=-1, keepdims=True)
    landmarks[:, _NOSE] += 0.1 * np.cross(left, (0, 0, 1))
    landmarks[:, _EARS] += 0.07 * np.stack([left, -left], axis=1)
    return landmarks
