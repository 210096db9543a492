"""What a repository needs to be run by Hugging Face Inference Endpoints: handler, requirements, the code they use."""

import json
import shutil
from pathlib import Path

from transformers.dynamic_module_utils import get_relative_import_files

import modeling_mujo

_CODE = Path(modeling_mujo.__file__).parent
_HERE = Path(__file__).parent

# Models that read recordings, and what their handler calls.
_ENTRY = {
    "MujoImuModel": "inputs_mujo.py",
    "MujoForImuClassification": "pipeline_mujo.py",
    "MujoModel": "pipeline_mujo.py",
}


def write_endpoint(folder: Path) -> list[Path]:
    """
    Put `handler.py`, `requirements.txt` and the code they use beside the weights in `folder`.

    Code that the folder carries already is replaced by this checkout's, so that all of it fits together; check the
    folder against its reference afterwards. Run again, it changes nothing.

    Args:
        folder: of a saved model, with its feature extractor (and for a joint model its tokenizer).

    Returns:
        The files written; none where the model reads no recordings, as a pose encoder.

    Raises:
        ValueError: the folder holds no model.
    """
    config = folder / "config.json"
    if not config.is_file():
        raise ValueError(f"{folder} holds no model: expected a config.json")
    architectures = json.loads(config.read_text(encoding="utf-8")).get("architectures") or [None]
    entry = _ENTRY.get(architectures[0])
    if entry is None:
        return []
    names = {entry, *(Path(file).name for file in get_relative_import_files(_CODE / entry))}
    names |= {file.name for file in folder.glob("*_mujo.py") if (_CODE / file.name).is_file()}
    sources = [_HERE / "handler.py", _HERE / "requirements.txt", *(_CODE / name for name in sorted(names))]
    return [Path(shutil.copyfile(source, folder / source.name)) for source in sources]


__all__ = ["write_endpoint"]
