"""Stages survive being stopped; executors survive their workers."""

import errno
import os
from pathlib import Path

import pytest

from dataset_scripts.files import write_atomically
from dataset_scripts.fimad.videos.clips import Unusable
from dataset_scripts.fimad.videos.executors import Crashed, LocalExecutor, make_executor
from dataset_scripts.fimad.videos.stages import (
    Job,
    Manifest,
    OutOfSpace,
    Stage,
    fingerprint,
    run_stage,
)


def square(number: int) -> int:
    return number * number


def die_at_three(number: int) -> int:
    if number == 3:
        os._exit(9)
    return number


def fail_at_three(number: int) -> int:
    if number == 3:
        raise KeyError("three")
    return number


def write_number(number: int, folder: str) -> Path:
    calls = Path(folder) / "calls.txt"
    with open(calls, "a") as stream:
        stream.write(f"{number}\n")
    if number < 0:
        raise Unusable("negative", str(number))
    if number == 7:
        raise OSError(errno.ENOSPC, "No space left on device", "seven")
    if number == 8:
        raise ValueError("eight")
    return write_atomically(Path(folder) / f"{number}.txt", str(number).encode())


WRITING = Stage("numbers", 1, write_number)


@pytest.fixture(scope="module")
def executor():
    with LocalExecutor(2) as executor:
        yield executor


def jobs(folder: Path, *numbers: int) -> list[Job]:
    return [Job(str(number), fingerprint(number), (number, str(folder))) for number in numbers]


def calls(folder: Path) -> list[int]:
    return sorted(int(line) for line in (folder / "calls.txt").read_text().split())


def test_every_call_gives_its_result(executor):
    assert dict(executor.map(square, {str(n): (n,) for n in range(20)})) == {str(n): n * n for n in range(20)}


def test_a_process_that_dies_takes_only_its_own_job(executor):
    outcomes = dict(executor.map(die_at_three, {str(n): (n,) for n in range(8)}))
    assert isinstance(outcomes.pop("3"), Crashed)
    assert outcomes == {str(n): n for n in range(8) if n != 3}
    assert dict(executor.map(square, {"2": (2,)})) == {"2": 4}


def test_an_exception_is_handed_over(executor):
    outcomes = dict(executor.map(fail_at_three, {str(n): (n,) for n in range(5)}))
    assert str(outcomes["3"]) == "KeyError: 'three'"
    assert outcomes["4"] == 4


@pytest.mark.parametrize(("name", "workers"), [("slurm", 2), ("local", 0)])
def test_executors_are_named(name, workers):
    with pytest.raises(ValueError, match=r"expected"):
        make_executor(name, workers)


def test_finished_jobs_are_not_done_again(tmp_path, executor):
    with Manifest(tmp_path / "manifest.sqlite") as manifest:
        first = run_stage(WRITING, jobs(tmp_path, 1, 2, -1), manifest, executor)
    with Manifest(tmp_path / "manifest.sqlite") as manifest:
        second = run_stage(WRITING, jobs(tmp_path, 1, 2, -1, 4), manifest, executor)
    assert calls(tmp_path) == [-1, 1, 2, 4]
    assert {item: second[item] for item in first} == first
    assert (first["-1"].file, first["-1"].reason, first["-1"].detail) == (None, "negative", "-1")


def test_changed_inputs_and_damaged_results_are_done_again(tmp_path, executor):
    with Manifest(tmp_path / "manifest.sqlite") as manifest:
        run_stage(WRITING, jobs(tmp_path, 1, 2, 3), manifest, executor)
        (tmp_path / "1.txt").write_bytes(b"")
        (tmp_path / "2.txt").unlink()
        changed = Job("3", fingerprint("3 of another version"), (3, str(tmp_path)))
        run_stage(WRITING, [*jobs(tmp_path, 1, 2), changed], manifest, executor)
    assert calls(tmp_path) == [1, 1, 2, 2, 3, 3]


def test_a_failed_job_is_tried_again(tmp_path, executor, caplog):
    with Manifest(tmp_path / "manifest.sqlite") as manifest:
        results = run_stage(WRITING, jobs(tmp_path, 8, 1), manifest, executor)
        assert results.keys() == {"1"}
        assert "numbers of 8 failed" in caplog.text
        run_stage(WRITING, jobs(tmp_path, 8, 1), manifest, executor)
    assert calls(tmp_path) == [1, 8, 8]


def test_a_full_disk_stops_the_build(tmp_path, executor):
    with Manifest(tmp_path / "manifest.sqlite") as manifest:
        with pytest.raises(OutOfSpace, match="free some and run again"):
            run_stage(WRITING, jobs(tmp_path, 1, 7), manifest, executor)
        assert manifest.find("numbers", "7", fingerprint(7)) is None


def test_the_manifest_moves_with_its_folder(tmp_path, executor):
    (tmp_path / "old").mkdir()
    with Manifest(tmp_path / "old" / "manifest.sqlite") as manifest:
        run_stage(WRITING, jobs(tmp_path / "old", 1), manifest, executor)
    (tmp_path / "old").rename(tmp_path / "new")
    with Manifest(tmp_path / "new" / "manifest.sqlite") as manifest:
        assert manifest.find("numbers", "1", fingerprint(1)).file == tmp_path / "new" / "1.txt"


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    file = write_atomically(tmp_path / "file", b"old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(file, b"new")
    assert file.read_bytes() == b"old"
