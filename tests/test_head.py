"""The head of a classifier: the logistic regression it claims to be, and what words do to it."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from modeling_mujo import MujoForImuClassification
from tests.helpers import tiny_imu_config
from training.head import (
    Features,
    LabelWords,
    fit_head,
    logistic_regression_with_offsets,
    volume_of_words,
    words_explain,
)

LABELS, WIDTH, PROJECTION = 4, 6, 8


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def problem(windows: int, seed: int = 0, meaning: float = 1.0) -> tuple[Features, np.ndarray, LabelWords]:
    """Classes that overlap; `meaning`: how near to the words of its class a window lies in the joint space."""
    rng = np.random.default_rng(seed)
    centres, words = np.random.default_rng(9).normal(size=(LABELS, WIDTH)), unit(np.eye(LABELS, PROJECTION))
    labels = np.resize(np.arange(LABELS), windows)
    pooled = 3.0 * (centres[labels] + 1.5 * rng.normal(size=(windows, WIDTH))) + 5.0
    embeds = unit(meaning * words[labels] + rng.normal(size=(windows, PROJECTION)) / np.sqrt(PROJECTION))
    return Features(pooled, embeds), labels, LabelWords(words, loudest=20.0)


def everyone_else(labels: np.ndarray) -> np.ndarray:
    """Every window of another person."""
    return np.arange(len(labels))


def accuracy(words: bool, meaning: float, windows: int, draws: int = 20) -> float:
    test, truth, named = problem(1000, seed=1000, meaning=meaning)
    found = []
    for seed in range(draws):
        features, labels, _ = problem(windows, seed, meaning)
        head = fit_head(features, labels, everyone_else(labels), LABELS, 10.0, named if words else None)
        found.append((head.predict(test) == truth).mean())
    return float(np.mean(found))


def test_without_offsets_it_is_scikit_learns_logistic_regression():
    features, labels, _ = problem(200)
    scaled = StandardScaler().fit_transform(features.pooled)
    weight, bias = logistic_regression_with_offsets(scaled, np.zeros((200, LABELS)), labels, 0.1)
    theirs = LogisticRegression(C=0.1, tol=1e-8, max_iter=1000).fit(scaled, labels)
    np.testing.assert_allclose(weight, theirs.coef_, atol=1e-3)
    np.testing.assert_allclose(bias - bias.mean(), theirs.intercept_ - theirs.intercept_.mean(), atol=1e-3)


def test_offsets_that_explain_everything_leave_nothing_to_learn():
    features, labels, _ = problem(200)
    offsets = 60.0 * np.eye(LABELS)[labels]
    weight, _ = logistic_regression_with_offsets(features.pooled, offsets, labels, 0.1)
    assert np.abs(weight).max() < 1e-6


def test_words_help_who_has_one_window_per_class():
    assert accuracy(words=True, meaning=1.0, windows=LABELS) > accuracy(words=False, meaning=1.0, windows=LABELS) + 0.1


def test_words_that_mean_nothing_fall_silent():
    features, labels, words = problem(400, meaning=0.0)
    similarities = features.embeds @ words.embeds.T
    assert volume_of_words(similarities, labels, words.loudest) < 1.0
    with_words, without = (accuracy(words, meaning=0.0, windows=80) for words in (True, False))
    assert with_words == pytest.approx(without, abs=0.02)


def test_words_are_never_louder_than_in_pretraining():
    similarities = np.eye(LABELS)
    assert volume_of_words(similarities, np.arange(LABELS), 7.0) == pytest.approx(7.0, rel=1e-3)


@pytest.mark.parametrize(("meaning", "known"), [(0.0, False), (0.3, False), (1.0, True)])
@pytest.mark.parametrize("loudest", [10.0, 40.0])
def test_words_know_what_they_explain_however_loud_they_were_in_pretraining(meaning, known, loudest):
    for seed in range(5):
        features, labels, words = problem(40, seed, meaning)
        assert words_explain(features, labels, LabelWords(words.embeds, loudest)) is known


@pytest.mark.parametrize("words", [True, False])
def test_a_class_without_a_window_never_wins(words):
    features, labels, named = problem(200)
    seen = labels != 2
    some = Features(features.pooled[seen], features.embeds[seen])
    people = everyone_else(labels[seen])
    head = fit_head(some, labels[seen], people, LABELS, 10.0, named if words else None)
    assert set(head.predict(features)) == {0, 1, 3}


def test_the_model_answers_as_the_head_does():
    torch.manual_seed(0)
    config = tiny_imu_config(id2label={index: str(index) for index in range(LABELS)})
    model = MujoForImuClassification(config).eval()
    imu = 5 * torch.randn(12, 1, 100, 6)
    with torch.no_grad():
        output = model.imu_model(imu)
        features = Features(output.pooler_output.numpy(), output.embeds.numpy())
        words = LabelWords(unit(np.random.default_rng(0).normal(size=(LABELS, config.projection_dim))), 10.0)
        labels = np.resize(np.arange(LABELS), 12)
        head = fit_head(features, labels, everyone_else(labels), LABELS, 1.0, words)
        head.put_on(model)
        assert model(imu).logits.argmax(-1).tolist() == head.predict(features).tolist()


def test_windows_that_repeat_each_other_count_as_one():
    features, labels, _ = problem(40)
    repeated = Features(np.repeat(features.pooled, 5, axis=0), np.repeat(features.embeds, 5, axis=0))
    people = everyone_else(labels)
    once = fit_head(features, labels, people, LABELS, 10.0)
    often = fit_head(repeated, np.repeat(labels, 5), np.repeat(people, 5), LABELS, 10.0)
    np.testing.assert_allclose(often.weight, once.weight, atol=1e-3 * np.abs(once.weight).max())
    strangers = fit_head(repeated, np.repeat(labels, 5), np.arange(5 * len(labels)), LABELS, 10.0)
    assert np.linalg.norm(strangers.weight) > 1.1 * np.linalg.norm(once.weight)
