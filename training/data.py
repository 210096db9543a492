"""Pretraining data: FiMAD clips in memory, and batches of windows that depend on nothing but the seed and the step."""

from dataclasses import dataclass

import datasets
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from dataset_scripts.fimad.exercises import EVERYDAY, GESTURES, LOCOMOTION, STROKES
from dataset_scripts.fimad.fimad import Fimad
from dataset_scripts.fimad.skeleton import SAMPLING_RATE

from .arguments import PretrainArguments
from .real_imu import RealImuCorpus
from .words import Words

TEXT_COLUMNS = ("title", "normalized_title", "description")
DAILY_MOVEMENTS = tuple(exercise.name for exercise in (*LOCOMOTION, *EVERYDAY))
GESTURE_NAMES = tuple(exercise.name for exercise in (*GESTURES, *STROKES))


@dataclass
class MotionCorpus:
    """
    Clips with words.

    Attributes:
        poses: per clip `(time, 17, 3)` float32, metres, z up, 50 Hz.
        texts: every distinct text of the corpus.
        text_choices: `(clips, 3)` indices into `texts`: title, normalised title, description.
        text_ids: `(clips,)` the same for clips with the same normalised title.
        daily: `(clips,)` bool, movements of daily life.
    """

    poses: list[np.ndarray]
    texts: list[str]
    text_choices: Tensor
    text_ids: Tensor
    daily: Tensor

    def __len__(self) -> int:
        return len(self.poses)


def load_corpus(arguments: PretrainArguments, split: str, words: Words | None = None) -> MotionCorpus:
    """
    Build FiMAD (cached by `datasets`): synthetic exercises, and motion capture where `motion_dir` is given.

    Of `daily_clips` only those of "train" are used, by bodies that the other clips do not have: validation stays the
    same with and without them. `words` numbers the texts and titles, where corpora are to share them.
    """
    sources = [Fimad(config_name="synthetic", clips_per_exercise=arguments.clips_per_exercise, seed=arguments.seed)]
    if arguments.daily_clips and split == "train":
        sources.append(
            Fimad(
                config_name="synthetic",
                clips_per_exercise=arguments.daily_clips,
                seed=arguments.seed + 1,
                exercises=(*DAILY_MOVEMENTS, *GESTURE_NAMES),
            )
        )
    if arguments.motion_dir:
        sources.append(Fimad(config_name="motion", data_dir=arguments.motion_dir))
    parts = []
    for builder in sources:
        builder.download_and_prepare()
        parts.append(builder.as_dataset(split=split).select_columns(["pose", *TEXT_COLUMNS]))
    return corpus_from_rows(datasets.concatenate_datasets(parts), words or Words())


def corpus_from_rows(rows: datasets.Dataset, words: Words) -> MotionCorpus:
    choices = [
        [words.text_index(row[column]) for column in TEXT_COLUMNS] for row in rows.select_columns(list(TEXT_COLUMNS))
    ]
    ids = [words.title_id(title) for title in rows["normalized_title"]]
    poses = [np.asarray(row["pose"], np.float32) for row in rows.select_columns("pose").with_format("numpy")]
    daily = torch.tensor([title in DAILY_MOVEMENTS for title in rows["normalized_title"]])
    return MotionCorpus(poses, words.texts, torch.tensor(choices), torch.tensor(ids), daily)


