"""How like recorded people the generated ones move: joint angles, tempo and what an IMU on wrist and thigh would read.

    python benchmarks/synthesis_realism.py --motion ../shared/data/motion --phones ../shared/data/motionsense \\
        --wrists ../shared/data/utd_mhad --out docs/synthesis_realism.png

Writes the figure, `results/synthesis_realism.json` and the tables of `docs/synthesis.md`.
Takes two minutes on one core.

Recorded are motion capture (`read_motion_folder`), the phones that MotionSense's training people had in their trouser
pockets, and the sensors that UTD-MHAD's had on the wrist; test people are never read. Signals of motion capture and of
generated motion are simulated in the same way. Of left and right, the side that moves more is compared.
"""

import argparse
import re
from collections import defaultdict
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure, SubFigure
from scipy.signal import welch

from benchmarks.results import DATA_ROOT, RESULTS, ROOT, write_json
from dataset_scripts.fimad.imu_simulation import STANDARD_GRAVITY, simulate_imu
from dataset_scripts.fimad.kinematics import measure_angles
from dataset_scripts.fimad.motion_files import read_motion_folder
from dataset_scripts.fimad.skeleton import JOINT_INDEX, SAMPLING_RATE
from dataset_scripts.fimad.synthesis import EXERCISES, synthesize_motion
from dataset_scripts.motionsense.motionsense import ACTIVITIES, MotionSense
from dataset_scripts.utd_mhad.utd_mhad import ACTIONS, UtdMhad
from modeling_mujo.configuration_mujo import PLACEMENTS

# Generated exercise → titles of the same movement in motion capture.
RECORDED = {
    "walking": ("walk", "brisk walk"),
    "slow walking": ("slow walk",),
    "jogging": ("jog in a circle",),
    "jogging in place": ("jogging",),
    "squat": ("squat", "deep squat"),
    "split squat": ("inline lunge",),
    "side lunge": ("side lunge",),
    "hurdle step": ("hurdle step",),
    "sit to stand": ("sit to stand",),
    "standing leg raise": ("standing active straight leg raise",),
    "standing knee raise": ("knee raises",),
    "elbow to knee": ("standing elbow to knee",),
    "hopping": ("hop on both legs",),
    "kicking a ball": ("front kick",),
    "jumping jack": ("jumping jacks",),
    "toe touch": ("toe touches",),
    "trunk twist": ("torso twists",),
    "arm circles": ("arm circles", "backward arm circles"),
    "shoulder abduction": ("standing shoulder abduction",),
    "shoulder scaption": ("standing shoulder scaption",),
    "shoulder rotation": ("standing shoulder internal-external rotation",),
    "reaching to a shelf": ("grab an object from a high shelf",),
    "dribbling a ball": ("basketball forward dribble",),
}
PHONES = ("walking", "jogging", "walking upstairs", "walking downstairs", "standing", "sitting")
# Generated gesture → action of UTD-MHAD.
WRISTS = {
    "swipe inwards": "right arm swipe to the left",
    "swipe outwards": "right arm swipe to the right",
    "wave": "right hand wave",
    "clap": "two hand front clap",
    "knock": "right hand knock on door",
    "catch": "right hand catch an object",
    "cross the arms": "cross arms in the chest",
    "push with both hands": "two hand push",
    "draw an x": "right hand draw x",
    "draw a circle outwards": "right hand draw circle clockwise",
    "draw a circle inwards": "right hand draw circle counter clockwise",
    "draw a triangle": "draw triangle",
    "throw": "right arm throw",
    "throw underarm": "bowling with the right hand",
    "pick up and throw": "right hand pick up and throw",
    "basketball shot": "basketball shoot",
    "baseball swing": "baseball swing from right",
    "tennis forehand": "tennis right hand forehand swing",
    "tennis serve": "tennis serve",
}
SPECTRA = (
    ("walking", "thigh"),
    ("jogging", "thigh"),
    ("squat", "thigh"),
    ("hopping", "thigh"),
    ("jumping jack", "wrist"),
    ("arm circles", "wrist"),
)
MEASURES = {
    "knee_flexion": "knee range, °",
    "hip_flexion": "hip range, °",
    "elbow_flexion": "elbow range, °",
    "shoulder_elevation": "shoulder range, °",
    "period": "period, s",
    "wrist_force": "wrist, sd of |f|, g",
    "wrist_rate": "wrist, turn rate, rad/s",
    "thigh_force": "thigh, sd of |f|, g",
    "thigh_rate": "thigh, turn rate, rad/s",
}
MOTION_CUTOFF, SENSOR_CUTOFF = 6.0, 18.0  # Hz; motion capture is noisy above the first, sensors are not
WINDOW = 128  # samples of a spectrum: 2.56 s
_FORCE, _RATE = ("sd of force, g", 2), ("turn rate, rad/s", 2)  # titles of columns, digits
REAL, SYNTHETIC = "#2b6cb0", "#dd6b20"

