# Copyright 2026 The MuJo team.
# Licensed under the Apache License, Version 2.0.
"""The joint MuJo model and the IMU classifier."""

import math
from dataclasses import dataclass
from itertools import combinations

import torch
from torch import Tensor, nn
from transformers import initialization as init
from transformers.loss.loss_utils import ForSequenceClassificationLoss
from transformers.modeling_outputs import SequenceClassifierOutput
from transformers.utils import ModelOutput
from transformers.utils.generic import can_return_tuple

from .configuration_mujo import MODALITIES, MujoConfig, MujoImuConfig
from .encoders_mujo import MujoImuModel, MujoPoseModel, MujoTextModel, MujoVideoModel
from .layers_mujo import MujoPreTrainedModel, pad_to_multiple
from .loss_mujo import pairwise_contrastive_loss


@dataclass
class MujoOutput(ModelOutput):
    r"""
    Output of [`MujoModel`]. Fields of views that were not given are `None`.

    Args:
        loss (`()`): contrastive loss plus the weighted reconstruction loss, with `return_loss=True`.
        losses (`dict[str, Tensor]`): its terms, `"imu-text"`, ..., `"reconstruction"`.
        logits (`dict[str, (batch, batch)]`): scaled similarities of every pair of given views: entry
            `logits["imu-text"][i, j]` compares the IMU of clip `i` with the text of clip `j`.
        imu_embeds, pose_embeds, video_embeds, text_embeds (`(batch, projection_dim)`): joint space, L2-normalised.
            With `imu_views > 1`, `imu_embeds` is `(imu_views * batch, projection_dim)`, view by view.
    """

    loss: Tensor | None = None
    losses: dict[str, Tensor] | None = None
    logits: dict[str, Tensor] | None = None
    imu_embeds: Tensor | None = None
    pose_embeds: Tensor | None = None
    video_embeds: Tensor | None = None
    text_embeds: Tensor | None = None


class MujoModel(MujoPreTrainedModel):
    r"""
    The joint model: any subset of IMU, pose, video and text in one space, and the loss that trains it.

    The loss is the mean InfoNCE over all pairs of given views (see [`pairwise_contrastive_loss`]) plus
    `config.reconstruction_weight` times the error of reconstructing the IMU signal from its tokens, which keeps what
    the contrast alone would let the encoder forget: gravity, intensity, how the sensor sits.
    """

    config: MujoConfig

    def __init__(self, config: MujoConfig):
        super().__init__(config)
        imu_config, pose_config, video_config, text_config = (getattr(config, name) for name in config.sub_configs)
        self.imu_model = MujoImuModel(imu_config)
        self.pose_model = MujoPoseModel(pose_config)
        self.video_model = MujoVideoModel(video_config)
        self.text_model = MujoTextModel(text_config)
        self.imu_reconstruction = nn.Linear(imu_config.hidden_size, 6 * imu_config.patch_size)
        self.logit_scale = nn.Parameter(torch.empty(()))
        self.post_init()

    @torch.no_grad()
    def _init_weights(self, module: nn.Module):
        super()._init_weights(module)
        if isinstance(module, MujoModel):
            init.constant_(module.logit_scale, math.log(self.config.initial_logit_scale))

    def clamped_logit_scale(self) -> Tensor:
        """Inverse temperature, never above `config.max_logit_scale`."""
        return self.logit_scale.exp().clamp(max=self.config.max_logit_scale)

    @can_return_tuple
    def forward(
        self,
        imu_values: Tensor | None = None,
        imu_attention_mask: Tensor | None = None,
        imu_channel_mask: Tensor | None = None,
        placement_ids: Tensor | None = None,
        pose_values: Tensor | None = None,
        pose_attention_mask: Tensor | None = None,
        video_features: Tensor | None = None,
        video_attention_mask: Tensor | None = None,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        text_features: Tensor | None = None,
        modality_mask: Tensor | None = None,
        text_ids: Tensor | None = None,
        imu_views: int = 1,
        masked_patches: Tensor | None = None,
        return_loss: bool = False,
        **kwargs,
    ) -> MujoOutput:
        r"""
        Args:
            imu_values, imu_attention_mask, imu_channel_mask, placement_ids, masked_patches: see
                [`MujoImuModel.forward`]. With `imu_views=2`, two views of each clip (two placements or two mountings)
                lie view by view along the batch, `(2 * batch, ...)`, and are contrasted with each other as well.
            pose_values, pose_attention_mask: see [`MujoPoseModel.forward`].
            video_features, video_attention_mask: see [`MujoVideoModel.forward`].
            input_ids, attention_mask, text_features: see [`MujoTextModel.forward`].
            modality_mask: `(batch, 4)` bool in the order of `MODALITIES`: which given views a clip really has.
                All by default.
            text_ids: `(batch,)` int64: clips with the same non-negative id have the same words.
            imu_views: number of IMU views per clip.
            return_loss: compute the loss.

        Raises:
            ValueError: no view given, or batch sizes that differ.
        """
        embeds: dict[str, Tensor] = {}
        losses: dict[str, Tensor] = {}
        if imu_values is not None:
            imu_output = self.imu_model(
                imu_values, imu_attention_mask, imu_channel_mask, placement_ids, masked_patches, **kwargs
            )
            embeds["imu"] = imu_output.embeds
        if pose_values is not None:
            embeds["pose"] = self.pose_model(pose_values, pose_attention_mask, **kwargs).embeds
        if video_features is not None:
            embeds["video"] = self.video_model(video_features, video_attention_mask, **kwargs).embeds
        if input_ids is not None or text_features is not None:
            embeds["text"] = self.text_model(input_ids, attention_mask, text_features).embeds

        views = split_views(embeds, imu_views)
        logits = self.pairwise_logits(views)
        loss = None
        if return_loss:
            masks = presence(views, modality_mask)
            loss, losses = pairwise_contrastive_loss(views, masks, self.clamped_logit_scale(), text_ids)
            if imu_values is not None and self.config.reconstruction_weight > 0:
                present = torch.cat([masks[view] for view in views if view.startswith("imu")])
                losses["reconstruction"] = self.reconstruction_loss(
                    imu_output.last_hidden_state, imu_values, imu_attention_mask, imu_channel_mask, present
                )
                loss = loss + self.config.reconstruction_weight * losses["reconstruction"]
        return MujoOutput(
            loss=loss,
            losses=losses or None,
            logits=logits or None,
            **{f"{name}_embeds": value for name, value in embeds.items()},
        )

    def pairwise_logits(self, views: dict[str, Tensor]) -> dict[str, Tensor]:
        scale = self.clamped_logit_scale()
        return {f"{one}-{other}": scale * views[one] @ views[other].T for one, other in combinations(views, 2)}

    def reconstruction_loss(
        self,
        tokens: Tensor,
        imu_values: Tensor,
        imu_attention_mask: Tensor | None,
        imu_channel_mask: Tensor | None,
        present: Tensor,
    ) -> Tensor:
        """Mean squared error of the scaled signal predicted from each patch token, over real samples and channels."""
        batch, sensors, time, _ = imu_values.shape
        if imu_attention_mask is None:
            imu_attention_mask = imu_values.new_ones(batch, sensors, time)
        weight = imu_attention_mask.float() * present[:, None, None]
        target, weight = pad_to_multiple(
            self.imu_model.embeddings.scale(imu_values).flatten(0, 1),
            weight.flatten(0, 1),
            self.imu_model.config.patch_size,
        )
        weight = weight[..., None].expand_as(target)
        if imu_channel_mask is not None:
            weight = weight * imu_channel_mask.flatten(0, 1).repeat_interleave(3, dim=-1)[:, None]
        predicted = self.imu_reconstruction(tokens[:, sensors:]).float().reshape(target.shape)
        return ((predicted - target).square() * weight).sum() / weight.sum().clamp(min=1)


