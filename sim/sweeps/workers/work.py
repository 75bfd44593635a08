"""What a worker does: some runs of a plan, each for itself, as one batch of outcomes.

Nothing that a run does reaches its neighbours: it may raise, take too long, or ask for too much memory. Runs of one
process take turns, whatever the threads that ask for them, because limits hold for whole processes.
"""

from __future__ import annotations

import gc
import re
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from typing import Any

from catallaxy.sim.analysis.key_figures import all_kpis
from catallaxy.sim.engine.engine import OUT_OF_MEMORY, simulate
from catallaxy.sim.errors import CatallaxyError, ScenarioError, place_of
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.recording.snapshots import Snapshots
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.sweeps.outcome import Batch, Limits, Task
from catallaxy.sim.sweeps.plan import Context, PlannedRun
from catallaxy.sim.sweeps.workers.agreement import Disagreement, Scenarios, check_code, imported, trust
from catallaxy.sim.sweeps.workers.batches import Outcome, Packer, trajectory_of
from catallaxy.sim.sweeps.workers.crash_logs import CrashLog, crash_log, worker_name
from catallaxy.sim.sweeps.workers.isolation import is_worker, memory_limit, peak_mb, prepare_worker
from catallaxy.sim.sweeps.workers.timeouts import OutOfTime, hard_stop, within

__all__ = ["failed_batch", "one_line", "perform", "prepare_worker"]

_LONGEST_TRACEBACK = 8_000
_LONGEST_LINE = 500
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}")
_FOLDERS = re.compile(r"(?<![\w.:/\\])(?:[A-Za-z]:)?(?:[/\\][^\s/\\'\"]+)+[/\\](?=[^\s/\\])")
_TURN = threading.Lock()


def perform(task: Task) -> Batch:
    """Do the runs of a task.

    Parameters
    ----------
    task : Task

    Returns
    -------
    Batch
        One outcome for every run, in order, whatever happened to it.

    Raises
    ------
    CatallaxyError
        When this worker must not do these runs: its code differs from the planner's, or the plan from the code.
    KeyboardInterrupt
        When a run was interrupted; it is done again another time.
    """
    with _TURN:
        worker = _worker(task.context)
        worker.warm_up(task.limits)
        log = crash_log(task.limits.log_folder, is_worker())
        return worker.packer.pack([worker.outcome(run, task, log) for run in task.runs])


def failed_batch(
    context: Context | bytes,
    runs: Sequence[PlannedRun],
    status: str,
    error: str,
    traceback: str = "",
    attempt: int = 1,
    worker: str = "",
) -> Batch:
    """Return the batch of runs that a worker could not finish, for the driver.

    Parameters
    ----------
    context : Context or bytes
        As it is, or packed.
    runs : sequence of PlannedRun
    status : str
        "crashed", or another one of `FINAL` but "complete".
    error : str
        One line; addresses and folders are taken out.
    traceback : str, optional
    attempt : int, optional
    worker : str, optional
        "host:pid".

    Returns
    -------
    Batch
    """
    packer = _packer(context) if isinstance(context, bytes) else Packer(context)
    ended = Outcome(0, status, one_line(error), traceback, attempt=attempt, worker=worker)
    return packer.pack([replace(ended, row=run.row) for run in runs])


def one_line(text: str) -> str:
    """Return an error as one line that reads the same on every machine: no addresses, no folders, not endless."""
    line = _FOLDERS.sub("", _ADDRESS.sub("0x...", " ".join(_encodable(text).split())))
    return line if len(line) <= _LONGEST_LINE else f"{line[: _LONGEST_LINE - 3]}..."


