"""Downloading videos with yt-dlp: polite, resumable, and clear about what cannot be had."""

import errno
import logging
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import tenacity
from yt_dlp import YoutubeDL
from yt_dlp.extractor.youtube import YoutubeIE
from yt_dlp.networking.exceptions import HTTPError
from yt_dlp.utils import GeoRestrictedError, UnsupportedError, YoutubeDLError

from dataset_scripts.fimad.videos.clips import Unusable
from dataset_scripts.fimad.videos.video_files import probe

logger = logging.getLogger(__name__)

_JAVASCRIPT_RUNTIMES = ("deno", "node", "bun")  # YouTube's addresses are computed by its player; any one will do

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)

# What yt-dlp or the platform through it says, in small letters, and the reason to record. The first that fits counts.
# None: passing, or the fault of this machine or of yt-dlp, so that another run may succeed.
_MESSAGES: tuple[tuple[str, str | None], ...] = (
    ("rate-limited", None),
    ("try again later", None),
    ("this content isn't available", None),  # so YouTube puts off who asks too much
    ("not a bot", None),
    ("captcha", None),
    ("live event will begin", None),
    ("premieres in", None),
    ("private video", "private video"),
    ("video is private", "private video"),
    ("members-only", "members-only video"),
    ("members only", "members-only video"),
    ("join this channel", "members-only video"),
    ("requires payment", "paid video"),
    ("music premium", "paid video"),
    ("confirm your age", "age-restricted video"),
    ("age-restricted", "age-restricted video"),
    ("inappropriate for some users", "age-restricted video"),
    ("in your country", "not available in this country"),
    ("in your location", "not available in this country"),
    ("from your location", "not available in this country"),
    ("drm protected", "protected video"),
    ("has been removed", "removed video"),
    ("has been terminated", "removed video"),
    ("no longer available", "removed video"),
    ("account has been closed", "removed video"),
    ("copyright", "removed video"),
    ("video unavailable", "removed video"),
    ("video is not available", "removed video"),
    ("video is unavailable", "removed video"),
    ("looks truncated", "not found"),
)
_STATUSES = {404: "not found", 410: "removed video", 451: "not available in this country"}


class DownloadFailed(Exception):
    """A download that did not succeed this time; a later run may."""


def video_id(url: str) -> str:
    """YouTube's id of a video, whichever way the link is written; for other links the name in them, made safe.

    Raises:
        ValueError: a link names no video.
    """
    if youtube_id := YoutubeIE.get_temp_id(url):
        return youtube_id
    parts = urlsplit(url)
    query = parse_qs(parts.query).get("v", [""])[0]
    name = query or Path(unquote(parts.path)).stem
    safe = re.sub(r"[^\w-]+", "_", name).strip("_")
    if not safe or (parts.path == "/watch" and not query):
        raise ValueError(f"link {url!r} names no video; expected one as https://www.youtube.com/watch?v=-2DxGwlLX5s")
    return safe


def download_video(
    url: str,
    folder: Path,
    *,
    tallest: int = 720,
    bytes_per_second: int = 5_000_000,
    pause: float = 10.0,
    attempts: int = 5,
    first_wait: float = 5.0,
) -> Path:
    """Downloads a video, without sound where there is a choice, and what is told about it.

    Beside the video lie `<video_id>.info.json` (title, chapters, licence) and, where there are subtitles,
    `<video_id>.<language>.vtt`: written ones in English, else automatic ones in English, else written and automatic
    ones in the language of the video. Nothing appears in `folder` under its final name before all is there; a video
    that is there already is not downloaded again, and one that was begun is continued.

    Args:
        url: of one video, for any site that yt-dlp knows, or of a video file.
        tallest: pixels; the best picture not taller than this.
        bytes_per_second: at most.
        pause: seconds to wait, at least, before the download; twice as long at most, and a tenth between requests.
        attempts: how often to try when the connection fails or the server is busy (429, 5xx).
        first_wait: seconds before the second attempt, doubled before each further one, up to five minutes.

    Returns:
        `<folder>/<video_id>.<ending>`.

    Raises:
        ValueError: the link names no video.
        Unusable: another attempt is of no use: "private video", "removed video", "members-only video", "paid video",
            "age-restricted video", "not available in this country", "protected video", "not found", "live video",
            "no video at this link", "no format up to 720p", or what `probe` finds.
        DownloadFailed: all attempts failed.
        OSError: the disk is full.
    """
    name = video_id(url)
    if (present := _video_named(name, folder)) is not None:
        return present
    unfinished = folder / f".{name}.unfinished"
    unfinished.mkdir(parents=True, exist_ok=True)
    for attempt in tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(DownloadFailed),
        wait=tenacity.wait_exponential(multiplier=first_wait, max=300),
        stop=tenacity.stop_after_attempt(attempts),
        before_sleep=tenacity.before_sleep_log(logger, logging.INFO),
        reraise=True,
    ):
        with attempt:
            try:
                _download(url, _options(name, unfinished, tallest, bytes_per_second, pause), tallest)
            except Unusable:
                shutil.rmtree(unfinished)
                raise
    return _move_finished(name, unfinished, folder)


