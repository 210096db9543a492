"""A user's own recordings: columns, units and clocks as they come, splits by person only, and refusals that help."""

import zipfile

import numpy as np
import pandas as pd
import pytest

from dataset_scripts.csv_folder.csv_folder import CsvFolder
from dataset_scripts.labelled_bouts import present_sensors
from dataset_scripts.motionsense.motionsense import MotionSense
from modeling_mujo.feature_extraction_mujo import MujoImuFeatureExtractor

SETTINGS = {"sampling_rate": 20, "acceleration_unit": "g", "gyroscope_unit": "deg/s", "gravity": "included"}
SIX = ("acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z")
SAMPLES = 40


def frame(columns=SIX, samples=SAMPLES):
    """Lying still face up, turning by 180 deg/s about x; the first column counts samples."""
    table = np.tile([0.0, 0.0, 1.0, 180.0, 0.0, 0.0][: len(columns)], (samples, 1))
    table[:, 0] = np.arange(samples) / 100
    return pd.DataFrame(table, columns=list(columns))


def write(folder, files, manifest=None):
    for name, table in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (table.to_parquet if name.endswith("parquet") else table.to_csv)(folder / name, index=False)
    if manifest is not None:
        (folder / "manifest.csv").write_text(manifest)
    return folder


def stream(folder, **settings):
    builder = CsvFolder(data_dir=str(folder), cache_dir=str(folder.parent / "cache"), **{**SETTINGS, **settings})
    return builder.as_streaming_dataset()


def only_row(folder, **settings):
    (rows,) = stream(folder, **settings).values()
    (row,) = rows.with_format("numpy")
    return row


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "recordings").mkdir()
    return tmp_path / "recordings"


@pytest.fixture
def two_people(folder):
    return write(
        folder,
        {f"{number}.csv": frame() for number in range(4)},
        "file,label,subject\n0.csv,squat,anna\n1.csv,jump,anna\n2.csv,squat,ben\n3.csv,jump,ben\n",
    )


def test_a_row_is_in_si_units(folder):
    write(folder, {"jumping_jack/anna/0.csv": frame()})
    row = only_row(folder, placements=("left_wrist",))
    assert row["imu"].shape == (SAMPLES, 1, 6)
    np.testing.assert_allclose(row["imu"][10, 0], [0.980665, 0, 9.80665, np.pi, 0, 0], rtol=1e-6)
    assert (row["placements"].tolist(), float(row["sampling_rate"])) == (["left_wrist"], 20.0)
    builder = CsvFolder(data_dir=str(folder), cache_dir=str(folder.parent / "cache"), **SETTINGS)
    assert builder.info.features["label"].names == ["jumping jack"]
    assert builder.info.features["subject"].names == ["anna"]


@pytest.mark.parametrize(
    "columns",
    [
        ("ax", "ay", "az", "gx", "gy", "gz"),
        ("Accel X", "Accel Y", "Accel Z", "Gyroscope X", "Gyroscope Y", "Gyroscope Z"),
        tuple(f"Acceleration {axis} (g)" for axis in "xyz") + tuple(f"rotationRate.{axis} [deg/s]" for axis in "xyz"),
    ],
)
def test_usual_headers_are_understood(folder, columns):
    write(folder, {"squat/0.csv": frame(columns).assign(index=5)})
    with pytest.warns(UserWarning, match="names nobody"):
        row = only_row(folder)
    np.testing.assert_allclose(row["imu"][10, 0], [0.980665, 0, 9.80665, np.pi, 0, 0], rtol=1e-6)


def test_units_in_the_header_need_no_setting_and_suffer_no_other(folder):
    columns = [f"Acceleration {axis} (m/s^2)" for axis in "xyz"]
    write(folder, {"squat/anna/0.csv": 9.81 * frame(columns)})
    imu = only_row(folder, acceleration_unit=None, gyroscope_unit=None)["imu"][:, 0]
    np.testing.assert_allclose(imu[:, 2], 9.81, rtol=1e-6)
    assert np.isnan(imu[:, 3:]).all()
    with pytest.raises(ValueError, match=r"0\.csv: acceleration_unit is 'g' and the columns state \['m/s2'\]"):
        stream(folder)


