"""Run alone, by path: loads a folder with the code it carries and compares with its reference; see `reference`.

It imports nothing of this package and forbids that anybody else does.
"""

import json
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

_OURS = {"benchmarks", "dataset_scripts", "modeling_mujo", "publishing", "training"}
_TOLERANCE = 1e-4  # processors round differently


class _Refuse(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in _OURS:
            raise ModuleNotFoundError(f"{name} is not installed where people load this")
        return None


def main(folder: Path) -> None:
    import torch
    from safetensors import safe_open
    from transformers import AutoFeatureExtractor, AutoModel, AutoModelForAudioClassification

    with safe_open(folder / "reference.safetensors", framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  not a mapping
        description = json.loads(file.metadata()["description"])
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    # A classifier's config names the class of its encoder as well.
    is_classifier = "AutoModelForAudioClassification" in config["auto_map"]
    auto_class = AutoModelForAudioClassification if is_classifier else AutoModel
    model = auto_class.from_pretrained(folder, trust_remote_code=True).eval()
    inputs = {name.removeprefix("input."): value for name, value in tensors.items() if name.startswith("input.")}
    if "recording" in tensors:
        extractor = AutoFeatureExtractor.from_pretrained(folder, trust_remote_code=True)
        features = extractor(tensors["recording"].numpy(), return_tensors="pt", **description)
        inputs |= {name: features[name] for name in extractor.model_input_names}
    with torch.no_grad():
        outputs = model(**inputs)
    for name, expected in tensors.items():
        if name.startswith("output."):
            found = outputs[name.removeprefix("output.")]
            difference = float((found - expected).abs().max() / expected.abs().max())
            if not difference <= _TOLERANCE:  # NaN is a difference
                raise SystemExit(
                    f"{name.removeprefix('output.')} differs from {folder.name}'s reference by {difference:.1e}"
                )
    if "custom_pipelines" in config:
        answer_from_pipeline(folder, tensors["recording"].numpy(), description)


def answer_from_pipeline(folder: Path, recording, description: dict) -> None:
    """The one line that people will write; zero-shot needs names to choose from."""
    from transformers import pipeline

    ask = pipeline(model=str(folder), trust_remote_code=True, device="cpu")  # type: ignore[call-overload]
    names = {"candidate_labels": ["walking", "squats"]} if ask.task.startswith("zero-shot") else {}
    if not ask(recording, **names, **description):
        raise SystemExit(f"the pipeline of {folder.name} gives no answer")


if __name__ == "__main__":
    sys.meta_path.insert(0, _Refuse())
    main(Path(sys.argv[1]))
