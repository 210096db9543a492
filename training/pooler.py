"""The map from an encoder's pooled levels to `pooler_output`: the metric of the pretraining corpus.

Whoever labels a few windows cannot learn from them what differs between people, bodies and ways of wearing a sensor
without meaning another movement. The pretraining corpus shows it: the same movement at the same place of the body, by
others, in other mountings. The map scales features so that these differences have unit variance, and keeps the
directions in which movements differ most beside them. A regularised linear head on it prefers to explain labels by
what tells movements apart. This is linear discriminant analysis, as used for few examples per class in recognising
speakers and faces (within-class covariance normalisation, Hatch et al., Interspeech 2006; Ioffe, ECCV 2006).
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from scipy.linalg import eigh
from torch import Tensor, nn

from modeling_mujo import PLACEMENTS, MujoImuModel, MujoPoseModel

from .augmentation import Augmentation, AugmentationSettings, resample, two_view_inputs
from .data import PretrainingBatches

BATCHES = 40
# One sensor in a place that is known: what differs between placements is not to be ignored.
SETTINGS = AugmentationSettings(unknown_placement_share=0.0, sensor_counts=(1.0, 0.0, 0.0))
IMU_INPUTS = ("imu_values", "imu_attention_mask", "imu_channel_mask", "placement_ids")

SHRINKAGE = 0.3  # of the covariance within groups towards a multiple of the identity; docs/experiments.md


@torch.no_grad()
def fit_pooler(encoder: MujoImuModel | MujoPoseModel, batches: Iterable[tuple[dict[str, Tensor], Tensor]]) -> None:
    """
    Set `encoder.pooler` in closed form.

    Args:
        encoder: after pretraining.
        batches: model inputs of some windows, and the group of each `(windows,)`: windows of one group show the same
            movement.
    """
    pooler = encoder.pooler
    encoder.pooler = nn.Identity()  # type: ignore[assignment]  # leaves the levels as they are
    encoder.eval()
    levels, groups = [], []
    for inputs, group in batches:
        levels.append(encoder(**inputs).pooler_output[:, : pooler.in_features].double().cpu())
        groups.append(group.cpu())
    weight, bias = discriminant_map(torch.cat(levels).numpy(), torch.cat(groups).numpy(), pooler.out_features)
    pooler.weight.copy_(torch.from_numpy(weight))
    pooler.bias.copy_(torch.from_numpy(bias))
    encoder.pooler = pooler


def corpus_windows(
    batches: PretrainingBatches, first: int, patch_size: int, by_title: bool
) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
    """
    Windows of the pretraining corpus for [`fit_pooler`], from batch number `first` on.

    Groups are the windows of one title from one placement, with or without gyroscope; or, not `by_title`, the two
    views of one clip: that much an encoder pretrained without words may know.
    """
    for number in range(first, first + BATCHES):
        batch = batches[number]
        augmentation = Augmentation(SETTINGS, torch.Generator().manual_seed(number))
        inputs: dict[str, Any] = two_view_inputs(batch, float(batch["speed"]), augmentation, patch_size, 0.0, 0.0)
        imu = {name: value for name, value in inputs.items() if name in IMU_INPUTS}
        rows = len(batch["text_ids"])
        if by_title:
            title = batch["text_ids"].repeat(2)
            gyroscope, placement = imu["imu_channel_mask"][:, 0, 1].long(), imu["placement_ids"][:, 0]
            yield imu, (title * len(PLACEMENTS) + placement) * 2 + gyroscope
        else:
            yield imu, (number * rows + torch.arange(rows)).repeat(2)


def corpus_poses(
    batches: PretrainingBatches, first: int, by_title: bool
) -> Iterator[tuple[dict[str, Tensor], Tensor]]:
    """
    Poses of the pretraining corpus for [`fit_pooler`], from batch number `first` on: every clip as two people of other
    sizes would do it, facing anywhere.

    Groups are the clips of one title; or, not `by_title`, the two of one clip.
    """
    for number in range(first, first + BATCHES):
        batch = batches[number]
        augmentation = Augmentation(SETTINGS, torch.Generator().manual_seed(number))
        clips, frames = batch["pose_values"].shape[:2]
        length = round(frames / float(batch["speed"]))
        mask = resample(batch["pose_attention_mask"].float(), length) > 0.99
        group = batch["text_ids"][:clips] if by_title else number * clips + torch.arange(clips)
        for _ in range(2):
            pose = resample(augmentation.pose(batch["pose_values"]), length)
            yield {"pose_values": pose, "pose_attention_mask": mask}, group


def discriminant_map(
    features: np.ndarray, groups: np.ndarray, size: int, shrinkage: float = SHRINKAGE
) -> tuple[np.ndarray, np.ndarray]:
    """
    Weight `(size, width)` and bias `(size,)` of the map that makes the covariance within groups the identity (but for
    `shrinkage`) and keeps the `size` directions of most variance beside that, in falling order, about their mean.

    Args:
        features: `(windows, width)`, each brought to unit variance first.
        groups: `(windows,)`; groups of one window say nothing about what varies within.

    Raises:
        ValueError: no group has two windows, or there are fewer features than `size`.
    """
    if size > features.shape[1]:
        raise ValueError(f"{features.shape[1]} features cannot be mapped to {size} directions.")
    mean, scale = features.mean(0), features.std(0) + 1e-6
    features = (features - mean) / scale
    within = covariance_within(features, groups)
    width = len(within)
    within = (1 - shrinkage) * within * (width / np.trace(within)) + shrinkage * np.eye(width)
    _, directions = eigh(np.cov(features.T), within, subset_by_index=(width - size, width - 1))
    weight = directions[:, ::-1].T / scale
    return weight, -weight @ mean


def covariance_within(features: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Pooled covariance `(width, width)` of `features` `(windows, width)` about the mean of their group."""
    _, group, counts = np.unique(groups, return_inverse=True, return_counts=True)
    if counts.max() < 2:
        raise ValueError(f"None of the {len(counts)} groups has two windows: what varies within them is not known.")
    means = np.zeros((len(counts), features.shape[1]))
    np.add.at(means, group, features)
    deviations = features - (means / counts[:, None])[group]
    return deviations.T @ deviations / (counts - 1).sum()
