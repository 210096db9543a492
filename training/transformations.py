"""Transformations of IMU windows that a network can learn to notice (Saeed et al., IMWUT 2019, section 3.1)."""

import math
from collections.abc import Callable
from itertools import permutations

import torch
import torch.nn.functional as F
from torch import Tensor

from .augmentation import rotation_vectors_to_matrices

NOISE = (0.5, 0.15)  # m/s² and rad/s: above what the simulated sensors have of their own
SEGMENTS = 4

# Values `(rows, sensors, time, 6)` and mask `(rows, sensors, time)` → the same, transformed. Randomness is torch's.
Transformation = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


def add_noise(values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    deviation = values.new_tensor(NOISE).repeat_interleave(3)
    return values + deviation * torch.randn_like(values), mask


def scale(values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """By a factor that makes one's mind up: between 1.1 and 1.5, or one over that."""
    strength = 0.1 + 0.3 * torch.rand(len(values), 1, 1, 1, device=values.device)
    return values * (strength * torch.randn_like(strength).sign()).exp(), mask


def rotate(values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """The device in another mounting, at least 45° away."""
    axes = F.normalize(torch.randn(len(values), 3, device=values.device), dim=-1)
    angles = math.pi * (0.25 + 0.75 * torch.rand(len(values), 1, device=values.device))
    turned = values.unflatten(-1, (2, 3)) @ rotation_vectors_to_matrices(angles * axes)[:, None, None]
    return turned.flatten(-2), mask


def negate(values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    return -values, mask


def shuffle_axes(values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    orders = torch.tensor(list(permutations(range(3)))[1:], device=values.device)
    order = orders[torch.randint(len(orders), (len(values),), device=values.device)]
    index = order[:, None, None, None].expand(*values.shape[:3], 2, 3)
    return values.unflatten(-1, (2, 3)).gather(-1, index).flatten(-2), mask


def reverse(values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    return values.flip(2), mask.flip(2)


def permute_segments(values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Quarters of the window in another order; what does not divide stays at the end."""
    rows, _, time, _ = values.shape
    quarter = time // SEGMENTS
    orders = torch.tensor(list(permutations(range(SEGMENTS)))[1:], device=values.device)
    order = orders[torch.randint(len(orders), (rows,), device=values.device)]
    positions = torch.arange(time, device=values.device).repeat(rows, 1)
    moved = order[..., None] * quarter + torch.arange(quarter, device=values.device)
    positions[:, : SEGMENTS * quarter] = moved.flatten(1)
    return play(values, mask, positions.float())


def warp_time(values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Now faster, now slower; the window starts and ends where it did."""
    time = values.shape[2]
    knots = (0.5 * torch.randn(len(values), 1, 6, device=values.device)).exp()
    passed = F.interpolate(knots, size=time, mode="linear", align_corners=True)[:, 0].cumsum(-1)
    passed = passed - passed[:, :1]
    return play(values, mask, (time - 1) * passed / passed[:, -1:])


def play(values: Tensor, mask: Tensor, positions: Tensor) -> tuple[Tensor, Tensor]:
    """Read every row at `positions` `(rows, time)`, in samples, linearly interpolated."""
    rows = torch.arange(len(values), device=values.device)[:, None]
    last = values.shape[2] - 1
    below = positions.floor().long().clamp(max=last)
    above = (below + 1).clamp(max=last)
    values = values.transpose(1, 2)
    played = torch.lerp(values[rows, below], values[rows, above], (positions - below)[..., None, None])
    nearest = positions.round().long().clamp(max=last)
    return played.transpose(1, 2), mask.transpose(1, 2)[rows, nearest].transpose(1, 2)


TRANSFORMATIONS: tuple[Transformation, ...] = (
    add_noise,
    scale,
    rotate,
    negate,
    shuffle_axes,
    reverse,
    permute_segments,
    warp_time,
)


def transform(values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """
    Leave each window as it is or put it under one transformation, all with equal chance.

    Args:
        values: `(rows, sensors, time, 6)` in m/s² and rad/s.
        mask: `(rows, sensors, time)`, real samples; they move with their values.

    Returns:
        Values, mask, and the kinds `(rows,)` int64: 0 for untouched, `k` for `TRANSFORMATIONS[k - 1]`.
    """
    kinds = torch.randint(len(TRANSFORMATIONS) + 1, (len(values),), device=values.device)
    values, mask = values.clone(), mask.clone()
    for kind, transformation in enumerate(TRANSFORMATIONS, start=1):
        rows = kinds == kind
        values[rows], mask[rows] = transformation(values[rows], mask[rows])
    return values, mask, kinds
