"""Compute nodes: going on- and offline, quoting, delivering.

A node is online when what a GPU-hour there is expected to earn, the token reward for being available plus the margin
on the hours it sells, beats what the hardware earns elsewhere, with hysteresis. Once online, an hour not sold is lost,
so it quotes its running cost: emission pays for availability and thereby makes compute cheap.
Quantities are milli-GPU-hours; one milli-GPU-hour at 1 USD/GPU-hour is 1,000 micro-USD.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import Flags, Floats, IntMatrix, Ints, Matrix, helper, kernel
from catallaxy.numba_kernels.merit_order import tick_of

__all__ = ["Fleet", "Outlook", "deliver", "quote", "reward_weights", "running_cost"]

_USD_PER_MILLI_HOUR = 1000.0


class Fleet(NamedTuple):
    """Fixed characteristics of the nodes."""

    network: Ints
    region: Ints
    capacity: Ints
    power: Floats
    electricity: Floats
    upkeep: Floats
    outside: Floats


class Outlook(NamedTuple):
    """What nodes expect per GPU-hour: price and share of hours sold by region, reward by network, and prices outside.

    Of the gain of price over cost, `asked` is the share that nodes add to their quotes and `kept` what a sale brings.
    """

    price: Matrix
    busy: Matrix
    reward: Floats
    electricity_price: float
    cloud_price: float
    hysteresis: float
    lowest_quote: float
    asked: float
    kept: float


@helper
def running_cost(power: float, electricity: float, upkeep: float, price: float) -> float:
    """Return the running cost of one GPU-hour, USD."""
    return power * electricity * price + upkeep


@kernel
def quote(
    fleet: Fleet, outlook: Outlook, online: Flags, usd: Ints, tick: Ints, supply: IntMatrix, tally: IntMatrix
) -> None:
    """Decide who is online and at what price, and sum the offers.

    Parameters
    ----------
    fleet : Fleet
        `network`, `region` int64[n]; `capacity` int64[n], milli-GPU-hours per step; `power` float64[n], kW per GPU;
        `electricity` float64[n], the node's tariff over the driver's price; `upkeep` float64[n], USD/GPU-hour;
        `outside` float64[n], share of the cloud price that the hardware nets elsewhere.
    outlook : Outlook
    online : int8[n], in/out
    usd : int64[n], micro-USD
        A node that cannot pay a step's running cost stays offline.
    tick : int64[n], in/out
        Quoted price tick; a node that stays offline keeps its last one.
    supply : int64[K, R, TICKS], out
        Milli-GPU-hours offered in each region at each tick.
    tally : int64[K, R, 2], out
        Nodes online and milli-GPU-hours offered.
    """
    supply[:, :, :] = 0
    tally[:, :, :] = 0
    for i in range(tick.size):
        k, r = fleet.network[i], fleet.region[i]
        cost = running_cost(fleet.power[i], fleet.electricity[i], fleet.upkeep[i], outlook.electricity_price)
        elsewhere = fleet.outside[i] * outlook.cloud_price
        gain = max(outlook.price[k, r] - cost, 0.0)
        earning = outlook.reward[k] + outlook.busy[k, r] * (gain * outlook.kept)
        hurdle = elsewhere * (1.0 - outlook.hysteresis) if online[i] == 1 else elsewhere * (1.0 + outlook.hysteresis)
        outlay = cost * float64(fleet.capacity[i]) * _USD_PER_MILLI_HOUR
        runs = earning >= hurdle and float64(usd[i]) > outlay + 1.0
        online[i] = 1 if runs else 0
        if runs:
            t = tick_of(max(cost + gain * outlook.asked, outlook.lowest_quote))
            tick[i] = t
            supply[k, r, t] += fleet.capacity[i]
            tally[k, r, 0] += 1
            tally[k, r, 1] += fleet.capacity[i]


@kernel
def deliver(
    fleet: Fleet,
    running: tuple[Flags, Flags, Ints],
    market: tuple[IntMatrix, IntMatrix, Matrix],
    electricity_price: float,
    cheat_saving: float,
    money: tuple[Ints, Ints],
    sold: Ints,
    tally: IntMatrix,
) -> None:
    """Deliver what cleared, every tick's offers pro rata; get paid, pay the running cost.

    Parameters
    ----------
    fleet : Fleet
    running : (int8[n], int8[n], int64[n])
        Online flag, cheating flag, quoted tick.
    market : (int64[K, R, TICKS], int64[K, R, TICKS], float64[K, R, p])
        Milli-GPU-hours offered and sold at each tick, and what is paid for them, USD/GPU-hour: one price per region, or
        one per tick.
    electricity_price : float64, USD/kWh
    cheat_saving : float64
        Share of the running cost that a cheater does not spend.
    money : (int64[n], int64[n]), micro-USD, in/out
        Cash and cumulative income.
    sold : int64[n], out
        Milli-GPU-hours sold.
    tally : int64[K, R, 3], out
        Milli-GPU-hours sold, revenue, running cost (micro-USD).
    """
    online, cheating, tick = running
    offered, taken, paid = market
    usd, income = money
    tally[:, :, :] = 0
    for i in range(sold.size):
        sold[i] = 0
        k, r, t = fleet.network[i], fleet.region[i], tick[i]
        if online[i] == 0 or taken[k, r, t] == 0:
            continue
        hours = int64(float64(fleet.capacity[i]) * (float64(taken[k, r, t]) / float64(offered[k, r, t])))
        saving = 1.0 - cheat_saving if cheating[i] == 1 else 1.0
        cost = running_cost(fleet.power[i], fleet.electricity[i], fleet.upkeep[i], electricity_price) * saving
        price = paid[k, r, min(t, paid.shape[2] - 1)]
        revenue = int64(float64(hours) * price * _USD_PER_MILLI_HOUR)
        expense = int64(math.ceil(float64(hours) * cost * _USD_PER_MILLI_HOUR))
        usd[i] += revenue - expense
        income[i] += revenue
        sold[i] = hours
        tally[k, r, 0] += hours
        tally[k, r, 1] += revenue
        tally[k, r, 2] += expense


@kernel
def reward_weights(capacity: Ints, online: Flags, reputation: Floats, weight: Ints) -> None:
    """Weight of each node in compute rewards: capacity times reputation while online.

    Parameters
    ----------
    capacity : int64[n], milli-GPU-hours per step
    online : int8[n]
    reputation : float64[n]
    weight : int64[n], out
    """
    for i in range(capacity.size):
        weight[i] = int64(float64(capacity[i]) * reputation[i]) if online[i] == 1 else 0
