# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""Real IMU recordings with words, for pretraining only: WISDM-51 (watch) and SelfBACK (wrist and thigh).

Two configurations, each one Parquet file of recordings with channels as lists of int16:

- `wisdm51`: 846 recordings of 18 activities by 46 people, 3 minutes each, accelerometer and gyroscope of an Android
  watch on the dominant wrist, 20 Hz, clipped at 2 g. Weiss, Yoneda, Hayajneh, "Smartphone and smartwatch-based
  biometrics using activities of daily living", IEEE Access 7, 2019.
- `selfback`: 612 recordings of 9 activities by 34 people, accelerometers on the dominant wrist and the thigh, 50 Hz.
  Sani, Wiratunga, Massie, Cooper, "kNN sampling for personalised human activity recognition", ICCBR 2017.

    from dataset_scripts.imu_corpora.imu_corpora import ImuCorpora

    builder = ImuCorpora(config_name="wisdm51", data_dir="path/to/imu_corpora")

What was checked on the recordings: the median norm is 9.8 m/s² (WISDM-51) and 0.94 to 1.05 g (SelfBACK) where people
sit, stand or lie. Both read +1 g upwards: z, which points out of the watch's face, is +8 m/s² in the median person who
types and +0.7 g on the wrist of one who sits. WISDM-51's gyroscope agrees in clock, axes and sign: the turning of
gravity (du/dt = -w × u) correlates by 0.92 with it while people drink, and less for any other shift by a sample.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import datasets
import numpy as np
import pyarrow.parquet as pq
from scipy.constants import g as STANDARD_GRAVITY

from dataset_scripts.fimad.fimad import subject_split
from dataset_scripts.fimad.titles import normalize_title


class Activity(NamedTuple):
    """Words for an activity."""

    label: str
    description: str


class Corpus(NamedTuple):
    """What one file holds, and in which units."""

    file_name: str
    recordings: int
    sampling_rate: float  # Hz
    acceleration_scale: float  # m/s² a step
    gyroscope_scale: float | None  # rad/s a step; None without gyroscope
    placements: dict[str | None, str]  # from the column `placement`; None where the file has no such column
    license: str
    homepage: str
    activities: dict[str, Activity]  # from the column `label`


_WISDM51_DESCRIPTIONS = {
    "walking": "A person walks, with the arms swinging.",
    "jogging": "A person jogs at an easy pace with bent elbows.",
    "walking on stairs": "A person walks up and down a staircase.",
    "sitting": "A person sits on a chair, nearly still.",
    "standing": "A person stands still.",
    "typing": "Sitting at a desk, a person types on a keyboard.",
    "brushing teeth": "A person brushes the teeth with short, quick strokes of the hand.",
    "eating soup": "Sitting, a person lifts spoon after spoon of soup to the mouth.",
    "eating chips": "Sitting, a person takes chips with the fingers and eats them.",
    "eating pasta": "Sitting, a person eats pasta with a fork.",
    "drinking from a cup": "A person lifts a cup to the mouth, drinks and lowers it.",
    "eating a sandwich": "Sitting, a person lifts a sandwich to the mouth for each bite.",
    "kicking a soccer ball": "Standing, a person kicks a soccer ball again and again.",
    "playing catch with a tennis ball": "A person throws a tennis ball to another and catches it.",
    "dribbling a basketball": "A person bounces a basketball with one hand.",
    "writing": "Sitting at a desk, a person writes on paper by hand.",
    "clapping": "A person claps the hands again and again.",
    "folding clothes": "Standing, a person takes up clothes, folds them and puts them down.",
}
_SELFBACK_ACTIVITIES = {
    "downstairs": Activity("walking downstairs", "A person walks down a staircase."),
    "upstairs": Activity("walking upstairs", "A person walks up a staircase."),
    "jogging": Activity("jogging", "A person jogs at an easy pace with bent elbows."),
    "lying": Activity("lying", "A person lies down, nearly still."),
    "sitting": Activity("sitting", "A person sits on a chair, nearly still."),
    "standing": Activity("standing", "A person stands still."),
    "walk fast": Activity("fast walking", "A person walks briskly with quick, long steps."),
    "walk mod": Activity("walking", "A person walks, with the arms swinging."),
    "walk slow": Activity("slow walking", "A person strolls with slow, short steps."),
}
# Placements are given as right, the dominant side of most people; the recordings do not name the side.
CORPORA = {
    "wisdm51": Corpus(
        "wisdm51_watch_20hz.parquet",
        846,
        20.0,
        0.01,
        0.002,
        {None: "right_wrist"},
        "cc-by-4.0",
        "https://archive.ics.uci.edu/dataset/507",
        {label: Activity(label, description) for label, description in _WISDM51_DESCRIPTIONS.items()},
    ),
    "selfback": Corpus(
        "selfback_50hz.parquet",
        612,
        50.0,
        0.01 * STANDARD_GRAVITY,
        None,
        {"wrist": "right_wrist", "thigh": "right_thigh"},
        "unknown",
        "https://archive.ics.uci.edu/dataset/521",
        _SELFBACK_ACTIVITIES,
    ),
}
_ACCELERATION, _GYROSCOPE = ("acc_x", "acc_y", "acc_z"), ("gyro_x", "gyro_y", "gyro_z")


@dataclass
class ImuCorporaConfig(datasets.BuilderConfig):
    """Which corpus: its `name`. People are assigned to "train" or "validation" by their name alone."""


