"""Miners who buy machines while these earn enough, on the simulator's rule of investment; one market per run."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from catallaxy.numba_kernels.compile import U64, Floats, Matrix, kernel
from catallaxy.numba_kernels.compute_market import Fleet, Outlook
from catallaxy.numba_kernels.elementary import exp
from catallaxy.numba_kernels.investment import Appraisal, Rigs, Till, invest
from catallaxy.numba_kernels.random import agent_bits, normal

__all__ = ["Market", "mine"]

#: Machines of a market at the start.
_MACHINES = 1e6


class Market(NamedTuple):
    """Discount rate, trend of revenue, fall of hardware's price, volatility of revenue, and the barrier (1/year)."""

    discount: float
    drift: float
    price_fall: float
    volatility: float
    barrier: float


@kernel
def mine(key: U64, market: Market, start: float, dt: float, earned: Floats, highest: Floats, paths: Matrix) -> None:
    """Let all revenue move at random and miners buy machines, until next to nothing is left to earn.

    Parameters
    ----------
    key : uint64
        Run i draws under this key, the step and i.
    market : Market
    start : float64
        Revenue of a machine at the start, over the barrier.
    dt : float64, year
    earned : float64[runs], out
        Present value of what a machine bought at the start earns, over its price.
    highest : float64[runs], out
        Highest revenue of a machine over its price then, over the barrier.
    paths : float64[m, steps], out
        Revenue of a machine over the price of a new one and over the barrier, for the first m runs.
    """
    n = earned.size
    zeros, ones, home = np.zeros(n), np.ones(n), np.arange(n)
    whole = np.zeros(n, np.int64)
    fleet = Fleet(home, whole, np.ones(n, np.int64), zeros.copy(), zeros, zeros, zeros)
    rigs = Rigs(np.full(n, _MACHINES), ones, zeros, np.ones(n, np.int8))
    till, tally = Till(np.zeros(n, np.int64), whole, np.zeros(n)), np.zeros((n, 8), np.int64)
    sales, reward, offered = np.zeros((n, 1)), np.zeros(n), np.ones(n, np.int64)
    demand = np.full(n, start * market.barrier * _MACHINES)
    worth = 1.0 / (market.discount - market.drift)
    mean, sd = (market.drift - 0.5 * market.volatility**2) * dt, market.volatility * math.sqrt(dt)
    earned[:] = 0.0
    highest[:] = 0.0
    for step in range(paths.shape[1]):
        price, left = exp(-market.price_fall * step * dt), exp(-market.discount * step * dt)
        for i in range(n):
            reward[i] = demand[i] / rigs.installed[i]
        outlook = Outlook(sales, sales, reward, 0.0, 0.0, 0.0, 0.01, 0.0, 1.0)
        terms = Appraisal(worth, price, market.barrier * worth, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0)
        invest(fleet, outlook, offered, terms, rigs, till, tally)
        own = agent_bits(key, step)
        for i in range(n):
            revenue = demand[i] / rigs.installed[i]
            over = revenue / price / market.barrier
            highest[i] = max(highest[i], over)
            if i < paths.shape[0]:
                paths[i, step] = over
            earned[i] += left * revenue * dt
            demand[i] *= exp(mean + sd * normal(agent_bits(own, i)))
