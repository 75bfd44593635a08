"""Supply schedules of a scenario's tokens, without running its agents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from catallaxy.agents.complaints import did_you_mean
from catallaxy.sim.environment.drivers import driver_paths
from catallaxy.sim.errors import Problem, ScenarioError
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.token_units import allocated_supply, base_units_of, emission_cap
from catallaxy.sim.tokenomics.emission import ECONOMY
from catallaxy.sim.tokenomics.supply import Assumptions, SupplyPath, TokenSupply, supply_path
from catallaxy.sim.tokenomics.units import to_base

__all__ = ["Schedule", "supply_schedules"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The supply schedule of one token.

    Attributes
    ----------
    symbol : str
    rule : str
        What the emission rule and the sinks of rewards do, a sentence each.
    assumed : list of str
        What was assumed of the economy, one sentence each.
    path : SupplyPath
    """

    symbol: str
    rule: str
    assumed: list[str]
    path: SupplyPath


def supply_schedules(
    scenario: Scenario, end: date, assumed: Assumptions, network: str | None = None
) -> dict[str, Schedule]:
    """Compute the supply of each token from the scenario's first day.

    Parameters
    ----------
    scenario : Scenario
    end : datetime.date
        Day on which the schedules end.
    assumed : Assumptions
        What stands in for the agents.
    network : str, optional
        The only network wanted.

    Returns
    -------
    dict of str to Schedule
        By network.

    Raises
    ------
    ScenarioError
        When there is no such network, or the end is not after the start.
    """
    if network is not None and network not in scenario.networks:
        hint = did_you_mean(network, scenario.networks) or f"; there are {', '.join(scenario.networks)}"
        raise ScenarioError([Problem("--network", 0, 0, "", f"there is no network {network!r}{hint}")])
    if end <= scenario.start:
        message = f"the schedule begins on {scenario.start}, the scenario's first day; {end} is not after it"
        raise ScenarioError([Problem("--until", 0, 0, "", message)])
    wanted = [name for name in scenario.networks if network in (None, name)]
    return {name: _schedule(scenario, name, end, assumed) for name in wanted}


def _schedule(scenario: Scenario, name: str, end: date, assumed: Assumptions) -> Schedule:
    token, base = scenario.networks[name].token, base_units_of(scenario, name)
    reads, sinks = token.emission.reads, scenario.networks[name].fees.sinks
    assumed = assumed if assumed.price is not None else replace(assumed, price=token.price)
    start = TokenSupply(
        emission=token.emission,
        allocation=token.allocation,
        base=base,
        genesis=to_base(token.genesis, base),
        allocated=allocated_supply(token, base),
        cap=emission_cap(token, base),
        sinks=sinks,
    )
    drivers = _drivers(scenario, (end - scenario.start).days) if reads - ECONOMY else []
    path = supply_path(start, scenario.start, end, assumed, drivers)
    rule = " ".join([token.emission.describe(), *(sink.describe() for sink in sinks if sink.taken_from == "rewards")])
    return Schedule(token.symbol, rule, assumed.sentences(reads), path)


def _drivers(scenario: Scenario, days: int) -> list[dict[str, float]]:
    paths = driver_paths(scenario.drivers, seed=scenario.seed, n_steps=days, dt_days=1.0, start=scenario.start)
    return [dict(zip(paths.names, values, strict=True)) for values in paths.values.T.tolist()]
