"""The data market: the slow twin, every dollar paid is received, order of rows, and what brings providers in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import data_market
from catallaxy.numba_kernels.merit_order import TICKS
from oracles.markets import (
    Provider,
    license_data_reference,
    list_prices_reference,
    move_posted_price_reference,
    offer_data_reference,
)

Ints = npt.NDArray[np.int64]

PRICES = list_prices_reference()
NETWORKS = 2
PROVIDERS = st.lists(
    st.builds(
        Provider,
        network=st.integers(0, NETWORKS - 1),
        units=st.floats(0.0, 1e4),
        cost=st.floats(0.0, 10.0),
        active=st.integers(0, 1),
        tick=st.one_of(st.integers(1200, 1220), st.sampled_from([0, 1, TICKS - 2, TICKS - 1])),
    ),
    min_size=1,
    max_size=15,
)
TERMS = st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 20.0), st.floats(0.0, 0.5))
BUILDERS = st.lists(st.tuples(st.integers(0, NETWORKS - 1), st.integers(0, 10**9)), max_size=6)
RICH_TERMS = (1e9, 0.0, 0.0)


class Offered(NamedTuple):
    """What offering leaves behind."""

    active: npt.NDArray[np.int8]
    fee: Ints
    offers: Ints
    stock: Ints


class Licensed(NamedTuple):
    """What licensing leaves behind."""

    paid: Ints
    units: Ints
    buyers: Ints


class Paid(NamedTuple):
    """What paying leaves behind."""

    tick: Ints
    usd: Ints
    income: Ints
    tally: Ints


def column(providers: list[Provider], name: str) -> Ints:
    return np.array([getattr(provider, name) for provider in providers])


def offered(providers: list[Provider], terms: tuple[float, float, float]) -> Offered:
    income, transaction_cost, hysteresis = terms
    catalogue = data_market.Catalogue(*(column(providers, name) for name in ("network", "units", "cost")))
    active, fee = column(providers, "active").astype(np.int8), np.full(len(providers), -9, np.int64)
    offers, stock = np.full((2, NETWORKS, TICKS), 7, np.int64)
    conditions = data_market.Terms(np.full(NETWORKS, income), transaction_cost, hysteresis)
    data_market.offer(catalogue, conditions, active, column(providers, "tick"), fee, offers, stock)
    return Offered(active, fee, offers, stock)


def licensed(offer: Offered, builders: list[tuple[int, int]]) -> Licensed:
    network = np.array([k for k, _ in builders], np.int64)
    budget = np.array([money for _, money in builders], np.int64)
    paid, units = np.full((2, len(builders)), -9, np.int64)
    buyers = np.full((NETWORKS, TICKS), 7, np.int64)
    data_market.licence(offer.offers.copy(), offer.stock.copy(), network, (budget, paid, units), buyers)
    return Licensed(paid, units, buyers)


def paid_out(
    providers: list[Provider], offer: Offered, buyers: Ints, n_builders: list[int], cost: int, pace: int = 1
) -> Paid:
    tick, tally = column(providers, "tick"), np.full((NETWORKS, 4), 7, np.int64)
    usd, income = np.full(len(providers), 100, np.int64), np.zeros(len(providers), np.int64)
    posted = (offer.active, tick, offer.fee)
    network, licences = column(providers, "network"), np.full(len(providers), -9, np.int64)
    money = (usd, income, licences)
    data_market.pay(network, posted, buyers, np.array(n_builders), money, cost, pace, tally)
    assert [int(licences[network == k].sum()) for k in range(NETWORKS)] == tally[:, 1].tolist()
    return Paid(tick, usd, income, tally)


def headcount(builders: list[tuple[int, int]]) -> list[int]:
    return [sum(network == k for network, _ in builders) for k in range(NETWORKS)]


@given(PROVIDERS, TERMS)
def test_offers_equal_the_slow_twin(providers: list[Provider], terms: tuple[float, float, float]) -> None:
    result = offered(providers, terms)
    offers, stock = np.zeros((2, NETWORKS, TICKS), np.int64)
    for i, provider in enumerate(providers):
        active, fee, units = offer_data_reference(provider, *terms, unit_price=float(PRICES[provider.tick]))
        assert (result.active[i], result.fee[i]) == (active, fee)
        offers[provider.network, provider.tick] += fee
        stock[provider.network, provider.tick] += units
    assert np.array_equal(result.offers, offers)
    assert np.array_equal(result.stock, stock)


@given(PROVIDERS, TERMS, st.floats(0.0, 20.0))
def test_higher_transaction_costs_and_lower_income_keep_providers_out(
    providers: list[Provider], terms: tuple[float, float, float], more: float
) -> None:
    income, cost, hysteresis = terms
    active = offered(providers, terms).active
    assert np.all(offered(providers, (income, cost + more, hysteresis)).active <= active)
    assert np.all(offered(providers, (income + more, cost, hysteresis)).active >= active)


@given(PROVIDERS, TERMS)
def test_who_is_active_stays_when_whoever_is_not_would_join(
    providers: list[Provider], terms: tuple[float, float, float]
) -> None:
    newcomers = offered([provider._replace(active=0) for provider in providers], terms)
    incumbents = offered([provider._replace(active=1) for provider in providers], terms)
    assert np.all(incumbents.active >= newcomers.active)


@given(PROVIDERS, BUILDERS)
def test_licences_equal_the_slow_twin(providers: list[Provider], builders: list[tuple[int, int]]) -> None:
    offer = offered(providers, RICH_TERMS)
    result = licensed(offer, builders)
    highest: list[tuple[int, int]] = []
    for b, (network, budget) in enumerate(builders):
        shelf = [
            (provider.tick, int(offer.fee[i]), int(provider.units * 1000.0))
            for i, provider in enumerate(providers)
            if provider.network == network and offer.active[i]
        ]
        tick, paid, units = license_data_reference(shelf, budget)
        assert (result.paid[b], result.units[b]) == (paid, units)
        assert paid <= budget
        highest.append((network, tick))
    for provider in providers:
        expected = sum(k == provider.network and tick >= provider.tick for k, tick in highest)
        assert result.buyers[provider.network, provider.tick] == expected


@given(PROVIDERS, BUILDERS, st.integers(0, 10**9))
def test_a_larger_budget_licenses_no_less(
    providers: list[Provider], builders: list[tuple[int, int]], more: int
) -> None:
    offer = offered(providers, RICH_TERMS)
    few, many = licensed(offer, builders), licensed(offer, [(k, budget + more) for k, budget in builders])
    assert np.all(many.units >= few.units)
    assert np.all(many.paid >= few.paid)
    assert np.all(many.buyers >= few.buyers)


@given(PROVIDERS, BUILDERS, st.integers(0, 10**7))
def test_every_dollar_paid_is_received(providers: list[Provider], builders: list[tuple[int, int]], cost: int) -> None:
    offer = offered(providers, RICH_TERMS)
    bought = licensed(offer, builders)
    result = paid_out(providers, offer, bought.buyers, headcount(builders), cost)
    for k in range(NETWORKS):
        assert result.tally[k, 2] == sum(int(bought.paid[b]) for b, (network, _) in enumerate(builders) if network == k)
    assert result.income.sum() == result.tally[:, 2].sum()
    assert (result.usd - 100).sum() == result.tally[:, 2].sum() - result.tally[:, 3].sum()
    assert result.usd.min() >= 100


@given(PROVIDERS, TERMS, BUILDERS, st.integers(0, 10**7), st.integers(1, 250))
def test_payments_equal_the_slow_twin(
    providers: list[Provider], terms: tuple[float, float, float], builders: list[tuple[int, int]], cost: int, pace: int
) -> None:
    offer, members = offered(providers, terms), headcount(builders)
    bought = licensed(offer, builders)
    result = paid_out(providers, offer, bought.buyers, members, cost, pace)
    tally = np.zeros((NETWORKS, 4), np.int64)
    for i, provider in enumerate(providers):
        if not offer.active[i]:
            assert (result.tick[i], result.usd[i]) == (provider.tick, 100)
            continue
        sold = int(bought.buyers[provider.network, provider.tick])
        fees = sold * int(offer.fee[i])
        assert result.usd[i] == 100 + fees - min(cost, fees)
        assert result.tick[i] == move_posted_price_reference(provider.tick, sold, members[provider.network], pace)
        tally[provider.network] += (1, sold, fees, min(cost, fees))
    assert np.array_equal(result.tally, tally)


@given(PROVIDERS, BUILDERS, st.randoms(use_true_random=False))
def test_permuting_rows_permutes_incomes_and_leaves_totals(
    providers: list[Provider], builders: list[tuple[int, int]], random: object
) -> None:
    shuffled = random.sample(range(len(providers)), len(providers))
    again = [providers[i] for i in shuffled]
    one, other = offered(providers, RICH_TERMS), offered(again, RICH_TERMS)
    assert np.array_equal(other.offers, one.offers)
    bought, same = licensed(one, builders), licensed(other, list(reversed(builders)))
    assert same.paid.tolist() == bought.paid.tolist()[::-1]
    first = paid_out(providers, one, bought.buyers, headcount(builders), 1000)
    second = paid_out(again, other, same.buyers, headcount(builders), 1000)
    assert np.array_equal(second.usd, first.usd[shuffled])
    assert np.array_equal(second.tick, first.tick[shuffled])
    assert np.array_equal(second.tally, first.tally)


def test_a_builder_without_money_takes_only_what_is_free() -> None:
    providers = [Provider(0, 1e-7, 0.0, 1, 0), Provider(0, 5.0, 0.0, 1, 1200)]
    offer = offered(providers, RICH_TERMS)
    assert offer.fee.tolist()[0] == 0
    result = licensed(offer, [(0, 0)])
    assert (result.paid.tolist(), result.buyers[0, [0, 1200]].tolist()) == ([0], [1, 0])


@given(PROVIDERS)
def test_reward_weights_are_units_on_offer(providers: list[Provider]) -> None:
    weight = np.full(len(providers), -9, np.int64)
    data_market.reward_weights(column(providers, "units"), column(providers, "active").astype(np.int8), weight)
    assert weight.tolist() == [int(provider.units * 1000.0) * provider.active for provider in providers]


@pytest.mark.jit
def test_posted_prices_find_what_builders_can_pay() -> None:
    providers = [Provider(0, 1.0, 0.0, 1, 2000 + 13 * i) for i in range(40)]
    builders = [(0, 5_000_000), (0, 10_000_000)]
    for _ in range(3000):
        offer = offered(providers, RICH_TERMS)
        result = paid_out(providers, offer, licensed(offer, builders).buyers, headcount(builders), 0)
        providers = [provider._replace(tick=int(tick)) for provider, tick in zip(providers, result.tick, strict=True)]
    spent = licensed(offered(providers, RICH_TERMS), builders).paid
    assert 0.5 * 10_000_000 <= spent[1] <= 10_000_000
