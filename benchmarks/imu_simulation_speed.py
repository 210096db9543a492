"""How much faster than real time IMU is simulated for the 16 sensors of FiMAD, and how that compares with imusim.

    python benchmarks/imu_simulation_speed.py --imusim_python PATH

Writes `results/imu_simulation_speed.json`; `python benchmarks/tables.py` makes the tables of `docs/imu_simulation.md`
from it. PATH is a Python that has the PyPI packages imusim, scipy and matplotlib, in an environment of its own; the
recordings are those of the CMU avatar archive. Without it the speed alone is measured.

The variants take turns in every round, so that what else the machine does falls on all of them; speed by CPU time is
what a core of its own would give.
"""

import argparse
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tqdm.auto import tqdm

from benchmarks.imusim_comparison import compare, median_and_quartiles
from benchmarks.results import DATA_ROOT, RESULTS, ROOT, processor_name, write_json
from dataset_scripts.fimad.columns import FIMAD_PLACEMENTS, clip_row, simulate_fimad_imu
from dataset_scripts.fimad.imu_simulation import simulate_imu
from dataset_scripts.fimad.skeleton import SAMPLING_RATE, MotionClip
from modeling_mujo.configuration_mujo import JOINTS, PLACEMENTS

CLIP_SECONDS = (10, 30, 60)
BATCH_SIZES = (1, 4, 16)
WORK = 120.0  # about how many seconds of motion a process simulates in one round
NOT_COMPARED = "not measured: give --imusim_python, a Python that has imusim"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--imusim_python", type=Path, help="Python interpreter that has imusim")
    parser.add_argument("--bvh", type=Path, default=DATA_ROOT / "motion" / "cmu_avatar" / "All_BVH.zip")
    parser.add_argument("--output", type=Path, default=RESULTS / "imu_simulation_speed.json")
    parser.add_argument("--picture", type=Path, default=ROOT / "docs" / "imusim_comparison.png")
    arguments = parser.parse_args()
    result = {
        "machine": {"processor": processor_name(), "cores": os.cpu_count(), "torch": torch.__version__},
        "sensors": len(FIMAD_PLACEMENTS),
        "sampling_rate": SAMPLING_RATE,
        "rounds": arguments.rounds,
        "times_real_time": simulation_speed(CLIP_SECONDS, BATCH_SIZES, arguments.rounds),
        "rows": row_speed(CLIP_SECONDS, arguments.rounds),
        "load_average": os.getloadavg(),
        "imusim": NOT_COMPARED,
    }
    if arguments.imusim_python:
        result["imusim"] = compare(arguments.imusim_python, arguments.bvh, arguments.picture)
    write_json(arguments.output, result)
    slowest = min(result["times_real_time"], key=lambda row: row["by_cpu_time"]["median"])
    print(
        f"at least {slowest['by_cpu_time']['median']:.0f} seconds of motion in a CPU second, "
        f"{slowest['two_processes']['median']:.0f} in a second of two processes "
        f"({slowest['clip_seconds']} s clips, batches of {slowest['batch_size']}); imusim: "
        + ("compared" if arguments.imusim_python else NOT_COMPARED)
    )


@lru_cache(maxsize=32)
def walk(seconds: float, batch_size: int) -> torch.Tensor:
    """A pose `(batch, time, 17, 3)`; what it shows does not matter to speed."""
    generator = torch.Generator().manual_seed(0)
    steps = torch.randn(batch_size, round(seconds * SAMPLING_RATE), len(JOINTS), 3, generator=generator)
    return 0.01 * steps.cumsum(dim=1)


def simulate(seconds: float, batch_size: int, threads: int) -> float:
    """Simulate batches until `WORK` is done; how many seconds of motion that is."""
    torch.set_num_threads(threads)
    placement_ids = torch.tensor([[PLACEMENTS.index(placement) for placement in FIMAD_PLACEMENTS]])
    placement_ids = placement_ids.expand(batch_size, -1)
    calls = max(1, round(WORK / (seconds * batch_size)))
    for _ in range(calls):
        simulate_imu(walk(seconds, batch_size), placement_ids)
    return calls * seconds * batch_size


