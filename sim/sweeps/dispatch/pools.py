"""Pools of workers behind one interface: this process, processes on this machine, Dask, or any executor."""

from __future__ import annotations

import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from typing import Any, TypeVar

from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.scenario.allowed import did_you_mean, shown
from catallaxy.sim.sweeps.dispatch.starting import for_the_driver

__all__ = ["EXECUTORS", "ExecutorPool", "Pool", "SerialPool", "open_pool", "shielded", "silent", "usable_cores"]

A = TypeVar("A")
R = TypeVar("R")

EXECUTORS = ("loky", "dask", "serial")
"""Pools that can be asked for by name."""


class Pool(ABC):
    """Workers that do tasks.

    Attributes
    ----------
    workers : int
        Tasks done at the same time.
    broken : tuple of exception classes
        What a future raises whose worker has died.
    together : bool
        Whether the death of one worker takes every task under way with it, so that the pool must be renewed.
    inline : bool
        Whether `submit` does the task itself and returns when it is done.
    """

    workers: int = 1
    broken: tuple[type[BaseException], ...] = ()
    together: bool = True
    inline: bool = False

    @abstractmethod
    def submit(self, call: Callable[[A], R], task: A) -> Future[R]:
        """Have a worker call a function.

        Parameters
        ----------
        call : callable
            A function that workers can import.
        task : object
            Its argument.

        Returns
        -------
        Future
        """

    def watch(self) -> bool:
        """Look after the workers; called about once a second while tasks are under way.

        Returns
        -------
        bool
            Whether no task will ever come back unless the pool is renewed.

        Raises
        ------
        CatallaxyError
            When renewing would not help either.
        """
        return False

    @abstractmethod
    def renew(self) -> None:
        """Kill all workers and start new ones; tasks under way are lost.

        Raises
        ------
        CatallaxyError
            When that is impossible.
        """

    @abstractmethod
    def close(self, kill: bool = False) -> None:
        """End all workers, and leave none behind. A closed pool may be closed again.

        Parameters
        ----------
        kill : bool, optional
            Do not wait for tasks under way.
        """


class SerialPool(Pool):
    """No workers: this process does one task after the other."""

    inline = True

    def submit(self, call: Callable[[A], R], task: A) -> Future[R]:
        """Do a task and return when it is done."""
        future: Future[R] = Future()
        try:
            future.set_result(call(task))
        except BaseException as error:
            future.set_exception(error)
        return future

    def renew(self) -> None:
        """Do nothing: this process is there or nobody asks."""

    def close(self, kill: bool = False) -> None:
        """Do nothing."""


class ExecutorPool(Pool):
    """An executor of the caller: `concurrent.futures`, MPI, or anything with the same methods.

    Parameters
    ----------
    source : Executor, or callable without arguments
        An executor, or what makes one. Only what makes executors can replace one whose worker has died.
    workers : int or None
        Tasks done at the same time; as many as the executor says, or as there are cores, when absent.
    """

    broken = (BrokenExecutor,)

    def __init__(self, source: Executor | Callable[[], Executor], workers: int | None = None) -> None:
        ready = hasattr(source, "submit") and not isinstance(source, type)
        self._make: Callable[[], Any] | None = source if callable(source) and not ready else None
        self._executor: Any = source if self._make is None else self._make()
        if not hasattr(self._executor, "submit"):
            raise CatallaxyError(
                f"executor is {shown(source)}, which has no method `submit`; allowed are {_quoted(EXECUTORS)}, an "
                "executor as in concurrent.futures, or a function that makes one"
            )
        self.workers = workers or _workers_of(self._executor)

    def submit(self, call: Callable[[A], R], task: A) -> Future[R]:
        """Have the executor call a function."""
        future: Future[R] = self._executor.submit(call, task)
        return future

    def renew(self) -> None:
        """Replace the executor."""
        if self._make is None:
            name = type(self._executor).__name__
            raise CatallaxyError(
                f"a worker of the {name} has died, and with it the executor. What had finished is kept: the same call "
                f"with a new executor goes on. With a function that makes executors (`lambda: {name}(...)`) in its "
                "place this happens by itself"
            )
        self._end(kill=True)
        self._executor = self._make()

    def close(self, kill: bool = False) -> None:
        """End the executor if it was made here; the caller's own is only rid of tasks under way."""
        if self._make is not None or kill:
            self._end(kill)

    def _end(self, kill: bool) -> None:
        if kill:
            for process in list((getattr(self._executor, "_processes", None) or {}).values()):
                process.kill()
        self._executor.shutdown(wait=not kill, cancel_futures=kill)


def open_pool(
    executor: Any = "loky",
    jobs: int | None = None,
    scheduler: str | None = None,
    note: Callable[[str], None] | None = None,
) -> Pool:
    """Open a pool of workers.

    Parameters
    ----------
    executor : str or object, optional
        "loky" (processes on this machine), "dask", "serial" (this process), an executor or a Dask client, or a
        function that makes an executor.
    jobs : int, optional
        Workers; one per core that this process may use when absent. Remote workers are as many as there are.
    scheduler : str, optional
        Address of a running Dask scheduler, "tcp://host:port".
    note : callable, optional
        Called with what is worth a line.

    Returns
    -------
    Pool

    Raises
    ------
    CatallaxyError
        When there is no such pool, or it cannot be reached or used.
    """
    if jobs is not None and jobs < 1:
        raise CatallaxyError(f"jobs is {jobs}; at least 1 worker is needed")
    if scheduler is not None and executor not in {"dask", "loky"}:
        raise CatallaxyError(f"a Dask scheduler ({scheduler}) and the executor {executor!r} exclude each other")
    if scheduler is not None or executor == "dask" or type(executor).__module__.startswith("distributed"):
        from catallaxy.sim.sweeps.dispatch.dask_pool import open_dask

        return open_dask(executor, jobs or usable_cores(), scheduler, note or silent)
    if not isinstance(executor, str):
        return ExecutorPool(executor, jobs)
    if executor == "loky":
        from catallaxy.sim.sweeps.dispatch.loky_pool import LokyPool

        return LokyPool(jobs or usable_cores())
    if executor == "serial":
        return SerialPool()
    raise CatallaxyError(
        f"executor is {executor!r}; allowed are {_quoted(EXECUTORS)}{did_you_mean(executor, EXECUTORS)}"
    )


@contextmanager
def shielded() -> Iterator[None]:
    """Start processes in this block so that no signal, sent to a whole group of processes, ends one before it is ready.

    They begin with these signals blocked. A worker unblocks them when it ignores them (`starting.start_worker`); the
    resource tracker of `multiprocessing`, which every pool needs, keeps them blocked.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, for_the_driver())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def usable_cores() -> int:
    """Return how many cores this process may use: its affinity and its container's share count."""
    from joblib import cpu_count

    return int(cpu_count())


def silent(_text: str) -> None:
    """Say nothing."""


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, names))


def _workers_of(executor: Any) -> int:
    for name in ("_max_workers", "num_workers"):
        number = getattr(executor, name, None)
        if isinstance(number, int) and number > 0:
            return number
    return usable_cores()
