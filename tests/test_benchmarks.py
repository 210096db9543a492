"""Benchmarks: baselines, resuming, tables made from results, the shipped README up to date."""

import argparse
import json

import numpy as np
import pytest
import torch

from benchmarks import label_efficiency, tables
from benchmarks.baselines import random_forest_figures, window_statistics
from benchmarks.results import RESULTS, mean_and_spread
from tests.test_training import random_windows


def test_window_statistics_leave_out_masked_samples():
    windows = random_windows(people=1, per_class=4)
    whole = window_statistics(windows)
    assert whole.shape == (12, 64)
    np.testing.assert_allclose(
        whole[:, :6], windows.inputs["imu_values"].mean(dim=2)[:, 0].numpy(), rtol=1e-4, atol=1e-5
    )
    padded = {name: value.clone() for name, value in windows.inputs.items()}
    padded["imu_values"] = torch.nn.functional.pad(padded["imu_values"], (0, 0, 0, 30), value=99.0)
    padded["imu_attention_mask"] = torch.nn.functional.pad(padded["imu_attention_mask"], (0, 30))
    windows.inputs.update(padded)
    np.testing.assert_allclose(window_statistics(windows), whole, rtol=1e-4, atol=1e-5)


def test_random_forest_learns_an_easy_task():
    windows = random_windows()
    figures = random_forest_figures(
        windows.select(windows.subjects < 4), {"test": windows.select(windows.subjects >= 4)}, seed=0
    )
    assert figures["test"]["macro_f1"] > 0.95


def test_mean_and_spread():
    assert mean_and_spread([1.0, 2.0, 3.0]) == {"mean": 2.0, "sd": 1.0}


def test_finished_cells_survive_and_a_torn_line_does_not(tmp_path):
    file = tmp_path / "cells.jsonl"
    for seed in range(3):
        label_efficiency.append_cell(file, {"seed": seed})
    with file.open("a") as torn:
        torn.write('{"seed": 3, "te')
    assert [cell["seed"] for cell in label_efficiency.read_cells(file)] == [0, 1, 2]
    label_efficiency.append_cell(file, {"seed": 3})
    assert [cell["seed"] for cell in label_efficiency.read_cells(file)] == [0, 1, 2, 3]


def test_summary_pairs_seeds_with_scratch():
    windows = random_windows(people=3, per_class=2)
    splits = {name: windows.select(windows.subjects == i) for i, name in enumerate(("train", "validation", "test"))}
    arguments = argparse.Namespace(fractions=[0.1], methods=["scratch", "full"], dataset="motionsense")
    cells = [
        {
            "fraction": 0.1,
            "method": method,
            "seed": seed,
            "test": {"macro_f1": mean + noise * (seed % 2)},
        }
        for method, mean, noise in (("scratch", 0.8, 0.01), ("full", 0.9, 0.011))
        for seed in range(5)
    ]
    rows = label_efficiency.summarise(cells, splits, arguments)["rows"]
    assert rows[0]["mean"] == pytest.approx(0.804)
    assert "p_against_scratch" not in rows[0]
    assert rows[1]["p_against_scratch"] < 1e-6


def test_encoder_must_exist(tmp_path):
    with pytest.raises(FileNotFoundError, match="run `make train`"):
        label_efficiency.encoder_fingerprint(tmp_path)


def test_tables_of_the_documents_come_from_the_results():
    """No figure in README.md or docs is typed by hand: making the tables again changes nothing."""
    for name in tables.DOCUMENTS:
        text = (RESULTS.parent / name).read_text(encoding="utf-8")
        assert "<!-- table:" in text
        assert tables.fill(text) == text, f"run `python benchmarks/tables.py`: {name} is stale"


def test_table_shows_every_method(monkeypatch):
    row = {"mean": 0.9, "sd": 0.01, "values": [0.9] * 5}
    result = {
        "rows": [{"fraction": 0.02, "method": method, **row} for method in label_efficiency.METHODS],
        "people": {"train": [1], "validation": [2], "test": [3]},
        "window_seconds": 4.0,
        "hop_seconds": 2.0,
    }
    monkeypatch.setattr(tables, "read", lambda name: json.loads(json.dumps(result)))
    text = tables.label_efficiency()
    assert all(name in text for name in tables.METHOD_NAMES.values())
    assert text.count("0.900 ± 0.010") == len(label_efficiency.METHODS)
