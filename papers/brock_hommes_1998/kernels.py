"""A price whose traders choose every day among forecasts, by what each earned."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from catallaxy.numba_kernels.compile import U64, Floats, kernel
from catallaxy.numba_kernels.random import agent_bits, uniform
from catallaxy.numba_kernels.strategy_choice import choose

__all__ = ["Forecasts", "trade"]


class Forecasts(NamedTuple):
    """Trend g and bias b of each forecast, and what it costs a day, C."""

    trend: Floats
    bias: Floats
    cost: Floats


@kernel
def trade(key: U64, forecasts: Forecasts, growth: float, intensity: float, n: int, price: Floats) -> None:
    """Write the deviation of the price from its fundamental value, day after day.

    Parameters
    ----------
    key : uint64
        For single traders.
    forecasts : Forecasts
    growth : float64
        Gross return of the safe asset, R.
    intensity : float64
        Of choice, beta; a times the variance is 1.
    n : int64
        Traders, each of whom draws a forecast by the shares; 0 for as many as there are numbers.
    price : float64[days], in/out
        The first three are given.
    """
    kinds = forecasts.trend.size
    fitness, shares, counts = np.zeros(kinds), np.zeros(kinds), np.zeros(kinds)
    for day in range(3, price.size):
        last, before, first = price[day - 1], price[day - 2], price[day - 3]
        for h in range(kinds):
            wanted = forecasts.trend[h] * first + forecasts.bias[h] - growth * before
            fitness[h] = (last - growth * before) * wanted - forecasts.cost[h]
        choose(fitness, intensity, shares)
        if n > 0:
            counts[:] = 0.0
            today = agent_bits(key, day)
            for i in range(n):
                left, h = uniform(agent_bits(today, i)) - shares[0], 0
                while left > 0.0 and h < kinds - 1:
                    h += 1
                    left -= shares[h]
                counts[h] += 1.0
            for h in range(kinds):
                shares[h] = counts[h] / n
        expected = 0.0
        for h in range(kinds):
            expected += shares[h] * (forecasts.trend[h] * last + forecasts.bias[h])
        price[day] = expected / growth
