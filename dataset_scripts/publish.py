"""Any builder → Parquet shards and a card, which every version of `datasets` loads.

    python -m dataset_scripts.publish fimad --output fimad/                          # the generated exercises
    python -m dataset_scripts.publish fimad --config annotations --data_dir PATH/TO/official --output fimad/
    python -m dataset_scripts.publish motionsense --data_dir PATH/TO/motionsense --output motionsense/

A folder takes one configuration after another; the first stays the default. What is written is the cache that
`datasets` builds, so a second run is quick. `push_to_hub.py` uploads the folder; think of the sources' licences first.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
from datasets.load import import_main_class
from huggingface_hub import DatasetCard
from tqdm import tqdm

from dataset_scripts import BUILDERS
from dataset_scripts.dataset_card import CardConfig, DatasetCardContent, write_card
from dataset_scripts.fimad.annotations import ANNOTATION_MEANINGS
from dataset_scripts.fimad.columns import COLUMN_MEANINGS
from dataset_scripts.fimad.fimad import LIMITS
from dataset_scripts.shards import MAX_SHARD_BYTES, ROW_GROUP_BYTES, ROW_GROUP_ROWS, SHARD_NAME, write_tables

TITLES = {
    "csv_folder": "Recordings of your own",
    "fimad": "FiMAD",
    "imu_corpora": "IMU with words for pretraining",
    "metamotion_barbell": "MetaMotion barbell lifts",
    "mhealth": "MHEALTH",
    "mm_fit": "MM-Fit",
    "motionsense": "MotionSense",
    "muvr": "MUVR gym exercises",
    "myogym": "MyoGym",
    "utd_mhad": "UTD-MHAD",
}
_BENCHMARK_MEANINGS = {
    "recording_id": "name of the recording, as in the authors' files",
    "subject": "number of the person; splits never divide a person",
    "label": "activity in words",
    "label_code": "activity in the authors' files",
    "is_null": "none of the activities",
    "repetitions": "as counted by the authors",
    "imu": "specific force xyz (gravity included) and angular velocity xyz, sensor frame, in the units named beside; "
    "NaN where a sensor or a sample is missing",
    "placements": "where each sensor is worn",
    "sampling_rate": "of `imu`, in Hz",
    "pose": "metres, z up; joints in the order of Human3.6M; NaN where a frame has none",
    "pose_sampling_rate": "of `pose`, in Hz",
}
_MAX_SOURCES = 20  # lines of the card's table


def main(command_line: Sequence[str] | None = None) -> None:
    arguments = _parse(command_line)
    folder = publish(
        arguments.dataset, arguments.output, arguments.config, arguments.data_dir, arguments.shard_megabytes << 20
    )
    print(f"{folder} is ready: load_dataset({str(folder)!r})")


def _parse(command_line: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", choices=sorted(BUILDERS), help="whose builder makes the rows")
    parser.add_argument("--config", help="configuration of the builder; its default if not given")
    parser.add_argument("--data_dir", type=Path, help="folder that the configuration reads")
    parser.add_argument("--output", type=Path, required=True, help="folder to write, or to add the configuration to")
    parser.add_argument("--shard_megabytes", type=int, default=MAX_SHARD_BYTES >> 20, help="size of a Parquet file")
    return parser.parse_args(command_line)


def publish(
    dataset: str,
    output: Path,
    config: str | None = None,
    data_dir: Path | None = None,
    max_shard_bytes: int = MAX_SHARD_BYTES,
) -> Path:
    """Write a configuration of a builder to a folder that `load_dataset` opens.

    Args:
        dataset: one of `BUILDERS`.
        output: the folder; configurations that are in it stay.
        config: of the builder; its default if None.
        data_dir: folder that the configuration reads.
        max_shard_bytes: of a Parquet file.

    Raises:
        ValueError: the builder does not know the configuration or lacks its `data_dir`, or the folder is another
            data set's.
    """
    builder_class = import_main_class(BUILDERS[dataset])
    builder = builder_class(config_name=config, data_dir=None if data_dir is None else str(data_dir))
    name = builder.config.name
    configs = _published_configs(output, TITLES[dataset], set(builder_class.builder_configs))
    configs.setdefault(name, name if configs else "data")
    builder.download_and_prepare()
    splits = builder.as_dataset()
    for split, rows in splits.items():
        write_tables(_row_groups(rows, split), rows.features, output, split, max_shard_bytes, configs[name])
    _remove_other_splits(output / configs[name], set(splits))
    write_card(output, _card(dataset, builder, output, configs))
    return output


def _published_configs(folder: Path, title: str, known: set[str]) -> dict[str, str]:
    """Configuration → subfolder of what the folder holds already, the default first."""
    card = folder / "README.md"
    if not card.is_file():
        return {}
    data = DatasetCard.load(card).data
    configs = {
        config["config_name"]: config["data_files"][0]["path"].rpartition("/")[0]
        for config in data.get("configs") or []
    }
    if data.get("pretty_name") != title or not configs.keys() <= known:
        raise ValueError(
            f"{folder} holds {data.get('pretty_name') or 'something else'} ({', '.join(configs)}), not what this "
            f"command publishes of {title}: choose another --output"
        )
    return configs


def _row_groups(rows: datasets.Dataset, split: str) -> Iterator[pa.Table]:
    row_bytes = rows.data.nbytes / len(rows)
    batch_size = max(1, min(ROW_GROUP_ROWS, int(ROW_GROUP_BYTES / row_bytes)))
    with tqdm(total=len(rows), desc=f"writing {split}", unit=" rows") as progress:
        for table in rows.with_format("arrow").iter(batch_size=batch_size):
            yield table
            progress.update(len(table))


def _remove_other_splits(folder: Path, splits: set[str]) -> None:
    """Shards of an earlier run with splits that are no more."""
    for path in folder.glob("*.parquet"):
        name = SHARD_NAME.fullmatch(path.name)
        if name and name["split"] not in splits:
            path.unlink()


def _card(dataset: str, builder: datasets.DatasetBuilder, folder: Path, configs: dict[str, str]) -> DatasetCardContent:
    info = builder.info
    described = tuple(
        CardConfig(name, subfolder, builder.builder_configs[name].description or "", _meanings(dataset, name))
        for name, subfolder in configs.items()
    )
    return DatasetCardContent(
        title=TITLES[dataset],
        summary=info.description.strip(),
        how_made=f"By MuJo's builder, version {info.version}: `python -m dataset_scripts.publish {dataset}`.",
        citation=info.citation,
        license=info.license or "other",
        sources=_sources(folder, configs) or {info.homepage: info.license or "none stated"},
        configs=described,
        limits=LIMITS if dataset == "fimad" else (),
    )


def _meanings(dataset: str, config: str) -> Mapping[str, str]:
    if dataset != "fimad":
        return _BENCHMARK_MEANINGS
    return ANNOTATION_MEANINGS if config == "annotations" else COLUMN_MEANINGS


def _sources(folder: Path, configs: dict[str, str]) -> dict[str, str]:
    """Source → licence by the columns of those names; by licence only where they are many."""
    found: set[tuple[str, str]] = set()
    for subfolder in configs.values():
        for path in (folder / subfolder).glob("*.parquet"):
            if {"source", "license"} <= set(pq.read_schema(path).names):
                rows = pq.read_table(path, columns=["source", "license"]).to_pylist()
                found |= {(row["source"], row["license"]) for row in rows}
    if len(found) <= _MAX_SOURCES:
        return dict(sorted(found))
    counts = Counter(license for _, license in found)
    return {
        f"{count} sources under {license}, named in the column `source`": license for license, count in counts.items()
    }


if __name__ == "__main__":
    main()
