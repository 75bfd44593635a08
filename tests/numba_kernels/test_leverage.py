"""Margin accounts: the slow twin, conservation, margins restored, order of rows, and what makes traders borrow."""

from __future__ import annotations

import math
from dataclasses import astuple, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given, strategies as st

from catallaxy.numba_kernels import leverage, liquidation
from oracles.leverage import (
    Account,
    Settled,
    Terms,
    Trader,
    accrue_reference,
    aim_reference,
    amount_reference,
    borrow_reference,
    liquidation_price_reference,
    queue_reference,
    repay_reference,
    settle_lot_reference,
)

Ints = npt.NDArray[np.int64]

AMOUNTS = st.one_of(st.just(0), st.integers(0, 9), st.integers(0, 10**12), st.integers(2**53, 2**57))
PRICES = st.one_of(st.floats(1e-3, 1e3), st.floats(1e-18, 1e-15), st.floats(1e15, 1e18))
RATES = st.one_of(st.just(0.0), st.floats(0.0, 0.1), st.floats(1e-18, 1e-12))
ANY = st.builds(Account, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
LONGS = st.builds(Account, tokens=AMOUNTS, usd_debt=AMOUNTS)
SHORTS = st.builds(Account, usd=AMOUNTS, token_debt=AMOUNTS)
IDLE = st.builds(Account, usd=AMOUNTS)
#: Accounts that have repaid what they can.
NETTED = st.one_of(LONGS, SHORTS, IDLE, ANY.map(repay_reference))
TERMS = st.builds(
    lambda maintenance, above, penalty, is_partial: Terms(
        maintenance, maintenance + above * (1.0 - maintenance), penalty * maintenance, is_partial
    ),
    st.floats(0.01, 0.5),
    st.floats(0.05, 1.0),
    st.floats(0.0, 0.9),
    st.booleans(),
)


def columns_of(accounts: list[Account], network: list[int] | None = None) -> leverage.Accounts:
    table = np.array([astuple(account) for account in accounts], np.int64).reshape(-1, 4)
    places = np.array(network if network is not None else [0] * len(accounts), np.int64)
    return leverage.Accounts(places, *(np.ascontiguousarray(column) for column in table.T))


def accounts_of(columns: leverage.Accounts) -> list[Account]:
    return [Account(*row) for row in zip(*(column.tolist() for column in columns[1:]), strict=True)]


def nets(accounts: list[Account]) -> tuple[int, int]:
    return sum(account.cash for account in accounts), sum(account.position for account in accounts)


@given(st.lists(st.tuples(ANY, st.integers(0, 1)), max_size=20), st.tuples(RATES, RATES, RATES, RATES))
def test_interest_equals_the_slow_twin_and_is_rounded_up(
    rows: list[tuple[Account, int]], rates: tuple[float, float, float, float]
) -> None:
    before, network = [account for account, _ in rows], [k for _, k in rows]
    columns, added = columns_of(before, network), np.full((2, 2), -1, np.int64)
    table = np.array(rates).reshape(2, 2)
    leverage.accrue(columns, table, added)
    after = accounts_of(columns)
    assert after == [accrue_reference(account, *table[k]) for account, k in rows]
    for k in range(2):
        owed = [
            (a.usd_debt - b.usd_debt, a.token_debt - b.token_debt)
            for a, (b, j) in zip(after, rows, strict=True)
            if j == k
        ]
        assert added[k].tolist() == [sum(usd for usd, _ in owed), sum(tokens for _, tokens in owed)]
    for account, (old, k) in zip(after, rows, strict=True):
        exact = old.usd_debt * Fraction(table[k, 0])
        assert account.usd_debt - old.usd_debt >= exact * (1 - Fraction(1, 2**51))


MARGIN = 0.1
TRADERS = st.builds(
    Trader,
    st.integers(0, 10**6),
    st.floats(0.0, 20.0),
    st.floats(0.0, 3.0),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
)


def share_of(wanted: int, there: int) -> float:
    return 1.0 if wanted <= there else there / wanted * (1.0 - 2.0**-40)


def decided(
    key: int, rows: list[tuple[Trader, Account]], view: tuple[float, float, float, float], idle: tuple[int, int]
) -> tuple[list[Account], list[int], list[int]]:
    """Return accounts, orders and loans after traders have aimed and borrowed from what is idle."""
    traits = leverage.Traits(
        np.array([trader.id for trader, _ in rows], np.int64),
        *(np.array(column) for column in np.array([astuple(trader)[1:] for trader, _ in rows]).reshape(-1, 5).T.copy()),
    )
    columns = columns_of([account for _, account in rows])
    order, limbs, lent = np.zeros(len(rows), np.int64), np.full((2, 1, 2), -1, np.int64), np.zeros((1, 2), np.int64)
    leverage.aim(np.uint64(key), traits, columns, leverage.Views(*(np.array([x]) for x in view)), MARGIN, order, limbs)
    wanted = [leverage.LIMB * high + low for high, low in zip(*limbs[:, 0].tolist(), strict=True)]
    granted = np.array([[share_of(asked, there) for asked, there in zip(wanted, idle, strict=True)]])
    leverage.borrow(columns, order, granted, lent)
    return accounts_of(columns), order.tolist(), lent[0].tolist()


SOLVENT = st.one_of(
    st.builds(lambda usd: Account(usd=usd), st.integers(0, 10**13)),
    st.builds(
        lambda tokens, debt: Account(tokens=tokens, usd_debt=debt), st.integers(0, 10**13), st.integers(0, 10**12)
    ),
    st.builds(lambda usd, debt: Account(usd=usd, token_debt=debt), st.integers(0, 10**13), st.integers(0, 10**12)),
)
VIEWS = st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.floats(-1, 1), PRICES)


