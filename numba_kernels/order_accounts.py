"""Accounts of those who trade in a market that matches orders singly.

An account counts what its owner has yet to be given (or, below zero, to be taken): changes of cash and of tokens since
they were last handed out. What a resting order may cost is set aside with the order itself, so that nothing needs to be
booked when it is cancelled or expires: reserves are put back before a market and set aside again after it.
"""

from __future__ import annotations

from typing import NamedTuple

from catallaxy.numba_kernels.compile import IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.order_book_state import ORIGIN, Book
from catallaxy.numba_kernels.order_columns import AGENT, BUY, FILLED, LOTS, MAKER_AGENT, ORDER, SIDE, TICK
from catallaxy.numba_kernels.order_flow import Lot
from catallaxy.numba_kernels.settlement import fee_on

__all__ = ["HOUSE", "Desk", "hand_out", "move_reserves", "release_makers", "settle_auction", "tally_trades"]

#: Account of the market maker of the house, who needs no reserves and pays no fee.
HOUSE = 0

#: Columns of a tally: micro-USD paid and base units received by buyers; base units given and micro-USD received by
#: sellers.
_PAID, _BOUGHT, _SOLD, _EARNED = range(4)


class Desk(NamedTuple):
    """The accounts of a market.

    Attributes
    ----------
    cash : int64[A], micro-USD
    tokens : int64[A], base units
    bounds : int64[S]
        First account of each sector, ascending from 0.
    tally : int64[S, 4]
        Of each sector: micro-USD paid and base units bought, base units sold and micro-USD earned.
    """

    cash: Ints
    tokens: Ints
    bounds: Ints
    tally: IntMatrix


@helper
def _sector(bounds: Ints, account: int) -> int:
    """Return the sector of an account."""
    sector = bounds.size - 1
    while bounds[sector] > account:
        sector -= 1
    return sector


@helper
def _count(desk: Desk, account: int, side: int, value: int, tokens: int, fee: int) -> None:
    """Count one side of a trade."""
    sector = _sector(desk.bounds, account)
    if side == BUY:
        desk.tally[sector, _PAID] += value + fee
        desk.tally[sector, _BOUGHT] += tokens
    else:
        desk.tally[sector, _SOLD] += tokens
        desk.tally[sector, _EARNED] += value - fee


@kernel
def tally_trades(trades: IntMatrix, n_trades: int, lot: Lot, desk: Desk) -> None:
    """Count trades by sector, fees included.

    Parameters
    ----------
    trades : int64[m, 8]
        As `order_book.submit` writes them; prices count from 0.
    n_trades : int64
        How many of the rows count.
    lot : Lot
    desk : Desk, in/out
    """
    for row in range(n_trades):
        side, tokens = trades[row, SIDE], trades[row, LOTS] * lot.size
        value = trades[row, LOTS] * trades[row, TICK] * lot.tick_value
        _count(desk, trades[row, AGENT], side, value, tokens, fee_on(value, lot.fee))
        _count(desk, trades[row, MAKER_AGENT], -side, value, tokens, 0)


@kernel
def settle_auction(messages: IntMatrix, reports: IntMatrix, tick: int, lot: Lot, desk: Desk) -> int:
    """Settle a call auction: everyone trades at one tick, and all but the house pay the fee.

    Parameters
    ----------
    messages : int64[n, 8]
    reports : int64[n, 4]
        As `call_auction.clear` writes them.
    tick : int64
        Clearing price.
    lot : Lot
    desk : Desk, in/out

    Returns
    -------
    int64, micro-USD
        Fees collected.
    """
    fees = 0
    for row in range(messages.shape[0]):
        lots, side, account = reports[row, FILLED], messages[row, SIDE], messages[row, AGENT]
        if lots == 0:
            continue
        value, tokens = lots * tick * lot.tick_value, lots * lot.size
        fee = 0 if account == HOUSE else fee_on(value, lot.fee)
        desk.cash[account] -= side * value + fee
        desk.tokens[account] += side * tokens
        _count(desk, account, side, value, tokens, fee)
        fees += fee
    return fees


@kernel
def move_reserves(book: Book, lot: Lot, sign: int, desk: Desk) -> tuple[int, int]:
    """Put the reserves of all resting orders back into their owners' accounts, or set them aside.

    Parameters
    ----------
    book : Book
    lot : Lot
    sign : int64
        1 puts back, -1 sets aside, 0 only counts.
    desk : Desk, in/out

    Returns
    -------
    (int64, int64)
        Micro-USD and base units that the orders reserve; those of the house reserve nothing.
    """
    usd, tokens = 0, 0
    for slot in range(book.orders.shape[0]):
        account = book.orders[slot, AGENT]
        if book.orders[slot, ORDER] == 0 or account == HOUSE:
            continue
        lots = book.orders[slot, LOTS]
        if book.orders[slot, SIDE] == BUY:
            value = lots * (book.state[ORIGIN] + book.orders[slot, TICK]) * lot.tick_value
            desk.cash[account] += sign * value
            usd += value
        else:
            desk.tokens[account] += sign * lots * lot.size
            tokens += lots * lot.size
    return usd, tokens


@kernel
def release_makers(trades: IntMatrix, n_trades: int, lot: Lot, desk: Desk) -> tuple[int, int, int, int]:
    """Put back what resting orders had reserved for trades, and count what their owners traded.

    Parameters
    ----------
    trades : int64[m, 8]
        Prices count from 0.
    n_trades : int64
        How many of the rows count.
    lot : Lot
    desk : Desk, in/out

    Returns
    -------
    (int64, int64, int64, int64)
        Micro-USD paid, base units bought, base units sold, micro-USD earned by makers other than the house.
    """
    paid, bought, sold, earned = 0, 0, 0, 0
    for row in range(n_trades):
        account, tokens = trades[row, MAKER_AGENT], trades[row, LOTS] * lot.size
        value = trades[row, LOTS] * trades[row, TICK] * lot.tick_value
        if account == HOUSE:
            continue
        if trades[row, SIDE] == BUY:
            desk.tokens[account] += tokens
            sold += tokens
            earned += value
        else:
            desk.cash[account] += value
            paid += value
            bought += tokens
    return paid, bought, sold, earned


@kernel
def hand_out(desk: Desk, ids: Ints, first: int, usd: Ints, tokens: Ints) -> tuple[int, int]:
    """Empty the accounts of a population into arrays by row.

    Parameters
    ----------
    desk : Desk, in/out
    ids : int64[n]
    first : int64
        Account of the agent with identifier 0.
    usd, tokens : int64[n], out

    Returns
    -------
    (int64, int64)
        Sums of both.
    """
    all_usd, all_tokens = 0, 0
    for row in range(usd.size):
        account = first + ids[row]
        usd[row] = desk.cash[account]
        tokens[row] = desk.tokens[account]
        desk.cash[account] = 0
        desk.tokens[account] = 0
        all_usd += usd[row]
        all_tokens += tokens[row]
    return all_usd, all_tokens
