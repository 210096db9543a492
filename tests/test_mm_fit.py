"""The MM-Fit builder: one clock for devices and pose, units told by physics, people kept apart, and named faults."""

import shutil

import numpy as np
import pytest

from dataset_scripts.labelled_bouts import present_sensors
from dataset_scripts.mm_fit.mm_fit import OFFICIAL_SPLITS, PERSON_OF_WORKOUT, MmFit
from dataset_scripts.mm_fit.workouts import load_workout, mm_fit_pose, require_readable, workout_bouts
from modeling_mujo.configuration_mujo import JOINTS
from modeling_mujo.feature_extraction_mujo import MujoImuFeatureExtractor

EPOCH = 1_550_000_000_000.0  # ms, of video frame 0
FRAME_RATE = 29.0  # Hz: the camera is a little slower than its nominal 30
FIRST, LAST = 300, 1500  # frames that the devices recorded
SWING = 1.5  # Hz
LABELS = "400,800,10,squats\n900,1100,7,lateral_shoulder_raises\n"
# Device → its rate, and what one g and one rad/s are in its files.
DEVICES = {"sw_l": (100, 9.80665, 1.0), "sw_r": (100, 9.80665, 1.0), "sp_r": (500, 9.80665, 1.0)}
EARBUD = {"eb_l": (90, 1.0, 180 / np.pi)}


def stream(rate, values, first=FIRST, last=LAST):
    """`(time, 5)` rows as the authors' files have them; `values` gives `(time, 3)` at seconds of the video."""
    seconds = np.arange(first / FRAME_RATE, last / FRAME_RATE, 1 / rate)
    milliseconds = np.round(EPOCH + 1000 * seconds)
    return np.column_stack([np.floor(seconds * FRAME_RATE), milliseconds, values(seconds)])


def acceleration(seconds):
    """In g: upright, and swinging forwards and backwards."""
    swing = 0.5 * np.sin(2 * np.pi * SWING * seconds)
    return np.stack([swing, 0 * seconds, 1 + 0 * seconds], axis=1)


def angular_velocity(seconds):
    """In rad/s."""
    swing = 2 * np.sin(2 * np.pi * SWING * seconds)
    return np.stack([0 * seconds, 3 + swing, 0 * seconds], axis=1)


def pose(first=FIRST + 10, last=LAST - 10):
    """Millimetres: the right wrist goes along with the acceleration, the head is up, the right side at the left."""
    frames = np.arange(first, last)
    joints = np.zeros((3, len(frames), 1 + len(JOINTS)))
    joints[:, :, 0] = frames
    for joint, (x, y, z) in {"head": (0, 0, 600), "right_hip": (-100, 0, 0), "left_hip": (100, 0, 0)}.items():
        joints[:, :, 1 + JOINTS.index(joint)] = np.array([x, y, z])[:, None]
    joints[1, :, 1 + JOINTS.index("right_wrist")] = 300 * np.sin(2 * np.pi * SWING * frames / FRAME_RATE)
    return joints


def write_workout(folder, devices, labels=LABELS):
    folder.mkdir(parents=True)
    (folder / f"{folder.name}_labels.csv").write_text(labels)
    for device, (rate, g, radian) in devices.items():
        for sensor, values, unit in (("acc", acceleration, g), ("gyr", angular_velocity, radian)):
            rows = stream(rate, values)
            rows[:, 2:] *= unit
            np.save(folder / f"{folder.name}_{device}_{sensor}.npy", rows)
    np.save(folder / f"{folder.name}_pose_3d.npy", pose())


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """21 workouts, the first with four devices, the others with one slow one."""
    root = tmp_path_factory.mktemp("mm_fit")
    for workout in range(21):
        devices = DEVICES | EARBUD if workout == 0 else {"sw_l": (20, 9.80665, 1.0)}
        write_workout(root / "mm-fit" / f"w{workout:02d}", devices)
    return root


@pytest.fixture
def copy(original, tmp_path):
    return shutil.copytree(original, tmp_path / "copy")


@pytest.fixture(scope="module")
def rows(original, tmp_path_factory):
    """Of the workout with four devices."""
    builder = MmFit(data_dir=str(original), cache_dir=str(tmp_path_factory.mktemp("cache")))
    found = builder.as_streaming_dataset("unseen_test").with_format("numpy")
    return [row for row in found if row["recording_id"].startswith("w00")]


