"""Speed of pretraining on this machine, in windows per second, and sizes of the encoders.

python benchmarks/throughput.py
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm.auto import tqdm

from benchmarks.results import RESULTS, processor_name, write_json
from dataset_scripts.fimad.synthesis import EXERCISES, generate_clip
from modeling_mujo import MujoImuModel, MujoModel, MujoPoseModel
from training.arguments import PretrainArguments
from training.data import MotionCorpus
from training.pretrain import Pretrainer, build_accelerator, build_model

STEPS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=RESULTS / "throughput.json")
    output = parser.parse_args().output
    result: dict[str, Any] = {
        "machine": {"processor": processor_name(), "threads": torch.get_num_threads(), "torch": torch.__version__},
        "parameters": parameter_counts(),
        "pretraining": pretraining_speed(),
    }
    write_json(output, result)
    print(
        f"pretraining {result['pretraining']['windows_per_second_median']:.0f} windows/s; "
        f"IMU encoder {result['parameters']['imu_encoder'] / 1e6:.2f} M parameters"
    )


def parameter_counts() -> dict[str, int]:
    model = build_model(PretrainArguments())
    parts: dict[str, MujoImuModel | MujoPoseModel | MujoModel] = {
        "imu_encoder": model.imu_model,
        "pose_encoder": model.pose_model,
        "joint_without_text_backbone": model,
    }
    counts = {name: sum(p.numel() for p in part.parameters() if p.requires_grad) for name, part in parts.items()}
    return {**counts, "text_backbone_frozen": sum(p.numel() for p in model.text_model.backbone.parameters())}


def synthetic_corpus(clips: int) -> MotionCorpus:
    made = [generate_clip(EXERCISES[index % len(EXERCISES)], seed=index) for index in range(clips)]
    texts = sorted({clip.normalized_title for clip in made})
    ids = torch.tensor([texts.index(clip.normalized_title) for clip in made])
    everything_daily = torch.ones(clips, dtype=torch.bool)
    return MotionCorpus([clip.pose for clip in made], texts, ids[:, None].expand(-1, 3), ids, everything_daily)


def pretraining_speed() -> dict[str, float]:
    """Full training steps of the default configuration: data, augmentation, simulation, forward, backward, update."""
    arguments = PretrainArguments(output_dir="outputs/throughput")
    corpus = synthetic_corpus(2 * len(EXERCISES))
    features = torch.nn.functional.normalize(torch.randn(len(corpus.texts), 384), dim=-1)
    accelerator = build_accelerator(Path(arguments.output_dir))
    trainer = Pretrainer(arguments, accelerator, build_model(arguments), corpus, features, corpus, features)
    seconds = []
    for step in tqdm(range(STEPS + 3), desc="pretraining"):
        started = time.perf_counter()
        trainer.train_step(step, trainer.batches[step])
        seconds.append(time.perf_counter() - started)
    windows = 2 * arguments.batch_size / np.array(seconds[3:])  # two IMU views of each clip; three steps to warm up
    return {
        "batch_size": arguments.batch_size,
        "windows_per_second_median": float(np.median(windows)),
        "windows_per_second_quartiles": np.quantile(windows, [0.25, 0.75]).tolist(),
    }


if __name__ == "__main__":
    main()
