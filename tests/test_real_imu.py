"""Real recordings in pretraining: what they become, and how they stand beside clips of movement in a batch."""

import numpy as np
import pytest
import torch

from modeling_mujo import PLACEMENTS, MujoModel
from tests.helpers import TINY_BERT, tiny_config
from training.arguments import PretrainArguments
from training.augmentation import Augmentation, AugmentationSettings, two_view_inputs
from training.data import MotionCorpus, PretrainingBatches
from training.real_imu import RealImuCorpus, corpus_from_recordings, load_real_imu, read_recording
from training.validation import real_imu_accuracy
from training.words import Words

RIGHT_THIGH, RIGHT_WRIST = PLACEMENTS.index("right_thigh"), PLACEMENTS.index("right_wrist")


def row(title: str, placement: str, gyroscope: bool, rate: float, seconds: float = 10.0) -> dict:
    """As `ImuCorpora` gives it: a sensor at rest that reads 1 g along its z axis."""
    imu = np.zeros((int(seconds * rate), 1, 6), np.float32)
    imu[..., 2] = 9.81
    imu[..., 3:] = 0.1 if gyroscope else np.nan
    return {
        "imu": imu,
        "placements": [placement],
        "sampling_rate": rate,
        "normalized_title": title,
        "description": f"A person is {title}.",
    }


def corpora() -> tuple[MotionCorpus, RealImuCorpus, Words]:
    words = Words()
    motion_titles = ["walking", "squat", "lying down"]
    ids = torch.tensor([words.title_id(title) for title in motion_titles])
    choices = torch.tensor([[words.text_index(title)] * 3 for title in motion_titles])
    posture = np.tile(np.arange(51, dtype=np.float32).reshape(17, 3) / 51, (300, 1, 1))
    motion = MotionCorpus([posture] * 3, words.texts, choices, ids, torch.tensor([True, False, True]))
    recordings = [
        read_recording("wisdm51", row("walking", "right_wrist", True, 20.0)),
        read_recording("selfback", row("lying", "right_thigh", False, 50.0)),
        read_recording("wisdm51", row("walking on stairs", "right_wrist", True, 20.0, seconds=1.0)),
    ]
    return motion, corpus_from_recordings(recordings, words), words


def test_recordings_have_the_rate_of_fimad_and_the_axes_of_the_segment():
    _, real, _ = corpora()
    assert [recording.shape for recording in real.recordings] == [(500, 6), (500, 6), (50, 6)]
    np.testing.assert_allclose(real.recordings[0][100:400].mean(0), [0, 0, 9.81, 0.1, 0.1, 0.1], atol=1e-3)
    # SelfBACK's z looks into the thigh of who sits: its front, x of the segment, is up when z reads -1 g.
    np.testing.assert_allclose(real.recordings[1][0], [-9.81, 0, 0, 0, 0, 0], atol=1e-5)
    assert real.has_gyroscope.tolist() == [True, False, True]
    assert real.placement_ids[1].tolist() == [PLACEMENTS.index("left_thigh"), RIGHT_THIGH]


def test_the_same_movement_has_the_same_id_in_both_corpora():
    motion, real, words = corpora()
    walking, squat, lying = motion.text_ids.tolist()
    assert real.text_ids[:2].tolist() == [walking, lying]
    assert real.text_ids[2] not in (walking, squat, lying)
    assert [words.texts[index] for index in real.text_choices[1]] == ["lying", "lying down", "A person is lying."]


def test_a_batch_holds_the_asked_share_of_real_recordings():
    motion, real, _ = corpora()
    arguments = PretrainArguments(batch_size=16, real_imu_share=0.25)
    batch = PretrainingBatches(motion, arguments, real=real)[3]
    assert len(batch["pose_values"]) == 12
    assert len(batch["real_imu_values"]) == 4
    assert len(batch["text_ids"]) == len(batch["text_index"]) == 16
    assert set(batch["text_ids"][12:].tolist()) <= set(real.text_ids.tolist())
    assert batch["real_imu_values"].shape[1] == batch["pose_values"].shape[1], "both are played at the same speed"


def test_processes_share_the_real_recordings():
    motion, real, _ = corpora()
    arguments = PretrainArguments(batch_size=16, real_imu_share=0.25)
    whole = PretrainingBatches(motion, arguments, real=real)[3]
    for rank in range(2):
        part = PretrainingBatches(motion, arguments, rank, 2, real=real)[3]
        assert torch.equal(part["real_imu_values"], whole["real_imu_values"][rank::2])
        assert torch.equal(part["text_ids"][6:], whole["text_ids"][12:][rank::2])


