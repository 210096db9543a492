"""Draw macro-F1 over labels from one summary: `python benchmarks/curves.py [--dataset NAME] [--protocol NAME]`.

`python benchmarks/tables.py` draws those of all summaries. A few methods are drawn; docs/results.md has them all. A
picture notes the summary that it was drawn from, so that an old one can be told.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator
from PIL import Image

from benchmarks.label_tables import (
    DATASETS,
    caption,
    double_dagger,
    has_curve,
    method_title,
    picture,
    row_title,
    summaries,
)
from benchmarks.protocol import PROTOCOLS
from benchmarks.results import RESULTS, read_json

PANELS = {"fraction": "share of the labels", "k_shot": "windows per class", "people": "people who label everything"}
# by Okabe and Ito: colour-blind people tell them apart
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILION, PURPLE, GREY = "#0072B2", "#D55E00", "#CC79A7", "#7F7F7F"
STYLES = {
    "random_forest": (BLACK, "s"),
    "random_forest_rhythm": (PURPLE, "D"),
    "scratch": (GREY, "v"),
    "random_probe": (GREEN, "^"),
    "simclr-probe": (ORANGE, "P"),
    "mujo-probe": (SKY, "o"),
    "mujo-auto_words": (BLUE, "o"),
    "mujo-zero_shot": (VERMILION, ""),
}
LEGEND_COLUMNS = 2
SOURCE = "Source"  # field of a PNG file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", choices=DATASETS, default="motionsense")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="fixed")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the summaries and pictures")
    arguments = parser.parse_args()
    result = read_json(f"label_efficiency_{arguments.dataset}.json", arguments.output)
    file = arguments.output / picture(arguments.dataset, arguments.protocol)
    draw_curves(result["protocols"][arguments.protocol], DATASETS[arguments.dataset], file)
    print(f"Wrote {file}")


def stale_pictures() -> Iterator[tuple[dict, str, Path]]:
    """Summary, title and file of every picture in `results/` that is missing or drawn from another summary."""
    for dataset, title in DATASETS.items():
        for protocol, summary in summaries(dataset).items():
            file = RESULTS / picture(dataset, protocol)
            if has_curve(summary) and not (file.exists() and Image.open(file).info.get(SOURCE) == digest(summary)):
                yield summary, title, file


def digest(summary: dict) -> str:
    """Of the figures, and of what is drawn of them."""
    drawn = {row_title(method, summary): style for method, style in STYLES.items() if method in summary["methods"]}
    return hashlib.sha256(json.dumps([summary, drawn], sort_keys=True).encode()).hexdigest()


def draw_curves(summary: dict, title: str, file: Path) -> None:
    """One panel per kind of label budget, one line per method in a band of a standard deviation up and down."""
    rows = summary["rows"]
    drawn = [name for name in STYLES if any(row["method"] == name for row in rows)]
    figure, panels = plt.subplots(1, len(PANELS), figsize=(11, 4.8), sharey=True)
    for panel, (kind, label) in zip(panels, PANELS.items(), strict=True):
        amounts = sorted({row["amount"] for row in rows if row["kind"] == kind})
        for method in drawn:
            draw_method(panel, [row for row in rows if row["method"] == method], kind)
        panel.set_xscale("log")
        panel.set_xticks(
            amounts, [f"{100 * amount:g} %" if kind == "fraction" else f"{amount:g}" for amount in amounts]
        )
        panel.xaxis.set_minor_locator(NullLocator())
        panel.set_xlabel(label)
        panel.grid(alpha=0.25)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("macro-F1")
    figure.suptitle(title)
    figure.legend(
        handles=legend(drawn, summary),
        loc="lower center",
        bbox_to_anchor=(0.5, 0.08),
        ncols=LEGEND_COLUMNS,
        fontsize=8,
        frameon=False,
    )
    below = "\n".join(
        filter(None, [caption(summary).split(" †")[0].split(" ‡")[0], double_dagger(summary).strip(), not_run(drawn)])
    )
    figure.text(0.5, 0.02, below, ha="center", va="bottom", fontsize=7.5, color="0.35")
    figure.tight_layout(rect=(0, 0.22, 1, 1))
    figure.savefig(file, dpi=130, metadata={SOURCE: digest(summary)})
    plt.close(figure)


def draw_method(panel: Axes, rows: list[dict], kind: str) -> None:
    """A line in its band; where no labels were used, a dashed line across."""
    color, marker = STYLES[rows[0]["method"]]
    if rows[0]["kind"] == "none":
        panel.axhline(rows[0]["mean"], color=color, linestyle="--")
    here = sorted((row for row in rows if row["kind"] == kind), key=lambda row: row["amount"])
    amounts, means = ([row[name] for row in here] for name in ("amount", "mean"))
    below, above = ([row["mean"] + side * row["sd"] for row in here] for side in (-1, 1))
    panel.fill_between(amounts, below, above, color=color, alpha=0.12, linewidth=0)
    panel.plot(amounts, means, color=color, marker=marker, markersize=5, linewidth=1.6)


def legend(methods: list[str], summary: dict) -> list[Line2D]:
    return [
        Line2D([], [], color=color, marker=marker, linestyle="-" if marker else "--", label=row_title(method, summary))
        for method, (color, marker) in STYLES.items()
        if method in methods
    ]


def not_run(drawn: list[str]) -> str:
    missing = [method_title(name) for name in STYLES if name not in drawn]
    return f"Not run yet: {'; '.join(missing)}." if missing else ""


if __name__ == "__main__":
    main()
