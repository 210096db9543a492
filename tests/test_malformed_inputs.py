"""Two thousand malformed inputs, drawn by Hypothesis: each is refused with a word or answered with finite numbers."""

import base64
import json
import math
import resource
import time
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import pipeline

from modeling_mujo import PLACEMENTS, MujoImuFeatureExtractor, MujoPoseFeatureExtractor
from tests.small_endpoints import COLUMNS, endpoints
from tests.small_pipelines import SI, recording, tiny_classifier, tiny_joint
from tests.test_training import walking_corpus

EACH_FAST, EACH_SLOW = 40, 500  # for each of six: two extractors, two pipelines, two handlers
SLOWEST = 10.0  # seconds of the processor for one input
MOST_MEMORY = 1.5 * 2**30  # that the process may grow by, in bytes


def nested(depth: int) -> list:
    inside: list = []
    for _ in range(depth):
        inside = [inside]
    return inside


def weighted(*choices: tuple[int, st.SearchStrategy]) -> st.SearchStrategy:
    """One of the strategies, drawn by weight: `one_of` would draw each branch of `ODD` as often as what is usual."""
    return st.sampled_from([strategy for weight, strategy in choices for _ in range(weight)]).flatmap(lambda one: one)


# Values that are wrong nearly everywhere, as JSON has them.
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(st.characters(), max_size=12),  # with lone surrogates
    st.sampled_from([10**400, -(10**400), 1e300, "/etc/passwd", "https://example.org/r.csv", "\ud800", "\x00", ""]),
    st.sampled_from([3, 70, 5000]).map(nested),
    st.lists(st.one_of(st.floats(), st.text(max_size=3), st.none()), max_size=5),
    st.dictionaries(st.sampled_from([*PLACEMENTS[:3], "data", "x"]), st.floats(), max_size=3),
)
# Values that are wrong for some recordings only, or by their size.
NEAR = {
    "sampling_rate": st.sampled_from([1, 12.5, 49.99999, 1e-9, 1e9, 9999.37, 2000.01, 104.17, 10_000, {"chest": 50}]),
    "timestamps": st.one_of(
        st.lists(st.floats(0, 10), min_size=2, max_size=60),
        st.sampled_from([1e-4, 0.02, 0.3, 1.0, 20.0]).map(lambda step: (step * np.arange(100)).tolist()),
        st.sampled_from([1e3, 1e6, 1e9, 1e308]).map(lambda last: [*(0.02 * np.arange(99)).tolist(), last]),
    ),
    "acceleration_unit": st.sampled_from(["g", "m/s^2", "mg", ["m/s2"]]),
    "gyroscope_unit": st.sampled_from(["deg/s", "rpm"]),
    "gravity": st.sampled_from(["removed", "Included"]),
    "gravity_vector": st.sampled_from([np.ones((100, 3)).tolist(), [[0, 0, 1e300]] * 100, [[1, 2]], [[0, 0, True]]]),
    "placement": st.sampled_from(["left_wrist", "pocket", ["chest"], ["chest", "head"], ["chest"] * 40]),
    "window_seconds": st.sampled_from([0.5, 1, 3.33, 10, 10.01, 1e-9, math.nan, -1]),
    "hop_seconds": st.sampled_from([0.02, 0.1, 0.4, 4, 1e-9, 1e300, math.inf, 0]),
}
OF_POSES = {
    **{name: NEAR[name] for name in ("sampling_rate", "timestamps", "window_seconds", "hop_seconds")},
    "length_unit": st.sampled_from(["mm", "cm", "inch", ["m"]]),
    "up": st.sampled_from(["y", "-y", "x", "Z"]),
    "floor": st.sampled_from(["at_zero", 0.0, ["unknown"] * 2]),
}
OF_PIPELINES = {
    "top_k": st.sampled_from([0, 2, 10**9, 1.0, True]),
    "timeline": st.sampled_from(["merged", "whole", "all"]),
}
OF_WORDS = {
    "candidate_labels": st.one_of(
        st.lists(st.text(st.characters(), max_size=8), max_size=4),
        st.sampled_from([[], ["a"] * 2, "squat", ["x" * 501], [str(index) for index in range(1001)], ["\ud800"]]),
    ),
    "hypothesis_template": st.sampled_from(["{}", "{} {}", "{0.__class__}", "\ud800{}", [], ["{}"] * 10**6]),
}


