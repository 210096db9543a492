"""Recognition without a label: the activity whose words lie nearest to the window in the joint space."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from transformers import AutoTokenizer

from modeling_mujo import MujoModel
from modeling_mujo.pipeline_mujo import HYPOTHESIS_TEMPLATES
from training.windows import Windows


@torch.no_grad()
def zero_shot_predictions(
    folder: Path, windows: Windows, device: torch.device | str = "cpu", batch_size: int = 512
) -> np.ndarray:
    """Classes `(windows,)` by the joint model in `folder`; a class is the mean of its `HYPOTHESIS_TEMPLATES`."""
    model = MujoModel.from_pretrained(folder).eval().to(device)  # type: ignore[arg-type]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = [prompt.format(label) for label in windows.label_names for prompt in HYPOTHESIS_TEMPLATES]
    tokens = tokenizer(texts, padding=True, return_tensors="pt").to(device)
    words = model.text_model(tokens["input_ids"], tokens["attention_mask"]).embeds
    words = F.normalize(words.unflatten(0, (-1, len(HYPOTHESIS_TEMPLATES))).mean(1), dim=-1)
    nearest = []
    for start in range(0, len(windows), batch_size):
        batch = {name: value[start : start + batch_size].to(device) for name, value in windows.inputs.items()}
        nearest.append((model.imu_model(**batch).embeds @ words.T).argmax(-1).cpu())
    return torch.cat(nearest).numpy()
