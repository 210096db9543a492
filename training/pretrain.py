"""Contrastive pretraining: batches of moving people, seen as IMU, pose and words, drawn together in one space."""

import json
import math
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator, PartialState
from accelerate.utils import DistributedDataParallelKwargs, ProjectConfiguration, set_seed
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torch.utils.data import DataLoader, Subset
from tqdm.auto import tqdm
from transformers import PreTrainedTokenizerBase, get_cosine_schedule_with_warmup
from transformers.utils import logging

from dataset_scripts.files import write_atomically
from dataset_scripts.text_models import locate_text_model
from modeling_mujo import (
    MujoConfig,
    MujoImuFeatureExtractor,
    MujoImuModel,
    MujoModel,
    MujoPoseFeatureExtractor,
    MujoTextModel,
)

from .arguments import PretrainArguments
from .augmentation import Augmentation, AugmentationSettings, two_view_inputs
from .data import MotionCorpus, PretrainingBatches, load_corpus
from .optimization import build_optimizer
from .pooler import corpus_poses, corpus_windows, fit_pooler
from .precision import choose_attention, device_has_bf16
from .real_imu import RealImuCorpus, load_real_imu
from .reference import write_reference
from .text import load_tokenizer, text_features
from .validation import real_imu_accuracy, retrieval_figures
from .words import Words

logger = logging.get_logger(__name__)

TRAINING_REPORT = "training_report.json"


def pretrain(arguments: PretrainArguments) -> Path:
    """Run the pretraining described by `arguments`; returns the folder that holds the encoders."""
    output = Path(arguments.output_dir)
    accelerator = build_accelerator(output)
    set_seed(arguments.seed)
    corpora = load_corpora(arguments, accelerator)
    training, validation = corpora.training, corpora.validation
    tokenizer = load_tokenizer(arguments.text_model)
    model = build_model(arguments)
    texts = (corpora.words.texts, validation.texts)
    features = [text_features(model.text_model, tokenizer, some) for some in texts]
    trainer = Pretrainer(arguments, accelerator, model, training, features[0], validation, features[1], corpora.real)
    report = trainer.run()
    if accelerator.is_main_process:
        best = trainer.best_model()
        trainer.fit_poolers_of(best)
        export(best, tokenizer, report, output)
    trainer.end()
    return output


@dataclass
class RealCorpora:
    """Real recordings of both splits; their texts are those of the training corpus."""

    training: RealImuCorpus
    validation: RealImuCorpus


@dataclass
class Corpora:
    """
    What is trained on and validated by.

    Attributes:
        words: the texts of `training` and of `real.training`.
        real: None where pretraining is on simulated IMU alone.
    """

    words: Words
    training: MotionCorpus
    validation: MotionCorpus
    real: RealCorpora | None


def load_corpora(arguments: PretrainArguments, accelerator: Accelerator) -> Corpora:
    """The clips and real recordings that `arguments` name; says how many there are."""
    with accelerator.main_process_first():  # one process builds FiMAD, the others find it in the cache
        words = Words()
        training, validation = load_corpus(arguments, "train", words), load_corpus(arguments, "validation")
        real = load_real_corpora(arguments, words)
    accelerator.print(f"{len(training)} training and {len(validation)} validation clips, {len(words.texts)} texts.")
    if real is not None:
        accelerator.print(f"{len(real.training)} and {len(real.validation)} real IMU recordings.")
    return Corpora(words, training, validation, real)


def load_real_corpora(arguments: PretrainArguments, words: Words) -> RealCorpora | None:
    """The recordings in `arguments.imu_corpora_dir`; None where pretraining is on simulated IMU alone."""
    if arguments.imu_corpora_dir is None:
        return None
    folder, names = arguments.imu_corpora_dir, arguments.imu_corpora
    return RealCorpora(*(load_real_imu(folder, split, words, names) for split in ("train", "validation")))


def build_accelerator(output: Path) -> Accelerator:
    """bf16 where the device computes in it; TensorBoard log and checkpoints under `output`."""
    accelerator = Accelerator(
        mixed_precision="bf16" if device_has_bf16() else "no",
        log_with="tensorboard",
        project_config=ProjectConfiguration(project_dir=str(output), logging_dir=str(output / "logs")),
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
    )
    accelerator.init_trackers("pretrain")
    return accelerator


