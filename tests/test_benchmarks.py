"""Benchmarks: baselines, curves, tables made from results, the shipped README up to date."""

import json
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from benchmarks import curves, imu_simulation_speed, imusim_comparison, joint_space, label_tables, tables
from benchmarks.baselines import (
    logistic_regression,
    pose_statistics,
    random_forest,
    stride_rhythms,
    window_statistics,
)
from benchmarks.label_budgets import LabelBudget
from benchmarks.results import RESULTS, mean_and_spread, processor_name
from modeling_mujo import MujoImuModel
from tests.helpers import tiny_imu_config
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


@pytest.mark.parametrize("method", ["random_forest", "logistic_regression"])
def test_statistics_tell_an_easy_task_apart(method):
    windows = random_windows()
    features, labels, train = window_statistics(windows), windows.labels.numpy(), windows.subjects.numpy() < 4
    fit = {"random_forest": partial(random_forest, seed=0), "logistic_regression": logistic_regression}[method]
    model = fit(features[train], labels[train])
    assert (model.predict(features[~train]) == labels[~train]).mean() > 0.95


def test_pose_statistics_do_not_know_where_people_stand():
    windows = random_windows(people=1, per_class=1)
    pose = torch.randn(3, 40, 17, 3, generator=torch.Generator().manual_seed(0))
    windows.pose = {"pose_values": pose, "pose_attention_mask": torch.ones(3, 40, dtype=torch.bool)}
    here = pose_statistics(windows)
    assert here.shape == (3, 17 * 3 * 8)
    windows.pose["pose_values"] = pose + torch.tensor([3.0, -2.0, 0.0])
    np.testing.assert_allclose(pose_statistics(windows), here, atol=1e-4)


def test_a_forest_with_the_rhythm_sees_what_the_network_sees():
    windows = random_windows(people=2, per_class=2)
    model = MujoImuModel(tiny_imu_config()).eval()
    with torch.no_grad():
        features = model(**windows.inputs).pooler_output[:, model.config.pooled_size :]
    np.testing.assert_allclose(stride_rhythms(windows), features.numpy(), atol=1e-6)


def test_mean_and_spread():
    assert mean_and_spread([1.0, 2.0, 3.0]) == {"mean": 2.0, "sd": 1.0}


def test_tables_of_the_documents_come_from_the_results():
    """No figure in README.md or docs is typed by hand: making the tables again changes nothing."""
    for name in tables.DOCUMENTS:
        text = (RESULTS.parent / name).read_text(encoding="utf-8")
        assert "<!-- table:" in text
        assert tables.fill(text) == text, f"run `python benchmarks/tables.py`: {name} is stale"
    assert not list(curves.stale_pictures()), "run `python benchmarks/tables.py`: a picture is stale"


def label_row(method: str, kind: str, amount: float, mean: float, **more) -> dict:
    row = {"kind": kind, "amount": amount, "method": method, "mean": mean, "sd": 0.01, "accuracy": 0.5}
    return {**row, "values": [mean] * 5, **more}


LABEL_SUMMARY = {
    "reference": "mujo-full",
    "window_seconds": 4.0,
    "hop_seconds": 2.0,
    "seeds": 5,
    "folds": [{"train": [1, 2, 3], "test": [4, 5]}],
    "command": "python benchmarks/label_efficiency.py --dataset motionsense",
    "methods": {
        "mujo-full": {"kind": "full", "encoder": "mujo", "weights": "12ab", "recipe": "1", "num_harmonics": 4},
        "scratch": {"kind": "scratch", "encoder": "", "weights": None, "recipe": "1", "num_harmonics": 4},
        "mujo-zero_shot": {"kind": "zero_shot", "encoder": "mujo", "weights": "34cd", "recipe": "1"},
    },
    "rows": [
        label_row(method, kind, amount, mean, **more)
        for kind, amount, ours in (("fraction", 0.02, 0.9), ("fraction", 1.0, 0.9), ("k_shot", 5, 0.7))
        for method, mean, more in (("mujo-full", ours, {}), ("scratch", 0.8, {"p_reference": 0.01}))
    ]
    + [label_row("mujo-zero_shot", "none", 0, 0.4)],
}


