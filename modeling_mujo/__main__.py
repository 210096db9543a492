# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""
A recording → a table on standard output, without a line of Python.

python -m modeling_mujo embed recording.csv --model mujo/imu-encoder --sampling_rate 100 --acceleration_unit g \
    --gravity included --placement left_wrist > embeddings.csv
python -m modeling_mujo classify recording.csv --model my-classifier --sampling_rate 100 --acceleration_unit g \
    --gravity included --placement left_wrist > activities.csv
"""

import argparse
import csv
import sys
from collections.abc import Sequence
from typing import Any

import torch
from transformers import AutoFeatureExtractor, AutoModel, pipeline

from . import PLACEMENTS, ImuClassificationPipeline
from .inputs_mujo import cut_windows

_BATCH_SIZE = 64
_DESCRIPTION = ("sampling_rate", "acceleration_unit", "gyroscope_unit", "gravity", "placement")


def main(command_line: Sequence[str] | None = None) -> None:
    """Run one command; a mistake ends with status 2 and a message on standard error."""
    parser = build_parser()
    arguments = vars(parser.parse_args(command_line))
    described = {name: arguments.pop(name) for name in _DESCRIPTION}
    command, recording, model = (arguments.pop(name) for name in ("command", "recording", "model"))
    try:
        rows = {"embed": embed, "classify": classify}[command](recording, model, described, **arguments)
    except (ImportError, OSError, ValueError) as error:
        parser.error(str(error))
    writer = csv.DictWriter(sys.stdout, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m modeling_mujo", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, meaning in (
        ("embed", "one row per window: its start and end in seconds, and its vector in the joint space"),
        ("classify", "one row per activity: its start and end in seconds, its label and score"),
    ):
        command = commands.add_parser(name, help=meaning, description=meaning, allow_abbrev=False)
        command.add_argument("recording", help="CSV or Parquet file: columns acc_x acc_y acc_z, as docs/pipelines.md")
        command.add_argument("--model", required=True, help="folder or Hub id")
        command.add_argument("--sampling_rate", type=float, help="Hz; not needed with a column `time` in seconds")
        command.add_argument("--acceleration_unit", required=True, choices=["g", "m/s2"])
        command.add_argument("--gyroscope_unit", choices=["deg/s", "rad/s"], help="where there is a gyroscope")
        command.add_argument(
            "--gravity",
            required=True,
            choices=["included", "removed"],
            help="included: reads 1 g upwards at rest; removed: it is in columns gravity_x gravity_y gravity_z",
        )
        places = f"where it is worn, of {', '.join(PLACEMENTS)}"
        command.add_argument("--placement", choices=PLACEMENTS, default="unknown", metavar="PLACE", help=places)
        command.add_argument("--window_seconds", type=float, help="by default what the model says, else 4")
        command.add_argument("--hop_seconds", type=float, help="by default half a window")
    return parser


@torch.no_grad()
def embed(recording: str, model: str, described: dict[str, Any], **cutting: Any) -> list[dict[str, Any]]:
    """A row per window of the recording: `start`, `end`, and the coordinates `embedding_0`, ... in the joint space."""
    extractor = AutoFeatureExtractor.from_pretrained(model)
    encoder = AutoModel.from_pretrained(model).eval()
    encoder = getattr(encoder, "imu_model", encoder)  # of the joint model
    windows = cut_windows(extractor, recording, described, **cutting)
    vectors = torch.cat(
        [
            encoder(**{name: value[first : first + _BATCH_SIZE] for name, value in windows.inputs.items()}).embeds
            for first in range(0, len(windows.starts), _BATCH_SIZE)
        ]
    )
    ends = (windows.starts + windows.length).clip(max=windows.recording_length)
    return [
        {"start": start / extractor.sampling_rate, "end": end / extractor.sampling_rate}
        | {f"embedding_{index}": f"{value:.7g}" for index, value in enumerate(vector)}
        for start, end, vector in zip(windows.starts.tolist(), ends.tolist(), vectors.tolist(), strict=True)
    ]


def classify(recording: str, model: str, described: dict[str, Any], **cutting: Any) -> list[dict[str, Any]]:
    """The merged timeline of [`ImuClassificationPipeline`]; only installed code runs."""
    classifier = pipeline("imu-classification", model=model, pipeline_class=ImuClassificationPipeline)  # type: ignore[call-overload]
    return classifier(recording, timeline="merged", **described, **cutting)


if __name__ == "__main__":
    main()
