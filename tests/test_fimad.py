"""FiMAD as a dataset: columns, splits by person, repeatable rows, IMU that belongs to the pose."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import datasets
import numpy as np
import pytest
import torch

from dataset_scripts.fimad import fimad
from dataset_scripts.fimad.columns import (
    FIMAD_PLACEMENTS,
    VIDEO_FEATURE_DIM,
    clip_row,
    fimad_features,
    simulate_fimad_imu,
)
from dataset_scripts.fimad.fimad import Fimad, is_validation_subject
from dataset_scripts.fimad.imu_simulation import simulate_imu
from dataset_scripts.fimad.skeleton import MotionClip
from dataset_scripts.fimad.synthesis import EXERCISES, generate_clip
from dataset_scripts.shards import write_split
from modeling_mujo.configuration_mujo import PLACEMENTS

ROWS = 4  # exercises of a test build; all 112 take seconds


@pytest.fixture(autouse=True)
def few_exercises(monkeypatch):
    monkeypatch.setattr(fimad, "EXERCISES", EXERCISES[:ROWS])


def build(cache: Path, **config) -> datasets.DatasetDict:
    builder = Fimad(cache_dir=str(cache), **config)
    builder.download_and_prepare()
    return builder.as_dataset().with_format("numpy")


def test_placements_are_sixteen_known_ones():
    assert len(set(FIMAD_PLACEMENTS)) == 16
    assert set(FIMAD_PLACEMENTS) < set(PLACEMENTS) - {"unknown"}


def test_default_build_has_the_columns_and_unseen_bodies_for_validation(tmp_path):
    splits = build(tmp_path, clips_per_exercise=3)
    assert {name: len(split) for name, split in splits.items()} == {"train": 2 * ROWS, "validation": ROWS}
    assert splits["train"].features == fimad_features()
    assert not set(splits["train"]["subject"]) & set(splits["validation"]["subject"])
    row = splits["train"][0]
    time = len(row["pose"])
    assert time >= 50
    assert row["pose"].shape == (time, 17, 3)
    assert row["imu"].shape == (time, 16, 6)
    assert row["video_features"].shape == (0, VIDEO_FEATURE_DIM)
    assert row["imu"].dtype == row["pose"].dtype == np.float32
    assert row["pose_detected_share"] == 1
    assert row["pose_bone_length_variation"] < 1e-3
    assert row["segment_id"] == 0
    from_video = (
        splits["train"].with_format(None).select_columns(["subtitles", "side", "pose_visibility", "pose_quality"])
    )
    assert set(from_video[0].values()) == {None}


def test_imu_columns_are_the_named_placements(tmp_path):
    row = build(tmp_path, clips_per_exercise=2)["train"][0]
    for column in (0, 5, 15):
        placement_ids = torch.tensor([[PLACEMENTS.index(FIMAD_PLACEMENTS[column])]])
        alone = simulate_imu(torch.from_numpy(row["pose"])[None], placement_ids, sampling_rate=50.0)
        np.testing.assert_allclose(row["imu"][:, column], alone[0, 0], rtol=1e-4, atol=1e-3)
    # walking, feet turn more than the chest, and all of it happens around the pull of gravity
    chest, foot = (FIMAD_PLACEMENTS.index(name) for name in ("chest", "left_foot"))
    rotation = np.linalg.norm(row["imu"][..., 3:], axis=-1).mean(axis=0)
    assert rotation[foot] > 2 * rotation[chest]
    assert 9 < np.linalg.norm(row["imu"][:, chest, :3], axis=-1).mean() < 13


def test_two_builds_give_the_same_rows_and_another_seed_other_ones(tmp_path):
    first, second, other = (
        build(tmp_path / name, clips_per_exercise=2, seed=seed)["train"]
        for name, seed in (("a", 3), ("b", 3), ("c", 4))
    )
    assert first.data.table.equals(second.data.table)
    assert not set(first["subject"]) & set(other["subject"])


def test_streaming_gives_the_rows_of_the_build(tmp_path):
    built = build(tmp_path, clips_per_exercise=2)["validation"][1]
    streamed = Fimad(cache_dir=str(tmp_path), clips_per_exercise=2).as_streaming_dataset(split="validation")
    row = list(streamed.with_format("numpy").take(2))[1]
    assert row["title"] == built["title"]
    np.testing.assert_array_equal(row["imu"], built["imu"])


def recordings(folder: Path) -> Iterator[MotionClip]:
    """Two recordings of each of ten people, as if read from `folder`."""
    for person in range(10):
        for number in range(2):
            clip = vars(generate_clip(EXERCISES[number], seed=person))
            yield MotionClip(**clip | {"recording_id": f"{person}_{number}", "subject": f"lab/{person}"})


def test_a_folder_selects_the_motion_configuration_split_by_person(tmp_path, monkeypatch):
    monkeypatch.setattr(fimad, "read_motion_folder", recordings)
    splits = build(tmp_path / "cache", data_dir=tmp_path)
    assert sum(len(split) for split in splits.values()) == 20
    for name, split in splits.items():
        assert set(split["subject"]) == {
            f"lab/{person}" for person in range(10) if is_validation_subject(f"lab/{person}") == (name == "validation")
        }


def test_wrong_settings_say_what_to_do(tmp_path):
    with pytest.raises(ValueError, match="give their folder as data_dir"):
        Fimad(cache_dir=str(tmp_path), config_name="motion")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Fimad(cache_dir=str(tmp_path), data_dir=tmp_path / "nowhere").download_and_prepare()
    with pytest.raises(ValueError, match="config_name='motion'"):
        Fimad(cache_dir=str(tmp_path), config_name="synthetic", data_dir=tmp_path)
    with pytest.raises(ValueError, match="2 or more"):
        Fimad(cache_dir=str(tmp_path), clips_per_exercise=1)


def test_real_exercises_become_rows(shared_data, tmp_path):
    folder = shared_data / "motion" / "cmu_exercise"
    splits = build(tmp_path, data_dir=folder)
    assert {name: len(split) for name, split in splits.items()} == {"train": 30}  # both people belong to training
    row = splits["train"][0]
    assert row["title"] == "jumping jacks"
    force = np.linalg.norm(row["imu"][:, FIMAD_PLACEMENTS.index("left_wrist"), :3], axis=-1)
    assert force.max() > 15  # m/s²: jumping shakes the arms


def video_rows() -> list[dict]:
    """A clip with all that video gives, and one with as little as possible."""
    frames = np.linspace(-3, 3, 5 * 8).reshape(5, 8).astype(np.float32)
    poor = generate_clip(EXERCISES[0], seed=0)
    rich = dataclasses.replace(poor, segment_index=2, side="left", visibility=0.75, quality=0.5)
    imu = simulate_fimad_imu(poor.pose)
    return [clip_row(rich, imu, frames, subtitles="and up"), clip_row(poor, imu, frames[:2])]


@pytest.mark.parametrize("streaming", [False, True])
def test_the_folder_of_a_build_gives_its_rows(tmp_path, streaming):
    rows = video_rows()
    for split in ("train", "validation"):
        write_split(rows, fimad_features(video_feature_dim=8), tmp_path / "built", split)
    builder = Fimad(cache_dir=str(tmp_path), config_name="videos", data_dir=tmp_path / "built")
    if streaming:
        splits = builder.as_streaming_dataset()
    else:
        builder.download_and_prepare()
        splits = builder.as_dataset()
    assert list(splits) == ["train", "validation"]
    assert splits["train"].features == fimad_features(video_feature_dim=8)
    for row, plain, expected in zip(splits["train"].with_format("numpy"), splits["train"], rows, strict=True):
        arrays = {column for column, value in expected.items() if isinstance(value, np.ndarray)}
        assert arrays == {"pose", "imu", "video_features"}
        for column in expected:
            if column in arrays:
                np.testing.assert_array_equal(row[column], expected[column])
            else:
                assert plain[column] == pytest.approx(expected[column])


def test_a_folder_with_other_columns_is_refused(tmp_path):
    write_split([{"title": "a"}], datasets.Features({"title": datasets.Value("string")}), tmp_path, "train")
    with pytest.raises(ValueError, match=r"'imu'.*are not FiMAD's"):
        Fimad(cache_dir=str(tmp_path), config_name="videos", data_dir=tmp_path)
    with pytest.raises(FileNotFoundError, match=r"dataset_scripts\.fimad\.build"):
        Fimad(cache_dir=str(tmp_path), config_name="videos", data_dir=tmp_path / "data")


@pytest.fixture
def official_files(tmp_path) -> Path:
    folder = tmp_path / "official"
    folder.mkdir()
    (folder / "youtube_links.txt").write_text("https://www.youtube.com/watch?v=-a__b\nhttps://youtu.be/cd\n")
    split = {"train": ["-a__b___0", "-a__b___12", "gone___1"], "val": ["cd___3"]}
    (folder / "train_val_split.json").write_text(json.dumps(split))
    return folder


def test_annotations_without_and_with_words(official_files, tmp_path):
    settings = {"config_name": "annotations", "data_dir": official_files}
    train, validation = build(tmp_path / "cache", **settings).values()
    assert list(train["clip_id"]) == ["-a__b___0", "-a__b___12", "gone___1"]
    assert train[1] | {"clip_id": ""} == {
        **dict.fromkeys(train.features),
        "clip_id": "",
        "video_id": "-a__b",
        "chapter_id": 12,
        "url": "https://www.youtube.com/watch?v=-a__b",
    }
    assert train[2]["url"] is None
    assert validation[0]["url"] == "https://youtu.be/cd"

    words = {"title": "Squats 30s", "normalized_title": "squat", "description": "Bend.", "subtitles": None}
    (official_files / "language_data.json").write_text(json.dumps({"cd___3": words}))
    row = build(tmp_path / "cache", **settings)["validation"][0]  # the cache notices the new file
    assert {name: row[name] for name in words} == words


def test_a_video_in_both_splits_is_refused(official_files, tmp_path):
    (official_files / "train_val_split.json").write_text(json.dumps({"train": ["cd___1"], "val": ["cd___3"]}))
    with pytest.raises(ValueError, match="'cd' in both splits"):
        list(Fimad(cache_dir=str(tmp_path), config_name="annotations", data_dir=official_files)._rows("train"))


def test_official_annotations(shared_data, tmp_path):
    splits = build(tmp_path, config_name="annotations", data_dir=shared_data / "fimad_official")
    assert {name: len(split) for name, split in splits.items()} == {"train": 8227, "validation": 1584}
    assert not set(splits["train"]["video_id"]) & set(splits["validation"]["video_id"])
    urls = [url for split in splits.values() for url in split["url"]]
    assert len(set(urls) - {None}) == 1283  # of the 1,388 links; the others have no clip
    assert urls.count(None) == 3  # ids that are no video's, see `official_files`


def test_changed_code_makes_the_rows_anew(tmp_path, monkeypatch):
    before = Fimad(cache_dir=str(tmp_path)).cache_dir
    assert Fimad(cache_dir=str(tmp_path)).cache_dir == before
    monkeypatch.setattr("dataset_scripts.fimad.fingerprint._code_digest", lambda: b"other code")
    assert Fimad(cache_dir=str(tmp_path)).cache_dir != before
