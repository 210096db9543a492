"""The MotionSense builder: physics, splits by person, and errors that name the file."""

import zipfile

import numpy as np
import pytest

from dataset_scripts.motionsense.motionsense import MotionSense
from modeling_mujo.feature_extraction_mujo import MujoImuFeatureExtractor

TRIALS = {"dws": (1, 2, 11), "ups": (3, 4, 12), "wlk": (7, 8, 15), "jog": (9, 16), "sit": (5, 13), "std": (6, 14)}
HEADER = (
    ",attitude.roll,attitude.pitch,attitude.yaw,gravity.x,gravity.y,gravity.z,rotationRate.x,rotationRate.y,"
    "rotationRate.z,userAcceleration.x,userAcceleration.y,userAcceleration.z\n"
)
# A phone upside down in a pocket (gravity along +y), pushed along -y by 0.5 g, turning by 1, 2, 3 rad/s.
ROW = "{},0,0,0,0,1,0,1,2,3,0,0.5,0\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The authors' folder with three samples in every file."""
    root = tmp_path_factory.mktemp("motionsense")
    for code, trials in TRIALS.items():
        for trial in trials:
            directory = root / "A_DeviceMotion_data" / f"{code}_{trial}"
            directory.mkdir(parents=True)
            for subject in range(1, 25):
                (directory / f"sub_{subject}.csv").write_text(HEADER + "".join(map(ROW.format, range(3))))
    return root


def pack(folder, target, damaged=None, left_out=None):
    with zipfile.ZipFile(target / "A_DeviceMotion_data.zip", "w", zipfile.ZIP_LZMA) as archive:
        for path in sorted(folder.rglob("*.csv")):
            name = path.relative_to(folder).as_posix()
            if name != left_out:
                archive.writestr(name, "damaged" if name == damaged else path.read_bytes())
    return target


def build(data_dir, cache_dir, **config):
    builder = MotionSense(data_dir=str(data_dir), cache_dir=str(cache_dir), **config)
    builder.download_and_prepare()
    return builder.as_dataset()


def stream(data_dir, cache_dir, split, **config):
    return MotionSense(data_dir=str(data_dir), cache_dir=str(cache_dir), **config).as_streaming_dataset(split)


def test_splits_share_no_person(folder, tmp_path):
    splits = build(folder, tmp_path)
    people = {name: set(split["subject"]) for name, split in splits.items()}
    assert people["test"] == {1, 6, 14, 19, 23}
    assert people["validation"] == {3, 8, 12, 20}
    assert people["train"] == set(range(1, 25)) - people["test"] - people["validation"]
    assert sum(map(len, splits.values())) == 360
    assert len({row for split in splits.values() for row in split["recording_id"]}) == 360


def test_a_row_is_specific_force_in_si_units(folder, tmp_path):
    row = next(iter(stream(folder, tmp_path, "test").with_format("numpy")))
    assert row["imu"].shape == (3, 1, 6)
    assert row["imu"].dtype == np.float32
    # Core Motion has the opposite sign: upside down at rest, the accelerometer's -y is up.
    np.testing.assert_allclose(row["imu"][0, 0], [0, -1.5 * 9.80665, 0, 1, 2, 3], rtol=1e-6)
    assert (row["recording_id"], row["subject"], row["label_code"]) == ("dws_1_sub_1", 1, "dws")
    assert (
        MotionSense(cache_dir=str(tmp_path)).info.features["label"].int2str(int(row["label"])) == "walking downstairs"
    )


def test_archive_and_folder_agree(folder, tmp_path):
    pack(folder, tmp_path)
    archived, extracted = (list(stream(place, tmp_path, "validation")) for place in (tmp_path, folder))
    assert [row["recording_id"] for row in archived] == [row["recording_id"] for row in extracted]
    np.testing.assert_array_equal(archived[-1]["imu"], extracted[-1]["imu"])


def test_people_can_be_chosen_but_not_shared(folder, tmp_path):
    rows = list(stream(folder, tmp_path, "validation", test_subjects=(2,), validation_subjects=(5,)))
    assert {row["subject"] for row in rows} == {5}
    with pytest.raises(ValueError, match=r"in both \[5\]"):
        stream(folder, tmp_path, "test", test_subjects=(5,), validation_subjects=(5,))
    with pytest.raises(ValueError, match=r"unknown \[25\]"):
        stream(folder, tmp_path, "test", test_subjects=(25,))


def test_missing_and_damaged_files_are_named(folder, tmp_path):
    name = "A_DeviceMotion_data/jog_9/sub_6.csv"
    for number, (fault, error) in enumerate(
        [({"left_out": name}, FileNotFoundError), ({"damaged": name}, ValueError)]
    ):
        place = tmp_path / str(number)
        place.mkdir()
        pack(folder, place, **fault)
        with pytest.raises(error, match=r"jog_9/sub_6\.csv"):
            list(stream(place, tmp_path, "test"))


def test_a_flipped_byte_in_the_archive_is_found(folder, tmp_path):
    archive = pack(folder, tmp_path) / "A_DeviceMotion_data.zip"
    with zipfile.ZipFile(archive) as opened:
        info = opened.getinfo("A_DeviceMotion_data/dws_1/sub_1.csv")
    content = bytearray(archive.read_bytes())
    content[info.header_offset + 30 + len(info.filename) + info.compress_size // 2] ^= 0xFF
    archive.write_bytes(content)
    with pytest.raises(ValueError, match=r"dws_1/sub_1\.csv is damaged"):
        list(stream(tmp_path, tmp_path, "test"))


def test_where_there_is_no_data(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"A_DeviceMotion_data\.zip"):
        stream(tmp_path, tmp_path, "test")
    with pytest.raises(ValueError, match="data_dir"):
        MotionSense(cache_dir=str(tmp_path)).as_streaming_dataset("test")
    (tmp_path / "A_DeviceMotion_data.zip").write_bytes(b"not a zip")
    with pytest.raises(ValueError, match=r"A_DeviceMotion_data\.zip is damaged"):
        stream(tmp_path, tmp_path, "test")


def test_real_rows_go_to_the_extractor_as_they_are(shared_data, tmp_path):
    rows = stream(shared_data / "motionsense", tmp_path, "test").with_format("numpy").take(3)
    for row in rows:
        batch = MujoImuFeatureExtractor()(
            row["imu"],
            placement=row["placements"].tolist(),
            sampling_rate=float(row["sampling_rate"]),
            **{name: str(row[name]) for name in ("acceleration_unit", "gyroscope_unit", "gravity")},
            window_seconds=2.0,
            return_tensors="pt",
        )
        assert batch["imu_values"].shape[1:] == (1, 100, 6)
        # Walking: the mean specific force is gravity, and heel strikes push up, not down.
        force = row["imu"][:, 0, :3]
        up = force.mean(0) / np.linalg.norm(force.mean(0))
        assert np.linalg.norm(force.mean(0)) == pytest.approx(9.81, rel=0.1)
        vertical = force @ up - 9.81
        assert (vertical**3).mean() > 0


@pytest.mark.slow
def test_all_real_recordings(shared_data, tmp_path):
    splits = build(shared_data / "motionsense", tmp_path)
    assert {name: len(split) for name, split in splits.items()} == {"train": 225, "validation": 60, "test": 75}
    assert sum(len(imu) for split in splits.values() for imu in split.with_format("numpy")["imu"]) == 1_412_865
