"""The builders as loading scripts of `datasets` 3.6, in an environment of its own (`make datasets3-env`)."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from dataset_scripts.publish import publish

ROOT = Path(__file__).parents[1]
PYTHON = Path(os.environ.get("MUJO_DATASETS3_ENV", ROOT / ".venv-datasets3")) / "bin" / "python"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="datasets 3.6 is not installed: run `make datasets3-env`"),
]

# Prints rows by split, whether streaming gives the same first row, and the columns.
_LOAD = """
import json, sys
import datasets
path, name, settings = json.loads(sys.argv[1])
assert datasets.__version__.startswith("3."), datasets.__version__
loaded = datasets.load_dataset(path, name, **settings)
streamed = datasets.load_dataset(path, name, streaming=True, **settings)
same = all(next(iter(streamed[split])) == loaded[split][0] for split in loaded)
rows = {split: len(loaded[split]) for split in loaded}
print("RESULT" + json.dumps({"rows": rows, "same": same, "columns": list(loaded["train"].features)}))
"""


def load_on_3(tmp_path: Path, path: Path, name: str | None = None, **settings) -> dict:
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "HF_HOME": str(tmp_path / "hf"),
        "HF_HUB_OFFLINE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    ran = subprocess.run(
        [PYTHON, "-c", _LOAD, json.dumps([str(path), name, settings])],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads(ran.stdout.partition("RESULT")[2])


def script(name: str) -> Path:
    return ROOT / "dataset_scripts" / name / f"{name}.py"


def test_fimad_synthetic(tmp_path):
    result = load_on_3(tmp_path, script("fimad"), trust_remote_code=True, clips_per_exercise=2)
    assert result["same"]
    assert result["rows"]["train"] == result["rows"]["validation"] > 100
    assert {"pose", "imu", "video_features", "pose_quality"} <= set(result["columns"])


def test_fimad_of_recordings_and_annotations(shared_data, tmp_path):
    settings = {"trust_remote_code": True}
    recordings = str(shared_data / "motion" / "cmu_exercise")
    assert load_on_3(tmp_path, script("fimad"), "motion", data_dir=recordings, **settings)["rows"] == {"train": 30}
    official = str(shared_data / "fimad_official")
    result = load_on_3(tmp_path, script("fimad"), "annotations", data_dir=official, **settings)
    assert result["rows"] == {"train": 8227, "validation": 1584}
    assert result["same"]


@pytest.mark.parametrize(("name", "rows"), [("motionsense", 360), ("utd_mhad", 861)])
def test_benchmarks(shared_data, tmp_path, name, rows):
    result = load_on_3(tmp_path, script(name), data_dir=str(shared_data / name), trust_remote_code=True)
    assert sum(result["rows"].values()) == rows
    assert result["same"]


def test_what_this_version_publishes(shared_data, tmp_path, monkeypatch):
    """Parquet and cards of the current `datasets`, lists included; and FiMAD's as a folder of videos."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("dataset_scripts.fimad.fimad.EXERCISES", fimad_exercises())
    folder = publish("fimad", tmp_path / "fimad")
    plain = load_on_3(tmp_path, folder)
    assert plain["rows"] == {"train": 16, "validation": 4}
    assert plain["same"]
    assert load_on_3(tmp_path, script("fimad"), "videos", data_dir=str(folder), trust_remote_code=True) == plain
    benchmark = publish("motionsense", tmp_path / "motionsense", data_dir=shared_data / "motionsense")
    assert sum(load_on_3(tmp_path, benchmark)["rows"].values()) == 360


def fimad_exercises():
    from dataset_scripts.fimad.synthesis import EXERCISES

    return EXERCISES[:2]
