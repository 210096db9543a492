# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""What Hugging Face Inference Endpoints run of this repository: JSON in, JSON out, an error object for what is wrong.

It lies beside the weights and uses nothing but the code beside them. No text of a request is read as a path or an
address: in `inputs` it is the base64 of a CSV or Parquet file.
"""

import base64
import json
import logging
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import (
    AutoFeatureExtractor,
    AutoModel,
    AutoModelForAudioClassification,
    AutoTokenizer,
)
from transformers.dynamic_module_utils import get_class_from_dynamic_module

logger = logging.getLogger(__name__)

# Of one request. The first is seconds × sensors × rate in Hz (at least 50): an hour of one sensor at 50 Hz.
MAX_SAMPLES = 200_000
MAX_TEXT = 32 * 2**20  # characters of base64, 24 MiB of files
MAX_SENSORS = 18
MAX_LABELS = 100
MAX_TEMPLATES = 3

# By architecture: what `parameters` may hold beside the description of the recording.
_PARAMETERS: dict[str, tuple[str, ...]] = {
    "MujoImuModel": ("view",),
    "MujoForImuClassification": ("top_k", "timeline"),
    "MujoModel": ("candidate_labels", "hypothesis_template", "top_k", "timeline"),
}
_WINDOWS = ("window_seconds", "hop_seconds")
_VIEWS = ("pooler_output", "embeds")
_BATCH_SIZE = 16

# Long parameters and the length of their rows; the others are checked where they are used.
_SIGNALS = {"timestamps": 0, "gravity_vector": 3}


class EndpointHandler:
    """
    Answers requests with the model of a folder: an IMU encoder's embeddings, a classifier's or joint model's timeline.

    Args:
        path: the repository's folder.

    Raises:
        ValueError: the folder's model reads no recordings.
    """

    def __init__(self, path: str = ""):
        folder = Path(path).resolve()
        architecture = json.loads((folder / "config.json").read_text(encoding="utf-8"))["architectures"][0]
        if architecture not in _PARAMETERS:
            raise ValueError(f"{architecture} reads no recordings: expected one of {list(_PARAMETERS)}")
        description: Any = get_class_from_dynamic_module("inputs_mujo.DESCRIPTION", str(folder))
        self.allowed = (*description, *_WINDOWS, *_PARAMETERS[architecture])
        load = _load_encoder if architecture == "MujoImuModel" else _load_pipeline
        self.answer = load(str(folder), architecture)

    def __call__(self, data: Any) -> dict[str, Any]:
        """
        Answer one request.

        Args:
            data: `{"inputs": recording, "parameters": {...}}`, as docs/endpoint.md of the project describes it.

        Returns:
            `{"timeline": [...], "warnings": [...]}`, of an encoder `{"embeddings": [...], "warnings": [...]}`; where
            the request is at fault `{"error": message, "status": 400}`, where the server is `{..., "status": 500}`.
        """
        try:
            recording, parameters = read_body(data, self.allowed)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                answer = self.answer(recording, parameters)
        except ValueError as error:
            return {"error": str(error), "status": 400}
        except Exception:
            incident = uuid.uuid4().hex
            logger.exception("request %s failed", incident)
            return {"error": f"internal error, in the log as {incident}", "status": 500}
        said = [str(warning.message) for warning in caught if warning.category.__name__ == "UnitWarning"]
        return {**answer, "warnings": said}


def read_body(data: Any, allowed: tuple[str, ...]) -> tuple[Any, dict[str, Any]]:
    """Recording and parameters of a request, numbers as arrays and files as bytes; ValueError says what is wrong."""
    if not isinstance(data, dict) or "inputs" not in data or set(data) - {"inputs", "parameters"}:
        raise ValueError('a request is {"inputs": recording, "parameters": {...}} and holds nothing else')
    parameters = data.get("parameters")
    parameters = {} if parameters is None else parameters
    if not isinstance(parameters, dict):
        raise ValueError('"parameters" must be an object, as in {"sampling_rate": 50}')
    unknown = [str(name)[:100] for name in parameters if name not in allowed]
    if unknown:
        raise ValueError(f"unknown parameters {unknown[:10]}: expected some of {list(allowed)}")
    parameters = {name: value for name, value in parameters.items() if value is not None}
    for name, most in (("candidate_labels", MAX_LABELS), ("hypothesis_template", MAX_TEMPLATES)):
        if isinstance(parameters.get(name), list) and len(parameters[name]) > most:
            raise ValueError(f"{len(parameters[name])} texts in {name}: expected at most {most}")
    for name in _SIGNALS.keys() & parameters.keys():
        parameters[name] = _by_placement(
            parameters[name], name, lambda value, name: _block(value, name, _SIGNALS[name])
        )
    inputs = data["inputs"]
    texts = [value for value in (inputs.values() if isinstance(inputs, dict) else [inputs]) if isinstance(value, str)]
    if sum(map(len, texts)) > MAX_TEXT:
        raise ValueError(f"inputs have {sum(map(len, texts))} characters: expected at most {MAX_TEXT}")
    # As "data", no placement of the client's can be taken for a description.
    return {"data": _by_placement(inputs, "inputs", _recording)}, parameters


def _by_placement(value: Any, name: str, read: Callable[[Any, str], Any]) -> Any:
    if not isinstance(value, dict):
        return read(value, name)
    if not 1 <= len(value) <= MAX_SENSORS:
        raise ValueError(f"{name} holds {len(value)} sensors: expected 1 to {MAX_SENSORS}")
    return {placement: read(part, name) for placement, part in value.items()}


def _recording(value: Any, name: str) -> Any:
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except ValueError as error:
            raise ValueError(
                f"a text in {name} must be the base64 of a CSV or Parquet file, never a path or an address: {error}"
            ) from error
    if not (isinstance(value, list) and value and isinstance(value[0], list)):
        raise ValueError(
            f"{name} must be rows [[ax, ay, az], ...] or [[ax, ay, az, gx, gy, gz], ...], the base64 of a CSV or "
            "Parquet file, or an object from placement to one of these; one recording to a request"
        )
    return _block(value, name, 6 if len(value[0]) == 6 else 3)


def _block(values: Any, name: str, width: int) -> np.ndarray:
    """Numbers `(time,)`, or `(time, width)` where there is a width; null is a missing sample."""
    if not isinstance(values, list) or not 1 <= len(values) <= MAX_SAMPLES:
        raise ValueError(f"{name} must be a list of 1 to {MAX_SAMPLES} samples")
    rows = values if width else [values]
    for row in rows:
        if not isinstance(row, list) or (width and len(row) != width):
            raise ValueError(f"every sample of {name} must be a list of {width} numbers")
        if not all(type(value) in (int, float) or value is None for value in row):
            raise ValueError(f"{name} must hold numbers, and null where a sample is missing: no texts, true or false")
    try:
        return np.array(values, dtype=np.float64)
    except OverflowError as error:
        raise ValueError(f"{name} holds a whole number that is beyond any reading") from error


def _load_encoder(folder: str, architecture: str) -> Callable[[Any, dict[str, Any]], dict[str, Any]]:
    extractor = AutoFeatureExtractor.from_pretrained(folder, trust_remote_code=True)
    model = AutoModel.from_pretrained(folder, trust_remote_code=True).eval().to(_device())
    cut_windows: Any = get_class_from_dynamic_module("inputs_mujo.cut_windows", folder)

    @torch.no_grad()
    def embed(recording: Any, parameters: dict[str, Any]) -> dict[str, Any]:
        view = parameters.pop("view", "pooler_output")
        if view not in _VIEWS:
            raise ValueError(f"view must be one of {list(_VIEWS)}")
        cut = {name: parameters.pop(name, None) for name in _WINDOWS}
        windows = cut_windows(extractor, recording, parameters, **cut, max_samples=MAX_SAMPLES)
        batches = windows.batches(_BATCH_SIZE, model.device)
        vectors = torch.cat([model(**batch)[view].float().cpu() for batch in batches]).tolist()
        ends = np.minimum(windows.starts + windows.length, windows.recording_length)
        times = np.stack([windows.starts, ends], axis=1) / extractor.sampling_rate
        return {
            "embeddings": [
                {"start": start, "end": end, "embedding": vector}
                for (start, end), vector in zip(times.round(3).tolist(), vectors, strict=True)
            ]
        }

    return embed


def _load_pipeline(folder: str, architecture: str) -> Callable[[Any, dict[str, Any]], dict[str, Any]]:
    zero_shot = architecture == "MujoModel"
    name = "ZeroShotImuClassificationPipeline" if zero_shot else "ImuClassificationPipeline"
    pipeline_class: Any = get_class_from_dynamic_module(f"pipeline_mujo.{name}", folder)
    auto_class = AutoModel if zero_shot else AutoModelForAudioClassification
    pipeline = pipeline_class(
        model=auto_class.from_pretrained(folder, trust_remote_code=True),
        feature_extractor=AutoFeatureExtractor.from_pretrained(folder, trust_remote_code=True),
        tokenizer=AutoTokenizer.from_pretrained(folder, trust_remote_code=True) if zero_shot else None,
        device=_device(),
        batch_size=_BATCH_SIZE,
        max_samples=MAX_SAMPLES,
    )
    return lambda recording, parameters: {"timeline": pipeline(recording, **parameters)}


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"
