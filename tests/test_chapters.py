"""Chapters: where they come from, which become clips, and what is said in them."""

import json
import re
from pathlib import Path

import pytest

from dataset_scripts.fimad.videos.chapters import describe_video, not_exercise, select_chapters
from dataset_scripts.fimad.videos.clips import Chapter, Video
from dataset_scripts.fimad.videos.subtitles import spoken_between
from tests.test_video_files import steady, write_video


def video_of(*spans: tuple[str, float, float], duration: float = 600.0) -> Video:
    chapters = tuple(Chapter(index, *span) for index, span in enumerate(spans))
    return Video("v", Path("v.mp4"), "Workout", "v.mp4", "unknown", duration, 30.0, chapters)


def spans(video: Video) -> list[tuple[int, str, float, float]]:
    return [(c.index, c.title, c.start, c.end) for c in video.chapters]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_video(tmp_path / "jumping_jacks-02.mkv", steady(4), chapters=[("Squats", 0, 1), ("Lunges", 1, 4)])


def test_a_file_alone_is_one_chapter_named_after_it(tmp_path: Path) -> None:
    video = describe_video(write_video(tmp_path / "jumping_jacks-02.mkv", steady(2)))
    assert [(c.index, c.title, c.start) for c in video.chapters] == [(0, "jumping jacks 02", 0.0)]
    assert video.chapters[0].end == video.duration == pytest.approx(2, abs=0.05)
    assert (video.video_id, video.source, video.license) == ("jumping_jacks-02", "jumping_jacks-02.mkv", "unknown")
    assert video.title == "Full body workout"  # from the file's own metadata
    assert video.fps == pytest.approx(30, abs=0.1)


def test_chapter_marks_in_the_file_are_used(file: Path) -> None:
    assert spans(describe_video(file)) == [(0, "Squats", 0, 1), (1, "Lunges", 1, 4)]


def test_what_yt_dlp_wrote_goes_before_marks(file: Path) -> None:
    file.with_name(f"{file.stem}.info.json").write_text(
        json.dumps(
            {
                "id": "abc",
                "title": "HIIT",
                "webpage_url": "https://example.com/abc",
                "license": "Creative Commons Attribution license (reuse allowed)",
                "chapters": [
                    {"title": "<Untitled Chapter 1>", "start_time": 0, "end_time": 1.5},
                    {"title": "Burpees", "start_time": 1.5, "end_time": 5},
                ],
            }
        )
    )
    video = describe_video(file)
    assert (video.title, video.source) == ("HIIT", "https://example.com/abc")
    assert video.license.startswith("Creative Commons")
    assert spans(video) == [(0, "<Untitled Chapter 1>", 0, 1.5), (1, "Burpees", 1.5, video.duration)]
    assert [reason for _, reason in select_chapters(video).dropped] == ["no title"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (
            "chapters.json",
            '[{"title": "Plank", "start": "0:00:01", "end": 2.5}, {"title": "Dip", "start": 3, "end": 4}]',
        ),
        ("chapters.csv", "start,title,end\n0:01,Plank,2.5\n3,Dip,0:00:04\n"),
        ("chapters.csv", "\ufefftitle,start,end\r\nPlank,1,2.5\r\nDip,3,4\r\n"),  # as spreadsheets write it
    ],
)
def test_a_sidecar_of_the_user_goes_before_all(file: Path, name: str, content: str) -> None:
    file.with_name(f"{file.stem}.info.json").write_text('{"chapters": null}')
    file.with_name(f"{file.stem}.{name}").write_text(content)
    assert spans(describe_video(file)) == [(0, "Plank", 1, 2.5), (1, "Dip", 3, 4)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("chapters.json", "{", r"02\.chapters\.json is no JSON"),
        ("chapters.json", '{"a": 1}', r"02\.chapters\.json: expected a list"),
        ("chapters.json", '[{"title": "a", "start": 0, "end": 1}, {"title": "b", "start": 1}]', "entry 1 lacks end"),
        ("chapters.csv", "title,start\na,0\n", r"lacks the columns end; it has \['title', 'start'\]"),
        (
            "chapters.csv",
            "title,start,end\na,0,1\nb,one,2\n",
            "line 3 has the time 'one'; expected seconds or h:mm:ss",
        ),
        ("chapters.csv", "title,start,end\na,0\n", "line 2 lacks end"),
        ("chapters.csv", "title,start,end\na,-1,nan\n", "line 2 has the time '-1'"),
        ("chapters.csv", "title,start,end\n", "names no chapter"),
        ("info.json", "[]", r"02\.info\.json: expected what yt-dlp writes"),
    ],
)
def test_a_sidecar_that_cannot_be_understood_is_named(file: Path, name: str, content: str, message: str) -> None:
    file.with_name(f"{file.stem}.{name}").write_text(content)
    with pytest.raises(ValueError, match=message):
        describe_video(file)


