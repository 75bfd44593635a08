"""Workers of a Dask cluster: one on this machine that lives as long as the sweep, or one that runs already."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.sweeps.dispatch.pools import Pool, shielded
from catallaxy.sim.sweeps.dispatch.starting import ONE_THREAD

__all__ = ["DaskPool", "open_dask"]

A = TypeVar("A")
R = TypeVar("R")
Note = Callable[[str], None]

_CONNECT_S = 15
_NO_WORKER_S = 120.0
_FORGOTTEN_S = 60.0
_CLOSE_S = 60
_ENVIRONMENT = "distributed.nanny.pre-spawn-environ"
_SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.worker.preload": ["catallaxy.sim.sweeps.dispatch.starting"],
    # A worker that dies again soon would not be replaced otherwise.
    "distributed.deploy.lost-worker-timeout": "365 days",
}
_SAME = ("python", "distributed", "catallaxy")


class DaskPool(Pool):
    """Workers of a Dask cluster.

    Dask gives the tasks of a worker that is lost to others by itself, so that the pool is not renewed for that.

    Parameters
    ----------
    client : distributed.Client
    note : callable
        Called with what is worth a line.
    own : OwnCluster, optional
        The cluster, if it is ours; absent for a cluster of somebody else.
    """

    together = False
    _client: Any
    _executor: Any

    def __init__(self, client: Any, note: Note, own: OwnCluster | None = None) -> None:
        from distributed import KilledWorker

        self.broken = (KilledWorker, CancelledError)
        self._note, self._own = note, own
        self._checked: set[str] = set()
        self._deserted_since: float | None = None
        self._idle_since: float | None = None
        self._under_way: set[Future[Any]] = set()
        self._use(client)

    def submit(self, call: Callable[[A], R], task: A) -> Future[R]:
        """Have a worker of the cluster call a function."""
        future: Future[R] = self._executor.submit(call, task)
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return future

    def watch(self) -> bool:
        """Look after the cluster: which workers there are, whether new ones can be used, and whether tasks are lost.

        Returns
        -------
        bool
            Whether a cluster of our own has had nothing to do for a minute while tasks have not come back.

        Raises
        ------
        CatallaxyError
            When the scheduler is gone, no worker has been there for two minutes, or one cannot be used.
        """
        threads = self._threads()
        if threads:
            self._deserted_since = None
            self.workers = sum(threads.values())
            self._check(threads)
        elif self._checked:
            self._deserted_since = self._deserted_since or time.monotonic()
            if time.monotonic() - self._deserted_since > _NO_WORKER_S:
                raise CatallaxyError(
                    f"the Dask cluster at {self._address} has had no worker for {_NO_WORKER_S:g} s. What had finished "
                    "is kept: start workers, and run the sweep again to go on"
                )
        return bool(threads) and self._has_forgotten()

    def renew(self) -> None:
        """Start another cluster in place of our own, or restart the workers that do our tasks."""
        self._idle_since = None
        self._under_way.clear()
        if self._own is not None:
            self._own.close()
            self._use(self._own.start())
            return
        ours = set(self._client.futures)
        stuck = [worker for worker, keys in self._client.processing().items() if not ours.isdisjoint(keys)]
        self._executor.shutdown(wait=False)
        try:
            self._client.restart_workers(stuck, timeout=_NO_WORKER_S)
        except (ValueError, TimeoutError, OSError) as error:
            raise CatallaxyError(
                f"Dask workers do not answer and cannot be restarted ({error}): {', '.join(stuck)}. Only workers that "
                "were started with a nanny can. What had finished is kept"
            ) from error
        self._executor = self._client.get_executor(pure=False)

    def close(self, kill: bool = False) -> None:
        """End our own cluster; of somebody else's only our tasks are taken back."""
        if self._own is not None:
            self._own.close()
        elif self._client.status == "running":
            self._executor.shutdown(wait=False)

    def _use(self, client: Any) -> None:
        self._client = client
        self._executor = self._client.get_executor(pure=False)
        self._address: str = self._client.scheduler.address
        self.watch()
        if not self._checked:
            self._note(f"the Dask cluster at {self._address} has no worker yet: waiting for one")

    def _has_forgotten(self) -> bool:
        """Return whether tasks are due that no worker does; in a cluster of others they may just wait their turn."""
        idle = self._own is not None and self._under_way and not any(self._client.processing().values())
        self._idle_since = (self._idle_since or time.monotonic()) if idle else None
        return self._idle_since is not None and time.monotonic() - self._idle_since > _FORGOTTEN_S

    def _threads(self) -> Mapping[str, int]:
        """Return threads by address of worker."""
        try:
            if self._client.status == "running":
                return dict(self._client.nthreads())
        except OSError as error:
            raise self._lost() from error
        raise self._lost()

    def _lost(self) -> CatallaxyError:
        return CatallaxyError(
            f"the connection to the Dask scheduler at {self._address} is lost. What had finished is kept: run the "
            "sweep again to go on"
        )

    def _check(self, threads: Mapping[str, int]) -> None:
        """Check workers that were not there before."""
        new = set(threads) - self._checked
        if not new:
            return
        self._checked |= new
        found = self._client.get_versions(packages=["catallaxy"])
        refuse_other_versions(self._address, found)
        if self._own is None:
            self._advise({worker: threads[worker] for worker in new})

    def _advise(self, threads: Mapping[str, int]) -> None:
        """Tell how workers should be started when they were not."""
        limits = self._client.run(os.getenv, "NUMBA_NUM_THREADS", workers=list(threads), on_error="ignore")
        poor = sum(threads[worker] > 1 or limits.get(worker) != "1" for worker in threads)
        if poor:
            self._note(
                f"{poor} of {len(threads)} Dask workers have several threads or no NUMBA_NUM_THREADS=1: runs may get "
                "in each other's way. Better: NUMBA_NUM_THREADS=1 dask worker --nthreads 1 --nworkers <cores> ..."
            )


