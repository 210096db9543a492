# Copyright 2026 The MuJo team. Licensed under the Apache License, Version 2.0.
"""Which recordings a folder holds, of what and of whom: from its `manifest.csv`, or from the names of its folders."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pandas as pd

MANIFEST = "manifest.csv"
UNNAMED = "unnamed"  # how the stand-in for a person begins where nobody is named
SPLITS = ("train", "validation", "test")
_SUFFIXES = (".csv", ".parquet")
_REQUIRED, _OPTIONAL = ("file", "label"), ("subject", "split", "placement", "start", "end")


@dataclass(frozen=True)
class Entry:
    """A recording, or the part of one from `start` to `end` seconds after its first sample."""

    file: str  # path in the folder
    label: str
    subject: str | None = None
    split: str | None = None
    placement: str | None = None
    start: float | None = None
    end: float | None = None

    @property
    def recording_id(self) -> str:
        if self.start is None and self.end is None:
            return self.file
        return f"{self.file}#{self.start or 0:g}-{'' if self.end is None else format(self.end, 'g')}"


def list_recordings(folder: Path) -> list[Entry]:
    """Every recording of a folder; see `CsvFolder` for the two layouts.

    Raises:
        FileNotFoundError: the folder, or a file of the manifest, does not exist.
        ValueError: the manifest, or the tree of folders, is not as expected.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder")
    entries = _read_manifest(folder) if (folder / MANIFEST).is_file() else _read_tree(folder)
    _refuse_overlaps(entries)
    return entries


def _read_tree(folder: Path) -> list[Entry]:
    files = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.suffix.lower() in _SUFFIXES]
    depths = {len(file.parts) for file in files}
    if depths not in ({2}, {3}):
        odd = [file.as_posix() for file in files if len(file.parts) not in (2, 3)] or [str(file) for file in files[:5]]
        raise ValueError(
            f"{folder} has no {MANIFEST}, so expected recordings (.csv, .parquet) as label/recording.csv, or all as "
            f"label/person/recording.csv; got {len(files)} files, among them {odd[:5]}"
        )
    return [
        Entry(file.as_posix(), file.parts[0].replace("_", " "), file.parts[1] if len(file.parts) == 3 else None)
        for file in files
    ]


def _read_manifest(folder: Path) -> list[Entry]:
    path = folder / MANIFEST
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", skipinitialspace=True)
    except ValueError as error:  # pandas' parser errors, and bytes that are no UTF-8
        raise ValueError(f"{path} is no table of comma-separated values ({error})") from error
    missing = [name for name in _REQUIRED if name not in table]
    unknown = [name for name in table if name not in (*_REQUIRED, *_OPTIONAL)]
    if missing or unknown or table.empty:
        raise ValueError(
            f"{path} has {len(table)} rows with the columns {list(table)}: expected {_REQUIRED} and some of "
            f"{_OPTIONAL}; missing {missing}, unknown {unknown}"
        )
    return [_entry(folder, f"{path}, line {line}", row) for line, row in enumerate(table.to_dict("records"), start=2)]


def _entry(folder: Path, where: str, row: dict[str, str]) -> Entry:
    cells = {name: value.strip() for name, value in row.items()}
    empty = [name for name, value in cells.items() if not value and name not in ("start", "end")]
    if empty:
        raise ValueError(f"{where}: {empty} are empty; fill them in all rows or leave the column out")
    path = folder / cells["file"]
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{where}: {cells['file']!r} lies outside {folder}; recordings must lie in it")
    if not path.is_file():
        raise FileNotFoundError(f"{where}: {path} does not exist")
    if path.suffix.lower() not in _SUFFIXES:
        raise ValueError(f"{where}: {cells['file']!r} is none of {_SUFFIXES}")
    if "split" in cells and cells["split"] not in SPLITS:
        raise ValueError(f"{where}: split is {cells['split']!r}, expected one of {SPLITS}")
    start, end = (_seconds(where, name, cells.pop(name, "")) for name in ("start", "end"))
    if (start or 0) >= (float("inf") if end is None else end):
        raise ValueError(f"{where}: start {start} is not before end {end}")
    return Entry(**cells, start=start, end=end)


def _seconds(where: str, name: str, cell: str) -> float | None:
    try:
        seconds = float(cell) if cell else None
    except ValueError:
        seconds = -1.0
    if seconds is not None and not 0 <= seconds < float("inf"):
        raise ValueError(f"{where}: {name} is {cell!r}, expected seconds from the first sample of the recording")
    return seconds


def _refuse_overlaps(entries: Sequence[Entry]) -> None:
    """A sample with two labels, or in two splits, is a mistake."""
    ordered = sorted(entries, key=lambda entry: (entry.file, entry.start or 0))
    for first, second in pairwise(ordered):
        if first.file == second.file and (first.end is None or first.end > (second.start or 0)):
            raise ValueError(f"{first.recording_id} and {second.recording_id} overlap: a sample belongs to one row")


def split_recordings(
    entries: Sequence[Entry], test_subjects: Sequence[str], validation_subjects: Sequence[str]
) -> dict[str, list[Entry]]:
    """The recordings of each split, by the manifest's column `split` or by person; empty splits are left out.

    Raises:
        ValueError: a person or a file would be in two splits, people are unknown, or nobody is named.
    """
    asked = {*test_subjects, *validation_subjects}
    if any(entry.split for entry in entries):
        if asked:
            raise ValueError(f"the manifest has a column split: leave it out, or do not ask for the people {asked}")
        splits = {split: [entry for entry in entries if entry.split == split] for split in SPLITS}
        for name in ("subject", "file"):
            _refuse_shared(splits, name)
    else:
        _check_people(entries, test_subjects, validation_subjects)
        test = [entry for entry in entries if entry.subject in test_subjects]
        validation = [entry for entry in entries if entry.subject in validation_subjects]
        splits = {"train": [entry for entry in entries if entry.subject not in asked]}
        splits |= {"validation": validation, "test": test}
    return {split: members for split, members in splits.items() if members}


def _refuse_shared(splits: dict[str, list[Entry]], name: str) -> None:
    of_split = {split: {getattr(entry, name) for entry in members} - {None} for split, members in splits.items()}
    shared = {value for value in set().union(*of_split.values()) if sum(value in s for s in of_split.values()) > 1}
    if shared:
        raise ValueError(f"{name} {sorted(shared)} in two splits: results on such splits would mean nothing")


def _check_people(entries: Sequence[Entry], test: Sequence[str], validation: Sequence[str]) -> None:
    people = {entry.subject for entry in entries if entry.subject}
    asked = f"test_subjects {tuple(test)} and validation_subjects {tuple(validation)}"
    if (test or validation) and not people:
        raise ValueError(
            f"{asked} were asked for, but no recording names its person, and windows are never split at random. Name "
            "people (a manifest with a column subject, or folders label/person/recording.csv), or give the manifest a "
            "column split"
        )
    shared, unknown = sorted({*test} & {*validation}), sorted({*test, *validation} - people)
    if shared or unknown:
        raise ValueError(f"{asked}: unknown {unknown}, in both {shared}; the people are {sorted(people)}")