def test_explicit_columns_and_parquet(folder):
    table = frame().set_axis(["X", "Y", "Z", "wx", "wy", "wz"], axis=1)
    write(folder, {"squat/anna/0.parquet": table})
    with pytest.raises(ValueError, match=r"0\.parquet: no acceleration .*columns="):
        stream(folder)
    row = only_row(folder, columns={"acc_x": "X", "acc_y": "Y", "acc_z": "Z"})
    np.testing.assert_allclose(row["imu"][:, 0, 2], 9.80665, rtol=1e-6)
    assert np.isnan(row["imu"][:, 0, 3:]).all()
    with pytest.raises(ValueError, match=r"columns \['V'\] are not among"):
        stream(folder, columns={"acc_x": "V", "acc_y": "Y", "acc_z": "Z"})


def test_several_sensors_of_one_file(folder):
    names = [f"{placement}_{column}" for placement in ("left_wrist", "right_thigh") for column in SIX[:3]]
    table = pd.concat([frame(SIX[:3]), 2 * frame(SIX[:3])], axis=1).set_axis(names, axis=1)
    row = only_row(write(folder, {"squat/anna/0.csv": table}), placements=("right_thigh", "left_wrist"))
    np.testing.assert_allclose(row["imu"][:, :, 2], [[2 * 9.80665, 9.80665]] * SAMPLES, rtol=1e-6)
    assert row["placements"].tolist() == ["right_thigh", "left_wrist"]


@pytest.mark.parametrize(
    ("column", "scale", "setting"),
    [
        ("time (s)", 1, None),
        ("timestamp_ms", 1e3, None),
        ("epoch (ms)", 1e3, None),
        ("seconds_elapsed", 1, None),
        ("timestamp", 1e9, "ns"),
    ],
)
def test_a_column_of_time_gives_the_clock(folder, column, scale, setting):
    seconds = 1000 + np.arange(SAMPLES) / 25  # every second sample of 50 Hz
    write(folder, {"squat/anna/0.csv": frame().assign(**{column: seconds * scale})})
    row = only_row(folder, sampling_rate=None, time_unit=setting)
    assert (float(row["sampling_rate"]), len(row["imu"])) == (50.0, 2 * SAMPLES)
    ramp = 9.80665 * np.arange(SAMPLES) / 100
    np.testing.assert_allclose(row["imu"][20:-20:2, 0, 0], ramp[10:-10], atol=0.01)


def test_dates_are_a_clock_and_holes_are_missing(folder):
    times = pd.Timestamp("2026-03-01 10:00:00") + pd.to_timedelta(np.arange(SAMPLES) * 20, unit="ms")
    times = times.where(np.arange(SAMPLES) < 20, times + pd.Timedelta("2s"))
    imu = only_row(write(folder, {"squat/anna/0.csv": frame().assign(time=times)}), sampling_rate=None)["imu"][:, 0]
    assert len(imu) == SAMPLES + 100
    assert np.isnan(imu[20:120]).all()
    assert not np.isnan(imu[:20]).any()
    assert not np.isnan(imu[120:]).any()


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"time": range(SAMPLES)}, "unit of the time 'time' is unclear"),
        ({"time (s)": range(SAMPLES), "epoch (ms)": range(SAMPLES)}, "expected one column of time"),
        ({}, "expected one column of time"),
        ({"time (s)": [0.0] * SAMPLES}, "increase strictly"),
        ({"time (s)": [None] + [1.0] * (SAMPLES - 1)}, "is missing in"),
    ],
)
def test_unclear_clocks_are_refused(folder, columns, problem):
    write(folder, {"squat/anna/0.csv": frame().assign(**columns)})
    with pytest.raises(ValueError, match=rf"0\.csv: .*{problem}"):
        list(stream(folder, sampling_rate=None)["train"])


def test_parts_of_a_recording(folder):
    write(folder, {"day.csv": frame()}, "file,label,start,end\nday.csv,squat,0.5,1\nday.csv,jump,1,\n")
    with pytest.warns(UserWarning, match="names nobody"):
        rows = list(stream(folder)["train"].with_format("numpy"))
    np.testing.assert_allclose(rows[0]["imu"][:, 0, 0], 9.80665 * np.arange(10, 20) / 100, rtol=1e-5)
    assert [str(row["recording_id"]) for row in rows] == ["day.csv#0.5-1", "day.csv#1-"]
    assert len(rows[1]["imu"]) == 20
    write(folder, {}, "file,label,start,end\nday.csv,squat,0.5,1\nday.csv,jump,0.9,\n")
    with pytest.raises(ValueError, match="overlap"):
        stream(folder)


