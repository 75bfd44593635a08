"""Phase 1: the world outside moves."""

from __future__ import annotations

from catallaxy.sim.environment.events import policy_events
from catallaxy.sim.state.economy import Economy

__all__ = ["run"]


def run(economy: Economy) -> None:
    """Read the drivers of the step and apply the events on policies.

    Parameters
    ----------
    economy : Economy
    """
    step = economy.step
    economy.drivers = {name: float(economy.paths.values[i, step]) for i, name in enumerate(economy.paths.names)}
    for name, values in economy.base_policy.items():
        economy.policy[name][:] = values
    if economy.scenario.events:
        _apply_events(economy)
    economy.note("cloud_price", economy.drivers["cloud_gpu_price"])
    economy.note("incumbent_price", economy.drivers["incumbent_price"])
    economy.note("reserve_price", economy.drivers["reserve_price"])


def _apply_events(economy: Economy) -> None:
    scenario = economy.scenario
    for event in policy_events(scenario.events, scenario.start, scenario.steps, scenario.dt_days):
        if not event.step_from <= economy.step < event.step_to:
            continue
        _, network, policy = event.target.split(".")
        values, k = economy.policy[policy], economy.names.index(network)
        values[k] = {
            "set": event.value,
            "add": values[k] + event.value,
            "multiply": values[k] * event.value,
        }[event.operation]
