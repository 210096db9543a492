"""Validation of pretraining: retrieval between the views of recordings that were not trained on, by text as well."""

from itertools import combinations

import numpy as np
import torch
from torch import Tensor

from dataset_scripts.fimad.imu_simulation import simulate_imu
from dataset_scripts.fimad.skeleton import SAMPLING_RATE
from modeling_mujo import PLACEMENTS, MujoModel

from .data import MotionCorpus, collate_real_windows, collate_windows
from .metrics import retrieval_recall
from .real_imu import RealImuCorpus

WINDOW_SECONDS = 4.0
MAX_CLIPS = 256
TITLE = 1  # of the texts of a recording
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


@torch.no_grad()
def real_imu_accuracy(model: MujoModel, corpus: RealImuCorpus, features: Tensor) -> float:
    """
    Share of the real recordings of unseen people that are nearest to the title of their own movement, averaged over
    the movements. One 4 s window per recording, from its middle; `features` `(texts, hidden_size)` of the corpus'
    texts.
    """
    model.eval()
    recordings = np.arange(len(corpus))
    batch = collate_real_windows(
        corpus,
        recordings,
        starts=np.full(len(recordings), 0.5),
        texts=np.full(len(recordings), TITLE),
        sides=np.zeros_like(recordings),
        samples=int(WINDOW_SECONDS * SAMPLING_RATE),
    )
    titles, movement = corpus.text_choices[:, TITLE].unique(return_inverse=True)
    output = model(
        imu_values=batch["real_imu_values"][:, None].to(model.device),
        imu_attention_mask=batch["real_attention_mask"][:, None].to(model.device),
        imu_channel_mask=batch["real_channel_mask"][:, None].to(model.device),
        placement_ids=batch["real_placement_ids"][:, None].to(model.device),
    )
    texts = model.text_model(text_features=features[titles].to(model.device)).embeds
    found = (output.imu_embeds @ texts.T).argmax(dim=-1).cpu() == movement
    return float(np.mean([found[movement == number].float().mean() for number in range(len(titles))]))
