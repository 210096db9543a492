"""The protocol: people apart, nothing learned about test people, resuming, figures and tests over cells."""

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import label_efficiency, methods
from benchmarks.cells import append_cell, grid, key, read_cells
from benchmarks.comparison import compare, holm
from benchmarks.label_budgets import LabelBudget
from benchmarks.methods import Method, Recognizer, fingerprint_of, methods_of
from benchmarks.protocol import PROTOCOLS, folds
from benchmarks.summary import command_of
from modeling_mujo import JOINTS
from tests.helpers import tiny_config, tiny_imu_config
from tests.test_training import random_windows
from training.classifier import TrainingRecipe, predict, train_classifier
from training.windows import BENCHMARKS, Windows, benchmark_builder, cut_pose, join_windows

PEOPLE = {"train": list(range(1, 13)), "validation": [13, 14], "test": [15, 16, 17, 18, 19, 20]}


# --- folds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PROTOCOLS)
def test_nobody_is_trained_on_and_tested(name):
    division = folds(PROTOCOLS[name], PEOPLE)
    assert all(fold.train and fold.test and not set(fold.train) & set(fold.test) for fold in division)
    assert division == folds(PROTOCOLS[name], {split: people[::-1] for split, people in PEOPLE.items()})


def test_groups_test_everybody_once():
    for name, count in (("folds", 4), ("subject_groups_10", 10)):
        tested = [person for fold in folds(PROTOCOLS[name], PEOPLE) for person in fold.test]
        assert sorted(tested) == list(range(1, 21))
        assert len(folds(PROTOCOLS[name], PEOPLE)) == count


def test_development_never_sees_the_test_people():
    division = folds(PROTOCOLS["development"], PEOPLE)
    seen = {person for fold in division for person in (*fold.train, *fold.test)}
    assert seen == {*PEOPLE["train"], *PEOPLE["validation"]}


def test_fixed_test_people_are_the_datasets_own():
    (fold,) = folds(PROTOCOLS["fixed"], PEOPLE)
    assert fold.test == tuple(PEOPLE["test"])
    assert set(fold.train) == {*PEOPLE["train"], *PEOPLE["validation"]}


def test_too_few_people_are_refused():
    with pytest.raises(ValueError, match="3 people cannot be divided into 10 groups"):
        folds(PROTOCOLS["subject_groups_10"], {"train": [1, 2, 3]})
    with pytest.raises(ValueError, match="no test people of its own"):
        folds(PROTOCOLS["fixed"], {"train": [1, 2, 3]})


# --- windows ---------------------------------------------------------------------------------------------------------


def test_benchmarks_are_imported_when_asked_for():
    assert benchmark_builder("motionsense").__name__ == "MotionSense"
    assert set(BENCHMARKS) >= {"mm_fit", "myogym", "mhealth", "utd_mhad", "csv_folder", "metamotion_barbell"}
    with pytest.raises(ValueError, match="Unknown dataset 'motion_sense'; known are"):
        benchmark_builder("motion_sense")


def test_missing_sensors_of_some_recordings_are_masked():
    one, two = random_windows(people=1, per_class=2), random_windows(people=1, per_class=2)
    two.inputs = {name: value.repeat_interleave(2, dim=1) for name, value in two.inputs.items()}
    joined = join_windows([one, two])
    assert joined.inputs["imu_values"].shape == (12, 2, 100, 6)
    assert not joined.inputs["imu_attention_mask"][:6, 1].any()
    assert joined.inputs["imu_attention_mask"][6:].all()
    with pytest.raises(ValueError, match="labels and views"):
        join_windows([one, Windows(two.inputs, two.labels, two.subjects, ["other"])])


