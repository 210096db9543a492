"""Arguments of `train.py`: one dataclass per task, filled from defaults, a YAML file and the command line."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import yaml
from transformers import HfArgumentParser


@dataclass
class PretrainArguments:
    """Contrastive pretraining of the joint space on FiMAD."""

    output_dir: str = field(default="outputs/mujo", metadata={"help": "Folder of the checkpoints and the encoders."})
    motion_dir: str | None = field(
        default=None, metadata={"help": "Folder of motion-capture files to train on beside the synthetic exercises."}
    )
    imu_corpora_dir: str | None = field(
        default=None, metadata={"help": "Folder of real IMU recordings with words (WISDM-51, SelfBACK) to mix in."}
    )
    imu_corpora: list[str] = field(
        default_factory=lambda: ["wisdm51", "selfback"], metadata={"help": "Which of them: wisdm51, selfback."}
    )
    real_imu_share: float = field(default=0.5, metadata={"help": "Share of these recordings in a batch."})
    modalities: list[str] = field(
        default_factory=lambda: ["imu", "pose", "text"],
        metadata={"help": "Views that are contrasted; fewer show what each adds."},
    )
    clips_per_exercise: int = field(default=20, metadata={"help": "Synthetic training clips per exercise."})
    daily_clips: int = field(
        default=0,
        metadata={"help": "Further ones of each movement of daily life (gaits, stairs, ...) and each gesture."},
    )
    daily_share: float | None = field(
        default=None,
        metadata={"help": "Share of the clips of a batch that show movements of daily life; as they come"},
    )
    start_from: str | None = field(
        default=None, metadata={"help": "Joint model, folder or Hub id, to go on from; none: new weights."}
    )
    text_model: str = field(
        default="sentence-transformers/all-MiniLM-L6-v2",
        metadata={"help": "Hub id or folder of the text encoder (frozen)."},
    )
    steps: int = field(default=500, metadata={"help": "Optimisation steps."})
    batch_size: int = field(default=192, metadata={"help": "Clips per step, over all processes."})
    learning_rate: float = field(default=1e-3, metadata={"help": "Peak learning rate."})
    weight_decay: float = field(default=0.05, metadata={"help": "AdamW weight decay of matrices."})
    warmup_share: float = field(default=0.05, metadata={"help": "Share of the steps with rising learning rate."})
    max_grad_norm: float = field(default=1.0, metadata={"help": "Gradients are clipped to this norm."})
    ema_decay: float = field(default=0.99, metadata={"help": "Decay per step of the weight average that is exported."})
    min_seconds: float = field(default=2.0, metadata={"help": "Shortest training window."})
    max_seconds: float = field(default=5.0, metadata={"help": "Longest training window."})
    modality_dropout: float = field(default=0.1, metadata={"help": "Chance that a view of a clip is left out."})
    masked_share: float = field(default=0.3, metadata={"help": "Share of the IMU patches hidden from the encoder."})
    reconstruction_weight: float = field(default=1.0, metadata={"help": "Weight of the IMU reconstruction loss."})
    any_mounting_share: float = field(
        default=0.3, metadata={"help": "Share of sensors mounted in any orientation; the rest sit in likely ones."}
    )
    evaluate_every: int = field(default=100, metadata={"help": "Steps between validations."})
    checkpoint_every: int = field(default=100, metadata={"help": "Steps between checkpoints (the last two are kept)."})
    resume_from_checkpoint: bool = field(default=False, metadata={"help": "Go on from the newest checkpoint."})
    seed: int = field(default=0, metadata={"help": "Seed of weights, batches and augmentation."})


@dataclass
class BaselineArguments(PretrainArguments):
    """Pretraining of the IMU encoder by another self-supervised objective; the arguments of `pretrain` serve it."""

    objective: str = field(
        default="simclr",
        metadata={
            "help": "Self-supervised objective; the encoder is written below a folder of this name in output_dir.",
            "choices": ["simclr", "transformations", "masked_reconstruction", "cpc"],
        },
    )


@dataclass
class DistillArguments(PretrainArguments):
    """Self-distillation of the IMU encoder of a joint model, `start_from`; the arguments of `pretrain` serve it."""


@dataclass
class RecordingsArguments:
    """
    Which labelled recordings. The data sets in `training.windows.BENCHMARKS` know how to read their files; files of
    your own (`csv_folder`) need to be told, with the fields from `sampling_rate` on: see `CsvFolderConfig`.
    """

    dataset: str = field(
        default="motionsense", metadata={"help": "csv_folder for your own files, or a benchmark such as motionsense."}
    )
    data_dir: str | None = field(default=None, metadata={"help": "Folder or archive of its original files."})
    hop_seconds: float = field(default=2.0, metadata={"help": "Step between windows."})
    sampling_rate: float | None = field(
        default=None, metadata={"help": "Your files: samples a second in Hz; not needed with a column of time."}
    )
    time_unit: str | None = field(
        default=None, metadata={"help": "Your files: s, ms, us or ns, where the header of the time does not say."}
    )
    acceleration_unit: str | None = field(
        default=None, metadata={"help": "Your files: g or m/s2, where the headers do not say."}
    )
    gyroscope_unit: str | None = field(
        default=None, metadata={"help": "Your files: deg/s or rad/s, where the headers do not say."}
    )
    gravity: str | None = field(
        default=None,
        metadata={"help": "Your files: included (at rest they read 1 g upwards) or removed (gravity in own columns)."},
    )
    placements: list[str] | None = field(
        default=None, metadata={"help": "Your files: where the sensors are worn, such as right_wrist."}
    )
    columns: list[str] | None = field(
        default=None, metadata={"help": "Your files: columns of other names, as acc_x=X acc_y=Y acc_z=Z time=when."}
    )
    test_subjects: list[str] | None = field(
        default=None, metadata={"help": "Your files: people who are kept for measuring."}
    )
    validation_subjects: list[str] | None = field(
        default=None, metadata={"help": "Your files: people who are kept for choosing between trainings."}
    )

    def reading(self) -> dict[str, Any]:
        """
        What was said about the files, as fields of `CsvFolderConfig`.

        Raises:
            ValueError: `columns` are no pairs.
        """
        names = ("sampling_rate", "time_unit", "acceleration_unit", "gyroscope_unit", "gravity")
        said = {name: getattr(self, name) for name in names}
        for name in ("placements", "test_subjects", "validation_subjects"):
            said[name] = tuple(str(entry) for entry in getattr(self, name) or ())
        pairs = [pair.partition("=") for pair in self.columns or ()]
        if not all(plain and own for plain, _, own in pairs):
            raise ValueError(f"columns are pairs of a plain name and yours, as acc_x=X; got {self.columns}.")
        said["columns"] = {plain: own for plain, _, own in pairs}
        return {name: value for name, value in said.items() if value not in (None, (), {})}


@dataclass
class FinetuneArguments(RecordingsArguments):
    """Fine-tuning of an IMU encoder on labelled recordings."""

    encoder: str | None = field(
        default="mujo/imu-encoder",
        metadata={"help": "Folder or Hub id of the pretrained encoder; 'none' trains from scratch."},
    )
    method: str = field(
        default="auto",
        metadata={
            "help": "What is trained: everything, adapters, or the head; auto: adapters, or the head where labels "
            "say too little for that or pretraining knows the activities; probe: the head on windows as they are.",
            "choices": ["auto", "full", "lora", "probe"],
        },
    )
    output_dir: str = field(default="outputs/finetuned", metadata={"help": "Folder of the classifier."})
    held_out_share: float = field(
        default=0.2,
        metadata={"help": "Share of the people kept for measuring, where nothing says who is; 0: train on all."},
    )
    label_fraction: float = field(
        default=1.0, metadata={"help": "Share of the training labels, per class and person."}
    )
    window_seconds: float = field(default=4.0, metadata={"help": "Window length."})
    steps: int | None = field(
        default=None, metadata={"help": "Optimisation steps; 150, or as many as see every window three times."}
    )
    batch_size: int = field(default=64, metadata={"help": "Windows per step."})
    learning_rate: float | None = field(
        default=None, metadata={"help": "Peak learning rate; 0.001 where everything is trained, 0.005 for adapters."}
    )
    weight_decay: float = field(default=0.05, metadata={"help": "AdamW weight decay of matrices."})
    seed: int = field(default=0, metadata={"help": "Seed of the labels drawn, the weights and the batches."})


@dataclass
class EvaluateArguments(RecordingsArguments):
    """Evaluation of a fine-tuned classifier on people it was not trained on."""

    model: str = field(default="outputs/finetuned", metadata={"help": "Folder that a fine-tuning wrote."})
    output_file: str | None = field(default=None, metadata={"help": "JSON file for the figures; none: print only."})


TASKS: dict[str, Any] = {
    "pretrain": PretrainArguments,
    "pretrain_baseline": BaselineArguments,
    "distill": DistillArguments,
    "finetune": FinetuneArguments,
    "evaluate": EvaluateArguments,
}
TaskArguments = PretrainArguments | FinetuneArguments | EvaluateArguments


def parse_arguments(command_line: Sequence[str] | None = None) -> TaskArguments:
    """
    Read `--task`, `--config` and the fields of the task; the command line wins over the YAML file, that over defaults.

    Raises:
        ValueError: the YAML file has a field that the task does not know.
    """
    chooser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    chooser.add_argument("--task", choices=TASKS, default=None)
    chooser.add_argument("--config", type=Path, default=None)
    chosen, rest = chooser.parse_known_args(command_line)
    settings = read_yaml(chosen.config) if chosen.config else {}
    task = chosen.task or settings.pop("task", "pretrain")
    settings.pop("task", None)

    known = {entry.name for entry in fields(TASKS[task])}
    if unknown := sorted(set(settings) - known):
        raise ValueError(f"{chosen.config}: task '{task}' has no field {unknown}; it knows {sorted(known)}.")
    usage = f"--task {{{','.join(TASKS)}}} and --config FILE come first; then the fields of the task"
    parser = HfArgumentParser(TASKS[task], description=TASKS[task].__doc__, epilog=usage, allow_abbrev=False)
    parser.set_defaults(**settings)
    (arguments,) = parser.parse_args_into_dataclasses(rest)
    return arguments


def read_yaml(path: Path) -> dict:
    """Fields of a task from a YAML mapping, such as those in `configs/`."""
    settings = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(settings, dict):
        raise ValueError(f"{path} must hold `field: value` lines, found {type(settings).__name__}.")
    return settings
