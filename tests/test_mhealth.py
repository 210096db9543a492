"""The MHEALTH builder: real rows, units, which columns turn, the sensor without a gyroscope, and named faults."""

import zipfile

import numpy as np
import pytest

from dataset_scripts.labelled_bouts import present_sensors
from dataset_scripts.mhealth.mhealth import MHealth
from modeling_mujo.feature_extraction_mujo import MujoImuFeatureExtractor

SUBJECTS = range(1, 11)
STANDING_STILL, RUNNING = 1, 11


def log(labels):
    """Rows of a log whose columns hold their own number, counted from 1."""
    return "".join(" ".join(f"{value}" for value in [*range(1, 24), label]) + "\n" for label in labels)


@pytest.fixture
def folder(tmp_path):
    """A second of nothing, two of standing, a fifth of nothing, one of running; the same for everybody."""
    directory = tmp_path / "data" / "MHEALTHDATASET"
    directory.mkdir(parents=True)
    for subject in SUBJECTS:
        content = log([0] * 50 + [STANDING_STILL] * 100 + [0] * 10 + [RUNNING] * 50)
        (directory / f"mHealth_subject{subject}.log").write_text(content)
    return directory


def stream(data_dir, cache_dir, split, **config):
    builder = MHealth(data_dir=str(data_dir), cache_dir=str(cache_dir), **config)
    return builder.as_streaming_dataset(split).with_format("numpy")


def test_splits_share_no_person(folder, tmp_path):
    builder = MHealth(data_dir=str(folder.parent), cache_dir=str(tmp_path))
    builder.download_and_prepare()
    people = {split: set(rows["subject"]) for split, rows in builder.as_dataset().items()}
    assert people == {"train": {1, 2, 4, 7, 8}, "validation": {5, 10}, "test": {3, 6, 9}}
    alone = stream(folder.parent, tmp_path, "test", test_subjects=(2,), validation_subjects=())
    assert {int(row["subject"]) for row in alone} == {2}
    with pytest.raises(ValueError, match=r"in both \[2\]"):
        stream(folder.parent, tmp_path, "test", test_subjects=(2,), validation_subjects=(2,))


def test_rows_are_stretches_of_one_label(folder, tmp_path):
    rows = list(stream(folder.parent, tmp_path, "test", test_subjects=(2,)))
    # A fifth of a second is too little to learn from.
    assert [(row["label_code"], bool(row["is_null"]), len(row["imu"])) for row in rows] == [
        ("0", True, 50),
        ("1", False, 100),
        ("11", False, 50),
    ]
    names = MHealth(cache_dir=str(tmp_path)).info.features["label"]
    assert [names.int2str(int(row["label"])) for row in rows] == ["null", "standing still", "running"]


def test_a_row_is_in_si_units_and_has_no_gyroscope_on_the_chest(folder, tmp_path):
    row = next(iter(stream(folder.parent, tmp_path, "test")))
    assert row["placements"].tolist() == ["chest", "left_ankle", "right_wrist"]
    chest, ankle, wrist = row["imu"][0]
    np.testing.assert_array_equal(chest, [1, 2, 3, np.nan, np.nan, np.nan])
    np.testing.assert_allclose(ankle, [6, 7, 8, *np.deg2rad([12, 13, 14])], rtol=1e-6)
    np.testing.assert_allclose(wrist, [15, 16, 17, *np.deg2rad([21, 22, 23])], rtol=1e-6)


def test_the_extractor_masks_the_missing_gyroscope(folder, tmp_path):
    row = next(iter(stream(folder.parent, tmp_path, "test")))
    batch = MujoImuFeatureExtractor()(
        present_sensors(row["imu"], row["placements"]),
        sampling_rate=float(row["sampling_rate"]),
        **{name: str(row[name]) for name in ("acceleration_unit", "gyroscope_unit", "gravity")},
    )
    assert batch["imu_channel_mask"][0].tolist() == [[1, 0], [1, 1], [1, 1]]
    assert batch["imu_attention_mask"].all()


def test_archive_and_folder_agree(folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "mhealth+dataset.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"MHEALTHDATASET/{path.name}")
    archived, extracted = (list(stream(place, tmp_path, "test")) for place in (tmp_path, folder.parent))
    assert [row["recording_id"] for row in archived] == [row["recording_id"] for row in extracted]
    np.testing.assert_array_equal(archived[-1]["imu"], extracted[-1]["imu"])


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("1 2 3\n", r"subject7\.log is damaged: expected rows of 24"),
        (log([1] * 50)[:-40], r"subject7\.log is damaged"),
        ("", r"subject7\.log is damaged"),
        ("a b c\n", r"subject7\.log is damaged"),
        (log([1, 13]), r"subject7\.log is not a log of MHEALTH: the last column holds \[.*13.*\]"),
        (log([1]).replace("23 ", "nan "), r"subject7\.log is damaged"),
    ],
)
def test_damaged_logs_are_named_before_the_first_row(folder, tmp_path, content, error):
    (folder / "mHealth_subject7.log").write_text(content)
    with pytest.raises(ValueError, match=error):
        stream(folder.parent, tmp_path, "test", test_subjects=(1,))


def test_missing_files_are_named(folder, tmp_path):
    (folder / "mHealth_subject7.log").unlink()
    with pytest.raises(FileNotFoundError, match=r"1 of 10 files are missing .*mHealth_subject7\.log"):
        stream(folder.parent, tmp_path, "test")
    with pytest.raises(FileNotFoundError, match=r"mhealth\+dataset\.zip"):
        stream(tmp_path, tmp_path, "test")
    (tmp_path / "mhealth+dataset.zip").write_bytes(b"not a zip")
    with pytest.raises(ValueError, match=r"mhealth\+dataset\.zip is damaged"):
        stream(tmp_path, tmp_path, "test")
    with pytest.raises(ValueError, match="data_dir"):
        MHealth(cache_dir=str(tmp_path)).as_streaming_dataset("test")


def test_real_rows(shared_data, folder, tmp_path):
    """What the columns hold tells which are gyroscopes, whatever the README calls them."""
    real = (shared_data / "mhealth_sample" / "mHealth_subject1.log").read_text().splitlines()
    (folder / "mHealth_subject1.log").write_text("".join(f"{line}\n" * 10 for line in real))  # three rows a label
    rows = {int(row["label_code"]): row["imu"] for row in stream(folder.parent, tmp_path, "test", test_subjects=(1,))}
    assert sorted(rows) == list(range(1, 13))
    for resting in (1, 2, 3):
        assert np.linalg.norm(rows[resting][..., :3], axis=-1) == pytest.approx(9.81, rel=0.08)
        assert np.rad2deg(np.abs(rows[resting][:, 1:, 3:])).max() < 1.5
    assert np.rad2deg(np.abs(rows[RUNNING][:, 1:, 3:])).max() > 100
