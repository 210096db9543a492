"""Fine-tuning of the IMU encoder on labelled windows: linear probe, full fine-tuning, LoRA, and from scratch."""

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import PartialState
from accelerate.utils import set_seed
from peft import LoraConfig, PeftModel, get_peft_model
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from torch import Tensor
from tqdm.auto import tqdm
from transformers import AutoConfig, get_cosine_schedule_with_warmup

from modeling_mujo import MujoForImuClassification, MujoImuConfig, MujoImuModel

from .arguments import FinetuneArguments
from .held_out import HeldOut, hold_out, people
from .metrics import RecognitionMetrics
from .optimization import build_optimizer
from .precision import choose_attention, device_has_bf16
from .pretrain import write_folder
from .reporting import count_windows, describe, measure, remarks
from .saving import check_replaceable, merged, save_classifier
from .windows import Windows, draw_labels, load_rows, windows_of_rows

LORA_TARGETS = ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]
NEVER = -30.0  # bias of a class that has no training window
Classifier = MujoForImuClassification | PeftModel


@dataclass
class TrainingRecipe:
    """
    How a classifier is trained; the same for every method, dataset and number of labels of a comparison.

    Nothing is chosen on validation people: whoever labels a handful of windows has none to spare. Choices were made
    once, on other people (docs/experiments.md).

    Attributes:
        method: "probe" (head only), "full" (everything) or "lora" (adapters and head).
        head_strength: inverse regularisation `C` of the logistic regression that the head starts from.
        masked_share: share of the patches hidden from the encoder, as in pretraining.
        averaged_share: the weights are the mean of those after each of this last share of the steps (Izmailov et
            al., UAI 2018); 0: the last ones.
        tuned_share: weight of the fine-tuned weights in the mean with those before (WiSE-FT, Wortsman et al., CVPR
            2022); 1: fine-tuned ones alone. Of LoRA, the adapters. From scratch there is nothing before.
    """

    method: str
    steps: int = 300
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    warmup_share: float = 0.1
    max_grad_norm: float = 1.0
    head_strength: float = 0.1
    masked_share: float = 0.3
    averaged_share: float = 0.5
    tuned_share: float = 0.7


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
    encoder = None if arguments.encoder in (None, "none") else check_encoder(arguments.encoder)
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
    model = merged(train_classifier(encoder, training, recipe, arguments.seed, PartialState().device))
    report = report_on(model, arguments, held_out, training, windows)
    write_folder(output, partial(save_classifier, model, arguments.window_seconds, report))
    sections = [describe(split, report[split]) for split in ("validation", "test") if split in report]
    print(*sections, *report["remarks"], f"Saved {output}", sep="\n")
    return output


def check_encoder(encoder: str) -> str:
    """
    Refuse what is no IMU encoder before any recording is read; returns it.

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
    if found != [MujoImuModel.__name__]:
        raise ValueError(f"{encoder} holds {found}: expected an IMU encoder, {MujoImuModel.__name__}.")
    return encoder


def report_on(
    model: MujoForImuClassification,
    arguments: FinetuneArguments,
    held_out: HeldOut,
    training: Windows,
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
        "trained_on": {"people": list(people(held_out.splits["train"]).values()), "windows": trained},
        "held_out": held_out.unit,
        **figures,
        "remarks": remarks(held_out.unit, arguments.held_out_share, trained, figures.get("test")),
    }


def train_classifier(
    encoder: str | Path | None,
    training: Windows,
    recipe: TrainingRecipe,
    seed: int,
    device: torch.device | str = "cpu",
    progress: bool = True,
) -> Classifier:
    """
    Train an activity classifier on the labelled windows.

    With a pretrained `encoder` the head starts as the logistic regression on its frozen features (Kumar et al., ICLR
    2022: a random head would first distort them). `recipe.method` "probe" stops there; "full" then trains everything,
    "lora" low-rank adapters and the head. Without `encoder` everything starts at random.
    """
    set_seed(seed)
    model = new_classifier(encoder, training.label_names)
    model.to(device)  # type: ignore[arg-type]
    choose_attention(model, device)
    if encoder is not None:
        initialise_head(model, training, recipe.head_strength)
    if recipe.method == "probe":
        model.imu_model.requires_grad_(False)
        return model.eval()
    tuned_share = 1.0 if encoder is None else recipe.tuned_share
    if recipe.method == "lora":
        adapters = LoraConfig(
            r=16, lora_alpha=32, lora_dropout=0.05, target_modules=LORA_TARGETS, modules_to_save=["classifier"]
        )
        return optimise(get_peft_model(model, adapters), training, recipe, tuned_share, seed, progress)
    return optimise(model, training, recipe, tuned_share, seed, progress)


def new_classifier(encoder: str | Path | None, label_names: list[str]) -> MujoForImuClassification:
    """The classifier around `encoder`, or around a new one, with a head to be trained."""
    labels: dict[str, Any] = {
        "id2label": dict(enumerate(label_names)),
        "label2id": {name: index for index, name in enumerate(label_names)},
        "problem_type": "single_label_classification",
    }
    if encoder is None:
        return MujoForImuClassification(MujoImuConfig(**labels))
    return MujoForImuClassification.from_pretrained(encoder, **labels)


def optimise(
    model: Classifier, training: Windows, recipe: TrainingRecipe, tuned_share: float, seed: int, progress: bool
) -> Classifier:
    """The training loop: AdamW, cosine with warm-up; the weights are averaged as the recipe says."""
    optimizer = build_optimizer(model, recipe.learning_rate, recipe.weight_decay)
    schedule = get_cosine_schedule_with_warmup(optimizer, int(recipe.warmup_share * recipe.steps), recipe.steps)
    order = np.random.default_rng(seed)
    before = trainable_weights(model)
    first_averaged = min(recipe.steps, int((1 - recipe.averaged_share) * recipe.steps) + 1)
    mean: dict[str, Tensor] = {}
    for step in tqdm(range(1, recipe.steps + 1), desc=recipe.method, disable=not progress):
        model.train()
        batch = training.select(order.choice(len(training), min(recipe.batch_size, len(training)), replace=False))
        inputs = {name: value.to(model.device) for name, value in batch.inputs.items()}
        hidden = hide_patches(inputs["imu_values"], recipe.masked_share, model)
        with torch.autocast(model.device.type, torch.bfloat16, enabled=device_has_bf16()):
            loss = model(**inputs, masked_patches=hidden, labels=batch.labels.to(model.device)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.max_grad_norm)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step >= first_averaged:
            mean = blend(mean or trainable_weights(model), trainable_weights(model), 1 / (step - first_averaged + 1))
    model.load_state_dict(blend(before, mean, tuned_share), strict=False)
    return model.eval()


def blend(one: dict[str, Tensor], other: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Weights between `one` (share 0) and `other` (share 1)."""
    return {name: torch.lerp(value, other[name], share) for name, value in one.items()}


