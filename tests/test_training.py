"""Training: arguments, batches, augmentation, resuming bit for bit, fine-tuning and its files."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from accelerate.utils import set_seed
from safetensors.torch import load_file
from transformers import AutoModel

from dataset_scripts.fimad.skeleton import SAMPLING_RATE
from modeling_mujo import PLACEMENTS
from training import classifier
from training.arguments import FinetuneArguments, PretrainArguments, parse_arguments
from training.augmentation import (
    Augmentation,
    AugmentationSettings,
    axis_aligned_rotations,
    resample,
    rotation_vectors_to_matrices,
    two_view_inputs,
)
from training.classifier import (
    COPIES,
    TrainingRecipe,
    choose_method,
    predict,
    train_classifier,
    trained_part,
    with_copies,
)
from training.data import MotionCorpus, PretrainingBatches, with_share
from training.head import LabelWords
from training.metrics import RecognitionMetrics, retrieval_recall
from training.windows import Windows, draw_labels

ROOT = Path(__file__).parents[1]


# --- arguments -------------------------------------------------------------------------------------------------------


def test_no_argument_means_pretraining_on_the_embedded_data():
    arguments = parse_arguments([])
    assert arguments == PretrainArguments()
    assert arguments.motion_dir is None


def test_command_line_wins_over_file_and_file_over_defaults(tmp_path):
    config = tmp_path / "finetune.yaml"
    config.write_text(yaml.safe_dump({"task": "finetune", "method": "lora", "steps": 7}))
    arguments = parse_arguments(["--config", str(config), "--steps", "9"])
    assert isinstance(arguments, FinetuneArguments)
    assert (arguments.method, arguments.steps, arguments.window_seconds) == ("lora", 9, 4.0)


def test_unknown_fields_are_refused_by_name(tmp_path):
    config = tmp_path / "pretrain.yaml"
    config.write_text("stepz: 7\n")
    with pytest.raises(ValueError, match=r"has no field \['stepz'\]"):
        parse_arguments(["--config", str(config)])


@pytest.mark.parametrize("config", sorted(Path(ROOT / "configs").glob("*.yaml")), ids=lambda path: path.name)
def test_shipped_configs_are_valid(config):
    parse_arguments(["--config", str(config)])


# --- batches and augmentation ----------------------------------------------------------------------------------------


def walking_corpus(clips: int = 12) -> MotionCorpus:
    """Bodies that sway at their own frequency; every third clip has the same words."""
    rng = np.random.default_rng(0)
    posture = np.zeros((17, 3), np.float32)
    posture[:, 2] = [1.0, 0.9, 0.5, 0.1, 0.9, 0.5, 0.1, 1.2, 1.4, 1.5, 1.7, 1.4, 1.1, 0.9, 1.4, 1.1, 0.9]
    posture[:, 0] = [0, 0.1, 0.1, 0.1, -0.1, -0.1, -0.1, 0, 0, 0, 0, -0.2, -0.25, -0.25, 0.2, 0.25, 0.25]
    poses = []
    for _ in range(clips):
        seconds = np.arange(int(rng.integers(150, 400))) / SAMPLING_RATE
        sway = 0.1 * np.sin(2 * np.pi * rng.uniform(0.5, 2) * seconds + rng.uniform(0, 6))
        poses.append((posture + sway[:, None, None] * rng.normal(size=(17, 3))).astype(np.float32))
    ids = torch.arange(clips) % 3
    return MotionCorpus(poses, ["squat", "jog", "wave"], ids[:, None].expand(-1, 3), ids, daily=ids == 1)


def test_a_batch_depends_on_seed_and_step_alone():
    corpus, arguments = walking_corpus(), PretrainArguments(batch_size=8)
    batches = PretrainingBatches(corpus, arguments)
    one, again, other = batches[5], PretrainingBatches(corpus, arguments)[5], batches[6]
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert one["pose_values"].shape != other["pose_values"].shape or not torch.equal(
        one["pose_values"], other["pose_values"]
    )


def test_steps_of_a_long_run_have_seeds_of_their_own_that_every_generator_takes():
    from training.pretrain import seed_of_step

    steps = [1, 2, 4294, 4295, 100_000, 5_000_000]  # 4,295 * 1,000,003 is more than 32 bits hold
    seeds = [seed_of_step(3, step, process) for step in steps for process in range(8)]
    assert len(set(seeds)) == len(seeds)
    for seed in seeds:
        set_seed(seed)


def test_daily_movements_have_the_share_asked_for():
    batches = PretrainingBatches(walking_corpus(clips=30), PretrainArguments(batch_size=16, daily_share=0.8))
    jogging = torch.stack([batches[step]["text_ids"] == 1 for step in range(50)])
    assert jogging.float().mean() == pytest.approx(0.8, abs=0.04)
    shares = with_share(np.array([0.1, 0.3, 0.6]), np.array([True, True, False]), 0.5)
    np.testing.assert_allclose(shares, [0.125, 0.375, 0.5])
    for group, share in (([False, False], 0.5), ([True, True], 0.5), ([True, False], 1.5)):
        with pytest.raises(ValueError, match="expected a share from 0 to 1, of some clips but not all"):
            with_share(np.array([0.5, 0.5]), np.array(group), share)


def test_processes_share_the_batch():
    corpus, arguments = walking_corpus(), PretrainArguments(batch_size=8)
    whole = PretrainingBatches(corpus, arguments)[3]
    parts = [PretrainingBatches(corpus, arguments, rank, 2)[3] for rank in range(2)]
    for rank, part in enumerate(parts):
        assert torch.equal(part["pose_values"], whole["pose_values"][rank::2])
    with pytest.raises(ValueError, match="must divide by the 3 processes"):
        PretrainingBatches(corpus, arguments, 0, 3)


def test_played_windows_last_as_long_as_asked():
    arguments = PretrainArguments(batch_size=4, min_seconds=2.0, max_seconds=5.0)
    batches = PretrainingBatches(walking_corpus(), arguments)
    augmentation = Augmentation(AugmentationSettings(), torch.Generator().manual_seed(0))
    for step in range(6):
        batch = batches[step]
        speed = float(batch.pop("speed"))
        assert 1 / 1.3 <= speed <= 1.3
        inputs = two_view_inputs(batch, speed, augmentation, 10, 0.3, 0.1)
        seconds = inputs["imu_values"].shape[2] / SAMPLING_RATE
        assert 1.99 <= seconds <= 5.01
        assert inputs["imu_values"].shape[0] == 8
        assert inputs["imu_values"].shape[2] == inputs["pose_values"].shape[1]
        assert inputs["imu_values"].isfinite().all()
        assert inputs["masked_patches"].shape[-1] == -(-inputs["imu_values"].shape[2] // 10)


def test_augmented_poses_keep_floor_gravity_and_limb_ratios():
    augmentation = Augmentation(AugmentationSettings(), torch.Generator().manual_seed(0))
    pose = torch.from_numpy(np.stack([clip[:150] for clip in walking_corpus().poses]))
    turned = augmentation.pose(pose)
    size = turned[..., 0, 2] / pose[..., 0, 2]  # heights scale with the body
    assert ((size > 0.89) & (size < 1.11)).all()
    thigh = (turned[:, :, 1] - turned[:, :, 2]).norm(dim=-1) + (turned[:, :, 4] - turned[:, :, 5]).norm(dim=-1)
    before = (pose[:, :, 1] - pose[:, :, 2]).norm(dim=-1) + (pose[:, :, 4] - pose[:, :, 5]).norm(dim=-1)
    torch.testing.assert_close(thigh, before * size, atol=1e-4, rtol=1e-4)


def test_still_sensors_read_gravity_whatever_their_mounting():
    augmentation = Augmentation(AugmentationSettings(), torch.Generator().manual_seed(0))
    pose = torch.from_numpy(walking_corpus().poses[0][:1]).expand(16, 100, 17, 3)
    imu = augmentation.imu(pose, 50.0, sensors=2)["imu_values"]
    assert (imu[..., :3].mean(2).norm(dim=-1) - 9.81).abs().max() < 1.2  # bias and scale error, not more
    assert imu[..., 3:].mean(2).abs().max() < 0.15
    directions = torch.nn.functional.normalize(imu[..., :3].mean(2).flatten(0, 1), dim=-1)
    assert (directions.T @ directions / len(directions)).diagonal().min() > 0.1  # gravity comes along every axis


def test_mountings_are_rotations_and_mostly_aligned():
    augmentation = Augmentation(AugmentationSettings(any_mounting_share=0.25), torch.Generator().manual_seed(0))
    mountings = augmentation.mountings(torch.full((4000,), PLACEMENTS.index("left_wrist")))
    torch.testing.assert_close(
        mountings @ mountings.transpose(1, 2), torch.eye(3).expand(4000, 3, 3), atol=1e-5, rtol=0
    )
    torch.testing.assert_close(torch.linalg.det(mountings), torch.ones(4000), atol=1e-4, rtol=0)
    trace = torch.einsum("nij,kij->nk", mountings, axis_aligned_rotations()).amax(1)
    angle = torch.rad2deg(torch.arccos(((trace - 1) / 2).clamp(-1, 1)))
    assert 0.6 < (angle < 40).float().mean() < 0.95


def test_rotation_vectors_turn_right_handed():
    quarter = rotation_vectors_to_matrices(torch.tensor([0.0, 0.0, np.pi / 2]))
    torch.testing.assert_close(quarter @ torch.tensor([1.0, 0, 0]), torch.tensor([0.0, 1, 0]), atol=1e-6, rtol=0)
    assert len({tuple(matrix.flatten().tolist()) for matrix in axis_aligned_rotations()}) == 24


def test_resampling_keeps_a_ramp():
    ramp = torch.linspace(0, 1, 65)[None, :, None].expand(2, 65, 3)
    torch.testing.assert_close(resample(ramp, 50), torch.linspace(0, 1, 50)[None, :, None].expand(2, 50, 3))


def test_masked_share_is_about_as_asked():
    augmentation = Augmentation(AugmentationSettings(), torch.Generator().manual_seed(0))
    assert 0.22 < augmentation.masked_patches(0.3, 200, 1, 20).float().mean() < 0.3


# --- metrics and labels ----------------------------------------------------------------------------------------------


def test_recognition_metrics():
    figures = RecognitionMetrics().compute(predictions=[0, 0, 1, 1], references=[0, 0, 1, 2], num_labels=3)
    assert figures["f1_per_class"] == pytest.approx([1.0, 2 / 3, 0.0])
    assert figures["macro_f1"] == pytest.approx(5 / 9)
    assert figures["accuracy"] == 0.75
    assert figures["confusion_matrix"] == [[2, 0, 0], [0, 1, 0], [0, 1, 0]]


def test_retrieval_recall():
    query, gallery = torch.eye(3), torch.eye(3)[[1, 0, 2]]
    own = torch.eye(3, dtype=torch.bool)
    assert retrieval_recall(query, gallery, own, 1) == pytest.approx(1 / 3)
    assert retrieval_recall(query, gallery, own, 3) == 1.0


def random_windows(people: int = 6, per_class: int = 20, seed: int = 0) -> Windows:
    """Three activities told apart by gravity and intensity."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(3).repeat_interleave(per_class).repeat(people)
    subjects = torch.arange(people).repeat_interleave(3 * per_class)
    values = torch.randn(len(labels), 1, 100, 6, generator=generator) * (0.2 + 2 * (labels == 2))[:, None, None, None]
    values[labels == 0, ..., 2] += 9.81
    values[labels > 0, ..., 0] += 9.81
    count = len(labels)
    inputs = {
        "imu_values": values,
        "imu_attention_mask": torch.ones(count, 1, 100, dtype=torch.long),
        "imu_channel_mask": torch.ones(count, 1, 2, dtype=torch.long),
        "placement_ids": torch.full((count, 1), 6),
    }
    return Windows(inputs, labels, subjects, ["stand", "lie", "run"])


