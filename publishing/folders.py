"""What a folder holds that may go to the Hub, and what in it must not."""

import json
import pickletools
from pathlib import Path

from huggingface_hub import metadata_load

WEIGHTS = "model.safetensors"
IMU_ENCODER, POSE_ENCODER = "imu-encoder", "pose-encoder"
KINDS = {"models": "model", "datasets": "dataset", "space": "space"}
PICKLE_SUFFIXES = {".bin", ".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth"}


def find_folders(roots: list[Path], what: list[str]) -> list[tuple[str, Path]]:
    """(`"model"`, `"dataset"` or `"space"`, folder) of each root and its subfolders, in the order of their names.

    Args:
        roots: folders that are one or hold some.
        what: of `KINDS`.

    Raises:
        ValueError: a root is not there or holds nothing of `what`.
    """
    found = []
    for root in roots:
        candidates = [root, *sorted(root.iterdir())] if root.is_dir() else []
        wanted = {KINDS[name] for name in what}
        kinds = [(kind, folder) for folder in candidates if (kind := _kind(folder)) in wanted]
        if not kinds:
            raise ValueError(
                f"{root} holds none of: {', '.join(what)}. A model is a folder with config.json and {WEIGHTS}, a data "
                "set one that `python -m dataset_scripts.publish` wrote (README.md and Parquet), a Space one that "
                "`make space` wrote (README.md with `sdk: static`, index.html)"
            )
        found += kinds
    return found


def _kind(folder: Path) -> str:
    """One of `KINDS`, or nothing."""
    card = folder / "README.md"
    if (folder / "config.json").is_file() and (folder / WEIGHTS).is_file():
        return "model"
    if card.is_file() and any(folder.glob("*/*.parquet")):
        return "dataset"
    if (folder / "index.html").is_file() and card.is_file() and (metadata_load(card) or {}).get("sdk") == "static":
        return "space"
    return ""


def published_files(folder: Path) -> list[Path]:
    """Files that go to the Hub: all but hidden ones, sorted."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def check_files(folder: Path) -> None:
    """Refuse what would run on, or tell too much to, people who load the folder.

    Raises:
        ValueError: the folder holds a pickle, a link, or a config that names a folder of this machine.
    """
    for path in published_files(folder):
        if path.is_symlink():
            raise ValueError(f"{path} is a link: put the file itself there")
        if path.suffix in PICKLE_SUFFIXES or _is_pickle(path):
            raise ValueError(
                f"{path} is a pickle, which runs code when loaded: save weights as safetensors, or remove it"
            )
        if path.suffix == ".json":
            for name in _names(json.loads(path.read_text(encoding="utf-8"))):
                if Path(name).is_absolute():
                    raise ValueError(
                        f"{path} names a folder of this machine, {name}: put an id of the Hub there, or nothing"
                    )


def _is_pickle(path: Path) -> bool:
    with open(path, "rb") as stream:
        if stream.read(1) != b"\x80":  # how protocol 2 and later begin
            return False
        stream.seek(0)
        try:
            next(pickletools.genops(stream))
        except (ValueError, StopIteration):
            return False
        return True


def _names(config: object) -> list[str]:
    """Where a nested config or report says that something lies: `_name_or_path`, `data_dir` and the like."""
    if isinstance(config, list):
        return [name for item in config for name in _names(item)]
    if not isinstance(config, dict):
        return []
    own = [
        value
        for key, value in config.items()
        if isinstance(value, str) and (key == "_name_or_path" or key.endswith("_dir"))
    ]
    return own + [name for item in config.values() for name in _names(item)]
