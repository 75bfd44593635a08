"""Batch scripts for SLURM: how the missing runs are dealt out to the tasks of an array, and the text of both jobs."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catallaxy.sim.errors import CatallaxyError

__all__ = ["SlurmError", "SlurmOptions", "Split", "array_script", "collect_script", "deal", "job_name"]

_TASK_S = 120.0
_ASSUMED_RUN_S = 1.0
_MOST_TASKS = 1000
_OTHER_NUMBERS = 16
_WARNING_SHARE, _LEAST_WARNING_S, _MOST_WARNING_S = 0.1, 30, 120
_COLLECT_MINUTES, _COLLECT_MIB = 60, 1000
_THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_OPTION = re.compile(r"--?[A-Za-z][^\n\r]*")


class SlurmError(CatallaxyError):
    """A sweep cannot be handed to SLURM as asked."""

    exit_code = 2


@dataclass(frozen=True)
class SlurmOptions:
    """What to ask of SLURM, and how each task does its runs.

    Attributes
    ----------
    tasks : int or None
        Tasks of the array; by default so many that each has two minutes of work, at most 1,000.
    runs_per_task : int or None
        Instead of `tasks`.
    minutes : int
        Time limit of a task (`--time`).
    task_memory_mb : int or None
        Memory of a task in MiB (`--mem`); None for what the site gives by default.
    jobs : int
        Cores of a task (`--cpus-per-task`), each with one worker.
    max_parallel : int or None
        Tasks that may run at the same time; None for as many as the cluster lets.
    partition, account, qos : str or None
        As the site names them.
    extra : tuple of str
        More options of `sbatch`, for both jobs ("--constraint=avx2").
    python : str
        Interpreter of the tasks; Catallaxy is installed there.
    setup : tuple of str
        Shell lines to go before it ("module load gcc", "source venv/bin/activate").
    plugins : tuple of str
        Packages that the user trusts.
    timeout_s, memory_mb : float or None
        What one run may take, in seconds and in megabytes.
    seconds_per_run : float or None
        What a run takes, as `probe` measured it; one second is assumed when absent.
    retry : bool
        Do failed runs again, besides the missing ones.
    """

    tasks: int | None = None
    runs_per_task: int | None = None
    minutes: int = 60
    task_memory_mb: int | None = None
    jobs: int = 1
    max_parallel: int | None = None
    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    extra: tuple[str, ...] = ()
    python: str = field(default_factory=lambda: sys.executable)
    setup: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    timeout_s: float | None = None
    memory_mb: float | None = None
    seconds_per_run: float | None = None
    retry: bool = False

    def __post_init__(self) -> None:
        if self.tasks is not None and self.runs_per_task is not None:
            raise SlurmError("give either the number of tasks or the runs of each task, not both")
        for name in ("tasks", "runs_per_task", "minutes", "task_memory_mb", "jobs", "max_parallel"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SlurmError(f"{name} is {value}; allowed value >= 1")
        for name in ("partition", "account", "qos"):
            value = getattr(self, name)
            if value is not None and not re.fullmatch(r"\S+", value):
                raise SlurmError(f"{name} is {value!r}; a name without spaces is expected")
        for option in self.extra:
            if not _OPTION.fullmatch(option):
                raise SlurmError(f"{option!r} is not an option of sbatch; write it as in --constraint=avx2")


@dataclass(frozen=True)
class Split:
    """Missing runs, dealt out: task k does those whose row leaves k when divided by n.

    Attributes
    ----------
    n : int
    loads : mapping of int to int
        Missing runs of every k that has some, in order.
    """

    n: int
    loads: Mapping[int, int]


def deal(missing: Collection[int], options: SlurmOptions, most: int) -> Split:
    """Deal missing runs out to tasks.

    What a lost task left undone is every n-th run of the plan: the same n would deal all of it to one task again. So of
    the few numbers up to the one asked for, that one is taken whose busiest task has least to do.

    Parameters
    ----------
    missing : collection of int
        Rows of the plan.
    options : SlurmOptions
    most : int
        Tasks that an array of this cluster may have.

    Returns
    -------
    Split

    Raises
    ------
    SlurmError
        When more tasks are asked for than that.
    """
    if (options.tasks or 0) > most:
        raise SlurmError(f"an array may not have {options.tasks:,} tasks here; allowed 1 <= tasks <= {most:,}")
    wanted = max(1, min(_wanted(len(missing), options), len(missing), most))
    splits = {n: Counter(row % n for row in missing) for n in range(max(1, wanted - _OTHER_NUMBERS), wanted + 1)}
    n = min(splits, key=lambda n: (max(splits[n].values(), default=0), -n))
    return Split(n, dict(sorted(splits[n].items())))


def job_name(folder: Path) -> str:
    """Return the name of a sweep's array job: that of its folder, without what `squeue` takes for a separator."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name)


