"""The MetaMotion builder: physics on one clock, each recording once, people apart, and errors that name the file."""

import zipfile

import numpy as np
import pytest

from dataset_scripts.metamotion_barbell.metamotion_barbell import RECORDINGS, MetamotionBarbell

START = 1_547_000_000_000  # ms
HEADER = "epoch (ms),time (01:00),elapsed (s),x-axis ({0}),y-axis ({0}),z-axis ({0})\n"


def log(unit, start, step, rows, values):
    """A log whose samples are `values(seconds since START)`."""
    times = start + step * np.arange(rows)
    lines = [
        f"{time},2019-01-09T03:13:20.000,{(time - start) / 1000:.3f},"
        + ",".join(map(str, values((time - START) / 1e3)))
        for time in times
    ]
    return HEADER.format(unit) + "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The authors' folder: arms hanging at rest (y = -1 g) with a ramp in x, turning by 90 deg/s about z."""
    root = tmp_path_factory.mktemp("metamotion")
    # The gyroscope starts 60 ms before the accelerometer, as in the real files, and ends later.
    acceleration = log("g", START + 60, 80, 20, lambda seconds: (round(seconds, 6), -1, 0))
    gyroscope = log("deg/s", START, 40, 45, lambda seconds: (0, 0, 90))
    for recording in RECORDINGS:
        for sensor, text in (("Accelerometer", acceleration), ("Gyroscope", gyroscope)):
            path = root / "data" / recording.file_name(sensor)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return root


def pack(folder, target, damaged=None, left_out=None):
    with zipfile.ZipFile(target / "metamotion.zip", "w") as archive:
        for path in sorted(folder.rglob("*.csv")):
            name = path.relative_to(folder).as_posix()
            if name != left_out:
                archive.writestr(name, "damaged" if name == damaged else path.read_bytes())
    return target


def builder(data_dir, cache_dir, **config):
    return MetamotionBarbell(data_dir=str(data_dir), cache_dir=str(cache_dir), **config)


def test_both_sensors_are_on_one_clock_in_si_units(folder, tmp_path):
    row = next(iter(builder(folder, tmp_path).as_streaming_dataset("test").with_format("numpy")))
    imu = row["imu"][:, 0]
    # From 80 ms (the first tick of the gyroscope after the accelerometer's start) to 1.56 s, 40 ms apart.
    assert imu.shape == (38, 6)
    np.testing.assert_allclose(imu[:, 0], 9.80665 * (0.08 + 0.04 * np.arange(38)), rtol=1e-5)
    np.testing.assert_allclose(imu[:, 1], -9.80665, rtol=1e-6)
    np.testing.assert_allclose(imu[:, 3:], [[0, 0, np.pi / 2]] * 38, atol=1e-6)
    assert (float(row["sampling_rate"]), row["placements"].tolist()) == (25.0, ["left_wrist"])


def test_a_hole_is_missing_in_both_sensors(folder, tmp_path):
    pack(folder, tmp_path)
    broken = next(recording for recording in RECORDINGS if recording.subject == "C")
    hole = log("g", START, 80, 10, lambda seconds: (0, 0, 1))
    later = log("g", START + 2800, 80, 10, lambda seconds: (0, 0, 1)).split("\n", 1)[1]
    target = tmp_path / "data"
    with zipfile.ZipFile(tmp_path / "metamotion.zip") as archive:
        archive.extractall(tmp_path)
    (target / broken.file_name("Accelerometer")).write_text(hole + later)
    (target / broken.file_name("Gyroscope")).write_text(log("deg/s", START, 40, 90, lambda seconds: (0, 0, 0)))
    imu = next(iter(builder(tmp_path, tmp_path).as_streaming_dataset("test").with_format("numpy")))["imu"][:, 0]
    assert np.isnan(imu[20:68, :3]).all()
    assert not np.isnan(imu[:18]).any()
    assert not np.isnan(imu[72:]).any()


