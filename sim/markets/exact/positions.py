"""What one owner holds between two ticks: liquidity, and fees credited so far.

References
----------
Uniswap v3 core, release 1.0.0: library Position; checkTicks and _modifyPosition of contract UniswapV3Pool.
"""

from __future__ import annotations

from dataclasses import dataclass

from catallaxy.sim.markets.exact.fixed_point import MAX_UINT128, PerToken, add_delta, wrap128, wrap256
from catallaxy.sim.markets.exact.price_math import amount0_change, amount1_change
from catallaxy.sim.markets.exact.reverts import PositionIsEmpty, TickOutOfRange, TicksReversed
from catallaxy.sim.markets.exact.tick_math import MAX_TICK, MIN_TICK, sqrt_ratio_at_tick

__all__ = ["Position", "amounts_of", "check_bounds"]


@dataclass(slots=True)
class Position:
    """One position.

    Attributes
    ----------
    liquidity : int
        Units of liquidity.
    fee_growth_inside_last : tuple of int
        Fee growth within its ticks when fees were last credited, Q128.128, modulo 2**256.
    tokens_owed : tuple of int
        Base units of token0 and token1 that the owner may collect, modulo 2**128.
    """

    liquidity: int = 0
    fee_growth_inside_last: PerToken = (0, 0)
    tokens_owed: PerToken = (0, 0)

    def after(self, liquidity_delta: int) -> int:
        """Return the liquidity after a change, or refuse it; a change of zero asks for the fees alone."""
        if liquidity_delta == 0 and self.liquidity == 0:
            raise PositionIsEmpty("a position without liquidity earns no fees")
        return add_delta(self.liquidity, liquidity_delta)

    def update(self, liquidity_delta: int, fee_growth_inside: PerToken) -> None:
        """Credit the fees earned since the last update, rounded down, then change the liquidity."""
        liquidity = self.after(liquidity_delta)
        earned0, earned1 = (
            wrap256(now - last) * self.liquidity >> 128
            for now, last in zip(fee_growth_inside, self.fee_growth_inside_last, strict=True)
        )
        self.liquidity, self.fee_growth_inside_last = liquidity, fee_growth_inside
        self.credit((earned0, earned1))

    def credit(self, amounts: PerToken) -> None:
        """Owe the owner more; a sum above 128 bits wraps, as it does on chain."""
        self.tokens_owed = wrap128(self.tokens_owed[0] + amounts[0]), wrap128(self.tokens_owed[1] + amounts[1])

    def withdraw(self, requested: PerToken = (MAX_UINT128, MAX_UINT128)) -> PerToken:
        """Take out of what is owed, up to the amounts requested, and return it."""
        owed0, owed1 = self.tokens_owed
        taken = min(owed0, requested[0]), min(owed1, requested[1])
        self.tokens_owed = owed0 - taken[0], owed1 - taken[1]
        return taken


def check_bounds(lower: int, upper: int) -> None:
    """Refuse ticks that cannot bound a position."""
    if lower >= upper:
        raise TicksReversed(f"the lower tick {lower} is not below the upper tick {upper}")
    if lower < MIN_TICK or upper > MAX_TICK:
        raise TickOutOfRange(f"ticks {lower} and {upper} do not lie in [{MIN_TICK}, {MAX_TICK}]")


def amounts_of(lower: int, upper: int, liquidity_delta: int, tick: int, sqrt_price: int) -> PerToken:
    """Return the token0 and token1 that a change of liquidity brings in, or (negative) takes out.

    Parameters
    ----------
    lower, upper : int
        Ticks of the position.
    liquidity_delta : int
        Units added, or (negative) removed.
    tick : int
        Tick of the price.
    sqrt_price : int
        The price, Q64.96.
    """
    bottom, top = sqrt_ratio_at_tick(lower), sqrt_ratio_at_tick(upper)
    if tick < lower:
        return amount0_change(bottom, top, liquidity_delta), 0
    if tick >= upper:
        return 0, amount1_change(bottom, top, liquidity_delta)
    return amount0_change(sqrt_price, top, liquidity_delta), amount1_change(bottom, sqrt_price, liquidity_delta)