def split_views(embeds: dict[str, Tensor], imu_views: int) -> dict[str, Tensor]:
    """Views of equal batch size, `"imu"` divided into `"imu"`, `"imu2"`, ... where a clip has several."""
    if not embeds:
        raise ValueError(f"Give at least one of the views {', '.join(MODALITIES)}.")
    views = dict(embeds)
    if "imu" in embeds:
        if embeds["imu"].shape[0] % imu_views:
            raise ValueError(f"imu_values has {embeds['imu'].shape[0]} rows, not a multiple of imu_views={imu_views}.")
        for number, part in enumerate(embeds["imu"].chunk(imu_views), start=1):
            views["imu" if number == 1 else f"imu{number}"] = part
    sizes = {name: value.shape[0] for name, value in views.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"Every view must hold the same clips in the same order, but their batch sizes are {sizes}.")
    return views


def presence(views: dict[str, Tensor], modality_mask: Tensor | None) -> dict[str, Tensor]:
    """Which clips have each view: `(batch,)` bool per view."""
    first = next(iter(views.values()))
    if modality_mask is None:
        modality_mask = torch.ones(first.shape[0], len(MODALITIES), dtype=torch.bool, device=first.device)
    return {view: modality_mask[:, MODALITIES.index(view.rstrip("0123456789"))].bool() for view in views}


class MujoForImuClassification(MujoPreTrainedModel):
    r"""
    The IMU encoder and a linear head on its `pooler_output` and `embeds`: an activity classifier.

    The pooled features hold most of what a few labels can teach; in the joint space lie the words of the activities,
    from which a head can start. Its weights are `(num_labels, pooler_output_size + projection_dim)`.

    The head of a checkpoint without one is new and says so when loaded. For a frozen encoder call
    `model.imu_model.requires_grad_(False)`; for LoRA wrap the model with `peft.get_peft_model` on
    `["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]` with `modules_to_save=["classifier"]`.
    """

    config: MujoImuConfig
    base_model_prefix = "imu_model"
    main_input_name = "imu_values"

    def __init__(self, config: MujoImuConfig):
        super().__init__(config)
        self.imu_model = MujoImuModel(config)
        self.dropout = nn.Dropout(config.classifier_dropout)
        width = config.pooler_output_size + config.projection_dim
        self.classifier = nn.Linear(width, len(config.id2label or {}))
        self.post_init()

    @can_return_tuple
    def forward(
        self,
        imu_values: Tensor,
        imu_attention_mask: Tensor | None = None,
        imu_channel_mask: Tensor | None = None,
        placement_ids: Tensor | None = None,
        labels: Tensor | None = None,
        **kwargs,
    ) -> SequenceClassifierOutput:
        r"""
        Args:
            imu_values, imu_attention_mask, imu_channel_mask, placement_ids: see [`MujoImuModel.forward`].
            labels: `(batch,)` class indices, `(batch, num_labels)` floats for multi-label classification, or targets
                of a regression; the loss follows `config.problem_type`.
        """
        output = self.imu_model(imu_values, imu_attention_mask, imu_channel_mask, placement_ids, **kwargs)
        features = torch.cat([output.pooler_output, output.embeds], dim=-1)
        logits = self.classifier(self.dropout(features))
        loss = None if labels is None else ForSequenceClassificationLoss(labels, logits, self.config)
        return SequenceClassifierOutput(
            loss=loss, logits=logits, hidden_states=output.hidden_states, attentions=output.attentions
        )


__all__ = ["MujoForImuClassification", "MujoModel", "MujoOutput"]
