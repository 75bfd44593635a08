"""Whatever dies, a sweep ends with every run done once and the same bytes as a serial one."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from catallaxy.sim.sweeps.options import SweepOptions
from catallaxy.sim.sweeps.store.failures import read_failures
from catallaxy.sim.sweeps.store.status import read_status
from catallaxy.sim.sweeps.sweep import run_sweep

pytestmark = [pytest.mark.jit, pytest.mark.slow, pytest.mark.whole]

CLI = (sys.executable, "-m", "catallaxy.sim.cli.main", "sweep")
TABLES = ("runs.parquet", "series.parquet", "agents/compute_nodes.parquet")
WAIT_S = 120.0


def design(replicates: int = 30) -> dict[str, Any]:
    """Four points of `minimal`, ten days each."""
    return {
        "name": "hardy",
        "scenario": "minimal",
        "set": {"steps": 10},
        "replicates": replicates,
        "design": {"grid": {"networks.alpha.openness": [0.2, 0.8], "populations.users.count": [200, 300]}},
        "record": {"series": ["price", "users"], "every": 3, "agents": ["compute_nodes"], "agent_steps": [-1]},
    }


@pytest.fixture
def sweep_file(tmp_path: Path) -> Path:
    path = tmp_path / "hardy.yaml"
    path.write_text(json.dumps(design()))
    return path


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every final table."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in TABLES}


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of the tables that an uninterrupted sweep in one process gives."""
    out = tmp_path_factory.mktemp("serial")
    run_sweep(design(), SweepOptions(executor="serial"), out=out)
    (folder,) = out.iterdir()
    return digests(folder)


def children(pid: int) -> list[int]:
    """Return the processes below one, deepest last."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *children(child)]
    return found


def workers(pid: int) -> list[int]:
    """Return the worker processes of a driver."""
    return [child for child in children(pid) if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes()]


def done(out: Path) -> int:
    """Return how many runs of the only sweep below a folder are done."""
    folders = [path.parent for path in out.glob("[!.]*/plan.parquet")]
    if not folders:
        return 0
    status = read_status(folders[0])
    return status.planned - status.left


def wait_for(condition: Callable[[], bool], driver: subprocess.Popen[str]) -> None:
    """Wait until something holds while the driver lives."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert driver.poll() is None, driver.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def driving(sweep_file: Path, out: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """Start the command line on a sweep, in a session of its own, and leave nothing of it behind."""
    command = [*CLI, "run", str(sweep_file), "-o", str(out), "-j", "2", *more]
    driver = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield driver
    finally:
        if driver.poll() is None:
            os.killpg(driver.pid, signal.SIGKILL)
        driver.communicate(timeout=WAIT_S)


def finish(sweep_file: Path, out: Path, *more: str) -> Path:
    """Run a sweep to its end from the command line and return its folder."""
    with driving(sweep_file, out, *more) as driver:
        text, messages = driver.communicate(timeout=WAIT_S)
    assert driver.returncode == 0, messages
    assert "Traceback" not in messages
    return Path(text.splitlines()[-1])


def test_a_worker_the_driver_and_everything_killed_at_once_lose_nothing(
    sweep_file: Path, tmp_path: Path, serial: Mapping[str, str]
) -> None:
    out = tmp_path / "out"
    with driving(sweep_file, out) as driver:
        wait_for(lambda: done(out) >= 8, driver)
        os.kill(workers(driver.pid)[0], signal.SIGKILL)
        before = done(out)
        wait_for(lambda: done(out) >= before + 15, driver)
        os.kill(driver.pid, signal.SIGKILL)
        driver.wait(timeout=WAIT_S)
    kept = done(out)
    assert kept >= before + 15
    with driving(sweep_file, out) as driver:
        wait_for(lambda: done(out) >= kept + 15, driver)
        os.killpg(driver.pid, signal.SIGKILL)
        driver.wait(timeout=WAIT_S)
    assert done(out) >= kept + 15
    folder = finish(sweep_file, out)
    assert digests(folder) == serial
    assert read_failures(folder) == []
    assert not (folder / "parts").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_a_sweep_that_is_asked_to_stop_keeps_what_it_has_and_goes_on_later(
    sweep_file: Path, tmp_path: Path, serial: Mapping[str, str], number: signal.Signals
) -> None:
    out = tmp_path / "out"
    with driving(sweep_file, out) as driver:
        wait_for(lambda: done(out) >= 5, driver)
        driver.send_signal(number)
        _, messages = driver.communicate(timeout=WAIT_S)
    assert driver.returncode == 130, messages
    assert "Traceback" not in messages
    assert 5 <= done(out) < 120
    assert digests(finish(sweep_file, out)) == serial


def test_shards_that_overlap_give_the_same_bytes(sweep_file: Path, tmp_path: Path, serial: Mapping[str, str]) -> None:
    out = tmp_path / "out"
    run_sweep(sweep_file, SweepOptions(executor="serial", shard=(0, 2)), out=out)
    run_sweep(sweep_file, SweepOptions(executor="serial", shard=(1, 3)), out=out)
    assert done(out) == 60 + 20
    assert digests(finish(sweep_file, out)) == serial


def test_a_full_disk_stops_the_sweep_with_one_message_and_keeps_what_was_stored(
    sweep_file: Path, tmp_path: Path, serial: Mapping[str, str]
) -> None:
    out = tmp_path / "out"

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000))

    command = [*CLI, "run", str(sweep_file), "-o", str(out), "--executor", "serial"]
    full = subprocess.run(command, preexec_fn=small_files, capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert full.returncode == 2, full.stderr
    assert "cannot write" in full.stderr
    assert "Traceback" not in full.stderr
    assert 0 < done(out) < 120
    assert digests(finish(sweep_file, out)) == serial


FICKLE = """
import os, time
from catallaxy.sim.engine.engine import simulate as engine

