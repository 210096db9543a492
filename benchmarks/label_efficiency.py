"""How many labels does an activity classifier need? Dataset × labels × method × fold × seed, people-disjoint.

    python benchmarks/label_efficiency.py --dataset motionsense --workers 2 \\
        --encoders mujo=outputs/mujo/imu-encoder simclr=outputs/simclr --joints mujo=outputs/mujo/joint
    python benchmarks/label_efficiency.py --dataset motionsense --protocol development --k_shot 5 --people 1

Every finished cell is a line of `results/label_efficiency_<dataset>.jsonl`; run again, it does only what is missing.
The summary has every finished row of the methods named, and of those summarised before whose weights need not be here:
so networks can be trained at fewer budgets than heads, and one encoder after another.
`python benchmarks/curves.py` and `python benchmarks/tables.py` draw and tabulate the summary beside it. Recipes are
fixed: nothing is chosen on the people of these cells.
"""

import argparse
import multiprocessing
import multiprocessing.connection
import os
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import datasets
import numpy as np
import torch
from accelerate import PartialState
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm
from transformers.utils import logging

from benchmarks.cells import append_cell, grid, key, read_cells
from benchmarks.label_budgets import LabelBudget, budgets_for, draw
from benchmarks.methods import (
    ENCODER_METHODS,
    JOINT_METHODS,
    PLAIN_METHODS,
    Method,
    Recognizer,
    methods_of,
)
from benchmarks.protocol import PROTOCOLS, Fold, everything, folds, people_of
from benchmarks.results import DATA_ROOT, RESULTS, write_json
from benchmarks.summary import describe_windows, known_methods, read_summaries, summarise
from training.metrics import RecognitionMetrics
from training.windows import BENCHMARKS, Windows, load_windows

Job = tuple[dict, LabelBudget, Method]
DEFAULT_METHODS = (
    *("random_forest", "logistic_regression", "scratch", "random_probe", "probe", "full", "lora"),
    *("zero_shot", "probe_words", "auto_words"),
)
ENCODER, JOINT = ("mujo", Path("outputs/mujo/imu-encoder")), ("mujo", Path("outputs/mujo/joint"))


def main() -> None:
    arguments = parse_arguments()
    quiet()
    splits = splits_of(arguments)
    division = folds(PROTOCOLS[arguments.protocol], people_of(splits))
    methods = methods_of(arguments.methods, arguments.encoders, arguments.joints, bool(everything(splits).pose))
    possible = budgets_for(min(len(fold.train) for fold in division))
    asked = budgets_of(arguments)
    jobs = grid(arguments.protocol, division, asked or possible, methods, arguments.seeds)
    file = arguments.output / f"label_efficiency_{arguments.dataset}.jsonl"
    done = read_cells(file)
    missing = [] if arguments.summarise else [job for job in jobs if key(job[0]) not in done]
    for cell in tqdm(run_all(missing, division, splits, arguments), total=len(missing), desc=arguments.dataset):
        append_cell(file, cell)
        done[key(cell)] = cell
    summary_file = arguments.output / f"label_efficiency_{arguments.dataset}.json"
    summaries = read_summaries(summary_file)
    summary = {
        **describe_windows(PROTOCOLS[arguments.protocol], division, everything(splits)),
        **summarise(done, known_methods(methods, summaries.get(arguments.protocol)), arguments, len(division)),
    }
    summaries[arguments.protocol] = summary
    write_json(summary_file, {"dataset": arguments.dataset, "protocols": summaries})
    for row in summary["rows"]:
        budget = str(LabelBudget(row["kind"], row["amount"]))
        print(f"{budget:>12}  {row['method']:<24} {row['mean']:.3f} ± {row['sd']:.3f}")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", choices=sorted(BENCHMARKS), default="motionsense")
    parser.add_argument("--data_root", type=Path, default=DATA_ROOT, help="folder with one folder per dataset")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="fixed", help="who is tested: benchmarks/protocol.py")
    parser.add_argument("--fractions", type=float, nargs="*", help="shares of the labels per class and person")
    parser.add_argument("--k_shot", type=int, nargs="*", help="labelled windows per class")
    parser.add_argument("--people", type=int, nargs="*", help="people who label all their windows")
    kinds = (*PLAIN_METHODS, *ENCODER_METHODS, *JOINT_METHODS)
    parser.add_argument("--methods", nargs="+", choices=kinds, default=list(DEFAULT_METHODS))
    parser.add_argument("--encoders", type=named_folder, nargs="+", default=[ENCODER])
    parser.add_argument("--joints", type=named_folder, nargs="+", default=[JOINT])
    parser.add_argument("--summarise", action="store_true", help="run nothing: summarise the finished cells")
    parser.add_argument("--reference", default="mujo-auto_words", help="method that the others are tested against")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=1, help="processes of one thread each; 1: this process")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the JSON files")
    arguments = parser.parse_args()
    arguments.encoders, arguments.joints = dict(arguments.encoders), dict(arguments.joints)
    return arguments


