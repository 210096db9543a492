"""Publishing, with the real client, to a Hub on this machine: what is pushed loads elsewhere; faults do no harm."""

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path

import datasets
import pytest
import torch
from safetensors.torch import load_file, save_file

from dataset_scripts.fimad import fimad
from dataset_scripts.fimad.synthesis import EXERCISES
from dataset_scripts.publish import publish
from publishing.folders import check_files, find_folders
from publishing.reference import check_in_clean_process
from publishing.release import release
from tests.hub_server import HubServer
from tests.small_release import ACTIVITIES, publish_text_encoder, skip_clean_process, write_finetuned, write_trained

ROOT = Path(__file__).parents[1]
TOKEN = "hf_good"

UPLOAD = """
import sys
from pathlib import Path
from huggingface_hub import HfApi
from publishing.upload import login, upload
api = HfApi()
login(api, "mujo")
print(upload(api, Path(sys.argv[1]), "mujo/steps", "model", revision=sys.argv[2]))
"""

LOAD = """
import sys
if sys.argv[1] == "installed":
    import modeling_mujo
else:
    class Refuse:
        def find_spec(self, name, path=None, target=None):
            if name.split(".")[0] in ("modeling_mujo", "dataset_scripts", "training", "publishing"):
                raise ModuleNotFoundError(name)
    sys.meta_path.insert(0, Refuse())
import torch
from huggingface_hub import hf_hub_download
from safetensors.torch import load_file
from transformers import AutoModel, pipeline
model = AutoModel.from_pretrained("mujo/imu-encoder", trust_remote_code=sys.argv[1] == "bare").eval()
reference = load_file(hf_hub_download("mujo/imu-encoder", "reference.safetensors"))
inputs = {name[6:]: value for name, value in reference.items() if name.startswith("input.")}
with torch.no_grad():
    torch.testing.assert_close(model(**inputs).embeds, reference["output.embeds"])
print(type(model).__module__.split(".")[0])
recording = reference["recording"].numpy()
described = dict(sampling_rate=100, acceleration_unit="m/s2", gyroscope_unit="rad/s", gravity="included")
for task, name, names in (
    ("imu-classification", "mujo/imu-har-motionsense", {}),
    ("zero-shot-imu-classification", "mujo/joint", {"candidate_labels": ["squats", "walking"]}),
):
    (answer,) = pipeline(task, model=name, trust_remote_code=True)(recording, timeline="whole", **names, **described)
    print(answer["label"])
"""

LOAD_DATASET = """
import sys
from datasets import load_dataset
loaded, streamed = (load_dataset("mujo/fimad", streaming=streaming) for streaming in (False, True))
for split in loaded:
    assert next(iter(streamed[split]))["title"] == loaded[split][0]["title"]
print({split: len(rows) for split, rows in loaded.items()})
"""


@pytest.fixture
def hub():
    with HubServer({TOKEN: "mujo", "hf_other": "somebody"}) as server:
        yield server


