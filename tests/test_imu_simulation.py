"""Simulated IMUs obey the laws of motion, whatever the segment, the mounting or the side of the body."""

import math

import numpy as np
import pytest
import torch
from scipy.interpolate import CubicSpline
from scipy.spatial.transform import Rotation

from dataset_scripts.fimad.imu_simulation import (
    DEFAULT_ALONG,
    MIRRORED_IMU,
    STANDARD_GRAVITY,
    SensorModel,
    apply_sensor_model,
    segment_frames,
    simulate_imu,
    smoothing_spline_matrix,
)
from dataset_scripts.fimad.skeleton import MIRROR
from dataset_scripts.utd_mhad.utd_mhad import UtdMhad
from modeling_mujo.configuration_mujo import JOINTS, PLACEMENTS

RATE = 50.0
ALL_PLACEMENTS = torch.arange(1, len(PLACEMENTS))[None]

# Upright stance facing +y, so that the person's right is +x; arms hang.
STANCE = {
    "pelvis": (0.0, 0.0, 0.95),
    "right_hip": (0.1, 0.0, 0.95),
    "right_knee": (0.1, 0.0, 0.5),
    "right_ankle": (0.1, 0.0, 0.08),
    "left_hip": (-0.1, 0.0, 0.95),
    "left_knee": (-0.1, 0.0, 0.5),
    "left_ankle": (-0.1, 0.0, 0.08),
    "spine": (0.0, 0.0, 1.15),
    "thorax": (0.0, 0.0, 1.42),
    "neck": (0.0, 0.0, 1.5),
    "head": (0.0, 0.0, 1.65),
    "left_shoulder": (-0.18, 0.0, 1.4),
    "left_elbow": (-0.18, 0.0, 1.1),
    "left_wrist": (-0.18, 0.0, 0.85),
    "right_shoulder": (0.18, 0.0, 1.4),
    "right_elbow": (0.18, 0.0, 1.1),
    "right_wrist": (0.18, 0.0, 0.85),
}


def stance(length: int = 200) -> np.ndarray:
    """Still stance, (time, 17, 3) float64."""
    return np.tile(np.array([STANCE[joint] for joint in JOINTS]), (length, 1, 1))


def seconds(length: int = 200) -> np.ndarray:
    return np.arange(length) / RATE


def joint(name: str) -> int:
    return JOINTS.index(name)


def ids(*names: str) -> torch.Tensor:
    return torch.tensor([[PLACEMENTS.index(name) for name in names]])


def simulate(pose: np.ndarray, placement_ids: torch.Tensor = ALL_PLACEMENTS, **options) -> np.ndarray:
    """IMU (sensors, time, 6) of one float32 pose."""
    imu = simulate_imu(torch.from_numpy(pose.astype(np.float32))[None], placement_ids, **options)
    assert imu.dtype == torch.float32
    return imu[0].numpy()


def turning(pose: np.ndarray, rotvec: np.ndarray) -> np.ndarray:
    """The whole skeleton turned about the origin by `rotvec` (time, 3)."""
    return np.einsum("tij,tkj->tki", Rotation.from_rotvec(rotvec).as_matrix(), pose)


def swinging_forearm(angle: np.ndarray) -> np.ndarray:
    """Right forearm flexed by `angle` (time,) in the sagittal plane; 0 hangs down."""
    pose = stance(len(angle))
    direction = np.stack([np.zeros_like(angle), np.sin(angle), -np.cos(angle)], axis=-1)
    pose[:, joint("right_wrist")] = pose[:, joint("right_elbow")] + 0.25 * direction
    return pose


def exercise(length: int = 200) -> np.ndarray:
    """Asymmetric whole-body motion: turning, swaying, both arms and one leg moving out of every plane."""
    t = seconds(length)
    pose = stance(length)
    swing = np.stack([0.4 * np.sin(5 * t), 0.5 + 0.6 * np.sin(4 * t), 0.3 * np.cos(3 * t)], axis=-1)
    for name, scale in (("right_elbow", 0.1), ("right_wrist", 0.35), ("left_wrist", -0.2), ("left_knee", 0.2)):
        pose[:, joint(name)] += scale * swing
    pose = turning(pose, np.stack([0.2 * np.sin(2 * t), 0.3 * np.cos(t), 1.5 * np.sin(1.5 * t)], axis=-1))
    return pose + np.stack([0.3 * np.sin(t), 0.2 * t, 0.05 * np.sin(6 * t)], axis=-1)[:, None]


