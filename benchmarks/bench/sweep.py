"""Many short runs: what a warm worker adds to each, and what a process of its own for each would cost."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.children import run_child
from bench.clock import cpu_seconds
from bench.finding import Finding, at_least, at_most
from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.sweeps.design.planning import make_plan
from catallaxy.sim.sweeps.design.reading import load_sweep
from catallaxy.sim.sweeps.outcome import Limits, Task
from catallaxy.sim.sweeps.workers.work import perform

__all__ = ["measured", "sweep"]

_STEPS, _RUNS = 30, 10
_ONE_RUN = f"import catallaxy; catallaxy.run('minimal', steps={_STEPS}, seed=7, replicates=1)"
_DESIGNS: dict[str, dict[str, Any]] = {
    "replicates of one point": {"replicates": _RUNS, "design": {"grid": {"networks.alpha.openness": [0.1]}}},
    "a point for each run": {"design": {"grid": {"networks.alpha.openness": [0.01 * i for i in range(_RUNS)]}}},
}
_LIMITS = {"replicates of one point": 0.03, "a point for each run": 0.05}
_KEPT: dict[str, dict[str, Any]] = {
    "key figures": {},
    "and three series": {"series": ["price", "users", "supply"], "every": 1},
}
_inside: list[float] = []


def measured(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Do a run as ever, and note its CPU seconds."""
    records: list[RunRecord] = []
    _inside.append(cpu_seconds(lambda: records.append(simulate(scenario, replicate))))
    return records[0]


def _task(design: dict[str, Any], kept: dict[str, Any], folder: Path) -> Callable[[], object]:
    """Return the work of a worker that does every run of a sweep, under limits that none of them meets."""
    source = {"name": "short", "scenario": "minimal", "set": {"steps": _STEPS}, "record": kept, **design}
    plan = make_plan(load_sweep(source))
    context = replace(plan.context, simulate="bench.sweep:measured")
    task = Task(context.packed(), tuple(plan.runs()), Limits(600.0, 8_000.0, str(folder)))
    return lambda: perform(task)


def _costs(work: Callable[[], object], turns: int) -> tuple[float, float]:
    """Return the CPU seconds of a run, and what the worker adds to it, each from the turn where it was least."""
    work()
    runs, added = [], []
    for _ in range(turns):
        _inside.clear()
        whole = cpu_seconds(work)
        runs.append(sum(_inside) / _RUNS)
        added.append(whole / _RUNS - runs[-1])
    return min(runs), min(added)


def sweep(quick: bool) -> Finding:
    """Measure runs of `minimal`, 30 steps each, in a warm worker and in processes of their own.

    Parameters
    ----------
    quick : bool
        Fewer turns.

    Returns
    -------
    Finding
    """
    finding = Finding(f"Many short runs: minimal, {_STEPS} steps, {_RUNS} runs in a task")
    turns = 5 if quick else 20
    warm = float("inf")
    with tempfile.TemporaryDirectory() as name:
        for what, design in _DESIGNS.items():
            for kept, record in _KEPT.items():
                run, added = _costs(_task(design, record, Path(name)), turns)
                warm = min(warm, run + added)
                finding.rows.append(
                    {"runs": what, "kept": kept, "ms per run": 1e3 * run, "worker adds, ms": 1e3 * added}
                )
                share = f"share that a worker adds to a run, {what}, {kept}"
                finding.targets.append(at_most(share, added / run, _LIMITS[what]))
        turns = 2 if quick else 5
        alone = min(run_child(["-c", _ONE_RUN], os.environ, Path(name)).cpu for _ in range(turns))
    finding.rows.append({"runs": "a process for each, warm kernel cache", "ms per run": 1e3 * alone})
    finding.targets.append(at_least("CPU of a process for each run, times that of a warm worker", alone / warm, 10.0))
    return finding
