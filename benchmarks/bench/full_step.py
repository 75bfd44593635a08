"""The full step of a scenario at any number of agents: time, time by phase, and what the audit costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.clock import interleaved
from bench.finding import Finding, at_least, at_most
from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.schema import Scenario

__all__ = ["Stepper", "full_step", "scaled", "steppers"]

SIZES = (1_000, 10_000, 100_000, 1_000_000)
_AGENT_STEPS_PER_TURN = 1_000_000
_WARM_STEPS = 10
_SPEED = "M agent-steps/s"
_AUDIT = "audit, share of the step"


def scaled(scenario: Scenario, agents: int) -> Scenario:
    """Return the same economy with about `agents` agents: every population grows, and with it the token's value.

    Endowments are per agent except the genesis tokens and the treasury's opening dollars, which are shared out. Their
    dollar value grows with the population, so that wealth, liquidity and emission per head stay what they were.

    Parameters
    ----------
    scenario : Scenario
    agents : int

    Returns
    -------
    Scenario
    """
    factor = agents / scenario.agents
    populations = {
        name: spec.model_copy(update={"count": max(1, round(spec.count * factor))})
        for name, spec in scenario.populations.items()
    }
    networks = {}
    for name, spec in scenario.networks.items():
        token = spec.token.model_copy(update={"price": spec.token.price * factor})
        treasury = spec.treasury.model_copy(update={"start_usd": spec.treasury.start_usd * factor})
        networks[name] = spec.model_copy(update={"token": token, "treasury": treasury})
    return scenario.model_copy(update={"populations": populations, "networks": networks})


@dataclass
class Meter:
    """CPU seconds spent inside the calls that it wraps."""

    seconds: float = 0.0

    def wrap(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return `work`, metered."""

        def metered(*args: Any) -> Any:
            started = time.thread_time()
            try:
                return work(*args)
            finally:
                self.seconds += time.thread_time() - started

        return metered


class Stepper:
    """A running economy that takes a turn of a few steps at a time.

    Parameters
    ----------
    scenario : Scenario
        Long enough for all the turns.
    steps_per_turn : int
    """

    def __init__(self, scenario: Scenario, steps_per_turn: int) -> None:
        self.engine = Engine(scenario)
        self.agents = scenario.agents
        self.steps_per_turn = steps_per_turn
        economy = self.engine.economy
        self._audit = Meter()
        economy.stocks = self._audit.wrap(economy.stocks)  # type: ignore[method-assign]
        economy.ledger.audit = self._audit.wrap(economy.ledger.audit)  # type: ignore[method-assign]
        for _ in range(_WARM_STEPS):
            self.engine.step()
        self.phases = dict.fromkeys(self.engine.phase_seconds, float("inf"))
        self.audit_seconds = float("inf")

    def turn(self) -> None:
        """Take a few steps; keep the best wall seconds per step of each phase, and CPU seconds of the audit."""
        before, self._audit.seconds = dict(self.engine.phase_seconds), 0.0
        for _ in range(self.steps_per_turn):
            self.engine.step()
        for name, seconds in self.engine.phase_seconds.items():
            self.phases[name] = min(self.phases[name], (seconds - before[name]) / self.steps_per_turn)
        self.audit_seconds = min(self.audit_seconds, self._audit.seconds / self.steps_per_turn)


def steppers(scenario: Scenario, sizes: Sequence[int], turns: int) -> dict[Stepper, float]:
    """Run the scenario at each size, taking turns; return the best CPU seconds per step.

    Parameters
    ----------
    scenario : Scenario
    sizes : sequence of int
        Numbers of agents.
    turns : int

    Returns
    -------
    dict of Stepper to float
    """
    running: dict[str, Stepper] = {}
    for size in sizes:
        per_turn = min(50, max(3, _AGENT_STEPS_PER_TURN // size))
        room = scenario.model_copy(update={"steps": max(scenario.steps, _WARM_STEPS + per_turn * turns)})
        running[str(size)] = Stepper(scaled(room, size), per_turn)
    best = interleaved({name: stepper.turn for name, stepper in running.items()}, turns)
    return {stepper: best[name] / stepper.steps_per_turn for name, stepper in running.items()}


def full_step(quick: bool) -> Finding:
    """Measure the full step of `deai-2026`.

    Parameters
    ----------
    quick : bool
        Leave out the largest size and take fewer turns.

    Returns
    -------
    Finding
    """
    measured = steppers(load("deai-2026"), SIZES[:3] if quick else SIZES, 4 if quick else 10)
    columns = {f"{stepper.agents:,} agents": _figures(stepper, seconds) for stepper, seconds in measured.items()}
    rows = [
        {"per step": what, **{size: figures[what] for size, figures in columns.items()}}
        for what in next(iter(columns.values()))
    ]
    finding = Finding("Full step of deai-2026, one core", rows)
    for size, figures in list(columns.items())[2:]:
        finding.targets.append(at_least(f"M agent-steps/s, {size}", figures[_SPEED], 10.0))
    for size, figures in list(columns.items())[1:]:
        finding.targets.append(at_most(f"audit as a share of the step, {size}", figures[_AUDIT], 0.03))
    return finding


def _figures(stepper: Stepper, seconds: float) -> dict[str, float]:
    n = stepper.agents
    return {
        _SPEED: n / seconds / 1e6,
        "ns per agent": seconds / n * 1e9,
        "us": seconds * 1e6,
        _AUDIT: stepper.audit_seconds / seconds,
        **{f"  {name}, us": phase_seconds * 1e6 for name, phase_seconds in stepper.phases.items()},
    }
