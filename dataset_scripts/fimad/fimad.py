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
import torch

from dataset_scripts.fimad.imu_simulation import simulate_imu
from dataset_scripts.fimad.motion_files import read_motion_folder
from dataset_scripts.fimad.skeleton import SAMPLING_RATE, MotionClip, bone_length_variation
from dataset_scripts.fimad.synthesis import EXERCISES, generate_clip
from modeling_mujo.configuration_mujo import JOINTS, PLACEMENTS

# The paper simulates sensors at 16 places. Of the 17 in `PLACEMENTS`, the pelvis is left out: no benchmark of the
# paper wears a sensor there, and `simulate_imu` makes it from `pose` where it is wanted.
FIMAD_PLACEMENTS = (
    "head",
    "chest",
    "left_upper_arm",
    "right_upper_arm",
    "left_wrist",
    "right_wrist",
    "left_hand",
    "right_hand",
    "left_thigh",
    "right_thigh",
    "left_shank",
    "right_shank",
    "left_ankle",
    "right_ankle",
    "left_foot",
    "right_foot",
)
VIDEO_FEATURE_DIM = 512  # CLIP ViT-B/32, the default of `MujoVideoConfig.feature_dim`

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

FEATURES = datasets.Features(
    {
        "video_id": datasets.Value("string"),  # recording, or generator seed; splits never divide it
        "chapter_id": datasets.Value("int32"),  # number of the clip in its recording
        "subject": datasets.Value("string"),
        "title": datasets.Value("string"),
        "normalized_title": datasets.Value("string"),  # clips that share it are positives of each other
        "description": datasets.Value("string"),
        "subtitles": datasets.Value("string"),  # null where nobody speaks
        "pose": datasets.Array3D((None, len(JOINTS), 3), "float32"),  # metres, z up, joints as in `JOINTS`, 50 Hz
        # specific force in m/s² and angular velocity in rad/s, sensors as in `FIMAD_PLACEMENTS`, 50 Hz
        "imu": datasets.Array3D((None, len(FIMAD_PLACEMENTS), 6), "float32"),
        "video_features": datasets.Array2D((None, VIDEO_FEATURE_DIM), "float32"),  # no frames where there is no video
        "source": datasets.Value("string"),
        "license": datasets.Value("string"),
        "fps": datasets.Value("float32"),  # of the source, before resampling
        "start": datasets.Value("float32"),  # of the clip in its recording, seconds
        "end": datasets.Value("float32"),
        "pose_detected_share": datasets.Value("float32"),  # joint positions seen, not interpolated; 1 where exact
        "pose_bone_length_variation": datasets.Value("float32"),  # see `bone_length_variation`; 0 where rigid
    }
)


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
    """Builder of FiMAD; see the module for how to use it and `FEATURES` for its columns.

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
        return datasets.DatasetInfo(description=_DESCRIPTION, features=FEATURES, citation=_CITATION)

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
            yield f"{clip.recording_id}/{clip.clip_index}", clip_row(clip)

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


def clip_row(
    clip: MotionClip, video_features: np.ndarray | None = None, subtitles: str | None = None
) -> dict[str, Any]:
    """One row of FiMAD.

    Args:
        clip: pose and words.
        video_features: `(frames, 512)`, or None where there is no video.
        subtitles: what is said during the clip, or None where nobody speaks.

    Returns:
        Values of `FEATURES`; `imu` is simulated from the pose at `FIMAD_PLACEMENTS`.
    """
    placement_ids = torch.tensor([[PLACEMENTS.index(placement) for placement in FIMAD_PLACEMENTS]])
    imu = simulate_imu(torch.from_numpy(clip.pose)[None], placement_ids, sampling_rate=float(SAMPLING_RATE))
    if video_features is None:
        video_features = np.zeros((0, VIDEO_FEATURE_DIM), dtype=np.float32)
    return {
        "video_id": clip.recording_id,
        "chapter_id": clip.clip_index,
        "subject": clip.subject,
        "title": clip.title,
        "normalized_title": clip.normalized_title,
        "description": clip.description,
        "subtitles": subtitles,
        "pose": clip.pose,
        "imu": imu[0].transpose(0, 1).numpy(),
        "video_features": video_features,
        "source": clip.source,
        "license": clip.license,
        "fps": clip.source_rate,
        "start": clip.start,
        "end": clip.end,
        "pose_detected_share": clip.detected_share,
        "pose_bone_length_variation": bone_length_variation(clip.pose),
    }