def streaming(data_dir, cache_dir, split="test", name=None, **config):
    builder = MmFit(config_name=name, data_dir=str(data_dir), cache_dir=str(cache_dir), **config)
    return builder.as_streaming_dataset(split).with_format("numpy")


def seconds_of(row, frame):
    """Seconds of the video at the samples of a row that starts with this frame."""
    return frame / FRAME_RATE + np.arange(len(row["imu"])) / 50


def test_official_splits_are_the_authors(original, tmp_path):
    builder = MmFit(data_dir=str(original), cache_dir=str(tmp_path))
    builder.download_and_prepare()
    splits = builder.as_dataset()
    workouts = {split: {int(name[1:3]) for name in rows["recording_id"]} for split, rows in splits.items()}
    assert workouts == {split: set(numbers) for split, numbers in OFFICIAL_SPLITS.items()}
    people = {split: set(rows["subject"]) for split, rows in splits.items()}
    assert people["unseen_test"] == {2, 3, 4, 9}
    assert not people["unseen_test"] & (people["train"] | people["validation"] | people["test"])
    # Why there is another configuration.
    assert people["train"] & people["validation"] & people["test"] == {0, 1}


def test_by_person_divides_nobody_and_tests_on_the_unseen(original, tmp_path):
    builder = MmFit(config_name="by_person", data_dir=str(original), cache_dir=str(tmp_path))
    builder.download_and_prepare()
    splits = builder.as_dataset()
    people = {split: set(rows["subject"]) for split, rows in splits.items()}
    assert people == {"train": {0, 1, 5, 6}, "validation": {7, 8}, "test": {2, 3, 4, 9}}
    workouts = {int(name[1:3]) for name in splits["test"]["recording_id"]}
    assert workouts == set(OFFICIAL_SPLITS["unseen_test"])
    alone = streaming(original, tmp_path, name="by_person", test_subjects=(1,), validation_subjects=(0,))
    assert {int(row["subject"]) for row in alone} == {1}
    with pytest.raises(ValueError, match=r"in both \[1\]"):
        streaming(original, tmp_path, name="by_person", test_subjects=(1,), validation_subjects=(1,))
    with pytest.raises(ValueError, match='configuration "by_person"'):
        streaming(original, tmp_path, test_subjects=(1,))


def test_sets_and_the_time_between_them(rows):
    assert [(row["label_code"], bool(row["is_null"]), row["repetitions"]) for row in rows] == [
        ("non_activity", True, None),
        ("squats", False, 10),
        ("non_activity", True, None),
        ("lateral_shoulder_raises", False, 7),
        ("non_activity", True, None),
    ]
    frames = [len(row["pose"]) for row in rows]
    assert frames == [400 - (FIRST + 10), 401, 99, 201, LAST - 10 - 1101]  # both ends of a set are in it
    for row, count in zip(rows, frames, strict=True):
        assert len(row["imu"]) / 50 == pytest.approx(count / FRAME_RATE, abs=0.06)
        assert len(row["imu"]) / 50 == pytest.approx(len(row["pose"]) / row["pose_sampling_rate"], abs=0.04)
        assert row["pose_sampling_rate"] == pytest.approx(FRAME_RATE, rel=0.01)


def test_every_device_is_in_si_units_on_the_same_clock(rows):
    squats = rows[1]
    assert squats["placements"].tolist() == ["left_wrist", "right_wrist", "left_thigh", "right_thigh", "head"]
    seconds = seconds_of(squats, 400)
    expected = np.concatenate([9.80665 * acceleration(seconds), angular_velocity(seconds)], axis=1)
    for device in (0, 1, 3, 4):  # of 100, 100, 500 and 90 Hz; the last in g and deg/s
        # 20 ms, a sample, would be an error of 0.9 m/s² and 0.4 rad/s.
        assert np.abs(squats["imu"][:, device] - expected)[:, :3].max() < 0.7
        assert np.abs(squats["imu"][:, device] - expected)[:, 3:].max() < 0.3
        np.testing.assert_allclose(squats["imu"][:, device], squats["imu"][:, 0], atol=0.25)
    assert np.isnan(squats["imu"][:, 2]).all()


