"""What a checkpoint was trained on, and whether its licences let the weights be given to everybody."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets import disable_progress_bars

from dataset_scripts.fimad.fimad import Fimad
from dataset_scripts.imu_corpora.imu_corpora import CORPORA
from dataset_scripts.publish import TITLES
from training.windows import benchmark_builder

# How licences begin that let weights trained on the data be published, with the source named. All others block.
PERMITTED = re.compile(
    r"(apache-2\.0|mit|odc pddl|cc[ -]by[ -]4\.0|cc[ -]by-sa[ -][34]\.0|free use with acknowledgement)(?![\w-])",
    re.IGNORECASE,
)
_TITLES = {"wisdm51": "WISDM-51", "selfback": "SelfBACK"}


@dataclass(frozen=True)
class Corpus:
    """A source of training data: its licence in the words of its authors, `part` what was taken from it."""

    name: str
    part: str
    license: str
    homepage: str = ""


def pretraining_corpora(arguments: Mapping[str, Any]) -> list[Corpus]:
    """
    What the arguments of a training report say went in; the motion capture is read for its sources.

    Raises:
        FileNotFoundError: the folder of motion capture is not there.
    """
    corpora = [Corpus("FiMAD, generated exercises", "poses made by rule, simulated IMU, words", "Apache-2.0")]
    if arguments["motion_dir"] is not None:
        corpora += [
            Corpus(source, "motion capture, simulated IMU, words", license)
            for source, license in _motion_sources(arguments["motion_dir"])
        ]
    if arguments["imu_corpora_dir"] is not None:
        # Reports from before there was a choice name none: all were used.
        corpora += [
            Corpus(_TITLES[name], "real IMU, words", CORPORA[name].license, CORPORA[name].homepage)
            for name in arguments.get("imu_corpora", CORPORA)
        ]
    return corpora


def _motion_sources(folder: str) -> list[tuple[str, str]]:
    """(source, licence) of the clips that FiMAD's builder reads from the folder."""
    if not Path(folder).is_dir():
        raise FileNotFoundError(
            f"no folder {folder}: the report names it as motion_dir, and its recordings tell sources and licences"
        )
    disable_progress_bars()
    builder = Fimad(config_name="motion", data_dir=folder)
    builder.download_and_prepare()
    rows = [split.select_columns(["source", "license"]).to_pandas() for split in builder.as_dataset().values()]
    return sorted({(row.source, row.license) for part in rows for row in part.itertuples()})


def benchmark_corpus(dataset: str) -> Corpus:
    """A benchmark whose training people a classifier was fine-tuned on."""
    info = benchmark_builder(dataset)().info
    return Corpus(TITLES[dataset], "real IMU with labels, of the training people", info.license or "", info.homepage)


def require_permission(corpora: Iterable[Corpus]) -> None:
    """
    Refuse to release what was trained on a corpus whose licence does not permit it.

    Raises:
        ValueError: a licence is not stated, or is none of `PERMITTED`; the corpora are named.
    """
    refused = [
        f"{corpus.name} (licence {corpus.license or 'not stated'})"
        for corpus in corpora
        if not PERMITTED.match(corpus.license)
    ]
    if refused:
        raise ValueError(
            f"these weights may not be published: {', '.join(refused)} went into their training, and no licence is "
            "known that permits it. Train without (--imu_corpora names the corpora used, --motion_dir a folder), or, "
            "where the authors permit it, write their licence where the data set is read"
        )