def _options(name: str, folder: Path, tallest: int, bytes_per_second: int, pause: float) -> dict[str, Any]:
    """Of `yt_dlp.YoutubeDL`. Its own retries are off, for `tenacity` retries the whole: addresses age too."""
    return {
        "format": f"bestvideo[height<=?{tallest}]/best[height<=?{tallest}]",
        "format_sort": ["res", "vcodec:h264"],  # quicker to decode than the newer ones
        "outtmpl": {"default": f"{name}.%(ext)s"},
        "paths": {"home": str(folder)},
        "writeinfojson": True,
        "subtitlesformat": "vtt",
        "writesubtitles": True,
        "writeautomaticsub": True,
        "continuedl": True,
        "overwrites": False,
        "retries": 0,
        "extractor_retries": 0,
        "fragment_retries": 0,
        "file_access_retries": 0,
        "skip_unavailable_fragments": False,
        "fixup": "never",
        "ratelimit": bytes_per_second,
        "sleep_interval": pause,
        "max_sleep_interval": 2 * pause,
        "sleep_interval_requests": pause / 10,
        "sleep_interval_subtitles": pause / 10,
        "socket_timeout": 30,
        "noplaylist": True,
        "cachedir": False,
        "js_runtimes": {runtime: {} for runtime in _JAVASCRIPT_RUNTIMES},
        "noprogress": True,
        "logger": _Log(),
    }


class _Log:
    """yt-dlp's messages; what fails is raised as well, so none needs to be seen."""

    def debug(self, message: str) -> None:
        logger.debug(message)

    info = warning = error = debug


def _download(url: str, options: dict[str, Any], tallest: int) -> None:
    try:
        with YoutubeDL(options) as downloader:
            info = downloader.extract_info(url, download=False)
            if info is None or "entries" in info:
                raise Unusable("no video at this link", f"{url} is a list of videos")
            if info.get("live_status") in ("is_live", "is_upcoming") or info.get("is_live"):
                raise Unusable("live video", url)
            downloader.params["subtitleslangs"] = _subtitle_languages(info)
            info = downloader.process_ie_result(info, download=True)
    except YoutubeDLError as error:
        if full := next((cause for cause in _causes(error) if getattr(cause, "errno", 0) in _DISK_FULL), None):
            raise full from None
        if reason := _lasting_reason(error, tallest):
            raise Unusable(reason, f"{url}: {error}") from error
        raise DownloadFailed(f"{url}: {error}") from error
    video = Path(info["requested_downloads"][0]["filepath"])
    if probe(video).truncated:  # where the server does not tell the length, only the video itself does
        video.unlink()
        raise DownloadFailed(f"{url}: the server sent only a part of the video")


def _subtitle_languages(info: dict[str, Any]) -> list[str]:
    """The one language of subtitles to keep, or none."""
    written, automatic = info.get("subtitles") or {}, info.get("automatic_captions") or {}
    own = info.get("language") or ""
    english, original = r"en(-.*)?", rf"{re.escape(own)}(-orig)?" if own else "(?!)"
    for wanted in (english, original):
        for tracks in (written, automatic):
            if languages := [language for language in tracks if re.fullmatch(wanted, language)]:
                return [min(languages, key=len)]
    return []


def _lasting_reason(error: BaseException, tallest: int) -> str | None:
    """Why no further attempt can succeed; None where one may."""
    causes = _causes(error)
    if any(isinstance(cause, GeoRestrictedError) for cause in causes):
        return "not available in this country"
    if any(isinstance(cause, UnsupportedError) for cause in causes):
        return "no video at this link"
    for cause in causes:
        if isinstance(cause, HTTPError):
            return _STATUSES.get(cause.status)
    said = str(error).lower().replace("’", "'")
    if "requested format is not available" in said:
        return f"no format up to {tallest}p"
    return next((reason for words, reason in _MESSAGES if words in said), None)


def _causes(error: BaseException | None) -> list[BaseException]:
    """An error and those it was made of; yt-dlp keeps them in `exc_info` and `cause`."""
    causes: list[BaseException] = []
    while error is not None and error not in causes:
        causes.append(error)
        inner = getattr(error, "exc_info", None)
        cause = getattr(error, "cause", None)
        error = (
            inner[1] if inner and inner[1] not in (None, error) else cause if isinstance(cause, Exception) else None
        )
    return causes


def _video_named(name: str, folder: Path) -> Path | None:
    """`<name>.<ending>`; sidecars and unfinished files have two endings."""
    return next((file for file in folder.glob(f"{name}.*") if file.stem == name), None)


def _move_finished(name: str, unfinished: Path, folder: Path) -> Path:
    """Moves the video last: once it is there, all is."""
    video = _video_named(name, unfinished)
    if video is None:
        raise FileNotFoundError(f"yt-dlp reported success, but {unfinished} holds no video")
    for file in sorted(unfinished.iterdir(), key=lambda file: file == video):
        file.replace(folder / file.name)
    shutil.rmtree(unfinished)
    return folder / video.name