def array_script(folder: Path, split: Split, options: SlurmOptions) -> str:
    """Return the script of the array job.

    Parameters
    ----------
    folder : Path
        Folder of the sweep, absolute.
    split : Split
    options : SlurmOptions

    Returns
    -------
    str

    Raises
    ------
    SlurmError
        When the path of the folder is nothing that SLURM takes.
    """
    warning_s = min(_MOST_WARNING_S, max(_LEAST_WARNING_S, round(60 * options.minutes * _WARNING_SHARE)))
    at_once = f"%{options.max_parallel}" if options.max_parallel else ""
    asked = [
        f"--job-name={job_name(folder)}",
        f"--array={_ranges(split.loads)}{at_once}",
        f"--output={_log(folder, '%A_%a.out')}",
        "--open-mode=append",
        "--requeue",
        f"--signal=B:USR1@{warning_s}",
        f"--time={options.minutes}",
        "--nodes=1",
        "--ntasks=1",
        f"--cpus-per-task={options.jobs}",
        *_optional("mem", options.task_memory_mb, "M"),
    ]
    limits = [*_flag("--timeout", options.timeout_s), *_flag("--memory", options.memory_mb)]
    shard = f'--shard "$SLURM_ARRAY_TASK_ID/{split.n}"'
    last = [*limits, *(["--retry-failed"] if options.retry else []), "--no-collect"]
    run = f"sweep run {shlex.quote(str(folder))} {shard} -j {options.jobs} {' '.join(last)}"
    title = f"# Does the missing runs of a sweep: {sum(split.loads.values()):,} runs in {len(split.loads):,} tasks."
    return _script(title, asked, run, options)


def collect_script(folder: Path, options: SlurmOptions) -> str:
    """Return the script of the job that collects the tables when the array has ended.

    Parameters
    ----------
    folder : Path
        Folder of the sweep, absolute.
    options : SlurmOptions

    Returns
    -------
    str

    Raises
    ------
    SlurmError
        When the path of the folder is nothing that SLURM takes.
    """
    asked = [
        f"--job-name={job_name(folder)}-collect",
        f"--output={_log(folder, 'collect_%j.out')}",
        f"--time={_COLLECT_MINUTES}",
        "--nodes=1",
        "--ntasks=1",
        *_optional("mem", options.task_memory_mb and max(options.task_memory_mb, _COLLECT_MIB), "M"),
    ]
    title = "# Collects the tables of a sweep; submit it with --dependency=afterany:<id of the array job>."
    return _script(title, asked, f"sweep collect {shlex.quote(str(folder))}", options)


def _script(title: str, asked: Iterable[str], command: str, options: SlurmOptions) -> str:
    site = [
        *_optional("partition", options.partition),
        *_optional("account", options.account),
        *_optional("qos", options.qos),
        *options.extra,
    ]
    cache = os.environ.get("CATALLAXY_CACHE")
    exports = [f"export {' '.join(f'{name}=1' for name in _THREADS)}"]
    exports += [f"export CATALLAXY_CACHE={shlex.quote(str(Path(cache).resolve()))}"] if cache else []
    plugins = "".join(f" --plugins {shlex.quote(name)}" for name in options.plugins)
    lines = [
        "#!/bin/bash",
        title,
        *(f"#SBATCH {option}" for option in [*asked, *site]),
        "",
        f"cd -- {shlex.quote(str(Path.cwd()))} || exit 1",
        *options.setup,
        *exports,
        f"exec {shlex.quote(options.python)} -m catallaxy.sim.cli.main{plugins} {command}",
    ]
    return "\n".join(lines) + "\n"


def _wanted(runs: int, options: SlurmOptions) -> int:
    if options.tasks is not None:
        return options.tasks
    if options.runs_per_task is not None:
        return -(-runs // options.runs_per_task)
    work_s = runs * (options.seconds_per_run or _ASSUMED_RUN_S)
    return min(_MOST_TASKS, int(work_s / (_TASK_S * options.jobs)))


def _ranges(numbers: Iterable[int]) -> str:
    """Return increasing numbers as SLURM writes them: "0-3,7,9-11"."""
    spans: list[tuple[int, int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def _log(folder: Path, name: str) -> str:
    """Return the path of a log, its `%` and quotes safe from SLURM, which takes no backslash."""
    path = str(folder)
    if re.search(r"[\\\n\r]", path):
        raise SlurmError(f"SLURM cannot write to {path!r}: it takes no backslash and no line break in a path")
    return shlex.quote(f"{path.replace('%', '%%')}/logs/{name}")


def _optional(name: str, value: object, unit: str = "") -> list[str]:
    return [] if value is None else [f"--{name}={shlex.quote(f'{value}{unit}')}"]


def _flag(name: str, value: float | None) -> list[str]:
    return [] if value is None else [f"{name} {value:.15g}"]
