"""Slow twins of the pools of two assets: fractions, integers of any size and sixty digits."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Literal

LARGEST = 2**62 - 1
DIGITS = 60


@dataclass
class Holdings:
    """What a pool holds, and how many shares of it there are."""

    tokens: int
    usd: int
    shares: int = 0


def sides(pool: Holdings, order: int) -> tuple[int, int]:
    """Return the reserve that an order pays into and the one it is paid from: positive orders spend dollars."""
    return (pool.usd, pool.tokens) if order > 0 else (pool.tokens, pool.usd)


def swap_reference(reserve_in: int, reserve_out: int, amount: int, fee: Fraction, fee_on: str) -> Fraction:
    """Return what a constant-product pool pays, without rounding: the product is the same before fee and after."""
    if fee_on == "in":
        amount_in_curve = amount * (1 - fee)
        return reserve_out - Fraction(reserve_in * reserve_out) / (reserve_in + amount_in_curve)
    return (reserve_out - Fraction(reserve_in * reserve_out) / (reserve_in + amount)) * (1 - fee)


def payment_reference(reserve_in: int, reserve_out: int, wanted: int, fee: Fraction, fee_on: str) -> Fraction | None:
    """Return what a constant-product pool asks for an amount, without rounding; None when it cannot pay it."""
    gross = wanted if fee_on == "in" else wanted / (1 - fee)
    if gross >= reserve_out:
        return None
    net = Fraction(reserve_in * reserve_out) / (reserve_out - gross) - reserve_in
    return net / (1 - fee) if fee_on == "in" else net


def power_reference(base: Fraction, exponent: Fraction) -> Decimal:
    """Return a power in sixty digits."""
    with localcontext() as context:
        context.prec = DIGITS
        x = Decimal(base.numerator) / Decimal(base.denominator)
        return (x.ln() * Decimal(exponent.numerator) / Decimal(exponent.denominator)).exp()


def weighted_swap_reference(
    reserve_in: Fraction, reserve_out: Fraction, amount: Fraction, ratio: Fraction, fees: tuple[Fraction, Fraction]
) -> Fraction:
    """Return what a weighted pool pays; `ratio` is the weight paid over the weight received, `fees` are in and out."""
    left = power_reference(reserve_in / (reserve_in + amount * (1 - fees[0])), ratio)
    with localcontext() as context:
        context.prec = DIGITS
        return Fraction(1 - left) * reserve_out * (1 - fees[1])


def weighted_payment_reference(
    reserve_in: Fraction, reserve_out: Fraction, wanted: Fraction, ratio: Fraction, fees: tuple[Fraction, Fraction]
) -> Fraction | None:
    """Return what a weighted pool asks for an amount; None when it cannot pay it."""
    gross = wanted / (1 - fees[1])
    if gross >= reserve_out:
        return None
    grown = power_reference(reserve_out / (reserve_out - gross), 1 / ratio)
    with localcontext() as context:
        context.prec = DIGITS
        return Fraction(grown - 1) * reserve_in / (1 - fees[0])


def minted_reference(reserve: Fraction, outstanding: Fraction, usd: Fraction, ratio: Fraction) -> Fraction:
    """Return what dollars mint on a power bonding curve."""
    grown = power_reference((reserve + usd) / reserve, ratio)
    with localcontext() as context:
        context.prec = DIGITS
        return Fraction(grown - 1) * outstanding


def redeemed_reference(reserve: Fraction, outstanding: Fraction, tokens: Fraction, ratio: Fraction) -> Fraction:
    """Return what tokens redeem on a power bonding curve, which keeps a 64th of its reserve."""
    if tokens >= outstanding:
        return reserve * Fraction(63, 64)
    left = power_reference((outstanding - tokens) / outstanding, 1 / ratio)
    with localcontext() as context:
        context.prec = DIGITS
        return min(reserve * Fraction(1 - left), reserve * Fraction(63, 64))


def log_invariant_reference(pool: Holdings, weight: Fraction) -> Decimal:
    """Return the logarithm of tokens**w usd**(1 - w) in sixty digits."""
    with localcontext() as context:
        context.prec = DIGITS
        w = Decimal(weight.numerator) / Decimal(weight.denominator)
        return w * Decimal(pool.tokens).ln() + (1 - w) * Decimal(pool.usd).ln()


Answer = Literal["accepted", "bad size", "no liquidity", "reserve limit", "too small", "outside limit"]


def deposit_reference(pool: Holdings, tokens: int, usd: int, first: int) -> tuple[Answer, int, int, int]:
    """Return the answer, the shares and what they cost; a first deposit gets `first` shares."""
    if tokens < 1 or usd < 1:
        return "bad size", 0, 0, 0
    if pool.shares == 0:
        return ("reserve limit", 0, 0, 0) if max(tokens, usd) > LARGEST else ("accepted", first, tokens, usd)
    shares = min(tokens * pool.shares // pool.tokens, usd * pool.shares // pool.usd)
    cost = -(-shares * pool.tokens // pool.shares), -(-shares * pool.usd // pool.shares)
    if shares < 1:
        return "too small", 0, 0, 0
    if max(pool.shares + shares, pool.tokens + cost[0], pool.usd + cost[1]) > LARGEST:
        return "reserve limit", 0, 0, 0
    return "accepted", shares, *cost


def withdrawal_reference(pool: Holdings, shares: int) -> tuple[Answer, int, int]:
    """Return the answer and what shares are paid."""
    if pool.shares == 0:
        return "no liquidity", 0, 0
    if not 0 < shares <= pool.shares:
        return "bad size", 0, 0
    paid = shares * pool.tokens // pool.shares, shares * pool.usd // pool.shares
    return ("accepted", *paid) if min(paid) > 0 else ("too small", 0, 0)
