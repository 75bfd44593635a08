"""Memory: bytes of state per agent, and the most that a process ever holds."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from bench.children import environment, run_child
from bench.finding import Finding, at_most
from bench.full_step import scaled
from catallaxy.agents.population import Population
from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.sweeps.workers.isolation import peak_mb

__all__ = ["footprint", "memory", "state_bytes"]

SIZES = (100_000, 1_000_000)
_BASE_SIZE = 1_000
_STEPS = 5
_MB = 1e6


def state_bytes(populations: list[Population]) -> float:
    """Return the bytes of state of the mean agent."""
    agents = sum(population.n for population in populations)
    return sum(population.bytes_per_agent * population.n for population in populations) / agents


def footprint(agents: int) -> dict[str, float]:
    """Run a few steps of `deai-2026` in this process; return agents, bytes of state per agent, peak bytes."""
    engine = Engine(scaled(load("deai-2026"), agents))
    for _ in range(_STEPS):
        engine.step()
    populations = list(engine.economy.populations.values())
    return {"agents": engine.scenario.agents, "state": state_bytes(populations), "peak": peak_mb() * _MB}


def _in_fresh_process(agents: int, cache: Path) -> dict[str, float]:
    paths = f"import sys; sys.path[:0] = {sys.path!r}"
    code = f"{paths}; import json; from bench.memory import footprint; print(json.dumps(footprint({agents})))"
    with tempfile.TemporaryDirectory() as folder:
        cost = run_child(["-c", code], environment(cache), Path(folder))
    found: dict[str, float] = json.loads(cost.output)
    return found


def memory(quick: bool) -> Finding:
    """Measure state and peak memory of `deai-2026` at several sizes.

    Parameters
    ----------
    quick : bool
        Leave out the largest size.

    Returns
    -------
    Finding
    """
    finding = Finding("Memory of deai-2026")
    with tempfile.TemporaryDirectory() as name:
        cache = Path(name)
        _in_fresh_process(_BASE_SIZE, cache)
        base = _in_fresh_process(_BASE_SIZE, cache)["peak"]
        for size in SIZES[:1] if quick else SIZES:
            found = _in_fresh_process(size, cache)
            n = int(found["agents"])
            finding.rows.append(
                {
                    "agents": n,
                    "state, B/agent": found["state"],
                    "peak, MB": found["peak"] / _MB,
                    "peak over base, B/agent": (found["peak"] - base) / n,
                }
            )
            allowed = (400 * _MB + 500 * n) / _MB
            finding.targets.append(at_most(f"peak MB at {n:,} agents", found["peak"] / _MB, allowed))
    finding.targets.append(at_most("bytes of state per agent", finding.rows[-1]["state, B/agent"], 200.0))
    finding.notes.append(f"Base: a process with {_BASE_SIZE:,} agents, {base / _MB:,.0f} MB, kernels already compiled.")
    return finding