def test_pose_is_cut_at_the_moments_of_the_imu():
    seconds = np.arange(60) / 20.0  # 3 s at 20 frames/s
    pose = np.broadcast_to(seconds[:, None, None], (60, 17, 3))
    windows = cut_pose(pose, 20.0, 50, starts=[0, 50, 100], length=100)
    assert windows["pose_values"].shape == (3, 100, 17, 3)
    middle = windows["pose_values"][1, 25:50, 0, 0].numpy()
    np.testing.assert_allclose(middle, 1 + np.arange(25, 50) / 50, atol=0.02)
    assert windows["pose_attention_mask"].sum(1).tolist() == [100, 100, 50]


def test_poses_are_put_on_the_floor():
    pose = np.random.default_rng(0).uniform(-0.5, 1.5, (60, 17, 3))
    heights = [
        cut_pose(pose + np.array([0, 0, up]), 20.0, 50, starts=[0, 50], length=100)["pose_values"] for up in (0, 3)
    ]
    torch.testing.assert_close(*heights, atol=1e-5, rtol=0)
    assert abs(float(heights[0][0, ..., 2].amin(-1).median())) < 0.5


def test_a_recording_without_any_pose_is_masked():
    for pose in (np.full((60, 17, 3), np.nan), np.zeros((0, 17, 3))):
        windows = cut_pose(pose, 20.0, 50, starts=[0, 50], length=100)
        assert windows["pose_values"].shape == (2, 100, 17, 3)
        assert windows["pose_values"].isfinite().all()
        assert not windows["pose_attention_mask"].any()


def test_utd_mhad_has_pose_beside_every_window(shared_data):
    from training.windows import load_windows

    test = load_windows("utd_mhad", str(shared_data / "utd_mhad"), 4.0, 2.0)["test"]
    assert test.pose["pose_values"].shape == (len(test), 200, 17, 3)
    pose_seconds, imu_seconds = (
        mask.float().sum(-1).squeeze() / 50
        for mask in (test.pose["pose_attention_mask"], test.inputs["imu_attention_mask"])
    )
    assert (pose_seconds - imu_seconds).abs().max() < 0.1
    hips = test.pose["pose_values"][:, 0, JOINTS.index("pelvis"), 2]  # of who stands or sits; Kinect has them below 0
    assert ((hips > 0.4) & (hips < 1.15)).all()
    heights = test.pose["pose_values"][..., 2][test.pose["pose_attention_mask"]]
    assert heights[:, 0].median() < heights[:, 10].median(), "the head is above the pelvis"


# --- methods ---------------------------------------------------------------------------------------------------------


def test_the_probe_of_the_comparison_is_the_probe_users_get(tmp_path):
    from modeling_mujo import MujoImuModel

    torch.manual_seed(0)
    MujoImuModel(tiny_imu_config()).save_pretrained(tmp_path)
    windows = random_windows()
    # noise, so that the classes overlap
    windows.inputs["imu_values"] += 6 * torch.randn(
        (len(windows), 1, 1, 6), generator=torch.Generator().manual_seed(1)
    )
    train, test = np.arange(0, 360, 12), np.arange(1, 360, 3)
    compared = Recognizer(windows).predictions(Method("probe", "mujo", tmp_path), train, test, seed=0)
    model, _ = train_classifier(tmp_path, windows.select(train), TrainingRecipe("probe"), seed=0, progress=False)
    shipped = predict(model, windows.select(test)).argmax(-1).numpy()
    assert len(set(compared)) == 3
    assert (compared == shipped).mean() > 0.99


