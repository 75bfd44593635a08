"""The base fee of a network that sells block space: it follows the use of the block before, in exact integers.

A block uses `used` of its `limit`; its target is limit // elasticity. The next base fee b' is

    b + max(b (used - target) // target // denominator, 1)    above the target,
    b -     b (target - used) // target // denominator        below it,

so that with elasticity 2 a full block raises it, and an empty one lowers it, by 1 / denominator.
Buterin, Conner, Dudley, Slipper, Norden & Bakhta (2019), EIP-1559: elasticity 2, denominator 8.
"""

from __future__ import annotations

from catallaxy.numba_kernels.compile import Ints, helper, kernel
from catallaxy.numba_kernels.wide_products import LARGEST, times_over

__all__ = ["base_fee_path", "next_base_fee"]


@helper
def _next(base_fee: int, used: int, target: int, denominator: int) -> int:
    """Return the base fee of the block after one that used `used`; unchanged where there is no target."""
    if used == target or target < 1:
        return base_fee
    change, _ = times_over(base_fee, abs(used - target), target)
    change //= denominator
    return min(base_fee + max(change, 1), LARGEST) if used > target else base_fee - change


@kernel
def next_base_fee(base_fee: int, used: int, limit: int, elasticity: int, denominator: int) -> int:
    """Return the base fee that follows a block.

    Parameters
    ----------
    base_fee : int64, base units per unit of block space
        At most 2**62 - 1; the next one is kept at or below that as well.
    used : int64, units of block space
        At most `limit`.
    limit : int64, units of block space
        At most 2**62 - 1.
    elasticity : int64
        Limit over target; at least 1.
    denominator : int64
        Inverse of the largest relative change; at least 1.

    Returns
    -------
    int64
        Base units per unit of block space.
    """
    return _next(base_fee, used, limit // elasticity, denominator)


@kernel
def base_fee_path(base_fee: int, used: Ints, limit: int, elasticity: int, denominator: int, fees: Ints) -> int:
    """Write the base fee that each block of a sequence charges, and return the one that follows the last.

    Parameters
    ----------
    base_fee : int64, base units per unit of block space
        Of the first block.
    used : int64[n], units of block space
    limit : int64, units of block space
    elasticity : int64
        Limit over target; at least 1.
    denominator : int64
        Inverse of the largest relative change; at least 1.
    fees : int64[n], out
        Base units per unit of block space.

    Returns
    -------
    int64
        Base units per unit of block space.
    """
    target = limit // elasticity
    for i in range(used.size):
        fees[i] = base_fee
        base_fee = _next(base_fee, used[i], target, denominator)
    return base_fee
