"""Bare names after `register()`: in any working directory, map and streaming, and a clear word when it cannot work."""

import json
import subprocess
import sys
from pathlib import Path

import datasets
import datasets.inspect
import datasets.load
import pytest

import dataset_scripts
from dataset_scripts.fimad import fimad
from dataset_scripts.fimad.synthesis import EXERCISES
from dataset_scripts.shards import write_split


@pytest.fixture(autouse=True)
def registered(monkeypatch, tmp_path):
    """`register()` in an empty working directory, undone afterwards."""
    for module in (datasets.load, datasets.inspect):
        monkeypatch.setattr(module, "dataset_module_factory", module.dataset_module_factory)
    monkeypatch.setattr(fimad, "EXERCISES", EXERCISES[:2])
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    dataset_scripts.register()


@pytest.mark.parametrize("streaming", [False, True])
def test_fimad_loads_by_name(tmp_path, streaming):
    loaded = datasets.load_dataset(
        "fimad", streaming=streaming, cache_dir=str(tmp_path / "cache"), clips_per_exercise=3
    )
    assert list(loaded) == ["train", "validation"]
    assert len(list(loaded["train"])) == 4


def test_configurations_and_folders(tmp_path):
    official = tmp_path / "official"
    official.mkdir()
    (official / "youtube_links.txt").write_text("https://youtu.be/ab\n")
    (official / "train_val_split.json").write_text(json.dumps({"train": ["ab___0"], "val": ["cd___3"]}))
    loaded = datasets.load_dataset("fimad", "annotations", data_dir=str(official), cache_dir=str(tmp_path / "cache"))
    assert loaded["train"]["clip_id"][:] == ["ab___0"]
    assert datasets.get_dataset_config_names("fimad") == ["synthetic", "motion", "videos", "annotations"]


def test_a_published_folder_goes_first(tmp_path):
    folder = tmp_path / "work" / "fimad"
    write_split([{"title": "mine"}], datasets.Features({"title": datasets.Value("string")}), folder, "train")
    (folder / "README.md").write_text("# mine\n")
    loaded = datasets.load_dataset("fimad", split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded[0] == {"title": "mine"}


def test_a_folder_of_recordings_does_not_hide_the_builder(shared_data, tmp_path, monkeypatch):
    monkeypatch.chdir(shared_data)  # it has folders motionsense/ and utd_mhad/
    for name in ("motionsense", "utd_mhad"):
        loaded = datasets.load_dataset(name, data_dir=name, streaming=True, cache_dir=str(tmp_path / "cache"))
        assert next(iter(loaded["train"]))["gravity"] == "included"


def test_registering_twice_changes_nothing():
    once = datasets.load.dataset_module_factory
    dataset_scripts.register()
    assert datasets.load.dataset_module_factory is once


def test_other_names_are_left_to_the_library(tmp_path):
    (tmp_path / "rows.csv").write_text("a\n1\n")
    loaded = datasets.load_dataset("csv", data_files=str(tmp_path / "rows.csv"), cache_dir=str(tmp_path / "cache"))
    assert loaded["train"][0] == {"a": 1}


def test_a_library_without_the_hook_is_told(monkeypatch):
    def other(path):
        """Finds data sets in another way."""

    monkeypatch.setattr(datasets.load, "load_dataset_builder", other)
    with pytest.raises(RuntimeError, match=r"datasets .* no longer .* works with datasets 3\.6 to 5\.2\. Publish"):
        dataset_scripts.register()


def test_importing_the_package_is_cheap():
    code = "import sys, dataset_scripts; assert not {'torch', 'datasets', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(dataset_scripts.__file__).parents[1])
