"""Which ticks are occupied: one bit per tick, and one bit per word of 64 ticks.

Finding the nearest occupied tick reads at most two words of ticks and, for every 4,096 empty ticks in between, one word
of the upper level. Whoever keeps levels, orders or liquidity on ticks keeps such a pair of arrays beside them.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numba import config, int64, types, uint64
from numba.extending import intrinsic

from catallaxy.numba_kernels.compile import U64, helper, kernel

__all__ = [
    "Words",
    "is_occupied",
    "next_occupied",
    "occupied_after",
    "occupied_before",
    "occupy",
    "previous_occupied",
    "vacate",
    "words_for",
]

Words: TypeAlias = npt.NDArray[np.uint64]

_ONE, _ALL = np.uint64(1), np.uint64(0xFFFFFFFFFFFFFFFF)
_LOW6 = 63

if config.DISABLE_JIT:

    def _trailing_zeros(word: U64) -> int:
        return (int(word) & -int(word)).bit_length() - 1

    def _leading_zeros(word: U64) -> int:
        return 64 - int(word).bit_length()

else:
    from llvmlite import ir

    @intrinsic
    def _trailing_zeros(typing_context: Any, word: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

        return types.int64(types.uint64), codegen

    @intrinsic
    def _leading_zeros(typing_context: Any, word: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.ctlz(args[0], ir.Constant(ir.IntType(1), 1))

        return types.int64(types.uint64), codegen


@helper
def words_for(ticks: int) -> int:
    """Return how many 64-bit words hold `ticks` bits: the length of `words`; of `summary`, for that many words."""
    return (ticks + _LOW6) >> 6


@helper
def occupy(words: Words, summary: Words, tick: int) -> None:
    """Mark a tick as occupied."""
    word = tick >> 6
    words[word] |= _ONE << uint64(tick & _LOW6)
    summary[word >> 6] |= _ONE << uint64(word & _LOW6)


@helper
def vacate(words: Words, summary: Words, tick: int) -> None:
    """Mark a tick as empty."""
    word = tick >> 6
    left = words[word] & ~(_ONE << uint64(tick & _LOW6))
    words[word] = left
    if left == 0:
        summary[word >> 6] &= ~(_ONE << uint64(word & _LOW6))


@helper
def is_occupied(words: Words, tick: int) -> bool:
    """Return whether a tick of the band is occupied."""
    return (words[tick >> 6] >> uint64(tick & _LOW6)) & _ONE == _ONE


@helper
def next_occupied(words: Words, summary: Words, tick: int) -> int:
    """Return the lowest occupied tick at or above `tick` (which is not negative), or -1."""
    word = tick >> 6
    if word >= words.size:
        return int64(-1)
    found = words[word] & (_ALL << uint64(tick & _LOW6))
    if found != 0:
        return (word << 6) + _trailing_zeros(found)
    word += 1
    upper = word >> 6
    if upper >= summary.size:
        return int64(-1)
    found = summary[upper] & (_ALL << uint64(word & _LOW6))
    while found == 0:
        upper += 1
        if upper == summary.size:
            return int64(-1)
        found = summary[upper]
    word = (upper << 6) + _trailing_zeros(found)
    return (word << 6) + _trailing_zeros(words[word])


@helper
def previous_occupied(words: Words, summary: Words, tick: int) -> int:
    """Return the highest occupied tick at or below `tick` (which is inside the band, or -1), or -1."""
    if tick < 0:
        return int64(-1)
    word = tick >> 6
    found = words[word] & (_ALL >> uint64(_LOW6 - (tick & _LOW6)))
    if found != 0:
        return (word << 6) + _LOW6 - _leading_zeros(found)
    word -= 1
    if word < 0:
        return int64(-1)
    upper = word >> 6
    found = summary[upper] & (_ALL >> uint64(_LOW6 - (word & _LOW6)))
    while found == 0:
        upper -= 1
        if upper < 0:
            return int64(-1)
        found = summary[upper]
    word = (upper << 6) + _LOW6 - _leading_zeros(found)
    return (word << 6) + _LOW6 - _leading_zeros(words[word])


@kernel
def occupied_after(words: Words, summary: Words, tick: int) -> int:
    """`next_occupied`, callable from Python."""
    return next_occupied(words, summary, int64(tick))


@kernel
def occupied_before(words: Words, summary: Words, tick: int) -> int:
    """`previous_occupied`, callable from Python."""
    return previous_occupied(words, summary, int64(tick))
