"""The ticks at which positions begin and end: liquidity that enters there, and fees earned on the far side.

References
----------
Uniswap v3 core, release 1.0.0: library Tick. Adams et al., "Uniswap v3 Core" (2021), section 6.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from catallaxy.sim.markets.exact.fixed_point import PerToken, add_delta, wrap256
from catallaxy.sim.markets.exact.reverts import TickIsFull, WordOverflow
from catallaxy.sim.markets.exact.tick_bitmap import TickBitmap
from catallaxy.sim.markets.exact.tick_math import max_liquidity_per_tick

__all__ = ["Tick", "Ticks"]

_MAX_INT128 = (1 << 127) - 1


@dataclass(slots=True)
class Tick:
    """One initialised tick.

    Attributes
    ----------
    liquidity_gross : int
        Liquidity of all positions that begin or end here.
    liquidity_net : int
        Liquidity that enters when the price rises past the tick (negative: that leaves).
    fee_growth_outside : tuple of int
        Fee growth of token0 and token1 on the other side of the tick than the price, Q128.128, modulo 2**256.
    """

    liquidity_gross: int = 0
    liquidity_net: int = 0
    fee_growth_outside: PerToken = (0, 0)


class Ticks:
    """All initialised ticks of one pool.

    Parameters
    ----------
    tick_spacing : int
        Positions begin and end at its multiples.
    capacity : int, optional
        Liquidity that may reference one tick; by default what the contract derives from the spacing.
    """

    def __init__(self, tick_spacing: int, capacity: int | None = None) -> None:
        self.capacity = max_liquidity_per_tick(tick_spacing) if capacity is None else capacity
        self.bitmap = TickBitmap(tick_spacing)
        self._ticks: dict[int, Tick] = {}

    def __getitem__(self, tick: int) -> Tick:
        return self._ticks.get(tick) or Tick()

    def __len__(self) -> int:
        return len(self._ticks)

    def after(self, tick: int, liquidity_delta: int, upper: bool) -> Tick:
        """Return the tick as it will be once a position that begins or (`upper`) ends there has changed.

        Raises
        ------
        LiquidityUnderflow, TickIsFull, TickNotSpaced, WordOverflow
            When the change is refused.
        """
        self.bitmap.check_spacing(tick)
        now = self[tick]
        gross = add_delta(now.liquidity_gross, liquidity_delta)
        if gross > self.capacity:
            raise TickIsFull(f"tick {tick} would carry liquidity {gross}, above its limit of {self.capacity}")
        net = now.liquidity_net + (-liquidity_delta if upper else liquidity_delta)
        if abs(net) > _MAX_INT128:
            raise WordOverflow(f"the net liquidity of tick {tick} would exceed 128 bits with a sign")
        return Tick(gross, net, now.fee_growth_outside)

    def update(self, tick: int, current: int, liquidity_delta: int, growth: PerToken, upper: bool) -> bool:
        """Change the liquidity that references a tick, and return whether that initialised or emptied it.

        Parameters
        ----------
        tick : int
            A bound of a position.
        current : int
            Tick of the price.
        liquidity_delta : int
            Change of the position's liquidity.
        growth : tuple of int
            Fee growth of the pool; by convention all of it happened below a tick that is initialised now.
        upper : bool
            Whether the position ends here.
        """
        was_empty = self[tick].liquidity_gross == 0
        changed = self.after(tick, liquidity_delta, upper)
        if was_empty and tick <= current:
            changed.fee_growth_outside = growth
        flipped = was_empty != (changed.liquidity_gross == 0)
        if flipped:
            self.bitmap.flip(tick)
        self._ticks[tick] = changed
        return flipped

    def clear(self, tick: int) -> None:
        """Forget a tick if no position references it any more."""
        if self[tick].liquidity_gross == 0:
            self._ticks.pop(tick, None)

    def cross(self, tick: int, growth: PerToken) -> int:
        """Turn a tick's outside to its other side; return the liquidity that enters when the price rises past it."""
        crossed = self._ticks[tick]
        crossed.fee_growth_outside = _minus(growth, crossed.fee_growth_outside)
        return crossed.liquidity_net

    def fee_growth_inside(self, lower: int, upper: int, current: int, growth: PerToken) -> PerToken:
        """Return the fee growth between two ticks, Q128.128, modulo 2**256; only its differences have a meaning.

        Parameters
        ----------
        lower, upper : int
            Bounds of a position.
        current : int
            Tick of the price.
        growth : tuple of int
            Fee growth of the pool.
        """
        below, above = self[lower].fee_growth_outside, self[upper].fee_growth_outside
        if current < lower:
            below = _minus(growth, below)
        if current >= upper:
            above = _minus(growth, above)
        return _minus(_minus(growth, below), above)


def _minus(left: PerToken, right: PerToken) -> PerToken:
    """Return the difference of two fee growths, modulo 2**256."""
    return wrap256(left[0] - right[0]), wrap256(left[1] - right[1])
