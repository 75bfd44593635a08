"""Payouts and token sales: the slow twin, conservation, wallets, order of rows, and what makes sellers sell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import payouts
from oracles.payouts import (
    add_by_network_reference,
    bear_reference,
    pay_pro_rata_reference,
    sell_tokens_reference,
    settle_order_reference,
    top_up_stake_reference,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

NETWORKS = 3
AMOUNTS = st.one_of(st.just(0), st.integers(0, 10**9), st.integers(2**53, 2**56))
RATES = st.lists(st.floats(0.0, 2.0), min_size=NETWORKS, max_size=NETWORKS).map(np.array)


class Seller(NamedTuple):
    """One seller; amounts in micro-USD and base units."""

    network: int
    usd: int
    target: int
    tokens: int
    stake: int
    required: int
    weight: int
    habit: float


SELLERS = st.lists(
    st.builds(
        Seller,
        network=st.integers(0, NETWORKS - 1),
        usd=AMOUNTS,
        target=AMOUNTS,
        tokens=AMOUNTS,
        stake=AMOUNTS,
        required=AMOUNTS,
        weight=AMOUNTS,
        habit=st.floats(0.0, 1.0),
    ),
    min_size=1,
    max_size=30,
)
PRICES = st.lists(st.floats(1e-12, 1e6), min_size=NETWORKS, max_size=NETWORKS).map(np.array)


def column(sellers: list[Seller], name: str) -> Ints:
    return np.array([getattr(seller, name) for seller in sellers])


def networks(sellers: list[Seller]) -> list[int]:
    return [seller.network for seller in sellers]


def per_network(sellers: list[Seller], values: list[int]) -> list[int]:
    return add_by_network_reference(networks(sellers), values, NETWORKS)


def sums(width: int = 0) -> Ints:
    return np.full((NETWORKS, width) if width else NETWORKS, -9, np.int64)


def orders_of(sellers: list[Seller], prices: Floats) -> tuple[Ints, Ints]:
    order, tally = np.full(len(sellers), 7, np.int64), sums(2)
    purse = (column(sellers, "usd"), column(sellers, "target"), column(sellers, "tokens"))
    payouts.sell_orders(column(sellers, "network"), purse, column(sellers, "habit"), prices, order, tally)
    return order, tally


@given(SELLERS)
def test_totals_equal_the_slow_twin(sellers: list[Seller]) -> None:
    total = sums()
    payouts.total_by_network(column(sellers, "network"), column(sellers, "tokens"), total)
    assert total.tolist() == per_network(sellers, column(sellers, "tokens").tolist())


@given(SELLERS, RATES)
def test_payouts_equal_the_slow_twin_and_conserve(sellers: list[Seller], rates: Floats) -> None:
    balance, paid = column(sellers, "tokens"), sums()
    payouts.pay_pro_rata(column(sellers, "network"), column(sellers, "weight"), rates, balance, paid)
    amounts = [pay_pro_rata_reference(seller.weight, float(rates[seller.network])) for seller in sellers]
    assert (balance - column(sellers, "tokens")).tolist() == amounts
    assert paid.tolist() == per_network(sellers, amounts)


@given(SELLERS, st.lists(st.integers(0, 2**60), min_size=NETWORKS, max_size=NETWORKS))
def test_sharing_out_a_pot_never_pays_more_than_the_pot(sellers: list[Seller], pots: list[int]) -> None:
    weights = per_network(sellers, [seller.weight for seller in sellers])
    rates = [pot / total * (1.0 - 2.0**-50) if total else 0.0 for pot, total in zip(pots, weights, strict=True)]
    paid = sums()
    balance = np.zeros(len(sellers), np.int64)
    payouts.pay_pro_rata(column(sellers, "network"), column(sellers, "weight"), np.array(rates), balance, paid)
    assert np.all(paid <= pots)
    assert balance.min() >= 0


@given(SELLERS, RATES, st.floats(1.0, 3.0))
def test_a_higher_emission_weight_pays_more(sellers: list[Seller], rates: Floats, factor: float) -> None:
    low, high, paid = column(sellers, "tokens"), column(sellers, "tokens"), sums()
    payouts.pay_pro_rata(column(sellers, "network"), column(sellers, "weight"), rates, low, paid)
    payouts.pay_pro_rata(column(sellers, "network"), column(sellers, "weight"), rates * factor, high, paid)
    assert np.all(high >= low)


@given(SELLERS)
def test_collateral_equals_the_slow_twin_and_conserves(sellers: list[Seller]) -> None:
    tokens, stake, moved = column(sellers, "tokens"), column(sellers, "stake"), sums()
    payouts.restake(column(sellers, "network"), column(sellers, "required"), tokens, stake, moved)
    amounts = [top_up_stake_reference(seller.required, seller.tokens, seller.stake) for seller in sellers]
    assert (stake - column(sellers, "stake")).tolist() == amounts
    assert (column(sellers, "tokens") - tokens).tolist() == amounts
    assert moved.tolist() == per_network(sellers, amounts)
    assert tokens.min() >= 0


@given(SELLERS, PRICES)
def test_sales_equal_the_slow_twin(sellers: list[Seller], prices: Floats) -> None:
    order, tally = orders_of(sellers, prices)
    expected = [sell_tokens_reference(s.usd, s.target, s.tokens, s.habit, float(prices[s.network])) for s in sellers]
    assert (-order).tolist() == expected
    assert tally[:, 0].tolist() == [0] * NETWORKS
    assert tally[:, 1].tolist() == per_network(sellers, expected)
    assert np.all((order <= 0) & (-order <= column(sellers, "tokens")))


def test_worthless_tokens_are_all_sold_and_no_more() -> None:
    # The cash need is 1e24 base units, far beyond what an int64 can count.
    order, _ = orders_of([Seller(0, 0, 10**12, 10**9, 0, 0, 0, 0.0)], np.full(NETWORKS, 1e-12))
    assert order.tolist() == [-(10**9)]


@given(SELLERS, PRICES, st.floats(1.0, 1e6))
def test_a_lower_price_never_sells_fewer_tokens(sellers: list[Seller], prices: Floats, factor: float) -> None:
    assert np.all(orders_of(sellers, prices / factor)[0] <= orders_of(sellers, prices)[0])


@given(SELLERS, PRICES, st.integers(0, 2**50))
def test_more_cash_never_sells_more_tokens(sellers: list[Seller], prices: Floats, more: int) -> None:
    richer = [seller._replace(usd=seller.usd + more) for seller in sellers]
    assert np.all(orders_of(richer, prices)[0] >= orders_of(sellers, prices)[0])


@given(SELLERS, PRICES, st.randoms(use_true_random=False))
def test_permuting_rows_permutes_sales_and_leaves_totals(sellers: list[Seller], prices: Floats, random: object) -> None:
    shuffled = random.sample(range(len(sellers)), len(sellers))
    order, tally = orders_of(sellers, prices)
    moved, same = orders_of([sellers[i] for i in shuffled], prices)
    assert np.array_equal(moved, order[shuffled])
    assert np.array_equal(same, tally)


@given(SELLERS, RATES, RATES, st.lists(st.integers(-(2**50), 2**50), min_size=30, max_size=30))
def test_fills_equal_the_slow_twin_and_conserve(
    sellers: list[Seller], tokens_per_usd: Floats, usd_per_token: Floats, wishes: list[int]
) -> None:
    usd, tokens, tally = column(sellers, "usd"), column(sellers, "tokens"), sums(2)
    order = np.clip(np.array(wishes[: len(sellers)], np.int64), -tokens, usd)
    payouts.settle(column(sellers, "network"), order, (usd, tokens), (tokens_per_usd, usd_per_token), tally)
    received = [
        settle_order_reference(q, float(tokens_per_usd[k]), float(usd_per_token[k]))
        for q, k in zip(order.tolist(), networks(sellers), strict=True)
    ]
    assert tally[:, 0].tolist() == per_network(sellers, [base for base, _ in received])
    assert tally[:, 1].tolist() == per_network(sellers, [micro for _, micro in received])
    assert (usd - column(sellers, "usd") + np.maximum(order, 0)).tolist() == [micro for _, micro in received]
    assert (tokens - column(sellers, "tokens") + np.maximum(-order, 0)).tolist() == [base for base, _ in received]
    assert min(usd.min(), tokens.min()) >= 0


@given(st.lists(st.tuples(st.booleans(), st.floats(0.0, 1e6), AMOUNTS), min_size=1))
def test_those_who_take_part_bear_their_cost(rows: list[tuple[bool, float, int]]) -> None:
    active, cost, borne = (np.array(column) for column in zip(*rows, strict=True))
    before = borne.copy()
    payouts.bear(active.astype(np.int8), cost, borne)
    assert (borne - before).tolist() == [bear_reference(takes_part, usd) for takes_part, usd, _ in rows]
