"""The pipelines: any container gives the same timeline, batches change nothing, bad input is refused with a word."""

import io
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import pipeline

from modeling_mujo import PLACEMENTS, ImuClassificationPipeline, MujoImuFeatureExtractor, MujoImuModel
from modeling_mujo.timeline_mujo import activity_timeline
from tests.helpers import tiny_imu_config
from tests.small_pipelines import LABELS, SI, recording, tiny_classifier, tiny_joint
from tests.test_training import walking_corpus

COLUMNS = ["acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"]


@pytest.fixture(scope="module")
def classifier():
    return pipeline(
        "imu-classification", model=tiny_classifier(), feature_extractor=MujoImuFeatureExtractor(), device="cpu", **SI
    )


@pytest.fixture(scope="module")
def zero_shot():
    model, processor = tiny_joint()
    return pipeline(
        "zero-shot-imu-classification",
        model=model,
        feature_extractor=processor.feature_extractor,
        tokenizer=processor.tokenizer,
        device="cpu",
        **SI,
    )


def close(one, other):
    assert [(row["start"], row["end"], row["label"]) for row in one] == [
        (row["start"], row["end"], row["label"]) for row in other
    ]
    np.testing.assert_allclose([row["score"] for row in one], [row["score"] for row in other], atol=1e-5)


# What a timeline is


def test_a_step_is_the_mean_of_the_windows_that_cover_it():
    probabilities = np.array([[1.0, 0.0], [0.4, 0.6], [0.0, 1.0]])
    rows = activity_timeline(probabilities, np.array([0, 100, 200]), 200, 100, 400, ["a", "b"], rate=50)
    assert [(row["start"], row["end"], row["label"]) for row in rows] == [
        (0.0, 2.0, "a"),
        (2.0, 4.0, "a"),
        (4.0, 6.0, "b"),
        (6.0, 8.0, "b"),
    ]
    assert [row["score"] for row in rows] == pytest.approx([1.0, 0.7, 0.8, 1.0])


def test_merged_and_whole_weigh_by_duration_and_sort_the_labels():
    probabilities = np.array([[1.0, 0.0], [0.4, 0.6], [0.0, 1.0]])
    arguments = (probabilities, np.array([0, 100, 200]), 200, 100, 350, ["a", "b"], 50)
    merged = activity_timeline(*arguments, timeline="merged")
    assert [(row["start"], row["end"], row["label"]) for row in merged] == [(0.0, 4.0, "a"), (4.0, 7.0, "b")]
    assert [row["score"] for row in merged] == pytest.approx([0.85, (2 * 0.8 + 1.0) / 3])
    whole = activity_timeline(*arguments, timeline="whole", top_k=2)
    assert [(row["start"], row["end"], row["label"]) for row in whole] == [(0.0, 7.0, "a"), (0.0, 7.0, "b")]
    assert [row["score"] for row in whole] == pytest.approx([3.8 / 7, 3.2 / 7])


def test_gaps_stay_gaps_and_nothing_is_merged_across_them():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2]])
    rows = activity_timeline(probabilities, np.array([0, 600]), 200, 100, 800, ["a", "b"], 50, timeline="merged")
    assert [(row["start"], row["end"]) for row in rows] == [(0.0, 4.0), (12.0, 16.0)]


@pytest.mark.parametrize("hop", [20, 50, 70, 125, 160, 200])
def test_steps_tile_the_recording_for_any_hop(hop):
    starts = np.arange(0, 1000 - 200 + 1, hop)
    rows = activity_timeline(np.full((len(starts), 2), 0.5), starts, 200, hop, 1000, ["a", "b"], 50)
    assert rows[0]["start"] == 0
    assert rows[-1]["end"] == (starts[-1] + 200) / 50
    assert [row["end"] for row in rows[:-1]] == [row["start"] for row in rows[1:]]


# What goes in and what comes out