def simulate(scenario, *arguments, **options):
    how = scenario.description
    if how == "raise":
        raise ValueError("this run was meant to fail")
    if how == "hang":
        time.sleep(3600)
    if how == "loop":
        while True:
            pass
    if how == "memory":
        kept = []
        while True:
            kept.append(bytearray(50_000_000))
    if how == "die":
        os.kill(os.getpid(), 9)
    return engine(scenario, *arguments, **options)
"""


def fickle(kinds: list[str]) -> dict[str, Any]:
    """A sweep of which only the point "fine" can be done."""
    return {**design(4), "name": "fickle", "design": {"grid": {"description": kinds}}}


@pytest.mark.timing
def test_a_run_that_raises_hangs_eats_memory_or_kills_its_worker_is_isolated_listed_and_retried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fickle.py").write_text(FICKLE)
    monkeypatch.syspath_prepend(tmp_path)
    kinds = ["fine", "raise", "hang", "loop", "memory", "die", "well"]
    options = SweepOptions(jobs=2, timeout_s=2.0, memory_mb=1500.0)
    status = run_sweep(fickle(kinds), options, out=tmp_path / "out", simulate="fickle:simulate")
    assert status.counts == {"complete": 8, "failed": 4, "timeout": 8, "memory": 4, "crashed": 4}
    (folder,) = (tmp_path / "out").iterdir()
    failures = {(f.sets["description"], f.replicate): f for f in read_failures(folder)}
    assert len(failures) == 20
    assert {failure.status for (kind, _), failure in failures.items() if kind == "die"} == {"crashed"}
    assert "ValueError: this run was meant to fail" in failures["raise", 0].error
    assert "fickle.py" in failures["raise", 0].traceback
    assert "while True" in failures["loop", 1].traceback

    (tmp_path / "fickle.py").write_text("from catallaxy.sim.engine.engine import simulate\n")
    again = run_sweep(folder, SweepOptions(jobs=2, retry=True))
    assert again.counts == {"complete": 28}
    run_sweep(fickle(kinds), SweepOptions(executor="serial"), out=tmp_path / "serial", simulate="fickle:simulate")
    (reference,) = (tmp_path / "serial").iterdir()
    assert digests(folder) == digests(reference)
