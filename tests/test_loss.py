"""The contrastive loss: closed forms, masks, positives, and equality of two real processes with one."""

import math

import pytest
import torch
import torch.nn.functional as F

from modeling_mujo.loss_mujo import info_nce, pairwise_contrastive_loss, same_clip_or_text
from tests.two_processes import run_two_processes


def unit_rows(rows: int, dim: int = 8, seed: int = 0) -> torch.Tensor:
    return F.normalize(torch.randn(rows, dim, generator=torch.Generator().manual_seed(seed)), dim=-1)


def everywhere(views: dict) -> dict:
    return {view: torch.ones(len(value), dtype=torch.bool) for view, value in views.items()}


def test_without_information_the_loss_is_log_batch():
    same = F.normalize(torch.ones(5, 8), dim=-1)
    views = {"imu": same, "text": same}
    loss, losses = pairwise_contrastive_loss(views, everywhere(views), torch.tensor(10.0))
    assert loss.item() == pytest.approx(math.log(5), abs=1e-5)
    assert set(losses) == {"imu-text"}


def test_equals_cross_entropy_when_all_are_present():
    views = {"imu": unit_rows(6, seed=1), "pose": unit_rows(6, seed=2)}
    logits = 7.0 * views["imu"] @ views["pose"].T
    expected = (F.cross_entropy(logits, torch.arange(6)) + F.cross_entropy(logits.T, torch.arange(6))) / 2
    loss, _ = pairwise_contrastive_loss(views, everywhere(views), torch.tensor(7.0))
    torch.testing.assert_close(loss, expected)


def test_absent_clips_neither_attract_nor_repel():
    views = {"imu": unit_rows(6, seed=1), "pose": unit_rows(6, seed=2)}
    present = torch.tensor([True, False, True, True, False, True])
    masks = {"imu": torch.ones(6, dtype=torch.bool), "pose": present}
    for view in views.values():
        view.requires_grad_()
    loss, _ = pairwise_contrastive_loss(views, masks, torch.tensor(7.0))
    kept = {name: value[present] for name, value in views.items()}
    expected, _ = pairwise_contrastive_loss(kept, everywhere(kept), torch.tensor(7.0))
    torch.testing.assert_close(loss, expected)
    loss.backward()
    assert views["imu"].grad[~present].abs().max() == 0


def test_clips_with_the_same_text_are_mutual_positives():
    ids = torch.tensor([0, 1, 0, -1, -1])
    expected = torch.eye(5, dtype=torch.bool)
    expected[0, 2] = expected[2, 0] = True
    assert torch.equal(same_clip_or_text(ids, 5, ids.device), expected)

    # Clips 0 and 2 have the same words: the IMU of one is drawn to the text of the other, not pushed away.
    views = {"imu": unit_rows(4, seed=1).requires_grad_(), "text": torch.eye(8)[:4]}
    pull = {}
    for name, text_ids in (("same text", torch.tensor([0, 1, 0, 2])), ("no text", None)):
        loss, _ = pairwise_contrastive_loss(views, everywhere(views), torch.tensor(1.0), text_ids)
        (gradient,) = torch.autograd.grad(loss, views["imu"])
        pull[name] = -(gradient[0] @ views["text"][2]).item()
    assert pull["same text"] > 0 > pull["no text"]


def test_several_positives_average_their_log_likelihoods():
    logits = torch.tensor([[2.0, 1.0, 0.0]])
    positives = torch.tensor([[True, True, False]])
    present = torch.ones(3, dtype=torch.bool)
    log_likelihood = logits.log_softmax(-1)[0]
    expected = -(log_likelihood[0] + log_likelihood[1]) / 2
    torch.testing.assert_close(info_nce(logits, positives, present[:1], present), expected)


def test_pairs_with_fewer_than_two_clips_are_left_out():
    views = {"imu": unit_rows(3, seed=1), "pose": unit_rows(3, seed=2).requires_grad_(), "text": unit_rows(3, seed=3)}
    masks = {**everywhere(views), "pose": torch.tensor([True, False, False])}
    _, losses = pairwise_contrastive_loss(views, masks, torch.tensor(5.0))
    assert set(losses) == {"imu-text"}
    alone = {"pose": views["pose"]}
    loss, losses = pairwise_contrastive_loss(alone, everywhere(alone), torch.tensor(5.0))
    assert loss.item() == 0
    assert not losses
    loss.backward()  # a batch without a pair must not stop the training of the others


@pytest.mark.slow
def test_two_processes_equal_one_on_the_whole_batch(tmp_path):
    run_two_processes("tests.distributed_loss", tmp_path)
    one, two = (torch.load(tmp_path / f"{name}.pt", weights_only=True) for name in ("one", "two"))
    assert two["world_size"] == 2
    torch.testing.assert_close(two["loss"], one["loss"], atol=1e-6, rtol=1e-6)
    for name, gradient in one["gradients"].items():
        torch.testing.assert_close(two["gradients"][name], gradient, atol=1e-6, rtol=1e-4)
