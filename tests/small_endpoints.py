"""Folders of tiny models as they are published for Inference Endpoints, and their handlers."""

import importlib.util
from pathlib import Path
from typing import Any

from modeling_mujo import MujoImuFeatureExtractor, MujoImuModel
from publishing.endpoint import write_endpoint
from tests.helpers import tiny_imu_config
from tests.small_pipelines import tiny_classifier, tiny_joint

COLUMNS = ["acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"]


def save_endpoints(folder: Path) -> dict[str, Path]:
    """Folders of an encoder, a classifier and a joint model below `folder`, as they are saved, with the endpoint."""
    joint, processor = tiny_joint()
    parts = {
        "encoder": (MujoImuModel(tiny_imu_config(pretrained_steps=1)), MujoImuFeatureExtractor()),
        "classifier": (tiny_classifier(), MujoImuFeatureExtractor()),
        "joint": (joint, processor.feature_extractor, processor.tokenizer),
    }
    for name, saved in parts.items():
        for part in saved:
            part.save_pretrained(folder / name)
        write_endpoint(folder / name)
    return {name: folder / name for name in parts}


def load_handler(folder: Path) -> Any:
    """The `EndpointHandler` of a folder, imported by path as the inference server does."""
    spec = importlib.util.spec_from_file_location(f"handler_of_{folder.name}", folder / "handler.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.EndpointHandler(str(folder))


def endpoints(folder: Path) -> dict[str, Any]:
    """Handlers by kind of model."""
    return {name: load_handler(path) for name, path in save_endpoints(folder).items()}