def test_every_known_placement_has_a_position():
    assert set(DEFAULT_ALONG) == set(PLACEMENTS) - {"unknown"}


def test_still_body_reads_gravity_upwards_and_no_rotation():
    imu = simulate(stance())
    # In the upright stance y of every segment points up.
    assert np.abs(imu[..., :3] - [0, STANDARD_GRAVITY, 0]).max() < 0.01
    assert np.abs(imu[..., 3:]).max() < 1e-3


def test_free_fall_reads_nothing_up_to_the_edges():
    pose = stance(60)
    pose[..., 2] += 5 - STANDARD_GRAVITY / 2 * seconds(60)[:, None] ** 2
    assert np.abs(simulate(pose)).max() < 0.02


@pytest.mark.parametrize("length", [8, 50, 200, 1000])
def test_known_rotation_rate_is_read_in_the_body_frame(length):
    axis = np.array([0.3, -0.5, 0.8]) / np.linalg.norm([0.3, -0.5, 0.8])
    speed = 4.0
    rotvec = speed * seconds(length)[:, None] * axis
    pose = turning(stance(length), rotvec)
    imu = simulate(pose)
    # World axes → axes of the upright segments: x forward = +y, y up = +z, z right = +x.
    expected = speed * axis[[1, 2, 0]]
    middle = slice(2, -2) if length > 8 else slice(3, -3)
    assert np.abs(imu[:, middle, 3:] - expected).max() < 0.01 * speed


@pytest.mark.parametrize("radius_along", [0.5, 1.0, 1.4])
def test_uniform_circular_motion_reads_the_centripetal_force(radius_along):
    """A forearm that turns about the elbow in the horizontal plane reads ω²r towards the elbow."""
    speed, angle = 6.0, 6.0 * seconds()
    pose = stance()
    direction = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=-1)
    pose[:, joint("right_wrist")] = pose[:, joint("right_elbow")] + 0.25 * direction
    imu = simulate(pose, ids("right_wrist"), along=torch.tensor([[radius_along]]), cutoff=10.0)[0, 10:-10]
    towards_elbow = imu[:, 1]
    assert np.abs(towards_elbow - speed**2 * 0.25 * radius_along).max() < 0.01 * speed**2 * 0.25 * radius_along
    assert np.abs(np.linalg.norm(imu[:, :3], axis=-1) ** 2 - towards_elbow**2 - STANDARD_GRAVITY**2).max() < 0.5


def test_pendulum_matches_its_closed_form():
    """θ(t) = A sin(Ωt): tangential rθ̈ + g sin θ, radial rθ̇² + g cos θ, rate θ̇ about the axis to the right."""
    amplitude, omega, length = 0.8, 2 * math.pi * 0.8, 0.25
    t = seconds()
    angle = amplitude * np.sin(omega * t)
    rate, acceleration = amplitude * omega * np.cos(omega * t), -(omega**2) * angle
    imu = simulate(swinging_forearm(angle), ids("right_wrist"), along=torch.tensor([[1.0]]))[0]
    expected = np.zeros_like(imu)
    expected[:, 0] = length * acceleration + STANDARD_GRAVITY * np.sin(angle)
    expected[:, 1] = length * rate**2 + STANDARD_GRAVITY * np.cos(angle)
    expected[:, 5] = rate
    error = np.abs(imu - expected)[10:-10]
    assert error[:, :3].max() < 0.04
    assert error[:, 3:].max() < 0.01


