"""One picture of a few clips: key frames with the pose found on the person, 3D pose, IMU traces and words."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib.style
import numpy as np
from matplotlib import patheffects
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont, get_font
from matplotlib.offsetbox import AnchoredOffsetbox, HPacker, TextArea

from dataset_scripts.fimad.columns import FIMAD_PLACEMENTS
from dataset_scripts.fimad.skeleton import JOINT_INDEX, PARENTS, SAMPLING_RATE
from modeling_mujo.configuration_mujo import JOINTS

MAX_CLIPS = 4
EXCERPT = 8.0  # seconds shown of a longer clip, from its middle

# Left is blue and right is orange in pictures, skeletons and traces alike; three tints tell x, y and z apart.
_COLOURS = {"left": "#2166ac", "right": "#d6604d", "middle": "#5f6368"}
_TINTS = {"right": ("#8f2717", "#d6604d", "#f4a582"), "left": ("#0b3d73", "#3f8ac4", "#92c5de")}
_INK, _FAINT = "#202124", "#c9ccd1"

# BlazePose: even numbers from 11 on are the right side's.
_LANDMARK_LINES = (
    (11, 13), (13, 15), (15, 19), (11, 23), (23, 25), (25, 27), (27, 29), (29, 31), (27, 31),
    (12, 14), (14, 16), (16, 20), (12, 24), (24, 26), (26, 28), (28, 30), (30, 32), (28, 32),
    (11, 12), (23, 24), (7, 0), (0, 8),
)  # fmt: skip

# Inches; a row is a line of words above pictures, skeletons and traces.
_WIDTH, _ROW, _MARGIN, _FOOT = 16.0, 3.3, 0.3, 0.4
_PANEL, _GAP = 2.3, 0.1
_SKELETONS = 3.9
_DPI = 100
_LINE_WIDTH = 225  # characters of a description

_AZIMUTH, _ELEVATION = np.radians(25), np.radians(10)  # of the eye that sees the skeletons
_TILE = 0.45 * np.array([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)])  # metres: the floor below a skeleton
_STEP = 1.25  # metres from one skeleton to the next, more where they are wider


class PreviewClip(NamedTuple):
    """What the preview shows of a clip.

    Attributes:
        title, normalized_title, description: its words.
        keyframes: pictures `(height, width, 3)` uint8 RGB.
        keyframe_times: `(n,)`, seconds from the beginning of `pose`.
        landmarks: `(n, 33, 2)`, BlazePose in the pictures as shares of width and height; NaN where nobody was found.
        pose: `(time, 17, 3)`, metres, z up, at 50 Hz.
        imu: `(time, 16, 6)`, specific force in m/s² and angular velocity in rad/s at `FIMAD_PLACEMENTS`, at 50 Hz.
    """

    title: str
    normalized_title: str
    description: str
    keyframes: Sequence[np.ndarray]
    keyframe_times: np.ndarray
    landmarks: np.ndarray
    pose: np.ndarray
    imu: np.ndarray


def draw_preview(clips: Sequence[PreviewClip], file: Path) -> None:
    """Draw clips below one another as PNG, 1,600 pixels wide; the same clips give the same bytes.

    Raises:
        ValueError: no clip, more than four, or figures of unequal length.
    """
    if not 1 <= len(clips) <= MAX_CLIPS:
        raise ValueError(f"a preview shows 1 to {MAX_CLIPS} clips, got {len(clips)}")
    for clip in clips:
        _check(clip)
    with matplotlib.style.context("default", after_reset=True):
        figure = Figure(figsize=(_WIDTH, _ROW * len(clips) + _FOOT), dpi=_DPI, facecolor="white")
        for row, clip in enumerate(clips):
            _draw_row(figure, clip, bottom=_FOOT + _ROW * (len(clips) - 1 - row))
        _write_legend(figure)
        figure.savefig(file, format="png", metadata={"Software": None})  # the default names a version


def _check(clip: PreviewClip) -> None:
    if not len(clip.keyframes) == len(clip.keyframe_times) == len(clip.landmarks):
        raise ValueError(
            f"clip {clip.title!r} has {len(clip.keyframes)} key frames, {len(clip.keyframe_times)} times and "
            f"{len(clip.landmarks)} sets of landmarks; expected as many of each"
        )
    if len(clip.pose) != len(clip.imu):
        raise ValueError(f"clip {clip.title!r} has {len(clip.pose)} poses and {len(clip.imu)} IMU samples")


def _draw_row(figure: Figure, clip: PreviewClip, bottom: float) -> None:
    start, end = _excerpt(len(clip.pose) / SAMPLING_RATE)
    shown = _three_keyframes(clip, start, end)
    _write_words(figure, clip, bottom + _ROW - 0.12)
    left = _MARGIN
    for frame in shown:
        _draw_keyframe(
            _add_axes(figure, left, bottom + 0.1, _PANEL, _PANEL), clip.keyframes[frame], clip.landmarks[frame]
        )
        left += _PANEL + _GAP
    left = _MARGIN + 3 * (_PANEL + _GAP)
    times = clip.keyframe_times[shown]
    _draw_skeletons(_add_axes(figure, left, bottom + 0.1, _SKELETONS, _PANEL), _poses_at(clip.pose, times), times)
    left += _SKELETONS + 0.6
    _draw_imu(figure, clip.imu, start, end, times, left, bottom + 0.1)


def _excerpt(duration: float) -> tuple[float, float]:
    start = max(0.0, (duration - EXCERPT) / 2)
    return start, min(duration, start + EXCERPT)


def _three_keyframes(clip: PreviewClip, start: float, end: float) -> list[int]:
    """Key frames with a person nearest to a sixth, a half and five sixths of the excerpt."""
    seen = np.flatnonzero(np.isfinite(clip.landmarks).all(axis=(1, 2)))
    if not len(seen):
        return []
    wanted = start + (end - start) * np.array([1, 3, 5]) / 6
    return np.unique(seen[np.abs(clip.keyframe_times[seen] - wanted[:, None]).argmin(axis=1)]).tolist()


def _poses_at(pose: np.ndarray, times: np.ndarray) -> np.ndarray:
    return pose[np.clip(np.round(times * SAMPLING_RATE).astype(int), 0, len(pose) - 1)]


def _add_axes(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes at a place given in inches."""
    figure_width, figure_height = figure.get_size_inches()
    return figure.add_axes((left / figure_width, bottom / figure_height, width / figure_width, height / figure_height))