def build_model(arguments: PretrainArguments) -> MujoModel:
    """The joint model to start from: that of `start_from`, or a new one around the pretrained, frozen text encoder."""
    if arguments.start_from is not None:
        return MujoModel.from_pretrained(arguments.start_from, reconstruction_weight=arguments.reconstruction_weight)
    text_model = MujoTextModel.from_backbone(locate_text_model(arguments.text_model))
    # The saved config names the text encoder, not the folder it was read from on this machine.
    text_model.backbone.config._name_or_path = arguments.text_model
    model = MujoModel(MujoConfig(text_config=text_model.config, reconstruction_weight=arguments.reconstruction_weight))
    model.text_model.load_state_dict(text_model.state_dict())
    return model


def training_before(start_from: str | None) -> dict[str, Any] | None:
    """
    What the model to start from has behind it, by the report of its release beside its folder: steps, seconds and
    corpora, those before included. None where nothing is started from, or nothing is known.
    """
    report = Path(start_from).parent / TRAINING_REPORT if start_from is not None else None
    if report is None or not report.is_file():
        return None
    content = json.loads(report.read_text(encoding="utf-8"))
    before = content.get("before") or {"steps": 0, "seconds": 0.0}
    return {
        "steps": before["steps"] + content["best_step"],
        "seconds": before["seconds"] + content["seconds"],
        "corpora": content.get("corpora", []),
    }


def seed_of_step(seed: int, step: int, process: int) -> int:
    """The seed of what is random in a step of a process, in the 32 bits that NumPy takes, however long the run."""
    return (seed + 1_000_003 * step + process) % 2**32


@dataclass
class Progress:
    """Where a run stands; saved with every checkpoint. `figures` are the validation figures by step."""

    step: int = 0
    seconds: float = 0.0
    best_score: float = -1.0
    best_step: int = 0
    figures: dict[str, dict[str, float]] = field(default_factory=dict)


