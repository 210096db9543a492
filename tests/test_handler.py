"""The endpoint's handler: what it answers is what pipelines and embedder answer, and every bad body gets an error."""

import base64
import io
import json
import re
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from transformers import pipeline

from modeling_mujo import MujoEmbedder, MujoImuFeatureExtractor, MujoImuModel, MujoPoseModel
from publishing.endpoint import write_endpoint
from tests.helpers import tiny_imu_config, tiny_pose_config
from tests.small_endpoints import COLUMNS, load_handler, save_endpoints
from tests.small_pipelines import SI, recording, tiny_classifier, tiny_joint

ROOT = Path(__file__).parents[1]
WORDS = {"candidate_labels": ["squat", "rest"]}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return save_endpoints(tmp_path_factory.mktemp("endpoints"))


@pytest.fixture(scope="module")
def handlers(folders):
    return {name: load_handler(folder) for name, folder in folders.items()}


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def csv_of(values: np.ndarray) -> bytes:
    return pd.DataFrame(values, columns=COLUMNS[: values.shape[1]]).to_csv(index=False).encode()


def ask(handler, inputs, **parameters):
    answer = handler({"inputs": inputs, "parameters": {**SI, **parameters}})
    assert "error" not in answer, answer
    return json.loads(json.dumps(answer, allow_nan=False))


def close(one, other):
    assert [(row["start"], row["end"], row["label"]) for row in one] == [
        (row["start"], row["end"], row["label"]) for row in other
    ]
    np.testing.assert_allclose([row["score"] for row in one], [row["score"] for row in other], atol=1e-5)


# What it answers


def test_the_timeline_is_the_pipelines(handlers):
    values = recording(9)
    classifier = pipeline(
        "imu-classification", model=tiny_classifier(), feature_extractor=MujoImuFeatureExtractor(), device="cpu"
    )
    expected = classifier(values, **SI, top_k=2, timeline="merged")
    close(ask(handlers["classifier"], values.tolist(), top_k=2, timeline="merged")["timeline"], expected)
    model, processor = tiny_joint()
    zero_shot = pipeline(
        "zero-shot-imu-classification",
        model=model,
        feature_extractor=processor.feature_extractor,
        tokenizer=processor.tokenizer,
        device="cpu",
    )
    close(ask(handlers["joint"], values.tolist(), **WORDS)["timeline"], zero_shot(values, **SI, **WORDS))


def test_the_embeddings_are_the_encoders(handlers, folders):
    values = recording(9)
    answer = ask(handlers["encoder"], values.tolist())["embeddings"]
    assert [(row["start"], row["end"]) for row in answer] == [(0.0, 4.0), (2.0, 6.0), (4.0, 8.0)]
    embedder = MujoEmbedder(folders["encoder"], **SI).fit([values])
    mean = np.mean([row["embedding"] for row in answer], axis=0)
    np.testing.assert_allclose(mean, embedder.transform([values])[0], atol=1e-5)
    joint_space = ask(handlers["encoder"], values.tolist(), view="embeds")["embeddings"]
    np.testing.assert_allclose(np.linalg.norm([row["embedding"] for row in joint_space], axis=1), 1, atol=1e-5)


def test_every_form_of_a_recording_gives_the_same(handlers):
    values = recording(5)
    parquet = io.BytesIO()
    pd.DataFrame(values, columns=COLUMNS).assign(note="squats").to_parquet(parquet)
    expected = ask(handlers["classifier"], values.tolist())["timeline"]
    for same in (encoded(csv_of(values)), encoded(parquet.getvalue()), {"unknown": values.tolist()}):
        close(ask(handlers["classifier"], same)["timeline"], expected)
    both = {"left_wrist": encoded(csv_of(values)), "chest": values.tolist()}
    assert ask(handlers["classifier"], both)["timeline"] != expected


def test_null_is_a_missing_sample(handlers):
    rows = recording(4).tolist()
    missing = [*rows[:20], *[[None] * 6] * 5, *rows[25:]]  # 0.1 s: bridged
    with_nan = np.array(rows)
    with_nan[20:25] = np.nan
    expected = ask(handlers["classifier"], encoded(csv_of(with_nan)))["timeline"]
    close(ask(handlers["classifier"], missing)["timeline"], expected)


def test_a_unit_that_does_not_fit_is_told(handlers):
    rows = (recording(4, channels=3) / 9.80665).tolist()
    assert "are they in g?" in ask(handlers["encoder"], rows)["warnings"][0]
    assert ask(handlers["encoder"], rows, acceleration_unit="g")["warnings"] == []


# What it refuses

