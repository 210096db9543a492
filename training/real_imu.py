"""Real IMU recordings with words, for pretraining: movements whose pose and video nobody has."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dataset_scripts.fimad.skeleton import SAMPLING_RATE
from dataset_scripts.imu_corpora.imu_corpora import CORPORA, ImuCorpora
from modeling_mujo import PLACEMENTS
from modeling_mujo.resampling_mujo import resample_even

from .words import Words

MAX_GAP_SECONDS = 0.2

# Normalised titles of the corpora → those of the same movements in FiMAD: clips and recordings that share one are
# positives of each other. Titles that are not here stand for themselves ("walking on stairs": up or down?).
FIMAD_TITLES: Mapping[str, str] = MappingProxyType(
    {
        "clapping": "clap",
        "dribbling a basketball": "dribbling a ball",
        "drinking from a cup": "drinking",
        "eating a sandwich": "snacking",
        "eating chips": "snacking",
        "eating pasta": "eating with a fork",
        "fast walking": "brisk walking",
        "kicking a soccer ball": "kicking a ball",
        "lying": "lying down",
        "playing catch with a tennis ball": "throwing and catching",
    }
)

# Rotation from the axes of a sensor to those of its body segment (x forward, y up, z right of a hanging limb), where
# everybody wears it alike: standing reads -1 g along x of SelfBACK's thigh sensors, sitting -1 g along z. Elsewhere
# the segment stays unknown.
SEGMENT_FROM_SENSOR: Mapping[tuple[str, str], np.ndarray] = MappingProxyType(
    {("selfback", "right_thigh"): np.array([[0, 0, -1], [-1, 0, 0], [0, 1, 0]], np.float32)}
)


@dataclass
class RealImuCorpus:
    """
    Recordings of one sensor each, with words.

    Attributes:
        recordings: per recording `(time, 6)` float32, m/s² and rad/s at 50 Hz; zeros where there is no gyroscope.
        has_gyroscope: `(recordings,)` bool.
        placement_ids: `(recordings, 2)` int64, the placement on the left and on the right side of the body: the
            recordings do not name the side.
        text_choices: `(recordings, 3)` indices into the texts of the `Words` they share with FiMAD: the corpus' own
            label, the title in FiMAD, the description.
        text_ids: `(recordings,)` equal for the same title, in FiMAD as well.
    """

    recordings: list[np.ndarray]
    has_gyroscope: Tensor
    placement_ids: Tensor
    text_choices: Tensor
    text_ids: Tensor

    def __len__(self) -> int:
        return len(self.recordings)


def load_real_imu(data_dir: str, split: str, words: Words, corpora: Collection[str] = tuple(CORPORA)) -> RealImuCorpus:
    """
    The recordings of one split (by person) of the named corpora, at FiMAD's rate; their words join `words`.

    Raises:
        FileNotFoundError: a corpus is missing in `data_dir`.
        ValueError: there is no such corpus; a file is damaged or another one (it is named).
    """
    if unknown := sorted(set(corpora) - set(CORPORA)):
        raise ValueError(f"There is no IMU corpus {unknown}; there are {sorted(CORPORA)}.")
    parts = []
    for name in corpora:
        builder = ImuCorpora(config_name=name, data_dir=data_dir)
        builder.download_and_prepare()
        parts += [read_recording(name, row) for row in builder.as_dataset(split=split).with_format("numpy")]
    return corpus_from_recordings(parts, words)


def read_recording(corpus: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the data set with its `imu` `(time, 6)` in axes of the segment, and the placement on either side."""
    imu = row["imu"][:, 0]
    has_gyroscope = bool(np.isfinite(imu[:, 3:]).all())
    imu = imu if has_gyroscope else np.nan_to_num(imu)
    imu, _ = resample_even(imu.astype(np.float64), float(row["sampling_rate"]), SAMPLING_RATE, MAX_GAP_SECONDS)
    placement = str(row["placements"][0])
    turn = SEGMENT_FROM_SENSOR.get((corpus, placement), np.eye(3))
    sides = [PLACEMENTS.index(placement.replace("right_", side)) for side in ("left_", "right_")]
    title = str(row["normalized_title"])
    return {
        "imu": np.concatenate([imu[:, :3] @ turn.T, imu[:, 3:] @ turn.T], axis=1).astype(np.float32),
        "has_gyroscope": has_gyroscope,
        "placement_ids": sides,
        "title": FIMAD_TITLES.get(title, title),
        "texts": (title, FIMAD_TITLES.get(title, title), str(row["description"])),
    }


def corpus_from_recordings(recordings: list[dict[str, Any]], words: Words) -> RealImuCorpus:
    return RealImuCorpus(
        [recording["imu"] for recording in recordings],
        torch.tensor([recording["has_gyroscope"] for recording in recordings]),
        torch.tensor([recording["placement_ids"] for recording in recordings]),
        torch.tensor([[words.text_index(text) for text in recording["texts"]] for recording in recordings]),
        torch.tensor([words.title_id(recording["title"]) for recording in recordings]),
    )
