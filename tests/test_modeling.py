"""The models: shapes, masks, equality of attention back ends, saving, export, reduced precision, fine-tuning modes."""

import doctest

import numpy as np
import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoConfig, AutoModel, AutoModelForAudioClassification

from modeling_mujo import (
    PLACEMENTS,
    MujoForImuClassification,
    MujoImuConfig,
    MujoImuModel,
    MujoModel,
    MujoPoseConfig,
    MujoPoseModel,
    MujoTextModel,
    MujoVideoModel,
    encoders_mujo,
)
from tests.helpers import SMALL, joint_inputs, tiny_config, tiny_imu_config
from training.classifier import LORA_TARGETS

ENCODERS = {
    "imu": (MujoImuModel, ("imu_values",)),
    "pose": (MujoPoseModel, ("pose_values",)),
    "video": (MujoVideoModel, ("video_features",)),
    "text": (MujoTextModel, ("input_ids",)),
}


def build(model_class, config, seed=0):
    torch.manual_seed(seed)
    return model_class(config).eval()


@pytest.fixture(scope="module")
def imu_model() -> MujoImuModel:
    return build(MujoImuModel, tiny_imu_config())


@pytest.fixture(scope="module")
def joint_model() -> MujoModel:
    return build(MujoModel, tiny_config())


@pytest.mark.parametrize("name", ENCODERS)
def test_every_encoder_embeds_on_the_unit_sphere_and_reloads_bit_equal(name, tmp_path):
    model_class, fields = ENCODERS[name]
    model = build(model_class, getattr(tiny_config(), f"{name}_config"))
    inputs = {field: joint_inputs()[field] for field in fields}
    output = model(**inputs)
    assert output.embeds.shape == (6, SMALL["projection_dim"])
    torch.testing.assert_close(output.embeds.norm(dim=-1), torch.ones(6))
    assert output.pooler_output.shape[0] == output.last_hidden_state.shape[0] == 6
    model.save_pretrained(tmp_path)
    reloaded = AutoModel.from_pretrained(tmp_path)
    assert type(reloaded) is model_class
    assert torch.equal(reloaded(**inputs).embeds, output.embeds)


def test_example_of_the_imu_encoder_runs_as_printed():
    results = doctest.testmod(encoders_mujo)
    assert results.attempted > 0
    assert results.failed == 0


def test_padding_in_time_and_sensors_changes_nothing(imu_model):
    generator = torch.Generator().manual_seed(1)
    values = 5 * torch.randn(3, 2, 183, 6, generator=generator)
    placement_ids = torch.tensor([[6, 11]] * 3)
    alone = imu_model(values, placement_ids=placement_ids)

    padded = 100 * torch.randn(3, 4, 260, 6, generator=generator)
    padded[:, :2, :183] = values
    mask = torch.zeros(3, 4, 260, dtype=torch.long)
    mask[:, :2, :183] = 1
    batch = imu_model(padded, mask, placement_ids=torch.nn.functional.pad(placement_ids, (0, 2)))
    torch.testing.assert_close(batch.embeds, alone.embeds, atol=1e-5, rtol=0)
    torch.testing.assert_close(batch.pooler_output, alone.pooler_output, atol=1e-5, rtol=0)


def test_padding_of_pose_and_video_changes_nothing(joint_model):
    inputs = joint_inputs(time=93)
    pose = torch.full((6, 150, 17, 3), 7.0)
    pose[:, :93] = inputs["pose_values"]
    mask = (torch.arange(150) < 93).expand(6, 150)
    alone = joint_model.pose_model(inputs["pose_values"]).embeds
    torch.testing.assert_close(joint_model.pose_model(pose, mask).embeds, alone, atol=1e-5, rtol=0)

    video = torch.full((6, 11, 20), 7.0)
    video[:, :7] = inputs["video_features"]
    mask = (torch.arange(11) < 7).expand(6, 11)
    alone = joint_model.video_model(inputs["video_features"]).embeds
    torch.testing.assert_close(joint_model.video_model(video, mask).embeds, alone, atol=1e-5, rtol=0)


