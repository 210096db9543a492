"""Evaluation of a saved classifier or LoRA adapter on the test people of a benchmark."""

import json
from pathlib import Path

from accelerate import PartialState
from peft import PeftModel
from transformers.utils import logging

from modeling_mujo import MujoForImuClassification, MujoImuConfig

from .arguments import EvaluateArguments
from .finetune import Classifier, score
from .windows import load_windows

logger = logging.get_logger(__name__)


def evaluate_model(arguments: EvaluateArguments) -> dict:
    """Score the classifier in `arguments.model` on the test people; prints and returns the figures."""
    model = load_classifier(Path(arguments.model))
    model.to(PartialState().device)  # type: ignore[arg-type]
    windows = load_windows(arguments.dataset, arguments.data_dir, arguments.window_seconds, arguments.hop_seconds)[
        "test"
    ]
    expected = list((model.config.id2label or {}).values())
    if expected != windows.label_names:
        raise ValueError(
            f"{arguments.model} tells apart {expected}, but {arguments.dataset} has {windows.label_names}: "
            f"evaluate a classifier that was fine-tuned on this dataset."
        )
    figures = score(model, windows)
    logger.info(json.dumps(figures, indent=1))
    if arguments.output_file:
        Path(arguments.output_file).write_text(json.dumps(figures, indent=1) + "\n")
    return figures


def load_classifier(folder: Path) -> Classifier:
    """
    A classifier from its own folder, or from the folder of a LoRA adapter (whose base it finds by itself).

    Raises:
        FileNotFoundError: the folder holds neither.
    """
    if (folder / "adapter_config.json").is_file():
        encoder = json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"]
        base = MujoForImuClassification.from_pretrained(encoder, config=MujoImuConfig.from_pretrained(folder))
        return PeftModel.from_pretrained(base, str(folder)).eval()
    if not (folder / "config.json").is_file():
        raise FileNotFoundError(f"{folder} holds no classifier: give the output_dir of a fine-tuning.")
    return MujoForImuClassification.from_pretrained(folder).eval()
