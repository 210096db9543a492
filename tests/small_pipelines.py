"""Tiny models, a tokenizer and recordings for the tests of pipelines, processor and embedder."""

import numpy as np
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import PreTrainedTokenizerFast

from modeling_mujo import MujoForImuClassification, MujoImuFeatureExtractor, MujoModel, MujoProcessor
from tests.helpers import tiny_config, tiny_imu_config

LABELS = ("squat", "rest", "run")
SI = {"sampling_rate": 50, "acceleration_unit": "m/s2", "gyroscope_unit": "rad/s", "gravity": "included"}


def recording(seconds: float = 4.0, rate: float = 50.0, channels: int = 6, seed: int = 0) -> np.ndarray:
    """A sensor held roughly upright and moved about, the more the later, in SI units."""
    samples = round(seconds * rate)
    values = np.random.default_rng(seed).normal(size=(samples, channels)) * np.linspace(0, 10, samples)[:, None]
    values[:, 2] += 9.80665
    return values


def tiny_classifier() -> MujoForImuClassification:
    """Random weights whose answer varies along `recording`."""
    torch.manual_seed(0)
    id2label = dict(enumerate(LABELS))
    return MujoForImuClassification(
        tiny_imu_config(id2label=id2label, label2id={name: index for index, name in id2label.items()})
    ).eval()


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    words = ["[PAD]", "[UNK]", *LABELS, "a", "person", "is", "exercise", ":"]
    tokenizer = Tokenizer(WordLevel({word: index for index, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]")


def tiny_joint() -> tuple[MujoModel, MujoProcessor]:
    torch.manual_seed(0)
    return MujoModel(tiny_config()).eval(), MujoProcessor(MujoImuFeatureExtractor(), tiny_tokenizer())
