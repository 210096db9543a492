# Copyright 2026 The MuJo team.
# Licensed under the Apache License, Version 2.0.
"""Names and configurations of MuJo: joints, sensor placements, and one config per model."""

from typing import Any

from huggingface_hub.dataclasses import strict
from transformers import CONFIG_MAPPING, AutoConfig, PreTrainedConfig

# Human3.6M order. Every pose in this project is `(..., 17, 3)` in this order, metres, z up.
JOINTS = (
    "pelvis",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_hip",
    "left_knee",
    "left_ankle",
    "spine",
    "thorax",
    "neck",
    "head",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
)

# `placement_ids` index this tuple; 0 is for a sensor whose place on the body is not known.
PLACEMENTS = (
    "unknown",
    "head",
    "chest",
    "pelvis",
    "left_upper_arm",
    "right_upper_arm",
    "left_wrist",
    "right_wrist",
    "left_hand",
    "right_hand",
    "left_thigh",
    "right_thigh",
    "left_shank",
    "right_shank",
    "left_ankle",
    "right_ankle",
    "left_foot",
    "right_foot",
)

# The four views of a movement, in the order of `modality_mask`.
MODALITIES = ("imu", "pose", "video", "text")


@strict
class MujoEncoderConfig(PreTrainedConfig):
    r"""
    What every MuJo encoder shares: a pre-norm transformer and a projection into the joint space.

    Parameters you are most likely to change: `hidden_size` and `num_hidden_layers` (size), `projection_dim` (width of
    the joint space; the same in every encoder of a [`MujoModel`]).

    Args:
        hidden_size: width of the tokens.
        num_hidden_layers: transformer layers.
        num_attention_heads: attention heads; divides `hidden_size`.
        intermediate_size: width of the feed-forward layers.
        hidden_act: activation of the feed-forward layers.
        hidden_dropout: dropout after each attention and feed-forward layer.
        attention_dropout: dropout of the attention weights.
        layer_norm_eps: epsilon of the layer normalisations.
        initializer_range: standard deviation of the initial embeddings.
        projection_dim: width of the joint space.
        pretrained_steps: optimisation steps these weights have seen in contrastive pretraining. 0 means random
            weights; loading such a checkpoint warns.
    """

    hidden_size: int = 128
    num_hidden_layers: int = 4
    num_attention_heads: int = 4
    intermediate_size: int = 512
    hidden_act: str = "gelu"
    hidden_dropout: float = 0.0
    attention_dropout: float = 0.0
    layer_norm_eps: float = 1e-6
    initializer_range: float = 0.02
    projection_dim: int = 128
    pretrained_steps: int = 0

    def validate_architecture(self):
        """Part of `@strict` validation: sizes that cannot work together are refused when the config is made."""
        if self.hidden_size % self.num_attention_heads or self.hidden_size % 2:
            raise ValueError(
                f"hidden_size ({self.hidden_size}) must be even and divisible by num_attention_heads "
                f"({self.num_attention_heads})."
            )

    def refuse_wide_pooler(self, pooled_size: int, level_size: int):
        """A pooler maps what is pooled at all levels to fewer features, never to more."""
        width = (1 + self.num_hidden_layers) * level_size
        if pooled_size > width:
            raise ValueError(
                f"pooled_size ({pooled_size}) can be at most {width}, the features of all levels with hidden_size "
                f"{self.hidden_size} and {self.num_hidden_layers} layers."
            )


@strict
class MujoImuConfig(MujoEncoderConfig):
    r"""
    Configuration of [`MujoImuModel`]; the defaults give 1.75 M parameters.

    Args:
        sampling_rate: rate of `imu_values` in Hz; `MujoImuFeatureExtractor` resamples to it.
        patch_size: samples per token (10 samples are 0.2 s at 50 Hz).
        stem_size: channels of the convolutional stem.
        max_seconds: longest window in seconds.
        acceleration_scale: specific force is divided by this (m/s²) before the first layer.
        angular_velocity_scale: angular velocity is divided by this (rad/s) before the first layer.
        num_placements: entries of the placement embedding, `len(PLACEMENTS)`; 0 is "unknown".
        pooled_size: width of the learned part of `pooler_output`, which classifiers build on.
        num_harmonics: harmonics of the rhythm of a stride, the other part of `pooler_output`; 0: without.
        classifier_dropout: dropout before the head of [`MujoForImuClassification`].
    """

    model_type = "mujo_imu"
    base_config_key = "imu_config"

    sampling_rate: int = 50
    patch_size: int = 10
    stem_size: int = 64
    max_seconds: float = 10.0
    acceleration_scale: float = 9.80665
    angular_velocity_scale: float = 3.0
    num_placements: int = len(PLACEMENTS)
    pooled_size: int = 384
    num_harmonics: int = 4
    classifier_dropout: float = 0.1

    @property
    def pooler_output_size(self) -> int:
        """Width of `pooler_output`: its learned part, then phase and size of each harmonic of six channels."""
        return self.pooled_size + 3 * 6 * self.num_harmonics

    def validate_pooled_size(self):
        self.refuse_wide_pooler(self.pooled_size, 3 * self.hidden_size)


