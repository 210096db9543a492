"""Simulate IMUs with the PyPI package `imusim`; runs in an interpreter that has imusim, NumPy and SciPy only.

    python imusim_worker.py JOBS.npz RESULTS.npz

JOBS: for each job i the array `i`, `(time, 8)`: seconds, position in metres, orientation w x y z, at any even rate;
`sampling_rate` (Hz) of the results; and `bandwidth` `(jobs,)` in Hz, NaN for imusim's default. RESULTS: for each job
`i` `(time, 6)`, specific force in m/s² and angular velocity in rad/s; and for all jobs `cpu_seconds`, without those
of reading the CSV file that is imusim's only input, and `orientation_error`, the largest angle in degrees between the
orientation that imusim turns gravity with and the one it was given; and imusim's `version`.
"""

import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import imusim
import numpy as np
from scipy.spatial.transform import Rotation, Slerp


def main() -> None:
    jobs_file, results_file = map(Path, sys.argv[1:])
    jobs = np.load(jobs_file, allow_pickle=False)
    sampling_rate, bandwidths = float(jobs["sampling_rate"]), jobs["bandwidth"]
    results: dict[str, np.ndarray] = {}
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "trajectory.csv"
        simulate(jobs["0"], sampling_rate, None, file)  # SciPy loads its parts when first used
        for index, bandwidth in enumerate(bandwidths):
            limit = None if np.isnan(bandwidth) else float(bandwidth)
            results[str(index)], *row = simulate(jobs[str(index)], sampling_rate, limit, file)
            figures.append(row)
    cpu_seconds, angles = np.array(figures).T
    results |= {"cpu_seconds": cpu_seconds, "orientation_error": angles, "version": np.array(version("imusim"))}
    np.savez(results_file, allow_pickle=False, **results)


def simulate(
    trajectory: np.ndarray, sampling_rate: float, bandwidth: float | None, file: Path
) -> tuple[np.ndarray, float, float]:
    """The IMU `(time, 6)`, CPU seconds, and the largest error of the orientation."""
    np.savetxt(file, trajectory, delimiter=",", header="time,x,y,z,qw,qx,qy,qz", comments="")
    started = time.process_time()
    np.genfromtxt(file, delimiter=",", skip_header=1)
    reading_done = time.process_time()
    simulator = imusim.Simulator(file, sample_rate=sampling_rate, bandwidth=bandwidth)
    simulating = time.process_time() - reading_done - (reading_done - started)
    force = simulator.accelerometer * imusim.Simulator.GRAVITY
    imu = np.column_stack([force, np.radians(simulator.gyroscope)])
    return imu, simulating, orientation_error(trajectory, simulator)


def orientation_error(trajectory: np.ndarray, simulator: imusim.Simulator) -> float:
    given = Slerp(trajectory[:, 0], Rotation.from_quat(trajectory[:, [5, 6, 7, 4]]))(simulator.time)
    used = Rotation.from_quat(simulator.quaternion[:, [1, 2, 3, 0]])
    return float(np.degrees((given.inv() * used).magnitude().max()))


if __name__ == "__main__":
    main()
