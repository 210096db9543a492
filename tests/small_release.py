"""Tiny models as pretraining and fine-tuning leave them, for the tests of release, cards and publishing."""

import json
from pathlib import Path

import pytest
import torch

from dataset_scripts.files import content_hash
from modeling_mujo import MujoForImuClassification, MujoModel
from publishing import prepare, release
from tests.helpers import tiny_config
from tests.small_pipelines import tiny_tokenizer
from training.pretrain import export
from training.saving import save_classifier

TEXT_MODEL = "some/words"
STEPS = 7
FIGURES = {"imu-pose/R@1": 0.25, "imu-pose/R@5": 0.5, "pose-text/R@1": 0.75, "pose-text/R@5": 0.875}
ACTIVITIES = ("walking", "sitting")


def write_trained(output: Path, **arguments) -> Path:
    """What pretraining writes: a folder per encoder, the joint model, the report."""
    torch.manual_seed(0)
    config = tiny_config()
    for part in (config.imu_config, config.pose_config, config.text_config):
        part.pretrained_steps = STEPS
    model = MujoModel(config).eval()
    model.text_model.backbone.config._name_or_path = TEXT_MODEL
    report = {
        "arguments": {
            "batch_size": 8,
            "motion_dir": None,
            "imu_corpora_dir": None,
            "output_dir": str(output),
            "text_model": TEXT_MODEL,
            **arguments,
        },
        "processes": 2,
        "seconds": 5400.0,
        "step": 8,
        "best_step": STEPS,
        "figures": {str(STEPS): FIGURES},
    }
    export(model, tiny_tokenizer(), report, output)
    return output


def write_finetuned(folder: Path, encoder: Path, dataset: str = "motionsense") -> Path:
    """What fine-tuning of `encoder` writes."""
    torch.manual_seed(0)
    names = dict(enumerate(ACTIVITIES))
    model = MujoForImuClassification.from_pretrained(
        encoder, id2label=names, label2id={name: number for number, name in names.items()}
    ).eval()
    report = {
        "arguments": {"dataset": dataset, "method": "lora", "window_seconds": 4.0},
        "trained": "adapters",
        "steps": 300,
        "trained_on": {"people": ["2", "4", "5"], "windows": {"walking": 30, "sitting": 12}, "copies": 8},
        "held_out": "person",
        "test": {
            "macro_f1": 0.875,
            "accuracy": 0.9,
            "f1_per_class": {"walking": 0.75, "sitting": None},
            "macro_f1_per_person": {"1": 0.5, "6": 1.0},
            "confusion_matrix": [[3, 1], [0, 0]],
        },
        "remarks": [],
    }
    folder.mkdir(parents=True)
    save_classifier(model, 4.0, report, folder)
    return folder


def publish_text_encoder(folder: Path, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text encoder of the joint model, where everybody finds it."""
    model = MujoModel.from_pretrained(trained / "joint")
    model.text_model.backbone.save_pretrained(folder)
    monkeypatch.setattr(release, "locate_text_model", lambda name: {TEXT_MODEL: str(folder)}[name])
    monkeypatch.setattr(release, "load_tokenizer", lambda name: {TEXT_MODEL: tiny_tokenizer()}[name])


def skip_clean_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading in a process of its own takes seconds; slow tests do it."""
    monkeypatch.setattr(prepare, "check_in_clean_process", lambda folder: None)


def write_results(folder: Path, weights: Path, joint: Path) -> Path:
    """Label efficiency of the encoder in `weights`, of the `joint` model, of other weights, and of a baseline."""
    folder.mkdir(exist_ok=True)
    fingerprint, of_joint = (content_hash(file)[:12] for file in (weights, joint))
    rows = [
        {
            "kind": kind,
            "amount": amount,
            "method": method,
            "mean": mean,
            "sd": 0.0125,
            "accuracy": 0.9,
            "values": [mean] * 3,
        }
        for method, mean in (("random_forest", 0.7), ("mujo-probe", 0.8125), ("simclr-probe", 0.9))
        for kind, amount in (("k_shot", 1), ("k_shot", 5), ("fraction", 0.1))
    ]
    rows[0]["p_reference"] = 0.01
    alone = {"mean": 0.5, "sd": 0.0, "accuracy": 0.625, "values": [0.5]}
    rows += [
        {"kind": "k_shot", "amount": 1, "method": "mujo-auto_words", **alone},
        {"kind": "k_shot", "amount": 1, "method": "mujo-pose_probe", **alone},
        {"kind": "none", "amount": 0, "method": "mujo-zero_shot", **alone},
    ]
    noted = {
        "random_forest": None,
        "mujo-probe": fingerprint,
        "mujo-auto_words": of_joint,
        "mujo-pose_probe": of_joint,
        "mujo-zero_shot": of_joint,
        "simclr-probe": "0" * 12,
    }
    summary = {
        "folds": [{"train": [2, 4, 5], "test": [1, 6]}],
        "seeds": 5,
        "window_seconds": 4.0,
        "hop_seconds": 2.0,
        "reference": "mujo-probe",
        "methods": {method: {"weights": weights, "num_harmonics": 4} for method, weights in noted.items()},
        "rows": rows,
    }
    content = {"dataset": "motionsense", "protocols": {"fixed": summary}}
    (folder / "label_efficiency_motionsense.json").write_text(json.dumps(content))
    return folder
