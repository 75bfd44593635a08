"""Handing a sweep to SLURM, with clients that only note how they were called; the real ones are in `tests/cluster`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from catallaxy.sim.results.identity import code_version
from catallaxy.sim.sweeps.design.plan_file import write_plan
from catallaxy.sim.sweeps.plan import Context, Plan, Point, Recording
from catallaxy.sim.sweeps.slurm import submission as slurm
from catallaxy.sim.sweeps.slurm.submission import SlurmError, SlurmOptions, scripts, submit

RUNS = 12


@pytest.fixture
def plan() -> Plan:
    context = Context(({},), Recording(), ("alpha",), code_version())
    points = tuple(Point(0, {"seed": n}, {"seed": n}) for n in range(RUNS // 2))
    return Plan("fees", 2, context, points, tuple(f"{n:024x}" for n in range(RUNS)), (1,) * RUNS)


@pytest.fixture
def folder(tmp_path: Path, plan: Plan) -> Path:
    path = tmp_path / "results" / "fees-0a1b2c3d"
    path.mkdir(parents=True)
    write_plan(plan, path / "plan.parquet")
    return path


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> dict[int, str]:
    """How the finished rows ended."""
    statuses: dict[int, str] = {}
    monkeypatch.setattr(slurm, "read_statuses", lambda folder: statuses)
    return statuses


class Clients:
    """Clients of SLURM that note how they were called and print what they are told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls = folder / "calls"
        self.client("scontrol", "echo 'MaxArraySize            = 6'")
        self.client("squeue", "true")
        self.client("sbatch", f"n=$(grep -c ^sbatch {self.calls}); echo $((40 + n))';cluster'")

    def client(self, name: str, does: str) -> None:
        path = self.folder / name
        path.write_text(f'#!/bin/bash\necho "{name} $*" >> {self.calls}\n{does}\n')
        path.chmod(0o755)

    def submitted(self) -> list[str]:
        lines = self.calls.read_text().splitlines()
        return [line.removeprefix("sbatch --parsable ") for line in lines if line.startswith("sbatch")]


@pytest.fixture
def clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clients:
    folder = tmp_path / "clients"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return Clients(folder)


def test_the_array_is_submitted_and_the_collecting_job_after_it(folder: Path, plan: Plan, clients: Clients) -> None:
    handed = submit(folder, plan, SlurmOptions(tasks=4))
    assert (handed.array_job, handed.collect_job, handed.tasks, handed.runs) == (41, 42, 4, RUNS)
    logs = folder / "logs"
    assert clients.submitted() == [f"{logs}/array.sbatch", f"--dependency=afterany:41 {logs}/collect.sbatch"]
    assert {name: (logs / name).read_text() for name in handed.scripts} == handed.scripts
    assert not handed.notes


def test_a_relative_folder_becomes_an_absolute_one(folder: Path, plan: Plan, clients: Clients) -> None:
    texts = submit(folder.relative_to(Path.cwd()), plan, SlurmOptions()).scripts
    assert f"--output={folder}/logs/" in texts["array.sbatch"]
    assert f"run {folder} --shard" in texts["array.sbatch"]
    assert f"collect {folder}" in texts["collect.sbatch"]


def test_a_dry_run_shows_the_same_scripts_and_submits_nothing(folder: Path, plan: Plan, clients: Clients) -> None:
    shown = submit(folder, plan, SlurmOptions(tasks=4), dry_run=True)
    assert (shown.array_job, shown.collect_job, shown.tasks) == (None, None, 4)
    assert not clients.submitted()
    assert not (folder / "logs").exists()
    assert (
        submit(folder, plan, SlurmOptions(tasks=4)).scripts
        == shown.scripts
        == scripts(folder, plan, SlurmOptions(tasks=4))
    )


