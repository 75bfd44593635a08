"""Slow twin of `subnet_stakes`: one staker at a time, every place written out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """One subnet as stakers see it."""

    price: float
    reserve: float
    income: float
    staked: float
    trend: float
    appeal: float


@dataclass(frozen=True)
class Staker:
    """One staker: where it is (None for root), its alpha and tokens, the weight of trends, and what it likes."""

    here: int | None
    alpha: int
    root: int
    trend_weight: float
    liking: Mapping[int | None, float]


@dataclass(frozen=True)
class Terms:
    """What is the same for all places."""

    root_yield: float
    taste: float
    fee: float
    horizon: float


def values_reference(staker: Staker, places: Mapping[int, Place], terms: Terms) -> dict[int | None, float]:
    """Return what each place is worth to a staker, by slot; root is None."""
    in_alpha = staker.alpha * places[staker.here].price if staker.here is not None else 0.0
    worth = in_alpha + staker.root

    def passing(amount: float, place: Place) -> float:
        return amount / worth * (terms.fee + amount / place.reserve)

    exit_cost = passing(in_alpha, places[staker.here]) if staker.here is not None else 0.0
    values: dict[int | None, float] = {
        None: math.log1p(terms.root_yield) + terms.taste * staker.liking[None] - exit_cost / terms.horizon
    }
    for slot, place in places.items():
        stays = slot == staker.here
        moved = staker.root if stays else worth
        cost = passing(moved, place) + (0.0 if stays else exit_cost)
        reward = math.log1p(place.income / max(place.staked + moved / place.price, 1.0))
        trend = staker.trend_weight * min(max(place.trend, -1.0), 1.0)
        liking = terms.taste * (staker.liking[slot] - math.log(len(places)))
        values[slot] = reward + trend + place.appeal + liking - cost / terms.horizon
    return values
