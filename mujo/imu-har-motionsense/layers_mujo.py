# Copyright 2026 The MuJo team.
# Licensed under the Apache License, Version 2.0.
"""What the MuJo encoders are made of: masked arithmetic, pre-norm transformer, projection, pretrained base."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import PreTrainedConfig, PreTrainedModel
from transformers import initialization as init
from transformers.activations import ACT2FN
from transformers.masking_utils import create_bidirectional_mask
from transformers.modeling_layers import GradientCheckpointingLayer
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS
from transformers.utils import ModelOutput, logging

from .configuration_mujo import MujoEncoderConfig, MujoTextConfig

logger = logging.get_logger(__name__)


@dataclass
class MujoEncoderOutput(ModelOutput):
    r"""
    Output of one encoder.

    Args:
        embeds (`(batch, projection_dim)`): L2-normalised embedding in the joint space.
        pooler_output (`(batch, pooled_size)`): what classifiers and probes should be trained on.
        last_hidden_state (`(batch, tokens, hidden_size)`): tokens after the last layer normalisation.
        token_mask (`(batch, tokens)`): True where a token stands on real samples.
        hidden_states, attentions: of every layer, when asked for.
    """

    embeds: Tensor | None = None
    pooler_output: Tensor | None = None
    last_hidden_state: Tensor | None = None
    token_mask: Tensor | None = None
    hidden_states: tuple[Tensor, ...] | None = None
    attentions: tuple[Tensor, ...] | None = None


def masked_mean(values: Tensor, mask: Tensor, dim: int) -> Tensor:
    """Mean of `values` over `dim` where `mask` (broadcastable) is True; 0 where nothing is."""
    mask = mask.to(values.dtype)
    return (values * mask).sum(dim) / mask.sum(dim).clamp(min=1)


def masked_std(values: Tensor, mask: Tensor, dim: int) -> Tensor:
    """Standard deviation of `values` over `dim` where `mask` is True; its gradient stays finite at 0."""
    centred = values - masked_mean(values, mask, dim).unsqueeze(dim)
    return (masked_mean(centred.square(), mask, dim) + 1e-6).sqrt()


def sinusoidal_positions(length: int, hidden_size: int, device: torch.device, dtype: torch.dtype) -> Tensor:
    """Fixed position embeddings `(length, hidden_size)` (Vaswani et al. 2017, section 3.5)."""
    frequencies = torch.exp(torch.arange(0, hidden_size, 2, device=device) * (-math.log(1000.0) / hidden_size))
    angles = torch.arange(length, device=device)[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=-1).to(dtype)


def pad_to_multiple(values: Tensor, mask: Tensor, multiple: int) -> tuple[Tensor, Tensor]:
    """Append masked zeros along time so that `(batch, time, ...)` and `(batch, time)` divide into whole patches."""
    missing = -values.shape[1] % multiple
    values = F.pad(values, (0, 0) * (values.dim() - 2) + (0, missing))
    return values, F.pad(mask, (0, missing))


def refuse_longer_than(time: int, config: MujoEncoderConfig) -> None:
    longest = int(config.max_seconds * config.sampling_rate)
    if time > longest:
        raise ValueError(
            f"The window has {time} samples ({time / config.sampling_rate:.1f} s), but this model takes at most "
            f"{longest} ({config.max_seconds:g} s at {config.sampling_rate} Hz). Cut the recording into windows, "
            f"for instance with window_seconds=... of the feature extractor."
        )


def eager_attention_forward(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float,
    dropout: float = 0.0,
    **kwargs,
) -> tuple[Tensor, Tensor]:
    weights = torch.matmul(query, key.transpose(-1, -2)) * scaling
    if attention_mask is not None:
        weights = weights + attention_mask
    weights = F.softmax(weights, dim=-1, dtype=torch.float32).to(query.dtype)
    weights = F.dropout(weights, p=dropout, training=module.training)
    return torch.matmul(weights, value).transpose(1, 2).contiguous(), weights


class MujoAttention(nn.Module):
    def __init__(self, config: MujoEncoderConfig):
        super().__init__()
        self.config = config
        self.head_dim = config.hidden_size // config.num_attention_heads
        self.scaling = self.head_dim**-0.5
        self.is_causal = False
        self.q_proj = nn.Linear(config.hidden_size, config.hidden_size)
        self.k_proj = nn.Linear(config.hidden_size, config.hidden_size)
        self.v_proj = nn.Linear(config.hidden_size, config.hidden_size)
        self.out_proj = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, hidden_states: Tensor, attention_mask: Tensor | None, **kwargs) -> tuple[Tensor, Tensor | None]:
        input_shape = hidden_states.shape[:-1]
        # (batch, heads, tokens, head_dim)
        query, key, value = (
            projection(hidden_states).view(*input_shape, -1, self.head_dim).transpose(1, 2)
            for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        attention: Callable = ALL_ATTENTION_FUNCTIONS.get_interface(
            self.config._attn_implementation, eager_attention_forward
        )
        output, weights = attention(
            self,
            query,
            key,
            value,
            attention_mask,
            is_causal=False,
            scaling=self.scaling,
            dropout=self.config.attention_dropout if self.training else 0.0,
            **kwargs,
        )
        return self.out_proj(output.reshape(*input_shape, -1)), weights


class MujoMLP(nn.Module):
    def __init__(self, config: MujoEncoderConfig):
        super().__init__()
        self.activation = ACT2FN[config.hidden_act]
        self.fc1 = nn.Linear(config.hidden_size, config.intermediate_size)
        self.fc2 = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, hidden_states: Tensor) -> Tensor:
        return self.fc2(self.activation(self.fc1(hidden_states)))


class MujoEncoderLayer(GradientCheckpointingLayer):
    def __init__(self, config: MujoEncoderConfig):
        super().__init__()
        self.layer_norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.self_attn = MujoAttention(config)
        self.layer_norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = MujoMLP(config)
        self.dropout = nn.Dropout(config.hidden_dropout)

    def forward(self, hidden_states: Tensor, attention_mask: Tensor | None, **kwargs) -> Tensor:
        attended, _ = self.self_attn(self.layer_norm1(hidden_states), attention_mask, **kwargs)
        hidden_states = hidden_states + self.dropout(attended)
        return hidden_states + self.dropout(self.mlp(self.layer_norm2(hidden_states)))


class MujoEncoder(nn.Module):
    def __init__(self, config: MujoEncoderConfig):
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList([MujoEncoderLayer(config) for _ in range(config.num_hidden_layers)])
        self.post_layernorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.gradient_checkpointing = False

    def forward(self, hidden_states: Tensor, token_mask: Tensor, **kwargs) -> list[Tensor]:
        """
        `(batch, tokens, hidden_size)` tokens and their `(batch, tokens)` mask → the tokens as they come and after
        each layer; the last are normalised.
        """
        # A row with no token at all would make softmax divide by zero: let it attend to its first, zeroed token.
        first_token = torch.arange(token_mask.shape[1], device=token_mask.device) == 0
        key_mask = token_mask | (first_token & ~token_mask.any(dim=1, keepdim=True))
        attention_mask = create_bidirectional_mask(
            config=self.config, inputs_embeds=hidden_states, attention_mask=key_mask
        )
        levels = [hidden_states]
        for layer in self.layers:
            levels.append(layer(levels[-1], attention_mask, **kwargs))
        return [*levels[:-1], self.post_layernorm(levels[-1])]


class MujoProjection(nn.Module):
    """Pooled features → L2-normalised embedding in the joint space."""

    def __init__(self, pooled_size: int, config: MujoEncoderConfig | MujoTextConfig):
        super().__init__()
        self.fc1 = nn.Linear(pooled_size, 2 * config.projection_dim)
        self.fc2 = nn.Linear(2 * config.projection_dim, config.projection_dim)

    def forward(self, pooled: Tensor) -> Tensor:
        return F.normalize(self.fc2(F.gelu(self.fc1(pooled))), dim=-1)


class MujoPreTrainedModel(PreTrainedModel):
    base_model_prefix = "mujo"
    supports_gradient_checkpointing = True
    _no_split_modules = ["MujoEncoderLayer"]  # noqa: RUF012
    _supports_sdpa = True
    _supports_attention_backend = True
    _can_record_outputs = {"hidden_states": MujoEncoderLayer, "attentions": MujoAttention}  # noqa: RUF012

    @torch.no_grad()
    def _init_weights(self, module: nn.Module):
        super()._init_weights(module)
        if isinstance(module, (nn.Linear, nn.Conv1d)):
            init.lecun_normal_(module.weight)

    @classmethod
    def from_pretrained(cls, *args, **kwargs):
        loaded = super().from_pretrained(*args, **kwargs)
        model = loaded[0] if isinstance(loaded, tuple) else loaded
        for name in untrained_encoders(model.config):
            logger.warning(
                f"{name} of this checkpoint has seen no pretraining (pretrained_steps=0): its embeddings are random."
            )
        return loaded


def untrained_encoders(config: PreTrainedConfig) -> list[str]:
    """Names (`model_type`) of the encoders in `config` whose weights are random."""
    if hasattr(config, "pretrained_steps"):
        return [config.model_type] if config.pretrained_steps == 0 else []
    return [name for part in config.sub_configs for name in untrained_encoders(getattr(config, part))]
