"""MujoProcessor: one call for recordings and words, masks that do not collide, folders that load, embeddings."""

import pytest
import torch
from transformers import AutoModel, AutoProcessor

from modeling_mujo import MujoProcessor
from tests.small_pipelines import SI, recording, tiny_joint


@pytest.fixture(scope="module")
def pair():
    return tiny_joint()


def test_the_masks_of_recordings_and_words_are_apart(pair):
    model, processor = pair
    inputs = processor([recording(4), recording(2)], ["squat", "a person is rest"], return_tensors="pt", **SI)
    assert set(inputs) == set(processor.model_input_names)
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
        ({}, "neither recordings nor text"),
        ({"text": "squat", "sampling_rate": 50}, "describe recordings, and none are given"),
        ({"text": []}, "at least one"),
        ({"text": ["squat", 3]}, "string"),
        ({"recordings": recording()}, "acceleration_unit"),
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
    assert all(torch.equal(before[name], after[name]) for name in processor.model_input_names)
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


def test_embed_takes_one_kind_and_a_model_at_rest(pair):
    model, processor = pair
    with pytest.raises(ValueError, match="either recordings or text"):
        processor.embed(model, recording(), text="squat", **SI)
    with pytest.raises(ValueError, match="in training mode"):
        processor.embed(tiny_joint()[0].train(), text="squat")
