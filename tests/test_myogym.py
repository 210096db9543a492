"""The MyoGym builder: units, stretches of one label of one person, and faults that are named."""

import io

import numpy as np
import pytest
from scipy.io import savemat

from dataset_scripts.myogym.myogym import MyoGym
from modeling_mujo.feature_extraction_mujo import MujoImuFeatureExtractor

NULL_CODE = 99


def matlab(signals, labels, name="raw_data"):
    buffer = io.BytesIO()
    savemat(buffer, {name: signals, "raw_data_labels": labels.astype(float)}, do_compression=True)
    return buffer.getvalue()


def recordings():
    """Everybody: a second of nothing, two of push-ups (11), a fifth of hammer curls (24), one of car drivers (29)."""
    codes = [NULL_CODE] * 50 + [11] * 100 + [24] * 10 + [29] * 50
    labels = np.array([(code, person) for person in range(1, 11) for code in codes])
    # 1 g on the second axis, 180 deg/s about the third; timestamps and EMG hold large numbers.
    row = [1e9, *range(200, 208), 1e9, 0, 1, 0, 1e9, 0, 0, 180]
    return np.tile(row, (len(labels), 1)), labels


SIGNALS, LABELS = recordings()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "MyoGym.mat").write_bytes(matlab(SIGNALS, LABELS))
    return tmp_path / "data"


def stream(data_dir, cache_dir, split, **config):
    builder = MyoGym(data_dir=str(data_dir), cache_dir=str(cache_dir), **config)
    return builder.as_streaming_dataset(split).with_format("numpy")


def test_splits_share_no_person(folder, tmp_path):
    builder = MyoGym(data_dir=str(folder), cache_dir=str(tmp_path))
    builder.download_and_prepare()
    splits = builder.as_dataset()
    people = {split: set(rows["subject"]) for split, rows in splits.items()}
    assert people == {"train": {1, 2, 4, 7, 8}, "validation": {5, 10}, "test": {3, 6, 9}}
    assert len({name for rows in splits.values() for name in rows["recording_id"]}) == 30
    with pytest.raises(ValueError, match=r"unknown \[11\]"):
        stream(folder, tmp_path, "test", test_subjects=(11,))


def test_rows_are_stretches_of_one_label_of_one_person(folder, tmp_path):
    rows = list(stream(folder, tmp_path, "test", test_subjects=(4,)))
    # A fifth of a second is too little to learn from.
    assert [(row["label_code"], bool(row["is_null"]), len(row["imu"])) for row in rows] == [
        ("99", True, 50),
        ("11", False, 100),
        ("29", False, 50),
    ]
    names = MyoGym(cache_dir=str(tmp_path)).info.features["label"]
    assert [names.int2str(int(row["label"])) for row in rows] == ["null", "push-ups", "car drivers"]
    assert names.num_classes == 31


def test_a_row_is_in_si_units_and_goes_to_the_extractor_as_it_is(folder, tmp_path):
    row = next(iter(stream(folder, tmp_path, "test")))
    np.testing.assert_allclose(row["imu"][0, 0], [0, 9.80665, 0, 0, 0, np.pi], rtol=1e-6, atol=1e-6)
    batch = MujoImuFeatureExtractor()(
        row["imu"],
        placement=row["placements"].tolist(),
        sampling_rate=float(row["sampling_rate"]),
        **{name: str(row[name]) for name in ("acceleration_unit", "gyroscope_unit", "gravity")},
    )
    np.testing.assert_array_equal(batch["imu_values"][0, 0], row["imu"][:, 0])


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"not a MATLAB file", "is damaged"),
        (matlab(SIGNALS, LABELS)[:-500], "is damaged"),
        (matlab(SIGNALS, LABELS, name="data"), "is damaged .*raw_data"),
        (matlab(SIGNALS[:, :16], LABELS), r"expected raw_data \(time, 17\) .* got \(2100, 16\)"),
        (matlab(SIGNALS[:-1], LABELS), r"got \(2099, 17\) and \(2100, 2\)"),
        (matlab(SIGNALS, LABELS + np.array([1, 0])), "the exercises .*100.* are none of"),
        (matlab(SIGNALS, LABELS + np.array([0, 1])), "the people .*11.* are none of"),
        (matlab(SIGNALS[:1000], LABELS[:1000]), r"nothing of the people \[6, 7, 8, 9, 10\]"),
    ],
)
def test_damaged_and_foreign_files_are_named_before_the_first_row(folder, tmp_path, content, error):
    (folder / "MyoGym.mat").write_bytes(content)
    with pytest.raises(ValueError, match=rf"MyoGym\.mat .*{error}"):
        stream(folder, tmp_path, "test")


def test_where_there_is_no_data(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"MyoGym\.mat is missing"):
        stream(tmp_path, tmp_path, "test")
    with pytest.raises(ValueError, match="data_dir"):
        MyoGym(cache_dir=str(tmp_path)).as_streaming_dataset("test")
