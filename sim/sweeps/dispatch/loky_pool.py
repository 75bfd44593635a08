"""Worker processes on this machine, by loky."""

from __future__ import annotations

import os
import signal
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, TypeVar

from catallaxy.sim.sweeps.dispatch.pools import Pool, shielded
from catallaxy.sim.sweeps.dispatch.starting import ONE_THREAD, start_worker

__all__ = ["LokyPool"]

A = TypeVar("A")
R = TypeVar("R")

_UNNOTICED_S = 2.0


class LokyPool(Pool):
    """Worker processes on this machine, with one thread each.

    They are started with the first task, and they end when this process ends, however it does.

    Parameters
    ----------
    workers : int
    """

    def __init__(self, workers: int) -> None:
        from joblib.externals.loky.process_executor import TerminatedWorkerError

        # Both concern memory that a finished run has left and tools that are missing: the sweep goes on as before.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs were given", UserWarning)
        warnings.filterwarnings("ignore", "Failed to kill subprocesses on this platform", UserWarning)
        self.workers = workers
        self.broken = (TerminatedWorkerError,)
        self._executor: Any = None
        self._dead_since: float | None = None

    def submit(self, call: Callable[[A], R], task: A) -> Future[R]:
        """Have a worker process call a function."""
        if self._executor is None:
            from multiprocessing import resource_tracker as multiprocessing_tracker

            from joblib.externals.loky import ProcessPoolExecutor
            from joblib.externals.loky.backend import resource_tracker

            with shielded():
                multiprocessing_tracker.ensure_running()
                resource_tracker.ensure_running()
            mine = (os.getpid(),)
            self._executor = ProcessPoolExecutor(self.workers, initializer=start_worker, initargs=mine, env=ONE_THREAD)
        with shielded():
            future: Future[R] = self._executor.submit(call, task)
        return future

    def watch(self) -> bool:
        """Tell whether a worker has died and the executor does not notice.

        A process that is killed while it sends a result leaves half a message, for the rest of which the executor
        waits for ever.
        """
        from multiprocessing.connection import wait

        processes = [] if self._executor is None else list(self._executor._processes.values())
        if not wait([process.sentinel for process in processes], timeout=0):
            self._dead_since = None
            return False
        self._dead_since = self._dead_since or time.monotonic()
        return time.monotonic() - self._dead_since > _UNNOTICED_S

    def renew(self) -> None:
        """Kill all workers; new ones start with the next task."""
        self.close(kill=True)

    def close(self, kill: bool = False) -> None:
        """End all workers."""
        executor, self._executor, self._dead_since = self._executor, None, None
        if executor is None:
            return
        if kill:
            _kill(executor)
        executor.shutdown(wait=True, kill_workers=kill)


def _kill(executor: Any) -> None:
    """Kill the processes of a loky executor, and let its thread go when it waits for the rest of a message."""
    manager, results = executor._executor_manager_thread, executor._result_queue
    for pid in list(executor._processes):
        with suppress(ProcessLookupError):
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    if manager is not None:
        manager.join(_UNNOTICED_S)
        if manager.is_alive():
            results._writer.close()
