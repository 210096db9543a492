# Copyright 2026 The MuJo team.
# Licensed under the Apache License, Version 2.0.
"""One encoder per view of a movement: IMU, 3D pose, video, text."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import AutoModel
from transformers import initialization as init
from transformers.utils.generic import can_return_tuple, merge_with_config_defaults
from transformers.utils.output_capturing import capture_outputs

from .configuration_mujo import MujoImuConfig, MujoPoseConfig, MujoTextConfig, MujoVideoConfig
from .layers_mujo import (
    MujoEncoder,
    MujoEncoderOutput,
    MujoPreTrainedModel,
    MujoProjection,
    masked_mean,
    masked_std,
    pad_to_multiple,
    refuse_longer_than,
    sinusoidal_positions,
)
from .rhythm_mujo import MujoRhythm


class MujoStatistics(nn.Module):
    """
    One token per sensor from the moments of its window.

    Mean (gravity, hence how the sensor sits), standard deviation (intensity) and mean absolute difference (bandwidth)
    of the six channels and the two magnitudes. They separate postures and intensities from a handful of labels, and
    convolutions followed by layer normalisation lose them.
    """

    num_statistics = 3 * 8

    def __init__(self, config: MujoImuConfig):
        super().__init__()
        self.projection = nn.Linear(self.num_statistics, config.hidden_size)

    def forward(self, signal: Tensor, mask: Tensor) -> Tensor:
        """`(batch, time, 6)` scaled signal, `(batch, time)` mask → `(batch, hidden_size)`."""
        signal = signal.float()
        magnitudes = torch.stack([signal[..., :3].norm(dim=-1), signal[..., 3:].norm(dim=-1)], dim=-1)
        channels = torch.cat([signal, magnitudes], dim=-1)
        both = (mask[:, 1:] & mask[:, :-1])[..., None]
        mask = mask[..., None]
        statistics = torch.cat(
            [
                masked_mean(channels, mask, dim=1),
                masked_std(channels, mask, dim=1),
                10 * masked_mean(channels.diff(dim=1).abs(), both, dim=1),
            ],
            dim=-1,
        )
        return self.projection(statistics.to(self.projection.weight.dtype))


class MujoImuEmbeddings(nn.Module):
    """Sensor signals → patch tokens and one statistics token per sensor; weights are shared by all sensors."""

    def __init__(self, config: MujoImuConfig):
        super().__init__()
        self.config = config
        self.stem = nn.Conv1d(6, config.stem_size, kernel_size=5, padding=2)
        self.stem_norm = nn.LayerNorm(config.stem_size, eps=config.layer_norm_eps)
        self.patch_embedding = nn.Conv1d(
            config.stem_size, config.hidden_size, kernel_size=config.patch_size, stride=config.patch_size
        )
        self.statistics = MujoStatistics(config)
        self.placement_embedding = nn.Embedding(config.num_placements, config.hidden_size)
        self.missing_group_embedding = nn.Parameter(torch.empty(2, config.hidden_size))
        self.mask_token = nn.Parameter(torch.empty(config.hidden_size))

    def scale(self, imu_values: Tensor) -> Tensor:
        """m/s² and rad/s → numbers around one."""
        acceleration, angular_velocity = imu_values.float().split(3, dim=-1)
        return torch.cat(
            [
                acceleration / self.config.acceleration_scale,
                angular_velocity / self.config.angular_velocity_scale,
            ],
            dim=-1,
        )

    def embed_patches(self, signal: Tensor, mask: Tensor) -> Tensor:
        """`(sensors, time, 6)`, `(sensors, time)` → `(sensors, patches, hidden_size)`."""
        features = self.stem(signal.to(self.stem.weight.dtype).transpose(1, 2)).transpose(1, 2)
        features = F.gelu(self.stem_norm(features)) * mask[..., None]
        return self.patch_embedding(features.transpose(1, 2)).transpose(1, 2)

    def forward(
        self,
        imu_values: Tensor,
        imu_attention_mask: Tensor,
        imu_channel_mask: Tensor,
        placement_ids: Tensor,
        masked_patches: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """
        Returns tokens `(batch, sensors * (1 + patches), hidden_size)`, the statistics tokens of all sensors first, and
        their mask.
        """
        batch, sensors = imu_values.shape[:2]
        signal, mask = pad_to_multiple(
            self.scale(imu_values).flatten(0, 1), imu_attention_mask.flatten(0, 1).bool(), self.config.patch_size
        )
        patch_mask = mask.unflatten(1, (-1, self.config.patch_size)).any(-1)
        if masked_patches is not None:
            # Hidden samples are treated like missing ones, so that nothing of them leaks through the convolution.
            hidden = masked_patches.flatten(0, 1)
            mask = mask & ~hidden.repeat_interleave(self.config.patch_size, dim=1)
        channels = imu_channel_mask.flatten(0, 1).bool()
        signal = signal * mask[..., None] * channels.repeat_interleave(3, dim=-1)[:, None]

        patches = self.embed_patches(signal, mask)
        if masked_patches is not None:
            patches = torch.where(hidden[..., None], self.mask_token, patches)
        patches = patches + sinusoidal_positions(patches.shape[1], patches.shape[2], patches.device, patches.dtype)
        tokens = torch.cat([self.statistics(signal, mask)[:, None], patches], dim=1)
        missing = (~channels).to(tokens.dtype) @ self.missing_group_embedding
        tokens = tokens + (self.placement_embedding(placement_ids.flatten()) + missing)[:, None]

        statistics, patches = tokens.unflatten(0, (batch, sensors)).split([1, patches.shape[1]], dim=2)
        statistics_mask, patch_mask = (
            part.unflatten(0, (batch, sensors)) for part in (patch_mask.any(1, keepdim=True), patch_mask)
        )
        return (
            torch.cat([statistics.flatten(1, 2), patches.flatten(1, 2)], dim=1),
            torch.cat([statistics_mask.flatten(1, 2), patch_mask.flatten(1, 2)], dim=1),
        )


class MujoImuModel(MujoPreTrainedModel):
    r"""
    Encoder of wearable IMU recordings: any number of sensors, accelerometer with or without gyroscope, 0.5-10 s.

    Tokens are pooled at every level, before the first layer and after each: mean and standard deviation of the patch
    tokens, mean of the statistics tokens. The joint space sees the last level alone; `pooler_output`, for classifiers,
    `(batch, pooler_output_size)`, is a linear map of all of them to `pooled_size` features, since early levels hold
    the shape of the movement that later ones give up for the joint space, and the rhythm of the stride
    ([`MujoRhythm`]), which all levels ignore. In pretrained encoders the map is the metric of the pretraining corpus:
    what varies between people, bodies and ways of wearing a sensor within a movement has unit variance
    (`training/pooler.py`).

    Example:

    ```python
    >>> import numpy as np
    >>> from modeling_mujo import MujoImuConfig, MujoImuFeatureExtractor, MujoImuModel

    >>> extractor, model = MujoImuFeatureExtractor(), MujoImuModel(MujoImuConfig()).eval()
    >>> recording = np.tile([0.0, 0.0, 9.81], (400, 1))  # a watch at rest, 4 s at 100 Hz
    >>> inputs = extractor(
    ...     recording, sampling_rate=100, acceleration_unit="m/s2", gravity="included", placement="left_wrist",
    ...     return_tensors="pt",
    ... )
    >>> model(**inputs).embeds.shape
    torch.Size([1, 128])

    ```
    """

    config: MujoImuConfig
    base_model_prefix = "imu_model"
    main_input_name = "imu_values"

    def __init__(self, config: MujoImuConfig):
        super().__init__(config)
        self.embeddings = MujoImuEmbeddings(config)
        self.encoder = MujoEncoder(config)
        level_size = 3 * config.hidden_size
        self.pooler = nn.Linear((1 + config.num_hidden_layers) * level_size, config.pooled_size)
        self.rhythm = MujoRhythm(config)
        self.projection = MujoProjection(level_size, config)
        self.post_init()

    @torch.no_grad()
    def _init_weights(self, module: nn.Module):
        super()._init_weights(module)
        if isinstance(module, MujoImuEmbeddings):
            init.normal_(module.missing_group_embedding, std=self.config.initializer_range)
            init.normal_(module.mask_token, std=self.config.initializer_range)

    def pool(self, tokens: Tensor, token_mask: Tensor, sensors: int) -> Tensor:
        """Tokens of one level `(batch, tokens, hidden_size)` → `(batch, 3 * hidden_size)`."""
        statistics, patches = tokens[:, :sensors], tokens[:, sensors:]
        statistics_mask, patch_mask = token_mask[:, :sensors, None], token_mask[:, sensors:, None]
        return torch.cat(
            [
                masked_mean(patches, patch_mask, dim=1),
                masked_std(patches, patch_mask, dim=1),
                masked_mean(statistics, statistics_mask, dim=1),
            ],
            dim=-1,
        )

    @merge_with_config_defaults
    @capture_outputs(tie_last_hidden_states=False)
    def forward(
        self,
        imu_values: Tensor,
        imu_attention_mask: Tensor | None = None,
        imu_channel_mask: Tensor | None = None,
        placement_ids: Tensor | None = None,
        masked_patches: Tensor | None = None,
        **kwargs,
    ) -> MujoEncoderOutput:
        r"""
        Args:
            imu_values: `(batch, sensors, time, 6)` specific force xyz in m/s² (gravity included: a sensor at rest
                reads 9.81 upwards) and angular velocity xyz in rad/s, sensor frame, at `config.sampling_rate`.
            imu_attention_mask: `(batch, sensors, time)`, 1 where a sample is real. All ones by default.
            imu_channel_mask: `(batch, sensors, 2)`, 1 where accelerometer and gyroscope exist. All ones by default.
            placement_ids: `(batch, sensors)` int64, index into `PLACEMENTS`. 0, "unknown", by default.
            masked_patches: `(batch, sensors, patches)` bool, patches hidden for masked reconstruction.

        Raises:
            ValueError: wrong rank, or longer than `config.max_seconds`.
        """
        if imu_values.dim() != 4 or imu_values.shape[-1] != 6:
            raise ValueError(
                f"imu_values must be (batch, sensors, time, 6), got {tuple(imu_values.shape)}; "
                f"MujoImuFeatureExtractor makes them from recordings."
            )
        batch, sensors, time, _ = imu_values.shape
        refuse_longer_than(time, self.config)
        device = imu_values.device
        if imu_attention_mask is None:
            imu_attention_mask = torch.ones(batch, sensors, time, dtype=torch.bool, device=device)
        if imu_channel_mask is None:
            imu_channel_mask = torch.ones(batch, sensors, 2, dtype=torch.bool, device=device)
        if placement_ids is None:
            placement_ids = torch.zeros(batch, sensors, dtype=torch.long, device=device)

        tokens, token_mask = self.embeddings(
            imu_values, imu_attention_mask, imu_channel_mask, placement_ids, masked_patches
        )
        levels = self.encoder(tokens, token_mask, **kwargs)
        pooled = [self.pool(level, token_mask, sensors) for level in levels]
        # What is hidden is hidden from tokens, which have to guess it: a rhythm with gaps would be another one.
        rhythm = self.rhythm(imu_values, imu_attention_mask.bool(), imu_channel_mask.bool())
        learned = self.pooler(torch.cat(pooled, dim=-1))
        return MujoEncoderOutput(
            embeds=self.projection(pooled[-1]),
            pooler_output=torch.cat([learned, rhythm.to(learned.dtype)], dim=-1),
            last_hidden_state=levels[-1],
            token_mask=token_mask,
        )


class MujoPoseModel(MujoPreTrainedModel):
    r"""
    Encoder of 3D pose: a transformer over patches of frames. Tokens are pooled at every level by mean and standard
    deviation; as in [`MujoImuModel`], the joint space sees the last level alone, and `pooler_output` is a linear map
    of all of them to `(batch, pooled_size)`, in pretrained encoders the metric of the pretraining corpus.

    Joints enter relative to the pelvis (height above the floor kept), together with the velocity of the pelvis.
    """

    config: MujoPoseConfig
    base_model_prefix = "pose_model"
    main_input_name = "pose_values"

    def __init__(self, config: MujoPoseConfig):
        super().__init__(config)
        self.patch_embedding = nn.Conv1d(
            3 * config.num_joints + 3, config.hidden_size, kernel_size=config.patch_size, stride=config.patch_size
        )
        self.encoder = MujoEncoder(config)
        level_size = 2 * config.hidden_size
        self.pooler = nn.Linear((1 + config.num_hidden_layers) * level_size, config.pooled_size)
        self.projection = MujoProjection(level_size, config)
        self.post_init()

    def embed_patches(self, pose: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """`(batch, time, joints, 3)` → tokens `(batch, patches, hidden_size)` and their mask."""
        pelvis = pose[:, :, :1]
        relative = torch.cat([pelvis * pelvis.new_tensor([0.0, 0.0, 1.0]), pose[:, :, 1:] - pelvis], dim=2)
        both = (mask[:, 1:] & mask[:, :-1])[..., None]
        velocity = F.pad(pelvis[:, :, 0].diff(dim=1) * self.config.sampling_rate * both, (0, 0, 0, 1))
        features = torch.cat([relative.flatten(2), velocity], dim=-1) * mask[..., None]
        features, mask = pad_to_multiple(features, mask, self.config.patch_size)
        features = features.to(self.patch_embedding.weight.dtype)
        tokens = self.patch_embedding(features.transpose(1, 2)).transpose(1, 2)
        tokens = tokens + sinusoidal_positions(tokens.shape[1], tokens.shape[2], tokens.device, tokens.dtype)
        return tokens, mask.unflatten(1, (-1, self.config.patch_size)).any(-1)

    @merge_with_config_defaults
    @capture_outputs(tie_last_hidden_states=False)
    def forward(self, pose_values: Tensor, pose_attention_mask: Tensor | None = None, **kwargs) -> MujoEncoderOutput:
        r"""
        Args:
            pose_values: `(batch, time, 17, 3)` metres, z up, joints in `JOINTS` order, at `config.sampling_rate`.
            pose_attention_mask: `(batch, time)`, 1 where a frame is real. All ones by default.

        Raises:
            ValueError: wrong shape, or longer than `config.max_seconds`.
        """
        if pose_values.dim() != 4 or pose_values.shape[2:] != (self.config.num_joints, 3):
            raise ValueError(
                f"pose_values must be (batch, time, {self.config.num_joints}, 3), got {tuple(pose_values.shape)}."
            )
        refuse_longer_than(pose_values.shape[1], self.config)
        if pose_attention_mask is None:
            pose_attention_mask = torch.ones(pose_values.shape[:2], dtype=torch.bool, device=pose_values.device)
        tokens, token_mask = self.embed_patches(pose_values.float(), pose_attention_mask.bool())
        levels = self.encoder(tokens, token_mask, **kwargs)
        pooled = [mean_and_deviation(level, token_mask) for level in levels]
        return MujoEncoderOutput(
            embeds=self.projection(pooled[-1]),
            pooler_output=self.pooler(torch.cat(pooled, dim=-1)),
            last_hidden_state=levels[-1],
            token_mask=token_mask,
        )


class MujoVideoModel(MujoPreTrainedModel):
    r"""
    Encoder of video: a transformer over the features of a frozen image encoder. `pooler_output` is
    `(batch, 2 * hidden_size)`: mean and standard deviation of the tokens.
    """

    config: MujoVideoConfig
    base_model_prefix = "video_model"
    main_input_name = "video_features"

    def __init__(self, config: MujoVideoConfig):
        super().__init__(config)
        self.input_norm = nn.LayerNorm(config.feature_dim, eps=config.layer_norm_eps)
        self.frame_embedding = nn.Linear(config.feature_dim, config.hidden_size)
        self.encoder = MujoEncoder(config)
        self.projection = MujoProjection(2 * config.hidden_size, config)
        self.post_init()

    @merge_with_config_defaults
    @capture_outputs(tie_last_hidden_states=False)
    def forward(
        self, video_features: Tensor, video_attention_mask: Tensor | None = None, **kwargs
    ) -> MujoEncoderOutput:
        r"""
        Args:
            video_features: `(batch, frames, feature_dim)` features of a frozen image encoder.
            video_attention_mask: `(batch, frames)`, 1 where a frame is real. All ones by default.

        Raises:
            ValueError: wrong shape, or more than `config.max_frames` frames.
        """
        if video_features.dim() != 3 or video_features.shape[2] != self.config.feature_dim:
            raise ValueError(
                f"video_features must be (batch, frames, {self.config.feature_dim}), "
                f"got {tuple(video_features.shape)}."
            )
        if video_features.shape[1] > self.config.max_frames:
            raise ValueError(
                f"Got {video_features.shape[1]} frames, this model takes at most {self.config.max_frames}: "
                f"sample fewer frames per second or cut the clip."
            )
        if video_attention_mask is None:
            video_attention_mask = torch.ones(video_features.shape[:2], dtype=torch.bool, device=video_features.device)
        video_features = video_features.to(self.frame_embedding.weight.dtype)
        tokens = self.frame_embedding(self.input_norm(video_features))
        tokens = tokens + sinusoidal_positions(tokens.shape[1], tokens.shape[2], tokens.device, tokens.dtype)
        token_mask = video_attention_mask.bool()
        tokens = self.encoder(tokens, token_mask, **kwargs)[-1]
        pooled = mean_and_deviation(tokens, token_mask)
        return MujoEncoderOutput(
            embeds=self.projection(pooled), pooler_output=pooled, last_hidden_state=tokens, token_mask=token_mask
        )


def mean_and_deviation(tokens: Tensor, token_mask: Tensor) -> Tensor:
    """Tokens `(batch, tokens, hidden_size)` → their mean and standard deviation `(batch, 2 * hidden_size)`."""
    mask = token_mask[..., None]
    return torch.cat([masked_mean(tokens, mask, dim=1), masked_std(tokens, mask, dim=1)], dim=-1)


class MujoTextModel(MujoPreTrainedModel):
    r"""
    Encoder of words: any Hugging Face text encoder (frozen by default), mean-pooled, and a trained projection.

    `MujoTextModel(config)` has random weights; [`~MujoTextModel.from_backbone`] starts from a pretrained text encoder.
    """

    config: MujoTextConfig
    base_model_prefix = "text_model"
    main_input_name = "input_ids"

    def __init__(self, config: MujoTextConfig):
        super().__init__(config)
        self.backbone = AutoModel.from_config(config.backbone_config)
        self.projection = MujoProjection(self.backbone.config.hidden_size, config)
        self.backbone.requires_grad_(not config.freeze_backbone)
        self.post_init()

    @classmethod
    def from_backbone(cls, name_or_path: str, **config_fields) -> "MujoTextModel":
        """Text encoder `name_or_path` (Hub id or folder) with its weights, and a new projection."""
        backbone = AutoModel.from_pretrained(name_or_path)
        model = cls(MujoTextConfig(backbone_config=backbone.config, **config_fields))
        model.backbone = backbone.requires_grad_(not model.config.freeze_backbone)
        return model

    def train(self, mode: bool = True) -> "MujoTextModel":
        super().train(mode)
        if self.config.freeze_backbone:
            self.backbone.eval()
        return self

    def pool(self, input_ids: Tensor, attention_mask: Tensor | None = None) -> MujoEncoderOutput:
        """Token ids `(batch, tokens)` → `pooler_output` `(batch, backbone hidden_size)`, before the projection."""
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        tokens = self.backbone(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        pooled = F.normalize(masked_mean(tokens, attention_mask[..., None], dim=1), dim=-1)
        return MujoEncoderOutput(pooler_output=pooled, last_hidden_state=tokens, token_mask=attention_mask.bool())

    @can_return_tuple
    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        text_features: Tensor | None = None,
        **kwargs,
    ) -> MujoEncoderOutput:
        r"""
        Args:
            input_ids, attention_mask: `(batch, tokens)` from the tokenizer of the text encoder.
            text_features: `(batch, backbone hidden_size)`, a `pooler_output` computed before. With a frozen backbone a
                trainer computes each text once and gives these instead of `input_ids`.

        Raises:
            ValueError: neither or both of `input_ids` and `text_features` given.
        """
        if (input_ids is None) == (text_features is None):
            raise ValueError("Give either input_ids or text_features to the text encoder.")
        if input_ids is not None:
            output = self.pool(input_ids, attention_mask)
        else:
            output = MujoEncoderOutput(pooler_output=text_features)
        output.embeds = self.projection(output.pooler_output)
        return output
