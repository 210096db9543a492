"""Model cards: numbers come from files, figures of other weights never appear, no card goes without any."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import ModelCard
from PIL import Image

from publishing.axes import draw_axes
from publishing.cards import check_tables, pretrained_steps, write_model_card
from publishing.release import release
from tests.small_release import publish_text_encoder, skip_clean_process, write_finetuned, write_results, write_trained

WEIGHTS = "model.safetensors"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A release and its joint model in one folder, `mujo`."""
    folder = tmp_path_factory.mktemp("cards")
    with pytest.MonkeyPatch.context() as monkeypatch:
        skip_clean_process(monkeypatch)
        trained = write_trained(folder / "trained")
        publish_text_encoder(folder / "words", trained, monkeypatch)
        classifier = write_finetuned(folder / "har", trained / "imu-encoder")
        release(trained, classifier, folder / "mujo", folder / "joint")
    shutil.copytree(folder / "joint" / "joint", folder / "mujo" / "joint")
    return folder / "mujo"


@pytest.fixture
def outputs(made, tmp_path) -> Path:
    """A copy to change."""
    return Path(shutil.copytree(made, tmp_path / "mujo"))


def change_report(outputs: Path, **changes) -> None:
    file = outputs / "training_report.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def card_of(outputs: Path, name: str, results: Path) -> ModelCard:
    return ModelCard.load(write_model_card(outputs / name, f"mujo/{name}", results))


def test_figures_of_these_weights_and_of_baselines_are_told_with_their_spread(outputs, tmp_path):
    results = write_results(tmp_path / "results", *(outputs / name / WEIGHTS for name in ("imu-encoder", "joint")))
    card = card_of(outputs, "imu-encoder", results)
    assert "| method | 1 per class | 5 per class |" in card.text
    assert "| **MuJo, linear probe** | 0.812 ± 0.013 | 0.812 ± 0.013 |" in card.text
    assert "| random forest on simple statistics | 0.700 ± 0.013† | 0.700 ± 0.013 |" in card.text
    assert "†: differs from MuJo, linear probe" in card.text
    assert "| **MuJo, the recipe** | 0.500 (one draw) | – |" in card.text
    assert "| method | 10 % |" in card.text
    assert "Macro-F1 on 2 unseen people" in card.text
    assert "SimCLR" not in card.text
    values = {result.metric_name: result.metric_value for result in card.data.eval_results}
    assert values["macro-F1, MuJo, linear probe, 1 per class"] == 0.8125
    assert values["R@1 imu-pose"] == 0.25
    assert "R@1 pose-text" not in values  # not of this encoder


def test_after_other_training_old_benchmarks_are_gone(outputs, tmp_path):
    results = write_results(
        tmp_path / "results", *(outputs / name / WEIGHTS for name in ("pose-encoder", "pose-encoder"))
    )
    text = card_of(outputs, "imu-encoder", results).text
    assert "MotionSense" not in text
    assert "has not been measured" in text


def test_the_card_tells_cost_steps_shapes_and_what_was_simulated(outputs, tmp_path):
    text = card_of(outputs, "imu-encoder", tmp_path).text
    assert "took 1.50 hours, measured: 8 steps on 2 processor processes" in text
    assert "about 0.30 kWh if a process draws 100 W" in text
    assert "| imu | 7 |" in text
    assert "| `embeds` | 16 |" in text
    assert "All IMU of the pretraining is simulated" in text
    assert "license: apache-2.0" in (outputs / "imu-encoder" / "README.md").read_text()
    assert card_of(outputs, "imu-encoder", tmp_path).text == text
    change_report(outputs, device="cuda")
    assert "about 2.10 kWh if a process draws 700 W" in card_of(outputs, "imu-encoder", tmp_path).text


def test_corpora_stand_with_their_licences(outputs, tmp_path):
    corpus = {"name": "WISDM-51", "part": "real IMU, words", "license": "cc-by-4.0", "homepage": "https://wisdm"}
    change_report(outputs, corpora=[corpus])
    text = card_of(outputs, "imu-encoder", tmp_path).text
    assert "| [WISDM-51](https://wisdm) | real IMU, words | cc-by-4.0 |" in text
    assert "All IMU of the pretraining is simulated" not in text


