"""The weighted pool, X**w Y**(1 - w) = k: a constant-product pool in which one asset is the larger part of the value.

With reserves X (paid into) and Y (paid from), r the weight of X over that of Y, and fee and kept shares as in
`constant_product`, a trader receives

    g_out Y (1 - (X / (X + g_in a))**r),      and pays      X ((Y / (Y - q))**(1 / r) - 1) / g_in,  q = wanted / g_out

The powers are taken as exp(r log(1 + z)) with `log1p` and `expm1`, because 1 - (...)**r would lose all its digits when
an order is small beside the reserves. What the pool hands out is rounded down after it was lowered by 2**-46 of itself,
more than all rounding errors together, so the invariant of the integer reserves never falls.
Formulas after Martinelli & Mushegian (2019), Balancer whitepaper, with weights between 0.01 and 0.99.
"""

from __future__ import annotations

import math

from numba import float64, int64

from catallaxy.numba_kernels.compile import Flags, Ints, helper, kernel
from catallaxy.numba_kernels.elementary import expm1, log, log1p
from catallaxy.numba_kernels.pool_state import (
    ACCEPTED,
    TOKENS,
    USD,
    fill_refusal,
    kept_shares,
    reserves,
    swap_refusal,
)
from catallaxy.numba_kernels.wide_products import LARGEST

__all__ = ["amount_in", "amount_out", "arbitrage_order", "marginal_prices", "payment", "receipt", "swap_batch"]

#: Factor on what the pool hands out.
_DOWN = 1.0 - 2.0**-46
#: Factors on what is wanted and on what is then asked for it; the error of a power of e grows with the exponent.
_UP_WANTED, _UP_ASKED = 1.0 + 2.0**-44, 1.0 + 2.0**-42


@helper
def _ratio(weight: float, buys: bool) -> float:
    """Return the weight of the asset paid in over that of the asset paid out; `weight` and `buys` are about tokens."""
    return (1.0 - weight) / weight if buys else weight / (1.0 - weight)


@helper
def bought(
    reserve_in: float, reserve_out: float, amount: float, ratio: float, keep_in: float, keep_out: float
) -> float:
    """Return what the pool pays for an amount."""
    return -keep_out * reserve_out * expm1(-ratio * log1p(amount * keep_in / reserve_in))


@helper
def charged(
    reserve_in: float, reserve_out: float, wanted: float, ratio: float, keep_in: float, keep_out: float
) -> float:
    """Return what the pool asks for an amount; infinity when it cannot pay that much."""
    gross = wanted / keep_out
    left = reserve_out - gross
    return math.inf if left <= 0.0 else reserve_in * expm1(log1p(gross / left) / ratio) / keep_in


@kernel
def amount_out(reserve_in: float, reserve_out: float, amount: float, ratio: float, fee: float, fee_on: int) -> float:
    """Return what comes out for an amount that goes in, as a real number.

    Parameters
    ----------
    reserve_in, reserve_out : float64, units of the asset paid and of the asset received
    amount : float64, units of the asset paid
    ratio : float64
        Weight of the asset paid over that of the asset received.
    fee : float64, share in [0, 1)
    fee_on : int64, FEE_IN or FEE_OUT

    Returns
    -------
    float64
        Units of the asset received.
    """
    keep_in, keep_out = kept_shares(fee, fee_on)
    return bought(reserve_in, reserve_out, amount, ratio, keep_in, keep_out)


@kernel
def amount_in(reserve_in: float, reserve_out: float, wanted: float, ratio: float, fee: float, fee_on: int) -> float:
    """Return what must go in for an amount to come out, as a real number; infinity when the pool cannot pay it.

    Parameters
    ----------
    reserve_in, reserve_out : float64, units of the asset paid and of the asset received
    wanted : float64, units of the asset received
    ratio : float64
        Weight of the asset paid over that of the asset received.
    fee : float64, share in [0, 1)
    fee_on : int64, FEE_IN or FEE_OUT

    Returns
    -------
    float64
        Units of the asset paid.
    """
    keep_in, keep_out = kept_shares(fee, fee_on)
    return charged(reserve_in, reserve_out, wanted, ratio, keep_in, keep_out)


@helper
def _whole(reserve_in: int, reserve_out: int, given: int, ratio: float, keep_in: float, keep_out: float) -> int:
    """Return what the pool pays for an amount in whole units; `keep_out` includes `_DOWN`."""
    return int64(bought(float64(reserve_in), float64(reserve_out), float64(given), ratio, keep_in, keep_out))


@kernel
def receipt(pool: Ints, weight: float, order: int, fee: float, fee_on: int) -> int:
    """Return what `swap_batch` would pay for an order; nothing changes.

    Parameters
    ----------
    pool : int64[3]
        A row of pool columns.
    weight : float64, share in [0.01, 0.99]
        Weight of tokens.
    order : int64
        Positive: micro-USD to spend. Negative: base units to sell.
    fee : float64, share in [0, 1)
    fee_on : int64, FEE_IN or FEE_OUT

    Returns
    -------
    int64
        Base units or micro-USD; 0 when the order would be refused.
    """
    given = abs(order)
    x, y = reserves(pool, order > 0)
    if swap_refusal(x, y, given) != ACCEPTED:
        return 0
    keep_in, keep_out = kept_shares(fee, fee_on)
    return _whole(x, y, given, _ratio(weight, order > 0), keep_in, keep_out * _DOWN)


