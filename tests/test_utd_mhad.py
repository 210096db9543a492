"""The UTD-MHAD builder: units, Kinect skeletons, splits by person, and errors that name the file."""

import io
import zipfile

import numpy as np
import pytest
from scipy.io import savemat

from dataset_scripts.utd_mhad.utd_mhad import KINECT_JOINTS, UtdMhad, kinect_pose, pose_sampling_rate
from modeling_mujo.configuration_mujo import JOINTS
from modeling_mujo.feature_extraction_mujo import MujoImuFeatureExtractor


def matlab(**matrices):
    buffer = io.BytesIO()
    savemat(buffer, matrices)
    return buffer.getvalue()


INERTIAL = matlab(d_iner=np.tile([0.0, 0.0, 1.0, 180.0, 0.0, 0.0], (26, 1)))
SKELETON = matlab(d_skel=np.random.default_rng(0).normal(size=(20, 3, 10)))


def write(root, replace=None, left_out=None):
    """The authors' two archives with the same trial 861 times."""
    for kind, content in (("inertial", INERTIAL), ("skeleton", SKELETON)):
        folder = kind.capitalize()
        with zipfile.ZipFile(root / f"{folder}.zip", "w") as archive:
            archive.writestr(f"{folder}/", b"")
            for action in range(1, 28):
                for subject in range(1, 9):
                    for trial in range(1, 5):
                        name = f"a{action}_s{subject}_t{trial}_{kind}.mat"
                        absent = (action, subject, trial) in {(8, 1, 4), (23, 6, 4), (27, 8, 4)}
                        if not absent and name != left_out:
                            archive.writestr(f"{folder}/{name}", (replace or {}).get(name, content))
    return root


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    return write(tmp_path_factory.mktemp("utd_mhad"))


def stream(data_dir, cache_dir, split, **config):
    builder = UtdMhad(data_dir=str(data_dir), cache_dir=str(cache_dir), **config)
    return builder.as_streaming_dataset(split).with_format("numpy")


def standing_kinect_skeleton():
    """One frame of a person who faces the camera at 3 m, right hand towards +x, in camera axes (y up)."""
    body = {
        "head": (0, 1.65, 3),
        "shoulder_center": (0, 1.45, 3),
        "spine": (0, 1.1, 3),
        "hip_center": (0, 1.05, 3),
        "shoulder": (0.2, 1.35, 3),
        "elbow": (0.25, 1.1, 3),
        "wrist": (0.25, 0.85, 2.9),
        "hand": (0.25, 0.78, 2.85),
        "hip": (0.1, 0.97, 3),
        "knee": (0.1, 0.5, 2.95),
        "ankle": (0.1, 0.08, 3),
        "foot": (0.1, 0.02, 2.85),
    }
    skeleton = np.empty((20, 3, 1))
    for row, name in enumerate(KINECT_JOINTS):
        side, _, part = name.partition("_")
        position = np.array(body[part] if side in ("left", "right") else body[name], dtype=float)
        skeleton[row, :, 0] = position * [-1 if side == "left" else 1, 1, 1]
    return skeleton


def test_kinect_pose_stands_upright_and_keeps_its_sides():
    pose = dict(zip(JOINTS, kinect_pose(standing_kinect_skeleton())[0], strict=True))
    heights = [pose[name][2] for name in ("right_ankle", "right_knee", "pelvis", "spine", "thorax", "neck", "head")]
    assert heights == sorted(heights)
    assert pose["pelvis"] == pytest.approx((pose["left_hip"] + pose["right_hip"]) / 2)
    right = pose["right_hip"] - pose["left_hip"]
    forward = np.cross([0, 0, 1], right)
    to_the_camera = [0, 1, 0]
    assert forward @ to_the_camera > 0
    assert pose["right_wrist"] @ right > 0 > pose["left_wrist"] @ right
    assert (pose["right_wrist"] - pose["right_shoulder"]) @ to_the_camera == pytest.approx(0.1, abs=1e-6)


def test_kinect_pose_is_a_rotation():
    """A mirrored skeleton would turn the simulated gyroscope around."""
    skeleton = np.random.default_rng(0).normal(size=(20, 3, 5))
    pose = kinect_pose(skeleton)
    assert pose.shape == (5, 17, 3)
    assert pose.dtype == np.float32
    names = ("left_knee", "right_wrist", "left_elbow", "head")
    before = np.stack([skeleton[KINECT_JOINTS.index(name)].T for name in names])
    after = np.stack([pose[:, JOINTS.index(name)] for name in names])
    volume = [np.linalg.det((part[1:] - part[0]).swapaxes(0, 1)) for part in (before, after)]
    np.testing.assert_allclose(volume[1], volume[0], rtol=1e-4)


