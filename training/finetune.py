"""Fine-tuning of the IMU encoder on labelled windows: linear probe, full fine-tuning, LoRA, and from scratch."""

import copy
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import set_seed
from peft import LoraConfig, PeftModel, get_peft_model
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from torch import Tensor
from tqdm.auto import tqdm
from transformers import get_cosine_schedule_with_warmup
from transformers.utils import logging

from modeling_mujo import MujoForImuClassification, MujoImuConfig, MujoImuFeatureExtractor

from .arguments import FinetuneArguments
from .metrics import RecognitionMetrics
from .optimization import build_optimizer
from .windows import Windows, draw_labels, load_windows

logger = logging.get_logger(__name__)

LORA_TARGETS = ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]
PROBE_STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
Classifier = MujoForImuClassification | PeftModel


@dataclass
class TrainingRecipe:
    """How a classifier is trained; the same for every method and seed of a comparison."""

    method: str
    steps: int = 300
    batch_size: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.05
    warmup_share: float = 0.1
    max_grad_norm: float = 1.0
    masked_share: float = 0.3
    evaluations: int = 8


def finetune(arguments: FinetuneArguments) -> Path:
    """Run the fine-tuning described by `arguments`; returns the folder of the classifier or adapter."""
    splits = load_windows(arguments.dataset, arguments.data_dir, arguments.window_seconds, arguments.hop_seconds)
    training = draw_labels(splits["train"], arguments.label_fraction, arguments.seed)
    encoder = None if arguments.encoder in (None, "none") else arguments.encoder
    recipe = TrainingRecipe(
        arguments.method,
        arguments.steps,
        arguments.batch_size,
        arguments.learning_rate,
        arguments.weight_decay,
    )
    model = train_classifier(encoder, training, splits["validation"], recipe, arguments.seed, Accelerator().device)
    figures = {split: score(model, splits[split]) for split in ("validation", "test")}
    output = Path(arguments.output_dir)
    model.save_pretrained(str(output))
    model.config.save_pretrained(output)  # an adapter alone would not know the names of its labels
    MujoImuFeatureExtractor(window_seconds=arguments.window_seconds).save_pretrained(output)
    report = {"arguments": asdict(arguments), "training_windows": len(training), **figures}
    (output / "finetuning_report.json").write_text(json.dumps(report, indent=1))
    logger.info(f"Test macro-F1 {figures['test']['macro_f1']:.3f}; saved {output}")
    return output


def train_classifier(
    encoder: str | Path | None,
    training: Windows,
    validation: Windows,
    recipe: TrainingRecipe,
    seed: int,
    device: torch.device | str = "cpu",
    progress: bool = True,
) -> Classifier:
    """
    Train an activity classifier; the weights of the best validation macro-F1 are returned.

    With a pretrained `encoder` the head starts as the logistic regression on its frozen features (Kumar et al., ICLR
    2022: a random head would first distort them). `recipe.method` "probe" stops there; "full" then trains everything,
    "lora" low-rank adapters and the head. Without `encoder` everything starts at random.
    """
    set_seed(seed)
    model = new_classifier(encoder, training.label_names)
    model.to(device)  # type: ignore[arg-type]
    if encoder is not None:
        initialise_head(model, training, validation)
    if recipe.method == "probe":
        model.imu_model.requires_grad_(False)
        return model
    if recipe.method == "lora":
        adapters = LoraConfig(
            r=16, lora_alpha=32, lora_dropout=0.05, target_modules=LORA_TARGETS, modules_to_save=["classifier"]
        )
        return optimise(get_peft_model(model, adapters), training, validation, recipe, seed, progress)
    return optimise(model, training, validation, recipe, seed, progress)


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
    model: Classifier, training: Windows, validation: Windows, recipe: TrainingRecipe, seed: int, progress: bool
) -> Classifier:
    """The training loop: AdamW, cosine with warm-up; validated `recipe.evaluations` times and at the start."""
    optimizer = build_optimizer(model, recipe.learning_rate, recipe.weight_decay)
    schedule = get_cosine_schedule_with_warmup(optimizer, int(recipe.warmup_share * recipe.steps), recipe.steps)
    order = np.random.default_rng(seed)
    best_score, best_weights = score(model, validation)["macro_f1"], trainable_weights(model)
    for step in tqdm(range(1, recipe.steps + 1), desc=recipe.method, disable=not progress):
        model.train()
        batch = training.select(order.choice(len(training), min(recipe.batch_size, len(training)), replace=False))
        inputs = {name: value.to(model.device) for name, value in batch.inputs.items()}
        hidden = hide_patches(inputs["imu_values"], recipe.masked_share, model)
        loss = model(**inputs, masked_patches=hidden, labels=batch.labels.to(model.device)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.max_grad_norm)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step % (recipe.steps // recipe.evaluations) == 0:
            figure = score(model, validation)["macro_f1"]
            if figure >= best_score:
                best_score, best_weights = figure, trainable_weights(model)
    model.load_state_dict(best_weights, strict=False)
    return model.eval()


def hide_patches(imu_values: Tensor, share: float, model: Classifier) -> Tensor:
    """Random patches `(batch, sensors, patches)` to hide from the encoder: augmentation, as in pretraining."""
    batch, sensors, time, _ = imu_values.shape
    patches = -(-time // model.config.patch_size)
    return torch.rand(batch, sensors, patches, device=imu_values.device) < share


def trainable_weights(model: Classifier) -> dict[str, Tensor]:
    return {name: copy.deepcopy(value.data) for name, value in model.named_parameters() if value.requires_grad}


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


def initialise_head(model: MujoForImuClassification, training: Windows, validation: Windows) -> None:
    """
    Set the head to the logistic regression on standardised frozen features; its strength is chosen on the validation
    people. Classes without a training window keep a bias that never wins.
    """
    scaler = StandardScaler()
    features = scaler.fit_transform(pooled_features(model, training))
    probes = [
        LogisticRegression(C=strength, max_iter=300).fit(features, training.labels.numpy())
        for strength in PROBE_STRENGTHS
    ]
    held_out = scaler.transform(pooled_features(model, validation))
    figures = [
        RecognitionMetrics().compute(
            predictions=probe.predict(held_out),
            references=validation.labels,
            num_labels=len(validation.label_names),
        )["macro_f1"]
        for probe in probes
    ]
    probe = probes[int(np.argmax(figures))]
    weight = np.zeros(model.classifier.weight.shape, np.float32)
    bias = np.full(len(weight), -30.0, np.float32)
    weight[probe.classes_] = probe.coef_ / scaler.scale_
    bias[probe.classes_] = probe.intercept_ - weight[probe.classes_] @ scaler.mean_
    with torch.no_grad():
        model.classifier.weight.copy_(torch.from_numpy(weight))
        model.classifier.bias.copy_(torch.from_numpy(bias))
