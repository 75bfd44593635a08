"""Slow twin of `investment`: one node and one step, and the best shares in a contest among miners."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

__all__ = ["Change", "Rig", "contest_shares_reference", "invest_reference"]


class Rig(NamedTuple):
    """One node: milli-GPU-hours a step now and at first; kW, USD, share of the cloud price; micro-USD; may it buy."""

    installed: float
    original: float
    power: float
    tariff: float
    upkeep: float
    outside: float
    usd: int
    cash_target: int
    open: bool


class Change(NamedTuple):
    """What a step does to a node: hardware bought, sold and broken, power, and dollars."""

    bought: float
    sold: float
    broken: float
    power: float
    paid: float
    brought: float
    received: float


def invest_reference(rig: Rig, market: dict[str, float], terms: Any, total: float) -> Change:
    """Return what one owner does; `terms` has the fields of `Appraisal`, `market` what nodes expect."""

    def q(power: float) -> float:
        share = rig.installed / max(total, rig.installed)
        depressed = 1 - terms.own_effect * share
        cost = power * rig.tariff * market["electricity"] + rig.upkeep
        margin = max(market["price"] * depressed - cost, 0)
        here = market["reward"] * depressed + market["busy"] * margin * market["kept"]
        return terms.worth * max(here, rig.outside * market["cloud"]) / terms.price

    base, per_unit = max(rig.installed, rig.original), terms.price / terms.per_gpu
    broken, fresh = rig.installed * terms.failing, market["first_power"] * terms.new_power
    bought = sold = 0.0
    if rig.open and q(fresh) > terms.entry:
        bought = base * min(terms.pace, q(fresh) / terms.entry - 1)
        if terms.brought < 1:
            bought = min(bought, max(rig.usd - rig.cash_target, 0) / 1e6 / (per_unit * (1 - terms.brought)))
    elif q(rig.power) < terms.exit:
        sold = min(base * min(terms.pace, 1 - q(rig.power) / terms.exit), rig.installed - broken)
    kept = rig.installed - broken - sold
    power = (kept * rig.power + bought * fresh) / (kept + bought) if kept + bought else 0.0
    paid = bought * per_unit
    own = min(paid, max(rig.usd - rig.cash_target, 0) / 1e6)
    return Change(bought, sold, broken, power, paid, paid - own, sold * per_unit * terms.resale)


def contest_shares_reference(costs: Sequence[float]) -> list[float]:
    """Return equilibrium shares of a prize divided in proportion to effort (Arnosti & Weinberg 2022)."""
    ordered = sorted(costs)
    active = [cost for n, cost in enumerate(ordered, 1) if n == 1 or cost < sum(ordered[:n]) / (n - 1)]
    marginal = math.fsum(active) / (len(active) - 1)
    return [max(1 - cost / marginal, 0.0) for cost in costs]
