"""Validation of pretraining: retrieval between the views of recordings that were not trained on."""

from itertools import combinations

import numpy as np
import torch
from torch import Tensor

from dataset_scripts.fimad.imu_simulation import simulate_imu
from dataset_scripts.fimad.skeleton import SAMPLING_RATE
from modeling_mujo import PLACEMENTS, MujoModel

from .data import MotionCorpus, collate_windows
from .metrics import retrieval_recall

WINDOW_SECONDS = 4.0
MAX_CLIPS = 256
PLACEMENTS_TESTED = ("left_wrist", "right_thigh", "chest", "right_shank")


@torch.no_grad()
def retrieval_figures(model: MujoModel, corpus: MotionCorpus, features: Tensor) -> dict[str, float]:
    """
    R@1 and R@5 of every pair of views, in both directions averaged, on up to 256 clips.

    One 4 s window per clip, ideal sensors at four placements in turn, aligned with their segment. A clip is found when
    another with the same normalised title is: `"imu-text/R@1"`, ...
    """
    model.eval()
    clips = np.random.default_rng(0).permutation(len(corpus))[:MAX_CLIPS]
    batch = collate_windows(
        corpus, clips, np.full(len(clips), 0.5), np.ones(len(clips), np.int64), int(WINDOW_SECONDS * SAMPLING_RATE)
    )
    placements = [PLACEMENTS.index(name) for name in PLACEMENTS_TESTED]
    placement_ids = torch.tensor(placements)[torch.arange(len(clips)) % len(placements)][:, None]
    output = model(
        imu_values=simulate_imu(batch["pose_values"], placement_ids).to(model.device),
        imu_attention_mask=batch["pose_attention_mask"][:, None].to(model.device),
        placement_ids=placement_ids.to(model.device),
        pose_values=batch["pose_values"].to(model.device),
        pose_attention_mask=batch["pose_attention_mask"].to(model.device),
        text_features=features[batch["text_index"]].to(model.device),
    )
    embeds = {"imu": output.imu_embeds, "pose": output.pose_embeds, "text": output.text_embeds}
    relevant = (batch["text_ids"][:, None] == batch["text_ids"]).to(model.device)
    figures = {}
    for one, other in combinations(embeds, 2):
        for k in (1, 5):
            there = retrieval_recall(embeds[one], embeds[other], relevant, k)
            back = retrieval_recall(embeds[other], embeds[one], relevant, k)
            figures[f"{one}-{other}/R@{k}"] = (there + back) / 2
    return figures
