"""Assemble the page that runs the IMU encoder in the browser: a folder of static files, a Space as it is.

    python -m publishing.space --from outputs/mujo/joint --output outputs/space

`make space` does this, and installs what it needs from npm before.
"""

import argparse
import base64
import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from transformers import pipeline

from dataset_scripts.files import write_atomically
from dataset_scripts.fimad.synthesis import EXERCISES
from modeling_mujo import PLACEMENTS, ZeroShotImuClassificationPipeline
from modeling_mujo.inputs_mujo import WINDOW_SECONDS, cut_windows
from publishing.onnx_export import COMPARED_WINDOWS, FILES, export_imu_encoder

SOURCES = Path(__file__).parents[1] / "space"
PACKAGES = SOURCES / "node_modules"

# What the page takes from npm packages: file of the package → file of the folder.
VENDORED = {
    "onnxruntime-web/dist/ort.wasm.min.mjs": "vendor/ort.wasm.min.mjs",
    "onnxruntime-web/dist/ort-wasm-simd-threaded.mjs": "vendor/ort-wasm-simd-threaded.mjs",
    "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm": "vendor/ort-wasm-simd-threaded.wasm",
    "d3-dsv/dist/d3-dsv.min.mjs": "vendor/d3-dsv.min.mjs",
    "d3-dsv/LICENSE": "vendor/d3-dsv.LICENSE",
}
DEFAULT_ACTIVITIES = (
    "sitting",
    "standing",
    "walking",
    "jogging",
    "walking upstairs",
    "jumping jack",
    "squat",
    "push-up",
    "sit-up",
)
DEFAULT_PRECISION = "fp32"
_TASK = "zero-shot-imu-classification"
_EXAMPLE_FIELDS = {"acceleration_unit", "gravity", "placement", "source", "licence"}


@dataclass(frozen=True)
class Example:
    """A recording that the page offers: a CSV, and beside it a JSON of the same name that describes it."""

    file: Path
    described: dict[str, Any]


def assemble(joint: Path, output: Path, recording: Path | None = None, packages: Path = PACKAGES) -> Path:
    """
    Write the page with the encoder of `joint` to `output`; what was there is replaced.

    Args:
        joint: folder of a joint model with its tokenizer.
        output: a new folder, or one that this function wrote.
        recording: CSV for the page's example, with `NAME.json` beside it: the extractor's arguments, `source` and
            `licence`.
        packages: `node_modules` with the packages of `space/package.json`.

    Raises:
        ValueError: `joint` is no joint model, the packages are not installed, `output` holds other things, the example
            cannot be read or says no licence, or ONNX differs from torch.
    """
    example = None if recording is None else _read_example(recording)
    _check_packages(packages)
    _make_empty(output)
    # The installed code, also where the folder carries its own; transformers' overloads know only its own tasks.
    classifier = pipeline(_TASK, model=str(joint), pipeline_class=ZeroShotImuClassificationPipeline)  # type: ignore[call-overload]
    model, extractor = classifier.model, classifier.feature_extractor
    if example is not None:
        arguments = {name: value for name, value in example.described.items() if name not in ("source", "licence")}
        cut_windows(extractor, example.file, arguments)
        shutil.copyfile(example.file, output / "example.csv")
    _copy_sources(output, packages)
    agreements = export_imu_encoder(model.imu_model, output)
    names = exercise_names()
    _write_json(output / "words.json", {"names": names, "embeddings": _embed_names(classifier, names)})
    settings = {
        "rate": extractor.sampling_rate,
        "windowSeconds": WINDOW_SECONDS,
        "hopSeconds": WINDOW_SECONDS / 2,
        "minSeconds": extractor.min_seconds,
        "maxGapSeconds": extractor.max_gap_seconds,
        "logitScale": model.clamped_logit_scale().item(),
        "placements": PLACEMENTS,
        "encoders": FILES,
        "precision": DEFAULT_PRECISION,
        "activities": DEFAULT_ACTIVITIES,
        "example": None if example is None else example.described,
    }
    _write_json(output / "settings.json", settings)
    _write_card(output, model.config.imu_config.pretrained_steps, len(names), agreements, example, packages)
    _write_precache(output)
    return output


