"""Rows of the folder that `build.py` wrote from videos."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq

from dataset_scripts.fimad.columns import fimad_features
from dataset_scripts.shards import SHARD_NAME, shard_paths


def built_splits(folder: Path) -> list[str]:
    """Splits that a folder holds, those for training first.

    Raises:
        FileNotFoundError: it holds none.
    """
    names = (SHARD_NAME.fullmatch(path.name) for path in (folder / "data").glob("*.parquet"))
    splits = sorted({name["split"] for name in names if name})
    if not splits:
        raise FileNotFoundError(
            f"{folder / 'data'} holds no Parquet shards; make them with `python -m dataset_scripts.fimad.build "
            f"--output {folder}`"
        )
    return splits


def built_features(folder: Path) -> datasets.Features:
    """Columns of a folder: those of `fimad_features`, with video features of the size that the build stored.

    Raises:
        FileNotFoundError: the folder holds no rows.
        ValueError: the columns are others.
    """
    shard = shard_paths(folder, built_splits(folder)[0])[0]
    features = datasets.Features.from_arrow_schema(pq.read_schema(shard))
    frames = features.get("video_features")
    expected = fimad_features(frames.shape[1] if isinstance(frames, datasets.Array2D) else 0)
    if features != expected:
        different = sorted(name for name in {*features, *expected} if features.get(name) != expected.get(name))
        raise ValueError(f"{shard}: the columns {different} are not FiMAD's of this version; build the folder again")
    return features


def built_rows(folder: Path, split: str) -> Iterator[dict[str, Any]]:
    """Rows of a split, arrays as NumPy."""
    for path in shard_paths(folder, split):
        with pq.ParquetFile(path) as file:
            arrays = [field.name for field in file.schema_arrow if isinstance(field.type, pa.BaseExtensionType)]
            for batch in file.iter_batches(batch_size=1):
                (row,) = batch.drop_columns(arrays).to_pylist()
                yield row | {name: batch.column(name).to_numpy(zero_copy_only=False)[0] for name in arrays}
