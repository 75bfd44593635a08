"""How time grows with agents and with steps: the slope of log time on log size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from bench.clock import interleaved
from bench.finding import Finding, at_most
from bench.full_step import scaled, steppers
from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.schema import Scenario

__all__ = ["exponent", "growth"]

SIZES = (10_000, 31_623, 100_000, 316_228, 1_000_000)
STEPS = (100, 200, 400, 800, 1_600)
_AGENTS = 10_000


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the least-squares slope of log seconds on log size: 1 is linear growth.

    Parameters
    ----------
    sizes, seconds : sequence of float

    Returns
    -------
    float
    """
    return float(np.polyfit(np.log(np.asarray(sizes)), np.log(np.asarray(seconds)), 1)[0])


def _run(scenario: Scenario, steps: int) -> None:
    Engine(scenario.model_copy(update={"steps": steps})).run()


def growth(quick: bool) -> Finding:
    """Measure the growth of time with agents and with steps.

    Parameters
    ----------
    quick : bool
        Smaller sizes, shorter runs.

    Returns
    -------
    Finding
    """
    scenario = load("deai-2026")
    sizes, lengths, turns = (SIZES[:3], STEPS[:4], 2) if quick else (SIZES, STEPS, 3)
    by_size = {stepper.agents: seconds for stepper, seconds in steppers(scenario, sizes, 2 * turns).items()}
    small = scaled(scenario, _AGENTS)
    by_steps = interleaved({str(n): partial(_run, small, n) for n in lengths}, turns)
    slope = exponent(list(by_size)[-3::2], list(by_size.values())[-3::2])
    finding = Finding("Growth of time", notes=[f"slope over the largest tenfold of agents alone: {slope:.2f}"])
    finding.rows = [{"what": f"one step, {n:,} agents", "seconds": seconds} for n, seconds in by_size.items()]
    finding.rows += [
        {"what": f"run of {int(n):,} steps, {small.agents:,} agents", "seconds": s} for n, s in by_steps.items()
    ]
    finding.targets = [
        at_most("growth exponent of step time with agents", exponent(list(by_size), list(by_size.values())), 1.1),
        at_most("growth exponent of run time with steps", exponent(lengths, list(by_steps.values())), 1.1),
    ]
    return finding
