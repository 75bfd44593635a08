"""Model builders: planning, buying compute, and training.

Model quality follows the scaling law of Hoffmann et al. (2022), arXiv 2203.15556: L(N, D) = E + A/N^a + B/D^b,
C = 6 N D, evaluated at the compute-optimal N for the compute and data a builder has. Quality is
exp(s * (L_frontier - L)), so 1 is the incumbents' frontier.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import Floats, IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.elementary import exp, power

__all__ = [
    "Builders",
    "Knowledge",
    "Law",
    "Plan",
    "best_size",
    "best_size_scalar",
    "loss",
    "loss_at",
    "loss_at_scalar",
    "loss_scalar",
    "plan",
    "purchase_compute",
    "train",
]

_MICRO = 1e6
#: Payments are computed this much too high and budgets this much too low, so that rounding overdraws nobody and leaves
#: the nodes with no more than the builders paid.
_PAYERS_MARGIN, _PRUDENCE, _ROUNDED_UP = 1.0 + 2.0**-50, 1.0 - 2.0**-40, 2.0


class Builders(NamedTuple):
    """Columns of the builders that the model market reads and writes."""

    network: Ints
    usd: Ints
    revenue: Floats
    units: Floats
    markup: Floats
    price: Floats
    quality: Floats
    compute: Floats
    data: Floats
    appeal: Floats


class Plan(NamedTuple):
    """How builders spend: shares of expected revenue, and technology."""

    data_share: float
    largest_data_share: float
    training_share: float
    hours_per_unit: float
    headroom: float
    cash_share: float


class Law(NamedTuple):
    """Loss (nats per token) = floor + size_loss / size^size_exponent + data_loss / tokens^data_exponent."""

    floor: float
    size_loss: float
    data_loss: float
    size_exponent: float
    data_exponent: float


class Knowledge(NamedTuple):
    """What training builds on: the law, the frontier, what open models give away, and how fast hardware computes."""

    law: Law
    frontier_compute: float
    frontier_data: float
    open_compute: float
    open_data: float
    flop_per_hour: float
    tokens_per_unit: float
    obsolescence: float
    sensitivity: float


@helper
def loss_at(law: Law, size: float, tokens: float) -> float:
    """Loss (nats per token) of a model of `size` parameters that has seen `tokens` tokens."""
    return law.floor + law.size_loss / power(size, law.size_exponent) + law.data_loss / power(tokens, law.data_exponent)


@helper
def best_size(law: Law, compute: float) -> float:
    """Parameters that minimise the loss for `compute` FLOP where data is plentiful (equation 4 of Hoffmann et al.)."""
    both = law.size_exponent + law.data_exponent
    ratio = law.size_exponent * law.size_loss / (law.data_exponent * law.data_loss)
    return power(ratio, 1.0 / both) * power(compute / 6.0, law.data_exponent / both)


@helper
def loss(law: Law, compute: float, data: float) -> float:
    """Loss (nats per token) at the best model size for `compute` FLOP, with at most `data` tokens."""
    tokens = min(compute / (6.0 * best_size(law, compute)), data)
    return loss_at(law, compute / (6.0 * tokens), tokens)


@kernel
def loss_at_scalar(law: Law, size: float, tokens: float) -> float:
    """`loss_at`, callable from Python."""
    return loss_at(law, float64(size), float64(tokens))


@kernel
def best_size_scalar(law: Law, compute: float) -> float:
    """`best_size`, callable from Python."""
    return best_size(law, float64(compute))


@kernel
def loss_scalar(law: Law, compute: float, data: float) -> float:
    """`loss`, callable from Python."""
    return loss(law, float64(compute), float64(data))


@kernel
def plan(builders: Builders, how: Plan, ceiling: Floats, wanted: tuple[Ints, Ints, Ints], demand: Ints) -> None:
    """Set each builder's data budget and the compute it wants, within its cash.

    Parameters
    ----------
    builders : Builders
    how : Plan
    ceiling : float64[K], USD/GPU-hour
        Highest price a GPU-hour can cost (the cloud's).
    wanted : (int64[b], int64[b], int64[b]), out
        Data budget (micro-USD), inference and training compute (milli-GPU-hours).
    demand : int64[K], out
        Milli-GPU-hours wanted.
    """
    budget, inference, training = wanted
    demand[:] = 0
    for b in range(budget.size):
        k = builders.network[b]
        cash = max(float64(builders.usd[b]) * how.cash_share * _PRUDENCE - _ROUNDED_UP, 0.0)
        data = min(how.data_share * builders.revenue[b] * _MICRO, how.largest_data_share * cash)
        cash -= data
        milli_hour = ceiling[k] * 1000.0
        serving = builders.units[b] * how.hours_per_unit * how.headroom * 1000.0
        learning = how.training_share * builders.revenue[b] * _MICRO / milli_hour
        fit = min(1.0, cash / max((serving + learning) * milli_hour, 1e-9))
        budget[b] = int64(data)
        inference[b] = int64(serving * fit)
        training[b] = int64(learning * fit)
        demand[k] += inference[b] + training[b]


@kernel
def purchase_compute(
    builders: Builders, hours: tuple[Ints, Ints], market: tuple[Floats, Floats, float], tally: IntMatrix
) -> None:
    """Pay for compute: the share that the network served at its price, the rest at the cloud's; payers round up.

    Parameters
    ----------
    builders : Builders, in/out
    hours : (int64[b], int64[b])
        Inference and training compute, milli-GPU-hours.
    market : (float64[K], float64[K], float64)
        Share served by the network, its price, the cloud price (USD/GPU-hour).
    tally : int64[K, 2], out
        Micro-USD paid to the network's nodes and to the cloud.
    """
    inference, training = hours
    served, price, cloud = market
    tally[:, :] = 0
    for b in range(inference.size):
        k = builders.network[b]
        wanted = float64(inference[b] + training[b])
        local = wanted * served[k]
        to_nodes = int64(math.ceil(local * price[k] * 1000.0 * _PAYERS_MARGIN))
        to_cloud = int64(math.ceil((wanted - local) * cloud * 1000.0))
        builders.usd[b] -= to_nodes + to_cloud
        tally[k, 0] += to_nodes
        tally[k, 1] += to_cloud


@kernel
def train(builders: Builders, licensed: Ints, training: Ints, know: Knowledge, genuine: Floats) -> None:
    """Add this step's training to each builder's stock of compute and data, and restate its quality.

    Parameters
    ----------
    builders : Builders, in/out
    licensed : int64[b]
        Data units licensed (times 1,000).
    training : int64[b], milli-GPU-hours
    know : Knowledge
    genuine : float64[K]
        Share of the network's compute that was really done.
    """
    frontier = loss(know.law, know.frontier_compute, know.frontier_data)
    for b in range(training.size):
        k = builders.network[b]
        gained = float64(training[b]) * 1e-3 * know.flop_per_hour * genuine[k]
        builders.compute[b] = builders.compute[b] * (1.0 - know.obsolescence) + gained
        tokens = float64(licensed[b]) * 1e-3 * know.tokens_per_unit
        builders.data[b] = builders.data[b] * (1.0 - know.obsolescence) + tokens
        reached = loss(know.law, know.open_compute + builders.compute[b], know.open_data + builders.data[b])
        builders.quality[b] = exp(know.sensitivity * (frontier - reached))