def test_missing_devices_and_samples_are_masked(copy, tmp_path):
    folder = copy / "mm-fit" / "w00"
    for name in ("sw_r_gyr", "sp_r_acc", "sp_r_gyr"):
        (folder / f"w00_{name}.npy").unlink()
    rows = np.load(folder / "w00_sw_l_acc.npy")
    begin, end = 500, 529  # frames: a second
    np.save(folder / "w00_sw_l_acc.npy", rows[(rows[:, 0] < begin) | (rows[:, 0] >= end)])
    squats = next(row for row in streaming(copy, tmp_path, "unseen_test") if row["label_code"] == "squats")
    lost = np.isnan(squats["imu"][:, 0, :3]).any(axis=1)
    inside = (seconds_of(squats, 400) > begin / FRAME_RATE + 0.05) & (
        seconds_of(squats, 400) < end / FRAME_RATE - 0.05
    )
    assert lost[inside].all()
    assert lost.sum() == pytest.approx(50, abs=3)
    batch = MujoImuFeatureExtractor()(
        present_sensors(squats["imu"], squats["placements"]),
        sampling_rate=float(squats["sampling_rate"]),
        **{name: str(squats[name]) for name in ("acceleration_unit", "gyroscope_unit", "gravity")},
        window_seconds=5.0,
    )
    assert batch["imu_channel_mask"][0].tolist() == [[1, 1], [1, 0], [1, 1]]
    assert batch["imu_attention_mask"][0].mean(axis=1) == pytest.approx([0.8, 1, 1], abs=0.02)
    assert np.isfinite(batch["imu_values"]).all()


def test_the_pose_is_upright_in_metres_and_goes_along_with_the_devices(rows):
    squats = rows[1]
    joints = dict(zip(JOINTS, squats["pose"].transpose(1, 0, 2), strict=True))
    np.testing.assert_allclose(joints["head"][0], [0, 0, 0.6], atol=1e-6)
    # The person faces the camera, which turns to +y; the right hand is at its left.
    np.testing.assert_allclose(joints["right_hip"][0], [0.1, 0, 0], atol=1e-6)
    # Away from the camera, so towards -y, the wrist swings with the acceleration.
    times = np.arange(len(squats["pose"])) / squats["pose_sampling_rate"]
    wrist = np.interp(np.arange(len(squats["imu"])) / 50, times, joints["right_wrist"][:, 1])
    assert np.corrcoef(-wrist, squats["imu"][:, 1, 0])[0, 1] > 0.97


def test_frames_without_a_pose_are_nan(copy, tmp_path):
    path = copy / "mm-fit" / "w00" / "w00_pose_3d.npy"
    np.save(path, np.delete(np.load(path), slice(500 - FIRST - 10, 510 - FIRST - 10), axis=1))
    (copy / "mm-fit" / "w05" / "w05_pose_3d.npy").unlink()
    squats = [row for row in streaming(copy, tmp_path, "unseen_test") if row["label_code"] == "squats"]
    lost = np.flatnonzero(np.isnan(squats[0]["pose"]).any(axis=(1, 2)))
    np.testing.assert_array_equal(lost, np.arange(500, 510) - 400)
    assert squats[1]["recording_id"].startswith("w05")
    assert squats[1]["pose"].shape == (401, 17, 3)
    assert np.isnan(squats[1]["pose"]).all()


def test_mm_fit_pose_is_a_rotation():
    """A mirrored skeleton would turn the simulated gyroscope around."""
    joints = np.random.default_rng(0).normal(size=(3, 5, 17))
    before, after = joints.transpose(1, 2, 0), mm_fit_pose(joints)
    assert after.dtype == np.float32
    volumes = [np.linalg.det(part[:, 1:4] - part[:, :1]) for part in (before, 1000 * after)]
    np.testing.assert_allclose(volumes[1], volumes[0], rtol=1e-3)
    with pytest.raises(ValueError, match=r"\(3, frames, 17\)"):
        mm_fit_pose(np.zeros((3, 5, 32)))


def save(path, array, cut=0):
    np.save(path, array)
    if cut:
        path.write_bytes(path.read_bytes()[:-cut])


