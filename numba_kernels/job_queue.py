"""Jobs that wait for compute: rationing of hours among classes of work, and a queue that is joined and left.

A fluid queue with abandonment (W. Whitt, "Fluid Models for Multiserver Queues with Abandonments", *Operations Research*
54(1) (2006), 37): work is divisible, and of what waits the same part gives up in each step, however old it is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import float64, int64

from catallaxy.numba_kernels.compile import Floats, IntMatrix, Ints, Matrix, helper, kernel

__all__ = [
    "GIVEN_UP",
    "JOINED",
    "LEFT",
    "ORDERS",
    "SERVED",
    "TURNED_AWAY",
    "Terms",
    "pay",
    "ration",
    "serve",
    "set_due",
]

#: Orders of service, in the words of a scenario.
ORDERS = ("inference first", "oldest first", "in proportion")
_INFERENCE_FIRST, _OLDEST_FIRST = 0, 1
#: Columns of the tally of `serve`.
JOINED, SERVED, LEFT, GIVEN_UP, TURNED_AWAY = 0, 1, 2, 3, 4
_INFERENCE, _WAITING, _TRAINING = 0, 1, 2
#: Budgets are computed this much too low, so that rounding overdraws nobody.
_PRUDENCE, _ROUNDED_UP = 1.0 - 2.0**-40, 4.0
#: Payments are computed this much too high, so that rounding leaves the nodes with no more than the builders paid.
_PAYERS_MARGIN = 1.0 + 2.0**-50


class Terms(NamedTuple):
    """How a queue is joined and left.

    `leaving` is the share of waiting jobs that lose patience in the step, `cloud` the share of the work taken to the
    cloud that it can serve, `longest` int64[K] the work (milli-GPU-hours) that may wait.
    """

    leaving: float
    cloud: float
    longest: Ints


@kernel
def set_due(
    network: Ints, usd: Ints, planned: tuple[Ints, Ints, Ints], ceiling: Floats, waiting: Ints, due: Ints
) -> None:
    """Find what of the waiting jobs each builder could pay for at the highest price, beyond what it plans.

    Parameters
    ----------
    network : int64[b]
    usd : int64[b], micro-USD
    planned : (int64[b], int64[b], int64[b])
        Data budget (micro-USD), inference and training (milli-GPU-hours).
    ceiling : float64[K], USD/GPU-hour
    waiting : int64[b], milli-GPU-hours
    due : int64[b], out, milli-GPU-hours
    """
    budget, inference, training = planned
    for b in range(due.size):
        milli_hour = ceiling[network[b]] * 1000.0
        cash = (float64(usd[b]) - float64(budget[b])) * _PRUDENCE - _ROUNDED_UP
        hours = cash / milli_hour - float64(inference[b] + training[b])
        due[b] = min(waiting[b], int64(max(hours, 0.0)))


@kernel
def ration(wanted: IntMatrix, sold: Ints, order: int, shares: Matrix) -> None:
    """Share out the hours that a network sold among inference, waiting jobs and new ones.

    Parameters
    ----------
    wanted : int64[K, 3], milli-GPU-hours
        Inference, jobs that wait, new training.
    sold : int64[K], milli-GPU-hours
        At most the sum of what is wanted.
    order : int64
        Place in `ORDERS`.
    shares : float64[K, 3], out
        Share of each class that is served.
    """
    for k in range(sold.size):
        left = float64(sold[k])
        first = _INFERENCE if order == _INFERENCE_FIRST else _WAITING
        if order <= _OLDEST_FIRST:
            shares[k, first] = _served(left, wanted[k, first])
            left -= float64(wanted[k, first]) * shares[k, first]
        rest = 0
        for c in range(3):
            rest += wanted[k, c] if order > _OLDEST_FIRST or c != first else 0
        if order == _INFERENCE_FIRST:
            shares[k, _WAITING] = _served(left, wanted[k, _WAITING])
            left -= float64(wanted[k, _WAITING]) * shares[k, _WAITING]
            shares[k, _TRAINING] = _served(left, wanted[k, _TRAINING])
            continue
        share = _served(left, rest)
        for c in range(3):
            if order > _OLDEST_FIRST or c != first:
                shares[k, c] = share


@helper
def _served(available: float, wanted: int) -> float:
    """Share of what is wanted that is available, 1 where nothing is wanted."""
    return min(1.0, max(available, 0.0) / float64(wanted)) if wanted > 0 else 1.0


@helper
def _part(work: int, share: float) -> int:
    """Return a share of some work, rounded up, so that all shares together are not less than what was shared out."""
    return min(work, int64(math.ceil(float64(work) * share)))


@kernel
def serve(
    network: Ints,
    work: tuple[Ints, Ints, Ints, Ints],
    shares: Matrix,
    terms: Terms,
    done: tuple[Ints, Ints],
    tally: IntMatrix,
) -> None:
    """Serve builders on the network and in the cloud, and let their jobs join and leave the queue.

    Inference that the network does not serve goes to the cloud. A job that is not served joins the queue while there is
    room, each network's in proportion, and goes to the cloud otherwise; one that waits and loses patience goes there
    too, or is given up by a builder that cannot pay. Where the cloud is short, inference is lost and jobs wait.

    Parameters
    ----------
    network : int64[b]
    work : (int64[b], int64[b], int64[b], int64[b]), in/out, milli-GPU-hours
        Inference and training: wanted, and what was done of it. Work that waits: before, and after. What of it could
        be paid for; 0 after.
    shares : float64[K, 3]
        As written by `ration`.
    terms : Terms
    done : (int64[b], int64[b]), out, milli-GPU-hours
        Work done on the network and in the cloud.
    tally : int64[K, 5], out, milli-GPU-hours
        Work that joined the queue, was served from it, left it for the cloud, was given up, and went to the cloud at
        once.
    """
    inference, training, waiting, due = work
    local, outside = done
    tally[:, :] = 0
    unserved, kept = np.zeros(terms.longest.size, np.int64), np.zeros(terms.longest.size, np.int64)
    for b in range(network.size):
        k = network[b]
        served = _part(due[b], shares[k, _WAITING])
        leaves = int64(float64(waiting[b] - served) * terms.leaving)
        to_cloud = int64(float64(min(leaves, due[b] - served)) * terms.cloud)
        given_up = leaves - min(leaves, due[b] - served)
        now = _part(inference[b], shares[k, _INFERENCE])
        rest = int64(float64(inference[b] - now) * terms.cloud)
        trained = _part(training[b], shares[k, _TRAINING])
        waiting[b] -= served + to_cloud + given_up
        inference[b] = now + rest
        due[b] = training[b] - trained
        training[b] = served + to_cloud + trained
        local[b], outside[b] = now + served + trained, rest + to_cloud
        unserved[k] += due[b]
        kept[k] += waiting[b]
        tally[k, SERVED] += served
        tally[k, LEFT] += to_cloud
        tally[k, GIVEN_UP] += given_up
    for b in range(network.size):
        k = network[b]
        room = float64(max(terms.longest[k] - kept[k], 0)) / float64(max(unserved[k], 1))
        turned_away = int64(float64(due[b] - int64(float64(due[b]) * min(room, 1.0))) * terms.cloud)
        waiting[b] += due[b] - turned_away
        training[b] += turned_away
        outside[b] += turned_away
        tally[k, JOINED] += due[b] - turned_away
        tally[k, TURNED_AWAY] += turned_away
        due[b] = 0


@kernel
def pay(network: Ints, usd: Ints, hours: tuple[Ints, Ints], price: Floats, cloud: float, tally: IntMatrix) -> None:
    """Pay nodes and the cloud; payers round up.

    Parameters
    ----------
    network : int64[b]
    usd : int64[b], micro-USD, in/out
    hours : (int64[b], int64[b]), milli-GPU-hours
        Done on the network and in the cloud.
    price : float64[K], USD/GPU-hour
    cloud : float64, USD/GPU-hour
    tally : int64[K, 2], out, micro-USD
        Paid to the network's nodes and to the cloud.
    """
    local, outside = hours
    tally[:, :] = 0
    for b in range(usd.size):
        k = network[b]
        to_nodes = int64(math.ceil(float64(local[b]) * price[k] * 1000.0 * _PAYERS_MARGIN))
        to_cloud = int64(math.ceil(float64(outside[b]) * cloud * 1000.0))
        usd[b] -= to_nodes + to_cloud
        tally[k, 0] += to_nodes
        tally[k, 1] += to_cloud
