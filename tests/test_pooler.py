"""The pooler: what it does to variance within and between groups, and that pretraining leaves it fitted."""

import numpy as np
import pytest
import torch

from modeling_mujo import MujoImuModel, MujoPoseModel
from tests.helpers import tiny_imu_config, tiny_pose_config
from tests.test_training import walking_corpus
from training.arguments import PretrainArguments
from training.data import PretrainingBatches
from training.pooler import BATCHES, corpus_poses, covariance_within, discriminant_map, fit_pooler

GROUPS, PER_GROUP, WIDTH = 60, 20, 12


def grouped(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Groups that differ in three features; across all of them, louder in some directions, people differ as well."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(GROUPS), PER_GROUP)
    centres = np.zeros((GROUPS, WIDTH))
    centres[:, :3] = rng.normal(size=(GROUPS, 3))
    nuisance = rng.normal(size=(len(groups), WIDTH)) * np.geomspace(0.05, 8.0, WIDTH)
    return centres[groups] + nuisance @ np.linalg.qr(np.random.default_rng(1).normal(size=(WIDTH, WIDTH)))[0], groups


def test_what_varies_within_groups_gets_unit_variance():
    features, groups = grouped()
    weight, bias = discriminant_map(features, groups, WIDTH, shrinkage=0.0)
    mapped = features @ weight.T + bias
    width = np.trace(covariance_within(mapped, groups)) / WIDTH
    np.testing.assert_allclose(covariance_within(mapped, groups), width * np.eye(WIDTH), atol=1e-6 * width)
    np.testing.assert_allclose(mapped.mean(0), 0, atol=1e-9)


def test_directions_come_by_how_much_groups_differ_in_them():
    features, groups = grouped()
    weight, bias = discriminant_map(features, groups, WIDTH)
    variance = (features @ weight.T + bias).var(axis=0)
    assert (np.diff(variance) <= 1e-9).all()
    fewer, _ = discriminant_map(features, groups, 3)
    np.testing.assert_allclose(np.abs(fewer), np.abs(weight[:3]), atol=1e-9)  # a direction has no sign


def test_neighbours_are_of_the_same_group_more_often():
    features, groups = grouped()
    weight, bias = discriminant_map(features, groups, 3, shrinkage=0.0)
    unseen, truth = grouped(seed=1)

    def nearest_agrees(rows: np.ndarray) -> float:
        distance = np.linalg.norm(rows[:, None] - rows[None], axis=-1) + 1e9 * np.eye(len(rows))
        return float((truth[distance.argmin(1)] == truth).mean())

    assert nearest_agrees(unseen @ weight.T + bias) > 5 * nearest_agrees(unseen)


def test_groups_of_one_window_say_nothing():
    features, _ = grouped()
    with pytest.raises(ValueError, match=r"None of the 1200 groups has two windows"):
        discriminant_map(features, np.arange(len(features)), 3)
    with pytest.raises(ValueError, match="12 features cannot be mapped to 13"):
        discriminant_map(features, np.zeros(len(features)), 13)


def test_the_encoder_gives_what_the_map_gives():
    torch.manual_seed(0)
    encoder = MujoImuModel(tiny_imu_config(pooled_size=8)).eval()
    imu, groups = 5 * torch.randn(200, 1, 60, 6), torch.arange(200) % 20
    embeds = encoder(imu).embeds
    batches = [({"imu_values": rows}, group) for rows, group in zip(imu.split(50), groups.split(50), strict=True)]
    fit_pooler(encoder, batches)
    with torch.no_grad():
        output = encoder(imu)
    learned = output.pooler_output[:, :8]  # the rhythm beside it has no weights
    assert learned.mean(0).abs().max() < 1e-3
    assert (learned.var(0).diff() < 1e-3).all()
    torch.testing.assert_close(output.embeds, embeds)  # the joint space does not see the pooler


@pytest.mark.parametrize("by_title", [True, False])
def test_poses_of_the_corpus_come_in_groups(by_title):
    batches = PretrainingBatches(walking_corpus(), PretrainArguments(batch_size=8, steps=2))
    poses = list(corpus_poses(batches, first=2, by_title=by_title))
    assert len(poses) == 2 * BATCHES
    (one, group), (other, same_group) = poses[:2]
    assert torch.equal(group, same_group)
    assert len(group.unique()) == (3 if by_title else 8)
    assert one["pose_values"].shape == other["pose_values"].shape
    assert not torch.equal(one["pose_values"], other["pose_values"])  # as another body does it, facing elsewhere
    heights = [view["pose_values"][:, 0, 10, 2] for view in (one, other)]
    assert (heights[0] / heights[1] - 1).abs().max() < 0.3  # on the same floor
    assert len(torch.cat([group for _, group in poses]).unique()) == (3 if by_title else 8 * BATCHES)


def test_the_pose_encoder_is_pooled_at_all_levels():
    torch.manual_seed(0)
    encoder = MujoPoseModel(tiny_pose_config()).eval()
    batches = PretrainingBatches(walking_corpus(), PretrainArguments(batch_size=8, steps=2))
    pose = next(corpus_poses(batches, first=0, by_title=True))[0]
    embeds, before = encoder(**pose).embeds, encoder(**pose).pooler_output
    fit_pooler(encoder, corpus_poses(batches, first=2, by_title=True))
    output = encoder(**pose)
    assert output.pooler_output.shape == (8, 48)
    assert not torch.allclose(output.pooler_output, before)
    torch.testing.assert_close(output.embeds, embeds)
