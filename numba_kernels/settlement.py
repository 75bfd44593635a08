"""Settlement of trades: what was matched in an order book moves cash and tokens between the two agents of each trade.

All amounts are integers. A trade is worth lots x price x value of a tick, exactly, so what one side pays the other side
receives; only the taker's fee is rounded, up.
"""

from __future__ import annotations

from catallaxy.numba_kernels.compile import IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.order_columns import AGENT, LOTS, MAKER_AGENT, SIDE, TICK

__all__ = ["FEE_UNIT", "fee_on", "settle"]

#: Fees are in millionths of what a trade is worth.
FEE_UNIT = 1_000_000


@helper
def fee_on(value: int, fee: int) -> int:
    """Return the fee on a value that is not negative, rounded up, without leaving 64 bits on the way."""
    whole, rest = value // FEE_UNIT, value % FEE_UNIT
    return whole * fee + (rest * fee + FEE_UNIT - 1) // FEE_UNIT


@kernel
def settle(
    trades: IntMatrix, n_trades: int, origin: int, tick_value: int, lot_size: int, fee: int, cash: Ints, tokens: Ints
) -> int:
    """Settle trades in their order; balances may fall below zero, because the book does not know them.

    Parameters
    ----------
    trades : int64[m, 8]
        As `order_book.submit` writes them.
    n_trades : int64
        How many of the rows count.
    origin : int64, ticks
        Price of tick 0 (`ORIGIN` of the book when it traded); no traded price is negative.
    tick_value : int64, micro-USD per lot
        What one tick is worth. Lots x price x tick_value stay below 2**63.
    lot_size : int64, base units
        Tokens in a lot.
    fee : int64, millionths of the value
        What the taker pays, from 0 to 1,000,000.
    cash : int64[A], micro-USD, in/out
        Of the agents by whose numbers the orders came.
    tokens : int64[A], base units, in/out

    Returns
    -------
    int64, micro-USD
        Fees collected: what the agents' cash has lost in all.
    """
    fees = 0
    for row in range(n_trades):
        side, lots = trades[row, SIDE], trades[row, LOTS]
        taker, maker = trades[row, AGENT], trades[row, MAKER_AGENT]
        value = lots * (origin + trades[row, TICK]) * tick_value
        charged = fee_on(value, fee) if fee > 0 else 0
        cash[taker] -= side * value + charged
        cash[maker] += side * value
        tokens[taker] += side * lots * lot_size
        tokens[maker] -= side * lots * lot_size
        fees += charged
    return fees