def test_labels_are_drawn_per_class_and_person():
    windows = random_windows()
    drawn = draw_labels(windows, 0.1, seed=0)
    for person in range(6):
        for label in range(3):
            assert ((drawn.subjects == person) & (drawn.labels == label)).sum() == 2
    few = [draw_labels(windows, 0.01, seed=seed) for seed in range(20)]
    assert all(sorted(set(part.subjects.tolist())) == list(range(6)) for part in few), "everybody keeps a window"
    assert len(draw_labels(windows, 1.0, seed=0)) == len(windows)
    assert torch.equal(few[3].labels, draw_labels(windows, 0.01, seed=3).labels)
    with pytest.raises(ValueError, match=r"\(0, 1\]"):
        draw_labels(windows, 0.0, seed=0)


# --- fine-tuning -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["probe", "full", "lora", "scratch"])
def test_every_method_learns_an_easy_task(method, tmp_path):
    from modeling_mujo import MujoForImuClassification, MujoImuModel
    from tests.helpers import tiny_imu_config

    torch.manual_seed(0)
    MujoImuModel(tiny_imu_config()).save_pretrained(tmp_path)
    windows = random_windows()
    training, validation = windows.select(windows.subjects < 4), windows.select(windows.subjects >= 4)
    recipe = TrainingRecipe("full" if method == "scratch" else method, steps=24)
    model, _ = train_classifier(None if method == "scratch" else tmp_path, training, recipe, seed=0, progress=False)
    assert (predict(model, validation).argmax(-1) == validation.labels).float().mean() > 0.95
    assert model.config.id2label == {0: "stand", 1: "lie", 2: "run"}
    if method == "probe":
        encoder = MujoImuModel.from_pretrained(tmp_path)
        assert isinstance(model, MujoForImuClassification)
        assert torch.equal(model.imu_model.embeddings.stem.weight, encoder.embeddings.stem.weight)


