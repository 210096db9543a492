"""What a video is and which stretches of it become clips: from the files beside it, or the marks in it."""

import csv
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from dataset_scripts.fimad.videos.clips import Chapter, Video
from dataset_scripts.fimad.videos.video_files import probe

OVERLAP_TOLERANCE = 1.0  # s; chapter times are written by hand, to the second


class Selection(NamedTuple):
    """Chapters that become clips, and those that do not, each with the reason in few words that can be counted."""

    kept: tuple[Chapter, ...]
    dropped: tuple[tuple[Chapter, str], ...]


def describe_video(path: Path) -> Video:
    """A video with its chapters.

    They come from the first of these that there is:

    - a sidecar of yours, `<name>.chapters.json`: a list of `{"title": …, "start": …, "end": …}`, or
      `<name>.chapters.csv` with the columns title, start, end; times in seconds or as h:mm:ss;
    - `<name>.info.json` as yt-dlp writes it, which also tells title, address and licence;
    - chapter marks in the file;
    - else one chapter spans the whole video, with the video's title, or words made of the file's name.

    Chapters that run beyond the end of the video are cut there. Their numbers are their places in the list, from 0.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a sidecar cannot be understood; the message names file and row.
        Unusable: "empty video", "corrupt video" or "no video stream".
    """
    probed = probe(path)
    info = _read_info(path.with_name(f"{path.stem}.info.json"))
    title = info.get("title") or probed.title or _words(path.stem)
    chapters = (
        _sidecar_chapters(path)
        or _info_chapters(info)
        or probed.chapters
        or (Chapter(0, info.get("title") or _words(path.stem), 0.0, probed.duration),)
    )
    return Video(
        video_id=path.stem,
        path=path,
        title=title,
        source=info.get("webpage_url") or path.name,
        license=info.get("license") or "unknown",
        duration=probed.duration,
        fps=probed.fps,
        chapters=tuple(_cut_at(chapter, probed.duration) for chapter in chapters),
    )


def select_chapters(video: Video, longest: float = 120.0, shortest: float = 1.5) -> Selection:
    """Keeps the chapters that show one exercise, as the paper (section III-A) does.

    Dropped are chapters whose whole title says that nobody exercises (see `not_exercise`), those not shorter than
    `longest` or shorter than `shortest` (seconds), those that lie outside the video or end before they start, and of
    two that overlap by over `OVERLAP_TOLERANCE` the later one.
    """
    kept: list[Chapter] = []
    dropped: list[tuple[Chapter, str]] = []
    for chapter in sorted(video.chapters, key=lambda chapter: (chapter.start, chapter.index)):
        reason = not_exercise(chapter.title) or _unfit_span(chapter, video.duration, longest, shortest)
        if reason is None and kept and chapter.start < kept[-1].end - OVERLAP_TOLERANCE:
            reason = "overlaps another chapter"
        if reason is None:
            kept.append(chapter)
        else:
            dropped.append((chapter, reason))
    return Selection(
        tuple(sorted(kept, key=lambda chapter: chapter.index)),
        tuple(sorted(dropped, key=lambda pair: pair[0].index)),
    )


def _unfit_span(chapter: Chapter, duration: float, longest: float, shortest: float) -> str | None:
    if chapter.start < 0 or chapter.start >= duration:
        return "outside the video"
    if chapter.end <= chapter.start:
        return "ends before it starts"
    if chapter.end - chapter.start >= longest:
        return f"{longest / 60:g} minutes or longer"
    if chapter.end - chapter.start < shortest:
        return f"shorter than {shortest:g} seconds"
    return None


# A title is dropped when all its words are among these and `_BESIDE`: "Rest 30 sec", "Quick water break", "Intro &
# tips"; "Rest-pause push ups" and "Introductory lunge" name an exercise. A warm-up or cool-down is exercise.
_NOT_EXERCISE = {
    "intro": "intro introduction welcome hello hi hey preview overview trailer teaser opening ready disclaimer",
    "outro": "outro end ending bye goodbye thanks thank finish finished finale complete completed done closing "
    "conclusion summary recap credits bloopers congratulations congrats",
    "rest": "rest resting break pause recover recovery water hydrate breather intermission transition",
    "sponsor": "sponsor sponsors sponsored ad ads advert advertisement promo promotion giveaway merch discount",
    "subscribe": "subscribe subscribing",
    "talk": "talk talking chat tip tips equipment info information explanation explained explaining instruction "
    "instructions benefits advice question questions faq qa announcement announcements discussion setup",
}
_REASONS = {word: reason for reason, words in _NOT_EXERCISE.items() for word in words.split()}
_FILLERS = (
    "a an the and to of my your our you we us i is are it this that in on at with for from by or some so but all "
    "quick short brief long final last first next up time get getting let go before after between during "
    "round rounds set sets part section circuit block screen card video videos workout workouts exercise exercises "
    "routine session class training fitness channel like comment share follow needed required what how about watching "
    "joining everyone guys today warm cool down general important safety form technique main extra more "
    "s sec secs second seconds m min mins minute minutes x"
)
_BESIDE = frozenset(_FILLERS.split())