Summary = dict[str, list[float]]


def angle_ranges(pose: np.ndarray) -> dict[str, float]:
    """Range of each joint in the course of a clip in degrees, between the 2nd and the 98th percentile."""
    angles = measure_angles(pose)
    joints = ("knee_flexion", "hip_flexion", "elbow_flexion", "shoulder_elevation")
    return {joint: float(np.ptp(np.percentile(angles[joint], (2, 98), axis=0), axis=0).max()) for joint in joints}


def period(pose: np.ndarray) -> float:
    """Seconds after which a movement is most like itself again; the whole clip where it is done only once."""
    across = pose[:, JOINT_INDEX["left_hip"], :2] - pose[:, JOINT_INDEX["right_hip"], :2]
    facing = np.exp(-1j * np.unwrap(np.angle(across @ [1, 1j])))[:, None]
    relative = pose - pose[:, :1]
    level = relative[..., :2] @ [1, 1j] * facing
    motion = np.concatenate([level.real, level.imag, relative[..., 2]], axis=1)
    motion = motion - motion.mean(axis=0)
    length = len(motion)
    spectrum = np.abs(np.fft.rfft(motion, 2 * length, axis=0)) ** 2
    similarity = np.fft.irfft(spectrum, axis=0)[:length].sum(axis=1) / (length - np.arange(length))
    similarity /= similarity[0]
    inner = similarity[1:-1]
    peaks = 1 + np.flatnonzero((inner > similarity[:-2]) & (inner >= similarity[2:]))
    peaks = peaks[(peaks > 0.2 * SAMPLING_RATE) & (peaks < 0.6 * length)]
    if not len(peaks) or similarity[peaks].max() < 0.5:
        return length / SAMPLING_RATE
    return float(peaks[similarity[peaks] > 0.85 * similarity[peaks].max()][0]) / SAMPLING_RATE


def simulated(pose: np.ndarray, placement: str, cutoff: float) -> np.ndarray:
    """`(sides, time, 6)` of what IMUs on both sides read."""
    centred = pose - [*pose[:, 0, :2].mean(axis=0), 0.0]  # single precision is finest near the origin
    ids = torch.tensor([[PLACEMENTS.index(f"{side}_{placement}") for side in ("left", "right")]])
    return simulate_imu(torch.from_numpy(centred)[None].float(), ids, cutoff=cutoff)[0].double().numpy()


def imu_measures(imu: np.ndarray, placement: str) -> dict[str, float]:
    """Standard deviation of the specific force's size in g, root mean square of the turn rate in rad/s."""
    force = np.linalg.norm(imu[..., :3], axis=-1).std(axis=-1) / STANDARD_GRAVITY
    rate = np.sqrt((imu[..., 3:] ** 2).sum(axis=-1).mean(axis=-1))
    return {f"{placement}_force": float(force.max()), f"{placement}_rate": float(rate.max())}


def force_spectrum(imu: np.ndarray) -> np.ndarray:
    """Amplitude of the specific force's size in g, `(WINDOW // 2 + 1,)`, on the side that moves more."""
    force = np.linalg.norm(imu[..., :3], axis=-1) / STANDARD_GRAVITY
    livelier = force[force.std(axis=-1).argmax()]
    segment = min(WINDOW, len(livelier))
    _, power = welch(livelier, SAMPLING_RATE, nperseg=segment, nfft=WINDOW, scaling="spectrum")
    return np.sqrt(2 * power)


def measure(poses: list[np.ndarray], cutoff: float) -> tuple[dict[str, Summary], dict[str, np.ndarray]]:
    """Deciles of all measures over clips, and the median spectrum at wrist and thigh."""
    values, spectra = defaultdict(list), defaultdict(list)
    for pose in poses:
        found = angle_ranges(pose) | {"period": period(pose)}
        for placement in ("wrist", "thigh"):
            imu = simulated(pose, placement, cutoff)
            found |= imu_measures(imu, placement)
            spectra[placement].append(force_spectrum(imu))
        for name, value in found.items():
            values[name].append(value)
    deciles = {name: np.percentile(each, (10, 50, 90)).round(4).tolist() for name, each in values.items()}
    return deciles, {placement: np.median(each, axis=0) for placement, each in spectra.items()}


