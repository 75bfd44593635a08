"""Uniform-price call auction: everyone trades at one tick, which makes the traded volume as large as it can be.

Among the ticks of largest volume V = min(D, S), with D the lots bid at that tick or above and S the lots offered at it
or below, the one with the smallest imbalance |D - S| is taken, then the one nearest to a reference, then the lower one.
Market orders accept every price and come before all limit orders. The short side is filled completely; the long side
from its most aggressive limit on, and the tick at which it runs out is rationed, by time or pro rata. Lots are summed
into a histogram, so that nothing is sorted; when orders are few and the band is wide, only occupied ticks are visited.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from catallaxy.numba_kernels.apportionment import LARGEST_FACTOR, hand_out, share_out
from catallaxy.numba_kernels.compile import IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.occupancy import Words, next_occupied, occupy, previous_occupied, vacate, words_for
from catallaxy.numba_kernels.order_columns import (
    ACCEPTED,
    AGENT,
    BAD_SIZE,
    BUY,
    FILLED,
    KIND,
    LARGEST_LOTS,
    LIMIT,
    LOTS,
    MALFORMED,
    MARKET,
    NUMBER,
    OUTSIDE_BAND,
    REASON,
    RESTING,
    SELL,
    SIDE,
    TICK,
    UNFILLED,
)

__all__ = ["BY_TIME", "PRO_RATA", "Auction", "clear", "open_auction"]

#: How the tick at the margin is rationed.
BY_TIME, PRO_RATA = 0, 1
#: Ticks per order up to which every tick is visited.
_TICKS_PER_ORDER = 4


class Auction(NamedTuple):
    """What an auction works with; all zero between two clearings, apart from `rows` and `keys`.

    Attributes
    ----------
    lots : int64[2 (T + 2)]
        Lots bid (even) and offered (odd) per bin. Bin 0 holds market orders to sell, bin t + 1 tick t, and bin T + 1
        market orders to buy.
    words, summary : uint64[W], uint64[V]
        Occupied bins, when only those are visited.
    rows, keys : int64[N]
        Orders at the margin and what decides between them.
    """

    lots: Ints
    words: Words
    summary: Words
    rows: Ints
    keys: Ints


@kernel
def open_auction(ticks: int, room: int) -> Auction:
    """Allocate what auctions on a band of `ticks` ticks (at most 2**24) with up to `room` orders (2**24) work with."""
    n_words = words_for(ticks + 2)
    return Auction(
        np.zeros(2 * (ticks + 2), np.int64),
        np.zeros(n_words, np.uint64),
        np.zeros(words_for(n_words), np.uint64),
        np.zeros(room, np.int64),
        np.zeros(room, np.int64),
    )


@helper
def _refusal(messages: IntMatrix, row: int, ticks: int) -> int:
    """Return why an order cannot take part, or ACCEPTED."""
    kind, side, tick, lots = messages[row, KIND], messages[row, SIDE], messages[row, TICK], messages[row, LOTS]
    if (kind not in (LIMIT, MARKET)) or abs(side) != BUY or messages[row, AGENT] < 0:
        return MALFORMED
    if lots < 1 or lots > LARGEST_LOTS:
        return BAD_SIZE
    if kind == LIMIT and (tick < 0 or tick >= ticks):
        return OUTSIDE_BAND
    return ACCEPTED


@helper
def _bin_of(messages: IntMatrix, row: int, ticks: int) -> int:
    """Return the bin of an order that takes part."""
    if messages[row, KIND] == LIMIT:
        return messages[row, TICK] + 1
    return 0 if messages[row, SIDE] == SELL else ticks + 1


@helper
def _collect(auction: Auction, messages: IntMatrix, sparse: bool) -> int:
    """Sum the lots of all orders into their bins; return the lots bid."""
    ticks = auction.lots.size // 2 - 2
    bid = 0
    for row in range(messages.shape[0]):
        if _refusal(messages, row, ticks) != ACCEPTED:
            continue
        number, lots, offers = _bin_of(messages, row, ticks), messages[row, LOTS], (1 - messages[row, SIDE]) // 2
        auction.lots[2 * number + offers] += lots
        bid += lots * (1 - offers)
        if sparse:
            occupy(auction.words, auction.summary, number)
    return bid


@helper
def _better(
    best: tuple[int, int, int], first: int, last: int, demand: int, supply: int, reference: int
) -> tuple[int, int, int]:
    """Return the better of the best bin so far and the bins `first` to `last`, which share demand and supply.

    A candidate is (bin, lots traded, lots bid less lots offered).
    """
    number, volume, surplus = best
    traded = min(demand, supply)
    if traded < volume or traded == 0:
        return best
    nearest = min(max(reference, first), last)
    if traded == volume:
        worse = abs(demand - supply) - abs(surplus)
        if worse > 0 or (worse == 0 and abs(nearest - reference) >= abs(number - reference)):
            return best
    return nearest, traded, demand - supply


@helper
def _price(auction: Auction, bid: int, reference: int, sparse: bool) -> tuple[int, int, int]:
    """Return the clearing bin (-1 when nothing trades), the lots traded, and lots bid less lots offered there."""
    ticks = auction.lots.size // 2 - 2
    demand, supply = bid, auction.lots[1]
    best = (-1, 0, 0)
    lowest = 1
    while lowest <= ticks and demand >= best[1]:
        number = next_occupied(auction.words, auction.summary, lowest) if sparse else lowest
        if number < 0 or number > ticks:
            number = ticks + 1
        if number > lowest:
            best = _better(best, lowest, number - 1, demand, supply, reference)
        if number <= ticks:
            supply += auction.lots[2 * number + 1]
            best = _better(best, number, number, demand, supply, reference)
            demand -= auction.lots[2 * number]
        lowest = number + 1
    return best


@helper
def _margin(auction: Auction, number: int, surplus: int, sparse: bool) -> tuple[int, int]:
    """Return the bin at which the long side runs out, and the lots that trade there.

    What is too much is taken from the long side's least aggressive lots, from the clearing bin on.
    """
    side = BUY if surplus > 0 else SELL
    offers = 1 if side == SELL else 0
    left_out = abs(surplus)
    while left_out >= auction.lots[2 * number + offers]:
        left_out -= auction.lots[2 * number + offers]
        number += side
        if sparse and side == BUY:
            number = next_occupied(auction.words, auction.summary, number)
        elif sparse:
            number = previous_occupied(auction.words, auction.summary, number)
    return number, auction.lots[2 * number + offers] - left_out


@helper
def _fill(
    auction: Auction,
    messages: IntMatrix,
    rule: int,
    margins: tuple[int, int],
    rationed: tuple[int, int, int],
    reports: IntMatrix,
) -> None:
    """Write every order's report: filled beyond its side's margin, rationed at it.

    `margins` are the bins of the two sides; `rationed` is the side that is rationed, the lots that trade at its margin
    and the lots that stand there.
    """
    ticks = auction.lots.size // 2 - 2
    long_side, ration, total = rationed
    left, n_margin, largest = ration, 0, LARGEST_FACTOR // ration
    for row in range(messages.shape[0]):
        reason, filled = _refusal(messages, row, ticks), 0
        if reason == ACCEPTED:
            side, lots = messages[row, SIDE], messages[row, LOTS]
            beyond = side * (_bin_of(messages, row, ticks) - (margins[1] if side == SELL else margins[0]))
            filled = lots if beyond > 0 else 0
            if beyond == 0 and side == long_side:
                if rule == PRO_RATA:
                    filled, auction.keys[n_margin] = share_out(lots, ration, total, largest)
                    auction.rows[n_margin] = row
                    n_margin += 1
                else:
                    filled = min(lots, left)
                left -= filled
            reason = ACCEPTED if filled == lots else UNFILLED
        reports[row, REASON] = reason
        reports[row, FILLED] = filled
        reports[row, RESTING] = 0
        reports[row, NUMBER] = 0
    if n_margin > 0:
        hand_out(auction.rows, auction.keys, n_margin, left, total, messages, reports)


@helper
def _sweep_out(auction: Auction, sparse: bool) -> None:
    """Empty the bins."""
    if not sparse:
        auction.lots[:] = 0
        return
    number = next_occupied(auction.words, auction.summary, 0)
    while number >= 0:
        auction.lots[2 * number] = 0
        auction.lots[2 * number + 1] = 0
        vacate(auction.words, auction.summary, number)
        number = next_occupied(auction.words, auction.summary, number)


@kernel
def clear(auction: Auction, messages: IntMatrix, reference: int, rule: int, reports: IntMatrix) -> tuple[int, int, int]:
    """Clear one auction.

    Parameters
    ----------
    auction : Auction, in/out
        Scratch.
    messages : int64[n, 8]
        As the order book reads them: KIND (LIMIT or MARKET), SIDE, TICK, LOTS and AGENT count. At most as many as
        `auction` has room for; earlier rows came earlier.
    reference : int64
        Tick from which the distance counts when several prices are equally good.
    rule : int64
        BY_TIME: at the margin earlier rows are filled first. PRO_RATA: in proportion to lots, largest remainders first;
        what each agent gets in all is then independent of the order of rows.
    reports : int64[n, 4], out
        REASON (ACCEPTED when filled completely, UNFILLED, or why the order could not take part), lots FILLED, zeros.

    Returns
    -------
    (int64, int64, int64)
        Clearing tick (-1 when nothing trades), lots traded, and lots bid less lots offered at that tick.
    """
    ticks = auction.lots.size // 2 - 2
    sparse = messages.shape[0] * _TICKS_PER_ORDER < ticks
    bid = _collect(auction, messages, sparse)
    number, volume, surplus = _price(auction, bid, reference + 1, sparse)
    margins, rationed = (number - 1, number + 1), (0, 1, 1)
    if volume == 0:
        margins = (ticks + 1, 0)
    elif surplus > 0:
        margin, ration = _margin(auction, number, surplus, sparse)
        margins, rationed = (margin, number + 1), (BUY, ration, auction.lots[2 * margin])
    elif surplus < 0:
        margin, ration = _margin(auction, number, surplus, sparse)
        margins, rationed = (number - 1, margin), (SELL, ration, auction.lots[2 * margin + 1])
    _fill(auction, messages, rule, margins, rationed, reports)
    _sweep_out(auction, sparse)
    return number - 1 if volume > 0 else -1, volume, surplus