def test_offset_reads_like_a_point_of_the_rigid_body():
    """Sensor force at an offset equals that of the same point reached along another rigid arm: α × o + ω × (ω × o)."""
    amplitude, omega = 0.8, 2 * math.pi
    t = seconds()
    angle = amplitude * np.sin(omega * t)
    rate, acceleration = amplitude * omega * np.cos(omega * t), -(omega**2) * angle
    offset = np.array([0.05, -0.02, 0.1])
    options = {"along": torch.tensor([[1.0]]), "cutoff": 10.0}
    pose = swinging_forearm(angle)
    moved = simulate(pose, ids("right_wrist"), offset=torch.tensor(offset[None, None]), **options)[0]
    origin = simulate(pose, ids("right_wrist"), **options)[0]
    turn, spin = np.zeros((200, 3)), np.zeros((200, 3))
    turn[:, 2], spin[:, 2] = acceleration, rate
    expected = np.cross(turn, offset) + np.cross(spin, np.cross(spin, offset))
    np.testing.assert_allclose((moved - origin)[10:-10, :3], expected[10:-10], atol=0.03)
    np.testing.assert_array_equal(moved[:, 3:], origin[:, 3:])


def test_along_joins_the_joints_linearly():
    pose = torch.from_numpy(exercise().astype(np.float32))[None]
    for along, name in ((0.0, "right_elbow"), (1.0, "right_wrist")):
        origin, _ = segment_frames(pose, ids("right_hand"), torch.tensor([[along]]))
        torch.testing.assert_close(origin[0, 0], pose[0, :, joint(name)])


def test_rotated_mounting_gives_exactly_the_rotated_signal():
    pose = exercise()
    mounting = Rotation.random(ALL_PLACEMENTS.shape[1], random_state=0).as_matrix()
    offset = torch.full((*ALL_PLACEMENTS.shape, 3), 0.04)
    plain = simulate(pose, offset=offset)
    mounted = simulate(pose, offset=offset, mounting=torch.from_numpy(mounting)[None])
    expected = np.einsum("sij,stkj->stki", mounting, plain.reshape(*plain.shape[:2], 2, 3)).reshape(plain.shape)
    np.testing.assert_allclose(mounted, expected, atol=2e-3)


def test_mirrored_motion_gives_the_mirrored_signal():
    pose = exercise()
    mirrored = pose[:, list(MIRROR)] * [-1, 1, 1]
    swapped = [
        name.replace("left", "right") if "left" in name else name.replace("right", "left") for name in PLACEMENTS[1:]
    ]
    np.testing.assert_allclose(simulate(mirrored, ids(*swapped)), simulate(pose) * np.array(MIRRORED_IMU), atol=5e-3)


def test_turning_and_moving_the_person_does_not_change_the_reading():
    pose = exercise()
    turned = turning(pose, np.tile([0, 0, 2.0], (200, 1))) + np.array([3.0, -2.0, 0.5])
    np.testing.assert_allclose(simulate(turned), simulate(pose), atol=0.05)


def test_samples_of_a_batch_do_not_mix():
    first, second = exercise(), swinging_forearm(np.sin(3 * seconds()))
    placements = torch.cat([ids("left_shank", "right_wrist"), ids("head", "left_foot")])
    batch = simulate_imu(torch.from_numpy(np.stack([first, second]).astype(np.float32)), placements)
    for row, pose in enumerate((first, second)):
        np.testing.assert_allclose(batch[row].numpy(), simulate(pose, placements[row : row + 1]), atol=1e-3)


def test_long_recordings_equal_one_dense_spline():
    pose = exercise(1000)
    whole = simulate(pose, ids("right_wrist"))[0]
    for start in (0, 350, 800):
        part = simulate(pose[start : start + 200], ids("right_wrist"))[0]
        inner = slice(0 if start == 0 else 60, 200 if start == 800 else -60)
        np.testing.assert_allclose(part[inner], whole[start : start + 200][inner], atol=5e-3)


def test_segment_frames_are_right_handed_rotations_with_y_towards_the_proximal_joint():
    pose = torch.from_numpy(exercise())[None]
    _, rotation = segment_frames(pose, ALL_PLACEMENTS)
    identity = torch.eye(3, dtype=pose.dtype).expand_as(rotation)
    torch.testing.assert_close(rotation @ rotation.transpose(-1, -2), identity)
    assert torch.linalg.det(rotation).min() > 0.999
    upwards = pose[:, :, joint("right_elbow")] - pose[:, :, joint("right_wrist")]
    forearm = rotation[:, PLACEMENTS.index("right_wrist") - 1, :, :, 1]
    torch.testing.assert_close(forearm, torch.nn.functional.normalize(upwards, dim=-1))


