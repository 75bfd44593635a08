"""Which observations a resample holds: the stationary bootstrap of Politis and Romano.

A resample is made of blocks that begin anywhere and go on with probability 1 - 1/b, so that their mean length is b;
after the last observation comes the first. What is resampled keeps its dependence within blocks, and is stationary.

References
----------
D. N. Politis and J. P. Romano, "The Stationary Bootstrap", *Journal of the American Statistical Association* 89 (1994),
1303.
"""

from __future__ import annotations

from numba import float64, int64

from catallaxy.numba_kernels.compile import U64, IntMatrix, kernel
from catallaxy.numba_kernels.random import agent_bits, uniform

__all__ = ["stationary_resamples"]


@kernel
def stationary_resamples(key: U64, n: int, mean_block: float, rows: IntMatrix) -> None:
    """Draw resamples as numbers of observations.

    Parameters
    ----------
    key : uint64
        Resample r draws under this key and r; position t uses draws 2t and 2t + 1.
    n : int64
        Observations to choose from, 1 or more.
    mean_block : float64
        Mean length of a block, observations, 1 or more.
    rows : int64[resamples, length], out
        Numbers of observations, 0 to n - 1.
    """
    for r in range(rows.shape[0]):
        own, last = agent_bits(key, r), 0
        for t in range(rows.shape[1]):
            if t == 0 or uniform(agent_bits(own, 2 * t)) * mean_block < 1.0:
                last = min(int64(uniform(agent_bits(own, 2 * t + 1)) * float64(n)), n - 1)
            else:
                last = last + 1 if last + 1 < n else 0
            rows[r, t] = last
