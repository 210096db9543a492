"""What a network has to beat: random forest and logistic regression on simple statistics of the window."""

import numpy as np
import torch
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modeling_mujo import MujoImuConfig
from modeling_mujo.rhythm_mujo import MujoRhythm
from training.windows import Windows

TREES = 300
STRENGTH = 0.1  # inverse regularisation of logistic regression on standardised statistics


def window_statistics(windows: Windows) -> np.ndarray:
    """
    Mean, standard deviation, extremes, quartiles and mean absolute difference of the six channels and the magnitudes
    of specific force and angular velocity, per sensor: `(windows, sensors * 8 * 8)`. Masked samples are left out.
    """
    values = windows.inputs["imu_values"].numpy()
    magnitudes = [np.linalg.norm(values[..., part], axis=-1, keepdims=True) for part in (slice(0, 3), slice(3, 6))]
    channels = np.concatenate([values, *magnitudes], axis=-1)
    return _statistics(channels, windows.inputs["imu_attention_mask"].numpy().astype(bool))


@torch.no_grad()
def stride_rhythms(windows: Windows) -> np.ndarray:
    """The part of `pooler_output` that has no weights: phases and sizes of the harmonics of a stride."""
    names = ("imu_values", "imu_attention_mask", "imu_channel_mask")
    values, mask, channel_mask = (windows.inputs[name] for name in names)
    return MujoRhythm(MujoImuConfig())(values, mask.bool(), channel_mask.bool()).numpy()


def pose_statistics(windows: Windows) -> np.ndarray:
    """The same of the joints relative to the pelvis, and of its height: `(windows, 17 * 3 * 8)`."""
    pose = windows.pose["pose_values"].numpy()
    pelvis = pose[:, :, :1]
    relative = np.concatenate([pelvis * np.array([0, 0, 1], np.float32), pose[:, :, 1:] - pelvis], axis=2)
    mask = windows.pose["pose_attention_mask"].numpy()
    return _statistics(relative.reshape(len(pose), 1, pose.shape[1], -1), mask[:, None])


def _statistics(channels: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`(windows, sensors, time, channels)`, `(windows, sensors, time)` → `(windows, sensors * 8 * channels)`."""
    statistics = np.zeros((*channels.shape[:2], 8, channels.shape[-1]), np.float32)
    complete = mask.all(axis=2)
    if complete.any():
        statistics[complete] = np.stack(_eight(channels[complete], 1), axis=1)
    for place in np.argwhere(~complete & mask.any(axis=2)):  # few: the ends of short recordings
        real = np.where(mask[tuple(place)][:, None], channels[tuple(place)], np.nan)
        statistics[tuple(place)] = np.nan_to_num(np.stack(_eight(real, 0)))
    return statistics.reshape(len(channels), -1)


def _eight(channels: np.ndarray, axis: int) -> list[np.ndarray]:
    return [
        np.nanmean(channels, axis=axis),
        np.nanstd(channels, axis=axis),
        *np.nanquantile(channels, [0.0, 0.25, 0.5, 0.75, 1.0], axis=axis),
        np.nanmean(np.abs(np.diff(channels, axis=axis)), axis=axis),
    ]


def random_forest(features: np.ndarray, labels: np.ndarray, seed: int) -> RandomForestClassifier:
    """`TREES` trees grown on `features` `(windows, features)`."""
    return RandomForestClassifier(n_estimators=TREES, random_state=seed).fit(features, labels)


def logistic_regression(features: np.ndarray, labels: np.ndarray):
    """Logistic regression of inverse regularisation `STRENGTH` on standardised `features`."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH, max_iter=300)).fit(features, labels)
