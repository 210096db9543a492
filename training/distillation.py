"""Self-distillation: an IMU encoder learns to give at once what it gives for the variations of a window on average.

What an encoder makes of a window depends on where in a stride its patches fall, and on how hard and how fast somebody
moves. The mean over variations depends less on all that and serves classifiers better, but takes a pass for each. Here
the encoder is its own teacher of that mean (Radosavovic et al., CVPR 2018, do so with labels), on the corpus of its
pretraining. How hard and how fast is part of what words say: `embeds`, which words are compared with, are only to
depend less on the patches.

accelerate launch train.py --task distill --config configs/distill.yaml --start_from outputs/mujo/joint
"""

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import set_seed
from torch import Tensor

from modeling_mujo import MujoImuConfig, MujoImuModel

from .arguments import DistillArguments
from .augmentation import Augmentation, AugmentationSettings
from .baseline_losses import SelfSupervisedModel
from .baselines import NO_WORDS, BaselinePretrainer
from .precision import choose_attention
from .pretrain import build_accelerator, build_model, export, load_corpora
from .text import load_tokenizer, text_features
from .validation import retrieval_figures

COPIES = 2  # of each window, as others would have given it, beside itself


def distill(arguments: DistillArguments) -> Path:
    """
    Run the self-distillation described by `arguments`; returns the folder that holds the encoders, of which that of
    IMU alone has changed.

    Raises:
        ValueError: there is no model to start from.
    """
    if arguments.start_from is None:
        raise ValueError(
            "Self-distillation needs a pretrained joint model: give its folder or Hub id as --start_from."
        )
    output = Path(arguments.output_dir)
    accelerator = build_accelerator(output)
    set_seed(arguments.seed)
    corpora = load_corpora(arguments, accelerator)
    joint = build_model(arguments)
    student: Any = Student.of(joint.imu_model)  # the loop asks of it what it has in common with MujoModel
    trainer = Distiller(
        arguments,
        accelerator,
        student,
        corpora.training,
        NO_WORDS,
        corpora.validation,
        NO_WORDS,
        corpora.real,
    )
    trainer.teach_by(joint.imu_model)
    report = {**trainer.run(), "parts": ["imu"]}
    if accelerator.is_main_process:
        joint.imu_model.load_state_dict(trainer.best_encoder().state_dict())
        joint.imu_model.config.pretrained_steps += trainer.progress.best_step
        tokenizer = load_tokenizer(arguments.text_model)
        features = text_features(joint.text_model, tokenizer, corpora.validation.texts)
        report["figures"][str(trainer.progress.best_step)] |= retrieval_figures(joint, corpora.validation, features)
        export(joint, tokenizer, report, output)
    trainer.end()
    return output


class Student(SelfSupervisedModel):
    r"""
    The encoder that learns. Its loss is the share of the variance within the batch by which the learned part of
    `pooler_output` misses what the teacher gives on average, plus that of `embeds`. The pooler, in whose metric this
    is measured, stays.
    """

    def __init__(self, config: MujoImuConfig):
        super().__init__(config)
        self.imu_model.pooler.requires_grad_(False)

    @classmethod
    def of(cls, encoder: MujoImuModel) -> "Student":
        """A student that knows what `encoder` knows."""
        student = cls(deepcopy(encoder.config))
        student.imu_model.load_state_dict(encoder.state_dict())
        return student

    def objective_loss(self, imu: dict[str, Tensor]) -> Tensor:
        pooled, embeds = imu.pop("mean_pooled"), imu.pop("mean_embeds")
        output = self.imu_model(**imu)
        learned = slice(self.config.pooled_size)
        return missed_share(output.pooler_output[:, learned], pooled[:, learned]) + missed_share(output.embeds, embeds)


def missed_share(values: Tensor, target: Tensor) -> Tensor:
    """Squared distance of `values` from `target`, both `(rows, features)`, as a share of the variance of `target`."""
    values, target = values.float(), target.float()
    return (values - target).square().sum() / (target - target.mean(dim=0)).square().sum()


class Distiller(BaselinePretrainer):
    """The training loop of the baselines around a [`Student`]; what they are to learn comes from a teacher."""

    teacher: MujoImuModel

    def teach_by(self, encoder: MujoImuModel) -> None:
        self.teacher = encoder.eval().requires_grad_(False).to(self.accelerator.device)  # type: ignore[arg-type]
        choose_attention(self.teacher, self.accelerator.device)

    def prepare_inputs(self, batch: dict[str, Tensor], seed: int) -> dict[str, Any]:
        """Windows that start anywhere within a patch, and what the teacher makes of their variations on average."""
        windows = super().prepare_inputs(batch, seed)
        windows.pop("masked_patches")
        patch_size = self.teacher.config.patch_size
        generator = torch.Generator(self.accelerator.device).manual_seed(seed + 1)
        augmentation = Augmentation(AugmentationSettings(), generator)
        targets = self.mean_of(variations(windows, augmentation, patch_size))
        return {**later(windows, int(torch.randint(patch_size, ()))), **targets}

    @torch.no_grad()
    def mean_of(self, variations: Iterator[dict[str, Tensor]]) -> dict[str, Tensor]:
        """The means of `pooler_output` over all [`variations`] and of `embeds` over the first two."""
        with self.accelerator.autocast():
            outputs = [self.teacher(**inputs) for inputs in variations]
        pooled = torch.stack([output.pooler_output.float() for output in outputs])
        embeds = torch.stack([output.embeds.float() for output in outputs[:2]])
        return {"mean_pooled": pooled.mean(dim=0), "mean_embeds": embeds.mean(dim=0)}


def variations(windows: dict[str, Tensor], augmentation: Augmentation, patch_size: int) -> Iterator[dict[str, Tensor]]:
    """The windows, then `COPIES` as others would have given them, each as it is and half a patch later."""
    for copy in range(1 + COPIES):
        inputs = windows
        if copy:
            values, mask = augmentation.others(windows["imu_values"], windows["imu_attention_mask"])
            inputs = {**windows, "imu_values": values, "imu_attention_mask": mask}
        yield inputs
        yield later(inputs, patch_size // 2)


def later(windows: dict[str, Tensor], samples: int) -> dict[str, Tensor]:
    """The windows without their first `samples`."""
    cut = {name: windows[name][:, :, samples:] for name in ("imu_values", "imu_attention_mask")}
    return {**windows, **cut}
