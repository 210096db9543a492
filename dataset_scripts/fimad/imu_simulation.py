"""Pose → IMU: what an accelerometer and a gyroscope strapped to a moving skeleton would read.

    joints ─ smoothing spline ─┬─ second derivative of a point on the segment ─┐
                               └─ segment frame ─ body angular velocity ───────┴─ lever arm ─ mounting ─ IMU

The specific force in the sensor frame is `f = M (Rᵀ (a + g) + ω̇ × o + ω × (ω × o))` with the acceleration
`a` of the point `along` the segment, the frame `R` of the segment and its angular velocity `ω`, the offset `o` of
the sensor from that point, and the mounting `M`. `docs/imu_simulation.md` shows the frames, why this smoother, and
how close to real sensors it comes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import torch
from scipy.interpolate import make_interp_spline
from scipy.linalg import solveh_banded
from torch import Tensor

from dataset_scripts.fimad.skeleton import JOINT_INDEX
from modeling_mujo.configuration_mujo import JOINTS, PLACEMENTS

STANDARD_GRAVITY = 9.80665  # m/s²

# A mirrored motion (`pose[:, :, MIRROR]` with x negated, left and right placements swapped) reads the original signal
# times this: x and y of the segment frames lie in the mirror image, z turns around, and angular velocity is axial.
MIRRORED_IMU = (1.0, 1.0, -1.0, -1.0, -1.0, 1.0)

DEFAULT_ALONG: Mapping[str, float] = MappingProxyType(
    {
        "head": 0.5,
        "chest": 0.6,
        "pelvis": 0.0,
        "left_upper_arm": 0.5,
        "right_upper_arm": 0.5,
        "left_wrist": 0.95,
        "right_wrist": 0.95,
        "left_hand": 1.3,
        "right_hand": 1.3,
        "left_thigh": 0.3,
        "right_thigh": 0.3,
        "left_shank": 0.4,
        "right_shank": 0.4,
        "left_ankle": 0.95,
        "right_ankle": 0.95,
        "left_foot": 1.1,
        "right_foot": 1.1,
    }
)
"""Where each placement sits on its segment: 0 at the proximal joint, 1 at the distal one, beyond 1 past it.

