"""Arithmetic as fast as the device allows: bf16 where it computes in it, attention in the form that suits."""

import torch
from transformers import PreTrainedModel


def device_has_bf16() -> bool:
    """Whether matrix products in bf16 are computed, not emulated: recent GPUs, and CPUs with AVX512-BF16 or AMX."""
    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def choose_attention(model: PreTrainedModel, device: torch.device | str) -> None:
    """Plain matrix products on a CPU, where the fused kernel's backward pass in bf16 is slow."""
    if torch.device(device).type == "cpu":
        model.set_attn_implementation("eager")
