"""Slow twin of the call auction: every tick of the band is tried, and shares are fractions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple


class AuctionOrder(NamedTuple):
    """One order; a market order has no tick."""

    side: int
    tick: int | None
    lots: int
    agent: int = 0


class Cleared(NamedTuple):
    """Tick (-1: nothing trades), lots traded, lots bid less lots offered there, and the lots that each order gets."""

    tick: int
    volume: int
    surplus: int
    fills: tuple[int, ...]


def _accepts(order: AuctionOrder, tick: int) -> bool:
    return order.tick is None or order.side * (order.tick - tick) >= 0


def _eagerness(order: AuctionOrder) -> float:
    return math.inf if order.tick is None else order.side * order.tick


def apportion_reference(ration: int, claims: Sequence[tuple[int, int]]) -> list[int]:
    """Return the lots of each (lots, agent) claim: quotas rounded down, then one each to the largest remainders."""
    quotas = [Fraction(ration * lots, sum(claim for claim, _ in claims)) for lots, _ in claims]
    shares = [math.floor(quota) for quota in quotas]
    ranking = sorted(range(len(claims)), key=lambda i: (shares[i] - quotas[i], claims[i][1], i))
    for i in ranking[: ration - sum(shares)]:
        shares[i] += 1
    return shares


def clear_auction_reference(orders: Sequence[AuctionOrder], ticks: int, reference: int, pro_rata: bool) -> Cleared:
    """Clear by trying every tick; orders earlier in the sequence came earlier."""
    best = None
    for tick in range(ticks):
        bid = sum(order.lots for order in orders if order.side == 1 and _accepts(order, tick))
        offered = sum(order.lots for order in orders if order.side == -1 and _accepts(order, tick))
        rank = (-min(bid, offered), abs(bid - offered), abs(tick - reference), tick)
        if best is None or rank < best[0]:
            best = rank, tick, min(bid, offered), bid - offered
    assert best is not None
    _, tick, volume, surplus = best
    if volume == 0:
        return Cleared(-1, 0, 0, (0,) * len(orders))
    fills = [0] * len(orders)
    for side in (1, -1):
        left = volume
        willing = [i for i, order in enumerate(orders) if order.side == side and _accepts(order, tick)]
        for eagerness in sorted({_eagerness(orders[i]) for i in willing}, reverse=True):
            level = [i for i in willing if _eagerness(orders[i]) == eagerness]
            ration = min(left, sum(orders[i].lots for i in level))
            if pro_rata:
                shares = apportion_reference(ration, [(orders[i].lots, orders[i].agent) for i in level])
            else:
                shares = []
                for i in level:
                    shares.append(min(ration - sum(shares), orders[i].lots))
            for i, share in zip(level, shares, strict=True):
                fills[i] = share
            left -= ration
    return Cleared(tick, volume, surplus, tuple(fills))
