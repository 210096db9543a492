"""Reading video files with PyAV: what a file tells about itself, and its frames with their real times."""

import itertools
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from av.stream import Disposition, Stream

from dataset_scripts.fimad.videos.clips import Chapter, Frame, Unusable

# Containers that hold their own pictures. Playlists (HLS, DASH, concat) are left out: they name other files and hosts.
_FORMATS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,flv,asf,ogg"
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}

_SUFFIXES = {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mpg", ".mpeg", ".flv", ".wmv", ".ogv"}

# A file may end this much before its declared end and still count as whole: headers round, and last frames vary.
END_TOLERANCE = 1.0  # s

# How far before the wanted time to look for a key frame that is shown no later than it. With reordered frames the
# nearest key frame in storage may be shown later; where none of these helps, decoding begins with the file.
_SEEK_MARGINS = (0.0, 4.0, 16.0)  # s


@dataclass(frozen=True)
class Probe:
    """What a video file tells.

    Attributes:
        duration: seconds, as the file declares it, or up to the last frame where it declares less.
        readable_until: seconds; where the data ends. Less than `duration` in a truncated file.
        fps: mean frames per second.
        width, height: pixels of the upright picture, with square pixels.
        rotation: degrees by which the stored pictures are turned clockwise to be upright: 0, 90, 180 or 270.
        variable_frame_rate: whether over 1 % of the frame intervals differ from the median by over 10 %.
        chapters: the chapter marks in the file.
        title: of the video; None where the file names none.
    """

    duration: float
    readable_until: float
    fps: float
    width: int
    height: int
    rotation: int
    variable_frame_rate: bool
    chapters: tuple[Chapter, ...]
    title: str | None

    @property
    def truncated(self) -> bool:
        """Whether the data ends well before the declared end."""
        return self.readable_until < self.duration - END_TOLERANCE


def find_videos(path: Path) -> list[Path]:
    """The video files of a folder and the folders in it, in the order of their names; or the one file itself.

    Raises:
        FileNotFoundError: there is no such file or folder, or no video in it.
        ValueError: two files have the same name but for their folder or ending; names are the ids of videos.
    """
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise FileNotFoundError(f"{path}: no such file or folder of videos")
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in _SUFFIXES and file.is_file())
    if not files:
        raise FileNotFoundError(f"{path} holds no video; expected files ending in {', '.join(sorted(_SUFFIXES))}")
    by_name: dict[str, Path] = {}
    for file in files:
        if (other := by_name.setdefault(file.stem, file)) is not file:
            raise ValueError(f"{other} and {file} would be the same video, {file.stem!r}: rename one of them")
    return files


def probe(path: Path) -> Probe:
    """Describes a video file. Reads all of it, but decodes only up to the first picture.

    Raises:
        FileNotFoundError: there is no such file.
        Unusable: "empty video", "corrupt video" or "no video stream".
    """
    with _opened(path) as (container, stream):
        declared = _declared_duration(container, stream)
        # Without a duration of its own, a stream shares the container's, which another stream may fill.
        watched: list[Stream] = list(container.streams) if stream.duration is None else [stream]
        origin = _origin(container)
        times, readable_until, first = array("d"), 0.0, None
        for packet in _demuxed(container, watched):
            if packet.stream is stream and first is None:
                first = next(iter(_decoded(packet)), None)
            if packet.pts is None or packet.is_corrupt:
                continue
            time = _seconds(packet.pts, packet.time_base, origin)
            readable_until = max(readable_until, time + float((packet.duration or 0) * packet.time_base))
            if packet.stream is stream:
                times.append(time)
        if first is None:
            raise Unusable("empty video" if not times else "corrupt video", f"no frame of {path.name} can be decoded")
        fps, variable = _frame_rate(np.sort(np.frombuffer(times)), float(stream.average_rate or 0))
        orientation = _orientation(first)
        width, height = _square_size(first, stream)
        if orientation.exchange:
            width, height = height, width
        return Probe(
            duration=round(max(declared, readable_until), 6),
            readable_until=readable_until,
            fps=fps,
            width=width,
            height=height,
            rotation=orientation.rotation,
            variable_frame_rate=variable,
            chapters=_embedded_chapters(container),
            title=container.metadata.get("title") or None,
        )


