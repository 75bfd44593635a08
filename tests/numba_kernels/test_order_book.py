"""The order book against its slow twin, and what must hold whatever the messages."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import order_book_state as layout, order_columns as columns
from oracles.order_book import LARGEST_LOTS, Message
from oracles.order_book_driver import RULES, Pair, submit_all

#: Sizes around the words of the bitmap.
BANDS = (1, 2, 3, 63, 64, 65, 130, 4096)
AGENTS = 3
TRADING = ("limit", "limit", "limit", "post only", "market", "ioc", "fok")


def ticks_worth_trying(ticks: int) -> list[int]:
    """Return ticks at the edges of the band and of the words of its bitmap, and some in the middle."""
    middle = range(ticks // 2 - 2, ticks // 2 + 3)
    return sorted({t for t in (0, 1, *middle, 62, 63, 64, 65, 128, ticks - 2, ticks - 1) if 0 <= t < ticks})


def messages(ticks: int) -> st.SearchStrategy[Message]:
    """Return a strategy for messages, some of them wrong."""
    tick = st.one_of(*[st.sampled_from(ticks_worth_trying(ticks))] * 6, st.sampled_from([-1, ticks]))
    lots = st.one_of(st.integers(1, 5), st.integers(1, 5), st.sampled_from([0, -3, LARGEST_LOTS, LARGEST_LOTS + 1]))
    agent = st.one_of(*[st.integers(0, AGENTS - 1)] * 8, st.sampled_from([-1, AGENTS]))
    side = st.one_of(*[st.sampled_from([1, -1])] * 8, st.sampled_from([0, 2]))
    expiry, about = st.sampled_from([0, 0, 0, 1, 2, 4, 9]), st.integers(0, 12)
    trading = st.builds(
        Message, st.sampled_from(TRADING), side, tick, lots, agent, expiry, st.just(0), st.integers(0, 9)
    )
    touching = st.builds(
        Message, st.sampled_from(["cancel", "cancel", "modify", "modify", "cancel all", "nonsense"]), side, tick, lots,
        agent, st.just(0), about, st.just(0),
    )  # fmt: skip
    return st.one_of(trading, trading, touching)


Event = Message | tuple[str, int]


@st.composite
def stories(draw: st.DrawFn) -> tuple[int, str, int, list[Event]]:
    """Draw a band, a self-trade rule, the room of the book, and what happens."""
    ticks = draw(st.sampled_from(BANDS))
    upkeep = st.tuples(st.just("expire"), st.integers(1, 5)) | st.tuples(st.just("move"), st.integers(-3, 3))
    message = messages(ticks)
    events = draw(st.lists(st.one_of(*[message] * 9, upkeep), max_size=40))
    return ticks, draw(st.sampled_from(sorted(RULES))), draw(st.sampled_from([1, 3, 50])), events


def play(pair: Pair, events: list[Event]) -> None:
    """Let the events happen to both books."""
    for event in events:
        if isinstance(event, Message):
            pair.send(event)
        elif event[0] == "expire":
            pair.expire(pair.twin.step + event[1])
        else:
            pair.move_band(event[1])
        assert pair.book.state[layout.BEST_BID] < pair.book.state[layout.BEST_ASK]


@given(stories())
def test_the_book_equals_its_twin(story: tuple[int, str, int, list[Event]]) -> None:
    ticks, rule, room, events = story
    pair = Pair(ticks, room, AGENTS, rule)
    play(pair, events)
    pair.compare_books()


@given(stories(), st.integers(1, 3), st.integers(1, 3))
def test_small_buffers_change_nothing(story: tuple[int, str, int, list[Event]], n_trades: int, n_removed: int) -> None:
    ticks, rule, room, events = story
    pair = Pair(ticks, room, AGENTS, rule)
    play(pair, [event for event in events if isinstance(event, Message)])
    if not pair.rows:
        return
    batch = np.array(pair.rows, np.int64)
    other = layout.open_book(ticks, room, AGENTS, 3, RULES[rule])
    reports, trades, removed = submit_all(other, batch, n_trades, n_removed)
    assert reports.tolist() == pair.reports
    assert trades[:, 1:].tolist() == [trade[1:] for trade in pair.trades]
    assert removed.tolist() == pair.removed
    assert all((one == two).all() for one, two in zip(other, pair.book, strict=True))
    traded = np.zeros(len(batch), np.int64)
    np.add.at(traded, trades[:, columns.MESSAGE], trades[:, columns.LOTS])
    assert traded.tolist() == reports[:, columns.FILLED].tolist()


@given(stories())
def test_lots_are_conserved_and_limits_kept(story: tuple[int, str, int, list[Event]]) -> None:
    ticks, rule, room, events = story
    pair = Pair(ticks, room, AGENTS, rule)
    play(pair, [event for event in events if isinstance(event, Message)])
    entered = 0
    for row, report in zip(pair.rows, pair.reports, strict=True):
        kind, lots = row[columns.KIND], row[columns.LOTS]
        taken = report[columns.FILLED] + report[columns.RESTING]
        if kind < columns.CANCEL:
            assert 0 <= taken <= max(lots, 0)
            assert report[columns.REASON] != columns.ACCEPTED or taken == lots
            assert kind <= columns.MODIFY or report[columns.RESTING] == 0
            entered += taken
    left = sum(row[columns.LOTS] for row in pair.removed) + int(pair.book.levels.sum())
    assert entered == 2 * int(pair.book.state[layout.VOLUME]) + left
    limits = {number: order.tick for number, order in ((o.number, o) for o in pair.twin.resting())}
    for trade in pair.twin.trades:
        assert trade.lots > 0
        assert trade.side * (limits.get(trade.taker, trade.tick) - trade.tick) >= 0
        assert rule == "allow" or trade.taker_agent != trade.maker_agent


def quoted(rule: str = "allow", ticks: int = 200, room: int = 50) -> Pair:
    """Return books with asks of agent 0 and 1 at 100, 101, 102 and a bid of agent 0 at 90."""
    pair = Pair(ticks, room, AGENTS, rule)
    pair.send(
        Message("limit", -1, 100, 2, agent=0),
        Message("limit", -1, 100, 3, agent=1),
        Message("limit", -1, 101, 5, agent=0),
        Message("limit", -1, 102, 7, agent=1),
        Message("limit", 1, 90, 4, agent=0),
    )
    return pair


@pytest.mark.parametrize("kind", ["limit", "market", "ioc", "fok"])
def test_a_sweep_pays_the_price_of_every_level_not_that_of_the_last(kind: str) -> None:
    pair = quoted()
    (answer,) = pair.send(Message(kind, 1, 102, 12, agent=2))
    assert answer.filled == 12
    assert [(t.tick, t.lots, t.maker_agent) for t in pair.twin.trades] == [
        (100, 2, 0), (100, 3, 1), (101, 5, 0), (102, 2, 1),
    ]  # fmt: skip
    assert [row[columns.TICK] for row in pair.trades] == [100, 100, 101, 102]


@pytest.mark.parametrize("side", [1, -1])
def test_a_market_order_never_rests_and_an_empty_book_trades_with_nobody(side: int) -> None:
    pair = Pair(64, 5, AGENTS, "allow")
    (answer,) = pair.send(Message("market", side, 0, 9))
    assert (answer.reason, answer.filled, answer.resting) == ("unfilled", 0, 0)
    pair.send(Message("limit", -side, 30, 4, agent=1))
    (answer,) = pair.send(Message("market", side, 0, 9))
    assert (answer.reason, answer.filled, answer.resting) == ("unfilled", 4, 0)
    assert pair.book.state[layout.LIVE] == 0
    pair.send(Message("limit", -side, 31, 1, agent=1))
    assert pair.book.state[layout.TRADES] == 1
    pair.compare_books()


def test_market_orders_of_any_size_end() -> None:
    pair = quoted()
    for lots in (LARGEST_LOTS, 1, LARGEST_LOTS):
        for side in (1, -1):
            pair.send(Message("market", side, 0, lots, agent=2))
    assert pair.book.state[layout.LIVE] == 0
    pair.compare_books()


def test_time_decides_within_a_tick_and_price_before_time() -> None:
    pair = Pair(10, 9, AGENTS, "allow")
    pair.send(
        Message("limit", 1, 4, 1, agent=0), Message("limit", 1, 5, 1, agent=1), Message("limit", 1, 5, 1, agent=2)
    )
    pair.send(Message("market", -1, 0, 3, agent=0))
    assert [t.maker_agent for t in pair.twin.trades] == [1, 2, 0]


def test_an_order_that_shrinks_keeps_its_place_and_one_that_grows_or_moves_loses_it() -> None:
    def first_after(message: Message) -> int:
        pair = Pair(10, 9, AGENTS, "allow")
        pair.send(Message("limit", 1, 5, 3, agent=0), Message("limit", 1, 5, 3, agent=1), message)
        pair.send(Message("market", -1, 0, 1, agent=2))
        pair.compare_books()
        return pair.twin.trades[0].maker_agent

    assert first_after(Message("modify", tick=5, lots=1, about=1)) == 0
    assert first_after(Message("modify", tick=5, lots=3, about=1)) == 0
    assert first_after(Message("modify", tick=5, lots=4, about=1)) == 1
    assert first_after(Message("modify", tick=4, lots=3, about=1)) == 1


def test_an_order_moved_across_the_spread_trades_under_its_old_number() -> None:
    pair = quoted()
    (answer,) = pair.send(Message("modify", tick=100, lots=6, agent=0, about=5))
    assert answer == ("accepted", 5, 1, 5)
    assert [t.taker for t in pair.twin.trades] == [5, 5]
    pair.compare_books()


def test_an_old_number_is_nobodys_when_its_slot_is_used_again() -> None:
    pair = Pair(10, 1, AGENTS, "allow")
    pair.send(Message("limit", 1, 5, 1), Message("cancel", about=1), Message("limit", 1, 6, 1))
    assert pair.numbers[1] % 2**layout.SLOT_BITS == pair.numbers[2] % 2**layout.SLOT_BITS
    answers = pair.send(Message("cancel", about=1), Message("modify", tick=2, lots=1, about=1))
    assert [answer.reason for answer in answers] == ["unknown order"] * 2
    assert len(pair.twin.resting()) == 1


REFUSALS = [
    (Message("cancel", about=99), "unknown order"),
    (Message("cancel", agent=2, about=1), "not owner"),
    (Message("modify", tick=99, lots=1, agent=2, about=1), "not owner"),
    (Message("modify", tick=200, lots=1, about=1), "outside band"),
    (Message("modify", tick=99, lots=0, about=1), "bad size"),
    (Message("limit", 1, 200, 1), "outside band"),
    (Message("limit", 1, -1, 1), "outside band"),
    (Message("limit", 1, 99, 0), "bad size"),
    (Message("market", 1, 0, LARGEST_LOTS + 1), "bad size"),
    (Message("post only", 1, 100, 1), "would cross"),
    (Message("post only", -1, 90, 1), "would cross"),
    (Message("fok", 1, 101, 11, agent=2), "cannot fill"),
    (Message("limit", 0, 95, 1), "malformed"),
    (Message("limit", 1, 95, 1, agent=AGENTS), "malformed"),
    (Message("cancel all", agent=-1), "malformed"),
    (Message("nonsense", 1, 95, 1), "malformed"),
]


@pytest.mark.parametrize(("message", "reason"), REFUSALS)
def test_what_is_refused_is_refused_with_its_reason_and_changes_nothing(message: Message, reason: str) -> None:
    pair = quoted()
    before = [array.copy() for array in pair.book]
    assert pair.send(message)[0].reason == reason
    assert all((one == two).all() for one, two in zip(before, pair.book, strict=True))


def test_every_reason_has_words() -> None:
    assert len(columns.REASONS) == len(set(columns.REASONS)) == columns.MODIFIED + 1


def test_a_full_book_takes_an_order_only_as_far_as_it_trades() -> None:
    pair = Pair(10, 2, AGENTS, "allow")
    pair.send(Message("limit", 1, 4, 1), Message("limit", 1, 3, 1))
    assert pair.send(Message("limit", -1, 8, 5))[0].reason == "book full"
    assert pair.send(Message("limit", -1, 4, 5))[0] == ("accepted", 1, 4, 4)
    assert pair.send(Message("limit", -1, 4, 1))[0].reason == "book full"
    assert pair.send(Message("modify", -1, 5, 9, about=4))[0].reason == "accepted"
    pair.compare_books()


def test_own_orders_are_met_as_the_rule_says() -> None:
    incoming = Message("limit", 1, 101, 6, agent=0)
    allowed, resting, stopped = (quoted(rule) for rule in ("allow", "cancel resting", "cancel incoming"))
    assert allowed.send(incoming)[0] == ("accepted", 6, 0, 6)
    assert resting.send(incoming)[0] == ("accepted", 3, 3, 6)
    assert [(row[columns.REASON], row[columns.LOTS]) for row in resting.removed] == [
        (columns.SELF_TRADE, 2), (columns.SELF_TRADE, 5),
    ]  # fmt: skip
    assert stopped.send(incoming)[0] == ("self trade", 0, 0, 6)
    assert stopped.send(incoming._replace(agent=1))[0] == ("self trade", 2, 0, 7)


@pytest.mark.parametrize(("rule", "agent", "lots", "fills"), [
    ("allow", 0, 10, True), ("cancel resting", 0, 3, True), ("cancel resting", 0, 4, False),
    ("cancel incoming", 1, 2, True), ("cancel incoming", 1, 3, False), ("cancel incoming", 2, 10, True),
])  # fmt: skip
def test_fill_or_kill_counts_what_it_may_trade_with(rule: str, agent: int, lots: int, fills: bool) -> None:
    pair = quoted(rule)
    (answer,) = pair.send(Message("fok", 1, 101, lots, agent=agent))
    assert answer[:2] == (("accepted", lots) if fills else ("cannot fill", 0))
    assert bool(pair.trades) == fills


def test_orders_expire_on_their_step_also_beyond_the_horizon_and_in_the_order_of_arrival() -> None:
    pair = Pair(10, 20, AGENTS, "allow", horizon=3)
    pair.send(
        *[Message("limit", 1, tick, 1, expiry=expiry) for tick, expiry in ((2, 7), (1, 2), (3, 2), (4, 0), (5, 1))]
    )
    for step, left in ((1, 4), (2, 2), (3, 2), (6, 2), (7, 1), (50, 1)):
        pair.expire(step)
        assert pair.book.state[layout.LIVE] == left
    assert [row[columns.TICK] for row in pair.removed] == [5, 1, 3, 2]
    assert pair.send(Message("limit", 1, 2, 1, expiry=50))[0].reason == "expired"
    pair.compare_books()


def test_cancelling_all_leaves_the_others() -> None:
    pair = quoted()
    assert pair.send(Message("cancel all", agent=0))[0].reason == "accepted"
    assert [row[columns.TICK] for row in pair.removed] == [100, 101, 90]
    assert {order.agent for order in pair.twin.resting()} == {1}
    pair.compare_books()


@pytest.mark.parametrize("shift", [1, -1, 50, -50, 95, 101, -100, 199, 200, -200, 10**6, -(10**6)])
def test_a_new_band_keeps_prices_and_priority(shift: int) -> None:
    pair = quoted()
    prices = {order.number: order.tick for order in pair.twin.resting()}
    pair.move_band(shift)
    pair.compare_books()
    assert {order.number: order.tick + shift for order in pair.twin.resting()}.items() <= prices.items()
    pair.send(Message("limit", -1, 0, 3, agent=2), Message("limit", 1, 199, 99, agent=2))
    pair.compare_books()


def test_an_order_larger_than_the_buffer_is_continued() -> None:
    book = layout.open_book(100, 60, 2, 4, columns.ALLOW)
    rows = [[columns.LIMIT, -1, 10 + i, 1, 0, 0, 0, 0] for i in range(50)]
    rows += [[columns.LIMIT, 1, 99, 60, 1, 0, 0, 0], [columns.LIMIT, -1, 99, 10, 0, 0, 0, 0]]
    reports, trades, _ = submit_all(book, np.array(rows, np.int64), 7, 1)
    assert trades[:50, columns.TICK].tolist() == list(range(10, 60))
    assert reports[50].tolist()[:3] == [columns.ACCEPTED, 50, 10]
    assert trades[50].tolist()[:4] == [51, -1, 99, 10]
    assert book.state[layout.LIVE] == 0


@pytest.mark.parametrize("n_removed", [1, 2, 7])
@pytest.mark.parametrize("last", [[columns.LIMIT, 1, 99, 60, 0, 0, 0, 0], [columns.CANCEL_ALL, 0, 0, 0, 0, 0, 0, 0]])
def test_more_own_orders_than_the_buffer_of_removals_are_continued(n_removed: int, last: list[int]) -> None:
    book = layout.open_book(100, 60, 2, 4, columns.CANCEL_RESTING)
    rows = [[columns.LIMIT, -1, 10 + i, 1, 0, 0, 0, i] for i in range(20)] + [last]
    reports, trades, removed = submit_all(book, np.array(rows, np.int64), 1, n_removed)
    assert removed[:, columns.REFERENCE].tolist() == list(range(20))
    assert reports[20, columns.REASON] == columns.ACCEPTED
    assert book.state[layout.LIVE] == (last[0] == columns.LIMIT)
    assert len(trades) == 0


@pytest.mark.jit
@pytest.mark.parametrize("rule", sorted(RULES))
def test_thousands_of_messages_equal_the_twin(rule: str) -> None:
    random, pair = np.random.default_rng(5), Pair(4096, 120, 40, rule)
    kinds = ["limit"] * 6 + ["market", "ioc", "fok", "post only", "modify"] + ["cancel"] * 4
    for i in range(2_500):
        side = int(random.integers(2)) * 2 - 1
        pair.send(
            Message(
                str(random.choice(kinds)),
                side,
                int(np.clip(2048 - side * random.integers(-8, 60), 0, 4095)),
                int(random.integers(1, 40)),
                int(random.integers(40)),
                0 if random.random() < 0.7 else pair.twin.step + 4,
                int(random.integers(max(1, pair.twin.arrivals - 90), pair.twin.arrivals + 2)),
                i,
            )
        )
        if i % 100 == 99:
            pair.expire(pair.twin.step + 1)
            pair.move_band(int(random.integers(-3, 4)))
            pair.compare_books()
    assert pair.book.state[layout.TRADES] > 300