def generated_poses(name: str, clips: int) -> list[np.ndarray]:
    exercise = next(exercise for exercise in EXERCISES if exercise.name == name)
    return [synthesize_motion(exercise, seed)[0] for seed in range(clips)]


def recorded_poses(folder: Path) -> dict[str, list[np.ndarray]]:
    """Clips of a motion folder by the exercise they show."""
    exercise_of = {title: name for name, titles in RECORDED.items() for title in titles}
    poses = defaultdict(list)
    for clip in read_motion_folder(folder):
        name = exercise_of.get(clip.normalized_title)
        if name and len(clip.pose) >= SAMPLING_RATE // 2:
            poses[name].append(clip.pose.astype(np.float64))
    return dict(poses)


def phone_signals(folder: Path) -> dict[str, list[np.ndarray]]:
    """Signals `(1, time, 6)` of the training people by activity, in m/s² and rad/s, two seconds off either end."""
    signals = defaultdict(list)
    for row in MotionSense(data_dir=str(folder)).as_streaming_dataset(split="train"):
        signals[ACTIVITIES[row["label_code"]]].append(np.asarray(row["imu"], np.float64)[100:-100, 0][None])
    return dict(signals)


def wrist_signals(folder: Path) -> dict[str, list[np.ndarray]]:
    """Signals `(1, time, 6)` of the training people by action, in m/s² and rad/s."""
    signals = defaultdict(list)
    for row in UtdMhad(data_dir=str(folder)).as_streaming_dataset(split="train"):
        signals[ACTIONS[row["label"]]].append(np.asarray(row["imu"], np.float64)[:, 0][None])
    return dict(signals)


def compare_sensor(
    signals: list[np.ndarray], poses: list[np.ndarray], placement: str, sides: slice
) -> dict[str, dict]:
    """Real sensors against generated bodies: deciles, strongest frequency of each clip, median spectrum."""
    worn = {"recorded": signals, "generated": [simulated(pose, placement, SENSOR_CUTOFF)[sides] for pose in poses]}
    result = {}
    for kind, clips in worn.items():
        clips = [clip for clip in clips if clip.shape[1] >= SAMPLING_RATE]  # a second
        spectra = np.array([force_spectrum(clip) for clip in clips])
        measures = [imu_measures(clip, placement) for clip in clips]
        peaks = spectra[:, 1:].argmax(axis=1) * SAMPLING_RATE / WINDOW + SAMPLING_RATE / WINDOW
        columns = {name: [each[name] for each in measures] for name in measures[0]} | {"peak_hz": peaks}
        result[kind] = {name: np.percentile(each, (10, 50, 90)).round(4).tolist() for name, each in columns.items()}
        result[kind] |= {"clips": len(clips), "spectrum_g": np.median(spectra, axis=0).round(5).tolist()}
    return result


def draw(exercises: dict[str, dict], phones: dict[str, dict]) -> Figure:
    """Deciles of every measure and exercise above; below them spectra of motion capture and of phones."""
    figure = plt.figure(figsize=(17, 15), layout="constrained")
    grid = figure.add_gridspec(2, 1, height_ratios=(1.25, 1))
    above, below = (figure.add_subfigure(grid[row]) for row in range(2))
    draw_measures(above, exercises)
    axes = below.subplots(2, 6, sharex=True)
    for axis, (name, placement) in zip(axes[0], SPECTRA, strict=True):
        lines = {kind: exercises[name][kind]["spectra_g"][placement] for kind in ("recorded", "generated")}
        draw_spectrum(axis, lines, f"{name}, {placement}", "motion capture")
        axis.set_xlim(0, 12)
    for axis, (name, phone) in zip(axes[1], phones.items(), strict=True):
        draw_spectrum(axis, {kind: phone[kind]["spectrum_g"] for kind in phone}, f"{name}, pocket", "phone")
        axis.set_xlabel("Hz")
    for axis in axes[:, 0]:
        axis.set_ylabel("amplitude of |f|, g")
    return figure


def draw_measures(figure: SubFigure, exercises: dict[str, dict]) -> None:
    axes = figure.subplots(1, len(MEASURES), sharey=True)
    rows = np.arange(len(exercises))[::-1]
    for axis, (measure_name, label) in zip(axes, MEASURES.items(), strict=True):
        for kind, colour, shift in (("recorded", REAL, 0.16), ("generated", SYNTHETIC, -0.16)):
            low, middle, high = np.array([each[kind]["measures"][measure_name] for each in exercises.values()]).T
            axis.hlines(rows + shift, low, high, colour, linewidth=2.5, alpha=0.45)
            axis.plot(middle, rows + shift, "o", color=colour, markersize=4.5, label=kind)
        if measure_name.endswith(("force", "rate")) or measure_name == "period":
            axis.set_xscale("log")
        axis.set_title(label, fontsize=10)
        axis.grid(axis="x", alpha=0.3)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_yticks(rows, list(exercises))
    axes[0].legend(frameon=False, fontsize=9, loc="lower left", bbox_to_anchor=(-1.1, 1.0))


