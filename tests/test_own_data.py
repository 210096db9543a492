"""From a folder of recordings to a folder that answers: people held out, merged weights, an honest report."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import datasets
import numpy as np
import pandas as pd
import pytest
import torch
from transformers import AutoModelForAudioClassification, pipeline

from modeling_mujo import (
    MujoForImuClassification,
    MujoImuFeatureExtractor,
    MujoImuModel,
    MujoPoseModel,
)
from tests.helpers import tiny_imu_config, tiny_pose_config
from tests.small_pipelines import SI, tiny_joint
from tests.test_remote_code import START, run_clean
from training import saving
from training.arguments import EvaluateArguments, FinetuneArguments, parse_arguments
from training.evaluate import evaluate_model
from training.finetune import finetune
from training.held_out import choose_groups
from training.windows import load_rows, windows_of_rows

ROOT = Path(__file__).parents[1]
COLUMNS = ["acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"]
PHONE = {"sampling_rate": 50.0, "acceleration_unit": "m/s2", "gyroscope_unit": "rad/s", "gravity": "included"}
PEOPLE = ("anna", "ben", "carl")


def recording(label: str, seed: int = 0, seconds: float = 13) -> pd.DataFrame:
    """Standing and lying are told apart by gravity, running by intensity."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(round(50 * seconds), 6)) * (3.0 if label == "run" else 0.1)
    values[:, 0 if label == "lie" else 2] += 9.81
    return pd.DataFrame(values, columns=COLUMNS)


def write(folder: Path, files: list[str], columns: list[str] = COLUMNS) -> Path:
    """Recordings of what their first folder says."""
    for seed, name in enumerate(files):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        recording(Path(name).parts[0], seed)[columns].to_csv(folder / name, index=False)
    return folder


def everybody(labels=("stand_still", "lie", "run"), people=PEOPLE) -> list[str]:
    return [f"{label}/{person}/0.csv" for label in labels for person in people]


@pytest.fixture(autouse=True)
def work(tmp_path, monkeypatch) -> Path:
    """A working directory with a tiny encoder; nothing is cached elsewhere."""
    torch.manual_seed(0)
    MujoImuModel(tiny_imu_config(pretrained_steps=1)).save_pretrained(tmp_path / "encoder")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def train(folder: Path, **changes) -> dict:
    """Fine-tune a few steps on the folder; returns the report."""
    arguments = FinetuneArguments(
        **{
            "dataset": "csv_folder",
            "data_dir": str(folder),
            "encoder": "encoder",
            "method": "lora",
            "steps": 12,
            "output_dir": "classifier",
            **PHONE,
            **changes,
        }
    )
    return json.loads((finetune(arguments) / "finetuning_report.json").read_text())


def evaluate(folder: Path, **changes) -> dict:
    return evaluate_model(
        EvaluateArguments(
            **{"dataset": "csv_folder", "data_dir": str(folder), "model": "classifier", **PHONE, **changes}
        )
    )


# --- the folder that comes out ---------------------------------------------------------------------------------------


def test_lora_ends_with_a_plain_classifier_that_carries_its_pipeline(work, capsys):
    report = train(write(work / "mine", everybody()), placements=["left_wrist"])
    assert "macro-F1" in capsys.readouterr().out

    config = json.loads(Path("classifier/config.json").read_text())
    assert config["architectures"] == ["MujoForImuClassification"]
    assert list(config["id2label"].values()) == ["lie", "run", "stand still"]
    assert "imu-classification" in config["custom_pipelines"]
    assert json.loads(Path("classifier/preprocessor_config.json").read_text())["window_seconds"] == 4.0
    assert not Path("classifier/adapter_config.json").exists()

    classifier = pipeline("imu-classification", model="classifier", trust_remote_code=True, device="cpu", **SI)
    for label in ("lie", "run"):
        rows = classifier(recording(label, 99), placement="left_wrist", timeline="whole")
        assert rows[0]["label"] == label
    assert report["test"]["macro_f1"] == pytest.approx(1.0)


