"""An activity classifier from labelled windows: linear probe, full fine-tuning, LoRA, and from scratch."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from accelerate.utils import set_seed
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor
from tqdm.auto import tqdm
from transformers import AutoConfig, AutoTokenizer, PreTrainedTokenizerBase, get_cosine_schedule_with_warmup

from modeling_mujo import MujoConfig, MujoForImuClassification, MujoImuConfig, MujoModel
from modeling_mujo.pipeline_mujo import HYPOTHESIS_TEMPLATES

from .augmentation import Augmentation, AugmentationSettings
from .head import Features, LabelWords, count_performances, fit_head, words_explain
from .optimization import build_optimizer
from .precision import choose_attention, device_has_bf16
from .windows import Windows, join_windows

# So many windows, or pairs of person and activity, say too little for adapters.
TOO_FEW = 30
# The head sees every window as this many others would have given it as well, as long as there are few windows.
COPIES, MOST_WITH_COPIES = 8, 4000
# Training takes at least so many steps, and so many that it sees every window so often.
FEWEST_STEPS, FEWEST_PASSES = 150, 3
# Adapters want several times the rate of all weights, here as with language models (docs/experiments.md; Schulman et
# al., LoRA Without Regret, 2025).
LEARNING_RATES = {"everything": 1e-3, "adapters": 5e-3}
LORA_TARGETS = ["q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"]
Classifier = MujoForImuClassification | PeftModel


@dataclass
class TrainingRecipe:
    """
    How a classifier is trained; the same for every method, dataset and number of labels of a comparison.

    Nothing is chosen on validation people: whoever labels a handful of windows has none to spare. Choices were made
    once, on other people (docs/experiments.md).

    Attributes:
        method: "probe" (head only, on the windows as they are: the usual measure of frozen features), "head" (head
            only), "lora" (adapters and head), "full" (everything), or "auto": one of the first three, see
            [`choose_method`].
        steps: None: `FEWEST_STEPS`, or as many as see every window `FEWEST_PASSES` times.
        learning_rate: the highest; None: that of `LEARNING_RATES`.
        head_strength: inverse regularisation of the logistic regression that the head starts from, see [`fit_head`].
        masked_share: share of the patches hidden from the encoder, as in pretraining.
        averaged_share: the weights are the mean of those after each of this last share of the steps (Izmailov et
            al., UAI 2018); 0: the last ones.
    """

    method: str
    steps: int | None = None
    batch_size: int = 64
    learning_rate: float | None = None
    weight_decay: float = 0.05
    warmup_share: float = 0.1
    max_grad_norm: float = 1.0
    head_strength: float = 40.0
    masked_share: float = 0.3
    averaged_share: float = 0.5

    def steps_for(self, windows: int) -> int:
        """Steps of training on so many windows."""
        return max(FEWEST_STEPS, -(-FEWEST_PASSES * windows // self.batch_size)) if self.steps is None else self.steps

    def rate_for(self, part: str) -> float:
        """The highest learning rate where that part is trained, "everything" or "adapters"."""
        return LEARNING_RATES[part] if self.learning_rate is None else self.learning_rate


def train_classifier(
    encoder: str | Path | None,
    training: Windows,
    recipe: TrainingRecipe,
    seed: int,
    device: torch.device | str = "cpu",
    progress: bool = True,
) -> tuple[Classifier, str]:
    """
    Train an activity classifier on the labelled windows; returns it, and the method that "auto" stood for.

    With a pretrained `encoder` the head starts as the logistic regression on its frozen features (Kumar et al., ICLR
    2022: a random head would first distort them), that of a joint model with the words of the labels as its prior.
    But for "probe" it also sees the windows as others would have given them. "full" then trains everything, "lora"
    low-rank adapters and the head. Without `encoder` everything starts at random, and is trained.

    Args:
        encoder: folder or Hub id of an IMU encoder or of a joint model; None: from scratch.

    Raises:
        ValueError: there is no pretrained encoder, and the method does not train all.
    """
    if encoder is None and recipe.method not in ("auto", "full"):
        raise ValueError(
            f"Without a pretrained encoder everything has to be trained: method full, not {recipe.method}."
        )
    set_seed(seed)
    model, words = new_classifier(encoder, training.label_names)
    model.to(device)  # type: ignore[arg-type]
    choose_attention(model, device)
    if encoder is None:
        return optimise(model, training, recipe, seed, progress), "full"
    features, labels = encode(model, training), training.labels.numpy()
    known = None if words is None else words_explain(features, labels, words)
    method = choose_method(training, known) if recipe.method == "auto" else recipe.method
    labelled = training
    if method != "probe":
        labelled = with_copies(training, seed)
        features, labels = encode(model, labelled), labelled.labels.numpy()
    subjects = labelled.subjects.numpy()
    fit_head(features, labels, subjects, len(training.label_names), recipe.head_strength, words).put_on(model)
    if method in ("probe", "head"):
        model.imu_model.requires_grad_(False)
        return model.eval(), method
    if method == "lora":
        adapters = LoraConfig(
            r=16, lora_alpha=32, lora_dropout=0.05, target_modules=LORA_TARGETS, modules_to_save=["classifier"]
        )
        return optimise(get_peft_model(model, adapters), training, recipe, seed, progress), method
    return optimise(model, training, recipe, seed, progress), method


def copies_of(training: Windows) -> int:
    """How many copies of each window a head sees: `COPIES`, or as many as keep it to `MOST_WITH_COPIES` windows."""
    return min(COPIES, max(0, MOST_WITH_COPIES // len(training) - 1))


def with_copies(training: Windows, seed: int) -> Windows:
    """The windows, and [`copies_of`] each as other people would have given them."""
    augmentation = Augmentation(AugmentationSettings(), torch.Generator().manual_seed(seed))
    varied = (replace(training, inputs=of_others(training.inputs, augmentation)) for _ in range(copies_of(training)))
    return join_windows([training, *varied])


def of_others(inputs: dict[str, Tensor], augmentation: Augmentation) -> dict[str, Tensor]:
    """Inputs of the IMU encoder as other people would have given them."""
    values, mask = augmentation.others(inputs["imu_values"], inputs["imu_attention_mask"])
    return {**inputs, "imu_values": values, "imu_attention_mask": mask}


def choose_method(training: Windows, known: bool | None) -> str:
    """
    What "auto" stands for.

    "probe" where pretraining knows the activities: a linear head on its features is best left alone. Else "lora",
    which adds to them what pretraining lacks, or "head" where there is too little to learn that from.

    Args:
        training: the labelled windows.
        known: whether pretraining knows the activities, as far as words tell; None: there are no words. Then all that
            a person shows of an activity counts once: if it is known, only more people add to it.
    """
    if known:
        return "probe"
    performances = count_performances(training.labels.numpy(), training.subjects.numpy())
    return "lora" if (performances if known is None else len(training)) > TOO_FEW else "head"


def trained_part(model: Classifier) -> str:
    """What of a classifier of [`train_classifier`] was trained: the "head", "everything", or "adapters" and head."""
    if isinstance(model, PeftModel):
        return "adapters"
    return "everything" if next(model.imu_model.parameters()).requires_grad else "head"


def new_classifier(
    encoder: str | Path | None, label_names: list[str]
) -> tuple[MujoForImuClassification, LabelWords | None]:
    """The classifier around `encoder`, or around a new one, with a head to be trained, and a joint model's words."""
    labels: dict[str, Any] = {
        "id2label": dict(enumerate(label_names)),
        "label2id": {name: index for index, name in enumerate(label_names)},
        "problem_type": "single_label_classification",
    }
    if encoder is None:
        return MujoForImuClassification(MujoImuConfig(**labels)), None
    if AutoConfig.from_pretrained(encoder).model_type != MujoConfig.model_type:
        return MujoForImuClassification.from_pretrained(encoder, **labels), None
    joint = MujoModel.from_pretrained(encoder).eval()
    model = MujoForImuClassification(MujoImuConfig.from_dict({**joint.config.imu_config.to_dict(), **labels}))
    model.imu_model = joint.imu_model
    return model, label_words(joint, AutoTokenizer.from_pretrained(encoder), label_names)


