"""`python -m modeling_mujo`: from a file and a folder to a table, in one line of a shell."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from transformers import AutoModel

from modeling_mujo import ImuClassificationPipeline, MujoImuFeatureExtractor, MujoImuModel
from modeling_mujo.__main__ import main
from tests.helpers import tiny_imu_config
from tests.small_pipelines import SI, recording, tiny_classifier, tiny_joint

ROOT = Path(__file__).parents[1]
COLUMNS = ["acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"]
DESCRIBED = [word for name, value in SI.items() for word in (f"--{name}", str(value))]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An encoder, a joint model and a classifier as they are released, and a recording of 9 s beside them."""
    torch.manual_seed(0)
    for name, part in (("imu-encoder", MujoImuModel(tiny_imu_config())), ("joint", tiny_joint()[0])):
        part.save_pretrained(tmp_path / name)
        MujoImuFeatureExtractor().save_pretrained(tmp_path / name)
    classifier = ImuClassificationPipeline(model=tiny_classifier(), feature_extractor=MujoImuFeatureExtractor())
    classifier.save_pretrained(tmp_path / "my-classifier")
    pd.DataFrame(recording(9), columns=COLUMNS).to_csv(tmp_path / "recording.csv", index=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def table(capsys) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(capsys.readouterr().out))


@pytest.mark.parametrize("model", ["imu-encoder", "joint", "my-classifier"])
def test_a_row_per_window(folder, capsys, model):
    main(["embed", "recording.csv", "--model", model, *DESCRIBED, "--placement", "left_wrist"])
    rows = table(capsys)
    assert rows["start"].tolist() == [0, 2, 4]
    assert rows["end"].tolist() == [4, 6, 8]
    extractor = MujoImuFeatureExtractor(window_seconds=4.0, hop_seconds=2.0)
    features = extractor(recording(9), placement="left_wrist", return_tensors="pt", **SI)
    encoder = AutoModel.from_pretrained(model).eval()
    with torch.no_grad():
        expected = getattr(encoder, "imu_model", encoder)(
            **{name: features[name] for name in extractor.model_input_names}
        )
    np.testing.assert_allclose(rows.filter(like="embedding_"), expected.embeds, atol=1e-6)


def test_a_short_recording_ends_where_it_ends(folder, capsys):
    pd.DataFrame(recording(3), columns=COLUMNS).to_csv("short.csv", index=False)
    main(["embed", "short.csv", "--model", "imu-encoder", *DESCRIBED, "--window_seconds", "5"])
    assert table(capsys)[["start", "end"]].to_numpy().tolist() == [[0, 3]]


def test_activities(folder, capsys):
    main(["classify", "recording.csv", "--model", "my-classifier", *DESCRIBED])
    rows = table(capsys)
    pipeline = ImuClassificationPipeline(model=tiny_classifier(), feature_extractor=MujoImuFeatureExtractor())
    expected = pd.DataFrame(pipeline("recording.csv", timeline="merged", **SI))
    pd.testing.assert_frame_equal(rows, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recording": "nowhere.csv"}, "no file at 'nowhere.csv'"),
        ({"--model": "nowhere"}, "nowhere"),
        ({"--sampling_rate": None}, "the clock must be given once"),
        ({"--gyroscope_unit": None}, "gyroscope_unit must be one of"),
        ({"--gravity": None}, "required: --gravity"),
        ({"--acceleration_unit": "kg"}, "invalid choice: 'kg'"),
        ({"--placement": "ear"}, "invalid choice: 'ear'"),
        ({"--hop_seconds": "9"}, "hop_seconds must be a number from 0.4 to 4"),
    ],
)
def test_mistakes_are_named(folder, capsys, change, message):
    given = dict(zip(DESCRIBED[::2], DESCRIBED[1::2], strict=True))
    given = {"recording": "recording.csv", "--model": "imu-encoder", **given, **change}
    file = given.pop("recording")
    words = [word for name, value in given.items() if value is not None for word in (name, value)]
    with pytest.raises(SystemExit) as stopped:
        main(["embed", file, *words])
    printed = capsys.readouterr()
    assert stopped.value.code == 2
    assert message in printed.err
    assert not printed.out


def test_an_encoder_does_not_classify(folder, capsys):
    with pytest.raises(SystemExit):
        main(["classify", "recording.csv", "--model", "imu-encoder", *DESCRIBED])
    assert "their head would be random" in capsys.readouterr().err


@pytest.fixture
def released(folder, monkeypatch):
    """The folder as `mujo/imu-encoder`, which is its name on the Hub, and a watch's recording without gyroscope."""
    (folder / "mujo").mkdir()
    (folder / "imu-encoder").rename(folder / "mujo" / "imu-encoder")
    values = recording(9, rate=100, channels=3) / 9.80665
    pd.DataFrame(values, columns=COLUMNS[:3]).to_csv("recording.csv", index=False)


def first_section(language: str) -> str:
    page = (ROOT / "docs" / "own_data.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)[0]


def test_the_first_embedding_is_one_line_of_a_shell(released):
    line = first_section("bash").replace("\\\n", " ").strip()
    assert len(line.splitlines()) == 1
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}
    subprocess.run(line, shell=True, check=True, env=environment, capture_output=True)
    assert pd.read_csv("embeddings.csv").shape == (3, 2 + tiny_imu_config().projection_dim)


def test_the_first_embedding_is_three_lines_of_python(released):
    code = first_section("python")
    assert len([line for line in code.splitlines() if line]) <= 3
    names: dict = {}
    exec(code, names)
    assert names["embeddings"].shape == (1, tiny_imu_config().pooler_output_size)
