"""`simulate_imu` beside the PyPI package `imusim`: CPU time, and signals on the same BVH and on closed forms.

imusim 1.1.2 (x-io Technologies, MIT) simulates one sensor on one rigid body from a CSV file of positions and
orientations. It resamples by cubic splines, filters by a first-order Butterworth filter forwards and backwards, takes
backward differences, and integrates its own angular velocity to the orientation that turns gravity. Both simulators
halve the amplitude at the cutoff they are given.
"""

import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.spatial.transform import Rotation

from benchmarks.simulation_fidelity import best_correlation, closed_forms, magnitude
from dataset_scripts.fimad.imu_simulation import DEFAULT_ALONG, segment_frames, simulate_imu
from dataset_scripts.fimad.motion_files import AVATAR_JOINTS, AVATAR_RIG, read_motion_folder
from dataset_scripts.fimad.motion_formats import BoneTracks, parse_bvh
from dataset_scripts.fimad.skeleton import SAMPLING_RATE, MotionClip
from modeling_mujo.configuration_mujo import PLACEMENTS

WORKER = Path(__file__).with_name("imusim_worker.py")
# Forward jumps, jump and balance, punches, dance, dribbling, walk.
RECORDINGS = ("001_01", "002_04", "002_05", "005_18", "006_11", "007_03")
# What a cutoff of `simulate_imu` in Hz is compared with: the same cutoff, and its mildest smoothing with none.
CUTOFFS = {6.0: 6.0, 20.0: None}
CLOSED_FORM_CUTOFFS = (6.0, 10.0)  # Hz
CLOSED_FORM_NOISE = (0.0, 0.5)  # millimetres, of every joint
ENDS = 25  # samples left out: imusim starts at velocity zero, so its first samples hold the jump to the real one

Labels = dict[str, str | float]


class Segment(NamedTuple):
    """Where a sensor sits in the rig: joints of the segment's ends, and the bone that turns with it."""

    proximal: str
    distal: str
    bone: str


SEGMENTS = {
    "right_wrist": Segment("right_elbow", "right_wrist", "CC_Base_R_Forearm"),
    "left_thigh": Segment("left_hip", "left_knee", "CC_Base_L_Thigh"),
    "chest": Segment("spine", "thorax", "CC_Base_Spine02"),
}


@dataclass(frozen=True)
class Job:
    """One sensor for imusim, and what to compare it with.

    Attributes:
        trajectory: `(time, 8)` seconds, position in metres, orientation w x y z.
        bandwidth: in Hz, or None for imusim's default, which hardly filters.
        reference: `(time, 6)` at 50 Hz, from `simulate_imu` or a closed form.
        labels: what this is, for grouping.
    """

    trajectory: np.ndarray
    bandwidth: float | None
    reference: np.ndarray
    labels: Labels


def compare(imusim_python: Path, archive: Path, picture: Path) -> dict:
    """CPU time and signals of both.

    Args:
        imusim_python: interpreter that has the package imusim.
        archive: `All_BVH.zip` of the CMU avatar motions, beside it CMU's list `cmu_index.csv`.
        picture: file to draw one recording to.
    """
    recordings = list(read_recordings(archive))
    motion, forms = list(motion_jobs(recordings)), list(closed_form_jobs())
    results, version = run_imusim(imusim_python, motion + forms)
    draw(motion, results[: len(motion)], picture)
    return {
        "version": version,
        "recordings": list(RECORDINGS),
        "seconds": round(sum(clip.end - clip.start for clip, _ in recordings), 1),
        "cpu_seconds_per_sensor_second": cpu_time([clip for clip, _ in recordings], motion, results[: len(motion)]),
        "agreement": agreement(motion, results[: len(motion)]),
        "closed_forms": closed_form_errors(forms, results[len(motion) :]),
    }


# --- what is simulated -----------------------------------------------------------------------------------------------


