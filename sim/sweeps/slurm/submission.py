"""SLURM: an array job that does the missing runs of a sweep, and a job after it that collects the tables.

Only `sbatch` and `squeue` are needed. Every task of the array is a `catallaxy sweep run --shard k/n` of its own; what a
lost task leaves undone, the next submission does.
"""

from __future__ import annotations

import dataclasses
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from catallaxy.sim.results.folder import replace_file
from catallaxy.sim.sweeps.execution import LOGS, check_executable
from catallaxy.sim.sweeps.plan import Plan
from catallaxy.sim.sweeps.slurm.scripts import (
    SlurmError,
    SlurmOptions,
    Split,
    array_script,
    collect_script,
    deal,
    job_name,
)
from catallaxy.sim.sweeps.store.status import read_statuses

__all__ = ["SlurmError", "SlurmOptions", "Submitted", "scripts", "submit"]

_ARRAY, _COLLECT = "array.sbatch", "collect.sbatch"
_USUAL_MAX_ARRAY_SIZE = 1001
_PATIENCE_S = 120.0


@dataclass(frozen=True)
class Submitted:
    """What was handed to SLURM.

    Attributes
    ----------
    array_job, collect_job : int or None
        Ids of the jobs; None for one that was not submitted.
    scripts : mapping of str to str
        Text of each script by file name. The same files are in `logs/` of the sweep's folder.
    tasks, runs : int
        Tasks of the array, and the runs that they have to do.
    notes : tuple of str
        What the user should know.
    """

    array_job: int | None
    collect_job: int | None
    scripts: Mapping[str, str]
    tasks: int
    runs: int
    notes: tuple[str, ...] = ()


def scripts(folder: Path | str, plan: Plan, options: SlurmOptions) -> dict[str, str]:
    """Write the batch scripts that do what is missing of a sweep.

    Parameters
    ----------
    folder : Path or str
        Folder of the sweep.
    plan : Plan
    options : SlurmOptions

    Returns
    -------
    dict of str to str
        "array.sbatch", unless no run is missing, and "collect.sbatch".

    Raises
    ------
    SlurmError
        When SLURM would not take the options, or the path of the folder.
    """
    return dict(submit(folder, plan, options, dry_run=True).scripts)


def submit(folder: Path | str, plan: Plan, options: SlurmOptions, *, dry_run: bool = False) -> Submitted:
    """Hand what is missing of a sweep to SLURM.

    Parameters
    ----------
    folder : Path or str
        Folder of the sweep. Its `logs/` takes the scripts, and what the jobs print.
    plan : Plan
    options : SlurmOptions
    dry_run : bool, optional
        Only return the scripts.

    Returns
    -------
    Submitted

    Raises
    ------
    SlurmError
        When there is no SLURM, when it refuses, or when jobs of this sweep are still in its queue.
    ResultsError
        When the tasks could not execute the plan.
    """
    check_executable(plan)
    path = Path(folder).resolve()
    if not dry_run:
        _refuse_a_second_time(path)
    missing = _missing(path, plan, options)
    split = deal(missing, options, _max_array_size())
    texts = {_ARRAY: array_script(path, split, options)} if missing else {}
    texts[_COLLECT] = collect_script(path, options)
    prepared = Submitted(None, None, texts, len(split.loads), len(missing), _notes(split, options))
    return prepared if dry_run else _submitted(path, prepared)


def _submitted(folder: Path, prepared: Submitted) -> Submitted:
    for name, text in prepared.scripts.items():
        replace_file(folder / LOGS / name, text.encode())
    array_job = _sbatch(folder / LOGS / _ARRAY) if prepared.runs else None
    after = () if array_job is None else (f"--dependency=afterany:{array_job}",)
    try:
        collect_job = _sbatch(folder / LOGS / _COLLECT, *after)
    except SlurmError as error:
        begun = f"The runs are submitted, as job {array_job}. " if array_job else ""
        by_hand = f"catallaxy sweep collect {shlex.quote(str(folder))}"
        raise SlurmError(f"{error}\n{begun}This collects the tables without SLURM: {by_hand}") from error
    return dataclasses.replace(prepared, array_job=array_job, collect_job=collect_job)


def _missing(folder: Path, plan: Plan, options: SlurmOptions) -> list[int]:
    statuses = read_statuses(folder)
    if options.retry:
        return [row for row in range(len(plan)) if statuses.get(row) != "complete"]
    return [row for row in range(len(plan)) if row not in statuses]


def _notes(split: Split, options: SlurmOptions) -> tuple[str, ...]:
    if not split.loads:
        return ("no run is missing: the tables are only collected",)
    if options.seconds_per_run is None:
        return ()
    minutes = max(split.loads.values()) * options.seconds_per_run / options.jobs / 60.0
    if minutes < options.minutes:
        return ()
    return (
        f"a task has about {minutes:,.0f} minutes of work and a limit of {options.minutes}: it will stop in time, and "
        "what is left must be submitted again; more tasks or a longer limit avoid that",
    )


def _max_array_size() -> int:
    """Return how many tasks an array may have: what the cluster says, SLURM's default when there is none to ask."""
    try:
        told = re.search(r"^MaxArraySize\s*=\s*(\d+)", _answer("scontrol", "show", "config"), re.MULTILINE)
    except SlurmError:
        return _USUAL_MAX_ARRAY_SIZE
    return int(told[1]) if told else _USUAL_MAX_ARRAY_SIZE


def _refuse_a_second_time(folder: Path) -> None:
    if shutil.which("sbatch") is None:
        raise SlurmError(
            "there is no sbatch on this machine: submit from a login node of the cluster, "
            "or look at the scripts with --dry-run"
        )
    name = job_name(folder)
    names = f"--name={name},{name}-collect"
    queued = sorted(set(_answer("squeue", "--me", "--noheader", "--format=%A", names).split()))
    if queued:
        raise SlurmError(
            f"jobs of {folder.name} are still in the queue: {', '.join(queued)}. Wait until they are done, "
            f"or cancel them first: scancel {' '.join(queued)}"
        )


def _sbatch(script: Path, *options: str) -> int:
    return int(_answer("sbatch", "--parsable", *options, str(script)).strip().partition(";")[0])


def _answer(*command: str) -> str:
    """Return what a client of SLURM prints."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired as error:
        raise SlurmError(f"{command[0]} has not answered for {_PATIENCE_S:g} s; is the controller up?") from error
    except OSError as error:
        raise SlurmError(f"{command[0]} cannot be started: {error}") from error
    if done.returncode:
        raise SlurmError(f"`{shlex.join(command)}` failed:\n{(done.stderr or done.stdout).strip()}")
    return done.stdout
