"""What was measured of a model: figures of benchmarks and of training that belong to these very weights."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.label_budgets import KINDS, LabelBudget
from benchmarks.label_tables import DATASETS, SURE, caption, kind_of, row_title
from publishing.corpora import Corpus

# Watts of a processor (or an accelerator with its share of the machine) under load; estimates, stated as such.
ASSUMED_WATTS = {"cpu": 100, "cuda": 700}


@dataclass(frozen=True)
class LabelFigure:
    """
    A mean over seeds (and folds) with its sample standard deviation, of one method at one label budget.

    Attributes:
        runs: how many seeds and folds; of one there is no deviation.
        ours: whether the method uses these weights.
        differs: surely, from the method that the table's caption names.
    """

    method: str
    budget: LabelBudget
    mean: float
    sd: float
    accuracy: float
    runs: int
    ours: bool
    differs: bool


@dataclass(frozen=True)
class LabelTable:
    """Figures of one data set and kind of budget, methods down and budgets across."""

    dataset: str
    caption: str
    figures: tuple[LabelFigure, ...]

    @property
    def budgets(self) -> list[LabelBudget]:
        return sorted({figure.budget for figure in self.figures}, key=lambda budget: budget.amount)

    @property
    def methods(self) -> dict[str, bool]:
        """Method → whether it uses these weights."""
        return {figure.method: figure.ours for figure in self.figures}

    @property
    def title(self) -> str:
        return DATASETS.get(self.dataset, self.dataset)

    def figure(self, method: str, budget: LabelBudget) -> LabelFigure | None:
        return next((row for row in self.figures if (row.method, row.budget) == (method, budget)), None)


def label_tables(results: Path, weights: Collection[str], kinds: Collection[str]) -> list[LabelTable]:
    """
    Figures of `label_efficiency_*.json` with these weights, and of the methods compared that need none, on the test
    people of each data set (the protocol "fixed").

    A benchmark of other weights says nothing of these: it gives no figure, and its data set no table.

    Args:
        results: folder of the files.
        weights: SHA-256 of the files that the benchmark may have started from.
        kinds: of methods that are told.
    """
    tables = []
    for file in sorted(results.glob("label_efficiency_*.json")):
        content = json.loads(file.read_text(encoding="utf-8"))
        summary = content["protocols"].get("fixed")
        rows = [] if summary is None else _figures(summary, weights, kinds)
        for kind in KINDS:
            figures = tuple(row for row in rows if row.budget.kind == kind)
            if any(figure.ours for figure in figures):
                tables.append(LabelTable(content["dataset"], caption(summary), figures))
    return tables


def _figures(summary: dict[str, Any], weights: Collection[str], kinds: Collection[str]) -> list[LabelFigure]:
    noted = {method: settings.get("weights") for method, settings in summary["methods"].items()}
    ours = {method for method, start in noted.items() if start and any(name.startswith(start) for name in weights)}
    return [
        LabelFigure(
            row_title(row["method"], summary),
            LabelBudget(row["kind"], row["amount"]),
            row["mean"],
            row["sd"],
            row["accuracy"],
            len(row["values"]),
            row["method"] in ours,
            row.get("p_reference", 1) < SURE,
        )
        for row in summary["rows"]
        if kind_of(row["method"]) in kinds and (row["method"] in ours or not noted[row["method"]])
    ]


@dataclass(frozen=True)
class Retrieval:
    """How often the right one is first, and among the first five, of one view sought by another."""

    views: str
    at_1: float
    at_5: float


@dataclass(frozen=True)
class Training:
    """
    A pretraining of `run_steps`, by the report of its last run; the weights are those after `steps`, of which the last
    `distilled` were self-distillation.

    `joint_sha256` is of the joint model's weights: figures of its encoders may be noted under them.
    """

    steps: int
    run_steps: int
    distilled: int
    hours: float
    processes: int
    device: str
    corpora: tuple[Corpus, ...]
    text_model: str
    joint_sha256: str
    retrieval: tuple[Retrieval, ...]

    @property
    def watts(self) -> int:
        """Assumed power of a process."""
        return ASSUMED_WATTS[self.device]

    @property
    def kilowatt_hours(self) -> float:
        return self.hours * self.processes * self.watts / 1000

    @property
    def with_real_imu(self) -> bool:
        return any(corpus.part.startswith("real IMU") for corpus in self.corpora)


def read_training(report: Path, part: str, steps: int) -> Training:
    """
    The run that made an encoder, by the report of its release, with its validation figures at the end.

    Args:
        report: of the release.
        part: the encoder, "imu" or "pose", or "mujo" for the joint model. A self-distillation names those it changed.
        steps: that its configuration says.

    Raises:
        ValueError: the report is not there, is of another run, or is no release's.
    """
    if not report.is_file():
        raise ValueError(f"{report} is not there: `python -m publishing.release` writes it beside the folders")
    content = json.loads(report.read_text(encoding="utf-8"))
    if not {"corpora", "joint_sha256", "pretrained_steps"} <= content.keys():
        raise ValueError(f"{report} is not of a release: publish what `python -m publishing.release` wrote")
    of_parts = content["pretrained_steps"]
    expected = of_parts.get(part, max(of_parts.values()))
    if expected != steps:
        raise ValueError(f"{report} is of weights at step {expected}, the config says {steps}: another run's")
    before = content.get("before") or {"steps": 0, "seconds": 0.0}
    changed = content.get("parts", [])  # by a self-distillation
    distilled = bool(changed) and part in (*changed, "mujo")
    figures = content["figures"][str(content["best_step"])]
    arguments = content["arguments"]
    return Training(
        steps=steps,
        run_steps=before["steps"] + content["step"],
        distilled=content["best_step"] if distilled else 0,
        hours=(before["seconds"] + content["seconds"]) / 3600,
        processes=content["processes"],
        device=content["device"],
        corpora=tuple(Corpus(**corpus) for corpus in content["corpora"]),
        text_model=arguments["text_model"],
        joint_sha256=content["joint_sha256"],
        retrieval=tuple(
            Retrieval(views, value, figures[f"{views}/R@5"])
            for name, value in figures.items()
            for views, _, measure in [name.partition("/")]
            if measure == "R@1"
        ),
    )


@dataclass(frozen=True)
class Recognition:
    """
    A fine-tuned classifier on people it was not trained on, by the report beside its weights.

    Attributes:
        corpus: what it was fine-tuned on.
        settings: arguments of the fine-tuning.
        trained: the "head", "everything", or "adapters" and head.
        steps: of training; 0 where the head alone was fitted.
        copies: how many copies of each window the head saw beside it.
        trained_people, trained_windows: how many of each.
        macro_f1, accuracy: over all windows of the test people.
        per_person: macro-F1 of each of them.
        per_class: F1 of each activity; None where they do not show it.
    """

    corpus: Corpus
    settings: dict[str, Any]
    trained: str
    steps: int
    copies: int
    trained_people: int
    trained_windows: int
    macro_f1: float
    accuracy: float
    per_person: dict[str, float]
    per_class: dict[str, float | None]


def read_recognition(report: Path) -> Recognition:
    """
    How a released classifier does.

    Raises:
        ValueError: the report is not there, is not a release's, or nobody was held out.
    """
    content = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {}
    if "corpus" not in content:
        raise ValueError(f"{report} is not there or not of a release: `python -m publishing.release` writes it")
    if "test" not in content or content["held_out"] != "person":
        raise ValueError(f"{report} has no figures of people who were not trained on: fine-tune with some held out")
    test, trained = content["test"], content["trained_on"]
    return Recognition(
        corpus=Corpus(**content["corpus"]),
        settings=content["arguments"],
        trained=content["trained"],
        steps=content["steps"],
        copies=trained["copies"],
        trained_people=len(trained["people"]),
        trained_windows=sum(trained["windows"].values()),
        macro_f1=test["macro_f1"],
        accuracy=test["accuracy"],
        per_person=test["macro_f1_per_person"],
        per_class=test["f1_per_class"],
    )
