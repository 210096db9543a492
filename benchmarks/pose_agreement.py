"""How well cameras agree on the pose of one person, and how well each agrees with all of them.

    python benchmarks/pose_agreement.py --videos <folder of synchronised videos> [--calibration <Qualisys .qca.txt>]

For example the folders `Demo_SinglePerson/videos` and `Demo_SinglePerson/calibration` of the PyPI package pose2sim.
Needs `make pose-env`. Writes `results/pose_agreement.json` and `docs/pose_from_video.png`.

Every camera's video goes through BlazePose and `lift` alone, as if the others did not exist. Two cameras are compared
after one rigid motion for the whole clip (they do not know where they stand), once more with a scale. With a
calibration, landmarks of all cameras are triangulated; that reference tells the errors of scale, of the vertical and
of the simulated accelerations. It shares the landmarks with what it judges, so it shows the cost of having one
camera, not the errors of BlazePose in the picture.
"""

import argparse
import itertools
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import torch
from scipy.spatial.transform import Rotation

from benchmarks.results import RESULTS, ROOT, write_json
from dataset_scripts.fimad.imu_simulation import simulate_imu
from dataset_scripts.fimad.skeleton import JOINT_INDEX, PARENTS, SAMPLING_RATE, bone_length_variation
from dataset_scripts.fimad.videos import pose_lifting
from dataset_scripts.fimad.videos.clips import Landmarks, PoseTrack
from dataset_scripts.fimad.videos.pose_estimation import BlazePose
from dataset_scripts.fimad.videos.video_files import read_frames
from modeling_mujo.configuration_mujo import JOINTS, PLACEMENTS

SHORTEST = 1.0  # seconds; the clips of pose2sim are too short for FiMAD
MIN_VISIBILITY = 0.5  # of a landmark that takes part in the triangulation
SENSORS = ("chest", "left_wrist", "right_wrist", "left_thigh", "right_thigh", "left_ankle", "right_ankle")
REFERENCE_CUTOFF = 6.0  # Hz; usual for gait from several cameras
CUTOFFS = ((6.0, 6.0), (4.0, 4.0), (3.0, 3.0), (6.0, 1.5), (5.0, 2.0), (4.0, 2.0), (4.0, 1.5), (4.0, 1.0), (3.0, 1.5))
CENTIMETRES = 100.0


@dataclass(frozen=True)
class Camera:
    """A calibrated pinhole camera: x_camera = rotation (x_room - place). `focal` and `centre` are in pixels of a
    picture that is `height` pixels high. Lens distortion is left out: a few pixels at the rim of these pictures."""

    rotation: np.ndarray
    place: np.ndarray
    focal: float
    centre: np.ndarray
    height: float


def read_qualisys(file: Path) -> dict[str, Camera]:
    """Cameras of a Qualisys calibration by their names; lengths in metres, z up."""
    cameras = {}
    for element in ElementTree.parse(file).getroot().iter("camera"):
        transform, lens, view = (
            part.attrib for name in ("transform", "intrinsic", "fov_video") for part in element.iter(name)
        )
        axes = np.array([[float(transform[f"r{row}{column}"]) for column in (1, 2, 3)] for row in (1, 2, 3)])
        cameras[element.attrib["serial"]] = Camera(
            rotation=np.diag([1.0, -1.0, -1.0]) @ axes,  # Qualisys cameras look along -z, y up
            place=np.array([float(transform[axis]) for axis in "xyz"]) / 1000,
            focal=float(lens["focalLengthU"]) / 64,  # in 64ths of a pixel
            centre=np.array([float(lens[f"centerPoint{axis}"]) for axis in "UV"]) / 64,
            height=float(view["bottom"]) + 1,
        )
    return cameras


def triangulate(cameras: list[Camera], landmarks: list[Landmarks]) -> np.ndarray:
    """Places `(frames, 33, 3)` in the room that come nearest to the lines of sight of all cameras."""
    normal, right_side = np.zeros((len(landmarks[0].times), 33, 3, 3)), np.zeros((len(landmarks[0].times), 33, 3))
    for camera, seen in zip(cameras, landmarks, strict=True):
        _, image = pose_lifting.same_sides(seen.world, seen.image)
        pixels = image * seen.image_size * camera.height / seen.image_size[1]
        slopes = (pixels - camera.centre) / camera.focal
        rays = np.concatenate([slopes, np.ones_like(slopes[..., :1])], axis=-1) @ camera.rotation
        rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
        across = np.eye(3) - rays[..., :, None] * rays[..., None, :]
        across *= np.where(seen.visibility >= MIN_VISIBILITY, seen.visibility, 0)[..., None, None]
        normal += across
        right_side += across @ camera.place
    return np.linalg.solve(normal, right_side[..., None])[..., 0]