class ImuCorpora(datasets.GeneratorBasedBuilder):
    """A corpus of real IMU recordings from its Parquet file in `data_dir`; see the module.

    A row is a recording: `imu` `(time, 1, 6)` in m/s² (gravity included) and rad/s at `sampling_rate`, NaN where the
    gyroscope would be when there is none. `label`, `normalized_title` and `description` are words for the activity.

    Raises:
        ValueError: if `data_dir` is not given, or the file is damaged or another one (it is named).
        FileNotFoundError: if the file is missing (it is named).
    """

    VERSION = datasets.Version("1.0.0")
    BUILDER_CONFIG_CLASS = ImuCorporaConfig
    BUILDER_CONFIGS = [  # noqa: RUF012 (an attribute of the base class)
        ImuCorporaConfig(name="wisdm51", version=VERSION, description="Watch, 18 activities, 46 people."),
        ImuCorporaConfig(name="selfback", version=VERSION, description="Wrist and thigh, 9 activities, 34 people."),
    ]
    DEFAULT_WRITER_BATCH_SIZE = 100  # rows reach half a megabyte

    def _info(self) -> datasets.DatasetInfo:
        corpus = CORPORA[self.config.name]
        features = {
            "recording_id": datasets.Value("string"),
            "subject": datasets.Value("int32"),
            "label": datasets.ClassLabel(names=[activity.label for activity in corpus.activities.values()]),
            "label_code": datasets.Value("string"),
            "normalized_title": datasets.Value("string"),
            "description": datasets.Value("string"),
            "imu": datasets.Array3D((None, 1, 6), "float32"),
            "placements": datasets.Sequence(datasets.Value("string")),
            "sampling_rate": datasets.Value("float64"),
            "acceleration_unit": datasets.Value("string"),
            "gyroscope_unit": datasets.Value("string"),
            "gravity": datasets.Value("string"),
            "source": datasets.Value("string"),
            "license": datasets.Value("string"),
        }
        return datasets.DatasetInfo(
            description=__doc__,
            features=datasets.Features(features),
            homepage=corpus.homepage,
            license=corpus.license,
        )

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        data_dir, corpus = self.config.data_dir, CORPORA[self.config.name]
        if data_dir is None:
            raise ValueError(f"pass the folder that holds {corpus.file_name} as data_dir")
        path = Path(data_dir) / corpus.file_name
        _require_corpus(path, corpus)
        return [
            datasets.SplitGenerator(name=split, gen_kwargs={"path": path, "split": split})
            for split in ("train", "validation")
        ]

    def _generate_examples(self, path: Path, split: str) -> Iterator[tuple[str, dict[str, Any]]]:
        name, corpus = self.config.name, CORPORA[self.config.name]
        for number, row in enumerate(_rows(path)):
            if subject_split(f"{name}/{row['subject']}") != split:
                continue
            activity = corpus.activities[row["label"]]
            recording_id = f"{name}/{number}"
            yield (
                recording_id,
                {
                    "recording_id": recording_id,
                    "subject": row["subject"],
                    "label": activity.label,
                    "label_code": row["label"],
                    "normalized_title": normalize_title(activity.label),
                    "description": activity.description,
                    "imu": _imu_in_si_units(row, corpus, f"{path}, recording {number}")[:, None],
                    "placements": [corpus.placements[row.get("placement")]],
                    "sampling_rate": corpus.sampling_rate,
                    "acceleration_unit": "m/s2",
                    "gyroscope_unit": "rad/s",
                    "gravity": "included",
                    "source": corpus.homepage,
                    "license": corpus.license,
                },
            )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    """Recordings in the order of the file, a row group in memory at a time."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            try:
                rows = file.read_row_group(group).to_pandas().to_dict("records")
            except (OSError, ValueError) as error:
                raise ValueError(f"{path} is damaged ({error}): get it again") from error
            yield from rows


def _require_corpus(path: Path, corpus: Corpus) -> None:
    """Refuse a file that is missing, cut short or of another corpus, from its labels and its footer alone."""
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist")
    expected = {*_ACCELERATION, *(_GYROSCOPE if corpus.gyroscope_scale else ()), "label", "subject"}
    expected |= set() if None in corpus.placements else {"placement"}
    try:
        with pq.ParquetFile(path) as file:
            columns, recordings = set(file.schema_arrow.names), file.metadata.num_rows
            if columns != expected or recordings != corpus.recordings:
                raise ValueError(
                    f"expected {corpus.recordings} rows with the columns {sorted(expected)}, "
                    f"got {recordings} with {sorted(columns)}"
                )
            words = file.read(columns=sorted({"label", "placement"} & expected)).to_pydict()
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} is damaged or another file ({error})") from error
    unknown = sorted(
        (set(words["label"]) - set(corpus.activities)) | (set(words.get("placement", [])) - set(corpus.placements))
    )
    if unknown:
        raise ValueError(f"{path} is another file: it has unknown labels or placements {unknown}")


def _imu_in_si_units(row: dict[str, Any], corpus: Corpus, where: str) -> np.ndarray:
    """`(time, 6)` in m/s² and rad/s; NaN for a gyroscope that is not there."""
    channels = [np.asarray(row[name], dtype=np.float64) for name in (*_ACCELERATION, *_GYROSCOPE) if name in row]
    if len({len(channel) for channel in channels}) != 1 or len(channels[0]) == 0:
        raise ValueError(f"{where} is damaged: its channels have {[len(channel) for channel in channels]} samples")
    counts = np.stack(channels, axis=1)
    imu = np.full((len(counts), 6), np.nan)
    imu[:, :3] = counts[:, :3] * corpus.acceleration_scale
    if corpus.gyroscope_scale is not None:
        imu[:, 3:] = counts[:, 3:] * corpus.gyroscope_scale
    return imu
