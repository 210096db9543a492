"""What was measured of an encoder: figures of benchmarks and of pretraining that belong to these very weights."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ASSUMED_WATTS = 100  # of a processor under load with its memory; an estimate, stated as one on the card


@dataclass(frozen=True)
class LabelFigure:
    """A mean over seeds (and folds) with its sample standard deviation, of one method at one label budget."""

    dataset: str
    metric: str
    protocol: str
    method: str
    budget: str
    mean: float
    sd: float
    runs: int
    ours: bool


def label_figures(results: Path, weights: Path) -> list[LabelFigure]:
    """
    Figures of `label_efficiency_*.json` with these weights, and of the methods compared that need none.

    A benchmark of other weights says nothing of these: it gives no figure.

    Args:
        results: folder of the files.
        weights: file whose SHA-256 the benchmark noted.
    """
    fingerprint = hashlib.sha256(weights.read_bytes()).hexdigest()
    figures = []
    for file in sorted(results.glob("label_efficiency_*.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        for protocol, summary in content.get("protocols", {}).items():
            noted = {method: settings.get("weights") for method, settings in summary["methods"].items()}
            ours = {method for method, start in noted.items() if start and fingerprint.startswith(start)}
            shown = ours | {method for method, start in noted.items() if not start}
            if ours:
                figures += [
                    _figure(content["dataset"], summary["metric"], protocol, row, row["method"] in ours)
                    for row in summary["rows"]
                    if row["method"] in shown
                ]
    return figures


def _figure(dataset: str, metric: str, protocol: str, row: dict[str, Any], ours: bool) -> LabelFigure:
    kind, amount = row["kind"], row["amount"]
    budgets = {
        "fraction": f"{amount:.0%} of the labels",
        "k_shot": f"{amount} window{'s' * (amount > 1)} per class",
        "none": "no labels",
    }
    budgets |= {"people": f"{amount} labelled {'person' if amount == 1 else 'people'}"}
    return LabelFigure(
        dataset=dataset,
        metric=metric,
        protocol=protocol,
        method=row["method"],
        budget=budgets.get(kind, f"{kind} {amount}"),
        mean=row["mean"],
        sd=row["sd"],
        runs=len(row["values"]),
        ours=ours,
    )


@dataclass(frozen=True)
class Retrieval:
    """How often the right one is first, and among the first five, of one view sought by another."""

    views: str
    at_1: float
    at_5: float


@dataclass(frozen=True)
class Training:
    """A pretraining run, by its report."""

    steps: int
    batch_size: int
    hours: float
    kilowatt_hours: float
    processes: int
    with_motion_capture: bool
    with_real_imu: bool
    text_model: str
    retrieval: tuple[Retrieval, ...]


def read_training(report: Path, steps: int) -> Training:
    """
    The run that made an encoder, with its validation figures at `steps`.

    Raises:
        ValueError: the report is not there or is of another run.
    """
    if not report.is_file():
        raise ValueError(f"{report} is not there: pretraining writes it beside the folders of the encoders")
    content = json.loads(report.read_text(encoding="utf-8"))
    if content["best_step"] != steps:
        raise ValueError(
            f"{report} is of weights at step {content['best_step']}, the config says {steps}: another run's"
        )
    figures = content["figures"][str(steps)]
    arguments = content["arguments"]
    hours = content["seconds"] / 3600
    return Training(
        steps=steps,
        batch_size=arguments["batch_size"],
        hours=hours,
        kilowatt_hours=hours * content["processes"] * ASSUMED_WATTS / 1000,
        processes=content["processes"],
        with_motion_capture=arguments.get("motion_dir") is not None,
        with_real_imu=arguments.get("imu_corpora_dir") is not None,
        text_model=arguments["text_model"],
        retrieval=tuple(
            Retrieval(views, value, figures[f"{views}/R@5"])
            for name, value in figures.items()
            for views, _, measure in [name.partition("/")]
            if measure == "R@1"
        ),
    )
