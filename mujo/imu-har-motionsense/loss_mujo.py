# Copyright 2026 The MuJo team.
# Licensed under the Apache License, Version 2.0.
"""The contrastive loss of MuJo: pairwise InfoNCE over whichever modalities are present."""

from collections.abc import Mapping
from itertools import combinations

import torch
import torch.distributed as dist
from torch import Tensor


class _AllGather(torch.autograd.Function):
    """Concatenation over processes; its backward sums the gradients of all processes and keeps one's own part."""

    @staticmethod
    def forward(ctx, tensor: Tensor) -> Tensor:
        ctx.rows = len(tensor)
        gathered = [torch.empty_like(tensor) for _ in range(dist.get_world_size())]
        dist.all_gather(gathered, tensor.contiguous())
        return torch.cat(gathered)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        gradient = gradient.contiguous()
        dist.all_reduce(gradient)
        return gradient[dist.get_rank() * ctx.rows :][: ctx.rows]


def gather_across_processes(tensor: Tensor) -> Tensor:
    """
    Concatenate a `(batch, ...)` tensor of every process along the batch, keeping gradients.

    The backward pass sums the gradients of all processes; averaged by DDP, they equal those of one process that holds
    the whole batch. Every process must bring the same batch size. Without `torch.distributed` this is the identity.
    """
    if not (dist.is_available() and dist.is_initialized()) or dist.get_world_size() == 1:
        return tensor
    return _AllGather.apply(tensor)


def same_clip_or_text(text_ids: Tensor | None, batch_size: int, device: torch.device) -> Tensor:
    """
    Which clips are positives of each other: `(batch, batch)` bool.

    A clip is a positive of itself, and of every clip with the same `text_ids` `(batch,)`; a negative id says that the
    clip has no text.
    """
    positives = torch.eye(batch_size, dtype=torch.bool, device=device)
    if text_ids is not None:
        same_text = text_ids[:, None] == text_ids[None, :]
        positives = positives | (same_text & (text_ids >= 0)[:, None])
    return positives


def info_nce(logits: Tensor, positives: Tensor, row_mask: Tensor, column_mask: Tensor) -> Tensor:
    """
    InfoNCE from rows to columns, averaged over the rows that are present (van den Oord et al. 2018, eq. 4; several
    positives as in Khosla et al. 2020, eq. 2: the mean of the log-likelihoods stands outside the logarithm).

    Args:
        logits: `(rows, columns)` scaled similarities.
        positives: `(rows, columns)` bool; every present row has a positive among the present columns.
        row_mask, column_mask: `(rows,)` and `(columns,)` bool, present samples.
    """
    log_likelihood = logits.masked_fill(~column_mask, torch.finfo(logits.dtype).min).log_softmax(dim=-1)
    positives = positives & column_mask
    per_row = -(log_likelihood * positives).sum(-1) / positives.sum(-1).clamp(min=1)
    return (per_row * row_mask).sum() / row_mask.sum().clamp(min=1)


def pairwise_contrastive_loss(
    embeds: Mapping[str, Tensor],
    masks: Mapping[str, Tensor],
    logit_scale: Tensor,
    text_ids: Tensor | None = None,
) -> tuple[Tensor, dict[str, Tensor]]:
    """
    Mean symmetric InfoNCE over all pairs of views that at least two clips of the (global) batch have in common.

    Args:
        embeds: view name → `(batch, projection_dim)` L2-normalised embeddings. Row `i` of every view is the same clip.
        masks: view name → `(batch,)` bool, the clips that have this view. Absent rows neither attract nor repel.
        logit_scale: scalar inverse temperature.
        text_ids: `(batch,)` int64, clips with the same non-negative id carry the same text and are positives of each
            other in every pair. Without it each clip is its own only positive.

    Returns:
        The loss (scalar, with gradient to every process's embeddings) and the loss of each pair, named `"imu-text"`.
        With no pair present the loss is 0.
    """
    # One collective for all views: several would have to come back in the same order in every process.
    stacked = gather_across_processes(torch.stack(list(embeds.values()), dim=1))
    present_views = gather_across_processes(torch.stack([masks[view] for view in embeds], dim=1))
    embeds = dict(zip(embeds, stacked.unbind(dim=1), strict=True))
    masks = dict(zip(embeds, present_views.unbind(dim=1), strict=True))
    if text_ids is not None:
        text_ids = gather_across_processes(text_ids)
    positives = same_clip_or_text(text_ids, len(stacked), stacked.device)

    losses = {}
    for one, other in combinations(embeds, 2):
        present = masks[one] & masks[other]
        if present.sum() < 2:
            continue
        with torch.autocast(stacked.device.type, enabled=False):  # eight bits are too few for scaled logits
            logits = logit_scale.float() * embeds[one].float() @ embeds[other].float().T
        losses[f"{one}-{other}"] = 0.5 * (
            info_nce(logits, positives, present, present) + info_nce(logits.T, positives, present, present)
        )
    if not losses:
        return stacked.sum() * 0.0, losses
    return torch.stack(list(losses.values())).mean(), losses
