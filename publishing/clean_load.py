"""Run alone, by path: loads a folder with the code it carries and compares with its reference; see `reference`.

It imports nothing of this package and forbids that anybody else does.
"""

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
    from safetensors.torch import load_file
    from transformers import AutoFeatureExtractor, AutoModel

    tensors = load_file(folder / "reference.safetensors")
    model = AutoModel.from_pretrained(folder, trust_remote_code=True).eval()
    inputs = {name.removeprefix("input."): value for name, value in tensors.items() if name.startswith("input.")}
    if "recording" in tensors:
        extractor = AutoFeatureExtractor.from_pretrained(folder, trust_remote_code=True)
        inputs |= extractor(
            tensors["recording"].numpy(),
            sampling_rate=100,
            acceleration_unit="m/s2",
            gyroscope_unit="rad/s",
            gravity="included",
            placement="left_wrist",
            return_tensors="pt",
        )
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


if __name__ == "__main__":
    sys.meta_path.insert(0, _Refuse())
    main(Path(sys.argv[1]))
