"""Saved folders load in clean processes, with the package and without it, and give the same numbers bit for bit."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForAudioClassification, pipeline

from modeling_mujo import (
    MujoForImuClassification,
    MujoImuFeatureExtractor,
    MujoImuModel,
    MujoModel,
    MujoPoseFeatureExtractor,
    MujoPoseModel,
    ZeroShotImuClassificationPipeline,
)
from tests.helpers import joint_inputs, tiny_config, tiny_imu_config
from tests.small_pipelines import SI, recording, tiny_classifier, tiny_joint

ROOT = Path(__file__).parents[1]
COLUMNS = ["acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"]

START = """
import sys, torch
from pathlib import Path
installed = sys.argv[2] == "installed"
if installed:
    import modeling_mujo
else:
    # A machine where nothing of ours is installed.
    class Refuse:
        def find_spec(self, name, path=None, target=None):
            if name.split(".")[0] in ("modeling_mujo", "dataset_scripts", "training"):
                raise ModuleNotFoundError(name)
    sys.meta_path.insert(0, Refuse())
folder = Path(sys.argv[1])
"""
LOAD = (
    START
    + """
from transformers import AutoFeatureExtractor, AutoModel, AutoModelForAudioClassification
remote = {"trust_remote_code": not installed}
inputs = torch.load(folder / "inputs.pt", weights_only=True)
imu, pose, joint = (AutoModel.from_pretrained(folder / name, **remote) for name in ("imu", "pose", "joint"))
classifier = AutoModelForAudioClassification.from_pretrained(folder / "classifier", **remote)
extractor = AutoFeatureExtractor.from_pretrained(folder / "imu", **remote)
features = extractor(
    inputs["recording"].numpy(), sampling_rate=100, acceleration_unit="g", gyroscope_unit="deg/s", gravity="included",
    placement="left_wrist", return_tensors="pt",
)
poses = AutoFeatureExtractor.from_pretrained(folder / "pose", **remote)
frames = poses(inputs["pose"], sampling_rate=30, length_unit="m", up="y", floor="unknown", return_tensors="pt")
with torch.no_grad():
    outputs = {
        "imu": imu(**features).embeds,
        "pose": pose(**frames).embeds,
        "joint": joint(**inputs["joint"]).text_embeds,
        "classifier": classifier(**features).logits,
    }
torch.save(outputs, folder / f"{sys.argv[2]}.pt")
print(type(imu).__module__)
"""
)
PIPELINES = (
    START
    + """
