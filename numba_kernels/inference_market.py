"""Markets for inference: prices and markups of builders, users who spread by a logit or go to the cheapest.

In the logit, users choose among the builders of a network with weights exp(theta_q ln q - theta_p ln p).
"""

from __future__ import annotations

import numpy as np
from numba import float64, int64

from catallaxy.numba_kernels.compile import Floats, IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.elementary import exp, log
from catallaxy.numba_kernels.merit_order import TICKS, tick_of
from catallaxy.numba_kernels.model_market import Builders

__all__ = ["queue_up", "serve", "serve_in_turn", "spread", "utility", "weigh"]

_MICRO = 1e6
_WEIGHT = 1e9
#: A markup stays between these, and a shortage raises the one aimed at by so much at most.
_LOWEST_MARKUP, _LARGEST_MARKUP, _LARGEST_SCARCITY = 0.05, 5.0, 3.0


@helper
def utility(quality: float, price: float, theta_quality: float, theta_price: float) -> float:
    """Return what a user gets from a model of this quality at this price, up to a constant."""
    return theta_quality * log(max(quality, 1e-9)) - theta_price * log(price)


@kernel
def weigh(
    builders: Builders, unit_cost: Floats, theta_quality: float, theta_price: float, weight: Ints, total: Ints
) -> None:
    """Set each builder's price (unit cost times markup) and its logit weight among the users of its network.

    Parameters
    ----------
    builders : Builders, in/out
    unit_cost : float64[K], USD/unit
        Compute cost of a service unit on each network.
    theta_quality, theta_price : float64
    weight : int64[b], out
        Fixed point: 1e9 for the best offer of the network, never zero.
    total : int64[K], out
        Sum of the weights.
    """
    best = np.full(total.size, -np.inf)
    for b in range(weight.size):
        k = builders.network[b]
        builders.price[b] = unit_cost[k] * (1.0 + builders.markup[b])
        offer = utility(builders.quality[b], builders.price[b], theta_quality, theta_price) + builders.appeal[b]
        best[k] = max(best[k], offer)
    total[:] = 0
    for b in range(weight.size):
        k = builders.network[b]
        offer = utility(builders.quality[b], builders.price[b], theta_quality, theta_price) + builders.appeal[b]
        weight[b] = int64(exp(offer - best[k]) * _WEIGHT) + 1
        total[k] += weight[b]


@helper
def best_markup(share: float, theta_price: float) -> float:
    """Markup over unit cost that maximises profit in a logit with log prices: 1 / (theta_p (1 - share) - 1), at most 5.

    The elasticity of a builder's demand in spending is theta_p (1 - share) (Anderson, de Palma & Thisse 1992,
    Discrete Choice Theory of Product Differentiation, chapter 7).
    """
    return 1.0 / max(theta_price * (1.0 - share) - 1.0, 1.0 / _LARGEST_MARKUP)


@kernel
def spread(
    builders: Builders,
    weights: tuple[Ints, Ints],
    spending: Ints,
    theta_price: float,
    wanted: Floats,
    aim: Floats,
) -> None:
    """Spread users' spending over the builders of their network by logit weights.

    Parameters
    ----------
    builders : Builders
    weights : (int64[b], int64[K])
        As written by `weigh`.
    spending : int64[K], micro-USD
    theta_price : float64
    wanted : float64[b], out, micro-USD
        What users want to spend with each builder.
    aim : float64[b], out
        The markup that maximises its profit.
    """
    weight, total = weights
    for b in range(weight.size):
        k = builders.network[b]
        share = float64(weight[b]) / float64(total[k])
        wanted[b] = float64(spending[k]) * share
        aim[b] = best_markup(share, theta_price)


