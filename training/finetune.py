"""Fine-tuning on somebody's labelled recordings: a classifier that pipelines load, and a report on people held out."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

from accelerate import PartialState
from transformers import AutoConfig

from modeling_mujo import MujoForImuClassification, MujoImuModel, MujoModel

from .arguments import FinetuneArguments
from .classifier import TrainingRecipe, copies_of, predict, train_classifier, trained_part
from .held_out import HeldOut, hold_out, people
from .pretrain import write_folder
from .reporting import count_windows, describe, measure, remarks
from .saving import check_replaceable, merged, save_classifier
from .windows import Windows, draw_labels, load_rows, windows_of_rows


def finetune(arguments: FinetuneArguments) -> Path:
    """
    Run the fine-tuning described by `arguments`; returns the folder of the classifier, its pipeline and its report.

    Raises:
        ValueError: no encoder or nothing to train on is given, or `output_dir` holds something else.
    """
    output = Path(arguments.output_dir)
    if not PartialState().is_main_process:  # so short a training runs on one device
        return output
    check_replaceable(output)
    encoder = None if from_scratch(arguments) else check_encoder(str(arguments.encoder))
    rows = load_rows(arguments.dataset, arguments.data_dir, **arguments.reading())
    held_out = hold_out(rows, arguments.held_out_share)
    windows = {
        split: windows_of_rows(recordings, arguments.window_seconds, arguments.hop_seconds)
        for split, recordings in held_out.splits.items()
    }
    training = draw_labels(windows["train"], arguments.label_fraction, arguments.seed)
    recipe = TrainingRecipe(
        arguments.method,
        arguments.steps,
        arguments.batch_size,
        arguments.learning_rate,
        arguments.weight_decay,
    )
    trained, method = train_classifier(encoder, training, recipe, arguments.seed, PartialState().device)
    model = merged(trained)
    part = trained_part(trained)
    steps = 0 if part == "head" else recipe.steps_for(len(training))
    copies = 0 if encoder is None or method == "probe" else copies_of(training)
    report = {"trained": part, "steps": steps, **report_on(model, arguments, held_out, training, copies, windows)}
    write_folder(output, partial(save_classifier, model, arguments.window_seconds, report))
    sections = [describe(split, report[split]) for split in ("validation", "test") if split in report]
    print(*sections, *report["remarks"], f"Saved {output}", sep="\n")
    return output


def from_scratch(arguments: FinetuneArguments) -> bool:
    return arguments.encoder in (None, "none")


def check_encoder(encoder: str) -> str:
    """
    Refuse what is neither an IMU encoder nor a joint model before any recording is read; returns it.

    Raises:
        ValueError: there is none, or it is another model.
    """
    try:
        found = AutoConfig.from_pretrained(encoder).architectures
    except (OSError, ValueError) as error:
        raise ValueError(
            f"{encoder} cannot be loaded: give --encoder a folder (`make train` writes outputs/mujo/imu-encoder), an "
            f"id of the Hub, or none to train from scratch. {error}"
        ) from error
    if found not in ([MujoImuModel.__name__], [MujoModel.__name__]):
        raise ValueError(
            f"{encoder} holds {found}: expected an IMU encoder, {MujoImuModel.__name__}, or a joint model, "
            f"{MujoModel.__name__}."
        )
    return encoder


def report_on(
    model: MujoForImuClassification,
    arguments: FinetuneArguments,
    held_out: HeldOut,
    training: Windows,
    copies: int,
    windows: dict[str, Windows],
) -> dict:
    """How the classifier was trained and how it does on every split but "train"; names no folder of this machine."""
    settings = {name: value for name, value in asdict(arguments).items() if name not in ("data_dir", "output_dir")}
    if Path(str(arguments.encoder)).is_dir():
        settings["encoder"] = Path(str(arguments.encoder)).name
    figures = {
        split: measure(predict(model, part).argmax(-1), part, people(held_out.splits[split]))
        for split, part in windows.items()
        if split != "train"
    }
    trained = count_windows(training)
    return {
        "arguments": settings,
        "trained_on": {
            "people": list(people(held_out.splits["train"]).values()),
            "windows": trained,
            "copies": copies,
        },
        "held_out": held_out.unit,
        **figures,
        "remarks": remarks(held_out.unit, arguments.held_out_share, trained, figures.get("test")),
    }
