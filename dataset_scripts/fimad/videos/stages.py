"""Work that can be stopped at any moment: stages of jobs, each with one result file, and a manifest of what is done.

    job = what to do + fingerprint of all that its result depends on
    run_stage ─ skips jobs whose fingerprint the manifest holds ─ executor ─ result files ─ manifest

A result file is written under another name and renamed when whole, and the manifest is told afterwards. So a build
killed between any two instructions finds, when restarted, either a finished result or none.
"""

import errno
import hashlib
import json
import logging
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tqdm.auto import tqdm

from dataset_scripts.files import content_hash
from dataset_scripts.fimad.videos.clips import Unusable
from dataset_scripts.fimad.videos.executors import Crashed, Executor

logger = logging.getLogger(__name__)

_OUT_OF_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class OutOfSpace(RuntimeError):
    """The disk is full: nothing that is done is lost, and the build can go on when there is space."""


@dataclass(frozen=True)
class Job:
    """One result to make.

    Attributes:
        item: id of the video or clip.
        fingerprint: of the stage's code version, its settings and the content of its inputs; see `fingerprint`.
        arguments: what the stage's function is called with; must survive pickling.
        weight: what the progress bar counts: 1, or seconds of video.
    """

    item: str
    fingerprint: str
    arguments: tuple[Any, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class Stage:
    """A step of the build.

    Attributes:
        name: of the stage.
        version: raised by whoever changes what `function` makes of the same arguments.
        function: called with a job's arguments, in some process; writes one file with `files.write_atomically` and
            returns its path. Raises `Unusable` for an input that can never give a result.
        items: what its items are, for counting.
        unit: of the weights of its jobs, for the progress bar.
    """

    name: str
    version: int
    function: Callable[..., Path]
    items: str = "clip"
    unit: str = "clip"


class Result(NamedTuple):
    """How a job ended: with a `file` of content hash `sha256`, or never to be used, for a `reason` with `detail`."""

    file: Path | None
    sha256: str
    reason: str = ""
    detail: str = ""

    @property
    def path(self) -> Path:
        """The file of a result that has one."""
        assert self.file is not None, self.reason
        return self.file


def fingerprint(*parts: Any) -> str:
    """Hash of JSON-serialisable parts; equal for equal parts on every machine."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Manifest:
    """What is done, in one SQLite file: a row per stage and item with fingerprint, content hash and outcome.

    SQLite's transactions keep it whole when the process is killed. Only the process that runs the build writes it.
    """

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._folder = file.parent.resolve()
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS results (stage TEXT, item TEXT, fingerprint TEXT, file TEXT, size INTEGER, "
            "sha256 TEXT, reason TEXT, detail TEXT, PRIMARY KEY (stage, item))"
        )

    def __enter__(self) -> "Manifest":
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def find(self, stage: str, item: str, fingerprint: str) -> Result | None:
        """The result of a job done before; None where there is none, its inputs changed or its file is damaged."""
        query = (
            "SELECT file, size, sha256, reason, detail FROM results WHERE stage = ? AND item = ? AND fingerprint = ?"
        )
        with closing(self._connection.execute(query, (stage, item, fingerprint))) as cursor:
            row = cursor.fetchone()
        if row is None:
            return None
        name, size, sha256, reason, detail = row
        if reason:
            return Result(None, sha256, reason, detail)
        file = self._folder / name
        if not file.is_file() or file.stat().st_size != size:
            return None
        return Result(file, sha256)

    def record(self, stage: str, item: str, fingerprint: str, result: Result) -> None:
        name, size = None, None
        if result.file is not None:
            # relative, so that the folder may move; files of the user's stay where they are
            name, size = os.path.relpath(result.file.resolve(), self._folder), result.file.stat().st_size
        row = (stage, item, fingerprint, name, size, result.sha256, result.reason, result.detail)
        try:
            self._connection.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
            raise OutOfSpace("no space left for the manifest: free some and run again") from error


def finished(stage: Stage, jobs: Iterable[Job], manifest: Manifest) -> dict[str, Result]:
    """Results by item of the jobs that are done, in the order of the jobs."""
    results = {job.item: manifest.find(stage.name, job.item, job.fingerprint) for job in jobs}
    return {item: result for item, result in results.items() if result is not None}


def run_stage(stage: Stage, jobs: Sequence[Job], manifest: Manifest, executor: Executor) -> dict[str, Result]:
    """Do the jobs that are not done.

    Returns:
        Results by item, in the order of the jobs. Jobs that failed for a passing or unknown cause are missing: they
        are logged, and tried again when the build is run again.

    Raises:
        OutOfSpace: the disk is full.
    """
    results = finished(stage, jobs, manifest)
    waiting = {job.item: job for job in jobs if job.item not in results}
    done, todo = (sum(job.weight for job in jobs if (job.item in waiting) == late) for late in (False, True))
    calls = {item: (stage.function, *job.arguments) for item, job in waiting.items()}
    with tqdm(
        total=round(done + todo), initial=round(done), desc=f"{stage.name:>9}", unit=stage.unit, disable=not jobs
    ) as progress:
        for item, outcome in executor.map(_outcome, calls):
            progress.update(waiting[item].weight)
            if not isinstance(outcome, Crashed):
                manifest.record(stage.name, item, waiting[item].fingerprint, outcome)
                results[item] = outcome
            elif isinstance(outcome.error, OutOfSpace):
                raise outcome.error
            else:
                logger.error(f"{stage.name} of {item} failed and will be tried again in the next run: {outcome}")
    return {job.item: results[job.item] for job in jobs if job.item in results}


def _outcome(function: Callable[..., Path], *arguments: Any) -> Result:
    """Call a stage's function; in the process that works."""
    try:
        with full_disk_named():
            file = function(*arguments)
    except Unusable as unusable:
        return Result(None, "", unusable.reason, unusable.detail)
    return Result(file, content_hash(file))


@contextmanager
def full_disk_named() -> Iterator[None]:
    """Raises `OutOfSpace` in place of the system's error."""
    try:
        yield
    except OSError as error:
        if error.errno not in _OUT_OF_SPACE:
            raise
        where = f" for {error.filename}" if error.filename else ""
        raise OutOfSpace(f"no space left{where}: free some and run again, nothing that is done is lost") from error