class OwnCluster:
    """A cluster on this machine: processes with one thread each, without dashboard, memory limits or second attempts.

    Parameters
    ----------
    workers : int
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._client: Any = None
        self._settings: Any = None

    def start(self) -> Any:
        """Start the cluster and return its client."""
        from multiprocessing import resource_tracker

        import dask
        from distributed import Client, LocalCluster

        with shielded():
            resource_tracker.ensure_running()
        self._settings = dask.config.set({**_SETTINGS, **{f"{_ENVIRONMENT}.{k}": v for k, v in ONE_THREAD.items()}})
        local: Any = LocalCluster
        cluster = local(
            n_workers=self._workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            memory_limit=0,
            silence_logs=logging.CRITICAL,
            host="127.0.0.1",
        )
        make: Any = Client
        self._client = make(cluster, set_as_default=False)
        return self._client

    def close(self) -> None:
        """End the cluster, and restore the settings of Dask."""
        if self._client is None:
            return
        client, self._client = self._client, None
        try:
            client.close(timeout=_CLOSE_S)
            client.cluster.close(timeout=_CLOSE_S)
        finally:
            self._settings.__exit__(None, None, None)


def open_dask(executor: Any, workers: int, scheduler: str | None, note: Note) -> DaskPool:
    """Open a pool on a Dask cluster.

    Parameters
    ----------
    executor : str, distributed.Client or its executor
        A client (or what `Client.get_executor` gives) says which cluster; text leaves it to `scheduler`.
    workers : int
        Workers of a cluster of our own.
    scheduler : str or None
        Address of a running scheduler; None starts a cluster on this machine.
    note : callable
        Called with what is worth a line.

    Returns
    -------
    DaskPool

    Raises
    ------
    CatallaxyError
        When Dask is not installed, the scheduler cannot be reached, or its workers cannot be used.
    """
    try:
        import distributed  # noqa: F401 # only whether it is there
    except ImportError as error:
        raise CatallaxyError("Dask is not installed: pip install 'catallaxy[dask]'") from error
    if not isinstance(executor, str):
        return DaskPool(getattr(executor, "_client", executor), note)
    if scheduler is not None:
        return DaskPool(_connected(scheduler), note)
    own = OwnCluster(workers)
    return DaskPool(own.start(), note, own)


def refuse_other_versions(address: str, found: Mapping[str, Any]) -> None:
    """Refuse a cluster that has other software than this process.

    Parameters
    ----------
    address : str
        Of the scheduler, for the message.
    found : mapping
        What `Client.get_versions(packages=["catallaxy"])` returns.

    Raises
    ------
    CatallaxyError
        With every difference that matters.
    """
    here = _versions(found["client"])
    others = {"the scheduler": found["scheduler"], **{f"worker {name}": it for name, it in found["workers"].items()}}
    wrong = []
    for who, about in others.items():
        there = _versions(about)
        if there["catallaxy"] is None:
            wrong.append(f"{who} cannot import catallaxy")
        different = [name for name in _SAME if there[name] is not None and there[name] != here[name]]
        wrong += [f"{who} has {name} {there[name]}, this process {here[name]}" for name in different]
    if wrong:
        raise CatallaxyError(
            f"the Dask cluster at {address} cannot be used: {'; '.join(wrong)}. Start its scheduler and workers in an "
            "environment like this one"
        )


def _versions(about: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the versions that must agree; of Python the first two numbers."""
    versions = {name: about["packages"].get(name) for name in _SAME}
    versions["python"] = ".".join(str(versions["python"]).split(".")[:2])
    return versions


def _connected(address: str) -> Any:
    from distributed import Client

    try:
        connect: Any = Client
        return connect(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CatallaxyError(
            f"no Dask scheduler answers at {address!r} within {_CONNECT_S} s ({error}). Start one with `dask "
            "scheduler`, which prints its address (tcp://host:8786), or leave it out for workers on this machine"
        ) from error
