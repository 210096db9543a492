# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""Recordings → activities over time: the pipelines "imu-classification" and "zero-shot-imu-classification"."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from transformers.pipelines.base import ChunkPipeline

from .inputs_mujo import MAX_SAMPLES, check_described, check_whole_number, cut_windows
from .processing_mujo import MujoProcessor, is_text
from .recordings_mujo import short
from .timeline_mujo import TIMELINES, activity_timeline

_CUTTING = ("window_seconds", "hop_seconds", "max_samples")
_MAX_LABELS = 1000
_MAX_LABEL_LENGTH = 500  # characters
_MAX_TEMPLATES = 20
_TEXTS_PER_BATCH = 64

# The embeddings of a label in these are averaged, as in the zero-shot benchmark.
HYPOTHESIS_TEMPLATES = ("{}", "a person is {}", "exercise: {}")


class MujoImuPipeline(ChunkPipeline):
    """What both pipelines share: reading, windows in batches, the timeline. Not used by itself."""

    _load_processor = False  # type: ignore[assignment]
    _load_image_processor = False  # type: ignore[assignment]
    _load_video_processor = False  # type: ignore[assignment]
    _load_feature_extractor = True  # type: ignore[assignment]
    _load_tokenizer = False  # type: ignore[assignment]

    def __init__(self, *args: Any, batch_size: int = 64, **kwargs: Any):
        super().__init__(*args, batch_size=check_whole_number("batch_size", batch_size), **kwargs)

    model: Any
    feature_extractor: Any

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(inputs, (list, tuple)):
            if not inputs:
                raise ValueError("got an empty list of recordings: expected at least one")
            # The base class looks for chats in lists and would index what is in them; dictionaries it leaves alone.
            inputs = [item if isinstance(item, dict) else {"data": item} for item in inputs]
        return super().__call__(inputs, *args, **kwargs)

    def _sanitize_parameters(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        top_k, timeline = kwargs.pop("top_k", None), kwargs.pop("timeline", None)
        check_described({name: value for name, value in kwargs.items() if name not in _CUTTING})
        if "max_samples" in kwargs:
            check_whole_number("max_samples", kwargs["max_samples"])
        postprocess: dict[str, Any] = {}
        if top_k is not None:
            postprocess["top_k"] = check_whole_number("top_k", top_k)
        if timeline is not None:
            if not isinstance(timeline, str) or timeline not in TIMELINES:
                raise ValueError(f"timeline must be one of {list(TIMELINES)}, got {short(timeline)}")
            postprocess["timeline"] = timeline
        return kwargs, {}, postprocess

    def preprocess(  # type: ignore[override]  # transformers' type is for pipelines without windows
        self,
        recording: Any,
        window_seconds: float | None = None,
        hop_seconds: float | None = None,
        max_samples: int = MAX_SAMPLES,
        **described: Any,
    ) -> Iterator[dict[str, Any]]:
        """The windows of one recording, one by one; the base class makes batches of them."""
        windows = cut_windows(self.feature_extractor, recording, described, window_seconds, hop_seconds, max_samples)
        for row, start in enumerate(windows.starts.tolist()):
            yield {
                **{name: value[row : row + 1] for name, value in windows.inputs.items()},
                "place": torch.tensor([[start, windows.length, windows.hop, windows.recording_length]]),
                "is_last": row == len(windows.starts) - 1,
            }

    def class_logits(self, inputs: dict[str, torch.Tensor], **forward_parameters: Any) -> torch.Tensor:
        """Logits `(windows, labels)` of a batch of the encoder's inputs."""
        raise NotImplementedError

    def _forward(self, input_tensors: dict[str, Any], **forward_parameters: Any) -> Any:
        inputs = {name: input_tensors[name] for name in self.feature_extractor.model_input_names}
        probabilities = self.class_logits(inputs, **forward_parameters).float().softmax(-1)
        return {"probabilities": probabilities, "place": input_tensors["place"], "is_last": input_tensors["is_last"]}

    def postprocess(  # type: ignore[override]
        self, model_outputs: list[dict[str, Any]], labels: Sequence[str], top_k: int = 1, timeline: str = "steps"
    ) -> list[dict[str, Any]]:
        """The timeline of one recording from all its windows."""
        places = torch.cat([output["place"] for output in model_outputs]).numpy()
        _, window, hop, recording_length = places[0].tolist()
        return activity_timeline(
            torch.cat([output["probabilities"] for output in model_outputs]).double().numpy(),
            places[:, 0],
            window,
            hop,
            recording_length,
            labels,
            self.feature_extractor.sampling_rate,
            top_k,
            timeline,
        )


class ImuClassificationPipeline(MujoImuPipeline):
    r"""
    Activities in recordings of wearable sensors, by a fine-tuned [`MujoForImuClassification`].

    ```python
    >>> from transformers import pipeline

    >>> classifier = pipeline("imu-classification", model="my-classifier", trust_remote_code=True)  # doctest: +SKIP
    >>> classifier(
    ...     "recording.csv", sampling_rate=100, acceleration_unit="g", gyroscope_unit="deg/s", gravity="included",
    ...     placement="right_wrist", timeline="merged",
    ... )  # doctest: +SKIP
    [{'start': 0.0, 'end': 34.0, 'label': 'squat', 'score': 0.91}, {'start': 34.0, ...

    ```

    Args of a call, or of `pipeline(...)` as defaults of its calls:
        recordings: one of these, or a list of them, or a generator: an array or tensor `(time, 3 or 6)`; a data frame;
            the path or the bytes of a CSV or Parquet file; a dictionary from placement to one of these; a dictionary
            with one of these as `"data"`, and beside it what is particular to this recording.
        sampling_rate, timestamps, acceleration_unit, gyroscope_unit, gravity, gravity_vector, placement: see
            [`MujoImuFeatureExtractor.__call__`]; nothing is guessed.
        window_seconds: window length; by default the extractor's, else 4 s. One that the model was not trained with
            costs accuracy.
        hop_seconds: distance between windows, from a tenth of the window to all of it; by default the extractor's,
            else half a window.
        top_k: labels per segment (1 by default).
        timeline: `"steps"` (default), `"merged"` (neighbours with the same label are one) or `"whole"` (one answer for
            the whole recording).
        batch_size: windows per forward pass (64 by default), across recordings.
        max_samples: longest recording, as seconds × sensors × rate in Hz, 2,000,000 by default; a rate under 50 Hz
            counts as 50 Hz. For each, a file may have 256 bytes; for 50, there may be a window.

    Returns:
        For each recording a list of `{"start", "end", "label", "score"}`, times in seconds: the mean probabilities of
        all windows that cover a step of one hop, see [`activity_timeline`]. With `top_k` above 1, a segment has one
        dictionary per label, best first. Less than a hop at the end may be left over.

    Raises:
        ValueError: a recording or its description is incomplete, contradictory, too long or cannot be read; or the
            model has no trained head.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        config = self.model.config
        trained = config.architectures or [type(self.model).__name__]
        if "MujoForImuClassification" not in trained:
            raise ValueError(
                f"imu-classification needs a fine-tuned MujoForImuClassification, got the weights of {trained}: their "
                "head would be random. Fine-tune first, or use zero-shot-imu-classification with a joint model"
            )
        if config.problem_type not in (None, "single_label_classification"):
            raise ValueError(f"the model is for {config.problem_type}: expected single_label_classification")

    def _sanitize_parameters(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        preprocess, forward, postprocess = super()._sanitize_parameters(**kwargs)
        names = self.model.config.id2label
        return preprocess, forward, {**postprocess, "labels": [names[index] for index in range(len(names))]}

    def class_logits(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:  # type: ignore[override]
        return self.model(**inputs).logits


class ZeroShotImuClassificationPipeline(MujoImuPipeline):
    r"""
    Activities in recordings of wearable sensors by their names alone, with the joint [`MujoModel`].

    ```python
    >>> from transformers import pipeline

    >>> classifier = pipeline(model="joint", trust_remote_code=True)  # doctest: +SKIP
    >>> classifier(
    ...     recording, candidate_labels=["squat", "rest"], sampling_rate=100, acceleration_unit="g", gravity="included"
    ... )  # doctest: +SKIP
    [{'start': 0.0, 'end': 2.0, 'label': 'squat', 'score': 0.71}, ...

    ```

    Args of a call, or of `pipeline(...)` as defaults of its calls: those of [`ImuClassificationPipeline`], and
        candidate_labels: names of activities, at most 1000, all different.
        hypothesis_template: a text with one `{}` for the label, or up to 20, whose embeddings are averaged. By default
            `"{}"`, `"a person is {}"` and `"exercise: {}"`.

    Returns:
        As [`ImuClassificationPipeline`]; a score is the softmax, over the candidates, of the scaled cosine similarity
        of window and label: it says which candidate fits best, not whether any does.

    Raises:
        ValueError: as [`ImuClassificationPipeline`], or for labels or templates that are none.
    """

    _load_tokenizer = True  # type: ignore[assignment]

    def __init__(
        self,
        *args: Any,
        candidate_labels: Sequence[str] | None = None,
        hypothesis_template: str | Sequence[str] = HYPOTHESIS_TEMPLATES,
        **kwargs: Any,
    ):
        self.candidate_labels = candidate_labels
        self.hypothesis_template = hypothesis_template
        super().__init__(*args, **kwargs)
        if not hasattr(self.model, "text_model"):
            raise ValueError(
                f"zero-shot-imu-classification needs the joint MujoModel, whose text encoder reads the labels; got "
                f"{type(self.model).__name__}"
            )

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if self.candidate_labels is None and kwargs.get("candidate_labels") is None:
            raise ValueError('candidate_labels are missing: pass names of activities, as in ["squat", "rest"]')
        return super().__call__(inputs, *args, **kwargs)

    def _sanitize_parameters(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        labels, templates = kwargs.pop("candidate_labels", None), kwargs.pop("hypothesis_template", None)
        preprocess, forward, postprocess = super()._sanitize_parameters(**kwargs)
        labels = self.candidate_labels if labels is None else labels
        templates = self.hypothesis_template if templates is None else templates
        if labels is not None:
            forward["label_embeds"] = self.embed_labels(_checked_labels(labels), _checked_templates(templates))
            postprocess["labels"] = list(labels)
        return preprocess, forward, postprocess

    @torch.no_grad()
    def embed_labels(self, labels: list[str], templates: list[str]) -> torch.Tensor:
        """`(labels, projection_dim)`, L2-normalised: the mean embedding of each label in all templates."""
        texts = [template.replace("{}", label) for label in labels for template in templates]
        processor = MujoProcessor(self.feature_extractor, self.tokenizer)
        batches = [texts[start : start + _TEXTS_PER_BATCH] for start in range(0, len(texts), _TEXTS_PER_BATCH)]
        embeds = torch.cat([processor.embed(self.model, text=batch) for batch in batches])
        return F.normalize(embeds.unflatten(0, (len(labels), len(templates))).mean(1), dim=-1).to(self.device)

    def class_logits(self, inputs: dict[str, torch.Tensor], label_embeds: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        return self.model.clamped_logit_scale() * self.model.imu_model(**inputs).embeds @ label_embeds.T

    def save_pretrained(self, save_directory: Any, **kwargs: Any) -> None:
        """Save model, extractor, tokenizer, the processor of both, and this pipeline."""
        super().save_pretrained(save_directory, **kwargs)
        MujoProcessor(self.feature_extractor, self.tokenizer).save_pretrained(save_directory)


def _checked_labels(labels: Any) -> list[str]:
    if isinstance(labels, str) or not isinstance(labels, Sequence) or not 1 <= len(labels) <= _MAX_LABELS:
        raise ValueError(f"candidate_labels must be a list of 1 to {_MAX_LABELS} names, got {short(labels)}")
    for label in labels:
        if not is_text(label) or not label.strip() or len(label) > _MAX_LABEL_LENGTH:
            raise ValueError(f"a candidate label is a text of 1 to {_MAX_LABEL_LENGTH} characters, got {short(label)}")
    if len(set(labels)) < len(labels):
        raise ValueError(f"candidate_labels must differ from each other, got {short(labels)}")
    return list(labels)


def _checked_templates(templates: Any) -> list[str]:
    templates = [templates] if isinstance(templates, str) else templates
    if not isinstance(templates, Sequence) or not 1 <= len(templates) <= _MAX_TEMPLATES:
        raise ValueError(
            f"hypothesis_template must be a text or a list of 1 to {_MAX_TEMPLATES} texts, got {short(templates)}"
        )
    for template in templates:
        if not is_text(template) or template.count("{}") != 1 or len(template) > _MAX_LABEL_LENGTH:
            raise ValueError(
                f"a hypothesis_template is a text of up to {_MAX_LABEL_LENGTH} characters with one {{}} for the "
                f"label, got {short(template)}"
            )
    return list(templates)


__all__ = ["HYPOTHESIS_TEMPLATES", "ImuClassificationPipeline", "ZeroShotImuClassificationPipeline"]
