"""What is said in a stretch of a video, from the WebVTT subtitles beside it."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from yt_dlp import webvtt

_TAG = re.compile(r"<[^>]*>")  # <c>, <i>, <v Speaker>, <00:00:01.500>
_NOT_SPEECH = re.compile(r"\[[^\]]*\]|\([^)]*\)|♪[^♪]*♪?")  # [Music], (applause)
_SPEAKER_MARK = re.compile(r"^(>>|-)\s*")


class _Line(NamedTuple):
    time: float  # s, in the middle of when it is shown
    text: str


def subtitle_file(video_file: Path) -> Path | None:
    """`<name>.vtt` or `<name>.<language>.vtt` beside a video, English first; None where there is none."""
    if (plain := video_file.with_suffix(".vtt")).is_file():
        return plain
    prefix = f"{video_file.stem}."
    files = [
        f for f in video_file.parent.iterdir() if f.name.startswith(prefix) and f.suffix == ".vtt" and f.is_file()
    ]
    return min(files, key=lambda file: (not file.name.startswith(f"{prefix}en"), file.name), default=None)


def spoken_between(video_file: Path, start: float, end: float) -> str | None:
    """What is said in a video between `start` and `end` (seconds), by the subtitles beside it.

    A line belongs where the middle of its showing is. YouTube's automatic subtitles roll: each line is shown again
    above the next one; it is given once. Tags, speaker marks and sounds ("[Music]") are left out.

    Returns:
        The words on one line, or None where nobody speaks or there are no subtitles (see `subtitle_file`).

    Raises:
        ValueError: the file is no WebVTT.
    """
    file = subtitle_file(video_file)
    if file is None:
        return None
    return " ".join(line.text for line in _spoken_lines(file) if start <= line.time < end) or None


def _spoken_lines(file: Path) -> Iterator[_Line]:
    shown_before: list[str] = []
    for cue in _cues(file):
        shown = [text for text in map(_spoken, cue.text.splitlines()) if text]
        for text in shown:
            if text not in shown_before:
                yield _Line((cue.start + cue.end) / 2 / _TICKS, text)
        shown_before = shown


_TICKS = 90_000  # of the parser's clock, a second


def _cues(file: Path) -> Iterator[webvtt.CueBlock]:
    try:
        yield from (block for block in webvtt.parse_fragment(file.read_bytes()) if isinstance(block, webvtt.CueBlock))
    except (webvtt.ParseError, UnicodeDecodeError) as error:
        raise ValueError(f"{file} is no WebVTT: {error}; mend it or take it away") from error


def _spoken(line: str) -> str:
    line = html.unescape(_TAG.sub("", line))
    return " ".join(_SPEAKER_MARK.sub("", _NOT_SPEECH.sub(" ", line).strip()).split())
