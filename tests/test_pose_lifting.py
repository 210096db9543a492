"""Known motion, filmed by a virtual camera and lifted again."""

import numpy as np
import pytest
import torch
from scipy.interpolate import CubicSpline
from scipy.spatial.transform import Rotation

from dataset_scripts.fimad.imu_simulation import simulate_imu
from dataset_scripts.fimad.skeleton import JOINT_INDEX, PARENTS, bone_length_variation
from dataset_scripts.fimad.synthesis import EXERCISES, generate_clip
from dataset_scripts.fimad.videos.clips import Landmarks, PoseTrack, Unusable
from dataset_scripts.fimad.videos.pose_lifting import FOCAL_LENGTH, lift
from modeling_mujo.configuration_mujo import PLACEMENTS

SIZE = (640, 360)
LIMB_LANDMARKS = {"shoulder": 11, "elbow": 13, "wrist": 15, "hip": 23, "knee": 25, "ankle": 27}  # the left ones
LIMBS = [JOINT_INDEX[f"{side}_{name}"] for name in LIMB_LANDMARKS for side in ("left", "right")]
SIDES_EXCHANGED = [0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9, *(n + 1 if n % 2 else n - 1 for n in range(11, 33))]


def motion(name: str, seed: int = 1) -> np.ndarray:
    """`(time, 17, 3)` at 50 Hz."""
    exercise = next(exercise for exercise in EXERCISES if exercise.name == name)
    return generate_clip(exercise, seed).pose.astype(np.float64)