def hide_patches(imu_values: Tensor, share: float, model: Classifier) -> Tensor:
    """Random patches `(batch, sensors, patches)` to hide from the encoder: augmentation, as in pretraining."""
    batch, sensors, time, _ = imu_values.shape
    patches = -(-time // model.config.patch_size)
    return torch.rand(batch, sensors, patches, device=imu_values.device) < share


def trainable_weights(model: Classifier) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.named_parameters() if value.requires_grad}


@torch.no_grad()
def predict(model: Classifier, windows: Windows, batch_size: int = 512) -> Tensor:
    """Logits `(windows, labels)`, on the CPU."""
    model.eval()
    logits = []
    for start in range(0, len(windows), batch_size):
        inputs = {name: value[start : start + batch_size].to(model.device) for name, value in windows.inputs.items()}
        logits.append(model(**inputs).logits.float().cpu())
    return torch.cat(logits)


def score(model: Classifier, windows: Windows) -> dict:
    """`RecognitionMetrics` of the classifier on the windows."""
    predictions = predict(model, windows).argmax(-1)
    return RecognitionMetrics().compute(
        predictions=predictions, references=windows.labels, num_labels=len(windows.label_names)
    )


@torch.no_grad()
def pooled_features(model: MujoForImuClassification, windows: Windows, batch_size: int = 512) -> np.ndarray:
    """Frozen `pooler_output` of every window `(windows, pooled_size)`."""
    model.eval()
    features = []
    for start in range(0, len(windows), batch_size):
        inputs = {name: value[start : start + batch_size].to(model.device) for name, value in windows.inputs.items()}
        features.append(model.imu_model(**inputs).pooler_output.float().cpu())
    return torch.cat(features).numpy()


def initialise_head(model: MujoForImuClassification, training: Windows, strength: float) -> None:
    """
    Set the head to the logistic regression, of inverse regularisation `strength`, on standardised frozen features.

    Classes without a training window keep a bias that never wins.
    """
    set_head(model, *linear_head(pooled_features(model, training), training, strength))


def linear_head(features: np.ndarray, training: Windows, strength: float) -> tuple[np.ndarray, np.ndarray]:
    """Weight `(labels, features)` and bias `(labels,)` of the logistic regression on `features` as they are."""
    scaler = StandardScaler()
    probe = LogisticRegression(C=strength, max_iter=300).fit(scaler.fit_transform(features), training.labels.numpy())
    coefficients, intercepts = probe.coef_, probe.intercept_
    if len(probe.classes_) == 2:  # scikit-learn keeps one row for two classes
        coefficients, intercepts = (
            np.concatenate([-coefficients, coefficients]) / 2,
            np.array([-1, 1]) * intercepts / 2,
        )
    weight = np.zeros((len(training.label_names), features.shape[1]), np.float32)
    bias = np.full(len(weight), NEVER, np.float32)
    weight[probe.classes_] = coefficients / scaler.scale_
    bias[probe.classes_] = intercepts - weight[probe.classes_] @ scaler.mean_
    return weight, bias


@torch.no_grad()
def set_head(model: MujoForImuClassification, weight: np.ndarray, bias: np.ndarray) -> None:
    model.classifier.weight.copy_(torch.from_numpy(weight))
    model.classifier.bias.copy_(torch.from_numpy(bias))
