"""The constant-product pool, x*y = k."""

from __future__ import annotations

from typing import ClassVar

from catallaxy.agents.declaration import quantity
from catallaxy.sim.markets.venues.venue import AGAINST_TRADERS, VENUES, Clearing, Pool, Venue

__all__ = ["ConstantProduct"]


@VENUES.register("constant-product")
class ConstantProduct(Venue):
    """Constant-product pool x*y = k with a fee on what enters, cleared as a batch at one price.

    With reserves X tokens and Y dollars, B dollars bid and Q tokens offered, buyers and sellers first meet at a
    common price p and the pool absorbs the rest on its curve. Net buying gives p = (Y/(1-f) + B)/(X + Q), net selling
    p = (Y + B)/(X/(1-f) + Q), and between them p = B/Q inside the fee band.
    """

    summary: ClassVar[str] = "Automated market maker x*y = k; the batch clears at one price."

    fee: float = quantity(0.003, unit="1", doc="Fee on what enters the pool, kept by it.", ge=0, lt=1)

    def clear(self, pool: Pool, bid: int, offered: int) -> Clearing:
        """Fill a batch; see `Venue.clear`."""
        keep = 1.0 - self.fee
        x, y, b, q = float(pool.tokens), float(pool.usd), float(bid), float(offered)
        if x + q == 0.0 or y + b == 0.0:
            return Clearing(0.0, 0.0, pool.price)
        buying = (y / keep + b) / (x + q)
        selling = (y + b) / (x / keep + q)
        crossing = b / q if q > 0.0 else float("inf")
        price = max(min(buying, crossing), selling) if q > 0.0 else buying
        if b == 0.0:
            price = selling
        rates = AGAINST_TRADERS / price, price * AGAINST_TRADERS
        left_tokens = x + q - b * rates[0]
        left_usd = y + b - q * rates[1]
        return Clearing(*rates, left_usd / left_tokens)
