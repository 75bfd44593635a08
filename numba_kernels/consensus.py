"""Stake-weighted majorities: how likely those who say the same hold enough of the stake."""

from __future__ import annotations

from numba import float64

from catallaxy.numba_kernels.compile import Floats, Ints, kernel

__all__ = ["majority_chance"]


@kernel
def majority_chance(stakes: Ints, chance: float, threshold: int, spread: Floats) -> float:
    """Return the probability that validators with at least `threshold` of the stake say the same thing.

    Each says it with the same chance, independently of the others. The distribution of the stake behind it is built up
    one validator at a time (a Poisson-binomial distribution with weights), exactly, in O(validators x threshold).

    Parameters
    ----------
    stakes : int64[v]
        Stake of each validator, in small whole units.
    chance : float64
    threshold : int64
        In the same units; nothing needs no majority.
    spread : float64[threshold], out
        Probability that the stake behind it is 0, 1, ..., threshold - 1.

    Returns
    -------
    float64
    """
    spread[:] = 0.0
    if threshold <= 0:
        return 1.0
    spread[0] = 1.0
    for v in range(stakes.size):
        for at in range(threshold - 1, -1, -1):
            from_below = spread[at - stakes[v]] if at >= stakes[v] else 0.0
            spread[at] = spread[at] * (1.0 - chance) + from_below * chance
    short = 0.0
    for at in range(threshold):
        short += spread[at]
    return min(max(float64(1.0) - short, 0.0), 1.0)
