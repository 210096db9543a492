"""The reference of a saved encoder: fixed inputs and what the encoder makes of them, kept beside its weights.

    python -m publishing.reference outputs/mujo/imu-encoder

Whoever loads the folder later, elsewhere, can tell that it gives the same numbers.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import AutoFeatureExtractor, AutoModel, AutoTokenizer, PreTrainedModel

import modeling_mujo  # noqa: F401  registers the Auto classes

REFERENCE = "reference.safetensors"
RATE = 100  # of the reference recording, in Hz
_CLEAN_LOAD = Path(__file__).with_name("clean_load.py")
_TEXTS = ["a person is walking", "squats"]


def write_reference(folder: Path) -> Path:
    """Run the encoder of `folder` on fixed inputs and write both to `reference.safetensors`; call it when saving.

    Tensors: `recording` `(400, 6)` in m/s² and rad/s at 100 Hz where the folder has a feature extractor, `input.*` by
    the names of `forward`, `output.*` the embeddings by their names.
    """
    model = AutoModel.from_pretrained(folder).eval()
    tensors, inputs = _inputs(folder, model)
    with torch.no_grad():
        outputs = model(**inputs)
    tensors |= {f"input.{name}": value for name, value in inputs.items()}
    tensors |= {
        f"output.{name}": value for name, value in outputs.items() if name.endswith(("embeds", "pooler_output"))
    }
    file = folder / REFERENCE
    save_file({name: value.contiguous() for name, value in tensors.items()}, file)
    return file


def _inputs(folder: Path, model: PreTrainedModel) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """The raw recording, and inputs of every view that the model has and that it was trained on."""
    generator = torch.Generator().manual_seed(0)
    parts = {"mujo": ("mujo_imu", "mujo_pose", "mujo_text")}.get(model.config.model_type, (model.config.model_type,))
    raw: dict[str, Tensor] = {}
    inputs: dict[str, Tensor] = {}
    if "mujo_imu" in parts:
        recording = torch.randn(4 * RATE, 6, generator=generator) + torch.tensor([0.0, 0.0, 9.81, 0.0, 0.0, 0.0])
        extractor = AutoFeatureExtractor.from_pretrained(folder)
        features = extractor(
            recording.numpy(),
            sampling_rate=RATE,
            acceleration_unit="m/s2",
            gyroscope_unit="rad/s",
            gravity="included",
            placement="left_wrist",
            return_tensors="pt",
        )
        raw["recording"] = recording
        inputs |= dict(features)
    count = 2 if parts == ("mujo_text",) else 1  # the views of a joint model are of one clip
    if "mujo_pose" in parts:
        inputs["pose_values"] = torch.randn(1, 100, 17, 3, generator=generator)
    if "mujo_video" in parts:
        inputs["video_features"] = torch.randn(1, 8, model.config.feature_dim, generator=generator)
    if "mujo_text" in parts:
        tokenizer = AutoTokenizer.from_pretrained(folder)
        inputs |= dict(tokenizer(_TEXTS[:count], padding=True, return_tensors="pt"))
    return raw, {name: value for name, value in inputs.items() if name != "token_type_ids"}


def check_in_clean_process(folder: Path) -> None:
    """Load the folder where nothing of ours is installed and compare with its reference.

    Raises:
        ValueError: there is no reference, the folder does not load, or its embeddings differ.
    """
    if not (folder / REFERENCE).is_file():
        raise ValueError(
            f"{folder} has no {REFERENCE}: write it when saving, `python -m publishing.reference {folder}`"
        )
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "HF_MODULES_CACHE": cache, "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(
            [sys.executable, "-I", str(_CLEAN_LOAD), str(folder.resolve())],
            cwd=cache,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit status {done.returncode}"
        raise ValueError(f"{folder} does not load as it was saved in a process without this package: {reason}")


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        print(f"wrote {write_reference(Path(argument))}")
