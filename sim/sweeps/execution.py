"""The middle of a sweep: what is missing goes to workers, what they give goes to the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.experiments.stopping import Stop
from catallaxy.sim.results.identity import code_version
from catallaxy.sim.sweeps.options import Listener, SweepOptions
from catallaxy.sim.sweeps.outcome import Batch, Limits
from catallaxy.sim.sweeps.plan import Plan
from catallaxy.sim.sweeps.store.failures import read_failures
from catallaxy.sim.sweeps.store.store import Store
from catallaxy.sim.sweeps.workers.agreement import check_trusted
from catallaxy.sim.sweeps.workers.crash_logs import clean_crash_logs, forget_crash_logs
from catallaxy.sim.sweeps.workers.isolation import default_memory_mb

if TYPE_CHECKING:
    from catallaxy.sim.sweeps.dispatch.pools import Pool

__all__ = ["check_executable", "do_missing"]

LOGS = "logs"
"""Folder of a sweep for the tracebacks of workers that died, and for the output of cluster jobs."""


def check_executable(plan: Plan) -> None:
    """Refuse a plan that this process must not or cannot execute.

    Parameters
    ----------
    plan : Plan

    Raises
    ------
    ResultsError
        When it was made by other code, or runs code of packages that the user has not trusted: the folder of a sweep
        may come from somebody else.
    """
    context = plan.context
    if context.code != code_version():
        raise ResultsError(
            f"the plan of {plan.name!r} was made by catallaxy {context.code} and this is {code_version()}: results of "
            "two versions must not be mixed. Plan the sweep again with this version, or finish it with that one"
        )
    check_trusted(context)


def do_missing(folder: Path, plan: Plan, options: SweepOptions, listener: Listener | None) -> bool:
    """Do the missing runs of a shard.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.
    plan : Plan
    options : SweepOptions
    listener : Listener or None

    Returns
    -------
    bool
        Whether the sweep was asked to stop.

    Raises
    ------
    ResultsError
        When the store cannot be written, or another process writes the same shard.
    CatallaxyError
        When workers cannot do anything.
    """
    k, n = options.shard
    with Store(folder, plan, f"{k}-of-{n}") as store, Stop(options.grace_s) as stop:
        missing = _missing(plan, options, store.statuses)
        if listener is not None:
            _announce(listener, plan, options, store.statuses)
        if missing:
            for batch in _batches(folder, plan, options, missing, stop, listener):
                _keep(batch, store, listener)
        return bool(stop.requested)


def _missing(plan: Plan, options: SweepOptions, statuses: Mapping[int, str]) -> list[int]:
    wanted = {"complete"} if options.retry else set(statuses.values())
    k, n = options.shard
    return [row for row in range(k, len(plan), n) if statuses.get(row) not in wanted]


def _announce(listener: Listener, plan: Plan, options: SweepOptions, statuses: Mapping[int, str]) -> None:
    k, n = options.shard
    mine = [statuses[row] for row in range(k, len(plan), n) if row in statuses]
    kept = [status for status in mine if status == "complete" or not options.retry]
    listener.started(len(range(k, len(plan), n)), len(kept), sum(status != "complete" for status in kept))


def _keep(batch: Batch, store: Store, listener: Listener | None) -> None:
    store.add(batch)
    if listener is not None:
        listener.advanced(batch.statuses)


def _batches(
    folder: Path, plan: Plan, options: SweepOptions, missing: list[int], stop: Stop, listener: Listener | None
) -> Iterator[Batch]:
    from catallaxy.sim.sweeps.dispatch.dispatch import Job, dispatch
    from catallaxy.sim.sweeps.dispatch.pools import open_pool, silent

    k, n = options.shard
    logs = folder / LOGS / f"{k}-of-{n}"
    logs.mkdir(parents=True, exist_ok=True)
    forget_crash_logs(logs)
    note = silent if listener is None else listener.noted
    pool = open_pool(options.executor, options.jobs, options.scheduler, note)
    try:
        limits = Limits(options.timeout_s, _memory_mb(options, pool), str(logs.resolve()))
        job = Job(plan.context.packed(), limits, _attempt(folder, options), note=note)
        yield from dispatch((plan.run(row) for row in missing), pool, job, stop)
    finally:
        pool.close()
        clean_crash_logs(logs)
        _remove_if_empty(logs)
        _remove_if_empty(logs.parent)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _memory_mb(options: SweepOptions, pool: Pool) -> float | None:
    """Return the limit of one worker; that of workers on other machines is not ours to guess."""
    if options.memory_mb is not None or options.scheduler is not None or not isinstance(options.executor, str):
        return options.memory_mb
    return default_memory_mb(pool.workers)


def _attempt(folder: Path, options: SweepOptions) -> int:
    return 1 + max((failure.attempt for failure in read_failures(folder)), default=0) if options.retry else 1
