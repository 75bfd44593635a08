"""What venues have in common that match orders singly, each with a limit of its own.

Agents hand over amounts; what they accept is drawn around the last price (`tolerance`) unless they name a limit. The
token's genesis liquidity belongs to a market maker of the house, who quotes a ladder on both sides and shifts it with
inventory; depth is what he can afford. A lot is chosen so that the price at the start is `ticks_at_start` ticks of one
micro-dollar, and again when the price has left that region: all resting orders then leave the book.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.population import Floats, Ints
from catallaxy.agents.single_orders import SingleOrders
from catallaxy.sim.markets.venues.order_pool import FEE_UNIT, FIRST_AGENT, HOUSE, OrderPool
from catallaxy.sim.markets.venues.venue import Pool, Trade, Venue

__all__ = ["TICKS", "OrderVenue"]

#: Ticks of the price band, from 0.
TICKS = 2**16
#: The lot is chosen again when the price in ticks has fallen by this factor or doubled beyond the middle of the band.
_FALL = 8
_HIGHEST = TICKS // 2
#: A limit passes through floats on its way to ticks; by so much it may be off, relatively.
_FLOAT_ERROR = 1e-12


class OrderVenue(Venue):
    """Base of venues that match orders singly."""

    #: Kind of message by which orders arrive of which nothing stays: the network's own, and those of who says so.
    network_kind: ClassVar[str] = "LIMIT"

    tolerance: float = quantity(
        0.15,
        unit="1",
        doc="Mean log distance by which agents accept a price worse than the last one; exponentially distributed over "
        "agents. An assumption: where agents name no limit, it sets how elastic demand is within a step.",
        gt=0,
        le=5,
    )
    fee: float = quantity(
        0.003,
        unit="1",
        doc="Fee on the value of a trade, paid by who takes (in an auction, by all) and kept by the house.",
        ge=0,
        le=0.5,
        source="0.3 %, as in the constant-product pool.",
    )
    ticks_at_start: int = quantity(
        10_000,
        unit="tick",
        doc="Ticks in the price when the lot is chosen: the grid is one in so many.",
        ge=100,
        le=20_000,
    )
    half_spread: float = quantity(
        0.003, unit="1", doc="Log distance of the house's best quotes from its reservation price.", gt=0, le=1
    )
    levels: int = quantity(40, unit="level", doc="Quotes of the house on each side.", ge=1, le=1000)
    level_step: float = quantity(0.01, unit="1", doc="Log distance between two quotes of one side.", gt=0, le=1)
    quoted: float = quantity(
        0.15,
        unit="1",
        doc="Share of the dollars and of the tokens that the house quotes in a step, evenly over the levels.",
        gt=0,
        le=1,
    )
    skew: float = quantity(
        0.2,
        unit="1",
        doc="Log shift of the house's reservation price when all that it holds is on one side.",
        ge=0,
        le=10,
        source="gamma sigma^2 T of Avellaneda & Stoikov (2008) with gamma = 2, sigma = 0.06 a day and T = 30 days.",
    )

    def open(self, usd: int, tokens: int) -> OrderPool:
        """Return the inventory of the house; see `Venue.open`."""
        pool = OrderPool(usd, tokens, usd / tokens)
        pool.fair = pool.price
        self._choose_lot(pool)
        return pool

    def _choose_lot(self, pool: OrderPool) -> None:
        pool.lot_size = max(1, round(self.ticks_at_start / pool.price))
        pool.tick_value = max(1, round(pool.price * pool.lot_size / self.ticks_at_start))

    def lot(self, pool: OrderPool) -> Any:
        """Return what the market trades in, as kernels take it."""
        return nk.order_flow.Lot(pool.tick_value, pool.lot_size, round(self.fee * FEE_UNIT), TICKS)

    def begin(self, pool: OrderPool, step: int, bounds: Ints, accounts: int) -> None:
        """Begin a step: what has expired leaves, and the house quotes.

        Parameters
        ----------
        pool : OrderPool
        step : int
        bounds : int64[S]
            First account of every sector.
        accounts : int
        """
        pool.market.begin(bounds, accounts)
        self._prepare(pool, step)
        ticks = pool.ticks(pool.price)
        if ticks < self.ticks_at_start / _FALL or ticks > _HIGHEST:
            self._empty(pool)
            self._choose_lot(pool)
        market = pool.market
        market.reserve_messages(market.n_messages + 2 * self.levels)
        ladder = nk.market_making.Ladder(self.half_spread, self.level_step, self.quoted, self.skew, self.levels)
        inventory = (pool.ticks(pool.fair), pool.usd, pool.tokens)
        market.n_messages, pool.shift = nk.market_making.quote_ladder(
            ladder, self.lot(pool), *inventory, HOUSE, market.messages, market.n_messages
        )

    def _prepare(self, pool: OrderPool, step: int) -> None:
        """Begin a step in the matching engine."""
        raise NotImplementedError(f"venue {self.kind!r} does not begin a step")

    def _empty(self, pool: OrderPool) -> None:
        """Let all resting orders leave."""

    def expiry(self, step: int) -> int:
        """Return the first step on which an order of this step is gone; 0 where orders do not stay."""
        return 0

    def collect(
        self, pool: OrderPool, step: int, keys: tuple[np.uint64, np.uint64], ids: Ints, part: Ints, limit: Floats
    ) -> tuple[int, int]:
        """Take what agents hand over.

        Parameters
        ----------
        pool : OrderPool
        step : int
        keys : (uint64, uint64)
            Step keys by which limits and arrivals are drawn.
        ids, part : int64[n]
            See `numba_kernels.order_flow.write_orders`.
        limit : float64[n], ticks

        Returns
        -------
        (int, int)
            Micro-USD and base units handed over.
        """
        market = pool.market
        market.reserve_staged(len(part))
        terms = nk.order_flow.Terms(pool.ticks(pool.price), self.tolerance, self.expiry(step), FIRST_AGENT, *keys)
        staged = (market.staged, market.keys, market.n_staged)
        market.n_staged, bid, offered = nk.order_flow.write_orders(terms, self.lot(pool), ids, part, limit, *staged)
        return bid, offered

    def collect_single(
        self, pool: OrderPool, step: int, keys: tuple[np.uint64, np.uint64], ids: Ints, orders: SingleOrders
    ) -> None:
        """Take orders that say more than an amount.

        Parameters
        ----------
        pool : OrderPool
        step : int
        keys : (uint64, uint64)
            See `collect`.
        ids : int64[n]
            Identifiers of the population's agents.
        orders : SingleOrders
        """
        market, columns = pool.market, nk.order_columns
        first = market.n_staged
        limits = pool.ticks(1.0) * orders.limits * (1.0 + np.sign(orders.amounts) * _FLOAT_ERROR)
        self.collect(pool, step, keys, ids[orders.rows], orders.amounts, limits)
        staged = market.staged[first : market.n_staged]
        written = -1 - staged[:, columns.REFERENCE]
        lifetimes = orders.lifetimes[written]
        staged[:, columns.KIND] = orders.kinds[written]
        staged[:, columns.EXPIRY] = np.where(lifetimes > 0, step + lifetimes, staged[:, columns.EXPIRY])
        staged[:, columns.REFERENCE] = orders.references[written]

    def cancel(self, pool: OrderPool, account: int, number: int) -> None:
        """Cancel a resting order before the orders of a step are matched; where none rest, nothing happens."""

    def match(self, pool: OrderPool) -> None:
        """Match everything that has been collected, and settle it in the accounts.

        Parameters
        ----------
        pool : OrderPool
        """
        raise NotImplementedError(f"venue {self.kind!r} does not match")

    def _absorb(self, pool: OrderPool, fees: int) -> None:
        """Move what the house traded, and the fees, into its inventory."""
        market = pool.market
        pool.usd += int(market.cash[HOUSE]) + fees
        pool.tokens += int(market.tokens[HOUSE])
        market.cash[HOUSE] = market.tokens[HOUSE] = 0

    def held(self, pool: Pool) -> tuple[int, int]:
        """Count what accounts hold that has not been handed out; see `Venue.held`."""
        if not isinstance(pool, OrderPool) or not pool.market.undistributed:
            return 0, 0
        return int(pool.market.cash.sum()), int(pool.market.tokens.sum())

    def depth_usd(self, pool: Pool) -> int:
        """Count the dollars of the house and those of resting bids; see `Venue.depth_usd`."""
        return pool.usd + self.held(pool)[0]

    def take_made(self, pool: OrderPool) -> Trade:
        """Return what resting orders of agents have traded at once since this was last asked."""
        made, pool.market.made = pool.market.made, Trade()
        return made