@kernel
def payment(pool: Ints, weight: float, wanted: int, fee: float, fee_on: int) -> int:
    """Return what to give to `swap_batch` in order to receive at least an amount.

    The least payment in real numbers, rounded up, and at most a unit and 2**-40 of itself above that.

    Parameters
    ----------
    pool : int64[3]
        A row of pool columns.
    weight : float64, share in [0.01, 0.99]
        Weight of tokens.
    wanted : int64
        Positive: base units to buy. Negative: micro-USD to obtain for tokens.
    fee : float64, share in [0, 1)
    fee_on : int64, FEE_IN or FEE_OUT

    Returns
    -------
    int64
        Micro-USD or base units; 0 when nothing is wanted or the pool cannot pay that much.
    """
    x, y = reserves(pool, wanted > 0)
    if x < 1 or y < 1 or abs(wanted) < 1:
        return 0
    keep_in, keep_out = kept_shares(fee, fee_on)
    amount = _UP_WANTED * float64(abs(wanted))
    least = _UP_ASKED * charged(float64(x), float64(y), amount, _ratio(weight, wanted > 0), keep_in, keep_out)
    return int64(least) + 1 if least < _DOWN * float64(LARGEST - x) else 0


@kernel
def marginal_prices(pool: Ints, weight: float, fee: float) -> tuple[float, float, float]:
    """Return what one more base unit brings when sold, its price without fee, and what it costs when bought.

    Parameters
    ----------
    pool : int64[3]
        A row of pool columns; not empty.
    weight : float64, share in [0.01, 0.99]
        Weight of tokens.
    fee : float64, share in [0, 1)

    Returns
    -------
    (float64, float64, float64)
        Micro-USD per base unit.
    """
    price = float64(pool[USD]) / float64(pool[TOKENS]) * _ratio(weight, False)
    return price * (1.0 - fee), price, price / (1.0 - fee)


@helper
def _profitable(reserve_in: int, reserve_out: int, price: float, ratio: float, keep_in: float, keep_out: float) -> int:
    """Return the most profitable amount to pay in where a unit of what comes out is worth `price`, 0 if none is."""
    gain = keep_in * keep_out * price * ratio * float64(reserve_out) / float64(reserve_in)
    if gain <= 1.0:
        return 0
    amount = float64(reserve_in) * expm1(log(gain) / (1.0 + ratio)) / keep_in
    return int64(min(amount, _DOWN * float64(LARGEST - reserve_in)))


@kernel
def arbitrage_order(pool: Ints, weight: float, price: float, fee: float, fee_on: int) -> int:
    """Return the order that earns most for someone who trades at `price` elsewhere.

    It moves the pool along its curve until the next unit, fee included, costs that price: with m the price over what
    the pool asks, X (m**(1 / (1 + r)) - 1) / g_in goes in. Inside the band between the two
    marginal prices there is none.

    Parameters
    ----------
    pool : int64[3]
        A row of pool columns; not empty.
    weight : float64, share in [0.01, 0.99]
        Weight of tokens.
    price : float64, micro-USD per base unit
        Above 0.
    fee : float64, share in [0, 1)
    fee_on : int64, FEE_IN or FEE_OUT

    Returns
    -------
    int64
        Positive: micro-USD to spend. Negative: base units to sell. 0 when nothing is to be earned.
    """
    keep_in, keep_out = kept_shares(fee, fee_on)
    buy = _profitable(pool[USD], pool[TOKENS], price, _ratio(weight, True), keep_in, keep_out)
    sell = _profitable(pool[TOKENS], pool[USD], 1.0 / price, _ratio(weight, False), keep_in, keep_out)
    return buy if buy > 0 else -sell


@kernel
def swap_batch(
    pool: Ints, weight: float, fee: float, fee_on: int, orders: Ints, least: Ints, received: Ints, reasons: Flags
) -> tuple[int, int, int, int]:
    """Carry out orders one after the other, each at the reserves that the one before has left.

    Parameters
    ----------
    pool : int64[3], in/out
        A row of pool columns.
    weight : float64, share in [0.01, 0.99]
        Weight of tokens.
    fee : float64, share in [0, 1)
    fee_on : int64, FEE_IN or FEE_OUT
    orders : int64[n]
        Positive: micro-USD to spend. Negative: base units to sell. Either sign adds up to less than 2**62.
    least : int64[n]
        Least base units or micro-USD that the trader accepts for all of it.
    received : int64[n], out
        Base units or micro-USD paid to the trader; 0 when the order is refused, and then he pays nothing.
    reasons : int8[n], out
        ACCEPTED, or why the order is refused.

    Returns
    -------
    (int64, int64, int64, int64)
        Micro-USD and base units paid into the pool, micro-USD and base units paid out.
    """
    keep_in, keep_out = kept_shares(fee, fee_on)
    keep_out *= _DOWN
    buying, selling = _ratio(weight, True), _ratio(weight, False)
    tokens, usd = pool[TOKENS], pool[USD]
    tokens_in, usd_in = 0, 0
    for i in range(orders.size):
        order, given, out = orders[i], abs(orders[i]), 0
        x, y = (usd, tokens) if order > 0 else (tokens, usd)
        reason = swap_refusal(x, y, given)
        if reason == ACCEPTED:
            out = _whole(x, y, given, buying if order > 0 else selling, keep_in, keep_out)
            reason = fill_refusal(out, least[i])
        reasons[i] = reason
        if reason != ACCEPTED:
            received[i] = 0
            continue
        received[i] = out
        usd += given if order > 0 else -out
        tokens += given if order < 0 else -out
        usd_in += given if order > 0 else 0
        tokens_in += given if order < 0 else 0
    usd_out, tokens_out = usd_in - (usd - pool[USD]), tokens_in - (tokens - pool[TOKENS])
    pool[TOKENS], pool[USD] = tokens, usd
    return usd_in, tokens_in, usd_out, tokens_out