def test_a_joint_model_brings_the_words_of_the_labels(tmp_path):
    """The comparison's `probe_words` is the classifier that fine-tuning from a joint model gives."""
    from transformers import AutoTokenizer

    from dataset_scripts.text_models import locate_text_model
    from modeling_mujo import MujoModel

    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(locate_text_model("sentence-transformers/all-MiniLM-L6-v2"))
    config = tiny_config()
    config.text_config.backbone_config.vocab_size = len(tokenizer)
    MujoModel(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    windows = random_windows()
    windows.inputs["imu_values"] += 6 * torch.randn(
        (len(windows), 1, 1, 6), generator=torch.Generator().manual_seed(1)
    )
    train, test = np.arange(0, 360, 12), np.arange(1, 360, 3)
    recognizer = Recognizer(windows)
    compared = recognizer.predictions(Method("probe_words", "mujo", tmp_path), train, test, seed=0)
    model, _ = train_classifier(tmp_path, windows.select(train), TrainingRecipe("probe"), seed=0, progress=False)
    shipped = predict(model, windows.select(test)).argmax(-1).numpy()
    assert (compared == shipped).mean() > 0.99
    zero_shot = recognizer.predictions(Method("zero_shot", "mujo", tmp_path), train[:0], test, seed=0)
    assert set(zero_shot) <= {0, 1, 2}


def test_methods_that_need_a_pose_are_left_out_without_one(tmp_path):
    kinds = ["random_forest", "random_forest_pose", "probe", "multimodal"]
    encoders = {"mujo": tmp_path / "a", "simclr": tmp_path / "b"}
    names = [method.name for method in methods_of(kinds, encoders, {"mujo": tmp_path}, pose=False)]
    assert names == ["random_forest", "mujo-probe", "simclr-probe"]
    names = [method.name for method in methods_of(kinds, encoders, {"mujo": tmp_path}, pose=True)]
    assert names == ["random_forest", "random_forest_pose", "mujo-probe", "simclr-probe", "mujo-multimodal"]


def test_encoders_must_exist(tmp_path):
    with pytest.raises(FileNotFoundError, match="run `make train`"):
        fingerprint_of(tmp_path)
    with pytest.raises(argparse.ArgumentTypeError, match="expected NAME=FOLDER"):
        label_efficiency.named_folder("outputs/simclr")


# --- cells -----------------------------------------------------------------------------------------------------------


def cell(**fields) -> dict:
    names = {"protocol": "fixed", "fold": 0, "kind": "k_shot", "amount": 1, "method": "scratch", "weights": None}
    return {**names, "recipe": "", "seed": 0, "training_windows": 6, "seconds": 1.0, "accuracy": 0.5, **fields}


def test_finished_cells_survive_and_a_torn_line_does_not(tmp_path):
    file = tmp_path / "results" / "cells.jsonl"
    for seed in range(3):
        append_cell(file, cell(seed=seed))
    with file.open("a") as torn:
        torn.write('{"protocol": "fixed", "se')
    assert [one["seed"] for one in read_cells(file).values()] == [0, 1, 2]
    append_cell(file, cell(seed=3))
    assert [json.loads(line)["seed"] for line in file.read_text().splitlines()] == [0, 1, 2, 3]


def test_other_weights_or_another_recipe_are_other_cells(tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes(name.encode())
    division, budgets = folds(PROTOCOLS["fixed"], PEOPLE), [LabelBudget("k_shot", 1)]
    keys = {
        key(grid("fixed", division, budgets, [Method("full", "mujo", tmp_path / name)], seeds=1)[0][0])
        for name in ("a", "b")
    }
    monkeypatch.setitem(methods.RECIPES, "full", TrainingRecipe("full", steps=7))
    keys.add(key(grid("fixed", division, budgets, [Method("full", "mujo", tmp_path / "a")], seeds=1)[0][0]))
    assert len(keys) == 3


def run(monkeypatch, output: Path, *extra: str) -> dict:
    windows = random_windows(people=8, per_class=4)
    splits = {"train": windows.of_people(range(6)), "test": windows.of_people([6, 7])}
    monkeypatch.setattr(label_efficiency, "load_windows", lambda *_: splits)
    command = ["label_efficiency", "--output", str(output), "--seeds", "2", "--reference", "random_forest"]
    monkeypatch.setattr("sys.argv", [*command, "--methods", "random_forest", "logistic_regression", *extra])
    label_efficiency.main()
    return json.loads((output / "label_efficiency_motionsense.json").read_text())["protocols"]


def test_a_run_goes_on_where_it_was_and_keeps_other_protocols(monkeypatch, tmp_path):
    first = run(monkeypatch, tmp_path, "--k_shot", "1", "3")
    assert [(row["amount"], row["method"]) for row in first["fixed"]["rows"]] == [
        (amount, method) for amount in (1, 3) for method in ("random_forest", "logistic_regression")
    ]
    done = (tmp_path / "label_efficiency_motionsense.jsonl").read_text()
    with monkeypatch.context() as patch:
        patch.setattr(label_efficiency, "run_cell", lambda *_: pytest.fail("a finished cell was run again"))
        assert run(patch, tmp_path, "--k_shot", "1", "3") == first
    both = run(monkeypatch, tmp_path, "--k_shot", "1", "3", "--protocol", "folds")
    assert both["fixed"] == first["fixed"]
    assert len(both["folds"]["folds"]) == 4
    cells = (tmp_path / "label_efficiency_motionsense.jsonl").read_text()
    assert cells.startswith(done)
    assert len(cells.splitlines()) == 8 + 32


def test_the_command_of_a_summary_names_folders_where_there_are_any():
    asked = argparse.Namespace(dataset="motionsense", protocol="fixed", seeds=2)
    probe = {"kind": "probe", "encoder": "mujo", "folder": "mujo/imu-encoder"}
    plain = {"kind": "random_forest", "encoder": ""}
    assert command_of({"random_forest": plain, "mujo-probe": probe}, asked).endswith(
        "--methods random_forest probe --encoders mujo=mujo/imu-encoder"
    )


def test_a_summary_keeps_methods_that_are_not_named_again(monkeypatch, tmp_path):
    rows = run(monkeypatch, tmp_path, "--k_shot", "1", "3")["fixed"]["rows"]
    # a later --methods replaces the former one
    later = run(monkeypatch, tmp_path, "--methods", "random_forest", "--k_shot", "10")["fixed"]
    assert [row for row in later["rows"] if row["amount"] < 10] == rows
    assert [row["method"] for row in later["rows"] if row["amount"] == 10] == ["random_forest"]
    assert "--methods random_forest logistic_regression" in later["command"]
    # another recipe under the same name is another method: its rows are not those of the former
    monkeypatch.setattr(methods, "STRENGTH", 7.0)
    other = run(monkeypatch, tmp_path, "--summarise")["fixed"]
    assert {row["method"] for row in other["rows"]} == {"random_forest"}
    assert set(other["methods"]) == {"random_forest"}


def test_a_cell_has_all_figures(monkeypatch, tmp_path):
    run(monkeypatch, tmp_path, "--people", "1")
    (figures, *_) = read_cells(tmp_path / "label_efficiency_motionsense.jsonl").values()
    assert figures["training_windows"] == 12
    assert np.sum(figures["confusion_matrix"]) == 24
    assert np.mean(figures["f1_per_class"]) == pytest.approx(figures["macro_f1"], abs=1e-3)


# --- comparison ------------------------------------------------------------------------------------------------------


def test_methods_are_compared_on_the_same_seeds_and_folds():
    cells = [
        cell(method=method, fold=fold, seed=seed, macro_f1=mean + 0.02 * fold + noise * (seed % 2))
        for method, mean, noise in (("full", 0.9, 0.011), ("scratch", 0.8, 0.01), ("twin", 0.9, 0.011))
        for fold in (0, 1)
        for seed in range(5)
    ]
    rows = {row["method"]: row for row in compare(cells[::-1], reference="full")}
    assert rows["scratch"]["mean"] == pytest.approx(0.814)
    assert rows["scratch"]["p_reference"] < 1e-6
    assert rows["scratch"]["reference_wins"] == 1.0
    assert (rows["twin"]["p_reference"], rows["twin"]["reference_wins"]) == (1.0, 0.0)
    assert "p_reference" not in rows["full"]


def test_holm_as_in_the_textbook():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
