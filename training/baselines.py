"""Pretraining by another objective, all else being MuJo's: the same encoder, corpus, augmentation, steps and batches.

accelerate launch train.py --task pretrain_baseline --config configs/pretrain.yaml --objective simclr
"""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import set_seed
from torch import Tensor
from tqdm.auto import tqdm
from transformers.utils import logging

from modeling_mujo import MujoImuConfig, MujoImuFeatureExtractor, MujoImuModel

from .arguments import BaselineArguments
from .baseline_losses import OBJECTIVES
from .data import PretrainingBatches
from .pretrain import TRAINING_REPORT, Pretrainer, build_accelerator, load_corpora, save_parts, write_folder

logger = logging.get_logger(__name__)

IMU_INPUTS = ("imu_values", "imu_attention_mask", "imu_channel_mask", "placement_ids", "masked_patches")
NO_WORDS = torch.zeros(1, 0)  # text features `(texts, width)`: a baseline reads nothing


def pretrain_baseline(arguments: BaselineArguments) -> Path:
    """
    Run the pretraining described by `arguments`; returns its folder, `<output_dir>/<objective>`, so that MuJo and its
    baselines can be trained from one file of arguments. `imu-encoder` in it loads as [`MujoImuModel`].
    """
    output = Path(arguments.output_dir) / arguments.objective
    arguments = replace(arguments, output_dir=str(output))
    accelerator = build_accelerator(output)
    set_seed(arguments.seed)
    accelerator.print(f"Objective: {arguments.objective}.")
    corpora = load_corpora(arguments, accelerator)
    # The loop asks of a model what SelfSupervisedModel has in common with MujoModel.
    model: Any = OBJECTIVES[arguments.objective](MujoImuConfig())

    trainer = BaselinePretrainer(
        arguments, accelerator, model, corpora.training, NO_WORDS, corpora.validation, NO_WORDS, corpora.real
    )
    report = trainer.run()
    if accelerator.is_main_process:
        encoder = trainer.best_encoder()
        trainer.fit_imu_pooler_of(encoder, by_title=False)
        parts = (encoder, MujoImuFeatureExtractor())
        write_folder(output / "imu-encoder", partial(save_parts, parts))
        (output / TRAINING_REPORT).write_text(json.dumps(report, indent=1))
        logger.info(f"Saved {output / 'imu-encoder'}")
    trainer.end()
    return output


class BaselinePretrainer(Pretrainer):
    """MuJo's training loop around a [`SelfSupervisedModel`]: it sees IMU alone and is validated by its own loss."""

    validation_batches = 4

    def prepare_inputs(self, batch: dict[str, Tensor], seed: int) -> dict[str, Any]:
        inputs = super().prepare_inputs({**batch, "text_index": torch.zeros_like(batch["text_index"])}, seed)
        return {name: inputs[name] for name in IMU_INPUTS}

    def validate(self, step: int) -> None:
        """The loss on batches of unseen clips, the same every time; the averaged weights of the lowest are kept."""
        loss = self.accelerator.reduce(self.validation_loss(), reduction="mean").item()
        if not self.accelerator.is_main_process:
            return
        self.accelerator.log({"validation/loss": loss}, step=step)
        tqdm.write(f"step {step}: validation loss {loss:.4f}")
        self.progress.figures[str(step)] = {"loss": loss}
        if loss <= min(figures["loss"] for figures in self.progress.figures.values()):
            self.progress.best_score, self.progress.best_step = loss, step
            write_folder(self.checkpoints / "best", lambda folder: self.averaged_model.save_pretrained(folder))

    @torch.no_grad()
    def validation_loss(self) -> Tensor:
        batches = PretrainingBatches(
            self.validation,
            self.arguments,
            self.accelerator.process_index,
            self.accelerator.num_processes,
            self.real.validation if self.real else None,
        )
        model = self.averaged_model.eval()
        losses = []
        for number in range(self.validation_batches):
            set_seed(number + 1_000_003 * self.accelerator.process_index)
            inputs = self.prepare_inputs(batches[number], number)  # sensors are not simulated in bf16
            with self.accelerator.autocast():
                losses.append(model(**inputs).loss.float())
        return torch.stack(losses).mean()

    def best_encoder(self) -> MujoImuModel:
        """The encoder of the lowest validation loss, marked with the steps it has seen."""
        model = self.plain_model
        model.config.pretrained_steps += self.progress.best_step
        return type(model).from_pretrained(self.checkpoints / "best", config=model.config).imu_model