ROWS = recording(4).tolist()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "a request is"),
        ([], "a request is"),
        ({"inputs": ROWS, "options": {}}, "a request is"),
        ({"inputs": ROWS, "parameters": None}, "acceleration_unit must be one of"),
        ({"inputs": ROWS, "parameters": [1]}, '"parameters" must be an object'),
        ({"inputs": ROWS, "parameters": {"max_samples": 10**12}}, r"unknown parameters \['max_samples'\]"),
        ({"inputs": ROWS, "parameters": {"batch_size": 10**6}}, r"unknown parameters \['batch_size'\]"),
        ({"inputs": None}, "inputs must be rows"),
        ({"inputs": []}, "inputs must be rows"),
        ({"inputs": {}}, "0 sensors"),
        ({"inputs": dict.fromkeys(map(str, range(99)), ROWS)}, "99 sensors"),
        ({"inputs": {"data": ROWS}}, "placement must be one of"),
        ({"inputs": [ROWS]}, "list of 3 numbers"),
        ({"inputs": [[1.0, True, 2.0]] * 100}, "no texts, true or false"),
        ({"inputs": [["1", "2", "3"]] * 100}, "no texts, true or false"),
        ({"inputs": [[10**400, 0, 0]] * 100}, "beyond any reading"),
        ({"inputs": [[float("inf"), 0, 0]] * 100}, "infinite"),
        ({"inputs": [[1, 2, 3], [1, 2]] * 100}, "list of 3 numbers"),
        ({"inputs": [[0, 0, 9.81]] * 200_001}, "1 to 200000 samples"),
        ({"inputs": "/etc/passwd"}, "never a path or an address"),
        ({"inputs": "https://example.org/recording.csv"}, "never a path or an address"),
        ({"inputs": "A" * (32 * 2**20 + 4)}, "expected at most 33554432"),
        ({"inputs": encoded(b"x,y,z\n1,2,3\n")}, "no acceleration among the columns"),
        ({"inputs": ROWS, "parameters": {"sampling_rate": 1e-9}}, "sampling_rate .* from 1 to 10000"),
        ({"inputs": ROWS, "parameters": {"sampling_rate": "50"}}, "sampling_rate .* got '50'"),
        (
            {"inputs": ROWS, "parameters": {"sampling_rate": None, "timestamps": ["now"]}},
            "timestamps must hold numbers",
        ),
        ({"inputs": ROWS, "parameters": {"window_seconds": True}}, "window_seconds must be a number"),
    ],
)
def test_bad_bodies_get_an_error_object(handlers, body, message):
    parameters = body.get("parameters", {}) if isinstance(body, dict) else None
    if isinstance(parameters, dict):
        body = {**body, "parameters": {**SI, **parameters}}
    answer = handlers["encoder"](body)
    assert answer["status"] == 400
    assert re.search(message, answer["error"])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "candidate_labels are missing"),
        ({"candidate_labels": [str(index) for index in range(101)]}, "101 texts in candidate_labels"),
        ({"candidate_labels": ["x" * 501]}, "1 to 500 characters"),
        ({"candidate_labels": ["\ud800"]}, "a candidate label is a text"),
        ({**WORDS, "hypothesis_template": ["{}"] * 4}, "4 texts in hypothesis_template"),
        ({**WORDS, "top_k": 0}, "top_k must be"),
        ({**WORDS, "view": "embeds"}, "unknown parameters"),
    ],
)
def test_bad_words_get_an_error_object(handlers, parameters, message):
    answer = handlers["joint"]({"inputs": ROWS, "parameters": {**SI, **parameters}})
    assert answer["status"] == 400
    assert re.search(message, answer["error"])


def test_an_error_of_the_server_is_logged_and_tells_nothing(handlers, monkeypatch, caplog):
    def fail(recording, parameters):
        raise OSError("cannot read /secret/model.safetensors")

    monkeypatch.setattr(handlers["encoder"], "answer", fail)
    answer = handlers["encoder"]({"inputs": ROWS, "parameters": SI})
    assert answer["status"] == 500
    assert "secret" not in answer["error"]
    incident = answer["error"].split()[-1]
    assert incident in caplog.text
    assert "/secret/model.safetensors" in caplog.text  # the traceback is in the log


# What few bytes cannot ask for


def test_rows_shorter_than_the_header_do_not_unfold(handlers):
    header = ",".join([*COLUMNS[:3], *(f"c{index}" for index in range(500))])
    content = header + "\n" + "1\n" * 150_000
    answer = handlers["encoder"]({"inputs": encoded(content.encode()), "parameters": SI})
    assert "fewer fields than the 503 columns" in answer["error"]


