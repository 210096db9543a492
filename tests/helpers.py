"""Tiny random models and inputs shared by the tests."""

import torch
from torch import Tensor

from modeling_mujo import MujoConfig, MujoImuConfig, MujoPoseConfig, MujoTextConfig, MujoVideoConfig

SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "intermediate_size": 64, "projection_dim": 16}
TINY_BERT = {
    "model_type": "bert",
    "hidden_size": 24,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "vocab_size": 100,
    "max_position_embeddings": 64,
}


def tiny_imu_config(**fields) -> MujoImuConfig:
    return MujoImuConfig(**{**SMALL, "stem_size": 16, "pooled_size": 96, **fields})


def tiny_pose_config() -> MujoPoseConfig:
    return MujoPoseConfig(**SMALL, pooled_size=48)


def tiny_config(**fields) -> MujoConfig:
    return MujoConfig(
        imu_config=tiny_imu_config(),
        pose_config=tiny_pose_config(),
        video_config=MujoVideoConfig(**SMALL, feature_dim=20),
        text_config=MujoTextConfig(backbone_config=TINY_BERT, projection_dim=SMALL["projection_dim"]),
        projection_dim=SMALL["projection_dim"],
        **fields,
    )


def joint_inputs(batch: int = 6, time: int = 100, seed: int = 0) -> dict[str, Tensor]:
    """Inputs of all four views of `MujoModel(tiny_config())`."""
    generator = torch.Generator().manual_seed(seed)
    return {
        "imu_values": 5 * torch.randn(batch, 1, time, 6, generator=generator),
        "pose_values": torch.randn(batch, time, 17, 3, generator=generator),
        "video_features": torch.randn(batch, 7, 20, generator=generator),
        "input_ids": torch.randint(1, 100, (batch, 9), generator=generator),
    }
