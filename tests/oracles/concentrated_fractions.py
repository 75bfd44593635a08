"""Slow twin of the concentrated pool: fractions without rounding, liquidity summed over positions at every stretch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from catallaxy.sim.markets.exact.fixed_point import Q96
from catallaxy.sim.markets.exact.tick_math import sqrt_ratio_at_tick


@dataclass
class Range:
    """Liquidity between two square-root prices, and the fees that it earned in token0 and token1."""

    lower: Fraction
    upper: Fraction
    liquidity: int
    fees: list[Fraction] = field(default_factory=lambda: [Fraction(0), Fraction(0)])


def amounts_between(start: Fraction, end: Fraction, liquidity: int) -> tuple[Fraction, Fraction]:
    """Return the token0 and token1 that a move of the square-root price brings into the pool."""
    return liquidity * (1 / end - 1 / start), liquidity * (end - start)


class FractionPool:
    """A pool of ranges given as (lower tick, upper tick, liquidity), at a square-root price."""

    def __init__(self, fee_pips: int, sqrt_price: Fraction, ranges: Sequence[tuple[int, int, int]]) -> None:
        self.fee = Fraction(fee_pips, 1_000_000)
        self.sqrt_price = sqrt_price
        self.ranges = [
            Range(Fraction(sqrt_ratio_at_tick(lower), Q96), Fraction(sqrt_ratio_at_tick(upper), Q96), liquidity)
            for lower, upper, liquidity in ranges
        ]

    def worth(self, position: Range) -> tuple[Fraction, Fraction]:
        """Return the token0 and token1 that a range holds at the price."""
        inside = min(max(self.sqrt_price, position.lower), position.upper)
        token0, _ = amounts_between(position.upper, inside, position.liquidity)
        _, token1 = amounts_between(position.lower, inside, position.liquidity)
        return token0, token1

    def swap(self, zero_for_one: bool, amount: int, limit: Fraction) -> tuple[Fraction, Fraction]:
        """Trade up to a square-root price; return what came in (negative: went out) of token0 and token1."""
        totals = [Fraction(0), Fraction(0)]
        token_in, token_out = (0, 1) if zero_for_one else (1, 0)
        remaining = Fraction(amount)
        while remaining and self.sqrt_price != limit:
            target = self._next_bound(zero_for_one, limit)
            covering = [r for r in self.ranges if r.lower <= min(self.sqrt_price, target) < r.upper]
            covering = [r for r in covering if max(self.sqrt_price, target) <= r.upper]
            liquidity = sum(r.liquidity for r in covering)
            moved = self._reached(target, liquidity, remaining, zero_for_one)
            flows = amounts_between(self.sqrt_price, moved, liquidity)
            fee = flows[token_in] * self.fee / (1 - self.fee)
            for r in covering:
                r.fees[token_in] += fee * r.liquidity / liquidity
            totals[token_in] += flows[token_in] + fee
            totals[token_out] += flows[token_out]
            remaining = amount - totals[token_in if amount > 0 else token_out]
            self.sqrt_price = moved
        return totals[0], totals[1]

    def _next_bound(self, zero_for_one: bool, limit: Fraction) -> Fraction:
        bounds = {bound for r in self.ranges for bound in (r.lower, r.upper)}
        if zero_for_one:
            return max([limit, *(bound for bound in bounds if bound < self.sqrt_price)])
        return min([limit, *(bound for bound in bounds if bound > self.sqrt_price)])

    def _reached(self, target: Fraction, liquidity: int, remaining: Fraction, zero_for_one: bool) -> Fraction:
        token0, token1 = amounts_between(self.sqrt_price, target, liquidity)
        paid, got = (token0, -token1) if zero_for_one else (token1, -token0)
        wanted = remaining * (1 - self.fee) if remaining > 0 else -remaining
        if wanted >= (paid if remaining > 0 else got):
            return target
        if zero_for_one == (remaining > 0):
            change = wanted if zero_for_one else -wanted
            return liquidity * self.sqrt_price / (liquidity + change * self.sqrt_price)
        return self.sqrt_price + (wanted if remaining > 0 else -wanted) / liquidity
