"""The call auction against the slow twin that tries every tick, on both of its paths."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import apportionment, call_auction, order_columns as columns
from oracles.call_auction import AuctionOrder, Cleared, apportion_reference, clear_auction_reference

LARGEST = columns.LARGEST_LOTS
BANDS = (1, 2, 3, 63, 64, 65, 130, 300)
SIDES = st.sampled_from([1, -1])
LOTS = st.one_of(st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 10**6, LARGEST]))


@st.composite
def books(draw: st.DrawFn) -> tuple[int, int, list[AuctionOrder]]:
    """Draw a band, a reference and orders, often several at one tick."""
    ticks = draw(st.sampled_from(BANDS))
    tick = st.one_of(st.integers(0, ticks - 1), st.integers(max(ticks // 2 - 2, 0), ticks // 2), st.none())
    order = st.builds(AuctionOrder, SIDES, tick, LOTS, st.integers(0, 5))
    return ticks, draw(st.integers(-2, ticks + 1)), draw(st.lists(order, max_size=14))


def as_messages(orders: list[AuctionOrder]) -> np.ndarray:
    """Return the orders as rows of messages."""
    rows = [
        [columns.MARKET if o.tick is None else columns.LIMIT, o.side, -5 if o.tick is None else o.tick, o.lots, o.agent]
        for o in orders
    ]
    messages = np.zeros((len(orders), columns.COLUMNS), np.int64)
    messages[:, : columns.AGENT + 1] = np.array(rows, np.int64).reshape(-1, 5)
    return messages


def cleared(orders: list[AuctionOrder], ticks: int, reference: int, rule: int, padding: int = 0) -> Cleared:
    """Clear with the kernel; orders of no lots as padding send it down the path for many orders."""
    messages = np.zeros((len(orders) + padding, columns.COLUMNS), np.int64)
    messages[: len(orders)] = as_messages(orders)
    messages[:, columns.SIDE] = np.where(messages[:, columns.SIDE] == 0, 1, messages[:, columns.SIDE])
    auction = call_auction.open_auction(ticks, len(messages))
    reports = np.full((len(messages), columns.REPORT_COLUMNS), -9, np.int64)
    tick, volume, surplus = call_auction.clear(auction, messages, reference, rule, reports)
    assert not auction.lots.any()
    assert not auction.words.any()
    assert not auction.summary.any()
    fills = reports[: len(orders), columns.FILLED]
    full = fills == [order.lots for order in orders]
    reasons = np.where(full, columns.ACCEPTED, columns.UNFILLED)
    assert reports[: len(orders), columns.REASON].tolist() == reasons.tolist()
    assert (reports[len(orders) :, columns.REASON] == columns.BAD_SIZE).all()
    assert not reports[:, columns.RESTING :].any()
    return Cleared(tick, volume, surplus, tuple(fills.tolist()))


@given(books(), st.booleans())
def test_the_auction_equals_the_search_over_all_ticks(
    book: tuple[int, int, list[AuctionOrder]], pro_rata: bool
) -> None:
    ticks, reference, orders = book
    rule = call_auction.PRO_RATA if pro_rata else call_auction.BY_TIME
    expected = clear_auction_reference(orders, ticks, reference, pro_rata)
    assert cleared(orders, ticks, reference, rule) == expected
    assert cleared(orders, ticks, reference, rule, padding=ticks) == expected


@given(books(), st.sampled_from([call_auction.BY_TIME, call_auction.PRO_RATA]))
def test_what_is_bought_is_sold_and_nobody_trades_beyond_a_limit(
    book: tuple[int, int, list[AuctionOrder]], rule: int
) -> None:
    ticks, reference, orders = book
    outcome = cleared(orders, ticks, reference, rule)
    pairs = list(zip(orders, outcome.fills, strict=True))
    for side in (1, -1):
        assert sum(fill for order, fill in pairs if order.side == side) == outcome.volume
    for order, fill in pairs:
        assert 0 <= fill <= order.lots
        assert fill == 0 or order.tick is None or order.side * (order.tick - outcome.tick) >= 0
    unfilled = [o for o, fill in pairs if fill < o.lots and (o.tick is None or o.side * (o.tick - outcome.tick) > 0)]
    assert len({order.side for order in unfilled}) <= 1


@given(books(), st.randoms(use_true_random=False))
def test_pro_rata_does_not_depend_on_the_order_of_rows(
    book: tuple[int, int, list[AuctionOrder]], random: object
) -> None:
    ticks, reference, orders = book
    shuffled = random.sample(orders, len(orders))  # type: ignore[attr-defined]

    def by_agent(sequence: list[AuctionOrder]) -> tuple[tuple[int, int, int], dict[tuple[int, int], int]]:
        outcome = cleared(sequence, ticks, reference, call_auction.PRO_RATA)
        totals: dict[tuple[int, int], int] = {}
        for order, fill in zip(sequence, outcome.fills, strict=True):
            totals[order.agent, order.side] = totals.get((order.agent, order.side), 0) + fill
        return outcome[:3], totals

    assert by_agent(shuffled) == by_agent(orders)


@given(books(), st.integers(1, 20))
def test_more_demand_never_lowers_volume(book: tuple[int, int, list[AuctionOrder]], lots: int) -> None:
    ticks, reference, orders = book
    more = [*orders, AuctionOrder(1, None, lots)]
    assert cleared(more, ticks, reference, 0).volume >= cleared(orders, ticks, reference, 0).volume


@given(st.lists(st.tuples(LOTS, st.integers(0, 4)), min_size=1, max_size=12), st.data())
def test_shares_equal_largest_remainders(claims: list[tuple[int, int]], data: st.DataObject) -> None:
    ration = data.draw(st.integers(1, sum(lots for lots, _ in claims)))
    orders = [AuctionOrder(1, 1, lots, agent) for lots, agent in claims] + [
        AuctionOrder(-1, 1, part) for part in (*[LARGEST] * (ration // LARGEST), ration % LARGEST) if part
    ]
    fills = cleared(orders, 3, 1, call_auction.PRO_RATA).fills[: len(claims)]
    assert list(fills) == apportion_reference(ration, claims)


@given(st.integers(1, LARGEST), st.integers(1, 2**62), st.integers(0, 2**62), st.booleans())
def test_quotas_are_exact_at_any_size(claim: int, ration: int, more: int, in_one_go: bool) -> None:
    total = min(max(ration + more, claim), 2**62)
    largest = apportionment.LARGEST_FACTOR // ration if in_one_go else 0
    quotient, remainder = apportionment.share_out(*np.array([claim, ration, total, largest], np.int64))
    assert Fraction(int(quotient)) + Fraction(int(remainder), total) == Fraction(claim * ration, total)
    assert 0 <= remainder < total


def test_the_price_rule_step_by_step() -> None:
    crossed = [AuctionOrder(1, 40, 5), AuctionOrder(-1, 20, 5)]
    assert cleared(crossed, 100, 30, 0)[:3] == (30, 5, 0)
    assert cleared(crossed, 100, 10, 0)[:3] == (20, 5, 0)
    assert cleared(crossed, 100, 99, 0)[:3] == (40, 5, 0)
    thin = [AuctionOrder(1, 40, 9), AuctionOrder(-1, 20, 5), AuctionOrder(1, 25, 3)]
    assert cleared(thin, 100, 0, 0)[:3] == (26, 5, 4)
    two_sided = [AuctionOrder(1, 40, 5), AuctionOrder(-1, 20, 5), AuctionOrder(1, 29, 2), AuctionOrder(-1, 31, 2)]
    assert cleared(two_sided, 100, 30, 0)[:3] == (30, 5, 0)
    tied = [AuctionOrder(1, 12, 5), AuctionOrder(-1, 8, 5), AuctionOrder(1, 10, 1), AuctionOrder(-1, 10, 1)]
    assert cleared(tied, 100, 10, 0)[:3] == (10, 6, 0)
    either_way = [AuctionOrder(1, 12, 5), AuctionOrder(-1, 8, 6), AuctionOrder(1, 9, 2)]
    assert cleared(either_way, 100, 50, 0)[:3] == (9, 6, 1)


def test_nothing_trades_when_nothing_meets() -> None:
    for orders in (
        [],
        [AuctionOrder(1, 5, 9)],
        [AuctionOrder(-1, None, 9)],
        [AuctionOrder(1, 4, 1), AuctionOrder(-1, 5, 1)],
    ):
        assert cleared(orders, 10, 5, 1) == Cleared(-1, 0, 0, (0,) * len(orders))


def test_market_orders_alone_trade_at_the_reference_or_the_nearest_tick() -> None:
    orders = [AuctionOrder(1, None, 7), AuctionOrder(-1, None, 4), AuctionOrder(1, None, 1, agent=3)]
    for reference, tick in ((6, 6), (-50, 0), (50, 9)):
        assert cleared(orders, 10, reference, call_auction.BY_TIME) == (tick, 4, 4, (4, 4, 0))


def test_at_the_margin_time_serves_the_first_and_pro_rata_everyone() -> None:
    orders = [AuctionOrder(1, 5, 6, 0), AuctionOrder(1, 5, 3, 1), AuctionOrder(1, 5, 3, 2), AuctionOrder(-1, 5, 7)]
    assert cleared(orders, 10, 5, call_auction.BY_TIME).fills == (6, 1, 0, 7)
    assert cleared(orders, 10, 5, call_auction.PRO_RATA).fills == (3, 2, 2, 7)
    dust = [AuctionOrder(1, 5, 1, agent) for agent in (4, 2, 3)]
    assert cleared([*dust, AuctionOrder(-1, 5, 2)], 10, 5, call_auction.PRO_RATA).fills == (0, 1, 1, 2)


@pytest.mark.parametrize("wrong", [
    ([columns.IOC, 1, 5, 1, 0], columns.MALFORMED), ([columns.LIMIT, 0, 5, 1, 0], columns.MALFORMED),
    ([columns.LIMIT, 1, 5, 1, -1], columns.MALFORMED), ([columns.LIMIT, 1, 5, 0, 0], columns.BAD_SIZE),
    ([columns.MARKET, 1, 5, LARGEST + 1, 0], columns.BAD_SIZE), ([columns.LIMIT, 1, 10, 1, 0], columns.OUTSIDE_BAND),
    ([columns.LIMIT, 1, -1, 1, 0], columns.OUTSIDE_BAND),
])  # fmt: skip
def test_what_cannot_take_part_gets_a_reason_and_changes_nothing(wrong: tuple[list[int], int]) -> None:
    orders = [AuctionOrder(1, 5, 3), AuctionOrder(-1, 5, 3)]
    messages = np.vstack([as_messages(orders), np.array([wrong[0] + [0, 0, 0]], np.int64)])
    reports = np.zeros((3, columns.REPORT_COLUMNS), np.int64)
    auction = call_auction.open_auction(10, 3)
    assert call_auction.clear(auction, messages, 5, 0, reports) == (5, 3, 0)
    assert reports[:, columns.REASON].tolist() == [columns.ACCEPTED, columns.ACCEPTED, wrong[1]]
    assert reports[:, columns.FILLED].tolist() == [3, 3, 0]


@pytest.mark.jit
@pytest.mark.parametrize("rule", [call_auction.BY_TIME, call_auction.PRO_RATA])
def test_both_paths_agree_on_many_orders_over_a_wide_band(rule: int) -> None:
    random, ticks, n = np.random.default_rng(3), 50_000, 4_000
    messages = np.zeros((n, columns.COLUMNS), np.int64)
    messages[:, columns.KIND] = np.where(random.random(n) < 0.05, columns.MARKET, columns.LIMIT)
    messages[:, columns.SIDE] = random.integers(0, 2, n) * 2 - 1
    messages[:, columns.TICK] = np.clip(random.normal(ticks / 2, 300, n), 0, ticks - 1)
    messages[:, columns.LOTS] = random.integers(1, 100, n)
    messages[:, columns.AGENT] = random.integers(0, 50, n)
    outcomes = []
    for padding in (0, ticks):
        padded = np.vstack([messages, np.zeros((padding, columns.COLUMNS), np.int64)])
        reports = np.zeros((n + padding, columns.REPORT_COLUMNS), np.int64)
        auction = call_auction.open_auction(ticks, n + padding)
        outcome = call_auction.clear(auction, padded, ticks // 2, rule, reports)
        outcomes.append((outcome, reports[:n].tolist()))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0][1] > 10_000