def test_a_missing_gyroscope_is_masked_not_read(imu_model):
    values = 5 * torch.randn(2, 1, 100, 6, generator=torch.Generator().manual_seed(2))
    no_gyroscope = torch.tensor([[[1, 0]], [[1, 0]]])
    other = values.clone()
    other[..., 3:] = 99.0
    masked = imu_model(values, imu_channel_mask=no_gyroscope).embeds
    assert torch.equal(masked, imu_model(other, imu_channel_mask=no_gyroscope).embeds)
    zeroed = values.clone()
    zeroed[..., 3:] = 0.0
    assert not torch.allclose(masked, imu_model(zeroed).embeds), "absent must differ from a gyroscope that reads 0"


def test_placement_matters_and_unknown_is_the_default(imu_model):
    values = 5 * torch.randn(1, 1, 100, 6, generator=torch.Generator().manual_seed(3))
    unknown = torch.tensor([[PLACEMENTS.index("unknown")]])
    assert torch.equal(imu_model(values).embeds, imu_model(values, placement_ids=unknown).embeds)
    assert not torch.allclose(imu_model(values).embeds, imu_model(values, placement_ids=unknown + 6).embeds)


@pytest.mark.parametrize("seconds", [0.5, 10.0])
def test_shortest_and_longest_window(imu_model, seconds):
    assert imu_model(torch.randn(1, 1, int(50 * seconds), 6)).embeds.isfinite().all()


def test_an_empty_recording_gives_numbers(imu_model):
    output = imu_model(torch.zeros(1, 1, 100, 6), torch.zeros(1, 1, 100))
    assert output.embeds.isfinite().all()
    assert not output.token_mask.any()


def test_wrong_shapes_say_what_was_expected(imu_model, joint_model):
    with pytest.raises(ValueError, match=r"\(batch, sensors, time, 6\), got \(2, 100, 6\)"):
        imu_model(torch.zeros(2, 100, 6))
    with pytest.raises(ValueError, match="501 samples"):
        imu_model(torch.zeros(1, 1, 501, 6))
    with pytest.raises(ValueError, match="17, 3"):
        joint_model.pose_model(torch.zeros(1, 100, 20, 3))
    with pytest.raises(ValueError, match="at most 64"):
        joint_model.video_model(torch.zeros(1, 65, 20))
    with pytest.raises(ValueError, match="either input_ids or text_features"):
        joint_model.text_model()
    with pytest.raises(ValueError, match="at least one of the views"):
        joint_model()
    with pytest.raises(ValueError, match="same clips"):
        joint_model(**{**joint_inputs(), "pose_values": torch.zeros(5, 100, 17, 3)})


def test_sdpa_equals_eager_and_records_states(imu_model):
    values = torch.randn(2, 2, 100, 6)
    mask = torch.ones(2, 2, 100)
    mask[0, 1] = 0
    sdpa = imu_model(values, mask)
    imu_model.set_attn_implementation("eager")
    eager = imu_model(values, mask, output_hidden_states=True, output_attentions=True)
    imu_model.set_attn_implementation("sdpa")
    torch.testing.assert_close(sdpa.embeds, eager.embeds, atol=1e-5, rtol=0)
    assert len(eager.hidden_states) == imu_model.config.num_hidden_layers + 1
    assert eager.attentions[0].shape == (2, 4, 22, 22)


def test_gradient_checkpointing_gives_the_same_gradients():
    values = torch.randn(2, 1, 100, 6)
    gradients = []
    for checkpointing in (False, True):
        model = build(MujoImuModel, tiny_imu_config(hidden_dropout=0.0)).train()
        if checkpointing:
            model.activation_checkpointing_enable()
        model(values).embeds.sum().backward()
        gradients.append(model.embeddings.stem.weight.grad)
    torch.testing.assert_close(*gradients)


def test_bfloat16_stays_close(imu_model):
    values = 5 * torch.randn(4, 1, 200, 6, generator=torch.Generator().manual_seed(4))
    half = build(MujoImuModel, tiny_imu_config()).to(torch.bfloat16)
    similarity = (imu_model(values).embeds * half(values).embeds.float()).sum(-1)
    assert similarity.min() > 0.99