@given(
    st.integers(0, 2**63),
    st.lists(st.tuples(TRADERS, SOLVENT), max_size=20),
    VIEWS,
    st.tuples(st.integers(0, 10**15), st.integers(0, 10**15)),
)
def test_orders_and_loans_equal_the_slow_twin_and_are_covered(
    key: int, rows: list[tuple[Trader, Account]], view: tuple[float, float, float, float], idle: tuple[int, int]
) -> None:
    wanted = [aim_reference(key, trader, account, view, MARGIN) for trader, account in rows]
    short_of = (
        sum(max(order - account.usd, 0) for order, (_, account) in zip(wanted, rows, strict=True)),
        sum(max(-order - account.tokens, 0) for order, (_, account) in zip(wanted, rows, strict=True)),
    )
    granted = [share_of(short, there) for short, there in zip(short_of, idle, strict=True)]
    expected = [borrow_reference(account, order, *granted) for order, (_, account) in zip(wanted, rows, strict=True)]
    accounts, orders, lent = decided(key, rows, view, idle)
    assert list(zip(accounts, orders, strict=True)) == expected
    assert all(lent[i] <= idle[i] for i in range(2))
    assert all(-account.tokens <= order <= account.usd for account, order in zip(accounts, orders, strict=True))
    assert nets(accounts) == nets([account for _, account in rows])
    assert lent == [
        sum(a.usd_debt - b.usd_debt for a, (_, b) in zip(accounts, rows, strict=True)),
        sum(a.token_debt - b.token_debt for a, (_, b) in zip(accounts, rows, strict=True)),
    ]


def test_exposure_follows_the_view_and_the_limit_on_leverage() -> None:
    def order(leverage_limit: float, value: float) -> int:
        trader = Trader(1, leverage_limit, 1.0, 0.0, 0.0, 1.0)
        _, orders, _ = decided(7, [(trader, Account(usd=1000))], (value, 0.0, 0.0, 1.0), (10**9, 10**9))
        return orders[0]

    assert order(4.0, 1.0) == 2000 > order(2.0, 1.0) == 1000 > order(2.0, 0.5) > order(2.0, 0.0) == 0
    assert order(4.0, -1.0) == -2000