@strict
class MujoPoseConfig(MujoEncoderConfig):
    r"""
    Configuration of [`MujoPoseModel`].

    Args:
        sampling_rate: frames per second of `pose_values`.
        patch_size: frames per token.
        max_seconds: longest window in seconds.
        num_joints: joints per frame, `len(JOINTS)`.
        pooled_size: width of `pooler_output`, which classifiers build on.
    """

    model_type = "mujo_pose"
    base_config_key = "pose_config"

    num_hidden_layers: int = 2
    sampling_rate: int = 50
    patch_size: int = 10
    max_seconds: float = 10.0
    num_joints: int = len(JOINTS)
    pooled_size: int = 256

    def validate_pooled_size(self):
        self.refuse_wide_pooler(self.pooled_size, 2 * self.hidden_size)


@strict
class MujoVideoConfig(MujoEncoderConfig):
    r"""
    Configuration of [`MujoVideoModel`], a transformer over the features of a frozen image encoder.

    Args:
        feature_dim: width of the frame features (512 for CLIP ViT-B/32).
        max_frames: most frames per clip.
    """

    model_type = "mujo_video"
    base_config_key = "video_config"

    num_hidden_layers: int = 2
    feature_dim: int = 512
    max_frames: int = 64


# Shape of sentence-transformers/all-MiniLM-L6-v2 (22.7 M parameters).
MINILM_CONFIG = {
    "model_type": "bert",
    "hidden_size": 384,
    "num_hidden_layers": 6,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
    "max_position_embeddings": 512,
    "vocab_size": 30522,
}


@strict
class MujoTextConfig(PreTrainedConfig):
    r"""
    Configuration of [`MujoTextModel`]: any Hugging Face text encoder, mean-pooled and projected.

    Args:
        backbone_config: config (or its dict) of the text encoder; BERT of all-MiniLM-L6-v2's shape by default.
        freeze_backbone: keep the text encoder's weights fixed and its dropout off.
        projection_dim: width of the joint space.
        pretrained_steps: contrastive optimisation steps the projection has seen; 0 means a random projection.
    """

    model_type = "mujo_text"
    base_config_key = "text_config"
    sub_configs = {"backbone_config": AutoConfig}  # noqa: RUF012

    backbone_config: dict[str, Any] | PreTrainedConfig | None = None
    freeze_backbone: bool = True
    projection_dim: int = 128
    pretrained_steps: int = 0

    def __post_init__(self, **kwargs):
        backbone = self.backbone_config
        if backbone is None:
            backbone = dict(MINILM_CONFIG)
        if isinstance(backbone, dict):
            backbone = CONFIG_MAPPING[backbone["model_type"]](**backbone)
        self.backbone_config = backbone
        super().__post_init__(**kwargs)


@strict
class MujoConfig(PreTrainedConfig):
    r"""
    Configuration of [`MujoModel`]: the four encoders and the loss that joins them.

    Args:
        imu_config, pose_config, video_config, text_config: configs (or their dicts) of the encoders.
        projection_dim: width of the joint space; must equal that of every encoder.
        initial_logit_scale: inverse temperature of the contrastive loss at the start.
        max_logit_scale: upper bound of the learned inverse temperature.
        reconstruction_weight: weight of the IMU reconstruction loss beside the contrastive loss.
    """

    model_type = "mujo"
    sub_configs = {  # noqa: RUF012
        "imu_config": MujoImuConfig,
        "pose_config": MujoPoseConfig,
        "video_config": MujoVideoConfig,
        "text_config": MujoTextConfig,
    }

    imu_config: dict[str, Any] | PreTrainedConfig | None = None
    pose_config: dict[str, Any] | PreTrainedConfig | None = None
    video_config: dict[str, Any] | PreTrainedConfig | None = None
    text_config: dict[str, Any] | PreTrainedConfig | None = None
    projection_dim: int = 128
    initial_logit_scale: float = 10.0
    max_logit_scale: float = 100.0
    reconstruction_weight: float = 1.0

    def __post_init__(self, **kwargs):
        for name, config_class in self.sub_configs.items():
            value = getattr(self, name)
            if value is None:
                value = config_class(projection_dim=self.projection_dim)
            elif isinstance(value, dict):
                value = config_class(**value)
            setattr(self, name, value)
        super().__post_init__(**kwargs)

    def validate_architecture(self):
        """Part of `@strict` validation: every encoder must project into the same joint space."""
        for name in self.sub_configs:
            width = getattr(self, name).projection_dim
            if width != self.projection_dim:
                raise ValueError(
                    f"{name}.projection_dim is {width}, but the joint space has projection_dim {self.projection_dim}: "
                    f"give all encoders the same projection_dim."
                )


__all__ = [
    "JOINTS",
    "MODALITIES",
    "PLACEMENTS",
    "MujoConfig",
    "MujoImuConfig",
    "MujoPoseConfig",
    "MujoTextConfig",
    "MujoVideoConfig",
]