def test_one_window_is_what_the_model_says(classifier):
    rows = classifier(recording(4), top_k=3)
    inputs = MujoImuFeatureExtractor()(recording(4), return_tensors="pt", **SI)
    expected = tiny_classifier()(**inputs).logits.softmax(-1)[0]
    assert [(row["start"], row["end"]) for row in rows] == [(0.0, 4.0)] * 3
    assert [row["score"] for row in rows] == pytest.approx(sorted(expected.tolist(), reverse=True), abs=1e-5)
    assert {row["label"] for row in rows} == set(LABELS)


def test_a_short_recording_ends_where_it_ends(classifier):
    assert [(row["start"], row["end"]) for row in classifier(recording(2.5))] == [(0.0, 2.5)]


def test_every_container_gives_the_same(classifier, tmp_path):
    values = recording(13)
    frame = pd.DataFrame(values, columns=COLUMNS)
    csv, parquet = tmp_path / "recording.csv", tmp_path / "recording.parquet"
    frame.to_csv(csv, index=False)
    frame.to_parquet(parquet)
    timed = frame.assign(time=np.arange(len(frame)) / 50)
    expected = classifier(values)
    assert len(expected) == 6
    for same in (
        torch.from_numpy(values),
        frame,
        str(csv),
        csv,
        parquet,
        csv.read_bytes(),
        parquet.read_bytes(),
        {"data": values.tolist()},
        {"unknown": values},
        {"data": frame, "sampling_rate": 50, "placement": "unknown"},
        {"data": timed, "sampling_rate": None},
        {"data": values * np.repeat([1 / 9.80665, 1], 3), "acceleration_unit": "g"},
    ):
        close(classifier(same), expected)


def test_a_description_beside_the_data_goes_before_that_of_the_call(classifier):
    fast = recording(4, rate=100)
    rows = classifier([{"data": fast, "sampling_rate": 100}, fast], timeline="whole")
    assert [row[0]["end"] for row in rows] == [4.0, 8.0]


def test_batches_of_recordings_of_any_length_and_number_of_sensors(classifier):
    two = {"left_wrist": recording(9), "right_thigh": recording(9, seed=1)}
    many = [recording(13), two, recording(1)]
    for batch_size in (1, 2, 64):
        for rows, single in zip(classifier(many, batch_size=batch_size), many, strict=True):
            close(rows, classifier(single, batch_size=1))
    streamed = classifier(item for item in many)
    close(next(iter(streamed)), classifier(many[0]))


def test_labels_by_their_names(zero_shot):
    model, processor = tiny_joint()
    rows = zero_shot(recording(4), candidate_labels=["squat", "rest"], hypothesis_template="a {}", top_k=2)
    words = processor.embed(model, text=["a squat", "a rest"])
    motion = processor.embed(model, recording(4), **SI)
    expected = (model.clamped_logit_scale().detach() * motion @ words.T).softmax(-1)[0]
    assert {row["label"]: row["score"] for row in rows} == pytest.approx(
        {"squat": float(expected[0]), "rest": float(expected[1])}, abs=1e-5
    )


def test_templates_are_averaged(zero_shot):
    one, other = (zero_shot.embed_labels(["squat", "run"], [template]) for template in ("a {}", "exercise: {}"))
    both = zero_shot.embed_labels(["squat", "run"], ["a {}", "exercise: {}"])
    assert torch.allclose(both, torch.nn.functional.normalize(one + other, dim=-1), atol=1e-6)


def test_saved_pipelines_load_by_folder_with_the_package(classifier, zero_shot, tmp_path):
    classifier.save_pretrained(tmp_path / "classifier")
    zero_shot.save_pretrained(tmp_path / "joint")
    loaded = pipeline(model=str(tmp_path / "classifier"), trust_remote_code=True, device="cpu", **SI)
    close(loaded(recording(13)), classifier(recording(13)))
    loaded = pipeline(
        "imu-classification", model=str(tmp_path / "classifier"), pipeline_class=ImuClassificationPipeline, **SI
    )
    close(loaded(recording(13)), classifier(recording(13)))
    labels = {"candidate_labels": ["squat", "rest"]}
    loaded = pipeline(model=str(tmp_path / "joint"), trust_remote_code=True, device="cpu", **labels, **SI)
    close(loaded(recording(13)), zero_shot(recording(13), **labels))


