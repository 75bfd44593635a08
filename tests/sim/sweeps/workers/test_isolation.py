"""A worker process: limits on memory that bite and are lifted again, and each worker's share of the machine."""

from __future__ import annotations

import math
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from catallaxy.sim.sweeps.workers import isolation
from catallaxy.sim.sweeps.workers.isolation import default_memory_mb, is_worker, memory_limit, peak_mb

LIMITS = (resource.RLIMIT_DATA, resource.RLIMIT_AS)
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux enforces a limit on memory")
MB = 1e6


def held_mb() -> float:
    return isolation._memory()["VmRSS"] / MB


@linux
def test_more_than_the_limit_is_a_memory_error_and_the_limit_is_lifted_again() -> None:
    before = [resource.getrlimit(kind) for kind in LIMITS]
    with pytest.raises(MemoryError), memory_limit(held_mb() + 200.0):
        np.ones(int(400 * MB / 8))
    assert [resource.getrlimit(kind) for kind in LIMITS] == before
    assert len(np.ones(int(400 * MB / 8)))


@linux
def test_less_than_the_limit_is_not() -> None:
    with memory_limit(held_mb() + 400.0):
        assert len(np.ones(int(200 * MB / 8)))


@linux
def test_memory_that_was_held_before_counts() -> None:
    held = np.ones(int(300 * MB / 8))
    with pytest.raises(MemoryError), memory_limit(held_mb() - 100.0):
        np.ones(int(100 * MB / 8))
    assert len(held)


@linux
def test_the_limit_is_lifted_after_any_error() -> None:
    before = [resource.getrlimit(kind) for kind in LIMITS]
    with pytest.raises(KeyError), memory_limit(1e6):
        raise KeyError
    assert [resource.getrlimit(kind) for kind in LIMITS] == before


@linux
def test_a_tighter_limit_of_the_system_stays() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    ours = isolation._memory()["VmData"] + 10**9
    resource.setrlimit(resource.RLIMIT_DATA, (ours, hard))
    try:
        with memory_limit(1e6):
            assert resource.getrlimit(resource.RLIMIT_DATA)[0] == ours
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


@linux
def test_address_space_is_limited_where_data_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_enforced", lambda: resource.RLIMIT_AS)
    with pytest.raises(MemoryError), memory_limit(held_mb() + 200.0):
        np.ones(int(400 * MB / 8))


def test_there_is_no_limit_where_none_is_enforced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(isolation, "_STATUS", tmp_path / "nothing")
    assert isolation._enforced.__wrapped__() is None
    monkeypatch.setattr(isolation, "_enforced", lambda: None)
    before = [resource.getrlimit(kind) for kind in LIMITS]
    with memory_limit(1.0):
        assert [resource.getrlimit(kind) for kind in LIMITS] == before


def test_no_limit_is_no_limit() -> None:
    before = [resource.getrlimit(kind) for kind in LIMITS]
    with memory_limit(None):
        assert [resource.getrlimit(kind) for kind in LIMITS] == before


def test_the_peak_never_falls() -> None:
    before = peak_mb()
    held = np.ones(int(50 * MB / 8))
    assert before <= peak_mb() < math.inf
    assert peak_mb() >= held.nbytes / MB


@linux
@pytest.mark.slow
def test_the_peak_is_not_that_of_the_process_that_started_this_one() -> None:
    child = "from catallaxy.sim.sweeps.workers.isolation import peak_mb; print(peak_mb())"
    parent = (
        "import subprocess, sys\n"
        "held = b'1' * 500_000_000\n"
        f"subprocess.run([sys.executable, '-c', {child!r}], check=True)\n"
    )
    run = subprocess.run([sys.executable, "-c", parent], capture_output=True, text=True, check=True, timeout=60)
    assert 5.0 < float(run.stdout) < 250.0


def test_workers_share_nine_tenths_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_physical", lambda: iter([8_000_000_000]))
    monkeypatch.setattr(isolation, "_cgroup_paths", lambda: "")
    monkeypatch.delenv("SLURM_MEM_PER_NODE", raising=False)
    monkeypatch.delenv("SLURM_MEM_PER_CPU", raising=False)
    assert default_memory_mb(4) == pytest.approx(1800.0)
    assert default_memory_mb(1) == pytest.approx(7200.0)
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "1000")
    assert default_memory_mb(2) == pytest.approx(0.45 * 1000 * 2**20 / MB)
    monkeypatch.setattr(isolation, "_physical", lambda: iter(()))
    monkeypatch.delenv("SLURM_MEM_PER_NODE")
    assert default_memory_mb(2) is None


def test_this_machine_has_memory() -> None:
    share = default_memory_mb(2)
    assert share is not None
    assert share > 100.0


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, []),
        ({"SLURM_MEM_PER_NODE": "4096"}, [4096 * 2**20]),
        ({"SLURM_MEM_PER_NODE": "0"}, []),
        ({"SLURM_MEM_PER_CPU": "1024", "SLURM_CPUS_ON_NODE": "4"}, [4096 * 2**20]),
        ({"SLURM_MEM_PER_CPU": "1024"}, []),
    ],
)
def test_a_slurm_job_has_its_own_share(environment: dict[str, str], found: list[int]) -> None:
    assert list(isolation._slurm_limits(environment)) == found


def test_control_groups_of_both_versions_and_their_parents_count(tmp_path: Path) -> None:
    for folder, name, text in (
        (tmp_path / "a", "memory.max", "3000\n"),
        (tmp_path / "a" / "b", "memory.max", "max\n"),
        (tmp_path / "memory" / "x", "memory.limit_in_bytes", "2000\n"),
        (tmp_path / "memory", "memory.limit_in_bytes", f"{2**63 - 4096}\n"),
        (tmp_path, "memory.max", "5000\n"),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    paths = "9:name=systemd:/\n4:memory:/x/y\n3:cpu,cpuacct:/x\n0::/a/b/c\n"
    assert sorted(isolation._cgroup_limits(paths, tmp_path)) == [2000, 3000, 5000]
    assert list(isolation._cgroup_limits("", tmp_path)) == []


def test_the_process_of_the_tests_is_no_worker() -> None:
    assert not is_worker()


@pytest.mark.slow
def test_a_prepared_process_ignores_the_keyboard_and_keeps_to_one_thread() -> None:
    code = (
        "import os, signal, sys\n"
        "from catallaxy.sim.sweeps.workers.work import prepare_worker\n"
        "from catallaxy.sim.sweeps.workers.isolation import is_worker\n"
        "import numba\n"
        "prepare_worker()\n"
        "os.kill(os.getpid(), signal.SIGINT)\n"
        "assert is_worker()\n"
        "assert numba.get_num_threads() == 1\n"
        "assert os.environ['NUMBA_NUM_THREADS'] == '1'\n"
        "print('here')\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "NUMBA_NUM_THREADS"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60, env=environment
    )
    assert run.stdout == "here\n", run.stderr
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
