"""Nash bargaining over non-rival data licences, every provider with every builder of its network.

A licence to m units is worth v m to a builder that would spend its budget on all data on offer, v = budget / units, and
costs its provider c, an equal part of its costs for each builder. When v m covers c they trade, and the provider gets
c + weight (v m - c), with weight its bargaining power (the asymmetric solution of Nash 1950, Econometrica 18): at 0
builders make take-it-or-leave-it offers, at 1 providers do.

Payments are linear in v, m and c, so that no pair is visited: providers are summed by the price tick of c / m and
builders by the tick of v. Time is O(providers + builders + ticks); the sums are whole numbers.
"""

from __future__ import annotations

import math

from numba import float64, int64

from catallaxy.numba_kernels.compile import Flags, IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.data_market import UNIT, Catalogue
from catallaxy.numba_kernels.merit_order import TICKS, price_at, tick_below, tick_of

__all__ = ["bargain", "receive", "reserve"]

_MICRO = 1e6
#: What a data unit is worth to a builder is counted in whole nano-dollars.
_NANO = 1e9
#: Micro-dollars per unit of (nano-dollars per data unit) x (thousandths of a data unit).
_MICRO_PER_NANO_MILLI = 1e-6
#: Values are computed this much too low and payments this much too high, so that rounding overdraws nobody and leaves
#: providers with no more than builders paid.
_PRUDENCE, _PAYERS_MARGIN = 1.0 - 2.0**-40, 1.0 + 2.0**-44
#: More micro-dollars than anybody could pay.
_LARGEST = 2.0**62
#: Fee of a provider with whom nobody bargains.
_NONE = -1


@helper
def _tick_reserved(fee: int, stock: int) -> int:
    """Return the lowest tick whose price per unit covers a fee (micro-USD); TICKS when none does."""
    price = float64(fee) / float64(stock) * (UNIT / _MICRO)
    tick = tick_of(price)
    return tick if price_at(tick) >= price else tick + 1


@kernel
def reserve(
    catalogue: Catalogue,
    active: Flags,
    n_builders: Ints,
    transaction_cost: float,
    fee: Ints,
    offers: IntMatrix,
    stock: IntMatrix,
) -> None:
    """Set the lowest fee that each active provider accepts, and sum fees and data by the price tick it implies.

    Parameters
    ----------
    catalogue : Catalogue
        `network` int64[n]; `units` float64[n]; `cost` float64[n], privacy and upkeep, USD per step.
    active : int8[n]
    n_builders : int64[K]
        Builders over which a provider spreads its costs.
    transaction_cost : float64, USD
    fee : int64[n], out
        Micro-USD per licence and step; -1 when there is no data or it costs more than the price grid covers.
    offers, stock : int64[K, TICKS], out
        Fees, and data units (times 1,000), at each tick.
    """
    offers[:, :] = 0
    stock[:, :] = 0
    for i in range(fee.size):
        k = catalogue.network[i]
        fee[i] = _NONE
        units = int64(catalogue.units[i] * UNIT)
        if active[i] == 0 or units == 0 or n_builders[k] == 0:
            continue
        cost = (catalogue.cost[i] + transaction_cost) * _MICRO / float64(n_builders[k])
        lowest = int64(min(cost, _LARGEST)) + 1
        tick = _tick_reserved(lowest, units)
        if tick < TICKS:
            fee[i] = lowest
            offers[k, tick] += lowest
            stock[k, tick] += units


@kernel
def bargain(
    network: Ints,
    shelf: tuple[IntMatrix, IntMatrix],
    purchase: tuple[Ints, Ints, Ints],
    weight: float,
    demand: tuple[IntMatrix, IntMatrix],
) -> None:
    """Let each builder license all data that is worth more to it than it costs the provider.

    Parameters
    ----------
    network : int64[b]
        Network of each builder.
    shelf : (int64[K, TICKS], int64[K, TICKS]), in/out
        Fees and data as written by `reserve`; replaced by their cumulative sums.
    purchase : (int64[b], int64[b], int64[b])
        Budget (micro-USD, in), amount paid (micro-USD, out), data units licensed (times 1,000, out).
    weight : float64
        Bargaining power of providers, 0 to 1.
    demand : (int64[K, TICKS], int64[K, TICKS]), out
        Builders that license the data at each tick, and the sum of what a unit is worth to them (nano-USD).
    """
    fees, stock = shelf
    budget, paid, units = purchase
    buyers, worth = demand
    for k in range(fees.shape[0]):
        for t in range(1, TICKS):
            fees[k, t] += fees[k, t - 1]
            stock[k, t] += stock[k, t - 1]
    buyers[:, :] = 0
    worth[:, :] = 0
    highest = price_at(TICKS - 1) * _NANO
    for b in range(network.size):
        k = network[b]
        paid[b], units[b] = 0, 0
        everything = float64(max(stock[k, TICKS - 1], 1))
        value = int64(min(float64(budget[b]) / everything * (UNIT / _MICRO * _NANO) * _PRUDENCE, highest))
        t = tick_below(float64(value) / _NANO)
        if t < 0 or stock[k, t] == 0:
            continue
        gain = weight * float64(value) * float64(stock[k, t]) * _MICRO_PER_NANO_MILLI
        paid[b] = int64(math.ceil((gain + (1.0 - weight) * float64(fees[k, t])) * _PAYERS_MARGIN))
        units[b] = stock[k, t]
        buyers[k, t] += 1
        worth[k, t] += value
    for k in range(fees.shape[0]):
        for t in range(TICKS - 2, -1, -1):
            buyers[k, t] += buyers[k, t + 1]
            worth[k, t] += worth[k, t + 1]


@kernel
def receive(
    catalogue: Catalogue,
    licence: tuple[Flags, Ints],
    demand: tuple[IntMatrix, IntMatrix],
    weight: float,
    money: tuple[Ints, Ints, Ints],
    transaction_cost: int,
    tally: IntMatrix,
) -> None:
    """Pay providers for each licence and charge the cost of receiving the payment.

    Parameters
    ----------
    catalogue : Catalogue
    licence : (int8[n], int64[n])
        Active flag and fee, as written by `reserve`.
    demand : (int64[K, TICKS], int64[K, TICKS])
        As written by `bargain`.
    weight : float64
    money : (int64[n], int64[n], int64[n])
        Cash and cumulative income (micro-USD, in/out), licences sold (out).
    transaction_cost : int64, micro-USD
        Paid by the provider out of the step's payment, never more than the payment.
    tally : int64[K, 4], out
        Active providers, licences sold, fees received, transaction costs paid.
    """
    active, fee = licence
    buyers, worth = demand
    usd, income, licences = money
    tally[:, :] = 0
    for i in range(fee.size):
        licences[i] = 0
        if active[i] == 0:
            continue
        k = catalogue.network[i]
        tally[k, 0] += 1
        if fee[i] == _NONE:
            continue
        units = int64(catalogue.units[i] * UNIT)
        tick = _tick_reserved(fee[i], units)
        gain = weight * float64(units) * float64(worth[k, tick]) * _MICRO_PER_NANO_MILLI
        received = int64(gain + (1.0 - weight) * float64(fee[i]) * float64(buyers[k, tick]))
        charge = min(transaction_cost, received)
        usd[i] += received - charge
        income[i] += received
        licences[i] = buyers[k, tick]
        tally[k, 1] += licences[i]
        tally[k, 2] += received
        tally[k, 3] += charge
