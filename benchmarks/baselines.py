"""What a network has to beat: a random forest on simple statistics of the window."""

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from training.metrics import RecognitionMetrics
from training.windows import Windows


def window_statistics(windows: Windows) -> np.ndarray:
    """
    Mean, standard deviation, extremes, quartiles and mean absolute difference of the six channels and the magnitudes
    of specific force and angular velocity, per sensor: `(windows, sensors * 8 * 8)`. Masked samples are left out.
    """
    values = windows.inputs["imu_values"].numpy()
    mask = windows.inputs["imu_attention_mask"].numpy().astype(bool)
    magnitudes = [np.linalg.norm(values[..., part], axis=-1, keepdims=True) for part in (slice(0, 3), slice(3, 6))]
    channels = np.concatenate([values, *magnitudes], axis=-1)
    channels = np.where(mask[..., None], channels, np.nan)
    statistics = [
        np.nanmean(channels, axis=2),
        np.nanstd(channels, axis=2),
        *np.nanquantile(channels, [0.0, 0.25, 0.5, 0.75, 1.0], axis=2),
        np.nanmean(np.abs(np.diff(channels, axis=2)), axis=2),
    ]
    return np.nan_to_num(np.concatenate(statistics, axis=-1).reshape(len(values), -1))


def random_forest_predictions(training: Windows, others: dict[str, Windows], seed: int) -> dict[str, np.ndarray]:
    """Class predictions `(windows,)` for each of `others`, of 300 trees grown on `training`."""
    forest = RandomForestClassifier(n_estimators=300, random_state=seed, n_jobs=-1)
    forest.fit(window_statistics(training), training.labels.numpy())
    return {name: forest.predict(window_statistics(windows)) for name, windows in others.items()}


def random_forest_figures(training: Windows, others: dict[str, Windows], seed: int) -> dict[str, dict]:
    """`RecognitionMetrics` of the random forest on each of `others`."""
    return {
        name: RecognitionMetrics().compute(
            predictions=predictions,
            references=others[name].labels,
            num_labels=len(training.label_names),
        )
        for name, predictions in random_forest_predictions(training, others, seed).items()
    }