def test_imu_encoder_exports_with_dynamic_shapes(imu_model):
    from torch.export import Dim, export

    example = (torch.randn(2, 2, 120, 6), torch.ones(2, 2, 120, dtype=torch.bool))
    dynamic = {0: Dim.DYNAMIC, 1: Dim.DYNAMIC, 2: Dim.DYNAMIC}
    shapes = {"imu_values": dynamic, "imu_attention_mask": dynamic}

    class Embed(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = imu_model

        def forward(self, imu_values, imu_attention_mask):
            return self.model(imu_values, imu_attention_mask).embeds

    exported = export(Embed(), example, dynamic_shapes=shapes, strict=False).module()
    for batch, sensors, time in ((3, 2, 203), (5, 3, 50)):
        values, mask = torch.randn(batch, sensors, time, 6), torch.ones(batch, sensors, time, dtype=torch.bool)
        mask[0, -1] = False
        torch.testing.assert_close(exported(values, mask), imu_model(values, mask).embeds, atol=1e-5, rtol=0)


def test_joint_model_takes_any_subset(joint_model):
    inputs = joint_inputs()
    output = joint_model(**inputs, return_loss=True)
    assert set(output.logits) == {"imu-pose", "imu-video", "imu-text", "pose-video", "pose-text", "video-text"}
    assert set(output.losses) == {*output.logits, "reconstruction"}
    pair = joint_model(pose_values=inputs["pose_values"], input_ids=inputs["input_ids"], return_loss=True)
    assert set(pair.losses) == {"pose-text"}
    assert pair.imu_embeds is None
    torch.testing.assert_close(pair.logits["pose-text"], output.logits["pose-text"])


def test_two_imu_views_are_contrasted(joint_model):
    inputs = joint_inputs()
    values = torch.cat([inputs["imu_values"], -inputs["imu_values"]])
    output = joint_model(imu_values=values, pose_values=inputs["pose_values"], imu_views=2, return_loss=True)
    assert set(output.losses) == {"imu-pose", "imu-imu2", "pose-imu2", "reconstruction"}
    with pytest.raises(ValueError, match="not a multiple"):
        joint_model(imu_values=values[:5], imu_views=2)


def test_masked_reconstruction_cannot_see_what_it_predicts(joint_model):
    values = joint_inputs()["imu_values"]
    hidden = torch.zeros(6, 1, 10, dtype=torch.bool)
    hidden[:, :, 3:6] = True
    other = values.clone()
    other[:, :, 30:60] += 50.0
    before = joint_model.imu_model(values, masked_patches=hidden).last_hidden_state
    assert torch.equal(before, joint_model.imu_model(other, masked_patches=hidden).last_hidden_state)


def test_logit_scale_is_clamped():
    model = build(MujoModel, tiny_config(max_logit_scale=20.0))
    with torch.no_grad():
        model.logit_scale.fill_(50.0)
    assert model.clamped_logit_scale().item() == 20.0


def test_text_features_stand_for_input_ids(joint_model):
    text_model = joint_model.text_model
    input_ids = joint_inputs()["input_ids"]
    mask = torch.ones_like(input_ids)
    mask[:, 5:] = 0
    features = text_model.pool(input_ids, mask).pooler_output
    direct = text_model(input_ids, mask).embeds
    assert torch.equal(text_model(text_features=features).embeds, direct)
    torch.testing.assert_close(text_model(input_ids[:, :5]).embeds, direct, atol=1e-5, rtol=0)


def test_frozen_text_backbone_stays_frozen(joint_model):
    assert not any(p.requires_grad for p in joint_model.text_model.backbone.parameters())
    joint_model.train()
    assert not joint_model.text_model.backbone.training
    joint_model.eval()


def test_untrained_weights_say_so(tmp_path, caplog):
    """No silent random heads: loading a checkpoint that has seen no pretraining warns; a pretrained one does not."""
    import logging

    logger = logging.getLogger("modeling_mujo.layers_mujo")
    for steps, warned in ((0, True), (7, False)):
        caplog.clear()
        build(MujoImuModel, tiny_imu_config(pretrained_steps=steps)).save_pretrained(tmp_path / str(steps))
        with caplog.at_level(logging.WARNING, logger=logger.name):
            logger.addHandler(caplog.handler)
            MujoImuModel.from_pretrained(tmp_path / str(steps))
            logger.removeHandler(caplog.handler)
        assert any("pretrained_steps=0" in message for message in caplog.messages) is warned


def test_configs_refuse_what_cannot_work():
    with pytest.raises(Exception, match="divisible by num_attention_heads"):
        MujoImuConfig(hidden_size=100, num_attention_heads=3)
    with pytest.raises(Exception, match=r"pooled_size \(384\) can be at most 192"):
        MujoImuConfig(hidden_size=16, num_hidden_layers=3)
    with pytest.raises(Exception, match=r"pooled_size \(256\) can be at most 96"):
        MujoPoseConfig(hidden_size=16, num_hidden_layers=2)
    with pytest.raises(Exception, match="joint space has projection_dim 128"):
        AutoConfig.for_model("mujo", imu_config={"projection_dim": 64})


def test_random_statistics_survive_saving_with_a_missing_sibling(tmp_path):
    """A partly loaded checkpoint keeps what it has and initialises the rest (transformers initialisation guard)."""
    encoder = build(MujoImuModel, tiny_imu_config())
    encoder.save_pretrained(tmp_path)
    classifier = MujoForImuClassification.from_pretrained(tmp_path, num_labels=3)
    for name, weight in encoder.state_dict().items():
        assert torch.equal(classifier.imu_model.state_dict()[name], weight), name
    assert classifier.classifier.weight.std() > 0


@pytest.mark.parametrize(
    ("problem_type", "labels"),
    [
        ("single_label_classification", torch.tensor([0, 2, 1, 1])),
        ("multi_label_classification", torch.eye(4, 3)),
        ("regression", torch.randn(4, 3)),
    ],
)
def test_classifier_losses(problem_type, labels):
    model = build(MujoForImuClassification, tiny_imu_config(num_labels=3, problem_type=problem_type))
    output = model(torch.randn(4, 1, 100, 6), labels=labels)
    assert output.logits.shape == (4, 3)
    output.loss.backward()
    assert model.imu_model.embeddings.stem.weight.grad.abs().sum() > 0


def test_classifier_learns_and_keeps_its_label_names(tmp_path):
    torch.manual_seed(0)
    model = MujoForImuClassification(tiny_imu_config(id2label={0: "walk", 1: "run"}, label2id={"walk": 0, "run": 1}))
    labels = torch.arange(32) % 2
    values = torch.randn(32, 1, 100, 6) * (1 + 5 * labels)[:, None, None, None]
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(20):
        loss = model(values, labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval().save_pretrained(tmp_path)
    reloaded = AutoModelForAudioClassification.from_pretrained(tmp_path)
    assert reloaded.config.id2label == {0: "walk", 1: "run"}
    assert (reloaded(values).logits.argmax(-1) == labels).float().mean() > 0.95


def test_lora_adapter_trains_saves_and_reloads(tmp_path):
    model = build(MujoForImuClassification, tiny_imu_config(num_labels=3))
    model.save_pretrained(tmp_path / "base")
    before = model.imu_model.encoder.layers[0].mlp.fc1.weight.clone()
    lora = get_peft_model(model, LoraConfig(r=4, target_modules=LORA_TARGETS, modules_to_save=["classifier"]))
    values, labels = torch.randn(8, 1, 100, 6), torch.arange(8) % 3
    optimizer = torch.optim.AdamW([p for p in lora.parameters() if p.requires_grad], lr=1e-2)
    for _ in range(3):
        lora(values, labels=labels).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    lora.eval()
    assert torch.equal(lora.get_base_model().imu_model.encoder.layers[0].mlp.fc1.base_layer.weight, before)
    lora.save_pretrained(tmp_path / "adapter")
    assert (tmp_path / "adapter" / "adapter_model.safetensors").stat().st_size < 200_000

    base = MujoForImuClassification.from_pretrained(tmp_path / "base")
    untuned = base(values).logits
    tuned = PeftModel.from_pretrained(base, tmp_path / "adapter").eval()(values).logits
    assert torch.equal(tuned, lora(values).logits)
    assert not torch.allclose(tuned, untuned)


def test_default_encoder_is_small():
    encoder = MujoImuModel(MujoImuConfig())
    assert sum(p.numel() for p in encoder.parameters()) < 5_000_000


def test_still_sensors_with_different_gravity_have_different_features(imu_model):
    """Posture is told apart by gravity alone: the pooled features may not be invariant to it."""
    upright = torch.zeros(1, 1, 200, 6)
    upright[..., 2] = 9.81
    lying = torch.zeros(1, 1, 200, 6)
    lying[..., 0] = 9.81
    difference = imu_model(upright).pooler_output - imu_model(lying).pooler_output
    assert np.linalg.norm(difference.detach().numpy()) > 1.0
