"""The IMU corpora: units and words of a recording, people apart, and errors that name the file."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataset_scripts.fimad.fimad import is_validation_subject
from dataset_scripts.fimad.titles import normalize_title
from dataset_scripts.imu_corpora.imu_corpora import CORPORA, ImuCorpora

CHANNELS = ("acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z")


def write(folder, name, rows=None, **columns):
    """A file of the corpus `name`: three samples a recording, channel number c holds 100 * c, 100 * c + 1, …"""
    corpus = CORPORA[name]
    rows = corpus.recordings if rows is None else rows
    channels = CHANNELS[: 6 if corpus.gyroscope_scale else 3]
    table = {
        channel: pa.array([[100 * number, 100 * number + 1, 100 * number + 2]] * rows, pa.list_(pa.int16()))
        for number, channel in enumerate(channels)
    }
    labels, placements = list(corpus.activities), list(corpus.placements)
    table["label"] = pa.array([labels[row % len(labels)] for row in range(rows)])
    table["subject"] = pa.array([26 + row % 20 for row in range(rows)])
    if None not in placements:
        table["placement"] = pa.array([placements[row % len(placements)] for row in range(rows)])
    table |= columns
    path = folder / corpus.file_name
    pq.write_table(pa.table({column: values for column, values in table.items() if values is not None}), path)
    return path


def splits(folder, cache_dir, name):
    return ImuCorpora(config_name=name, data_dir=str(folder), cache_dir=str(cache_dir)).as_streaming_dataset()


def test_wisdm51_has_both_sensors_in_si_units(tmp_path):
    write(tmp_path, "wisdm51")
    row = next(iter(splits(tmp_path, tmp_path, "wisdm51")["train"].with_format("numpy")))
    np.testing.assert_allclose(row["imu"][0, 0], [0, 1, 2, 0.6, 0.8, 1.0], rtol=1e-6)
    assert (float(row["sampling_rate"]), row["placements"].tolist()) == (20.0, ["right_wrist"])
    assert str(row["license"]) == "cc-by-4.0"


def test_selfback_has_no_gyroscope(tmp_path):
    write(tmp_path, "selfback")
    rows = list(splits(tmp_path, tmp_path, "selfback")["train"].with_format("numpy").take(2))
    np.testing.assert_allclose(rows[0]["imu"][1, 0, :3], 0.0980665 * np.array([1, 101, 201]), rtol=1e-6)
    assert np.isnan(rows[0]["imu"][:, 0, 3:]).all()
    assert [row["placements"].tolist() for row in rows] == [["right_wrist"], ["right_thigh"]]


def test_everybody_is_in_one_split(tmp_path):
    write(tmp_path, "selfback")
    people = {
        split: {row["subject"] for row in rows} for split, rows in splits(tmp_path, tmp_path, "selfback").items()
    }
    assert people["train"] | people["validation"] == set(range(26, 46))
    assert people["validation"] == {person for person in range(26, 46) if is_validation_subject(f"selfback/{person}")}
    assert not people["train"] & people["validation"]


def test_every_activity_has_words_that_survive_normalising():
    for corpus in CORPORA.values():
        labels = [activity.label for activity in corpus.activities.values()]
        assert len(set(labels)) == len(labels)
        for activity in corpus.activities.values():
            assert normalize_title(activity.label) == activity.label
            assert activity.description.endswith(".")


@pytest.mark.parametrize(
    "fault",
    [
        {"rows": 600},
        {"acc_z": None},
        {"label": pa.array(["knitting"] * 612)},
        {"placement": pa.array(["ear"] * 612)},
    ],
)
def test_another_file_is_named(tmp_path, fault):
    write(tmp_path, "selfback", **fault)
    with pytest.raises(ValueError, match=r"selfback_50hz\.parquet is .*another file"):
        splits(tmp_path, tmp_path, "selfback")


def test_a_file_that_is_cut_short_is_named(tmp_path):
    path = write(tmp_path, "wisdm51")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"wisdm51_watch_20hz\.parquet is damaged"):
        splits(tmp_path, tmp_path, "wisdm51")


def test_channels_of_different_length_are_named(tmp_path):
    channel = pa.array([[1, 2, 3]] * 611 + [[1, 2]], pa.list_(pa.int16()))
    write(tmp_path, "selfback", acc_y=channel)
    with pytest.raises(ValueError, match=r"selfback_50hz\.parquet, recording 611 is damaged"):
        [list(rows) for rows in splits(tmp_path, tmp_path, "selfback").values()]


def test_where_there_is_no_data(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"wisdm51_watch_20hz\.parquet"):
        splits(tmp_path, tmp_path, "wisdm51")
    with pytest.raises(ValueError, match="data_dir"):
        ImuCorpora(config_name="wisdm51", cache_dir=str(tmp_path)).as_streaming_dataset()


@pytest.mark.parametrize(("name", "hours", "people"), [("wisdm51", 41, 46), ("selfback", 27.5, 34)])
def test_real_recordings(shared_data, tmp_path, name, hours, people):
    builder = ImuCorpora(config_name=name, data_dir=str(shared_data / "imu_corpora"), cache_dir=str(tmp_path))
    builder.download_and_prepare()
    rows = builder.as_dataset()
    assert sum(map(len, rows.values())) == CORPORA[name].recordings
    assert len({*rows["train"]["subject"], *rows["validation"]["subject"]}) == people
    seconds, resting, faces = 0.0, [], []
    for row in rows["train"].with_format("numpy"):
        force = row["imu"][:, 0, :3]
        seconds += len(force) / float(row["sampling_rate"])
        if str(row["label_code"]) in ("sitting", "standing"):
            resting.append(np.median(np.linalg.norm(force, axis=1)))
        if str(row["label_code"]) == "sitting" and row["placements"].tolist() == ["right_wrist"]:
            faces.append(force[:, 2].mean())
    assert np.median(resting) == pytest.approx(9.81, rel=0.03)
    assert np.mean(np.array(faces) > 0) > 0.85  # hands on the lap or a table: the watch faces up
    for row in rows["validation"].with_format("numpy"):
        seconds += len(row["imu"]) / float(row["sampling_rate"])
    assert seconds / 3600 == pytest.approx(hours, rel=0.02)
