"""The middle of a sweep: what it leaves behind, and what it lets go of when something is wrong."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from catallaxy.sim.sweeps.design.plan_file import read_plan
from catallaxy.sim.sweeps.dispatch import pools
from catallaxy.sim.sweeps.execution import LOGS, do_missing
from catallaxy.sim.sweeps.manifest import PLAN_FILE
from catallaxy.sim.sweeps.options import SweepOptions
from catallaxy.sim.sweeps.plan import Plan
from catallaxy.sim.sweeps.sweep import plan_sweep

SERIAL = SweepOptions(executor="serial")


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Plan]:
    monkeypatch.setattr("catallaxy.agents.plugins._TRUSTED", set())
    sweep = {"name": "s", "scenario": "minimal", "set": {"steps": 3}, "replicates": 3}
    folder = plan_sweep(sweep, simulate="oracles.fake_runs:well")
    return folder, read_plan(folder / PLAN_FILE)


class Angry:
    """A listener that does not want to hear it."""

    def started(self, total: int, done: int, failed: int) -> None: ...

    def noted(self, text: str) -> None: ...

    def advanced(self, statuses: Mapping[int, str]) -> None:
        raise RuntimeError("enough")


def test_workers_end_before_the_error_of_whoever_takes_their_results_is_told(
    planned: tuple[Path, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []
    monkeypatch.setattr(pools.SerialPool, "close", lambda _pool, kill=False: closed.append(kill))
    with pytest.raises(RuntimeError, match="enough") as caught:
        do_missing(*planned, SERIAL, Angry())
    assert closed
    assert caught.traceback


def test_what_dead_workers_of_an_earlier_call_said_is_not_held_against_the_runs(planned: tuple[Path, Plan]) -> None:
    folder, plan = planned
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait(timeout=30)
    stale = folder / LOGS / "0-of-1" / f"{socket.gethostname()}-{dead.pid}-1.log"
    stale.parent.mkdir(parents=True)
    stale.write_text("row 1 run x\nTimeout (0:00:02)!\n")
    assert not do_missing(folder, plan, SERIAL, None)
    assert not stale.exists()


def test_another_shard_may_remove_the_folder_of_logs_first(planned: tuple[Path, Plan]) -> None:
    folder, plan = planned

    class Rival(Angry):
        def advanced(self, statuses: Mapping[int, str]) -> None:
            shutil.rmtree(folder / LOGS, ignore_errors=True)

    assert not do_missing(folder, plan, SERIAL, Rival())