@torch.no_grad()
def label_words(joint: MujoModel, tokenizer: PreTrainedTokenizerBase, label_names: list[str]) -> LabelWords:
    """The names of the activities in the joint space: each the mean of its `HYPOTHESIS_TEMPLATES`."""
    texts = [prompt.format(label) for label in label_names for prompt in HYPOTHESIS_TEMPLATES]
    tokens = tokenizer(texts, padding=True, return_tensors="pt").to(joint.device)
    embeds = joint.text_model(tokens["input_ids"], tokens["attention_mask"]).embeds
    mean = F.normalize(embeds.unflatten(0, (-1, len(HYPOTHESIS_TEMPLATES))).mean(1), dim=-1)
    return LabelWords(mean.cpu().numpy(), float(joint.clamped_logit_scale()))


def optimise(model: Classifier, training: Windows, recipe: TrainingRecipe, seed: int, progress: bool) -> Classifier:
    """
    The training loop: AdamW, cosine with warm-up, windows varied as people do; the weights are averaged as the recipe
    says.
    """
    steps = recipe.steps_for(len(training))
    optimizer = build_optimizer(model, recipe.rate_for(trained_part(model)), recipe.weight_decay)
    schedule = get_cosine_schedule_with_warmup(optimizer, int(recipe.warmup_share * steps), steps)
    order = np.random.default_rng(seed)
    augmentation = Augmentation(AugmentationSettings(), torch.Generator(model.device).manual_seed(seed))
    first_averaged = min(steps, int((1 - recipe.averaged_share) * steps) + 1)
    mean: dict[str, Tensor] = {}
    for step in tqdm(range(1, steps + 1), desc=recipe.method, disable=not progress):
        model.train()
        batch = training.select(order.choice(len(training), min(recipe.batch_size, len(training)), replace=False))
        inputs = of_others({name: value.to(model.device) for name, value in batch.inputs.items()}, augmentation)
        hidden = hide_patches(inputs["imu_values"], recipe.masked_share, model)
        with torch.autocast(model.device.type, torch.bfloat16, enabled=device_has_bf16()):
            loss = model(**inputs, masked_patches=hidden, labels=batch.labels.to(model.device)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.max_grad_norm)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step >= first_averaged:
            now = trainable_weights(model)
            mean = blend(mean or now, now, 1 / (step - first_averaged + 1))
    model.load_state_dict(mean, strict=False)
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


@torch.no_grad()
def encode(model: MujoForImuClassification, windows: Windows, batch_size: int = 512) -> Features:
    """What the encoder of `model` makes of every window."""
    model.eval()
    pooled, embeds = [], []
    for start in range(0, len(windows), batch_size):
        inputs = {name: value[start : start + batch_size].to(model.device) for name, value in windows.inputs.items()}
        output = model.imu_model(**inputs)
        pooled.append(output.pooler_output.float().cpu())
        embeds.append(output.embeds.float().cpu())
    return Features(torch.cat(pooled).numpy(), torch.cat(embeds).numpy())
