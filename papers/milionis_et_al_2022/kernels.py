"""Arbitrage between pools without fee and a market where the price is given."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import float64, int64

from catallaxy.numba_kernels import concentrated_swap, constant_product, weighted_pool
from catallaxy.numba_kernels.compile import U64, Flags, Floats, IntMatrix, Ints, Matrix, helper, kernel
from catallaxy.numba_kernels.concentrated_positions import add_liquidity, open_position, remove_liquidity
from catallaxy.numba_kernels.concentrated_state import LARGEST_AMOUNT, RESERVE, ConcentratedPool, open_pool
from catallaxy.numba_kernels.concentrated_worth import marginal_price
from catallaxy.numba_kernels.elementary import exp
from catallaxy.numba_kernels.order_columns import BUY, SELL
from catallaxy.numba_kernels.pool_state import FEE_IN, TOKENS, USD
from catallaxy.numba_kernels.random import agent_bits, normal

__all__ = [
    "COLUMNS",
    "FORMULA",
    "LOST",
    "VALUE_TIME",
    "Market",
    "Trade",
    "arbitrage",
    "arbitrage_range",
    "lose_in_range",
    "lose_to_arbitrage",
    "open_range",
    "open_trade",
]

#: Columns of a path: profit of the arbitrageur; value of the pool times time; what the formula says that it loses.
LOST, VALUE_TIME, FORMULA = range(3)
COLUMNS = 3


class Market(NamedTuple):
    """Where the price is given: a geometric Brownian motion without drift, which starts at 1.

    Attributes
    ----------
    volatility : float64, 1/sqrt(year)
    dt : float64, year
        Length of a step.
    n_steps : int64
    key : uint64
        Path p draws under this key, p and the number of the step.
    """

    volatility: float
    dt: float
    n_steps: int
    key: np.uint64


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
def _next_price(market: Market, path: U64, step: int, price: float) -> float:
    """Return the price after one more step of a path, which draws under a key of its own."""
    drift, sd = -0.5 * market.volatility * market.volatility * market.dt, market.volatility * math.sqrt(market.dt)
    return price * exp(drift + sd * normal(agent_bits(path, step)))


@helper
def arbitrage(pool: Ints, weight: float, price: float, trade: Trade, held: Ints) -> None:
    """Let the arbitrageur trade until the pool has the price of the market, and book what he pays and receives.

    Tokens are `weight` of the pool's value. At one half it is the simulator's constant-product pool, otherwise its
    weighted pool.
    """
    if weight == 0.5:
        order = constant_product.arbitrage_order(pool, price, 0.0, FEE_IN)
        trade.order[0] = order
        constant_product.swap_batch(pool, 0.0, FEE_IN, trade.order, trade.least, trade.received, trade.reason)
    else:
        order = weighted_pool.arbitrage_order(pool, weight, price, 0.0, FEE_IN)
        trade.order[0] = order
        weighted_pool.swap_batch(pool, weight, 0.0, FEE_IN, trade.order, trade.least, trade.received, trade.reason)
    received = trade.received[0]
    paid = abs(order) if received > 0 else 0
    held[TOKENS] += received if order > 0 else -paid
    held[USD] += received if order < 0 else -paid


@kernel
def lose_to_arbitrage(pools: IntMatrix, weight: float, held: IntMatrix, market: Market, paths: Matrix) -> None:
    """Let the price move, and an arbitrageur trade with a pool after each of its steps.

    Parameters
    ----------
    pools : int64[n, 3], in/out
        A pool for every path, all at the price 1.
    weight : float64, share in [0.01, 0.99]
        Of tokens in the value of the pool; at one half it is a constant-product pool.
    held : int64[n, 2], base unit and micro-USD, in/out
        By the arbitrageurs.
    market : Market
    paths : float64[n, 3], micro-USD and micro-USD x year, out
        LOST is valued at the price at which the arbitrageur can undo his trade in the market.
    """
    trade, rate = open_trade(), 0.5 * weight * (1.0 - weight) * market.volatility**2
    for path in range(paths.shape[0]):
        pool, holdings, own, price = pools[path], held[path], agent_bits(market.key, path), 1.0
        lost, value_time = 0.0, 0.0
        for step in range(market.n_steps):
            value_time += (float64(pool[USD]) + price * float64(pool[TOKENS])) * market.dt
            price = _next_price(market, own, step, price)
            tokens, usd = holdings[TOKENS], holdings[USD]
            arbitrage(pool, weight, price, trade, holdings)
            lost += float64(holdings[USD] - usd) + price * float64(holdings[TOKENS] - tokens)
        paths[path, LOST], paths[path, VALUE_TIME], paths[path, FORMULA] = lost, value_time, rate * value_time


@kernel
def open_range(roots: Floats, liquidity: int) -> ConcentratedPool:
    """Open a pool at the price 1 whose only position lies between the second tick and the third.

    Parameters
    ----------
    roots : float64[4]
        Square root of the price at each tick.
    liquidity : int64

    Returns
    -------
    ConcentratedPool
    """
    pool = open_pool(roots, 1.0, 0, 0, 1)
    position = open_position(pool, 1, 2)[1]
    add_liquidity(pool, position, liquidity)
    return pool


@helper
def arbitrage_range(pool: ConcentratedPool, price: float, held: Ints) -> None:
    """Let the arbitrageur trade until the pool has the price of the market, and book what he pays and receives."""
    buys = price > marginal_price(pool)
    paid, received, _ = concentrated_swap.swap(pool, BUY if buys else SELL, int64(LARGEST_AMOUNT), price)
    held[TOKENS] += received if buys else -paid
    held[USD] += -paid if buys else received


@kernel
def lose_in_range(
    roots: Floats, liquidity: int, reserves: IntMatrix, held: IntMatrix, market: Market, paths: Matrix, profile: Matrix
) -> int:
    """Let the price move, and an arbitrageur trade with a range of liquidity after each of its steps.

    Parameters
    ----------
    roots : float64[4]
        Square root of the price at each tick: of the ends of the table, and between them of the ends of the range.
    liquidity : int64
        Of the range, in every path.
    reserves : int64[n, 2], base unit and micro-USD, out
        Of the pools, at the end.
    held : int64[n, 2], base unit and micro-USD, in/out
        By the arbitrageurs.
    market : Market
    paths : float64[n, 3], micro-USD and micro-USD x year, out
        LOST is valued at the price at which the arbitrageur can undo his trade in the market.
    profile : float64[b, 3], micro-USD and micro-USD x year, out
        The same sums by price before the step, in b equal parts of what lies between 0 and twice the third tick's.

    Returns
    -------
    int64
        Pools that could not pay out their position.
    """
    low, high, rate = roots[1] ** 2, roots[2] ** 2, 0.25 * float64(liquidity) * market.volatility**2 * market.dt
    n_parts, width, unpaid = profile.shape[0], 2.0 * high / profile.shape[0], 0
    profile[:] = 0.0
    for path in range(paths.shape[0]):
        pool, holdings, own, price = open_range(roots, liquidity), held[path], agent_bits(market.key, path), 1.0
        paths[path] = 0.0
        for step in range(market.n_steps):
            part = min(int(price / width), n_parts - 1)
            value = float64(pool.state[RESERVE + USD]) + price * float64(pool.state[RESERVE + TOKENS])
            formula = rate * math.sqrt(price) if low < price < high else 0.0
            price = _next_price(market, own, step, price)
            tokens, usd = holdings[TOKENS], holdings[USD]
            arbitrage_range(pool, price, holdings)
            lost = float64(holdings[USD] - usd) + price * float64(holdings[TOKENS] - tokens)
            for sums in (paths[path], profile[part]):
                sums[LOST] += lost
                sums[VALUE_TIME] += value * market.dt
                sums[FORMULA] += formula
        reserves[path, TOKENS], reserves[path, USD] = pool.state[RESERVE + TOKENS], pool.state[RESERVE + USD]
        remove_liquidity(pool, 0, liquidity)
        unpaid += min(pool.state[RESERVE + TOKENS], pool.state[RESERVE + USD]) < 0
    return unpaid
