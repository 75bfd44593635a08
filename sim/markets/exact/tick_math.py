"""Ticks and square-root prices: tick i is the price 1.0001**i, and its square root is a Q64.96 number.

The table is the contract's own. Built from 20 rounded roots, it is not the correctly rounded root everywhere, so a more
accurate table would move amounts by a unit.

References
----------
Uniswap v3 core, release 1.0.0: library TickMath (constants, order of multiplications, rounding), library Tick
(largest liquidity per tick).
"""

from __future__ import annotations

from catallaxy.sim.markets.exact.fixed_point import MAX_UINT128, MAX_UINT256, divide_up
from catallaxy.sim.markets.exact.reverts import PriceOutOfRange, TickOutOfRange

__all__ = [
    "MAX_SQRT_RATIO",
    "MAX_TICK",
    "MIN_SQRT_RATIO",
    "MIN_TICK",
    "largest_tick",
    "max_liquidity_per_tick",
    "sqrt_ratio_at_tick",
    "tick_at_sqrt_ratio",
]

MIN_TICK, MAX_TICK = -887272, 887272
#: Square-root prices of the first and last tick; a pool's price stays at or above the first and below the last.
MIN_SQRT_RATIO = 4295128739
MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970342

#: sqrt(1.0001)**-(2**i) in Q128.128 for i = 0 ... 19.
_ROOTS = (
    0xFFFCB933BD6FAD37AA2D162D1A594001,
    0xFFF97272373D413259A46990580E213A,
    0xFFF2E50F5F656932EF12357CF3C7FDCC,
    0xFFE5CACA7E10E4E61C3624EAA0941CD0,
    0xFFCB9843D60F6159C9DB58835C926644,
    0xFF973B41FA98C081472E6896DFB254C0,
    0xFF2EA16466C96A3843EC78B326B52861,
    0xFE5DEE046A99A2A811C461F1969C3053,
    0xFCBE86C7900A88AEDCFFC83B479AA3A4,
    0xF987A7253AC413176F2B074CF7815E54,
    0xF3392B0822B70005940C7A398E4B70F3,
    0xE7159475A2C29B7443B29C7FA6E889D9,
    0xD097F3BDFD2022B8845AD8F792AA5825,
    0xA9F746462D870FDF8A65DC1F90E061E5,
    0x70D869A156D2A1B890BB3DF62BAF32F7,
    0x31BE135F97D08FD981231505542FCFA6,
    0x9AA508B5B7A84E1C677DE54F3E99BC9,
    0x5D6AF8DEDB81196699C329225EE604,
    0x2216E584F5FA1EA926041BEDFE98,
    0x48A170391F7DC42444E8FA2,
)
#: 1 / log2(sqrt(1.0001)) in Q64.64.
_TICKS_PER_OCTAVE = 255738958999603826347141
#: Bits of the binary logarithm that are worked out behind the point.
_LOG_BITS = 14
#: How far the logarithm cut off there may lie from the true one, in Q128.128 ticks: downward and upward.
_ERROR_BELOW = 3402992956809132418596140100660247210
_ERROR_ABOVE = 291339464771989622907027621153398088495


def sqrt_ratio_at_tick(tick: int) -> int:
    """Return the square-root price of a tick (Q64.96), rounded up in its last step."""
    distance = abs(tick)
    if distance > MAX_TICK:
        raise TickOutOfRange(f"tick {tick} lies outside [{MIN_TICK}, {MAX_TICK}]")
    ratio = 1 << 128
    for bit, root in enumerate(_ROOTS):
        if distance >> bit & 1:
            ratio = ratio * root >> 128
    if tick > 0:
        ratio = MAX_UINT256 // ratio
    return divide_up(ratio, 1 << 32)


def tick_at_sqrt_ratio(sqrt_price_x96: int) -> int:
    """Return the greatest tick whose square-root price is not above `sqrt_price_x96`."""
    if not MIN_SQRT_RATIO <= sqrt_price_x96 < MAX_SQRT_RATIO:
        raise PriceOutOfRange(
            f"square-root price {sqrt_price_x96} lies outside [{MIN_SQRT_RATIO}, {MAX_SQRT_RATIO}) in Q64.96"
        )
    ticks = _binary_logarithm(sqrt_price_x96 << 32) * _TICKS_PER_OCTAVE
    lowest, highest = (ticks - _ERROR_BELOW) >> 128, (ticks + _ERROR_ABOVE) >> 128
    return highest if lowest != highest and sqrt_ratio_at_tick(highest) <= sqrt_price_x96 else lowest


def _binary_logarithm(ratio: int) -> int:
    """Return the binary logarithm of a Q128.128 number, cut off after `_LOG_BITS` bits, in Q64.64."""
    exponent = ratio.bit_length() - 1
    mantissa = ratio >> exponent - 127 if exponent > 127 else ratio << 127 - exponent
    logarithm = (exponent - 128) << 64
    for bit in range(63, 63 - _LOG_BITS, -1):
        mantissa = mantissa * mantissa >> 127
        carry = mantissa >> 128
        logarithm += carry << bit
        mantissa >>= carry
    return logarithm


def largest_tick(tick_spacing: int) -> int:
    """Return the last tick that a position may end at; the first is its negative."""
    return MAX_TICK // tick_spacing * tick_spacing


def max_liquidity_per_tick(tick_spacing: int) -> int:
    """Return the liquidity that may reference one tick, such that all ticks together never exceed 128 bits."""
    return MAX_UINT128 // (2 * (MAX_TICK // tick_spacing) + 1)
