"""Dataset cards: `load_dataset` finds the shards by them, their counts are the files', and they are repeatable."""

from dataclasses import replace
from pathlib import Path

import datasets
import numpy as np
import pytest
from huggingface_hub import DatasetCard

from dataset_scripts.dataset_card import CardConfig, DatasetCardContent, write_card
from dataset_scripts.shards import write_split

FEATURES = datasets.Features(
    {
        "title": datasets.Value("string"),
        "label": datasets.ClassLabel(names=["sitting", "walking"]),
        "placements": datasets.Sequence(datasets.Value("string")),
        "imu": datasets.Array3D((None, 2, 6), "float32"),
        "start": datasets.Value("float32"),
        "end": datasets.Value("float32"),
    }
)
WORDS = datasets.Features({"title": datasets.Value("string")})
CONTENT = DatasetCardContent(
    title="Steps",
    summary="People walk.",
    how_made="With care.",
    citation="@misc{steps}",
    license="other",
    sources={"laboratory": "MIT", "gym": "CC BY 4.0"},
    configs=(
        CardConfig("videos", "data", "What was seen.", {"imu": "specific force in m/s²"}),
        CardConfig("words", "words"),
    ),
    dropped={"no person": 3, "private video": 1200},
)


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "steps"
    for split, count in (("validation", 2), ("train", 5)):
        rows = [
            {
                "title": f"step {number}",
                "label": number % 2,
                "placements": ["left_wrist"] * (number % 3),
                "imu": np.full((number + 1, 2, 6), number, np.float32),
                "start": 10.0,
                "end": 1810.0,
            }
            for number in range(count)
        ]
        write_split(rows, FEATURES, folder, split)
    write_split([{"title": "hop"}], WORDS, folder, "train", subfolder="words")
    return folder


def test_other_rows_are_not_taken_from_the_cache(tmp_path):
    """`datasets` names the cache of a folder by its card, whatever its files hold and wherever it is."""
    for title in ("hop", "jog"):
        folder = tmp_path / title / "steps"
        write_split([{"title": title}], WORDS, folder, "train")
        write_card(folder, replace(CONTENT, configs=(CardConfig(),)))
        rows = datasets.load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "cache"))
        assert rows["title"] == [title]


@pytest.mark.parametrize("streaming", [False, True])
def test_the_folder_loads_by_its_card(folder, tmp_path, streaming):
    write_card(folder, CONTENT)
    loaded = datasets.load_dataset(str(folder), streaming=streaming, cache_dir=str(tmp_path / "cache"))
    assert list(loaded) == ["train", "validation"]  # of the first configuration, which is the default
    assert loaded["train"].features == FEATURES
    assert [row["title"] for row in loaded["train"]] == [f"step {number}" for number in range(5)]
    words = datasets.load_dataset(str(folder), "words", streaming=streaming, cache_dir=str(tmp_path / "cache"))
    assert [row["title"] for row in words["train"]] == ["hop"]


def test_a_lost_row_is_noticed_when_loading(folder, tmp_path):
    write_card(folder, CONTENT)
    write_split([{"title": "hop"}] * 2, WORDS, folder, "train", subfolder="words")
    with pytest.raises(datasets.exceptions.NonMatchingSplitsSizesError, match="num_examples"):
        datasets.load_dataset(str(folder), "words", cache_dir=str(tmp_path / "cache"))


def test_the_page_tells_counts_columns_losses_and_licences(folder):
    (folder / "preview.png").write_bytes(b"picture")
    card = DatasetCard.load(write_card(folder, CONTENT, repository="mujo/steps"))
    assert card.data.license == "other"
    assert card.data.size_categories == ["n<1K"]
    assert [config["config_name"] for config in card.data.configs] == ["videos", "words"]
    for line in (
        "# Steps",
        "![A few clips: what a row holds](preview.png)",
        'load_dataset("mujo/steps", "videos")',
        "| `imu` | float32 `(time, 2, 6)` | specific force in m/s² |",
        "| `placements` | list of string |  |",
        "| no person | 3 |",
        "| private video | 1,200 |",
        "| gym | CC BY 4.0 |",
        "@misc{steps}",
    ):
        assert line in card.text
    assert "| videos | train | 5 | 2.50 |" in card.text  # five clips of half an hour


def test_same_files_same_page_and_no_picture_without_a_preview(folder):
    first = write_card(folder, CONTENT).read_bytes()
    assert b"preview.png" not in first
    assert write_card(folder, CONTENT).read_bytes() == first


def test_a_configuration_without_shards_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no shards of the configuration 'videos'"):
        write_card(tmp_path, CONTENT)
