"""README.md and docs: their Python runs, the programs they name understand their commands, their links lead on."""

import argparse
import ast
import re
import runpy
import shlex
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from accelerate.commands.launch import launch_command_parser
from markdown_it import MarkdownIt
from markdown_it.token import Token
from transformers import HfArgumentParser, pipeline

from dataset_scripts.fimad.imu_simulation import SensorModel, apply_sensor_model, simulate_imu
from modeling_mujo import MujoImuFeatureExtractor, MujoPoseModel
from tests.helpers import tiny_pose_config
from tests.small_pipelines import recording, tiny_classifier, tiny_joint

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").glob("*.md"))]
FOLDERS = (
    "benchmarks configs dataset_scripts docs examples model_cards modeling_mujo publishing results tests training"
)

# Python that is only imported and compiled: what of it takes long, or needs a network or the reader's data.
NOT_RUN = {
    'load_dataset("fimad"': "generates hours of movement",
    'load_dataset("me/': "needs the Hub",
    "BlazePose()": "needs an environment of its own and a video",
}
# Pages whose Python a test of their own runs, on what they walk through.
RUN_ELSEWHERE = {
    "docs/endpoint.md": "tests/test_handler.py",
    "docs/own_data.md": "tests/test_own_data.py",
    "docs/pipelines.md": "tests/test_pipeline.py",
}
# Names that a page takes as known.
KNOWN = {
    "docs/imu_simulation.md": {
        "simulate_imu": simulate_imu,
        "apply_sensor_model": apply_sensor_model,
        "SensorModel": SensorModel,
        "pose": torch.randn(1, 50, 17, 3, generator=torch.Generator().manual_seed(0)),
        "placement_ids": torch.tensor([[1, 3]]),
        "random_rotations": torch.eye(3).expand(1, 2, 3, 3),
        "offsets": torch.zeros(1, 2, 3),
    }
}


# What a page holds


def tokens(page: str) -> list[Token]:
    """The page's tokens, those within paragraphs and tables included."""
    tree = MarkdownIt("commonmark").enable("table").parse((ROOT / page).read_text(encoding="utf-8"))
    return [token for block in tree for token in (block, *(block.children or ()))]


def blocks(page: str, language: str) -> list[str]:
    return [token.content for token in tokens(page) if token.type == "fence" and token.info == language]


def commands(page: str) -> Iterator[list[str]]:
    """The commands of shell blocks, and those in running text, as words; redirections are left out."""
    written = [re.sub(r"\\\n\s*", "", block) for block in blocks(page, "bash")]
    inline = [token.content for token in tokens(page) if token.type == "code_inline"]
    written += [text for text in inline if re.match(r"(python|accelerate|make|pip) ", text)]
    for line in "\n".join(written).splitlines():
        words = shlex.split(line, comments=True)
        while words:
            end = next((place for place, word in enumerate(words) if word in ("&&", "|", ";")), len(words))
            command, words = words[:end], words[end + 1 :]
            yield command[: command.index(">")] if ">" in command else command


COMMANDS = [(page, command) for page in PAGES for command in commands(page)]


def anchors(page: Path) -> set[str]:
    """The page's headings as GitHub links them."""
    tree = MarkdownIt("commonmark").parse(page.read_text(encoding="utf-8"))
    headings = [text.content for opening, text in pairwise(tree) if opening.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# Python


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    """A working directory with a recording and the folders of weights that pages name: the real ones, or tiny ones."""
    world = tmp_path_factory.mktemp("world")
    values = recording(9, channels=3) / 9.80665
    pd.DataFrame(values, columns=["acc_x", "acc_y", "acc_z"]).to_csv(world / "recording.csv", index=False)
    extractor, (joint, processor) = MujoImuFeatureExtractor(), tiny_joint()
    classifier = pipeline("imu-classification", model=tiny_classifier(), feature_extractor=extractor, device="cpu")
    words = {"feature_extractor": processor.feature_extractor, "tokenizer": processor.tokenizer}
    zero_shot = pipeline("zero-shot-imu-classification", model=joint, device="cpu", **words)
    for name, tiny in (
        ("mujo/imu-encoder", [joint.imu_model, extractor]),
        ("mujo/pose-encoder", [MujoPoseModel(tiny_pose_config())]),
        ("mujo/imu-har-motionsense", [classifier]),
        ("outputs/release/joint", [zero_shot]),
    ):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, world / name)
        for part in () if (ROOT / name).is_dir() else tiny:
            part.save_pretrained(world / name)
    return world


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")])
def test_python_runs_in_the_order_of_the_page(page, world, monkeypatch):
    monkeypatch.chdir(world)
    names = dict(KNOWN.get(page, {}))
    elsewhere = RUN_ELSEWHERE.get(page)
    assert elsewhere is None or Path(page).name in (ROOT / elsewhere).read_text(encoding="utf-8")
    for code in blocks(page, "python"):
        tree = ast.parse(code, page)
        if elsewhere or any(mark in code for mark in NOT_RUN):
            tree.body = [line for line in tree.body if isinstance(line, ast.Import | ast.ImportFrom)]
        exec(compile(tree, page, "exec"), names)
    if page == "README.md":
        assert names["features"].shape[0] == 1
        assert np.isfinite(names["features"]).all()
        assert names["timeline"][0]["label"] in ("sitting", "walking", "jogging")


