"""Arbitrage between a constant-product pool without fee and a market where the price is given."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import float64

from catallaxy.numba_kernels.compile import U64, Flags, IntMatrix, Ints, Matrix, helper, kernel
from catallaxy.numba_kernels.constant_product import arbitrage_order, swap_batch
from catallaxy.numba_kernels.elementary import exp
from catallaxy.numba_kernels.pool_state import FEE_IN, TOKENS, USD
from catallaxy.numba_kernels.random import agent_bits, normal

__all__ = ["LOST", "VALUE_TIME", "Trade", "arbitrage", "lose_to_arbitrage", "open_trade"]

#: Columns of a path: profit of the arbitrageur, and value of the pool times time.
LOST, VALUE_TIME = range(2)


class Trade(NamedTuple):
    """One swap: what `swap_batch` reads and writes, for a batch of one.

    Attributes
    ----------
    order, least, received : int64[1]
    reason : int8[1]
    """

    order: Ints
    least: Ints
    received: Ints
    reason: Flags


@kernel
def open_trade() -> Trade:
    """Allocate the arrays of a swap."""
    return Trade(np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1, np.int8))


@helper
def arbitrage(pool: Ints, price: float, trade: Trade, holdings: Ints) -> None:
    """Let the arbitrageur trade until the pool has the price of the market, and book what he pays and receives."""
    order = arbitrage_order(pool, price, 0.0, FEE_IN)
    trade.order[0] = order
    swap_batch(pool, 0.0, FEE_IN, trade.order, trade.least, trade.received, trade.reason)
    received = trade.received[0]
    paid = abs(order) if received > 0 else 0
    holdings[TOKENS] += received if order > 0 else -paid
    holdings[USD] += received if order < 0 else -paid


@kernel
def lose_to_arbitrage(
    pools: IntMatrix, holdings: IntMatrix, volatility: float, dt: float, n_steps: int, key: U64, paths: Matrix
) -> None:
    """Let the price follow a geometric Brownian motion without drift, and an arbitrageur trade after each of its steps.

    Parameters
    ----------
    pools : int64[n, 3], in/out
        A pool for every path, all at the price 1.
    holdings : int64[n, 2], base unit and micro-USD, in/out
        Of the arbitrageurs.
    volatility : float64, 1/sqrt(year)
    dt : float64, year
        Length of a step.
    n_steps : int64
    key : uint64
        Path p draws under this key, p and the number of the step.
    paths : float64[n, 2], micro-USD and micro-USD x year, out
        Columns LOST (at the price at which the arbitrageur can undo his trade in the market) and VALUE_TIME.
    """
    drift, sd, trade = -0.5 * volatility * volatility * dt, volatility * math.sqrt(dt), open_trade()
    for path in range(paths.shape[0]):
        pool, own, held, price = pools[path], agent_bits(key, path), holdings[path], 1.0
        lost, value_time = 0.0, 0.0
        for step in range(n_steps):
            value_time += (float64(pool[USD]) + price * float64(pool[TOKENS])) * dt
            price *= exp(drift + sd * normal(agent_bits(own, step)))
            tokens, usd = held[TOKENS], held[USD]
            arbitrage(pool, price, trade, held)
            lost += float64(held[USD] - usd) + price * float64(held[TOKENS] - tokens)
        paths[path, LOST], paths[path, VALUE_TIME] = lost, value_time