@pytest.mark.parametrize(
    ("account", "order"),
    [
        (Account(), 0),
        (Account(tokens=10, usd_debt=10), -10),
        (Account(tokens=100, usd_debt=91), -100),
        (Account(tokens=100, usd_debt=20), 1),
        (Account(usd=10, token_debt=11), 10),
        (Account(usd=108, token_debt=100), 100),
    ],
)
def test_who_has_no_margin_closes_and_does_not_borrow(account: Account, order: int) -> None:
    trader = Trader(1, 5.0, 1.0, 0.0, 0.0, 0.5)
    after, orders, lent = decided(7, [(trader, account)], (99.0, 0.0, 0.0, 1.0), (10**9, 10**9))
    if order < 0 or account.token_debt or account == Account():
        assert (orders, lent, after) == ([order], [0, 0], [account])
    else:
        assert orders[0] > 0 < lent[0]


@given(st.lists(ANY, max_size=20))
def test_repaying_equals_the_slow_twin_and_leaves_no_debt_beside_the_means_to_repay_it(accounts: list[Account]) -> None:
    columns, repaid = columns_of(accounts), np.full((1, 2), -1, np.int64)
    leverage.repay(columns, repaid)
    after = accounts_of(columns)
    assert after == [repay_reference(account) for account in accounts]
    assert all(min(a.usd, a.usd_debt) == min(a.tokens, a.token_debt) == 0 for a in after)
    assert nets(after) == nets(accounts)
    assert repaid[0].tolist() == [
        sum(b.usd - a.usd for a, b in zip(after, accounts, strict=True)),
        sum(b.tokens - a.tokens for a, b in zip(after, accounts, strict=True)),
    ]


def breaches(accounts: list[Account], price: float, terms: Terms) -> tuple[list[int], list[int], list[float]]:
    n = len(accounts)
    rows, amounts, urgency = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n)
    found = liquidation.find_breaches(
        columns_of(accounts), np.array([price]), liquidation.Terms(*astuple(terms)), rows, amounts, urgency
    )
    return rows[:found].tolist(), amounts[:found].tolist(), urgency[:found].tolist()


def is_near_the_edge(account: Account, price: float, maintenance: float) -> bool:
    """Whether rounding decides if an account is below its margin."""
    scale = abs(account.cash) + abs(account.position) * Fraction(price)
    edge = account.equity(price) - Fraction(maintenance) * abs(account.position) * Fraction(price)
    return abs(edge) <= scale * Fraction(1, 10**12)


def with_ratio(size: int, ratio: float, is_long: bool, price: float) -> Account:
    """Return an account with about this margin ratio at this price."""
    exposure = size * Fraction(price)
    if is_long:
        return repay_reference(Account(tokens=size, usd_debt=max(int(exposure * (1 - Fraction(ratio))), 0)))
    return Account(usd=max(int(exposure * (1 + Fraction(ratio))), 0), token_debt=size)


RATIOS = st.lists(st.tuples(st.integers(10**9, 10**13), st.floats(-0.5, 1.5), st.booleans()), max_size=12)


@given(st.lists(NETTED, max_size=12), RATIOS, PRICES, TERMS)
def test_who_is_below_margin_and_how_much_must_trade(
    accounts: list[Account], ratios: list[tuple[int, float, bool]], price: float, terms: Terms
) -> None:
    if 1e-3 <= price <= 1e3:
        accounts = accounts + [with_ratio(size, ratio, is_long, price) for size, ratio, is_long in ratios]
    assume(
        not any(
            is_near_the_edge(account, price, terms.maintenance) and account.usd_debt + account.token_debt
            for account in accounts
        )
    )
    rows, amounts, urgency = breaches(accounts, price, terms)
    assert sorted(rows) == sorted(queue_reference(list(enumerate(accounts)), price, terms))
    for row, amount, place in zip(rows, amounts, urgency, strict=True):
        account = accounts[row]
        exact = amount_reference(account, price, terms)
        assert 0 <= abs(amount) <= abs(account.position)
        scale = (abs(account.cash) / Fraction(price) + abs(account.position)) * Fraction(1, 10**9)
        assert abs(abs(amount) - abs(exact)) <= 1 + scale
        assert amount * account.position <= 0
        if account.position:
            trigger = liquidation_price_reference(account, terms.maintenance)
            assert place == pytest.approx(float(trigger if account.position < 0 else -trigger), rel=1e-12)
        else:
            assert place == -math.inf


