"""Arbitrageurs: the best deal against a grid, the band that they leave, and books that close."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.arbitrageurs import Arbitrageurs
from catallaxy.agents.deals import Terms, best_deal, deal
from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.markets.venues import VENUES, Pool, Trade, Venue
from catallaxy.sim.scenario.loading import load

MICRO = 10**6
ROUTE = (0, 1)


class Market:
    """What `economy.trading` offers, on two venues and without books."""

    def __init__(self, *venues: tuple[Venue, Pool]) -> None:
        self.venues = venues

    def price(self, _k: int, venue: int) -> float:
        return self.venues[venue][1].price

    def quote(self, _k: int, venue: int, *, usd: int = 0, tokens: int = 0) -> Trade:
        rule, pool = self.venues[venue]
        return rule.quote(pool, usd, tokens)


def market(fees: tuple[float, float], usd: tuple[int, int], tokens: tuple[int, int]) -> Market:
    rules = [VENUES.build({"kind": "constant-product", "fee": fee}) for fee in fees]
    return Market(*((rule, rule.open(y, x)) for rule, y, x in zip(rules, usd, tokens, strict=True)))


DOLLARS = st.integers(10**9, 10**14)
TOKENS = st.integers(10**10, 10**15)
FEES = st.floats(0.0, 0.02)


@given(
    st.tuples(FEES, FEES), st.tuples(DOLLARS, DOLLARS), st.tuples(TOKENS, TOKENS), st.floats(0, 0.05), DOLLARS,
    st.integers(0, 10 * MICRO),
)  # fmt: skip
def test_no_size_on_a_grid_beats_the_best_deal(
    fees: tuple[float, float], usd: tuple[int, int], tokens: tuple[int, int], margin: float, cash: int, costs: int
) -> None:
    trading, terms = market(fees, usd, tokens), Terms(costs, margin)
    best = best_deal(trading, 0, ROUTE, terms, cash)
    assert 0 <= best.size <= cash
    sizes = np.unique((cash * np.geomspace(1e-7, 1.0, 60)).astype(np.int64))
    on_grid = max(deal(trading, 0, ROUTE, terms, int(size)).profit for size in sizes)
    assert best.profit >= on_grid * (1.0 - 1e-4) - 2.0
    assert (best.size == 0) == (best.profit <= 0.0)


def run(**sets: Any) -> Any:
    venues = [
        {"kind": "constant-product", "share": 0.9, "liquidity": 0.5, "fee": 0.002},
        {"kind": "constant-product", "share": 0.1, "liquidity": 0.5, "fee": 0.004, "chain": "other"},
    ]
    return simulate(load("minimal", sets={"steps": 60, "networks.alpha.venues": venues, **sets}))


@pytest.mark.jit
def test_the_spread_stays_inside_the_no_arbitrage_band() -> None:
    traders = {"kind": "arbitrageurs", "count": 5, "cash": 1e6, "margin": 0.001}
    free = {"drivers.transaction_cost": 0.0, "drivers.bridge_cost": 0.0}
    alone, tied = run(**free), run(**free, **{"populations.arbitrageurs": traders})
    assert tied.status == "complete", tied.error
    band = -np.log((1 - 0.002) * (1 - 0.004)) + np.log(1.001)
    assert alone.series["venue_spread"].max() > 1.2 * band
    assert tied.series["venue_spread"].max() <= band * 1.01
    assert tied.series["venue_spread"].max() > 0.9 * band


@pytest.mark.jit
def test_a_dear_bridge_widens_the_spread() -> None:
    traders = {"populations.arbitrageurs": {"kind": "arbitrageurs", "count": 5, "cash": 1e6, "margin": 0.001}}
    near = run(**traders, **{"drivers.bridge_cost": 0.0}).series["venue_spread"].mean()
    far = run(**traders, **{"drivers.bridge_cost": 300.0}).series["venue_spread"].mean()
    assert far > 1.5 * near


@pytest.mark.jit
def test_the_keenest_takes_all_unless_its_cash_is_too_little() -> None:
    traders = {"kind": "arbitrageurs", "count": 3, "margin": {"dist": "uniform", "low": 0.0, "high": 0.001}}
    earned = {}
    for cash in (2.0, 1e6):
        scenario = load(
            "minimal", sets={"steps": 30, "populations.arbitrageurs": {**traders, "cash": cash}, **VENUES_APART}
        )
        engine = Engine(scenario)
        while not engine.finished:
            engine.step()
        population = engine.economy.populations["arbitrageurs"]
        assert isinstance(population, Arbitrageurs)
        earned[cash] = population.income[np.argsort(population.margin)] / population.income.sum()
    assert earned[1e6][0] > 0.99
    assert earned[2.0].min() > 0.3


VENUES_APART = {
    "networks.alpha.venues": [
        {"kind": "constant-product", "share": 0.999999, "liquidity": 0.5},
        {"kind": "constant-product", "share": 0.000001, "liquidity": 0.5},
    ],
    "drivers.transaction_cost": 0.0,
}
