"""Publishing: what a builder makes loads by the folder's name, map and streaming; configurations add up."""

import re
import runpy
import sys
from pathlib import Path

import datasets
import numpy as np
import pytest

from dataset_scripts.dataset_card import CardConfig, DatasetCardContent, write_card
from dataset_scripts.fimad import fimad
from dataset_scripts.fimad.columns import fimad_features
from dataset_scripts.fimad.synthesis import EXERCISES
from dataset_scripts.publish import publish
from dataset_scripts.shards import write_split


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    """Two exercises, a cache of its own, and an empty working directory."""
    monkeypatch.setattr(fimad, "EXERCISES", EXERCISES[:2])
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture
def official_files(tmp_path) -> Path:
    folder = tmp_path / "official"
    folder.mkdir()
    (folder / "youtube_links.txt").write_text("https://youtu.be/ab\n")
    (folder / "train_val_split.json").write_text('{"train": ["ab___0", "ab___1"], "val": ["cd___3"]}')
    return folder


@pytest.mark.parametrize("streaming", [False, True])
def test_a_published_builder_loads_by_the_folders_name(streaming):
    publish("fimad", Path("fimad"))
    builder = fimad.Fimad()
    builder.download_and_prepare()
    loaded = datasets.load_dataset("fimad", streaming=streaming)
    for split, built in builder.as_dataset().items():
        assert loaded[split].features == fimad_features()
        pairs = zip(loaded[split].with_format("numpy"), built.with_format("numpy"), strict=True)
        for row, expected in pairs:
            np.testing.assert_array_equal(row["imu"], expected["imu"])
            assert row["title"] == expected["title"]
        assert [row["pose_quality"] for row in loaded[split]] == [None] * len(built)


def test_configurations_add_up_and_the_first_is_the_default(official_files):
    folder = publish("fimad", Path("fimad"))
    card = (folder / "README.md").read_text()
    publish("fimad", folder, "annotations", official_files)
    assert len(datasets.load_dataset("fimad", split="train")) == 16
    assert datasets.load_dataset("fimad", "annotations", split="train")["clip_id"][:] == ["ab___0", "ab___1"]
    publish("fimad", folder)  # again: the other configuration stays
    both = (folder / "README.md").read_text()
    assert datasets.get_dataset_config_names("fimad") == ["synthetic", "annotations"]
    assert "| `clip_id` | string |" in both
    assert "| `clip_id` | string |" not in card


def test_the_command(official_files, monkeypatch, capsys):
    settings = ["--config", "annotations", "--data_dir", str(official_files), "--output", "fimad"]
    monkeypatch.setattr(sys, "argv", ["publish", "fimad", *settings])
    runpy.run_module("dataset_scripts.publish", run_name="__main__")
    assert "load_dataset('fimad')" in capsys.readouterr().out
    assert len(datasets.load_dataset("fimad", split="train")) == 2


def test_publishing_twice_gives_the_same_bytes():
    first, second = (publish("fimad", Path(name) / "fimad") for name in ("a", "b"))
    names = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert len(names) == 3
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_the_card_tells_sources_licences_and_units():
    text = (publish("fimad", Path("fimad")) / "README.md").read_text()
    told = (
        "license: other",
        "| `pose` | float32 `(time, 17, 3)` | metres, z up, 50 Hz",
        "fritsch2025mujo",
        "## Limits",
    )
    for line in told:
        assert line in text
    (quick_start,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    scope: dict = {}
    exec(quick_start, scope)  # as printed: the folder is called as the data set is
    assert scope["rows"]["train"].features == fimad_features()
    row = next(iter(datasets.load_dataset("fimad", split="train", streaming=True)))
    assert f"| {row['source']} | {row['license']} |" in text


@pytest.mark.parametrize(
    ("title", "config"), [("FiMAD", "default"), ("MotionSense", "synthetic")], ids=["a build", "another data set"]
)
def test_a_folder_of_something_else_is_refused(title, config):
    folder = Path("fimad")
    write_split([{"title": "mine"}], datasets.Features({"title": datasets.Value("string")}), folder, "train")
    content = DatasetCardContent(
        title=title, summary="", how_made="", citation="", license="other", sources={}, configs=(CardConfig(config),)
    )
    card = write_card(folder, content).read_bytes()
    with pytest.raises(ValueError, match=f"holds {title}.*choose another --output"):
        publish("fimad", folder)
    assert (folder / "README.md").read_bytes() == card


@pytest.mark.slow
@pytest.mark.parametrize(("name", "rows"), [("motionsense", 360), ("utd_mhad", 861)])
def test_benchmarks_can_be_published(shared_data, name, rows):
    publish(name, Path(name), data_dir=shared_data / name)
    loaded = datasets.load_dataset(name)
    assert sum(len(split) for split in loaded.values()) == rows
    assert loaded["train"][0]["placements"] in (["right_thigh"], ["right_wrist"])