def test_upright_axes_are_forward_up_right():
    _, rotation = segment_frames(torch.from_numpy(stance(8))[None], ALL_PLACEMENTS)
    expected = torch.tensor([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]], dtype=rotation.dtype)  # columns x, y, z
    torch.testing.assert_close(rotation, expected.expand_as(rotation))


@pytest.mark.parametrize("side", ["left", "right"])
def test_flexing_the_elbow_turns_about_z_to_the_right(side):
    pose = stance(8)
    pose[:, joint(f"{side}_wrist")] = pose[:, joint(f"{side}_elbow")] + [0, 0.25, 0]
    _, rotation = segment_frames(torch.from_numpy(pose)[None], ids(f"{side}_upper_arm", f"{side}_wrist"))
    torch.testing.assert_close(rotation[0, :, 0, :, 2], torch.tensor([[1.0, 0, 0]] * 2, dtype=rotation.dtype))


def test_a_limb_that_passes_through_straight_does_not_flip():
    """Elbow and knee that bend a little to either side, as noise makes them, turn no faster than they are moved."""
    t = seconds()
    wobble = np.radians(8) * np.stack([np.sin(7 * t), np.cos(5 * t)], axis=-1)
    pose = stance()
    for upper, lower in (("right_elbow", "right_wrist"), ("left_knee", "left_ankle")):
        bone = pose[0, joint(lower)] - pose[0, joint(upper)]
        pose[:, joint(lower), :2] += np.linalg.norm(bone) * wobble
    placements = ids("right_upper_arm", "right_wrist", "left_thigh", "left_shank")
    rate = np.abs(simulate(pose, placements)[..., 3:])
    assert rate.max() < 1.5 * np.radians(8) * 7


@pytest.mark.parametrize("outward", [0.0, 1.0])
def test_raising_a_straight_arm_overhead_stays_continuous(outward):
    """Flexion and abduction to overhead: the frame never turns faster than three times the arm."""
    angle = np.pi * np.sin(np.pi / 4 * seconds()) ** 2
    pose = stance()
    sideways = np.array([outward, 1 - outward, 0.0])
    direction = np.sin(angle)[:, None] * sideways - np.cos(angle)[:, None] * np.array([0.0, 0, 1])
    for name, reach in (("right_elbow", 0.3), ("right_wrist", 0.55)):
        pose[:, joint(name)] = pose[:, joint("right_shoulder")] + reach * direction
    rate = np.linalg.norm(simulate(pose, ids("right_upper_arm", "right_wrist"))[..., 3:], axis=-1)
    assert rate.max() < 3 * np.abs(np.gradient(angle, 1 / RATE)).max()


def test_smoothing_spline_halves_the_cutoff_and_keeps_parabolas():
    matrix = smoothing_spline_matrix(400, RATE, 5.0)
    t = np.arange(400) / RATE
    tone = np.sin(2 * np.pi * 5.0 * t)
    assert (matrix @ tone)[100:300] == pytest.approx(0.5 * tone[100:300], abs=1e-3)
    parabola = 1 + 2 * t - 3 * t**2
    np.testing.assert_allclose(matrix @ parabola, parabola, atol=1e-7)
    np.testing.assert_allclose(smoothing_spline_matrix(400, RATE, 5.0, 2) @ parabola, -6, atol=1e-6)


def test_white_noise_of_the_pose_is_not_amplified_beyond_the_cutoff():
    """1 mm of jitter would read 6 m/s² by double differences; smoothing at 6 Hz keeps it well below 1 m/s²."""
    pose = stance(500) + np.random.default_rng(0).normal(scale=1e-3, size=(500, 17, 3))
    force = simulate(pose, ids("right_wrist"))[0, 25:-25, :3]
    assert np.std(np.linalg.norm(force, axis=-1)) < 0.8