def test_what_goes_in_is_shown(outputs, tmp_path):
    for name in ("imu-encoder", "imu-har-motionsense", "joint"):
        text = card_of(outputs, name, tmp_path).text
        for told in ("`acceleration_unit`", "**Gravity**", "**Axes**", "resampled to 50 Hz", "left_wrist"):
            assert told in text
        (picture,) = re.findall(r"!\[Axes.*\]\((.*)\)", text)
        assert Image.open(outputs / name / picture).size[0] == 1000
    assert draw_axes(tmp_path / "again.png").read_bytes() == (outputs / "joint" / picture).read_bytes()


def test_a_part_that_was_not_trained_is_called_random(outputs, tmp_path):
    assert pretrained_steps(outputs / "joint") == 7
    card = card_of(outputs, "joint", tmp_path)
    assert "| imu | 7 |" in card.text
    assert "| video | none: random" in card.text
    assert card.data.base_model == "some/words"
    results = write_results(tmp_path / "results", *(outputs / name / WEIGHTS for name in ("imu-encoder", "joint")))
    assert "words of the labels** | 0.500, accuracy 0.625 |" in card_of(outputs, "joint", results).text


def test_the_card_of_the_pose_encoder_tells_of_poses(outputs, tmp_path):
    results = write_results(tmp_path / "results", *(outputs / name / WEIGHTS for name in ("imu-encoder", "joint")))
    text = card_of(outputs, "pose-encoder", results).text
    assert "| **MuJo, linear probe on pose** | 0.500 (one draw) |" in text
    assert "simple statistics" not in text
    assert "the recipe**" not in text
    assert "`floor`: `at_zero` where" in text
    assert "has not been measured" in card_of(outputs, "pose-encoder", tmp_path).text


def test_a_classifier_tells_how_it_does_on_people_it_has_not_seen(outputs, tmp_path):
    results = write_results(tmp_path / "results", *(outputs / name / WEIGHTS for name in ("imu-encoder", "joint")))
    card = card_of(outputs, "imu-har-motionsense", results)
    assert "Macro-F1 0.875, accuracy 0.900, on 2 people of MotionSense" in card.text
    assert "0.500 to 1.000" in card.text
    assert "| walking | 0.750 |" in card.text
    assert "| sitting | not shown by them |" in card.text
    assert "42 labelled windows of 3 people" in card.text
    assert "MotionSense](https://github.com/mmalekzadeh/motion-sense) | real IMU with labels" in card.text
    assert "| random forest on simple statistics | 0.700 ± 0.013† | 0.700 ± 0.013 |" in card.text
    assert (card.data.base_model, card.data.pipeline_tag) == ("mujo/imu-encoder", "other")
    assert {result.metric_value for result in card.data.eval_results} == {0.875, 0.9}


@pytest.mark.parametrize(
    ("trained", "steps", "copies", "said"),
    [
        (
            "head",
            0,
            8,
            "fitted, by logistic regression on 42 labelled windows of 3 people and 8 copies of each, varied",
        ),
        ("head", 0, 0, "fitted, by logistic regression on 42 labelled windows of 3 people.\n"),
        ("everything", 186, 8, "Then all weights were trained on 42 labelled windows of 3 people"),
        ("adapters", 150, 8, "Then low-rank adapters (added into the weights since) and the head were trained on 42"),
    ],
)
def test_a_classifier_tells_what_was_trained(outputs, tmp_path, trained, steps, copies, said):
    file = outputs / "imu-har-motionsense" / "finetuning_report.json"
    report = json.loads(file.read_text())
    trained_on = {**report["trained_on"], "copies": copies}
    file.write_text(json.dumps({**report, "trained": trained, "steps": steps, "trained_on": trained_on}))
    text = card_of(outputs, "imu-har-motionsense", tmp_path).text
    assert said in text
    assert (f"for this classifier ({steps} steps) was not measured" in text) is (steps > 0)