def read_recordings(archive: Path) -> Iterator[tuple[MotionClip, BoneTracks]]:
    """Clips as FiMAD reads them, and the bones of the same file at its own rate from the clip's first frame."""
    with zipfile.ZipFile(archive) as files, tempfile.TemporaryDirectory() as folder:
        names = {Path(name).stem: name for name in files.namelist() if name.endswith(".bvh")}
        (Path(folder) / "cmu_index.csv").write_bytes(archive.with_name("cmu_index.csv").read_bytes())
        for recording in RECORDINGS:
            (Path(folder) / f"{recording}.bvh").write_bytes(files.read(names[recording]))
        for recording, clip in zip(RECORDINGS, read_motion_folder(Path(folder)), strict=True):
            tracks = parse_bvh(files.read(names[recording]).decode(), AVATAR_JOINTS)
            first = 1 + round(clip.start * tracks.rate)  # frame 0 of the file is the rig's T-pose
            yield clip, cut(tracks, slice(first, first + round((clip.end - clip.start) * tracks.rate)))


def cut(tracks: BoneTracks, frames: slice) -> BoneTracks:
    return BoneTracks(
        positions={name: track[frames] for name, track in tracks.positions.items()},
        rotations={name: track[frames] for name, track in tracks.rotations.items()},
        rate=tracks.rate,
    )


