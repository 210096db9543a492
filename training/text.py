"""Text in pretraining: the features of every text by the frozen text encoder, computed once."""

import torch
from torch import Tensor
from tqdm.auto import tqdm
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from dataset_scripts.text_models import locate_text_model
from modeling_mujo import MujoTextModel


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
