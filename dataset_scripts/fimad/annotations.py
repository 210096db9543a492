"""What FiMAD's authors publish, as rows: the clips, their split, their links, and their words if you have them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import datasets

from dataset_scripts.fimad.videos.official_files import parse_clip_id, read_language_data, read_links, read_split

_COLUMNS = {
    "clip_id": (datasets.Value("string"), "`<video_id>___<chapter_id>`, as in the official split"),
    "video_id": (datasets.Value("string"), "YouTube's; splits never divide it"),
    "chapter_id": (datasets.Value("int32"), "number of the chapter in the video, from 0"),
    "url": (datasets.Value("string"), "of the video; null where the list of links lacks it"),
    "title": (datasets.Value("string"), "of the chapter; null without `language_data.json`, as are the next three"),
    "normalized_title": (datasets.Value("string"), "the same normalised by the authors"),
    "description": (datasets.Value("string"), "of the movement, by GPT-3.5 Turbo"),
    "subtitles": (datasets.Value("string"), "what is said; null where nobody speaks"),
}
ANNOTATION_FEATURES = datasets.Features({name: feature for name, (feature, _) in _COLUMNS.items()})
ANNOTATION_MEANINGS = {name: meaning for name, (_, meaning) in _COLUMNS.items()}

LINKS, SPLIT, WORDS = "youtube_links.txt", "train_val_split.json", "language_data.json"


def annotation_rows(folder: Path, split: str) -> Iterator[dict[str, Any]]:
    """Rows of `ANNOTATION_FEATURES` of a split, in the order of the official file.

    Args:
        folder: with `youtube_links.txt`, `train_val_split.json` and, where you have it, `language_data.json`.
        split: "train" or "validation".

    Raises:
        FileNotFoundError: one of the first two files is missing.
        ValueError: a file is laid out otherwise, or a video is in both splits.
    """
    for name in (LINKS, SPLIT):
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f"{folder / name} is missing; FiMAD's authors publish it at github.com/R-tree/MuJo"
            )
    urls = {_video_id(link): link for link in read_links(folder / LINKS)}
    words = read_language_data(folder / WORDS) if (folder / WORDS).is_file() else {}
    for clip_id, part in read_split(folder / SPLIT).items():
        if part != split:
            continue
        video_id, chapter_id = parse_clip_id(clip_id)
        text = words.get(clip_id)
        yield {
            "clip_id": clip_id,
            "video_id": video_id,
            "chapter_id": chapter_id,
            "url": urls.get(video_id),
            "title": text and text.title,
            "normalized_title": text and text.normalized_title,
            "description": text and text.description,
            "subtitles": text and text.subtitles,
        }


def _video_id(link: str) -> str:
    """Of `https://www.youtube.com/watch?v=<id>` or `https://youtu.be/<id>`."""
    address = urlsplit(link)
    return parse_qs(address.query).get("v", [address.path.rpartition("/")[2]])[0]
