"""Slow twin of the auction across regions: hours bought one by one, and a linear programme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog


class RegionalOffer(NamedTuple):
    """A quantity at a price tick in a region."""

    region: int
    tick: int
    quantity: int


class Sales(NamedTuple):
    """What sells: in all, and between what bounds each offer's quantity lies after rationing at the margin."""

    total: int
    sold: dict[tuple[int, int], tuple[int, int]]


def clear_regions_reference(
    offers: Sequence[RegionalOffer], wanted: Sequence[int], demand: int, top: int, premium: int
) -> Sales:
    """Buy one hour after the other, the cheapest to buyers first; who sells at the last price is open to rationing."""
    hours = [sorted(o.tick for o in offers if o.region == r for _ in range(o.quantity)) for r in range(len(wanted))]
    rank = {
        (region, i): tick + (premium if i >= wanted[region] else 0)
        for region, ticks in enumerate(hours)
        for i, tick in enumerate(ticks)
    }
    queue = sorted((cost, hour) for hour, cost in rank.items() if cost <= top)
    bought = queue[: max(demand, 0)]
    last = bought[-1][0] if bought else -1
    sure, open_to_rationing = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    for cost, (region, i) in queue:
        if cost < last:
            sure[region, hours[region][i]] += 1
        elif cost == last:
            open_to_rationing[region, hours[region][i]] += 1
    share = (len(bought) - sure.total()) / max(open_to_rationing.total(), 1)
    places = {(region, tick) for region, tick, _ in offers}
    fair = {place: sure[place] + share * open_to_rationing[place] for place in places}
    parts = 2
    return Sales(len(bought), {p: (int(np.ceil(x - parts)), int(np.floor(x + parts))) for p, x in fair.items()})


def least_borne_reference(
    offers: Sequence[RegionalOffer], wanted: Sequence[int], premium: int, outside: float
) -> float:
    """Return the least that buyers can bear, in ticks: any offer to any region, the rest from outside."""
    n, m = len(offers), len(wanted)
    cost = [o.tick + (premium if o.region != region else 0) for o in offers for region in range(m)] + [outside] * m
    capacity = np.zeros((n, n * m + m))
    for i in range(n):
        capacity[i, i * m : (i + 1) * m] = 1.0
    need = np.zeros((m, n * m + m))
    for region in range(m):
        need[region, region : n * m : m] = 1.0
        need[region, n * m + region] = 1.0
    limits = [o.quantity for o in offers]
    found = linprog(cost, capacity if n else None, limits if n else None, need, list(wanted))
    assert found.success, found.message
    return float(found.fun)
