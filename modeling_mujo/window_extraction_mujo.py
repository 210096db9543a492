# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""What the feature extractors have in common: one rate, gaps, and windows of recordings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from transformers import SequenceFeatureExtractor

from .recordings_mujo import FREE_SAMPLES, MOST_PER_SAMPLE, Signal, check_number, check_rate, short
from .resampling_mujo import resample_even, resample_uneven

_MAX_HOP_SECONDS = 86_400.0


@dataclass
class Example:
    """Samples `part` of what was read from the recording with that number."""

    content: Any
    part: slice
    recording: int


class WindowFeatureExtractor(SequenceFeatureExtractor):
    r"""
    Brings recordings to one rate and cuts them into windows.

    Args:
        feature_size (`int`):
            Channels of a signal.
        sampling_rate (`int`, *optional*, defaults to 50):
            Rate of the output in Hz.
        padding_value (`float`, *optional*, defaults to 0.0):
            Value of samples and channels that the masks exclude.
        min_seconds (`float`, *optional*, defaults to 0.5):
            A recording or window needs this much of real samples in at least one signal.
        max_seconds (`float`, *optional*, defaults to 10.0):
            Longest recording or window that the model takes.
        max_gap_seconds (`float`, *optional*, defaults to 0.2):
            Gaps (NaN, or holes between timestamps) up to this length are interpolated, longer ones are masked.
        window_seconds (`float`, *optional*):
            Window length when a call gives none. `None`: a recording is one example.
        hop_seconds (`float`, *optional*):
            Distance between the starts of windows when a call gives none. `None`: the window length.
    """

    def __init__(
        self,
        feature_size: int,
        sampling_rate: int = 50,
        padding_value: float = 0.0,
        min_seconds: float = 0.5,
        max_seconds: float = 10.0,
        max_gap_seconds: float = 0.2,
        window_seconds: float | None = None,
        hop_seconds: float | None = None,
        **kwargs: Any,
    ):
        super().__init__(feature_size=feature_size, sampling_rate=sampling_rate, padding_value=padding_value, **kwargs)
        check_rate(sampling_rate)
        if not 0 < min_seconds <= max_seconds:
            raise ValueError(f"expected 0 < min_seconds <= max_seconds, got {min_seconds} and {max_seconds}")
        if max_gap_seconds < 0:
            raise ValueError(f"max_gap_seconds cannot be negative, got {max_gap_seconds}")
        self.min_seconds = min_seconds
        self.max_seconds = max_seconds
        self.max_gap_seconds = max_gap_seconds
        self.window_seconds = window_seconds
        self.hop_seconds = hop_seconds

    def _cut(
        self,
        recordings: Any,
        described: dict[str, Any],
        read: Callable[[Any, dict[str, Any]], tuple[Any, np.ndarray]],
        window: int,
        hop: int,
    ) -> list[Example]:
        """
        The examples of one recording, or of a list of them.

        Args:
            described: what describes the recordings by name: one value for all, or a list with one per recording.
            read: a recording and its description → content, and mask `(signals, time)` at the rate of the output.
            window, hop: in samples; 0: a recording is one example.

        Raises:
            ValueError: an empty list, a list of another length, or what `read` raises, with the recording's number.
        """
        batched = isinstance(recordings, (list, tuple))
        items = list(recordings) if batched else [recordings]
        if not items:
            raise ValueError("got an empty list of recordings")
        columns = {name: _per_recording(name, value, len(items), batched) for name, value in described.items()}
        examples = []
        for index, recording in enumerate(items):
            try:
                content, mask = read(recording, {name: column[index] for name, column in columns.items()})
                starts = self._starts(mask, window, hop)
            except ValueError as error:
                raise ValueError(f"recording {index}: {error}" if batched else str(error)) from error
            length = window or mask.shape[1]
            examples += [Example(content, slice(start, start + length), index) for start in starts]
        return examples

    def _origins(self, examples: list[Example]) -> dict[str, np.ndarray]:
        """Where windows came from: `window_recording` and, in seconds, `window_start`, both `(batch,)`."""
        return {
            "window_recording": np.array([example.recording for example in examples]),
            "window_start": np.array([example.part.start / self.sampling_rate for example in examples]),
        }

    def _window_lengths(self, window_seconds: float | None, hop_seconds: float | None) -> tuple[int, int]:
        """Window and hop in samples; (0, 0) where a recording is one example."""
        window_seconds = self.window_seconds if window_seconds is None else window_seconds
        hop_seconds = self.hop_seconds if hop_seconds is None else hop_seconds
        if window_seconds is None:
            if hop_seconds is not None:
                raise ValueError(f"hop_seconds={short(hop_seconds)} needs window_seconds")
            return 0, 0
        window_seconds = check_number("window_seconds", window_seconds, self.min_seconds, self.max_seconds)
        hop_seconds = window_seconds if hop_seconds is None else hop_seconds
        hop_seconds = check_number("hop_seconds", hop_seconds, 1 / self.sampling_rate, _MAX_HOP_SECONDS)
        return round(window_seconds * self.sampling_rate), round(hop_seconds * self.sampling_rate)

    def _on_grid(self, signal: Signal, origin: float) -> tuple[int, np.ndarray, np.ndarray]:
        """
        A signal at the rate of the output: first grid point, counted from `origin` in seconds (from its own start
        where it has a rate and no timestamps), values `(time, channels)` without NaN, and mask `(time,)`.
        """
        target = (self.sampling_rate, self.max_gap_seconds)
        if isinstance(signal.clock, float):
            return 0, *resample_even(signal.values, signal.clock, *target)
        return resample_uneven(signal.values, signal.clock, origin, *target)

    def _starts(self, mask: np.ndarray, window: int, hop: int) -> list[int]:
        """First samples of the examples that a recording with this mask `(signals, time)` gives."""
        length = mask.shape[1]
        if not window and length > round(self.max_seconds * self.sampling_rate):
            raise ValueError(
                f"{length / self.sampling_rate:.2f} s are more than the model takes at once ({self.max_seconds} s): "
                "pass window_seconds to cut windows"
            )
        starts = np.arange(0, max(length - window, 0) + 1, hop) if window else np.zeros(1, dtype=np.int64)
        real = np.pad(mask.cumsum(1), ((0, 0), (1, 0)))
        in_window = real[:, np.minimum(starts + (window or length), length)] - real[:, starts]
        kept = starts[in_window.max(0) >= round(self.min_seconds * self.sampling_rate)].tolist()
        most = max(FREE_SAMPLES, MOST_PER_SAMPLE * int(mask.sum()))
        if len(kept) * window > most:
            raise ValueError(
                f"{len(kept)} windows of {window} samples are more than {most} samples: raise hop_seconds, or cut the "
                "recording"
            )
        if not kept:
            raise ValueError(
                f"{length / self.sampling_rate:.2f} s with {mask.sum(1).max() / self.sampling_rate:.2f} s of real "
                f"samples hold no example: at least {self.min_seconds} s are needed. (A list is a batch of "
                "recordings; turn one recording given as nested lists into an array.)"
            )
        return kept


def _per_recording(name: str, value: Any, count: int, batched: bool) -> list:
    if not (batched and isinstance(value, (list, tuple))):
        return [value] * count
    if len(value) != count:
        raise ValueError(f"{name} has {len(value)} items for {count} recordings")
    return list(value)
