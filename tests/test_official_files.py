"""The official files of FiMAD: links, split and words."""

import json
from collections import Counter
from pathlib import Path

import pytest

from dataset_scripts.fimad.videos.download import video_id
from dataset_scripts.fimad.videos.official_files import (
    OfficialText,
    clip_id,
    parse_clip_id,
    read_language_data,
    read_links,
    read_split,
)


@pytest.mark.parametrize("video", ["-2DxGwlLX5s", "p5GCjSS__7c", "abc____", "_-_-_-_-_-_"])
@pytest.mark.parametrize("chapter", [0, 7, 120])
def test_clip_ids_survive_the_way_back(video: str, chapter: int) -> None:
    assert parse_clip_id(clip_id(video, chapter)) == (video, chapter)


def test_clip_ids_without_a_chapter() -> None:
    assert parse_clip_id("sit-ups_1") == ("sit-ups_1", 0)
    for wrong in ("___0", "abc___", "abc___x", "abc___-1", ""):
        with pytest.raises(ValueError, match="expected <video id>___<chapter index>"):
            parse_clip_id(wrong)


def test_official_split_and_links(shared_data: Path) -> None:
    folder = shared_data / "fimad_official"
    split = read_split(folder / "train_val_split.json")
    assert Counter(split.values()) == {"train": 8227, "validation": 1584}
    links = read_links(folder / "youtube_links.txt")
    assert len(links) == 1388
    linked = {video_id(link) for link in links}
    unlinked = {parse_clip_id(clip)[0] for clip in split} - linked
    assert unlinked == {"8BEJ24Le8Rk_f303", "8BEJ24Le8Rk_temp"}  # the authors' slip; see `read_split`


def test_a_video_in_both_splits_is_named(tmp_path: Path) -> None:
    file = tmp_path / "split.json"
    file.write_text(json.dumps({"train": ["a___0", "b___1"], "val": ["c___0", "b___2"]}))
    with pytest.raises(ValueError, match="the video 'b' in both splits"):
        read_split(file)
    file.write_text(json.dumps({"train": ["a___0", "a___0"], "val": []}))
    with pytest.raises(ValueError, match="'a___0' twice"):
        read_split(file)
    file.write_text(json.dumps({"train": [], "test": []}))
    with pytest.raises(ValueError, match=r"holds the keys \['test', 'train'\]; expected 'train' and 'val'"):
        read_split(file)
    file.write_text("train")
    with pytest.raises(ValueError, match="is no JSON"):
        read_split(file)


def test_links_are_one_a_line(tmp_path: Path) -> None:
    file = tmp_path / "links.txt"
    file.write_text("https://youtu.be/abcdefghijk\r\n\r\nhttps://example.com/v.mp4\nhttps://youtu.be/abcdefghijk\n")
    assert read_links(file) == ["https://youtu.be/abcdefghijk", "https://example.com/v.mp4"]
    file.write_text("https://youtu.be/abcdefghijk\n/etc/passwd\n")
    with pytest.raises(ValueError, match="line 2: '/etc/passwd' is no link"):
        read_links(file)
    file.write_text("\n")
    with pytest.raises(ValueError, match="holds no link"):
        read_links(file)


@pytest.mark.parametrize(
    "entry",
    [
        {"chapter": "10 Squats", "normalized_chapter": "squat", "subtitles": "go  low", "description": "Bend."},
        {"title": "10 Squats", "normalized_title": "squat", "subtitles": "go low", "description": "Bend.", "x": 1},
        {
            "Chapter": "10 Squats",
            "Normalized Chapters": ["squat"],
            "subtitles": ["go", "low"],
            "descriptions": "Bend.",
        },
    ],
)
def test_language_data(tmp_path: Path, entry: dict) -> None:
    file = tmp_path / "language_data.json"
    file.write_text(json.dumps({"abc___0": entry, "abc___1": entry | {"subtitles": None}}))
    words = read_language_data(file)
    assert words["abc___0"] == OfficialText("10 Squats", "squat", "go low", "Bend.")
    assert words["abc___1"].subtitles is None


def test_language_data_laid_out_otherwise_says_what_was_found(tmp_path: Path) -> None:
    file = tmp_path / "language_data.json"
    file.write_text(json.dumps({"abc___0": {"chapter": "Squats", "text": "Bend."}}))
    with pytest.raises(ValueError, match=r"clip 'abc___0' has the keys \['chapter', 'text'\]; expected one of"):
        read_language_data(file)
    file.write_text(json.dumps([1]))
    with pytest.raises(ValueError, match="expected a mapping from clip id"):
        read_language_data(file)
