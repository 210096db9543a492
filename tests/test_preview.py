"""The preview of a dataset: what it draws, and that the same clips give the same file."""

import warnings

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dataset_scripts.fimad.columns import FIMAD_PLACEMENTS
from dataset_scripts.fimad.videos.preview import PreviewClip, draw_preview

# Pelvis, right leg, left leg, spine to head, left arm, right arm: metres, somebody upright with the arms out.
STANDING = np.array([
    (0, 0, 1), (-0.1, 0, 1), (-0.1, 0, 0.5), (-0.1, 0, 0.1), (0.1, 0, 1), (0.1, 0, 0.5), (0.1, 0, 0.1),
    (0, 0, 1.2), (0, 0, 1.4), (0, 0, 1.5), (0, 0, 1.65),
    (0.2, 0, 1.4), (0.45, 0, 1.4), (0.7, 0, 1.4), (-0.2, 0, 1.4), (-0.45, 0, 1.4), (-0.7, 0, 1.4),
], np.float32)  # fmt: skip


def clip(seconds: float = 4.0, title: str = "1. Arm raises (left) 💪 - $5", **changes) -> PreviewClip:
    """Somebody who sways, drawn as a dot in twice as many pictures as seconds."""
    time = np.arange(round(seconds * 50)) / 50
    pose = np.repeat(STANDING[None], len(time), axis=0)
    pose[..., 0] += 0.1 * np.sin(2 * np.pi * time)[:, None]
    imu = np.random.default_rng(0).normal(size=(len(time), len(FIMAD_PLACEMENTS), 6)).astype(np.float32)
    count = round(seconds * 2)
    picture = Image.new("RGB", (160, 120), "lightgrey")
    ImageDraw.Draw(picture).ellipse((60, 30, 100, 70), fill="navy")
    landmarks = np.random.default_rng(1).uniform(0.3, 0.7, (count, 33, 2)).astype(np.float32)
    fields = {
        "title": title,
        "normalized_title": "arm raises",
        "description": "Raise one arm and lower it again. " * 30,
        "keyframes": [np.asarray(picture)] * count,
        "keyframe_times": np.arange(count) / 2,
        "landmarks": landmarks,
        "pose": pose,
        "imu": imu,
    }
    return PreviewClip(**(fields | changes))


def drawn(file) -> np.ndarray:
    return np.asarray(Image.open(file).convert("RGB"))


def test_the_same_clips_give_the_same_bytes_whatever_the_settings_of_matplotlib(tmp_path):
    import matplotlib as mpl

    draw_preview([clip()], tmp_path / "first.png")
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "black", "savefig.dpi": 10}):
        draw_preview([clip()], tmp_path / "second.png")
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "second.png").read_bytes()


def test_every_clip_gets_a_row_with_something_in_it(tmp_path):
    draw_preview([clip(title=f"Exercise {number}") for number in range(4)], tmp_path / "preview.png")
    picture = drawn(tmp_path / "preview.png")
    assert picture.shape[1] == 1600
    for row in np.array_split(picture[:-40], 4):
        assert (row < 250).any(axis=(0, 2)).mean() > 0.8  # columns that are not white


def test_what_the_clip_holds_is_what_is_drawn(tmp_path):
    still = clip()
    draw_preview([still], tmp_path / "still.png")
    for name, change in (
        ("pose", clip().pose * np.float32(0.7)),
        ("imu", clip().imu * np.float32(3)),
        ("landmarks", clip().landmarks * np.float32(0.8)),
        ("normalized_title", "leg raises"),
        ("keyframes", [picture // 2 for picture in clip().keyframes]),
    ):
        draw_preview([clip(**{name: change})], tmp_path / "other.png")
        assert (drawn(tmp_path / "other.png") != drawn(tmp_path / "still.png")).any(), name


def test_long_clips_show_an_excerpt_with_pictures_of_the_person_only(tmp_path):
    long = clip(seconds=60)
    outside = np.abs(long.keyframe_times - 30) > 4
    pictures = [np.full_like(each, 255) if far else each for each, far in zip(long.keyframes, outside, strict=True)]
    draw_preview([long], tmp_path / "long.png")
    draw_preview([long._replace(keyframes=pictures)], tmp_path / "white_outside.png")
    assert (tmp_path / "long.png").read_bytes() == (tmp_path / "white_outside.png").read_bytes()


def test_clips_without_a_person_in_the_pictures_are_drawn(tmp_path):
    nobody = np.full_like(clip().landmarks, np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of absent letters, infinite limits
        draw_preview([clip(landmarks=nobody), clip()], tmp_path / "preview.png")


def test_what_cannot_be_drawn_is_refused(tmp_path):
    with pytest.raises(ValueError, match="1 to 4 clips, got 0"):
        draw_preview([], tmp_path / "preview.png")
    with pytest.raises(ValueError, match="8 key frames, 3 times"):
        draw_preview([clip(keyframe_times=np.arange(3))], tmp_path / "preview.png")
    with pytest.raises(ValueError, match="200 poses and 10 IMU samples"):
        draw_preview([clip(imu=clip().imu[:10])], tmp_path / "preview.png")
