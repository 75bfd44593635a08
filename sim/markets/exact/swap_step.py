"""One step of a swap: as far as the input, the output, or the next price allows, within constant liquidity.

References
----------
Uniswap v3 core, release 1.0.0: library SwapMath.
"""

from __future__ import annotations

from typing import NamedTuple

from catallaxy.sim.markets.exact.fixed_point import divide_up
from catallaxy.sim.markets.exact.price_math import (
    amount0_delta,
    amount1_delta,
    next_sqrt_price_from_input,
    next_sqrt_price_from_output,
)

__all__ = ["FEE_UNIT", "SwapStep", "compute_swap_step"]

#: Fees are counted in hundredths of a basis point.
FEE_UNIT = 1_000_000


class SwapStep(NamedTuple):
    """Square-root price afterwards, and base units paid in before the fee, paid out, and paid as fee."""

    sqrt_price: int
    amount_in: int
    amount_out: int
    fee: int


def compute_swap_step(sqrt_price: int, target: int, liquidity: int, remaining: int, fee_pips: int) -> SwapStep:
    """Return one step towards a target price.

    Parameters
    ----------
    sqrt_price : int
        Price before, Q64.96.
    target : int
        Price that the step may not pass, Q64.96; at or below `sqrt_price`, token0 is paid in.
    liquidity : int
        Liquidity in range.
    remaining : int
        Base units still to be paid in (not negative), or still to be paid out (negative).
    fee_pips : int
        Fee on the input, hundredths of a basis point.
    """
    zero_for_one, exact_in = target <= sqrt_price, remaining >= 0
    wanted = remaining * (FEE_UNIT - fee_pips) // FEE_UNIT if exact_in else -remaining
    to_target = (_input if exact_in else _output)(sqrt_price, target, liquidity, zero_for_one)
    reaches = wanted >= to_target
    if reaches:
        moved = target
    else:
        advance = next_sqrt_price_from_input if exact_in else next_sqrt_price_from_output
        moved = advance(sqrt_price, liquidity, wanted, zero_for_one)
    amount_in = _input(sqrt_price, moved, liquidity, zero_for_one)
    amount_out = _output(sqrt_price, moved, liquidity, zero_for_one)
    if not exact_in:
        amount_out = min(amount_out, -remaining)
    keeps_rest = exact_in and not reaches
    fee = remaining - amount_in if keeps_rest else divide_up(amount_in * fee_pips, FEE_UNIT - fee_pips)
    return SwapStep(moved, amount_in, amount_out, fee)


def _input(sqrt_price: int, moved: int, liquidity: int, zero_for_one: bool) -> int:
    """Return what a move of the price takes in, rounded up."""
    return (amount0_delta if zero_for_one else amount1_delta)(sqrt_price, moved, liquidity, round_up=True)


def _output(sqrt_price: int, moved: int, liquidity: int, zero_for_one: bool) -> int:
    """Return what a move of the price pays out, rounded down."""
    return (amount1_delta if zero_for_one else amount0_delta)(sqrt_price, moved, liquidity, round_up=False)
