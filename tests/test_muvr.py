"""The Muvr builder: the sign of the watch, one split, and errors that name the file."""

import zipfile

import numpy as np
import pytest

from dataset_scripts.labelled_bouts import present_sensors
from dataset_scripts.muvr.muvr import FOLDERS, Muvr
from modeling_mujo.feature_extraction_mujo import MujoImuFeatureExtractor

ROW = "0.5,-0.25,-1.0,lateral-raise,,7.5,12\n"  # the watch faces up: z = -1 g


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("muvr")
    for name, count in FOLDERS.items():
        (root / "labelled" / name).mkdir(parents=True)
        for number in range(count):
            (root / "labelled" / name / f"{number}.csv").write_text(ROW * 3)
    return root


def pack(folder, target, changed=None, text=None):
    with zipfile.ZipFile(target / "muvr_labelled.zip", "w") as archive:
        for path in sorted(folder.rglob("*.csv")):
            name = path.relative_to(folder).as_posix()
            content = text if name == changed else path.read_text()
            if content is not None:
                archive.writestr(name, content)
    return target


def stream(data_dir, cache_dir, **config):
    return Muvr(data_dir=str(data_dir), cache_dir=str(cache_dir), **config).as_streaming_dataset()["train"]


def test_a_row_is_specific_force_without_gyroscope(folder, tmp_path):
    row = next(iter(stream(folder, tmp_path).with_format("numpy")))
    np.testing.assert_allclose(row["imu"][0, 0, :3], 9.80665 * np.array([-0.5, 0.25, 1.0]), rtol=1e-6)
    assert np.isnan(row["imu"][:, 0, 3:]).all()
    assert (float(row["weight"]), int(row["repetitions"]), str(row["label_code"])) == (7.5, 12, "lateral-raise")


@pytest.mark.parametrize("noted", [",,,", ",,-1.0,0"])
def test_what_was_not_noted_is_null(folder, tmp_path, noted):
    pack(folder, tmp_path, "labelled/arms/0.csv", f"0,0,1,twist{noted}\n")
    row = next(row for row in stream(tmp_path, tmp_path) if row["recording_id"] == "arms/0")
    assert (row["weight"], row["repetitions"], row["label_code"]) == (None, None, "twist")


def test_people_cannot_be_asked_for(folder, tmp_path):
    with pytest.raises(ValueError, match="names nobody"):
        stream(folder, tmp_path, test_subjects=(0,))
    assert list(Muvr(data_dir=str(folder), cache_dir=str(tmp_path)).as_streaming_dataset()) == ["train"]


@pytest.mark.parametrize(
    "text",
    [
        "damaged",
        ROW + "0.5,-0.25",  # cut in the middle of a line
        ROW + ROW.replace("lateral-raise", "twist"),
        ROW.replace("lateral-raise", "knitting"),
        ROW.replace("0.5", "5.0"),  # not in g
        "",
    ],
)
def test_damaged_files_are_named(folder, tmp_path, text):
    pack(folder, tmp_path, "labelled/18-09-15-triceps-biceps-lateral/7.csv", text)
    with pytest.raises(ValueError, match=r"lateral/7\.csv is damaged"):
        list(stream(tmp_path, tmp_path))


def test_missing_recordings_are_noticed_before_reading(folder, tmp_path):
    pack(folder, tmp_path, "labelled/core/7.csv", None)
    with pytest.raises(FileNotFoundError, match=r"core.* holds 40 recordings .*expected 41"):
        stream(tmp_path, tmp_path)


def test_where_there_is_no_data(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"muvr_labelled\.zip"):
        stream(tmp_path, tmp_path)
    with pytest.raises(ValueError, match="data_dir"):
        Muvr(cache_dir=str(tmp_path)).as_streaming_dataset("train")
    (tmp_path / "muvr_labelled.zip").write_bytes(b"not a zip")
    with pytest.raises(ValueError, match=r"muvr_labelled\.zip is damaged"):
        stream(tmp_path, tmp_path)


def test_real_recordings(shared_data, tmp_path):
    builder = Muvr(data_dir=str(shared_data / "muvr"), cache_dir=str(tmp_path))
    builder.download_and_prepare()
    rows = list(builder.as_dataset(split="train").with_format("numpy"))
    assert (len(rows), sum(len(row["imu"]) for row in rows)) == (390, 518_372)
    assert len({int(row["label"]) for row in rows}) == 30
    norms = [np.linalg.norm(row["imu"][:, 0, :3], axis=1).mean() / 9.80665 for row in rows]
    assert np.median(norms) == pytest.approx(1.05, abs=0.05)
    # Palms up in curls with a straight bar, so the watch faces down; palms down in lateral raises.
    for code, side in (("straight-bar-biceps-curl", -1), ("lateral-raise", 1), ("straight-bar-triceps-extension", 1)):
        faces = [side * row["imu"][:, 0, 2].mean() for row in rows if str(row["label_code"]) == code]
        assert np.mean(np.array(faces) > 1) > 0.9, code


def test_a_real_row_goes_to_the_extractor_with_the_gyroscope_masked(shared_data, tmp_path):
    row = next(iter(stream(shared_data / "muvr", tmp_path).with_format("numpy")))
    batch = MujoImuFeatureExtractor()(
        present_sensors(row["imu"], row["placements"].tolist()),
        sampling_rate=float(row["sampling_rate"]),
        **{name: str(row[name]) for name in ("acceleration_unit", "gyroscope_unit", "gravity")},
        window_seconds=4.0,
    )
    assert (batch["imu_channel_mask"] == [[1, 0]]).all()
    assert batch["imu_attention_mask"].all()
