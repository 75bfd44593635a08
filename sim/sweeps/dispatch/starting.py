"""What happens in a worker process besides the runs: start it, measure its tasks, end it with its driver."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from catallaxy.sim.errors import CatallaxyError

__all__ = ["ONE_THREAD", "answer", "for_the_driver", "start_worker", "timed"]

A = TypeVar("A")
R = TypeVar("R")

_THREADS = ("NUMBA_NUM", "OMP_NUM", "MKL_NUM", "OPENBLAS_NUM", "VECLIB_MAXIMUM", "NUMEXPR_NUM")
ONE_THREAD = {f"{name}_THREADS": "1" for name in _THREADS}
"""Environment that keeps every library of a worker to one thread; the sweep has as many workers as cores."""

_FOR_THE_DRIVER = ("SIGINT", "SIGTERM", "SIGUSR1")
_WATCH_S = 1.0
_complaints: list[str] = []


def start_worker(driver: int | None = None) -> None:
    """Prepare this process for runs; called once in each worker, before its first task.

    Ctrl-C in a terminal, and a batch system at a time limit, signal the driver and its workers alike: the driver
    decides, so workers take no notice. They end when the driver is gone, also when it went before they were ready.

    Parameters
    ----------
    driver : int, optional
        Process that started this one; its parent now when absent.
    """
    for number in for_the_driver():
        signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, for_the_driver())
    threading.Thread(target=_end_with, args=(driver or os.getppid(),), name="end-with-driver", daemon=True).start()
    try:
        from catallaxy.sim.sweeps.workers.work import prepare_worker

        prepare_worker()
    except Exception as error:
        _complaints.append(f"{type(error).__name__}: {error}")


def for_the_driver() -> list[signal.Signals]:
    """Return the signals that ask a driver to stop and that its workers leave to it."""
    return [getattr(signal, name) for name in _FOR_THE_DRIVER if hasattr(signal, name)]


def dask_setup(_worker: Any) -> None:
    """Prepare a Dask worker: Dask calls this when the module is one of its preloads."""
    start_worker()


def timed(perform: Callable[[A], R], task: A) -> tuple[float, R]:
    """Do a task in a worker and measure it.

    Parameters
    ----------
    perform : callable
    task : object
        Its argument.

    Returns
    -------
    (float, object)
        Seconds, and what `perform` returned.

    Raises
    ------
    CatallaxyError
        When this process could not be prepared.
    """
    if _complaints:
        raise CatallaxyError(f"a worker process could not be prepared: {_complaints[0]}")
    started = time.perf_counter()
    result = perform(task)
    return time.perf_counter() - started, result


def answer(question: R) -> R:
    """Return the argument: a task that every worker that works can do."""
    return question


def _end_with(driver: int) -> None:
    """End this process when another one has become its parent."""
    while os.getppid() == driver:
        time.sleep(_WATCH_S)
    os._exit(1)
