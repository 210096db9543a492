# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""Recordings, poses and words → the tensors of the joint model, in one call; and their embeddings."""

from typing import Any

import torch
from transformers import BatchFeature, ProcessorMixin

from .pose_extraction_mujo import MujoPoseFeatureExtractor
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
    Feature extractors and tokenizer of [`MujoModel`].

    The mask of the recordings is `imu_attention_mask`, that of the poses `pose_attention_mask`; `attention_mask` is
    always that of the words. Poses are read by a [`MujoPoseFeatureExtractor`], which has nothing to be set.

    Args:
        feature_extractor ([`MujoImuFeatureExtractor`]): turns recordings into tensors.
        tokenizer ([`PreTrainedTokenizerBase`]): that of the model's text encoder.
    """

    def __init__(self, feature_extractor: Any, tokenizer: Any):
        super().__init__(feature_extractor, tokenizer)
        self.poses = MujoPoseFeatureExtractor()

    @property
    def model_input_names(self) -> list[str]:
        """What [`MujoModel.forward`] takes of a call's output."""
        extractors = (self.feature_extractor, self.poses)
        return [name for one in extractors for name in one.model_input_names] + ["input_ids", "attention_mask"]

    def __call__(
        self,
        recordings: Any = None,
        text: str | list[str] | None = None,
        poses: Any = None,
        return_tensors: str | None = None,
        **described: Any,
    ) -> BatchFeature:
        r"""
        Convert recordings or poses, words, or both.

        Args:
            recordings: one recording or a list, see [`MujoImuFeatureExtractor.__call__`], or
            poses: the pose of one recording or a list, see [`MujoPoseFeatureExtractor.__call__`].
            text: one text or a list; padded to the longest, cut at 128 tokens.
            return_tensors: `"pt"` or `"np"` (the default).
            described: the other arguments of the extractor that recordings or poses go to.

        Returns:
            [`BatchFeature`] with the extractor's fields, and **input_ids** and **attention_mask** `(texts, tokens)`.

        Raises:
            ValueError: nothing given, recordings and poses at once, text that is not words, a description of nothing,
                or anything that the feature extractor refuses.
        """
        if recordings is None and poses is None and text is None:
            raise ValueError("got neither recordings, poses nor text: give at least one of them")
        if recordings is not None and poses is not None:
            raise ValueError("recordings and poses are described in different words: give them in two calls")
        features: dict[str, Any] = {}
        if recordings is not None:
            features.update(self.feature_extractor(recordings, return_tensors=return_tensors or "np", **described))
        elif poses is not None:
            features.update(self.poses(poses, return_tensors=return_tensors or "np", **described))
        elif described:
            raise ValueError(f"{short(list(described))} describe recordings or poses, and none are given")
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
    def embed(
        self, model: Any, recordings: Any = None, text: Any = None, poses: Any = None, **described: Any
    ) -> torch.Tensor:
        r"""
        Embeddings in the joint space; the product of two of them is their cosine similarity.

        Args:
            model ([`MujoModel`]): the model that this processor belongs to, in evaluation mode.
            recordings, text, poses: as in a call; one of the three.
            described: the other arguments of the extractor that recordings or poses go to.

        Returns:
            `(recordings, windows or texts, projection_dim)`, L2-normalised, on the CPU.

        Raises:
            ValueError: not exactly one of `recordings`, `text` and `poses` given, a model in training mode, or
                anything that a call refuses.
        """
        if sum(given is not None for given in (recordings, text, poses)) != 1:
            raise ValueError("give either recordings, poses or text: each has its own embeddings")
        if model.training:
            raise ValueError("the model is in training mode, where dropout makes embeddings random: call model.eval()")
        features = self(recordings, text, poses, return_tensors="pt", **described)
        inputs = {name: features[name].to(model.device) for name in self.model_input_names if name in features}
        output = model(**inputs)
        (embeds,) = (one for one in (output.imu_embeds, output.text_embeds, output.pose_embeds) if one is not None)
        return embeds.cpu()


__all__ = ["MujoProcessor"]
