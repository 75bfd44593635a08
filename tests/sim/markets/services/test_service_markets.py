"""Service markets: published price rules, prices of mechanisms compared, regions, and what they do to an economy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import Floats, Ints
from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.markets.services import MeritOrder, PayAsBid, RegionsSpec, UtilisationPrice
from catallaxy.sim.scenario.loading import load
from contracts.compute_market_contract import DEMAND, OFFERS, cleared, paid_by_tick, supply_of

CHEAP = nk.merit_order.tick_at(0.5)


def on_offer(*quantities: int, tick: int = CHEAP) -> Ints:
    """Return the offers of one network, at one tick, by region."""
    supply = np.zeros((1, len(quantities), nk.merit_order.TICKS), np.int64)
    supply[0, :, tick] = quantities
    return supply


def posted(used: int, limit: int, **rule: float) -> float:
    """Return the price that follows one dollar when `used` of `limit` units are wanted."""
    market = UtilisationPrice(kind="posted-price", **rule)
    return float(cleared(market, on_offer(limit), [used], 100.0, 1.0).reference[0, 0])


@pytest.mark.parametrize(
    ("used", "eighth", "sixteenth"),
    [
        (10_000_000, 1_000_000_000, None),
        (9_000_000, 987_500_000, 993_750_000),
        (11_000_000, 1_012_500_000, 1_006_250_000),
        (20_000_000, 1_125_000_000, 1_062_500_000),
        (0, 875_000_000, 937_500_000),
    ],
)
def test_the_base_fee_of_ethereum(used: int, eighth: int, sixteenth: int | None) -> None:
    """Cases of go-ethereum, consensus/misc/eip1559/eip1559_test.go: one gwei, and a limit of 20 million."""
    rule = {"target": 0.5, "tolerance": 0.0}
    assert posted(used, 20_000_000, response=0.25, largest_change=0.125, **rule) == pytest.approx(eighth / 1e9)
    if sixteenth is not None:
        assert posted(used, 20_000_000, response=0.125, largest_change=0.0625, **rule) == pytest.approx(sixteenth / 1e9)


@pytest.mark.parametrize(("used", "price"), [(0, 0.98), (20, 0.99), (40, 1.0), (60, 1.0), (80, 1.01), (100, 1.02)])
def test_the_price_rule_of_gonka(used: int, price: float) -> None:
    """Stable between 40 and 60 %, else 5 % of the deviation, at most 2 % (gonka-ai/gonka)."""
    rule = {"target": 0.5, "tolerance": 0.1, "response": 0.05, "largest_change": 0.02}
    assert posted(1000 * used, 100_000, **rule) == pytest.approx(price)


def test_a_posted_price_that_nobody_pays_falls_and_one_that_covers_nobody_rises() -> None:
    market = UtilisationPrice(kind="posted-price", lowest_price=0.2)
    too_dear = cleared(market, on_offer(1000), [1000], 1.0, 0.95)
    assert too_dear.sold.sum() == 0
    assert too_dear.reference[0, 0] < 0.95
    too_low = cleared(market, on_offer(1000), [1000], 1.0, 0.3)
    assert too_low.sold.sum() == 0
    assert too_low.reference[0, 0] > 0.3
    assert cleared(market, on_offer(1000), [0], 1.0, 0.2).reference[0, 0] == 0.2


def spent(sold: Ints, paid: Floats) -> Floats:
    money: Floats = (sold * paid).sum(axis=(1, 2))
    return money


@given(OFFERS, DEMAND, st.floats(0.5, 15.0))
def test_paying_as_bid_costs_no_more_than_one_price_for_the_same_offers(
    offers: Any, demand: list[int], ceiling: float
) -> None:
    supply = supply_of(offers)
    uniform = cleared(MeritOrder(kind="merit-order", rent_pace=1.0), supply, demand, ceiling, 1.0)
    own = cleared(PayAsBid(kind="pay-as-bid"), supply, demand, ceiling, 1.0)
    np.testing.assert_array_equal(own.sold, uniform.sold)
    assert np.all(spent(own.sold, paid_by_tick(own)) <= spent(uniform.sold, paid_by_tick(uniform)) * (1.0 + 1e-12))
    trading = uniform.sold.any(axis=(1, 2))
    assert own.reference[trading] == pytest.approx(uniform.reference[trading])


def test_hours_go_where_they_are_wanted_and_cost_the_premium_more_there() -> None:
    regions = RegionsSpec(demand=(1.0, 4.0), premium=0.5)
    market = MeritOrder(kind="merit-order", rent_pace=1.0, regions=regions)
    clearing = cleared(market, on_offer(80, 20), [100], 100.0, 1.0)
    assert clearing.sold[0, :, CHEAP].tolist() == [80, 20]
    here, there = clearing.reference[0]
    assert there / here == pytest.approx(1.5, rel=0.005)
    assert here == pytest.approx(0.5, rel=0.005)


def test_a_premium_lets_dearer_hours_nearby_sell_first() -> None:
    dear = nk.merit_order.tick_at(0.6)
    supply = on_offer(100, 0) + on_offer(0, 50, tick=dear)
    for premium, nearby in ((0.1, 0), (0.3, 50)):
        market = PayAsBid(kind="pay-as-bid", regions=RegionsSpec(demand=(0.0, 1.0), premium=premium))
        clearing = cleared(market, supply, [60], 100.0, 1.0)
        assert clearing.sold[0, 1, dear] == nearby
        assert clearing.sold.sum() == 60


def test_gaps_between_jobs_leave_hours_unsold_however_scarce_they_are() -> None:
    dear = nk.merit_order.tick_at(0.6)
    supply = on_offer(100, 0) + on_offer(0, 50, tick=dear)
    market = MeritOrder(kind="merit-order", rent_pace=1.0, gaps=0.2)
    scarce = cleared(market, supply, [1000], 1.0, 0.5)
    assert scarce.sold.sum() == 120
    early = cleared(market, supply, [90], 1.0, 0.5)
    assert early.sold[0, 0, CHEAP] == 80
    assert early.sold[0, 1, dear] == 10


@pytest.mark.parametrize("demand", [(), (0.0, 0.0), (1.0, -1.0), (1e308, 1e308)])
def test_regions_need_weights(demand: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="weights must not be negative"):
        RegionsSpec(demand=demand)


@given(st.integers(0, 2**50), st.lists(st.floats(0.0, 5.0), min_size=1, max_size=5), st.integers(1, 5))
def test_demand_is_split_and_never_multiplied(demand: int, weights: list[float], n_regions: int) -> None:
    spec = RegionsSpec(demand=(*weights, 1.0))
    wanted = spec.split(np.array([demand, 7]), n_regions)
    assert wanted.shape == (2, n_regions)
    assert wanted.min() >= 0
    assert wanted[0].sum() <= demand
    if n_regions > len(weights):
        assert wanted[0].sum() >= demand - n_regions


def mean(series: str, **sets: Any) -> float:
    """Return the mean of a series over a year of the smallest scenario."""
    record = simulate(load("minimal", sets={key.replace("__", "."): value for key, value in sets.items()}))
    assert record.status == "complete", record.error
    return float(record.series[series].mean())


@pytest.mark.slow
@pytest.mark.jit
def test_stronger_providers_get_more_for_their_data() -> None:
    prices = [
        mean("data_price", services__data={"kind": "bargaining", "provider_power": power}) for power in (0, 0.5, 1)
    ]
    assert prices[0] < prices[1] < prices[2]


@pytest.mark.slow
@pytest.mark.jit
def test_price_competition_lowers_the_price_of_services() -> None:
    assert mean("service_price", services__inference="cheapest") < mean("service_price")


@pytest.mark.slow
@pytest.mark.jit
def test_regions_are_one_market_without_a_premium_and_dearer_with_one() -> None:
    regions = {"dist": "choice", "values": [0, 1], "weights": [0.7, 0.3]}
    apart = {"populations__compute_nodes__region": regions}
    pooled = mean("compute_price", **apart)
    prices = [
        mean(
            "compute_price",
            services__compute={"kind": "merit-order", "regions": {"demand": [1, 4], "premium": p}},
            **apart,
        )
        for p in (0.0, 0.5)
    ]
    assert prices[0] == pytest.approx(pooled, rel=1e-6)
    assert prices[1] > pooled


@pytest.mark.slow
@pytest.mark.jit
def test_a_higher_target_utilisation_means_cheaper_compute() -> None:
    low, high = (
        mean("compute_price", services__compute={"kind": "posted-price", "target": target}) for target in (0.4, 0.8)
    )
    assert high < low


MIXED = [
    {"services.compute": {"kind": "pay-as-bid", "regions": {"demand": [1, 4]}}, "services.data": "bargaining"},
    {"services.compute": {"kind": "merit-order", "regions": {"demand": [1, 4]}}, "services.inference": "cheapest"},
    {"services.compute": "posted-price", "services.data": {"kind": "bargaining", "provider_power": 1.0}},
]


@pytest.mark.jit
@pytest.mark.parametrize("services", MIXED, ids=str)
def test_buyers_pay_at_least_what_sellers_receive(services: dict[str, Any]) -> None:
    regions = {"dist": "choice", "values": [0, 1], "weights": [0.7, 0.3]}
    engine = Engine(load("minimal", sets={"populations.compute_nodes.region": regions, "steps": 60, **services}))
    before = 0
    for _ in range(60):
        engine.step()
        rounding = int(engine.economy.accounts.rounding_usd.sum())
        assert rounding >= before
        before = rounding
    assert engine.economy.ledger.steps_checked == 60
