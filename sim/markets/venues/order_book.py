"""The continuous double auction, fed with a step's orders in random order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.population import Ints
from catallaxy.sim.markets.venues.order_pool import AT_ONCE, FEE_UNIT, HOUSE, OrderPool, fees_on
from catallaxy.sim.markets.venues.order_venue import TICKS, OrderVenue
from catallaxy.sim.markets.venues.venue import VENUES, Pool, Trade

__all__ = ["OrderBook"]

#: Queues of expiry; orders that live longer are looked at more often.
_HORIZON = 64
_FIRST_ROOM = 256
_FIRST_LEVELS = 64


@VENUES.register("order-book")
class OrderBook(OrderVenue):
    """Order book with price-time priority; orders arrive one after the other and what is not filled may stay.

    An order of an agent that meets an older one of the same agent cancels that. The price is the middle of the best
    quotes, or that of the last trade where one side is empty.
    """

    summary: ClassVar[str] = "Continuous double auction with price-time priority and a market maker."
    network_kind: ClassVar[str] = "IOC"

    lifetime: int = quantity(
        1, unit="step", doc="How long an order stays; 1 means that it is gone before the next market.", ge=1, le=1000
    )

    def expiry(self, step: int) -> int:
        """Return the first step on which an order of this step is gone; see `OrderVenue.expiry`."""
        return step + self.lifetime

    def _prepare(self, pool: OrderPool, step: int) -> None:
        market, agents = pool.market, pool.market.accounts
        if pool.engine is None:
            pool.engine = _open(_FIRST_ROOM, agents)
        room, accounts = len(pool.engine.orders) - 1, len(pool.engine.by_agent) // 2 - len(pool.engine.orders)
        if agents > accounts:
            pool.engine = nk.order_book_growth.grow(pool.engine, room, agents)
        nk.order_accounts.move_reserves(pool.engine, self.lot(pool), 1, market.desk)
        market.undistributed = True
        n_removed = len(market.removed)
        while n_removed == len(market.removed):
            n_removed = nk.order_book_upkeep.expire(pool.engine, step, market.removed)
            self._tell_removed(pool, market.removed[:n_removed])
        self._cancel(pool, nk.order_columns.CANCEL_ALL, HOUSE, 0)

    def _empty(self, pool: OrderPool) -> None:
        book, columns, layout = pool.engine, nk.order_columns, nk.order_book_state
        resting = book.orders[book.orders[:, columns.ORDER] != 0].copy()
        resting[:, columns.REASON] = columns.OUTSIDE_BAND
        self._tell_removed(pool, resting)
        room = len(book.orders) - 1
        pool.engine = _open(room, len(book.by_agent) // 2 - len(book.orders))
        for lasting in (layout.ARRIVALS, layout.STEP, layout.TRADES, layout.VOLUME):
            pool.engine.state[lasting] = book.state[lasting]

    def cancel(self, pool: OrderPool, account: int, number: int) -> None:
        """Cancel a resting order; see `OrderVenue.cancel`."""
        self._cancel(pool, nk.order_columns.CANCEL, account, number)

    def _cancel(self, pool: OrderPool, kind: int, account: int, number: int) -> None:
        message = np.zeros((1, 8), np.int64)
        message[0, [nk.order_columns.KIND, nk.order_columns.AGENT, nk.order_columns.ORDER]] = kind, account, number
        self._submit(pool, message, np.zeros((1, 4), np.int64))

    def match(self, pool: OrderPool) -> None:
        """Let the orders arrive; see `OrderVenue.match`."""
        market = pool.market
        market.arrange()
        self._make_room(pool, market.n_messages)
        fees = self._submit(pool, market.messages[: market.n_messages], market.reports)
        nk.order_accounts.move_reserves(pool.engine, self.lot(pool), -1, market.desk)
        self._absorb(pool, fees)
        self._look(pool)

    def _make_room(self, pool: OrderPool, more: int) -> None:
        book = pool.engine
        room = len(book.orders) - 1
        wanted = int(book.state[nk.order_book_state.LIVE]) + more
        if wanted > room:
            agents = len(book.by_agent) // 2 - len(book.orders)
            pool.engine = nk.order_book_growth.grow(book, max(wanted, 2 * room), agents)

    def _submit(self, pool: OrderPool, messages: Ints, reports: Ints) -> int:
        market, lot, row, fees = pool.market, self.lot(pool), 0, 0
        while row < len(messages):
            row, n_trades, n_removed = nk.order_book.submit(
                pool.engine, messages, row, reports, market.trades, market.removed
            )
            terms = (0, lot.tick_value, lot.size, lot.fee)
            fees += nk.settlement.settle(market.trades, n_trades, *terms, market.cash, market.tokens)
            nk.order_accounts.tally_trades(market.trades, n_trades, lot, market.desk)
            self._tell_trades(pool, messages, market.trades[:n_trades])
            self._tell_removed(pool, market.removed[:n_removed])
            if row < len(messages):
                market.larger_buffers()
        return fees

    def _look(self, pool: OrderPool) -> None:
        """Read the price from the book."""
        state, layout = pool.engine.state, nk.order_book_state
        bid, ask = int(state[layout.BEST_BID]), int(state[layout.BEST_ASK])
        if bid >= 0 and ask < TICKS:
            pool.price = pool.per_unit(0.5 * (bid + ask))
        elif state[layout.LAST_PRICE] > 0:
            pool.price = pool.per_unit(int(state[layout.LAST_PRICE]))
        pool.fair = pool.price * float(nk.elementary.exp_scalar(-pool.shift))

    def _tell_trades(self, pool: OrderPool, messages: Ints, trades: Ints) -> None:
        market, columns = pool.market, nk.order_columns
        if market.listening[0] == market.listening[1]:
            return
        lot = self.lot(pool)
        lots = trades[:, columns.LOTS]
        value, tokens = lots * trades[:, columns.TICK] * lot.tick_value, lots * lot.size
        side, nothing = trades[:, columns.SIDE], np.zeros(len(trades), np.int64)
        references = np.maximum(messages[trades[:, columns.MESSAGE], columns.REFERENCE], 0)
        takers = (trades[:, columns.AGENT], references, trades[:, columns.ORDER])
        makers = (trades[:, columns.MAKER_AGENT], nothing, trades[:, columns.MAKER])
        for who, usd, sign in ((takers, -side * value - fees_on(value, lot.fee), 1), (makers, side * value, -1)):
            fills = np.stack((*who, usd, sign * side * tokens), axis=1)
            market.fills_heard.append(fills[market.hears(who[0])])

    def _tell_removed(self, pool: OrderPool, removed: Ints) -> None:
        market, columns = pool.market, nk.order_columns
        if market.listening[0] < market.listening[1]:
            told = removed[market.hears(removed[:, columns.AGENT])]
            market.removed_heard.append(told[:, [columns.AGENT, columns.ORDER, columns.REASON]])

    def held(self, pool: Pool) -> tuple[int, int]:
        """Count what resting orders reserve and accounts hold; see `Venue.held`."""
        usd, tokens = super().held(pool)
        if isinstance(pool, OrderPool) and pool.engine is not None:
            reserved = nk.order_accounts.move_reserves(pool.engine, self.lot(pool), 0, pool.market.desk)
            usd, tokens = usd + int(reserved[0]), tokens + int(reserved[1])
        return usd, tokens

    def quote(self, pool: Pool, usd: int = 0, tokens: int = 0) -> Trade:
        """Return what walking up or down the book would give; see `Venue.quote`."""
        return self._walk(pool, usd, tokens)[0]

    def _walk(self, pool: Pool, usd: int, tokens: int) -> tuple[Trade, int, int, int]:
        """Return a trade at once, its lots, its worst tick and the fee on it."""
        if not isinstance(pool, OrderPool) or pool.engine is None or (usd <= 0 and tokens <= 0):
            return Trade(), 0, 0, 0
        lot, columns = self.lot(pool), nk.order_columns
        budget = usd * FEE_UNIT // (FEE_UNIT + lot.fee)
        wanted, value, lots, worst = tokens // lot.size, 0, 0, 0
        for tick, there in _levels(pool.engine, columns.SELL if usd > 0 else columns.BUY):
            left = (budget - value) // (tick * lot.tick_value) if usd > 0 else wanted - lots
            taken = min(there, left, columns.LARGEST_LOTS - lots)
            if taken > 0:
                value, lots, worst = value + taken * tick * lot.tick_value, lots + taken, tick
            if taken < there:
                break
        fee = -(-value * lot.fee // FEE_UNIT)
        if usd > 0:
            return Trade(usd=value + fee, tokens_out=lots * lot.size), lots, worst, fee
        sold = tokens if lots == wanted and lots > 0 else lots * lot.size
        return Trade(tokens=sold, usd_out=value - fee), lots, worst, fee

    def trade(self, pool: Pool, usd: int = 0, tokens: int = 0) -> Trade:
        """Take what the book offers; what it does not fill is not given, and no part of it stays; see `Venue.trade`.

        Tokens worth less than a lot, at the end of a sale that is filled, go to the house: sellers are rounded down.
        """
        trade, lots, worst, fee = self._walk(pool, usd, tokens)
        if lots == 0 or not isinstance(pool, OrderPool):
            return trade
        market, lot, columns = pool.market, self.lot(pool), nk.order_columns
        side = columns.BUY if usd > 0 else columns.SELL
        message = np.array([[columns.IOC, side, worst, lots, AT_ONCE, 0, 0, 0]], np.int64)
        reports, row = np.zeros((1, 4), np.int64), 0
        while row < 1:
            row, n_trades, _ = nk.order_book.submit(pool.engine, message, row, reports, market.trades, market.removed)
            paid, bought, sold, earned = nk.order_accounts.release_makers(market.trades, n_trades, lot, market.desk)
            terms = (0, lot.tick_value, lot.size, 0)
            nk.settlement.settle(market.trades, n_trades, *terms, market.cash, market.tokens)
            self._tell_trades(pool, message, market.trades[:n_trades])
            market.made = market.made.plus(Trade(int(paid), int(sold), int(earned), int(bought)))
        market.cash[AT_ONCE] = market.tokens[AT_ONCE] = 0
        market.undistributed = True
        self._absorb(pool, fee)
        pool.tokens += max(trade.tokens - lots * lot.size, 0)
        self._look(pool)
        return trade


def _open(room: int, agents: int) -> Any:
    rule = nk.order_columns.CANCEL_RESTING
    return nk.order_book_state.open_book(TICKS, room, agents, _HORIZON, rule)


def _levels(book: Any, side: int) -> Iterator[tuple[int, int]]:
    """Yield tick and lots of the levels of one side, best first."""
    seen, room = 0, _FIRST_LEVELS
    while True:
        levels = np.zeros((room, 2), np.int64)
        count = nk.order_book_upkeep.depth(book, side, levels)
        yield from levels[seen:count].tolist()
        if count < room:
            return
        seen, room = count, 2 * room
