"""How many synthetic clips a second one core and several make.

python benchmarks/synthesis_speed.py --workers 2 --output results/synthesis_speed.json
"""

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from dataset_scripts.fimad.synthesis import EXERCISES, generate_clip


def make_clips(numbers: range) -> int:
    """Make the clips of these numbers, the exercises in turn; their frames in all."""
    return sum(len(generate_clip(EXERCISES[number % len(EXERCISES)], number).pose) for number in numbers)


def measure(clips: int, workers: int) -> dict[str, float]:
    """Clips and frames a second with the work shared by processes, their start not counted."""
    shares = [range(worker, clips, workers) for worker in range(workers)]
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(make_clips, [range(2)] * workers))
        start = time.perf_counter()
        frames = sum(pool.map(make_clips, shares))
        seconds = time.perf_counter() - start
    return {
        "workers": workers,
        "clips": clips,
        "clips_per_second": clips / seconds,
        "frames_per_second": frames / seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=4 * len(EXERCISES))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    result = measure(arguments.clips, arguments.workers)
    print(json.dumps(result, indent=2))
    if arguments.output:
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        arguments.output.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
