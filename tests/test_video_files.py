"""Video files: real times, upright pictures, spans that do not depend on where a seek lands, and damaged files."""

import gc
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from dataset_scripts.fimad.videos.clips import Unusable
from dataset_scripts.fimad.videos.video_files import find_videos, probe, read_frames

RATE = 30


def write_video(
    path: Path,
    milliseconds: Sequence[int],
    codec: str = "libx264",
    size: tuple[int, int] = (160, 96),
    rotation: int = 0,
    mirrored: bool = False,
    options: dict[str, str] | None = None,
    chapters: Sequence[tuple[str, int, int]] = (),
    faststart: bool = False,
) -> Path:
    """A video with one frame at each of `milliseconds`: red on the left, blue on the right, brighter with time and
    white at the top. Chapters are (title, start, end) in seconds."""
    width, height = size
    container_options = {"movflags": "faststart"} if faststart else {}
    with av.open(str(path), "w", options=container_options) as container:
        stream = container.add_stream(codec, rate=RATE, options=options or {"g": "15"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        if rotation or mirrored:
            stream.set_display_rotation(rotation, hflip=mirrored)
        container.metadata["title"] = "Full body workout"
        container.set_chapters(
            [
                {"id": i, "start": start, "end": end, "time_base": Fraction(1), "metadata": {"title": title}}
                for i, (title, start, end) in enumerate(chapters)
            ]
        )
        for number, time in enumerate(milliseconds):
            picture = np.zeros((height, width, 3), dtype=np.uint8)
            picture[:, : width // 2, 0] = picture[:, width // 2 :, 2] = 120 + number % 120
            picture[: height // 4] = 250
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def steady(seconds: float) -> list[int]:
    return [round(1000 * i / RATE) for i in range(round(seconds * RATE))]


def corner_colours(picture: np.ndarray) -> dict[str, str]:
    """Which of white, red and blue is in the middle of each side of the picture."""
    height, width = picture.shape[:2]
    places = {
        "top": (height // 12, width // 2),
        "bottom": (height - height // 12, width // 2),
        "left": (height // 2, width // 12),
        "right": (height // 2, width - width // 12),
    }
    colours = {}
    for side, (row, column) in places.items():
        red, green, blue = picture[row, column].astype(int)
        colours[side] = "white" if green > 150 else "red" if red > blue else "blue"
    return colours


def test_probe_tells_length_rate_size_title_and_chapters(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", steady(2), chapters=[("Squats", 0, 1), ("Rest", 1, 2)])
    info = probe(path)
    assert info.duration == pytest.approx(2, abs=0.05)
    assert info.fps == pytest.approx(RATE, abs=0.1)
    assert (info.width, info.height, info.rotation) == (160, 96, 0)
    assert not info.variable_frame_rate
    assert not info.truncated
    assert info.title == "Full body workout"
    assert [(c.index, c.title, c.start, c.end) for c in info.chapters] == [(0, "Squats", 0, 1), (1, "Rest", 1, 2)]


def test_times_of_a_variable_frame_rate_are_kept(tmp_path: Path) -> None:
    stamps = [0, 33, 66, 200, 233, 700, 1500, 1533]
    path = write_video(tmp_path / "v.mkv", stamps)
    assert probe(path).variable_frame_rate
    assert [frame.time for frame in read_frames(path)] == pytest.approx([stamp / 1000 for stamp in stamps])


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("v.mp4", "libx264", {"g": "15", "bf": "3"}),
        ("open_gop.mkv", "libx264", {"g": "15", "bf": "3", "x264-params": "open-gop=1:scenecut=0"}),
        ("v.webm", "libvpx-vp9", {"g": "15", "deadline": "realtime", "cpu-used": "8"}),
        ("v.ts", "libx264", {"g": "15", "bf": "3"}),
        ("one_key_frame.mp4", "libx264", {"g": "1000"}),
    ],
)
def test_a_span_is_the_same_wherever_the_seek_lands(tmp_path: Path, name: str, codec: str, options: dict) -> None:
    path = write_video(tmp_path / name, steady(3), codec, options=options)
    whole = list(read_frames(path))
    assert len(whole) == 90
    for start, end in [(0.0, 0.4), (0.5, 0.9), (whole[47].time, whole[52].time), (1.49, 1.51), (2.7, None)]:
        wanted = [frame for frame in whole if start <= frame.time and (end is None or frame.time < end)]
        given = list(read_frames(path, start, end))
        assert [frame.time for frame in given] == [frame.time for frame in wanted]
        for one, other in zip(given, wanted, strict=True):
            np.testing.assert_array_equal(one.image, other.image)


def test_consecutive_spans_share_no_frame_and_lose_none(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", steady(2))
    times = [f.time for start in (0.0, 0.5, 1.0, 1.5) for f in read_frames(path, start, start + 0.5)]
    assert times == [frame.time for frame in read_frames(path)]


@pytest.mark.parametrize(
    ("rotation", "mirrored", "expected"),
    [
        (0, False, {"top": "white", "left": "red", "right": "blue"}),
        (90, False, {"left": "white", "bottom": "red", "top": "blue"}),  # PyAV counts anticlockwise
        (180, False, {"bottom": "white", "left": "blue", "right": "red"}),
        (270, False, {"right": "white", "top": "red", "bottom": "blue"}),
        (0, True, {"top": "white", "left": "blue", "right": "red"}),
    ],
)
def test_pictures_are_upright(tmp_path: Path, rotation: int, mirrored: bool, expected: dict[str, str]) -> None:
    path = write_video(tmp_path / "v.mp4", steady(0.3), rotation=rotation, mirrored=mirrored)
    info, frame = probe(path), next(read_frames(path))
    assert frame.image.shape == ((160, 96, 3) if rotation in (90, 270) else (96, 160, 3))
    assert (info.height, info.width, 3) == frame.image.shape
    assert info.rotation == (360 - rotation) % 360
    assert expected.items() <= corner_colours(frame.image).items()


@pytest.mark.parametrize(
    ("size", "longest", "expected"),
    [
        ((640, 360), 320, (180, 320)),
        ((360, 640), 320, (320, 180)),
        ((160, 96), 640, (96, 160)),
        ((642, 362), 640, (360, 640)),
    ],
)
def test_pictures_are_scaled_down_never_up(
    tmp_path: Path, size: tuple[int, int], longest: int, expected: tuple[int, int]
) -> None:
    path = write_video(tmp_path / "v.mp4", steady(0.1), size=size)
    frame = next(read_frames(path, longest_side=longest))
    assert frame.image.shape == (*expected, 3)
    assert frame.image.dtype == np.uint8
    assert frame.image.flags.c_contiguous


def test_frames_are_freed_as_they_are_read(tmp_path: Path) -> None:
    path = write_video(tmp_path / "v.mp4", steady(4))
    gc.collect()
    gc.disable()
    try:
        assert sum(1 for _ in read_frames(path)) == 120
        assert gc.collect() < 60, "frames wait for the garbage collector: memory grows by megabytes a frame"
    finally:
        gc.enable()


@pytest.mark.parametrize("name", ["v.mp4", "v.mkv"])
def test_a_truncated_file_gives_what_it_holds_and_says_so(tmp_path: Path, name: str) -> None:
    path = write_video(tmp_path / name, steady(8), options={"g": "15", "crf": "1"}, faststart=name.endswith("mp4"))
    whole = list(read_frames(path))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    info = probe(path)
    assert info.truncated
    assert info.duration == pytest.approx(8, abs=0.1)
    assert 2 < info.readable_until < 6

    frames = []
    with pytest.raises(Unusable, match=r"ends at .* of 8\.0 s") as caught:
        frames.extend(read_frames(path))
    assert caught.value.reason == "truncated video"

    assert info.readable_until - 0.3 < frames[-1].time < info.readable_until
    for one, other in zip(frames[:-1], whole, strict=False):
        np.testing.assert_array_equal(one.image, other.image)

    assert len(list(read_frames(path, 0.5, 1.5))) == RATE  # a span before the cut is whole
    with pytest.raises(Unusable, match="truncated video"):
        list(read_frames(path, 6.0, 7.5))


def test_damaged_files_are_named(tmp_path: Path) -> None:
    empty, noise, cut = (tmp_path / f"{name}.mp4" for name in ("empty", "noise", "cut"))
    empty.touch()
    noise.write_bytes(np.random.default_rng(0).bytes(5000))
    write_video(cut, steady(2))
    cut.write_bytes(cut.read_bytes()[:-200])  # the index of an MP4 file is at its end
    for path, reason in [(empty, "empty video"), (noise, "corrupt video"), (cut, "corrupt video")]:
        for read in (probe, lambda path: list(read_frames(path))):
            with pytest.raises(Unusable) as caught:
                read(path)
            assert caught.value.reason == reason
    with pytest.raises(FileNotFoundError):
        probe(tmp_path / "absent.mp4")


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), dtype=np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(Unusable, match="no video stream"):
        probe(path)


def test_a_playlist_opens_no_other_file(tmp_path: Path) -> None:
    write_video(tmp_path / "private.ts", steady(1))
    playlist = tmp_path / "v.mp4"
    playlist.write_text("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nprivate.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(Unusable, match="corrupt video"):
        probe(playlist)


@pytest.mark.parametrize(("start", "end"), [(-1.0, None), (2.0, 2.0), (3.0, 1.0)])
def test_a_nonsensical_span_is_refused(tmp_path: Path, start: float, end: float | None) -> None:
    path = write_video(tmp_path / "v.mp4", steady(0.2))
    with pytest.raises(ValueError, match="expected 0 <= start < end"):
        list(read_frames(path, start, end))


def test_videos_are_found_by_name_and_names_are_unique(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("z.mp4", "b/A.MKV", "z.info.json", "z.en.vtt", "z.mp4.part"):
        (tmp_path / name).touch()
    assert find_videos(tmp_path) == [tmp_path / "b/A.MKV", tmp_path / "z.mp4"]
    assert find_videos(tmp_path / "z.mp4") == [tmp_path / "z.mp4"]
    (tmp_path / "b/z.webm").touch()
    with pytest.raises(ValueError, match=r"b/z.webm and .*z.mp4 would be the same video"):
        find_videos(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        find_videos(tmp_path / "absent")
    (tmp_path / "none").mkdir()
    with pytest.raises(FileNotFoundError, match="holds no video"):
        find_videos(tmp_path / "none")