@given(st.lists(st.integers(10**6, 10**12), min_size=1, max_size=12), st.floats(0.5, 0.99), st.randoms())
def test_the_queue_does_not_depend_on_the_order_of_rows(sizes: list[int], debt: float, random: object) -> None:
    terms = Terms(0.1, 0.2, 0.015, True)
    accounts = [Account(tokens=size, usd_debt=int(size * (debt + 0.01 * (i % 3)))) for i, size in enumerate(sizes)]
    accounts += [Account(usd=int(size * (2.0 - debt)), token_debt=size) for size in sizes]
    assume(not any(is_near_the_edge(account, 1.0, 0.1) for account in accounts))
    named = list(enumerate(accounts))
    random.shuffle(named)  # type: ignore[attr-defined]
    rows, _, urgency = breaches([account for _, account in named], 1.0, terms)
    ids = np.array([named[row][0] for row in rows], np.int64)
    buys = np.array([named[row][1].position < 0 for row in rows], np.bool_)
    queue = ids[np.lexsort((ids, np.array(urgency), buys))].tolist()
    trigger = {i: liquidation_price_reference(a, 0.1) for i, a in named}
    expected = queue_reference(named, 1.0, terms)
    assert [trigger[i] for i in queue] == pytest.approx([trigger[i] for i in expected], rel=1e-12)
    assert sorted(queue) == sorted(expected)


@given(st.integers(10**9, 10**13), st.floats(0.0, 1.0), st.booleans(), st.floats(0.1, 10.0), TERMS)
def test_a_partial_liquidation_restores_the_initial_margin_and_no_more(
    size: int, depth: float, is_long: bool, price: float, terms: Terms
) -> None:
    terms = replace(terms, is_partial=True)
    worth = depth * terms.maintenance * 0.999 * size * price
    assume(worth >= 1.0)
    account = (
        Account(tokens=size, usd_debt=int(size * price - worth))
        if is_long
        else Account(usd=int(size * price + worth), token_debt=size)
    )
    (row,), (amount,), _ = breaches([account], price, terms)
    dollars = round(abs(amount) * price)
    given_up, received = (abs(amount), dollars) if is_long else (dollars, abs(amount))
    after = settled([account], [given_up], received, is_long, price, terms.penalty)[0][row]
    if abs(amount) == size:
        assert after.position == 0
    else:
        assert float(after.margin_ratio(price)) == pytest.approx(terms.initial, rel=1e-4)


def settled(
    accounts: list[Account], given: list[int], received: int, is_sale: bool, price: float, penalty: float
) -> tuple[list[Account], Settled]:
    columns = columns_of(accounts)
    rows = np.arange(len(accounts), dtype=np.int64)
    sums = liquidation.settle_lot(columns, rows, np.array(given, np.int64), received, is_sale, price, penalty)
    return accounts_of(columns), Settled(*(int(x) for x in sums))


@given(
    st.lists(st.tuples(NETTED, st.floats(0.0, 1.0)), max_size=12),
    AMOUNTS,
    st.booleans(),
    PRICES,
    st.floats(0.0, 0.3),
)
def test_settling_a_lot_equals_the_slow_twin_and_loses_nothing(
    rows: list[tuple[Account, float]], received: int, is_sale: bool, price: float, penalty: float
) -> None:
    accounts = [account for account, _ in rows]
    given_up = [int((a.tokens if is_sale else a.usd) * share) for a, share in rows]
    received = received if sum(given_up) else 0
    after, sums = settled(accounts, given_up, received, is_sale, price, penalty)
    assert (after, sums) == settle_lot_reference(accounts, given_up, received, is_sale, price, penalty)
    assert all(min(astuple(account)) >= 0 for account in after)
    got = received if rows else 0
    usd, tokens = (got, -sum(given_up)) if is_sale else (-sum(given_up), got)
    before_cash, before_position = nets(accounts)
    assert nets(after) == (
        before_cash + usd - sums.penalties - sums.usd_left + sums.usd_lost,
        before_position + tokens - sums.tokens_left + sums.tokens_lost,
    )


