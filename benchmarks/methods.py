"""The ways to recognise activities that are compared: one call trains one on a few windows and predicts others."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from benchmarks.baselines import TREES, logistic_regression, pose_statistics, random_forest, window_statistics
from benchmarks.zero_shot import zero_shot_predictions
from modeling_mujo import MujoModel
from modeling_mujo.pipeline_mujo import HYPOTHESIS_TEMPLATES
from training.finetune import TrainingRecipe, new_classifier, pooled_features, predict, train_classifier
from training.windows import Windows

# One recipe for every dataset, number of labels and encoder, chosen on other people (docs/experiments.md) and fixed.
RECIPES = {name: TrainingRecipe(name) for name in ("full", "lora")}
SCRATCH = TrainingRecipe("full")
HEAD_STRENGTH = TrainingRecipe("probe").head_strength  # of every logistic regression

ENCODER_METHODS = ("probe", "probe_statistics", "full", "lora")
JOINT_METHODS = ("zero_shot", "pose_probe", "multimodal")
POSE_METHODS = ("random_forest_pose", "pose_probe", "multimodal")
PLAIN_METHODS = ("random_forest", "logistic_regression", "scratch", "random_forest_pose")


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
            return asdict(SCRATCH)
        case "full" | "lora":
            return asdict(RECIPES[method.kind])
        case "random_forest" | "random_forest_pose":
            return {"trees": TREES}
        case "zero_shot":
            return {"prompts": list(HYPOTHESIS_TEMPLATES)}
    return {"head_strength": HEAD_STRENGTH}


class Recognizer:
    """
    Runs methods on one set of windows; features that do not depend on labels are computed once.

    Args:
        windows: the windows of everybody; training and test sets are positions among them.
        device: where networks run.
    """

    def __init__(self, windows: Windows, device: torch.device | str = "cpu"):
        self.windows, self.device = windows, device
        self._features: dict[tuple, np.ndarray] = {}

    def predictions(self, method: Method, train: np.ndarray, test: np.ndarray, seed: int) -> np.ndarray:
        """Classes `(test windows,)` by `method` trained on the windows at `train`."""
        labels = self.windows.labels.numpy()[train]
        match method.kind:
            case "random_forest" | "random_forest_pose":
                features = self.features(method)
                return random_forest(features[train], labels, seed).predict(features[test])
            case "logistic_regression" | "probe" | "probe_statistics" | "pose_probe" | "multimodal":
                features = self.features(method)
                return logistic_regression(features[train], labels, HEAD_STRENGTH).predict(features[test])
            case "scratch" | "full" | "lora":
                recipe = RECIPES.get(method.kind, SCRATCH)
                training = self.windows.select(train)
                model = train_classifier(method.folder, training, recipe, seed, self.device, progress=False)
                return predict(model, self.windows.select(test)).argmax(-1).numpy()
            case "zero_shot":
                return self.zero_shot(method)[test]
        raise ValueError(f"There is no method '{method.kind}'.")

    def features(self, method: Method) -> np.ndarray:
        """Features `(windows, features)` that `method` puts a head or a forest on."""
        statistics: tuple[str, Callable] = ("statistics", lambda: window_statistics(self.windows))
        parts: dict[str, list[tuple[str, Callable]]] = {
            "random_forest": [statistics],
            "random_forest_pose": [statistics, ("pose_statistics", lambda: pose_statistics(self.windows))],
            "logistic_regression": [statistics],
            "probe": [("pooled", lambda: self.pooled(method))],
            "probe_statistics": [("pooled", lambda: self.pooled(method)), statistics],
            "pose_probe": [("joint_pose", lambda: self.joint_features(method, "pose"))],
            "multimodal": [
                ("joint_imu", lambda: self.joint_features(method, "imu")),
                ("joint_pose", lambda: self.joint_features(method, "pose")),
            ],
        }
        return np.concatenate([self.once(name, method, make) for name, make in parts[method.kind]], axis=1)

    def once(self, name: str, method: Method, make: Callable[[], np.ndarray]) -> np.ndarray:
        key = (name, None if "statistics" in name else method.folder)
        if key not in self._features:
            self._features[key] = make()
        return self._features[key]

    def pooled(self, method: Method) -> np.ndarray:
        model = new_classifier(method.folder, self.windows.label_names)
        return pooled_features(model.to(self.device), self.windows)  # type: ignore[arg-type]

    @torch.no_grad()
    def joint_features(self, method: Method, view: str, batch_size: int = 512) -> np.ndarray:
        """Frozen `pooler_output` of the IMU or pose encoder of a joint model."""
        joint = MujoModel.from_pretrained(method.folder).eval()
        encoder = (joint.pose_model if view == "pose" else joint.imu_model).to(self.device)
        inputs = self.windows.pose if view == "pose" else self.windows.inputs
        features = []
        for start in range(0, len(self.windows), batch_size):
            batch = {name: value[start : start + batch_size].to(self.device) for name, value in inputs.items()}
            features.append(encoder(**batch).pooler_output.float().cpu())
        return torch.cat(features).numpy()

    def zero_shot(self, method: Method) -> np.ndarray:
        if method.folder is None:
            raise ValueError("Zero-shot recognition needs a joint model: give --joints NAME=FOLDER.")
        folder = method.folder
        return self.once("zero_shot", method, lambda: zero_shot_predictions(folder, self.windows, self.device))
