"""How far a sweep is, read from its files alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.design.plan_file import write_plan
from catallaxy.sim.sweeps.store import store as store_module
from catallaxy.sim.sweeps.store.collecting import collect
from catallaxy.sim.sweeps.store.disk import PARTS
from catallaxy.sim.sweeps.store.frames import frame_bytes
from catallaxy.sim.sweeps.store.status import SweepStatus, read_status
from catallaxy.sim.sweeps.store.store import Store
from oracles.sweeps import toy_batch, toy_plan

PLAN = toy_plan(10, 2)
HERE = Path()


@pytest.fixture(autouse=True)
def _planned(tmp_path: Path) -> None:
    write_plan(PLAN, tmp_path / "plan.parquet")


def test_a_folder_with_just_a_plan_has_nothing_done() -> None:
    status = read_status(HERE)
    size = Path("plan.parquet").stat().st_size
    assert status == SweepStatus("toy", 20, {}, 20, (), 0.0, None, size, False)
    assert [path.name for path in HERE.iterdir()] == ["plan.parquet"]


def test_a_sweep_at_work_is_seen_from_outside() -> None:
    with Store(HERE, PLAN, "0-of-2") as store, Store(HERE, PLAN, "1-of-2"):
        store.add(toy_batch(PLAN, range(0, 12, 2), {4: "failed"}))
        text = subprocess.run(
            [sys.executable, "-c", LOOK], capture_output=True, text=True, timeout=60, check=True
        ).stdout
    status = json.loads(text)
    assert (status["planned"], status["counts"], status["left"]) == (20, {"complete": 5, "failed": 1}, 14)
    first, second = status["writers"]
    assert (first["name"], first["pid"], first["alive"], first["runs"]) == ("0-of-2", os.getpid(), True, 6)
    assert 0.0 <= first["last_s_ago"] < 60.0
    assert (second["name"], second["alive"], second["runs"], second["last_s_ago"]) == ("1-of-2", True, 0, None)
    assert 0.0 < status["runs_per_s"] <= 6.0
    assert status["eta_s"] == pytest.approx(14 / status["runs_per_s"])
    assert not status["collected"]


LOOK = """
import json
from dataclasses import asdict
from pathlib import Path
from catallaxy.sim.sweeps.store.status import read_status
print(json.dumps(asdict(read_status(Path()))))
"""


def test_the_rate_is_that_of_the_last_minutes_also_after_the_journal_became_a_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store_module, "_PART_RUNS", 6)
    now = time.time()
    with Store(HERE, PLAN, "a") as store:
        store.add(toy_batch(PLAN, range(4), finished=now - 400.0))
        store.add(toy_batch(PLAN, range(4, 10), finished=now - 100.0))
        monkeypatch.setattr(time, "time", lambda: now + 100.0)
        store.add(toy_batch(PLAN, range(10, 14), finished=now + 90.0))
        status = read_status(HERE)
    assert status.runs_per_s == pytest.approx(4 / 100, rel=0.1)
    assert status.writers[0].runs == 14
    assert status.writers[0].last_s_ago == pytest.approx(0.0, abs=11.0)
    assert read_status(HERE).runs_per_s == 0.0
    assert read_status(HERE).eta_s is None


def test_a_writer_that_ended_is_not_alive_although_its_process_is() -> None:
    Store(HERE, PLAN, "a").close()
    (writer,) = read_status(HERE).writers
    assert (writer.alive, writer.pid) == (False, os.getpid())


@pytest.mark.parametrize(
    ("host", "pid", "age_s", "alive"),
    [(None, 2**22 + 1, 0.0, False), ("elsewhere", 1, 10.0, True), ("elsewhere", 1, 4000.0, False)],
)
def test_who_is_alive(host: str | None, pid: int, age_s: float, alive: bool) -> None:
    import platform

    began = time.time() - age_s
    owner = {"host": host or platform.node(), "pid": pid, "started": began, "plan": PLAN.hash, "part": 1}
    (HERE / PARTS).mkdir()
    (HERE / PARTS / "a.journal").write_bytes(frame_bytes({"kind": "writer", **owner}))
    (writer,) = read_status(HERE).writers
    assert writer.alive is alive


def test_collected_tells_whether_the_tables_hold_all_that_is_done() -> None:
    with Store(HERE, PLAN, "a") as store:
        store.add(toy_batch(PLAN, range(5), {3: "failed"}))
    collect(HERE, PLAN)
    assert read_status(HERE).collected
    with Store(HERE, PLAN, "a") as store:
        store.add(toy_batch(PLAN, [3], attempt=2))
    assert not read_status(HERE).collected
    with Store(HERE, PLAN, "a") as store:
        store.add(toy_batch(PLAN, range(5, 20)))
    collect(HERE, PLAN)
    status = read_status(HERE)
    assert (status.collected, status.left, status.counts, status.writers) == (True, 0, {"complete": 20}, ())
    assert status.bytes == sum(path.stat().st_size for path in HERE.rglob("*") if path.is_file())
    assert json.loads(json.dumps(asdict(status)))["name"] == "toy"


def test_no_plan_is_an_error() -> None:
    Path("plan.parquet").unlink()
    with pytest.raises(ResultsError, match=r"plan\.parquet"):
        read_status(HERE)
