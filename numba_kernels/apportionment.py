"""Sharing whole lots in proportion to claims: largest remainders, ties to the lower agent identifier.

Of R lots for claims c_i that sum to C, each claim gets the whole part of c_i R / C, and the lots then left go one by
one to the largest remainders. What an agent gets in all does not depend on the order of the claims.
"""

from __future__ import annotations

from catallaxy.numba_kernels.compile import IntMatrix, Ints, helper
from catallaxy.numba_kernels.order_columns import ACCEPTED, AGENT, FILLED, LARGEST_LOTS, LOTS, REASON

__all__ = ["LARGEST_FACTOR", "hand_out", "share_out"]

#: Largest product that is computed in one go.
LARGEST_FACTOR = 2**62


@helper
def share_out(claim: int, ration: int, total: int, largest: int) -> tuple[int, int]:
    """Return quotient and remainder of claim x ration / total, exactly.

    `claim` is at most LARGEST_LOTS, `ration` at most `total`, and that at most 2**62; claims up to `largest`, which is
    LARGEST_FACTOR // ration, are multiplied in one go, larger ones bit by bit.
    """
    if claim <= largest:
        product = claim * ration
        return product // total, product % total
    quotient, remainder = 0, 0
    bit = (LARGEST_LOTS + 1) >> 1
    while bit > 0:
        quotient, remainder = 2 * quotient, 2 * remainder
        if remainder >= total:
            quotient, remainder = quotient + 1, remainder - total
        if claim & bit:
            remainder += ration
            if remainder >= total:
                quotient, remainder = quotient + 1, remainder - total
        bit >>= 1
    return quotient, remainder


@helper
def _kth_largest(keys: Ints, n: int, k: int, lowest: int, highest: int) -> int:
    """Return the k-th largest of the first n keys, all between `lowest` and `highest`, by halving that interval."""
    while lowest < highest:
        middle = highest - (highest - lowest) // 2
        n_above = 0
        for i in range(n):
            n_above += 1 if keys[i] >= middle else 0
        if n_above >= k:
            lowest = middle
        else:
            highest = middle - 1
    return lowest


@helper
def _give(messages: IntMatrix, reports: IntMatrix, row: int) -> None:
    """Give one lot to one order."""
    reports[row, FILLED] += 1
    if reports[row, FILLED] == messages[row, LOTS]:
        reports[row, REASON] = ACCEPTED


@helper
def _give_above(
    rows: Ints, keys: Ints, n: int, lots: int, threshold: int, messages: IntMatrix, reports: IntMatrix
) -> tuple[int, int]:
    """Give one lot to each order whose key is above the threshold; move those who are at it to the front.

    Returns how many are at it and how many lots are left for them.
    """
    n_ties = 0
    for i in range(n):
        if keys[i] > threshold:
            _give(messages, reports, rows[i])
            lots -= 1
        elif keys[i] == threshold:
            rows[n_ties] = rows[i]
            n_ties += 1
    return n_ties, lots


@helper
def hand_out(rows: Ints, keys: Ints, n: int, lots: int, total: int, messages: IntMatrix, reports: IntMatrix) -> None:
    """Hand the remaining lots, one each, to the largest of n remainders.

    Parameters
    ----------
    rows : int64[N], in/out
        Rows of the orders at the margin; overwritten.
    keys : int64[N], in/out
        Their remainders; overwritten.
    n : int64
    lots : int64
        Lots to hand out, fewer than n.
    total : int64
        What the remainders are below.
    messages : int64[m, 8]
    reports : int64[m, 4], in/out
        FILLED of those who get a lot grows by one, and REASON becomes ACCEPTED where that was the last one.
    """
    if lots == 0:
        return
    threshold = _kth_largest(keys, n, lots, 0, total - 1)
    n, lots = _give_above(rows, keys, n, lots, threshold, messages, reports)
    lowest = 0
    for i in range(n):
        keys[i] = -messages[rows[i], AGENT]
        lowest = min(lowest, keys[i])
    threshold = _kth_largest(keys, n, lots, lowest, 0)
    n, lots = _give_above(rows, keys, n, lots, threshold, messages, reports)
    for i in range(lots):
        _give(messages, reports, rows[i])
