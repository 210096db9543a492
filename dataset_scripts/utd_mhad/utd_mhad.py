# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""UTD-MHAD: 861 trials of 27 actions by 8 people, one wearable IMU beside a Kinect skeleton.

Chen, Jafari, Kehtarnavaz, "UTD-MHAD: A multimodal dataset for human action recognition utilizing a depth camera and
a wearable inertial sensor", ICIP 2015. https://personal.utdallas.edu/~kehtar/UTD-MHAD.html
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import numpy as np
from scipy.constants import g as STANDARD_GRAVITY
from scipy.io import loadmat

from modeling_mujo.configuration_mujo import JOINTS

ACTIONS = (
    "right arm swipe to the left",
    "right arm swipe to the right",
    "right hand wave",
    "two hand front clap",
    "right arm throw",
    "cross arms in the chest",
    "basketball shoot",
    "right hand draw x",
    "right hand draw circle clockwise",
    "right hand draw circle counter clockwise",
    "draw triangle",
    "bowling with the right hand",
    "front boxing",
    "baseball swing from right",
    "tennis right hand forehand swing",
    "arm curl with two arms",
    "tennis serve",
    "two hand push",
    "right hand knock on door",
    "right hand catch an object",
    "right hand pick up and throw",
    "jogging in place",
    "walking in place",
    "sit to stand",
    "stand to sit",
    "forward lunge with the left foot forward",
    "squat with two arms stretched out",
)
LAST_WRIST_ACTION = 21  # from action 22 on the sensor is on the right thigh
SUBJECTS = tuple(range(1, 9))
TRIALS = tuple(range(1, 5))
CORRUPT_TRIALS = frozenset({(8, 1, 4), (23, 6, 4), (27, 8, 4)})  # (action, subject, trial) the authors left out

IMU_SAMPLING_RATE = 50.0  # Hz

_HOMEPAGE = "https://personal.utdallas.edu/~kehtar/UTD-MHAD.html"
_CITATION = """\
@inproceedings{chen2015utdmhad,
  title = {{UTD-MHAD}: A multimodal dataset for human action recognition utilizing a depth camera and a wearable
           inertial sensor},
  author = {Chen, Chen and Jafari, Roozbeh and Kehtarnavaz, Nasser},
  booktitle = {IEEE International Conference on Image Processing},
  year = {2015},
}
"""

# Order stated in the text file inside the authors' Skeleton.zip.
KINECT_JOINTS = (
    "head",
    "shoulder_center",
    "spine",
    "hip_center",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "left_hand",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
    "right_hand",
    "left_hip",
    "left_knee",
    "left_ankle",
    "left_foot",
    "right_hip",
    "right_knee",
    "right_ankle",
    "right_foot",
)

# Human3.6M joints that Kinect has under another name or not at all. Kinect's hip_center lies 8 cm above the hips, and
# its spine a quarter of the way from the hips to the shoulder centre, where Human3.6M has it halfway.
_BLENDED_JOINTS = {
    "pelvis": {"left_hip": 0.5, "right_hip": 0.5},
    "spine": {"spine": 0.7, "shoulder_center": 0.3},
    "thorax": {"shoulder_center": 1.0},
    "neck": {"shoulder_center": 0.5, "head": 0.5},
}


def _joint_weights() -> np.ndarray:
    weights = np.zeros((len(JOINTS), len(KINECT_JOINTS)))
    for row, joint in enumerate(JOINTS):
        for kinect_joint, weight in _BLENDED_JOINTS.get(joint, {joint: 1.0}).items():
            weights[row, KINECT_JOINTS.index(kinect_joint)] = weight
    return weights


_JOINT_WEIGHTS = _joint_weights()  # (17, 20)


def kinect_pose(skeleton: np.ndarray) -> np.ndarray:
    """Bring a Kinect skeleton to the project's joints and axes.

    Kinect's camera frame is right-handed: x towards the right hand of a person who faces the camera, y up, z away from
    the camera. Turned by 90 degrees about x it is z up, and a person who faces the camera faces +y. Left and right
    stay as labelled. Heights are those above the camera, not above the floor.

    Args:
        skeleton: `(20, 3, frames)` metres in the camera frame, joints in `KINECT_JOINTS` order (`d_skel`).

    Returns:
        `(frames, 17, 3)` float32, metres, z up, joints in `JOINTS` order.

    Raises:
        ValueError: if `skeleton` has another shape.
    """
    if skeleton.ndim != 3 or skeleton.shape[:2] != (len(KINECT_JOINTS), 3):
        raise ValueError(f"expected a Kinect skeleton of shape (20, 3, frames), got {skeleton.shape}")
    x, y, z = np.einsum("jk,kcf->cfj", _JOINT_WEIGHTS, skeleton)  # each (frames, 17)
    return np.stack([x, -z, y], axis=-1).astype(np.float32)