@pytest.mark.parametrize(
    ("people", "per_class", "known", "method"),
    [
        (4, 2, True, "probe"),
        (11, 100, True, "probe"),
        (4, 20, False, "lora"),
        (1, 20, False, "lora"),
        (4, 2, False, "head"),  # too few windows
        (10, 20, None, "head"),  # too few people
        (11, 2, None, "lora"),
    ],
)
def test_what_auto_stands_for(people, per_class, known, method):
    assert choose_method(random_windows(people, per_class), known) == method


@pytest.mark.parametrize(("people", "trained"), [(4, "head"), (11, "adapters")])
def test_auto_adapts_an_encoder_without_words_to_people_not_to_windows(people, trained, tmp_path):
    from modeling_mujo import MujoImuModel
    from tests.helpers import tiny_imu_config

    MujoImuModel(tiny_imu_config()).save_pretrained(tmp_path)
    windows = random_windows(people, per_class=40 // people)
    model, _ = train_classifier(tmp_path, windows, TrainingRecipe("auto", steps=1), seed=0, progress=False)
    assert trained_part(model) == trained


@pytest.mark.parametrize(
    ("known", "per_class", "method", "trained"),
    [(True, 20, "probe", "head"), (False, 20, "lora", "adapters"), (False, 2, "head", "head")],
)
def test_auto_leaves_features_alone_where_words_know_the_activities(
    known, per_class, method, trained, monkeypatch, tmp_path
):
    from modeling_mujo import MujoImuModel
    from tests.helpers import tiny_imu_config

    MujoImuModel(tiny_imu_config()).save_pretrained(tmp_path)
    model, _ = classifier.new_classifier(tmp_path, ["stand", "lie", "run"])
    words = LabelWords(np.eye(3, model.config.projection_dim, dtype=np.float32), 10.0)
    monkeypatch.setattr(classifier, "new_classifier", lambda *_: (model, words))
    monkeypatch.setattr(classifier, "words_explain", lambda *_: known)
    windows = random_windows(people=4, per_class=per_class)
    fitted, chosen = train_classifier(tmp_path, windows, TrainingRecipe("auto", steps=1), seed=0, progress=False)
    assert (chosen, trained_part(fitted)) == (method, trained)


@pytest.mark.parametrize(("steps", "windows", "expected"), [(None, 3200, 150), (None, 3201, 151), (7, 9000, 7)])
def test_many_windows_take_more_steps_unless_they_are_given(steps, windows, expected):
    assert TrainingRecipe("full", steps=steps).steps_for(windows) == expected


def test_adapters_learn_faster_than_everything_unless_a_rate_is_given():
    recipe = TrainingRecipe("auto")
    assert recipe.rate_for("adapters") == 5 * recipe.rate_for("everything")
    given = TrainingRecipe("auto", learning_rate=2e-4)
    assert given.rate_for("adapters") == given.rate_for("everything") == 2e-4


def test_the_head_sees_the_windows_of_others_too():
    windows = random_windows(people=2, per_class=2)
    more = with_copies(windows, seed=0)
    assert len(more) == (1 + COPIES) * len(windows)
    assert torch.equal(more.labels, windows.labels.repeat(1 + COPIES))
    assert torch.equal(more.subjects, windows.subjects.repeat(1 + COPIES))
    versions = more.inputs["imu_values"].unflatten(0, (1 + COPIES, -1))
    assert torch.equal(versions[0], windows.inputs["imu_values"])
    assert all(not torch.allclose(versions[i], versions[j]) for i in range(1 + COPIES) for j in range(i))
    assert torch.equal(with_copies(windows, seed=0).inputs["imu_values"], more.inputs["imu_values"])


@pytest.mark.parametrize(("windows", "copies"), [(400, COPIES), (1000, 3), (2000, 1), (2001, 0), (9000, 0)])
def test_many_windows_need_no_copies(windows, copies):
    some = random_windows(people=1, per_class=1)
    many = some.select(torch.arange(windows) % len(some))
    for name in ("imu_values", "imu_attention_mask"):
        many.inputs[name] = many.inputs[name][:, :, :4]  # short: this is about numbers
    assert len(with_copies(many, seed=0)) == (1 + copies) * windows


def test_nothing_stands_on_a_random_encoder_that_is_not_trained():
    with pytest.raises(ValueError, match="everything has to be trained: method full, not probe"):
        train_classifier(None, random_windows(), TrainingRecipe("probe"), seed=0)


# --- whole runs ------------------------------------------------------------------------------------------------------


def pretrain_command(output: Path, *extra: str) -> list[str]:
    small = ["--clips_per_exercise", "2", "--steps", "8", "--batch_size", "8", "--evaluate_every", "4"]
    return [
        *(sys.executable, "train.py", "--output_dir", str(output), "--checkpoint_every", "2"),
        *(*small, "--max_seconds", "3", *extra),
    ]


def environment(cache: Path) -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "HF_DATASETS_CACHE": str(cache), "HF_HUB_OFFLINE": "1"}