def read_frames(path: Path, start: float = 0.0, end: float | None = None, longest_side: int = 640) -> Iterator[Frame]:
    """Frames shown at `start <= time < end`, in order, with strictly increasing times as the file states them.

    Seeks to the last key frame before `start`; gives the same frames as reading from the beginning. One frame is in
    memory at a time, besides those the decoder holds.

    Args:
        start, end: seconds from the beginning of the video; to its end where `end` is None.
        longest_side: pixels. Larger pictures are scaled down to it, smaller ones keep their size; both sides even.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the span is empty or negative.
        Unusable: "empty video", "corrupt video" or "no video stream"; "truncated video" when the data ends over
            `END_TOLERANCE` before both `end` and the declared end. The last is raised after all frames were given
            that can be decoded, so that whoever wants them can keep them.
    """
    if start < 0 or (end is not None and end <= start):
        raise ValueError(f"span from {start} s to {end} s of {path}: expected 0 <= start < end")
    with _opened(path) as (container, stream):
        stream.thread_type = "AUTO"
        origin, orientation, last = _origin(container), None, -1.0
        for packet in _packets_from(container, stream, start):
            if packet.is_corrupt:  # the piece that a truncated file ends with
                continue
            for frame in _decoded(packet):
                if frame.pts is None or frame.time_base is None:
                    raise Unusable("corrupt video", f"{path.name} has frames without a time")
                time = _seconds(frame.pts, frame.time_base, origin)
                if end is not None and time >= end:
                    return
                if time >= start and time > last:
                    last = time
                    # once, for a frame whose side data were looked at is only freed by the garbage collector
                    orientation = orientation or _orientation(frame)
                    size = _picture_size(_square_size(frame, stream), longest_side)
                    yield Frame(time, _upright_picture(frame, orientation, size))
        declared = _declared_duration(container, stream)
    wanted = declared if end is None else min(declared, end)
    if last < wanted - END_TOLERANCE and (readable := probe(path).readable_until) < wanted - END_TOLERANCE:
        raise Unusable("truncated video", f"{path.name} ends at {readable:.1f} s of {declared:.1f} s")


@contextmanager
def _opened(path: Path) -> Iterator[tuple[av.container.InputContainer, av.VideoStream]]:
    if path.stat().st_size == 0:
        raise Unusable("empty video", f"{path.name} has no bytes")
    try:
        # "file:" keeps a name with a colon in it from being taken for an address
        container = av.open(f"file:{path}", options=_OPTIONS, metadata_errors="replace")
    except av.FFmpegError as error:
        raise Unusable("corrupt video", f"{path.name} cannot be opened: {error.strerror}") from error
    with container:
        streams = [s for s in container.streams.video if s.disposition is not Disposition.attached_pic]
        if not streams:
            raise Unusable("no video stream", path.name)
        yield container, streams[0]


def _demuxed(container: av.container.InputContainer, streams: list[Stream]) -> Iterator[av.Packet]:
    """Packets up to the end of the data; a file cut in the middle of a packet ends before it."""
    try:
        yield from container.demux(streams)
    except (av.InvalidDataError, av.EOFError):
        return


def _decoded(packet: av.Packet) -> list[av.VideoFrame]:
    """Frames that a packet completes; none where it is damaged, as players do."""
    try:
        return packet.decode()
    except av.InvalidDataError:
        return []


