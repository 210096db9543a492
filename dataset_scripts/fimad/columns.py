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
FIMAD_PLACEMENTS = tuple(placement for placement in PLACEMENTS if placement not in ("unknown", "pelvis"))
VIDEO_FEATURE_DIM = 512  # CLIP ViT-B/32, the default of `MujoVideoConfig.feature_dim`


def _columns(video_feature_dim: int) -> dict[str, tuple[Any, str]]:
    """Type and meaning of each column."""
    string, float32 = datasets.Value("string"), datasets.Value("float32")
    return {
        "video_id": (string, "recording, or seed of the generator; splits never divide it"),
        "chapter_id": (datasets.Value("int32"), "number of the clip in its recording"),
        "segment_id": (datasets.Value("int32"), "number within a clip that a long gap in its pose split; 0 else"),
        "subject": (string, "person who moves, as the source names them; the video where nobody is named"),
        "title": (string, "words of the source"),
        "normalized_title": (string, "the same without numbers, durations and sides; clips that share it are alike"),
        "side": (string, "left or right; null where the title names neither or both"),
        "description": (string, "one or more sentences about the movement"),
        "subtitles": (string, "what is said; null where nobody speaks"),
        "pose": (
            datasets.Array3D((None, len(JOINTS), 3), "float32"),
            "metres, z up, 50 Hz; joints: " + ", ".join(JOINTS),
        ),
        "imu": (
            datasets.Array3D((None, len(FIMAD_PLACEMENTS), 6), "float32"),
            "simulated: specific force xyz in m/s² (gravity included) and angular velocity xyz in rad/s in the frame "
            "of the sensor, 50 Hz; sensors: " + ", ".join(FIMAD_PLACEMENTS),
        ),
        "video_features": (
            datasets.Array2D((None, video_feature_dim), "float16"),
            "of a frozen image encoder, in the order of the frames; no frames where there is no video",
        ),
        "source": (string, "address, data set or generator that the clip comes from"),
        "license": (string, "of the source"),
        "fps": (float32, "frames per second of the source, before resampling"),
        "start": (float32, "of the clip in its recording, in seconds"),
        "end": (float32, "of the clip in its recording, in seconds"),
        "pose_detected_share": (float32, "share of the pose that was seen, not interpolated; 1 where exact"),
        "pose_bone_length_variation": (float32, "mean deviation of the bones' lengths over their mean; 0 where rigid"),
        "pose_visibility": (float32, "mean over the landmarks, 0 to 1; null where the pose is not from video"),
        "pose_quality": (float32, "from 0 (useless) to 1; null where the pose is not from video"),
    }


def fimad_features(video_feature_dim: int = VIDEO_FEATURE_DIM) -> datasets.Features:
    """Columns of a clip.

    Args:
        video_feature_dim: size of the image encoder's features. They are stored in half precision; `datasets` gives
            them back as float32.
    """
    return datasets.Features({name: feature for name, (feature, _) in _columns(video_feature_dim).items()})


COLUMN_MEANINGS = {name: meaning for name, (_, meaning) in _columns(VIDEO_FEATURE_DIM).items()}


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
