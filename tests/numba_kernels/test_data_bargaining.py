"""Bargaining over data: the slow twin, no price outside the surplus, every dollar, budgets, order of rows."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import data_bargaining
from catallaxy.numba_kernels.data_market import Catalogue
from catallaxy.numba_kernels.merit_order import TICKS
from oracles.bargaining import Pair, bargain_reference, lowest_fee_reference

Ints = npt.NDArray[np.int64]

NETWORKS = 2
#: Largest relative width of a price tick: pairs whose surplus is smaller than that may agree or not.
TICK = 0.0041
#: Micro-dollars per thousandth of a unit at the foot of the price grid.
LOWEST = Fraction(1011, 100_000)


class Provider(NamedTuple):
    """One data provider."""

    network: int
    units: float
    cost: float
    active: int


PROVIDERS = st.lists(
    st.builds(
        Provider,
        network=st.integers(0, NETWORKS - 1),
        units=st.one_of(st.just(0.0), st.floats(1e-4, 1e4)),
        cost=st.one_of(st.just(0.0), st.floats(1e-6, 10.0), st.sampled_from([1e18, 1e30])),
        active=st.integers(0, 1),
    ),
    min_size=1,
    max_size=8,
)
BUILDERS = st.lists(st.tuples(st.integers(0, NETWORKS - 1), st.integers(0, 10**12)), max_size=4)
POWER = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0.0, 1.0))
COSTS = st.one_of(st.just(0.0), st.floats(1e-6, 2.0))


class Agreed(NamedTuple):
    """What bargaining leaves behind."""

    fee: Ints
    paid: Ints
    units: Ints
    usd: Ints
    income: Ints
    tally: Ints


def agreed(
    providers: list[Provider], builders: list[tuple[int, int]], power: float, cost: float, charge: int = 0
) -> Agreed:
    network, units, costs, active = (np.array(column) for column in zip(*providers, strict=True))
    catalogue, flags = Catalogue(network.astype(np.int64), units, costs), active.astype(np.int8)
    homes, budget = np.array([k for k, _ in builders], np.int64), np.array([money for _, money in builders], np.int64)
    heads = np.bincount(homes, minlength=NETWORKS).astype(np.int64)
    fee, grid = np.full(len(providers), 7, np.int64), (NETWORKS, TICKS)
    offers, stock, buyers, worth = np.full((4, *grid), 7, np.int64)
    data_bargaining.reserve(catalogue, flags, heads, cost, fee, offers, stock)
    paid, licensed = np.full((2, len(builders)), 7, np.int64)
    data_bargaining.bargain(homes, (offers, stock), (budget, paid, licensed), power, (buyers, worth))
    usd, income, tally = np.full(len(providers), 100), np.zeros(len(providers), np.int64), np.full((NETWORKS, 4), 7)
    licences = np.full(len(providers), -9, np.int64)
    data_bargaining.receive(catalogue, (flags, fee), (buyers, worth), power, (usd, income, licences), charge, tally)
    assert [int(licences[network == k].sum()) for k in range(NETWORKS)] == tally[:, 1].tolist()
    return Agreed(fee, paid, licensed, usd, income, tally)


def pairs_of(
    providers: list[Provider], builders: list[tuple[int, int]], power: float, cost: float, k: int
) -> list[Pair]:
    members = [(b, budget) for b, (network, budget) in enumerate(builders) if network == k]
    shelf = [
        (i, int(p.units * 1000.0), lowest_fee_reference(p.cost, cost, len(members)))
        for i, p in enumerate(providers)
        if p.network == k and p.active and int(p.units * 1000.0) > 0 and members
    ]
    affordable = [row for row in shelf if row[2] / row[1] < 129_000]
    return bargain_reference(affordable, members, power)


@given(PROVIDERS, BUILDERS, POWER, COSTS)
def test_agreements_equal_the_slow_twin(
    providers: list[Provider], builders: list[tuple[int, int]], power: float, cost: float
) -> None:
    result = agreed(providers, builders, power, cost)
    for k in range(NETWORKS):
        pairs = pairs_of(providers, builders, power, cost, k)
        for b, (network, _) in enumerate(builders):
            if network == k:
                check_side(int(result.paid[b]), [pair for pair in pairs if pair.builder == b])
        for i, provider in enumerate(providers):
            if provider.network == k:
                check_side(int(result.income[i]), [pair for pair in pairs if pair.provider == i])


def check_side(amount: int, pairs: list[Pair]) -> None:
    """Compare what one agent pays or gets with its agreements; marginal ones, and dust, may go either way."""
    clear = [p for p in pairs if p.worth > p.reserved * (1 + Fraction(TICK)) + 2 and p.worth > p.units * LOWEST]
    sure = sum((p.payment for p in clear), Fraction(0))
    most = sum((p.payment for p in pairs), Fraction(0))
    blur = Fraction(1, 10**4) * sum((p.worth for p in pairs), Fraction(0)) + 2 * len(pairs) + 1
    assert sure - blur <= amount <= most + blur


@given(PROVIDERS, BUILDERS, POWER, COSTS)
def test_no_price_lies_outside_the_surplus(
    providers: list[Provider], builders: list[tuple[int, int]], power: float, cost: float
) -> None:
    result = agreed(providers, builders, power, cost)
    for k in range(NETWORKS):
        here = [b for b, (network, _) in enumerate(builders) if network == k]
        for i, provider in enumerate(providers):
            if provider.network == k and result.income[i] > 0:
                assert result.fee[i] >= lowest_fee_reference(provider.cost, cost, len(here))
                assert result.income[i] >= result.fee[i] - 1
        for b in here:
            assert result.paid[b] <= builders[b][1]


@given(PROVIDERS, BUILDERS, POWER, COSTS, st.integers(0, 10**7))
def test_every_dollar_paid_is_received_but_for_rounding(
    providers: list[Provider], builders: list[tuple[int, int]], power: float, cost: float, charge: int
) -> None:
    result = agreed(providers, builders, power, cost, charge)
    for k in range(NETWORKS):
        paid = sum(int(result.paid[b]) for b, (network, _) in enumerate(builders) if network == k)
        received = sum(int(result.income[i]) for i, p in enumerate(providers) if p.network == k)
        assert result.tally[k, 2] == received
        assert 0 <= paid - received <= len(providers) + len(builders) + 1e-12 * paid
    assert (result.usd - 100).sum() == result.tally[:, 2].sum() - result.tally[:, 3].sum()
    assert result.usd.min() >= 100


@given(PROVIDERS, BUILDERS, COSTS, POWER, POWER)
def test_power_moves_money_to_providers_and_licences_not_at_all(
    providers: list[Provider], builders: list[tuple[int, int]], cost: float, a: float, b: float
) -> None:
    weak, strong = (agreed(providers, builders, power, cost) for power in sorted((a, b)))
    assert np.array_equal(weak.units, strong.units)
    assert np.all(weak.income <= strong.income + 1)
    assert np.all(weak.paid <= strong.paid + 1)


@given(PROVIDERS, BUILDERS, POWER, COSTS, st.integers(0, 10**12))
def test_a_larger_budget_licenses_no_less(
    providers: list[Provider], builders: list[tuple[int, int]], power: float, cost: float, more: int
) -> None:
    few = agreed(providers, builders, power, cost)
    many = agreed(providers, [(k, budget + more) for k, budget in builders], power, cost)
    assert np.all(many.units >= few.units)
    assert np.all(many.paid >= few.paid)


@given(PROVIDERS, BUILDERS, POWER, COSTS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    providers: list[Provider], builders: list[tuple[int, int]], power: float, cost: float, random: object
) -> None:
    shuffled = random.sample(range(len(providers)), len(providers))
    one = agreed(providers, builders, power, cost, 9)
    other = agreed([providers[i] for i in shuffled], list(reversed(builders)), power, cost, 9)
    assert np.array_equal(other.tally, one.tally)
    assert other.paid.tolist() == one.paid.tolist()[::-1]
    assert np.array_equal(other.usd, one.usd[shuffled])


def test_a_licence_is_sold_to_everyone_who_gains_from_it() -> None:
    providers = [Provider(0, 10.0, 2.0, 1), Provider(0, 10.0, 80.0, 1)]
    result = agreed(providers, [(0, 40_000_000), (0, 4_000_000)], 0.5, 0.0)
    assert result.units.tolist() == [10_000, 10_000]
    assert result.tally[0].tolist()[:2] == [2, 2]
    assert result.paid.tolist() == [10_500_001, 1_500_001]
    assert result.income.tolist() == [12_000_000, 0]


def test_nor_is_a_dollar_lost_when_rounding_exceeds_a_micro_dollar() -> None:
    rng = np.random.default_rng(8)
    for _ in range(40):
        providers = [Provider(0, units, cost, 1) for units, cost in rng.uniform(1e4, 1e8, (30, 2)).tolist()]
        builders = [(0, int(budget)) for budget in rng.uniform(1e16, 2e17, 7)]
        result = agreed(providers, builders, rng.random(), 0.0)
        assert all(paid <= budget for paid, (_, budget) in zip(result.paid.tolist(), builders, strict=True))
        assert 0 <= result.paid.sum() - result.tally[0, 2] <= 1e-12 * result.paid.sum()
