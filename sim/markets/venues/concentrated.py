"""The pool of concentrated liquidity: most of it lies in ranges around the opening price."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
from pydantic import model_validator

from catallaxy import numba_kernels as nk
from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.markets.tick_prices import FIRST_TICK, LAST_TICK, sqrt_prices
from catallaxy.sim.markets.venues.curve import Curve, CurvePool
from catallaxy.sim.markets.venues.venue import VENUES, Clearing, Pool, Trade

__all__ = ["Concentrated", "PoolOfRanges", "Range"]

#: The widest range ends at this log distance from the opening price: a factor of 2**40.
_FURTHEST = 40 * 0.6931471805599453
#: Log of the price ratio of two ticks.
_TICK = 9.999500033329732e-05
#: Share of the liquidity that stays outside of ranges, for the roundings of a batch.
_CUSHION = 2.0**-20
#: The rest lies over the whole curve.
_LARGEST_SHARE = 0.99
_MILLION = 1_000_000


class Range(Spec):
    """Part of the liquidity, in a range of prices."""

    width: float = quantity(
        unit="1", doc="The range ends where the price has risen, or fallen, by the factor 1 + width.", gt=0, le=1000
    )
    share: float = quantity(unit="1", doc="Share of the liquidity that lies in the range.", gt=0, lt=1)


@dataclass
class PoolOfRanges(CurvePool):
    """A pool of concentrated liquidity.

    Attributes
    ----------
    state : ConcentratedPool
        What kernels work on. What the pool holds beyond the reserves in there is collected fees and roundings.
    """

    state: Any = field(default=None, compare=False)

    def spare(self) -> tuple[int, int]:
        """Return micro-dollars and base units outside of all ranges."""
        reserve, columns = self.state.state, nk.concentrated_state
        return (
            self.usd - int(reserve[columns.RESERVE + columns.USD]),
            self.tokens - int(reserve[columns.RESERVE + columns.TOKENS]),
        )


def _tick(price: float) -> float:
    return float(nk.elementary.log_scalar(price)) / _TICK


def _copy(state: Any) -> Any:
    return type(state)(*(array.copy() for array in state))


@VENUES.register("concentrated")
class Concentrated(Curve):
    """Concentrated liquidity with the rules of Uniswap v3, cleared as a batch at one price.

    The ranges stay where they were opened, around the first price; what `ranges` leaves lies over the whole curve, so
    that there is always a price. A share of the pool is a share of every range and of the fees that have been earned,
    which are not put to work again.
    """

    summary: ClassVar[str] = "Automated market maker with liquidity in ranges; the batch clears at one price."
    amendable: ClassVar[frozenset[str]] = frozenset()

    fee: float = quantity(
        0.003, unit="1", doc="Fee on what enters the pool, kept by it.", ge=0, le=0.5, source="0.3 %, as in Uniswap v2."
    )
    tick_spacing: int = quantity(
        60,
        unit="tick",
        doc="Ranges begin and end at multiples of so many ticks, each a factor of 1.0001.",
        ge=1,
        le=10_000,
        source="Uniswap v3's spacing for a fee of 0.3 %.",
    )
    ranges: tuple[Range, ...] = quantity(
        (Range(width=0.2, share=0.3), Range(width=1.0, share=0.4)),
        unit="-",
        doc="Ranges around the opening price; the shares add up to at most 0.99.",
    )

    @model_validator(mode="after")
    def _leaves_some(self) -> Self:
        total = sum(item.share for item in self.ranges)
        if total > _LARGEST_SHARE:
            raise complaint(
                "ranges", f"the shares of the ranges sum to {total:g}; at most {_LARGEST_SHARE:g} is allowed"
            )
        return self

    def open(self, usd: int, tokens: int) -> PoolOfRanges:
        """Return a pool with these reserves, laid into the ranges, all of them the house's."""
        price, shares = usd / tokens, max(math.isqrt(usd * tokens), 1)
        spans = [self._span(price, float(nk.elementary.log_scalar(1.0 + item.width))) for item in self.ranges]
        spans.append(self._span(price, _FURTHEST))
        ticks = sorted({tick for span in spans for tick in span})
        roots = np.array([sqrt_prices(tick, 2, 1)[0] for tick in ticks])
        state = nk.concentrated_state.open_pool(roots, math.sqrt(price), round(self.fee * _MILLION), 0, len(spans))
        pool = PoolOfRanges(usd, tokens, price, shares, shares, state=state)
        for number, (low, high) in enumerate(spans):
            nk.concentrated_positions.open_position(state, ticks.index(low), ticks.index(high))
            if number < len(self.ranges):
                _add(pool, number, self.ranges[number].share * usd, self.ranges[number].share * tokens)
        left_usd, left_tokens = pool.spare()
        _add(pool, len(self.ranges), left_usd - _CUSHION * usd, left_tokens - _CUSHION * tokens)
        return pool

    def _span(self, price: float, distance: float) -> tuple[int, int]:
        """Return the ticks between which a range lies."""
        middle, half, step = _tick(price), distance / _TICK, self.tick_spacing
        first, last = -(-FIRST_TICK // step) * step, (LAST_TICK - 1) // step * step
        low, high = math.floor((middle - half) / step) * step, math.ceil((middle + half) / step) * step
        return max(low, first), min(high, last)

    def bought(self, pool: Pool, usd: float) -> float:
        """Return what dollars buy, in whole units; see `BatchCurve.bought`."""
        return self._quoted(pool, nk.order_columns.BUY, usd)

    def sold(self, pool: Pool, tokens: float) -> float:
        """Return what tokens fetch, in whole units; see `BatchCurve.sold`."""
        return self._quoted(pool, nk.order_columns.SELL, tokens)

    def _quoted(self, pool: Pool, side: int, amount: float) -> float:
        return float(nk.concentrated_swap.quote(_ranges(pool).state, side, int(amount), _no_limit(side))[1])

    def spot(self, pool: Pool) -> float:
        """Return the marginal price; see `BatchCurve.spot`."""
        return float(nk.concentrated_worth.marginal_price(_ranges(pool).state))

    def price_after(self, pool: Pool, usd: float, tokens: float) -> float:
        """Return the price after a swap, carried out on a copy; see `BatchCurve.price_after`."""
        scratch = _copy(_ranges(pool).state)
        _swap(scratch, int(usd), int(tokens))
        return float(nk.concentrated_worth.marginal_price(scratch))

    def exposure(self, pool: CurvePool) -> float:
        """Return L sqrt(p) / 4 over the value of the pool, with L the liquidity at the price; see `Curve.exposure`."""
        state = _ranges(pool).state
        liquidity = int(state.state[nk.concentrated_state.LIQUIDITY])
        return 0.25 * liquidity * float(state.root[0]) / max(pool.value, 1.0)

    def settle(self, pool: Pool, clearing: Clearing, trade: Trade) -> None:
        """Swap what buyers and sellers have not met for themselves; see `Venue.settle`.

        Raises
        ------
        ValueError
            When more is taken out than the swap brings and the pool has spare: the clearing was not this pool's.
        """
        pool = _ranges(pool)
        usd, tokens = trade.usd - trade.usd_out, trade.tokens - trade.tokens_out
        pool.usd += usd
        pool.tokens += tokens
        paid_usd, paid_tokens = _swap(pool.state, usd, tokens)
        pool.price = self.spot(pool)
        pool.earned += (paid_usd + paid_tokens * pool.price) / max(pool.value, 1.0)
        if min(pool.spare()) < 0:
            raise ValueError(f"a trade of {usd} micro-USD against {tokens} base units does not lie on the pool's curve")

    def _enlarge(self, pool: CurvePool, shares: int) -> None:
        pool = _ranges(pool)
        _collect(pool)
        for number, liquidity in _liquidity(pool):
            usd, tokens = pool.spare()
            _add(pool, number, usd, tokens, liquidity * shares // pool.shares)

    def _release(self, pool: CurvePool, shares: int) -> tuple[int, int]:
        pool = _ranges(pool)
        due = super()._release(pool, shares)
        for number, liquidity in _liquidity(pool):
            part = -(-liquidity * shares // pool.shares)
            if part > 0:
                nk.concentrated_positions.remove_liquidity(pool.state, number, part)
        _collect(pool)
        spare = pool.spare()
        return min(due[0], spare[0]), min(due[1], spare[1])


def _ranges(pool: Pool) -> PoolOfRanges:
    if not isinstance(pool, PoolOfRanges):
        raise TypeError(f"a venue of concentrated liquidity needs a PoolOfRanges, not {type(pool).__name__}")
    return pool


def _no_limit(side: int) -> float:
    return math.inf if side == nk.order_columns.BUY else 0.0


def _swap(state: Any, usd: int, tokens: int) -> tuple[int, int]:
    """Swap what comes in for what goes out; return the fee in micro-dollars and in base units."""
    if usd > 0 > tokens:
        return int(nk.concentrated_swap.swap(state, nk.order_columns.BUY, usd, math.inf)[2]), 0
    if tokens > 0 > usd:
        return 0, int(nk.concentrated_swap.swap(state, nk.order_columns.SELL, tokens, 0.0)[2])
    return 0, 0


def _liquidity(pool: PoolOfRanges) -> list[tuple[int, int]]:
    """Return the number and the liquidity of every position."""
    return [(i, int(row[nk.concentrated_state.OWN_LIQUIDITY])) for i, row in enumerate(pool.state.positions)]


def _collect(pool: PoolOfRanges) -> None:
    """Collect the fees of positions with liquidity, which stay open."""
    for number, liquidity in _liquidity(pool):
        if liquidity > 0:
            nk.concentrated_positions.collect(pool.state, number)


def _add(pool: PoolOfRanges, number: int, usd: float, tokens: float, most: int | None = None) -> None:
    """Add the liquidity that amounts buy in a position, and no more than `most`."""
    columns, positions = nk.concentrated_state, nk.concentrated_positions
    low, high = (int(pool.state.positions[number, column]) for column in (columns.LOWER, columns.UPPER))
    liquidity = int(nk.concentrated_worth.liquidity_for(pool.state, low, high, int(tokens), int(usd)))
    liquidity = liquidity if most is None else min(liquidity, most)
    if liquidity > 0:
        positions.add_liquidity(pool.state, number, liquidity)
