"""Which subnet makes room for another, and what its alpha is worth then."""

from __future__ import annotations

from catallaxy.agents.population import Flags, Floats, Ints

__all__ = ["redeemed", "to_prune"]


def to_prune(live: Flags, average: Floats, age: Ints, immunity: int) -> int | None:
    """Return the subnet that makes room: of those that are not immune, that with the lowest average price.

    Of several with the same price it is the oldest. Source: opentensor/subtensor, `get_network_to_prune`.

    Parameters
    ----------
    live : int8[N]
    average : float64[N], token per alpha
    age : int64[N], block
    immunity : int
        Blocks after registration during which a subnet stays.

    Returns
    -------
    int or None
        Slot; None when all are immune.
    """
    candidates = [j for j in range(len(live)) if live[j] and age[j] >= immunity]
    return min(candidates, key=lambda j: (float(average[j]), -int(age[j]), j), default=None)


def redeemed(pot: int, alpha: int, total: int) -> int:
    """Return what alpha gets of a pool that is closed: its part of all alpha outside the pool, rounded down.

    Parameters
    ----------
    pot : int
        Tokens in the pool, base units.
    alpha, total : int
        Of one holder, and of all, base units.

    Returns
    -------
    int
        Base units; the chain gives what rounding leaves to those who lost most by it, here it goes to the owner.
    """
    return pot * alpha // total if total > 0 else 0
