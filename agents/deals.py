"""Deals: a token is bought on one venue and sold at once on another; how large the best one is, and what it brings.

An order book may have less to sell than a deal would pay for. Profit is concave in size where prices worsen with it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from catallaxy.agents.population import MICRO

__all__ = ["Deal", "Terms", "best_deal", "deal"]

#: Golden section; relative accuracy of the best size; the first size that is tried, and the first that may end the
#: search, micro-USD.
_SECTION, _ACCURACY, _FIRST, _TELLING = 0.6180339887498949, 1e-3, MICRO, 1024 * MICRO


@dataclass(frozen=True)
class Terms:
    """What an arbitrageur deducts: costs of a deal, micro-USD, and the profit wanted, as a share of its size."""

    costs: int
    margin: float


@dataclass(frozen=True)
class Deal:
    """Buying for `size` micro-USD on the first venue of `route` and selling on the second."""

    route: tuple[int, int] = (0, 0)
    size: int = 0
    costs: int = 0
    profit: float = 0.0


def deal(trading: Any, k: int, route: tuple[int, int], terms: Terms, size: int) -> Deal:
    """Price a deal; its profit is what exceeds the margin that the trader wants, micro-USD.

    A book may have less to sell than `size` pays for; when the other venue does not take all that was bought, there is
    no deal.
    """
    bought = trading.quote(k, route[0], usd=size)
    sold = trading.quote(k, route[1], tokens=bought.tokens_out)
    if sold.tokens < bought.tokens_out:
        return Deal(route, size, terms.costs, -math.inf)
    return Deal(route, size, terms.costs, sold.usd_out - bought.usd * (1.0 + terms.margin) - terms.costs)


def best_deal(trading: Any, k: int, route: tuple[int, int], terms: Terms, cash: int) -> Deal:
    """Return the most profitable deal on a route; one of size 0 when none pays.

    Profit is concave in size on venues whose price worsens with it: the size is doubled while that pays, and then found
    by golden section. A size that does not even earn the margin ends the search, once it is too large for the least
    quantity of an order book to blur what it earns.
    """
    if trading.price(k, route[1]) <= trading.price(k, route[0]) * (1.0 + terms.margin):
        return Deal()
    at = cache(partial(deal, trading, k, route, terms))
    best, size = Deal(), _FIRST
    while (tried := at(min(size, cash))).profit > best.profit or best.size == 0:
        best = max(best, tried, key=lambda candidate: candidate.profit)
        if size >= cash:
            break
        if size >= _TELLING and -math.inf < tried.profit < -terms.costs:
            return best
        size *= 2
    low, high = 0.25 * size, float(min(size, cash))
    while high - low > _ACCURACY * high + 1.0:
        sizes = high - _SECTION * (high - low), low + _SECTION * (high - low)
        worse, better = (at(int(amount)) for amount in sizes)
        best = max(best, worse, better, key=lambda candidate: candidate.profit)
        low, high = (sizes[0], high) if worse.profit < better.profit else (low, sizes[1])
    return best