def _write_words(figure: Figure, clip: PreviewClip, top: float) -> None:
    axes = _add_axes(figure, _MARGIN, top - 0.75, _WIDTH - 2 * _MARGIN, 0.75)
    axes.set_axis_off()
    axes.axhline(1.0, color=_FAINT, linewidth=0.8)
    common: dict[str, Any] = {
        "va": "top",
        "parse_math": False,
        "transform": axes.transAxes,
    }  # a "$" in a title is no formula
    axes.text(0, 0.86, _drawable(clip.title), fontsize=12, weight="bold", color=_INK, **common)
    axes.text(
        1,
        0.86,
        _drawable(f"normalised: {clip.normalized_title}"),
        fontsize=11,
        ha="right",
        color=_COLOURS["middle"],
        **common,
    )
    lines = textwrap.wrap(clip.description, _LINE_WIDTH, max_lines=2, placeholder=" …")
    axes.text(0, 0.52, _drawable("\n".join(lines)), fontsize=9, color=_INK, linespacing=1.35, **common)


def _write_legend(figure: Figure) -> None:
    """What the colours and the dotted lines mean, in the colours, right-aligned at the foot."""
    axes = _add_axes(figure, _MARGIN, 0.1, _WIDTH - 2 * _MARGIN, 0.3)
    axes.set_axis_off()
    parts: list[Artist] = [
        TextArea(text, textprops={"color": colour, "fontsize": 8.5})
        for text, colour in (
            ("left", _COLOURS["left"]),
            ("right", _COLOURS["right"]),
            ("trunk", _COLOURS["middle"]),
            ("      sensor axes", _INK),
            *zip("xyz", _TINTS["right"], strict=True),
            *zip("xyz", _TINTS["left"], strict=True),
            ("      dotted: moments of the pictures", _INK),
        )
    ]
    line = HPacker(children=parts, pad=0, sep=6, align="baseline")
    axes.add_artist(AnchoredOffsetbox("center right", child=line, frameon=False, pad=0, borderpad=0))


def _drawable(text: str) -> str:
    """The text without letters that the font lacks, such as emoji: they would show as boxes."""
    font = get_font(findfont("DejaVu Sans"))
    return "".join(letter for letter in text if letter == "\n" or font.get_char_index(ord(letter)))


def _draw_keyframe(axes: Axes, picture: np.ndarray, landmarks: np.ndarray) -> None:
    """The square of a picture around the person, with landmarks."""
    height, width = picture.shape[:2]
    points = landmarks * (width, height)
    axes.imshow(picture, interpolation="lanczos")
    outline = [patheffects.withStroke(linewidth=3.2, foreground="white", alpha=0.75)]
    lines = [points[list(pair)] for pair in _LANDMARK_LINES]
    colours = [_COLOURS[_landmark_side(*pair)] for pair in _LANDMARK_LINES]
    axes.add_collection(LineCollection(lines, colors=colours, linewidths=1.8, path_effects=outline, capstyle="round"))
    side = min(max(1.35 * np.ptp(points, axis=0).max(), 0.5 * min(width, height)), min(width, height))
    left, top = np.clip((points.min(axis=0) + points.max(axis=0) - side) / 2, 0, (width - side, height - side))
    axes.set(xlim=(left, left + side), ylim=(top + side, top), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)


