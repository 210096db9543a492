"""The ways to recognise activities that are compared: one call trains one on a few windows and predicts others."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.baselines import (
    STRENGTH,
    TREES,
    logistic_regression,
    pose_statistics,
    random_forest,
    stride_rhythms,
    window_statistics,
)
from modeling_mujo import MujoImuConfig, MujoModel
from modeling_mujo.pipeline_mujo import HYPOTHESIS_TEMPLATES
from training.classifier import (
    COPIES,
    FEWEST_PASSES,
    FEWEST_STEPS,
    MOST_WITH_COPIES,
    TOO_FEW,
    TrainingRecipe,
    encode,
    new_classifier,
    predict,
    train_classifier,
)
from training.head import KNOWN, Features, LabelWords, fit_head
from training.windows import Windows

# One recipe for every dataset, number of labels and encoder, chosen on other people (docs/experiments.md) and fixed.
RECIPES = {name: TrainingRecipe(name) for name in ("auto", "full", "lora")}
SCRATCH = TrainingRecipe("full")
HEAD_STRENGTH = TrainingRecipe("probe").head_strength
TRAINING = {"fewest_steps": FEWEST_STEPS, "fewest_passes": FEWEST_PASSES}
POSE = {"floor": "unknown"}  # found from the pose: training/windows.py
POSE_SHARE = 0.7  # norm of what the pose encoder makes beside that of the IMU encoder's; docs/experiments.md
HEAD = {"copies": COPIES, "most_with_copies": MOST_WITH_COPIES}
RHYTHM = {"num_harmonics": MujoImuConfig().num_harmonics}

ENCODER_METHODS = ("probe", "full", "lora")
# "..._words": the head starts from the words of the labels (training/head.py)
JOINT_METHODS = ("zero_shot", "probe_words", "auto_words", "pose_probe", "multimodal")
POSE_METHODS = ("random_forest_pose", "pose_probe", "multimodal")
# "random_probe": a head on the features of an encoder that has learned nothing
# "random_forest_rhythm", "random_forest_pose": with what the network has beside its weights, or with the pose
FORESTS = {
    "random_forest": (window_statistics,),
    "random_forest_rhythm": (window_statistics, stride_rhythms),
    "random_forest_pose": (window_statistics, pose_statistics),
}
PLAIN_METHODS = (*FORESTS, "logistic_regression", "scratch", "random_probe")


@dataclass(frozen=True)
class Method:
    """
    A method and the pretrained weights it starts from.

    Attributes:
        kind: one of `PLAIN_METHODS` (no weights), `ENCODER_METHODS` (weights of an IMU encoder) or `JOINT_METHODS`
            (of a joint model).
        encoder: how tables call the weights, such as "mujo" or "simclr"; empty without.
        folder: where the weights are.
    """

    kind: str
    encoder: str = ""
    folder: Path | None = None

    @property
    def name(self) -> str:
        """As in results: "random_forest", "mujo-probe"."""
        return f"{self.encoder}-{self.kind}" if self.encoder else self.kind

    @cached_property
    def fingerprint(self) -> str | None:
        """First digits of the SHA-256 of the weights: a cell of other weights is another cell."""
        return None if self.folder is None else fingerprint_of(self.folder)


def fingerprint_of(folder: Path) -> str:
    """
    First digits of the SHA-256 of the weights in `folder`.

    Raises:
        FileNotFoundError: there are none.
    """
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise FileNotFoundError(f"No encoder at {folder}: run `make train`, or name a folder that has one.")
    return hashlib.sha256(weights.read_bytes()).hexdigest()[:12]


def methods_of(kinds: list[str], encoders: dict[str, Path], joints: dict[str, Path], pose: bool) -> list[Method]:
    """The methods of these kinds, once per encoder or joint model; those that need a pose only where there is one."""
    methods: list[Method] = []
    for kind in kinds:
        if kind in POSE_METHODS and not pose:
            continue
        folders = encoders if kind in ENCODER_METHODS else joints if kind in JOINT_METHODS else {"": None}
        methods += [Method(kind, name, folder) for name, folder in folders.items()]
    return methods


def settings_of(method: Method) -> dict:
    """What the figures of a method rest on, beside its weights."""
    match method.kind:
        case "scratch":
            return TRAINING | RHYTHM | trained_as(SCRATCH, "everything")
        case "full":
            return TRAINING | RHYTHM | trained_as(RECIPES["full"], "everything") | HEAD
        case "lora":
            return TRAINING | RHYTHM | trained_as(RECIPES["lora"], "adapters") | HEAD
        case "auto_words":
            bounds = {"too_few": TOO_FEW, "known": KNOWN}
            return TRAINING | RHYTHM | trained_as(RECIPES["auto"], "adapters") | HEAD | bounds
        case "random_forest":
            return {"trees": TREES}
        case "random_forest_rhythm":
            return {"trees": TREES} | RHYTHM
        case "random_forest_pose":
            return {"trees": TREES} | POSE
        case "zero_shot":
            return {"prompts": list(HYPOTHESIS_TEMPLATES)}
        case "logistic_regression":
            return {"head_strength": STRENGTH}
        case "pose_probe":
            return {"head_strength": HEAD_STRENGTH} | POSE
        case "multimodal":
            return {"head_strength": HEAD_STRENGTH, "pose_share": POSE_SHARE} | RHYTHM | POSE
    return {"head_strength": HEAD_STRENGTH} | RHYTHM


def trained_as(recipe: TrainingRecipe, part: str) -> dict:
    """The fields of a recipe, with the learning rate that it has where that part is trained."""
    return asdict(recipe) | {"learning_rate": recipe.rate_for(part)}


def recipe_hash(method: Method) -> str:
    """First digits of the SHA-256 of the settings of a method."""
    return hashlib.sha256(json.dumps(settings_of(method), sort_keys=True).encode()).hexdigest()[:12]


def recipe_of(method: Method) -> TrainingRecipe:
    return RECIPES.get(method.kind.removesuffix("_words"), SCRATCH)


class Recognizer:
    """
    Runs methods on one set of windows; features that do not depend on labels are computed once.

    Args:
        windows: the windows of everybody; training and test sets are positions among them.
        device: where networks run.
    """

    def __init__(self, windows: Windows, device: torch.device | str = "cpu"):
        self.windows, self.device = windows, device
        self._features: dict[tuple, Any] = {}

    def predictions(self, method: Method, train: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
        """Classes `(test windows,)` by `method` trained on the windows at `train`."""
        labels = self.windows.labels.numpy()[train]
        match method.kind:
            case "random_forest" | "random_forest_rhythm" | "random_forest_pose":
                statistics = self.statistics(*FORESTS[method.kind])
                return random_forest(statistics[train], labels, seed).predict(statistics[test])
            case "logistic_regression":
                statistics = self.statistics(window_statistics)
                return logistic_regression(statistics[train], labels).predict(statistics[test])
            case "probe" | "random_probe":
                return self.predict_by_head(self.encoded(method)[0], None, train, test)
            case "probe_words":
                return self.predict_by_head(*self.encoded(method), train, test)
            case "pose_probe":
                return self.predict_by_head(self.pose_encoded(method), None, train, test)
            case "multimodal":
                imu, words = self.encoded(method)
                both = side_by_side(imu, self.pose_encoded(method), train)
                return self.predict_by_head(both, words and twice(words), train, test)
            case "scratch" | "full" | "lora" | "auto_words":
                training = self.windows.select(train)
                recipe = recipe_of(method)
                model, _ = train_classifier(method.folder, training, recipe, seed, self.device, progress=False)
                return predict(model, self.windows.select(test)).argmax(-1).numpy()
            case "zero_shot":
                encoded, words = self.encoded(method)
                if words is None:
                    raise ValueError("Zero-shot recognition needs a joint model: give --joints NAME=FOLDER.")
                return (encoded.embeds[test] @ words.embeds.T).argmax(axis=1)
        raise ValueError(f"There is no method '{method.kind}'.")

    def predict_by_head(
        self, encoded: Features, words: LabelWords | None, train: np.ndarray, test: np.ndarray
    ) -> np.ndarray:
        """Classes `(test windows,)` by a head on frozen features of all windows."""
        labels, subjects = self.windows.labels.numpy()[train], self.windows.subjects.numpy()[train]
        head = fit_head(encoded.select(train), labels, subjects, len(self.windows.label_names), HEAD_STRENGTH, words)
        return head.predict(encoded.select(test))

    def statistics(self, *makers: Callable[[Windows], np.ndarray]) -> np.ndarray:
        """What these make of all windows, side by side: `(windows, features)`."""
        return np.concatenate([self.once(make.__name__, None, partial(make, self.windows)) for make in makers], axis=1)

    def once(self, name: str, folder: Path | None, make: Callable[[], Any]) -> Any:
        """What `make` gives of these weights, made at the first call."""
        key = (name, folder)
        if key not in self._features:
            self._features[key] = make()
        return self._features[key]

    def encoded(self, method: Method) -> tuple[Features, LabelWords | None]:
        """What the encoder of `method` makes of every window, and a joint model's words for the labels."""
        return self.once("encoded", method.folder, lambda: self.encode(method.folder))

    def encode(self, folder: Path | None) -> tuple[Features, LabelWords | None]:
        torch.manual_seed(0)  # where there is no folder, the encoder is random
        model, words = new_classifier(folder, self.windows.label_names)
        return encode(model.to(self.device), self.windows), words  # type: ignore[arg-type]

    def pose_encoded(self, method: Method) -> Features:
        """What the pose encoder of the joint model of `method` makes of every window."""
        return self.once("pose", method.folder, lambda: self.encode_pose(method.folder))

    @torch.no_grad()
    def encode_pose(self, folder: Path | None, batch_size: int = 512) -> Features:
        encoder = MujoModel.from_pretrained(folder).eval().pose_model.to(self.device)
        pooled, embeds = [], []
        for start in range(0, len(self.windows), batch_size):
            inputs = self.windows.pose.items()
            output = encoder(**{name: value[start : start + batch_size].to(self.device) for name, value in inputs})
            pooled.append(output.pooler_output.float().cpu())
            embeds.append(output.embeds.float().cpu())
        return Features(torch.cat(pooled).numpy(), torch.cat(embeds).numpy())


def side_by_side(imu: Features, pose: Features, train: np.ndarray) -> Features:
    """Features of two views of the same windows: over those to train on, `pooled` of IMU has a mean squared norm of
    one about its mean, that of pose `POSE_SHARE` squared."""
    scales = [
        np.sqrt(np.square(view[train] - view[train].mean(0)).sum(1).mean()) for view in (imu.pooled, pose.pooled)
    ]
    pooled = np.concatenate([imu.pooled / scales[0], POSE_SHARE * pose.pooled / scales[1]], axis=1)
    return Features(pooled, np.concatenate([imu.embeds, pose.embeds], axis=1))


def twice(words: LabelWords) -> LabelWords:
    """Words for embeddings of two views side by side: similar to both."""
    return LabelWords(np.concatenate([words.embeds, words.embeds], axis=1), words.loudest)
