"""Cells of a comparison: what was run, and its result: a line of JSON each, so that a run can be stopped."""

import json
import os
from pathlib import Path

from benchmarks.label_budgets import LabelBudget
from benchmarks.methods import Method, recipe_hash
from benchmarks.protocol import Fold

KEY = ("protocol", "fold", "kind", "amount", "method", "weights", "recipe", "seed")


def describe(protocol: str, fold: int, budget: LabelBudget, method: Method, seed: int) -> dict:
    """A cell before it is run. Other weights or another recipe make it another cell."""
    return {
        "protocol": protocol,
        "fold": fold,
        "kind": budget.kind,
        "amount": budget.amount,
        "method": method.name,
        "weights": method.fingerprint,
        "recipe": recipe_hash(method),
        "seed": seed,
    }


def grid(
    protocol: str, folds: list[Fold], budgets: list[LabelBudget], methods: list[Method], seeds: int
) -> list[tuple[dict, LabelBudget, Method]]:
    """Every cell, seed by seed, so that a run that was stopped has whole rounds and the time left is foreseeable."""
    cells = []
    for seed in range(seeds):
        for fold in range(len(folds)):
            for budget in budgets:
                for method in methods:
                    if method.kind != "zero_shot":
                        cells.append((describe(protocol, fold, budget, method, seed), budget, method))
    without = LabelBudget("none")
    for method in (method for method in methods if method.kind == "zero_shot"):
        for fold in range(len(folds)):
            cells.append((describe(protocol, fold, without, method, 0), without, method))
    return cells


def key(cell: dict) -> tuple:
    return tuple(cell[name] for name in KEY)


def read_cells(file: Path) -> dict[tuple, dict]:
    """Finished cells by key; a last line cut short by a crash is done again."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True) if file.exists() else []
    cells = [json.loads(line) for line in lines if line.endswith("\n")]
    return {key(cell): cell for cell in cells}


def append_cell(file: Path, cell: dict) -> None:
    """Add one finished cell, durably; what a crash left of a line before it is cut off."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "a+b") as stream:
        stream.seek(0)
        content = stream.read()
        stream.truncate(content.rfind(b"\n") + 1)
        stream.write(json.dumps(cell, separators=(",", ":")).encode() + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
