"""FiMAD: clips of human movement as 3D pose, simulated IMU and words, as a `datasets` builder.

Two configurations share one set of columns:

- `synthetic` (default): the parametric exercises of `synthesis`, made on the spot;
- `motion`: motion-capture recordings of a folder of yours (`data_dir`; see `motion_files.read_motion_folder`). They
  are kept in memory while building, 0.6 MB a minute. A person's name decides the split, so few people may leave one
  split out. `datasets` does not notice when files of a folder change: then pass `download_mode="force_redownload"`.

    from dataset_scripts.fimad.fimad import Fimad

    builder = Fimad(clips_per_exercise=20, seed=1)  # or Fimad(data_dir="path/to/motion")
    builder.download_and_prepare()
    train = builder.as_dataset(split="train")

`as_streaming_dataset()` makes the rows as they are read and stores nothing. The same settings give the same rows.
Videos come through `build.py`, which publishes rows of these columns as Parquet.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import numpy as np

from dataset_scripts.fimad.columns import clip_row, fimad_features, simulate_fimad_imu
from dataset_scripts.fimad.motion_files import read_motion_folder
from dataset_scripts.fimad.skeleton import MotionClip
from dataset_scripts.fimad.synthesis import EXERCISES, generate_clip

# One subject (or synthetic body) in five is for validation.
VALIDATION_SHARE = 5

_DESCRIPTION = "Human movement in four views: 3D pose, simulated IMU at 16 placements, video features and words."
_CITATION = """\
@inproceedings{fritsch2025mujo,
  title = {MuJo: Multimodal Joint Feature Space Learning for Human Activity Recognition},
  author = {Fritsch, Stefan Gerd and Oguz, Cennet and Fortes Rey, Vitor and Ray, Lala
            and Kiefer-Emmanouilidis, Maximilian and Lukowicz, Paul},
  booktitle = {IEEE International Conference on Pervasive Computing and Communications (PerCom)},
  year = {2025}
}"""


@dataclass
class FimadConfig(datasets.BuilderConfig):
    """What to build.

    The parameters you will change: `clips_per_exercise` for a larger synthetic set, `seed` for another one of the same
    size, `data_dir` (of `datasets.BuilderConfig`) for the folder of the `motion` configuration.

    Args:
        clips_per_exercise: synthetic clips of each exercise, at least 2, each by another body.
        seed: of the synthetic bodies and movements.
    """

    clips_per_exercise: int = 10
    seed: int = 0


class Fimad(datasets.GeneratorBasedBuilder):
    """Builder of FiMAD; see the module for how to use it and `columns.fimad_features` for its columns.

    Raises:
        ValueError: the `motion` configuration lacks a `data_dir`, `synthetic` has one, or `clips_per_exercise` is
            below 2.
        FileNotFoundError: `data_dir` is no folder or holds no motion.
    """

    VERSION = datasets.Version("1.0.0")
    BUILDER_CONFIG_CLASS = FimadConfig
    BUILDER_CONFIGS = [  # noqa: RUF012 (an attribute of the base class)
        FimadConfig(name="synthetic", version=VERSION, description="Parametric exercises, made on the spot."),
        FimadConfig(name="motion", version=VERSION, description="Motion-capture recordings of the folder `data_dir`."),
    ]
    DEFAULT_CONFIG_NAME = "synthetic"
    DEFAULT_WRITER_BATCH_SIZE = 100  # rows reach a megabyte

    def __init__(
        self, *args: Any, config_name: str | None = None, data_dir: str | Path | None = None, **kwargs: Any
    ) -> None:
        if config_name is None and data_dir is not None:
            config_name = "motion"
        super().__init__(
            *args, config_name=config_name, data_dir=None if data_dir is None else str(data_dir), **kwargs
        )

    def _info(self) -> datasets.DatasetInfo:
        return datasets.DatasetInfo(description=_DESCRIPTION, features=fimad_features(), citation=_CITATION)

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        self._check_config()
        splits = {False: datasets.Split.TRAIN, True: datasets.Split.VALIDATION}
        if self.config.name == "motion":
            self._recorded = list(read_motion_folder(Path(self.config.data_dir)))
            present = {is_validation_subject(clip.subject) for clip in self._recorded}
            # `datasets` refuses a split without rows, and a folder of few people may not fill both
            splits = {validation: split for validation, split in splits.items() if validation in present}
        return [
            datasets.SplitGenerator(name=split, gen_kwargs={"validation": validation})
            for validation, split in splits.items()
        ]

    def _check_config(self) -> None:
        config = self.config
        if config.name == "motion":
            if config.data_dir is None:
                raise ValueError("the motion configuration reads your recordings: give their folder as data_dir")
        elif config.data_dir is not None:
            raise ValueError(f"the {config.name} configuration reads no data_dir; use config_name='motion' for it")
        elif config.clips_per_exercise < 2:
            raise ValueError(f"clips_per_exercise is {config.clips_per_exercise}, expected 2 or more, for two splits")

    def _generate_examples(self, validation: bool) -> Iterator[tuple[str, dict[str, Any]]]:
        for clip in self._clips(validation):
            yield (
                f"{clip.recording_id}/{clip.clip_index}/{clip.segment_index}",
                clip_row(clip, simulate_fimad_imu(clip.pose)),
            )

    def _clips(self, validation: bool) -> Iterator[MotionClip]:
        if self.config.name == "motion":
            yield from (clip for clip in self._recorded if is_validation_subject(clip.subject) == validation)
            return
        for seed in body_seeds(self.config.seed, self.config.clips_per_exercise, validation):
            for exercise in EXERCISES:
                yield generate_clip(exercise, seed)


def is_validation_subject(subject: str) -> bool:
    """Whether a person belongs to the validation split: decided by the name alone, so that more data moves nobody."""
    return int(hashlib.sha256(subject.encode()).hexdigest(), 16) % VALIDATION_SHARE == 0


def body_seeds(seed: int, clips_per_exercise: int, validation: bool) -> list[int]:
    """Seeds of the synthetic bodies of a split; no body is in both splits.

    Args:
        seed: of the dataset; different ones give different bodies.
        clips_per_exercise: bodies of both splits together.
        validation: which split.
    """
    seeds = np.random.SeedSequence(seed).generate_state(clips_per_exercise, np.uint64) >> 1
    held_out = max(1, clips_per_exercise // VALIDATION_SHARE)
    return [int(body) for body in (seeds[:held_out] if validation else seeds[held_out:])]