@pytest.mark.parametrize("shape", [(3, 20, 5), (25, 3, 5), (20, 3)])
def test_kinect_pose_refuses_other_skeletons(shape):
    with pytest.raises(ValueError, match=r"\(20, 3, frames\)"):
        kinect_pose(np.zeros(shape))


def test_pose_and_imu_last_equally_long():
    assert 67 / pose_sampling_rate(67, 177) == pytest.approx(177 / 50)


def test_splits_are_the_authors_with_one_person_put_aside(archives, tmp_path):
    builder = UtdMhad(data_dir=str(archives), cache_dir=str(tmp_path))
    builder.download_and_prepare()
    splits = builder.as_dataset()
    people = {name: set(split["subject"]) for name, split in splits.items()}
    assert people == {"train": {1, 3, 5}, "validation": {7}, "test": {2, 4, 6, 8}}
    assert sum(map(len, splits.values())) == 861
    with pytest.raises(ValueError, match=r"in both \[7\]"):
        stream(archives, tmp_path, "test", test_subjects=(7,))


def test_a_row_is_in_si_units_with_the_place_of_the_sensor(archives, tmp_path):
    rows = {row["recording_id"]: row for row in stream(archives, tmp_path, "validation")}
    wrist, thigh = rows["a21_s7_t1"], rows["a22_s7_t1"]
    np.testing.assert_allclose(wrist["imu"][0, 0], [0, 0, 9.80665, np.pi, 0, 0], rtol=1e-6)
    assert (wrist["imu"].shape, wrist["pose"].shape) == ((26, 1, 6), (10, 17, 3))
    assert wrist["pose_sampling_rate"] == pytest.approx(50 / 2.6)
    assert (wrist["placements"].tolist(), thigh["placements"].tolist()) == (["right_wrist"], ["right_thigh"])
    features = UtdMhad(cache_dir=str(tmp_path)).info.features
    assert features["label"].int2str(int(thigh["label"])) == "jogging in place"


def test_archive_and_folder_agree(archives, tmp_path):
    for name in ("Inertial", "Skeleton"):
        with zipfile.ZipFile(archives / f"{name}.zip") as archive:
            archive.extractall(tmp_path)
    archived, extracted = (next(iter(stream(place, tmp_path, "test"))) for place in (archives, tmp_path))
    assert archived["recording_id"] == extracted["recording_id"]
    np.testing.assert_array_equal(archived["pose"], extracted["pose"])


@pytest.mark.parametrize(
    "content",
    [
        b"not a MATLAB file",
        SKELETON[: len(SKELETON) // 2],
        matlab(other=np.zeros((20, 3, 4))),
        matlab(d_skel=np.zeros((20, 3))),
        matlab(d_skel=np.full((20, 3, 4), np.nan)),
    ],
)
def test_damaged_files_are_named(tmp_path, content):
    write(tmp_path, replace={"a1_s2_t1_skeleton.mat": content})
    with pytest.raises(ValueError, match=r"a1_s2_t1_skeleton\.mat is damaged"):
        next(iter(stream(tmp_path, tmp_path, "test")))


def test_missing_files_are_named(tmp_path):
    write(tmp_path, left_out="a5_s2_t3_inertial.mat")
    with pytest.raises(FileNotFoundError, match=r"a5_s2_t3_inertial\.mat"):
        stream(tmp_path, tmp_path, "train")
    (tmp_path / "Inertial.zip").unlink()
    with pytest.raises(FileNotFoundError, match=r"Inertial\.zip"):
        stream(tmp_path, tmp_path, "train")


def test_real_people_face_the_camera_and_a_real_row_goes_to_the_extractor(shared_data, tmp_path):
    rows = list(stream(shared_data / "utd_mhad", tmp_path, "validation"))
    assert len(rows) == 108
    for row in rows[::10]:
        pose = dict(zip(JOINTS, row["pose"].mean(0), strict=True))
        assert pose["head"][2] > pose["pelvis"][2] > pose["left_ankle"][2]
        assert pose["right_shoulder"][0] > pose["left_shoulder"][0]
        assert 15 <= row["pose_sampling_rate"] <= 21
        batch = MujoImuFeatureExtractor()(
            row["imu"],
            placement=row["placements"].tolist(),
            sampling_rate=float(row["sampling_rate"]),
            **{name: str(row[name]) for name in ("acceleration_unit", "gyroscope_unit", "gravity")},
        )
        np.testing.assert_array_equal(batch["imu_values"][0, 0], row["imu"][:, 0])
    # "right hand wave": the wrist that moves is the right one.
    wave = np.concatenate([row["pose"] for row in rows if row["label_code"] == "a3"])
    assert wave[:, JOINTS.index("right_wrist")].std(0).sum() > 3 * wave[:, JOINTS.index("left_wrist")].std(0).sum()
