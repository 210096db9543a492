"""The rhythm of a stride: what is put into a signal comes out, whatever the sensor's axes and the window's start."""

import math

import pytest
import torch
from scipy.spatial.transform import Rotation
from torch.testing import assert_close

from modeling_mujo import MujoImuModel
from modeling_mujo.rhythm_mujo import (
    DOUBTFUL,
    FAINTEST,
    HALF_SIZE,
    SCALE,
    SHARES,
    MujoRhythm,
    axis_of_turning,
    hann,
    in_axes_of_limb,
)
from tests.helpers import tiny_imu_config

RATE = 0.8  # strides a second
# Cosines of a walker: (channel up, backward, right of force, then of rate; harmonic, size, phase).
STRIDE = ((0, 2, 3.0, 1.0), (1, 1, 2.0, -0.6), (1, 3, 0.5, 2.0), (5, 1, 2.0, 0.0), (5, 2, 1.0, 0.0), (4, 4, 0.4, 1.5))
SKEWNESS = 3 / 2.5**1.5  # of 2 cos x + cos 2x, the turning


def walker(time: int = 400, late: float = 0.0, turned: int | None = None) -> torch.Tensor:
    """A limb `(1, 1, time, 6)` in the axes of the limb, or of a sensor that sits on it anyhow."""
    seconds = torch.arange(time, dtype=torch.float64) / 50 - late
    signal = torch.zeros(time, 6, dtype=torch.float64)
    signal[:, 0] = 9.81
    for channel, harmonic, size, phase in STRIDE:
        signal[:, channel] += size * torch.cos(2 * math.pi * harmonic * RATE * seconds + phase)
    if turned is not None:
        turn = torch.from_numpy(Rotation.random(random_state=turned).as_matrix())
        signal = torch.cat([part @ turn for part in signal.split(3, dim=-1)], dim=-1)
    return signal.float()[None, None]


def rhythm_of(values: torch.Tensor, mask: torch.Tensor | None = None, gyroscope: bool = True) -> torch.Tensor:
    """`(batch, 3, 6, 4)`: cosine, sine and size of every channel and harmonic."""
    mask = torch.ones(values.shape[:3], dtype=torch.bool) if mask is None else mask
    channels = torch.tensor([True, gyroscope]).expand(*values.shape[:2], 2)
    return MujoRhythm(tiny_imu_config())(values, mask, channels).unflatten(-1, (3, 6, 4))