@pytest.mark.parametrize("encoder", ["encoder", "joint"])
def test_nothing_of_this_machine_is_in_the_folder(work, encoder):
    for part in tiny_joint():
        part.save_pretrained(work / "joint")
    train(write(work / "mine", everybody()), encoder=encoder)
    assert type(AutoModelForAudioClassification.from_pretrained("classifier")) is MujoForImuClassification
    for file in Path("classifier").rglob("*.json"):
        text = file.read_text()
        assert str(work) not in text
        assert "mine" not in text
        assert "_name_or_path" not in text
        assert "attn" not in text.replace("attention", "")


def test_the_folder_answers_where_nothing_of_ours_is_installed(work, tmp_path_factory):
    train(write(work / "mine", everybody()))
    recording("run", 99).to_csv("run.csv", index=False)
    code = START + (
        "import json\nfrom transformers import pipeline\n"
        "ask = pipeline(model=str(folder / 'classifier'), trust_remote_code=True, device='cpu')\n"
        "print(json.dumps(ask(str(folder / 'run.csv'), timeline='whole', **json.loads(sys.argv[3]))))"
    )
    home = tmp_path_factory.mktemp("home")
    (row,) = json.loads(run_clean(code, "bare", home, str(work), "bare", json.dumps(SI)))
    assert row["label"] == "run"


def test_merging_the_adapters_changes_no_answer(work):
    from training.classifier import TrainingRecipe, predict, train_classifier

    rows = load_rows("csv_folder", str(write(work / "mine", everybody())), **PHONE)["train"]
    windows = windows_of_rows(rows, 4.0, 2.0)
    adapted, _ = train_classifier("encoder", windows, TrainingRecipe("lora", steps=6), 0, progress=False)
    before = predict(adapted, windows)
    plain = saving.merged(adapted)
    assert type(plain) is MujoForImuClassification
    torch.testing.assert_close(predict(plain, windows), before, atol=1e-4, rtol=1e-4)


def test_a_run_that_breaks_leaves_the_last_classifier(work, monkeypatch):
    folder = write(work / "mine", everybody())
    train(folder, method="probe")
    before = Path("classifier/model.safetensors").read_bytes()

    def full_disk(*_):
        raise OSError("no space left")

    monkeypatch.setattr(saving, "draw_confusion", full_disk)
    with pytest.raises(OSError, match="no space left"):
        train(folder, method="lora")
    assert Path("classifier/model.safetensors").read_bytes() == before


def test_other_folders_are_not_replaced(work):
    folder = write(work / "mine", everybody())
    with pytest.raises(ValueError, match="holds no classifier of an earlier"):
        train(folder, output_dir=str(folder))
    assert len(list(folder.rglob("*.csv"))) == 9


# --- who is held out -------------------------------------------------------------------------------------------------


def test_a_person_is_held_out_and_measured_label_by_label(work):
    report = train(write(work / "mine", everybody()), method="probe")
    (tested,) = report["test"]["macro_f1_per_person"]
    assert report["held_out"] == "person"
    assert sorted([*report["trained_on"]["people"], tested]) == list(PEOPLE)
    assert report["test"]["windows"] == {"lie": 5, "run": 5, "stand still": 5}
    assert set(report["test"]["f1_per_class"]) == {"lie", "run", "stand still"}
    assert np.sum(report["test"]["confusion_matrix"]) == 15
    assert any("one person only" in remark for remark in report["remarks"])
    assert report == train(work / "mine", method="probe"), "the same people are held out in every run"
    assert Path("classifier/confusion_matrix.png").is_file()


def test_named_people_are_held_out(work):
    report = train(write(work / "mine", everybody()), method="probe", test_subjects=["ben"])
    assert list(report["test"]["macro_f1_per_person"]) == ["ben"]
    assert report["trained_on"]["people"] == ["anna", "carl"]
    assert report["trained_on"]["copies"] == 0


def test_recordings_are_held_out_where_nobody_is_named_and_that_is_said(work, capsys):
    files = [f"{label}/{number}.csv" for label in ("lie", "run") for number in range(3)]
    report = train(write(work / "mine", files), method="auto")
    assert (report["arguments"]["method"], report["trained"]) == ("auto", "head"), "20 windows are too few for more"
    assert report["trained_on"]["copies"] == 8
    assert report["held_out"] == "recording"
    assert report["test"]["windows"] == {"lie": 5, "run": 5}
    assert report["trained_on"]["windows"] == {"lie": 10, "run": 10}
    assert "RECORDINGS were held out, not people" in capsys.readouterr().out


