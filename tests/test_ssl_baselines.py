"""Self-supervised baselines: each objective learns what it says, sees what it may, and is written as an encoder."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor
from transformers import AutoFeatureExtractor, AutoModel

from dataset_scripts.fimad.skeleton import SAMPLING_RATE
from modeling_mujo import MujoImuFeatureExtractor, MujoImuModel
from tests.helpers import tiny_imu_config
from training import baselines, pretrain
from training.arguments import BaselineArguments, parse_arguments
from training.baseline_losses import (
    OBJECTIVES,
    ContrastivePredictiveCoding,
    MaskedReconstruction,
    SimClr,
    TransformationDiscrimination,
)
from training.data import MotionCorpus
from training.pretrain import RealCorpora
from training.real_imu import RealImuCorpus
from training.transformations import TRANSFORMATIONS, permute_segments, reverse, rotate, scale, transform, warp_time


def swinging_views(clips: int = 24, sensors: int = 1, seconds: float = 2.1, seed: int = 0) -> dict[str, Tensor]:
    """Two views of clips as the training loop has them: sensors that swing, each clip at its frequency and slant."""
    generator = torch.Generator().manual_seed(seed)
    time = torch.arange(round(50 * seconds)) / 50
    frequency = (0.5 + 2.5 * torch.rand(clips, generator=generator)).repeat(2)
    slant = torch.nn.functional.normalize(torch.randn(clips, 3, generator=generator), dim=-1).repeat(2, 1)
    phase = 6 * torch.rand(2 * clips, sensors, generator=generator)
    swing = torch.sin(6.28 * frequency[:, None, None] * time + phase[..., None])[..., None]
    force = (9.81 + 4 * swing) * slant[:, None, None]
    values = torch.cat([force, 2 * swing * slant.roll(1, -1)[:, None, None]], dim=-1)
    rows = (2 * clips, sensors)
    return {
        "imu_values": values + 0.1 * torch.randn(values.shape, generator=generator),
        "imu_attention_mask": torch.ones(*rows, len(time), dtype=torch.bool),
        "imu_channel_mask": torch.ones(*rows, 2, dtype=torch.bool),
        "placement_ids": torch.full(rows, 6),
        "masked_patches": torch.rand(*rows, -(-len(time) // 10), generator=generator) < 0.3,
    }


def losses_while_training(objective: str, steps: int) -> list[float]:
    torch.manual_seed(0)
    model = OBJECTIVES[objective](tiny_imu_config())
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    losses = []
    for step in range(steps):
        loss = model(**swinging_views(seed=step), return_loss=True).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_loss_falls_and_repeats(objective):
    losses = losses_while_training(objective, steps=30)
    assert np.mean(losses[-5:]) < 0.95 * np.mean(losses[:5])
    assert losses[:3] == losses_while_training(objective, steps=3)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_several_sensors_absent_ones_and_short_clips_give_finite_gradients(objective):
    torch.manual_seed(0)
    views = swinging_views(clips=4, sensors=3)
    views["imu_attention_mask"][0, :, 90:] = False
    views["imu_attention_mask"][1, 1:] = False  # a recording of one sensor among clips of three
    views["imu_channel_mask"][2, :, 1] = False
    model = OBJECTIVES[objective](tiny_imu_config())
    model(**views, return_loss=True).loss.backward()
    gradients = [weight.grad for weight in model.imu_model.encoder.parameters()]
    assert all(gradient is not None and gradient.isfinite().all() for gradient in gradients)
    assert any(gradient.abs().sum() > 0 for gradient in gradients)


def test_objectives_offered_are_those_that_exist():
    offered = BaselineArguments.__dataclass_fields__["objective"].metadata["choices"]
    assert list(OBJECTIVES) == list(offered)


# --- SimCLR ----------------------------------------------------------------------------------------------------------


def test_simclr_equals_the_formula():
    embeds = torch.nn.functional.normalize(torch.randn(6, 5, generator=torch.Generator().manual_seed(0)), dim=-1)
    similarity = (embeds @ embeds.T / SimClr.temperature).exp().numpy()
    expected = np.mean(
        [
            -np.log(similarity[i, (i + 3) % 6] / sum(similarity[i, k] for k in range(6) if k != i))  # eq. 1
            for i in range(6)
        ]
    )
    assert SimClr(tiny_imu_config()).contrast(embeds).item() == pytest.approx(expected, rel=1e-5)


def test_simclr_takes_the_two_views_of_a_clip_for_positives():
    contrast = SimClr(tiny_imu_config()).contrast
    clips = torch.eye(4)
    assert contrast(torch.cat([clips, clips])) < 0.01
    assert contrast(torch.cat([clips, clips.roll(1, 0)])) > 5
    assert contrast(clips.repeat_interleave(2, 0)) > 5, "neighbours are not views of one clip"


# --- transformations -------------------------------------------------------------------------------------------------


def test_labels_of_transformations_tell_what_was_done():
    torch.manual_seed(0)
    views = swinging_views(clips=100)
    values, mask, kinds = transform(views["imu_values"], views["imu_attention_mask"])
    untouched = (values == views["imu_values"]).flatten(1).all(1)
    assert torch.equal(untouched, kinds == 0)
    assert kinds.bincount(minlength=len(TRANSFORMATIONS) + 1).min() > 8
    assert mask.all()
    for kind, transformation in enumerate(TRANSFORMATIONS, start=1):
        if transformation is reverse:
            assert torch.equal(values[kinds == kind], views["imu_values"][kinds == kind].flip(2))


def test_transformations_keep_what_they_should():
    torch.manual_seed(0)
    views = swinging_views(clips=20, seconds=2.06)
    values, mask = views["imu_values"], views["imu_attention_mask"]
    norms = [part.norm(dim=-1) for part in values.split(3, dim=-1)]
    turned = rotate(values, mask)[0]
    for before, after in zip(norms, turned.split(3, dim=-1), strict=True):
        torch.testing.assert_close(after.norm(dim=-1), before)
    factor = scale(values, mask)[0] / values
    assert (factor.flatten(1).amax(1) - factor.flatten(1).amin(1)).max() < 1e-3
    assert ((factor[:, 0, 0, 0].log().abs() > 0.09) & (factor[:, 0, 0, 0].log().abs() < 0.41)).all()
    permuted = permute_segments(values, mask)[0]
    assert torch.equal(permuted.sort(2).values, values.sort(2).values)
    assert torch.equal(permuted[:, :, 100:], values[:, :, 100:])
    warped = warp_time(values, mask)[0]
    torch.testing.assert_close(warped[:, :, [0, -1]], values[:, :, [0, -1]])
    assert warped.isfinite().all()


@pytest.mark.parametrize("transformation", [reverse, permute_segments, warp_time])
def test_padding_moves_with_its_samples(transformation):
    """Real samples count from 1 up, padding is zero: wherever a sample lands, its mask lands with it."""
    torch.manual_seed(0)
    values = torch.zeros(8, 2, 100, 6)
    values[:, :, :70] = torch.arange(1.0, 71.0)[:, None]
    moved, mask = transformation(values, values[..., 0] > 0)
    inside = moved[..., 0] >= 1
    assert (mask ^ inside).sum(-1).max() <= 4  # where interpolation blends the last sample into the padding
    assert mask.any()
    assert not mask.all()


def test_a_head_is_judged_on_its_own_transformation_and_on_untouched_windows():
    kinds = torch.tensor([0, 1, 2])
    logits = torch.full((3, len(TRANSFORMATIONS)), -30.0)
    logits[1, 0] = logits[2, 1] = 30.0
    loss = TransformationDiscrimination.discrimination
    assert loss(logits, kinds) < 1e-6
    others = logits.clone()
    others[1, 1:] = others[2, 2:] = 30.0
    assert loss(others, kinds) < 1e-6, "a window under one transformation says nothing to the other heads"
    logits[0, 5] = 30.0
    assert loss(logits, kinds) > 1


# --- masked reconstruction -------------------------------------------------------------------------------------------


def test_visible_patches_do_not_count():
    """The target is what was hidden: a decoder that fails elsewhere is not punished, nor told what was hidden."""
    torch.manual_seed(0)
    model = MaskedReconstruction(tiny_imu_config())
    views = swinging_views(clips=2, seconds=2.0)
    views["masked_patches"] = torch.zeros(4, 1, 10, dtype=torch.bool)
    assert model(**views).loss == 0
    views["masked_patches"][:, :, 3:5] = True
    loss = model(**views).loss

    model.imu_model.register_forward_hook(lambda module, inputs, output: spoil(output, slice(6, None)))
    assert torch.equal(model(**views).loss, loss), "patches 5-9 are visible"
    model.imu_model.register_forward_hook(lambda module, inputs, output: spoil(output, slice(4, 5)))
    assert not torch.equal(model(**views).loss, loss), "patch 3 is hidden"


def spoil(output, tokens: slice):
    output.last_hidden_state[:, tokens] += 10  # the first token holds the statistics
    return output


def test_hidden_readings_do_not_reach_the_encoder():
    model = MaskedReconstruction(tiny_imu_config()).eval()
    views = swinging_views(clips=2, seconds=2.0)
    views["masked_patches"] = torch.zeros(4, 1, 10, dtype=torch.bool)
    views["masked_patches"][:, :, 3:5] = True
    tokens = model.imu_model(**views).last_hidden_state
    views["imu_values"][:, :, 30:50] += 7
    assert torch.equal(model.imu_model(**views).last_hidden_state, tokens)


# --- contrastive predictive coding -----------------------------------------------------------------------------------


@pytest.fixture
def cpc(monkeypatch) -> ContrastivePredictiveCoding:
    """The model, cutting windows of 2 s after 1.2 s."""
    monkeypatch.setattr("training.baseline_losses.torch.randint", lambda low, high, size: torch.tensor(high - 1))
    torch.manual_seed(0)
    return ContrastivePredictiveCoding(tiny_imu_config())


def spied(model: ContrastivePredictiveCoding, views: dict[str, Tensor], monkeypatch) -> tuple[Tensor, Tensor, Tensor]:
    """Context, codes and loss of one pass."""
    seen = {}
    for name in ("context", "codes"):
        original = getattr(type(model), name)

        def spy(*inputs, name=name, original=original):
            seen[name] = original(model, *inputs)
            return seen[name]

        monkeypatch.setattr(model, name, spy)
    loss = model(**views).loss
    return seen["context"], seen["codes"][0], loss


def test_cpc_predicts_the_future_from_the_past_alone(cpc, monkeypatch):
    views = swinging_views(clips=4, seconds=2.0)
    context, codes, _ = spied(cpc, views, monkeypatch)
    assert codes.shape == (8, 4, 32)
    views["imu_values"][:, :, 60:] = 3.0
    blind_context, other_codes, _ = spied(cpc, views, monkeypatch)
    assert torch.equal(context, blind_context), "the context has seen the future"
    assert not torch.equal(codes, other_codes)

    views = swinging_views(clips=4, seconds=2.0)
    views["imu_values"][:, :, :60] = 3.0
    other_context, same_codes, _ = spied(cpc, views, monkeypatch)
    assert torch.equal(codes, same_codes), "the codes have seen the past"
    assert not torch.equal(context, other_context)


def test_cpc_cuts_leave_room_on_both_sides(monkeypatch):
    model = ContrastivePredictiveCoding(tiny_imu_config())
    pasts, nothing = [], torch.zeros(4, model.predictors[0].in_features)
    monkeypatch.setattr(model, "context", lambda values, *_: pasts.append(values.shape[2]) or nothing)
    for seed in range(40):
        torch.manual_seed(seed)
        model(**swinging_views(clips=2, seconds=3.1))
    assert set(pasts) == {70, 80, 90, 100, 110}


def test_cpc_does_not_predict_padding(cpc):
    views = swinging_views(clips=4, seconds=2.0)
    views["imu_attention_mask"][0, :, 55:] = False
    loss = cpc(**views).loss
    views["imu_values"][0, :, 60:] = 100.0
    assert torch.equal(cpc(**views).loss, loss)


# --- whole runs ------------------------------------------------------------------------------------------------------


def swaying_corpus(clips: int = 10) -> MotionCorpus:
    rng = np.random.default_rng(0)
    posture = rng.normal([0, 0, 1], 0.3, (17, 3))
    poses = []
    for _ in range(clips):
        seconds = np.arange(220) / SAMPLING_RATE
        sway = 0.1 * np.sin(2 * np.pi * rng.uniform(0.5, 2) * seconds)
        poses.append((posture + sway[:, None, None] * rng.normal(size=(17, 3))).astype(np.float32))
    ids = torch.arange(clips)
    texts = [f"movement {number}" for number in range(clips)]
    return MotionCorpus(poses, texts, ids[:, None].expand(-1, 3), ids, daily=ids < 2)


def lying_still(recordings: int = 5) -> RealImuCorpus:
    force = np.tile(np.float32([0, 0, 9.81, 0, 0, 0]), (400, 1))
    ids = torch.arange(recordings)
    return RealImuCorpus(
        [force] * recordings,
        torch.ones(recordings, dtype=torch.bool),
        torch.full((recordings, 2), 6),
        ids[:, None].expand(-1, 3),
        ids,
    )


@pytest.fixture
def small_run(monkeypatch):
    """Runs `pretrain_baseline` on ten swaying bodies with a tiny encoder."""
    monkeypatch.setattr(pretrain, "load_corpus", lambda arguments, split, words=None: swaying_corpus())
    monkeypatch.setattr(baselines, "MujoImuConfig", tiny_imu_config)

    def run(folder: Path, objective: str, **fields) -> Path:
        sizes = {"steps": 4, "batch_size": 6, "evaluate_every": 2, "checkpoint_every": 2, "max_seconds": 3.0}
        return baselines.pretrain_baseline(
            BaselineArguments(output_dir=str(folder), objective=objective, **{**sizes, **fields})
        )

    return run


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_run_writes_an_encoder_that_loads(objective, small_run, tmp_path):
    folder = small_run(tmp_path, objective)
    assert folder == tmp_path / objective
    encoder = AutoModel.from_pretrained(folder / "imu-encoder")
    assert isinstance(encoder, MujoImuModel)
    assert isinstance(AutoFeatureExtractor.from_pretrained(folder / "imu-encoder"), MujoImuFeatureExtractor)
    report = json.loads((folder / "training_report.json").read_text())
    assert report["arguments"]["objective"] == objective
    assert set(report["figures"]) == {"2", "4"}
    assert encoder.config.pretrained_steps == report["best_step"] in (2, 4)
    assert report["best_score"] == min(figures["loss"] for figures in report["figures"].values())
    best = load_file(folder / "checkpoints" / "best" / "model.safetensors")
    trained = {name: value for name, value in encoder.state_dict().items() if not name.startswith("pooler.")}
    assert all(torch.equal(best[f"imu_model.{name}"], value) for name, value in trained.items())
    assert not torch.equal(best["imu_model.pooler.weight"], encoder.pooler.weight)  # fitted when all was trained


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_baselines_see_the_real_recordings_that_mujo_sees(objective, small_run, tmp_path, monkeypatch):
    monkeypatch.setattr(
        pretrain, "load_real_corpora", lambda arguments, words: RealCorpora(lying_still(), lying_still())
    )
    seen = []
    loss = OBJECTIVES[objective].objective_loss
    monkeypatch.setattr(
        OBJECTIVES[objective], "objective_loss", lambda model, imu: seen.append(imu["imu_values"]) or loss(model, imu)
    )
    report = json.loads((small_run(tmp_path, objective, real_imu_share=0.5) / "training_report.json").read_text())
    assert np.isfinite([figures["loss"] for figures in report["figures"].values()]).all()
    for values in seen:  # three clips and three recordings, twice
        still = [row.std(1).max() < 1e-3 for row in values]
        assert still == [False, False, False, True, True, True] * 2


@pytest.mark.parametrize("objective", ["transformations", "cpc"])
def test_an_interrupted_run_goes_on_to_the_same_weights(objective, small_run, tmp_path, monkeypatch):
    whole = small_run(tmp_path / "whole", objective)
    train_step = baselines.BaselinePretrainer.train_step

    def interrupted(trainer, step, batch):
        if step == 4:
            raise KeyboardInterrupt
        return train_step(trainer, step, batch)

    with monkeypatch.context() as patch:
        patch.setattr(baselines.BaselinePretrainer, "train_step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            small_run(tmp_path / "cut", objective)
    assert not (tmp_path / "cut" / objective / "imu-encoder").exists()
    cut = small_run(tmp_path / "cut", objective, resume_from_checkpoint=True)
    one, other = (load_file(folder / "imu-encoder" / "model.safetensors") for folder in (whole, cut))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_one_file_of_arguments_serves_mujo_and_its_baselines():
    """The comparison is fair where nothing but the objective differs."""
    config = str(Path(__file__).parents[1] / "configs" / "pretrain.yaml")
    mujo = parse_arguments(["--config", config])
    baseline = parse_arguments(["--task", "pretrain_baseline", "--config", config, "--objective", "cpc"])
    assert isinstance(baseline, BaselineArguments)
    assert baseline == BaselineArguments(**vars(mujo), objective="cpc")
    with pytest.raises(SystemExit):
        parse_arguments(["--task", "pretrain_baseline", "--objective", "byol"])
