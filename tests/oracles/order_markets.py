"""Slow twins of what stands around the order book and the call auction: writing orders, quoting, settling."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

LARGEST_LOTS = 2**38 - 1


class LotReference(NamedTuple):
    """What a market trades in: micro-USD per tick and lot, base units per lot, fee, ticks of the band."""

    tick_value: int
    size: int
    fee: Fraction
    ticks: int


def fee_reference(value: int, fee: Fraction) -> int:
    """Return a fee, rounded up."""
    return math.ceil(value * fee)


def write_order_reference(amount: int, price: float, lot: LotReference) -> tuple[int, int, int] | None:
    """Return side, tick and lots of an amount (dollars if positive) with a limit in ticks; None for less than a lot."""
    top = lot.ticks - 1
    if amount > 0:
        tick = -1 if price < 1 else math.floor(min(price, top))
        each = max(tick, 1) * lot.tick_value
        lots = amount // (each + fee_reference(each, lot.fee))
        side = 1
    else:
        tick = lot.ticks if price > top else max(1, math.ceil(price))
        lots, side = -amount // lot.size, -1
    lots = min(lots, LARGEST_LOTS)
    return (side, tick, lots) if lots else None


def quote_ladder_reference(
    fair: float,
    usd: int,
    tokens: int,
    lot: LotReference,
    quotes: tuple[float, float, float, float, int],
    exp: Callable[[float], float],
) -> list[tuple[int, int, int]]:
    """Return side, tick and lots of a maker's quotes; `quotes` are half-spread, step, share quoted, skew and levels.

    The exponential is a parameter, because a tick may hang on its last bit.
    """
    half_spread, step, quoted, skew, levels = quotes
    worth = tokens * fair * lot.tick_value / lot.size
    shift = -skew * (worth - usd) / (worth + usd) if worth + usd > 0 else 0.0
    found = []
    for level in range(levels):
        bid, ask = (fair * exp(shift + sign * (half_spread + level * step)) for sign in (-1, 1))
        if 1 <= bid < lot.ticks:
            tick = math.floor(bid)
            found.append((1, tick, int(quoted * usd / levels / (tick * lot.tick_value))))
        if ask <= lot.ticks - 1:
            found.append((-1, math.ceil(ask), int(quoted * tokens / (levels * lot.size))))
    return [(side, tick, min(lots, LARGEST_LOTS)) for side, tick, lots in found if lots > 0]


def settle_auction_reference(
    orders: Sequence[tuple[int, int, int]], tick: int, lot: LotReference, house: int
) -> tuple[dict[int, list[int]], int]:
    """Return each account's change of cash and tokens, and the fees; orders are side, lots filled, account."""
    accounts: dict[int, list[int]] = {}
    fees = 0
    for side, lots, account in orders:
        value = lots * tick * lot.tick_value
        fee = 0 if account == house else fee_reference(value, lot.fee)
        held = accounts.setdefault(account, [0, 0])
        held[0] -= side * value + fee
        held[1] += side * lots * lot.size
        fees += fee
    return accounts, fees
