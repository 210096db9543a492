"""Draw recordings, poses and words in the joint space: `python benchmarks/joint_space.py [--joint FOLDER]`.

The recordings are those of UTD-MHAD whose sensor was on the thigh: six activities, eight people, an IMU and a Kinect
on the same movements. Pretraining has seen none of them. The plane is spanned by the two directions in which all
embeddings together vary most (PCA); nothing is fitted to the labels. Writes `results/joint_space.{json,png}`.
"""

import argparse
import textwrap
from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
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
CLOSE = 0.1  # cosine units of the plane: texts nearer than this would overlap,
WIDE = 0.4  # and run into words that are nearer than this beside them


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
    """Recordings are dots, poses hollow triangles, words diamonds with their text; colours are activities."""
    labels = np.array(result["labels"])
    points = {name: np.array(values) for name, values in result["points"].items()}
    figure, plane = plt.subplots(figsize=(9, 6.2))
    for number, color in enumerate(COLORS):
        (imu_x, imu_y), (pose_x, pose_y) = (points[name][labels == number].T for name in ("imu", "pose"))
        plane.scatter(imu_x, imu_y, s=22, color=color, alpha=0.75, linewidths=0)
        plane.scatter(pose_x, pose_y, s=28, marker="^", facecolors="none", edgecolors=color)
    for point, activity, color in zip(points["words"], result["activities"], COLORS, strict=True):
        plane.scatter(point[0], point[1], s=90, marker="D", color=color, edgecolors="black", zorder=3)
        text = textwrap.fill(f"“{activity}”", 22)
        across, along = place_of_text(point, points["words"])
        offset = (9 if across == "left" else -9, 0)
        plane.annotate(text, point, offset, textcoords="offset points", fontsize=9, ha=across, va=along, zorder=4)
    for axis, share in zip("xy", result["explained_variance"], strict=True):
        getattr(plane, f"set_{axis}label")(f"{share:.0%} of the variance")
    finish(plane)
    figure.tight_layout()
    figure.savefig(file, dpi=130)
    plt.close(figure)


def place_of_text(point: np.ndarray, others: np.ndarray) -> tuple[str, str]:
    """Alignment of the text of a word, across and along, so that those of neighbours do not overlap."""
    offsets = others - point
    beside = (np.abs(offsets[:, 1]) < CLOSE) & (offsets[:, 0] > CLOSE) & (offsets[:, 0] < WIDE)
    near = offsets[np.abs(offsets).max(axis=1) < CLOSE]
    along = "top" if (near[:, 1] > 0).any() else "bottom" if (near[:, 1] < 0).any() else "center"
    return "right" if beside.any() else "left", along


def finish(plane: Axes) -> None:
    """What the marks mean; equal scales, so that distances can be read."""
    marks = [
        Line2D([], [], color="0.3", marker="o", linestyle="", markersize=5, label="IMU on the thigh, 4 s"),
        Line2D([], [], color="0.3", marker="^", linestyle="", fillstyle="none", label="pose of the same movement"),
        Line2D([], [], color="0.3", marker="D", linestyle="", markersize=8, label="words"),
    ]
    plane.legend(handles=marks, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=3, frameon=False)
    plane.set_aspect("equal")
    plane.set_xticks([])
    plane.set_yticks([])
    plane.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    main()