def in_two_processes(pool: ProcessPoolExecutor, seconds: float, batch_size: int) -> float:
    return sum(pool.map(simulate, [seconds] * 2, [batch_size] * 2, [1] * 2))


def simulation_speed(clip_seconds: tuple[int, ...], batch_sizes: tuple[int, ...], rounds: int) -> list[dict]:
    """Seconds of motion simulated per second, for every length of clip and size of batch.

    Calls on one thread, calls on two, and two processes of one thread each.
    """
    threads = torch.get_num_threads()
    shapes = [(seconds, batch_size) for seconds in clip_seconds for batch_size in batch_sizes]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        variants: dict[tuple, Callable[[], float]] = {}
        for shape in shapes:
            variants[(*shape, "one_thread")] = partial(simulate, *shape, threads=1)
            variants[(*shape, "two_threads")] = partial(simulate, *shape, threads=2)
            variants[(*shape, "two_processes")] = partial(in_two_processes, pool, *shape)
        speeds = take_turns(variants, rounds)
    torch.set_num_threads(threads)
    modes = ("one_thread", "two_threads", "two_processes")
    return [
        {
            "clip_seconds": seconds,
            "batch_size": batch_size,
            "by_cpu_time": median_and_quartiles(speeds[seconds, batch_size, "one_thread"].cpu),
            **{mode: median_and_quartiles(speeds[seconds, batch_size, mode].clock) for mode in modes},
        }
        for seconds, batch_size in shapes
    ]


class Speeds(NamedTuple):
    """Seconds of motion by seconds of the clock, and by CPU seconds of this process and its threads; one a round."""

    clock: list[float]
    cpu: list[float]


def take_turns(variants: dict[tuple, Callable[[], float]], rounds: int) -> dict[tuple, Speeds]:
    """Speed of each variant in each round; a variant returns the seconds of motion that it simulated."""
    speeds = {key: Speeds([], []) for key in variants}
    for round_number in tqdm(range(rounds + 1), desc="rounds"):
        for key, variant in variants.items():
            started, cpu_started = time.perf_counter(), time.process_time()
            simulated = variant()
            taken, cpu_taken = time.perf_counter() - started, time.process_time() - cpu_started
            if round_number:  # the first round starts processes and makes smoothing matrices
                speeds[key].clock.append(simulated / taken)
                speeds[key].cpu.append(simulated / cpu_taken)
    return speeds


def row_speed(clip_seconds: tuple[int, ...], rounds: int) -> list[dict]:
    """Rows of FiMAD on one thread, IMU included, against the simulation alone; by CPU time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    variants: dict[tuple, Callable[[], float]] = {}
    for seconds in clip_seconds:
        variants[seconds, "row"] = partial(make_rows, clip_of(seconds))
        variants[seconds, "simulation"] = partial(simulate, seconds, batch_size=1, threads=1)
    speeds = take_turns(variants, rounds)
    torch.set_num_threads(threads)
    return [
        {
            "clip_seconds": seconds,
            "times_real_time": median_and_quartiles(speeds[seconds, "row"].cpu),
            "simulation_share": round(
                float(np.median(speeds[seconds, "row"].cpu) / np.median(speeds[seconds, "simulation"].cpu)), 3
            ),
        }
        for seconds in clip_seconds
    ]


def clip_of(seconds: float) -> MotionClip:
    words = ("walk", "walk", "A person walks.")
    pose = walk(seconds, 1)[0].numpy()
    return MotionClip("recording", 0, "subject", *words, pose, "made up", "none", SAMPLING_RATE, 0.0, seconds)


def make_rows(clip: MotionClip) -> float:
    calls = round(WORK / clip.end)
    for _ in range(calls):
        clip_row(clip, simulate_fimad_imu(clip.pose))
    return calls * clip.end


if __name__ == "__main__":
    main()