def pose_sampling_rate(num_frames: int, num_imu_samples: int) -> float:
    """Mean frame rate of a skeleton in Hz, from the lengths of the two recordings of a trial.

    Assumes that both recordings start and end together and that the IMU keeps its nominal 50 Hz. Kinect is said to run
    at 30 fps, but a trial holds 2.63 IMU samples a frame (median), that is 19 fps. Two checks on the data support the
    assumption: gravity and the gyroscope of the IMU agree at 50 Hz, and the turning speed of the forearm or thigh
    follows the gyroscope when the ends are aligned (median correlation 0.8) but not at 30 fps (0.2).
    """
    return IMU_SAMPLING_RATE * num_frames / num_imu_samples


@dataclass
class UtdMhadConfig(datasets.BuilderConfig):
    """Who is in which split; everybody else is in train.

    The defaults are the authors' protocol, odd people to learn and even people to test, with one odd person put aside
    for validation.
    """

    test_subjects: tuple[int, ...] = (2, 4, 6, 8)
    validation_subjects: tuple[int, ...] = (7,)


class UtdMhad(datasets.GeneratorBasedBuilder):
    """UTD-MHAD from the authors' `Inertial.zip` and `Skeleton.zip`, or the folders in them, in `data_dir`.

    A row is a trial: `imu` `(time, 1, 6)` in m/s² (gravity included) and rad/s at 50 Hz, clipped by the sensor at 8 g
    and 1000 deg/s; `pose` `(frames, 17, 3)` in metres, z up, at `pose_sampling_rate`. Both start at the same time.

    Raises:
        ValueError: if `data_dir` is not given, a file is damaged (it is named), or the splits share a person.
        FileNotFoundError: if an archive or a trial is missing (it is named).
    """

    VERSION = datasets.Version("1.0.0")
    BUILDER_CONFIG_CLASS = UtdMhadConfig
    BUILDER_CONFIGS = [UtdMhadConfig(name="default", version=VERSION)]  # noqa: RUF012

    def _info(self) -> datasets.DatasetInfo:
        features = {
            "recording_id": datasets.Value("string"),
            "subject": datasets.Value("int32"),
            "label": datasets.ClassLabel(names=list(ACTIONS)),
            "label_code": datasets.Value("string"),
            "imu": datasets.Array3D((None, 1, 6), "float32"),
            "placements": datasets.Sequence(datasets.Value("string")),
            "sampling_rate": datasets.Value("float64"),
            "acceleration_unit": datasets.Value("string"),
            "gyroscope_unit": datasets.Value("string"),
            "gravity": datasets.Value("string"),
            "pose": datasets.Array3D((None, 17, 3), "float32"),
            "pose_sampling_rate": datasets.Value("float64"),
        }
        return datasets.DatasetInfo(
            description=__doc__, features=datasets.Features(features), homepage=_HOMEPAGE, citation=_CITATION
        )

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        data_dir = self.config.data_dir
        if data_dir is None:
            raise ValueError(
                f"download Inertial.zip and Skeleton.zip from {_HOMEPAGE} and pass their folder as data_dir"
            )
        for folder, kind in (("Inertial", "inertial"), ("Skeleton", "skeleton")):
            _require_complete(
                _open_folder(data_dir, folder), [_file_name(*trial, kind) for trial in _trials(SUBJECTS)]
            )
        return [
            datasets.SplitGenerator(name=split, gen_kwargs={"data_dir": data_dir, "subjects": subjects})
            for split, subjects in _split_subjects(self.config.test_subjects, self.config.validation_subjects).items()
        ]

    def _generate_examples(self, data_dir: str, subjects: tuple[int, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
        inertial, skeleton = _open_folder(data_dir, "Inertial"), _open_folder(data_dir, "Skeleton")
        for action, subject, trial in _trials(subjects):
            recording_id = f"a{action}_s{subject}_t{trial}"
            imu = _read_matrix(inertial / _file_name(action, subject, trial, "inertial"), "d_iner", (None, 6))
            joints = _read_matrix(skeleton / _file_name(action, subject, trial, "skeleton"), "d_skel", (20, 3, None))
            yield (
                recording_id,
                {
                    "recording_id": recording_id,
                    "subject": subject,
                    "label": ACTIONS[action - 1],
                    "label_code": f"a{action}",
                    "imu": _imu_in_si_units(imu)[:, None],
                    "placements": ["right_wrist" if action <= LAST_WRIST_ACTION else "right_thigh"],
                    "sampling_rate": IMU_SAMPLING_RATE,
                    "acceleration_unit": "m/s2",
                    "gyroscope_unit": "rad/s",
                    "gravity": "included",
                    "pose": kinect_pose(joints),
                    "pose_sampling_rate": pose_sampling_rate(joints.shape[2], len(imu)),
                },
            )


def _split_subjects(test: tuple[int, ...], validation: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """People of each split; every person is in exactly one."""
    unknown = sorted({*test, *validation} - set(SUBJECTS))
    shared = sorted(set(test) & set(validation))
    if unknown or shared:
        raise ValueError(
            f"test_subjects {test} and validation_subjects {validation}: unknown {unknown}, in both {shared}"
        )
    train = tuple(subject for subject in SUBJECTS if subject not in {*test, *validation})
    splits = {"train": train, "validation": tuple(validation), "test": tuple(test)}
    return {split: subjects for split, subjects in splits.items() if subjects}


def _trials(subjects: tuple[int, ...]) -> Iterator[tuple[int, int, int]]:
    """`(action, subject, trial)` of every trial the authors published for these people."""
    for action in range(1, len(ACTIONS) + 1):
        for subject in subjects:
            for trial in TRIALS:
                if (action, subject, trial) not in CORRUPT_TRIALS:
                    yield action, subject, trial


def _file_name(action: int, subject: int, trial: int, kind: str) -> str:
    return f"a{action}_s{subject}_t{trial}_{kind}.mat"


def _open_folder(data_dir: str, name: str) -> Path | zipfile.Path:
    """The folder `name`, extracted or inside `name.zip`; an archive is read in place."""
    folder, archive = Path(data_dir) / name, Path(data_dir) / f"{name}.zip"
    if folder.is_dir():
        return folder
    if not archive.is_file():
        raise FileNotFoundError(f"neither {archive} nor the folder {folder} exists: download it from {_HOMEPAGE}")
    try:
        return zipfile.Path(archive, at=f"{name}/")
    except zipfile.BadZipFile as error:
        raise ValueError(f"{archive} is damaged ({error}): download it again from {_HOMEPAGE}") from error


def _require_complete(folder: Path | zipfile.Path, names: list[str]) -> None:
    present = {entry.name for entry in folder.iterdir()}
    missing = [name for name in names if name not in present]
    if missing:
        raise FileNotFoundError(f"{len(missing)} of {len(names)} files are missing in {folder}: {missing[:5]}")


def _read_matrix(path: Path | zipfile.Path, key: str, shape: tuple[int | None, ...]) -> np.ndarray:
    """Read one matrix from a MATLAB file; `None` in `shape` is any length over zero."""
    try:
        with path.open("rb") as file:
            matrix = loadmat(io.BytesIO(file.read()), variable_names=[key])[key]
    except Exception as error:  # zipfile, zlib and SciPy raise a dozen types on damaged bytes
        raise ValueError(f"{path} is damaged ({type(error).__name__}: {error})") from error
    fits = matrix.ndim == len(shape) and all(
        size == expected or (expected is None and size > 0) for size, expected in zip(matrix.shape, shape, strict=True)
    )
    if not fits or not np.isfinite(matrix).all():
        raise ValueError(f"{path} is damaged: expected finite `{key}` of shape {shape}, got {matrix.shape}")
    return matrix


def _imu_in_si_units(imu: np.ndarray) -> np.ndarray:
    """`(time, 6)` in g and deg/s → m/s² and rad/s."""
    return np.concatenate([imu[:, :3] * STANDARD_GRAVITY, np.deg2rad(imu[:, 3:])], axis=1)
