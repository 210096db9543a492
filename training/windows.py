"""Labelled windows of a benchmark: recordings → model inputs, people kept apart; labels drawn per class and person."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import datasets
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from dataset_scripts.labelled_bouts import present_sensors
from modeling_mujo import JOINTS, MujoImuFeatureExtractor
from modeling_mujo.pose_extraction_mujo import stand_on_floor
from modeling_mujo.resampling_mujo import resample_even

# Builders by name; imported when asked for, since each brings the readers of its file formats.
BENCHMARKS = {
    "csv_folder": "dataset_scripts.csv_folder.csv_folder:CsvFolder",
    "metamotion_barbell": "dataset_scripts.metamotion_barbell.metamotion_barbell:MetamotionBarbell",
    "mhealth": "dataset_scripts.mhealth.mhealth:MHealth",
    "mm_fit": "dataset_scripts.mm_fit.mm_fit:MmFit",
    "motionsense": "dataset_scripts.motionsense.motionsense:MotionSense",
    "myogym": "dataset_scripts.myogym.myogym:MyoGym",
    "utd_mhad": "dataset_scripts.utd_mhad.utd_mhad:UtdMhad",
}
# The authors' own splits of MM-Fit have people in common.
PERSON_DISJOINT_CONFIGS = {"mm_fit": "by_person"}


@dataclass
class Windows:
    """
    Windows of some people.

    Attributes:
        inputs: inputs of the IMU encoder by name, `(windows, ...)`, as `MujoImuFeatureExtractor` makes them.
        labels: `(windows,)` int64 indices into `label_names`.
        subjects: `(windows,)` int64, the person.
        label_names: the activities in words.
        pose: inputs of the pose encoder by name, `(windows, time, ...)`; empty where the recordings have no pose.
    """

    inputs: dict[str, Tensor]
    labels: Tensor
    subjects: Tensor
    label_names: list[str]
    pose: dict[str, Tensor] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, index: Tensor | np.ndarray) -> "Windows":
        """The windows at `index` (bool mask or positions)."""
        index = torch.as_tensor(index)
        inputs = {name: value[index] for name, value in self.inputs.items()}
        pose = {name: value[index] for name, value in self.pose.items()}
        return Windows(inputs, self.labels[index], self.subjects[index], self.label_names, pose)

    def of_people(self, people: Sequence[int]) -> "Windows":
        """The windows of these people."""
        return self.select(torch.isin(self.subjects, torch.tensor(list(people), dtype=self.subjects.dtype)))


def benchmark_builder(dataset: str) -> type[datasets.GeneratorBasedBuilder]:
    """
    The builder of a benchmark.

    Raises:
        ValueError: unknown benchmark.
    """
    if dataset not in BENCHMARKS:
        raise ValueError(f"Unknown dataset '{dataset}'; known are {sorted(BENCHMARKS)}.")
    module, name = BENCHMARKS[dataset].split(":")
    return getattr(import_module(module), name)


def load_windows(dataset: str, data_dir: str | None, window_seconds: float, hop_seconds: float) -> dict[str, Windows]:
    """
    Windows of every split ("train", "validation", "test": disjoint people) of a benchmark.

    Raises:
        ValueError: unknown benchmark, or one person in two splits.
        FileNotFoundError: `data_dir` does not hold the original files.
    """
    rows = load_rows(dataset, data_dir)
    return {split: windows_of_rows(rows[split], window_seconds, hop_seconds) for split in rows}


def load_rows(dataset: str, data_dir: str | None, **reading: Any) -> datasets.DatasetDict:
    """
    Recordings of every split of a benchmark; `reading` tells how files of your own are read (`CsvFolderConfig`).

    Raises:
        ValueError: unknown benchmark, one that knows how to read its files, or one person in two splits.
        FileNotFoundError: `data_dir` does not hold the original files.
    """
    if reading and dataset != "csv_folder":
        raise ValueError(f"{dataset} knows how to read its files: leave out {sorted(reading)}.")
    builder = benchmark_builder(dataset)(
        config_name=PERSON_DISJOINT_CONFIGS.get(dataset), data_dir=data_dir, **reading
    )
    builder.download_and_prepare()
    rows = builder.as_dataset()
    people = [person for split in rows.values() for person in split.unique("subject")]
    if len(set(people)) < len(people):
        raise ValueError(f"{dataset}: a person is in two splits; results on such splits would mean nothing.")
    return rows


def windows_of_rows(rows: datasets.Dataset, window_seconds: float, hop_seconds: float) -> Windows:
    """Cut the recordings of one split; recordings shorter than a window are padded and masked."""
    extractor = MujoImuFeatureExtractor()
    parts = [
        windows_of_recording(row, extractor, window_seconds, hop_seconds, rows.features["label"].names)
        for row in rows.with_format("numpy")
    ]
    return join_windows(parts)


def windows_of_recording(
    row: dict[str, Any],
    extractor: MujoImuFeatureExtractor,
    window_seconds: float,
    hop_seconds: float,
    label_names: list[str],
) -> Windows:
    """
    Cut one row of a builder, its pose, where it has one, at the same moments.

    Raises:
        ValueError: the recording is too short or all missing (it is named).
    """
    try:
        batch = extractor(
            present_sensors(row["imu"], row["placements"]),
            sampling_rate=float(row["sampling_rate"]),
            acceleration_unit=str(row["acceleration_unit"]),
            gyroscope_unit=str(row["gyroscope_unit"]),
            gravity=str(row["gravity"]),
            window_seconds=window_seconds,
            hop_seconds=hop_seconds,
            return_tensors="pt",
        )
    except ValueError as error:
        raise ValueError(f"{row['recording_id']}: {error}") from error
    count, rate = len(batch["imu_values"]), extractor.sampling_rate
    pose = {}
    if "pose" in row:
        starts = [round(start * rate) for start in batch["window_start"].tolist()]
        pose = cut_pose(row["pose"], float(row["pose_sampling_rate"]), rate, starts, round(window_seconds * rate))
    return Windows(
        {name: batch[name] for name in extractor.model_input_names},
        torch.full((count,), int(row["label"])),
        torch.full((count,), int(row["subject"])),
        label_names,
        pose,
    )


def cut_pose(pose: np.ndarray, pose_rate: float, rate: int, starts: list[int], length: int) -> dict[str, Tensor]:
    """
    Windows of `length` samples at `rate`, from `starts`, of a pose `(frames, 17, 3)` that starts with the IMU. None of
    the benchmarks gives heights above the floor: the pose is put on it.

    Returns `pose_values` `(windows, length, 17, 3)` and `pose_attention_mask` `(windows, length)`, false after the
    end of the pose and in its gaps; frames with NaN are missing.
    """
    flat, real = np.zeros((0, 3 * len(JOINTS))), np.zeros(0, bool)
    if np.isfinite(pose).all(axis=(1, 2)).any():
        flat, real = resample_even(pose.reshape(len(pose), -1), pose_rate, rate, max_gap_seconds=0.2)
        flat = stand_on_floor(flat.reshape(-1, len(JOINTS), 3), real).reshape(len(flat), -1)
    missing = max(starts) + length - len(flat)
    flat, real = np.pad(flat, ((0, max(missing, 0)), (0, 0))), np.pad(real, (0, max(missing, 0)))
    values = np.stack([flat[start : start + length] for start in starts]).reshape(-1, length, len(JOINTS), 3)
    mask = np.stack([real[start : start + length] for start in starts])
    return {"pose_values": torch.from_numpy(values.astype(np.float32)), "pose_attention_mask": torch.from_numpy(mask)}


def join_windows(parts: Sequence[Windows]) -> Windows:
    """
    All windows one after the other; where recordings have fewer sensors than others, masked ones are added.

    Raises:
        ValueError: nothing to join, or the parts have other labels or only some of them a pose.
    """
    if not parts:
        raise ValueError("There are no windows to join: is the split empty?")
    if any(part.label_names != parts[0].label_names or part.pose.keys() != parts[0].pose.keys() for part in parts):
        raise ValueError("Windows can be joined only where labels and views are the same.")
    sensors = max(part.inputs["imu_values"].shape[1] for part in parts)
    return Windows(
        {name: torch.cat([add_sensors(part.inputs[name], sensors) for part in parts]) for name in parts[0].inputs},
        torch.cat([part.labels for part in parts]),
        torch.cat([part.subjects for part in parts]),
        parts[0].label_names,
        {name: torch.cat([part.pose[name] for part in parts]) for name in parts[0].pose},
    )


def add_sensors(value: Tensor, sensors: int) -> Tensor:
    """`(windows, fewer sensors, ...)` → `(windows, sensors, ...)`; zero masks mark the new ones as absent."""
    return F.pad(value, (0, 0) * (value.dim() - 2) + (0, sensors - value.shape[1]))


def draw_labels(windows: Windows, fraction: float, seed: int) -> Windows:
    """
    A share of the windows, drawn within every class of every person; every person keeps at least one window.

    Shares of a window are rounded at random, so that the expected total is `fraction` of all.

    Raises:
        ValueError: `fraction` is not in (0, 1].
    """
    return windows.select(draw_share(windows.labels.numpy(), windows.subjects.numpy(), fraction, seed))


def draw_share(labels: np.ndarray, subjects: np.ndarray, fraction: float, seed: int) -> np.ndarray:
    """Positions, in order, of the windows that `draw_labels` takes, given `labels` and `subjects` `(windows,)`."""
    if not 0 < fraction <= 1:
        raise ValueError(f"The fraction of labels must lie in (0, 1], got {fraction}.")
    if fraction == 1:
        return np.arange(len(labels))
    rng = np.random.default_rng(seed)
    chosen: list[int] = []
    for person in np.unique(subjects):
        kept: list[int] = []
        for label in np.unique(labels[subjects == person]):
            cell = np.flatnonzero((subjects == person) & (labels == label))
            kept += rng.choice(cell, int(fraction * len(cell) + rng.random()), replace=False).tolist()
        chosen += kept or [int(rng.choice(np.flatnonzero(subjects == person)))]
    return np.sort(np.array(chosen))
