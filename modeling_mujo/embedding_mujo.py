# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""A MuJo encoder as a scikit-learn transformer: recordings → feature vectors for any classifier."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from transformers import AutoConfig, AutoFeatureExtractor, AutoModel

try:
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
    from sklearn.utils.validation import check_is_fitted
except ImportError as error:
    raise ImportError("MujoEmbedder needs scikit-learn: pip install scikit-learn") from error

from .inputs_mujo import MAX_SAMPLES, check_whole_number, cut_windows

_VIEWS = ("pooler_output", "embeds")


class MujoEmbedder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    r"""
    One feature vector per recording: the mean of its windows' vectors by a pretrained IMU encoder.

    ```python
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler

    >>> embedder = MujoEmbedder("imu-encoder", sampling_rate=100, acceleration_unit="g", gravity="included")
    >>> classifier = make_pipeline(embedder, StandardScaler(), LogisticRegression(max_iter=1000))
    >>> classifier.fit(recordings, labels).predict(new_recordings)  # doctest: +SKIP

    ```

    To measure, split by person (`GroupKFold`), never by recording.

    Args:
        model (`str`): folder or Hub id of an IMU encoder, a joint model (its IMU encoder is used) or a classifier (its
            encoder is used).
        sampling_rate, acceleration_unit, gyroscope_unit, gravity, placement: what holds for all recordings, see
            [`MujoImuFeatureExtractor.__call__`]; a recording given as a dictionary with `"data"` may say otherwise.
        window_seconds, hop_seconds: windows within a recording; by default the extractor's, else 4 s and half of it.
        view (`str`): `"pooler_output"`, the wider vector before the projection (for classifiers), or `"embeds"`, the
            joint space (for comparing with words).
        batch_size (`int`): windows per forward pass.
        device (`str`): where the encoder runs.
        max_samples (`int`): longest recording, as seconds × sensors × rate in Hz.
    """

    def __init__(
        self,
        model: str | os.PathLike,
        *,
        sampling_rate: float | None = None,
        acceleration_unit: str | None = None,
        gyroscope_unit: str | None = None,
        gravity: str | None = None,
        placement: Any = None,
        window_seconds: float | None = None,
        hop_seconds: float | None = None,
        view: str = "pooler_output",
        batch_size: int = 64,
        device: str = "cpu",
        max_samples: int = MAX_SAMPLES,
    ):
        self.model = model
        self.sampling_rate = sampling_rate
        self.acceleration_unit = acceleration_unit
        self.gyroscope_unit = gyroscope_unit
        self.gravity = gravity
        self.placement = placement
        self.window_seconds = window_seconds
        self.hop_seconds = hop_seconds
        self.view = view
        self.batch_size = batch_size
        self.device = device
        self.max_samples = max_samples

    def fit(self, X: Any, y: Any = None) -> "MujoEmbedder":
        """Load the encoder; nothing is learned from `X` and `y`."""
        if self.view not in _VIEWS:
            raise ValueError(f"view must be one of {list(_VIEWS)}, got {self.view!r}")
        check_whole_number("batch_size", self.batch_size)
        check_whole_number("max_samples", self.max_samples)
        self.feature_extractor_ = AutoFeatureExtractor.from_pretrained(self.model)
        self.encoder_ = _load_encoder(self.model).to(self.device).eval()
        config = self.encoder_.config
        self._n_features_out = config.projection_dim if self.view == "embeds" else config.pooler_output_size
        return self

    @torch.no_grad()
    def transform(self, X: Any) -> np.ndarray:
        r"""
        Args:
            X: a list, or an array `(recordings, time, 3 or 6)`. A recording is anything that
                [`ImuClassificationPipeline`] takes: an array, data frame, path, bytes or dictionary.

        Returns:
            `(recordings, features)` float32: `pooler_output_size` features for `"pooler_output"`, `projection_dim` for
            `"embeds"` (L2-normalised after the mean).

        Raises:
            ValueError: `X` is no sequence of recordings, or one of them cannot be used (its index is named).
            NotFittedError: `fit` was not called.
        """
        check_is_fitted(self, "encoder_")
        if not (isinstance(X, (Sequence, np.ndarray)) and not isinstance(X, (str, bytes))) or len(X) == 0:
            raise ValueError(
                f"X must be a list of recordings or an array (recordings, time, 3 or 6), at least one, got {type(X)}. "
                "(Put a single recording into a list.)"
            )
        return np.stack([self._embed(index, recording) for index, recording in enumerate(X)])

    def _embed(self, index: int, recording: Any) -> np.ndarray:
        names = ("sampling_rate", "acceleration_unit", "gyroscope_unit", "gravity", "placement")
        try:
            windows = cut_windows(
                self.feature_extractor_,
                recording,
                {name: getattr(self, name) for name in names},
                self.window_seconds,
                self.hop_seconds,
                self.max_samples,
            )
        except ValueError as error:
            raise ValueError(f"recording {index}: {error}") from error
        batches = windows.batches(self.batch_size, self.device)
        mean = torch.cat([self.encoder_(**batch)[self.view].float().cpu() for batch in batches]).mean(0)
        return (torch.nn.functional.normalize(mean, dim=0) if self.view == "embeds" else mean).numpy()


def _load_encoder(model: str | os.PathLike) -> Any:
    model_type = AutoConfig.from_pretrained(model).model_type
    if model_type not in ("mujo", "mujo_imu"):
        raise ValueError(f"{model} is a {model_type!r} model: expected an IMU encoder, a joint model or a classifier")
    loaded = AutoModel.from_pretrained(model)
    return loaded.imu_model if model_type == "mujo" else loaded


__all__ = ["MujoEmbedder"]
