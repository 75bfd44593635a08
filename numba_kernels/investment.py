"""Owners of hardware who buy, sell and lose it: investment under uncertainty.

A GPU is worth what its next hour is expected to net, capitalised. An owner who cannot take a purchase back waits until
that value exceeds the price by a multiple, and sells only once it has fallen as far below what a used GPU fetches (A.
K. Dixit & R. S. Pindyck, *Investment under Uncertainty*, Princeton 1994, ch. 5 and 7). At the trigger it buys what
would bring the value back to it if everybody did the same and earnings fell in proportion: then no GPU ever earns more
than the barrier, as under free entry (J. V. Leahy, Quarterly Journal of Economics 108, 1993, 1105; J. Prat & B. Walter,
Journal of Political Economy 129, 2021, 2415).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import Flags, Floats, IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.compute_market import Fleet, Outlook, running_cost

__all__ = ["Appraisal", "Rigs", "Till", "invest"]

_MICRO = 1e6


class Appraisal(NamedTuple):
    """How hardware is valued, and how fast it changes hands.

    `worth` is USD per GPU for every USD that its hour nets; `price` USD per GPU; `entry` and `exit` the values over the
    price at which owners buy and sell; `resale` the share of the price that a used GPU fetches; `pace` the largest
    share bought or sold in a step, `failing` the share that breaks; `new_power` the power of a new GPU over that of the
    first; `per_gpu` milli-GPU-hours a step; `own_effect` how far owners count that they depress what they sell into;
    `brought` the largest share of a purchase for which owners bring money.
    """

    worth: float
    price: float
    entry: float
    exit: float
    resale: float
    pace: float
    failing: float
    new_power: float
    per_gpu: float
    own_effect: float
    brought: float


class Rigs(NamedTuple):
    """What each node has and had (milli-GPU-hours a step), power of its first GPU (kW), 1 where it may buy."""

    installed: Floats
    original: Floats
    first_power: Floats
    open: Flags


class Till(NamedTuple):
    """Cash, cash wanted (micro-USD) and the loss of value of hardware so far (USD)."""

    usd: Ints
    cash_target: Ints
    worn: Floats


@helper
def _unit_value(fleet: Fleet, outlook: Outlook, appraisal: Appraisal, i: int, power: float, share: float) -> float:
    """Return the value over the price of a GPU of node i, on the network or elsewhere, wherever it earns more."""
    k, r = fleet.network[i], fleet.region[i]
    left = 1.0 - appraisal.own_effect * share
    cost = running_cost(power, fleet.electricity[i], fleet.upkeep[i], outlook.electricity_price)
    sales = outlook.busy[k, r] * max(outlook.price[k, r] * left - cost, 0.0) * outlook.kept
    hour = max(outlook.reward[k] * left + sales, fleet.outside[i] * outlook.cloud_price)
    return appraisal.worth * hour / appraisal.price


@helper
def _wanted(new: float, old: float, appraisal: Appraisal) -> float:
    """Return the share of its hardware that an owner wants to buy, or to sell when negative."""
    if new > appraisal.entry:
        return min(new / appraisal.entry - 1.0, appraisal.pace)
    if old < appraisal.exit:
        return -min(1.0 - old / appraisal.exit, appraisal.pace)
    return 0.0


@helper
def _affordable(cash: float, price: float, brought: float) -> float:
    """Return how much hardware cash allows at a price, with the share `brought` from elsewhere."""
    return cash / (price * (1.0 - brought)) if brought < 1.0 else math.inf


@kernel
def invest(
    fleet: Fleet, outlook: Outlook, offered: Ints, appraisal: Appraisal, rigs: Rigs, till: Till, tally: IntMatrix
) -> None:
    """Let hardware break, and owners buy or sell it.

    Parameters
    ----------
    fleet : Fleet
        `capacity` int64[n] and `power` float64[n] in/out.
    outlook : Outlook
    offered : int64[K], milli-GPU-hours per step
        Capacity online.
    appraisal : Appraisal
    rigs : Rigs
        `installed` in/out.
    till : Till
        `usd` and `worn` in/out.
    tally : int64[K, 8], out
        Milli-GPU-hours a step bought, sold, broken and owned; micro-USD paid for hardware, brought by owners for it and
        received for used hardware; milli-GPU-hours owned times their value over the price of new ones.
    """
    tally[:, :] = 0
    price = appraisal.price / appraisal.per_gpu
    for i in range(till.usd.size):
        k, had = fleet.network[i], rigs.installed[i]
        broken = had * appraisal.failing
        own = float64(fleet.capacity[i])
        share = own / max(float64(offered[k]), own)
        new_power = rigs.first_power[i] * appraisal.new_power
        new = _unit_value(fleet, outlook, appraisal, i, new_power, share) if rigs.open[i] == 1 else 0.0
        old = _unit_value(fleet, outlook, appraisal, i, fleet.power[i], share)
        change = _wanted(new, old, appraisal) * max(had, rigs.original[i])
        spare = max(float64(till.usd[i] - till.cash_target[i]), 0.0)
        bought = max(min(change, _affordable(spare / _MICRO, price, appraisal.brought)), 0.0)
        sold = min(max(-change, 0.0), had - broken)
        kept = had - broken - sold
        rigs.installed[i] = kept + bought
        fleet.power[i] = (kept * fleet.power[i] + bought * new_power) / max(kept + bought, 1e-9)
        fleet.capacity[i] = max(int64(kept + bought), 1)
        paid, got = int64(math.ceil(bought * price * _MICRO)), int64(sold * price * appraisal.resale * _MICRO)
        from_owner = max(paid - int64(spare), 0)
        till.usd[i] += got - (paid - from_owner)
        till.worn[i] += (broken + sold * (1.0 - appraisal.resale)) * price
        tally[k, 0] += int64(bought)
        tally[k, 1] += int64(sold)
        tally[k, 2] += int64(broken)
        tally[k, 3] += int64(rigs.installed[i])
        tally[k, 4] += paid
        tally[k, 5] += from_owner
        tally[k, 6] += got
        tally[k, 7] += int64(old * rigs.installed[i])