def film(
    pose: np.ndarray, times: np.ndarray, distance: float = 3.5, pitch: float = 0.0, noise: float = 0.0, seed: int = 0
) -> Landmarks:
    """What an estimator without error but `noise` (metres) sees from behind y = -distance, looking down by `pitch`."""
    points = CubicSpline(np.arange(len(pose)) / 50, _landmark_points(pose))(times)
    to_camera = Rotation.from_euler("x", pitch, degrees=True).as_matrix() @ [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    points = (points - [0, -distance * np.cos(np.radians(pitch)), 1 + distance * np.sin(np.radians(pitch))]) @ (
        np.transpose(to_camera)
    )
    world = points - points[:, 23:25].mean(axis=1, keepdims=True)
    pixels = points[..., :2] / points[..., 2:] * FOCAL_LENGTH * max(SIZE) + np.array(SIZE) / 2
    rng = np.random.default_rng(seed)
    world += noise * rng.standard_normal(world.shape)
    pixels += noise * 100 * rng.standard_normal(pixels.shape)
    return Landmarks(
        times=times,
        world=world.astype(np.float32),
        image=(pixels / SIZE).astype(np.float32),
        visibility=np.full(world.shape[:2], 0.9, dtype=np.float32),
        image_size=SIZE,
    )


def _landmark_points(pose: np.ndarray) -> np.ndarray:
    """`(time, 33, 3)`; a face that looks straight ahead, feet flat on the floor."""
    points = np.zeros((len(pose), 33, 3))
    across = pose[:, JOINT_INDEX["left_shoulder"]] - pose[:, JOINT_INDEX["right_shoulder"]]
    across /= np.linalg.norm(across, axis=-1, keepdims=True)
    ahead = np.cross(across, [0.0, 0.0, 1.0])
    middle = (pose[:, JOINT_INDEX["head"]] + pose[:, JOINT_INDEX["neck"]]) / 2
    points[:, :11] = (middle + 0.12 * ahead - [0, 0, 0.02])[:, None]
    points[:, 7], points[:, 8] = middle + 0.07 * across, middle - 0.07 * across
    for name, left in LIMB_LANDMARKS.items():
        points[:, left], points[:, left + 1] = (pose[:, JOINT_INDEX[f"{side}_{name}"]] for side in ("left", "right"))
    points[:, 17:23:2], points[:, 18:23:2] = points[:, [15]], points[:, [16]]
    for side, ankle in ((0, points[:, 27]), (1, points[:, 28])):
        points[:, 29 + side] = ankle * (1, 1, 0) - 0.04 * ahead
        points[:, 31 + side] = ankle * (1, 1, 0) + 0.14 * ahead
    return points


def difference(track: PoseTrack, pose: np.ndarray) -> np.ndarray:
    """Distances `(time, joints)` in metres of the limbs' joints; the place in the room is not known, heights are."""
    times = track.start + np.arange(len(track.pose)) / 50
    truth = CubicSpline(np.arange(len(pose)) / 50, pose)(times)
    shift = (truth[:, 0] - track.pose[:, 0]).mean(axis=0) * (1, 1, 0)
    return np.linalg.norm(truth - track.pose - shift, axis=-1)[:, LIMBS]


def hide(landmarks: Landmarks, hidden: np.ndarray) -> Landmarks:
    world, image, visibility = landmarks.world.copy(), landmarks.image.copy(), landmarks.visibility.copy()
    world[hidden], image[hidden], visibility[hidden] = np.nan, np.nan, 0
    return Landmarks(landmarks.times, world, image, visibility, landmarks.image_size)


def frame_times(pose: np.ndarray, rate: float = 30.0) -> np.ndarray:
    return np.arange(0.0, len(pose) / 50 - 0.1, 1 / rate)


@pytest.mark.parametrize(
    ("name", "distance"), [("squat", 3.5), ("jumping jack", 3.5), ("push-up", 3.5), ("walking", 12.0)]
)
def test_motion_comes_back(name, distance):
    pose = motion(name)
    (track,) = lift(film(pose, frame_times(pose), distance=distance, noise=0.01))
    error = difference(track, pose)
    assert error.mean() < 0.05
    assert np.percentile(error, 99) < 0.12
    assert track.pose.dtype == np.float32
    assert track.end == pytest.approx(track.start + (len(track.pose) - 1) / 50)
    assert track.detected_share == 1
    assert track.visibility == pytest.approx(0.9)
    assert abs(track.pose[:, LIMBS, 2].min() - pose[:, LIMBS, 2].min()) < 0.06


def test_a_walk_covers_its_distance():
    """Across the picture and away from the camera; without a place in the room the body would tread on the spot."""
    pose = motion("walking")
    for turn in (0, 90):
        turned = pose @ Rotation.from_euler("z", turn, degrees=True).as_matrix().T
        (track,) = lift(film(turned, frame_times(pose), distance=12.0))
        times = track.start + np.arange(len(track.pose)) / 50
        truth = CubicSpline(np.arange(len(pose)) / 50, turned[:, 0])(times)
        np.testing.assert_allclose(
            np.ptp(track.pose[:, 0], axis=0)[:2], np.ptp(truth, axis=0)[:2], rtol=0.05, atol=0.1
        )


def test_a_tilted_camera_is_set_upright_by_who_stands():
    pose = motion("standing")
    (track,) = lift(film(pose, frame_times(pose), pitch=20.0))
    up = track.pose[:, JOINT_INDEX["thorax"]].mean(axis=0) - track.pose[:, 0].mean(axis=0)
    truth = pose[:, JOINT_INDEX["thorax"]].mean(axis=0) - pose[:, 0].mean(axis=0)
    cosine = up @ truth / np.linalg.norm(up) / np.linalg.norm(truth)
    assert np.degrees(np.arccos(cosine)) < 6


def test_simulated_sensors_read_gravity_at_rest():
    pose = motion("standing")
    (track,) = lift(film(pose, frame_times(pose), noise=0.005))
    placements = torch.tensor([[PLACEMENTS.index(name) for name in ("chest", "left_thigh", "left_wrist")]])
    imu = simulate_imu(torch.from_numpy(track.pose)[None], placements, sampling_rate=50.0)[0]
    assert imu[..., :3].norm(dim=-1).median(dim=-1).values.numpy() == pytest.approx(9.8, abs=0.5)
    assert imu[:2, :, 1].median() > 9  # y of a segment frame points up along trunk and thigh


def test_bones_are_rigid_and_the_variation_is_that_before():
    pose = motion("squat")
    (clean,) = lift(film(pose, frame_times(pose)))
    (noisy,) = lift(film(pose, frame_times(pose), noise=0.02))
    assert bone_length_variation(noisy.pose) < 1e-5
    assert noisy.bone_length_variation > 2 * clean.bone_length_variation
    assert noisy.quality < clean.quality
    lengths = np.linalg.norm(noisy.pose - noisy.pose[:, PARENTS], axis=-1)[0]
    truth = np.linalg.norm(pose - pose[:, PARENTS], axis=-1)[0]
    np.testing.assert_allclose(lengths[LIMBS], truth[LIMBS], rtol=0.06, atol=0.005)


def test_short_gaps_are_interpolated():
    pose = motion("squat")
    times = frame_times(pose)
    hidden = (times > 2) & (times < 2.4)
    (track,) = lift(hide(film(pose, times), hidden))
    assert difference(track, pose).max() < 0.1
    assert track.detected_share == pytest.approx(1 - hidden.sum() / len(times), abs=0.01)


def test_long_gaps_divide():
    pose = motion("squat")
    times = frame_times(pose)
    first, second = lift(hide(film(pose, times), (times > 2.5) & (times < 3.2)))
    assert first.end == pytest.approx(2.5, abs=0.05)
    assert second.start == pytest.approx(3.35, abs=0.05)
    assert second.end == pytest.approx(times[-1], abs=0.05)
    assert first.detected_share == second.detected_share == 1


def test_real_frame_times_count():
    """A variable frame rate, frames dropped and shown twice: the motion keeps its tempo."""
    pose = motion("squat")
    rng = np.random.default_rng(0)
    times = frame_times(pose, 60)
    times = times[rng.random(len(times)) < np.where(times < 3, 0.9, 0.4)]
    times[10] = times[9]
    (track,) = lift(film(pose, times, noise=0.005))
    assert difference(track, pose).mean() < 0.04


def test_another_person_is_not_the_same_motion():
    """For 0.3 s the estimator jumps to somebody further away: interpolated; then for good: another track."""
    pose = motion("squat")
    times = frame_times(pose)
    near, far = film(pose, times), film(pose, times, distance=7.0)
    away = ((times > 2) & (times < 2.3)) | (times > times[-1] - 2.5)
    landmarks = Landmarks(
        times,
        np.where(away[:, None, None], far.world, near.world),
        np.where(away[:, None, None], far.image, near.image),
        near.visibility,
        near.image_size,
    )
    first, second = lift(landmarks)
    assert first.end < times[-1] - 2.4 < second.start
    assert difference(first, pose).max() < 0.1
    assert 0.9 < first.detected_share < 1


def test_exchanged_sides_are_exchanged_back():
    pose = motion("forward lunge")
    times = frame_times(pose)
    landmarks = film(pose, times)
    wrong = np.random.default_rng(0).random(len(times)) < 0.3
    landmarks.world[wrong] = landmarks.world[wrong][:, SIDES_EXCHANGED]
    landmarks.image[wrong] = landmarks.image[wrong][:, SIDES_EXCHANGED]
    (track,) = lift(landmarks)
    assert difference(track, pose).max() < 0.1


def test_a_bone_that_flies_about_divides_the_track():
    """An exchange of the sides that creeps in over a few frames is no jump between two of them."""
    pose = motion("squat")
    times = frame_times(pose)
    landmarks = film(pose, times)
    middle = len(times) // 2
    for step, share in enumerate(np.linspace(0, 1, 7), start=middle):
        exchanged = landmarks.world[step, SIDES_EXCHANGED], landmarks.image[step, SIDES_EXCHANGED]
        landmarks.world[step] += share * (exchanged[0] - landmarks.world[step])
        landmarks.image[step] += share * (exchanged[1] - landmarks.image[step])
    for values in (landmarks.world, landmarks.image):
        values[middle + 7 :] = values[middle + 7 :, SIDES_EXCHANGED]
    tracks = lift(landmarks)
    assert len(tracks) == 2
    assert tracks[0].end < times[middle] + 0.1
    assert tracks[1].start > times[middle + 7] - 0.1


def test_jitter_is_filtered():
    pose = motion("standing")
    (track,) = lift(film(pose, frame_times(pose), noise=0.02))
    wrist = track.pose[:, JOINT_INDEX["left_wrist"]] - track.pose[:, 0]
    spectrum = np.abs(np.fft.rfft(wrist - wrist.mean(axis=0), axis=0)) ** 2
    frequencies = np.fft.rfftfreq(len(wrist), 1 / 50)
    assert spectrum[frequencies > 8].sum() < 0.02 * spectrum.sum()


def test_unusable_clips_are_named():
    pose = motion("squat")
    times = frame_times(pose)
    landmarks = film(pose, times)
    with pytest.raises(Unusable, match="no person"):
        lift(hide(landmarks, np.full(len(times), True)))
    with pytest.raises(Unusable, match=r"too short: .* 1\.[12] s"):
        lift(hide(landmarks, times > 1.4))
    with pytest.raises(Unusable, match="poor pose"):
        lift(film(pose, times, noise=0.15))