def run(hub: HubServer, cache: Path, *command: str, token: str | None = TOKEN, cwd: Path = ROOT):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "PYTHONPATH"))}
    environment |= hub.environment(token, cache) | {"OMP_NUM_THREADS": "1", "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    return subprocess.run(
        [sys.executable, *command], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def succeed(*arguments, **keywords) -> str:
    done = run(*arguments, **keywords)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "steps"
    folder.mkdir()
    save_file({"weight": torch.arange(30_000.0)}, folder / "model.safetensors")
    (folder / "config.json").write_text("{}")
    (folder / ".hidden").write_text("stays here")
    return folder


def test_an_upload_makes_one_commit_and_none_if_nothing_changed(hub, folder, tmp_path):
    assert "/commit/" in succeed(hub, tmp_path, "-c", UPLOAD, str(folder), "main")
    repository = hub.repositories["models", "mujo/steps"]
    assert set(repository.files()) == {"config.json", "model.safetensors"}
    assert repository.files()["model.safetensors"] == (folder / "model.safetensors").read_bytes()
    commits = len(repository.commits)
    assert "commit=None" in succeed(hub, tmp_path, "-c", UPLOAD, str(folder), "main")
    assert len(repository.commits) == commits


def test_a_repository_that_exists_keeps_its_other_files_but_no_stale_weights(hub, folder, tmp_path):
    succeed(hub, tmp_path, "-c", UPLOAD, str(folder), "main")
    repository = hub.repositories["models", "mujo/steps"]
    repository.commit("main", {**repository.files(), "picture.png": b"mine", "model-00001.safetensors": b"old"})
    succeed(hub, tmp_path, "-c", UPLOAD, str(folder), "main")
    assert set(repository.files()) == {"config.json", "model.safetensors", "picture.png"}


def test_a_revision_leaves_main_as_it_was(hub, folder, tmp_path):
    assert "/tree/v1" in succeed(hub, tmp_path, "-c", UPLOAD, str(folder), "v1")
    repository = hub.repositories["models", "mujo/steps"]
    assert "config.json" in repository.files("v1")
    assert repository.files("main") == {}


@pytest.mark.parametrize(
    ("token", "message"),
    [("hf_bad", "does not know this token"), (None, "no token"), ("hf_other", "for somebody, not for mujo")],
)
def test_tokens_are_checked_first(hub, folder, tmp_path, token, message):
    done = run(hub, tmp_path, "-c", UPLOAD, str(folder), "main", token=token)
    assert done.returncode
    assert message in done.stderr
    assert not hub.repositories


def test_a_conflict_is_told_and_changes_nothing(hub, folder, tmp_path):
    hub.faults["conflict"] = 1
    done = run(hub, tmp_path, "-c", UPLOAD, str(folder), "main")
    assert "changed by somebody else" in done.stderr
    assert hub.repositories["models", "mujo/steps"].files() == {}


def test_a_connection_that_drops_in_the_middle_of_a_file_is_taken_up_again(hub, folder, tmp_path):
    hub.faults["drop_upload"] = 1
    succeed(hub, tmp_path, "-c", UPLOAD, str(folder), "main")
    files = hub.repositories["models", "mujo/steps"].files()
    assert files["model.safetensors"] == (folder / "model.safetensors").read_bytes()


def test_after_a_failure_what_arrived_is_not_sent_again(hub, folder, tmp_path):
    hub.faults["drop_commit"] = 1
    assert run(hub, tmp_path, "-c", UPLOAD, str(folder), "main").returncode
    assert hub.repositories["models", "mujo/steps"].files() == {}
    succeed(hub, tmp_path, "-c", UPLOAD, str(folder), "main")
    assert "model.safetensors" in hub.repositories["models", "mujo/steps"].files()
    assert list(hub.uploads.values()) == [1]


@pytest.mark.parametrize("name", ["optimizer.pt", "notes.txt"])
def test_pickles_are_refused_whatever_their_name(folder, name):
    (folder / name).write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(ValueError, match="pickle"):
        check_files(folder)


def test_links_and_paths_of_this_machine_are_refused(folder):
    check_files(folder)
    (folder / "config.json").write_text(json.dumps({"text_config": {"_name_or_path": "/home/me/model"}}))
    with pytest.raises(ValueError, match="/home/me/model"):
        check_files(folder)
    (folder / "config.json").write_text(json.dumps({"arguments": {"data_dir": "/home/me/recordings"}}))
    with pytest.raises(ValueError, match="/home/me/recordings"):
        check_files(folder)
    (folder / "config.json").write_text("{}")
    (folder / "secret.txt").symlink_to("/etc/hostname")
    with pytest.raises(ValueError, match="link"):
        check_files(folder)


def test_folders_are_found_by_what_they_hold(folder, tmp_path):
    assert find_folders([tmp_path], ["models"]) == [("model", folder)]
    with pytest.raises(ValueError, match=r"config\.json"):
        find_folders([tmp_path], ["datasets"])
    page = write_page(tmp_path / "page")
    assert find_folders([tmp_path], ["models", "space"]) == [("space", page), ("model", folder)]


def write_page(folder: Path) -> Path:
    folder.mkdir()
    (folder / "README.md").write_text("---\ntitle: MuJo\nsdk: static\n---\n\n# MuJo\n")
    (folder / "index.html").write_text("<p>move</p>")
    (folder / "encoder.onnx").write_bytes(bytes(20_000))
    return folder


def test_a_page_becomes_a_static_space_and_nothing_of_an_earlier_one_stays(hub, tmp_path):
    page = write_page(tmp_path / "imu-page")
    command = ["push_to_hub.py", "--namespace", "mujo", "--what", "space", "--folder", str(page)]
    assert f"see {hub.address}/spaces/mujo/imu-page" in succeed(hub, tmp_path, *command)
    space = hub.repositories["spaces", "mujo/imu-page"]
    assert space.sdk == "static"
    assert set(space.files()) == {"README.md", "index.html", "encoder.onnx"}
    assert "nothing changed" in succeed(hub, tmp_path, *command)
    (page / "encoder.onnx").rename(page / "encoder_int8.onnx")
    succeed(hub, tmp_path, *command)
    assert set(space.files()) == {"README.md", "index.html", "encoder_int8.onnx"}


@pytest.fixture
def released(tmp_path, monkeypatch) -> Path:
    """A release with its joint model in `release`, and an encoder that nothing was trained with."""
    trained = write_trained(tmp_path / "trained")
    publish_text_encoder(tmp_path / "words", trained, monkeypatch)
    skip_clean_process(monkeypatch)
    classifier = write_finetuned(tmp_path / "har", trained / "imu-encoder")
    release(trained, classifier, tmp_path / "mujo", tmp_path / "release")
    shutil.copytree(trained / "video-encoder", tmp_path / "mujo" / "video-encoder")
    return tmp_path / "mujo"


@pytest.mark.slow
def test_other_numbers_than_the_reference_are_refused(released):
    folder = released / "imu-encoder"
    check_in_clean_process(folder)
    weights = load_file(folder / "model.safetensors")
    save_file({name: 1.1 * value for name, value in weights.items()}, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ValueError, match="differs from imu-encoder's reference"):
        check_in_clean_process(folder)
    (folder / "layers_mujo.py").unlink()
    with pytest.raises(ValueError, match="does not load"):
        check_in_clean_process(folder)


@pytest.mark.slow
def test_models_pushed_load_for_people_who_have_nothing_of_ours(hub, released, tmp_path):
    command = ["push_to_hub.py", "--namespace", "mujo", "--what", "models", "--folder"]
    encoder = str(released / "imu-encoder")
    assert "would send" in succeed(hub, tmp_path, *command, encoder, "--dry-run", token=None)
    assert not hub.repositories
    told = succeed(hub, tmp_path, *command, str(released), str(tmp_path / "release"))
    assert f"mujo/imu-encoder: committed {hub.address}" in told
    assert "mujo/video-encoder: left out" in told
    names = ("mujo/imu-encoder", "mujo/imu-har-motionsense", "mujo/joint", "mujo/pose-encoder")
    assert sorted(hub.repositories) == [("models", name) for name in names]
    assert "nothing changed" in succeed(hub, tmp_path, *command, encoder)

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    bare = succeed(hub, tmp_path / "a", "-c", LOAD, "bare", token=None, cwd=elsewhere).split()
    installed = succeed(hub, tmp_path / "b", "-c", LOAD, "installed", token=None, cwd=elsewhere).split()
    assert (bare.pop(0), installed.pop(0)) == ("transformers_modules", "modeling_mujo")
    assert bare == installed
    assert bare[0] in ACTIVITIES
    files = hub.repositories["models", "mujo/imu-encoder"].files()
    assert {"handler.py", "requirements.txt", "axes.png"} <= files.keys()
    (quick_start,) = re.findall(r"```python\n(.*?)```", files["README.md"].decode(), re.DOTALL)
    assert succeed(hub, tmp_path / "c", "-c", quick_start, token=None, cwd=elsewhere) == "torch.Size([1, 16])\n"


@pytest.mark.slow
def test_a_data_set_pushed_loads_whole_and_streamed(hub, tmp_path, monkeypatch):
    monkeypatch.setattr(fimad, "EXERCISES", EXERCISES[:2])
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))
    folder = publish("fimad", tmp_path / "fimad")
    command = ["push_to_hub.py", "--namespace", "mujo", "--what", "datasets", "--folder", str(folder), "--private"]
    assert "mujo/fimad: committed" in succeed(hub, tmp_path, *command)
    repository = hub.repositories["datasets", "mujo/fimad"]
    assert repository.private
    assert "fimad.py" in repository.files("script")
    assert "fimad.py" not in repository.files("main")  # datasets 4 would refuse it
    assert succeed(hub, tmp_path, *command).count("nothing changed") == 2
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert "{'train': 16, 'validation': 4}" in succeed(hub, tmp_path / "a", "-c", LOAD_DATASET, cwd=elsewhere)
