"""A pool with concentrated liquidity in whole numbers, equal to Uniswap v3 unit by unit.

The price is token1 per token0; its square root is a Q64.96 number. A positive amount is paid into the pool, a negative
one out of it. The contract's oracle, flash loans, callbacks and locks have no counterpart here.

References
----------
Uniswap v3 core, release 1.0.0: contract UniswapV3Pool. Adams et al., "Uniswap v3 Core" (2021).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import NamedTuple

from catallaxy.sim.markets.exact.fixed_point import MAX_UINT128, Q128, PerToken, add_delta, wrap128, wrap256
from catallaxy.sim.markets.exact.positions import Position, amounts_of, check_bounds
from catallaxy.sim.markets.exact.reverts import (
    AmountIsZero,
    FeeNotAllowed,
    PriceLimitUnreachable,
)
from catallaxy.sim.markets.exact.swap_step import FEE_UNIT, compute_swap_step
from catallaxy.sim.markets.exact.tick_math import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    MIN_TICK,
    sqrt_ratio_at_tick,
    tick_at_sqrt_ratio,
)
from catallaxy.sim.markets.exact.ticks import Ticks

__all__ = ["ConcentratedPool", "Swap"]

_EVERYTHING = (MAX_UINT128, MAX_UINT128)
_MAX_TICK_SPACING = 16383
#: The protocol may take one part in 4 to 10 of the fees, or nothing.
_PROTOCOL_SHARES = (0, *range(4, 11))


class Swap(NamedTuple):
    """What a swap paid into the pool (negative: out of it), and the market after it.

    Attributes
    ----------
    amount0, amount1 : int
        Base units of token0 and token1.
    sqrt_price : int
        Q64.96.
    liquidity : int
        Liquidity in range.
    tick : int
        Tick of the price.
    """

    amount0: int
    amount1: int
    sqrt_price: int
    liquidity: int
    tick: int


@dataclass(slots=True)
class _Progress:
    """How far a swap is; `calculated` is the other token than the one whose `remaining` amount was asked for."""

    zero_for_one: bool
    exact_in: bool
    limit: int
    remaining: int
    sqrt_price: int
    tick: int
    liquidity: int
    fee_growth: list[int]
    protocol_fees: list[int]
    calculated: int = 0

    @property
    def token_in(self) -> int:
        """Which token is paid in."""
        return 0 if self.zero_for_one else 1


class ConcentratedPool:
    """One pool.

    Parameters
    ----------
    fee : int
        Fee on the input, hundredths of a basis point.
    tick_spacing : int
        Positions begin and end at its multiples.
    sqrt_price : int
        Square root of the first price, Q64.96.

    Attributes
    ----------
    tick : int
        Tick of the price; one below its tick when the price came down to a tick exactly.
    liquidity : int
        Liquidity in range.
    fee_growth : tuple of int
        Fees per unit of liquidity so far, token0 and token1, Q128.128, modulo 2**256.
    protocol_shares : tuple of int
        One part in so many of the fees goes to the protocol, when token0 and when token1 is paid in; 0: none.
    protocol_fees : tuple of int
        Base units that the protocol may collect.
    reserves : tuple of int
        Base units of token0 and token1 in the pool, fees and credits included.
    ticks : Ticks
        Initialised ticks.
    positions : dict
        Positions by owner, lower tick and upper tick.
    """

    def __init__(self, fee: int, tick_spacing: int, sqrt_price: int) -> None:
        if not 0 <= fee < FEE_UNIT:
            raise FeeNotAllowed(f"a fee of {fee} hundredths of a basis point lies outside [0, {FEE_UNIT})")
        if not 0 < tick_spacing <= _MAX_TICK_SPACING:
            raise FeeNotAllowed(f"a tick spacing of {tick_spacing} lies outside [1, {_MAX_TICK_SPACING}]")
        self.fee, self.tick_spacing, self.sqrt_price = fee, tick_spacing, sqrt_price
        self.tick = tick_at_sqrt_ratio(sqrt_price)
        self.liquidity = 0
        self.fee_growth: PerToken = (0, 0)
        self.protocol_shares: PerToken = (0, 0)
        self.protocol_fees: PerToken = (0, 0)
        self.reserves: PerToken = (0, 0)
        self.ticks = Ticks(tick_spacing)
        self.positions: dict[tuple[Hashable, int, int], Position] = {}

    def mint(self, owner: Hashable, lower: int, upper: int, liquidity: int) -> PerToken:
        """Add liquidity to a position, and return the token0 and token1 that it costs, rounded up.

        Parameters
        ----------
        owner : hashable
            Who holds the position.
        lower, upper : int
            Its ticks.
        liquidity : int
            Units to add.
        """
        if liquidity <= 0:
            raise AmountIsZero(f"a mint of {liquidity} units of liquidity adds nothing")
        paid = self._modify_position(owner, lower, upper, liquidity)
        self._move_reserves(paid)
        return paid

    def burn(self, owner: Hashable, lower: int, upper: int, liquidity: int) -> PerToken:
        """Remove liquidity, credit its token0 and token1 and the fees to the owner, and return those without the fees.

        Parameters
        ----------
        owner : hashable
            Who holds the position.
        lower, upper : int
            Its ticks.
        liquidity : int
            Units to remove; 0 credits the fees alone.
        """
        change0, change1 = self._modify_position(owner, lower, upper, -liquidity)
        released = -change0, -change1
        self.positions[owner, lower, upper].credit(released)
        return released

    def collect(self, owner: Hashable, lower: int, upper: int, requested: PerToken = _EVERYTHING) -> PerToken:
        """Pay out what a position is owed, up to the amounts requested, and return it.

        Parameters
        ----------
        owner : hashable
            Who holds the position.
        lower, upper : int
            Its ticks.
        requested : tuple of int, optional
            Largest amounts of token0 and token1 wanted; by default everything.
        """
        position = self.positions.get((owner, lower, upper))
        if position is None:
            return 0, 0
        paid0, paid1 = position.withdraw(requested)
        self._move_reserves((-paid0, -paid1))
        return paid0, paid1

    def set_protocol_shares(self, shares: PerToken) -> None:
        """Give the protocol one part in so many of the fees paid in token0 and in token1 from now on."""
        if not set(shares) <= set(_PROTOCOL_SHARES):
            raise FeeNotAllowed(f"protocol shares {shares} are not 0 or one part in 4 to 10")
        self.protocol_shares = shares

    def collect_protocol(self, requested: PerToken = _EVERYTHING) -> PerToken:
        """Pay out the protocol's fees; like the contract, which saves storage costs so, keep the last unit back."""
        paid0, paid1 = (
            max(min(fees, most) - (most >= fees), 0) for fees, most in zip(self.protocol_fees, requested, strict=True)
        )
        self.protocol_fees = self.protocol_fees[0] - paid0, self.protocol_fees[1] - paid1
        self._move_reserves((-paid0, -paid1))
        return paid0, paid1

    def swap(self, zero_for_one: bool, amount: int, sqrt_price_limit: int | None = None) -> Swap:
        """Trade until the amount is used up or the price reaches its limit.

        Parameters
        ----------
        zero_for_one : bool
            Whether token0 is paid in.
        amount : int
            Base units to pay in (positive), or to receive (negative).
        sqrt_price_limit : int, optional
            Square-root price to stop at, Q64.96; by default the end of the range of prices.
        """
        limit = self._checked_limit(zero_for_one, amount, sqrt_price_limit)
        market = self.sqrt_price, self.tick, self.liquidity
        growth, fees = list(self.fee_growth), list(self.protocol_fees)
        state = _Progress(zero_for_one, amount > 0, limit, amount, *market, growth, fees)
        while state.remaining != 0 and state.sqrt_price != limit:
            self._step(state)
        self.sqrt_price, self.tick, self.liquidity = state.sqrt_price, state.tick, state.liquidity
        self.fee_growth = growth[0], growth[1]
        self.protocol_fees = wrap128(fees[0]), wrap128(fees[1])
        amounts = amount - state.remaining, state.calculated
        amount0, amount1 = amounts if zero_for_one == state.exact_in else amounts[::-1]
        self._move_reserves((amount0, amount1))
        return Swap(amount0, amount1, self.sqrt_price, self.liquidity, self.tick)

    def _checked_limit(self, zero_for_one: bool, amount: int, limit: int | None) -> int:
        """Return the price limit of a swap, or refuse the swap."""
        if amount == 0:
            raise AmountIsZero("a swap of nothing")
        if limit is None:
            limit = MIN_SQRT_RATIO + 1 if zero_for_one else MAX_SQRT_RATIO - 1
        lowest, highest = (MIN_SQRT_RATIO, self.sqrt_price) if zero_for_one else (self.sqrt_price, MAX_SQRT_RATIO)
        if not lowest < limit < highest:
            raise PriceLimitUnreachable(
                f"the limit {limit} of a swap that pays token{0 if zero_for_one else 1} in must lie between {lowest} "
                f"and {highest}, both excluded; the square-root price is {self.sqrt_price}"
            )
        return limit

    def _step(self, state: _Progress) -> None:
        """Trade up to the next initialised tick, the end of its word, or the limit."""
        start, down = state.sqrt_price, state.zero_for_one
        following = self.ticks.bitmap.next_within_word(state.tick, down)
        next_tick = min(max(following.tick, MIN_TICK), MAX_TICK)
        next_price = sqrt_ratio_at_tick(next_tick)
        target = max(next_price, state.limit) if down else min(next_price, state.limit)
        step = compute_swap_step(start, target, state.liquidity, state.remaining, self.fee)
        state.sqrt_price = step.sqrt_price
        state.remaining += -(step.amount_in + step.fee) if state.exact_in else step.amount_out
        state.calculated += -step.amount_out if state.exact_in else step.amount_in + step.fee
        self._share_fee(state, step.fee)
        if state.sqrt_price == next_price:
            if following.initialised:
                entering = self.ticks.cross(next_tick, (state.fee_growth[0], state.fee_growth[1]))
                state.liquidity = add_delta(state.liquidity, -entering if down else entering)
            state.tick = next_tick - 1 if down else next_tick
        elif state.sqrt_price != start:
            state.tick = tick_at_sqrt_ratio(state.sqrt_price)

    def _share_fee(self, state: _Progress, fee: int) -> None:
        """Divide the fee of a step between the protocol and the liquidity in range."""
        token, share = state.token_in, self.protocol_shares[state.token_in]
        if share:
            state.protocol_fees[token] += fee // share
            fee -= fee // share
        if state.liquidity:
            state.fee_growth[token] = wrap256(state.fee_growth[token] + fee * Q128 // state.liquidity)

    def _modify_position(self, owner: Hashable, lower: int, upper: int, delta: int) -> PerToken:
        """Change a position's liquidity, credit its fees, and return what the change brings into the pool."""
        check_bounds(lower, upper)
        key = owner, lower, upper
        position = self.positions.get(key, Position())
        position.after(delta)
        in_range = lower <= self.tick < upper
        liquidity = add_delta(self.liquidity, delta) if in_range else self.liquidity
        if delta:
            self.ticks.after(upper, delta, upper=True)
            self.ticks.update(lower, self.tick, delta, self.fee_growth, upper=False)
            self.ticks.update(upper, self.tick, delta, self.fee_growth, upper=True)
        position.update(delta, self.ticks.fee_growth_inside(lower, upper, self.tick, self.fee_growth))
        self.ticks.clear(lower)
        self.ticks.clear(upper)
        self.positions[key], self.liquidity = position, liquidity
        return amounts_of(lower, upper, delta, self.tick, self.sqrt_price)

    def _move_reserves(self, amounts: PerToken) -> None:
        """Add what came in, and subtract what went out."""
        self.reserves = self.reserves[0] + amounts[0], self.reserves[1] + amounts[1]
