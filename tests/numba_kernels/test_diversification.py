"""What diversifying holders sell: the slow twin, never more than they have, and what makes them sell more."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import diversification
from oracles.diversification import Holder, Market, sale_reference, wanted_share_reference

AMOUNTS = st.one_of(st.just(0), st.integers(0, 9), st.integers(0, 10**15), st.integers(2**53, 2**60))
HOLDERS = st.builds(
    Holder,
    AMOUNTS,
    AMOUNTS,
    st.integers(0, 10**15),
    st.floats(-3.0, 3.0),
    st.floats(0.0, 1.0),
    st.one_of(st.just(0.0), st.floats(0.01, 10.0)),
)
MARKETS = st.builds(
    Market,
    st.floats(-3.0, 3.0),
    st.floats(-40.0, 40.0),
    st.one_of(st.just(0.0), st.floats(1e-6, 1e3)),
    st.one_of(st.floats(1e-3, 1e3), st.floats(1e-15, 1e-12)),
    st.one_of(st.just(0.0), st.floats(0.0, 1e3)),
)
SPEEDS = st.one_of(st.just(0.0), st.just(1.0), st.floats(0.0, 1.0))


def sell(holders: list[Holder], network: list[int], markets: list[Market], speed: float) -> tuple[list[int], list[int]]:
    """Return what each holder offers, and the totals by network."""
    n = len(holders)
    usd, tokens, claim, *tastes = zip(*(astuple(h) for h in holders), strict=True) if n else ((),) * 6
    purse = tuple(np.array(column, np.int64) for column in (usd, tokens, claim))
    columns = [np.array(column, np.float64) for column in tastes]
    outlook = diversification.Outlook(*np.array([astuple(m) for m in markets]).T.copy())
    order, tally = np.full(n, 7, np.int64), np.full((len(markets), 2), -1, np.int64)
    homes: npt.NDArray[np.int64] = np.array(network, np.int64)
    diversification.reduce_exposure(homes, diversification.Tastes(*columns), outlook, purse, speed, order, tally)
    assert (tally[:, 0] == 0).all()
    return (-order).tolist(), tally[:, 1].tolist()


@given(st.lists(st.tuples(HOLDERS, st.integers(0, 1)), max_size=12), st.tuples(MARKETS, MARKETS), SPEEDS)
def test_sales_equal_the_slow_twin_and_are_covered(
    rows: list[tuple[Holder, int]], markets: tuple[Market, Market], speed: float
) -> None:
    holders, network = [h for h, _ in rows], [k for _, k in rows]
    sold, totals = sell(holders, network, list(markets), speed)
    assert sold == [sale_reference(h, markets[k], speed) for h, k in rows]
    assert all(0 <= q <= h.tokens for q, h in zip(sold, holders, strict=True))
    assert totals == [sum(q for q, k in zip(sold, network, strict=True) if k == j) for j in range(2)]


@given(st.floats(-2.0, 2.0), st.one_of(st.just(0.0), st.floats(1e-6, 1e3)))
def test_the_wanted_share_is_a_share(rise: float, risk: float) -> None:
    share = diversification.wanted_share(rise, risk)
    assert 0.0 <= share <= 1.0
    assert share == wanted_share_reference(rise, risk)


HOLDER = Holder(usd=10**9, tokens=10**12, claim=1, optimism=0.2, trend_weight=0.25, risk_aversion=1.0)
MARKET = Market(gap=0.3, trend=0.4, variance=1.5, price=1e-3, locked=0.0)


@pytest.mark.parametrize(
    ("holder", "market", "more"),
    [
        ({"risk_aversion": 2.0}, {}, True),
        ({"optimism": 0.6}, {}, False),
        ({"usd": 10**10}, {}, False),
        ({}, {"variance": 3.0}, True),
        ({}, {"gap": 0.8}, False),
        ({}, {"trend": 2.0}, False),
        ({}, {"locked": 1e12}, True),
        ({}, {"price": 2e-3}, True),
    ],
)
def test_what_makes_a_holder_sell_more_or_less(holder: dict[str, float], market: dict[str, float], more: bool) -> None:
    (usual,), _ = sell([HOLDER], [0], [MARKET], 0.1)
    (changed,), _ = sell([replace(HOLDER, **holder)], [0], [replace(MARKET, **market)], 0.1)
    assert 0 < usual < HOLDER.tokens
    assert changed > usual if more else changed < usual


def test_the_share_of_merton() -> None:
    (sold,), _ = sell([replace(HOLDER, trend_weight=0.0)], [0], [MARKET], 1.0)
    wealth = HOLDER.tokens + HOLDER.usd / MARKET.price
    assert HOLDER.tokens - sold == pytest.approx(0.5 / 1.5 * wealth, rel=1e-9)


def test_who_expects_a_fall_sells_all_that_is_free() -> None:
    (sold,), _ = sell([replace(HOLDER, optimism=-1.0)], [0], [replace(MARKET, trend=0.0, locked=1e12)], 1.0)
    assert sold == HOLDER.tokens


def test_the_order_of_rows_does_not_matter() -> None:
    holders = [replace(HOLDER, usd=10**k, claim=k) for k in range(9)]
    sold, totals = sell(holders, [0, 1, 0] * 3, [MARKET, replace(MARKET, gap=-0.1, locked=1e10)], 0.3)
    back, again = sell(holders[::-1], [0, 1, 0] * 3, [MARKET, replace(MARKET, gap=-0.1, locked=1e10)], 0.3)
    assert back[::-1] == sold
    assert again == totals
