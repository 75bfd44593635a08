from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.experiments.stopping import Stop
from catallaxy.sim.sweeps.dispatch import dask_pool
from catallaxy.sim.sweeps.dispatch.dask_pool import refuse_other_versions
from catallaxy.sim.sweeps.dispatch.dispatch import Job, dispatch
from catallaxy.sim.sweeps.dispatch.pools import open_pool
from oracles.tasks import CONTEXT, act, is_alive, planned

pytest.importorskip("distributed", reason="the extra `dask` is not installed")

TESTS = Path(__file__).parents[3]
PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def _kernels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "kernels"))


def versions(**others: str | None) -> dict[str, Any]:
    packages = {"python": "3.11.7.final.0", "distributed": "2026.8.0", "catallaxy": "0.1.0", **others}
    return {"packages": packages}


def test_a_cluster_with_the_same_software_is_accepted() -> None:
    same = versions(python="3.11.2.final.0", numpy="1.0")
    refuse_other_versions("tcp://a:1", {"client": versions(), "scheduler": same, "workers": {"tcp://b:1": same}})


@pytest.mark.parametrize(
    ("scheduler", "worker", "message"),
    [
        (versions(), versions(catallaxy=None), r"tcp://a:1 cannot be used: worker tcp://b:1 cannot import catallaxy\."),
        (versions(catallaxy=None), versions(), r"the scheduler cannot import catallaxy\. Start its scheduler"),
        (versions(), versions(python="3.12.1.final.0"), r"worker tcp://b:1 has python 3\.12, this process 3\.11"),
        (versions(distributed="2025.1.0"), versions(catallaxy="0.0.9"), r"has distributed 2025.*has catallaxy 0\.0\.9"),
    ],
)
def test_a_cluster_with_other_software_is_refused(
    scheduler: Mapping[str, Any], worker: Mapping[str, Any], message: str
) -> None:
    found = {"client": versions(), "scheduler": scheduler, "workers": {"tcp://b:1": worker}}
    with pytest.raises(CatallaxyError, match=message):
        refuse_other_versions("tcp://a:1", found)


@pytest.mark.slow
def test_a_scheduler_that_cannot_be_reached_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_pool, "_CONNECT_S", 1)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(
            CatallaxyError, match=rf"no Dask scheduler answers at '{address}' within 1 s .*`dask scheduler`"
        ):
            open_pool("dask", None, address)


@pytest.mark.slow
@pytest.mark.timing
@pytest.mark.filterwarnings("ignore:unclosed .*:ResourceWarning")
def test_a_cluster_of_our_own_survives_deaths_and_leaves_nothing(tmp_path: Path) -> None:
    odd: dict[int, dict[str, object]] = {
        5: {"signal": signal.SIGKILL, "once": str(tmp_path / "once")},
        11: {"signal": signal.SIGKILL},
    }
    pool = open_pool("dask", 2)
    assert pool.workers == 2
    pids, found = set(), {}
    for batch in dispatch(planned(40, odd, sleep=0.01), pool, Job(CONTEXT, perform=act), Stop()):
        assert not found.keys() & batch.statuses.keys()
        found.update(batch.statuses)
        pids.add(int(batch.tables.get("pid", b"0")))
    assert found == {**dict.fromkeys(range(40), "complete"), 11: "crashed"}
    assert pool.submit(os.getenv, "NUMBA_NUM_THREADS").result() == "1"
    pool.close()
    pool.close(kill=True)
    wait_for(lambda: not any(map(is_alive, pids - {0})))


