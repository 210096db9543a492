"""The page of a published data set: what its files hold, read from the files, and what only its maker knows."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import datasets
import pyarrow.compute as pc
import pyarrow.parquet as pq
from datasets.info import DatasetInfosDict
from huggingface_hub import DatasetCard, DatasetCardData

from dataset_scripts.files import content_hash, write_atomically
from dataset_scripts.shards import SHARD_NAME

_TEMPLATE = Path(__file__).parent / "templates" / "dataset_card.md.jinja"
_SIZE_CATEGORIES = {10**3: "n<1K", 10**4: "1K<n<10K", 10**5: "10K<n<100K", 10**6: "100K<n<1M", 10**7: "1M<n<10M"}


@dataclass(frozen=True)
class CardConfig:
    """A configuration of the data set.

    Attributes:
        name: as given to `load_dataset`.
        subfolder: where its shards are.
        description: one sentence, or nothing.
        column_meanings: what each column holds, with its unit.
    """

    name: str = "default"
    subfolder: str = "data"
    description: str = ""
    column_meanings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DatasetCardContent:
    """What the files do not tell.

    Attributes:
        title: of the data set.
        summary: a paragraph.
        how_made: a paragraph or more.
        citation: BibTeX.
        license: identifier of the Hub, such as `apache-2.0`; `other` where sources differ.
        sources: source → its licence, in words.
        configs: the first is the default.
        dropped: reason → how many were left out for it.
        limits: sentences on what the data are not good for.
        task_categories: of the Hub's list.
        tags: free words.
    """

    title: str
    summary: str
    how_made: str
    citation: str
    license: str
    sources: Mapping[str, str]
    configs: tuple[CardConfig, ...] = (CardConfig(),)
    dropped: Mapping[str, int] = field(default_factory=dict)
    limits: tuple[str, ...] = ()
    task_categories: tuple[str, ...] = ("other",)
    tags: tuple[str, ...] = ("human-activity-recognition", "imu", "time-series")


@dataclass(frozen=True)
class _Split:
    name: str
    rows: int
    hours: float | None
    bytes: int
    memory_bytes: int


def write_card(folder: Path, content: DatasetCardContent, repository: str | None = None) -> Path:
    """Write `README.md` beside the shards of `shards.write_split`; with its YAML header `load_dataset` finds them.

    Columns, counts, hours (where rows have `start` and `end`) and sizes are read from the shards; `preview.png` is
    shown where the folder has one. The same folder and content give the same bytes.

    Args:
        folder: of the data set.
        content: the rest.
        repository: name for the example; the folder's name if not given.

    Raises:
        FileNotFoundError: a configuration has no shards.
    """
    configs = [(config, _read_splits(folder, config)) for config in content.configs]
    infos = DatasetInfosDict({config.name: _dataset_info(folder, config, splits) for config, splits in configs})
    described = [
        {
            "name": config.name,
            "description": config.description,
            "splits": splits,
            "columns": _columns(infos[config.name].features, config.column_meanings),
        }
        for config, splits in configs
    ]
    card = DatasetCard.from_template(
        _card_data(folder, content, configs, infos),
        template_path=str(_TEMPLATE),
        card=content,
        configs=described,
        has_hours=any(split.hours is not None for _, splits in configs for split in splits),
        has_preview=(folder / "preview.png").is_file(),
        repository=repository or folder.resolve().name,
    )
    return write_atomically(folder / "README.md", str(card).encode())


def _card_data(
    folder: Path, content: DatasetCardContent, configs: list[tuple[CardConfig, list[_Split]]], infos: DatasetInfosDict
) -> DatasetCardData:
    rows = sum(split.rows for _, splits in configs for split in splits)
    data = DatasetCardData(
        pretty_name=content.title,
        license=content.license,
        task_categories=list(content.task_categories),
        tags=list(content.tags),
        size_categories=[next((name for limit, name in _SIZE_CATEGORIES.items() if rows < limit), "n>10M")],
        configs=[
            {
                "config_name": config.name,
                **({"default": True} if config == content.configs[0] else {}),
                # `datasets` caches a folder by this header alone: other rows need another header
                "description": f"{config.description} [{_content_digest(folder, config)}]".strip(),
                "data_files": [
                    {"split": split.name, "path": f"{config.subfolder}/{split.name}-*.parquet"} for split in splits
                ],
            }
            for config, splits in configs
        ],
    )
    infos.to_dataset_card_data(data)
    told = data["dataset_info"]  # a mapping if there is one configuration only
    for info in told if isinstance(told, list) else [told]:
        # `datasets` 3.6 knows lists by their older name only
        info["features"] = [
            {"sequence" if key == "list" else key: value for key, value in feature.items()}
            for feature in info["features"]
        ]
    return data


def _content_digest(folder: Path, config: CardConfig) -> str:
    """12 hexadecimal digits that change with the shards."""
    digest = hashlib.sha256()
    for path in sorted((folder / config.subfolder).glob("*.parquet")):
        digest.update(f"{path.name} {content_hash(path)}".encode())
    return digest.hexdigest()[:12]


def _read_splits(folder: Path, config: CardConfig) -> list[_Split]:
    """Splits of a configuration, those for training first."""
    shards: dict[str, list[Path]] = {}
    for path in sorted((folder / config.subfolder).glob("*.parquet")):
        if match := SHARD_NAME.fullmatch(path.name):
            shards.setdefault(match["split"], []).append(path)
    if not shards:
        raise FileNotFoundError(f"{folder / config.subfolder} holds no shards of the configuration {config.name!r}")
    order = ["train", "validation", "test"]
    names = sorted(shards, key=lambda name: (order.index(name) if name in order else len(order), name))
    return [_read_split(name, shards[name]) for name in names]


def _read_split(name: str, paths: list[Path]) -> _Split:
    metadata = [pq.read_metadata(path) for path in paths]
    return _Split(
        name=name,
        rows=sum(part.num_rows for part in metadata),
        hours=_hours(paths),
        bytes=sum(path.stat().st_size for path in paths),
        memory_bytes=sum(
            part.row_group(group).total_byte_size for part in metadata for group in range(part.num_row_groups)
        ),
    )


def _hours(paths: list[Path]) -> float | None:
    if not {"start", "end"} <= set(pq.read_schema(paths[0]).names):
        return None
    clips = pq.read_table(paths, columns=["start", "end"])
    return pc.sum(pc.subtract(clips["end"], clips["start"])).as_py() / 3600


def _dataset_info(folder: Path, config: CardConfig, splits: list[_Split]) -> datasets.DatasetInfo:
    shard = next((folder / config.subfolder).glob(f"{splits[0].name}-*.parquet"))
    return datasets.DatasetInfo(
        config_name=config.name,
        features=datasets.Features.from_arrow_schema(pq.read_schema(shard)),
        splits=datasets.SplitDict(
            {
                split.name: datasets.SplitInfo(split.name, num_bytes=split.memory_bytes, num_examples=split.rows)
                for split in splits
            }
        ),
        download_size=sum(split.bytes for split in splits),
        dataset_size=sum(split.memory_bytes for split in splits),
    )


def _columns(features: datasets.Features, meanings: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"name": name, "type": type_name(feature), "meaning": meanings.get(name, "")}
        for name, feature in features.items()
    ]


def type_name(feature: Any) -> str:
    """A feature of `datasets` in words."""
    match feature:
        case datasets.Array2D() | datasets.Array3D():
            shape = ", ".join("time" if size is None else str(size) for size in feature.shape)
            return f"{feature.dtype} `({shape})`"
        case datasets.ClassLabel():
            return f"one of {feature.num_classes} classes"
        case datasets.Value():
            return feature.dtype
        case _:
            return f"list of {type_name(feature.feature)}"
