"""Saved folders load in clean processes, with the package and without it, and give the same numbers bit for bit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import AutoModel, AutoModelForAudioClassification

from modeling_mujo import MujoForImuClassification, MujoImuFeatureExtractor, MujoImuModel, MujoModel
from tests.helpers import joint_inputs, tiny_config, tiny_imu_config

ROOT = Path(__file__).parents[1]

LOAD = """
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
from transformers import AutoFeatureExtractor, AutoModel, AutoModelForAudioClassification
folder = Path(sys.argv[1])
remote = {"trust_remote_code": not installed}
inputs = torch.load(folder / "inputs.pt", weights_only=True)
imu, joint = (AutoModel.from_pretrained(folder / name, **remote) for name in ("imu", "joint"))
classifier = AutoModelForAudioClassification.from_pretrained(folder / "classifier", **remote)
extractor = AutoFeatureExtractor.from_pretrained(folder / "imu", **remote)
features = extractor(
    inputs["recording"].numpy(), sampling_rate=100, acceleration_unit="g", gyroscope_unit="deg/s", gravity="included",
    placement="left_wrist", return_tensors="pt",
)
with torch.no_grad():
    outputs = {
        "imu": imu(**features).embeds,
        "joint": joint(**inputs["joint"]).text_embeds,
        "classifier": classifier(**features).logits,
    }
torch.save(outputs, folder / f"{sys.argv[2]}.pt")
print(type(imu).__module__)
"""


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    torch.manual_seed(0)
    imu, joint = MujoImuModel(tiny_imu_config()).eval(), MujoModel(tiny_config()).eval()
    classifier = MujoForImuClassification(tiny_imu_config(num_labels=3)).eval()
    extractor = MujoImuFeatureExtractor()
    for part, name in ((imu, "imu"), (extractor, "imu"), (joint, "joint"), (classifier, "classifier")):
        part.save_pretrained(folder / name)
    # Kernels may round differently on weights that lie elsewhere in memory: compare loaded with loaded.
    imu, joint = (AutoModel.from_pretrained(folder / name) for name in ("imu", "joint"))
    classifier = AutoModelForAudioClassification.from_pretrained(folder / "classifier")
    recording = torch.randn(400, 6, generator=torch.Generator().manual_seed(0))
    inputs = {"recording": recording, "joint": joint_inputs()}
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
    with torch.no_grad():
        expected = {
            "imu": imu(**features).embeds,
            "joint": joint(**inputs["joint"]).text_embeds,
            "classifier": classifier(**features).logits,
        }
    torch.save(expected, folder / "expected.pt")
    return folder


@pytest.mark.parametrize("kind", ["installed", "bare"])
def test_folders_load_bit_equal_in_a_clean_process(saved, tmp_path, kind):
    environment = {**os.environ, "HF_HOME": str(tmp_path), "HF_MODULES_CACHE": str(tmp_path), "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(saved), kind],
        cwd=ROOT if kind == "installed" else tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip().startswith("modeling_mujo" if kind == "installed" else "transformers_modules")
    expected, found = (torch.load(saved / f"{name}.pt", weights_only=True) for name in ("expected", kind))
    for name, value in expected.items():
        assert torch.equal(found[name], value), f"{name} differs"


def test_saved_folders_carry_the_code_they_need(saved):
    needed = {"configuration_mujo.py", "encoders_mujo.py", "layers_mujo.py", "feature_extraction_mujo.py"}
    assert needed <= {path.name for path in (saved / "imu").iterdir()}
    assert {"modeling_mujo.py", "loss_mujo.py"} <= {path.name for path in (saved / "joint").iterdir()}
