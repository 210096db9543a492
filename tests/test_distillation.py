"""Self-distillation: what the student is to learn, that it learns it, and what a run changes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from safetensors.torch import load_file
from torch import Tensor
from transformers import AutoConfig

from modeling_mujo import MujoImuModel, MujoModel
from tests.helpers import tiny_config, tiny_imu_config
from tests.test_ssl_baselines import swaying_corpus, swinging_views
from training import distillation, pretrain
from training.arguments import DistillArguments, PretrainArguments, parse_arguments
from training.augmentation import Augmentation, AugmentationSettings
from training.distillation import COPIES, Distiller, Student, distill, later, missed_share, variations
from training.text import load_tokenizer


@pytest.fixture
def encoder() -> MujoImuModel:
    torch.manual_seed(0)
    return MujoImuModel(tiny_imu_config()).eval()


@pytest.fixture
def windows() -> dict[str, Tensor]:
    views = swinging_views(clips=6)
    del views["masked_patches"]
    return views


@pytest.fixture
def accelerator() -> Iterator[Accelerator]:
    """In full precision whatever the processor; a run in the same process chooses its own."""
    AcceleratorState._reset_state()
    yield Accelerator(mixed_precision="no")
    AcceleratorState._reset_state()


def varied(windows: dict[str, Tensor], seed: int = 0) -> list[dict[str, Tensor]]:
    augmentation = Augmentation(AugmentationSettings(), torch.Generator().manual_seed(seed))
    return list(variations(windows, augmentation, patch_size=10))


def test_the_share_missed_is_none_of_the_target_and_all_of_its_mean():
    target = torch.randn(8, 5, generator=torch.Generator().manual_seed(0))
    assert missed_share(target, target) == 0
    assert missed_share(target.mean(dim=0).expand_as(target), target) == pytest.approx(1)
    assert missed_share(3 * target + 1, 3 * target) == pytest.approx(missed_share(target + 1 / 3, target))


def test_later_windows_lack_their_first_samples(windows):
    cut = later(windows, 5)
    assert torch.equal(cut["imu_values"], windows["imu_values"][:, :, 5:])
    assert torch.equal(cut["imu_attention_mask"], windows["imu_attention_mask"][:, :, 5:])
    assert cut["placement_ids"] is windows["placement_ids"]


def test_variations_are_the_window_and_copies_each_half_a_patch_later(windows):
    inputs = varied(windows)
    assert len(inputs) == 2 * (1 + COPIES)
    assert inputs[0] is windows
    for first, second in zip(inputs[::2], inputs[1::2], strict=True):
        assert torch.equal(first["imu_values"][:, :, 5:], second["imu_values"])
    copies = [version["imu_values"] for version in inputs[::2]]
    assert all(not torch.allclose(copies[i], copies[j]) for i in range(len(copies)) for j in range(i))


def test_targets_are_means_of_what_the_teacher_gives(accelerator, encoder, windows):
    distiller = Distiller.__new__(Distiller)
    distiller.accelerator = accelerator
    distiller.teach_by(encoder)
    targets = distiller.mean_of(iter(varied(windows)))
    outputs = [encoder(**inputs) for inputs in varied(windows)]
    pooled = sum(output.pooler_output for output in outputs) / len(outputs)
    embeds = (outputs[0].embeds + outputs[1].embeds) / 2  # pace and vigour are part of what words say
    torch.testing.assert_close(targets["mean_pooled"], pooled)
    torch.testing.assert_close(targets["mean_embeds"], embeds)
    assert not any(value.requires_grad for value in targets.values())


def test_a_student_starts_as_its_teacher_and_comes_nearer_to_the_mean(accelerator, encoder, windows):
    distiller = Distiller.__new__(Distiller)
    distiller.accelerator = accelerator
    distiller.teach_by(encoder)
    student = Student.of(encoder)
    assert torch.equal(student.imu_model(**windows).pooler_output, encoder(**windows).pooler_output)
    targets = distiller.mean_of(iter(varied(windows)))
    optimizer = torch.optim.AdamW([p for p in student.parameters() if p.requires_grad], lr=1e-3)
    losses = []
    for _ in range(30):
        loss = student(**windows, **targets).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]
    assert torch.equal(student.imu_model.pooler.weight, encoder.pooler.weight)


@pytest.fixture
def joint(tmp_path) -> Path:
    torch.manual_seed(0)
    config = tiny_config()
    config.text_config.backbone_config.vocab_size = len(load_tokenizer(PretrainArguments().text_model))
    MujoModel(config).save_pretrained(tmp_path / "joint")
    return tmp_path / "joint"


@pytest.fixture
def small_run(monkeypatch, joint):
    """Runs `distill` on ten swaying bodies with a tiny encoder."""
    monkeypatch.setattr(pretrain, "load_corpus", lambda arguments, split, words=None: swaying_corpus())

    def run(folder: Path, **fields) -> Path:
        sizes = {"steps": 4, "batch_size": 6, "evaluate_every": 2, "checkpoint_every": 2, "max_seconds": 3.0}
        return distill(DistillArguments(output_dir=str(folder), start_from=str(joint), **{**sizes, **fields}))

    return run


def test_a_run_changes_the_imu_encoder_alone(small_run, joint, tmp_path):
    folder = small_run(tmp_path / "steady")
    before, after = (load_file(path / "model.safetensors") for path in (joint, folder / "joint"))
    assert before.keys() == after.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.startswith("imu_model.") and ".pooler." not in name for name in changed)
    encoder = load_file(folder / "imu-encoder" / "model.safetensors")
    assert all(torch.equal(after[f"imu_model.{name}"], value) for name, value in encoder.items())
    report = json.loads((folder / "training_report.json").read_text())
    steps = AutoConfig.from_pretrained(joint).imu_config.pretrained_steps + report["best_step"]
    assert AutoConfig.from_pretrained(folder / "imu-encoder").pretrained_steps == steps
    assert AutoConfig.from_pretrained(folder / "joint").imu_config.pretrained_steps == steps
    assert report["best_score"] == min(figures["loss"] for figures in report["figures"].values())
    assert report["parts"] == ["imu"]
    assert {"imu-pose/R@1", "imu-text/R@5"} <= report["figures"][str(report["best_step"])].keys()


def test_an_interrupted_run_goes_on_to_the_same_weights(small_run, tmp_path, monkeypatch):
    whole = small_run(tmp_path / "whole")
    train_step = Distiller.train_step

    def interrupted(trainer, step, batch):
        if step == 4:
            raise KeyboardInterrupt
        return train_step(trainer, step, batch)

    with monkeypatch.context() as patch:
        patch.setattr(Distiller, "train_step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            small_run(tmp_path / "cut")
    assert not (tmp_path / "cut" / "imu-encoder").exists()
    cut = small_run(tmp_path / "cut", resume_from_checkpoint=True)
    one, other = (load_file(folder / "joint" / "model.safetensors") for folder in (whole, cut))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_there_has_to_be_something_to_start_from(tmp_path):
    with pytest.raises(ValueError, match="needs a pretrained joint model"):
        distill(DistillArguments(output_dir=str(tmp_path)))
    assert not any(tmp_path.iterdir())


def test_the_task_is_known_by_its_name():
    config = str(Path(distillation.__file__).parents[1] / "configs" / "distill.yaml")
    assert isinstance(parse_arguments(["--config", config]), DistillArguments)
