"""Posted-price market for non-rival data licences.

Each provider posts one price per quality-weighted data unit, on the grid of `merit_order`. Builders license the
cheapest data first until their budget is spent, so a builder is described by the highest tick it buys. A licence can
be sold to every builder of the network. Prices move up when everybody bought and down when nobody did.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import int64

from catallaxy.numba_kernels.compile import Flags, Floats, IntMatrix, Ints, kernel
from catallaxy.numba_kernels.merit_order import TICKS, price_at

__all__ = ["Catalogue", "Terms", "licence", "offer", "pay", "reward_weights"]

#: Data units are carried as integers, this many per unit.
UNIT = 1000.0
_MICRO = 1e6


class Catalogue(NamedTuple):
    """What providers own: network, quality-weighted units, and the cost of taking part (USD per step)."""

    network: Ints
    units: Floats
    cost: Floats


class Terms(NamedTuple):
    """What a unit of data is expected to earn on each network (USD per step), and what being paid costs (USD)."""

    income_per_unit: Floats
    transaction_cost: float
    hysteresis: float


@kernel
def offer(
    catalogue: Catalogue, terms: Terms, active: Flags, tick: Ints, fee: Ints, offers: IntMatrix, stock: IntMatrix
) -> None:
    """Decide who offers data and at what fee, and sum the offers by price tick.

    Parameters
    ----------
    catalogue : Catalogue
        `network` int64[n]; `units` float64[n]; `cost` float64[n], privacy and upkeep, USD per step.
    terms : Terms
    active : int8[n], in/out
    tick : int64[n]
        Posted price tick.
    fee : int64[n], out
        Micro-USD per licence and step.
    offers : int64[K, TICKS], out
        Fees of the licences on offer at each tick.
    stock : int64[K, TICKS], out
        Data units (times 1,000) on offer at each tick.
    """
    offers[:, :] = 0
    stock[:, :] = 0
    for i in range(tick.size):
        k = catalogue.network[i]
        units = catalogue.units[i]
        cost = catalogue.cost[i] + terms.transaction_cost
        band = 1.0 - terms.hysteresis if active[i] == 1 else 1.0 + terms.hysteresis
        active[i] = 1 if terms.income_per_unit[k] * units >= cost * band else 0
        fee[i] = 0
        if active[i] == 1:
            unit_price = price_at(tick[i])
            fee[i] = int64(units * unit_price * _MICRO)
            offers[k, tick[i]] += fee[i]
            stock[k, tick[i]] += int64(units * UNIT)


@kernel
def licence(
    offers: IntMatrix, stock: IntMatrix, network: Ints, purchase: tuple[Ints, Ints, Ints], buyers: IntMatrix
) -> None:
    """Let each builder license the cheapest data that its budget covers.

    Parameters
    ----------
    offers, stock : int64[K, TICKS]
        As written by `offer`; replaced by their cumulative sums.
    network : int64[b]
        Network of each builder.
    purchase : (int64[b], int64[b], int64[b])
        Budget (micro-USD, in), amount paid (micro-USD, out), data units licensed (times 1,000, out).
    buyers : int64[K, TICKS], out
        Builders that buy at each tick.
    """
    budget, paid, units = purchase
    for k in range(offers.shape[0]):
        for t in range(1, TICKS):
            offers[k, t] += offers[k, t - 1]
            stock[k, t] += stock[k, t - 1]
    buyers[:, :] = 0
    for b in range(network.size):
        k = network[b]
        low, high = 0, TICKS
        while low < high:
            middle = (low + high) // 2
            if offers[k, middle] <= budget[b]:
                low = middle + 1
            else:
                high = middle
        paid[b] = offers[k, low - 1] if low > 0 else 0
        units[b] = stock[k, low - 1] if low > 0 else 0
        if low > 0:
            buyers[k, low - 1] += 1
    for k in range(offers.shape[0]):
        for t in range(TICKS - 2, -1, -1):
            buyers[k, t] += buyers[k, t + 1]


@kernel
def pay(
    network: Ints,
    posted: tuple[Flags, Ints, Ints],
    buyers: IntMatrix,
    n_builders: Ints,
    money: tuple[Ints, Ints, Ints],
    transaction_cost: int,
    pace: int,
    tally: IntMatrix,
) -> None:
    """Pay providers for each licence, charge the cost of receiving the payment, and move posted prices.

    Parameters
    ----------
    network : int64[n]
    posted : (int8[n], int64[n], int64[n])
        Active flag, price tick (in/out), fee per licence (micro-USD).
    buyers : int64[K, TICKS]
    n_builders : int64[K]
    money : (int64[n], int64[n], int64[n])
        Cash and cumulative income (micro-USD, in/out), licences sold (out).
    transaction_cost : int64, micro-USD
        Paid by the provider out of the step's payment, never more than the payment.
    pace : int64
        Ticks by which a price moves.
    tally : int64[K, 4], out
        Active providers, licences sold, fees received, transaction costs paid.
    """
    active, tick, fee = posted
    usd, income, licences = money
    tally[:, :] = 0
    for i in range(tick.size):
        licences[i] = 0
        if active[i] == 0:
            continue
        k = network[i]
        sold = buyers[k, tick[i]]
        licences[i] = sold
        received = fee[i] * sold
        charge = min(transaction_cost, received)
        usd[i] += received - charge
        income[i] += received
        tally[k, 0] += 1
        tally[k, 1] += sold
        tally[k, 2] += received
        tally[k, 3] += charge
        up = 1 if sold > 0 and sold == n_builders[k] else 0
        down = 1 if sold == 0 else 0
        tick[i] = min(max(tick[i] + pace * (up - down), 0), TICKS - 1)


@kernel
def reward_weights(units: Floats, active: Flags, weight: Ints) -> None:
    """Weight of each provider in data rewards: its units (times 1,000) when on offer.

    Parameters
    ----------
    units : float64[n]
    active : int8[n]
    weight : int64[n], out
    """
    for i in range(units.size):
        weight[i] = int64(units[i] * UNIT) if active[i] == 1 else 0
