"""MujoEmbedder drops into scikit-learn: clone, Pipeline, GridSearchCV, and the vectors are the encoder's."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modeling_mujo import MujoEmbedder, MujoImuFeatureExtractor, MujoImuModel, MujoModel
from tests.helpers import tiny_config, tiny_imu_config
from tests.small_pipelines import SI, recording, tiny_classifier


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(0)
    for part in (MujoImuModel(tiny_imu_config(pretrained_steps=1)), MujoImuFeatureExtractor()):
        part.save_pretrained(folder)
    return str(folder)


def test_a_vector_is_the_mean_over_the_windows_of_a_recording(folder):
    embedder = MujoEmbedder(folder, hop_seconds=4.0, **SI).fit([])
    long = recording(8)
    vectors = embedder.transform([long, long[:200], long[200:]])
    assert vectors.shape == (3, tiny_imu_config().pooler_output_size)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors[0], vectors[1:].mean(0), rtol=1e-4, atol=1e-5)
    inputs = MujoImuFeatureExtractor()(long[:200], return_tensors="pt", **SI)
    expected = MujoImuModel.from_pretrained(folder).eval()(**inputs).pooler_output.detach()[0]
    np.testing.assert_allclose(vectors[1], expected, rtol=1e-4, atol=1e-5)


def test_arrays_of_recordings_and_the_joint_space(folder):
    embedder = MujoEmbedder(folder, view="embeds", **SI)
    vectors = embedder.fit_transform(np.stack([recording(seed=seed) for seed in range(3)]))
    assert vectors.shape == (3, 16)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
    assert len(embedder.get_feature_names_out()) == 16


def test_it_drops_into_a_grid_search_by_person(folder):
    recordings = [recording(seed=seed) * (1 + 3 * (seed % 2)) for seed in range(12)]
    labels = [seed % 2 for seed in range(12)]
    people = [seed // 2 for seed in range(12)]
    classifier = make_pipeline(MujoEmbedder(folder, **SI), StandardScaler(), LogisticRegression())
    grid = {"mujoembedder__view": ["pooler_output", "embeds"], "logisticregression__C": [0.1, 1.0]}
    search = GridSearchCV(classifier, grid, cv=GroupKFold(3), error_score="raise").fit(
        recordings, labels, groups=people
    )
    assert search.best_score_ == 1.0  # one of the two classes has four times the acceleration
    assert search.predict(recordings[:2]).tolist() == labels[:2]


def test_clone_and_parameters(folder):
    embedder = MujoEmbedder(folder, hop_seconds=1.0, **SI).fit([])
    copy = clone(embedder)
    assert copy.get_params() == embedder.get_params()
    with pytest.raises(NotFittedError):
        copy.transform([recording()])


def test_joint_models_and_classifiers_have_an_encoder(tmp_path):
    for model, name in ((MujoModel(tiny_config()), "joint"), (tiny_classifier(), "classifier")):
        for part in (model, MujoImuFeatureExtractor()):
            part.save_pretrained(tmp_path / name)
        vectors = MujoEmbedder(tmp_path / name, **SI).fit_transform([recording()])
        inputs = MujoImuFeatureExtractor()(recording(), return_tensors="pt", **SI)
        expected = model.imu_model.eval()(**inputs).pooler_output.detach()
        np.testing.assert_allclose(vectors, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "recordings", "message"),
    [
        ({"view": "logits"}, [recording()], "view must be one of"),
        ({"batch_size": 0}, [recording()], "batch_size"),
        ({}, [recording(), recording(0.2)], "recording 1: .*0.5 s are needed"),
        ({}, "recording.csv", "into a list"),
        ({}, [], "at least one"),
        ({"gravity": None}, [recording()], "gravity must be one of"),
        ({"max_samples": 100}, [recording()], "max_samples=100"),
    ],
)
def test_what_cannot_be_embedded_is_refused(folder, change, recordings, message):
    with pytest.raises(ValueError, match=message):
        MujoEmbedder(folder, **{**SI, **change}).fit_transform(recordings)


def test_the_package_does_not_need_scikit_learn_for_anything_else():
    code = (
        "import sys, modeling_mujo; assert not any(name.startswith('modeling_mujo.embedding') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[1])