class Pretrainer:
    """The training loop, its checkpoints and its validation; see [`pretrain`]."""

    def __init__(
        self,
        arguments: PretrainArguments,
        accelerator: Accelerator,
        model: MujoModel,
        corpus: MotionCorpus,
        features: Tensor,
        validation: MotionCorpus,
        validation_features: Tensor,
        real: RealCorpora | None = None,
    ):
        self.arguments, self.accelerator = arguments, accelerator
        self.features = features.to(accelerator.device)
        self.validation, self.validation_features, self.real = validation, validation_features, real
        self.checkpoints = Path(arguments.output_dir) / "checkpoints"
        optimizer = build_optimizer(model, arguments.learning_rate, arguments.weight_decay)
        # Accelerate steps the scheduler once per process.
        processes = accelerator.num_processes
        schedule = get_cosine_schedule_with_warmup(
            optimizer,
            num_warmup_steps=math.ceil(arguments.warmup_share * arguments.steps) * processes,
            num_training_steps=arguments.steps * processes,
        )
        choose_attention(model, accelerator.device)
        self.model, self.optimizer, self.schedule = accelerator.prepare(model, optimizer, schedule)
        self.batches = PretrainingBatches(
            corpus, arguments, accelerator.process_index, processes, real.training if real else None
        )
        self.averaged = AveragedModel(self.plain_model, multi_avg_fn=get_ema_multi_avg_fn(arguments.ema_decay))
        accelerator.register_for_checkpointing(self.averaged)
        self.progress = Progress()

    def run(self) -> dict:
        """Train to the last step, from the newest checkpoint when asked to; returns the report."""
        if self.arguments.resume_from_checkpoint:
            self.resume()
        else:
            self.clear_checkpoints()
        first = self.progress.step
        loader = DataLoader(
            Subset(self.batches, range(first, self.arguments.steps)),
            batch_size=None,
            generator=torch.Generator(),  # else the iterator draws its seed from the global one
        )
        started = time.monotonic() - self.progress.seconds
        bar = tqdm(
            loader,
            initial=first,
            total=self.arguments.steps,
            desc="pretrain",
            disable=not self.accelerator.is_main_process,
        )
        for step, batch in enumerate(bar, start=first + 1):
            losses = self.train_step(step, batch)
            self.progress.step, self.progress.seconds = step, time.monotonic() - started
            self.accelerator.log(losses, step=step)
            bar.set_postfix(loss=f"{losses['loss']:.3f}", refresh=False)
            if step % self.arguments.evaluate_every == 0 or step == self.arguments.steps:
                self.validate(step)
            if step % self.arguments.checkpoint_every == 0 or step == self.arguments.steps:
                self.save_checkpoint(step)
        return {
            "arguments": asdict(self.arguments),
            "before": training_before(self.arguments.start_from),
            "processes": self.accelerator.num_processes,
            **asdict(self.progress),
        }

    def end(self) -> None:
        """Wait for all processes, and leave them; the trainer cannot run again."""
        self.accelerator.wait_for_everyone()
        # DDP goes before its process group: where its reducer is the last to hold the group, a thread of gloo and the
        # interpreter can wait for each other for ever.
        [self.model] = self.accelerator.free_memory(self.model)
        self.accelerator.end_training()

    def train_step(self, step: int, batch: dict[str, Tensor]) -> dict[str, float]:
        self.model.train()
        # Dropout and augmentation depend on nothing but the seed, the step and the process.
        set_seed(seed_of_step(self.arguments.seed, step, self.accelerator.process_index))
        inputs = self.prepare_inputs(batch, torch.initial_seed())
        with self.accelerator.autocast():
            output = self.model(**inputs, return_loss=True)
        self.accelerator.backward(output.loss)
        self.accelerator.clip_grad_norm_(self.model.parameters(), self.arguments.max_grad_norm)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        self.averaged.update_parameters(self.plain_model)
        losses = {f"loss/{name}": value.item() for name, value in output.losses.items()}
        return {"loss": output.loss.item(), **losses, "learning_rate": self.schedule.get_last_lr()[0]}

    def prepare_inputs(self, batch: dict[str, Tensor], seed: int) -> dict[str, Any]:
        device = self.accelerator.device
        speed = float(batch["speed"])
        batch = {name: value.to(device) for name, value in batch.items() if name != "speed"}
        augmentation = Augmentation(
            AugmentationSettings(any_mounting_share=self.arguments.any_mounting_share),
            torch.Generator(device).manual_seed(seed),
        )
        inputs = two_view_inputs(
            batch,
            speed,
            augmentation,
            patch_size=self.plain_model.imu_model.config.patch_size,
            masked_share=self.arguments.masked_share,
            modality_dropout=self.arguments.modality_dropout,
            modalities=self.arguments.modalities,
        )
        inputs["text_features"] = self.features[batch["text_index"]]
        return inputs

    @property
    def plain_model(self) -> MujoModel:
        return self.accelerator.unwrap_model(self.model)

    @property
    def averaged_model(self) -> Any:
        """The model of the averaged weights, which is validated and exported."""
        return self.averaged.module

    def validate(self, step: int) -> None:
        """
        Retrieval on unseen recordings; the averaged weights of the best validation are kept: by the mean of R@5 of the
        IMU pairs and, where there are real recordings, of the accuracy on them. Views that are not trained on do not
        count.
        """
        if not self.accelerator.is_main_process:
            return
        model = self.averaged_model
        figures = retrieval_figures(model, self.validation, self.validation_features)
        scores = [figures[f"imu-{view}/R@5"] for view in ("pose", "text") if view in self.arguments.modalities]
        if self.real is not None and "text" in self.arguments.modalities:
            figures["real-imu/accuracy"] = real_imu_accuracy(model, self.real.validation, self.features)
            scores.append(figures["real-imu/accuracy"])
        score = sum(scores) / len(scores)
        self.accelerator.log({f"validation/{name}": value for name, value in figures.items()}, step=step)
        tqdm.write(f"step {step}: " + ", ".join(f"{name} {value:.3f}" for name, value in figures.items()))
        self.progress.figures[str(step)] = figures
        if score > self.progress.best_score:
            self.progress.best_score, self.progress.best_step = score, step
            write_folder(self.checkpoints / "best", lambda folder: model.save_pretrained(folder))

    def save_checkpoint(self, step: int) -> None:
        """Everything needed to go on bit for bit; the last two are kept. A crash leaves the former ones whole."""
        self.accelerator.wait_for_everyone()
        folder = self.checkpoints / f"step-{step:07d}"
        unfinished = folder.with_suffix(".partial")
        self.accelerator.save_state(str(unfinished))
        if self.accelerator.is_main_process:
            (unfinished / "progress.json").write_text(json.dumps(asdict(self.progress)))
            shutil.rmtree(folder, ignore_errors=True)
            unfinished.rename(folder)
            for old in sorted(self.checkpoints.glob("step-???????"))[:-2]:
                shutil.rmtree(old)
        self.accelerator.wait_for_everyone()

    def resume(self) -> None:
        """
        Load the newest whole checkpoint.

        Raises:
            FileNotFoundError: there is none.
        """
        found = sorted(self.checkpoints.glob("step-???????"))
        if not found:
            raise FileNotFoundError(
                f"No checkpoint in {self.checkpoints}: start without --resume_from_checkpoint, or check --output_dir."
            )
        self.accelerator.load_state(str(found[-1]))
        self.progress = Progress(**json.loads((found[-1] / "progress.json").read_text()))
        self.accelerator.print(f"Going on from {found[-1]}.")

    def clear_checkpoints(self) -> None:
        if self.accelerator.is_main_process:
            shutil.rmtree(self.checkpoints, ignore_errors=True)
        self.accelerator.wait_for_everyone()

    def best_model(self) -> MujoModel:
        """The model of the best validation, marked with the steps it has seen, those before included."""
        model = self.plain_model
        best = MujoModel.from_pretrained(self.checkpoints / "best", config=model.config)
        for part in ("imu_config", "pose_config", "text_config"):
            getattr(best.config, part).pretrained_steps += self.progress.best_step
        return best

    def fit_poolers_of(self, model: MujoModel) -> None:
        """Set the poolers of a finished model by batches that it was not trained on."""
        by_title = "text" in self.arguments.modalities
        self.fit_imu_pooler_of(model.imu_model, by_title)
        if "pose" in self.arguments.modalities:
            fit_pooler(model.pose_model, corpus_poses(self.batches, self.arguments.steps, by_title))

    def fit_imu_pooler_of(self, encoder: MujoImuModel, by_title: bool) -> None:
        """Set the pooler of a finished IMU encoder by batches that it was not trained on."""
        patch_size = encoder.config.patch_size
        fit_pooler(encoder, corpus_windows(self.batches, self.arguments.steps, patch_size, by_title))


