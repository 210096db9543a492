"""Whether a saved model gives, where nothing of ours is installed, what it gave when it was saved."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from training.reference import REFERENCE

_CLEAN_LOAD = Path(__file__).with_name("clean_load.py")


def require_reference(folder: Path) -> Path:
    """The reference of `folder`.

    Raises:
        ValueError: there is none.
    """
    if not (folder / REFERENCE).is_file():
        raise ValueError(
            f"{folder} has no {REFERENCE}: write it where the weights were saved, `python -m training.reference "
            f"{folder}`"
        )
    return folder / REFERENCE


def check_in_clean_process(folder: Path) -> None:
    """Load the folder where nothing of ours is installed and compare with its reference.

    Raises:
        ValueError: there is no reference, the folder does not load, or its embeddings differ.
    """
    require_reference(folder)
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "HF_MODULES_CACHE": cache, "HF_HUB_OFFLINE": "1"}
        done = subprocess.run(
            [sys.executable, "-I", str(_CLEAN_LOAD), str(folder.resolve())],
            cwd=cache,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit status {done.returncode}"
        raise ValueError(f"{folder} does not load as it was saved in a process without this package: {reason}")