def exercise_names() -> list[str]:
    """Names and titles of the generated exercises, in lower case, each once: the words that the page knows."""
    titles = [title.lower() for exercise in EXERCISES for title in (exercise.name, *exercise.titles)]
    return sorted({*titles, *DEFAULT_ACTIVITIES})


def _embed_names(classifier: ZeroShotImuClassificationPipeline, names: list[str]) -> str:
    """Float32 embeddings of the names, little-endian, in base64."""
    embeds = classifier.embed_labels(names, list(classifier.hypothesis_template))
    return base64.b64encode(embeds.numpy().astype("<f4").tobytes()).decode()


def _check_packages(packages: Path) -> None:
    missing = [name for name in VENDORED if not (packages / name).is_file()]
    if missing:
        raise ValueError(f"{packages} has no {missing[0]}: run `make space-packages`, which installs them from npm")


def _make_empty(output: Path) -> None:
    """An empty folder; only one that holds such a page is emptied."""
    if output.is_dir() and any(output.iterdir()):
        if not (output / "settings.json").is_file():
            raise ValueError(f"{output} holds other things than a page of ours: choose a new folder")
        shutil.rmtree(output)
    output.mkdir(parents=True, exist_ok=True)


def _copy_sources(output: Path, packages: Path) -> None:
    for source in (*SOURCES.iterdir(), *(SOURCES / "modules").iterdir()):
        if source.suffix in (".html", ".css", ".js", ".svg", ".webmanifest"):
            _copy(source, output / source.relative_to(SOURCES))
    for source_name, place_name in VENDORED.items():
        _copy(packages / source_name, output / place_name)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _read_example(recording: Path) -> Example:
    description = recording.with_suffix(".json")
    if not recording.is_file() or not description.is_file():
        raise ValueError(f"an example is a CSV with a description beside it: expected {recording} and {description}")
    described = json.loads(description.read_text(encoding="utf-8"))
    missing = sorted(_EXAMPLE_FIELDS - set(described))
    if missing:
        raise ValueError(f"{description} lacks {', '.join(missing)}: people must know what they publish")
    return Example(recording, described)


def _write_card(
    output: Path, steps: int, names: int, agreements: dict[str, Any], example: Example | None, packages: Path
) -> None:
    environment = Environment(
        loader=FileSystemLoader(SOURCES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown, from our own files
    )
    versions = {
        name: json.loads((packages / name / "package.json").read_text(encoding="utf-8"))["version"]
        for name in ("onnxruntime-web", "d3-dsv")
    }
    card = environment.get_template("card.md.jinja").render(
        title="MuJo in the browser",
        files=FILES,
        agreements=agreements,
        windows=COMPARED_WINDOWS,
        window_seconds=WINDOW_SECONDS,
        names=names,
        steps=steps,
        default_precision=DEFAULT_PRECISION,
        other_precision=next(precision for precision in FILES if precision != DEFAULT_PRECISION),
        example=None if example is None else example.described,
        versions=versions,
    )
    write_atomically(output / "README.md", card.encode())


def _write_precache(output: Path) -> None:
    """List for the service worker what to keep, under a name that changes when any of it does."""
    files = sorted(path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file())
    files = [name for name in files if name not in ("README.md", "service_worker.js", "precache.js")]
    digest = hashlib.sha256()
    for name in files:
        digest.update(name.encode() + b"\0" + (output / name).read_bytes())
    content = (
        f"self.PRECACHE = {json.dumps({'version': digest.hexdigest()[:16], 'files': ['./', *files]}, indent=1)};\n"
    )
    write_atomically(output / "precache.js", content.encode())


def _write_json(file: Path, content: dict[str, Any]) -> None:
    write_atomically(file, (json.dumps(content, indent=1) + "\n").encode())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="joint", type=Path, required=True, help="folder of a joint model")
    parser.add_argument("--output", type=Path, default=Path("outputs/space"))
    parser.add_argument("--recording", type=Path, help="CSV for the page's example, NAME.json beside it describes it")
    arguments = parser.parse_args()
    output = assemble(arguments.joint, arguments.output, arguments.recording)
    size = sum(path.stat().st_size for path in output.rglob("*") if path.is_file())
    print(f"wrote {output}, {size / 1e6:.1f} MB; look at it with `python -m http.server --directory {output}`")


if __name__ == "__main__":
    main()