def test_the_page_does_what_it_says(classifier, zero_shot, tmp_path, monkeypatch):
    for name in ("my-classifier", "folder", "imu-encoder"):
        classifier.save_pretrained(tmp_path / name)
    zero_shot.save_pretrained(tmp_path / "joint")
    pd.DataFrame(recording(9), columns=COLUMNS).to_csv(tmp_path / "recording.csv", index=False)
    monkeypatch.chdir(tmp_path)
    x, y, z = 1000 * np.moveaxis(walking_corpus(1).poses[0], -1, 0)
    names = {
        "recording": recording(channels=3),
        "recordings": [recording(), 5 * recording()],
        "labels": ["a", "b"],
        "pose": np.stack([x, -z, y], axis=-1),  # millimetres, y down, z away
    }
    page = (Path(__file__).parents[1] / "docs" / "pipelines.md").read_text()
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 5
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="accelerations declared in g")
        for block in blocks:
            exec(block, names)
    assert names["similarity"].shape == (1, 2)
    assert names["filmed"].shape[1] == names["words"].shape[1]
    assert names["classifier"](recording(), **SI)[0]["label"] in ("squat", "rest", "running")


# What is refused


@pytest.mark.parametrize(
    ("recordings", "change", "message"),
    [
        ([], {}, "empty list"),
        (None, {}, "must hold numbers"),
        ("nowhere.csv", {}, "no file at 'nowhere.csv'"),
        ("https://example.org/recording.csv", {}, "no file at"),
        (b"", {}, "the bytes given cannot be read"),
        (b"PAR1 and no more", {}, "cannot be read as a CSV or Parquet"),
        (b"," * 100_000, {}, "expected the names of the columns"),
        (b"acc_x,acc_y,acc_z\n1,2,3,4\n1,2,3,4\n", {}, "more fields than the 3 columns"),
        (pd.DataFrame(recording(), columns=["acc_x", "acc_x", *COLUMNS[2:]]), {}, "columns of a table must differ"),
        (b"x,y,z\n1,2,3\n", {}, "no acceleration among the columns"),
        ({"data": recording(), "rate": 50}, {}, "'rate'.* do not describe a recording"),
        (recording(), {"rate": 50}, "'rate'.* do not describe a recording"),
        (recording(0.3), {}, "at least 0.5 s are needed"),
        (recording(), {"sampling_rate": 9999.37}, "expected whole numbers above 2000 Hz"),
        (recording() * 1e9, {}, "no wearable sensor"),
        (recording(), {"window_seconds": 11}, "window_seconds must be a number from 0.5 to 10"),
        (recording(), {"hop_seconds": 5}, "hop_seconds must be a number from 0.4 to 4"),
        (recording(), {"hop_seconds": 0.01}, "hop_seconds must be a number from 0.4 to 4"),
        (recording(), {"top_k": 0}, "top_k must be a positive whole number"),
        (recording(), {"timeline": "all"}, "timeline must be one of"),
        (recording(), {"max_samples": 150}, "expected at most max_samples=150"),
    ],
)
def test_bad_input_is_refused(classifier, recordings, change, message):
    with pytest.raises(ValueError, match=message):
        classifier(recordings, **change)