def test_people_are_kept_apart(two_people):
    splits = stream(two_people, test_subjects=("ben",))
    assert {name: [row["recording_id"] for row in rows] for name, rows in splits.items()} == {
        "train": ["0.csv", "1.csv"],
        "test": ["2.csv", "3.csv"],
    }
    with pytest.raises(ValueError, match=r"unknown \['carl'\].*\['anna', 'ben'\]"):
        stream(two_people, test_subjects=("carl",))
    with pytest.raises(ValueError, match=r"in both \['ben'\]"):
        stream(two_people, test_subjects=("ben",), validation_subjects=("ben",))


def test_where_nobody_is_named_nothing_is_split_at_random(folder):
    write(folder, {"squat/0.csv": frame(), "jump/0.csv": frame()})
    with pytest.warns(UserWarning, match="no split by person is possible"):
        assert list(stream(folder)) == ["train"]
    with pytest.raises(ValueError, match="never split at random"):
        stream(folder, test_subjects=("ben",))


def test_a_manifest_may_say_the_split(two_people):
    rows = "file,label,split\n0.csv,squat,train\n1.csv,jump,train\n2.csv,squat,test\n"
    write(two_people, {}, rows)
    splits = stream(two_people)
    assert {name: len(list(rows)) for name, rows in splits.items()} == {"train": 2, "test": 1}
    # nobody is in two splits, as far as the manifest tells
    assert len({row["subject"] for rows in splits.values() for row in rows}) == 2
    write(two_people, {}, "file,label,split,subject\n0.csv,squat,train,anna\n2.csv,squat,test,anna\n")
    with pytest.raises(ValueError, match=r"subject \['anna'\] in two splits"):
        stream(two_people)
    write(two_people, {}, "file,label,split,start,end\n0.csv,squat,train,0,1\n0.csv,squat,test,1,2\n")
    with pytest.raises(ValueError, match=r"file \['0.csv'\] in two splits"):
        stream(two_people)


@pytest.mark.parametrize(
    ("manifest", "problem"),
    [
        ("file,subject\n0.csv,anna\n", r"missing \['label'\]"),
        ("file,label,subjekt\n0.csv,squat,anna\n", r"unknown \['subjekt'\]"),
        ("file,label,subject\n0.csv,squat,\n", r"line 2: \['subject'\] are empty"),
        ("file,label\n../0.csv,squat\n", "lies outside"),
        ("file,label\n9.csv,squat\n", r"9\.csv does not exist"),
        ("file,label,split\n0.csv,squat,trian\n", "expected one of .*train"),
        ("file,label,start,end\n0.csv,squat,2,1\n", "not before end"),
        ("file,label,start\n0.csv,squat,soon\n", "start is 'soon'"),
        ("file,label,placement\n0.csv,squat,ear\n", r"unknown: \['ear'\]"),
        ("file,label\n0.csv,squat\n0.csv,jump\n", "overlap"),
        ("file,label\n", "0 rows"),
    ],
)
def test_faulty_manifests_are_refused(two_people, manifest, problem):
    write(two_people.parent, {"0.csv": frame()})
    write(two_people, {}, manifest)
    with pytest.raises((ValueError, FileNotFoundError), match=problem):
        stream(two_people)


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({}, "got 0 files"),
        ({"0.csv": frame()}, r"label/recording\.csv.*0\.csv"),
        ({"squat/0.csv": frame(), "jump/anna/0.csv": frame()}, "or all as"),
    ],
)
def test_unclear_trees_are_refused(folder, files, problem):
    with pytest.raises(ValueError, match=problem):
        stream(write(folder, files))


def test_damaged_files_are_named(folder):
    write(folder, {"squat/anna/0.csv": frame(), "squat/anna/1.parquet": frame()})
    parquet, text = folder / "squat/anna/1.parquet", folder / "squat/anna/0.csv"
    parquet.write_bytes(parquet.read_bytes()[:-20])
    with pytest.raises(ValueError, match=r"1\.parquet"):
        stream(folder)
    parquet.unlink()
    text.write_text(text.read_text() + "none,of,these,are,num,bers\n")
    with pytest.raises(ValueError, match=r"0\.csv: .*numbers"):
        list(stream(folder)["train"])
    text.write_text(text.read_text().splitlines()[0] + "\n")
    with pytest.raises(ValueError, match=r"0\.csv: the file has no rows"):
        list(stream(folder)["train"])


