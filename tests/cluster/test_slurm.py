"""Sweeps on a real SLURM of one node: array jobs, kills, time limits, the collecting job, dask-jobqueue."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from catallaxy.sim.sweeps.design.plan_file import read_plan
from catallaxy.sim.sweeps.options import SweepOptions
from catallaxy.sim.sweeps.plan import SIMULATE
from catallaxy.sim.sweeps.store.status import read_status
from catallaxy.sim.sweeps.sweep import plan_sweep, run_sweep
from cluster.slurm_cluster import SlurmCluster, descendants, slurm_cluster, wait_until, why_not

TRUST = ("--plugins", "napping")

pytestmark = [pytest.mark.slow, pytest.mark.jit, pytest.mark.whole]

TABLES = ("runs.parquet", "series.parquet")
POINTS, REPLICATES = 4, 10
RUNS = POINTS * REPLICATES
DESIGN: dict[str, Any] = {
    "name": "forty",
    "scenario": "minimal",
    "set": {"steps": 10},
    "replicates": REPLICATES,
    "design": {"grid": {"populations.users.count": [200, 300, 400, 500]}},
    "record": {"series": ["price"], "every": 5},
}
NAPPING = """
import os, time
from catallaxy.sim.engine.engine import simulate as engine

def simulate(*arguments, **options):
    time.sleep(float(os.environ.get("NAP_S", 0)))
    return engine(*arguments, **options)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[SlurmCluster]:
    with slurm_cluster() as running:
        yield running


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tables of the sweep, done without interruption in this process."""
    return in_this_process(tmp_path_factory.mktemp("serial"), SIMULATE)


@pytest.fixture(scope="module")
def serial_with_naps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, bytes]]:
    """The same of the sweep that can nap, without naps."""
    out = tmp_path_factory.mktemp("naps")
    (out / "napping.py").write_text(NAPPING)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(out)
        yield in_this_process(out / "results", "napping:simulate")


def in_this_process(out: Path, simulate: str) -> dict[str, bytes]:
    folder = plan_sweep(DESIGN, out=out, simulate=simulate)
    run_sweep(folder, SweepOptions(executor="serial"))
    return tables_of(folder)


def tables_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in TABLES}


def catallaxy(*arguments: str | Path, ok: int = 0) -> str:
    """Run the command line, check its exit code, return what it prints."""
    command = [sys.executable, "-m", "catallaxy.sim.cli.main", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == ok, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def planned() -> Path:
    """Plan the sweep in the current folder, as a user does, and return its folder."""
    Path("forty.yaml").write_text(json.dumps(DESIGN))
    return Path(catallaxy("sweep", "plan", "forty.yaml", "-o", "results", "--no-probe").splitlines()[-1])


def planned_with_naps() -> Path:
    """Plan the same runs, each with a nap of `NAP_S` seconds before it, so that there is time to interfere."""
    Path("napping.py").write_text(NAPPING)
    return plan_sweep(DESIGN, simulate="napping:simulate")


def submitted(folder: Path, tasks: int, *more: str) -> tuple[int, int]:
    """Submit a sweep and return the ids of its array job and of the collecting job."""
    arguments = ("--slurm", "--tasks", str(tasks), "--time", "10", *more)
    array, collect = re.findall(r"^job (\d+) ", catallaxy("sweep", "submit", folder, *arguments), re.MULTILINE)
    return int(array), int(collect)


def status(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(catallaxy("sweep", "status", folder, "--json"))
    return told


def done(folder: Path) -> int:
    told = read_status(folder)
    return told.planned - told.left


def has_begun(folder: Path, writer: str) -> bool:
    """Return whether a shard has stored a run."""
    return any(known.runs for known in read_status(folder).writers if known.name == writer)


def finished(folder: Path) -> dict[str, Any]:
    """Return when each run was finished, by run id; needs the collected tables."""
    import pyarrow.parquet as pq

    log = pq.read_table(folder / "log.parquet", columns=["run_id", "finished"]).to_pydict()
    assert len(set(log["run_id"])) == len(log["run_id"])
    return dict(zip(log["run_id"], log["finished"], strict=True))


def logs(folder: Path, job: int) -> str:
    """Return what the tasks of a job printed."""
    return "\n".join(path.read_text() for path in sorted((folder / "logs").glob(f"*{job}*.out")))


def test_an_array_does_the_sweep_and_the_collecting_job_writes_the_same_bytes_as_a_serial_one(
    cluster: SlurmCluster, serial: Mapping[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    awkward = Path('it\'s "50%A" of $HOME; #1').absolute()
    awkward.mkdir()
    monkeypatch.chdir(awkward)
    folder = planned()
    array, collect = submitted(folder, 4, "--mem", "900", "--max-parallel", "2", "--partition", "debug")
    cluster.wait(array, collect)
    assert cluster.tasks(array, "ExitCode") == dict.fromkeys(range(4), "0:0"), logs(folder, array)
    assert cluster.tasks(collect, "ExitCode") == {0: "0:0"}, logs(folder, collect)
    printed = {f"collect_{collect}.out", *(f"{array}_{task}.out" for task in range(4))}
    assert {path.name for path in (folder / "logs").iterdir()} == {"array.sbatch", "collect.sbatch", *printed}
    assert tables_of(folder) == serial
    told = status(folder)
    assert (told["planned"], told["left"], told["counts"], told["collected"]) == (RUNS, 0, {"complete": RUNS}, True)
    again = catallaxy("sweep", "submit", folder, "--slurm", "--dry-run")
    assert "sweep collect" in again
    assert "--array" not in again


def test_a_killed_task_loses_only_what_was_under_way_and_a_new_submission_does_only_what_is_missing(
    cluster: SlurmCluster, serial_with_naps: Mapping[str, bytes]
) -> None:
    folder = planned_with_naps()
    array, collect = submitted(folder, 2, *TRUST, "--setup", "export NAP_S=0.4")
    catallaxy("sweep", "submit", folder, "--slurm", "--tasks", "2", *TRUST, ok=2)
    wait_until(lambda: has_begun(folder, "0-of-2") and has_begun(folder, "1-of-2"), 180, "the first runs")
    (victim,) = [writer for writer in read_status(folder).writers if writer.name == "1-of-2"]
    os.kill(victim.pid, signal.SIGKILL)
    cluster.wait(array, collect)
    assert cluster.tasks(array, "ExitCode") == {0: "0:0", 1: "0:9"}, logs(folder, array)
    before = finished(folder)
    run_ids = read_plan(folder / "plan.parquet").run_ids
    assert set(run_ids[0::2]) <= set(before)
    assert RUNS / 2 < len(before) < RUNS
    assert done(folder) == len(before)

    array, collect = submitted(folder, 1, *TRUST)
    cluster.wait(array, collect)
    after = finished(folder)
    assert set(after) == set(run_ids)
    assert {run_id: after[run_id] for run_id in before} == before
    assert tables_of(folder) == serial_with_naps


def test_a_task_near_its_time_limit_keeps_what_is_done_and_is_continued_later(
    cluster: SlurmCluster, serial_with_naps: Mapping[str, bytes]
) -> None:
    folder = planned_with_naps()
    array, collect = submitted(folder, 1, *TRUST, "--time", "20", "--setup", "export NAP_S=1.2")
    wait_until(lambda: has_begun(folder, "0-of-1"), 180, "the first run")
    cluster.call("scontrol", "update", f"jobid={array}", "timelimit=2")
    cluster.wait(array, collect)
    assert cluster.tasks(array, "ExitCode") == {0: "130:0"}, logs(folder, array)
    assert "run it again to go on" in logs(folder, array)
    kept = finished(folder)
    assert 0 < len(kept) < RUNS

    array, collect = submitted(folder, 1, *TRUST)
    cluster.wait(array, collect)
    after = finished(folder)
    assert {run_id: after[run_id] for run_id in kept} == kept
    assert tables_of(folder) == serial_with_naps


JOBQUEUE = """
import sys, time
from dask_jobqueue import SLURMCluster

