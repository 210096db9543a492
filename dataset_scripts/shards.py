"""Rows → Parquet shards of bounded size that appear all at once, or not at all."""

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dataset_scripts.files import names_to_disk

MAX_SHARD_BYTES = 256 << 20
# A reader that streams holds one row group: enough rows to compress well, few enough to stay small.
ROW_GROUP_BYTES = 8 << 20
ROW_GROUP_ROWS = 1000
SHARD_NAME = re.compile(r"(?P<split>.+)-\d{5}-of-\d{5}\.parquet")


def write_split(
    rows: Iterable[dict[str, Any]],
    features: datasets.Features,
    folder: Path,
    split: str,
    max_shard_bytes: int = MAX_SHARD_BYTES,
    subfolder: str = "data",
) -> list[Path]:
    """Write the rows of a split to `<folder>/<subfolder>/<split>-00000-of-0000N.parquet`.

    The shards are written beside their place and take it when all are on the disk; only then the shards of an earlier
    run go. So whatever happens before – a full disk, a kill – the earlier shards stay whole, and the next run clears
    what is left over. A kill between two of the renames leaves new and old shards side by side; the next run mends
    it. The same rows give the same bytes with the same version of pyarrow. Memory holds one row group, not a shard.

    Args:
        rows: values by column, arrays as NumPy; consumed once.
        features: the columns; kept in the files, so that `load_dataset` gives them back as they are.
        folder: of the data set; made where it does not exist.
        split: its name, such as `train`.
        max_shard_bytes: a shard ends before it would grow larger, unless one row group is larger alone.
        subfolder: of the shards; one for each configuration of a data set.

    Returns:
        The shards in order; none where there are no rows.

    Raises:
        ValueError: the columns of a row are not those of `features`, or `split` is no name for a split.
        OSError: the disk is full or cannot be written.
    """
    return write_tables(_row_groups(rows, features), features, folder, split, max_shard_bytes, subfolder)


def write_tables(
    tables: Iterable[pa.Table],
    features: datasets.Features,
    folder: Path,
    split: str,
    max_shard_bytes: int = MAX_SHARD_BYTES,
    subfolder: str = "data",
) -> list[Path]:
    """As `write_split`, of Arrow tables with the columns of `features`; each becomes one row group."""
    datasets.NamedSplit(split)  # refuses what could not be loaded, or would be a path
    target = folder / subfolder
    unfinished = target / f".{split}.unfinished"
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(parents=True)
    try:
        return _put_in_place(_write_shards(iter(tables), features, unfinished, max_shard_bytes), target, split)
    finally:
        shutil.rmtree(unfinished)


def shard_paths(folder: Path, split: str, subfolder: str = "data") -> list[Path]:
    """Shards of a split that are there, in order."""
    names = ((path, SHARD_NAME.fullmatch(path.name)) for path in (folder / subfolder).glob("*.parquet"))
    return sorted(path for path, name in names if name and name["split"] == split)


def _row_groups(rows: Iterable[dict[str, Any]], features: datasets.Features) -> Iterator[pa.Table]:
    group: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        if row.keys() != features.keys():
            raise ValueError(
                f"a row lacks {sorted(features.keys() - row.keys())} and has {sorted(row.keys() - features.keys())} "
                f"too much; expected the columns {list(features)}"
            )
        group.append(row)
        size += sum(value.nbytes for value in row.values() if isinstance(value, np.ndarray))
        if size >= ROW_GROUP_BYTES or len(group) == ROW_GROUP_ROWS:
            yield datasets.Dataset.from_list(group, features=features).data.table
            group, size = [], 0
    if group:
        yield datasets.Dataset.from_list(group, features=features).data.table


def _write_shards(
    tables: Iterator[pa.Table], features: datasets.Features, folder: Path, max_shard_bytes: int
) -> list[Path]:
    schema, encoding = _schema(features), _encoding(features)
    paths: list[Path] = []
    table = next(tables, None)
    while table is not None:
        paths.append(folder / f"{len(paths):05d}.parquet")
        with paths[-1].open("wb") as file:
            with pq.ParquetWriter(file, schema, **encoding) as writer:
                while True:
                    writer.write_table(table.cast(schema), row_group_size=len(table))
                    table = next(tables, None)
                    if table is None or file.tell() + table.nbytes > max_shard_bytes:
                        break
            file.flush()
            os.fsync(file.fileno())
    return paths


def _schema(features: datasets.Features) -> pa.Schema:
    """Arrow schema that tells the features to `datasets` 3.6 too, which has not heard of `List`."""
    schema = features.arrow_schema
    told = schema.metadata[b"huggingface"].replace(b'"_type": "List"', b'"_type": "Sequence"')
    return schema.with_metadata({b"huggingface": told})


def _encoding(features: datasets.Features) -> dict[str, Any]:
    """Settings of `ParquetWriter`: signals split into byte planes take a fifth less room than as they are."""
    signals = {
        name: name + ".list.element" * len(feature.shape)
        for name, feature in features.items()
        if isinstance(feature, datasets.Array2D | datasets.Array3D) and feature.dtype in ("float32", "float64")
    }
    return {
        "compression": "zstd",
        "use_byte_stream_split": list(signals.values()),
        "use_dictionary": [name for name in features if name not in signals],
    }


def _put_in_place(unfinished: list[Path], target: Path, split: str) -> list[Path]:
    shards = [target / f"{split}-{index:05d}-of-{len(unfinished):05d}.parquet" for index in range(len(unfinished))]
    for source, shard in zip(unfinished, shards, strict=True):
        source.replace(shard)
    for path in shard_paths(target.parent, split, target.name):
        if path not in shards:
            path.unlink()
    names_to_disk(target)
    return shards
