"""`load_dataset("fimad")` without a folder: the library's search for data sets, taught the names of this package.

`datasets` 4 dropped loading scripts and offers no way to register a builder. Its table of packaged modules would take
one (`datasets.packaged_modules`), but then every call searches the working directory for data files: it fails in an
empty one, takes long in a large one, ties the cache to whatever lies there, and passes over a published folder. So
the function that finds a data set is wrapped, which has had one name and signature since `datasets` 1.
"""

import functools
import hashlib
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

BUILDERS = {
    "csv_folder": "dataset_scripts.csv_folder.csv_folder",
    "fimad": "dataset_scripts.fimad.fimad",
    "imu_corpora": "dataset_scripts.imu_corpora.imu_corpora",
    "metamotion_barbell": "dataset_scripts.metamotion_barbell.metamotion_barbell",
    "mhealth": "dataset_scripts.mhealth.mhealth",
    "mm_fit": "dataset_scripts.mm_fit.mm_fit",
    "motionsense": "dataset_scripts.motionsense.motionsense",
    "muvr": "dataset_scripts.muvr.muvr",
    "myogym": "dataset_scripts.myogym.myogym",
    "utd_mhad": "dataset_scripts.utd_mhad.utd_mhad",
}
_SEARCH = "dataset_module_factory"


def register() -> None:
    """Make `load_dataset("fimad")`, `load_dataset("motionsense", data_dir=…)` and the other names in `BUILDERS` work.

    A published folder of that name in the working directory (one with a README.md) goes first. Calling it again
    changes nothing. Tested with `datasets` 3.6 and 5.2.

    Raises:
        RuntimeError: this version of `datasets` finds data sets in another way.
    """
    import datasets.inspect
    import datasets.load

    _require_search(datasets.load, datasets.__version__)
    for module in (datasets.load, datasets.inspect):
        find = getattr(module, _SEARCH)
        if not hasattr(find, "knows_builders"):
            setattr(module, _SEARCH, _with_builders(find))


def _require_search(load: types.ModuleType, version: str) -> None:
    if not (
        callable(getattr(load, _SEARCH, None))
        and hasattr(load, "DatasetModule")
        and _SEARCH in load.load_dataset_builder.__code__.co_names
    ):
        raise RuntimeError(
            f"datasets {version} no longer calls datasets.load.{_SEARCH}, so names cannot be registered; this works "
            "with datasets 3.6 to 5.2. Publish it (`python -m dataset_scripts.publish fimad --output fimad/`) and "
            "load the folder, or use the builder: `from dataset_scripts.fimad.fimad import Fimad`"
        )


def _with_builders(find: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(find)
    def find_builder(path: str, *args: Any, **kwargs: Any) -> Any:
        if path not in BUILDERS or (Path(path) / "README.md").is_file():
            return find(path, *args, **kwargs)
        from datasets.load import DatasetModule

        return DatasetModule(BUILDERS[path], _source_hash(BUILDERS[path]), {"dataset_name": path})

    find_builder.knows_builders = True  # type: ignore[attr-defined]
    return find_builder


def _source_hash(module: str) -> str:
    """Part of the cache's path: changed code of the builder, or beside it, builds anew."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted([*package.glob("*.py"), *(package / module.split(".")[1]).rglob("*.py")]):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
