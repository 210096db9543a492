"""Pretraining data: FiMAD clips in memory, and batches of windows that depend on nothing but the seed and the step."""

from dataclasses import dataclass

import datasets
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from dataset_scripts.fimad.fimad import Fimad
from dataset_scripts.fimad.skeleton import SAMPLING_RATE

from .arguments import PretrainArguments

TEXT_COLUMNS = ("title", "normalized_title", "description")


@dataclass
class MotionCorpus:
    """
    Clips with words.

    Attributes:
        poses: per clip `(time, 17, 3)` float32, metres, z up, 50 Hz.
        texts: every distinct text of the corpus.
        text_choices: `(clips, 3)` indices into `texts`: title, normalised title, description.
        text_ids: `(clips,)` the same for clips with the same normalised title.
    """

    poses: list[np.ndarray]
    texts: list[str]
    text_choices: Tensor
    text_ids: Tensor

    def __len__(self) -> int:
        return len(self.poses)


def load_corpus(arguments: PretrainArguments, split: str) -> MotionCorpus:
    """Build FiMAD (cached by `datasets`): synthetic exercises, and motion capture where `motion_dir` is given."""
    sources = [Fimad(config_name="synthetic", clips_per_exercise=arguments.clips_per_exercise, seed=arguments.seed)]
    if arguments.motion_dir:
        sources.append(Fimad(config_name="motion", data_dir=arguments.motion_dir))
    parts = []
    for builder in sources:
        builder.download_and_prepare()
        parts.append(builder.as_dataset(split=split).select_columns(["pose", *TEXT_COLUMNS]))
    return corpus_from_rows(datasets.concatenate_datasets(parts))


def corpus_from_rows(rows: datasets.Dataset) -> MotionCorpus:
    texts: dict[str, int] = {}
    words = rows.select_columns(list(TEXT_COLUMNS))
    choices = [[texts.setdefault(row[column], len(texts)) for column in TEXT_COLUMNS] for row in words]
    groups: dict[str, int] = {}
    ids = [groups.setdefault(title, len(groups)) for title in rows["normalized_title"]]
    poses = [np.asarray(row["pose"], np.float32) for row in rows.select_columns("pose").with_format("numpy")]
    return MotionCorpus(poses, list(texts), torch.tensor(choices), torch.tensor(ids))


class PretrainingBatches(Dataset):
    """
    Item `step` is the batch of that step for one process, a function of `(seed, step, rank)` alone: training that is
    interrupted goes on with the same batches. All windows of a batch have the same length, drawn anew per step.

    A batch holds `pose_values` `(batch, time, 17, 3)`, `pose_attention_mask` `(batch, time)`, `text_index` `(batch,)`
    into the corpus' texts, `text_ids` `(batch,)`, and `speed` (scalar): the windows are to be played that many times
    as fast, after which they last between `min_seconds` and `max_seconds`.
    """

    max_speed = 1.3

    def __init__(self, corpus: MotionCorpus, arguments: PretrainArguments, rank: int = 0, world_size: int = 1):
        if arguments.batch_size % world_size:
            raise ValueError(f"batch_size ({arguments.batch_size}) must divide by the {world_size} processes.")
        self.corpus, self.arguments, self.rank, self.world_size = corpus, arguments, rank, world_size
        # Between every clip alike and every exercise alike: a corpus may hold two hundred clips of one movement.
        same_text = corpus.text_ids.unique(return_inverse=True, return_counts=True)
        share = same_text[2][same_text[1]].double().rsqrt().numpy()
        self.clip_share = share / share.sum()

    def __len__(self) -> int:
        return self.arguments.steps

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        rng = np.random.default_rng([self.arguments.seed, step])
        seconds = rng.uniform(self.arguments.min_seconds, self.arguments.max_seconds)
        speed = float(self.max_speed ** rng.uniform(-1, 1))
        frames = round(seconds * SAMPLING_RATE * speed)
        clips = rng.choice(len(self.corpus), size=self.arguments.batch_size, p=self.clip_share)
        starts = rng.random(self.arguments.batch_size)
        texts = rng.integers(len(TEXT_COLUMNS), size=self.arguments.batch_size)
        mine = slice(self.rank, None, self.world_size)
        windows = collate_windows(self.corpus, clips[mine], starts[mine], texts[mine], frames)
        return {**windows, "speed": torch.tensor(speed, dtype=torch.float64)}


def collate_windows(
    corpus: MotionCorpus, clips: np.ndarray, starts: np.ndarray, texts: np.ndarray, frames: int
) -> dict[str, Tensor]:
    """Cut `frames` from each clip at relative position `starts` (0-1); shorter clips are padded and masked."""
    pose = np.zeros((len(clips), frames, 17, 3), np.float32)
    mask = np.zeros((len(clips), frames), bool)
    for row, (clip, start) in enumerate(zip(clips, starts, strict=True)):
        whole = corpus.poses[clip]
        first = int(start * max(len(whole) - frames + 1, 1))
        window = whole[first : first + frames]
        pose[row, : len(window)] = window
        # Padding stands still, so that nothing jumps where the simulation differentiates across the edge.
        pose[row, len(window) :] = window[-1]
        mask[row, : len(window)] = True
    clips_tensor = torch.from_numpy(clips)
    return {
        "pose_values": torch.from_numpy(pose),
        "pose_attention_mask": torch.from_numpy(mask),
        "text_index": corpus.text_choices[clips_tensor, torch.from_numpy(texts)],
        "text_ids": corpus.text_ids[clips_tensor],
    }
