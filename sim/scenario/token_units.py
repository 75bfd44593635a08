"""How a scenario's tokens are counted: base units, caps and the supply that an allocation divides."""

from __future__ import annotations

from collections.abc import Mapping

from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.schema_network import NetworkSpec, TokenSpec
from catallaxy.sim.tokenomics.units import base_units, to_base

__all__ = ["allocated_supply", "base_units_of", "emission_cap"]

#: Growth of an uncapped supply, per year, that the ledger makes room for.
_LARGEST_GROWTH = 2.0
#: Years of growth beyond which, and tokens above which, no supply fits the ledger.
_LONGEST, _ANY_MORE = 500.0, 1e300


def base_units_of(scenario: Scenario, name: str) -> int:
    """Return the base units per token that leave room for all the supply a run can reach.

    Parameters
    ----------
    scenario : Scenario
    name : str
        Network.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        When even whole tokens do not fit the ledger.
    """
    years = min(max(2.0, scenario.steps * scenario.dt_days / 365.25), _LONGEST)
    converted = _converted(scenario.networks, name, years)
    try:
        return base_units(min(_largest(scenario.networks[name].token, years) + converted, _ANY_MORE))
    except ValueError as error:
        raise ValueError(f"{error}; mergers could bring {converted:.4g} of them" if converted else str(error)) from None


def _largest(token: TokenSpec, years: float) -> float:
    """Return the tokens to make room for, conversions apart."""
    return token.max_supply or token.genesis * _LARGEST_GROWTH**years


def _converted(networks: Mapping[str, NetworkSpec], name: str, years: float) -> float:
    """Return the tokens that mergers bring to a network if all that can be converted is."""
    total = 0.0
    for origin, spec in networks.items():
        ratio, passed = 1.0, [origin]
        while passed[-1] != name and (merger := networks[passed[-1]].token.merger) is not None:
            if merger.into in passed or merger.into not in networks:
                break
            ratio *= merger.ratio
            passed.append(merger.into)
        if origin != name and passed[-1] == name:
            total += ratio * _largest(spec.token, years)
    return total


def emission_cap(token: TokenSpec, base: int) -> int | None:
    """Return how many base units emission may mint in all; None when there is no maximum supply."""
    if token.max_supply is None:
        return None
    return to_base(token.max_supply, base) - to_base(token.genesis, base)


def allocated_supply(token: TokenSpec, base: int) -> int:
    """Return what the shares of the allocation table are shares of, in base units."""
    whole = token.max_supply if token.allocation.shares_of == "maximum" else None
    return to_base(whole or token.genesis, base)