def trajectory(rate: float, position: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """`(time, 8)` from positions `(time, 3)` and rotations `(time, 3, 3)` of the segment to the world."""
    quaternion = Rotation.from_matrix(rotation).as_quat()[:, [3, 0, 1, 2]]
    return np.column_stack([np.arange(len(position)) / rate, position, quaternion])


def frame_trajectory(pose: torch.Tensor, placement: str, along: float) -> np.ndarray:
    """The point and the frame that `simulate_imu` differentiates, for a pose `(1, time, 17, 3)` at 50 Hz."""
    ids = torch.tensor([[PLACEMENTS.index(placement)]])
    origin, rotation = segment_frames(pose.double(), ids, along=torch.tensor([[along]]).double())
    return trajectory(SAMPLING_RATE, origin[0, 0].numpy(), rotation[0, 0].numpy())


def bone_trajectory(tracks: BoneTracks, placement: str) -> np.ndarray:
    """The same point with the rotation of the bone in the BVH, at the rate of the BVH."""
    segment, along = SEGMENTS[placement], DEFAULT_ALONG[placement]
    proximal, distal = (
        np.mean([tracks.positions[point] for point in AVATAR_RIG.joints[joint]], axis=0)
        for joint in (segment.proximal, segment.distal)
    )
    position = (1 - along) * proximal + along * distal
    return trajectory(tracks.rate, position, tracks.rotations[segment.bone])


def motion_jobs(recordings: list[tuple[MotionClip, BoneTracks]]) -> Iterator[Job]:
    """Every recording, sensor, source of the orientation and cutoff."""
    for clip, tracks in recordings:
        pose = torch.from_numpy(clip.pose)[None]
        for placement in SEGMENTS:
            sources = {
                "segment frame": frame_trajectory(pose, placement, DEFAULT_ALONG[placement]),
                "bone of the BVH": bone_trajectory(tracks, placement),
            }
            ids = torch.tensor([[PLACEMENTS.index(placement)]])
            for cutoff, bandwidth in CUTOFFS.items():
                reference = simulate_imu(pose, ids, cutoff=cutoff)[0, 0].numpy()
                for source, path in sources.items():
                    labels: Labels = {"placement": placement, "orientation": source, "cutoff": cutoff}
                    yield Job(path, bandwidth, reference, {"recording": clip.recording_id, **labels})


def closed_form_jobs() -> Iterator[Job]:
    """Motions of the forearm whose readings are known, with and without noise of the joints."""
    for noise in CLOSED_FORM_NOISE:
        generator = np.random.default_rng(0)
        for name, (pose, expected) in closed_forms().items():
            noisy = pose + torch.from_numpy(generator.normal(scale=noise / 1000, size=pose.shape)).float()
            path = frame_trajectory(noisy, "right_wrist", 1.0)
            for cutoff in CLOSED_FORM_CUTOFFS:
                ids = torch.tensor([[PLACEMENTS.index("right_wrist")]])
                ours = simulate_imu(noisy, ids, along=torch.ones(1, 1), cutoff=cutoff)[0, 0].numpy()
                error = vector_rms(ours - expected)
                labels: Labels = {"motion": name, "noise_mm": noise, "cutoff": cutoff}
                yield Job(path, cutoff, expected, {**labels, "force_error": error[0], "rate_error": error[1]})


def run_imusim(python: Path, jobs: list[Job]) -> tuple[list[dict], str]:
    """`imu` `(time, 6)`, `cpu_seconds` and `orientation_error` of each job, and the version of imusim.

    Raises:
        RuntimeError: the interpreter cannot run imusim; what it said is in the message.
    """
    bandwidth = np.array([np.nan if job.bandwidth is None else job.bandwidth for job in jobs])
    arrays = {str(index): job.trajectory for index, job in enumerate(jobs)}
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "jobs.npz", Path(folder) / "results.npz"
        np.savez(given, allow_pickle=False, sampling_rate=float(SAMPLING_RATE), bandwidth=bandwidth, **arrays)
        done = subprocess.run([python, WORKER, given, made], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(
                f"{python} could not run imusim; pip install imusim scipy there. It said:\n{done.stderr}"
            )
        with np.load(made, allow_pickle=False) as results:
            figures = np.stack([results["cpu_seconds"], results["orientation_error"]], axis=1)
            rows = [
                {"imu": results[str(index)], "cpu_seconds": float(seconds), "orientation_error": float(degrees)}
                for index, (seconds, degrees) in enumerate(figures)
            ]
            return rows, str(results["version"])


# --- figures ---------------------------------------------------------------------------------------------------------


def vector_rms(difference: np.ndarray) -> tuple[float, float]:
    """RMS length of the specific force and angular velocity parts of `(time, 6)`, 0.2 s from the ends."""
    force, rate = np.sqrt((difference[10:-10] ** 2).reshape(-1, 2, 3).sum(-1).mean(0))
    return round(float(force), 4), round(float(rate), 4)


def median_and_quartiles(values: Iterable[float]) -> dict[str, float | list[float]]:
    low, median, high = np.quantile(list(values), [0.25, 0.5, 0.75])
    return {"median": float(f"{median:.4g}"), "quartiles": [float(f"{low:.4g}"), float(f"{high:.4g}")]}


def cpu_time(clips: list[MotionClip], jobs: list[Job], results: list[dict], repeats: int = 9) -> dict:
    """CPU seconds per second of one sensor, file reading apart; ours on one thread, three sensors at once."""
    ids = torch.tensor([[PLACEMENTS.index(placement) for placement in SEGMENTS]])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    ours = []
    for repeat in range(1 + repeats):
        for clip in clips:
            pose = torch.from_numpy(clip.pose)[None]
            started = process_time()
            simulate_imu(pose, ids)
            if repeat:  # the first time makes the smoothing matrices
                ours.append((process_time() - started) * SAMPLING_RATE / (len(clip.pose) * len(SEGMENTS)))
    torch.set_num_threads(threads)
    seconds = [len(job.reference) / SAMPLING_RATE for job in jobs]
    imusim = [result["cpu_seconds"] / length for result, length in zip(results, seconds, strict=True)]
    return {"simulate_imu": median_and_quartiles(ours), "imusim": median_and_quartiles(imusim)}


def agreement(jobs: list[Job], results: list[dict]) -> list[dict]:
    """Medians over the recordings, for each sensor, source of the orientation and cutoff."""
    groups: dict[tuple, list[dict]] = {}
    for job, result in zip(jobs, results, strict=True):
        key = tuple(job.labels[name] for name in ("placement", "orientation", "cutoff"))
        row = {**signal_agreement(job, result["imu"]), "orientation_error_degrees": result["orientation_error"]}
        groups.setdefault(key, []).append(row)
    return [
        {
            **dict(zip(("placement", "orientation", "cutoff"), key, strict=True)),
            "bandwidth": CUTOFFS[key[2]],
            **{name: round(float(np.median([row[name] for row in rows])), 3) for name in rows[0]},
        }
        for key, rows in groups.items()
    ]


def signal_agreement(job: Job, imu: np.ndarray) -> dict[str, float]:
    """Correlation and RMS difference of the magnitudes, and of the vectors where both use the segment frame."""
    count = min(len(imu), len(job.reference))
    ours, theirs = (signal[ENDS : count - ENDS] for signal in (job.reference, imu))
    figures: dict[str, float] = {}
    for name, part in (("force", slice(0, 3)), ("rate", slice(3, 6))):
        a, b = magnitude(ours[:, part]), magnitude(theirs[:, part])
        figures[f"{name}_correlation"] = float(np.corrcoef(a, b)[0, 1])
        figures[f"{name}_correlation_best_lag"] = best_correlation(a, b)
        figures[f"{name}_rms_difference"] = float(np.sqrt(np.mean((a - b) ** 2)))
        figures[f"{name}_sd"] = float(a.std())
        if job.labels["orientation"] == "segment frame":
            squares = ((ours[:, part] - theirs[:, part]) ** 2).sum(-1)
            figures[f"{name}_vector_rms_difference"] = float(np.sqrt(squares.mean()))
    return figures


def closed_form_errors(jobs: list[Job], results: list[dict]) -> list[dict]:
    """RMS error of the vectors of both, per motion, noise and cutoff."""
    rows = []
    for job, result in zip(jobs, results, strict=True):
        theirs = vector_rms(result["imu"] - job.reference[: len(result["imu"])])
        labels = {name: job.labels[name] for name in ("motion", "noise_mm", "cutoff")}
        ours = (job.labels["force_error"], job.labels["rate_error"])
        rows.append({**labels, "simulate_imu": list(ours), "imusim": list(theirs)})
    return rows


# --- picture ---------------------------------------------------------------------------------------------------------


def draw(jobs: list[Job], results: list[dict], file: Path, recording: str = "cmu_02_05", seconds: float = 5.0) -> None:
    """Magnitudes of both for the right wrist of one recording: columns are cutoffs."""
    figure, axes = plt.subplots(2, len(CUTOFFS), figsize=(11, 5), sharex=True, sharey="row", layout="constrained")
    wanted = {"recording": recording, "placement": "right_wrist", "orientation": "segment frame"}
    window = slice(ENDS, ENDS + round(seconds * SAMPLING_RATE))
    pairs = [(j, r) for j, r in zip(jobs, results, strict=True) if wanted.items() <= j.labels.items()]
    for column, (job, result) in enumerate(pairs):
        time = np.arange(len(job.reference))[window] / SAMPLING_RATE
        for row, part in enumerate((slice(0, 3), slice(3, 6))):
            axis = axes[row, column]
            axis.plot(time, magnitude(job.reference[window, part]), label=f"simulate_imu, {job.labels['cutoff']:g} Hz")
            filtered = "default" if job.bandwidth is None else f"{job.bandwidth:g} Hz"
            axis.plot(time, magnitude(result["imu"][window, part]), "--", label=f"imusim, {filtered}")
            axis.legend(loc="upper right")
        axes[1, column].set_xlabel("time (s)")
    axes[0, 0].set_ylabel("specific force (m/s²)")
    axes[1, 0].set_ylabel("angular velocity (rad/s)")
    figure.suptitle("Right wrist, magnitudes: CMU 2_05, punch/strike")
    figure.savefig(file, dpi=110)
    plt.close(figure)