def test_settings_are_not_guessed(folder):
    write(folder, {"squat/anna/0.csv": frame()})
    for setting, problem in (
        ("acceleration_unit", "expected one of"),
        ("gyroscope_unit", "expected"),
        ("gravity", "say"),
    ):
        with pytest.raises(ValueError, match=f"{setting} is None.*{problem}"):
            stream(folder, **{setting: None})
    with pytest.raises(ValueError, match="data_dir"):
        CsvFolder(**SETTINGS)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        CsvFolder(data_dir=str(folder / "nowhere"), **SETTINGS)


def test_changed_files_are_read_anew(folder):
    def rows():
        builder = CsvFolder(data_dir=str(folder), cache_dir=str(folder.parent / "cache"), **SETTINGS)
        builder.download_and_prepare()
        return builder.as_dataset(split="train").with_format("numpy")

    write(folder, {"squat/anna/0.csv": frame()})
    assert len(rows()[0]["imu"]) == SAMPLES
    write(folder, {"squat/anna/0.csv": frame(samples=30)})
    assert len(rows()[0]["imu"]) == 30


def test_linear_acceleration_needs_its_gravity(folder):
    names = [f"{stem}_{axis}" for stem in ("acc", "gravity") for axis in "xyz"]
    table = pd.concat([0 * frame(SIX[:3]), frame(SIX[:3])], axis=1).set_axis(names, axis=1)
    write(folder, {"squat/anna/0.csv": table})
    row = only_row(folder, gravity="removed")
    np.testing.assert_allclose(row["imu"][:, 0, 2], 9.80665, rtol=1e-6)


def test_rows_go_to_the_extractor(two_people):
    row = next(iter(stream(two_people)["train"].with_format("numpy")))
    batch = MujoImuFeatureExtractor()(
        present_sensors(row["imu"], row["placements"].tolist()),
        sampling_rate=float(row["sampling_rate"]),
        **{name: str(row[name]) for name in ("acceleration_unit", "gyroscope_unit", "gravity")},
    )
    assert batch["imu_values"].shape == (1, 1, 100, 6)
    assert (batch["imu_channel_mask"] == 1).all()


def test_a_real_phone_export_equals_its_own_reader(shared_data, folder):
    motionsense = MotionSense(data_dir=str(shared_data / "motionsense"), cache_dir=str(folder.parent / "cache"))
    row = next(iter(motionsense.as_streaming_dataset("test").with_format("numpy")))
    with zipfile.ZipFile(shared_data / "motionsense" / "A_DeviceMotion_data.zip") as archive:
        (folder / "stairs" / "anna").mkdir(parents=True)
        (folder / "stairs" / "anna" / "0.csv").write_bytes(archive.read("A_DeviceMotion_data/dws_1/sub_1.csv"))
    own = only_row(folder, sampling_rate=50, gyroscope_unit="rad/s", gravity="removed", placements=("right_thigh",))
    np.testing.assert_allclose(own["imu"], row["imu"], rtol=1e-5, atol=1e-5)


def test_a_real_export_with_three_clocks_and_unusual_names(shared_data, folder):
    (folder / "rest" / "A").mkdir(parents=True)
    with zipfile.ZipFile(shared_data / "metamotion_barbell" / "metamotion.zip") as archive:
        name = next(name for name in archive.namelist() if "A-rest-standing" in name and "Accelerometer" in name)
        (folder / "rest" / "A" / "0.csv").write_bytes(archive.read(name))
    columns = {"time": "elapsed (s)", **{f"acc_{axis}": f"{axis}-axis (g)" for axis in "xyz"}}
    row = only_row(folder, sampling_rate=None, columns=columns)
    assert len(row["imu"]) / 50 == pytest.approx(498 / 12.5, abs=0.1)
    assert np.linalg.norm(row["imu"][:, 0, :3], axis=1).mean() == pytest.approx(9.81, rel=0.05)
