# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""UTD-MHAD: 861 trials of 27 actions by 8 people, one wearable IMU beside a Kinect skeleton.

Chen, Jafari, Kehtarnavaz, "UTD-MHAD: A multimodal dataset for human action recognition utilizing a depth camera and
a wearable inertial sensor", ICIP 2015. https://personal.utdallas.edu/~kehtar/UTD-MHAD.html
"""

import io
import re
import zipfile
import zlib
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

# Human3.6M joints that Kinect has no joint for. Kinect's hip_center lies about 8 cm above the line of the hips, its
# spine a quarter of the way from there to the shoulder centre.
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
    stay as labelled.

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