def test_one_recording_per_activity_still_trains_and_says_what_is_not_known(work, capsys):
    report = train(write(work / "mine", ["lie/0.csv", "run/0.csv"]), method="probe")
    assert report["held_out"] is None
    assert "test" not in report
    assert "nothing was measured" in capsys.readouterr().out
    assert pipeline("imu-classification", model="classifier", trust_remote_code=True, device="cpu")


def test_training_on_everybody(work):
    report = train(write(work / "mine", everybody()), method="probe", held_out_share=0)
    assert report["trained_on"]["people"] == list(PEOPLE)
    assert "test" not in report
    assert "as asked" in report["remarks"][0]


def test_activities_that_were_not_measured_are_named_and_do_not_count(work):
    files = [*everybody(("stand", "lie")), "run/anna/0.csv"]
    report = train(write(work / "mine", files), method="probe")
    assert "anna" in report["trained_on"]["people"], "the only one who ran is trained on"
    assert report["test"]["f1_per_class"]["run"] is None
    assert report["test"]["macro_f1"] == pytest.approx(1.0)
    assert any("shows run" in remark for remark in report["remarks"])


@pytest.mark.parametrize(
    ("labels_of", "share", "size"),
    [
        ({name: {0, 1} for name in "abcdefghij"}, 0.2, 2),
        ({name: {0, 1} for name in "ab"}, 0.2, 1),
        ({"a": {0, 1}}, 0.2, 0),  # nobody is left to train on
        ({"a": {0}, "b": {1}}, 0.2, 0),
        ({"a": {0}, "b": {0}, "c": {1}, "d": {1}}, 0.2, 2),  # one of each label
        ({**{name: {0} for name in "abcdefgh"}, "i": {1}, "j": {1}}, 0.2, 2),
    ],
)
def test_everything_held_out_is_trained_on_elsewhere(labels_of, share, size):
    chosen = choose_groups(labels_of, share)
    left = set().union(*(labels for group, labels in labels_of.items() if group not in chosen))
    assert len(chosen) == size
    assert left == set().union(*labels_of.values())
    if size:
        assert set().union(*(labels_of[group] for group in chosen)) == left


# --- what goes in ----------------------------------------------------------------------------------------------------


def test_settings_reach_the_reader_and_a_missing_gyroscope_is_masked(work):
    frame = recording("lie")[["acc_x", "acc_y", "acc_z"]] / 9.81
    (work / "mine/lie/anna").mkdir(parents=True)
    frame.set_axis(["X", "Y", "Z"], axis=1).to_csv("mine/lie/anna/0.csv", index=False)
    command = "--task evaluate --dataset csv_folder --data_dir mine --sampling_rate 25 --acceleration_unit g"
    command += " --gravity included --placements chest --columns acc_x=X acc_y=Y acc_z=Z"
    arguments = parse_arguments(command.split())
    windows = windows_of_rows(load_rows("csv_folder", "mine", **arguments.reading())["train"], 4.0, 4.0)
    assert windows.inputs["imu_values"].shape == (6, 1, 200, 6)  # 26 s at 25 Hz
    assert windows.inputs["imu_channel_mask"].unique(dim=0).tolist() == [[[1, 0]]]
    assert (windows.inputs["imu_attention_mask"] == 1).all()
    assert windows.inputs["imu_values"][..., 0].mean() == pytest.approx(9.81, abs=0.1)
    with pytest.raises(ValueError, match="acc_x=X"):
        parse_arguments([*command.split(), "acc_x"]).reading()


def test_accelerometers_alone_are_enough(work):
    report = train(write(work / "mine", everybody(), COLUMNS[:3]), gyroscope_unit=None)
    assert report["test"]["macro_f1"] == pytest.approx(1.0)


