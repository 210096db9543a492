"""The reference of a saved model: fixed inputs and what the model makes of them, kept beside its weights.

    python -m training.reference outputs/mujo/imu-encoder

Whoever loads the folder later, elsewhere, can tell that it gives the same numbers.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import AutoConfig, AutoFeatureExtractor, AutoModel, AutoTokenizer, PreTrainedModel

from dataset_scripts.fimad.kinematics import ANGLES, forward_kinematics, random_body
from modeling_mujo import MujoForImuClassification

REFERENCE = "reference.safetensors"
_RECORDING_SECONDS = 4
# How the reference recordings are described to the feature extractors.
_IMU: dict[str, Any] = {
    "sampling_rate": 100,
    "acceleration_unit": "m/s2",
    "gyroscope_unit": "rad/s",
    "gravity": "included",
    "placement": "left_wrist",
}
_POSE: dict[str, Any] = {"sampling_rate": 30, "length_unit": "mm", "up": "y", "floor": "unknown"}
_TEXTS = ["a person is walking", "squats"]


def write_reference(folder: Path) -> Path:
    """Run the model of `folder` on fixed inputs and write both to `reference.safetensors`; call it when saving.

    Tensors: `recording`, of an IMU `(400, 6)` or a pose `(120, 17, 3)`, where the folder has a feature extractor (how
    it is described to that is the metadata `description`, as JSON), `input.*` by the names of `forward`, `output.*`
    the embeddings, or the logits of a classifier, by their names.
    """
    model = _load_model(folder)
    tensors, description, inputs = _inputs(folder, model)
    with torch.no_grad():
        outputs = model(**inputs)
    tensors |= {f"input.{name}": value for name, value in inputs.items()}
    tensors |= {
        f"output.{name}": value
        for name, value in outputs.items()
        if isinstance(value, Tensor) and name.endswith(("embeds", "pooler_output", "logits"))
    }
    file = folder / REFERENCE
    save_file(
        {name: value.contiguous() for name, value in tensors.items()}, file, {"description": json.dumps(description)}
    )
    return file


def _load_model(folder: Path) -> PreTrainedModel:
    architectures = AutoConfig.from_pretrained(folder).architectures or []
    is_classifier = MujoForImuClassification.__name__ in architectures
    return (MujoForImuClassification if is_classifier else AutoModel).from_pretrained(folder).eval()


def _inputs(folder: Path, model: PreTrainedModel) -> tuple[dict[str, Tensor], dict[str, Any], dict[str, Tensor]]:
    """The raw recording, its description, and inputs of every view that the model has and that it was trained on."""
    generator = torch.Generator().manual_seed(0)
    parts = {"mujo": ("mujo_imu", "mujo_pose", "mujo_text")}.get(model.config.model_type, (model.config.model_type,))
    raw: dict[str, Tensor] = {}
    description: dict[str, Any] = {}
    inputs: dict[str, Tensor] = {}
    if "mujo_imu" in parts:
        noise = torch.randn(_RECORDING_SECONDS * _IMU["sampling_rate"], 6, generator=generator)
        raw["recording"], description = noise + torch.tensor([0.0, 0.0, 9.81, 0.0, 0.0, 0.0]), _IMU
    elif parts == ("mujo_pose",):
        raw["recording"], description = _somebody_who_stands(generator), _POSE
    if raw:
        extractor = AutoFeatureExtractor.from_pretrained(folder)
        features = extractor(raw["recording"].numpy(), return_tensors="pt", **description)
        inputs |= {name: features[name] for name in extractor.model_input_names}
    count = 2 if parts == ("mujo_text",) else 1  # the views of a joint model are of one clip
    if "mujo_pose" in parts and "pose_values" not in inputs:
        inputs["pose_values"] = torch.randn(1, 100, 17, 3, generator=generator)
    if "mujo_video" in parts:
        inputs["video_features"] = torch.randn(1, 8, model.config.feature_dim, generator=generator)
    if "mujo_text" in parts:
        tokens = AutoTokenizer.from_pretrained(folder)(_TEXTS[:count], padding=True, return_tensors="pt")
        inputs |= {name: tokens[name] for name in ("input_ids", "attention_mask")}
    return raw, description, inputs


def _somebody_who_stands(generator: torch.Generator) -> Tensor:
    """Pose `(120, 17, 3)` as described by `_POSE`: millimetres from the pelvis, y up, joints 2 cm off at random."""
    frames = _RECORDING_SECONDS * _POSE["sampling_rate"]
    body = random_body(np.random.default_rng(0))
    x, y, z = forward_kinematics(np.zeros((frames, len(ANGLES))), body).transpose(2, 0, 1)
    standing = 1000 * torch.tensor(np.stack([x, z, -y], axis=-1), dtype=torch.float32)
    return standing + 20 * torch.randn(frames, 17, 3, generator=generator)


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        print(f"wrote {write_reference(Path(argument))}")
