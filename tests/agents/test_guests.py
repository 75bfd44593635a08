"""Accounts of Python agents: what is refused, what is filled, and that not a base unit is lost."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.guests import Fill, Guests, OrderRefused
from catallaxy.agents.lanes import Lanes
from catallaxy.agents.population import MICRO, Fills, Quotes, Site

BASE = [10**9, 10**6]
QUOTES = Quotes(np.array([2.0, 0.5]), np.array([2e-3, 0.5]))
FILLS = Fills(np.array([480.0, 1.9]), np.array([1.9e-3, 0.47]))


def make_guests() -> Guests:
    base = np.array(BASE, np.int64)
    return Guests("guests", Site(np.uint64(1), 500, 2, base, np.array([2.0, 0.5]), 1.0, Lanes()))


@pytest.fixture
def guests() -> Guests:
    return make_guests()


def test_an_account_holds_what_it_was_opened_with(guests: Guests) -> None:
    assert guests.open_account(100.0, [1.5, 2.0]) == 0
    assert guests.open_account() == 1
    assert len(guests) == 2
    assert guests.usd_total() == 100 * MICRO
    assert guests.token_totals().tolist() == [1_500_000_000, 2_000_000]


def test_accounts_survive_growth(guests: Guests) -> None:
    for account in range(100):
        guests.open_account(float(account), [0.0, account / 2.0])
        guests.order(account, 0, usd=account / 4.0)
    assert guests.usd[:100].tolist() == [account * MICRO for account in range(100)]
    assert guests.tokens[1, :100].tolist() == [account * BASE[1] // 2 for account in range(100)]
    assert guests.pending[0, :100].tolist() == [account * MICRO // 4 for account in range(100)]
    assert guests.ids[:3].tolist() == [500, 501, 502]
    assert not guests.usd[100:].any()


def test_orders_are_summed_by_network_and_side(guests: Guests) -> None:
    first, second = guests.open_account(100.0, [5.0, 0.0]), guests.open_account(50.0)
    guests.order(first, 1, usd=60.0)
    guests.order(first, 0, tokens=2.0)
    guests.order(second, 1, usd=50.0)
    assert guests.orders(QUOTES) == ([0, 110 * MICRO], [2 * BASE[0], 0])


def test_fills_are_booked_rounded_down_and_can_be_read(guests: Guests) -> None:
    account = guests.open_account(100.0, [5.0, 0.0])
    guests.order(account, 1, usd=60.000001)
    guests.order(account, 0, tokens=2.0)
    assert guests.settle(FILLS) == ([0, int(60_000_001 * 1.9)], [int(2 * BASE[0] * 1.9e-3), 0])
    assert guests.last_fill(account, 0) == Fill(usd=3.8, tokens=-2.0)
    assert guests.last_fill(account, 1) == Fill(usd=-60.000001, tokens=114.000001)
    assert guests.last_fill(account, 0).price == pytest.approx(1.9)
    assert guests.usd_total() == 100 * MICRO - 60_000_001 + 3_800_000
    assert guests.orders(QUOTES) == ([0, 0], [0, 0])


def test_a_fill_lasts_until_the_next_token_market(guests: Guests) -> None:
    account = guests.open_account(10.0)
    guests.order(account, 0, usd=10.0)
    guests.settle(FILLS)
    assert guests.last_fill(account, 0).usd == -10.0
    guests.settle(FILLS)
    assert guests.last_fill(account, 0) == Fill(0.0, 0.0)
    assert math.isnan(guests.last_fill(account, 0).price)


def test_another_order_replaces_the_first_and_zero_withdraws_it(guests: Guests) -> None:
    account = guests.open_account(10.0, [1.0, 0.0])
    guests.order(account, 0, usd=9.0)
    guests.order(account, 0, usd=10.0)
    assert guests.orders(QUOTES)[0] == [10 * MICRO, 0]
    guests.order(account, 0, tokens=1.0)
    assert guests.orders(QUOTES) == ([0, 0], [BASE[0], 0])
    guests.order(account, 0, usd=0.0)
    assert guests.orders(QUOTES) == ([0, 0], [0, 0])


def test_a_refused_order_leaves_the_pending_one(guests: Guests) -> None:
    account = guests.open_account(10.0)
    guests.order(account, 0, usd=9.0)
    with pytest.raises(OrderRefused):
        guests.order(account, 0, usd=11.0)
    assert guests.orders(QUOTES)[0] == [9 * MICRO, 0]


def test_money_is_claimed_once(guests: Guests) -> None:
    account = guests.open_account(10.0)
    guests.order(account, 0, usd=7.0)
    with pytest.raises(OrderRefused, match=r"over 4\.000000 USD is not covered: the account has 3\.000000 USD"):
        guests.order(account, 1, usd=4.0)
    guests.order(account, 1, usd=3.0)
    assert guests.orders(QUOTES)[0] == [7 * MICRO, 3 * MICRO]


@pytest.mark.parametrize("held", [1, 3, 12_345_678_901_234_567, 2**53 + 1, 9 * 10**17 + 1])
def test_all_i_have_is_covered_whatever_the_float_says(guests: Guests, held: int) -> None:
    account = guests.open_account()
    guests.tokens[0, account] = held
    guests.order(account, 0, tokens=held / BASE[0])
    assert abs(-int(guests.pending[0, account]) - held) <= 1 + held * 2.0**-52
    assert -int(guests.pending[0, account]) <= held


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"usd": 1.0, "tokens": 1.0}, "both was given"),
        ({}, "neither was given"),
        ({"usd": -1.0}, "usd=-1.0 is not an amount"),
        ({"tokens": -1.0}, "tokens=-1.0 is not an amount"),
        ({"usd": math.nan}, "usd=nan is not an amount"),
        ({"usd": math.inf}, "usd=inf is not an amount"),
        ({"usd": 10.01}, "is not covered"),
        ({"tokens": 1.01}, "the account has 1.000000 tokens"),
        ({"usd": 1.0, "account": 1}, "there is no account 1; 1 are open"),
        ({"usd": 1.0, "account": -1}, "there is no account -1"),
        ({"usd": 1.0, "network": 2}, "there is no network 2; 2 exist"),
    ],
)
def test_a_refusal_says_why(guests: Guests, order: dict[str, Any], expected: str) -> None:
    guests.open_account(10.0, [1.0, 0.0])
    with pytest.raises(OrderRefused, match=expected.replace(".", r"\.")):
        guests.order(order.pop("account", 0), order.pop("network", 0), **order)


@pytest.mark.parametrize("endowment", [{"usd": -1.0}, {"usd": math.nan}, {"tokens": [1.0, -1.0]}, {"usd": 1e300}])
def test_an_impossible_account_is_not_opened(guests: Guests, endowment: dict[str, Any]) -> None:
    with pytest.raises(OrderRefused, match="is not an amount"):
        guests.open_account(**endowment)
    assert len(guests) == 0


RATES = st.floats(1e-6, 1e4)
ORDERS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.booleans(), st.floats(0.0, 1.0)), max_size=12)


@given(ORDERS, RATES, RATES)
def test_the_books_close_and_nobody_owes(
    orders: list[tuple[int, int, bool, float]], tokens_per_usd: float, usd_per_token: float
) -> None:
    guests = make_guests()
    for account in range(3):
        guests.open_account(1000.0 * account, [10.0, 3.0 * account])
    for account, network, buys, share in orders:
        claimed = np.maximum(guests.pending[:, account], 0).sum() - max(guests.pending[network, account], 0)
        if buys:
            guests.order(account, network, usd=share * float(guests.usd[account] - claimed) / MICRO)
        else:
            guests.order(account, network, tokens=share * float(guests.tokens[network, account]) / BASE[network])
    usd, tokens = guests.usd_total(), guests.token_totals().tolist()
    bid, offered = guests.orders(QUOTES)
    got_tokens, got_usd = guests.settle(Fills(np.array([tokens_per_usd, 1.0]), np.array([usd_per_token, 1.0])))
    assert guests.usd_total() == usd - sum(bid) + sum(got_usd)
    assert guests.token_totals().tolist() == [tokens[k] - offered[k] + got_tokens[k] for k in (0, 1)]
    assert guests.usd.min() >= 0
    assert guests.tokens.min() >= 0
