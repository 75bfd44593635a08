"""What the commands about sweeps print: states, ends, failures."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from catallaxy.sim.sweeps.progress import counted, duration, rate_text

if TYPE_CHECKING:
    from pathlib import Path

    from catallaxy.sim.sweeps.plan import Plan
    from catallaxy.sim.sweeps.slurm.submission import Submitted
    from catallaxy.sim.sweeps.store.failures import Failure
    from catallaxy.sim.sweeps.store.status import SweepStatus

__all__ = [
    "SHORT_ID",
    "aligned",
    "closing_lines",
    "failure_lines",
    "json_text",
    "settings",
    "shown",
    "size",
    "status_lines",
    "submitted_lines",
]

SHORT_ID = 8
"""Digits of a run id that tables show."""

_IN_FULL = 1e12
_WORDS = {
    "complete": "complete",
    "failed": "failed",
    "timeout": "timed out",
    "memory": "out of memory",
    "crashed": "crashed",
}


def size(number: float) -> str:
    """Return a number of bytes in the unit that suits it: "512 B", "1.2 MB" (10^6 bytes)."""
    units = ["B", "kB", "MB", "GB", "TB"]
    while number >= 999.5 and len(units) > 1:
        number /= 1000.0
        units.pop(0)
    return f"{number:.0f} {units[0]}" if units[0] == "B" or number >= 9.95 else f"{number:.1f} {units[0]}"


def settings(values: Mapping[str, Any]) -> str:
    """Return parameters and their values on one line: "fee=0.1, policy=burn"."""
    return ", ".join(f"{name}={shown(value)}" for name, value in values.items())


def status_lines(status: SweepStatus) -> Iterator[str]:
    """Yield the state of a sweep, as lines of text.

    Parameters
    ----------
    status : SweepStatus

    Yields
    ------
    str
    """
    done = status.planned - status.left
    yield f"{status.name}: {done:,} of {counted(status.planned)} done, {status.left:,} left"
    yield from aligned([(_WORDS[name], f"{number:,}") for name, number in status.counts.items() if number])
    alive = [writer for writer in status.writers if writer.alive]
    if status.left and status.eta_s is not None and alive:
        yield f"{rate_text(status.runs_per_s)}, {duration(status.eta_s)} to go"
    for writer in status.writers:
        state = "running" if writer.alive else "stopped"
        last = "" if writer.last_s_ago is None else f", last result {duration(writer.last_s_ago)} ago"
        yield f"writer {writer.name}: {state}, process {writer.pid} on {writer.host}, {counted(writer.runs)}{last}"
    tables = "the final tables are written" if status.collected else "the final tables are not written yet"
    yield f"{size(status.bytes)} on disk; {tables}"


def closing_lines(folder: Path, status: SweepStatus, failures: Sequence[Failure], elapsed_s: float) -> Iterator[str]:
    """Yield how a sweep ended, and what to type next when runs failed or are missing.

    Parameters
    ----------
    folder : Path
    status : SweepStatus
    failures : sequence of Failure
        The first one is told.
    elapsed_s : float
        What it took.

    Yields
    ------
    str
    """
    parts = [f"{number:,} {_WORDS[name]}" for name, number in status.counts.items() if number]
    left = [f"{status.left:,} left"] if status.left else []
    yield f"{status.name}: {', '.join([*parts, *left])}; took {duration(elapsed_s)}"
    if failures:
        first = failures[0]
        yield f"first failure: {_which(first)}: {first.error or first.status}"
        yield f"to see them:      catallaxy failures {folder}"
        yield f"to do them again: catallaxy retry {folder}"
    if not status.collected:
        yield f"to get the tables when all is done: catallaxy collect {folder}"


def failure_lines(failures: Sequence[Failure], plan: Plan, *, traceback: bool) -> Iterator[str]:
    """Yield failed runs, one paragraph each.

    Parameters
    ----------
    failures : sequence of Failure
    plan : Plan
        Theirs.
    traceback : bool
        Show where in the code each failed.

    Yields
    ------
    str
    """
    for failure in failures:
        attempt = f", attempt {failure.attempt}" if failure.attempt > 1 else ""
        after = f" after {duration(failure.wall_s)}" if math.isfinite(failure.wall_s) else ""
        yield f"{_which(failure)}, seed {failure.seed}: {_WORDS[failure.status]}{after}{attempt}"
        if plan.params:
            yield f"    {settings(plan.points[failure.point].params)}"
        lines = failure.traceback.rstrip().splitlines() if traceback and failure.traceback else []
        yield from (f"    {line}" for line in lines or [failure.error or "(no message)"])


def _which(failure: Failure) -> str:
    return f"run {failure.run_id[:SHORT_ID]} (point {failure.point}, replicate {failure.replicate})"


def submitted_lines(submitted: Submitted) -> Iterator[str]:
    """Yield what was handed to SLURM: the jobs, or the scripts when none was submitted.

    Parameters
    ----------
    submitted : Submitted

    Yields
    ------
    str
    """
    if submitted.collect_job is None:
        for name, text in submitted.scripts.items():
            yield f"##### {name}"
            yield text
        return
    if submitted.array_job is not None:
        tasks, runs = counted(submitted.tasks, "task"), counted(submitted.runs)
        yield f"job {submitted.array_job} does {runs} in {tasks}"
    yield f"job {submitted.collect_job} collects the tables{' afterwards' if submitted.array_job is not None else ''}"


def json_text(value: Any) -> str:
    """Return a value as indented JSON; what is not a finite number becomes null."""
    return json.dumps(_without_nan(value), indent=2)


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def aligned(rows: Sequence[tuple[str, str]], width: int = 0) -> Iterator[str]:
    """Yield names and texts in two columns, indented; the first one at least `width` wide."""
    width = width or max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        yield f"  {name:<{width}}  {text}"


def shown(value: Any) -> str:
    """Return the value of a parameter as YAML would write it: whole numbers in full, others with six digits."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < _IN_FULL else f"{value:.6g}"
    return str(value)
