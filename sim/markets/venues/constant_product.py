"""The constant-product pool, x*y = k."""

from __future__ import annotations

from typing import ClassVar

from catallaxy import numba_kernels as nk
from catallaxy.sim.markets.venues.reserve_curve import ReserveCurve
from catallaxy.sim.markets.venues.venue import AGAINST_TRADERS, VENUES, Clearing, Pool

__all__ = ["ConstantProduct"]


@VENUES.register("constant-product")
class ConstantProduct(ReserveCurve):
    """Constant-product pool x*y = k with a fee, cleared as a batch at one price.

    With reserves X tokens and Y dollars, B dollars bid and Q tokens offered, buyers and sellers first meet at a
    common price p and the pool absorbs the rest on its curve. With a fee on what enters, net buying gives
    p = (Y/(1-f) + B)/(X + Q), net selling p = (Y + B)/(X/(1-f) + Q), and between them p = B/Q inside the fee band. With
    a fee on what leaves, p = (Y + B)/(X(1-f) + Q) and p = (Y(1-f) + B)/(X + Q).
    """

    summary: ClassVar[str] = "Automated market maker x*y = k; the batch clears at one price."

    def bought(self, pool: Pool, usd: float) -> float:
        """Return what dollars buy; see `BatchCurve.bought`."""
        return float(nk.constant_product.amount_out(float(pool.usd), float(pool.tokens), usd, self.fee, self.fee_side))

    def sold(self, pool: Pool, tokens: float) -> float:
        """Return what tokens fetch; see `BatchCurve.sold`."""
        return float(
            nk.constant_product.amount_out(float(pool.tokens), float(pool.usd), tokens, self.fee, self.fee_side)
        )

    def clear(self, pool: Pool, bid: int, offered: int) -> Clearing:
        """Fill a batch; see `Venue.clear`."""
        x, y, b, q = float(pool.tokens), float(pool.usd), float(bid), float(offered)
        if x + q == 0.0 or y + b == 0.0:
            return Clearing(0.0, 0.0, pool.price)
        buying, selling = self._prices(x, y, b, q)
        crossing = b / q if q > 0.0 else float("inf")
        price = max(min(buying, crossing), selling) if q > 0.0 else buying
        if b == 0.0:
            price = selling
        rates = AGAINST_TRADERS / price, price * AGAINST_TRADERS
        left_tokens = x + q - b * rates[0]
        left_usd = y + b - q * rates[1]
        return Clearing(*rates, left_usd / left_tokens)

    def _prices(self, x: float, y: float, b: float, q: float) -> tuple[float, float]:
        """Return the price at which the pool gives up tokens, and that at which it takes them."""
        keep = 1.0 - self.fee
        if self.fee_on == "input":
            return (y / keep + b) / (x + q), (y + b) / (x / keep + q)
        return (y + b) / (x * keep + q), (y * keep + b) / (x + q)
