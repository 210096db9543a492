"""What the cells say: mean and spread of every method, and a paired test of one of them against each other."""

from collections import defaultdict

import numpy as np
from scipy.stats import ttest_rel

from benchmarks.results import mean_and_spread


def compare(cells: list[dict], reference: str) -> list[dict]:
    """
    One row per label budget and method, in the order of the cells.

    A row has mean and sample standard deviation of macro-F1 (and the mean accuracy) over seeds and folds. Where the
    method `reference` was run on the same seeds and folds, `p_reference` is the p-value of the paired t-test
    (two-sided) that the two differ, Holm-corrected for the number of methods at that budget, and `reference_wins` the
    share of pairs that the reference wins. Cells of one fold share their test people: the p-value speaks of other
    labels drawn from these people, not of other people.
    """
    groups: dict[tuple, dict[str, dict[tuple, dict]]] = defaultdict(lambda: defaultdict(dict))
    for cell in cells:
        groups[cell["kind"], cell["amount"]][cell["method"]][cell["fold"], cell["seed"]] = cell
    rows = []
    for (kind, amount), methods in groups.items():
        tests = paired_tests(methods, reference)
        for method, runs in methods.items():
            values = [run["macro_f1"] for run in runs.values()]
            row = {
                "kind": kind,
                "amount": amount,
                "method": method,
                **mean_and_spread(values),
                "accuracy": float(np.mean([run["accuracy"] for run in runs.values()])),
                "training_windows": float(np.mean([run["training_windows"] for run in runs.values()])),
                "seconds": float(np.median([run["seconds"] for run in runs.values()])),
                "values": [round(value, 4) for value in values],
            }
            rows.append({**row, **tests.get(method, {})})
    return rows


def paired_tests(methods: dict[str, dict[tuple, dict]], reference: str) -> dict[str, dict[str, float]]:
    """`p_reference` and `reference_wins` of every method but the reference, for the runs `{(fold, seed): cell}`."""
    ours, figures = methods.get(reference, {}), {}
    for method, runs in methods.items():
        pairs = sorted(ours.keys() & runs.keys())
        if method == reference or len(pairs) < 2:
            continue
        gains = np.array([ours[pair]["macro_f1"] - runs[pair]["macro_f1"] for pair in pairs])
        # without any spread the test is undefined: never differing is no difference, always differing alike a sure one
        p = ttest_rel(gains, np.zeros_like(gains)).pvalue if np.ptp(gains) else float(not gains.any())
        figures[method] = {"p_reference": float(p), "reference_wins": float(np.mean(gains > 0))}
    corrected = holm([figure["p_reference"] for figure in figures.values()])
    for figure, p in zip(figures.values(), corrected, strict=True):
        figure["p_reference"] = p
    return figures


def holm(p_values: list[float]) -> list[float]:
    """Holm's step-down correction (Scandinavian Journal of Statistics 6, 1979): family-wise p-values."""
    order = np.argsort(p_values)
    corrected = np.asarray(p_values, float)[order] * np.arange(len(order), 0, -1)
    result = np.empty(len(order))
    result[order] = np.minimum(np.maximum.accumulate(corrected), 1.0)
    return result.tolist()
