"""FiMAD: clips of human movement as 3D pose, simulated IMU, video features and words, as a `datasets` builder.

Four configurations:

- `synthetic` (default): the parametric exercises of `synthesis`, made on the spot;
- `motion`: motion-capture recordings of a folder of yours (`data_dir`; see `motion_files.read_motion_folder`). They
  are kept in memory while building, 0.6 MB a minute. A person's name decides the split, so few people may leave one
  split out;
- `videos`: the folder that `build.py` wrote (`data_dir`);
- `annotations`: which clips FiMAD's authors list, with split, links and words (`data_dir` is the folder of their
  files; see `annotations.annotation_rows`). Its columns are its own, the other three share theirs.

    from dataset_scripts.fimad.fimad import Fimad

    builder = Fimad(clips_per_exercise=20, seed=1)  # or Fimad(data_dir="path/to/motion")
    builder.download_and_prepare()
    train = builder.as_dataset(split="train")

`as_streaming_dataset()` makes the rows as they are read and stores nothing. The same settings give the same rows;
other code or files are noticed and the rows made anew. On `datasets` 3 this file is a loading script too:
`load_dataset("dataset_scripts/fimad/fimad.py", trust_remote_code=True)`.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import numpy as np

from dataset_scripts.fimad.annotations import ANNOTATION_FEATURES, annotation_rows
from dataset_scripts.fimad.built_folder import built_features, built_rows, built_splits
from dataset_scripts.fimad.columns import clip_row, fimad_features, simulate_fimad_imu
from dataset_scripts.fimad.fingerprint import fingerprint
from dataset_scripts.fimad.motion_files import read_motion_folder
from dataset_scripts.fimad.skeleton import MotionClip
from dataset_scripts.fimad.synthesis import EXERCISES, generate_clip

# What each configuration reads from `data_dir`; `synthetic` reads nothing.
_FOLDERS = {
    "motion": "your recordings",
    "videos": "the folder that dataset_scripts.fimad.build wrote",
    "annotations": "the files of FiMAD's authors",
}

# One subject (or synthetic body) in five is for validation.
VALIDATION_SHARE = 5

_DESCRIPTION = "Human movement in four views: 3D pose, simulated IMU at 16 placements, video features and words."
CITATION = """\
@inproceedings{fritsch2025mujo,
  title = {MuJo: Multimodal Joint Feature Space Learning for Human Activity Recognition},
  author = {Fritsch, Stefan Gerd and Oguz, Cennet and Fortes Rey, Vitor and Ray, Lala
            and Kiefer-Emmanouilidis, Maximilian and Lukowicz, Paul},
  booktitle = {IEEE International Conference on Pervasive Computing and Communications (PerCom)},
  year = {2025}
}"""
# For the data set's card.
LIMITS = (
    "All IMU is simulated from pose: it has no noise, no clock of its own and no loose strap, unless you add them.",
    "Generated exercises move by rule, with less variety than people have; poses found in videos are one camera's "
    "estimate. Test on real sensors.",
    "Splits keep people (or videos, where nobody is named) apart. Keep it so when you cut windows.",
    "Not for medical decisions or for identifying people.",
)


@dataclass
class FimadConfig(datasets.BuilderConfig):
    """What to build.

    The parameters you will change: `clips_per_exercise` for a larger synthetic set, `seed` for another one of the same
    size, `data_dir` (of `datasets.BuilderConfig`) for the folder that the other configurations read.

    Args:
        clips_per_exercise: synthetic clips of each exercise, at least 2, each by another body.
        seed: of the synthetic bodies and movements.
        exercises: names of the synthetic exercises to make; none: all.
    """

    clips_per_exercise: int = 10
    seed: int = 0
    exercises: tuple[str, ...] = ()

    def create_config_id(self, config_kwargs: dict, custom_features: datasets.Features | None = None) -> str:
        """Names the cache. `datasets` heeds settings; rows depend on code and files too."""
        return f"{super().create_config_id(config_kwargs, custom_features)}-{fingerprint(self.data_dir)}"


class Fimad(datasets.GeneratorBasedBuilder):
    """Builder of FiMAD; see the module for how to use it and `columns.fimad_features` for its columns.

    Raises:
        ValueError: `synthetic` has a `data_dir` or another configuration lacks it, `clips_per_exercise` is below 2, or
            a file of `data_dir` is not what it should be.
        FileNotFoundError: `data_dir` is no folder or holds nothing to read.
    """

    VERSION = datasets.Version("1.1.0")
    BUILDER_CONFIG_CLASS = FimadConfig
    BUILDER_CONFIGS = [  # noqa: RUF012 (an attribute of the base class)
        FimadConfig(name="synthetic", version=VERSION, description="Parametric exercises, made by a generator."),
        FimadConfig(name="motion", version=VERSION, description="Motion-capture recordings."),
        FimadConfig(name="videos", version=VERSION, description="Clips of fitness videos, with estimated 3D pose."),
        FimadConfig(name="annotations", version=VERSION, description="Clips, split and links of FiMAD's authors."),
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
        self._check_config()
        match self.config.name:
            case "annotations":
                features = ANNOTATION_FEATURES
            case "videos":
                features = built_features(Path(self.config.data_dir))
            case _:
                features = fimad_features()
        return datasets.DatasetInfo(
            description=_DESCRIPTION, features=features, homepage="https://github.com/R-tree/MuJo", citation=CITATION
        )

    def _check_config(self) -> None:
        config = self.config
        content = _FOLDERS.get(config.name)
        if content and config.data_dir is None:
            raise ValueError(f"the {config.name} configuration reads {content}: give their folder as data_dir")
        if not content and config.data_dir is not None:
            raise ValueError(f"the {config.name} configuration reads no data_dir; use config_name='motion' for it")
        if config.clips_per_exercise < 2:
            raise ValueError(f"clips_per_exercise is {config.clips_per_exercise}, expected 2 or more, for two splits")
        if unknown := sorted(set(config.exercises) - {exercise.name for exercise in EXERCISES}):
            raise ValueError(f"there are no exercises {unknown}; `synthesis.EXERCISES` names those there are")

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        return [datasets.SplitGenerator(name=split, gen_kwargs={"split": split}) for split in self._splits()]

    def _splits(self) -> list[str]:
        match self.config.name:
            case "videos":
                return built_splits(Path(self.config.data_dir))
            case "motion":
                self._recorded = list(read_motion_folder(Path(self.config.data_dir)))
                present = {subject_split(clip.subject) for clip in self._recorded}
                return sorted(present)  # `datasets` refuses a split without rows, and few people may not fill both
            case _:
                return ["train", "validation"]

    def _generate_examples(self, split: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for number, row in enumerate(self._rows(split)):
            yield f"{split}/{number}", row

    def _rows(self, split: str) -> Iterator[dict[str, Any]]:
        match self.config.name:
            case "annotations":
                yield from annotation_rows(Path(self.config.data_dir), split)
            case "videos":
                yield from built_rows(Path(self.config.data_dir), split)
            case _:
                for clip in self._clips(split):
                    yield clip_row(clip, simulate_fimad_imu(clip.pose))

    def _clips(self, split: str) -> Iterator[MotionClip]:
        if self.config.name == "motion":
            yield from (clip for clip in self._recorded if subject_split(clip.subject) == split)
            return
        for seed in body_seeds(self.config.seed, self.config.clips_per_exercise, split == "validation"):
            for exercise in EXERCISES:
                if not self.config.exercises or exercise.name in self.config.exercises:
                    yield generate_clip(exercise, seed)


def subject_split(subject: str) -> str:
    """Split of a person, "train" or "validation"."""
    return "validation" if is_validation_subject(subject) else "train"


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