import json
from transformers import AutoModel, AutoProcessor, pipeline
description = json.loads(sys.argv[3])
joint = str(folder / "joint")
classifier = pipeline(model=str(folder / "classifier"), trust_remote_code=True, device="cpu", **description)
labels = {"candidate_labels": ["squat", "rest"]}
zero_shot = pipeline(model=joint, trust_remote_code=True, device="cpu", **labels, **description)
processor = AutoProcessor.from_pretrained(joint, trust_remote_code=not installed)
model = AutoModel.from_pretrained(joint, trust_remote_code=not installed).eval()
csv = str(folder / "recording.csv")
print(json.dumps([classifier(csv), zero_shot(csv), processor.embed(model, text="squat").tolist()]))
"""
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    torch.manual_seed(0)
    imu, joint = MujoImuModel(tiny_imu_config()).eval(), MujoModel(tiny_config()).eval()
    pose = MujoPoseModel(tiny_config().pose_config).eval()
    classifier = MujoForImuClassification(tiny_imu_config(num_labels=3)).eval()
    extractor, poses = MujoImuFeatureExtractor(), MujoPoseFeatureExtractor()
    parts = {"imu": (imu, extractor), "pose": (pose, poses), "joint": (joint,), "classifier": (classifier,)}
    for name, views in parts.items():
        for part in views:
            part.save_pretrained(folder / name)
    # Kernels may round differently on weights that lie elsewhere in memory: compare loaded with loaded.
    imu, pose, joint = (AutoModel.from_pretrained(folder / name) for name in ("imu", "pose", "joint"))
    classifier = AutoModelForAudioClassification.from_pretrained(folder / "classifier")
    recording = torch.randn(400, 6, generator=torch.Generator().manual_seed(0))
    stick = torch.tensor([0.0, 1.0, 0.0]) * torch.linspace(0.8, -0.8, 17)[:, None]  # from the head down to an ankle
    upright = stick[[8, 10, 13, 16, 10, 13, 16, 6, 4, 3, 0, 5, 7, 9, 5, 7, 9]].repeat(120, 1, 1)
    inputs = {"recording": recording, "pose": upright, "joint": joint_inputs()}
    torch.save(inputs, folder / "inputs.pt")
    features = extractor(
        recording.numpy(),
        sampling_rate=100,
        acceleration_unit="g",
        gyroscope_unit="deg/s",
        gravity="included",
        placement="left_wrist",
        return_tensors="pt",
    )
    frames = poses(upright, sampling_rate=30, length_unit="m", up="y", floor="unknown", return_tensors="pt")
    with torch.no_grad():
        expected = {
            "imu": imu(**features).embeds,
            "pose": pose(**frames).embeds,
            "joint": joint(**inputs["joint"]).text_embeds,
            "classifier": classifier(**features).logits,
        }
    torch.save(expected, folder / "expected.pt")
    return folder


def run_clean(code: str, kind: str, home: Path, *arguments: str) -> str:
    """What the code prints in a new process, with the package ("installed") or without ("bare")."""
    environment = {**os.environ, "HF_HOME": str(home), "HF_MODULES_CACHE": str(home), "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT if kind == "installed" else home,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


@pytest.mark.parametrize("kind", ["installed", "bare"])
def test_folders_load_bit_equal_in_a_clean_process(saved, tmp_path, kind):
    printed = run_clean(LOAD, kind, tmp_path, str(saved), kind)
    assert printed.startswith("modeling_mujo" if kind == "installed" else "transformers_modules")
    expected, found = (torch.load(saved / f"{name}.pt", weights_only=True) for name in ("expected", kind))
    for name, value in expected.items():
        assert torch.equal(found[name], value), f"{name} differs"


def test_saved_folders_carry_the_code_they_need(saved):
    needed = {"configuration_mujo.py", "encoders_mujo.py", "layers_mujo.py", "feature_extraction_mujo.py"}
    assert needed <= {path.name for path in (saved / "imu").iterdir()}
    assert {"pose_extraction_mujo.py", "window_extraction_mujo.py"} <= {
        path.name for path in (saved / "pose").iterdir()
    }
    assert {"modeling_mujo.py", "loss_mujo.py"} <= {path.name for path in (saved / "joint").iterdir()}


@pytest.fixture(scope="module")
def saved_pipelines(tmp_path_factory) -> tuple[Path, list]:
    """Folders saved by pipelines, a recording beside them, and what the pipelines say of it."""
    folder = tmp_path_factory.mktemp("pipelines")
    values = recording(9)
    np.savetxt(folder / "recording.csv", values, "%.18g", ",", header=",".join(COLUMNS), comments="")
    classifier = pipeline(
        "imu-classification", model=tiny_classifier(), feature_extractor=MujoImuFeatureExtractor(), device="cpu", **SI
    )
    model, processor = tiny_joint()
    zero_shot = ZeroShotImuClassificationPipeline(
        model=model,
        feature_extractor=processor.feature_extractor,
        tokenizer=processor.tokenizer,
        device="cpu",
        candidate_labels=["squat", "rest"],
        **SI,
    )
    classifier.save_pretrained(folder / "classifier")
    zero_shot.save_pretrained(folder / "joint")
    return folder, [classifier(values), zero_shot(values), processor.embed(model, text="squat").tolist()]


@pytest.mark.parametrize("kind", ["installed", "bare"])
def test_pipelines_and_processor_answer_in_a_clean_process(saved_pipelines, tmp_path, kind):
    folder, expected = saved_pipelines
    *timelines, embeds = json.loads(run_clean(PIPELINES, kind, tmp_path, str(folder), kind, json.dumps(SI)))
    for found, rows in zip(timelines, expected, strict=False):
        assert [row["label"] for row in found] == [row["label"] for row in rows]
        np.testing.assert_allclose([row["score"] for row in found], [row["score"] for row in rows], atol=1e-6)
    np.testing.assert_allclose(embeds, expected[-1], atol=1e-6)


def test_folders_of_pipelines_carry_pipelines(saved_pipelines):
    folder, _ = saved_pipelines
    needed = {"pipeline_mujo.py", "inputs_mujo.py", "timeline_mujo.py", "processing_mujo.py", "recordings_mujo.py"}
    for name in ("classifier", "joint"):
        assert needed <= {path.name for path in (folder / name).iterdir()}
