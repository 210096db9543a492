"""Tables of docs/fimad.md: columns, counts, and what a build costs."""

import math
from typing import Any

from benchmarks.results import read_json
from dataset_scripts.dataset_card import type_name
from dataset_scripts.fimad.columns import COLUMN_MEANINGS, VIDEO_FEATURE_DIM, fimad_features
from dataset_scripts.fimad.skeleton import SAMPLING_RATE
from dataset_scripts.fimad.videos.steps import KEYFRAME_RATE

PAPER_HOURS = 78  # of video in FiMAD (paper, section III)
FRAME_RATE = 30  # frames a second of most videos
MACHINES = {"one machine of 2 cores": 2, "one machine of 16 cores": 16, "a Ray cluster of 8 machines of 16 cores": 128}


def fimad_columns() -> str:
    """Name, type and meaning with unit."""
    features = fimad_features()
    lines = ["| column | type | meaning |", "|---|---|---|"]
    lines += [f"| `{name}` | {type_name(features[name])} | {meaning} |" for name, meaning in COLUMN_MEANINGS.items()]
    return "\n".join(lines)


def fimad_counts() -> str:
    """Rows, hours and sizes of the configurations."""
    lines = ["| configuration | split | rows | movements | hours | Parquet |", "|---|---|---:|---:|---:|---:|"]
    for config, splits in read_json("fimad_counts.json")["configs"].items():
        for split, figures in splits.items():
            hours = "–" if figures["hours"] is None else f"{figures['hours']:.2f}"
            movements = figures["movements"] or "–"
            size = f"{figures['bytes'] / 1e6:.1f} MB"
            lines.append(f"| `{config}` | {split} | {figures['rows']:,} | {movements} | {hours} | {size} |")
    return "\n".join(lines)


def fimad_stages() -> str:
    """Milliseconds a frame of every stage, and the overhead over the bare estimator."""
    result = read_json("fimad_build.json")
    columns = {int(number): figures["median"] for number, figures in result["workers"].items()}
    heads = [f"{number} process{'es' if number > 1 else ''}" for number in columns]
    lines = [f"| ms per frame | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
    rows = {"BlazePose alone, as many side by side": [f"{figures['bare_ms']:.1f}" for figures in columns.values()]}
    for stage in next(iter(columns.values()))["stages_ms"]:
        rows[f"stage `{stage}`"] = [f"{figures['stages_ms'][stage]:.2f}" for figures in columns.values()]
    rows["overhead"] = [_quartiles(figures["overhead"]) for figures in columns.values()]
    rows["overhead, image encoder included"] = [
        _quartiles(figures["overhead_with_image_encoder"]) for figures in columns.values()
    ]
    lines += [f"| {name} | {' | '.join(cells)} |" for name, cells in rows.items()]
    video, frame = result["video"], result["frame"]
    lines += [
        "",
        f"Median of {len(next(iter(result['workers'].values()))['rounds'])} rounds (overhead: median and quartiles), "
        f"two cores; {result['copies']} copies of a video of {video['frames']} frames of {video['width']} × "
        f"{video['height']} at {video['fps']:g} frames/s, estimated at {frame['width']} × {frame['height']}; image "
        f"encoder {result['image_encoder']}.",
    ]
    return "\n".join(lines)


def fimad_cost() -> str:
    """Time and room for the whole of FiMAD, from the measured time of a frame with two processes on two cores."""
    seconds_a_frame = _build_seconds(read_json("fimad_build.json")["workers"]["2"]["median"])
    frames = PAPER_HOURS * 3600 * FRAME_RATE
    lines = ["| on | hours |", "|---|---:|"]
    for machine, cores in MACHINES.items():
        lines.append(f"| {machine} | {frames * seconds_a_frame * 2 / cores / 3600:,.1f} |")
    lines += [
        "",
        f"{PAPER_HOURS} h of video, {frames / 1e6:.1f} million frames at {FRAME_RATE} frames/s; "
        f"{frames * seconds_a_frame * 2 / 3600:,.0f} core-hours, two cores for two processes as measured above, more "
        f"cores taken to scale; downloading (rate-limited on purpose) not counted. The rows take about "
        f"{PAPER_HOURS * 3600 * _bytes_a_second() / 1e9:.0f} GB before compression.",
    ]
    return "\n".join(lines)


def _build_seconds(median: dict[str, Any]) -> float:
    return sum(median["stages_ms"].values()) / 1000


def _bytes_a_second() -> float:
    """Of pose, IMU and image features."""
    features = fimad_features()
    joints, sensors = (4 * math.prod(features[name].shape[1:]) for name in ("pose", "imu"))
    return SAMPLING_RATE * (joints + sensors) + KEYFRAME_RATE * 2 * VIDEO_FEATURE_DIM


def _quartiles(figures: list[float]) -> str:
    low, middle, high = figures
    return f"{middle:.0%} ({low:.0%}–{high:.0%})"


TABLES = {
    "fimad_columns": fimad_columns,
    "fimad_counts": fimad_counts,
    "fimad_stages": fimad_stages,
    "fimad_cost": fimad_cost,
}
