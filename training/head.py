"""The head of an activity classifier: logistic regression on frozen features that starts from the words of the labels.

A joint model knows an activity by its name before anybody has labelled a window. With a few labels these words are a
prior: the log-odds that they give are the offset of a regularised logistic regression, which learns what they lack.
How loudly the words speak is read off the labelled windows themselves, on which they were not fitted: words that do
not fit the data fall silent, and what is left is the plain logistic regression. (The few-shot heads of CLIP start from
words as well: Silva-Rodríguez et al., CVPR 2024; Huang et al., CVPR 2024.)
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax

from modeling_mujo import MujoForImuClassification

NEVER = -30.0  # log-odds of a class that has no training window
# Of the volume that labelled windows want words to have: where words err, they err in all windows of a person alike,
# and the head would have to unlearn it (docs/experiments.md).
KNOWN = 0.25  # share of the surprise that words take away where they know the activities
SHARE_OF_WORDS = 0.25


@dataclass(frozen=True)
class LabelWords:
    """
    The names of the activities in the joint space.

    Attributes:
        embeds: `(labels, projection_dim)`, L2-normalised.
        loudest: the joint model's inverse temperature: similarities never weigh more than they did in pretraining.
    """

    embeds: np.ndarray
    loudest: float


@dataclass(frozen=True)
class Features:
    """Of windows: the encoder's `pooler_output` `(windows, pooled_size)` and `embeds` `(windows, projection_dim)`."""

    pooled: np.ndarray
    embeds: np.ndarray

    def select(self, index: np.ndarray) -> "Features":
        return Features(self.pooled[index], self.embeds[index])


@dataclass(frozen=True)
class LinearHead:
    """Log-odds `[pooled, embeds] @ weight.T + bias`: `weight` `(labels, features)`, `bias` `(labels,)`."""

    weight: np.ndarray
    bias: np.ndarray

    def predict(self, features: Features) -> np.ndarray:
        """The most likely classes `(windows,)`."""
        log_odds = np.concatenate([features.pooled, features.embeds], axis=1) @ self.weight.T + self.bias
        return log_odds.argmax(axis=1)

    @torch.no_grad()
    def put_on(self, model: MujoForImuClassification) -> None:
        """Make it the head of `model`."""
        model.classifier.weight.copy_(torch.from_numpy(self.weight))
        model.classifier.bias.copy_(torch.from_numpy(self.bias))


def fit_head(
    features: Features,
    labels: np.ndarray,
    subjects: np.ndarray,
    num_labels: int,
    strength: float,
    words: LabelWords | None = None,
) -> LinearHead:
    """
    The head that fits the labelled windows.

    Without words the weights of `embeds` are 0. Classes without a window keep a bias that never wins.

    Args:
        features: of the labelled windows. `pooled` is centred and scaled as a whole to a mean squared norm of one: how
            its directions relate was learned in pretraining.
        labels, subjects: `(windows,)` activity and person of each.
        num_labels: how many activities there are.
        strength: inverse regularisation `C` if every window showed another person or activity. Where a person shows
            an activity in many windows they repeat each other, and together count as one.
        words: prior of the head; None: without.
    """
    strength = strength * count_performances(labels, subjects) / len(labels)
    seen = np.isin(np.arange(num_labels), labels)
    offsets = np.where(seen, 0.0, NEVER) + np.zeros((len(labels), 1))
    from_words = np.zeros((num_labels, features.embeds.shape[1]))
    if words is not None:
        volume = volume_of_words(features.embeds @ words.embeds.T + offsets, labels, words.loudest)
        from_words = SHARE_OF_WORDS * volume * words.embeds
        offsets = offsets + features.embeds @ from_words.T
    mean = features.pooled.mean(axis=0)
    centred = features.pooled - mean
    scale = np.sqrt(np.square(centred).sum(axis=1).mean()) + np.finfo(np.float32).eps
    weight, bias = logistic_regression_with_offsets(centred / scale, offsets, labels, strength)
    weight = weight / scale
    bias = np.where(seen, bias - weight @ mean, NEVER)
    weight = np.concatenate([weight, from_words], axis=1)
    return LinearHead(weight.astype(np.float32), bias.astype(np.float32))


def count_performances(labels: np.ndarray, subjects: np.ndarray) -> int:
    """How many different pairs of activity and person there are."""
    return np.unique(np.stack([labels, subjects]), axis=1).shape[1]


def volume_of_words(similarities: np.ndarray, labels: np.ndarray, loudest: float) -> float:
    """The inverse temperature in [0, `loudest`] at which `similarities` `(windows, labels)` explain `labels` best."""
    return minimize_scalar(
        lambda volume: surprise(volume * similarities, labels), bounds=(0.0, loudest), method="bounded"
    ).x


def surprise(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy of `logits` `(windows, labels)`, in nats."""
    return float(-log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean())


def words_explain(features: Features, labels: np.ndarray, words: LabelWords) -> bool:
    """
    Whether words know these activities: at the volume that suits the labelled windows best they leave at least the
    share `KNOWN` less surprise than guessing among the activities does.
    """
    similarities = features.embeds @ words.embeds.T
    volume = volume_of_words(similarities, labels, words.loudest)
    return surprise(volume * similarities, labels) <= (1 - KNOWN) * math.log(similarities.shape[1])


def logistic_regression_with_offsets(
    features: np.ndarray, offsets: np.ndarray, labels: np.ndarray, strength: float
) -> tuple[np.ndarray, np.ndarray]:
    """
    Weight `(labels, features)` and bias `(labels,)` that minimise `strength` times the summed cross-entropy of
    `features @ weight.T + bias + offsets` plus half the squared norm of the weight.

    This is scikit-learn's `LogisticRegression(C=strength)`, which has no offsets.
    """
    width, classes = features.shape[1], offsets.shape[1]
    target = np.eye(classes)[labels]

    def objective(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        weight, bias = parameters[:-classes].reshape(classes, width), parameters[-classes:]
        log_likelihood = log_softmax(features @ weight.T + bias + offsets, axis=1)
        error = np.exp(log_likelihood) - target
        value = -strength * (log_likelihood * target).sum() + 0.5 * np.square(weight).sum()
        gradient = np.concatenate([(strength * error.T @ features + weight).ravel(), strength * error.sum(0)])
        return value, gradient

    start = np.zeros(classes * width + classes)
    solution = minimize(objective, start, jac=True, method="L-BFGS-B", options={"maxiter": 1000}).x
    return solution[:-classes].reshape(classes, width), solution[-classes:]