@pytest.mark.parametrize("late", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("turned", [None, 0, 1, 2])
def test_harmonics_that_are_put_in_come_out(late, turned):
    found = rhythm_of(walker(late=late, turned=turned))[0] / SCALE
    for channel, harmonic, size, phase in STRIDE:
        cosine, sine, extent = found[:, channel, harmonic - 1]
        # of what is upward odd harmonics, of what is level even ones depend on the sense of the turning
        weight = SKEWNESS / (SKEWNESS + DOUBTFUL) if (channel % 3 == 0) == (harmonic % 2 == 1) else 1.0
        share = SHARES["phase"] * weight * size / (size + HALF_SIZE)
        # the phase of the first harmonic of the turning is that of exp(-i 2 pi rate t), hence the sign
        assert cosine == pytest.approx(share * math.cos(phase), abs=0.03)
        assert sine == pytest.approx(-share * math.sin(phase), abs=0.03)
        assert extent == pytest.approx(SHARES["size"] * (1 + math.log(size + FAINTEST)), abs=0.03)
    silent = found[2, 2]  # nothing pushes to the right
    assert (silent < SHARES["size"] * (1 + math.log(2 * FAINTEST))).all()


def test_axis_of_turning_is_the_principal_axis_turned_about_faster():
    generator = torch.Generator().manual_seed(0)
    first, second = torch.tensor([[1.0, 0, 0]]).expand(50, 3), torch.tensor([[0, 1.0, 0]]).expand(50, 3)
    spread = torch.randn(50, 1, 3, 3, generator=generator) @ torch.randn(50, 300, 3, 1, generator=generator)
    rate = spread.squeeze(-1) ** 2 + spread.squeeze(-1)
    rate = rate - rate.mean(1, keepdim=True)
    found = axis_of_turning(rate, first, second)
    principal = torch.linalg.svd(rate[..., :2]).Vh[:, 0]
    assert_close((found[:, :2] * principal).sum(-1).abs(), torch.ones(50), atol=1e-4, rtol=0)
    assert ((rate @ found[..., None]).pow(3).mean((1, 2)) >= 0).all()


def test_who_turns_as_fast_both_ways_has_no_rhythm_that_depends_on_the_sense():
    values = walker(time=375)  # whole strides
    seconds = torch.arange(375) / 50
    values[..., 0] += torch.cos(2 * math.pi * RATE * seconds)  # one leg rises more than the other
    even = 2 * torch.cos(2 * math.pi * RATE * seconds)
    faint = 1e-4 * torch.cos(4 * math.pi * RATE * seconds)
    one, other = (
        rhythm_of(torch.cat([values[..., :5], turning[None, None, :, None]], -1))
        for turning in (even + faint, even - faint)
    )
    assert one[0, :2, 0, 0].norm() < 0.01 * SCALE
    assert one[0, :2, 5, 0].norm() > 0.5 * SCALE  # the turning itself
    assert_close(one, other, atol=0.01 * SCALE, rtol=0)


def test_axes_are_perpendicular_and_gravity_is_up():
    values = walker(turned=3)[0]
    signal = in_axes_of_limb(values, torch.ones(1, 400, 1))
    for part in (slice(0, 3), slice(3, 6)):
        centred = values[..., part] - values[..., part].mean(1, keepdim=True)
        assert_close(signal[..., part].norm(dim=-1), centred.norm(dim=-1), atol=1e-4, rtol=1e-4)
    upright = walker()[0]
    assert_close(signal[..., 0], upright[..., 0] - upright[..., 0].mean(), atol=0.02, rtol=0)


def test_what_does_not_repeat_itself_has_no_rhythm():
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(20, 1, 400, 6, generator=generator) + torch.tensor([0, 0, 9.81, 0, 0, 0])
    walking = rhythm_of(walker()).norm()
    assert rhythm_of(noise).flatten(1).norm(dim=1).max() < 0.1 * walking
    assert rhythm_of(torch.tensor([0, 0, 9.81, 0, 0, 0]).expand(1, 1, 400, 6)).norm() < 1e-3 * walking
    assert not rhythm_of(walker(time=75)).any(), (
        "a window of one and a half seconds does not show two strides of 1.25 s"
    )


def test_padding_and_sensors_that_are_missing_change_nothing():
    values = walker(time=300, turned=0)
    padded = torch.full((1, 2, 400, 6), 77.0)
    padded[:, :1, 50:350] = values
    mask = torch.zeros(1, 2, 400, dtype=torch.bool)
    mask[:, 0, 50:350] = True
    assert_close(rhythm_of(padded, mask), rhythm_of(values), atol=1e-3, rtol=0)


def test_several_sensors_have_the_mean_of_their_rhythms():
    one, other = walker(turned=0), 0.5 * walker(turned=1, late=0.2)
    assert_close(rhythm_of(torch.cat([one, other], dim=1)), (rhythm_of(one) + rhythm_of(other)) / 2)


def test_without_a_gyroscope_there_is_no_rhythm():
    assert not rhythm_of(walker(), gyroscope=False).any()


def test_the_window_is_hanns():
    expected = torch.hann_window(100, periodic=False)
    assert_close(hann(torch.ones(1, 100, 1))[0, :, 0], expected, atol=1e-6, rtol=0)


def test_hidden_patches_do_not_hide_the_rhythm():
    model = MujoImuModel(tiny_imu_config()).eval()
    hidden = torch.rand(1, 1, 40, generator=torch.Generator().manual_seed(0)) < 0.3
    shown, guessed = (model(walker(), masked_patches=patches).pooler_output for patches in (None, hidden))
    width = model.config.pooled_size
    assert shown.shape[1] == width + 72
    assert torch.equal(shown[:, width:], guessed[:, width:])
    assert not torch.allclose(shown[:, :width], guessed[:, :width])


def test_gradients_stay_finite_where_nothing_moves():
    values = torch.zeros(2, 1, 200, 6, requires_grad=True)
    rhythm_of(values).sum().backward()
    assert values.grad.isfinite().all()


def test_an_encoder_may_go_without_and_not_beyond_what_its_rate_can_show():
    config = tiny_imu_config(num_harmonics=0)
    assert MujoImuModel(config).eval()(walker()).pooler_output.shape == (1, config.pooled_size)
    with pytest.raises(ValueError, match=r"0 to 15 at 50 Hz .* got 16"):
        MujoImuModel(tiny_imu_config(num_harmonics=16))
