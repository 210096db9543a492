"""MujoProcessor: one call for recordings and words, masks that do not collide, folders that load, embeddings."""

import pytest
import torch
from transformers import AutoModel, AutoProcessor

from modeling_mujo import MujoPoseFeatureExtractor, MujoProcessor
from tests.small_pipelines import SI, recording, tiny_joint
from tests.test_training import walking_corpus

POSE = {"sampling_rate": 50, "length_unit": "m", "up": "z", "floor": "unknown"}


@pytest.fixture(scope="module")
def pair():
    return tiny_joint()


def test_the_masks_of_recordings_and_words_are_apart(pair):
    model, processor = pair
    inputs = processor([recording(4), recording(2)], ["squat", "a person is rest"], return_tensors="pt", **SI)
    assert set(inputs) == set(processor.model_input_names) - set(MujoPoseFeatureExtractor.model_input_names)
    assert inputs["imu_attention_mask"].sum(-1).tolist() == [[200], [100]]
    assert inputs["attention_mask"].tolist() == [[1, 0, 0, 0], [1, 1, 1, 1]]
    with torch.no_grad():
        assert model(**inputs).logits["imu-text"].shape == (2, 2)


def test_either_kind_alone(pair):
    _, processor = pair
    assert set(processor(text="squat")) == {"input_ids", "attention_mask"}
    assert "input_ids" not in processor(recording(), **SI)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "neither recordings, poses nor text"),
        ({"text": "squat", "sampling_rate": 50}, "describe recordings or poses, and none are given"),
        ({"text": []}, "at least one"),
        ({"text": ["squat", 3]}, "string"),
        ({"recordings": recording()}, "acceleration_unit"),
        ({"poses": walking_corpus(1).poses}, "recording 0: length_unit must be"),
        ({"recordings": recording(), "poses": walking_corpus(1).poses}, "in two calls"),
    ],
)
def test_what_cannot_be_processed_is_refused(pair, arguments, message):
    with pytest.raises(ValueError, match=message):
        pair[1](**arguments)


def test_saved_and_loaded_it_gives_the_same(pair, tmp_path):
    model, processor = pair
    processor.save_pretrained(tmp_path)
    model.save_pretrained(tmp_path)
    loaded = AutoProcessor.from_pretrained(tmp_path)
    assert type(loaded) is MujoProcessor
    before, after = (
        one(recording(), "squat rest", return_tensors="pt", placement="left_wrist", **SI)
        for one in (processor, loaded)
    )
    assert all(torch.equal(before[name], after[name]) for name in before)
    embeds = loaded.embed(AutoModel.from_pretrained(tmp_path).eval(), text="squat")
    assert torch.allclose(embeds, processor.embed(model, text="squat"), atol=1e-6)


def test_embeddings_are_those_of_the_model(pair):
    model, processor = pair
    whole = processor.embed(model, recording(), **SI)
    windows = processor.embed(model, recording(8), window_seconds=4.0, **SI)
    words = processor.embed(model, text=["squat", "rest", "run"])
    assert (whole.shape, windows.shape, words.shape) == ((1, 16), (2, 16), (3, 16))
    assert torch.allclose(words.norm(dim=1), torch.ones(3))
    inputs = processor(recording(), ["squat"], return_tensors="pt", **SI)
    with torch.no_grad():
        cosine = model(**inputs).logits["imu-text"] / model.clamped_logit_scale()
    assert torch.allclose(whole @ words[:1].T, cosine, atol=1e-6)


def test_poses_are_read_and_embedded_as_recordings_are(pair):
    model, processor = pair
    poses = walking_corpus(2).poses
    inputs = processor(poses=poses, text=["squat", "rest"], return_tensors="pt", **POSE)
    assert set(inputs) == {"pose_values", "pose_attention_mask", "input_ids", "attention_mask"}
    with torch.no_grad():
        output = model(**inputs)
    embeds = processor.embed(model, poses=poses, **POSE)
    torch.testing.assert_close(embeds, output.pose_embeds)
    assert output.logits["pose-text"].shape == (2, 2)
    windows = processor.embed(model, poses=poses[0][:150], window_seconds=1.0, **POSE)
    assert windows.shape == (3, 16)


def test_embed_takes_one_kind_and_a_model_at_rest(pair):
    model, processor = pair
    with pytest.raises(ValueError, match="either recordings, poses or text"):
        processor.embed(model, recording(), text="squat", **SI)
    with pytest.raises(ValueError, match="in training mode"):
        processor.embed(tiny_joint()[0].train(), text="squat")