@pytest.fixture
def label_results(tmp_path, monkeypatch) -> Path:
    """A folder of results with MotionSense, tested on its own people, and nothing else."""
    cell = {"protocol": "fixed", "kind": "k_shot", "amount": 5, "recipe": "1", "fold": 0}
    cells = [
        {**cell, "method": "mujo-full", "weights": "12ab", "seed": 0, "seconds": 3600},
        {**cell, "method": "mujo-full", "weights": "other", "seed": 0, "seconds": 3600},
        {**cell, "method": "scratch", "weights": None, "seed": 1, "seconds": 1800},
        {**cell, "method": "scratch", "weights": None, "seed": 5, "seconds": 1800},
    ]
    lines = "".join(json.dumps(cell) + "\n" for cell in cells)
    (tmp_path / "label_efficiency_motionsense.jsonl").write_text(lines)
    content = {"dataset": "motionsense", "protocols": {"fixed": LABEL_SUMMARY}}
    (tmp_path / "label_efficiency_motionsense.json").write_text(json.dumps(content))
    for module in (label_tables, curves):
        monkeypatch.setattr(module, "RESULTS", tmp_path)
    return tmp_path


def test_every_row_is_in_the_results_and_what_was_not_run_says_so(label_results):
    text = label_tables.label_results()
    assert "| MotionSense | 2 % | 100 % |" in text
    assert "| MuJo, fine-tuned | **0.900** ± 0.010 | **0.900** ± 0.010 |" in text
    assert text.count("0.800 ± 0.010†") == 2
    assert "| same network from scratch | **0.800** ± 0.010† |" in text
    assert "| CPC, LoRA |" not in text
    assert "Not run at these budgets: random forest on simple statistics; " in text
    assert "; CPC (linear probe, fine-tuned, LoRA); " in text
    assert "| MuJo, zero-shot by the words of the labels | **0.400**, accuracy 0.500 |" in text
    assert "Label budgets not run: 1 %, 5 %, 10 %, 50 %, 1 per class, 10 per class, 1 person, 2 people." in text
    assert "on 2 unseen people, 3 to draw labels from; mean ± sd of 5 draws" in text
    assert "†: differs from MuJo, fine-tuned" in text
    assert "## UTD-MHAD: the data set's own test people\n\nNot run yet." in text


def test_it_is_said_where_people_are_tested_on_whom_the_recipe_was_chosen():
    told = "Among them are those on whom MuJo's recipe was chosen."
    own_people, in_turn = LABEL_SUMMARY["folds"], [{"train": [1, 2], "test": [3]}, {"train": [1, 3], "test": [2]}]
    assert told not in label_tables.caption({**LABEL_SUMMARY, "folds": own_people})
    assert label_tables.caption({**LABEL_SUMMARY, "folds": in_turn}).split(" †")[0].endswith(told)


def test_weights_are_named_and_what_they_were_run_for_where_an_encoder_was_pretrained_twice():
    summary = {
        "methods": {
            "scratch": {"weights": None},
            "mujo-probe": {"weights": "12ab", "pretrained_steps": 9800},
            "mujo-full": {"weights": "12ab", "pretrained_steps": 9800},
            "cpc-probe": {"weights": "34cd", "pretrained_steps": 600},
            "cpc-lora": {"weights": "34cd", "pretrained_steps": 600},
            "cpc-full": {"weights": "56ef", "pretrained_steps": 600},
        }
    }
    assert label_tables.named_weights(summary) == [
        "MuJo `12ab` after 9,800 steps",
        "CPC briefly pretrained `34cd` after 600 steps (linear probe, LoRA)",
        "CPC briefly pretrained `56ef` after 600 steps (fine-tuned)",
    ]


def test_rows_of_the_network_before_it_had_the_rhythm_are_marked():
    assert "‡" not in label_tables.label_table("", LABEL_SUMMARY, ["mujo-full", "scratch"], [LabelBudget("k_shot", 5)])
    assert "‡" not in label_tables.caption(LABEL_SUMMARY)
    earlier = {name: settings | {"num_harmonics": 0} for name, settings in LABEL_SUMMARY["methods"].items()}
    summary = {**LABEL_SUMMARY, "methods": {**earlier, "mujo-full": LABEL_SUMMARY["methods"]["mujo-full"]}}
    table = label_tables.label_table("", summary, ["mujo-full", "scratch"], [LabelBudget("k_shot", 5)])
    assert "| MuJo, fine-tuned | 0.700" in table
    assert "| same network from scratch ‡ | **0.800**" in table
    assert label_tables.row_title("mujo-zero_shot", summary) == "MuJo, zero-shot by the words of the labels"
    assert label_tables.caption(summary).endswith(
        "‡: run before the network had the rhythm of the stride, and not again."
    )
    assert "to same network from scratch ‡ (0.800)" in label_tables.verdict(summary)