def _packets_from(container: av.container.InputContainer, stream: av.VideoStream, start: float) -> Iterator[av.Packet]:
    """Packets in storage order from a key frame that is shown at `start` or before, where there is one."""
    origin = _origin(container)
    for margin in _SEEK_MARGINS:
        if start <= margin:
            break
        try:
            container.seek(int((origin + start - margin) * av.time_base))
        except av.FFmpegError:
            break
        packets = _demuxed(container, [stream])
        key = next((packet for packet in packets if packet.is_keyframe), None)
        if key is not None and key.pts is not None and _seconds(key.pts, key.time_base, origin) <= start:
            return itertools.chain([key], packets)
    if start > 0:
        container.seek(0, backward=True)
    return _demuxed(container, [stream])


def _origin(container: av.container.InputContainer) -> float:
    """Stamp of the video's beginning, in seconds. Sound may begin a little earlier (encoder delay); zero counts."""
    return max(0.0, (container.start_time or 0) / av.time_base)


def _seconds(stamp: int, time_base: Fraction, origin: float) -> float:
    """Time from the beginning of the video, to the microsecond, which is how exactly containers state theirs."""
    return round(float(stamp * time_base) - origin, 6) or 0.0  # never -0.0


def _declared_duration(container: av.container.InputContainer, stream: av.VideoStream) -> float:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / av.time_base


def _frame_rate(times: np.ndarray, stated: float) -> tuple[float, bool]:
    """Mean frames per second, and whether the rate varies, from sorted times of presentation in seconds."""
    intervals = np.diff(times)
    if not intervals.sum() > 0:
        return stated, False
    median = np.median(intervals)
    return round(float(1 / intervals.mean()), 3), bool((np.abs(intervals - median) > 0.1 * median).mean() > 0.01)


def _embedded_chapters(container: av.container.InputContainer) -> tuple[Chapter, ...]:
    return tuple(
        Chapter(
            index,
            mark["metadata"].get("title", ""),
            float(mark["start"] * (mark["time_base"] or 0)),
            float(mark["end"] * (mark["time_base"] or 0)),
        )
        for index, mark in enumerate(container.chapters())
    )


class _Orientation(NamedTuple):
    """How a stored picture becomes upright: rows and columns exchanged first, then mirrored."""

    exchange: bool
    mirror_columns: bool
    mirror_rows: bool

    @property
    def rotation(self) -> int:
        """Degrees clockwise; a mirror image counts as unturned, or as the turn that exchanges its sides."""
        if self.exchange:
            return 90 if self.mirror_columns else 270
        return 180 if self.mirror_columns and self.mirror_rows else 0


def _orientation(frame: av.VideoFrame) -> _Orientation:
    """From the display matrix of ISO/IEC 14496-12, of which quarter turns and mirroring are honoured."""
    data: Any = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return _Orientation(False, False, False)
    (xx, xy), (yx, yy) = np.frombuffer(data, dtype=np.int32).reshape(3, 3)[:2, :2].tolist()
    if abs(xy) + abs(yx) > abs(xx) + abs(yy):
        return _Orientation(True, yx < 0, xy < 0)
    return _Orientation(False, xx < 0, yy < 0)


def _square_size(frame: av.VideoFrame, stream: av.VideoStream) -> tuple[int, int]:
    """Width and height of the stored picture when its pixels are made square."""
    return round(frame.width * (stream.sample_aspect_ratio or 1)), frame.height


def _picture_size(size: tuple[int, int], longest_side: int) -> tuple[int, int]:
    """Even width and height with the longer side at most `longest_side`, never more than `size`."""
    scale = min(1.0, longest_side / max(size))
    width, height = (max(2, min(2 * round(side * scale / 2), side // 2 * 2)) for side in size)
    return width, height


def _upright_picture(frame: av.VideoFrame, orientation: _Orientation, size: tuple[int, int]) -> np.ndarray:
    """`(height, width, 3)` uint8 RGB; `size` is width and height before turning."""
    picture = frame.to_ndarray(width=size[0], height=size[1], format="rgb24", interpolation="AREA")
    if orientation.exchange:
        picture = picture.swapaxes(0, 1)
    picture = picture[:: -1 if orientation.mirror_rows else 1, :: -1 if orientation.mirror_columns else 1]
    return np.ascontiguousarray(picture)
