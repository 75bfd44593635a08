"""Stake that compounds block by block, on the simulator's staking rewards."""

from __future__ import annotations

import numpy as np
from numba import float64, int64

from catallaxy.numba_kernels.compile import U64, Ints, Matrix, kernel
from catallaxy.numba_kernels.random import agent_bits
from catallaxy.numba_kernels.staking import Bonds
from catallaxy.numba_kernels.staking_rewards import draw_stakers, pay_drawn

__all__ = ["grow"]


@kernel
def grow(key: U64, first: Ints, reward: int, growth: float, n_blocks: int, marks: Ints, shares: Matrix) -> None:
    """Pay the reward of each block to one staker, drawn in proportion to stake, who bonds it; run after run.

    Parameters
    ----------
    key : uint64
        Run r draws under this key, r and the number of the block.
    first : int64[m], base units
        Stakes at the start of every run.
    reward : int64, base units
        Of a block.
    growth : float64
        Reward of a block as a share of all stake, beside `reward`.
    n_blocks : int64
    marks : int64[q]
        Numbers of blocks, ascending, after which shares are noted.
    shares : float64[runs, q x m], out
        Shares of all stakers at the first mark, then at the second, and so on.
    """
    n = first.size
    order, running, drawn = np.arange(n), np.zeros(n, np.int64), np.zeros(n, np.int64)
    bonds = Bonds(np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64))
    for run in range(shares.shape[0]):
        own, mark, total = agent_bits(key, run), 0, 0
        for i in range(n):
            bonds.staked[i] = first[i]
            total += first[i]
        for block in range(n_blocks):
            amount = reward + int64(float64(total) * growth)
            draw_stakers(own, order, bonds.staked, (block, 1), running, drawn)
            pay_drawn((0, n), bonds, drawn, amount, 1.0)
            total += amount
            if mark < marks.size and marks[mark] == block + 1:
                for i in range(n):
                    shares[run, mark * n + i] = float64(bonds.staked[i]) / float64(total)
                mark += 1
