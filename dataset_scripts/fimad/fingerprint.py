"""What rows depend on beside the settings of a configuration: the code that makes them and the files it reads."""

import hashlib
from functools import cache
from pathlib import Path

from modeling_mujo import configuration_mujo

_FOLDER = Path(__file__).parent


def fingerprint(data_dir: str | None) -> str:
    """16 hexadecimal digits that change with the code or with a file of `data_dir` (its name, size or time)."""
    digest = hashlib.sha256(_code_digest())
    if data_dir is not None:
        for path in sorted(Path(data_dir).rglob("*")):
            if path.is_file():
                state = path.stat()
                digest.update(f"{path.relative_to(data_dir)}\0{state.st_size}\0{state.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:16]


@cache
def _code_digest() -> bytes:
    """Of the motion, IMU and words of FiMAD, and of the joints and placements. The stages of `videos/` are left out:
    what they make is read from files."""
    sources = [*_FOLDER.glob("*.py"), *_FOLDER.glob("exercises/*.py"), Path(configuration_mujo.__file__)]
    digest = hashlib.sha256()
    for path in sorted(sources, key=lambda path: path.name):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.digest()
