"""The columns of FiMAD, and the row that a clip becomes: one place for units, shapes and types."""

from typing import Any

import datasets
import numpy as np
import torch

from dataset_scripts.fimad.imu_simulation import simulate_imu
from dataset_scripts.fimad.skeleton import SAMPLING_RATE, MotionClip, bone_length_variation
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


def fimad_features(video_feature_dim: int = VIDEO_FEATURE_DIM) -> datasets.Features:
    """Columns of a clip.

    Args:
        video_feature_dim: size of the image encoder's features. They are stored in half precision; `datasets` gives
            them back as float32.
    """
    return datasets.Features(
        {
            "video_id": datasets.Value("string"),  # recording, or generator seed; splits never divide it
            "chapter_id": datasets.Value("int32"),  # number of the clip in its recording
            "segment_id": datasets.Value("int32"),  # number within a clip that a long gap in its pose split; else 0
            "subject": datasets.Value("string"),
            "title": datasets.Value("string"),
            "normalized_title": datasets.Value("string"),  # clips that share it are positives of each other
            "side": datasets.Value("string"),  # left, right, or null where the title names neither or both
            "description": datasets.Value("string"),
            "subtitles": datasets.Value("string"),  # null where nobody speaks
            "pose": datasets.Array3D((None, len(JOINTS), 3), "float32"),  # metres, z up, joints: `JOINTS`, 50 Hz
            # specific force in m/s² and angular velocity in rad/s, sensors as in `FIMAD_PLACEMENTS`, 50 Hz
            "imu": datasets.Array3D((None, len(FIMAD_PLACEMENTS), 6), "float32"),
            "video_features": datasets.Array2D((None, video_feature_dim), "float16"),  # no frames without a video
            "source": datasets.Value("string"),
            "license": datasets.Value("string"),
            "fps": datasets.Value("float32"),  # of the source, before resampling
            "start": datasets.Value("float32"),  # of the clip in its recording, seconds
            "end": datasets.Value("float32"),
            "pose_detected_share": datasets.Value("float32"),  # seen, not interpolated; 1 where exact
            "pose_bone_length_variation": datasets.Value("float32"),  # see `bone_length_variation`; 0 where rigid
            "pose_visibility": datasets.Value("float32"),  # mean of the landmarks, 0 to 1; null if not from video
            "pose_quality": datasets.Value("float32"),  # from 0 (useless) to 1; null if not from video
        }
    )


def simulate_fimad_imu(pose: np.ndarray) -> np.ndarray:
    """IMU `(time, 16, 6)` at `FIMAD_PLACEMENTS` of a pose `(time, 17, 3)` at 50 Hz; units as in the column `imu`."""
    placement_ids = torch.tensor([[PLACEMENTS.index(placement) for placement in FIMAD_PLACEMENTS]])
    imu = simulate_imu(torch.from_numpy(pose)[None], placement_ids, sampling_rate=float(SAMPLING_RATE))
    return imu[0].transpose(0, 1).numpy()


def clip_row(
    clip: MotionClip,
    imu: np.ndarray,
    video_features: np.ndarray | None = None,
    subtitles: str | None = None,
) -> dict[str, Any]:
    """One row of FiMAD.

    Args:
        clip: pose and words.
        imu: `(time, 16, 6)`, of `simulate_fimad_imu`.
        video_features: `(frames, dim)`, or None where there is no video.
        subtitles: what is said during the clip, or None where nobody speaks.

    Returns:
        Values of `fimad_features(dim)`.
    """
    if video_features is None:
        video_features = np.zeros((0, VIDEO_FEATURE_DIM))
    return {
        "video_id": clip.recording_id,
        "chapter_id": clip.clip_index,
        "segment_id": clip.segment_index,
        "subject": clip.subject,
        "title": clip.title,
        "normalized_title": clip.normalized_title,
        "side": clip.side,
        "description": clip.description,
        "subtitles": subtitles,
        "pose": clip.pose,
        "imu": imu,
        "video_features": np.asarray(video_features, dtype=np.float16),
        "source": clip.source,
        "license": clip.license,
        "fps": clip.source_rate,
        "start": clip.start,
        "end": clip.end,
        "pose_detected_share": clip.detected_share,
        "pose_bone_length_variation": bone_length_variation(clip.pose),
        "pose_visibility": clip.visibility,
        "pose_quality": clip.quality,
    }
