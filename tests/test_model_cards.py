"""Model cards: numbers come from files, figures of other weights never appear, no card goes without any."""

import hashlib
import json
from pathlib import Path

import pytest
import torch
from huggingface_hub import ModelCard
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import PreTrainedTokenizerFast

from modeling_mujo import MujoConfig, MujoImuFeatureExtractor, MujoImuModel, MujoModel, MujoPoseConfig, MujoPoseModel
from publishing.cards import check_tables, pretrained_steps, write_model_card
from tests.helpers import SMALL, tiny_config, tiny_imu_config
from training.reference import write_reference

FIGURES = {"imu-pose/R@1": 0.25, "imu-pose/R@5": 0.5, "pose-text/R@1": 0.75, "pose-text/R@5": 0.875}


@pytest.fixture
def outputs(tmp_path) -> Path:
    torch.manual_seed(0)
    outputs = tmp_path / "outputs"
    models = {
        "imu-encoder": MujoImuModel(tiny_imu_config(pretrained_steps=7)),
        "pose-encoder": MujoPoseModel(MujoPoseConfig(**SMALL, pretrained_steps=7)),
    }
    for name, model in models.items():
        model.save_pretrained(outputs / name)
        MujoImuFeatureExtractor().save_pretrained(outputs / name)
        write_reference(outputs / name)
    write_report(outputs)
    return outputs


def write_report(outputs: Path, step: int = 7, figures: dict | None = None, **arguments) -> None:
    report = {
        "arguments": {"batch_size": 8, "motion_dir": None, "text_model": "some/words", **arguments},
        "processes": 2,
        "seconds": 5400.0,
        "best_step": step,
        "figures": {str(step): FIGURES if figures is None else figures},
    }
    (outputs / "training_report.json").write_text(json.dumps(report))


def write_results(folder: Path, weights: Path) -> Path:
    """Results of the encoder in `weights`, of one with other weights, and of a baseline."""
    folder.mkdir(exist_ok=True)
    fingerprint = hashlib.sha256(weights.read_bytes()).hexdigest()[:12]
    rows = [
        {"kind": kind, "amount": amount, "method": method, "mean": mean, "sd": 0.0125, "values": [mean] * 5}
        for method, mean in (("forest", 0.7), ("ours", 0.8125), ("others", 0.9))
        for kind, amount in (("k_shot", 1), ("fraction", 0.1))
    ]
    methods = {"forest": {"weights": None}, "ours": {"weights": fingerprint}, "others": {"weights": "0" * 12}}
    summary = {"metric": "macro-F1", "methods": methods, "rows": rows}
    content = {"dataset": "motionsense", "protocols": {"fixed": summary}}
    (folder / "label_efficiency_motionsense.json").write_text(json.dumps(content))
    return folder


def test_figures_of_these_weights_and_of_baselines_are_told_with_their_spread(outputs, tmp_path):
    folder = outputs / "imu-encoder"
    results = write_results(tmp_path / "results", folder / "model.safetensors")
    card = ModelCard.load(write_model_card(folder, "mujo/imu-encoder", results))
    assert "| **ours** | 0.812 ± 0.013 | 0.812 ± 0.013 |" in card.text
    assert "| forest | 0.700 ± 0.013 | 0.700 ± 0.013 |" in card.text
    assert "| method | 1 window per class | 10% of the labels |" in card.text
    assert "others" not in card.text.replace("the others are baselines", "")
    values = {result.metric_name: result.metric_value for result in card.data.eval_results}
    assert values["macro-F1, ours, 1 window per class"] == 0.8125
    assert values["R@1 imu-pose"] == 0.25
    assert "R@1 pose-text" not in values  # not of this encoder


def test_after_other_training_old_benchmarks_are_gone(outputs, tmp_path):
    folder = outputs / "imu-encoder"
    results = write_results(tmp_path / "results", outputs / "pose-encoder" / "model.safetensors")
    assert "motionsense" not in write_model_card(folder, "mujo/imu-encoder", results).read_text()


