"""Sweeps from end to end: plan into a folder, run what is missing, collect the tables."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catallaxy.agents.plugins import trust_plugins, trusted_packages
from catallaxy.sim.errors import ResultsError, RunInterrupted
from catallaxy.sim.results.files import beside, reason, sync
from catallaxy.sim.results.folder import prepare_folder, replace_file
from catallaxy.sim.sweeps.design.plan_file import read_plan, write_plan
from catallaxy.sim.sweeps.execution import check_executable, do_missing
from catallaxy.sim.sweeps.manifest import PLAN_FILE, SWEEP_FILE, is_sweep, sweep_folder, write_manifest
from catallaxy.sim.sweeps.options import Listener, SweepOptions
from catallaxy.sim.sweeps.plan import SIMULATE, Plan

if TYPE_CHECKING:
    from catallaxy.sim.sweeps.answers.sweep_result import SweepResult
    from catallaxy.sim.sweeps.store.status import SweepStatus

__all__ = ["collect_sweep", "keep_plan", "plan_sweep", "run_sweep", "sweep"]

SweepSource = str | Path | Mapping[str, Any]


def plan_sweep(
    source: SweepSource,
    *,
    out: str | Path = "results",
    plugins: tuple[str, ...] = (),
    simulate: str = SIMULATE,
    argv: tuple[str, ...] = (),
) -> Path:
    """Freeze a sweep into a folder of its own.

    Parameters
    ----------
    source : str, Path or Mapping
        A sweep file, the name of a shipped sweep, or the sweep itself as a mapping.
    out : str or Path, optional
        Folder of results folders.
    plugins : tuple of str, optional
        Packages that the user trusts; workers trust them too.
    simulate : str, optional
        `module:function` that does a run, with the signature of `catallaxy.sim.engine.engine.simulate`.
    argv : tuple of str, optional
        Command line, for the manifest.

    Returns
    -------
    Path
        `<out>/<name>-<hash8>`. A folder that holds the same plan already is left as it is.

    Raises
    ------
    ScenarioError
        With every problem of the sweep file and of the scenarios that it leads to.
    ResultsError
        When the folder cannot be written.
    """
    from catallaxy.sim.sweeps.design.planning import make_plan
    from catallaxy.sim.sweeps.design.reading import load_sweep

    plan = make_plan(load_sweep(source), plugins)
    if simulate != SIMULATE:
        trust_plugins(simulate.partition(":")[0].partition(".")[0])
        plan = dataclasses.replace(plan, context=dataclasses.replace(plan.context, simulate=simulate))
    return keep_plan(plan, out, argv)


def keep_plan(plan: Plan, out: str | Path = "results", argv: tuple[str, ...] = ()) -> Path:
    """Write a plan into a folder of its own.

    Parameters
    ----------
    plan : Plan
    out, argv : optional
        As in `plan_sweep`.

    Returns
    -------
    Path
        `<out>/<name>-<hash8>`. A folder that holds the same plan already is left as it is.

    Raises
    ------
    ResultsError
        When the folder cannot be written.
    """
    folder = prepare_folder(out, plan.name, plan.hash).path
    if not is_sweep(folder):
        _make(folder, plan, argv)
    if not _holds(folder, plan):
        replace_file(folder / SWEEP_FILE, plan.source.encode())
        write_plan(plan, folder / PLAN_FILE)
    return folder


def _make(folder: Path, plan: Plan, argv: tuple[str, ...]) -> None:
    """Make the folder of a sweep in one rename, unless somebody else has made it meanwhile."""
    stage = beside(folder)
    try:
        replace_file(stage / SWEEP_FILE, plan.source.encode())
        write_manifest(stage, plan, {}, argv)
        write_plan(plan, stage / PLAN_FILE)
        stage.replace(folder)
        sync(folder.parent)
    except OSError as error:
        if not folder.is_dir():
            raise ResultsError(f"cannot write {folder}: {reason(error)}; choose another folder with --out") from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _holds(folder: Path, plan: Plan) -> bool:
    """Tell whether a folder holds this very plan: the same runs may be for other goals, or the file damaged."""
    try:
        return read_plan(folder / PLAN_FILE) == plan
    except ResultsError:
        return False


def run_sweep(
    source: SweepSource, options: SweepOptions | None = None, listener: Listener | None = None, **planning: Any
) -> SweepStatus:
    """Do every run of a sweep that is not done yet.

    Parameters
    ----------
    source : str, Path or Mapping
        The folder of a planned sweep, or what `plan_sweep` takes.
    options : SweepOptions, optional
    listener : Listener, optional
    **planning
        `out`, `plugins`, `simulate` and `argv` of `plan_sweep`, for a source that is not planned yet.

    Returns
    -------
    SweepStatus
        Of the whole sweep, other shards included.

    Raises
    ------
    RunInterrupted
        When it was stopped; what had finished is kept, and the same call goes on from there.
    ResultsError
        When the folder cannot be written, or the plan was made by other code.
    """
    from catallaxy.sim.sweeps.store.status import read_status

    options = options or SweepOptions()
    planned = not isinstance(source, Mapping) and is_sweep(source)
    folder = Path(str(source)) if planned else plan_sweep(source, **planning)
    plan = read_plan(folder / PLAN_FILE)
    check_executable(plan)
    stopped = do_missing(folder, plan, options, listener)
    status = read_status(folder)
    if options.collect and not (stopped or (status.left and options.shard != (0, 1))):
        collect_sweep(folder, plan)
        status = read_status(folder)
    if stopped:
        done = status.planned - status.left
        kept = f"{done:,} of {status.planned:,} runs are kept in {folder}"
        raise RunInterrupted(f"stopped; {kept}: run it again to go on")
    return status


def collect_sweep(folder: str | Path, plan: Plan | None = None) -> Counter[str]:
    """Write the final tables of what has been done so far, and the manifest.

    Parameters
    ----------
    folder : str or Path
        Folder of a sweep.
    plan : Plan, optional
        Its plan, when it has been read already.

    Returns
    -------
    Counter of str
        Runs by status.
    """
    from catallaxy.sim.sweeps.store.collecting import collect

    path = sweep_folder(folder)
    plan = plan or read_plan(path / PLAN_FILE)
    counts = collect(path, plan)
    write_manifest(path, plan, counts)
    return counts


def sweep(
    source: SweepSource,
    *,
    out: str | Path = "results",
    jobs: int | None = None,
    executor: Any = "loky",
    timeout_s: float | None = None,
    memory_mb: float | None = None,
    retry: bool = False,
    progress: bool = True,
    simulate: str = SIMULATE,
) -> SweepResult:
    """Run a sweep and return its tables; a sweep that was begun before goes on where it stopped.

    Parameters
    ----------
    source : str, Path or Mapping
        A sweep file, the name of a shipped sweep ("emission"), the sweep itself as a mapping, or its folder.
    out : str or Path, optional
        Folder of results folders.
    jobs : int, optional
        Worker processes; one per core by default.
    executor : str or object, optional
        "loky", "dask" or "serial", or an executor with `submit` (a Dask or MPI executor, a process pool).
    timeout_s, memory_mb : float, optional
        What one run may take, in seconds and in megabytes.
    retry : bool, optional
        Do failed runs again.
    progress : bool, optional
        Show how far it is.
    simulate : str, optional
        `module:function` that does a run instead of the engine.

    Returns
    -------
    SweepResult

    Raises
    ------
    ScenarioError
        With every problem of the sweep file.
    RunInterrupted
        When it was stopped; the same call goes on from there.
    """
    from catallaxy.sim.sweeps.answers.sweep_result import open_sweep
    from catallaxy.sim.sweeps.progress import shown_progress

    options = SweepOptions(jobs, executor, timeout_s=timeout_s, memory_mb=memory_mb, retry=retry)
    planned = not isinstance(source, Mapping) and is_sweep(source)
    plugins = trusted_packages()
    folder = Path(str(source)) if planned else plan_sweep(source, out=out, plugins=plugins, simulate=simulate)
    with shown_progress(quiet=not progress) as listener:
        run_sweep(folder, options, listener)
    return open_sweep(folder)
