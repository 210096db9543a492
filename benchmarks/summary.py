"""The summary of a sweep: every finished row, what it rests on, and the command that makes it."""

import argparse
import json
import shlex
from collections import defaultdict
from pathlib import Path

from transformers import AutoConfig

from benchmarks.comparison import compare
from benchmarks.label_budgets import KINDS
from benchmarks.methods import ENCODER_METHODS, JOINT_METHODS, Method, recipe_hash, settings_of
from benchmarks.protocol import Fold, Protocol
from training.windows import Windows


def read_summaries(file: Path) -> dict[str, dict]:
    """Summaries by protocol; none where there is no file."""
    return json.loads(file.read_text(encoding="utf-8"))["protocols"] if file.exists() else {}


def known_methods(methods: list[Method], before: dict | None) -> dict[str, dict]:
    """Provenance of these methods, and of those in the summary `before`: they need not be run again to be compared."""
    earlier = before["methods"] if before else {}
    return {**earlier, **{method.name: provenance(method) for method in methods}}


def provenance(method: Method) -> dict:
    """The weights that a method starts from, where they are, how long they were pretrained, and its settings."""
    start = {} if method.folder is None else describe_weights(method.folder)
    return {
        "kind": method.kind,
        "encoder": method.encoder,
        "weights": method.fingerprint,
        **start,
        "recipe": recipe_hash(method),
        **settings_of(method),
    }


def describe_weights(folder: Path) -> dict:
    """Where weights are, as the reader names them, and how long they were pretrained."""
    config = AutoConfig.from_pretrained(folder)
    steps = getattr(config, "imu_config", config).pretrained_steps
    return {"folder": "/".join(folder.parts[-2:]), "pretrained_steps": steps}


def describe_windows(protocol: Protocol, division: list[Fold], windows: Windows) -> dict:
    """Who was tested, on what."""
    return {
        "window_seconds": protocol.window_seconds,
        "hop_seconds": protocol.hop_seconds,
        "folds": [{"train": list(fold.train), "test": list(fold.test)} for fold in division],
        "windows": len(windows),
        "label_names": windows.label_names,
    }


def summarise(done: dict[tuple, dict], known: dict[str, dict], arguments: argparse.Namespace, folds: int) -> dict:
    """The rows of `compare` for the `known` methods, and how they were made."""
    cells = whole_rows(done, known, arguments.protocol, folds, arguments.seeds)
    known = {name: known[name] for name in known if any(cell["method"] == name for cell in cells)}
    return {
        "command": command_of(known, arguments),
        "metric": "macro-F1 on the test people",
        "test": "two-sided paired t-test over seeds and folds against the reference, Holm-corrected per budget",
        "reference": arguments.reference,
        "seeds": arguments.seeds,
        "methods": known,
        "rows": compare(cells, arguments.reference),
    }


def whole_rows(done: dict[tuple, dict], known: dict[str, dict], protocol: str, folds: int, seeds: int) -> list[dict]:
    """
    Finished cells of the `known` methods, in order of budget and method.

    Left out are rows that lack a cell: a mean of fewer draws is another figure.
    """
    order = list(known)
    rows: dict[tuple, list[dict]] = defaultdict(list)
    for cell in done.values():
        if cell["protocol"] == protocol and cell["fold"] < folds and cell["seed"] < seeds and is_of(cell, known):
            rows[KINDS.index(cell["kind"]), cell["amount"], order.index(cell["method"])].append(cell)
    draws = {kind: 1 if name == "none" else seeds for kind, name in enumerate(KINDS)}
    return [cell for row in sorted(rows) if len(rows[row]) == folds * draws[row[0]] for cell in rows[row]]


def is_of(cell: dict, known: dict[str, dict]) -> bool:
    """Whether a cell is of one of these methods, with the weights and the settings that it has there."""
    method = known.get(cell["method"])
    return method is not None and all(cell[name] == method[name] for name in ("weights", "recipe"))


def command_of(known: dict[str, dict], arguments: argparse.Namespace) -> str:
    """The command that makes the cells of the `known` methods."""
    methods = known.values()
    command = ["python", "benchmarks/label_efficiency.py", "--data_root", "PATH/TO/data"]
    command += ["--dataset", arguments.dataset, "--protocol", arguments.protocol, "--seeds", str(arguments.seeds)]
    command += ["--methods", *dict.fromkeys(method["kind"] for method in methods)]
    for option, kinds in (("--encoders", ENCODER_METHODS), ("--joints", JOINT_METHODS)):
        folders = [f"{method['encoder']}={method['folder']}" for method in methods if method["kind"] in kinds]
        command += [option, *dict.fromkeys(folders)] if folders else []
    return shlex.join(command)
