"""Slow twin of concentrated liquidity: exact fractions, and at every price the positions there are added up.

Only amounts are rounded, stretch by stretch and against the trader, as the published protocol does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

MILLION = 1_000_000


@dataclass
class RangeReference:
    """Liquidity between the square roots of two prices, and the fees (tokens, dollars) that it earned."""

    low: Fraction
    high: Fraction
    liquidity: int
    fees: list[Fraction] = field(default_factory=lambda: [Fraction(0), Fraction(0)])

    def content(self, root: Fraction) -> tuple[Fraction, Fraction]:
        """Return the tokens and dollars in the range when the square root of the price is `root`."""
        at = min(max(root, self.low), self.high)
        return self.liquidity * (1 / at - 1 / self.high), self.liquidity * (at - self.low)


@dataclass
class Stretch:
    """What one stretch of a swap, without crossing a boundary, takes in without fee and gives out, exactly."""

    root: Fraction
    paid: Fraction
    received: Fraction


@dataclass
class PoolReference:
    """A pool: the square root of its price, its fee in parts per million, and its positions.

    The price cannot leave the interval between `first` and `last`; 1/`protocol_part` of the fees is the protocol's.
    """

    root: Fraction
    fee: int
    first: Fraction
    last: Fraction
    protocol_part: int = 0
    positions: list[RangeReference] = field(default_factory=list)
    protocol: list[Fraction] = field(default_factory=lambda: [Fraction(0), Fraction(0)])

    def active(self, selling: bool) -> list[RangeReference]:
        """Return the positions that trade next when the price moves this way."""
        if selling:
            return [p for p in self.positions if p.liquidity and p.low < self.root <= p.high]
        return [p for p in self.positions if p.liquidity and p.low <= self.root < p.high]

    def contents(self) -> tuple[Fraction, Fraction]:
        """Return the tokens and dollars that all positions hold, without fees."""
        parts = [position.content(self.root) for position in self.positions]
        return sum((p[0] for p in parts), Fraction(0)), sum((p[1] for p in parts), Fraction(0))

    def _boundary(self, selling: bool, bound: Fraction) -> Fraction:
        ends = [end for p in self.positions if p.liquidity for end in (p.low, p.high)]
        if selling:
            return max([bound, *(end for end in ends if end < self.root)])
        return min([bound, *(end for end in ends if end > self.root)])

    def _between(self, liquidity: int, root: Fraction, selling: bool) -> Stretch:
        tokens, usd = abs(liquidity / self.root - liquidity / root), abs(liquidity * (root - self.root))
        return Stretch(root, tokens, usd) if selling else Stretch(root, usd, tokens)

    def _root_after(self, liquidity: int, selling: bool, given: int, wanted: int) -> Fraction | None:
        """Return the root after giving, or getting, an amount with this liquidity; None if there is none."""
        if given and selling:
            return liquidity * self.root / (liquidity + given * self.root)
        if given:
            return self.root + Fraction(given, liquidity)
        if selling:
            return self.root - Fraction(wanted, liquidity)
        left = liquidity - wanted * self.root
        return liquidity * self.root / left if left > 0 else None

    def swap(self, selling: bool, amount: int, bound: Fraction, room: int) -> tuple[int, int, int, int]:
        """Give `amount` (fee included) if positive, get -`amount` if negative; return paid, received, fee, stretches.

        No more than `room` can be paid.
        """
        bound = min(max(bound, self.first), self.last)
        paid = received = fees = stretches = 0
        left, exact_in, asset = min(amount, room) if amount > 0 else -amount, amount > 0, 0 if selling else 1
        while left and (self.root > bound if selling else self.root < bound):
            stretches += 1
            active = self.active(selling)
            liquidity, target = sum(p.liquidity for p in active), self._boundary(selling, bound)
            if not liquidity:
                self.root = target
                continue
            net = left - math.ceil(Fraction(left * self.fee, MILLION)) if exact_in else 0
            whole = self._between(liquidity, target, selling)
            if whole.paid <= net if exact_in else whole.received <= left:
                cost, got, new = math.ceil(whole.paid), math.floor(whole.received), target
                fee = math.ceil(Fraction(cost * self.fee, MILLION - self.fee))
                fee = min(fee, left - cost) if exact_in else fee
            elif exact_in and net == 0:
                cost, got, new, fee = 0, 0, self.root, left
            else:
                after = self._root_after(liquidity, selling, net, 0 if exact_in else left)
                assert after is not None
                part, new = self._between(liquidity, after, selling), after
                cost, got = (net, math.floor(part.received)) if exact_in else (math.ceil(part.paid), left)
                fee = left - net if exact_in else math.ceil(Fraction(cost * self.fee, MILLION - self.fee))
            if paid + cost + fee > room:
                break
            self._share(active, liquidity, asset, fee)
            self.root, paid, received, fees = new, paid + cost + fee, received + got, fees + fee
            left -= cost + fee if exact_in else got
            if new != target:
                break
        return paid, received, fees, stretches

    def _share(self, active: Sequence[RangeReference], liquidity: int, asset: int, fee: int) -> None:
        protocol = Fraction(fee, self.protocol_part) if self.protocol_part else Fraction(0)
        self.protocol[asset] += protocol
        for position in active:
            position.fees[asset] += (fee - protocol) * Fraction(position.liquidity, liquidity)


def constant_product_reference(reserve_in: int, reserve_out: int, given: int, fee: int) -> int:
    """Return what x*y = k gives out for an amount from which a fee in parts per million is taken first."""
    net = given - math.ceil(Fraction(given * fee, MILLION))
    return net * reserve_out // (reserve_in + net)