def test_a_dry_run_needs_no_slurm(folder: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert submit(folder, plan, SlurmOptions(tasks=1001), dry_run=True).tasks == RUNS
    with pytest.raises(SlurmError, match=r"1 <= tasks <= 1,001"):
        submit(folder, plan, SlurmOptions(tasks=1002), dry_run=True)
    with pytest.raises(SlurmError, match="--dry-run"):
        submit(folder, plan, SlurmOptions())


def test_the_cluster_says_how_large_an_array_may_be(folder: Path, plan: Plan, clients: Clients) -> None:
    assert submit(folder, plan, SlurmOptions(runs_per_task=1), dry_run=True).tasks == 6
    clients.client("scontrol", "echo 'no controller' >&2; exit 1")
    assert submit(folder, plan, SlurmOptions(runs_per_task=1), dry_run=True).tasks == RUNS


def test_only_what_is_missing_is_submitted(folder: Path, plan: Plan, done: dict[int, str], clients: Clients) -> None:
    done.update(dict.fromkeys({*range(RUNS)} - {2, 6, 10}, "complete"))
    handed = submit(folder, plan, SlurmOptions(tasks=4))
    assert (handed.runs, handed.tasks) == (3, 3)
    assert "#SBATCH --array=0-2\n" in handed.scripts["array.sbatch"]


def test_failed_runs_are_submitted_again_on_request(
    folder: Path, plan: Plan, done: dict[int, str], clients: Clients
) -> None:
    done.update(dict.fromkeys(range(RUNS), "complete") | {3: "failed", 7: "timeout"})
    assert submit(folder, plan, SlurmOptions(), dry_run=True).runs == 0
    handed = submit(folder, plan, SlurmOptions(retry=True), dry_run=True)
    assert handed.runs == 2
    assert " --retry-failed --no-collect\n" in handed.scripts["array.sbatch"]


def test_a_finished_sweep_is_only_collected(folder: Path, plan: Plan, done: dict[int, str], clients: Clients) -> None:
    done.update(dict.fromkeys(range(RUNS), "complete"))
    handed = submit(folder, plan, SlurmOptions(tasks=4))
    assert (handed.array_job, handed.collect_job, handed.tasks, handed.runs) == (None, 41, 0, 0)
    assert list(handed.scripts) == ["collect.sbatch"]
    assert clients.submitted() == [f"{folder}/logs/collect.sbatch"]
    assert "only collected" in handed.notes[0]


def test_a_sweep_that_is_still_in_the_queue_is_not_submitted_twice(folder: Path, plan: Plan, clients: Clients) -> None:
    clients.client("squeue", "printf '17\\n17\\n18\\n'")
    with pytest.raises(SlurmError, match=r"17, 18\. Wait .* scancel 17 18"):
        submit(folder, plan, SlurmOptions())
    assert not clients.submitted()
    assert "--name=fees-0a1b2c3d,fees-0a1b2c3d-collect" in clients.calls.read_text()


def test_what_sbatch_complains_about_is_shown(folder: Path, plan: Plan, clients: Clients) -> None:
    clients.client("sbatch", "echo 'sbatch: error: invalid partition specified: shrt' >&2; exit 1")
    with pytest.raises(SlurmError, match="invalid partition specified: shrt") as raised:
        submit(folder, plan, SlurmOptions(partition="shrt"))
    assert "submitted" not in str(raised.value)


def test_when_only_the_collecting_job_is_refused_the_user_learns_what_to_do(
    folder: Path, plan: Plan, clients: Clients
) -> None:
    clients.client("sbatch", 'case "$*" in *afterany*) echo "job limit reached" >&2; exit 1;; esac; echo 41')
    with pytest.raises(SlurmError, match=r"(?s)job limit reached.*job 41.*sweep collect") as raised:
        submit(folder, plan, SlurmOptions())
    assert str(folder) in str(raised.value)


@pytest.mark.usefixtures("clients")
def test_a_controller_that_does_not_answer_is_reported(
    folder: Path, plan: Plan, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients.client("sbatch", "exec sleep 60")
    monkeypatch.setattr(slurm, "_PATIENCE_S", 0.5)
    with pytest.raises(SlurmError, match=r"sbatch has not answered for 0\.5 s"):
        submit(folder, plan, SlurmOptions())


@pytest.mark.usefixtures("clients")
@pytest.mark.parametrize(("minutes", "warned"), [(5, True), (20, False)])
def test_work_that_does_not_fit_in_the_time_limit_is_pointed_out(
    minutes: int, warned: bool, folder: Path, plan: Plan
) -> None:
    options = SlurmOptions(tasks=2, minutes=minutes, jobs=2, seconds_per_run=200.0)
    notes = submit(folder, plan, options, dry_run=True).notes
    assert bool(notes) == warned
    assert not warned or "about 10 minutes of work and a limit of 5" in notes[0]
