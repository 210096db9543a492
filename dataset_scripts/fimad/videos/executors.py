"""Where jobs run: in processes of this machine, or on a Ray cluster. Results come as they are finished."""

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from typing import Any, Protocol

_AHEAD = 2  # jobs handed out per worker, so that none waits for the next


@dataclass(frozen=True)
class Crashed:
    """A job that ended in an exception, or whose process died."""

    error: BaseException

    def __str__(self) -> str:
        return f"{type(self.error).__name__}: {self.error}"


class Executor(Protocol):
    """Where calls run. Use it as a context manager: leaving it ends the workers."""

    def __enter__(self) -> "Executor": ...

    def __exit__(self, *exception: object) -> None: ...

    def map(self, function: Callable[..., Any], calls: Mapping[str, tuple[Any, ...]]) -> Iterator[tuple[str, Any]]:
        """Call `function` with the arguments of each item; all of them must survive pickling.

        Yields:
            Item and what its call returned, or `Crashed`, in the order in which calls end.
        """


def make_executor(name: str, workers: int) -> Executor:
    """`local` processes, or `ray`: the cluster of the environment variable `RAY_ADDRESS`, else one on this machine.

    Raises:
        ValueError: neither name.
        ImportError: Ray is not installed.
    """
    if workers < 1:
        raise ValueError(f"workers is {workers}, expected 1 or more")
    if name == "local":
        return LocalExecutor(workers)
    if name == "ray":
        return RayExecutor(workers)
    raise ValueError(f"executor is {name!r}, expected 'local' or 'ray'")


class LocalExecutor:
    """Processes of this machine. One that dies takes only its own job with it."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = self._start()

    def __enter__(self) -> "LocalExecutor":
        return self

    def __exit__(self, *exception: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def map(self, function: Callable[..., Any], calls: Mapping[str, tuple[Any, ...]]) -> Iterator[tuple[str, Any]]:
        suspects = yield from self._map(function, calls)
        for item in suspects:  # a pool breaks as a whole: one at a time tells whose job it was
            if (yield from self._map(function, {item: calls[item]})):
                yield item, Crashed(BrokenProcessPool("the process that worked on it died"))

    def _map(
        self, function: Callable[..., Any], calls: Mapping[str, tuple[Any, ...]]
    ) -> Generator[tuple[str, Any], None, list[str]]:
        """Run the calls; returns the items that were under way when the pool broke."""
        waiting, running, suspects = deque(calls), dict[Future, str](), list[str]()
        while waiting or running:
            try:
                while waiting and len(running) < _AHEAD * self._workers:
                    running[self._pool.submit(function, *calls[waiting[0]])] = waiting[0]
                    waiting.popleft()
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    outcome = Crashed(error) if (error := _own_error(future)) else future.result()
                    yield running.pop(future), outcome
            except BrokenProcessPool:
                suspects.extend(running.values())
                running.clear()
                self._pool = self._start()
        return suspects

    def _start(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._workers, mp_context=get_context("spawn"), initializer=_die_with_parent)


def _own_error(future: Future) -> BaseException | None:
    """What a job raised; a broken pool is no fault of one job, and raised here."""
    error = future.exception()
    if isinstance(error, BrokenProcessPool):
        raise error
    return error


def _die_with_parent() -> None:
    """End this process when the build is killed: nobody else would, and the next build is to find no other at work."""
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class RayExecutor:
    """A Ray cluster. All its machines see the work folder under one path and have this package installed."""

    def __init__(self, workers: int) -> None:
        try:
            import ray
        except ImportError as error:
            raise ImportError("the executor 'ray' needs Ray: pip install 'mujo[ray]'") from error
        self._ray = ray
        self._workers = workers
        cluster = os.environ.get("RAY_ADDRESS")
        ray.init(
            address=cluster,
            num_cpus=None if cluster else workers,
            include_dashboard=None if cluster else False,
            log_to_driver=False,
        )

    def __enter__(self) -> "RayExecutor":
        return self

    def __exit__(self, *exception: object) -> None:
        self._ray.shutdown()

    def map(self, function: Callable[..., Any], calls: Mapping[str, tuple[Any, ...]]) -> Iterator[tuple[str, Any]]:
        remote = self._ray.remote(function)
        waiting, running = deque(calls), dict[Any, str]()
        while waiting or running:
            while waiting and len(running) < _AHEAD * self._workers:
                item = waiting.popleft()
                running[remote.remote(*calls[item])] = item
            (done,), _ = self._ray.wait(list(running), num_returns=1)
            try:
                outcome = self._ray.get(done)
            except Exception as error:
                outcome = Crashed(error)
            yield running.pop(done), outcome