@pytest.mark.parametrize("times", [[0, 0.02, 0.04, 1e9], [0, 1e-4, 2e-4, 1e4]])
def test_few_rows_cannot_ask_for_much_memory(classifier, times):
    with pytest.raises(ValueError, match="max_samples=2000000"):
        classifier({"data": recording(0.08), "sampling_rate": None, "timestamps": times})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "candidate_labels are missing"),
        ({"candidate_labels": "squat"}, "list of 1 to 1000 names"),
        ({"candidate_labels": []}, "list of 1 to 1000 names"),
        ({"candidate_labels": ["squat", " "]}, "a candidate label is a text"),
        ({"candidate_labels": ["squat", "squat"]}, "differ"),
        ({"candidate_labels": ["squat"] * 1001}, "list of 1 to 1000 names"),
        ({"candidate_labels": ["squat"], "hypothesis_template": "squat"}, "one {} for the label"),
        ({"candidate_labels": ["squat"], "hypothesis_template": ["{0.__class__}"]}, "one {} for the label"),
    ],
)
def test_labels_that_are_none_are_refused(zero_shot, change, message):
    with pytest.raises(ValueError, match=message):
        zero_shot(recording(), **change)


def test_models_that_cannot_answer_are_refused(tmp_path):
    for part in (MujoImuModel(tiny_imu_config()), MujoImuFeatureExtractor()):
        part.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="their head would be random"):
        pipeline("imu-classification", model=str(tmp_path))
    _, processor = tiny_joint()
    with pytest.raises(ValueError, match="needs the joint MujoModel"):
        pipeline(
            "zero-shot-imu-classification",
            model=tiny_classifier(),
            feature_extractor=processor.feature_extractor,
            tokenizer=processor.tokenizer,
        )


def malformed(rng: np.random.Generator):
    """A recording and a description of which something is wrong or odd, by chance."""
    values = rng.normal(size=(int(rng.integers(0, 300)), int(rng.integers(0, 9))))
    odd_values = [np.nan, np.inf, 1e300, -1e38, 1e6, None, "a", True, 10**400, b"\x00", [], {}, object()]

    def odd():
        return odd_values[rng.integers(len(odd_values))]

    csv = io.BytesIO()
    pd.DataFrame(recording(1), columns=COLUMNS).to_csv(csv, index=False)
    broken = bytearray(csv.getvalue())
    for place in rng.integers(len(broken), size=30):
        broken[place] = rng.integers(256)
    rows = recording(1).tolist()
    rows[rng.integers(50)][rng.integers(6)] = odd()
    frame = pd.DataFrame(rows, columns=COLUMNS)
    spoilt = recording(1)
    spoilt[rng.random(spoilt.shape) < rng.random()] = rng.choice([np.nan, np.inf, -1e38, 1e20])
    data = [
        values,
        spoilt,
        values.tolist(),
        [[1, 2, 3], [1, 2]],
        values.astype(complex),
        values.astype(str),
        values[None],
        torch.from_numpy(values).to_sparse(),
        bytes(broken),
        bytes(rng.integers(256, size=200, dtype=np.uint8)),
        b"PAR1" + bytes(rng.integers(256, size=200, dtype=np.uint8)) + b"PAR1",
        frame,
        frame.rename(columns=dict(zip(COLUMNS, rng.permutation([*COLUMNS, "time", "acc_x"]), strict=False))),
        {PLACEMENTS[rng.integers(len(PLACEMENTS))]: values, "chest": recording(1)},
        {"head": odd()},
        {3: values},
        odd(),
        recording(1),
    ][rng.integers(18)]
    described = {**SI}
    names = [*SI, "timestamps", "gravity_vector", "placement", "window_seconds", "hop_seconds", "max_samples"]
    if rng.random() < 0.5:
        described[names[rng.integers(len(names))]] = odd()
    return data, described


def test_malformed_input_is_refused_or_answered_with_numbers(classifier):
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(200):
        data, described = malformed(rng)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                rows = classifier([data], **described)[0]
            except ValueError:
                refused += 1
            else:
                assert all(0 <= row["score"] <= 1 and row["start"] < row["end"] for row in rows)
    assert refused > 150