def test_what_is_received_is_shared_by_what_was_given() -> None:
    after, _ = settled([Account(tokens=n) for n in (100, 200, 700)], [10, 20, 70], 1001, True, 10.0, 0.0)
    assert [account.usd for account in after] == [100, 200, 701]


def test_a_penalty_ends_where_equity_does_and_a_bankrupt_account_is_written_off() -> None:
    rich, poor, ruined = (
        Account(tokens=100, usd_debt=50),
        Account(tokens=100, usd_debt=99),
        Account(tokens=9, usd_debt=20),
    )
    after, sums = settled([rich, poor, ruined], [100, 100, 9], 209, True, 1.0, 0.1)
    assert after == [Account(usd=40), Account(), Account()]
    assert sums == Settled(10 + 1, 50 + 99 + 9, 0, usd_lost=11)


def test_a_short_that_runs_out_of_cash_leaves_tokens_owed() -> None:
    after, sums = settled([Account(usd=90, token_debt=100)], [90], 80, False, 1.125, 0.1)
    assert after == [Account()]
    assert sums == Settled(0, 0, 80, tokens_lost=20)


def test_who_holds_only_what_is_too_small_to_trade_hands_it_over() -> None:
    crumbs = Account(tokens=30_000, usd_debt=500_000)
    terms = Terms(0.1, 0.2, 0.015, True)
    assert breaches([crumbs], 1.0, terms)[:2] == ([0], [-30_000])
    assert breaches([replace(crumbs, usd_debt=29_000)], 1.0, terms)[0] == []
    after, sums = settled([crumbs], [0], 0, True, 1.0, 0.015)
    assert (after, sums) == ([Account()], Settled(0, 0, 0, tokens_left=30_000, usd_lost=500_000))
    kept = Account(tokens=300_000, usd_debt=500_000)
    assert settled([kept], [0], 0, True, 1.0, 0.015)[0] == [kept]


def test_a_debt_without_a_position_is_found_and_written_off() -> None:
    terms = Terms(0.1, 0.2, 0.015, True)
    assert breaches([Account(usd_debt=5), Account(), Account(usd=3)], 2.0, terms) == ([0], [0], [-math.inf])
    after, sums = settled([Account(usd_debt=5)], [0], 0, True, 2.0, 0.015)
    assert (after, sums.usd_lost) == ([Account()], 5)


@given(st.lists(st.tuples(ANY, st.integers(0, 2)), max_size=20))
def test_totals_by_network(rows: list[tuple[Account, int]]) -> None:
    totals = np.full((3, 4), -1, np.int64)
    leverage.sum_up(columns_of([a for a, _ in rows], [k for _, k in rows]), totals)
    for k in range(3):
        here = [account for account, j in rows if j == k]
        assert totals[k].tolist() == [
            sum(max(a.position, 0) for a in here),
            sum(max(-a.position, 0) for a in here),
            sum(a.usd_debt for a in here),
            sum(a.token_debt for a in here),
        ]


@given(st.lists(st.tuples(ANY, AMOUNTS), max_size=20), st.floats(0.0, 1.0))
def test_money_comes_to_everybody_and_leaves_those_who_owe_nothing(
    rows: list[tuple[Account, int]], withdrawal: float
) -> None:
    before = [account for account, _ in rows]
    columns = columns_of(before)
    brought, taken = leverage.move_capital(columns, np.array([income for _, income in rows], np.int64), withdrawal)
    after = accounts_of(columns)
    assert brought == sum(income for _, income in rows)
    assert sum(a.usd - b.usd for a, b in zip(after, before, strict=True)) == brought - taken
    for account, (old, income) in zip(after, rows, strict=True):
        assert account == replace(old, usd=account.usd)
        out = old.usd + income - account.usd
        assert 0 <= out <= (0 if old.usd_debt or old.token_debt else old.usd)