def _landmark_side(first: int, second: int) -> str:
    if first < 11 or first % 2 != second % 2:
        return "middle"
    return "left" if first % 2 else "right"


def _draw_skeletons(axes: Axes, poses: np.ndarray, times: np.ndarray) -> None:
    """Skeletons `(n, 17, 3)` side by side on the floor, each from the same side and at the same scale."""
    joints = _seen(poses - poses[:, :1] * (1, 1, 0))  # pelvis in the middle of a piece of floor
    reach = np.ptp(joints[..., 0], axis=1).max(initial=0)
    step = max(_STEP, reach + 0.15)
    scale = max(3 * step / _SKELETONS, (joints[..., 1].max(initial=0) + 0.45) / _PANEL)  # metres an inch
    width, height = scale * _SKELETONS, scale * _PANEL
    axes.set(xlim=(step - width / 2, step + width / 2), ylim=(-0.35, height - 0.35), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    for number, (points, time) in enumerate(zip(joints, times, strict=True)):
        middle = (points[:, 0].min() + points[:, 0].max()) / 2
        place = np.array([number * step, 0.0])
        points = points - (middle, 0) + place
        axes.fill(*(_seen(_TILE) + place).T, facecolor="#eceef1", edgecolor=_FAINT, linewidth=0.6)
        bones = [points[[joint, PARENTS[joint]]] for joint in range(1, len(JOINTS))]
        colours = [_COLOURS[_joint_side(joint)] for joint in JOINTS[1:]]
        axes.add_collection(LineCollection(bones, colors=colours, linewidths=2.6, capstyle="round"))
        axes.plot(*points[JOINT_INDEX["head"]], marker="o", markersize=6, color=_COLOURS["middle"])
        axes.text(number * step, -0.32, f"{time:.1f} s", ha="center", fontsize=8, color=_COLOURS["middle"])


def _joint_side(joint: str) -> str:
    side = joint.split("_")[0]
    return side if side in ("left", "right") else "middle"


def _seen(points: np.ndarray) -> np.ndarray:
    """Points `(…, 3)` in metres → `(…, 2)` as an eye sees them from far away."""
    x, y, z = np.moveaxis(points, -1, 0)
    across = x * np.cos(_AZIMUTH) + y * np.sin(_AZIMUTH)
    away = y * np.cos(_AZIMUTH) - x * np.sin(_AZIMUTH)
    return np.stack([across, z * np.cos(_ELEVATION) + away * np.sin(_ELEVATION)], axis=-1)


def _draw_imu(
    figure: Figure, imu: np.ndarray, start: float, end: float, marks: np.ndarray, left: float, bottom: float
) -> None:
    """Specific force above angular velocity, of the right wrist beside the left thigh, between `start` and `end`."""
    width = (_WIDTH - _MARGIN - left - 0.15) / 2
    height = (_PANEL - 0.5) / 2
    samples = slice(round(start * SAMPLING_RATE), round(end * SAMPLING_RATE))
    time = np.arange(len(imu))[samples] / SAMPLING_RATE
    for row, (channels, quantity) in enumerate(
        ((slice(0, 3), "specific force\nm/s²"), (slice(3, 6), "angular velocity\nrad/s"))
    ):
        panels = []
        for column, placement in enumerate(("right_wrist", "left_thigh")):
            axes = _add_axes(
                figure, left + column * (width + 0.15), bottom + 0.2 + (1 - row) * (height + 0.12), width, height
            )
            signals = imu[samples, FIMAD_PLACEMENTS.index(placement), channels]
            _draw_traces(axes, time, signals, _TINTS[placement.split("_")[0]])
            for mark in marks:
                axes.axvline(mark, color=_FAINT, linewidth=0.8, linestyle=(0, (2, 2)), zorder=0)
            axes.set_xlim(start, end)
            axes.tick_params(labelbottom=row == 1, labelleft=column == 0)
            if row == 0:
                axes.set_title(placement.replace("_", " "), fontsize=9, color=_INK, pad=3)
            panels.append(axes)
        panels[0].set_ylabel(quantity, fontsize=8, color=_INK)
        low, high = (pick(axes.get_ylim()[end] for axes in panels) for end, pick in enumerate((min, max)))
        for axes in panels:
            axes.set_ylim(low, high)
        if row == 1:
            panels[0].set_xlabel("seconds", fontsize=8, color=_INK, loc="right", labelpad=1)


def _draw_traces(axes: Axes, time: np.ndarray, signals: np.ndarray, tints: Sequence[str]) -> None:
    for signal, axis, tint in zip(signals.T, "xyz", tints, strict=True):
        axes.plot(time, signal, color=tint, linewidth=1.0, label=axis)
    axes.axhline(0, color=_FAINT, linewidth=0.6, zorder=0)
    axes.margins(y=0.08)
    axes.tick_params(labelsize=7, length=2, color=_FAINT, labelcolor=_COLOURS["middle"])
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_FAINT)
    axes.locator_params(axis="y", nbins=4)