def write_folder(folder: Path, write: Callable[[Path], object]) -> None:
    """Write a folder beside its place and move it there, so that a crash never leaves half of one."""
    unfinished = folder.with_name(folder.name + ".partial")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    write(unfinished)
    shutil.rmtree(folder, ignore_errors=True)
    unfinished.rename(folder)


def save_parts(parts: tuple, folder: Path) -> None:
    """Save a model, what reads its inputs, and its reference, by which its loading elsewhere can be checked."""
    for part in parts:
        part.save_pretrained(folder)
    write_reference(folder)


def export(model: MujoModel, tokenizer: PreTrainedTokenizerBase, report: dict, output: Path) -> None:
    """Write one folder per encoder and one for the joint model, each loadable with `AutoModel.from_pretrained`."""
    extractor = MujoImuFeatureExtractor()
    folders = {
        "imu-encoder": (model.imu_model, extractor),
        "pose-encoder": (model.pose_model, MujoPoseFeatureExtractor()),
        "video-encoder": (model.video_model,),
        "text-encoder": (model.text_model, tokenizer),
        "joint": (model, extractor, tokenizer),
    }
    for name, parts in folders.items():
        write_folder(output / name, partial(save_parts, parts))
    steps = {
        name.removesuffix("_config"): getattr(model.config, name).pretrained_steps for name in model.config.sub_configs
    }
    report = {**report, "pretrained_steps": steps, "device": PartialState().device.type}
    write_atomically(output / TRAINING_REPORT, json.dumps(report, indent=1).encode())
    for name in folders:
        logger.info(f"Saved {output / name}")
