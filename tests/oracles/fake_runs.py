"""Runs that end badly, and the plans that contain them: every second replicate misbehaves, its neighbours do not."""

from __future__ import annotations

import ctypes
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from catallaxy.sim.engine.genesis import replicate_seed
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.results.identity import code_version, run_id
from catallaxy.sim.scenario.loading import load, scenario_hash
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.sweeps.outcome import Limits, Task
from catallaxy.sim.sweeps.plan import SIMULATE, Context, PlannedRun, Recording

STEPS = 5


@cache
def base(name: str = "minimal") -> dict[str, Any]:
    """Return a resolved scenario of a few steps and one replicate."""
    return load(name, sets={"steps": STEPS, "replicates": 1}).model_dump(mode="json")


def make_context(how: str = SIMULATE, **recording: Any) -> Context:
    """Return the context of a sweep of `minimal`; `how` names a function here, or any as module:function."""
    simulate = how if ":" in how else f"oracles.fake_runs:{how}"
    return Context((base(),), Recording(**recording), ("alpha",), code_version(), simulate=simulate)


def planned(context: Context, replicates: int = 3, sets: Mapping[str, Any] | None = None) -> tuple[PlannedRun, ...]:
    """Return the runs of one point, named as a plan names them."""
    scenario = load(context.bases[0], sets={**(sets or {}), "replicates": 1})
    digest = scenario_hash(scenario)
    return tuple(
        PlannedRun(r, run_id(digest, int(replicate_seed(scenario.seed, r)), r), 0, r, 0, sets or {})
        for r in range(replicates)
    )


def make_task(context: Context, replicates: int = 3, limits: Limits | None = None, **sets: Any) -> Task:
    """Return a task of all replicates of one point."""
    return Task(context.packed(), planned(context, replicates, sets), limits or Limits())


def well(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Do nothing, and record a price that says which step, network and replicate it is of."""
    names, steps = tuple(scenario.networks), np.arange(scenario.steps)
    price = steps[:, None] + 0.1 * np.arange(len(names)) + 100.0 * replicate
    return RunRecord(
        seed=int(replicate_seed(scenario.seed, replicate)),
        replicate=replicate,
        networks=names,
        symbols=names,
        start=scenario.start,
        dt_days=scenario.dt_days,
        series={"price": price},
    )


def raising(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Raise an error whose text is of this machine."""
    if replicate % 2:
        raise ValueError(f"no {object()}\nin /some/folder/of/this.txt")
    return well(scenario, replicate)


def quitting(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Leave Python."""
    if replicate % 2:
        sys.exit("enough")
    return well(scenario, replicate)


class Mute(RuntimeError):
    """An error that fails again when it is asked what happened."""

    def __str__(self) -> str:
        raise ValueError("no words")


class Panic(BaseException):
    """What compiled extensions raise when they give up, and cancelled tasks: no Exception."""


def mute(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Raise an error that has no text."""
    if replicate % 2:
        raise Mute
    return well(scenario, replicate)


def undecodable(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Raise an error that names a file whose name is no text."""
    if replicate % 2:
        raise FileNotFoundError("no file \udcff")
    return well(scenario, replicate)


def panicking(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Raise what `except Exception` does not catch."""
    if replicate % 2:
        raise Panic("lost")
    return well(scenario, replicate)


def looping(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Never end, and catch whatever an `except Exception` catches."""
    while replicate % 2:
        try:
            sum(range(1000))
        except Exception:
            continue
    return well(scenario, replicate)


def stubborn(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Swallow the first exception of any kind."""
    for _ in range(2 if replicate % 2 else 0):
        try:
            time.sleep(60.0)
        except BaseException:
            if _:
                raise
    return well(scenario, replicate)


def sleeping(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Wait for nothing."""
    if replicate % 2:
        time.sleep(60.0)
    return well(scenario, replicate)


@cache
def endless() -> Callable[[int], int]:
    """Compile a function that never returns, unless it starts at -1."""
    import numba

    @numba.njit(nogil=True)
    def turn(start: int) -> int:
        while start != -1:
            start = (start + 1) % 1000
        return start

    turn(-1)
    return turn


def compiled(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Never leave compiled code that does not hold the interpreter."""
    if replicate % 2:
        endless()(0)
    return well(scenario, replicate)


def hungry(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Ask for more and more."""
    held = []
    while replicate % 2:
        held.append(np.ones(2_000_000))
    return well(scenario, replicate)


def dying(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Read where nothing is."""
    if replicate % 2:
        ctypes.string_at(0)
    return well(scenario, replicate)


def interrupted(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Say that it was interrupted."""
    record = well(scenario, replicate)
    if replicate % 2:
        record.status, record.error = "interrupted", "interrupted from the keyboard"
    return record


def strange(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """Record a network that nobody planned."""
    record = well(scenario, replicate)
    if replicate % 2:
        record.networks = ("elsewhere",)
    return record


def odd(scenario: Scenario, replicate: int = 0) -> RunRecord:
    """End in a way that nobody knows."""
    record = well(scenario, replicate)
    if replicate % 2:
        record.status = "tired"
    return record
