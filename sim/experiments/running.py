"""Running a scenario: from a name or a file to a `Result`, in memory or in a results folder."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.errors import RunInterrupted
from catallaxy.sim.experiments.about import about
from catallaxy.sim.experiments.stopping import Stop
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.results.folder import Destination, prepare_folder
from catallaxy.sim.results.origin import RunOrigin
from catallaxy.sim.results.result import Result, open_result
from catallaxy.sim.results.tables import table_bits
from catallaxy.sim.results.writer import SCENARIO_FILE, write_results
from catallaxy.sim.scenario.loading import load, resolved_yaml, scenario_hash
from catallaxy.sim.scenario.schema import Scenario

__all__ = ["Request", "rerun", "run", "run_scenario"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Request:
    """How a scenario is to be run.

    Attributes
    ----------
    threads : int
        Threads for row kernels within one run; results do not depend on it.
    jobs : int
        Replicates run at the same time, each in its own process; results do not depend on it.
    out : Path or None
        Folder of results folders; None keeps the result in memory.
    force : bool
        Run again although a complete result exists.
    argv : tuple of str
        Command line, for the manifest.
    first : int
        Number of the first replicate; the others follow it.
    """

    threads: int = 1
    jobs: int = 1
    out: Path | None = None
    force: bool = False
    argv: tuple[str, ...] = ()
    first: int = 0

    def numbers(self, scenario: Scenario) -> range:
        """Return the numbers of the replicates to run."""
        return range(self.first, self.first + scenario.replicates)


def run(
    scenario: str | Path | Mapping[str, Any] | Scenario,
    *,
    seed: int | None = None,
    steps: int | None = None,
    replicates: int | None = None,
    variant: str | None = None,
    overrides: Iterable[str] = (),
    sets: Iterable[str] | Mapping[str, Any] = (),
    threads: int = 1,
    jobs: int = 1,
    out: str | Path | None = None,
    force: bool = False,
) -> Result:
    """Run a scenario.

    Parameters
    ----------
    scenario : str, Path, Mapping or Scenario
        Name of a shipped scenario ("deai-2026"), a YAML file, a mapping, or a loaded scenario.
    seed, steps, replicates : int, optional
        Take the place of the scenario's own.
    variant : str, optional
        One of the file's `scenarios`: a named list of overrides.
    overrides : iterable of str, optional
        Names of the file's `overrides`.
    sets : iterable of str, or Mapping, optional
        `path.to.parameter=value`, or a mapping of dotted paths to values; applied last.
    threads : int, optional
        Threads within one run.
    jobs : int, optional
        Replicates at the same time.
    out : str or Path, optional
        Where to write a results folder; nothing is written when absent.
    force : bool, optional
        Run again although a complete result exists in `out`.

    Returns
    -------
    Result

    Raises
    ------
    ScenarioError
        With every problem of the scenario at once.
    ResultsError
        When `out` cannot be written.
    """
    if not isinstance(scenario, Scenario):
        scenario = load(scenario, scenario=variant, overrides=overrides, sets=sets)
    own = {"seed": seed, "steps": steps, "replicates": replicates}
    given = {name: value for name, value in own.items() if value is not None}
    if given:
        scenario = load({**scenario.model_dump(mode="json"), **given})
    request = Request(threads, jobs, None if out is None else Path(out), force)
    return run_scenario(scenario, request)


def run_scenario(scenario: Scenario, request: Request, progress: Progress | None = None) -> Result:
    """Run every replicate of a loaded scenario, and write the results folder if one is asked for.

    Parameters
    ----------
    scenario : Scenario
    request : Request
    progress : callable, optional
        Called with (steps done, steps in all) of all replicates.

    Returns
    -------
    Result
        Interrupted and failed runs keep what they recorded and say so in `Result.status`.
    """
    started = datetime.now(UTC)
    origin = _origin(scenario, started, request)
    destination: Destination | None = None
    if request.out is not None:
        destination = prepare_folder(request.out, scenario.name, origin.hash, force=request.force)
        if destination.done:
            return open_result(destination.path)
    clock = time.perf_counter()
    records = list(_records(scenario, request, progress))
    origin = replace(origin, wall_s=time.perf_counter() - clock)
    if destination is None:
        return Result.from_records(origin, records)
    write_results(destination.path, origin, records)
    return Result.from_records(origin, records, destination.path)


def rerun(folder: str | Path, request: Request, progress: Progress | None = None) -> tuple[Result, bool]:
    """Run again what a results folder holds, and compare bit for bit.

    Parameters
    ----------
    folder : str or Path
        A results folder.
    request : Request
    progress : callable, optional

    Returns
    -------
    (Result, bool)
        The new result, in memory, and whether its series are identical; of a partial result, as far as it goes.
    """
    old = open_result(folder)
    scenario = load(Path(folder) / SCENARIO_FILE)
    again = replace(request, out=None, force=True, first=old.manifest["replicates"].get("first", 0))
    new = run_scenario(scenario, again, progress)
    return new, _same_as_far_as(old, new)


def _same_as_far_as(old: Result, new: Result) -> bool:
    """Return whether every row that `old` recorded is in `new`, bit for bit, and nothing else for those steps."""
    runs, series = old.table("runs"), new.table("series")
    recorded = dict(zip(runs["replicate"].to_pylist(), runs["steps"].to_pylist(), strict=True))
    places = zip(series["replicate"].to_pylist(), series["step"].to_pylist(), strict=True)
    kept = series.filter([step < recorded.get(replicate, 0) for replicate, step in places])
    theirs = old.table("series")
    return bool(kept.schema.equals(theirs.schema)) and table_bits(kept) == table_bits(theirs)


def _origin(scenario: Scenario, started: datetime, request: Request) -> RunOrigin:
    return RunOrigin(
        name=scenario.name,
        scenario_yaml=resolved_yaml(scenario),
        scenario_hash=scenario_hash(scenario),
        seed=scenario.seed,
        steps=scenario.steps,
        started=started,
        replicates=scenario.replicates,
        first=request.first,
        argv=request.argv,
        about=about(scenario),
    )


def _records(scenario: Scenario, request: Request, progress: Progress | None) -> Iterator[RunRecord]:
    total = scenario.steps * scenario.replicates
    if request.jobs > 1 and scenario.replicates > 1:
        yield from _parallel(scenario, request, progress, total)
        return
    with Stop() as stop:
        for done, replicate in enumerate(request.numbers(scenario)):
            report = _after_each_step(stop, progress, done * scenario.steps, total)
            with stop.interruptible():
                record = simulate(scenario, replicate, request.threads, report)
            yield record
            if record.status == "interrupted":
                return


def _after_each_step(stop: Stop, progress: Progress | None, before: int, total: int) -> Callable[[int], None]:
    """Return what reports progress and ends the run between two steps once a stop is asked for.

    An exception that a signal handler raises wherever the program happens to be can land in a callback or a finaliser,
    which swallow it, or between the two halves of a step.
    """

    def report(done: int) -> None:
        if progress is not None:
            progress(before + done, total)
        if stop.requested:
            raise RunInterrupted("stopped by a signal")

    return report


def _parallel(scenario: Scenario, request: Request, progress: Progress | None, total: int) -> Iterator[RunRecord]:
    from joblib import Parallel, delayed

    pool = Parallel(n_jobs=request.jobs, return_as="generator_unordered", batch_size=1)
    tasks = (delayed(simulate)(scenario, replicate) for replicate in request.numbers(scenario))
    done = 0
    try:
        with _terminable():
            for record in pool(tasks):
                done += scenario.steps
                if progress is not None:
                    progress(done, total)
                yield record
    except (KeyboardInterrupt, RunInterrupted):
        return


@contextmanager
def _terminable() -> Iterator[None]:
    """Turn SIGTERM into `RunInterrupted`, so that what was recorded is kept."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise RunInterrupted("stopped by SIGTERM")

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
