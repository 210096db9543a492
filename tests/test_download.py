"""Downloads: real yt-dlp against a server in this process, and the reasons made of its errors."""

import errno
import json
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from yt_dlp.networking.common import Response
from yt_dlp.networking.exceptions import HTTPError, TransportError
from yt_dlp.utils import DownloadError, ExtractorError, GeoRestrictedError, UnsupportedError

from dataset_scripts.fimad.videos.chapters import describe_video
from dataset_scripts.fimad.videos.clips import Unusable
from dataset_scripts.fimad.videos.download import DownloadFailed, _lasting_reason, _subtitle_languages, video_id
from dataset_scripts.fimad.videos.download import download_video as polite_download
from dataset_scripts.fimad.videos.subtitles import spoken_between
from dataset_scripts.fimad.videos.video_files import probe
from tests.test_video_files import steady, write_video


def download_video(url: str, folder: Path, attempts: int = 4) -> Path:
    return polite_download(url, folder, pause=0, attempts=attempts, first_wait=0.01)


class Server(ThreadingHTTPServer):
    """Serves `pages` (type and content by path), and `content`, a video, at every other path.

    `refusals` are statuses to answer first, `cuts` numbers of bytes after which to drop the connection. `asked` and
    `ranges` record what was asked for.
    """

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.pages: dict[str, tuple[str, bytes]] = {}
        self.asked: list[str] = []
        self.refusals: list[int] = []
        self.cuts: list[int] = []
        self.ranges: list[str | None] = []
        self.tells_length = True

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{path}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        self.server.asked.append(self.path)
        if self.server.refusals:
            self.send_error(self.server.refusals.pop(0))
            return
        match = re.fullmatch(r"bytes=(\d+)-", wanted or "")
        kind, content = self.server.pages.get(self.path, ("video/mp4", self.server.content))
        start, total = int(match[1]) if match else 0, len(content)
        self.send_response(206 if match else 200)
        self.send_header("Content-Type", kind)
        if self.server.tells_length:
            self.send_header("Content-Length", str(total - start))
        if match:
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        self.end_headers()
        body = content[start:]
        # the first look of yt-dlp reads no more than the file's type
        if self.server.cuts and len(self.server.ranges) > 1:
            body = body[: self.server.cuts.pop(0)]
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def continued_at(server: Server) -> int:
    match = re.fullmatch(r"bytes=(\d+)-", server.ranges[-1] or "")
    assert match is not None, f"the last request was for {server.ranges[-1]}"
    return int(match[1])


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Serves a video of eight seconds; connections elsewhere fail the test."""
    connect = socket.socket.connect

    def loopback_only(self: socket.socket, address: tuple) -> None:
        assert address[0] == "127.0.0.1", f"connection to {address}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", loopback_only)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    source = write_video(tmp_path / "source.mp4", steady(8), size=(320, 240), options={"crf": "1"}, faststart=True)
    with Server(source.read_bytes()) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_video_arrives_whole_with_what_is_told_about_it(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "videos"
    path = download_video(server.url("squat%20jump.mp4"), folder)
    assert path == folder / "squat_jump.mp4"
    assert path.read_bytes() == server.content
    assert sorted(file.name for file in folder.iterdir()) == ["squat_jump.info.json", "squat_jump.mp4"]
    assert json.loads((folder / "squat_jump.info.json").read_text())["webpage_url"] == server.url("squat%20jump.mp4")
    assert describe_video(path).source == server.url("squat%20jump.mp4")


def test_a_video_at_hand_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    download_video(server.url("squat.mp4"), tmp_path / "videos")
    asked = len(server.ranges)
    download_video(server.url("squat.mp4"), tmp_path / "videos")
    assert len(server.ranges) == asked


@pytest.mark.parametrize("status", [503, 429])
def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path, status: int) -> None:
    server.refusals = [status, status]
    assert download_video(server.url("squat.mp4"), tmp_path / "videos").read_bytes() == server.content


def test_a_connection_cut_in_the_middle_is_continued(server: Server, tmp_path: Path) -> None:
    half = len(server.content) // 2
    server.cuts = [half]
    assert download_video(server.url("squat.mp4"), tmp_path / "videos").read_bytes() == server.content
    assert 0 < continued_at(server) <= half


def test_a_later_run_continues_an_unfinished_video(server: Server, tmp_path: Path) -> None:
    half = len(server.content) // 2
    server.cuts = [half]
    folder = tmp_path / "videos"
    with pytest.raises(DownloadFailed):
        download_video(server.url("squat.mp4"), folder, attempts=1)
    assert not list(folder.glob("squat*")), "nothing unfinished may look finished"
    assert download_video(server.url("squat.mp4"), folder).read_bytes() == server.content
    assert 0 < continued_at(server) <= half


def test_a_part_of_unknown_length_is_not_taken_for_the_whole(server: Server, tmp_path: Path) -> None:
    server.tells_length = False
    server.cuts = [len(server.content) // 2]
    path = download_video(server.url("squat.mp4"), tmp_path / "videos")
    assert path.read_bytes() == server.content
    assert not probe(path).truncated


def test_what_is_not_there_is_recorded_at_once(server: Server, tmp_path: Path) -> None:
    server.refusals = [404] * 10
    with pytest.raises(Unusable) as caught:
        download_video(server.url("squat.mp4"), tmp_path / "videos")
    assert caught.value.reason == "not found"
    assert len(server.refusals) == 9


def test_a_server_that_stays_busy_fails_for_now(server: Server, tmp_path: Path) -> None:
    server.refusals = [503] * 10
    with pytest.raises(DownloadFailed, match="503"):
        download_video(server.url("squat.mp4"), tmp_path / "videos", attempts=3)
    assert len(server.refusals) == 7


def test_a_file_that_is_no_video_is_unusable(server: Server, tmp_path: Path) -> None:
    server.content = bytes(5000)
    with pytest.raises(Unusable, match="corrupt video"):
        download_video(server.url("squat.mp4"), tmp_path / "videos")


def page(*heights: int) -> tuple[str, bytes]:
    """A web page with a video of several heights, and subtitles in two languages."""
    sources = "".join(f'<source src="/{h}.mp4" type="video/mp4" label="{h}p">' for h in heights)
    tracks = "".join(f'<track kind="subtitles" srclang="{lang}" src="/{lang}.vtt">' for lang in ("de", "en"))
    return "text/html", f"<html><title>Leg day</title><body><video>{sources}{tracks}</video></body></html>".encode()


def test_the_best_picture_up_to_720p_and_english_subtitles_are_taken(server: Server, tmp_path: Path) -> None:
    server.pages["/legs.html"] = page(360, 1080, 720)
    server.pages["/en.vtt"] = ("text/vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\ngo low\n")
    path = download_video(server.url("legs.html"), tmp_path / "videos")
    assert server.asked == ["/legs.html", "/en.vtt", "/720.mp4"]
    assert spoken_between(path, 0, 3) == "go low"
    assert describe_video(path).title.startswith("Leg day")


def test_only_larger_pictures_are_no_use(server: Server, tmp_path: Path) -> None:
    server.pages["/legs.html"] = page(1080, 1440)
    with pytest.raises(Unusable) as caught:
        download_video(server.url("legs.html"), tmp_path / "videos")
    assert caught.value.reason == "no format up to 720p"
    assert not list((tmp_path / "videos").iterdir())


def test_a_full_disk_is_told_from_a_failed_download(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("yt_dlp.downloader.common.FileDownloader.sanitize_open", full)
    with pytest.raises(OSError, match="No space left"):
        download_video(server.url("squat.mp4"), tmp_path / "videos")


def http_error(status: int) -> HTTPError:
    return HTTPError(Response(fp=None, url="https://example.com", headers={}, status=status))


def check_reason(error: Exception, reason: str | None) -> None:
    assert _lasting_reason(error, 720) == reason
    wrapped = DownloadError(f"ERROR: [youtube] abc: {error}", (type(error), error, None))  # as yt-dlp raises it
    assert _lasting_reason(wrapped, 720) == reason


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Private video. Sign in if you've been granted access to this video", "private video"),
        ("Video unavailable. This video is private", "private video"),
        ("Video unavailable. This video has been removed by the uploader", "removed video"),
        ("This video has been removed for violating YouTube's policy on hate speech", "removed video"),
        ("This video is no longer available because the account has been terminated.", "removed video"),
        ("Video unavailable", "removed video"),
        ("Sign in to confirm your age. This video may be inappropriate for some users.", "age-restricted video"),
        ("Join this channel to get access to members-only content like this video", "members-only video"),
        ("The uploader has not made this video available in your country", "not available in this country"),
        ("Requested format is not available. Use --list-formats for a list", "no format up to 720p"),
        ("Incomplete YouTube ID sit-ups_1. URL looks truncated.", "not found"),
        ("Sign in to confirm you’re not a bot", None),
        ("Video unavailable. This content isn’t available, try again later.", None),
        ("The current session has been rate-limited by YouTube for up to an hour", None),
        ("Failed to extract any player response", None),
    ],
)
def test_reasons_of_messages(message: str, reason: str | None) -> None:
    check_reason(ExtractorError(message, expected=True), reason)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (GeoRestrictedError("This video is not available", countries=["DE"]), "not available in this country"),
        (UnsupportedError("https://example.com"), "no video at this link"),
        (ExtractorError("Unable to download webpage", cause=http_error(404)), "not found"),
        (http_error(410), "removed video"),
        (http_error(451), "not available in this country"),
        (ExtractorError("Unable to download webpage", cause=http_error(429)), None),
        (http_error(403), None),
        (http_error(500), None),
        (TransportError("timed out"), None),
    ],
)
def test_reasons_of_errors(error: Exception, reason: str | None) -> None:
    check_reason(error, reason)


@pytest.mark.parametrize(
    ("written", "automatic", "language", "chosen"),
    [
        (["de", "en-GB"], ["en"], "en", ["en-GB"]),
        (["de"], ["en", "en-orig", "fr"], "en", ["en"]),
        (["de"], ["de-orig", "fr"], "de", ["de"]),
        ([], ["es-orig", "fr"], "es", ["es-orig"]),
        (["fr"], [], "de", []),
        (["fr"], ["fr"], None, []),
    ],
)
def test_one_language_of_subtitles(written: list, automatic: list, language: str | None, chosen: list) -> None:
    info = {
        "subtitles": dict.fromkeys(written),
        "automatic_captions": dict.fromkeys(automatic),
        "language": language,
    }
    assert _subtitle_languages(info) == chosen


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.youtube.com/watch?v=-2DxGwlLX5s", "-2DxGwlLX5s"),
        ("https://m.youtube.com/watch?feature=share&v=_-DxGwlLX5s&t=10", "_-DxGwlLX5s"),
        ("https://youtu.be/-2DxGwlLX5s?si=abc", "-2DxGwlLX5s"),
        ("https://www.youtube.com/shorts/p5GCjSS__7c", "p5GCjSS__7c"),
        ("https://www.youtube.com/watch?v=Kb2YuVZ1HX0_f303", "Kb2YuVZ1HX0"),  # so in the official links
        ("https://www.youtube.com/watch?v=sit-ups_1", "sit-ups_1"),
        ("https://example.com/a/squat%20jump.final.mp4", "squat_jump_final"),
        ("https://example.com/..%2f..%2fetc%2fpasswd", "passwd"),
        ("https://example.com/watch?v=../../x", "x"),
    ],
)
def test_video_ids(url: str, expected: str) -> None:
    assert video_id(url) == expected


@pytest.mark.parametrize("url", ["https://www.youtube.com/watch", "https://example.com/", "https://example.com/..."])
def test_links_that_name_no_video(url: str) -> None:
    with pytest.raises(ValueError, match="names no video"):
        video_id(url)