@st.composite
def changed(draw: Any, valid: dict, near: dict) -> dict:
    """A description with up to three of its entries changed, removed or invented."""
    description = dict(valid)
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2, 3]))):
        name = draw(st.sampled_from([*near, "rate"]))
        description[name] = draw(weighted((3, near[name]), (1, ODD)) if name in near else ODD)
    if "timestamps" in description:
        description["sampling_rate"] = draw(st.sampled_from([None, None, None, 50]))
    if draw(st.sampled_from([True, *[False] * 9])):
        description.pop(draw(st.sampled_from(list(valid))), None)
    return description


@st.composite
def rows(draw: Any) -> list:
    """Rows of numbers as JSON has them, a few of them spoilt."""
    seconds, channels = draw(st.sampled_from([2, 2, 2, 2, 9, 0.3, 0])), draw(st.sampled_from([3, 3, 6, 6, 6, 6, 4]))
    values = recording(seconds, channels=channels).tolist()
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 0, 1, 2])) if values else 0):
        place = draw(st.integers(0, len(values) - 1))
        row = [*values[place][: channels - 1], draw(ODD)] if isinstance(values[place], list) else []
        values[place] = draw(st.sampled_from([row, row, row[:1], None, "row"]))
    return values


@st.composite
def files(draw: Any) -> bytes:
    """Bytes of a CSV or Parquet file with some of them changed, left out or repeated."""
    frame = pd.DataFrame(recording(2), columns=COLUMNS)
    if draw(st.booleans()):
        frame.insert(0, draw(st.sampled_from(["time", "timestamp", "Acc-X", "", "note"])), np.arange(len(frame)) / 50)
    if draw(st.booleans()):
        content = frame.to_csv(index=False).encode()
    else:
        content = frame.to_parquet(compression=draw(st.sampled_from([None, "snappy", "zstd"])))
    for _ in range(draw(st.sampled_from([0, 1, 2, 3]))):
        place = draw(st.integers(0, len(content) - 1)) if content else 0
        piece = draw(
            st.one_of(st.binary(max_size=6), st.sampled_from([b",", b"\n", b'"', b",,\n\n", b"1e999", b"\r"]))
        )
        content = content[:place] + piece * draw(st.sampled_from([1, 1, 1000])) + content[place + len(piece) :]
    return content


def recordings(leaf: st.SearchStrategy) -> st.SearchStrategy:
    worn = st.dictionaries(st.sampled_from([*PLACEMENTS[:4], *PLACEMENTS[:4], "pocket", "data"]), leaf, max_size=3)
    return weighted((8, leaf), (1, worn), (1, ODD))


def to_python(values: Any) -> st.SearchStrategy:
    """What a program hands over where JSON has rows."""
    array = np.array([row for row in values if isinstance(row, list)] or [0], dtype=object)
    forms = [lambda: [values]]
    if array.ndim == 2 and all(type(value) is float for value in array.flat):
        array = array.astype(float)
        tensor = torch.from_numpy(array)
        forms += [
            lambda: array,
            lambda: array * 1e37,
            lambda: np.ma.masked_greater(array, 5.0),
            lambda: array.astype(np.float16),
            lambda: array[:, None].repeat(2, axis=1),
            lambda: tensor,
            lambda: tensor.to_sparse(),
            lambda: tensor.to(torch.complex64),
            lambda: tensor > 0,
            lambda: pd.DataFrame(array, columns=COLUMNS[: array.shape[1]] if array.shape[1] in (3, 6) else None),
        ]
    else:
        forms += [lambda: array, lambda: pd.DataFrame(array), lambda: object()]
    return st.sampled_from(forms).map(_built)


def _built(form: Callable[[], Any]) -> Any:
    try:
        return form()
    except (ValueError, TypeError, OverflowError, RecursionError):  # of pandas: no frame can be made of these rows
        return None