def named_folder(text: str) -> tuple[str, Path]:
    """`NAME=FOLDER`."""
    name, separator, folder = text.partition("=")
    if not (name and separator and folder):
        raise argparse.ArgumentTypeError(f"expected NAME=FOLDER, such as simclr=outputs/simclr, got '{text}'")
    return name, Path(folder)


def budgets_of(arguments: argparse.Namespace) -> list[LabelBudget]:
    """The budgets asked for; none: all that the people of the smallest fold allow."""
    asked = {"fraction": arguments.fractions, "k_shot": arguments.k_shot, "people": arguments.people}
    return [LabelBudget(kind, amount) for kind, amounts in asked.items() for amount in amounts or ()]


def splits_of(arguments: argparse.Namespace) -> dict[str, Windows]:
    protocol = PROTOCOLS[arguments.protocol]
    data_dir = str(arguments.data_root / arguments.dataset)
    return load_windows(arguments.dataset, data_dir, protocol.window_seconds, protocol.hop_seconds)


def quiet() -> None:
    """Hundreds of models are loaded: the bar of the sweep is the one to see."""
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    datasets.disable_progress_bars()
    warnings.filterwarnings("ignore", message="The number of unique classes is greater than 50%")  # one-shot


def run_all(
    jobs: list[Job], division: list[Fold], splits: dict[str, Windows], arguments: argparse.Namespace
) -> Iterator[dict]:
    """Finished cells as they come, from this process or several."""
    if arguments.workers == 1:
        recognizer = Recognizer(everything(splits), PartialState().device)
        for job in jobs:
            yield run_cell(job, division, recognizer)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(arguments.workers, context, _start_worker, (arguments, division))
    try:
        for future in as_completed([pool.submit(_run_in_worker, job) for job in jobs]):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


_worker: dict = {}


def _start_worker(arguments: argparse.Namespace, division: list[Fold]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    quiet()
    torch.set_num_threads(1)
    threadpool_limits(1)
    _worker.update(division=division, recognizer=Recognizer(everything(splits_of(arguments)), PartialState().device))


def _end_with_parent() -> None:
    """A killed parent would leave its workers behind, waiting for jobs."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _run_in_worker(job: Job) -> dict:
    return run_cell(job, **_worker)


def run_cell(job: Job, division: list[Fold], recognizer: Recognizer) -> dict:
    """Train and test one method once; returns the cell with its figures."""
    cell, budget, method = job
    started = time.monotonic()
    fold, windows = division[cell["fold"]], recognizer.windows
    labels, subjects = windows.labels.numpy(), windows.subjects.numpy()
    pool, test = (np.flatnonzero(np.isin(subjects, people)) for people in (fold.train, fold.test))
    # labels are drawn by fold and seed alone: every method gets the same ones
    train = pool[draw(labels[pool], subjects[pool], budget, seed=1000 * cell["fold"] + cell["seed"])]
    predictions = recognizer.predictions(method, train, test, cell["seed"])
    figures = RecognitionMetrics().compute(
        predictions=predictions, references=labels[test], num_labels=len(windows.label_names)
    )
    figures["f1_per_class"] = [round(figure, 4) for figure in figures["f1_per_class"]]
    seconds = round(time.monotonic() - started, 2)
    return {**cell, "training_windows": len(train), "seconds": seconds, **figures}


if __name__ == "__main__":
    main()
