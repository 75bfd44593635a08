"""The token orders of one step."""

from __future__ import annotations

from dataclasses import dataclass, field

from catallaxy.agents.population import Ints, Population

__all__ = ["Orders"]


@dataclass
class Orders:
    """Token orders of one step, per network.

    Attributes
    ----------
    bid : int64[K], micro-USD
    offered : int64[K], base units
    escrow_bid : int64[K]
        What the fee escrow spends on tokens to burn.
    treasury_offer, insider_offer : int64[K]
    parts : list of (Population, bid, offered)
        Totals by population.
    """

    bid: Ints
    offered: Ints
    escrow_bid: Ints
    treasury_offer: Ints
    insider_offer: Ints
    parts: list[tuple[Population, list[int], list[int]]] = field(default_factory=list)
