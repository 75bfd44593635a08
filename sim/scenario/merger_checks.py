"""What no single field can tell of mergers: nobody to convert, dates outside the run, tokens out of nothing."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from fractions import Fraction

from catallaxy.agents.arbitrageurs import ArbitrageursSpec
from catallaxy.agents.complaints import did_you_mean
from catallaxy.sim.environment.paths import Horizon
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.tokenomics.merger import MergerSpec
from catallaxy.sim.tokenomics.units import exact

__all__ = ["merger_problems"]

Complaint = tuple[tuple[str | int, ...], str]


def merger_problems(scenario: Scenario) -> Iterator[Complaint]:
    """Return everything that is wrong with the mergers of a scenario.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    iterator of (path, message)
    """
    mergers = {name: spec.token.merger for name, spec in scenario.networks.items() if spec.token.merger is not None}
    horizon = Horizon(scenario.start, scenario.steps, scenario.dt_days)
    arbitrage = any(isinstance(spec, ArbitrageursSpec) for spec in scenario.populations.values())
    for name, merger in mergers.items():
        found = [*_target(scenario, name, merger), *_dates(merger, horizon)]
        if not arbitrage:
            found.append(((), "nobody converts tokens; add a population of kind arbitrageurs"))
        for path, message in found:
            yield ("networks", name, "token", "merger", *path), message
    for circle in _circles(mergers):
        yield from _gains(circle, mergers)


def _target(scenario: Scenario, name: str, merger: MergerSpec) -> Iterator[Complaint]:
    other = scenario.networks.get(merger.into)
    if other is None or merger.into == name:
        known = did_you_mean(merger.into, [network for network in scenario.networks if network != name])
        yield ("into",), f"there is no other network {merger.into!r} to merge into{known}"
    elif other.token.max_supply is not None:
        yield (
            ("into",),
            f"conversion mints {other.token.symbol} beyond its max_supply of {other.token.max_supply:g}; "
            "set that to null",
        )


def _dates(merger: MergerSpec, horizon: Horizon) -> Iterator[Complaint]:
    run = f"the run, which goes from {horizon.start} to before {horizon.end}"
    if merger.opens >= horizon.end:
        yield ("opens",), f"conversion opens on {merger.opens}, after {run}"
    elif merger.closes is not None and merger.closes <= horizon.start:
        yield ("closes",), f"conversion closes on {merger.closes}, before {run}"
    elif not _is_ever_open(merger, horizon):
        yield (
            ("closes",),
            f"no step begins from {merger.opens} to before {merger.closes}, so nothing would be converted; "
            f"leave it open for longer than a step of {horizon.dt_days:g} days",
        )


def _is_ever_open(merger: MergerSpec, horizon: Horizon) -> bool:
    first = max(0, math.ceil((merger.opens - horizon.start).days / horizon.dt_days))
    day = horizon.start + datetime.timedelta(days=int(first * horizon.dt_days))
    return first < horizon.n_steps and merger.is_open(day)


def _circles(mergers: Mapping[str, MergerSpec]) -> Iterator[tuple[str, ...]]:
    """Yield the ways by which a token becomes itself again; each begins with its first network in the scenario."""
    order = list(mergers)
    for first in order:
        way = [first]
        while (following := mergers[way[-1]].into) in mergers and following not in way:
            way.append(following)
        if following == first and first == min(way, key=order.index):
            yield tuple(way)


def _gains(circle: tuple[str, ...], mergers: Mapping[str, MergerSpec]) -> Iterator[Complaint]:
    """Complain of a circle that can be gone round again and again and brings more each time."""
    passed = [mergers[name] for name in circle]
    product = math.prod((exact(merger.ratio) for merger in passed), start=Fraction(1))
    open_together = max(merger.opens for merger in passed) < min(
        merger.closes or datetime.date.max for merger in passed
    )
    if product > 1 and open_together:
        ratios = " x ".join(f"{merger.ratio:g}" for merger in passed)
        yield (
            ("networks", circle[-1], "token", "merger", "ratio"),
            f"one token that goes {' > '.join((*circle, circle[0]))} comes back as {ratios} = {float(product):.6g}, "
            "so that tokens could be made without end; while all are open, the ratios may multiply to at most 1",
        )
