"""How many clips FiMAD has in each configuration, how long they last, and how large they are as Parquet.

python benchmarks/fimad_counts.py --data_root PATH/TO/data
"""

import argparse
import tempfile
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
from tqdm.auto import tqdm

from benchmarks.results import DATA_ROOT, RESULTS, write_json
from dataset_scripts.publish import publish
from dataset_scripts.shards import SHARD_NAME

# Where the original files of a configuration are, in the data root.
FOLDERS = {"synthetic": None, "motion": "motion", "annotations": "fimad_official"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data_root", type=Path, default=DATA_ROOT, help="folder with motion/ and fimad_official/")
    data_root = parser.parse_args().data_root
    configs = {}
    for config, name in tqdm(FOLDERS.items()):
        with tempfile.TemporaryDirectory() as folder:
            publish("fimad", Path(folder) / "fimad", config, data_root / name if name else None)
            configs[config] = count(Path(folder) / "fimad")
    write_json(RESULTS / "fimad_counts.json", {"configs": configs})


def count(folder: Path) -> dict[str, dict[str, float | None]]:
    """Rows, hours, distinct texts and bytes of the splits of a published folder with one configuration."""
    splits: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*.parquet")):
        match = SHARD_NAME.fullmatch(path.name)
        assert match is not None, path
        splits.setdefault(match["split"], []).append(path)
    return {split: count_split(paths) for split, paths in splits.items()}


def count_split(paths: list[Path]) -> dict[str, float | None]:
    timed = "start" in pq.read_schema(paths[0]).names
    table = pq.read_table(paths, columns=["start", "end", "normalized_title"] if timed else ["normalized_title"])
    return {
        "rows": len(table),
        "hours": pc.sum(pc.subtract(table["end"], table["start"])).as_py() / 3600 if timed else None,
        "movements": pc.count_distinct(table["normalized_title"]).as_py(),
        "bytes": sum(path.stat().st_size for path in paths),
    }


if __name__ == "__main__":
    main()
