"""Model cards: templates of `model_cards/` filled from a folder's own files and from what was measured of it."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, ModelCardData
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from safetensors import safe_open

from benchmarks.label_tables import TITLES
from benchmarks.methods import POSE_METHODS
from dataset_scripts.files import content_hash, write_atomically
from dataset_scripts.fimad.fimad import CITATION
from modeling_mujo import JOINTS, PLACEMENTS
from publishing.axes import AXES_PICTURE, draw_axes
from publishing.evidence import (
    LabelTable,
    Recognition,
    Retrieval,
    Training,
    label_tables,
    read_recognition,
    read_training,
)
from publishing.folders import IMU_ENCODER, WEIGHTS
from publishing.reference import require_reference
from training.pretrain import TRAINING_REPORT
from training.saving import REPORT

ROOT = Path(__file__).parents[1]
_PARTS = ("imu", "pose", "video", "text")
_TABLE_WITHOUT_ROWS = re.compile(r"^\|[-:| ]+\|\n(?!\|)", re.MULTILINE)
_TAGS = ["human-activity-recognition", "imu", "wearables", "contrastive-learning"]


@dataclass(frozen=True)
class _Kind:
    """How models of a kind are presented.

    Attributes:
        template: in `model_cards/`.
        view: the retrieval figures shown are those that have it in their name.
        task: the Hub's name of it; there is none for classifying sensor recordings.
        has_imu: whether sensor recordings go in.
        methods: kinds of methods whose figures are told.
    """

    template: str
    view: str
    task: str = "feature-extraction"
    has_imu: bool = True
    methods: tuple[str, ...] = tuple(TITLES)


_KINDS = {
    "MujoModel": _Kind("joint.md.jinja", ""),
    "MujoImuModel": _Kind("imu_encoder.md.jinja", "imu"),
    "MujoPoseModel": _Kind("pose_encoder.md.jinja", "pose", has_imu=False, methods=POSE_METHODS),
    "MujoForImuClassification": _Kind("imu_classifier.md.jinja", "imu", task="other"),
}


def pretrained_steps(folder: Path) -> int:
    """Steps of pretraining that the encoder has seen, of a joint model the most that one of its parts has."""
    config = _read_json(folder / "config.json")
    parts = [config.get(f"{part}_config", {}) for part in _PARTS]
    return max(part.get("pretrained_steps", 0) for part in (config, *parts))


def write_model_card(folder: Path, repository: str, results: Path = ROOT / "results") -> Path:
    """
    Write `README.md` of a model's folder, and the picture it shows; the same files give the same bytes.

    Args:
        folder: of the model, with its reference; `training_report.json` lies beside it, and beside a classifier
            `imu-encoder`, which it was fine-tuned from.
        repository: id on the Hub, for the examples.
        results: folder with the benchmarks' files.

    Raises:
        ValueError: no template is for this kind of model, its reference or report is missing or another's, or nothing
            was measured of these weights.
    """
    config = _read_json(folder / "config.json")
    architecture = (config.get("architectures") or [None])[0]
    if architecture not in _KINDS:
        raise ValueError(f"{folder} holds a {architecture}; there are cards for {', '.join(_KINDS)}")
    kind = _KINDS[architecture]
    part = config["model_type"].removeprefix("mujo_")
    training = read_training(folder.parent / TRAINING_REPORT, part, pretrained_steps(folder))
    is_classifier = architecture == "MujoForImuClassification"
    recognition = read_recognition(folder / REPORT) if is_classifier else None
    retrieval = [figure for figure in training.retrieval if kind.view in figure.views]
    encoder = folder.parent / IMU_ENCODER if is_classifier else folder
    weights = {content_hash(encoder / WEIGHTS), training.joint_sha256}
    tables = label_tables(results, weights, kind.methods)
    if recognition is not None:
        tables = [table for table in tables if table.dataset == recognition.settings["dataset"]]
    body = (
        _environment()
        .get_template(kind.template)
        .render(
            repository=repository,
            title=repository.partition("/")[2],
            config=config,
            extractor=_read_json(folder / "preprocessor_config.json"),
            outputs=_outputs(folder),
            parts={part: steps for part in _PARTS if (steps := _steps(config, part)) is not None},
            training=training,
            corpora=[*training.corpora, *([recognition.corpus] if recognition else [])],
            recognition=recognition,
            retrieval=retrieval,
            tables=tables,
            axes_picture=AXES_PICTURE,
            placements=PLACEMENTS,
            joints=JOINTS,
            citation=CITATION,
        )
    )
    check_tables(body, folder)
    if kind.has_imu and not (folder / AXES_PICTURE).is_file():
        draw_axes(folder / AXES_PICTURE)
    data = _card_data(config, kind, repository, training, [] if recognition else retrieval, tables, recognition)
    return write_atomically(folder / "README.md", f"---\n{data.to_yaml()}\n---\n\n{body}".encode())


def check_tables(card: str, folder: Path) -> None:
    """Refuse a card with a table of no rows: it would be published without evidence."""
    if _TABLE_WITHOUT_ROWS.search(card.rstrip() + "\n"):
        raise ValueError(
            f"a table of {folder}'s card would be empty: nothing was measured of these weights. Run the benchmarks "
            "with them first"
        )


def _card_data(
    config: dict,
    kind: _Kind,
    repository: str,
    training: Training,
    retrieval: list[Retrieval],
    tables: list[LabelTable],
    recognition: Recognition | None,
) -> ModelCardData:
    namespace, _, name = repository.partition("/")
    base_model: str | None
    measured = [_result(kind.task, "FiMAD", "recall_at_1", f"R@1 {row.views}", row.at_1) for row in retrieval]
    if recognition is not None:
        dataset, base_model = recognition.corpus.name, f"{namespace}/{IMU_ENCODER}"
        measured += [
            _result(kind.task, dataset, "f1", "macro-F1, these weights, test people", recognition.macro_f1),
            _result(kind.task, dataset, "accuracy", "accuracy, these weights, test people", recognition.accuracy),
        ]
    else:
        base_model = training.text_model if _steps(config, "text") is not None else None
        measured += [
            _result(kind.task, table.title, "f1", f"macro-F1, {row.method}, {row.budget}", row.mean)
            for table in tables
            for row in table.figures
            if row.ours
        ]
    return ModelCardData(
        library_name="transformers",
        pipeline_tag=kind.task,
        license="apache-2.0",
        tags=_TAGS,
        datasets=[f"{namespace}/fimad"],
        base_model=base_model,
        model_name=name,
        eval_results=measured,
    )


def _result(task: str, dataset: str, metric_type: str, metric: str, value: float) -> EvalResult:
    return EvalResult(
        task_type=task,
        dataset_type=dataset.lower(),
        dataset_name=dataset,
        metric_type=metric_type,
        metric_name=metric,
        metric_value=round(value, 4),
    )


def _steps(config: dict, part: str) -> int | None:
    """Pretraining steps of a part; None where the model has no such part."""
    if config["model_type"] == f"mujo_{part}":
        return config.get("pretrained_steps", 0)
    inner = config.get(f"{part}_config")
    return None if inner is None else inner.get("pretrained_steps", 0)


def _outputs(folder: Path) -> dict[str, int]:
    """Name → size of each output of the reference."""
    with safe_open(require_reference(folder), framework="numpy") as tensors:
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


def _read_json(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
