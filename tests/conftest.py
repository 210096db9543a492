"""Tests run offline and without network; those that need the shared recordings skip where the folder is absent."""

import os
from pathlib import Path

import pytest

from benchmarks.results import DATA_ROOT

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real recordings used in development (never part of the product)."""
    if not DATA_ROOT.is_dir():
        pytest.skip(f"real recordings not found at {DATA_ROOT}; set MUJO_DATA")
    return DATA_ROOT
