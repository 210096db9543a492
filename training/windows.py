"""Labelled windows of a benchmark: recordings → model inputs, split by person; labels drawn per class and person."""

from dataclasses import dataclass

import datasets
import numpy as np
import torch
from torch import Tensor

from dataset_scripts.motionsense.motionsense import MotionSense
from dataset_scripts.utd_mhad.utd_mhad import UtdMhad
from modeling_mujo import MujoImuFeatureExtractor

BENCHMARKS: dict[str, type[datasets.GeneratorBasedBuilder]] = {"motionsense": MotionSense, "utd_mhad": UtdMhad}


@dataclass
class Windows:
    """
    Windows of one split.

    Attributes:
        inputs: model inputs by name, `(windows, ...)`, as `MujoImuFeatureExtractor` makes them.
        labels: `(windows,)` int64 indices into `label_names`.
        subjects: `(windows,)` int64, the person.
        label_names: the activities in words.
    """

    inputs: dict[str, Tensor]
    labels: Tensor
    subjects: Tensor
    label_names: list[str]

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, index: Tensor | np.ndarray) -> "Windows":
        """The windows at `index` (bool mask or positions)."""
        index = torch.as_tensor(index)
        inputs = {name: value[index] for name, value in self.inputs.items()}
        return Windows(inputs, self.labels[index], self.subjects[index], self.label_names)


def load_windows(dataset: str, data_dir: str | None, window_seconds: float, hop_seconds: float) -> dict[str, Windows]:
    """
    Windows of every split ("train", "validation", "test": disjoint people) of a benchmark.

    Raises:
        ValueError: unknown benchmark, or one person in two splits.
        FileNotFoundError: `data_dir` does not hold the original files.
    """
    if dataset not in BENCHMARKS:
        raise ValueError(f"Unknown dataset '{dataset}'; known are {sorted(BENCHMARKS)}.")
    builder = BENCHMARKS[dataset](data_dir=data_dir)
    builder.download_and_prepare()
    rows = builder.as_dataset()
    splits = {split: windows_of_rows(rows[split], window_seconds, hop_seconds) for split in rows}
    people = [person for split in splits.values() for person in split.subjects.unique().tolist()]
    if len(set(people)) < len(people):
        raise ValueError(f"{dataset}: a person is in two splits; results on such splits would mean nothing.")
    return splits


def windows_of_rows(rows: datasets.Dataset, window_seconds: float, hop_seconds: float) -> Windows:
    """Cut the recordings of one split; recordings shorter than a window are padded and masked."""
    extractor = MujoImuFeatureExtractor()
    parts, labels, subjects = [], [], []
    for row in rows.with_format("numpy"):
        part = extractor(
            {placement: row["imu"][:, sensor] for sensor, placement in enumerate(row["placements"])},
            sampling_rate=float(row["sampling_rate"]),
            acceleration_unit=str(row["acceleration_unit"]),
            gyroscope_unit=str(row["gyroscope_unit"]),
            gravity=str(row["gravity"]),
            window_seconds=window_seconds,
            hop_seconds=hop_seconds,
            return_tensors="pt",
        )
        parts.append({name: part[name] for name in extractor.model_input_names})
        labels += [int(row["label"])] * len(part["imu_values"])
        subjects += [int(row["subject"])] * len(part["imu_values"])
    inputs = {name: torch.cat([part[name] for part in parts]) for name in extractor.model_input_names}
    return Windows(inputs, torch.tensor(labels), torch.tensor(subjects), rows.features["label"].names)


def draw_labels(windows: Windows, fraction: float, seed: int) -> Windows:
    """
    A share of the windows, drawn within every class of every person; every person keeps at least one window.

    Shares of a window are rounded at random, so that the expected total is `fraction` of all.
    """
    if not 0 < fraction <= 1:
        raise ValueError(f"The fraction of labels must lie in (0, 1], got {fraction}.")
    if fraction == 1:
        return windows
    rng = np.random.default_rng(seed)
    chosen: list[int] = []
    for person in windows.subjects.unique():
        of_person = windows.subjects == person
        kept: list[int] = []
        for label in windows.labels[of_person].unique():
            cell = torch.nonzero(of_person & (windows.labels == label)).squeeze(1).numpy()
            count = int(np.floor(fraction * len(cell) + rng.random()))
            kept += rng.choice(cell, count, replace=False).tolist()
        chosen += kept or [int(rng.choice(torch.nonzero(of_person).squeeze(1).numpy()))]
    return windows.select(torch.tensor(sorted(chosen)))