Wrist and hand lie on the forearm, ankle and foot on the shank, chest on spine → thorax, pelvis on pelvis → spine,
head on neck → head, and the thigh stands for a trouser pocket. Seventeen joints cannot tell how the forearm twists
(pronation), how hand and foot pitch, or where the head looks: those sensors turn with the bone they are placed on.
"""

_MIN_SAMPLES = 8  # a quintic spline with its second derivative needs six
_HINGE_REFERENCE = 1.0  # weight of the axis carried from the trunk against sin(flexion) of the flexion axis


class _Chain(NamedTuple):
    """A segment and what orients it: joints as (from, to) pairs, rest direction and hinge sign."""

    segment: tuple[str, str]
    right: tuple[str, str]
    up: tuple[str, str]
    upper: tuple[str, str]
    lower: tuple[str, str]
    rest: tuple[float, float, float]
    hinge: float
    is_lower: bool


def _chain_of(placement: str) -> _Chain:
    """Describe the segment of a placement by names of joints (see `_segment_axes` for their use)."""
    hips, shoulders = ("left_hip", "right_hip"), ("left_shoulder", "right_shoulder")
    down = (0.0, -1.0, 0.0)
    if placement == "pelvis":
        bone = ("spine", "pelvis")
        return _Chain(bone[::-1], hips, bone[::-1], bone, bone, down, 0.0, False)
    if placement in ("chest", "head"):
        torso = ("spine", "thorax")
        bone = ("spine", "thorax") if placement == "chest" else ("neck", "head")
        return _Chain(bone, shoulders, torso, bone[::-1], bone[::-1], down, 0.0, False)
    side, part = placement.split("_", 1)
    outward = 1.0 if side == "right" else -1.0
    if part in ("upper_arm", "wrist", "hand"):
        upper, lower = (f"{side}_shoulder", f"{side}_elbow"), (f"{side}_elbow", f"{side}_wrist")
        is_lower = part != "upper_arm"
        rest = (1.0, -0.3, outward)
        return _Chain(lower if is_lower else upper, shoulders, ("spine", "thorax"), upper, lower, rest, 1.0, is_lower)
    upper, lower = (f"{side}_hip", f"{side}_knee"), (f"{side}_knee", f"{side}_ankle")
    is_lower = part != "thigh"
    rest = (1.0, -1.0, 0.3 * outward)
    return _Chain(lower if is_lower else upper, hips, ("pelvis", "spine"), upper, lower, rest, -1.0, is_lower)


class _SegmentTable(NamedTuple):
    """`_Chain` of every placement as tensors indexed by placement id; row 0 ("unknown") is zero."""

    directions: Tensor  # (placements, 4, joints): right, up, upper, lower as differences of joints
    ends: Tensor  # (placements, 2, joints): proximal and distal joint
    along: Tensor  # (placements,)
    rest: Tensor  # (placements, 3), in axes of the trunk
    reference: Tensor  # (placements, 3), z of the segment that points in the rest direction, in axes of the trunk
    hinge: Tensor  # (placements,)
    is_lower: Tensor  # (placements,)


@lru_cache(maxsize=8)
def _segment_table(device: torch.device, dtype: torch.dtype) -> _SegmentTable:
    count = len(PLACEMENTS)
    table = _SegmentTable(
        directions=torch.zeros(count, 4, len(JOINTS)),
        ends=torch.zeros(count, 2, len(JOINTS)),
        along=torch.zeros(count),
        rest=torch.zeros(count, 3),
        reference=torch.zeros(count, 3),
        hinge=torch.zeros(count),
        is_lower=torch.zeros(count),
    )
    # A limb hanging straight down has the axes of the trunk. Going from there by way of the rest direction, the middle
    # of the reachable directions, puts the one direction without a smallest rotation where no limb can point.
    down, right = torch.tensor([0.0, -1.0, 0.0]), torch.tensor([0.0, 0.0, 1.0])
    for index, placement in enumerate(PLACEMENTS):
        if placement == "unknown":
            continue
        chain = _chain_of(placement)
        for row, (start, end) in enumerate((chain.right, chain.up, chain.upper, chain.lower)):
            table.directions[index, row, JOINT_INDEX[end]] += 1
            table.directions[index, row, JOINT_INDEX[start]] -= 1
        for row, joint in enumerate(chain.segment):
            table.ends[index, row, JOINT_INDEX[joint]] = 1
        table.along[index] = DEFAULT_ALONG[placement]
        rest = torch.tensor(chain.rest) / math.hypot(*chain.rest)
        table.rest[index] = rest
        table.reference[index] = _swing(right[:, None], down[:, None], rest[:, None])[:, 0]
        table.hinge[index] = chain.hinge
        table.is_lower[index] = chain.is_lower
    return _SegmentTable(*(tensor.to(device, dtype) for tensor in table))


# --- smoothing and differentiation -----------------------------------------------------------------------------------


def smoothing_spline_matrix(
    length: int, sampling_rate: float, cutoff: float | None, derivative: int = 0
) -> np.ndarray:
    """Matrix that maps equidistant samples to a derivative of their quintic smoothing spline, in float64.

    The discrete quintic smoothing spline (Whittaker graduation with third differences) minimises
    `Σ (y - x)² + λ Σ (Δ³ y)²`. Away from the ends it is a zero-phase low-pass filter with response
    `1 / (1 + (f / cutoff)⁶)`; at the ends it pads nothing, and any parabola, so any constant acceleration, passes
    unchanged. A quintic spline through the smoothed samples gives the derivatives analytically.
    (Whittaker, Proc. Edinburgh Math. Soc. 41, 1923; Woltring, Adv. Eng. Software 8(2), 1986.)

    Args:
        length: number of samples, at least 8.
        sampling_rate: Hz.
        cutoff: frequency at which the amplitude is halved, in Hz; None interpolates without smoothing.
        derivative: 0, 1 or 2.

    Returns:
        `(length, length)` array; multiply it from the left to samples in rows.
    """
    smoothed = np.eye(length)
    if cutoff is not None:
        difference = np.diff(np.eye(length), 3, axis=0)
        penalty = (2 * math.sin(math.pi * cutoff / sampling_rate)) ** -6
        system = np.eye(length) + penalty * difference.T @ difference
        banded = np.stack([np.pad(np.diagonal(system, offset), (0, offset)) for offset in range(4)])
        smoothed = solveh_banded(banded, smoothed, lower=True)
    if derivative == 0:
        return smoothed
    time = np.arange(length) / sampling_rate
    return make_interp_spline(time, smoothed, k=5).derivative(derivative)(time)


@lru_cache(maxsize=64)
def _operator(
    length: int, sampling_rate: float, cutoff: float | None, derivative: int, device: torch.device, dtype: torch.dtype
) -> Tensor:
    matrix = smoothing_spline_matrix(length, sampling_rate, cutoff, derivative)
    return torch.from_numpy(matrix.T.copy()).to(device, dtype)


def _differentiate(signal: Tensor, sampling_rate: float, cutoff: float | None, derivative: int) -> Tensor:
    """Apply `smoothing_spline_matrix` along the last axis; long signals go through overlapping windows.

    Four cutoff periods away the weight of a sample has fallen by e^-4π, so each window keeps its middle.
    """
    length = signal.shape[-1]
    halo = math.ceil(4 * sampling_rate / cutoff) if cutoff is not None else 20
    window, hop = 4 * halo, 2 * halo
    operator = _operator(min(window, length), sampling_rate, cutoff, derivative, signal.device, signal.dtype)
    # Subtracting the level first keeps float32 rounding of the sum relative to the movement, not to the coordinates.
    level = signal.mean(-1, keepdim=True)
    rows = (signal - level).flatten(0, -2)
    if length <= window:
        result = rows @ operator
    else:
        pieces = rows.unfold(-1, window, hop)
        middle = (pieces.reshape(-1, window) @ operator[:, halo:-halo]).view(len(rows), -1)
        covered = halo + middle.shape[-1]
        first = rows[:, :window] @ operator[:, :halo]
        last = rows[:, -window:] @ operator[:, covered - length :]
        result = torch.cat([first, middle, last], dim=-1)
    result = result.view_as(signal)
    return result + level if derivative == 0 else result


# --- segment frames --------------------------------------------------------------------------------------------------
# Inside, vectors are (batch, sensors, 3, time): time last for the matrix products above.


def _cross(a: Tensor, b: Tensor) -> Tensor:
    # torch.linalg.cross takes six times as long where the vectors do not lie along the last axis
    (ax, ay, az), (bx, by, bz) = a.unbind(-2), b.unbind(-2)
    return torch.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], dim=-2)


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum(-2, keepdim=True)


def _unit(vector: Tensor) -> Tensor:
    return vector * _dot(vector, vector).clamp_min(1e-18).rsqrt()


def _combine(coordinates: Tensor, axes: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Vector with (batch, sensors, 3) coordinates along three axes."""
    first, second, third = coordinates[..., None, None].unbind(2)
    return first * axes[0] + second * axes[1] + third * axes[2]


