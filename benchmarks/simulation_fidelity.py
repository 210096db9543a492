"""How close simulated IMUs come to closed forms and to the real sensors of UTD-MHAD.

    python benchmarks/simulation_fidelity.py --data_dir <folder with Inertial.zip and Skeleton.zip>

Writes `results/simulation_fidelity.json` and the tables of `docs/imu_simulation.md`. Takes six minutes on one core.

UTD-MHAD recorded a Kinect skeleton and an IMU on the right wrist or thigh together. Each trial is compared by the
Pearson correlation of simulated and real magnitude, which needs no knowledge of the mounting, at the best lag within
±0.6 s.
The smoother and its cutoff are chosen on the people of the train and validation splits; the test people are held out.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.interpolate import CubicSpline, make_smoothing_spline
from scipy.signal import butter, savgol_filter, sosfiltfilt

from dataset_scripts.fimad.imu_simulation import (
    DEFAULT_ALONG,
    STANDARD_GRAVITY,
    segment_frames,
    simulate_imu,
    smoothing_spline_matrix,
)
from dataset_scripts.utd_mhad.utd_mhad import ACTIONS, UtdMhad
from modeling_mujo.configuration_mujo import JOINTS, PLACEMENTS

RATE = 50.0  # Hz, of the real IMU and of everything simulated
GRAVITY = np.array([0.0, 0.0, STANDARD_GRAVITY])
MAX_LAG = 30  # samples: ±0.6 s
KINECT_CUTOFF = 2.5  # Hz; what the sweep below chooses on the train and validation people
CLOSED_FORM_CUTOFFS = (2.5, 6.0, 10.0)  # Hz; 6 is the default of `simulate_imu`
BASELINE = "double difference"

Differentiator = Callable[[np.ndarray], np.ndarray]  # (time, 3) metres → (time, 3) m/s², both at RATE


@dataclass(frozen=True)
class Trial:
    """One UTD-MHAD trial; pose and the point under the sensor are brought to the samples of the IMU."""

    action: int
    held_out: bool
    placement_id: int
    pose: torch.Tensor  # (time, 17, 3) float32
    position: np.ndarray  # (time, 3)
    imu: np.ndarray  # (time, 6)


def load_trials(data_dir: str) -> list[Trial]:
    trials = []
    for split, rows in UtdMhad(data_dir=data_dir).as_streaming_dataset().items():
        for row in rows:
            frames, imu = np.asarray(row["pose"], np.float64), np.asarray(row["imu"], np.float64)[:, 0]
            # Both recordings begin and end together: the nominal 30 fps of the Kinect contradict the lengths.
            frame_times = np.linspace(0, len(imu) - 1, len(frames))
            pose = torch.from_numpy(CubicSpline(frame_times, frames)(np.arange(len(imu))))
            placement_id = PLACEMENTS.index(row["placements"][0])
            action = int(row["label_code"][1:])
            position, _ = segment_frames(pose[None], torch.tensor([[placement_id]]))
            trials.append(Trial(action, split == "test", placement_id, pose.float(), position[0, 0].numpy(), imu))
    return trials


# --- candidates ------------------------------------------------------------------------------------------------------


def double_difference(position: np.ndarray) -> np.ndarray:
    return np.gradient(np.gradient(position, 1 / RATE, axis=0), 1 / RATE, axis=0)


def savitzky_golay(window: int) -> Differentiator:
    return lambda position: savgol_filter(position, window, polyorder=3, deriv=2, delta=1 / RATE, axis=0)


def butterworth(cutoff: float) -> Differentiator:
    sections = butter(2, cutoff, fs=RATE, output="sos")  # forwards and backwards: fourth order, zero phase
    return lambda position: double_difference(sosfiltfilt(sections, position, axis=0))


def cross_validated_spline(position: np.ndarray) -> np.ndarray:
    time = np.arange(len(position)) / RATE
    return np.stack([make_smoothing_spline(time, axis).derivative(2)(time) for axis in position.T], axis=1)


def quintic_spline(cutoff: float) -> Differentiator:
    return lambda position: smoothing_spline_matrix(len(position), RATE, cutoff, derivative=2) @ position


def candidates() -> dict[str, Differentiator]:
    return {
        BASELINE: double_difference,
        **{f"Savitzky–Golay, order 3, {window} samples": savitzky_golay(window) for window in (11, 15, 21, 25, 31)},
        **{f"Butterworth, {cutoff} Hz": butterworth(cutoff) for cutoff in (2.0, 2.5, 3.0, 4.0, 6.0)},
        "cubic smoothing spline, cross-validated": cross_validated_spline,
        **{f"quintic smoothing spline, {cutoff} Hz": quintic_spline(cutoff) for cutoff in (2.0, 2.5, 3.0, 4.0, 6.0)},
    }


# --- against real sensors --------------------------------------------------------------------------------------------


def best_correlation(simulated: np.ndarray, real: np.ndarray) -> float:
    """Pearson correlation of two magnitudes (time,) over their overlap at the best lag."""
    length, lags = len(real), np.arange(-MAX_LAG, MAX_LAG + 1)
    count = length - np.abs(lags)

    def moments(signal: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        sums = np.pad(np.cumsum([signal, signal**2], axis=1), ((0, 0), (1, 0)))
        total, squares = sums[:, start + count] - sums[:, start]
        return total, squares - total**2 / count

    simulated, real = simulated - simulated.mean(), real - real.mean()
    total_simulated, power_simulated = moments(simulated, np.maximum(lags, 0))
    total_real, power_real = moments(real, np.maximum(-lags, 0))
    products = np.correlate(simulated, real, mode="full")[length - 1 - MAX_LAG : length + MAX_LAG]
    covariance = products - total_simulated * total_real / count
    return float(np.max(covariance / np.sqrt(power_simulated * power_real)))


def magnitude(vectors: np.ndarray) -> np.ndarray:
    return np.linalg.norm(vectors, axis=-1)


def score_candidate(trials: list[Trial], differentiate: Differentiator) -> np.ndarray:
    """Correlation of specific-force magnitude of each trial."""
    scores = []
    for trial in trials:
        force = differentiate(trial.position) + GRAVITY
        scores.append(best_correlation(magnitude(force), magnitude(trial.imu[:, :3])))
    return np.array(scores)


def score_simulation(trials: list[Trial]) -> dict[str, np.ndarray]:
    """Correlations of `simulate_imu` with specific force, low-passed specific force and angular velocity."""
    low_pass = butter(4, 5.0, fs=RATE, output="sos")
    scores: dict[str, list[float]] = {"specific_force": [], "specific_force_below_5_hz": [], "angular_velocity": []}
    for trial in trials:
        placement_ids = torch.tensor([[trial.placement_id]])
        imu = simulate_imu(trial.pose[None], placement_ids, sampling_rate=RATE, cutoff=KINECT_CUTOFF)[0, 0].numpy()
        force, real_force = magnitude(imu[:, :3]), magnitude(trial.imu[:, :3])
        rate, real_rate = magnitude(imu[:, 3:]), magnitude(trial.imu[:, 3:])
        scores["specific_force"].append(best_correlation(force, real_force))
        scores["specific_force_below_5_hz"].append(best_correlation(force, sosfiltfilt(low_pass, real_force)))
        scores["angular_velocity"].append(best_correlation(rate, real_rate))
    return {name: np.array(values) for name, values in scores.items()}


def summary(scores: np.ndarray, trials: list[Trial]) -> dict[str, float]:
    """Medians over trials of all, chosen-on and held-out people, and the median of the medians of the actions."""
    held_out = np.array([trial.held_out for trial in trials])
    return {
        "all": round(float(np.median(scores)), 3),
        "chosen_on": round(float(np.median(scores[~held_out])), 3),
        "held_out": round(float(np.median(scores[held_out])), 3),
        "median_of_actions": round(float(np.median(list(per_action(scores, trials).values()))), 3),
    }


def per_action(scores: np.ndarray, trials: list[Trial]) -> dict[str, float]:
    actions = np.array([trial.action for trial in trials])
    return {
        name: round(float(np.median(scores[actions == action])), 3)
        for action, name in enumerate(ACTIONS, start=1)
        if (actions == action).any()
    }


# --- against closed forms --------------------------------------------------------------------------------------------


def noisy_tone_error(differentiate: Differentiator, noise: float) -> dict[str, float]:
    """RMS error of acceleration in m/s² for 0.1 m at 1 Hz in 4 s windows, within 0.1 s of an end and elsewhere."""
    time = np.arange(200) / RATE
    generator = np.random.default_rng(0)
    phase = generator.uniform(0, 2 * np.pi, 300)
    clean = 0.1 * np.sin(2 * np.pi * time[:, None] + phase)
    error = differentiate(clean + generator.normal(scale=noise, size=clean.shape)) + (2 * np.pi) ** 2 * clean
    edges = np.r_[:5, -5:0]
    return {
        "middle": round(float(np.sqrt(np.mean(error[25:-25] ** 2))), 3),
        "edges": round(float(np.sqrt(np.mean(error[edges] ** 2))), 3),
    }


def forearm_pose(direction: np.ndarray) -> torch.Tensor:
    """Upright skeleton (1, time, 17, 3) whose right forearm of 0.25 m points in `direction` (time, 3)."""
    pose = np.zeros((len(direction), len(JOINTS), 3))
    still = {
        "right_hip": (0.1, 0, 0),
        "left_hip": (-0.1, 0, 0),
        "spine": (0, 0, 0.2),
        "thorax": (0, 0, 0.5),
        "left_shoulder": (-0.2, 0, 0.5),
        "right_shoulder": (0.2, 0, 0.5),
        "right_elbow": (0.2, 0, 0.2),
    }
    for name, position in still.items():
        pose[:, JOINTS.index(name)] = position
    pose[:, JOINTS.index("right_wrist")] = pose[:, JOINTS.index("right_elbow")] + 0.25 * direction
    return torch.from_numpy(pose).float()[None]


def closed_forms() -> dict[str, tuple[torch.Tensor, np.ndarray]]:
    """Pose and expected wrist IMU (time, 6) of motions of the forearm whose readings are known exactly."""
    time = np.arange(200) / RATE
    zero, gravity = np.zeros_like(time), np.full_like(time, STANDARD_GRAVITY)
    hanging = np.stack([zero, zero, zero - 1], axis=-1)
    falling = forearm_pose(hanging)
    falling[..., 2] += torch.from_numpy(5 - STANDARD_GRAVITY / 2 * time**2)[:, None].float()
    cases = {
        "at rest": (forearm_pose(hanging), np.stack([zero, gravity, zero, zero, zero, zero], axis=-1)),
        "free fall": (falling, np.zeros((200, 6))),
    }
    for frequency in (0.5, 1.0, 2.0):
        omega, amplitude = 2 * np.pi * frequency, 0.8
        angle, rate = amplitude * np.sin(omega * time), amplitude * omega * np.cos(omega * time)
        swing = np.stack([zero, np.sin(angle), -np.cos(angle)], axis=-1)
        tangential = -0.25 * omega**2 * angle + STANDARD_GRAVITY * np.sin(angle)
        radial = 0.25 * rate**2 + STANDARD_GRAVITY * np.cos(angle)
        expected = np.stack([tangential, radial, zero, zero, zero, rate], axis=-1)
        cases[f"pendulum of 0.25 m, ±46°, {frequency} Hz"] = (forearm_pose(swing), expected)
    return cases


def closed_form_errors(cutoff: float, noise: float = 0.0) -> dict[str, dict[str, float]]:
    """RMS error of the vectors of `simulate_imu` for 4 s of float32 pose with noisy joints, 0.2 s from the ends."""
    generator = np.random.default_rng(0)
    placement_ids, along = torch.tensor([[PLACEMENTS.index("right_wrist")]]), torch.ones(1, 1)
    errors = {}
    for name, (pose, expected) in closed_forms().items():
        noisy = pose + torch.from_numpy(generator.normal(scale=noise, size=pose.shape)).float()
        imu = simulate_imu(noisy, placement_ids, along=along, cutoff=cutoff)[0, 0].numpy()
        squares = ((imu - expected)[10:-10] ** 2).reshape(-1, 2, 3).sum(-1).mean(0)
        force, rate = np.sqrt(squares)
        errors[name] = {"specific_force": round(float(force), 4), "angular_velocity": round(float(rate), 4)}
    return errors


# --- report ----------------------------------------------------------------------------------------------------------


def tables(results: dict) -> str:
    """Markdown tables of the results."""
    lines = [
        "| differentiator | all | chosen on | held out | 0 mm | 2 mm | 10 mm | 2 mm, edges |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in results["candidates"].items():
        medians, errors = row["correlation"], row["closed_form_rms_error"]
        cells = [f"{medians[key]:.3f}" for key in ("all", "chosen_on", "held_out")]
        cells += [f"{errors[key]['middle']:.2f}" for key in ("0 mm", "2 mm", "10 mm")]
        lines.append(f"| {name} | {' | '.join(cells)} | {errors['2 mm']['edges']:.2f} |")
    settings = results["closed_forms"]
    lines += ["", f"| closed form | {' | '.join(settings)} |", "|---" * (1 + len(settings)) + "|"]
    for name in next(iter(settings.values())):
        rows = [settings[setting][name] for setting in settings]
        cells = [f"{row['specific_force']:.3f} / {row['angular_velocity']:.3f}" for row in rows]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    columns = (BASELINE, "specific_force", "specific_force_below_5_hz", "angular_velocity")
    lines += ["", f"| action | {' | '.join(column.replace('_', ' ') for column in columns)} |", "|---" * 5 + "|"]
    overall = {column: results["simulation"][column]["all"] for column in columns[1:]}
    overall[BASELINE] = results["candidates"][BASELINE]["correlation"]["all"]
    for action, row in {**results["per_action"], "**median of all trials**": overall}.items():
        lines.append(f"| {action} | {' | '.join(f'{row[column]:.2f}' for column in columns)} |")
    return "\n".join(lines)


def write_tables(path: Path, text: str) -> None:
    """Replace what stands between the two markers of the document."""
    begin, end = "<!-- tables: begin -->", "<!-- tables: end -->"
    document = path.read_text(encoding="utf-8")
    if begin not in document or end not in document:
        raise ValueError(f"{path} must hold the markers {begin} and {end}, between which the tables are written")
    head, tail = document.split(begin)[0], document.split(end)[1]
    path.write_text(f"{head}{begin}\n{text}\n{end}{tail}", encoding="utf-8")


def measure(data_dir: str) -> dict:
    trials = load_trials(data_dir)
    results: dict = {"trials": len(trials), "max_lag_s": MAX_LAG / RATE, "kinect_cutoff_hz": KINECT_CUTOFF}
    results["along"] = {name: DEFAULT_ALONG[name] for name in ("right_wrist", "right_thigh")}
    results["candidates"] = {}
    baseline: dict[str, float] = {}
    for name, differentiate in candidates().items():
        scores = score_candidate(trials, differentiate)
        errors = {f"{mm} mm": noisy_tone_error(differentiate, mm / 1000) for mm in (0, 2, 10)}
        results["candidates"][name] = {"correlation": summary(scores, trials), "closed_form_rms_error": errors}
        print(f"{name:45s} {results['candidates'][name]['correlation']}", flush=True)
        if name == BASELINE:
            baseline = per_action(scores, trials)
    scores_by_signal = score_simulation(trials)
    results["simulation"] = {name: summary(scores, trials) for name, scores in scores_by_signal.items()}
    by_signal = {BASELINE: baseline, **{name: per_action(s, trials) for name, s in scores_by_signal.items()}}
    results["per_action"] = {action: {name: by_signal[name][action] for name in by_signal} for action in baseline}
    results["closed_forms"] = {
        f"{cutoff:g} Hz, {noise:g} mm": closed_form_errors(cutoff, noise / 1000)
        for noise in (0.0, 0.5)
        for cutoff in CLOSED_FORM_CUTOFFS
    }
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data_dir", required=True, help="folder with UTD-MHAD's Inertial.zip and Skeleton.zip")
    parser.add_argument("--output", type=Path, default=Path("results/simulation_fidelity.json"))
    parser.add_argument("--document", type=Path, default=Path("docs/imu_simulation.md"))
    arguments = parser.parse_args()
    results = measure(arguments.data_dir)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    write_tables(arguments.document, tables(results))
    print(json.dumps(results["simulation"], indent=1))


if __name__ == "__main__":
    main()
