"""Augmentation: what it may change about a signal, and what it must leave alone."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from modeling_mujo import PLACEMENTS
from training.augmentation import Augmentation, AugmentationSettings, pocket_rotations

RATE = 50.0
THIGH, WRIST = PLACEMENTS.index("right_thigh"), PLACEMENTS.index("left_wrist")


def augmentation(**settings) -> Augmentation:
    return Augmentation(AugmentationSettings(**settings), torch.Generator().manual_seed(0))


def at_rest(rows: int = 64, time: int = 200) -> Tensor:
    imu = torch.zeros(rows, 1, time, 6)
    imu[..., 1] = 9.81
    return imu


def shaken(frequency: float, rows: int = 8, time: int = 500) -> Tensor:
    imu = at_rest(rows, time)
    imu[..., 0] = torch.sin(2 * np.pi * frequency * torch.arange(time) / RATE)
    return imu


def amplitude(imu: Tensor) -> Tensor:
    return imu[..., 0].std(dim=2) * 2**0.5


def test_a_phone_in_a_pocket_lies_along_the_thigh_with_its_screen_to_or_from_the_leg():
    ways = pocket_rotations()
    torch.testing.assert_close(torch.linalg.det(ways), torch.ones(4))
    assert len({tuple(way.flatten().tolist()) for way in ways}) == 4
    standing, sitting = torch.tensor([0.0, 9.81, 0.0]), torch.tensor([9.81, 0.0, 0.0])  # in axes of the thigh
    assert (ways @ standing).abs().tolist() == [[0, pytest.approx(9.81), 0]] * 4
    assert (ways @ sitting).abs().tolist() == [[0, 0, pytest.approx(9.81)]] * 4


def test_only_the_thigh_has_pockets():
    posture = torch.tensor([0.0, 1.0, 0.0])
    along_the_phone = {}
    for place in (THIGH, WRIST):
        read = augmentation(pocket_share=1.0).mountings(torch.full((2000,), place)) @ posture
        along_the_phone[place] = (read[:, 1].abs() > 0.7).float().mean()
    assert along_the_phone[THIGH] > 0.95
    assert 0.2 < along_the_phone[WRIST] < 0.5


def test_pockets_lie_in_front_of_the_thigh_and_watches_anywhere_around_the_wrist():
    places = {place: augmentation().offsets(torch.full((4000, 1), place))[:, 0] for place in (THIGH, WRIST)}
    for offsets in places.values():
        torch.testing.assert_close(offsets.norm(dim=-1), torch.full((4000,), AugmentationSettings().skin_distance))
    forward = {place: (offsets[:, 0] > 0).float().mean() for place, offsets in places.items()}
    assert forward[THIGH] > 0.95
    assert 0.45 < forward[WRIST] < 0.55


@pytest.mark.parametrize("frequency", [1.0, 10.0, 24.0])
def test_a_loose_device_follows_slow_movement_and_overshoots_at_its_resonance(frequency):
    spring = {"loose_frequency": (10.0, 10.0001), "loose_damping": (0.2, 0.20001)}
    loose = augmentation(loose_share=1.0, loose_coupling=0.0, **spring)
    ratio = frequency / 10.0
    expected = abs((1 + 0.4j * ratio) / (1 - ratio**2 + 0.4j * ratio))
    imu = shaken(frequency)
    heard = loose.loose(imu, RATE)
    torch.testing.assert_close(amplitude(heard), amplitude(imu) * expected, rtol=0.02, atol=0)
    torch.testing.assert_close(heard[..., 1], imu[..., 1], rtol=0, atol=1e-4)  # gravity


def test_a_loose_device_is_thrown_aside_by_what_the_spring_adds_and_by_nothing_else():
    coupled = augmentation(loose_share=1.0, loose_frequency=(10.0, 10.0001), loose_damping=(0.2, 0.20001))
    aside = {frequency: coupled.loose(shaken(frequency), RATE)[..., 2].std() for frequency in (0.5, 10.0)}
    assert aside[10.0] > 0.2 > 10 * aside[0.5]


def swinging(frequency: float, size: float = 0.05) -> Tensor:
    """A leg that swings to and fro about the z axis, seen by a device fixed to it: gravity turns as it must."""
    time = torch.arange(400) / RATE
    angle = size * torch.sin(2 * math.pi * frequency * time)
    imu = torch.zeros(1, 1, 400, 6)
    imu[0, 0, :, 0], imu[0, 0, :, 1] = 9.81 * torch.sin(angle), 9.81 * torch.cos(angle)
    imu[0, 0, :, 5] = 2 * math.pi * frequency * size * torch.cos(2 * math.pi * frequency * time)
    return imu


@pytest.mark.parametrize("frequency", [0.5, 2.0, 5.0])
def test_a_phone_lags_behind_the_leg_in_its_pocket(frequency):
    """Turning is low-passed as `1 / (1 + 2πifτ)`, and what gravity says of the angle goes with it."""
    lag = 0.08
    lagging = augmentation(pocket_lag=(lag, lag + 1e-6), pocket_compliance=0.0)
    imu = swinging(frequency)
    felt = lagging.pocket(imu, torch.full((1, 1), THIGH), RATE)
    expected = 1 / math.hypot(1, 2 * math.pi * frequency * lag)
    for channel, tolerance in ((5, 0.01), (0, 0.05)):
        heard, played = (values[0, 0, 100:300, channel].std().item() for values in (felt, imu))
        assert heard == pytest.approx(expected * played, rel=tolerance)


def test_a_shaken_phone_turns_in_its_pocket_and_a_watch_does_not():
    imu = shaken(2.0)
    shoved = augmentation(pocket_compliance=0.02)
    ids = torch.full(imu.shape[:2], THIGH)
    turned = shoved.pocket(imu, ids, RATE)
    assert turned[..., 3:].std(dim=2).amax(dim=-1).mean() > 0.1
    assert turned[..., :3].mean(dim=2).norm(dim=-1).mean() == pytest.approx(9.81, rel=0.02)
    torch.testing.assert_close(shoved.pocket(imu, torch.full_like(ids, WRIST), RATE), imu)


def test_fidgeting_turns_gravity_as_the_gyroscope_says():
    fidgeting = augmentation(fidget_share=1.0, fidget_rate=(0.1, 0.10001))
    imu = fidgeting.fidget(at_rest(), RATE)
    rate, force = imu[..., 3:], imu[..., :3]
    assert rate.std(dim=2).mean() == pytest.approx(0.1, rel=0.02)
    assert (force.norm(dim=-1) - 9.81).abs().max() < 0.2
    turned = (force[:, :, 2:] - force[:, :, :-2]) * RATE / 2  # df/dt = -ω × f for a force fixed in the room
    predicted = -torch.linalg.cross(rate, force)[:, :, 1:-1]
    assert (turned - predicted).square().mean() < 0.05 * predicted.square().mean()


def test_some_devices_lie_still():
    imu = augmentation(fidget_share=0.5).fidget(at_rest(400), RATE)
    still = (imu[..., 3:].abs().amax(dim=(1, 2, 3)) == 0).float().mean()
    assert 0.4 < still < 0.6


def test_movement_keeps_gravity():
    imu = shaken(1.0)
    stronger = augmentation().movement(imu, (2.0, 2.0001))
    torch.testing.assert_close(stronger.mean(dim=2), imu.mean(dim=2), atol=1e-4, rtol=0)
    torch.testing.assert_close(amplitude(stronger), 2 * amplitude(imu), rtol=1e-3, atol=0)


def test_real_recordings_are_turned_as_a_whole():
    """Whatever the mounting, lengths of both vectors and the angle between them are those that were recorded."""
    generator = torch.Generator().manual_seed(1)
    imu = torch.randn(32, 1, 100, 6, generator=generator)
    channels = torch.tensor([[[True, True]], [[True, False]]]).repeat(16, 1, 1)
    places = torch.full((32, 1), THIGH)
    view = augmentation(real_movement_gain=(1.0, 1.0)).worn(imu, channels, places)
    before, after = (torch.stack(signal.split(3, dim=-1)) for signal in (imu, view["imu_values"]))
    torch.testing.assert_close(before.norm(dim=-1), after.norm(dim=-1), atol=1e-4, rtol=0)
    torch.testing.assert_close((before[0] * before[1]).sum(-1), (after[0] * after[1]).sum(-1), atol=1e-4, rtol=0)
    assert not torch.allclose(before, after, atol=0.1)
    assert view["imu_channel_mask"][..., 0].all()
    assert not view["imu_channel_mask"][1::2, :, 1].any(), "no view has a gyroscope that was not there"
    assert set(view["placement_ids"].unique().tolist()) == {0, THIGH}


def whole(imu: Tensor) -> Tensor:
    return torch.ones(imu.shape[:3], dtype=torch.bool)


def test_others_feel_the_same_gravity():
    imu, mask = augmentation(real_turn=30.0).others(at_rest(), whole(at_rest()))
    force = imu[mask][:, :3]
    torch.testing.assert_close(force.norm(dim=-1), torch.full((len(force),), 9.81), rtol=1e-4, atol=0)
    upright = force[:, 1] / 9.81
    assert 0.5 < upright.mean() < 0.98  # turned, but not upside down


@pytest.mark.parametrize("pace", [0.8, 1.25])
def test_who_is_faster_turns_faster_by_the_same_angle(pace):
    settings = {"real_turn": 0.0, "real_pace": (pace, pace * 1.0001), "real_movement_gain": (1.0, 1.0001)}
    imu = at_rest(time=400)
    imu[:, :, :200, 5] = 1.0  # 4 s at 1 rad/s, then nothing
    other, mask = augmentation(**settings).others(imu, whole(imu))
    assert other.shape == imu.shape
    assert mask.sum(dim=2).unique().tolist() == [min(400, round(400 / pace))]
    torch.testing.assert_close(other[..., 5].amax(dim=2), torch.full((64, 1), pace), rtol=1e-3, atol=0)
    torch.testing.assert_close(other[..., 5].sum(dim=2) / RATE, torch.full((64, 1), 4.0), rtol=0.02, atol=0)


def test_what_was_not_recorded_stays_so():
    imu, mask = shaken(2.0), whole(shaken(2.0))
    imu[:, :, 300:], mask[:, :, 300:] = 0.0, False
    other, still = augmentation(real_pace=(1.0, 1.0001)).others(imu, mask)
    assert not still[:, :, 305:].any()
    assert (other[:, :, 305:] == 0).all()
    torch.testing.assert_close(other[:, :, :295].mean(dim=2).norm(dim=-1), imu[:, :, :295].mean(dim=2).norm(dim=-1),
                               rtol=1e-2, atol=0)  # fmt: skip
