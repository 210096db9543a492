"""The release: what is tracked suffices to make everything that is pushed, and licences are kept."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel

from publishing import release as release_module
from publishing.corpora import Corpus, pretraining_corpora, require_permission
from publishing.release import main, release, released_report, write_joint
from tests.small_release import publish_text_encoder, skip_clean_process, write_finetuned, write_trained
from training.pretrain import training_before

WEIGHTS = "model.safetensors"
CHECKOUT = """
import sys
import torch
from safetensors.torch import load_file
from transformers import AutoModel, pipeline
if sys.argv[1] == "installed":
    import modeling_mujo
model = AutoModel.from_pretrained("mujo/imu-encoder", trust_remote_code=sys.argv[1] == "bare").eval()
reference = load_file("mujo/imu-encoder/reference.safetensors")
inputs = {name[6:]: value for name, value in reference.items() if name.startswith("input.")}
with torch.no_grad():
    torch.testing.assert_close(model(**inputs).embeds, reference["output.embeds"])
classifier = pipeline("imu-classification", model="mujo/imu-har-motionsense", trust_remote_code=True)
(whole,) = classifier(
    reference["recording"].numpy(), sampling_rate=100, acceleration_unit="m/s2", gyroscope_unit="rad/s",
    gravity="included", timeline="whole",
)
print(type(model).__module__.split(".")[0], whole["label"])
"""


@pytest.fixture
def trained(tmp_path, monkeypatch) -> Path:
    trained = write_trained(tmp_path / "trained")
    publish_text_encoder(tmp_path / "words", trained, monkeypatch)
    return trained


@pytest.fixture
def quick(monkeypatch):
    skip_clean_process(monkeypatch)


@pytest.mark.usefixtures("quick")
def test_a_release_holds_what_is_pushed(trained, tmp_path):
    classifier = write_finetuned(tmp_path / "har", trained / "imu-encoder")
    release(trained, classifier, tmp_path / "mujo", tmp_path / "joint")
    mujo = tmp_path / "mujo"
    assert sorted(path.name for path in mujo.iterdir()) == [
        "imu-encoder",
        "imu-har-motionsense",
        "joint-parts",
        "pose-encoder",
        "training_report.json",
    ]
    readers = {"handler.py", "requirements.txt", "preprocessor_config.json", "axes.png", "inputs_mujo.py"}
    for name, more in (
        ("imu-encoder", readers),
        ("pose-encoder", {"preprocessor_config.json", "pose_extraction_mujo.py"}),
        ("imu-har-motionsense", readers),
    ):
        held = {path.name for path in (mujo / name).iterdir()}
        assert {WEIGHTS, "config.json", "README.md", "reference.safetensors", "layers_mujo.py"} | more <= held
    for name in ("imu-encoder", "pose-encoder"):  # figures are known by the bytes of the weights
        assert (mujo / name / WEIGHTS).read_bytes() == (trained / name / WEIGHTS).read_bytes()
    config = json.loads((mujo / "imu-har-motionsense" / "config.json").read_text())
    assert "imu-classification" in config["custom_pipelines"]
    assert str(tmp_path) not in "".join(path.read_text() for path in mujo.rglob("*.json"))


@pytest.mark.usefixtures("quick")
def test_the_tracked_folder_alone_gives_the_joint_model_byte_for_byte(trained, tmp_path):
    release(trained, None, tmp_path / "mujo", tmp_path / "release")
    parts = load_file(tmp_path / "mujo" / "joint-parts" / "parts.safetensors")
    assert not [name for name in parts if name.startswith(("text_model.backbone", "imu_model", "pose_model"))]
    shutil.copytree(tmp_path / "mujo", tmp_path / "checkout" / "mujo")
    joint = write_joint(tmp_path / "checkout" / "mujo", tmp_path / "elsewhere")
    assert (joint / WEIGHTS).read_bytes() == (trained / "joint" / WEIGHTS).read_bytes()
    ids = torch.tensor([[2, 3]])
    one, other = (AutoModel.from_pretrained(folder).eval() for folder in (joint, trained / "joint"))
    assert torch.equal(one(input_ids=ids).text_embeds, other(input_ids=ids).text_embeds)
    needed = {"README.md", "axes.png", "handler.py", "pipeline_mujo.py", "tokenizer.json", "processor_config.json"}
    assert needed <= {path.name for path in joint.iterdir()}


def test_a_corpus_without_a_licence_blocks_the_release_and_is_named(tmp_path, capsys):
    write_trained(tmp_path / "trained", imu_corpora_dir="/data/imu_corpora", imu_corpora=["wisdm51", "selfback"])
    command = ["--from", str(tmp_path / "trained"), "--output", str(tmp_path / "mujo"), "--joint", str(tmp_path)]
    assert main(command) == 1
    told = capsys.readouterr().err
    assert "SelfBACK (licence unknown)" in told
    assert "WISDM-51" not in told
    assert not (tmp_path / "mujo").exists()


def test_corpora_are_those_of_the_arguments():
    arguments = {"motion_dir": None, "imu_corpora_dir": "/data"}
    assert [corpus.name for corpus in pretraining_corpora(arguments)][1:] == ["WISDM-51", "SelfBACK"]
    (generated, wisdm) = pretraining_corpora({**arguments, "imu_corpora": ["wisdm51"]})
    require_permission([generated, wisdm])
    assert wisdm.license == "cc-by-4.0"
    with pytest.raises(FileNotFoundError, match="/no/motion"):
        pretraining_corpora({"motion_dir": "/no/motion", "imu_corpora_dir": None})


@pytest.mark.parametrize("license", ["", "unknown", "cc-by-nc-4.0", "CC BY-NC-SA 3.0", "cc-by-4.0-but", "mitigated"])
def test_only_licences_that_permit_it_pass(license):
    with pytest.raises(ValueError, match="may not be published: theirs"):
        require_permission([Corpus("ours", "", "Apache-2.0"), Corpus("theirs", "", license)])


@pytest.mark.parametrize("license", ["cc-by-4.0", "CC BY-SA 3.0; cite them", "mit", "ODC PDDL; cite"])
def test_licences_that_permit_it_pass(license):
    require_permission([Corpus("theirs", "", license)])


@pytest.mark.usefixtures("quick")
def test_a_classifier_of_data_without_a_licence_or_of_another_encoder_is_refused(trained, tmp_path):
    unlicensed = write_finetuned(tmp_path / "a", trained / "imu-encoder", "utd_mhad")
    with pytest.raises(ValueError, match=r"UTD-MHAD \(licence not stated\)"):
        release(trained, unlicensed, tmp_path / "mujo", tmp_path)
    config = trained / "imu-encoder" / "config.json"
    other = tmp_path / "other"
    shutil.copytree(trained / "imu-encoder", other)
    (other / "config.json").write_text(config.read_text().replace('"pretrained_steps": 7', '"pretrained_steps": 9'))
    with pytest.raises(ValueError, match="encoder of 9 steps, the released one has 7"):
        release(trained, write_finetuned(tmp_path / "b", other), tmp_path / "mujo", tmp_path)
    assert not (tmp_path / "mujo").exists()


@pytest.mark.usefixtures("quick")
def test_another_classifier_takes_the_place_of_the_former_one(trained, tmp_path, capsys):
    mujo, joint = tmp_path / "mujo", tmp_path / "release"
    command = ["--output", str(mujo), "--joint", str(joint), "--classifier"]
    classifier = write_finetuned(tmp_path / "har", trained / "imu-encoder")
    assert main([*command, str(classifier)]) == 1
    assert "make a release first" in capsys.readouterr().err
    release(trained, classifier, mujo, joint)
    before = {path: path.read_bytes() for path in mujo.rglob("*") if path.is_file()}
    weights = load_file(classifier / WEIGHTS)
    weights["classifier.bias"] += 1
    save_file(weights, classifier / WEIGHTS, {"format": "pt"})
    assert main([*command, str(classifier)]) == 0
    changed = {path.name for path, content in before.items() if path.read_bytes() != content}
    assert {WEIGHTS, "reference.safetensors"} <= changed <= {WEIGHTS, "reference.safetensors", "README.md"}
    assert load_file(mujo / "imu-har-motionsense" / WEIGHTS)["classifier.bias"].equal(weights["classifier.bias"])


@pytest.mark.usefixtures("quick")
def test_a_refused_release_leaves_the_former_one(trained, tmp_path, monkeypatch):
    release(trained, None, tmp_path / "mujo", tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "mujo").rglob("*") if path.is_file()}
    monkeypatch.setattr(release_module, "MAX_BYTES", 1000)
    with pytest.raises(ValueError, match=r"with at most 0\.001 MB each"):
        release(trained, None, tmp_path / "mujo", tmp_path)
    assert {path: path.read_bytes() for path in (tmp_path / "mujo").rglob("*") if path.is_file()} == before


@pytest.mark.usefixtures("quick")
def test_another_text_encoder_than_in_training_is_noticed(trained, tmp_path):
    weights = load_file(tmp_path / "words" / WEIGHTS)
    save_file({name: 2 * value for name, value in weights.items()}, tmp_path / "words" / WEIGHTS, {"format": "pt"})
    with pytest.raises(ValueError, match="comes out with other bytes"):
        release(trained, None, tmp_path / "mujo", tmp_path / "release")
    assert not (tmp_path / "mujo").exists()
    assert not (tmp_path / "release" / "joint").exists()


@pytest.mark.usefixtures("quick")
def test_encoders_of_different_runs_are_refused(trained, tmp_path):
    weights = load_file(trained / "pose-encoder" / WEIGHTS)
    save_file(
        {name: 2 * value for name, value in weights.items()}, trained / "pose-encoder" / WEIGHTS, {"format": "pt"}
    )
    with pytest.raises(ValueError, match="encoders of different runs"):
        release(trained, None, tmp_path / "mujo", tmp_path)


def test_folders_of_other_things_are_not_replaced(trained, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    assert main(["--from", str(trained), "--output", str(tmp_path / "mine")]) == 1
    assert "holds something, and no release" in capsys.readouterr().err
    assert (tmp_path / "mine" / "letter.txt").is_file()


def test_without_a_release_there_is_no_joint_model(tmp_path, capsys):
    assert main(["--output", str(tmp_path), "--joint", str(tmp_path)]) == 1
    assert "make a release first" in capsys.readouterr().err


@pytest.mark.slow
def test_released_folders_load_in_a_checkout_with_and_without_the_package(trained, tmp_path):
    classifier = write_finetuned(tmp_path / "har", trained / "imu-encoder")
    release(trained, classifier, tmp_path / "mujo", tmp_path / "release")
    for kind, module in (("installed", "modeling_mujo"), ("bare", "transformers_modules")):
        done = subprocess.run(
            [sys.executable, "-c", CHECKOUT, kind],
            cwd=tmp_path,
            env={**os.environ, "HF_HOME": str(tmp_path / kind), "HF_MODULES_CACHE": str(tmp_path / kind)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        assert done.stdout.split()[0] == module
        assert done.stdout.split()[1] in ("walking", "sitting")


def test_the_tracked_models_carry_the_code_of_this_checkout():
    root = Path(__file__).parents[1]
    copies = sorted(root.glob("mujo/*/*.py"))
    sources = {
        file.name: file for folder in ("modeling_mujo", "publishing/endpoint") for file in (root / folder).glob("*.py")
    }
    assert copies
    stale = [str(file) for file in copies if file.read_bytes() != sources[file.name].read_bytes()]
    assert not stale, f"run `make release FROM=... CLASSIFIER=...`: {stale}"


@pytest.mark.usefixtures("quick")
def test_what_a_run_started_from_counts_as_its_own(trained, tmp_path):
    release(trained, None, tmp_path / "mujo", tmp_path / "release")
    first = json.loads((tmp_path / "mujo" / "training_report.json").read_text())
    before = training_before(str(tmp_path / "release" / "joint"))
    assert before == {"steps": first["best_step"], "seconds": first["seconds"], "corpora": first["corpora"]}
    again = {**first, "before": before, "arguments": {**first["arguments"], "start_from": "somewhere"}}
    (tmp_path / "release" / "training_report.json").write_text(json.dumps(again))
    twice = training_before(str(tmp_path / "release" / "joint"))
    assert (twice["steps"], twice["seconds"]) == (2 * before["steps"], 2 * before["seconds"])


@pytest.mark.usefixtures("quick")
def test_runs_that_follow_each_other_are_released_with_the_corpora_of_all(trained, tmp_path):
    """The README's way: pretraining, more of it, self-distillation, and a release of the last alone."""
    first = json.loads((trained / "training_report.json").read_text())
    names = [corpus["name"] for corpus in released_report(trained)["corpora"]]
    for folder, start_from in (("second", trained), ("third", tmp_path / "second")):
        arguments = {**first["arguments"], "motion_dir": None, "imu_corpora_dir": None}
        arguments["start_from"] = str(start_from / "joint")
        shutil.copytree(trained, tmp_path / folder)
        report = {**first, "arguments": arguments, "before": training_before(arguments["start_from"])}
        (tmp_path / folder / "training_report.json").write_text(json.dumps(report))
    third = released_report(tmp_path / "third")
    assert sorted(corpus["name"] for corpus in third["corpora"]) == sorted(names)
    assert third["before"]["steps"] == 2 * first["best_step"]
    (tmp_path / "second" / "training_report.json").unlink()
    with pytest.raises(ValueError, match="not known what those were trained on"):
        released_report(tmp_path / "third")


def test_weights_of_unknown_descent_are_not_released(trained):
    report = json.loads((trained / "training_report.json").read_text())
    report["arguments"]["start_from"] = "somebody/joint"
    (trained / "training_report.json").write_text(json.dumps(report))
    with pytest.raises(ValueError, match="somebody/joint, and it is not known what those were trained on"):
        released_report(trained)