def test_a_distilled_encoder_is_told_from_the_parts_that_stayed(outputs, tmp_path):
    steps = pretrained_steps(outputs / "pose-encoder")
    counted = {"imu": steps + 5, "pose": steps}
    report = json.loads((outputs / "training_report.json").read_text())
    figures = {"5": report["figures"][str(report["best_step"])]}
    change_report(outputs, parts=["imu"], pretrained_steps=counted, best_step=5, figures=figures)
    for name in ("imu-encoder", "joint"):
        file = outputs / name / "config.json"
        config = json.loads(file.read_text())
        (config.get("imu_config") or config)["pretrained_steps"] = steps + 5
        file.write_text(json.dumps(config))
        text = card_of(outputs, name, tmp_path).text
        assert "The last 5 steps of the IMU encoder are self-distillation" in text
        assert "It was used to choose the step" not in text
    assert "self-distillation" not in card_of(outputs, "pose-encoder", tmp_path).text
    change_report(outputs, pretrained_steps={"imu": steps + 5, "pose": steps + 5})
    with pytest.raises(ValueError, match=f"of weights at step {steps + 5}, the config says {steps}: another run's"):
        card_of(outputs, "pose-encoder", tmp_path)


@pytest.mark.parametrize(("key", "value"), [("test", None), ("held_out", "recording")])
def test_a_classifier_without_figures_of_other_people_gets_no_card(outputs, tmp_path, key, value):
    file = outputs / "imu-har-motionsense" / "finetuning_report.json"
    report = json.loads(file.read_text())
    report.pop(key)
    file.write_text(json.dumps(report | ({key: value} if value else {})))
    with pytest.raises(ValueError, match="no figures of people who were not trained on"):
        card_of(outputs, "imu-har-motionsense", tmp_path)


def test_nothing_measured_no_card(outputs, tmp_path):
    before = (outputs / "imu-encoder" / "README.md").read_text()
    change_report(outputs, figures={"7": {}})
    with pytest.raises(ValueError, match=r"table of .* would be empty"):
        card_of(outputs, "imu-encoder", tmp_path)
    assert (outputs / "imu-encoder" / "README.md").read_text() == before


def test_reports_of_another_run_or_of_no_release_are_refused(outputs, tmp_path):
    change_report(outputs, pretrained_steps={"imu": 8, "pose": 8})
    with pytest.raises(ValueError, match="at step 8, the config says 7"):
        card_of(outputs, "imu-encoder", tmp_path)
    (outputs / "training_report.json").write_text(json.dumps({"best_step": 7}))
    with pytest.raises(ValueError, match="is not of a release"):
        card_of(outputs, "imu-encoder", tmp_path)


def test_without_a_reference_there_is_no_card(outputs, tmp_path):
    (outputs / "imu-encoder" / "reference.safetensors").unlink()
    with pytest.raises(ValueError, match=r"python -m training\.reference"):
        card_of(outputs, "imu-encoder", tmp_path)


def test_empty_tables_are_found_wherever_they_stand():
    check_tables("| a |\n|---|\n| 1 |\n", Path("x"))
    for text in ("| a |\n|---|\n\ntext", "| a | b |\n|:---|---:|"):
        with pytest.raises(ValueError, match="empty"):
            check_tables(text, Path("x"))


PRINTED = {
    "imu-encoder": r"torch\.Size\(\[1, 16\]\)",
    "pose-encoder": r"torch\.Size\(\[1, 16\]\)",
    "imu-har-motionsense": r"\[\{'start': 0\.0, 'end': 10\.0, 'label': '(walking|sitting)', 'score': .*\]",
    "joint": r"\[\{'start': 0\.0, 'end': 10\.0, 'label': '(standing still|jumping jacks)', 'score': .*\]",
}


@pytest.mark.slow
def test_quick_starts_run_as_printed(made, tmp_path):
    """Where `mujo/NAME` is a folder, as in a checkout; with the code that the folders carry."""
    cards = [(made / name / "README.md").read_text() for name in PRINTED]
    codes = [code for card in cards for code in re.findall(r"```python\n(.*?)```", card, re.DOTALL)]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(codes)],
        cwd=made.parent,
        env={**os.environ, "HF_HOME": str(tmp_path), "HF_MODULES_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert re.fullmatch("\n".join(PRINTED.values()) + "\n", done.stdout)