def not_exercise(title: str) -> str | None:
    """Why a chapter of this title shows no exercise, or None where it may: "intro", "outro", "rest", "sponsor",
    "subscribe", "talk" or "no title". English only."""
    if not title.strip() or re.fullmatch(r"<Untitled Chapter \d+>", title.strip()):  # yt-dlp's, for a gap
        return "no title"
    words = re.findall(r"[^\W\d_]+", re.sub(r"['’]s?", "", title.lower()))
    if all(word in _REASONS or word in _BESIDE for word in words):
        return next((_REASONS[word] for word in words if word in _REASONS), None)
    return None


def _cut_at(chapter: Chapter, duration: float) -> Chapter:
    return replace(chapter, end=duration) if chapter.start < duration < chapter.end else chapter


def _words(name: str) -> str:
    """Words of a file name: "squat_jump-02" → "squat jump 02"."""
    return re.sub(r"[\W_]+", " ", name).strip() or name


def _sidecar_chapters(path: Path) -> tuple[Chapter, ...]:
    json_file, csv_file = (path.with_name(f"{path.stem}.chapters.{kind}") for kind in ("json", "csv"))
    if json_file.is_file() and csv_file.is_file():
        raise ValueError(f"{json_file} and {csv_file} both give the chapters of {path.name}: take one away")
    if json_file.is_file():
        return tuple(_chapter(i, row, place) for i, (place, row) in enumerate(_json_rows(json_file)))
    if csv_file.is_file():
        return tuple(_chapter(i, row, place) for i, (place, row) in enumerate(_csv_rows(csv_file)))
    return ()


def _json_rows(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    rows = _read_json(file)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f'{file}: expected a list of {{"title": …, "start": …, "end": …}}')
    for number, row in enumerate(rows):
        yield f"{file}, entry {number}", row


def _csv_rows(file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with file.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream)
        if missing := {"title", "start", "end"} - set(reader.fieldnames or ()):
            raise ValueError(f"{file} lacks the columns {', '.join(sorted(missing))}; it has {reader.fieldnames}")
        rows = [(f"{file}, line {reader.line_num}", row) for row in reader]
    if not rows:
        raise ValueError(f"{file} names no chapter; take it away, or add lines of title,start,end")
    yield from rows


def _chapter(index: int, row: Mapping[str, Any], place: str) -> Chapter:
    if missing := {key for key in ("title", "start", "end") if row.get(key) is None}:
        raise ValueError(f"{place} lacks {', '.join(sorted(missing))}")
    return Chapter(index, str(row["title"]).strip(), _seconds(row["start"], place), _seconds(row["end"], place))


def _seconds(time: object, place: str) -> float:
    """Seconds of a number, "12.5", "1:05" or "1:02:03"."""
    try:
        parts = [float(part) for part in str(time).split(":")]
    except ValueError:
        parts = []
    if not 1 <= len(parts) <= 3 or not all(math.isfinite(part) and part >= 0 for part in parts):
        raise ValueError(f"{place} has the time {time!r}; expected seconds or h:mm:ss")
    return sum(part * 60**power for power, part in enumerate(reversed(parts)))


def _read_info(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    info = _read_json(file)
    if not isinstance(info, dict):
        raise ValueError(f"{file}: expected what yt-dlp writes, a mapping, found a {type(info).__name__}")
    return info


def _info_chapters(info: Mapping[str, Any]) -> tuple[Chapter, ...]:
    return tuple(
        Chapter(index, str(mark.get("title") or ""), float(mark["start_time"]), float(mark["end_time"]))
        for index, mark in enumerate(info.get("chapters") or ())
    )


def _read_json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file} is no JSON: {error}") from error