def test_pose_has_rows_only_where_there_is_a_pose(label_results):
    assert "linear probe on pose" not in label_tables.label_results()
    file = label_results / "label_efficiency_motionsense.json"
    for suffix in ("json", "jsonl"):
        file.with_suffix(f".{suffix}").rename(label_results / f"label_efficiency_utd_mhad.{suffix}")
    assert ", linear probe on pose, linear probe on IMU and pose that" in label_tables.label_results()


def test_wins_and_losses_are_told(label_results):
    verdict = label_tables.verdict(LABEL_SUMMARY)
    assert "above every method that is not MuJo at 1 of 2 budgets" in verdict
    assert "lost: 5 per class (0.700) to same network from scratch (0.800)" in verdict
    assert "below the same network from scratch at 5 per class." in verdict
    assert verdict in label_tables.label_efficiency()


def test_the_time_of_a_sweep_is_that_of_its_own_cells(label_results):
    assert label_tables.effort("motionsense", "fixed", LABEL_SUMMARY) == (2, 1.5)
    assert "2 cells, 1.5 h of work" in label_tables.label_results()
    assert f"```bash\n{LABEL_SUMMARY['command']}\n```" in label_tables.label_results()


def test_pictures_are_drawn_anew_when_their_figures_change(label_results):
    (stale,) = curves.stale_pictures()
    curves.draw_curves(*stale)
    assert not list(curves.stale_pictures())
    file = label_results / "label_efficiency_motionsense.json"
    file.write_text(file.read_text().replace("0.7", "0.71"))
    assert [name for *_, name in curves.stale_pictures()] == [file.with_suffix(".png")]


def test_the_plane_of_the_joint_space_keeps_what_belongs_together(tmp_path):
    corners = np.eye(8)[: len(joint_space.ACTIVITIES)]
    labels = np.repeat(np.arange(len(corners)), 3)
    views = joint_space.Views(imu=corners[labels], pose=corners[(labels + 1) % 6], words=corners, labels=labels)
    result = {"activities": list(joint_space.ACTIVITIES), **joint_space.describe(views)}
    same = result["nearest_is_same_activity"]
    assert same == {"imu to words": 1, "pose to words": 0, "imu to pose": 0, "pose to imu": 0}
    assert result["points"]["imu"][::3] == result["points"]["words"]
    joint_space.draw(result, tmp_path / "joint_space.png")
    assert (tmp_path / "joint_space.png").read_bytes().startswith(b"\x89PNG")


def test_variants_take_turns_and_the_first_round_does_not_count(monkeypatch):
    order, clock = [], iter(range(1000))
    monkeypatch.setattr(imu_simulation_speed.time, "perf_counter", lambda: float(next(clock)))
    monkeypatch.setattr(imu_simulation_speed.time, "process_time", lambda: 0.5 * next(clock))

    def variant(name: str, simulated: float) -> float:
        order.append(name)
        return simulated

    variants = {("a",): lambda: variant("a", 10.0), ("b",): lambda: variant("b", 20.0)}
    # between the two readings of a clock lies one of the other: two ticks, or one second of CPU time
    speeds = {("a",): ([5.0] * 2, [10.0] * 2), ("b",): ([10.0] * 2, [20.0] * 2)}
    assert imu_simulation_speed.take_turns(variants, rounds=2) == speeds
    assert order == ["a", "b"] * 3


def test_rows_and_their_simulation_are_timed():
    threads = torch.get_num_threads()
    (row,) = imu_simulation_speed.row_speed((2,), rounds=2)
    assert row["clip_seconds"] == 2
    assert row["times_real_time"]["median"] > 1
    assert row["simulation_share"] > 0
    assert torch.get_num_threads() == threads


@pytest.mark.slow
def test_every_way_to_use_two_cores_is_timed():
    rows = imu_simulation_speed.simulation_speed((1, 2), (1,), rounds=1)
    assert [(row["clip_seconds"], row["batch_size"]) for row in rows] == [(1, 1), (2, 1)]
    assert all(row[mode]["median"] > 1 for row in rows for mode in ("one_thread", "two_threads", "two_processes"))


IMUSIM_STAND_IN = """
import numpy

class Simulator:
    GRAVITY = 9.8

    def __init__(self, file, sample_rate, bandwidth):
        table = numpy.genfromtxt(file, delimiter=",", skip_header=1)
        self.time = numpy.arange(0, table[-1, 0], 1 / sample_rate)
        self.accelerometer = numpy.tile([0.0, bandwidth or 0.0, 1.0], (len(self.time), 1))  # g
        self.gyroscope = numpy.tile([180.0, 0.0, 0.0], (len(self.time), 1))  # degrees per second
        self.quaternion = numpy.tile([1.0, 0.0, 0.0, 0.0], (len(self.time), 1))
"""


