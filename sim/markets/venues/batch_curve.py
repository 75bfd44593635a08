"""Venues that trade along a curve, and clear a batch at one price.

Buyers and sellers of a batch meet at a price p, and the curve absorbs the rest: with B dollars bid and Q tokens
offered, sellers get r dollars straight from buyers, and the curve gets d = B - r, such that the price at which it gives
tokens for d is the price of all:

    r / Q = d / bought(d),      and with more for sale than bid,      r / B = d / sold(d),   d = Q - r tokens

Between what the curve pays and what it asks at the margin p = B / Q, and the curve does not trade.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

from catallaxy.agents.declaration import quantity
from catallaxy.sim.markets.venues.venue import AGAINST_TRADERS, Clearing, Pool, Trade, Venue

__all__ = ["BatchCurve", "met_directly"]

_ITERATIONS = 200
_ACCURACY = 2.0**-51


def met_directly(total: float, other: float, out: Callable[[float], float]) -> float:
    """Return how much of `total` goes straight to the other side of a batch.

    It is the r with r = other (total - r) / out(total - r), found by the Illinois variant of the rule of false
    position; by halving where that makes no progress or the price of a dust order is infinite. The result is on the
    side where the other traders get no more than the pool would give.

    Parameters
    ----------
    total : float
        What the larger side of the batch gives.
    other : float
        What the smaller side gives, in the other asset.
    out : callable
        What the pool gives for an amount of the first asset; its price must not fall with size.

    Returns
    -------
    float
    """
    if other == 0.0:
        return 0.0

    def excess(direct: float) -> float:
        left = total - direct
        bought = out(left)
        return other * left / bought - direct if bought > 0.0 else math.inf

    low, high = 0.0, total
    at_low, at_high = excess(low), -total
    side = 0
    for _ in range(_ITERATIONS):
        if high - low <= _ACCURACY * high:
            break
        middle = low + (high - low) * (at_low / (at_low - at_high)) if math.isfinite(at_low) else math.nan
        if not low < middle < high or abs(side) > 3:
            middle, side = 0.5 * (low + high), 0
        value = excess(middle)
        if value >= 0.0:
            low, at_low = middle, value
            at_high *= 0.5 if side > 0 else 1.0
            side = max(side, 0) + 1
        else:
            high, at_high = middle, value
            at_low *= 0.5 if side < 0 else 1.0
            side = min(side, 0) - 1
    return low


class BatchCurve(Venue):
    """Base of venues on a curve: a subclass says what an order brings, and what a trade does to the price."""

    amendable: ClassVar[frozenset[str]] = frozenset({"fee"})

    fee: float = quantity(
        0.003, unit="1", doc="Fee on a trade, kept by the pool.", ge=0, lt=1, source="0.3 %, as in Uniswap v2."
    )

    def bought(self, pool: Pool, usd: float) -> float:
        """Return the base units that micro-dollars buy."""
        raise NotImplementedError(f"venue {self.kind!r} does not say what dollars buy")

    def sold(self, pool: Pool, tokens: float) -> float:
        """Return the micro-dollars that base units fetch."""
        raise NotImplementedError(f"venue {self.kind!r} does not say what tokens fetch")

    def spot(self, pool: Pool) -> float:
        """Return the price at the margin without fee, micro-dollars per base unit."""
        raise NotImplementedError(f"venue {self.kind!r} has no marginal price")

    def price_after(self, pool: Pool, usd: float, tokens: float) -> float:
        """Return the marginal price after a trade that brings in dollars and tokens (out where negative)."""
        raise NotImplementedError(f"venue {self.kind!r} does not say where a trade leads")

    def redeemable(self, pool: Pool) -> float:
        """Return the base units beyond which the curve pays nothing more; most curves have no such limit."""
        return math.inf

    def clear(self, pool: Pool, bid: int, offered: int) -> Clearing:
        """Fill a batch; see `Venue.clear`."""
        b, q = float(bid), float(offered)
        if min(pool.usd, pool.tokens) < 1 or b == q == 0.0:
            return Clearing(0.0, 0.0, pool.price)
        price = self.spot(pool)
        if b * (1.0 - self.fee) > q * price:
            direct = met_directly(b, q, lambda usd: self.bought(pool, usd))
            tokens_per_usd = (q + self.bought(pool, b - direct)) / b
            usd_per_token = direct / q if q > 0.0 else _inverse(tokens_per_usd, price)
        elif b < q * price * (1.0 - self.fee):
            direct = met_directly(q, b, lambda tokens: self.sold(pool, tokens))
            usd_per_token = (b + self.sold(pool, q - direct)) / q
            tokens_per_usd = direct / b if b > 0.0 else _inverse(usd_per_token, 1.0 / price)
        else:
            tokens_per_usd, usd_per_token = q / b, b / q
        rates = tokens_per_usd * AGAINST_TRADERS, usd_per_token * AGAINST_TRADERS
        usd, tokens = b - q * rates[1], q - b * rates[0]
        return Clearing(*rates, self.price_after(pool, usd, tokens), tokens > self.redeemable(pool))

    def quote(self, pool: Pool, usd: int = 0, tokens: int = 0) -> Trade:
        """Return what a single trader would get at once; see `Venue.quote`."""
        if min(pool.usd, pool.tokens) < 1 or (usd and tokens):
            return super().quote(pool, usd, tokens)
        usd_out = self.sold(pool, float(tokens)) if tokens else 0.0
        tokens_out = self.bought(pool, float(usd)) if usd else 0.0
        return Trade(usd, tokens, int(usd_out * AGAINST_TRADERS), int(tokens_out * AGAINST_TRADERS))

    def trade(self, pool: Pool, usd: int = 0, tokens: int = 0) -> Trade:
        """Trade at once; see `BatchCurve.quote`."""
        trade = self.quote(pool, usd, tokens)
        price = self.price_after(pool, trade.usd - trade.usd_out, trade.tokens - trade.tokens_out)
        self.settle(pool, Clearing(0.0, 0.0, price), trade)
        return trade


def _inverse(rate: float, otherwise: float) -> float:
    return 1.0 / rate if rate > 0.0 else otherwise