def test_the_card_tells_cost_steps_shapes_and_what_was_simulated(outputs, tmp_path):
    card = write_model_card(outputs / "imu-encoder", "mujo/imu-encoder", tmp_path)
    text = card.read_text()
    assert "1.50 hours, 7 steps of 8 clips on 2 processes, measured" in text
    assert "about 0.30 kWh" in text
    assert "| `embeds` | 16 |" in text
    assert "All IMU of the pretraining is simulated" in text
    assert "license: apache-2.0" in text
    assert write_model_card(outputs / "imu-encoder", "mujo/imu-encoder", tmp_path).read_text() == text
    write_report(outputs, imu_corpora_dir="/data/imu", motion_dir="/data/motion")
    text = write_model_card(outputs / "imu-encoder", "mujo/imu-encoder", tmp_path).read_text()
    assert "All IMU of the pretraining is simulated" not in text
    assert "/data" not in text


def test_a_part_that_was_not_trained_is_called_random(tmp_path):
    config: MujoConfig = tiny_config()
    config.imu_config.pretrained_steps = 7
    outputs = tmp_path / "outputs"
    MujoModel(config).save_pretrained(outputs / "joint")
    MujoImuFeatureExtractor().save_pretrained(outputs / "joint")
    assert pretrained_steps(outputs / "joint") == 7
    write_report(outputs)
    with pytest.raises(ValueError, match=r"reference\.safetensors"):
        write_model_card(outputs / "joint", "mujo/joint", tmp_path)
    save_file({"output.imu_embeds": torch.zeros(1, 16)}, outputs / "joint" / "reference.safetensors")
    text = write_model_card(outputs / "joint", "mujo/joint", tmp_path).read_text()
    assert "| imu | 7 |" in text
    assert "| video | none: random" in text
    assert "base_model: some/words" in text


def test_nothing_measured_no_card(outputs, tmp_path):
    write_report(outputs, figures={})
    with pytest.raises(ValueError, match=r"table of .* would be empty"):
        write_model_card(outputs / "imu-encoder", "mujo/imu-encoder", tmp_path)
    assert not (outputs / "imu-encoder" / "README.md").exists()


def test_a_report_of_another_run_is_refused(outputs, tmp_path):
    write_report(outputs, step=8)
    with pytest.raises(ValueError, match="at step 8, the config says 7"):
        write_model_card(outputs / "imu-encoder", "mujo/imu-encoder", tmp_path)


def test_empty_tables_are_found_wherever_they_stand():
    check_tables("| a |\n|---|\n| 1 |\n", Path("x"))
    for text in ("| a |\n|---|\n\ntext", "| a | b |\n|:---|---:|"):
        with pytest.raises(ValueError, match="empty"):
            check_tables(text, Path("x"))


def word_tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "[PAD]": 1, "walking": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]")


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("imu-encoder", "torch.Size([1, 16])"),
        ("pose-encoder", "torch.Size([1, 16])"),
        ("text-encoder", "torch.Size([2, 16])"),
        ("joint", "tensor(["),
    ],
)
def test_quick_starts_run_as_printed(outputs, tmp_path, capsys, name, printed):
    folder = outputs / name
    if name in ("text-encoder", "joint"):
        config = tiny_config()
        config.text_config.pretrained_steps = 7
        joint = MujoModel(config)
        (joint if name == "joint" else joint.text_model).save_pretrained(folder)
        word_tokenizer().save_pretrained(folder)
        MujoImuFeatureExtractor().save_pretrained(folder)
        write_reference(folder)
    text = write_model_card(folder, f"mujo/{name}", tmp_path).read_text()
    code = text.partition("```python\n")[2].partition("```")[0]
    # The id names the folder here, and the installed code is run, as the card says it may be.
    exec(code.replace(f"mujo/{name}", str(folder)).replace(", trust_remote_code=True", ""), {})
    assert capsys.readouterr().out.startswith(printed)