@kernel
def queue_up(
    builders: Builders,
    unit_cost: Floats,
    inference: Ints,
    hours_per_unit: float,
    place: tuple[Ints, Ints],
    queue: tuple[IntMatrix, IntMatrix],
) -> None:
    """Set each builder's price (unit cost times markup), and sum what builders can serve by price tick.

    Parameters
    ----------
    builders : Builders, in/out
    unit_cost : float64[K], USD/unit
    inference : int64[b], milli-GPU-hours
    hours_per_unit : float64
    place : (int64[b], int64[b]), out
        Price tick, and the most that a builder can sell (micro-USD).
    queue : (int64[K, TICKS], int64[K, TICKS]), out
        Builders at each tick, and the most that those up to it can sell (micro-USD).
    """
    tick, limit = place
    heads, capacity = queue
    heads[:, :] = 0
    capacity[:, :] = 0
    for b in range(tick.size):
        k = builders.network[b]
        builders.price[b] = unit_cost[k] * (1.0 + builders.markup[b])
        tick[b] = tick_of(builders.price[b])
        limit[b] = int64(float64(inference[b]) * 1e-3 / hours_per_unit * builders.price[b] * _MICRO)
        heads[k, tick[b]] += 1
        capacity[k, tick[b]] += limit[b]
    for k in range(heads.shape[0]):
        for t in range(1, TICKS):
            capacity[k, t] += capacity[k, t - 1]


@kernel
def serve_in_turn(
    builders: Builders,
    place: tuple[Ints, Ints],
    queue: tuple[IntMatrix, IntMatrix],
    spending: Ints,
    wanted: Floats,
    aim: Floats,
) -> None:
    """Let users go to the cheapest builder of their network that has capacity left.

    Builders at one tick share pro rata in what the cheaper ones leave; what exceeds their capacity asks them in equal
    parts and goes on to the next. Whoever could serve more lowers its markup, whoever is asked for more raises it.

    Parameters
    ----------
    builders : Builders
    place, queue : tuple of arrays
        As written by `queue_up`.
    spending : int64[K], micro-USD
    wanted : float64[b], out, micro-USD
        What each builder is asked for.
    aim : float64[b], out
        The markup it aims at.
    """
    tick, limit = place
    heads, capacity = queue
    for b in range(tick.size):
        k, t = builders.network[b], tick[b]
        before = capacity[k, t - 1] if t > 0 else 0
        here = capacity[k, t] - before
        left = max(spending[k] - before, 0)
        if left < here:
            wanted[b] = float64(limit[b]) * (float64(left) / float64(here))
            aim[b] = 0.0
        else:
            wanted[b] = float64(limit[b]) + float64(left - here) / float64(heads[k, t])
            aim[b] = builders.markup[b]


@kernel
def serve(
    builders: Builders,
    asked: tuple[Floats, Floats],
    inference: Ints,
    kept: Floats,
    how: tuple[float, float, float],
    income: Ints,
    tally: IntMatrix,
) -> None:
    """Serve what capacity allows, book revenue and adapt expectations and markups.

    Parameters
    ----------
    builders : Builders, in/out
    asked : (float64[b], float64[b])
        What users want to spend with each builder (micro-USD), and the markup it aims at while it can serve them.
    inference : int64[b]
        Inference compute bought, milli-GPU-hours.
    kept : float64[K]
        Share of a payment that reaches the builder.
    how : (float64, float64, float64)
        GPU-hours per unit, smoothing of expectations, share of the way to the markup aimed at.
    income : int64[b], in/out
        Cumulative revenue, micro-USD.
    tally : int64[K, 5], out
        Spending served, revenue of builders (micro-USD), service units (times 1e6), spending-weighted quality
        (micro-USD), spending wanted.
    """
    spending, aim = asked
    hours_per_unit, smoothing, pace = how
    tally[:, :] = 0
    for b in range(inference.size):
        k = builders.network[b]
        wanted = spending[b]
        capacity = float64(inference[b]) * 1e-3 / hours_per_unit
        limit = capacity * builders.price[b] * _MICRO
        gross = int64(min(wanted, limit))
        net = int64(float64(gross) * kept[k])
        builders.usd[b] += net
        income[b] += net
        served = float64(gross) / (builders.price[b] * _MICRO)
        units = wanted / (builders.price[b] * _MICRO)
        builders.revenue[b] += smoothing * (float64(net) / _MICRO - builders.revenue[b])
        builders.units[b] += smoothing * (units - builders.units[b])
        scarcity = min(wanted / max(limit, 1.0), _LARGEST_SCARCITY) if wanted > limit else 1.0
        target = aim[b] * scarcity
        markup = builders.markup[b] + pace * (target - builders.markup[b])
        builders.markup[b] = min(max(markup, _LOWEST_MARKUP), _LARGEST_MARKUP)
        tally[k, 0] += gross
        tally[k, 1] += net
        tally[k, 2] += int64(served * 1e6)
        tally[k, 3] += int64(float64(gross) * builders.quality[b])
        tally[k, 4] += int64(wanted)
