"""Assemble what is released: models exactly as they are pushed, small enough to be tracked, and the joint model.

    python -m publishing.release --from outputs/mujo --classifier outputs/har     # a new release, in mujo/
    python -m publishing.release --classifier outputs/har                         # another classifier of that in mujo/
    python -m publishing.release                                                  # the joint model of that in mujo/

The text encoder that the joint model reads words with is others' and large. So `mujo/joint-parts` keeps only what
neither the encoders beside it nor the published text encoder hold, and the joint model is put together of the three.
Nothing is replaced before all of it has passed its checks. docs/publishing.md tells more.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from shutil import copyfile
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoModel

from dataset_scripts.files import content_hash
from dataset_scripts.text_models import locate_text_model
from modeling_mujo import (
    MujoConfig,
    MujoForImuClassification,
    MujoImuFeatureExtractor,
    MujoImuModel,
    MujoModel,
    MujoPoseFeatureExtractor,
    MujoPoseModel,
    ZeroShotImuClassificationPipeline,
)
from publishing.corpora import Corpus, benchmark_corpus, pretraining_corpora, require_permission
from publishing.folders import IMU_ENCODER, POSE_ENCODER, WEIGHTS
from publishing.prepare import prepare_model
from publishing.reference import require_reference
from training.pretrain import TRAINING_REPORT, write_folder
from training.reference import REFERENCE, write_reference
from training.saving import REPORT, save_classifier
from training.text import load_tokenizer

NAMESPACE = "mujo"
JOINT, JOINT_PARTS, PARTS_FILE = "joint", "joint-parts", "parts.safetensors"
MAX_BYTES = 12_000_000  # of the weights of a tracked folder
# Where the tensors of an encoder are in the joint model.
_PREFIXES = {IMU_ENCODER: "imu_model.", POSE_ENCODER: "pose_model."}
_BACKBONE = "text_model.backbone."
_JOINT_PARTS_README = """\
# Parts of the joint model