class StillClient:
    """A client of a scheduler whose one worker does what `busy` says."""

    status = "running"
    scheduler = SimpleNamespace(address="tcp://a:1")

    def __init__(self) -> None:
        self.busy: tuple[str, ...] = ()
        self.sent: list[Future[int]] = []

    def get_executor(self, pure: bool) -> StillClient:
        return self

    def submit(self, _call: object, _task: object) -> Future[int]:
        self.sent.append(Future())
        return self.sent[-1]

    def nthreads(self) -> dict[str, int]:
        return {"tcp://b:1": 1}

    def processing(self) -> dict[str, tuple[str, ...]]:
        return {"tcp://b:1": self.busy}

    def get_versions(self, packages: object) -> dict[str, Any]:
        return {"client": versions(), "scheduler": versions(), "workers": {}}

    def run(self, *_: object, **__: object) -> dict[str, str]:
        return {"tcp://b:1": "1"}


@pytest.mark.parametrize("own", [True, False])
def test_tasks_that_no_worker_of_ours_has_are_lost_after_a_while(monkeypatch: pytest.MonkeyPatch, own: bool) -> None:
    client, clock = StillClient(), SimpleNamespace(now=1000.0)
    monkeypatch.setattr(dask_pool, "time", SimpleNamespace(monotonic=lambda: clock.now))
    pool = dask_pool.DaskPool(client, print, dask_pool.OwnCluster(1) if own else None)

    def watched(seconds: float) -> bool:
        clock.now += seconds
        return pool.watch()

    assert [watched(1.0), watched(100.0)] == [False, False]
    pool.submit(len, "task")
    assert [watched(1.0), watched(59.0), watched(2.0)] == [False, False, own]
    client.busy = ("task",)
    assert [watched(1.0), watched(100.0)] == [False, False]
    client.busy = ()
    assert [watched(1.0), watched(59.0), watched(2.0)] == [False, False, own]
    client.sent[0].set_result(4)
    assert [watched(1.0), watched(100.0)] == [False, False]


@pytest.mark.slow
@pytest.mark.timing
@pytest.mark.filterwarnings("ignore:unclosed .*:ResourceWarning")
def test_a_cluster_that_runs_already_loses_a_worker_and_no_run(tmp_path: Path) -> None:
    from distributed import Client

    notes: list[str] = []
    address = f"tcp://127.0.0.1:{free_port()}"
    with cluster(address, tmp_path):
        pool = open_pool("dask", None, address, notes.append)
        wait_for(lambda: pool.watch() or pool.workers == 2)
        found: dict[int, str] = {}
        killed = 0
        for batch in dispatch(planned(60, sleep=0.05), pool, Job(CONTEXT, perform=act, per_task=2), Stop()):
            assert not found.keys() & batch.statuses.keys()
            found.update(batch.statuses)
            if not killed and len(found) >= 10:
                killed = int(batch.tables["pid"])
                os.kill(killed, signal.SIGKILL)
        pool.close()
        assert found == dict.fromkeys(range(60), "complete")
        assert any("have several threads or no NUMBA_NUM_THREADS=1" in note for note in notes)
        with Client(address, set_as_default=False) as client:
            wait_for(lambda: len(client.nthreads()) == 1)
            again = open_pool(client)
            rows = [
                row
                for batch in dispatch(planned(6), again, Job(CONTEXT, perform=act), Stop())
                for row in batch.statuses
            ]
            assert sorted(rows) == list(range(6))
            again.close()
            assert client.status == "running"


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def cluster(address: str, folder: Path) -> Iterator[None]:
    """Run a scheduler and two workers without nannies, each in a process of its own."""
    port = address.rpartition(":")[2]
    commands = [
        ["scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"],
        *[["worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--host", "127.0.0.1"]] * 2,
    ]
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "DASK_TEMPORARY_DIRECTORY": str(folder)}
    environment.pop("NUMBA_NUM_THREADS", None)
    with (folder / "log").open("w") as log:
        processes = [
            subprocess.Popen([sys.executable, "-m", "dask", *command], env=environment, stdout=log, stderr=log)
            for command in commands
        ]
        try:
            yield
        finally:
            for process in reversed(processes):
                process.kill()
                process.wait(timeout=PATIENCE_S)
