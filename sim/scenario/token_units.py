"""How a scenario's tokens are counted: base units, caps and the supply that an allocation divides."""

from __future__ import annotations

from catallaxy.sim.scenario.schema_network import TokenSpec
from catallaxy.sim.tokenomics.units import base_units, to_base

__all__ = ["allocated_supply", "base_units_of", "emission_cap"]

#: Growth of an uncapped supply, per year, that the ledger makes room for.
_LARGEST_GROWTH = 2.0


def base_units_of(token: TokenSpec, days: float) -> int:
    """Return the base units per token that leave room for all the supply a run can reach.

    Parameters
    ----------
    token : TokenSpec
    days : float
        Length of the run.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        When even whole tokens do not fit the ledger.
    """
    uncapped = token.genesis * _LARGEST_GROWTH ** max(2.0, days / 365.25)
    return base_units(token.max_supply or uncapped)


def emission_cap(token: TokenSpec, base: int) -> int | None:
    """Return how many base units emission may mint in all; None when there is no maximum supply."""
    if token.max_supply is None:
        return None
    return to_base(token.max_supply, base) - to_base(token.genesis, base)


def allocated_supply(token: TokenSpec, base: int) -> int:
    """Return what the shares of the allocation table are shares of, in base units."""
    whole = token.max_supply if token.allocation.shares_of == "maximum" else None
    return to_base(whole or token.genesis, base)
