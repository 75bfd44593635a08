from __future__ import annotations

from concurrent.futures import BrokenExecutor, Future
from typing import Any

import pytest

from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.experiments.stopping import Stop
from catallaxy.sim.sweeps.dispatch.pools import Pool, SerialPool
from catallaxy.sim.sweeps.dispatch.recovery import Obituary, reason, restart
from catallaxy.sim.sweeps.outcome import Limits
from oracles.tasks import CONTEXT, planned


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            BrokenExecutor("A worker was terminated.\n\nThe exit codes of the workers are {SIGKILL(-9), EXIT(1)}\n"),
            "a worker process ended with SIGKILL(-9), EXIT(1)",
        ),
        (BrokenExecutor("The exit codes of the workers are {}"), "a worker process ended with an unknown exit code"),
        (type("KilledWorker", (Exception,), {})("Attempted to run"), "a Dask worker died"),
        (
            caused(BrokenExecutor("A task"), RuntimeError('"""\nTraceback\nImportError: no x\n"""')),
            "BrokenExecutor: ImportError: no x",
        ),
        (BrokenExecutor(), "BrokenExecutor"),
        (TypeError("two\nlines"), "TypeError: two lines"),
    ],
)
def test_the_reason_of_an_error_is_one_line(error: BaseException, said: str) -> None:
    assert reason(error) == said


@pytest.mark.parametrize(
    ("obituary", "status"),
    [
        (Obituary("a worker process ended with SIGKILL(-9)", "", hung=False), "crashed"),
        (Obituary("a worker process ended with EXIT(1)", "Timeout (0:00:02)!\n...", hung=False), "timeout"),
        (Obituary("did not come back", "", hung=True), "timeout"),
    ],
)
def test_a_run_that_is_given_up_is_recorded(obituary: Obituary, status: str) -> None:
    (run,) = planned(1)
    batch = obituary.batch(run, CONTEXT, Limits(timeout_s=2.0), 3)
    assert batch.statuses == {0: status}
    assert {"runs", "log"} <= batch.tables.keys()
    assert obituary.batch(run, CONTEXT, Limits(), 3).statuses == {0: status}


class Stillborn(Pool):
    """A pool whose workers die a few times before they can do anything."""

    broken = (BrokenExecutor,)

    def __init__(self, times: int, *, silent: bool = False) -> None:
        self.times, self.silent = times, silent

    def submit(self, call: Any, task: Any) -> Future[Any]:
        if self.silent:
            return Future()
        if self.times:
            raise BrokenExecutor("dead")
        return SerialPool().submit(call, task)

    def renew(self) -> None:
        self.times -= 1

    def close(self, kill: bool = False) -> None:
        """Do nothing."""


def test_a_pool_that_works_at_last_is_used() -> None:
    pool = Stillborn(2)
    restart(pool, Stop(), "it died")
    assert pool.times == 0


def test_a_pool_that_dies_again_and_again_is_not() -> None:
    with pytest.raises(CatallaxyError, match="cannot be started, 3 times in a row: BrokenExecutor: dead"):
        restart(Stillborn(9), Stop(), "it died")


def test_a_pool_that_never_answers_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catallaxy.sim.sweeps.dispatch.recovery._START_S", 0.0)
    with pytest.raises(CatallaxyError, match=r"TimeoutError: no worker is ready after 0 s"):
        restart(Stillborn(0, silent=True), Stop(), "it died")


def test_a_stop_ends_the_wait() -> None:
    stop = Stop()
    stop.request()
    restart(Stillborn(0, silent=True), stop, "it died")