def draw_spectrum(axis: plt.Axes, lines: dict[str, list[float]], title: str, recorded: str) -> None:
    frequencies = np.fft.rfftfreq(WINDOW, 1 / SAMPLING_RATE)
    for kind, colour in (("recorded", REAL), ("generated", SYNTHETIC)):
        label = recorded if kind == "recorded" else kind
        axis.plot(frequencies[1:], np.array(lines[kind])[1:], color=colour, linewidth=1.6, label=label)
    axis.set_title(title, fontsize=10)
    axis.set_ylim(bottom=0)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False, fontsize=8)


def phone_table(phones: dict[str, dict]) -> str:
    """Markdown: pockets of real people against thighs of generated ones."""
    columns = {"peak_hz": ("strongest frequency, Hz", 1), "thigh_force": _FORCE, "thigh_rate": _RATE}
    return table("activity", phones, columns)


def wrist_table(wrists: dict[str, dict]) -> str:
    """Markdown: wrists of real people against those of generated ones."""
    return table("gesture", wrists, {"wrist_force": _FORCE, "wrist_rate": _RATE})


def table(first: str, sensors: dict[str, dict], columns: dict[str, tuple[str, int]]) -> str:
    """Median and deciles of real sensors / of generated ones, a row each movement."""
    lines = [
        "| " + " | ".join([first, *(title for title, _ in columns.values())]) + " |",
        "|---" * (1 + len(columns)) + "|",
    ]
    for name, sensor in sensors.items():
        cells = []
        for key, (_, digits) in columns.items():
            real, made = ("{1:.{d}f} ({0:.{d}f}–{2:.{d}f})".format(*sensor[kind][key], d=digits) for kind in sensor)
            cells.append(f"{real} / {made}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write_table(document: Path, name: str, content: str) -> None:
    text = document.read_text(encoding="utf-8")
    block = f"<!-- table: {name} -->\n{content}\n<!-- end -->"
    filled = re.sub(rf"<!-- table: {name} -->\n.*?<!-- end -->", lambda _: block, text, flags=re.DOTALL)
    document.write_text(filled, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--motion", type=Path, default=DATA_ROOT / "motion", help="folder of motion capture")
    parser.add_argument("--phones", type=Path, default=DATA_ROOT / "motionsense", help="folder of MotionSense")
    parser.add_argument("--wrists", type=Path, default=DATA_ROOT / "utd_mhad", help="folder of UTD-MHAD")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "synthesis_realism.png")
    parser.add_argument("--clips", type=int, default=24, help="generated clips of each exercise")
    arguments = parser.parse_args()
    exercises: dict[str, dict] = {}
    for name, poses in sorted(
        recorded_poses(arguments.motion).items(), key=lambda item: list(RECORDED).index(item[0])
    ):
        exercises[name] = {}
        for kind, each in (("recorded", poses), ("generated", generated_poses(name, arguments.clips))):
            measures, spectra = measure(each, MOTION_CUTOFF)
            spectra_g = {placement: spectrum.round(5).tolist() for placement, spectrum in spectra.items()}
            exercises[name][kind] = {"clips": len(each), "measures": measures, "spectra_g": spectra_g}
    signals = phone_signals(arguments.phones)
    # Phones are in one pocket; which wrist a generated gesture is of is drawn.
    phones = {
        name: compare_sensor(signals[name], generated_poses(name, arguments.clips), "thigh", slice(1))
        for name in PHONES
    }
    signals = wrist_signals(arguments.wrists)
    wrists = {
        name: compare_sensor(signals[action], generated_poses(name, arguments.clips), "wrist", slice(None))
        for name, action in WRISTS.items()
    }
    settings = {"motion_cutoff_hz": MOTION_CUTOFF, "sensor_cutoff_hz": SENSOR_CUTOFF, "deciles": [10, 50, 90]}
    content = {**settings, "exercises": exercises, "phones": phones, "wrists": wrists}
    write_json(RESULTS / "synthesis_realism.json", content)
    draw(exercises, phones).savefig(arguments.out, dpi=90)
    document = ROOT / "docs" / "synthesis.md"
    write_table(document, "synthesis_realism", phone_table(phones))
    write_table(document, "gesture_realism", wrist_table(wrists))
    print(phone_table(phones), wrist_table(wrists), sep="\n\n")


if __name__ == "__main__":
    main()
