"""What no single field can tell of venues: none at all, minting beyond the maximum, too little to open with."""

from __future__ import annotations

from collections.abc import Iterator

from catallaxy.agents.population import MICRO
from catallaxy.sim.markets.venues import OrderVenue, divide_liquidity
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.schema_network import NetworkSpec
from catallaxy.sim.scenario.token_units import allocated_supply, base_units_of
from catallaxy.sim.tokenomics.allocation import vesting_schedule

__all__ = ["venue_problems"]

Complaint = tuple[tuple[str | int, ...], str]

_TOLERANCE = 1e-9


def venue_problems(scenario: Scenario, name: str) -> Iterator[Complaint]:
    """Return everything that is wrong with the venues of a network.

    Parameters
    ----------
    scenario : Scenario
    name : str
        Network.

    Returns
    -------
    iterator of (path below the network, message)
    """
    spec = scenario.networks[name]
    if not spec.venues:
        yield ("venues",), f"{spec.token.symbol} has no venue, so nobody can trade it; name at least one"
        return
    yield from _minting(spec)
    yield from _untaxed(spec)
    placed = sum(venue.liquidity for venue in spec.venues)
    if placed > 1.0 + _TOLERANCE:
        yield ("venues",), f"the venues' shares of liquidity sum to {placed:g}; at most 1 can be placed"
        return
    try:
        base = base_units_of(scenario, name)
    except ValueError:
        return
    yield from _opening(scenario, spec, base)


def _minting(spec: NetworkSpec) -> Iterator[Complaint]:
    for number, venue in enumerate(spec.venues):
        if venue.mints and spec.token.max_supply is not None:
            yield (
                ("venues", number, "kind"),
                f"a {venue.kind} mints {spec.token.symbol} for whoever pays, beyond its max_supply of "
                f"{spec.token.max_supply:g}; set max_supply to null, or choose a venue that sells what there is",
            )


def _untaxed(spec: NetworkSpec) -> Iterator[Complaint]:
    for number, venue in enumerate(spec.venues):
        if isinstance(venue, OrderVenue) and spec.fees.trade_tax is not None:
            yield (
                ("fees", "trade_tax"),
                f"venue {number}, {venue.kind}, matches orders singly and cannot tax them; use pools, or drop the tax",
            )


def _opening(scenario: Scenario, spec: NetworkSpec, base: int) -> Iterator[Complaint]:
    token, price = spec.token, spec.token.price * MICRO / base
    schedule = vesting_schedule(token.allocation, allocated_supply(token, base), scenario.start, scenario.dt_days, 1)
    opening = dict(zip(schedule.receivers, schedule.opening.tolist(), strict=True))
    liquidity = opening.get("liquidity", 0)
    if liquidity == 0:
        yield (
            ("token", "allocation", "groups"),
            f"no group gives {token.symbol} liquidity at the start, so nobody can trade on its venues; "
            "add a group with receiver: liquidity and tge: 1.0",
        )
        return
    for number, (venue, tokens) in enumerate(zip(spec.venues, divide_liquidity(spec.venues, liquidity), strict=True)):
        found = venue.opening_problem(venue.opening_usd(tokens, price), tokens)
        if found is not None:
            yield ("venues", number, found[0]), found[1]