# Commands


class Understood(BaseException):
    """Raised where a program has read its arguments, so that it goes no further."""


def then_stop(read: Callable) -> Callable:
    def read_and_stop(*arguments, **options):
        read(*arguments, **options)
        raise Understood

    return read_and_stop


def check_program(name: str, words: list[str], monkeypatch, is_module: bool = False) -> None:
    """Run a program of this repository until it has read its command line; one that it does not know ends the test."""
    file = Path(find_spec(name).origin) if is_module else ROOT / name
    source = file.read_text(encoding="utf-8")
    if "sys.argv" in source and "argparse" not in source:  # it takes nothing but paths
        assert words
        assert not any(word.startswith("-") for word in words)
        return
    monkeypatch.setattr(sys, "argv", [name, *words])
    for parser, method in ((argparse.ArgumentParser, "parse_args"), (HfArgumentParser, "parse_args_into_dataclasses")):
        monkeypatch.setattr(parser, method, then_stop(getattr(parser, method)))
    with pytest.raises(SystemExit if "--help" in words else Understood):
        (runpy.run_module if is_module else runpy.run_path)(name if is_module else str(file), run_name="__main__")


@pytest.mark.filterwarnings("ignore:.*found in sys.modules")
@pytest.mark.parametrize(("page", "command"), COMMANDS, ids=[f"{page}: {' '.join(words)}" for page, words in COMMANDS])
def test_commands_are_understood(page, command, tmp_path, monkeypatch):
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    monkeypatch.chdir(tmp_path)
    match command:
        case ["python", "-m", module, *words]:
            check_program(module, words, monkeypatch, is_module=True)
        case ["python", script, *words]:
            check_program(script, words, monkeypatch)
        case ["accelerate", "launch", *words]:
            launch = launch_command_parser().parse_args(words)
            check_program(launch.training_script, launch.training_script_args, monkeypatch)
        case ["make", *words]:
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            targets = {word for word in words if "=" not in word}
            variables = {word.partition("=")[0] for word in words} - targets
            assert targets
            assert targets <= set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
            assert all(f"$({variable})" in makefile for variable in variables)
        case ["pip", "install", *packages]:
            project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
            extras = {name for package in packages for name in re.findall(r"^\.\[(.*)\]$", package)}
            assert extras <= set(project["optional-dependencies"])
        case _:
            pytest.fail(f"No check knows the command {command[:1]}: add one here.")


# Links


@pytest.mark.parametrize("page", PAGES)
def test_links_and_names_of_files_lead_somewhere(page):
    links = [
        token.attrs.get("href") or token.attrs["src"] for token in tokens(page) if token.type in ("link_open", "image")
    ]
    for link in links:
        target, _, anchor = link.partition("#")
        if re.match(r"\w+:", link):
            continue
        file = (ROOT / page).parent / target if target else ROOT / page
        assert file.exists(), f"{page} links to {link}"
        assert not anchor or anchor in anchors(file), f"{page} links to {link}"
    for token in tokens(page):
        if token.type == "code_inline" and re.fullmatch(rf"({FOLDERS.replace(' ', '|')})/[\w./*-]*", token.content):
            assert list(ROOT.glob(token.content.rstrip("/"))), f"{page} names {token.content}"
    for config in re.findall(r"configs/[\w./-]+\.yaml", (ROOT / page).read_text(encoding="utf-8")):
        assert (ROOT / config).is_file(), f"{page} names {config}"