def test_two_sidecars_are_refused(file: Path) -> None:
    for kind in ("json", "csv"):
        file.with_name(f"{file.stem}.chapters.{kind}").write_text("")
    with pytest.raises(ValueError, match="take one away"):
        describe_video(file)


def test_chapters_are_chosen_by_span_and_keep_their_numbers() -> None:
    video = video_of(
        ("Jog", 0, 119.9),
        ("Row", 120, 240),
        ("Hop", 240, 241),
        ("Dip", 260, 250),
        ("Squat", 300, 360),
        ("Squat jump", 330, 390),
        ("Lunge", 359.5, 400),
        ("Crunch", 700, 730),
    )
    kept, dropped = select_chapters(video)
    assert [(c.index, c.title) for c in kept] == [(0, "Jog"), (4, "Squat"), (6, "Lunge")]
    assert [(c.index, reason) for c, reason in dropped] == [
        (1, "2 minutes or longer"),
        (2, "shorter than 1.5 seconds"),
        (3, "ends before it starts"),
        (5, "overlaps another chapter"),
        (7, "outside the video"),
    ]


def test_a_dropped_chapter_takes_no_other_with_it() -> None:
    video = video_of(("Whole workout", 0, 500), ("Squat", 0, 30), ("Rest", 20, 60), ("Lunge", 40, 70))
    assert [c.title for c in select_chapters(video).kept] == ["Squat", "Lunge"]


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("Intro", "intro"),
        ("INTRODUCTION 👋", "intro"),
        ("Welcome to my channel!", "intro"),
        ("Get ready", "intro"),
        ("Workout overview", "intro"),
        ("Outro", "outro"),
        ("Thanks for watching", "outro"),
        ("The End", "outro"),
        ("Workout complete!", "outro"),
        ("Rest", "rest"),
        ("REST (30 sec)", "rest"),
        ("15s rest", "rest"),
        ("3. Quick water break", "rest"),
        ("Rest before round 2", "rest"),
        ("Recovery", "rest"),
        ("Today's sponsor", "sponsor"),
        ("Like & subscribe", "subscribe"),
        ("Equipment needed", "talk"),
        ("Form tips", "talk"),
        ("", "no title"),
        # whole titles only: these are exercises
        ("Rest-pause push ups", None),
        ("Warm up jog", None),
        ("Introductory lunge", None),
        ("Bear crawl break dancers", None),
        ("Pause squats", None),
        ("Resting squat hold", None),
        ("Breakdancer", None),
        ("Toe tips", None),
        ("Active recovery walk", None),
        ("Finisher burpees", None),
        ("End range leg lifts", None),
        ("Water pump rows", None),
        ("Warm up", None),
        ("Cool down", None),
        ("Round 2", None),
        ("스쿼트", None),
    ],
)
def test_titles_that_name_no_exercise(title: str, reason: str | None) -> None:
    assert not_exercise(title) == reason


ROLLING = """WEBVTT
Kind: captions
Language: en

00:00:00.000 --> 00:00:02.000 align:start position:0%
 
ready<00:00:00.500><c> to</c><00:00:01.000><c> squat</c>

00:00:02.000 --> 00:00:02.010 align:start position:0%
ready to squat
 

00:00:02.010 --> 00:00:04.000 align:start position:0%
ready to squat
down &amp; up<00:00:03.000><c> again</c>

00:00:04.000 --> 00:00:04.010 align:start position:0%
down &amp; up again
 

00:00:04.010 --> 00:00:06.000 align:start position:0%
down &amp; up again
[Music]

00:00:06.000 --> 00:00:08.000 align:start position:0%
&gt;&gt; now lunges
"""


def test_rolling_subtitles_are_said_once(tmp_path: Path) -> None:
    video = tmp_path / "v.mp4"
    assert spoken_between(video, 0, 10) is None
    (tmp_path / "v.en.vtt").write_text(ROLLING)
    assert spoken_between(video, 0, 10) == "ready to squat down & up again now lunges"
    assert spoken_between(video, 2.5, 6) == "down & up again"
    assert spoken_between(video, 4.5, 5.9) is None
    (tmp_path / "v.en.vtt").write_bytes(ROLLING.replace("\n", "\r\n").encode("utf-8-sig"))
    assert spoken_between(video, 6, 8) == "now lunges"


def test_subtitles_in_english_go_first_and_those_of_another_video_are_left(tmp_path: Path) -> None:
    cue = "WEBVTT\n\n00:01.000 --> 00:02.000\n{}\n"
    for name, said in [("v.de.vtt", "hoch"), ("v.en-GB.vtt", "<v Ann>up"), ("vv.en.vtt", "other")]:
        (tmp_path / name).write_text(cue.format(said))
    assert spoken_between(tmp_path / "v.mp4", 0, 3) == "up"
    (tmp_path / "v.vtt").write_text("1\n00:00:01,000 --> 00:00:02,000\nSubRip\n")
    with pytest.raises(ValueError, match=re.escape(f"{tmp_path / 'v.vtt'} is no WebVTT")):
        spoken_between(tmp_path / "v.mp4", 0, 3)
