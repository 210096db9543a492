"""What the tests of the page do over and over: a tiny joint model, and a person's steps in a browser tab."""

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import PreTrainedTokenizerFast

from benchmarks.browser import CHROMIUM
from modeling_mujo import MujoImuFeatureExtractor, MujoModel
from publishing.space import DEFAULT_ACTIVITIES, PACKAGES, VENDORED
from tests.helpers import tiny_config

browser_module = pytest.importorskip(
    "benchmarks.browser", reason="playwright is not installed: pip install mujo[space]"
)

needs_packages = pytest.mark.skipif(
    not all((PACKAGES / name).is_file() for name in VENDORED), reason="no npm packages: `make space-packages`"
)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: `make browser`")


def save_tiny_joint(folder: Path) -> Path:
    """A joint model of random weights that tells the default activities apart, as a folder."""
    torch.manual_seed(0)
    words = sorted({word for name in DEFAULT_ACTIVITIES for word in name.replace("-", " - ").split()})
    vocabulary = ["[PAD]", "[UNK]", *words, "a", "person", "is", "exercise", ":"]
    tokenizer = Tokenizer(WordLevel({word: index for index, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    MujoModel(tiny_config()).eval().save_pretrained(folder)
    MujoImuFeatureExtractor().save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]").save_pretrained(folder)
    return folder


def wait_until_ready(tab) -> None:
    tab.wait_for_selector("body[data-ready]", timeout=60_000)


def open_recording(tab, file: Path, placement: str = "right_thigh", **described: str) -> None:
    """Choose a CSV, say what is known of it (`rate`, `acceleration_unit`, ...) and have it read."""
    tab.set_input_files("#file", file)
    tab.wait_for_selector("#description:not([hidden])")
    tab.select_option("#placement", placement)
    for name, value in described.items():
        field = tab.locator(f"#{name.replace('_', '-')}")
        field.fill(value) if name == "rate" else field.select_option(value)
    tab.click("#description button")


def shown_scores(tab) -> dict[str, float]:
    """Activity → score, as the page shows them, best first."""
    read = "rows => rows.map(row => [row.querySelector('.name').textContent, Number(row.dataset.score)])"
    return dict(tab.eval_on_selector_all("#scores li", read))
