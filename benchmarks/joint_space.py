"""Draw recordings, poses and words in the joint space: `python benchmarks/joint_space.py [--joint FOLDER]`.

The recordings are those of UTD-MHAD whose sensor was on the thigh: six activities, eight people, an IMU and a Kinect
on the same movements. Pretraining has seen none of them. The plane is spanned by the two directions in which all
embeddings together vary most (PCA); nothing is fitted to the labels. Writes `results/joint_space.{json,png}`.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from sklearn.decomposition import PCA
from transformers import AutoProcessor

from benchmarks.curves import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION
from benchmarks.methods import fingerprint_of
from benchmarks.protocol import PROTOCOLS, everything
from benchmarks.results import DATA_ROOT, RESULTS, write_json
from dataset_scripts.utd_mhad.utd_mhad import ACTIONS, LAST_WRIST_ACTION
from modeling_mujo import MujoModel
from modeling_mujo.pipeline_mujo import HYPOTHESIS_TEMPLATES
from training.windows import Windows, load_windows

ACTIVITIES = ACTIONS[LAST_WRIST_ACTION:]
COLORS = (BLUE, ORANGE, GREEN, PURPLE, VERMILION, SKY)


@dataclass
class Views:
    """
    Embeddings of the same movements by each view, of unit length.

    Attributes:
        imu, pose: `(windows, projection_dim)`.
        words: `(activities, projection_dim)`.
        labels: `(windows,)` index of the activity.
    """

    imu: np.ndarray
    pose: np.ndarray
    words: np.ndarray
    labels: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--joint", type=Path, default=Path("outputs/release/joint"), help="folder of a joint model")
    parser.add_argument("--data_root", type=Path, default=DATA_ROOT, help="folder with one folder per dataset")
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of the JSON file and the picture")
    arguments = parser.parse_args()
    weights = fingerprint_of(arguments.joint)
    views = embed(arguments.joint, thigh_windows(arguments.data_root / "utd_mhad"))
    result = {"weights": weights, "dataset": "utd_mhad", "activities": list(ACTIVITIES), **describe(views)}
    write_json(arguments.output / "joint_space.json", result)
    draw(result, arguments.output / "joint_space.png")
    print(f"Wrote {arguments.output / 'joint_space.png'} and .json")


def thigh_windows(data_dir: Path) -> Windows:
    """The windows of `ACTIVITIES`, of all people; IMU and pose of the same time."""
    protocol = PROTOCOLS["fixed"]
    windows = everything(load_windows("utd_mhad", str(data_dir), protocol.window_seconds, protocol.hop_seconds))
    return windows.select(np.flatnonzero(windows.labels.numpy() >= LAST_WRIST_ACTION))


@torch.no_grad()
def embed(folder: Path, windows: Windows) -> Views:
    """All three views by the joint model in `folder`; an activity is the mean of its `HYPOTHESIS_TEMPLATES`."""
    model = MujoModel.from_pretrained(folder).eval()
    texts = [template.format(activity) for activity in ACTIVITIES for template in HYPOTHESIS_TEMPLATES]
    words = AutoProcessor.from_pretrained(folder).embed(model, text=texts).unflatten(0, (len(ACTIVITIES), -1)).mean(1)
    return Views(
        imu=model.imu_model(**windows.inputs).embeds.numpy(),
        pose=model.pose_model(**windows.pose).embeds.numpy(),
        words=F.normalize(words, dim=-1).numpy(),
        labels=windows.labels.numpy() - LAST_WRIST_ACTION,
    )


def describe(views: Views) -> dict:
    """Points of the plane and, in the whole space, how often the nearest of another view is of the same activity."""
    pca = PCA(2).fit(np.concatenate([views.imu, views.pose, views.words]))
    activities = np.arange(len(views.words))
    return {
        "explained_variance": pca.explained_variance_ratio_.round(3).tolist(),
        "nearest_is_same_activity": {
            "imu to words": agreement(views.imu, views.labels, views.words, activities),
            "pose to words": agreement(views.pose, views.labels, views.words, activities),
            "imu to pose": agreement(views.imu, views.labels, views.pose, views.labels),
            "pose to imu": agreement(views.pose, views.labels, views.imu, views.labels),
        },
        "labels": views.labels.tolist(),
        "points": {name: pca.transform(getattr(views, name)).round(3).tolist() for name in ("imu", "pose", "words")},
    }


def agreement(queries: np.ndarray, labels: np.ndarray, gallery: np.ndarray, gallery_labels: np.ndarray) -> float:
    """Share of the queries whose nearest neighbour in the gallery, by cosine, has their label."""
    nearest = (queries @ gallery.T).argmax(axis=1)
    return round(float((gallery_labels[nearest] == labels).mean()), 3)


def draw(result: dict, file: Path) -> None:
    """Recordings are dots, poses hollow triangles, words diamonds; colours are activities."""
    labels = np.array(result["labels"])
    points = {name: np.array(values) for name, values in result["points"].items()}
    figure, plane = plt.subplots(figsize=(8, 7), layout="constrained")
    for number, color in enumerate(COLORS):
        (imu_x, imu_y), (pose_x, pose_y) = (points[name][labels == number].T for name in ("imu", "pose"))
        plane.scatter(imu_x, imu_y, s=22, color=color, alpha=0.75, linewidths=0)
        plane.scatter(pose_x, pose_y, s=28, marker="^", facecolors="none", edgecolors=color)
    words_x, words_y = points["words"].T
    plane.scatter(words_x, words_y, s=90, marker="D", color=COLORS, edgecolors="black", zorder=3)
    for axis, share in zip("xy", result["explained_variance"], strict=True):
        getattr(plane, f"set_{axis}label")(f"{share:.0%} of the variance")
    finish(figure, plane, result["activities"])
    figure.savefig(file, dpi=130)
    plt.close(figure)


def finish(figure: Figure, plane: Axes, activities: list[str]) -> None:
    """What marks and colours mean; equal scales, so that distances can be read."""
    views = [
        Line2D([], [], color="0.3", marker="o", linestyle="", markersize=5, label="IMU on the thigh, 4 s"),
        Line2D([], [], color="0.3", marker="^", linestyle="", fillstyle="none", label="pose of the same movement"),
        Line2D([], [], color="0.3", marker="D", linestyle="", markersize=8, label="words"),
    ]
    words = [
        Line2D([], [], color=color, marker="s", linestyle="", label=f"“{activity}”")
        for activity, color in zip(activities, COLORS, strict=True)
    ]
    figure.legend(handles=views, loc="outside upper center", ncols=3, frameon=False)
    figure.legend(handles=words, loc="outside lower center", ncols=2, frameon=False)
    plane.set_aspect("equal")
    plane.set_xticks([])
    plane.set_yticks([])
    plane.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    main()