def test_what_the_names_say(folder, tmp_path):
    rows = {row["recording_id"]: row for row in builder(folder, tmp_path).as_streaming_dataset("train")}
    squat = rows["A-squat-medium2-rpe8_2019-01-11T17.17.15.443"]
    assert (squat["label_code"], squat["rpe"], squat["is_bad_form"]) == ("squat", 8, False)
    assert rows["A-dead-heavy_2019-01-15T20.35.27.174"]["rpe"] is None
    assert {name for name, row in rows.items() if row["is_bad_form"]} == {
        "A-bench-half_2019-01-18T18.28.28.218",
        "A-bench-high_2019-01-18T18.27.00.964",
    }


def test_people_and_recordings_are_kept_apart(folder, tmp_path):
    made = builder(folder, tmp_path)
    made.download_and_prepare()
    splits = made.as_dataset()
    names = made.info.features["subject"].names
    people = {split: {names[subject] for subject in rows["subject"]} for split, rows in splits.items()}
    assert people == {"train": {"A", "D"}, "validation": {"B"}, "test": {"C"}}
    starts = [row.split("_")[1] for rows in splits.values() for row in rows["recording_id"]]
    assert len(starts) == len(set(starts)) == 61
    with pytest.raises(ValueError, match=r"unknown \['E'\].*copy"):
        builder(folder, tmp_path, test_subjects=("E",)).as_streaming_dataset("test")
    with pytest.raises(ValueError, match=r"in both \['D'\]"):
        builder(folder, tmp_path, test_subjects=("D",), validation_subjects=("D",)).as_streaming_dataset("test")


@pytest.mark.parametrize(
    ("fault", "error"),
    [("left_out", FileNotFoundError), ("damaged", ValueError)],
)
def test_missing_and_damaged_files_are_named(folder, tmp_path, fault, error):
    name = "data/C-dead-medium_MetaWear_2019-01-15T20.28.15.269_C42732BE255C_Gyroscope_25.000Hz_1.4.4.csv"
    pack(folder, tmp_path, **{fault: name})
    with pytest.raises(error, match=r"C-dead-medium_MetaWear_2019-01-15T20\.28\.15\.269_C42732BE255C_Gyroscope"):
        list(builder(tmp_path, tmp_path).as_streaming_dataset("test"))


def test_where_there_is_no_data(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"metamotion\.zip"):
        builder(tmp_path, tmp_path).as_streaming_dataset("test")
    with pytest.raises(ValueError, match="data_dir"):
        MetamotionBarbell(cache_dir=str(tmp_path)).as_streaming_dataset("test")
    (tmp_path / "metamotion.zip").write_bytes(b"not a zip")
    with pytest.raises(ValueError, match=r"metamotion\.zip is damaged"):
        builder(tmp_path, tmp_path).as_streaming_dataset("test")


def test_real_recordings(shared_data, tmp_path):
    made = builder(shared_data / "metamotion_barbell", tmp_path)
    made.download_and_prepare()
    splits = made.as_dataset().with_format("numpy")
    assert {split: len(rows) for split, rows in splits.items()} == {"train": 38, "validation": 9, "test": 14}
    missing = 0
    for rows in splits.values():
        for row in rows:
            imu = row["imu"][:, 0]
            missing += int(np.isnan(imu).all(axis=1).sum())
            mean = np.nanmean(imu[:, :3], axis=0)
            assert np.linalg.norm(np.nanmean(np.linalg.norm(imu[:, :3], axis=1))) == pytest.approx(9.81, rel=0.07)
            # Arms hang in deadlifts and rows, and point up in both presses.
            up = {"dead": -1, "row": -1, "ohp": 1, "bench": 1}.get(str(row["label_code"]))
            if up:
                assert up * mean[1] > 8
    assert missing == pytest.approx(25 * (2.48 + 3.52 + 2.08 + 2.24), abs=10)


def test_no_recording_is_another_one_again(shared_data, tmp_path):
    made = builder(shared_data / "metamotion_barbell", tmp_path)
    made.download_and_prepare()
    rows = [row for split in made.as_dataset().with_format("numpy").values() for row in split]
    assert len({np.nan_to_num(row["imu"]).tobytes() for row in rows}) == len(rows)
