"""Evaluation of a fine-tuned classifier on people it was not trained on."""

import json
from dataclasses import replace
from pathlib import Path

import datasets
import torch
from accelerate import PartialState
from transformers.utils import logging

from dataset_scripts.files import write_atomically
from modeling_mujo import MujoForImuClassification

from .arguments import EvaluateArguments
from .finetune import predict
from .held_out import names_people, people
from .reporting import describe, measure
from .saving import REPORT
from .windows import Windows, load_rows, windows_of_rows

logger = logging.get_logger(__name__)


def evaluate_model(arguments: EvaluateArguments) -> dict:
    """
    Score the classifier in `arguments.model` on the test people, or, where a folder of your own names none, on
    everybody in it; prints and returns the figures.

    Raises:
        FileNotFoundError: the folder holds no classifier.
        ValueError: it was trained on one of these people, or tells apart other activities.
    """
    folder = Path(arguments.model)
    if not (folder / REPORT).is_file():
        raise FileNotFoundError(f"{folder} holds no {REPORT}: give the output_dir of a fine-tuning.")
    rows = load_rows(arguments.dataset, arguments.data_dir, **arguments.reading())
    recordings = rows["test"] if "test" in rows else rows["train"]
    report = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    refuse_trained_people(recordings, report, arguments.dataset)
    model = MujoForImuClassification.from_pretrained(folder).eval()
    model.to(PartialState().device)  # type: ignore[arg-type]
    names = model.config.id2label
    windows = windows_of_rows(recordings, report["arguments"]["window_seconds"], arguments.hop_seconds)
    windows = with_labels_of(windows, [names[label] for label in range(len(names))])
    figures = measure(predict(model, windows).argmax(-1), windows, people(recordings))
    print(describe("test", figures))
    if arguments.output_file:
        write_atomically(Path(arguments.output_file), (json.dumps(figures, indent=1) + "\n").encode())
    return figures


def refuse_trained_people(recordings: datasets.Dataset, report: dict, dataset: str) -> None:
    """
    Results on people seen in training would mean nothing.

    Raises:
        ValueError: by the names in the report of the fine-tuning, such people are among the recordings.
    """
    if report["arguments"]["dataset"] != dataset:
        return
    if not names_people(recordings):
        logger.warning("Nobody is named, so it cannot be checked that these people are not those trained on.")
        return
    seen = sorted(set(report["trained_on"]["people"]) & set(people(recordings).values()))
    if seen:
        raise ValueError(
            f"The classifier was trained on {seen}: name the people it has not seen with test_subjects, or give new "
            "people new names."
        )


def with_labels_of(windows: Windows, known: list[str]) -> Windows:
    """
    The windows with labels numbered as in `known`.

    Raises:
        ValueError: a label is not among them.
    """
    if unknown := sorted(set(windows.label_names) - set(known)):
        raise ValueError(
            f"The classifier tells apart {known}, and the recordings show {unknown}, too: leave these out, or "
            "evaluate a classifier that was fine-tuned on them."
        )
    numbers = torch.tensor([known.index(name) for name in windows.label_names])
    return replace(windows, labels=numbers[windows.labels], label_names=known)
