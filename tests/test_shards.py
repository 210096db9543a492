"""Parquet shards: what is loaded is what was written, equal bytes, bounded size, and nothing lost on a full disk."""

import errno
import resource
from pathlib import Path

import datasets
import numpy as np
import pyarrow.parquet as pq
import pytest

from dataset_scripts import shards
from dataset_scripts.shards import shard_paths, write_split

FEATURES = datasets.Features(
    {
        "name": datasets.Value("string"),
        "score": datasets.Value("float32"),
        "imu": datasets.Array3D((None, 2, 6), "float32"),
        "frames": datasets.Array2D((None, 4), "float16"),
    }
)


def make_rows(count: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    for number in range(count):
        yield {
            "name": f"row {number}",
            "score": None if number % 2 else number / 2,
            "imu": rng.normal(size=(400 + number, 2, 6)).astype(np.float32),
            "frames": rng.normal(size=(number % 3, 4)).astype(np.float16),
        }


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def small_row_groups(monkeypatch):
    monkeypatch.setattr(shards, "ROW_GROUP_BYTES", 50_000)


@pytest.mark.parametrize("streaming", [False, True])
def test_rows_come_back_with_their_types(tmp_path, small_row_groups, streaming):
    paths = write_split(make_rows(20), FEATURES, tmp_path / "set", "train", max_shard_bytes=150_000)
    assert [path.name for path in paths] == [f"train-{i:05d}-of-{len(paths):05d}.parquet" for i in range(len(paths))]
    assert len(paths) > 2
    loaded = datasets.load_dataset(
        str(tmp_path / "set"), split="train", streaming=streaming, cache_dir=str(tmp_path / "cache")
    )
    assert loaded.features == FEATURES
    for row, plain, expected in zip(loaded.with_format("numpy"), loaded, make_rows(20), strict=True):
        assert row["imu"].dtype == np.float32
        np.testing.assert_array_equal(row["imu"], expected["imu"])
        np.testing.assert_array_equal(row["frames"], expected["frames"])
        assert (plain["name"], plain["score"]) == (expected["name"], expected["score"])


def test_shards_and_row_groups_are_bounded(tmp_path, small_row_groups):
    paths = write_split(make_rows(40), FEATURES, tmp_path, "train", max_shard_bytes=200_000)
    for path in paths:
        assert path.stat().st_size < 200_000 + 5_000  # the footer comes on top
        groups = pq.ParquetFile(path).metadata
        assert max(groups.row_group(i).total_byte_size for i in range(groups.num_row_groups)) < 90_000


def test_same_rows_same_bytes_and_the_longer_earlier_run_leaves_nothing(tmp_path, small_row_groups):
    write_split(make_rows(30, seed=5), FEATURES, tmp_path / "a", "train", max_shard_bytes=100_000)
    (tmp_path / "a" / "data" / ".train.unfinished").mkdir()  # of a killed run
    (tmp_path / "a" / "data" / ".train.unfinished" / "00000.parquet").write_bytes(b"half a shard")
    for name in ("a", "b"):
        for split in ("validation", "train"):
            write_split(make_rows(9), FEATURES, tmp_path / name, split, max_shard_bytes=100_000)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert shard_paths(tmp_path / "a", "train")


def test_a_full_disk_leaves_the_earlier_shards_whole(tmp_path, small_row_groups):
    write_split(make_rows(6), FEATURES, tmp_path, "train")
    before = files(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError, match="too large") as caught:
            write_split(make_rows(60, seed=1), FEATURES, tmp_path, "train")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.errno == errno.EFBIG
    assert files(tmp_path) == before
    write_split(make_rows(60, seed=1), FEATURES, tmp_path, "train")  # with room again
    assert len(datasets.Dataset.from_parquet(str(shard_paths(tmp_path, "train")[0]), cache_dir=str(tmp_path))) == 60


def test_rows_that_break_off_leave_the_earlier_shards_whole(tmp_path, small_row_groups):
    write_split(make_rows(6), FEATURES, tmp_path, "train")
    before = files(tmp_path)

    def broken():
        yield from make_rows(10, seed=1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_split(broken(), FEATURES, tmp_path, "train")
    assert files(tmp_path) == before


def test_wrong_columns_and_names_are_refused(tmp_path):
    row = next(make_rows(1)) | {"extra": 1}
    del row["frames"]
    with pytest.raises(ValueError, match=r"lacks \['frames'\] and has \['extra'\]"):
        write_split([row], FEATURES, tmp_path, "train")
    with pytest.raises(ValueError, match="Split name"):
        write_split(make_rows(1), FEATURES, tmp_path, "../train")