# --- comparing -------------------------------------------------------------------------------------------------------


def aligned(pose: np.ndarray, target: np.ndarray, scaled: bool) -> tuple[np.ndarray, Rotation, float]:
    """`pose` `(time, joints, 3)` moved onto `target` by one rigid motion, with the rotation and the scale used."""
    source, goal = pose.reshape(-1, 3), target.reshape(-1, 3)
    rotation, _ = Rotation.align_vectors(goal - goal.mean(axis=0), source - source.mean(axis=0))
    moved = rotation.apply(source - source.mean(axis=0))
    scale = float((moved * (goal - goal.mean(axis=0))).sum() / (moved**2).sum()) if scaled else 1.0
    return (scale * moved + goal.mean(axis=0)).reshape(pose.shape), rotation, scale


def joint_difference(pose: np.ndarray, target: np.ndarray, scaled: bool = False) -> float:
    """Mean distance of joints in cm after alignment."""
    return float(np.linalg.norm(aligned(pose, target, scaled)[0] - target, axis=-1).mean() * CENTIMETRES)


def about_the_pelvis(pose: np.ndarray) -> np.ndarray:
    return pose - pose[:, :1]


def compare(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Differences in cm: `motion` with the way through the room, `posture` about the pelvis."""
    return {
        "motion_cm": joint_difference(first, second),
        "posture_cm": joint_difference(about_the_pelvis(first), about_the_pelvis(second)),
        "posture_scaled_cm": joint_difference(about_the_pelvis(first), about_the_pelvis(second), scaled=True),
    }


def leg_length(pose: np.ndarray) -> float:
    """Metres from hip to ankle along the bones, both sides' mean."""
    bones = np.median(np.linalg.norm(pose - pose[:, PARENTS], axis=-1), axis=0)
    parts = [JOINT_INDEX[f"{side}_{joint}"] for side in ("left", "right") for joint in ("knee", "ankle")]
    return float(bones[parts].sum() / 2)


def acceleration(pose: np.ndarray) -> np.ndarray:
    """Magnitude `(sensors, time)` of the simulated specific force at `SENSORS`, without the ends."""
    placements = torch.tensor([[PLACEMENTS.index(name) for name in SENSORS]])
    imu = simulate_imu(torch.from_numpy(pose.astype(np.float32))[None], placements, sampling_rate=float(SAMPLING_RATE))
    return imu[0, :, 5:-5, :3].norm(dim=-1).numpy()


def against_reference(pose: np.ndarray, reference: np.ndarray) -> dict[str, float]:
    """How one camera's pose differs from all cameras' (z up): cm, degrees, m/s²."""
    _, rotation, scale = aligned(about_the_pelvis(pose), about_the_pelvis(reference), scaled=True)
    vertical = rotation.apply([0.0, 0.0, 1.0])
    ours, theirs = acceleration(pose), acceleration(reference)
    return {
        **compare(pose, reference),
        "scale_to_reference": scale,
        "leg_length_ratio": leg_length(pose) / leg_length(reference),
        "vertical_error_deg": float(np.degrees(np.arccos(vertical[2]))),
        "acceleration_rmse": float(np.sqrt(((ours - theirs) ** 2).mean())),
        "acceleration_correlation": float(
            np.mean([np.corrcoef(*pair)[0, 1] for pair in zip(ours, theirs, strict=True)])
        ),
    }


# --- picture ---------------------------------------------------------------------------------------------------------


def draw(file: Path, poses: dict[str, np.ndarray], reference: np.ndarray) -> None:
    """Each camera's skeleton over the reference, seen from the front of the room, and one simulated sensor."""
    matplotlib.use("Agg")
    from matplotlib import pyplot

    sensor = SENSORS.index("right_thigh")
    figure, rows = pyplot.subplots(len(poses), 2, figsize=(12, 2.4 * len(poses)), width_ratios=(2, 1))
    for (name, pose), (bodies, signal) in zip(poses.items(), rows, strict=True):
        moved = aligned(about_the_pelvis(pose), about_the_pelvis(reference), scaled=False)[0]
        for column, sample in enumerate(np.linspace(0, len(pose) - 1, 7).astype(int)):
            for body, colour in ((about_the_pelvis(reference)[sample], "0.6"), (moved[sample], "C0")):
                for joint, parent in enumerate(PARENTS[1:], start=1):
                    bone = body[[joint, parent]]
                    right = "right" in JOINTS[joint] and colour != "0.6"
                    bodies.plot(bone[:, 1] + column, bone[:, 2], color="C3" if right else colour, linewidth=1.5)
        bodies.set(aspect="equal", xlabel="m", ylabel="m", title=f"{name}: left blue, right red; all cameras grey")
        seconds = np.arange(len(acceleration(reference)[sensor])) / SAMPLING_RATE
        signal.plot(seconds, acceleration(reference)[sensor], color="0.6")
        signal.plot(seconds, acceleration(pose)[sensor], color="C0")
        signal.set(title="right thigh, simulated specific force", xlabel="s", ylabel="m/s²", ylim=(0, 25))
    figure.tight_layout()
    figure.savefig(file, dpi=80)
    pyplot.close(figure)


# --- main ------------------------------------------------------------------------------------------------------------


def longest_track(
    landmarks: Landmarks, cutoff: float = pose_lifting.CUTOFF, depth_cutoff: float = pose_lifting.DEPTH_CUTOFF
) -> PoseTrack:
    tracks = pose_lifting.lift(
        landmarks,
        shortest=SHORTEST,
        min_quality=0.0,
        cutoff=cutoff,
        depth_cutoff=depth_cutoff,
        fastest_bone=np.inf,  # whatever they show, the cameras are compared at the same times
    )
    return max(tracks, key=lambda track: track.end - track.start)


def on_common_times(tracks: dict[str, PoseTrack]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The times that all tracks share, at 50 Hz, and each track's pose at them."""
    start = max(track.start for track in tracks.values())
    count = int((min(track.end for track in tracks.values()) - start) * SAMPLING_RATE)
    poses = {}
    for name, track in tracks.items():
        first = round((start - track.start) * SAMPLING_RATE)
        poses[name] = track.pose[first : first + count].astype(np.float64)
    return start + np.arange(count) / SAMPLING_RATE, poses


def sweep_filters(landmarks: dict[str, Landmarks], reference: np.ndarray) -> list[dict[str, float]]:
    """What other cut-off frequencies than the default ones would give, mean over the cameras."""
    figures = []
    for cutoff, depth_cutoff in CUTOFFS:
        _, poses = on_common_times({n: longest_track(seen, cutoff, depth_cutoff) for n, seen in landmarks.items()})
        mean = mean_of({name: against_reference(pose, reference) for name, pose in poses.items()})
        shown = {name: mean[name] for name in ("posture_cm", "acceleration_rmse", "acceleration_correlation")}
        figures.append({"cutoff_hz": cutoff, "depth_cutoff_hz": depth_cutoff, **shown})
    return figures


def quality_figures(track: PoseTrack) -> dict[str, float]:
    return {
        "quality": track.quality,
        "detected_share": track.detected_share,
        "visibility": track.visibility,
        "bone_length_variation_before": track.bone_length_variation,
        "bone_length_variation_after": bone_length_variation(track.pose),
        "leg_length_m": leg_length(track.pose),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--videos", type=Path, required=True, help="folder of synchronised videos, one a camera")
    parser.add_argument("--calibration", type=Path, help="Qualisys .qca.txt with cameras named like the videos")
    parser.add_argument("--output", type=Path, default=RESULTS / "pose_agreement.json")
    parser.add_argument("--picture", type=Path, default=ROOT / "docs" / "pose_from_video.png")
    arguments = parser.parse_args()
    files = sorted(arguments.videos.glob("*.mp4"))
    if len(files) < 2:
        parser.error(f"{arguments.videos} holds {len(files)} .mp4 files, expected two or more of one scene")

    with BlazePose() as estimate:
        landmarks = {file.stem: estimate(read_frames(file)) for file in files}
    tracks = {name: longest_track(seen) for name, seen in landmarks.items()}
    times, poses = on_common_times(tracks)
    pairs = {f"{a} {b}": compare(poses[a], poses[b]) for a, b in itertools.combinations(poses, 2)}
    report: dict = {
        "seconds": len(times) / SAMPLING_RATE,
        "cameras": {name: quality_figures(track) for name, track in tracks.items()},
        "pairs": pairs,
        "pairs_mean": mean_of(pairs),
    }
    if arguments.calibration:
        cameras = read_qualisys(arguments.calibration)
        points = triangulate([cameras[name] for name in landmarks], list(landmarks.values()))
        frames = next(iter(landmarks.values())).times
        reference = pose_lifting.skeleton_joints(pose_lifting.smooth(frames, points, times, REFERENCE_CUTOFF))
        judged = {name: against_reference(pose, reference) for name, pose in poses.items()}
        report |= {"against_all_cameras": judged, "against_all_cameras_mean": mean_of(judged)}
        report["filters"] = sweep_filters(landmarks, reference)
        draw(arguments.picture, poses, reference)
    write_json(arguments.output, report)
    for part in ("pairs_mean", "against_all_cameras_mean"):
        print(part, {name: round(value, 2) for name, value in report.get(part, {}).items()})


def mean_of(rows: dict[str, dict[str, float]]) -> dict[str, float]:
    return {name: float(np.mean([row[name] for row in rows.values()])) for name in next(iter(rows.values()))}


if __name__ == "__main__":
    main()