class PretrainingBatches(Dataset):
    """
    Item `step` is the batch of that step for one process, a function of `(seed, step, rank)` alone: training that is
    interrupted goes on with the same batches. All windows of a batch have the same length, drawn anew per step.

    A batch holds `pose_values` `(batch, time, 17, 3)`, `pose_attention_mask` `(batch, time)`, `text_index` `(batch,)`
    into the corpus' texts, `text_ids` `(batch,)`, and `speed` (scalar): the windows are to be played that many times
    as fast, after which they last between `min_seconds` and `max_seconds`.

    With real recordings a share `arguments.real_imu_share` of the batch is theirs. It then holds, for these rows
    alone, `real_imu_values` `(real, time, 6)`, to be played like the clips, `real_attention_mask` `(real, time)`,
    `real_channel_mask` `(real, 2)` and `real_placement_ids` `(real,)`. Their text rows follow those of the clips.
    """

    max_speed = 1.3

    def __init__(
        self,
        corpus: MotionCorpus,
        arguments: PretrainArguments,
        rank: int = 0,
        world_size: int = 1,
        real: RealImuCorpus | None = None,
    ):
        if arguments.batch_size % world_size:
            raise ValueError(f"batch_size ({arguments.batch_size}) must divide by the {world_size} processes.")
        self.corpus, self.real, self.arguments = corpus, real, arguments
        self.rank, self.world_size = rank, world_size
        # Rounded to the processes, so that each has equally many of either kind.
        real_rows = 0 if real is None else round(arguments.real_imu_share * arguments.batch_size / world_size)
        self.real_rows = real_rows * world_size
        self.clip_share = fair_share(corpus.text_ids)
        if arguments.daily_share is not None:
            self.clip_share = with_share(self.clip_share, corpus.daily.numpy(), arguments.daily_share)
        self.real_share = np.empty(0) if real is None else fair_share(real.text_ids)

    def __len__(self) -> int:
        return self.arguments.steps

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        rng = np.random.default_rng([self.arguments.seed, step])
        seconds = rng.uniform(self.arguments.min_seconds, self.arguments.max_seconds)
        speed = float(self.max_speed ** rng.uniform(-1, 1))
        frames = round(seconds * SAMPLING_RATE * speed)
        mine = slice(self.rank, None, self.world_size)
        rows = self.arguments.batch_size - self.real_rows
        clips, starts, texts = draw(rng, self.clip_share, rows)
        batch = collate_windows(self.corpus, clips[mine], starts[mine], texts[mine], frames)
        batch["speed"] = torch.tensor(speed, dtype=torch.float64)
        if self.real is None:
            return batch
        chosen, starts, texts = draw(rng, self.real_share, self.real_rows)
        sides = rng.integers(2, size=self.real_rows)
        real = collate_real_windows(self.real, chosen[mine], starts[mine], texts[mine], sides[mine], frames)
        words = {name: torch.cat([batch[name], real.pop(name)]) for name in ("text_index", "text_ids")}
        return {**batch, **real, **words}


def fair_share(text_ids: Tensor) -> np.ndarray:
    """
    Chance of every clip: between every clip alike and every movement alike, for a corpus may hold two hundred clips of
    one movement.
    """
    _, inverse, counts = text_ids.unique(return_inverse=True, return_counts=True)
    share = counts[inverse].double().rsqrt().numpy()
    return share / share.sum()


def with_share(shares: np.ndarray, group: np.ndarray, share: float) -> np.ndarray:
    """
    Chances in which the `group` (bool) comes up with chance `share`, and nothing else has changed.

    Raises:
        ValueError: `share` is no share, or all or none are of the group.
    """
    if not 0 <= share <= 1 or group.all() or not group.any():
        raise ValueError(
            f"A share of {share} was asked for, of {group.sum()} among {len(group)} clips: expected a share from 0 to "
            "1, of some clips but not all. Set daily_share, or leave it out."
        )
    inside, outside = (np.where(part, shares, 0.0) for part in (group, ~group))
    return share * inside / inside.sum() + (1 - share) * outside / outside.sum()


def draw(rng: np.random.Generator, share: np.ndarray, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Clips, relative positions of the windows in them, and which of their texts to take."""
    return rng.choice(len(share), size=rows, p=share), rng.random(rows), rng.integers(len(TEXT_COLUMNS), size=rows)


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


def collate_real_windows(
    corpus: RealImuCorpus,
    recordings: np.ndarray,
    starts: np.ndarray,
    texts: np.ndarray,
    sides: np.ndarray,
    samples: int,
) -> dict[str, Tensor]:
    """Cut `samples` from each recording at relative position `starts` (0-1); shorter ones are padded and masked."""
    imu = np.zeros((len(recordings), samples, 6), np.float32)
    mask = np.zeros((len(recordings), samples), bool)
    for row, (recording, start) in enumerate(zip(recordings, starts, strict=True)):
        whole = corpus.recordings[recording]
        first = int(start * max(len(whole) - samples + 1, 1))
        window = whole[first : first + samples]
        imu[row, : len(window)] = window
        mask[row, : len(window)] = True
    chosen = torch.from_numpy(recordings)
    gyroscope = corpus.has_gyroscope[chosen]
    return {
        "real_imu_values": torch.from_numpy(imu),
        "real_attention_mask": torch.from_numpy(mask),
        "real_channel_mask": torch.stack([torch.ones_like(gyroscope), gyroscope], dim=-1),
        "real_placement_ids": corpus.placement_ids[chosen, torch.from_numpy(sides)],
        "text_index": corpus.text_choices[chosen, torch.from_numpy(texts)],
        "text_ids": corpus.text_ids[chosen],
    }