WATCH = stream(20, acceleration)
FAULTS = {
    "labels missing": (lambda w: (w / "w09_labels.csv").unlink(), r"w09_labels\.csv is missing"),
    "no labels": (lambda w: (w / "w09_labels.csv").write_text(""), r"w09_labels\.csv is empty"),
    "half a line": (lambda w: (w / "w09_labels.csv").write_text("400,800\n"), r"w09_labels\.csv, line 1: expected"),
    "other labels": (lambda w: (w / "w09_labels.csv").write_text("4,8,1,yoga\n"), r"w09_labels\.csv, line 1.*yoga"),
    "backwards": (lambda w: (w / "w09_labels.csv").write_text(LABELS + "850,890,1,squats\n"), "line 3"),
    "other workout": (
        lambda w: (w / "w09_labels.csv").write_text("4000,4400,1,squats\n"),
        r"w09: the accelerometers cover frames 300 to 1499 and not the squats of frames 4000 to 4400",
    ),
    "no accelerometer": (
        lambda w: (w / "w09_sw_l_acc.npy").unlink(),
        r"w09 holds no accelerometer.*w09_sw_l_acc\.npy",
    ),
    "no workout": (shutil.rmtree, r"w09 is missing"),
    "cut short": (lambda w: save(w / "w09_sw_l_acc.npy", WATCH, cut=100), r"w09_sw_l_acc\.npy is damaged"),
    "no array": (lambda w: (w / "w09_sw_l_gyr.npy").write_bytes(b"text"), r"w09_sw_l_gyr\.npy is damaged"),
    "pickle": (
        lambda w: np.save(w / "w09_sw_l_acc.npy", np.array([None]), allow_pickle=True),
        r"w09_sw_l_acc\.npy is damaged",
    ),
    "other shape": (lambda w: save(w / "w09_sw_l_acc.npy", WATCH[:, :4]), r"w09_sw_l_acc\.npy is not a sensor"),
    "seconds": (
        lambda w: save(w / "w09_sw_l_acc.npy", WATCH / [1, 1000, 1, 1, 1]),
        r"w09_sw_l_acc\.npy is damaged: its timestamps .* last 0\.0 s, its video frames .* about 40\.0 s",
    ),
    "pose of 32 joints": (
        lambda w: save(w / "w09_pose_3d.npy", np.zeros((3, 9, 33))),
        r"w09_pose_3d\.npy is not a 3D pose",
    ),
    "twice": (
        lambda w: save(w / "w09_sw_l_acc_5.npy", WATCH),
        r"w09_sw_l_acc\.npy.*w09_sw_l_acc_5\.npy.* same sensor",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named_before_the_first_row(copy, tmp_path, fault):
    damage, error = FAULTS[fault]
    damage(copy / "mm-fit" / "w09")
    with pytest.raises((ValueError, FileNotFoundError), match=error):
        streaming(copy, tmp_path, "train")


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        (WATCH * [1, 1, 30, 30, 30], "neither m/s² nor g"),
        (np.insert(WATCH, 50, [700, 0, 0, 0, 1], axis=0), r"w09_sw_l_acc\.npy is damaged: timestamps before"),
    ],
)
def test_faults_inside_a_file_are_named(copy, rows, error):
    np.save(copy / "mm-fit" / "w09" / "w09_sw_l_acc.npy", rows)
    with pytest.raises(ValueError, match=error):
        load_workout(copy / "mm-fit" / "w09")


def test_files_with_a_number_after_the_name_are_read(copy):
    """As the authors' files of some phones are called."""
    folder = copy / "mm-fit" / "w00"
    (folder / "w00_sp_r_acc.npy").rename(folder / "w00_sp_r_acc_7.npy")
    assert np.isfinite(load_workout(folder).imu[100:-100, 3, :3]).all()


def test_where_there_is_no_data(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"mm-fit is missing: download"):
        streaming(tmp_path, tmp_path)
    with pytest.raises(ValueError, match="data_dir"):
        MmFit(cache_dir=str(tmp_path)).as_streaming_dataset("test")


def test_real_labels(shared_data, tmp_path):
    """All 616 sets of the authors' files are read; one workout is cut at them."""
    total = 0
    for number in range(len(PERSON_OF_WORKOUT)):
        source = shared_data / "mm_fit_labels" / "mm-fit" / f"w{number:02d}"
        folder = tmp_path / source.name
        folder.mkdir()
        labels = (source / f"{source.name}_labels.csv").read_text()
        (folder / f"{source.name}_labels.csv").write_text(labels)
        last = int(labels.strip().splitlines()[-1].split(",")[1]) + 100
        np.save(folder / f"{source.name}_sw_l_acc.npy", stream(5, lambda t: 9.81 * acceleration(t), 0, last))
        require_readable(folder)
        total += len(load_workout(folder).sets)
    assert total == 616
    bouts = list(workout_bouts(load_workout(tmp_path / "w00")))
    assert [bout.code for bout in bouts[:4]] == ["non_activity", "squats", "non_activity", "squats"]
    assert sum(bout.repetitions for bout in bouts[:4] if bout.repetitions) == 20
    assert [len(bout.pose) for bout in bouts[:2]] == [4040, 461]
