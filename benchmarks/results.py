"""Where benchmarks find data and leave results."""

import json
import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dataset_scripts.files import write_atomically

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "results"

# Folder with the original files, one folder per dataset.
DATA_ROOT = Path(os.environ.get("MUJO_DATA", ROOT.parent / "shared" / "data"))


def write_json(file: Path, content: dict) -> None:
    """Write `content` as JSON; a reader never sees half of it."""
    write_atomically(file, (json.dumps(content, indent=1) + "\n").encode())


def read_json(name: str, folder: Path = RESULTS) -> dict:
    """The content of a file of `results/`, or of another folder."""
    return json.loads((folder / name).read_text(encoding="utf-8"))


def processor_name() -> str:
    """The model of the processor where the system tells it (Linux), else its architecture."""
    information = Path("/proc/cpuinfo")
    text = information.read_text(encoding="utf-8") if information.exists() else ""
    model = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return model[1] if model else platform.machine()


def mean_and_spread(values: Sequence[float]) -> dict[str, float]:
    """Mean and sample standard deviation."""
    return {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1)) if len(values) > 1 else 0.0}
