"""Orders of one lot, one by one: what `send` says and does is what the slow book says and does."""

from __future__ import annotations

import numpy as np
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import order_book_state as layout, order_columns as columns
from catallaxy.numba_kernels.unit_orders import open_desk, send, standing
from oracles.order_book import Message, OrderBookReference
from oracles.order_book_driver import KINDS, REASONS

TICKS, ROOM, AGENTS = 6, 5, 2
BUY, SELL = columns.BUY, columns.SELL

sent = st.tuples(
    st.sampled_from(["limit", "limit", "limit", "post only", "market", "ioc", "cancel", "cancel all", "nonsense"]),
    st.sampled_from([BUY, SELL]),
    st.integers(-1, TICKS),
    st.integers(0, AGENTS - 1),
    st.integers(0, 9),
)


@given(st.lists(sent, max_size=40))
def test_one_lot_at_a_time_is_what_the_slow_book_does(messages: list[tuple[str, int, int, int, int]]) -> None:
    desk, twin, numbers = open_desk(TICKS, ROOM, AGENTS), OrderBookReference(TICKS, ROOM, AGENTS), {0: 7}
    for kind, side, tick, agent, about in messages:
        before = len(twin.trades)
        n_trades = send(desk, KINDS[kind], side, tick, agent, numbers.get(about, 7))
        answer = twin.submit(Message(kind, side, tick, 1, agent, about=about))
        assert n_trades == len(twin.trades) - before
        assert REASONS[int(desk.report[0, columns.REASON])] == answer.reason
        if kind not in {"cancel", "cancel all"}:
            numbers[answer.number or -1] = int(desk.report[0, columns.NUMBER])
        if n_trades:
            trade = twin.trades[-1]
            row = desk.trade[0]
            assert (row[columns.SIDE], row[columns.TICK], row[columns.LOTS]) == (trade.side, trade.tick, 1)
            assert (row[columns.AGENT], row[columns.MAKER_AGENT]) == (trade.taker_agent, trade.maker_agent)
        assert desk.book.levels.tolist() == [len(twin.levels.get(t, ())) for t in range(TICKS)]


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.data())
def test_the_order_at_a_place_has_that_many_before_it(buys: list[bool], data: st.DataObject) -> None:
    desk, queues = open_desk(4, 20, 1), {1: [], 2: []}  # type: ignore[var-annotated]
    for is_bid in buys:
        send(desk, columns.LIMIT, BUY if is_bid else SELL, 1 if is_bid else 2, 0, 0)
        queues[1 if is_bid else 2].append(int(desk.report[0, columns.NUMBER]))
    tick = data.draw(st.sampled_from([tick for tick in queues if queues[tick]]))
    place = data.draw(st.integers(0, len(queues[tick]) - 1))
    assert standing(desk.book, tick, place) == queues[tick][place]


def test_everything_of_an_agent_can_be_cancelled_though_the_buffer_is_smaller() -> None:
    desk = open_desk(4, 200, 2)
    for number in range(150):
        send(desk, columns.LIMIT, BUY, 1, number % 2, 0)
    send(desk, columns.CANCEL_ALL, BUY, 0, 0, 0)
    assert desk.book.levels.tolist() == [0, 75, 0, 0]
    assert desk.book.state[layout.LIVE] == 75
    assert np.all(desk.book.orders[desk.book.orders[:, columns.ORDER] > 0, columns.AGENT] == 1)
