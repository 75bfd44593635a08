"""The maker's ladder: the slow twin, promises that can be kept, and what inventory does to quotes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import elementary, market_making, order_columns as columns, order_flow
from oracles.order_markets import LotReference, quote_ladder_reference

TICKS = 2**16
HOLDINGS = st.one_of(st.just(0), st.integers(1, 10**6), st.integers(10**9, 10**17))
QUOTES = st.builds(
    market_making.Ladder,
    st.floats(1e-6, 0.5),
    st.floats(1e-6, 0.3),
    st.floats(1e-3, 1.0),
    st.floats(0.0, 5.0),
    st.integers(1, 30),
)
LOTS = st.builds(order_flow.Lot, st.integers(1, 100), st.integers(1, 10**9), st.just(3000), st.just(TICKS))


def quoted(
    ladder: market_making.Ladder, lot: order_flow.Lot, fair: float, usd: int, tokens: int
) -> tuple[np.ndarray, float]:
    messages = np.full((2 * ladder.levels + 1, 8), -9, np.int64)
    n, shift = market_making.quote_ladder(ladder, lot, fair, usd, tokens, 0, messages, 1)
    assert (messages[0] == -9).all()
    assert (messages[n:] == -9).all()
    return messages[1:n], shift


@given(QUOTES, LOTS, st.one_of(st.floats(1.0, 6e4), st.floats(1e-18, 1e30)), HOLDINGS, HOLDINGS)
def test_the_ladder_is_that_of_the_twin(
    ladder: market_making.Ladder, lot: order_flow.Lot, fair: float, usd: int, tokens: int
) -> None:
    messages, _ = quoted(ladder, lot, fair, usd, tokens)
    reference = LotReference(lot.tick_value, lot.size, Fraction(3, 1000), TICKS)
    expected = quote_ladder_reference(fair, usd, tokens, reference, tuple(ladder), elementary.exp_scalar)
    assert messages[:, [columns.SIDE, columns.TICK, columns.LOTS]].tolist() == [list(quote) for quote in expected]
    assert (messages[:, [columns.KIND, columns.AGENT, columns.EXPIRY]] == [columns.LIMIT, 0, 0]).all()


@given(QUOTES, LOTS, st.floats(1.0, 6e4), HOLDINGS, HOLDINGS)
def test_no_quote_promises_what_the_maker_does_not_have(
    ladder: market_making.Ladder, lot: order_flow.Lot, fair: float, usd: int, tokens: int
) -> None:
    messages, _ = quoted(ladder, lot, fair, usd, tokens)
    side, tick, lots = (messages[:, column] for column in (columns.SIDE, columns.TICK, columns.LOTS))
    bids, asks = side == columns.BUY, side == columns.SELL
    promised = sum(int(t) * int(n) * lot.tick_value for t, n in zip(tick[bids], lots[bids], strict=True))
    assert promised <= ladder.quoted * usd * (1 + 1e-12)
    assert sum(int(n) for n in lots[asks]) * lot.size <= ladder.quoted * tokens * (1 + 1e-12)
    if bids.any() and asks.any():
        assert tick[bids].max() < tick[asks].min()


@given(QUOTES, st.floats(100.0, 3e4), st.integers(10**12, 10**15), st.floats(1.5, 10.0))
def test_more_inventory_lowers_quotes(ladder: market_making.Ladder, fair: float, usd: int, factor: float) -> None:
    lot = order_flow.Lot(1, 1000, 0, TICKS)
    balanced = int(usd / fair * 1000)
    _, level = quoted(ladder, lot, fair, usd, balanced)
    _, heavy = quoted(ladder, lot, fair, usd, int(balanced * factor))
    _, light = quoted(ladder, lot, fair, usd, int(balanced / factor))
    assert abs(level) < 1e-6
    assert heavy <= level + 1e-12
    assert light >= level - 1e-12
    if ladder.skew > 1e-6:
        assert heavy < light
