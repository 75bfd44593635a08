"""Slow, readable twins of the emission rules in plain floats: what each equation says, round by round."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

YEAR = 365.25


def stepped_halving(flow: float, every_days: float, day: float) -> float:
    """Tokens paid until a day by a daily flow that halves after every interval."""
    paid, begin = 0.0, 0.0
    while begin < day:
        paid += flow * (min(begin + every_days, day) - begin)
        begin, flow = begin + every_days, flow / 2
    return paid


def stepped_pool(pool: float, every_days: float, day: float) -> float:
    """Tokens paid until a day by a pool that pays half of what is left, evenly, in every interval."""
    left, begin = pool, 0.0
    while begin + every_days <= day:
        left, begin = left / 2, begin + every_days
    return pool - left + left / 2 * (day - begin) / every_days


def decaying_pool(pool: float, half_life: float, day: float) -> float:
    """Tokens paid until a day by a pool that decays."""
    return -pool * math.expm1(-math.log(2) * day / half_life)


def growing_supply(supply: float, share_per_year: float, day: float) -> float:
    """Tokens added until a day by compound growth."""
    return supply * math.expm1(math.log1p(share_per_year) * day / YEAR)


def network_clock(capacity: Callable[[int], float], baseline: float, doubling: float, days: int) -> Iterator[float]:
    """Effective network time at the end of each day, for epochs of a day, as the chain's loop counts it."""
    realized, epoch, required = 0.0, 0, baseline
    for day in range(days):
        realized += min(baseline * 2 ** (day / doubling), capacity(day))
        while required <= realized:
            epoch += 1
            required += baseline * 2 ** (epoch / doubling)
        yield epoch + 1 - (required - realized) / (baseline * 2 ** (epoch / doubling))


Controller = Callable[[float, float, int], float]
"""Tokens minted in a round, from the supply, the staked share and the number of the round."""


def step(start: float, change: float, target: float) -> Controller:
    """Livepeer: inflation by fixed steps."""
    inflation = start

    def mint(supply: float, staked: float, _number: int) -> float:
        nonlocal inflation
        if staked < target:
            inflation += change
        elif staked > target:
            inflation = max(0.0, inflation - change)
        return supply * inflation

    return mint


def drift(start: float, half_life: float, target: float, change: float, band: float, days: float) -> Controller:
    """Akash: inflation drifts within a band around a decaying curve."""
    inflation = start

    def mint(supply: float, staked: float, number: int) -> float:
        nonlocal inflation
        ideal = start * 2 ** (-number * days / half_life)
        inflation += (1 - staked / target) * change * days / YEAR
        inflation = min(max(inflation, ideal * (1 - band)), ideal * (1 + band))
        return supply * inflation * days / YEAR

    return mint


def pid(resting: float, gains: tuple[float, float, float], target: float, highest: float, days: float) -> Controller:
    """Inflation from the gap to a staked share, its sum over time and its change."""
    total, last, years = 0.0, None, days / YEAR

    def mint(supply: float, staked: float, _number: int) -> float:
        nonlocal total, last
        gap = target - staked
        change = 0.0 if last is None else (gap - last) / years
        asked = resting + gains[0] * gap + gains[1] * (total + gap * years) + gains[2] * change
        inflation = min(max(asked, 0.0), highest)
        pushing = (asked > highest and gap > 0) or (asked < 0.0 and gap <= 0)
        total, last = total if pushing else total + gap * years, gap
        return supply * inflation * years

    return mint
