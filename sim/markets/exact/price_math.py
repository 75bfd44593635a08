"""How amounts move a square-root price, and which amounts lie between two of them.

With liquidity L, a move from square-root price s to t brings L (1/t - 1/s) of token0 and L (t - s) of token1 into the
pool; a negative amount leaves it. Every result is rounded in the pool's favour, in the contract's order of operations.

References
----------
Uniswap v3 core, release 1.0.0: library SqrtPriceMath. Adams et al., "Uniswap v3 Core" (2021), section 6.2.
"""

from __future__ import annotations

from catallaxy.sim.markets.exact.fixed_point import MAX_UINT160, MAX_UINT256, Q96, divide_up
from catallaxy.sim.markets.exact.reverts import NothingToTrade, OutputUnreachable, WordOverflow

__all__ = [
    "amount0_change",
    "amount0_delta",
    "amount1_change",
    "amount1_delta",
    "next_sqrt_price_from_input",
    "next_sqrt_price_from_output",
]


def next_sqrt_price_from_input(sqrt_price: int, liquidity: int, amount_in: int, zero_for_one: bool) -> int:
    """Return the square-root price after an input, rounded so that it never passes the exact one.

    Parameters
    ----------
    sqrt_price : int
        Price before, Q64.96.
    liquidity : int
        Liquidity in range.
    amount_in : int
        Base units of token0 (`zero_for_one`) or of token1.
    zero_for_one : bool
        Whether token0 is paid in.
    """
    _check_market(sqrt_price, liquidity)
    if zero_for_one:
        return _add_amount0(sqrt_price, liquidity, amount_in)
    return _as_sqrt_price(sqrt_price + amount_in * Q96 // liquidity)


def next_sqrt_price_from_output(sqrt_price: int, liquidity: int, amount_out: int, zero_for_one: bool) -> int:
    """Return the square-root price after an output, rounded so that it never falls short of the exact one.

    Parameters
    ----------
    sqrt_price : int
        Price before, Q64.96.
    liquidity : int
        Liquidity in range.
    amount_out : int
        Base units of token1 (`zero_for_one`) or of token0.
    zero_for_one : bool
        Whether token0 is paid in.
    """
    _check_market(sqrt_price, liquidity)
    if not zero_for_one:
        return _remove_amount0(sqrt_price, liquidity, amount_out)
    moved = sqrt_price - divide_up(amount_out * Q96, liquidity)
    if moved <= 0:
        raise _unreachable(amount_out, liquidity * sqrt_price // Q96, "token1")
    return moved


def amount0_delta(sqrt_price_a: int, sqrt_price_b: int, liquidity: int, round_up: bool) -> int:
    """Return the base units of token0 that `liquidity` holds between two square-root prices, in either order."""
    lower, upper = sorted((sqrt_price_a, sqrt_price_b))
    if lower <= 0:
        raise NothingToTrade("a square-root price of zero has no amount of token0")
    numerator = (liquidity << 96) * (upper - lower)
    return divide_up(numerator, lower * upper) if round_up else numerator // (lower * upper)


def amount1_delta(sqrt_price_a: int, sqrt_price_b: int, liquidity: int, round_up: bool) -> int:
    """Return the base units of token1 that `liquidity` holds between two square-root prices, in either order."""
    numerator = liquidity * abs(sqrt_price_b - sqrt_price_a)
    return divide_up(numerator, Q96) if round_up else numerator // Q96


def amount0_change(sqrt_price_a: int, sqrt_price_b: int, liquidity_delta: int) -> int:
    """Return the token0 that a change of liquidity brings: paid in rounded up, or (negative) paid out rounded down."""
    amount = amount0_delta(sqrt_price_a, sqrt_price_b, abs(liquidity_delta), liquidity_delta > 0)
    return amount if liquidity_delta > 0 else -amount


def amount1_change(sqrt_price_a: int, sqrt_price_b: int, liquidity_delta: int) -> int:
    """Return the token1 that a change of liquidity brings: paid in rounded up, or (negative) paid out rounded down."""
    amount = amount1_delta(sqrt_price_a, sqrt_price_b, abs(liquidity_delta), liquidity_delta > 0)
    return amount if liquidity_delta > 0 else -amount


def _add_amount0(sqrt_price: int, liquidity: int, amount: int) -> int:
    """Return the lower square-root price after token0 came in, rounded up."""
    if amount == 0:
        return sqrt_price
    scaled, product = liquidity << 96, amount * sqrt_price
    if product <= MAX_UINT256 and scaled + product <= MAX_UINT256:
        return divide_up(scaled * sqrt_price, scaled + product)
    denominator = scaled // sqrt_price + amount
    if denominator > MAX_UINT256:
        raise WordOverflow(f"an input of {amount} base units of token0 exceeds 256 bits")
    return divide_up(scaled, denominator)


def _remove_amount0(sqrt_price: int, liquidity: int, amount: int) -> int:
    """Return the higher square-root price after token0 went out, rounded up."""
    if amount == 0:
        return sqrt_price
    scaled, product = liquidity << 96, amount * sqrt_price
    if product >= scaled:
        raise _unreachable(amount, scaled // sqrt_price, "token0")
    return _as_sqrt_price(divide_up(scaled * sqrt_price, scaled - product))


def _check_market(sqrt_price: int, liquidity: int) -> None:
    """Refuse to move a price that does not exist, or without liquidity."""
    if sqrt_price <= 0 or liquidity <= 0:
        raise NothingToTrade(f"no price moves at square-root price {sqrt_price} with liquidity {liquidity}")


def _as_sqrt_price(moved: int) -> int:
    """Return a square-root price, or refuse one that needs more than 160 bits."""
    if moved > MAX_UINT160:
        raise WordOverflow(f"the square-root price would be {moved}, above 2**160 - 1")
    return moved


def _unreachable(amount: int, held: int, token: str) -> OutputUnreachable:
    """Return the error of an output that the liquidity cannot pay."""
    return OutputUnreachable(f"{amount} base units of {token} cannot leave liquidity that holds {held} of them")
