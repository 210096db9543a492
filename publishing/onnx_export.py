"""The IMU encoder as ONNX, for places without torch: one 4 s window of one sensor → its embedding.

Inputs and their types are those that `MujoImuFeatureExtractor` returns as NumPy arrays, so that a session of ONNX
Runtime takes them as they are.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from modeling_mujo import PLACEMENTS, MujoImuModel
from modeling_mujo.inputs_mujo import WINDOW_SECONDS

INPUTS = ("imu_values", "imu_attention_mask", "imu_channel_mask", "placement_ids")
FILES = {"fp32": "imu_encoder.onnx", "int8": "imu_encoder_int8.onnx"}

# Least cosine between the embeddings of torch and ONNX. Rounding leaves fp32 some 1e-7 short of one. Weights of eight
# bits leave 5e-4: with a logit scale of 15, the scores of two labels differ by about 0.02.
LEAST_COSINE = {"fp32": 1 - 1e-5, "int8": 0.995}
COMPARED_WINDOWS = 64


@dataclass(frozen=True)
class Agreement:
    """How near an ONNX file is to torch, at worst, over the compared windows."""

    cosine: float
    difference: float  # largest of any number of the embedding
    bytes: int


class _Embedder(nn.Module):
    """The encoder with one output, as ONNX wants it."""

    def __init__(self, encoder: MujoImuModel):
        super().__init__()
        self.encoder = encoder

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.encoder(*inputs).embeds


def export_imu_encoder(encoder: MujoImuModel, output: Path) -> dict[str, Agreement]:
    """
    Write `imu_encoder.onnx` and `imu_encoder_int8.onnx` (weights of matrix products in eight bits) to `output`.

    The shapes are fixed: `imu_values` `(1, 1, 200, 6)` float32; `imu_attention_mask` `(1, 1, 200)`, `imu_channel_mask`
    `(1, 1, 2)` and `placement_ids` `(1, 1)` int64; `embeds` `(1, projection_dim)` float32. Shorter windows are padded
    under the mask.

    Returns:
        `"fp32"` and `"int8"`: how near each is to torch.

    Raises:
        ValueError: the encoder is in training mode, or a file's embeddings differ too much from torch's
            (`LEAST_COSINE`); the file is not left there.
    """
    if encoder.training:
        raise ValueError("the encoder is in training mode, where dropout makes embeddings random: call encoder.eval()")
    output.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter, about its own internals
        program = torch.onnx.export(
            _Embedder(encoder),
            next(_windows(encoder)),
            dynamo=True,
            input_names=list(INPUTS),
            output_names=["embeds"],
            verbose=False,
        )
    assert program is not None  # always given with dynamo=True
    onnx.save(_without_metadata(program.model_proto), output / FILES["fp32"])
    quantize_dynamic(
        output / FILES["fp32"],
        output / FILES["int8"],
        op_types_to_quantize=["MatMul", "Gemm"],  # convolutions in eight bits are slower than in floats
        per_channel=True,
        reduce_range=True,  # seven bits: products of eight overflow in sixteen on processors without VNNI
        weight_type=QuantType.QInt8,
    )
    return {precision: _compare(encoder, output / file, LEAST_COSINE[precision]) for precision, file in FILES.items()}


def one_core_session(file: Path) -> onnxruntime.InferenceSession:
    """A session that computes on one core of the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def _without_metadata(model: onnx.ModelProto) -> onnx.ModelProto:
    """The exporter notes for each node where in the source it comes from, with the paths of this machine."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
    return model


@torch.no_grad()
def _compare(encoder: MujoImuModel, file: Path, least_cosine: float) -> Agreement:
    session = one_core_session(file)
    cosine, difference = 1.0, 0.0
    for inputs in _windows(encoder):
        expected = encoder(*inputs).embeds.numpy()
        (got,) = session.run(["embeds"], {name: value.numpy() for name, value in zip(INPUTS, inputs, strict=True)})
        cosine = min(cosine, float((expected * got).sum()))
        difference = max(difference, float(np.abs(expected - got).max()))
    if not cosine >= least_cosine:  # also refuses NaN
        file.unlink()
        raise ValueError(
            f"{file.name} differs from torch: of {COMPARED_WINDOWS} windows the worst has a cosine of {cosine:.5f}, "
            f"expected at least {least_cosine}. These weights cannot be published so"
        )
    return Agreement(cosine, difference, file.stat().st_size)


def _windows(encoder: MujoImuModel) -> Iterator[tuple[Tensor, ...]]:
    """Inputs as of people at rest and in movement: tilted, with and without gyroscope, all places, some incomplete."""
    generator = torch.Generator().manual_seed(0)
    samples = round(WINDOW_SECONDS * encoder.config.sampling_rate)
    time = torch.arange(samples) / encoder.config.sampling_rate
    for number in range(COMPARED_WINDOWS):
        up = torch.nn.functional.normalize(torch.randn(3, generator=generator), dim=0)
        intensity, hertz = torch.rand(2, generator=generator)
        phases = torch.rand(6, generator=generator)
        wave = torch.sin(2 * torch.pi * ((0.3 + 3 * hertz) * time[:, None] + phases))
        values = intensity * (8 * wave + 2 * torch.randn(samples, 6, generator=generator))
        values[:, :3] += 9.80665 * up
        mask = torch.ones(samples, dtype=torch.int64)
        if number % 4 == 3:  # a recording shorter than the window
            mask[25 + number :] = 0
        has_gyroscope = number % 3 != 2
        values[:, 3:] *= has_gyroscope
        yield (
            (values * mask[:, None])[None, None],
            mask[None, None],
            torch.tensor([[[1, int(has_gyroscope)]]]),
            torch.tensor([[number % len(PLACEMENTS)]]),
        )
