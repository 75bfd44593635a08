"""A double auction of traders who quote at random, on the order book."""

from __future__ import annotations

from catallaxy.numba_kernels.compile import U64, IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.order_columns import BUY, CANCEL_ALL, LIMIT, MAKER_AGENT, SELL, TICK
from catallaxy.numba_kernels.random import agent_bits, uniform
from catallaxy.numba_kernels.unit_orders import Desk, send

__all__ = ["hold_period"]


@helper
def _between(low: int, high: int, bits: U64) -> int:
    """Return a tick between two, both included, each as likely as another."""
    return low + int(uniform(bits) * (high - low + 1))


@helper
def _clear(desk: Desk, n_traders: int) -> None:
    """Cancel what everybody has quoted."""
    for trader in range(n_traders):
        send(desk, CANCEL_ALL, 0, 0, trader, 0)


@kernel
def hold_period(
    desk: Desk, limits: IntMatrix, constrained: bool, n_quotes: int, key: U64, units: Ints, trades: IntMatrix
) -> tuple[int, int]:
    """Hold one trading period: traders chosen at random quote for their next unit; after a trade the book is cleared.

    The first half of the traders buy and the second half sell. A trade is made at the quote that stood.

    Parameters
    ----------
    desk : Desk, in/out
        An empty book with a tick for every price, room for all quotes, and an agent for every trader; empty again
        afterwards.
    limits : int64[2 n, u], tick
        What each unit is worth to a buyer, the best first, or costs a seller, the cheapest first.
    constrained : bool
        Whether buyers bid at most the value and sellers ask at least the cost.
    n_quotes : int64
        How often somebody is chosen; who has nothing left to trade does not quote.
    key : uint64
        Of all draws of the period.
    units : int64[2 n], unit, out
        Traded by each trader.
    trades : int64[m, 3], out
        Price, value to the buyer and cost to the seller of each trade, in ticks; as many rows as units of one side.

    Returns
    -------
    (int64, int64)
        Trades, and the gains of all of them, in ticks.
    """
    n_traders, highest = limits.shape[0], desk.book.levels.size - 1
    n_trades, surplus = 0, 0
    units[:] = 0
    for number in range(n_quotes):
        trader = int(uniform(agent_bits(key, 2 * number)) * n_traders)
        if units[trader] == limits.shape[1]:
            continue
        buys, limit = 2 * trader < n_traders, limits[trader, units[trader]]
        low = 0 if buys or not constrained else limit
        high = highest if not (buys and constrained) else limit
        price = _between(low, high, agent_bits(key, 2 * number + 1))
        if send(desk, LIMIT, BUY if buys else SELL, price, trader, 0) == 0:
            continue
        other = desk.trade[0, MAKER_AGENT]
        buyer, seller = (trader, other) if buys else (other, trader)
        value, cost = limits[buyer, units[buyer]], limits[seller, units[seller]]
        trades[n_trades, 0], trades[n_trades, 1], trades[n_trades, 2] = desk.trade[0, TICK], value, cost
        n_trades, surplus = n_trades + 1, surplus + value - cost
        units[buyer] += 1
        units[seller] += 1
        _clear(desk, n_traders)
    _clear(desk, n_traders)
    return n_trades, surplus