@pytest.mark.slow
def test_killed_and_resumed_training_gives_the_same_weights(tmp_path):
    """kill -9 at a random step; what comes out after resuming equals an undisturbed run to the last bit."""
    cache = environment(tmp_path / "cache")
    subprocess.run(pretrain_command(tmp_path / "whole"), cwd=ROOT, env=cache, check=True, capture_output=True)

    killed = subprocess.Popen(
        pretrain_command(tmp_path / "killed"),
        cwd=ROOT,
        env=cache,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    checkpoints = tmp_path / "killed" / "checkpoints"
    wanted = int(np.random.default_rng().integers(1, 4)) * 2
    deadline = time.monotonic() + 300
    while not (checkpoints / f"step-{wanted:07d}").exists():
        assert killed.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert not (tmp_path / "killed" / "imu-encoder").exists()

    resumed = subprocess.run(
        pretrain_command(tmp_path / "killed", "--resume_from_checkpoint"),
        cwd=ROOT,
        env=cache,
        check=True,
        capture_output=True,
        text=True,
    )
    assert "Going on from" in resumed.stdout
    for name in ("imu-encoder", "pose-encoder", "joint"):
        whole, again = (load_file(tmp_path / run / name / "model.safetensors") for run in ("whole", "killed"))
        assert whole.keys() == again.keys()
        assert all(torch.equal(whole[key], again[key]) for key in whole), name


@pytest.mark.slow
def test_pretraining_writes_folders_that_load(tmp_path):
    cache = environment(tmp_path / "cache")
    subprocess.run(pretrain_command(tmp_path / "out"), cwd=ROOT, env=cache, check=True, capture_output=True)
    for name in ("imu-encoder", "pose-encoder", "video-encoder", "text-encoder", "joint"):
        model = AutoModel.from_pretrained(tmp_path / "out" / name)
        if name != "joint":
            trained = model.config.pretrained_steps > 0
            assert trained is (name != "video-encoder"), "FiMAD without videos trains no video encoder, and says so"
    report = json.loads((tmp_path / "out" / "training_report.json").read_text())
    assert report["arguments"]["steps"] == report["step"] == 8
    assert {"imu-pose/R@1", "imu-text/R@5", "pose-text/R@5"} <= report["figures"]["8"].keys()
    assert list((tmp_path / "out" / "logs").rglob("events.*")), "no TensorBoard log"


@pytest.mark.slow
def test_pretraining_goes_on_from_a_model(tmp_path):
    cache = environment(tmp_path / "cache")
    daily = ("--daily_clips", "2")
    for output, more in (("first", ()), ("second", ("--start_from", str(tmp_path / "first" / "joint")))):
        command = pretrain_command(tmp_path / output, *daily, *more)
        subprocess.run(command, cwd=ROOT, env=cache, check=True, capture_output=True)
    before, after = (
        json.loads((tmp_path / output / "training_report.json").read_text()) for output in ("first", "second")
    )
    assert before["before"] is None
    assert after["before"] == {"steps": before["best_step"], "seconds": before["seconds"], "corpora": []}
    model = AutoModel.from_pretrained(tmp_path / "second" / "imu-encoder")
    assert model.config.pretrained_steps == before["best_step"] + after["best_step"]


@pytest.mark.slow
def test_pretraining_runs_in_two_processes(tmp_path):
    command = pretrain_command(tmp_path / "out")
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2"]
    done = subprocess.run(
        [*launch, "--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no", *command[1:]],
        cwd=ROOT,
        env={**environment(tmp_path / "cache"), "GLOO_SOCKET_IFNAME": "lo", "ACCELERATE_USE_CPU": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads((tmp_path / "out" / "training_report.json").read_text())
    assert report["processes"] == 2


def test_saved_configs_name_the_text_encoder_and_no_local_folder(tmp_path):
    from training.pretrain import build_model

    build_model(PretrainArguments()).config.save_pretrained(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["text_config"]["backbone_config"]["_name_or_path"] == PretrainArguments().text_model


def test_resuming_without_a_checkpoint_says_what_to_do(tmp_path):
    from training.pretrain import Pretrainer

    trainer = object.__new__(Pretrainer)
    trainer.checkpoints = tmp_path / "checkpoints"
    with pytest.raises(FileNotFoundError, match="start without --resume_from_checkpoint"):
        trainer.resume()