class _Worker:
    """Everything of a sweep that its runs share, made once in a process."""

    def __init__(self, context: Context) -> None:
        self._context = context
        check_code(context)
        trust(context, by_driver=True)
        self.packer = Packer(context)
        self._simulate = imported(context.simulate)
        self._kpis = all_kpis(context.recording.kpis)
        self._snapshots = _snapshots(context)
        self._scenarios = Scenarios(context)

    def warm_up(self, limits: Limits) -> None:
        """Load the compiled kernels once before a run is timed, so that the first one is not blamed for it."""
        if limits.timeout_s is not None:
            _load_kernels()

    def outcome(self, run: PlannedRun, task: Task, log: CrashLog) -> Outcome:
        """Do one run and say how it ended and what it cost."""
        wall, cpu = time.perf_counter(), time.process_time()
        ended = self._isolated(run, task.limits, log)
        return replace(
            ended,
            attempt=task.attempt,
            worker=worker_name(),
            wall_s=time.perf_counter() - wall,
            cpu_s=time.process_time() - cpu,
            peak_mb=peak_mb(),
        )

    def _isolated(self, run: PlannedRun, limits: Limits, log: CrashLog) -> Outcome:
        last_resort = limits.timeout_s if is_worker() else None
        try:
            with log.during(run), hard_stop(last_resort, log.file), memory_limit(limits.memory_mb):
                ended = within(limits.timeout_s, partial(self._done, run))
        except OutOfTime as stop:
            ended = Outcome(run.row, "timeout", f"took longer than {limits.timeout_s:g} s", _trace(stop))
        except MemoryError as error:
            ended = Outcome(run.row, "memory", traceback=_trace(error))
        except (Disagreement, KeyboardInterrupt):
            raise
        except BaseException as error:
            ended = Outcome(run.row, "failed", _line(error), _trace(error), steps=0)
        if ended.status == "memory":
            gc.collect()
            return replace(ended, error=_too_much(limits.memory_mb), steps=None)
        return ended

    def _done(self, run: PlannedRun) -> Outcome:
        scenario = self._scenarios.of(run)
        record: RunRecord = self._simulate(scenario, run.replicate, **self._snapshots)
        if record.status == "interrupted":
            raise KeyboardInterrupt(record.error)
        if record.status != "complete" and record.error.startswith(OUT_OF_MEMORY):
            return Outcome(run.row, "memory", traceback=record.traceback)
        self._check(record)
        ended = Outcome(
            run.row,
            record.status,
            one_line(record.error),
            _short(record.traceback),
            record.n_steps,
            trajectory=trajectory_of(record, self._context.recording),
            snapshots=record.snapshots,
        )
        return self._judged(ended, record) if record.status == "complete" else ended

    def _check(self, record: RunRecord) -> None:
        """Refuse a record that has no place in the tables of the plan; another function than the engine's may err."""
        strangers = sorted(set(record.networks).difference(self._context.networks))
        if strangers:
            raise CatallaxyError(f"the run recorded networks that are not in the plan: {', '.join(strangers)}")
        if record.status not in {"complete", "failed"}:
            raise CatallaxyError(f"the run ended as {record.status!r}; it must be 'complete' or 'failed'")

    def _judged(self, ended: Outcome, record: RunRecord) -> Outcome:
        """Add the key figures; the run failed when one of them cannot be computed."""
        found = dict(record.kpis)
        for kpi in self._kpis:
            if kpi.name in found:
                continue
            try:
                found[kpi.name] = {name: float(kpi.function(record, k)) for k, name in enumerate(record.networks)}
            except Exception as error:
                if isinstance(error, MemoryError):
                    raise
                line = one_line(f"key figure {kpi.name}: {_line(error)}")
                return replace(ended, status="failed", error=line, traceback=_trace(error))
        return replace(ended, kpis=found)


@lru_cache(maxsize=2)
def _worker(packed: bytes) -> _Worker:
    try:
        return _Worker(Context.unpacked(packed))
    except ScenarioError as error:
        raise Disagreement(f"the worker {worker_name()} lacks what the plan needs: {error}") from error


@lru_cache(maxsize=2)
def _packer(packed: bytes) -> Packer:
    return Packer(Context.unpacked(packed))


@cache
def _load_kernels() -> None:
    simulate(load("minimal", sets={"steps": 1}))


def _snapshots(context: Context) -> dict[str, Any]:
    """Return the argument that asks for snapshots, when there are any to take."""
    recording = context.recording
    return {"snapshots": Snapshots(recording.agents, recording.agent_steps)} if recording.agents else {}


def _too_much(memory_mb: float | None) -> str:
    return "needs more memory than there is" if memory_mb is None else f"needs more than {memory_mb:.0f} MB of memory"


def _line(error: BaseException) -> str:
    try:
        said = str(error)
    except Exception:
        # Whoever wrote this class of errors made a mistake, and that must not cost the other runs.
        said = "(no message)"
    if isinstance(error, CatallaxyError):
        return one_line(said)
    return one_line(f"{type(error).__name__}: {said} ({place_of(error)})")


def _trace(error: BaseException) -> str:
    return _short("".join(traceback.format_exception(error)))


def _encodable(text: str) -> str:
    """Return a text in which names of files that are no text are escaped, so that it can be stored."""
    return text.encode("utf-8", "backslashreplace").decode()


def _short(text: str) -> str:
    text = _encodable(text)
    return text if len(text) <= _LONGEST_TRACEBACK else f"...{text[-_LONGEST_TRACEBACK:]}"
