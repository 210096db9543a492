"""The 17-joint skeleton: tree, mirror image, and the motion clip that every source of FiMAD is brought to."""

from dataclasses import dataclass

import numpy as np

from modeling_mujo.configuration_mujo import JOINTS

JOINT_INDEX = {name: index for index, name in enumerate(JOINTS)}

# PARENTS[j] is the joint that j hangs from; the pelvis is the root.
PARENTS = (-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15)

# pose[:, MIRROR] with x negated is the same motion seen in a mirror.
MIRROR = tuple(
    JOINT_INDEX[name.replace("left", "right") if name.startswith("left") else name.replace("right", "left")]
    for name in JOINTS
)

SAMPLING_RATE = 50  # Hz, of every stored pose and IMU signal


@dataclass(frozen=True)
class MotionClip:
    """One exercise or activity as 3D motion with words.

    Attributes:
        recording_id: recording (or generator seed) that the clip was cut from; splits never divide a recording.
        clip_index: number of the clip within its recording.
        subject: person who moved, as named by the source.
        title: words a person would use for the clip.
        normalized_title: the same without numbers, durations and sides; clips that share it are positives.
        description: one or two sentences about the movement.
        pose: `(time, 17, 3)` float32, metres, z up, joints in `JOINTS` order, at `SAMPLING_RATE`.
        source: data set or generator the motion comes from.
        license: licence of the source.
        source_rate: frames per second before resampling, in Hz.
        start, end: place of the clip in its recording, in seconds.
        detected_share: share of the joint positions that were measured, not interpolated; 1 where nothing was missing.
        segment_index: number within a clip that a long gap in its pose split; 0 else.
        side: "left" or "right" where the title names one of them.
        visibility: mean visibility of the landmarks behind the joints, 0 to 1; None where the pose is not from video.
        quality: of the pose, from 0 (useless) to 1; None where the pose is not from video.
    """

    recording_id: str
    clip_index: int
    subject: str
    title: str
    normalized_title: str
    description: str
    pose: np.ndarray
    source: str
    license: str
    source_rate: float
    start: float
    end: float
    detected_share: float = 1.0
    segment_index: int = 0
    side: str | None = None
    visibility: float | None = None
    quality: float | None = None


def bone_length_variation(pose: np.ndarray) -> float:
    """How far a pose is from a rigid skeleton: the mean over bones of the length's standard deviation over its mean.

    Args:
        pose: `(time, 17, 3)`.

    Returns:
        0 for rigid bones; motion capture from markers reaches about 0.02, pose estimation from video more.
    """
    pose = pose.astype(np.float64)
    lengths = np.linalg.norm(pose[:, 1:] - pose[:, PARENTS[1:]], axis=-1)
    return float((lengths.std(axis=0) / lengths.mean(axis=0)).mean())
