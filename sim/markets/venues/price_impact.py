"""A market maker with inventory, whose price moves with net order flow."""

from __future__ import annotations

from typing import ClassVar

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.sim.markets.venues.venue import AGAINST_TRADERS, VENUES, Clearing, Pool, Venue

__all__ = ["PriceImpact"]

#: Log price impact beyond which a trade gets nothing anyway; keeps rates finite.
_LARGEST_IMPACT = 50.0
#: Share of a reserve that one batch may take out.
_LARGEST_FILL = 0.9


@VENUES.register("price-impact")
class PriceImpact(Venue):
    """A market maker who moves the log price in proportion to net order flow over what he holds.

    ln p' = ln p + lambda * (B - Q p) / D, with D the dollar value of the smaller side of his inventory; the batch
    trades at p'. The move of the quoted price per step is limited, and the limit is counted as a guard; the batch that
    meets it still pays its full impact, since a maker who sold below his own curve could be pumped for money. Only a
    trader as large as the inventory itself can still gain by a sequence of trades, because each of them changes the
    depth so much; a constant-product pool excludes even that.
    """

    summary: ClassVar[str] = "Market maker with inventory; log-linear price impact."

    impact: float = quantity(1.0, unit="1", doc="Log price move when net flow equals depth (lambda).", gt=0, le=100)
    largest_move: float = quantity(1.0, unit="1", doc="Largest log price move in one step.", gt=0, le=5)

    def clear(self, pool: Pool, bid: int, offered: int) -> Clearing:
        """Fill a batch; see `Venue.clear`."""
        price = pool.price
        depth = max(min(float(pool.usd), pool.tokens * price), 1.0)
        move = self.impact * (bid - offered * price) / depth
        limited = max(-self.largest_move, min(self.largest_move, move))
        paid = price * float(nk.elementary.exp_scalar(max(-_LARGEST_IMPACT, min(_LARGEST_IMPACT, move))))
        tokens_per_usd, usd_per_token = AGAINST_TRADERS / paid, paid * AGAINST_TRADERS
        short_tokens = bid * tokens_per_usd - offered > _LARGEST_FILL * pool.tokens
        short_usd = offered * usd_per_token - bid > _LARGEST_FILL * pool.usd
        if short_tokens:
            tokens_per_usd = (_LARGEST_FILL * pool.tokens + offered) / bid * AGAINST_TRADERS
        if short_usd:
            usd_per_token = (_LARGEST_FILL * pool.usd + bid) / offered * AGAINST_TRADERS
        bound = limited != move or short_tokens or short_usd
        return Clearing(tokens_per_usd, usd_per_token, price * float(nk.elementary.exp_scalar(limited)), bound)
