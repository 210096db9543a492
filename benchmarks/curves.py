"""Draw macro-F1 over labels from the summaries: `python benchmarks/curves.py [--dataset NAME] [--protocol NAME]`.

Writes `results/label_efficiency_<dataset>.png` for the protocol "fixed", `..._<dataset>_<protocol>.png` for others.
"""

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from benchmarks.label_tables import caption, method_title
from benchmarks.protocol import PROTOCOLS
from benchmarks.results import RESULTS, read_json

PANELS = {"fraction": "share of the labels", "k_shot": "windows per class", "people": "people who label everything"}
LEGEND_COLUMNS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="motionsense")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="fixed")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the summaries and pictures")
    arguments = parser.parse_args()
    result = read_json(f"label_efficiency_{arguments.dataset}.json", arguments.output)
    suffix = "" if arguments.protocol == "fixed" else f"_{arguments.protocol}"
    file = arguments.output / f"label_efficiency_{arguments.dataset}{suffix}.png"
    draw_curves(result["protocols"][arguments.protocol], arguments.dataset, file)
    print(f"Wrote {file}")


def draw_curves(summary: dict, dataset: str, file: Path) -> None:
    """One panel per kind of label budget, one line per method with a standard deviation up and down."""
    rows = summary["rows"]
    kinds = [kind for kind in PANELS if any(row["kind"] == kind for row in rows)]
    methods = list(dict.fromkeys(row["method"] for row in rows))
    lines = -(-len(methods) // LEGEND_COLUMNS)
    height = 4.2 + 0.22 * lines
    figure, panels = plt.subplots(1, len(kinds), figsize=(11, height), sharey=True, squeeze=False)
    for panel, kind in zip(panels[0], kinds, strict=True):
        for number, method in enumerate(methods):
            # beside each other, so that the spreads can be told apart
            shift = 1 + 0.02 * (number - len(methods) / 2)
            draw_method(panel, [row for row in rows if row["method"] == method], kind, f"C{number}", shift)
        panel.set_xscale("log")
        amounts = sorted({row["amount"] for row in rows if row["kind"] == kind})
        panel.set_xticks(amounts, [f"{100 * amount:g} %" if kind == "fraction" else amount for amount in amounts])
        panel.xaxis.set_minor_locator(NullLocator())
        panel.set_xlim(min(amounts) / 1.5, max(amounts) * 1.5)
        panel.set_xlabel(PANELS[kind])
        panel.grid(alpha=0.3)
    panels[0][0].set_ylabel("macro-F1")
    unlabelled = {row["method"] for row in rows if row["kind"] == "none"}
    handles = [
        Line2D([], [], color=f"C{number}", linestyle="--" if method in unlabelled else "-", label=method_title(method))
        for number, method in enumerate(methods)
    ]
    figure.suptitle(dataset)
    figure.legend(handles=handles, loc="lower center", ncols=LEGEND_COLUMNS, fontsize=8, frameon=False)
    figure.text(0.5, (0.22 * lines + 0.15) / height, caption(summary), ha="center", fontsize=7, color="0.35")
    figure.tight_layout(rect=(0, (0.22 * lines + 0.3) / height, 1, 1))
    figure.savefig(file, dpi=130)
    plt.close(figure)


def draw_method(panel: Axes, rows: list[dict], kind: str, color: str, shift: float) -> None:
    """A line with its spread; where no labels were used, a dashed line across."""
    if rows[0]["kind"] == "none":
        panel.axhline(rows[0]["mean"], color=color, linestyle="--")
    here = sorted((row for row in rows if row["kind"] == kind), key=lambda row: row["amount"])
    amounts, means, spreads = ([row[name] for row in here] for name in ("amount", "mean", "sd"))
    places = [shift * amount for amount in amounts]
    panel.errorbar(places, means, spreads, color=color, marker="o", markersize=3, linewidth=1.2, elinewidth=0.6)


if __name__ == "__main__":
    main()