@st.composite
def poses(draw: Any) -> Any:
    """A person who sways, some of it spoilt, in any container."""
    pose = walking_corpus(1).poses[0][: draw(st.sampled_from([*[100] * 12, 9, 1, 0]))].astype(np.float64)
    pose *= draw(st.sampled_from([*[1.0] * 15, 1000.0, 0.0, -1.0, 1e300, math.nan]))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2])) if len(pose) else 0):
        start = draw(st.integers(0, len(pose) - 1))
        pose[start : start + draw(st.sampled_from([1, 5, 60]))] = draw(st.sampled_from([math.nan, math.inf, 0.0, 1e6]))
    forms = [lambda: pose] * 20 + [
        lambda: pose[:, :16],
        lambda: pose[None],
        lambda: pose.tolist(),
        lambda: [pose.tolist()],
        lambda: [pose, pose],
        lambda: torch.from_numpy(pose),
        lambda: pose.astype(object),
        lambda: np.ma.masked_greater(pose, 1.6),
        lambda: None,
    ]
    return draw(weighted((9, st.sampled_from(forms).map(_built)), (1, ODD)))


PYTHON = recordings(rows().flatmap(to_python))
JSON = recordings(weighted((3, rows()), (1, files().map(lambda content: base64.b64encode(content).decode()))))


def each_is_refused_or_finite(strategy: st.SearchStrategy, answer: Callable[[Any], Any], examples: int) -> Counter:
    """How many of `examples` inputs were refused and answered; `answer` raises ValueError or gives numbers."""
    seen: Counter = Counter()

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,  # it would measure how busy the machine is
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def one(case: Any) -> None:
        start = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                numbers = answer(case)
        except ValueError as error:
            seen["refused" if 0 < len(str(error)) < 5000 else "refused without a word, or with too many"] += 1
        else:
            assert np.isfinite(numbers).all()
            seen["answered"] += 1
        assert time.process_time() - start < SLOWEST

    one()
    assert set(seen) <= {"refused", "answered"}
    return seen


def of_extractor(examples: int) -> Counter:
    extractor = MujoImuFeatureExtractor()

    def answer(case: tuple[Any, dict]) -> np.ndarray:
        described = {name: value for name, value in case[1].items() if name != "rate"}
        return extractor(case[0], **described)["imu_values"]

    return each_is_refused_or_finite(st.tuples(PYTHON, changed(SI, NEAR)), answer, examples)


def of_pose_extractor(examples: int) -> Counter:
    extractor = MujoPoseFeatureExtractor()

    def answer(case: tuple[Any, dict]) -> np.ndarray:
        described = {name: value for name, value in case[1].items() if name != "rate"}
        return extractor(case[0], **described)["pose_values"]

    valid = {"sampling_rate": 30, "length_unit": "m", "up": "z", "floor": "unknown"}
    return each_is_refused_or_finite(st.tuples(poses(), changed(valid, OF_POSES)), answer, examples)


def scores_of(timeline: list[dict]) -> list[float]:
    assert all(0 <= row["score"] <= 1 and 0 <= row["start"] < row["end"] for row in timeline)
    return [row["score"] for row in timeline]


def of_pipeline(examples: int) -> Counter:
    classifier = pipeline(
        "imu-classification", model=tiny_classifier(), feature_extractor=MujoImuFeatureExtractor(), device="cpu"
    )
    inputs = weighted((3, PYTHON), (1, files())).map(lambda data: [data])
    cases = st.tuples(inputs, changed(SI, {**NEAR, **OF_PIPELINES, "max_samples": ODD}))
    return each_is_refused_or_finite(cases, lambda case: scores_of(classifier(case[0], **case[1])[0]), examples)


def of_zero_shot_pipeline(examples: int) -> Counter:
    model, processor = tiny_joint()
    classifier = pipeline(
        "zero-shot-imu-classification",
        model=model,
        feature_extractor=processor.feature_extractor,
        tokenizer=processor.tokenizer,
        device="cpu",
    )
    cases = changed({**SI, "candidate_labels": ["squat", "rest"]}, {**OF_WORDS, **OF_PIPELINES})
    return each_is_refused_or_finite(cases, lambda case: scores_of(classifier(recording(2), **case)), examples)


