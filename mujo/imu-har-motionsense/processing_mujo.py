# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""Recordings and words → the tensors of the joint model, in one call; and their embeddings."""

from typing import Any

import torch
from transformers import BatchFeature, ProcessorMixin

from .recordings_mujo import short

_MAX_TOKENS = 128  # longer texts are cut, as in pretraining


def is_text(value: Any) -> bool:
    """Whether `value` is a text that a tokenizer can read: Unicode without lone surrogates, as JSON may hold them."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


class MujoProcessor(ProcessorMixin):
    r"""
    IMU feature extractor and tokenizer of [`MujoModel`].

    The mask of the recordings is `imu_attention_mask`; `attention_mask` is always that of the words.

    Args:
        feature_extractor ([`MujoImuFeatureExtractor`]): turns recordings into tensors.
        tokenizer ([`PreTrainedTokenizerBase`]): that of the model's text encoder.
    """

    def __init__(self, feature_extractor: Any, tokenizer: Any):
        super().__init__(feature_extractor, tokenizer)

    @property
    def model_input_names(self) -> list[str]:
        """What [`MujoModel.forward`] takes of a call's output."""
        return [*self.feature_extractor.model_input_names, "input_ids", "attention_mask"]

    def __call__(
        self,
        recordings: Any = None,
        text: str | list[str] | None = None,
        return_tensors: str | None = None,
        **described: Any,
    ) -> BatchFeature:
        r"""
        Convert recordings, words, or both.

        Args:
            recordings: one recording or a list, see [`MujoImuFeatureExtractor.__call__`].
            text: one text or a list; padded to the longest, cut at 128 tokens.
            return_tensors: `"pt"` or `"np"` (the default).
            described: the other arguments of [`MujoImuFeatureExtractor.__call__`].

        Returns:
            [`BatchFeature`] with the extractor's fields, and **input_ids** and **attention_mask** `(texts, tokens)`.

        Raises:
            ValueError: neither recordings nor text given, text that is not words, a description without recordings, or
                anything that the feature extractor refuses.
        """
        if recordings is None and text is None:
            raise ValueError("got neither recordings nor text: give at least one of them")
        features: dict[str, Any] = {}
        if recordings is not None:
            features.update(self.feature_extractor(recordings, return_tensors=return_tensors or "np", **described))
        elif described:
            raise ValueError(f"{short(list(described))} describe recordings, and none are given")
        if text is not None:
            texts = [text] if isinstance(text, str) else text
            if not isinstance(texts, (list, tuple)) or not texts or not all(is_text(one) for one in texts):
                raise ValueError(f"text must be a string or a list of strings, at least one, got {short(text)}")
            tokens = self.tokenizer(
                list(texts),
                padding=True,
                truncation=True,
                max_length=_MAX_TOKENS,
                return_token_type_ids=False,
                return_tensors=return_tensors or "np",
            )
            features.update(tokens)
        return BatchFeature(features)

    @torch.no_grad()
    def embed(self, model: Any, recordings: Any = None, text: Any = None, **described: Any) -> torch.Tensor:
        r"""
        Embeddings in the joint space; the product of two of them is their cosine similarity.

        Args:
            model ([`MujoModel`]): the model that this processor belongs to, in evaluation mode.
            recordings: as in a call, or
            text: as in a call; one of the two.
            described: the other arguments of [`MujoImuFeatureExtractor.__call__`].

        Returns:
            `(recordings, windows or texts, projection_dim)`, L2-normalised, on the CPU.

        Raises:
            ValueError: not exactly one of `recordings` and `text` given, a model in training mode, or anything that a
                call refuses.
        """
        if (recordings is None) == (text is None):
            raise ValueError("give either recordings or text: each has its own embeddings")
        if model.training:
            raise ValueError("the model is in training mode, where dropout makes embeddings random: call model.eval()")
        features = self(recordings, text, return_tensors="pt", **described)
        inputs = {name: features[name].to(model.device) for name in self.model_input_names if name in features}
        output = model(**inputs)
        return (output.text_embeds if recordings is None else output.imu_embeds).cpu()


__all__ = ["MujoProcessor"]