def _swing(vector: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """Turn `vector` by the smallest rotation that takes the unit vector `start` to the unit vector `end`."""
    axis = _cross(start, end)
    turned = _cross(axis, vector)
    return vector + turned + _cross(axis, turned) / (1 + _dot(start, end)).clamp_min(1e-4)


def _segment_axes(directions: Tensor, table: _SegmentTable, placement_ids: Tensor) -> Tensor:
    """Axes (batch, sensors, 3 axes, 3, time) of the segment frames from directions (batch, sensors, 4, 3, time)."""
    right, up, upper, lower = directions.unbind(2)
    upper, lower, up = _unit(upper), _unit(lower), _unit(up)
    right = _unit(right - _dot(right, up) * up)
    trunk = (_cross(up, right), up, right)  # anterior, cranial, right
    rest = _combine(table.rest[placement_ids], trunk)
    reference = _swing(_combine(table.reference[placement_ids], trunk), rest, upper)
    hinge = table.hinge[placement_ids][..., None, None] * _cross(upper, lower)
    axis = hinge + _HINGE_REFERENCE * reference
    axis = _unit(axis - _dot(axis, upper) * upper)
    is_lower = table.is_lower[placement_ids][..., None, None]
    distal = lower * is_lower + upper * (1 - is_lower)
    axis = _swing(axis, upper, distal)
    return torch.stack([_cross(-distal, axis), -distal, axis], dim=2)


def _gather(pose: Tensor, placement_ids: Tensor, along: Tensor | None) -> tuple[Tensor, Tensor, _SegmentTable]:
    """Directions (batch, sensors, 4, 3, time) and points (batch, sensors, 3, time), both linear in the joints."""
    table = _segment_table(pose.device, pose.dtype)
    along = table.along[placement_ids] if along is None else along.to(pose)
    weights = torch.stack([1 - along, along], dim=-1)[..., None, :] @ table.ends[placement_ids]
    weights = torch.cat([table.directions[placement_ids], weights], dim=2)
    joints = pose.permute(0, 2, 3, 1).flatten(2)  # (batch, joints, 3 * time)
    vectors = (weights.flatten(1, 2) @ joints).view(*weights.shape[:3], 3, -1)
    return vectors[:, :, :4], vectors[:, :, 4], table


def _check_shapes(pose: Tensor, placement_ids: Tensor, **optional: tuple[Tensor | None, tuple[int, ...]]) -> None:
    if pose.ndim != 4 or pose.shape[2:] != (len(JOINTS), 3) or not pose.is_floating_point():
        raise ValueError(
            f"pose must be floating point of shape (batch, time, {len(JOINTS)}, 3), "
            f"got {pose.dtype} of shape {tuple(pose.shape)}"
        )
    if placement_ids.ndim != 2 or len(placement_ids) != len(pose) or not placement_ids.numel():
        raise ValueError(
            f"placement_ids must have shape (batch, sensors) with the batch of the pose, {pose.shape[0]}, "
            f"got {tuple(placement_ids.shape)}"
        )
    lowest, highest = int(placement_ids.min()), int(placement_ids.max())
    if not 1 <= lowest <= highest < len(PLACEMENTS):
        raise ValueError(
            f"placement_ids must be indices of PLACEMENTS from 1 to {len(PLACEMENTS) - 1}, got {lowest} to {highest}; "
            "a sensor at an unknown place (0) cannot be simulated, choose a place for it"
        )
    for name, (tensor, trailing) in optional.items():
        expected = (*placement_ids.shape, *trailing)
        if tensor is not None and tuple(tensor.shape) != expected:
            raise ValueError(f"{name} must have shape {expected}, got {tuple(tensor.shape)}")


def segment_frames(pose: Tensor, placement_ids: Tensor, along: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Frames of the body segments that sensors sit on, as continuous in time as the pose.

    The axes follow the ISB recommendation (Wu & Cavanagh, J. Biomech. 28(10), 1995) for both sides of the body: in the
    upright stance with hanging arms **x** points forward, **y** up (from the distal to the proximal joint; cranially
    on trunk and head) and **z** to the right. On a bent limb z leans to the flexion axis of the elbow or knee, on a
    straight limb to the z axis carried over from the trunk; the two are added with weights sin(flexion) : 1, so that
    nothing flips. The lower segment takes its axes from the upper one by the smallest rotation.

    Args:
        pose: `(batch, time, 17, 3)`, metres, z up, joints in `JOINTS` order; not smoothed here.
        placement_ids: `(batch, sensors)` indices of `PLACEMENTS`, none 0.
        along: `(batch, sensors)` position on the segment, by default `DEFAULT_ALONG`.

    Returns:
        origin `(batch, sensors, time, 3)` in metres, and rotation `(batch, sensors, time, 3, 3)` from segment to world
        (its columns are the axes).

    Raises:
        ValueError: on a wrong shape or a placement id out of range.
    """
    _check_shapes(pose, placement_ids, along=(along, ()))
    directions, points, table = _gather(pose, placement_ids, along)
    axes = _segment_axes(directions, table, placement_ids)
    return points.transpose(-1, -2), axes.permute(0, 1, 4, 3, 2)


# --- the simulation --------------------------------------------------------------------------------------------------


def simulate_imu(
    pose: Tensor,
    placement_ids: Tensor,
    *,
    sampling_rate: float = 50.0,
    along: Tensor | None = None,
    offset: Tensor | None = None,
    mounting: Tensor | None = None,
    cutoff: float = 6.0,
) -> Tensor:
    """Simulate ideal IMUs worn by a moving skeleton.

    Args:
        pose: `(batch, time, 17, 3)`, metres, z up, joints in `JOINTS` order, at least 8 samples.
        placement_ids: `(batch, sensors)` indices of `PLACEMENTS`, none 0; samples may differ in their placements.
        sampling_rate: of the pose and of the result, in Hz.
        along: `(batch, sensors)` position on the segment, by default `DEFAULT_ALONG`.
        offset: `(batch, sensors, 3)` from there to the sensor, in metres, in the segment frame (`segment_frames`).
        mounting: `(batch, sensors, 3, 3)` rotation from the segment frame to the sensor frame; identity by default.
        cutoff: of the smoothing spline in Hz (`smoothing_spline_matrix`). The default suits optical motion capture;
            take 2.5 for a Kinect (measured in `results/simulation_fidelity.json`).

    Returns:
        `(batch, sensors, time, 6)` in the sensor frame: specific force xyz in m/s² (a sensor at rest reads 9.81
        upwards), then angular velocity xyz in rad/s, right-handed.

    Raises:
        ValueError: on a wrong shape, a placement id out of range, fewer than 8 samples or a cutoff that is not between
            0 and half the sampling rate.
    """
    _check_shapes(pose, placement_ids, along=(along, ()), offset=(offset, (3,)), mounting=(mounting, (3, 3)))
    if pose.shape[1] < _MIN_SAMPLES:
        raise ValueError(f"pose must have at least {_MIN_SAMPLES} samples to be differentiated, got {pose.shape[1]}")
    if not 0 < cutoff < sampling_rate / 2:
        raise ValueError(
            f"cutoff must lie between 0 and {sampling_rate / 2} Hz (half the sampling rate), got {cutoff}"
        )

    directions, points, table = _gather(pose, placement_ids, along)
    axes = _segment_axes(_differentiate(directions, sampling_rate, cutoff, 0), table, placement_ids)
    if mounting is not None:
        axes = (mounting.to(pose) @ axes.flatten(-2)).view_as(axes)  # from here on the axes are those of the sensor
    axes_rate = _differentiate(axes, sampling_rate, None, 1)
    # ẏ = ω × y gives z · ẏ = ω · x, and so on around.
    angular_velocity = (axes.roll(-2, 2) * axes_rate.roll(-1, 2)).sum(3)

    acceleration = _differentiate(points, sampling_rate, cutoff, 2)
    acceleration[:, :, 2] += STANDARD_GRAVITY
    specific_force = (axes * acceleration[:, :, None]).sum(3)
    if offset is not None:
        offset = offset.to(pose)[..., None]
        lever = (offset if mounting is None else mounting.to(pose) @ offset).expand_as(angular_velocity)
        angular_acceleration = _differentiate(angular_velocity, sampling_rate, None, 1)
        centripetal = _cross(angular_velocity, _cross(angular_velocity, lever))
        specific_force = specific_force + _cross(angular_acceleration, lever) + centripetal

    return torch.cat([specific_force, angular_velocity], dim=2).transpose(-1, -2)


# --- the sensor ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SensorModel:
    """Imperfections of an accelerometer (m/s²) and a gyroscope (rad/s).

    Every field is a number or a tensor that broadcasts to `(batch, sensors, 3)`, so each sensor of a batch, and each
    of its axes, may differ.

    Attributes:
        accelerometer_noise_density, gyroscope_noise_density: one-sided, per √Hz; white up to half the sampling rate.
        accelerometer_bias, gyroscope_bias: constant offset.
        accelerometer_scale_error, gyroscope_scale_error: relative; 0.01 reads one per cent too much.
        accelerometer_resolution, gyroscope_resolution: quantisation step; 0 does not quantise.
        accelerometer_range, gyroscope_range: largest absolute reading; what lies beyond is clipped.
    """

    accelerometer_noise_density: float | Tensor = 0.0
    gyroscope_noise_density: float | Tensor = 0.0
    accelerometer_bias: float | Tensor = 0.0
    gyroscope_bias: float | Tensor = 0.0
    accelerometer_scale_error: float | Tensor = 0.0
    gyroscope_scale_error: float | Tensor = 0.0
    accelerometer_resolution: float | Tensor = 0.0
    gyroscope_resolution: float | Tensor = 0.0
    accelerometer_range: float | Tensor = math.inf
    gyroscope_range: float | Tensor = math.inf


def apply_sensor_model(
    imu: Tensor, model: SensorModel, *, sampling_rate: float = 50.0, generator: torch.Generator | None = None
) -> Tensor:
    """Turn ideal signals into readings: scale error, bias and noise, then quantisation and clipping.

    Args:
        imu: `(batch, sensors, time, 6)` as `simulate_imu` returns it; left unchanged.
        model: imperfections of the sensors.
        sampling_rate: in Hz; the noise of a sample has the standard deviation `density * sqrt(sampling_rate / 2)`.
        generator: source of the noise, on the device of `imu`; equal seeds give equal readings.

    Returns:
        `(batch, sensors, time, 6)` readings.

    Raises:
        ValueError: if `imu` has another shape.
    """
    if imu.ndim != 4 or imu.shape[-1] != 6:
        raise ValueError(f"imu must have shape (batch, sensors, time, 6), got {tuple(imu.shape)}")

    def channels(name: str) -> Tensor:
        """One field of both sensors as (batch, sensors, 1, 6)."""
        fields = (getattr(model, f"{sensor}_{name}") for sensor in ("accelerometer", "gyroscope"))
        shape = (*imu.shape[:2], 3)
        return torch.cat([torch.as_tensor(field).to(imu).expand(shape) for field in fields], dim=-1)[:, :, None]

    noise = torch.randn(imu.shape, generator=generator, device=imu.device, dtype=imu.dtype)
    reading = imu * (1 + channels("scale_error")) + channels("bias")
    reading = reading + channels("noise_density") * math.sqrt(sampling_rate / 2) * noise
    step, limit = channels("resolution"), channels("range")
    quantised = (reading / step.clamp_min(torch.finfo(imu.dtype).tiny)).round() * step
    return torch.where(step > 0, quantised, reading).clamp(-limit, limit)
