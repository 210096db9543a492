"""How many labels does an activity classifier need? Dataset × share of labels × method × seed, people-disjoint.

    python benchmarks/label_efficiency.py --dataset motionsense --fractions 0.02 1.0

Every finished cell is a line of `results/label_efficiency_<dataset>.jsonl`; run again, it does only what is missing.
The classifier that counts is the one of the best validation macro-F1; the test people are looked at once per cell.
"""

import argparse
import hashlib
import json
import time
from dataclasses import asdict
from pathlib import Path

from scipy.stats import ttest_rel
from tqdm.auto import tqdm
from transformers.utils import logging

from benchmarks.baselines import random_forest_figures
from benchmarks.results import DATA_ROOT, RESULTS, mean_and_spread, write_json
from training.finetune import TrainingRecipe, score, train_classifier
from training.windows import BENCHMARKS, Windows, draw_labels, load_windows

WINDOW_SECONDS, HOP_SECONDS = 4.0, 2.0

# One recipe per method, chosen on the validation people of MotionSense (docs/experiments.md) and then fixed.
RECIPES = {
    "scratch": TrainingRecipe("full"),
    "probe": TrainingRecipe("probe"),
    "full": TrainingRecipe("full"),
    "lora": TrainingRecipe("lora"),
}
METHODS = ("random_forest", *RECIPES)


def main() -> None:
    arguments = parse_arguments()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    splits = load_windows(arguments.dataset, str(arguments.data_root / arguments.dataset), WINDOW_SECONDS, HOP_SECONDS)
    file = arguments.output / f"label_efficiency_{arguments.dataset}.jsonl"
    fingerprint = encoder_fingerprint(arguments.encoder)
    done = {cell_key(cell): cell for cell in read_cells(file)}
    wanted = [
        {"fraction": fraction, "method": method, "seed": seed, "encoder": fingerprint_of(method, fingerprint)}
        for fraction in arguments.fractions
        for seed in range(arguments.seeds)
        for method in arguments.methods
    ]
    for cell in tqdm([cell for cell in wanted if cell_key(cell) not in done], desc=arguments.dataset):
        cell = run_cell(cell, splits, arguments.encoder)
        done[cell_key(cell)] = cell
        append_cell(file, cell)
    summary = summarise([done[cell_key(cell)] for cell in wanted], splits, arguments)
    write_json(arguments.output / f"label_efficiency_{arguments.dataset}.json", summary)
    for row in summary["rows"]:
        print(f"{row['fraction']:>6.0%}  {row['method']:<14} {row['mean']:.3f} ± {row['sd']:.3f}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", choices=sorted(BENCHMARKS), default="motionsense")
    parser.add_argument("--data_root", type=Path, default=DATA_ROOT, help="folder with one folder per dataset")
    parser.add_argument("--fractions", type=float, nargs="+", default=[0.02, 1.0], help="shares of the labels")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--encoder", type=Path, default=Path("outputs/mujo/imu-encoder"))
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the JSON files")
    return parser.parse_args()


def run_cell(cell: dict, splits: dict[str, Windows], encoder: Path) -> dict:
    """Train and test one classifier; returns the cell with its figures."""
    started = time.monotonic()
    training = draw_labels(splits["train"], cell["fraction"], cell["seed"])
    held_out = {split: splits[split] for split in ("validation", "test")}
    if cell["method"] == "random_forest":
        figures = random_forest_figures(training, held_out, cell["seed"])
    else:
        model = train_classifier(
            None if cell["method"] == "scratch" else encoder,
            training,
            splits["validation"],
            RECIPES[cell["method"]],
            cell["seed"],
            progress=False,
        )
        figures = {split: score(model, windows) for split, windows in held_out.items()}
    return {**cell, "training_windows": len(training), "seconds": time.monotonic() - started, **figures}


def summarise(cells: list[dict], splits: dict[str, Windows], arguments: argparse.Namespace) -> dict:
    """Mean and spread over seeds, and a paired test against the same network from scratch."""
    rows = []
    for fraction in arguments.fractions:
        test = {
            method: [cell["test"]["macro_f1"] for cell in cells if cell_at(cell, fraction, method)]
            for method in arguments.methods
        }
        for method, values in test.items():
            row = {"fraction": fraction, "method": method, **mean_and_spread(values), "values": values}
            if "scratch" in test and method != "scratch" and len(values) > 1:
                row["p_against_scratch"] = float(ttest_rel(values, test["scratch"]).pvalue)
            rows.append(row)
    return {
        "metric": "macro-F1 on the test people",
        "dataset": arguments.dataset,
        "window_seconds": WINDOW_SECONDS,
        "hop_seconds": HOP_SECONDS,
        "people": {split: sorted(windows.subjects.unique().tolist()) for split, windows in splits.items()},
        "windows": {split: len(windows) for split, windows in splits.items()},
        "recipes": {method: asdict(recipe) for method, recipe in RECIPES.items()},
        "rows": rows,
    }


def encoder_fingerprint(encoder: Path) -> str:
    """First digits of the SHA-256 of the encoder's weights: cells of another encoder are other cells."""
    weights = encoder / "model.safetensors"
    if not weights.is_file():
        raise FileNotFoundError(f"No encoder at {encoder}: run `make train`, or give --encoder a folder that has one.")
    return hashlib.sha256(weights.read_bytes()).hexdigest()[:12]


def fingerprint_of(method: str, fingerprint: str) -> str | None:
    return None if method in ("random_forest", "scratch") else fingerprint


def cell_key(cell: dict) -> tuple:
    return cell["fraction"], cell["method"], cell["seed"], cell["encoder"]


def cell_at(cell: dict, fraction: float, method: str) -> bool:
    return cell["fraction"] == fraction and cell["method"] == method


def read_cells(file: Path) -> list[dict]:
    """Cells of an earlier run; a last line cut short by a crash is done again."""
    lines = file.read_text().splitlines(keepends=True) if file.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def append_cell(file: Path, cell: dict) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    whole = "".join(json.dumps(known) + "\n" for known in [*read_cells(file), cell])
    partial = file.with_suffix(".partial")
    partial.write_text(whole)
    partial.replace(file)


if __name__ == "__main__":
    main()
