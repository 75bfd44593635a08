"""Whatever dies, a sweep ends with every run done once and the same bytes as a serial one."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from catallaxy.sim.sweeps.options import SweepOptions
from catallaxy.sim.sweeps.store.failures import read_failures
from catallaxy.sim.sweeps.store.status import read_status
from catallaxy.sim.sweeps.sweep import plan_sweep, run_sweep
from oracles.tasks import is_alive

pytestmark = [pytest.mark.jit, pytest.mark.slow, pytest.mark.whole]

CLI = (sys.executable, "-m", "catallaxy.sim.cli.main", "--plugins", "napping", "sweep")
TABLES = ("runs.parquet", "series.parquet", "agents/compute_nodes.parquet")
WAIT_S = 240.0
NAP_S = 0.25
NAPPING = """
import os, time
from catallaxy.sim.engine.engine import simulate as engine

def simulate(*arguments, **options):
    time.sleep(float(os.environ.get("NAP_S", 0)))
    return engine(*arguments, **options)
"""


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


@pytest.fixture(scope="module", autouse=True)
def _napping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have runs that can nap, so that a test that interferes is in time also where runs take no time at all."""
    folder = tmp_path_factory.mktemp("modules")
    (folder / "napping.py").write_text(NAPPING)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The planned sweep."""
    return plan_sweep(design(), out=tmp_path / "out", simulate="napping:simulate")


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every final table."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in TABLES}


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Digests of the tables that an uninterrupted sweep in one process gives."""
    folder = plan_sweep(design(), out=tmp_path_factory.mktemp("serial"), simulate="napping:simulate")
    run_sweep(folder, SweepOptions(executor="serial"))
    return digests(folder)


def children(pid: int) -> list[int]:
    """Return the processes below one, deepest last; threads and processes that end meanwhile have none."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *children(child)]
    return found


def workers(pid: int) -> list[int]:
    """Return the worker processes of a driver."""
    return [child for child in children(pid) if is_alive(child) and b"resource_tracker" not in command_line(child)]


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b"resource_tracker"


def done(folder: Path) -> int:
    """Return how many runs of a sweep are done."""
    status = read_status(folder)
    return status.planned - status.left


def wait_for(condition: Callable[[], bool], driver: subprocess.Popen[str]) -> None:
    """Wait until something holds while the driver lives."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert driver.poll() is None, driver.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def driving(folder: Path, nap_s: float = NAP_S) -> Iterator[subprocess.Popen[str]]:
    """Start the command line on a sweep, in a session of its own, and leave nothing of it behind."""
    driver = subprocess.Popen(
        [*CLI, "run", str(folder), "-j", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "NAP_S": str(nap_s)},
    )
    try:
        yield driver
    finally:
        if driver.poll() is None:
            os.killpg(driver.pid, signal.SIGKILL)
        driver.communicate(timeout=WAIT_S)


def finish(folder: Path) -> Path:
    """Run a sweep to its end from the command line, without naps, and return the folder that it prints."""
    with driving(folder, 0.0) as driver:
        text, messages = driver.communicate(timeout=WAIT_S)
    assert driver.returncode == 0, messages
    assert "Traceback" not in messages
    return Path(text.splitlines()[-1])


def test_a_worker_the_driver_and_everything_killed_at_once_lose_nothing(
    folder: Path, serial: Mapping[str, str]
) -> None:
    with driving(folder) as driver:
        wait_for(lambda: done(folder) >= 8, driver)
        os.kill(workers(driver.pid)[0], signal.SIGKILL)
        before = done(folder)
        wait_for(lambda: done(folder) >= before + 5, driver)
        os.kill(driver.pid, signal.SIGKILL)
        driver.wait(timeout=WAIT_S)
    kept = done(folder)
    assert kept >= before + 5
    with driving(folder) as driver:
        wait_for(lambda: done(folder) >= kept + 5, driver)
        os.killpg(driver.pid, signal.SIGKILL)
        driver.wait(timeout=WAIT_S)
    assert done(folder) >= kept + 5
    assert digests(finish(folder)) == serial
    assert read_failures(folder) == []
    assert not (folder / "parts").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_a_sweep_that_is_asked_to_stop_keeps_what_it_has_and_goes_on_later(
    folder: Path, serial: Mapping[str, str], number: signal.Signals
) -> None:
    with driving(folder) as driver:
        wait_for(lambda: done(folder) >= 5, driver)
        driver.send_signal(number)
        _, messages = driver.communicate(timeout=WAIT_S)
    assert driver.returncode == 130, messages
    assert "Traceback" not in messages
    assert 5 <= done(folder) < 120
    assert digests(finish(folder)) == serial


def test_shards_that_overlap_give_the_same_bytes(folder: Path, serial: Mapping[str, str]) -> None:
    run_sweep(folder, SweepOptions(executor="serial", shard=(0, 2)))
    run_sweep(folder, SweepOptions(executor="serial", shard=(1, 3)))
    assert done(folder) == 60 + 20
    assert digests(finish(folder)) == serial


def test_a_full_disk_stops_the_sweep_with_one_message_and_keeps_what_was_stored(
    folder: Path, serial: Mapping[str, str]
) -> None:

    def small_files() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (250_000, 250_000))

    command = [*CLI, "run", str(folder), "--executor", "serial"]
    full = subprocess.run(command, preexec_fn=small_files, capture_output=True, text=True, timeout=WAIT_S, check=False)
    assert full.returncode == 2, full.stderr
    assert "cannot write" in full.stderr
    assert "Traceback" not in full.stderr
    assert 0 < done(folder) < 120
    assert digests(finish(folder)) == serial


FICKLE = """
import os, time
import numpy as np
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
            kept.append(np.empty(50_000_000))
    if how == "die":
        os.kill(os.getpid(), 9)
    return engine(scenario, *arguments, **options)
"""


def fickle(kinds: list[str]) -> dict[str, Any]:
    """A sweep of which only the point "fine" can be done."""
    return {**design(2), "name": "fickle", "design": {"grid": {"description": kinds}}}


@pytest.mark.timing
def test_a_run_that_raises_hangs_eats_memory_or_kills_its_worker_is_isolated_listed_and_retried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fickle.py").write_text(FICKLE)
    monkeypatch.syspath_prepend(tmp_path)
    kinds = ["fine", "raise", "hang", "loop", "memory", "die", "well"]
    options = SweepOptions(jobs=2, timeout_s=2.0, memory_mb=1500.0)
    status = run_sweep(fickle(kinds), options, out=tmp_path / "out", simulate="fickle:simulate")
    assert status.counts == {"complete": 4, "failed": 2, "timeout": 4, "memory": 2, "crashed": 2}
    (folder,) = (tmp_path / "out").iterdir()
    failures = {(f.sets["description"], f.replicate): f for f in read_failures(folder)}
    assert len(failures) == 10
    assert {failure.status for (kind, _), failure in failures.items() if kind == "die"} == {"crashed"}
    assert "ValueError: this run was meant to fail" in failures["raise", 0].error
    assert "fickle.py" in failures["raise", 0].traceback
    assert "while True" in failures["loop", 1].traceback

    (tmp_path / "fickle.py").write_text("from catallaxy.sim.engine.engine import simulate\n")
    again = run_sweep(folder, SweepOptions(jobs=2, retry=True))
    assert again.counts == {"complete": 14}
    run_sweep(fickle(kinds), SweepOptions(executor="serial"), out=tmp_path / "serial", simulate="fickle:simulate")
    (reference,) = (tmp_path / "serial").iterdir()
    assert digests(folder) == digests(reference)
