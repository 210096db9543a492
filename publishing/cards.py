"""Model cards: templates of `model_cards/` filled from a folder's own files and from what was measured of it."""

import json
import re
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCardData
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from safetensors import safe_open

from dataset_scripts.files import write_atomically
from dataset_scripts.fimad.fimad import CITATION
from modeling_mujo import JOINTS, PLACEMENTS
from publishing.evidence import ASSUMED_WATTS, LabelFigure, Retrieval, Training, label_figures, read_training
from publishing.folders import WEIGHTS
from publishing.reference import REFERENCE

ROOT = Path(__file__).parents[1]
# Type of model → template and the view its retrieval figures are of.
_KINDS = {
    "mujo": ("joint.md.jinja", ""),
    "mujo_imu": ("imu_encoder.md.jinja", "imu"),
    "mujo_pose": ("pose_encoder.md.jinja", "pose"),
    "mujo_text": ("text_encoder.md.jinja", "text"),
}
_PARTS = ("imu", "pose", "video", "text")
_TABLE_WITHOUT_ROWS = re.compile(r"^\|[-:| ]+\|\n(?!\|)", re.MULTILINE)
_TAGS = ["human-activity-recognition", "imu", "wearables", "contrastive-learning"]


def pretrained_steps(folder: Path) -> int:
    """Steps of pretraining that the encoder has seen, of a joint model the most that one of its parts has."""
    config = _read_config(folder)
    parts = [config.get(f"{part}_config", {}) for part in _PARTS]
    return max(part.get("pretrained_steps", 0) for part in (config, *parts))


def write_model_card(folder: Path, repository: str, results: Path = ROOT / "results") -> Path:
    """
    Write `README.md` of an encoder's folder; the same files give the same bytes.

    Args:
        folder: of the encoder, with its reference; `training_report.json` lies beside it.
        repository: id on the Hub, for the examples.
        results: folder with the benchmarks' files.

    Raises:
        ValueError: no template is for this type of model, its reference or training report is missing or another's,
            or nothing was measured of these weights.
    """
    config = _read_config(folder)
    if config["model_type"] not in _KINDS:
        raise ValueError(f"{folder} is a {config['model_type']}; there are cards for {', '.join(_KINDS)}")
    template, view = _KINDS[config["model_type"]]
    training = read_training(folder.parent / "training_report.json", pretrained_steps(folder))
    retrieval = [figure for figure in training.retrieval if view in figure.views]
    figures = label_figures(results, folder / WEIGHTS)
    data = _card_data(config, repository, training, retrieval, figures)
    body = (
        _environment()
        .get_template(template)
        .render(
            repository=repository,
            title=repository.partition("/")[2],
            config=config,
            extractor=_read_json(folder / "preprocessor_config.json"),
            outputs=_outputs(folder),
            parts={part: steps for part in _PARTS if (steps := _steps(config, part)) is not None},
            training=training,
            retrieval=retrieval,
            tables=_tables(figures),
            watts=ASSUMED_WATTS,
            placements=PLACEMENTS,
            joints=JOINTS,
            citation=CITATION,
        )
    )
    check_tables(body, folder)
    return write_atomically(folder / "README.md", f"---\n{data.to_yaml()}\n---\n\n{body}".encode())


def check_tables(card: str, folder: Path) -> None:
    """Refuse a card with a table of no rows: it would be published without evidence."""
    if _TABLE_WITHOUT_ROWS.search(card.rstrip() + "\n"):
        raise ValueError(
            f"a table of {folder}'s card would be empty: nothing was measured of these weights. Run the benchmarks "
            "with them first"
        )


def _card_data(
    config: dict, repository: str, training: Training, retrieval: list[Retrieval], figures: list[LabelFigure]
) -> ModelCardData:
    measured = [_eval_result("feature-extraction", "FiMAD", "R@1 " + row.views, row.at_1) for row in retrieval]
    measured += [
        _eval_result("feature-extraction", row.dataset, f"{row.metric}, {row.method}, {row.budget}", row.mean)
        for row in figures
        if row.ours
    ]
    return ModelCardData(
        library_name="transformers",
        pipeline_tag="feature-extraction",
        license="apache-2.0",
        tags=_TAGS,
        datasets=[f"{repository.partition('/')[0]}/fimad"],
        base_model=training.text_model if _steps(config, "text") is not None else None,
        model_name=repository.partition("/")[2],
        eval_results=measured,
    )


def _eval_result(task: str, dataset: str, metric: str, value: float) -> EvalResult:
    return EvalResult(
        task_type=task,
        dataset_type=dataset.lower(),
        dataset_name=dataset,
        metric_type="recall_at_1" if metric.startswith("R@1") else "f1",
        metric_name=metric,
        metric_value=round(value, 4),
    )


def _tables(figures: list[LabelFigure]) -> list[dict[str, Any]]:
    """One per data set and protocol: methods down, budgets across."""
    tables = []
    for dataset, protocol in dict.fromkeys((row.dataset, row.protocol) for row in figures):
        rows = [row for row in figures if (row.dataset, row.protocol) == (dataset, protocol)]
        cells = {(row.method, row.budget): row for row in rows}
        tables.append(
            {
                "dataset": dataset,
                "protocol": protocol,
                "metric": rows[0].metric,
                "budgets": list(dict.fromkeys(row.budget for row in rows)),
                "methods": {row.method: row.ours for row in rows},
                "cells": cells,
                "runs": max(row.runs for row in rows),
            }
        )
    return tables


def _steps(config: dict, part: str) -> int | None:
    """Pretraining steps of a part; None where the model has no such part."""
    if config["model_type"] == f"mujo_{part}":
        return config.get("pretrained_steps", 0)
    inner = config.get(f"{part}_config")
    return None if inner is None else inner.get("pretrained_steps", 0)


def _outputs(folder: Path) -> dict[str, int]:
    """Name → size of each output of the reference."""
    if not (folder / REFERENCE).is_file():
        raise ValueError(
            f"{folder} has no {REFERENCE}: write it when saving, `python -m publishing.reference {folder}`"
        )
    with safe_open(folder / REFERENCE, framework="numpy") as tensors:
        names = [name for name in tensors.keys() if name.startswith("output.")]  # noqa: SIM118  not a mapping
        return {name.removeprefix("output."): tensors.get_slice(name).get_shape()[-1] for name in sorted(names)}


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "model_cards"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown, from our own files
    )


def _read_config(folder: Path) -> dict[str, Any]:
    return _read_json(folder / "config.json")


def _read_json(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
