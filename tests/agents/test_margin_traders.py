"""Margin traders: what they borrow, single orders, who may leave, and parameters that contradict each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.agents.lanes import Lanes
from catallaxy.agents.margin_traders import MarginTraders, MarginTradersSpec
from catallaxy.agents.population import MICRO, Site
from catallaxy.numba_kernels.leverage import Views

PRICE = np.array([2.0, 0.5])
BASE = np.array([10**9, 10**6], np.int64)


def traders(count: int = 300, idle_tokens: int = 10**15, **parameters: Any) -> MarginTraders:
    site = Site(np.uint64(5), 40, 2, BASE, PRICE, 1.0, Lanes())
    spec = MarginTradersSpec(kind="margin_traders", count=count, **{"lending": {"usd": 1e7}, **parameters})
    population = spec.build("margin_traders", site)
    population.facility.idle[:, 1] = idle_tokens
    return population


def views(pull: float) -> Views:
    return Views(np.full(2, pull), np.full(2, pull), np.zeros(2), PRICE * MICRO / BASE)


@pytest.mark.parametrize(("pull", "column"), [(9.0, 0), (-9.0, 1)], ids=["long", "short"])
def test_more_leverage_borrows_more(pull: float, column: int) -> None:
    lent = [
        traders(max_leverage=limit, leverage=10, adjustment=1).decide(np.uint64(1), views(pull)).sum(axis=0)
        for limit in (1, 2, 5)
    ]
    assert lent[0][column] < lent[1][column] < lent[2][column]
    assert [row[1 - column] for row in lent] == [0, 0, 0]


def test_without_leverage_nobody_borrows_dollars() -> None:
    unlevered = traders(max_leverage=1, leverage=10, adjustment=1)
    assert unlevered.decide(np.uint64(1), views(3.0))[:, 0].tolist() == [0, 0]


def test_who_cannot_borrow_cannot_sell_short() -> None:
    nothing = traders(idle_tokens=0)
    assert nothing.decide(np.uint64(1), views(-1.0))[:, 1].tolist() == [0, 0]
    assert (nothing.order >= 0).all()


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_single_orders_are_handed_over_and_their_fills_booked(share: float) -> None:
    population = traders()
    population.decide(np.uint64(1), views(0.1))
    before, usd, tokens = population.order.copy(), population.usd.copy(), population.tokens.copy()
    part = np.full(population.n, 7, np.int64)
    population.route(1, share, part)
    here = population.network == 1
    assert (part[~here] == 0).all()
    assert (population.order + part == before).all()
    assert part[here] == pytest.approx(share * before[here], abs=1)
    paid = -np.maximum(part, 0) // 2
    population.fill(1, paid, np.minimum(part, 0))
    assert (population.usd == usd + paid).all()
    assert (population.tokens == tokens + np.minimum(part, 0)).all()
    assert (population.tokens >= 0).all()
    assert (population.usd >= 0).all()


def test_lenders_and_insurance_fund_are_sectors_of_their_own() -> None:
    population = traders(lending={"usd": 10.0, "insurance_usd": 3.0}, idle_tokens=8)
    held = population.institutions()
    assert {name: (h.usd, h.tokens.tolist()) for name, h in held.items()} == {
        "lenders": (20 * MICRO, [8, 8]),
        "insurance fund": (6 * MICRO, [0, 0]),
    }
    assert population.usd_total() == population.usd.sum()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"max_leverage": 10}, "maintenance margin of 0.1 is not below the initial margin of 0.1"),
        ({"maintenance_margin": 0.01}, "penalty of 0.015 is not below the maintenance margin of 0.01"),
    ],
)
def test_margins_that_contradict_each_other_are_refused(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MarginTradersSpec(kind="margin_traders", count=1, **parameters)