def test_texts_stored_once_do_not_unfold(handlers):
    frame = pd.DataFrame(recording(4), columns=COLUMNS)
    packed = io.BytesIO()
    frame.assign(acc_x=pd.Categorical.from_codes([0] * len(frame), ["x" * 10**6])).to_parquet(packed)
    answer = handlers["encoder"]({"inputs": encoded(packed.getvalue()), "parameters": SI})
    assert "'acc_x' must hold numbers" in answer["error"]


def test_many_windows_are_refused(handlers):
    rows = recording(3000, channels=3).tolist()
    parameters = {**SI, "window_seconds": 0.5, "hop_seconds": 0.05}
    assert "more than 4000 windows" in handlers["encoder"]({"inputs": rows, "parameters": parameters})["error"]


# How it is published

CLEAN = """
import importlib.util, json, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("modeling_mujo", "publishing", "dataset_scripts", "training", "tests"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refuse())
answers = []
for folder, body in json.load(sys.stdin):
    spec = importlib.util.spec_from_file_location("handler", folder + "/handler.py")
    handler = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(handler)
    answers.append(handler.EndpointHandler(folder)(body))
print(json.dumps(answers))
"""


def test_folders_answer_where_nothing_of_ours_is_installed(handlers, folders, tmp_path, monkeypatch):
    bodies = {name: {"inputs": ROWS, "parameters": {**SI, **(WORDS if name == "joint" else {})}} for name in folders}
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_MODULES_CACHE", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", CLEAN],
        cwd=tmp_path,
        input=json.dumps([(str(folder), bodies[name]) for name, folder in folders.items()]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    encoder, classifier, joint = json.loads(done.stdout)
    close(classifier["timeline"], handlers["classifier"](bodies["classifier"])["timeline"])
    close(joint["timeline"], handlers["joint"](bodies["joint"])["timeline"])
    expected = handlers["encoder"](bodies["encoder"])["embeddings"][0]["embedding"]
    np.testing.assert_allclose(encoder["embeddings"][0]["embedding"], expected, atol=1e-5)


def test_writing_again_changes_nothing_and_models_without_recordings_get_none(folders, tmp_path):
    before = {file.name: file.read_bytes() for file in folders["joint"].iterdir()}
    assert {file.name for file in write_endpoint(folders["joint"])} >= {"handler.py", "requirements.txt"}
    assert {file.name: file.read_bytes() for file in folders["joint"].iterdir()} == before
    MujoPoseModel(tiny_pose_config()).save_pretrained(tmp_path / "pose")
    assert write_endpoint(tmp_path / "pose") == []
    with pytest.raises(ValueError, match="holds no model"):
        write_endpoint(tmp_path)


def test_requirements_are_the_packages(folders):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    known = {*project["dependencies"], *project["optional-dependencies"]["train"], "pyarrow>=15"}
    lines = (folders["encoder"] / "requirements.txt").read_text().splitlines()
    assert {line for line in lines if not line.startswith("#")} <= known


# The page


@pytest.fixture
def address(handlers):
    """The joint handler behind a loopback server that passes JSON in and out, as the inference server does."""

    class Server(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            reply = json.dumps(handlers["joint"](body)).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_page_does_what_it_says(handlers, address, tmp_path, monkeypatch):
    page = (ROOT / "docs" / "endpoint.md").read_text()
    kinds = re.findall(r"```json title=(\w+)\n(.*?)```\s+```json\n(.*?)```", page, re.DOTALL)
    assert [kind for kind, *_ in kinds] == ["joint", "classifier", "encoder", "joint"]
    for kind, request, reply in kinds:
        told, answered = json.loads(reply), handlers[kind](json.loads(request))
        assert list(told) == list(answered)
        if "error" in told:
            assert told == answered
            continue
        assert told["warnings"] == answered["warnings"]
        (name,) = {"timeline", "embeddings"} & set(told)
        for row, found in zip(told[name], answered[name], strict=True):
            assert list(row) == list(found)
            assert (row["start"], row["end"]) == (found["start"], found["end"])
    block, publishing = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "recording.csv").write_bytes(csv_of(recording(9)))
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(block.replace("https://YOUR-ENDPOINT", address), names)
    assert {row["label"] for row in names["answer"]["timeline"]} <= {"squat", "rest"}
    folder = tmp_path / "outputs" / "mujo" / "imu-encoder"
    MujoImuModel(tiny_imu_config()).save_pretrained(folder)
    exec(publishing, names)
    assert (folder / "handler.py").is_file()