def test_a_recording_that_is_too_short_is_named(work):
    write(work / "mine", everybody())
    recording("run", seconds=0.3).to_csv("mine/run/ben/1.csv", index=False)
    with pytest.raises(ValueError, match=r"run/ben/1\.csv: 0\.30 s.*at least 0\.5 s"):
        train(work / "mine")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gravity": None}, "gravity is None: say"),
        ({"dataset": "motionsense"}, r"motionsense knows how to read its files: leave out \['acceleration_unit'"),
        ({"encoder": "nowhere/at/all"}, "nowhere/at/all cannot be loaded: give --encoder a folder"),
        ({"encoder": "pose"}, r"pose holds \['MujoPoseModel'\]: expected an IMU encoder"),
        ({"held_out_share": 1.0}, r"must lie in \[0, 1\), got 1.0"),
        ({"test_subjects": ["dora"]}, r"unknown \['dora'\]"),
    ],
)
def test_mistakes_are_refused(work, change, message):
    MujoPoseModel(tiny_pose_config()).save_pretrained(work / "pose")
    with pytest.raises(ValueError, match=message):
        train(write(work / "mine", everybody()), **change)


def test_one_activity_is_not_enough(work):
    with pytest.raises(ValueError, match=r"at least two activities in 'train', got .*'lie'"):
        train(write(work / "mine", ["lie/anna/0.csv", "lie/ben/0.csv"]))


# --- evaluation ------------------------------------------------------------------------------------------------------


def test_evaluation_gives_the_figures_of_the_report(work):
    report = train(write(work / "mine", everybody()))
    (tested,) = report["test"]["macro_f1_per_person"]
    assert evaluate(work / "mine", test_subjects=[tested], output_file="figures.json") == report["test"]
    assert json.loads(Path("figures.json").read_text()) == report["test"]


def test_evaluation_on_new_people_who_did_some_of_the_activities(work):
    train(write(work / "mine", everybody()))
    figures = evaluate(write(work / "new", everybody(("run", "lie"), ("dora", "emil"))))
    assert figures["macro_f1"] == pytest.approx(1.0)
    assert figures["f1_per_class"]["stand still"] is None
    assert list(figures["macro_f1_per_person"]) == ["dora", "emil"]


def test_evaluation_refuses_people_it_was_trained_on_and_unknown_activities(work):
    train(write(work / "mine", everybody()), method="probe", test_subjects=["ben"])
    with pytest.raises(ValueError, match=r"trained on \['anna', 'carl'\]"):
        evaluate(work / "mine")
    with pytest.raises(ValueError, match=r"the recordings show \['swim'\], too"):
        evaluate(write(work / "new", everybody(("run", "swim"), ("dora",))))
    with pytest.raises(FileNotFoundError, match="output_dir of a fine-tuning"):
        evaluate(work / "mine", model="encoder")


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_page_does_what_it_says_with_real_recordings(shared_data, work):
    """Every command and every block of Python, as printed, in their order; the encoder is a tiny one."""
    Path("mujo").mkdir()
    Path("encoder").rename("mujo/imu-encoder")
    MujoImuFeatureExtractor().save_pretrained("mujo/imu-encoder")
    for name in ("train.py", "examples"):
        Path(name).symlink_to(ROOT / name)
    resting = pd.DataFrame(np.tile([0.0, 0.0, 1.0], (1000, 1)), columns=COLUMNS[:3])
    resting.to_csv("rest.csv", index=False)
    resting.to_csv("recording.csv", index=False)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HF_HOME": str(work / "home"),
        "OMP_NUM_THREADS": "1",
    }
    page = (ROOT / "docs" / "own_data.md").read_text(encoding="utf-8")
    page = page.replace(
        "PATH/TO/A_DeviceMotion_data.zip", str(shared_data / "motionsense" / "A_DeviceMotion_data.zip")
    )
    blocks = re.findall(r"```(bash|python)\n(.*?)```", page, re.DOTALL)
    assert [language for language, _ in blocks].count("bash") == 5
    names: dict = {}
    for language, block in blocks:
        if language == "python":
            exec(block, names)
            continue
        done = subprocess.run(
            ["bash", "-e", "-c", block], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        if "evaluate" in block:
            assert "test: macro-F1" in done.stdout
    assert names["embeddings"].shape == (1, 3 * tiny_imu_config().hidden_size)
    assert names["report"]["held_out"] == "person"
    assert names["timeline"][0]["label"] in names["report"]["test"]["f1_per_class"]
    assert {"start", "label"} <= set(pd.read_csv("activities.csv").columns)