def of_handler(kind: str, folder: Any, examples: int) -> Counter:
    handler = endpoints(folder)[kind]
    valid = {**SI, "candidate_labels": ["squat", "rest"]} if kind == "joint" else SI
    near = {**NEAR, **OF_PIPELINES, **OF_WORDS} if kind == "joint" else {**NEAR, "view": st.just("embeds")}
    body = st.fixed_dictionaries({"inputs": JSON, "parameters": weighted((9, changed(valid, near)), (1, ODD))})
    bodies = weighted((8, body), (1, st.fixed_dictionaries({"inputs": JSON, "more": ODD})), (1, ODD))

    def answer(data: Any) -> list[float]:
        reply = handler(data)
        written = json.dumps(reply, allow_nan=False, ensure_ascii=False).encode()
        assert len(written) < 10**6
        if "error" in reply:
            assert reply["status"] == 400, reply
            assert str(folder) not in reply["error"]
            raise ValueError(reply["error"])
        if kind == "joint":
            return scores_of(reply["timeline"])
        return [number for row in reply["embeddings"] for number in row["embedding"]]

    return each_is_refused_or_finite(bodies, answer, examples)


def test_malformed_inputs_are_refused_or_answered(tmp_path):
    for seen in all_of(EACH_FAST, tmp_path).values():
        assert min(seen["refused"], seen["answered"]) > 0


@pytest.mark.slow
def test_two_thousand_malformed_inputs_are_refused_or_answered(tmp_path):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen = all_of(EACH_SLOW, tmp_path)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    print(seen, f"{grown / 2**20:.0f} MiB")
    assert sum(sum(counts.values()) for counts in seen.values()) >= 2000
    for counts in seen.values():
        assert min(counts["refused"], counts["answered"]) > EACH_SLOW / 25
    assert grown < MOST_MEMORY


def all_of(examples: int, folder: Any) -> dict[str, Counter]:
    return {
        "extractor": of_extractor(examples),
        "extractor of poses": of_pose_extractor(examples),
        "pipeline": of_pipeline(examples),
        "zero-shot pipeline": of_zero_shot_pipeline(examples),
        "encoder's handler": of_handler("encoder", folder, examples),
        "joint handler": of_handler("joint", folder, examples),
    }


# What was found on the way: each of these once crashed, answered nonsense, or took gigabytes or minutes.

VALUES = recording(channels=3)


@pytest.mark.parametrize(
    ("data", "change", "message"),
    [
        (VALUES[:4], {"sampling_rate": None, "timestamps": [0, 0.02, 0.04, 1e9]}, "check its timestamps"),
        (VALUES, {"sampling_rate": None, "timestamps": np.array(["NaT"] * 200, dtype="M8[s]")}, "finite timestamps"),
        (VALUES, {"sampling_rate": 10**400}, "from 1 to 10000"),
        (VALUES.repeat(100, 0), {"sampling_rate": 9999.37}, "whole numbers above 2000 Hz"),
        (VALUES, {"window_seconds": "4"}, "window_seconds must be a number"),
        (VALUES, {"window_seconds": 4, "hop_seconds": 10**400}, "hop_seconds must be a number"),
        (VALUES.repeat(600, 0), {"window_seconds": 10, "hop_seconds": 0.02}, "raise hop_seconds"),
        (VALUES * 1e36, {"acceleration_unit": "g"}, "no wearable sensor"),
        (torch.from_numpy(VALUES).to(torch.complex64), {}, "dense tensor of real numbers"),
        (torch.from_numpy(VALUES).to_sparse(), {}, "dense tensor of real numbers"),
        (torch.from_numpy(VALUES) > 0, {}, "dense tensor of real numbers"),
        (pd.DataFrame(recording()[:, :4], columns=["acc_x", "acc_y", "acc_z", "Acc X"]), {}, "must differ"),
        (np.ones((100, 400, 3)), {"placement": ["chest"] * 400}, "more than the 18 places of a body"),
        (VALUES, {"placement": nested(5000)}, "placement must be one of"),
    ],
)
def test_what_the_extractor_once_took(data, change, message):
    with pytest.raises(ValueError, match=message):
        MujoImuFeatureExtractor()(data, **{**SI, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"candidate_labels": nested(5000)},
        {"candidate_labels": ["\ud800"]},
        {"candidate_labels": ["squat"], "hypothesis_template": ["{}"] * 10**5},
    ],
)
def test_what_the_zero_shot_pipeline_once_took(change):
    model, processor = tiny_joint()
    classifier = pipeline(
        "zero-shot-imu-classification",
        model=model,
        feature_extractor=processor.feature_extractor,
        tokenizer=processor.tokenizer,
        device="cpu",
    )
    with pytest.raises(ValueError, match=r"a candidate label is|list of 1 to 20 texts"):
        classifier(VALUES, **SI, **change)
