"""Picture of a sensor's axes for the cards: phone and watch, and what a sensor at rest reads."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrow, FancyBboxPatch, Rectangle

AXES_PICTURE = "axes.png"
_COLOURS = {"x": "#c1272d", "y": "#1b7f3b", "z": "#1f5fbf"}
_BODY, _GLASS, _INK = "#3b3f45", "#dfe4ea", "#22262b"


def draw_axes(file: Path) -> Path:
    """Write the picture as PNG, 1000 pixels wide; the same bytes each time."""
    figure = Figure(figsize=(10, 3.9), dpi=100, facecolor="white")
    figure.subplots_adjust(left=0, right=1, bottom=0, top=1, wspace=0)
    phone, watch, resting = figure.subplots(1, 3)
    _draw_phone(phone)
    _draw_watch(watch)
    _draw_resting(resting)
    figure.savefig(file, metadata={"Software": None})
    return file


def _panel(axes: Axes, title: str, note: str) -> None:
    axes.set(xlim=(-2.9, 2.9), ylim=(-3.75, 3.3), aspect="equal")
    axes.text(0, 3.1, title, ha="center", va="top", fontsize=13, color=_INK)
    axes.text(0, -2.75, note, ha="center", va="top", fontsize=11, color=_INK)
    axes.set_axis_off()


def _draw_phone(axes: Axes) -> None:
    _panel(axes, "phone, screen towards you", "right-handed:\nz comes out of the screen")
    axes.add_patch(_box(-0.95, -1.75, 1.9, 3.5, _BODY))
    axes.add_patch(_box(-0.8, -1.5, 1.6, 3.0, _GLASS))
    _draw_frame(axes)


def _draw_watch(axes: Axes) -> None:
    _panel(axes, "watch, face towards you", "right-handed:\nz comes out of the glass")
    for bottom in (-2.5, 0.9):
        axes.add_patch(_box(-0.55, bottom, 1.1, 1.6, "#8b9199"))
    axes.add_patch(Circle((0, 0), 1.3, color=_BODY))
    axes.add_patch(Circle((0, 0), 1.12, color=_GLASS))
    _draw_frame(axes)


def _draw_frame(axes: Axes) -> None:
    """x to the right, y up, z towards the reader."""
    _arrow(axes, (0, 0), (2.1, 0), _COLOURS["x"])
    _arrow(axes, (0, 0), (0, 2.4), _COLOURS["y"])
    axes.add_patch(Circle((0, 0), 0.22, facecolor="white", edgecolor=_COLOURS["z"], linewidth=2.2, zorder=4))
    axes.add_patch(Circle((0, 0), 0.07, color=_COLOURS["z"], zorder=5))
    for name, place in {"x": (2.45, 0), "y": (-0.8, 2.3), "z": (-0.45, -0.45)}.items():
        axes.text(*place, name, ha="center", va="center", fontsize=15, weight="bold", color=_COLOURS[name], zorder=5)


def _draw_resting(axes: Axes) -> None:
    _panel(
        axes,
        "at rest on a table, from the side",
        "at rest it reads +9.81 m/s² upwards,\nhere (x, y, z) = (0, 0, +9.81)",
    )
    axes.add_patch(Rectangle((-2.6, -1.48), 5.2, 0.18, color="#b08d63"))
    axes.add_patch(_box(-1.6, -1.3, 3.2, 0.24, _BODY))
    axes.add_patch(Rectangle((-1.5, -1.06), 3.0, 0.06, color=_GLASS))
    _arrow(axes, (0, -1.0), (0, 2.7), _COLOURS["z"])
    axes.text(0.3, 1.3, "z: +9.81 m/s²\n(+1 g)", fontsize=13, color=_COLOURS["z"], va="center")
    axes.text(0, -1.75, "the sensor feels the table push it up", ha="center", va="center", fontsize=10, color=_BODY)


def _box(left: float, bottom: float, width: float, height: float, colour: str) -> FancyBboxPatch:
    rounding = min(width, height) / 8
    return FancyBboxPatch(
        (left + rounding, bottom + rounding),
        width - 2 * rounding,
        height - 2 * rounding,
        boxstyle=f"round,pad={rounding}",
        linewidth=0,
        facecolor=colour,
    )


def _arrow(axes: Axes, start: tuple[float, float], along: tuple[float, float], colour: str) -> None:
    axes.add_patch(
        FancyArrow(
            *start,
            *along,
            width=0.08,
            head_width=0.32,
            head_length=0.36,
            length_includes_head=True,
            color=colour,
            zorder=3,
        )
    )