What `imu-encoder`, `pose-encoder` and the published text encoder do not hold. `make release` puts the joint model
together in `outputs/release/joint`.
"""


def main(command_line: Sequence[str] | None = None) -> int:
    """Make the release; 1 if it was refused."""
    arguments = _parse(command_line)
    try:
        if arguments.trained is not None:
            release(arguments.trained, arguments.classifier, arguments.output, arguments.joint)
        else:
            if arguments.classifier is not None:
                release_classifier(arguments.classifier, arguments.output)
            write_joint(arguments.output, arguments.joint)
    except (ValueError, FileNotFoundError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    for folder in (arguments.output, arguments.joint):
        for weights in sorted(folder.glob("*/*.safetensors")):
            if weights.name != REFERENCE:
                print(f"{weights}: {weights.stat().st_size / 1e6:.1f} MB")
    return 0


def _parse(command_line: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="trained", type=Path, help="folder that pretraining wrote")
    parser.add_argument("--classifier", type=Path, help="folder that fine-tuning of its IMU encoder wrote")
    parser.add_argument("--output", type=Path, default=Path("mujo"), help="folder of the release")
    parser.add_argument("--joint", type=Path, default=Path("outputs/release"), help="where the joint model goes")
    return parser.parse_args(command_line)


def release(trained: Path, classifier: Path | None, output: Path, joint: Path) -> None:
    """
    Replace the release in `output` by the models of a pretraining, and write the joint model below `joint`.

    Raises:
        ValueError: a corpus does not permit it, a folder is not what it should be or another run's, weights are too
            large, a card would be empty, or a model does not load elsewhere.
        FileNotFoundError: something is missing (it is named).
    """
    _check_replaceable(output)
    report = released_report(trained)
    write_folder(output, partial(_write_release, trained, classifier, report, joint))


def _write_release(trained: Path, classifier: Path | None, report: dict, joint: Path, output: Path) -> None:
    save_encoders(trained, output)
    save_joint_parts(trained, output)
    (output / TRAINING_REPORT).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    for name in (IMU_ENCODER, POSE_ENCODER):
        _check_size(output / name / WEIGHTS)
        prepare_model(output / name, f"{NAMESPACE}/{name}")
    if classifier is not None:
        _write_classifier(classifier, output / IMU_ENCODER, output / classifier_name(classifier))
    write_joint(output, joint, measured=trained / JOINT / WEIGHTS)


def release_classifier(classifier: Path, output: Path) -> None:
    """
    Put another fine-tuned classifier into the release in `output`.

    Raises:
        ValueError: what it was fine-tuned on does not permit it, or it is of another encoder, too large, or does not
            load elsewhere.
        FileNotFoundError: there is no release, or no classifier.
    """
    _require_release(output)
    target = output / classifier_name(classifier)
    write_folder(target, partial(_write_classifier, classifier, output / IMU_ENCODER))


def _write_classifier(source: Path, encoder: Path, target: Path) -> None:
    save_released_classifier(source, encoder, target)
    _check_size(target / WEIGHTS)
    prepare_model(target, f"{NAMESPACE}/{classifier_name(source)}")


def _require_release(output: Path) -> None:
    if not (output / JOINT_PARTS / PARTS_FILE).is_file():
        raise FileNotFoundError(f"no {output / JOINT_PARTS / PARTS_FILE}: make a release first, with --from")


def _check_replaceable(output: Path) -> None:
    if output.exists() and any(output.iterdir()) and not (output / TRAINING_REPORT).is_file():
        raise ValueError(f"{output} holds something, and no release: choose another --output")


def _check_size(weights: Path) -> None:
    if weights.stat().st_size > MAX_BYTES:
        raise ValueError(
            f"{weights} has {weights.stat().st_size / 1e6:.1f} MB; a release is tracked, with at most "
            f"{MAX_BYTES / 1e6:g} MB each"
        )


def released_report(trained: Path) -> dict[str, Any]:
    """
    The training report without the folders of this machine, with the corpora that went in, and with the SHA-256 of the
    joint model's weights, under which benchmarks note figures.

    Raises:
        ValueError: a corpus does not permit the release.
        FileNotFoundError: the report, or the motion capture it names, is not there.
    """
    report = json.loads((trained / TRAINING_REPORT).read_text(encoding="utf-8"))
    folders = {name for name in report["arguments"] if name.endswith("_dir")} | {"start_from"}
    arguments = {name: value for name, value in report["arguments"].items() if name not in folders}
    corpora = corpora_behind(report)
    require_permission(corpora)
    # Reports from before the device was noted are of the processor.
    device = report.get("device", "cpu")
    return {
        **report,
        "arguments": arguments,
        "device": device,
        "corpora": [asdict(corpus) for corpus in corpora],
        "joint_sha256": content_hash(trained / JOINT / WEIGHTS),
    }


def corpora_behind(report: dict[str, Any]) -> list[Corpus]:
    """
    What went into a run and into all the runs that it goes back to.

    Raises:
        ValueError: it started from a model of which no report tells what it was trained on.
        FileNotFoundError: motion capture that one of the reports names is not there.
    """
    corpora = pretraining_corpora(report["arguments"])
    if report["arguments"].get("start_from") is not None:
        corpora += [corpus for corpus in _corpora_before(report) if corpus not in corpora]
    return corpora


def _corpora_before(report: dict[str, Any]) -> list[Corpus]:
    """Those that a release noted, else those of the run beside whose report the model to start from lies."""
    start_from, before = report["arguments"]["start_from"], report.get("before")
    if before and before["corpora"]:
        return [Corpus(**corpus) for corpus in before["corpora"]]
    earlier = Path(start_from).parent / TRAINING_REPORT
    if not before or not earlier.is_file():
        raise ValueError(
            f"these weights started from {start_from}, and it is not known what those were trained on: start from a "
            "release (outputs/release/joint) or the folder of a run (outputs/mujo/joint), and keep its report"
        )
    return corpora_behind(json.loads(earlier.read_text(encoding="utf-8")))


def save_encoders(trained: Path, output: Path) -> None:
    """IMU and pose encoder with the code of this checkout, and the references of the machine that trained them."""
    for name, model_class, extractor in (
        (IMU_ENCODER, MujoImuModel, MujoImuFeatureExtractor()),
        (POSE_ENCODER, MujoPoseModel, MujoPoseFeatureExtractor()),
    ):
        source, target = trained / name, output / name
        model_class.from_pretrained(source).save_pretrained(target)
        extractor.save_pretrained(target)
        copyfile(source / WEIGHTS, target / WEIGHTS)  # figures belong to these very bytes
        copyfile(require_reference(source), target / REFERENCE)


def save_joint_parts(trained: Path, output: Path) -> None:
    """
    What the joint model has beside the encoders in `output` and the published text encoder.

    Raises:
        ValueError: the encoders are not those of the joint model.
    """
    source, target = trained / JOINT, output / JOINT_PARTS
    rest = {name: value for name, value in load_file(source / WEIGHTS).items() if not name.startswith(_BACKBONE)}
    for name, value in _encoder_tensors(output).items():
        if not rest.pop(name).equal(value):
            raise ValueError(f"{trained} holds encoders of different runs: {name} is another one in {JOINT}")
    target.mkdir(parents=True)
    save_file(rest, target / PARTS_FILE)
    MujoConfig.from_pretrained(source).save_pretrained(target)
    copyfile(require_reference(source), target / REFERENCE)
    (target / "README.md").write_text(_JOINT_PARTS_README, encoding="utf-8")


def _encoder_tensors(release_folder: Path) -> dict[str, Tensor]:
    """The tensors of IMU and pose encoder by their names in the joint model."""
    return {
        prefix + name: value
        for folder, prefix in _PREFIXES.items()
        for name, value in load_file(release_folder / folder / WEIGHTS).items()
    }


def classifier_name(source: Path) -> str:
    """
    `imu-har-DATASET`, by the report of a fine-tuning.

    Raises:
        FileNotFoundError: `source` holds no classifier.
    """
    return f"imu-har-{_finetuning_report(source)['arguments']['dataset'].replace('_', '-')}"


def _finetuning_report(source: Path) -> dict[str, Any]:
    if not (source / REPORT).is_file():
        raise FileNotFoundError(f"{source} holds no {REPORT}: give the output_dir of `train.py --task finetune`")
    return json.loads((source / REPORT).read_text(encoding="utf-8"))


def save_released_classifier(source: Path, encoder_folder: Path, target: Path) -> None:
    """
    A fine-tuned classifier of the encoder in `encoder_folder`, with the code of this checkout.

    Raises:
        ValueError: what it was fine-tuned on does not permit it, or it is of another encoder.
        FileNotFoundError: `source` holds no classifier.
    """
    report = _finetuning_report(source)
    settings = report["arguments"]
    corpus = benchmark_corpus(settings["dataset"])
    require_permission([corpus])
    model = MujoForImuClassification.from_pretrained(source)
    encoder = MujoImuModel.from_pretrained(encoder_folder)
    if model.config.pretrained_steps != encoder.config.pretrained_steps:
        raise ValueError(
            f"{source} was fine-tuned from an encoder of {model.config.pretrained_steps} steps, the released one has "
            f"{encoder.config.pretrained_steps}: fine-tune that one"
        )
    save_classifier(model, settings["window_seconds"], {**report, "corpus": asdict(corpus)}, target)
    write_reference(target)


def write_joint(release_folder: Path, output: Path, measured: Path | None = None) -> Path:
    """
    Put the joint model together from a release and the published text encoder; returns its folder.

    Args:
        release_folder: what `release` wrote.
        output: `joint` is written in it, and the training report beside.
        measured: weights whose very bytes are to come out, for figures are known by them.

    Raises:
        FileNotFoundError: there is no release.
        ValueError: the joint model is not the one that was trained, by its reference or by the bytes of `measured`.
    """
    _require_release(release_folder)
    model = _join(release_folder)
    output.mkdir(parents=True, exist_ok=True)
    copyfile(release_folder / TRAINING_REPORT, output / TRAINING_REPORT)
    write_folder(output / JOINT, partial(_save_joint, model, release_folder, measured))
    return output / JOINT


def _join(release_folder: Path) -> MujoModel:
    config = MujoConfig.from_pretrained(release_folder / JOINT_PARTS)
    backbone = AutoModel.from_pretrained(locate_text_model(_text_model(config)))
    tensors: Mapping[str, Tensor] = {
        # The average over the steps of training made 0 of its -0, and figures are known by the bytes they belong to.
        **{_BACKBONE + name: value + 0.0 for name, value in backbone.state_dict().items()},
        **_encoder_tensors(release_folder),
        **load_file(release_folder / JOINT_PARTS / PARTS_FILE),
    }
    model = MujoModel(config).eval()
    model.load_state_dict(tensors)
    return model


def _text_model(config: MujoConfig) -> str:
    text_config: Any = config.text_config
    return text_config.backbone_config._name_or_path


def _save_joint(model: MujoModel, release_folder: Path, measured: Path | None, folder: Path) -> None:
    ZeroShotImuClassificationPipeline(
        model=model,
        feature_extractor=MujoImuFeatureExtractor.from_pretrained(release_folder / IMU_ENCODER),
        tokenizer=load_tokenizer(_text_model(model.config)),
        device="cpu",
    ).save_pretrained(folder)
    if measured is not None and content_hash(folder / WEIGHTS) != content_hash(measured):
        raise ValueError(
            f"the joint model comes out with other bytes than {measured}: its text encoder or safetensors is of "
            "another version than in training"
        )
    copyfile(release_folder / JOINT_PARTS / REFERENCE, folder / REFERENCE)
    prepare_model(folder, f"{NAMESPACE}/{JOINT}")


if __name__ == "__main__":
    sys.exit(main())