def test_real_wrist_sensors_agree(shared_data):
    """UTD-MHAD, first action: the simulated magnitudes follow those of the watch worn in front of the Kinect."""
    rows = UtdMhad(data_dir=str(shared_data / "utd_mhad")).as_streaming_dataset(split="train").take(8)
    correlations = []
    for row in rows:
        real, frames = np.asarray(row["imu"])[:, 0], np.asarray(row["pose"])
        pose = CubicSpline(np.linspace(0, 1, len(frames)), frames)(np.linspace(0, 1, len(real)))
        simulated = simulate(pose, ids("right_wrist"), cutoff=2.5)[0]
        force, rate = (
            np.corrcoef(*(np.linalg.norm(imu[:, channels], axis=-1) for imu in (simulated, real)))[0, 1]
            for channels in (slice(0, 3), slice(3, 6))
        )
        correlations.append((force, rate))
    force, rate = np.median(correlations, axis=0)
    assert force > 0.55
    assert rate > 0.75


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pose": torch.zeros(1, 50, 16, 3)}, "17, 3"),
        ({"pose": torch.zeros(1, 7, 17, 3)}, "at least 8"),
        ({"placement_ids": torch.tensor([[0]])}, "unknown place"),
        ({"placement_ids": torch.tensor([[len(PLACEMENTS)]])}, "PLACEMENTS"),
        ({"placement_ids": torch.tensor([[1], [2]])}, "batch"),
        ({"mounting": torch.eye(3)}, "mounting"),
        ({"offset": torch.zeros(3)}, "offset"),
        ({"along": torch.zeros(1)}, "along"),
        ({"cutoff": 25.0}, "half the sampling rate"),
    ],
)
def test_mistakes_are_named(change, message):
    arguments = {"pose": torch.zeros(1, 50, 17, 3), "placement_ids": torch.tensor([[1]])} | change
    with pytest.raises(ValueError, match=message):
        simulate_imu(arguments.pop("pose"), arguments.pop("placement_ids"), **arguments)


def test_ideal_sensor_changes_nothing():
    imu = torch.from_numpy(simulate(exercise()))[None]
    torch.testing.assert_close(apply_sensor_model(imu, SensorModel()), imu)


def test_noise_density_bias_and_scale_have_their_size():
    imu = torch.full((1, 2, 20000, 6), 2.0)
    model = SensorModel(
        accelerometer_noise_density=0.01,
        gyroscope_noise_density=torch.tensor([[[0.001], [0.004]]]),
        accelerometer_bias=torch.tensor([0.1, 0.0, -0.1]),
        accelerometer_scale_error=0.05,
    )
    reading = apply_sensor_model(imu, model, sampling_rate=100.0, generator=torch.Generator().manual_seed(0))
    std = reading.std(2)
    assert std[..., :3].numpy() == pytest.approx(0.01 * math.sqrt(50), rel=0.05)
    assert std[0, :, 3].numpy() == pytest.approx(np.array([0.001, 0.004]) * math.sqrt(50), rel=0.05)
    expected = np.tile([2.2, 2.1, 2.0, 2.0, 2.0, 2.0], (2, 1))
    assert reading.mean(2)[0].numpy() == pytest.approx(expected, abs=2e-3)


def test_quantisation_and_clipping_follow_each_sensor():
    imu = torch.linspace(-30, 30, 241).view(1, 1, -1, 1).repeat(1, 2, 1, 6)
    step = torch.tensor([0.5, 0.0])[None, :, None]
    model = SensorModel(accelerometer_resolution=step, accelerometer_range=19.6, gyroscope_range=10.0)
    reading = apply_sensor_model(imu, model)
    assert reading[..., :3].abs().max().item() == pytest.approx(19.6)
    assert reading[..., 3:].abs().max().item() == pytest.approx(10.0)
    inside = imu[0, 0, :, 0].abs() < 19
    assert torch.equal(reading[0, 0, inside, 0] % 0.5, torch.zeros(int(inside.sum())))
    torch.testing.assert_close(reading[0, 1, inside, 0], imu[0, 1, inside, 0])


def test_equal_seeds_give_equal_readings():
    imu = torch.zeros(2, 3, 50, 6)
    model = SensorModel(accelerometer_noise_density=0.01, gyroscope_noise_density=0.001)
    first, second, third = (
        apply_sensor_model(imu, model, generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(first, second)
    assert not torch.equal(first, third)