@pytest.mark.parametrize("seed", range(4))
def test_real_recordings_are_trained_on_without_pose(seed):
    motion, real, words = corpora()
    arguments = PretrainArguments(batch_size=16, real_imu_share=0.25)
    batch = PretrainingBatches(motion, arguments, real=real)[seed]
    augmentation = Augmentation(
        AugmentationSettings(sensor_counts=(0.0, 1.0, 0.0)), torch.Generator().manual_seed(seed)
    )
    inputs = two_view_inputs(batch, float(batch["speed"]), augmentation, 10, 0.3, 0.1)
    assert inputs["imu_values"].shape[:2] == (32, 2)
    assert len(inputs["pose_values"]) == len(inputs["modality_mask"]) == 16
    of_real = torch.arange(32) % 16 >= 12
    assert not inputs["modality_mask"][12:, 1:3].any(), "they have neither pose nor video"
    assert not inputs["imu_attention_mask"][of_real][:, 1].any(), "they have one sensor"
    one_second = int(50 / float(batch["speed"])) - 1  # the shortest recording, as played
    assert (inputs["imu_attention_mask"][of_real][:, 0].sum(-1) >= one_second).all()

    torch.manual_seed(seed)
    model = MujoModel(tiny_config())
    features = torch.randn(len(words.texts), TINY_BERT["hidden_size"])
    output = model(**inputs, text_features=features[batch["text_index"]], return_loss=True)
    assert {"imu-imu2", "imu-text", "imu-pose", "reconstruction"} <= output.losses.keys()
    output.loss.backward()
    assert all(p.grad.isfinite().all() for p in model.imu_model.parameters() if p.grad is not None)


def test_who_is_played_faster_turns_faster():
    motion, real, _ = corpora()
    arguments = PretrainArguments(batch_size=16, real_imu_share=0.5)
    batch = PretrainingBatches(motion, arguments, real=real)[0]
    batch["real_imu_values"] = torch.ones_like(batch["real_imu_values"])
    batch["real_channel_mask"] = torch.ones_like(batch["real_channel_mask"])
    settings = AugmentationSettings(real_movement_gain=(1.0, 1.0), missing_gyroscope_share=0.0)
    one, two = (
        two_view_inputs(batch, speed, Augmentation(settings, torch.Generator().manual_seed(0)), 10, 0.3, 0.1)
        for speed in (1.0, 1.25)
    )
    turning = [inputs["imu_values"][8:16, 0, 5, 3:].norm(dim=-1).mean() for inputs in (one, two)]
    assert turning[1] / turning[0] == pytest.approx(1.25, rel=1e-4)
    assert two["imu_values"].shape[2] == round(one["imu_values"].shape[2] / 1.25)


def test_views_that_are_left_out_are_absent():
    motion, real, _ = corpora()
    batch = PretrainingBatches(motion, PretrainArguments(batch_size=16), real=real)[0]
    augmentation = Augmentation(AugmentationSettings(), torch.Generator().manual_seed(0))
    inputs = two_view_inputs(batch, float(batch["speed"]), augmentation, 10, 0.3, 0.0, ["imu", "text"])
    assert inputs["modality_mask"].any(0).tolist() == [True, False, False, True]


def test_an_unknown_corpus_is_refused():
    with pytest.raises(ValueError, match="pamap2"):
        load_real_imu("nowhere", "train", Words(), ["pamap2"])


def test_accuracy_on_real_recordings_counts_movements_alike():
    """An encoder that hears "walking" everywhere finds one of the three movements."""
    _, real, words = corpora()
    torch.manual_seed(0)
    model = MujoModel(tiny_config())
    features = torch.randn(len(words.texts), TINY_BERT["hidden_size"])
    embeds = model.text_model(text_features=features).embeds
    walking = embeds[words.text_index("walking")]
    forward = type(model.imu_model.projection).forward

    def hears_walking(projection, pooled):
        is_text = projection is model.text_model.projection
        return forward(projection, pooled) if is_text else walking.expand(len(pooled), -1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(model.imu_model.projection), "forward", hears_walking)
        assert real_imu_accuracy(model, real, features) == pytest.approx(1 / 3)


@pytest.mark.slow
def test_the_corpora_load(shared_data):
    words = Words()
    parts = [load_real_imu(str(shared_data / "imu_corpora"), split, words) for split in ("train", "validation")]
    assert sum(map(len, parts)) == 846 + 612
    assert all(len(part) > 100 for part in parts)
    standing = words.title_id("standing")
    thighs = (parts[0].text_ids == standing) & (parts[0].placement_ids[:, 1] == RIGHT_THIGH)
    means = np.stack([parts[0].recordings[index][:, :3].mean(0) for index in torch.nonzero(thighs).squeeze(1)])
    assert (means[:, 1] > 8.5).all(), "gravity is along the thigh of who stands"
