"""A fine-tuned classifier → a folder that answers by itself: weights, labels, feature extractor, pipeline, code."""

import json
from pathlib import Path

from peft import PeftModel

from modeling_mujo import ImuClassificationPipeline, MujoForImuClassification, MujoImuFeatureExtractor

from .reporting import draw_confusion

REPORT = "finetuning_report.json"


def merged(model: MujoForImuClassification | PeftModel) -> MujoForImuClassification:
    """The classifier with its low-rank adapters, if it has any, added into its weights."""
    return model.merge_and_unload() if isinstance(model, PeftModel) else model  # type: ignore[operator]


def save_classifier(model: MujoForImuClassification, window_seconds: float, report: dict, folder: Path) -> None:
    """
    Write what `pipeline("imu-classification", model=folder, trust_remote_code=True)` loads, with or without this
    package, and beside it the report and its picture.
    """
    model.config.architectures = [type(model).__name__]  # else the encoder's, and the pipeline would miss the head
    extractor = MujoImuFeatureExtractor(window_seconds=window_seconds)
    ImuClassificationPipeline(model=model, feature_extractor=extractor, device=model.device).save_pretrained(folder)
    (folder / REPORT).write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if "test" in report:
        draw_confusion(report["test"], folder / "confusion_matrix.png")


def check_replaceable(folder: Path) -> None:
    """
    Refuse to write a classifier where something else is.

    Raises:
        ValueError: the folder holds something, and not an earlier classifier.
    """
    if folder.exists() and not (folder / REPORT).is_file() and any(folder.iterdir()):
        raise ValueError(
            f"{folder} exists and holds no classifier of an earlier fine-tuning, so it is not replaced: give another "
            "output_dir, or remove it."
        )
