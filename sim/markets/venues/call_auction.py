"""The uniform-price call auction, once a step."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.sim.markets.venues.order_pool import OrderPool, fees_on
from catallaxy.sim.markets.venues.order_venue import TICKS, OrderVenue
from catallaxy.sim.markets.venues.venue import VENUES, Pool, Trade

__all__ = ["CallAuction"]


@VENUES.register("call-auction")
class CallAuction(OrderVenue):
    """Call auction: one price per step, the one of largest volume; orders are for one auction.

    Among equally large volumes the smallest imbalance counts, then the distance to the last price. The side that is too
    long is filled from its most aggressive limit on, and rationed at the margin.
    """

    summary: ClassVar[str] = "Uniform-price call auction with limit orders, once a step."
    at_once: ClassVar[bool] = False

    rationing: Literal["by-time", "pro-rata"] = quantity(
        "pro-rata", unit="-", doc="Who is filled at the margin: who came first, or everyone in proportion."
    )

    def _prepare(self, pool: OrderPool, step: int) -> None:
        if pool.engine is None:
            pool.engine = nk.call_auction.open_auction(TICKS, len(pool.market.staged))

    def match(self, pool: OrderPool) -> None:
        """Clear the auction; see `OrderVenue.match`."""
        market = pool.market
        market.arrange()
        if market.n_messages > len(pool.engine.rows):
            pool.engine = nk.call_auction.open_auction(TICKS, len(market.messages))
        messages, reports = market.messages[: market.n_messages], market.reports[: market.n_messages]
        rules = {"by-time": nk.call_auction.BY_TIME, "pro-rata": nk.call_auction.PRO_RATA}
        last = round(pool.ticks(pool.price))
        tick, volume, _ = nk.call_auction.clear(pool.engine, messages, last, rules[self.rationing], reports)
        fees = nk.order_accounts.settle_auction(messages, reports, tick, self.lot(pool), market.desk)
        self._absorb(pool, fees)
        market.undistributed = True
        if volume > 0:
            pool.price = pool.per_unit(tick)
            pool.fair = pool.price * float(nk.elementary.exp_scalar(-pool.shift))
        if market.listening[0] < market.listening[1]:
            self._tell(pool, tick)

    def _tell(self, pool: OrderPool, tick: int) -> None:
        market, columns, lot = pool.market, nk.order_columns, self.lot(pool)
        messages, reports = market.messages[: market.n_messages], market.reports[: market.n_messages]
        told = market.hears(messages[:, columns.AGENT]) & (reports[:, columns.FILLED] > 0)
        messages, lots = messages[told], reports[told, columns.FILLED]
        side, value = messages[:, columns.SIDE], lots * tick * lot.tick_value
        references = np.maximum(messages[:, columns.REFERENCE], 0)
        usd = -side * value - fees_on(value, lot.fee)
        fills = (messages[:, columns.AGENT], references, np.zeros_like(lots), usd, side * lots * lot.size)
        market.fills_heard.append(np.stack(fills, axis=1))

    def quote(self, pool: Pool, usd: int = 0, tokens: int = 0) -> Trade:
        """Return nothing: nobody trades outside the auction; see `Venue.quote`."""
        return Trade()

    def trade(self, pool: Pool, usd: int = 0, tokens: int = 0) -> Trade:
        """Trade nothing; a limit order in the next auction is the way; see `Venue.trade`."""
        return Trade()