def test_imusim_runs_in_its_own_interpreter(tmp_path, monkeypatch):
    (tmp_path / "imusim.py").write_text(IMUSIM_STAND_IN)
    metadata = tmp_path / "imusim-0.1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: imusim\nVersion: 0.1\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    rotation = Rotation.from_euler("x", 30, degrees=True).as_matrix()
    path = imusim_comparison.trajectory(60.0, np.zeros((61, 3)), np.tile(rotation, (61, 1, 1)))
    jobs = [imusim_comparison.Job(path, bandwidth, np.zeros((50, 6)), {}) for bandwidth in (None, 2.0)]
    rows, version = imusim_comparison.run_imusim(Path(sys.executable), jobs)
    assert version == "0.1"
    np.testing.assert_allclose(rows[0]["imu"], np.tile([0, 0, 9.8, np.pi, 0, 0], (50, 1)))
    np.testing.assert_allclose(rows[1]["imu"][0, 1], 2 * 9.8)
    assert [row["orientation_error"] for row in rows] == pytest.approx([30, 30])


def test_an_interpreter_without_imusim_is_told_what_to_install(monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    job = imusim_comparison.Job(np.zeros((8, 8)), None, np.zeros((8, 6)), {})
    with pytest.raises(RuntimeError, match=r"pip install imusim[\s\S]*No module named 'imusim'"):
        imusim_comparison.run_imusim(Path(sys.executable), [job])


def test_a_delayed_signal_agrees_at_the_best_lag():
    generator = np.random.default_rng(0)
    signal = generator.normal(size=(300, 6))
    job = imusim_comparison.Job(np.zeros((300, 8)), None, signal, {"orientation": "segment frame"})
    same = imusim_comparison.signal_agreement(job, signal)
    late = imusim_comparison.signal_agreement(job, np.roll(signal, 1, axis=0))
    assert same["force_correlation"] == pytest.approx(1)
    assert same["rate_vector_rms_difference"] == 0
    assert late["force_correlation"] < 0.3
    assert late["force_correlation_best_lag"] == pytest.approx(1)


def test_closed_forms_are_compared_with_what_is_known():
    jobs = {
        (job.labels["motion"], job.labels["noise_mm"], job.labels["cutoff"]): job
        for job in imusim_comparison.closed_form_jobs()
    }
    still = jobs["at rest", 0.0, 6.0]
    np.testing.assert_allclose(still.trajectory[:, 1:4], np.tile(still.trajectory[0, 1:4], (200, 1)), atol=1e-6)
    assert still.labels["force_error"] < 1e-3
    assert jobs["at rest", 0.5, 6.0].labels["force_error"] > 0.1


def test_both_simulators_get_the_same_point_of_the_body(shared_data):
    archive = shared_data / "motion" / "cmu_avatar" / "All_BVH.zip"
    clip, tracks = next(iter(imusim_comparison.read_recordings(archive)))
    pose = torch.from_numpy(clip.pose)[None]
    for placement in imusim_comparison.SEGMENTS:
        along = imusim_comparison.DEFAULT_ALONG[placement]
        frames = imusim_comparison.frame_trajectory(pose, placement, along)
        bones = imusim_comparison.bone_trajectory(tracks, placement)
        times = frames[:, 0]
        for axis in (1, 2):  # heights differ: clips are put on the floor
            np.testing.assert_allclose(np.interp(times, bones[:, 0], bones[:, axis]), frames[:, axis], atol=0.02)


def test_tables_say_when_imusim_was_not_run(monkeypatch):
    monkeypatch.setattr(tables, "read_json", lambda name: {"imusim": imu_simulation_speed.NOT_COMPARED})
    assert "give --imusim_python" in tables.imusim_agreement()
    assert "give --imusim_python" in tables.imusim_closed_forms()


def test_processor_is_named_by_its_model_where_the_system_tells_it(monkeypatch):
    of_linux = "processor\t: 0\nmodel name\t: Fast Processor @ 2.00GHz\nflags\t\t: sse\n"
    texts = iter([of_linux, "Features\t: fp asimd\n"])
    monkeypatch.setattr(Path, "exists", lambda self: True)
    monkeypatch.setattr(Path, "read_text", lambda self, encoding: next(texts))
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert processor_name() == "Fast Processor @ 2.00GHz"
    assert processor_name() == "aarch64"
