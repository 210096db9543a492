"""Latency of one 4 s window of one sensor through the IMU encoder on one core: torch, ONNX Runtime, in the browser.

    python benchmarks/latency.py --model outputs/mujo/joint

The browser is headless Chromium with the page of `make space`. Rounds of all ways take turns, so that what else the
machine does falls on all of them.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from tqdm.auto import tqdm

from benchmarks.browser import chromium, served
from benchmarks.results import RESULTS, processor_name, write_json
from dataset_scripts.files import content_hash
from modeling_mujo import MujoImuModel, MujoModel
from publishing.folders import WEIGHTS
from publishing.onnx_export import FILES, INPUTS, one_core_session
from publishing.space import assemble

ROUNDS, RUNS, WARM_UP = 8, 100, 20

# Loads an encoder in its worker and keeps it under `name`; times `runs` passes of a window of noise.
_LOAD = """async ({name, file}) => {
    const {Encoder} = await import("./modules/encoder.js");
    window[name] = new Encoder();
    await window[name].load(file);
}"""
_TIME = """({name, values, runs}) => window[name].time(
    {values: Float32Array.from(values), mask: new BigInt64Array(200).fill(1n), hasGyroscope: true, placement: 6}, runs
)"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("outputs/mujo/joint"), help="folder of a joint model")
    parser.add_argument("--output", type=Path, default=RESULTS / "latency.json")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # the browser inherits it
    torch.set_num_threads(1)
    with ExitStack() as stack:
        page_folder = assemble(arguments.model, Path(stack.enter_context(tempfile.TemporaryDirectory())) / "space")
        page = stack.enter_context(chromium()).new_page()
        page.goto(stack.enter_context(served(page_folder)))
        encoder = MujoModel.from_pretrained(arguments.model).eval().imu_model  # type: ignore[arg-type]
        result: dict[str, Any] = {
            "machine": {
                "processor": processor_name(),
                "torch": torch.__version__,
                "onnxruntime": onnxruntime.__version__,
                "browser": f"Chromium {page.context.browser.version}" if page.context.browser else None,
            },
            "weights": content_hash(arguments.model / WEIGHTS),
            "window": {"seconds": 4.0, "sensors": 1, "cores": 1},
            "bytes": {precision: (page_folder / file).stat().st_size for precision, file in FILES.items()},
            "rounds": ROUNDS,
            "runs_per_round": RUNS,
            "latency_ms": latencies(ways(encoder, page_folder, page)),
            "load_average": os.getloadavg(),
        }
    write_json(arguments.output, result)
    for name, figures in result["latency_ms"].items():
        print(f"{name:16} {figures['median']:6.2f} ms (95th percentile {figures['p95']:.2f} ms)")


def ways(encoder: MujoImuModel, page_folder: Path, page: Any) -> dict[str, Callable[[int], list[float]]]:
    """Name → function from a number of runs to the milliseconds of each."""
    rest = torch.tensor([0.0, 0.0, 9.81, 0.0, 0.0, 0.0])
    values = rest + torch.randn(1, 1, 200, 6, generator=torch.Generator().manual_seed(0))
    masks = torch.ones(1, 1, 200, dtype=torch.int64), torch.ones(1, 1, 2, dtype=torch.int64)
    inputs = dict(zip(INPUTS, (values, *masks, torch.tensor([[6]])), strict=True))
    found: dict[str, Callable[[int], list[float]]] = {"torch": partial(_timed, partial(_in_torch, encoder, inputs))}
    arrays = {name: value.numpy() for name, value in inputs.items()}
    for precision, file in FILES.items():
        run = partial(one_core_session(page_folder / file).run, None, arrays)
        found[f"onnx_{precision}"] = partial(_timed, run)
    for precision, file in FILES.items():
        name = f"browser_{precision}"
        page.evaluate(_LOAD, {"name": name, "file": file})
        found[name] = partial(_in_browser, page, name, values.flatten().tolist())
    return found


def latencies(found: dict[str, Callable[[int], list[float]]]) -> dict[str, dict[str, float]]:
    """Median and 95th percentile of each way in milliseconds, over all rounds."""
    milliseconds: dict[str, list[float]] = {name: [] for name in found}
    for _ in tqdm(range(ROUNDS), desc="rounds"):
        for name, run in found.items():
            run(WARM_UP)
            milliseconds[name] += run(RUNS)
    return {
        name: {"median": float(np.median(values)), "p95": float(np.quantile(values, 0.95))}
        for name, values in milliseconds.items()
    }


@torch.inference_mode()
def _in_torch(encoder: MujoImuModel, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
    return encoder(**inputs).embeds


def _in_browser(page: Any, name: str, values: list[float], runs: int) -> list[float]:
    return page.evaluate(_TIME, {"name": name, "values": values, "runs": runs})


def _timed(run: Callable[[], Any], runs: int) -> list[float]:
    milliseconds = []
    for _ in range(runs):
        started = time.perf_counter()
        run()
        milliseconds.append(1000 * (time.perf_counter() - started))
    return milliseconds


if __name__ == "__main__":
    main()
