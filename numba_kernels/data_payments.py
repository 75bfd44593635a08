"""When a payment is worth a transaction: balances that grow at the payer until they are settled.

A settlement costs a fixed amount; money that waits costs its owner impatience and the chance that the payer fails. With
a flow y, a cost c and a cost of waiting r, settling every n steps costs c/n + r y n/2 a step, least at
n = sqrt(2c/(r y)) (Baumol 1952, Quarterly Journal of Economics 66, 545; Tobin 1956, Review of Economics and
Statistics 38, 241).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import Floats, IntMatrix, Ints, helper, kernel

__all__ = ["Rails", "payment_costs", "settle"]

_MICRO = 1e6


class Rails(NamedTuple):
    """The two ways to be paid, and what waiting costs.

    `layer2` and `layer1` are the fixed costs of a settlement, USD; `exit_share` is the share of an amount on layer 2
    that taking it elsewhere costs; `waiting` is the cost of a dollar that waits one step.
    """

    layer2: float
    layer1: float
    exit_share: float
    waiting: float


@helper
def _spacing(cost: float, flow: float, waiting: float) -> float:
    """Return the steps between settlements that cost least, at least one."""
    return max(math.sqrt(2.0 * cost / (waiting * flow)), 1.0) if waiting * flow > 0.0 else 1.0


@helper
def _cost_per_step(cost: float, flow: float, waiting: float) -> float:
    """Return what settling a flow costs a step at the best spacing, the money that waits included."""
    steps = _spacing(cost, flow, waiting)
    return cost / steps + 0.5 * waiting * flow * steps if flow > 0.0 else 0.0


@helper
def _on_layer1(flow: float, rails: Rails) -> bool:
    """Return whether a flow is paid more cheaply on layer 1."""
    layer2 = _cost_per_step(rails.layer2, flow, rails.waiting) + rails.exit_share * flow
    return _cost_per_step(rails.layer1, flow, rails.waiting) < layer2


@kernel
def payment_costs(
    network: Ints, units: Floats, income_per_unit: Floats, rails: Rails, cost: Floats, total: Floats
) -> None:
    """Add to each provider's other costs what being paid the income that it expects would cost.

    Parameters
    ----------
    network : int64[n]
    units : float64[n]
        Quality-weighted data.
    income_per_unit : float64[K], USD per step
    rails : Rails
    cost : float64[n], USD per step
        Other costs of taking part.
    total : float64[n], USD per step, out
    """
    for i in range(network.size):
        flow = max(income_per_unit[network[i]] * units[i], 0.0)
        if _on_layer1(flow, rails):
            total[i] = cost[i] + _cost_per_step(rails.layer1, flow, rails.waiting)
        else:
            total[i] = cost[i] + _cost_per_step(rails.layer2, flow, rails.waiting) + rails.exit_share * flow


@kernel
def settle(
    network: Ints,
    channel: tuple[Ints, Ints, Floats],
    rails: Rails,
    smoothing: float,
    usd: Ints,
    tally: IntMatrix,
) -> None:
    """Pay out the balances that have grown to what a settlement is worth, less its cost.

    Parameters
    ----------
    network : int64[n]
    channel : (int64[n], int64[n], float64[n]), in/out
        Owed (micro-USD), what was owed after the last step, and the smoothed flow (USD per step).
    rails : Rails
    smoothing : float64
        Weight of the last step in the flow.
    usd : int64[n], micro-USD, in/out
    tally : int64[K, 4], out
        Settlements, those of them on layer 1, what was paid out and what it cost (micro-USD, the cost included).
    """
    owed, before, flow = channel
    tally[:, :] = 0
    for i in range(network.size):
        k = network[i]
        flow[i] += smoothing * (float64(owed[i] - before[i]) / _MICRO - flow[i])
        layer1 = _on_layer1(flow[i], rails)
        fixed = rails.layer1 if layer1 else rails.layer2
        share = 0.0 if layer1 else rails.exit_share
        charge = int64(math.ceil(fixed * _MICRO + share * float64(owed[i])))
        worth = _spacing(fixed, flow[i], rails.waiting) * flow[i] * _MICRO
        if owed[i] > charge and float64(owed[i]) >= worth:
            usd[i] += owed[i] - charge
            tally[k, 0] += 1
            tally[k, 1] += 1 if layer1 else 0
            tally[k, 2] += owed[i]
            tally[k, 3] += charge
            owed[i] = 0
        before[i] = owed[i]
