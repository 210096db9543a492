"""The files that FiMAD's authors publish (github.com/R-tree/MuJo): links, split, and the words of every clip."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SEPARATOR = "___"
_SPLITS = {"train": "train", "val": "validation"}  # as the file names them → as `datasets` does

# The authors describe `language_data.json` as "mapping each video ID to its chapter, normalized chapters, subtitles,
# and descriptions" and send it on request; how exactly they spell the four keys is not published.
_TEXT_KEYS = {
    "title": ("chapter", "chapters", "title"),
    "normalized_title": ("normalized_chapter", "normalized_chapters", "normalized_title"),
    "subtitles": ("subtitles", "subtitle"),
    "description": ("description", "descriptions"),
}


@dataclass(frozen=True)
class OfficialText:
    """The words of a clip as the authors give them: chapter title, the same normalised, what is said (None where
    nothing is), and a description by GPT-3.5 Turbo."""

    title: str
    normalized_title: str
    subtitles: str | None
    description: str


def clip_id(video_id: str, chapter_index: int) -> str:
    """`<video_id>___<chapter_index>`, chapters counted from 0."""
    return f"{video_id}{_SEPARATOR}{chapter_index}"


def parse_clip_id(clip_id: str) -> tuple[str, int]:
    """Video id and chapter index. An id without a chapter stands for chapter 0: the official split has two of those,
    `sit-ups_1` and `sit-ups_2`.

    Raises:
        ValueError: there is no video id, or the chapter is no number.
    """
    video_id, separator, index = clip_id.rpartition(_SEPARATOR)
    if not separator:
        video_id, index = clip_id, "0"
    if not video_id or not (index.isascii() and index.isdigit()):
        raise ValueError(f"clip id {clip_id!r}: expected <video id>___<chapter index>, as in '-2DxGwlLX5s___0'")
    return video_id, int(index)


def read_links(path: Path) -> list[str]:
    """Links of a text file with one on each line, in order, each once.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a line is no http(s) link, or there is none.
    """
    links: dict[str, None] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
        link = line.strip()
        if link and not link.startswith(("https://", "http://")):
            raise ValueError(f"{path}, line {number}: {link!r} is no link; expected one https:// link a line")
        if link:
            links[link] = None
    if not links:
        raise ValueError(f"{path} holds no link; expected one https:// link a line")
    return list(links)


def read_split(path: Path) -> dict[str, str]:
    """Clip id → "train" or "validation", from JSON `{"train": [clip id, …], "val": [clip id, …]}`.

    Of the official 9,811 ids, two (`8BEJ24Le8Rk_f303___0`, `8BEJ24Le8Rk_temp___0`) name unfinished downloads of a
    video rather than a video; no link leads to them.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is laid out otherwise, a clip is named twice, or a video is in both splits.
    """
    content = _read_json(path)
    if not isinstance(content, dict) or set(content) != set(_SPLITS):
        found = f"the keys {sorted(content)}" if isinstance(content, dict) else f"a {type(content).__name__}"
        raise ValueError(f"{path} holds {found}; expected 'train' and 'val', each a list of clip ids")
    split_of: dict[str, str] = {}
    split_of_video: dict[str, str] = {}
    for key, split in _SPLITS.items():
        for clip in content[key]:
            if clip in split_of:
                raise ValueError(f"{path} names the clip {clip!r} twice")
            video, _ = parse_clip_id(clip)
            if split_of_video.setdefault(video, split) != split:
                raise ValueError(f"{path} has the video {video!r} in both splits, so they are not independent")
            split_of[clip] = split
    return split_of


def read_language_data(path: Path) -> dict[str, OfficialText]:
    """The words of every clip by clip id, from the authors' `language_data.json`.

    Its layout as they describe it: a mapping from clip id to a mapping with the keys "chapter" (or "title"),
    "normalized_chapter" (or "normalized_title"), "subtitles" and "description"; singular or plural, and capitals,
    spaces and hyphens do not matter. Values are text or lists of texts. Other keys are left alone.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is laid out otherwise; the message lists the keys found.
    """
    content = _read_json(path)
    if not isinstance(content, dict) or not all(isinstance(entry, dict) for entry in content.values()):
        raise ValueError(f"{path}: expected a mapping from clip id to the words of the clip")
    return {clip: _official_text(entry, f"{path}, clip {clip!r}") for clip, entry in content.items()}


def _official_text(entry: Mapping[str, Any], place: str) -> OfficialText:
    spelled = {key.strip().lower().replace(" ", "_").replace("-", "_"): value for key, value in entry.items()}
    words: dict[str, str] = {}
    for field, keys in _TEXT_KEYS.items():
        key = next((key for key in keys if key in spelled), None)
        if key is None:
            raise ValueError(
                f"{place} has the keys {sorted(entry)}; expected one of {', '.join(keys)} for the {field}"
            )
        words[field] = _text(spelled[key], f"{place}, {key}")
    return OfficialText(
        title=words["title"],
        normalized_title=words["normalized_title"],
        subtitles=words["subtitles"] or None,
        description=words["description"],
    )


def _text(value: object, place: str) -> str:
    parts: list[Any] = [] if value is None else value if isinstance(value, list) else [value]
    if not all(isinstance(part, str) for part in parts):
        raise ValueError(f"{place} is {value!r}; expected text or a list of texts")
    return " ".join(" ".join(parts).split())


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no JSON: {error}") from error