if __name__ == "__main__":
    with SLURMCluster(
        cores=1, processes=1, memory="1GB", walltime="00:10:00", queue="debug", interface="lo",
        scheduler_options={"host": "127.0.0.1", "dashboard": False},
        job_script_prologue=["export NUMBA_NUM_THREADS=1"], log_directory="dask", local_directory="dask",
    ) as cluster:
        cluster.scale(jobs=2)
        print(cluster.scheduler_address, flush=True)
        sys.stdin.readline()
"""


@pytest.mark.timing
def test_dask_jobqueue_starts_the_workers_of_a_sweep(cluster: SlurmCluster, serial: Mapping[str, bytes]) -> None:
    folder = planned()
    Path("jobqueue.py").write_text(JOBQUEUE)
    command = [sys.executable, "jobqueue.py"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as scheduler:
        assert scheduler.stdout is not None
        try:
            address = scheduler.stdout.readline().strip()
            assert address.startswith("tcp://127.0.0.1:")
            told = catallaxy("sweep", "run", folder, "--executor", "dask", "--scheduler", address)
            scheduler.communicate("\n", timeout=60)
        finally:
            scheduler.kill()
    assert Path(told.splitlines()[-1]) == folder
    assert tables_of(folder) == serial
    workers = cluster.call("scontrol", "show", "job", "--oneliner").splitlines()
    assert sum("JobName=dask-worker" in line for line in workers) == 2


def fail_with_a_job_that_runs(folders: list[Path]) -> None:
    """Do what a failing test does: leave the cluster by an exception while a stubborn job runs."""
    with slurm_cluster() as cluster:
        folders.append(cluster.folder)
        job = int(cluster.call("sbatch", "--parsable", "--output=x", "--wrap", "trap '' TERM; sleep 600"))
        wait_until(lambda: cluster.tasks(job, "JobState") == {0: "RUNNING"}, 120, "the job to start")
        assert len(descendants(cluster.folder)) >= 4
        raise RuntimeError("a test failed")


def test_no_daemon_and_no_job_outlives_a_failing_test() -> None:
    folders: list[Path] = []
    with pytest.raises(RuntimeError, match="a test failed"):
        fail_with_a_job_that_runs(folders)
    assert not descendants(folders[0])
    assert not folders[0].exists()


@pytest.mark.skipif(bool(why_not()), reason=why_not())
def test_the_daemons_die_with_a_test_process_that_is_killed() -> None:
    program = (
        "import sys, time\n"
        f"sys.path.insert(0, {str(Path(__file__).parents[1])!r})\n"
        "from cluster.slurm_cluster import slurm_cluster\n"
        "with slurm_cluster() as cluster:\n"
        "    print(cluster.folder, flush=True)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        folder = Path(tests.stdout.readline().strip())
        assert len(descendants(folder)) >= 3
        os.kill(tests.pid, signal.SIGKILL)
    wait_until(lambda: not descendants(folder), 60, "the daemons to end")
    shutil.rmtree(folder)
