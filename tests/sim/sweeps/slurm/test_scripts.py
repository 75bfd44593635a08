"""The text of batch scripts, and what it does when Bash runs it: SLURM itself is tested in `tests/cluster`."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.sweeps.slurm.scripts import (
    SlurmError,
    SlurmOptions,
    Split,
    array_script,
    collect_script,
    deal,
    job_name,
)

MOST = 1000
AWKWARD = ["plain", "two words", "it's", 'say "x"', "100%A", "$HOME", "a;b&c", "ü", "a#b", "`id`", "-n", "*"]

EXPECTED = """\
#!/bin/bash
# Does the missing runs of a sweep: 40 runs in 4 tasks.
#SBATCH --job-name=fees-0a1b2c3d
#SBATCH --array=0-3%2
#SBATCH --output={folder}/logs/%A_%a.out
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@60
#SBATCH --time=10
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --mem=3000M
#SBATCH --partition=short
#SBATCH --constraint=avx2

cd -- {here} || exit 1
module load gcc
export NUMBA_NUM_THREADS=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
export CATALLAXY_CACHE={here}/kernels
exec python3.12 -m catallaxy.sim.cli.main --plugins rules sweep run {folder} --shard "$SLURM_ARRAY_TASK_ID/4" -j 2 \
--timeout 90 --memory 1500.5 --no-collect
"""


def even(n: int, each: int) -> Split:
    return Split(n, dict.fromkeys(range(n), each))


def test_an_array_script_reads_as_expected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALLAXY_CACHE", "kernels")
    options = SlurmOptions(
        tasks=4,
        minutes=10,
        task_memory_mb=3000,
        jobs=2,
        max_parallel=2,
        partition="short",
        extra=("--constraint=avx2",),
        python="python3.12",
        setup=("module load gcc",),
        plugins=("rules",),
        timeout_s=90,
        memory_mb=1500.5,
    )
    folder = tmp_path / "fees-0a1b2c3d"
    script = array_script(folder, even(4, 10), options)
    assert script == EXPECTED.format(folder=folder, here=tmp_path)


def test_what_is_not_asked_for_is_left_to_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CATALLAXY_CACHE", raising=False)
    for script in (array_script(Path("/x"), even(1, 1), SlurmOptions()), collect_script(Path("/x"), SlurmOptions())):
        for absent in ("--mem", "--partition", "--account", "--qos", "--memory", "--timeout", "%2", "CATALLAXY_CACHE"):
            assert absent not in script


def test_the_collecting_job_needs_little_but_enough() -> None:
    for given_mb, expected in ((200, 1000), (8000, 8000)):
        assert f"--mem={expected}M" in collect_script(Path("/x"), SlurmOptions(task_memory_mb=given_mb))


@pytest.mark.parametrize(("minutes", "seconds"), [(1, 30), (5, 30), (10, 60), (20, 120), (1440, 120)])
def test_the_warning_before_the_limit_grows_with_it(minutes: int, seconds: int) -> None:
    assert f"--signal=B:USR1@{seconds}\n" in array_script(Path("/x"), even(1, 1), SlurmOptions(minutes=minutes))


def executed(script: str, cwd: Path, **environment: str) -> dict[str, Any]:
    """Run a script in Bash, SLURM's way: its text alone, in a folder that is not the one it was made in."""
    path = cwd / "job"
    path.write_text(script)
    command = ["bash", "--noprofile", "--norc", str(path)]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=cwd, timeout=30, env={**os.environ, **environment}
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def fake_python(path: Path) -> str:
    """Make a program that tells how it was called."""
    names = "'SETUP', 'NUMBA_NUM_THREADS', 'OMP_NUM_THREADS', 'CATALLAXY_CACHE'"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        f"print(json.dumps([sys.argv[1:], os.getcwd(), {{k: os.environ.get(k) for k in ({names})}}]))\n"
    )
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("name", AWKWARD)
def test_bash_hands_on_awkward_names_as_they_are(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / name
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("CATALLAXY_CACHE", str(here))
    options = SlurmOptions(
        python=fake_python(here / name), setup=("export SETUP='a b'",), plugins=(name,), extra=("--comment='# (x'",)
    )
    folder = here / "results" / name
    (tmp_path / "elsewhere").mkdir()
    arguments, cwd, environment = executed(
        array_script(folder, even(7, 1), options), tmp_path / "elsewhere", SLURM_ARRAY_TASK_ID="3"
    )
    module = ["-m", "catallaxy.sim.cli.main", "--plugins", name, "sweep"]
    assert arguments == [*module, "run", str(folder), "--shard", "3/7", "-j", "1", "--no-collect"]
    assert cwd == str(here)
    assert environment == {
        "SETUP": "a b",
        "NUMBA_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "CATALLAXY_CACHE": str(here),
    }
    arguments, _, _ = executed(collect_script(folder, options), tmp_path / "elsewhere")
    assert arguments == [*module, "collect", str(folder)]


@given(st.text(st.characters(exclude_characters="\\\n\r/\0", exclude_categories=["Cs"]), min_size=1))
def test_a_directive_stays_one_word_whatever_the_folder_is_called(name: str) -> None:
    for script in (
        array_script(Path("/r", name), even(2, 1), SlurmOptions()),
        collect_script(Path("/r", name), SlurmOptions()),
    ):
        directives = [line.removeprefix("#SBATCH ") for line in script.split("\n") if line.startswith("#SBATCH")]
        assert all(len(shlex.split(directive)) == 1 for directive in directives)
        (output,) = [shlex.split(d)[0] for d in directives if d.startswith("--output")]
        assert re.sub("%%", "%", output).startswith(f"--output={Path('/r', name)}/logs/")
        assert re.fullmatch(r"[A-Za-z0-9._-]+", job_name(Path("/r", name)))


@pytest.mark.parametrize("name", ["back\\slash", "line\nbreak"])
def test_a_path_that_slurm_does_not_take_is_refused(name: str) -> None:
    with pytest.raises(SlurmError, match="backslash"):
        array_script(Path("/r", name), even(1, 1), SlurmOptions())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"tasks": 0}, "tasks is 0"),
        ({"minutes": -1}, "minutes is -1"),
        ({"max_parallel": 0}, "max_parallel is 0"),
        ({"tasks": 2, "runs_per_task": 3}, "either"),
        ({"extra": ("constraint=avx2",)}, "--constraint=avx2"),
        ({"extra": ("--comment=a\n#SBATCH --array=0-9999",)}, "sbatch"),
        ({"partition": "a b"}, "partition is 'a b'"),
        ({"account": ""}, "account is ''"),
    ],
)
def test_wrong_options_are_refused_with_a_reason(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(SlurmError, match=message) as raised:
        SlurmOptions(**wrong)
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(
    ("runs", "options", "tasks"),
    [
        (40, SlurmOptions(tasks=4), 4),
        (3, SlurmOptions(tasks=4), 3),
        (40, SlurmOptions(runs_per_task=15), 3),
        (10_000, SlurmOptions(seconds_per_run=1.2), 100),
        (10_000, SlurmOptions(seconds_per_run=1.2, jobs=4), 25),
        (10_000, SlurmOptions(seconds_per_run=600), 1000),
        (50, SlurmOptions(seconds_per_run=600), 50),
        (50, SlurmOptions(seconds_per_run=0.01), 1),
        (1200, SlurmOptions(), 10),
    ],
)
def test_a_task_has_two_minutes_of_work_unless_told_otherwise(runs: int, options: SlurmOptions, tasks: int) -> None:
    split = deal(range(runs), options, MOST)
    assert len(split.loads) == split.n == tasks


def test_an_array_is_no_larger_than_the_cluster_allows() -> None:
    assert deal(range(10_000), SlurmOptions(seconds_per_run=600), 501).n == 501
    with pytest.raises(SlurmError, match="1 <= tasks <= 501"):
        deal(range(10_000), SlurmOptions(tasks=502), 501)


@given(st.sets(st.integers(0, 300)), st.integers(1, 40))
def test_every_missing_run_is_dealt_to_one_task_and_no_task_is_idle(missing: set[int], tasks: int) -> None:
    split = deal(missing, SlurmOptions(tasks=tasks), MOST)
    assert sum(split.loads.values()) == len(missing)
    assert 1 <= split.n <= tasks
    assert {row % split.n for row in missing} == set(split.loads)
    assert 0 not in split.loads.values()


def test_what_one_task_left_undone_is_spread_over_several() -> None:
    left = range(2, 400, 4)
    assert max(deal(left, SlurmOptions(tasks=4), MOST).loads.values()) <= len(left) / 3 + 1


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([0], "0"), ([0, 1, 2, 3], "0-3"), ([0, 2, 3, 7, 9, 10, 11], "0,2-3,7,9-11"), ([5], "5")],
)
def test_only_tasks_with_work_are_submitted(numbers: list[int], text: str) -> None:
    script = array_script(Path("/x"), Split(12, dict.fromkeys(numbers, 1)), SlurmOptions())
    assert f"#SBATCH --array={text}\n" in script
