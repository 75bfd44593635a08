"""A pool of the kernels beside one of the slow twin: everything is done to both, and compared at once."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from catallaxy.numba_kernels import (
    concentrated_positions as positions,
    concentrated_state as layout,
    concentrated_swap as swaps,
    concentrated_worth as valuation,
    order_columns,
)
from oracles.concentrated import PoolReference, RangeReference

BUY, SELL = order_columns.BUY, order_columns.SELL
#: The kernels' margins, relative to what is traded; several stretches and formulas add up.
RELATIVE = Fraction(1, 2**44)


def copy_of(pool: layout.ConcentratedPool) -> layout.ConcentratedPool:
    """Return a pool in the same state that shares nothing."""
    return layout.ConcentratedPool(*(array.copy() for array in pool))


def exact_root(pool: layout.ConcentratedPool) -> Fraction:
    """Return the square root of the price as the pool holds it."""
    return Fraction(float(pool.root[0])) + Fraction(float(pool.root[1]))


def plain(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Return Python's integers, which interpreted kernels do not always give back."""
    return tuple(int(number) for number in numbers)


class PoolPair:
    """Both pools. Amounts may differ by a unit for every stretch; before each swap the twin takes over the price."""

    def __init__(
        self, roots: npt.NDArray[np.float64], root: float, fee: int, protocol_part: int = 0, room: int = 8
    ) -> None:
        self.pool = layout.open_pool(roots, root, fee, protocol_part, room)
        self.roots = [Fraction(float(r)) for r in roots]
        self.twin = PoolReference(exact_root(self.pool), fee, self.roots[0], self.roots[-1], protocol_part)
        self.ranges: dict[int, RangeReference] = {}
        self.unpaid = [0, 0]
        self.apart = [0, 0]
        self.turns = 1
        self.equal = self.compared = 0

    def add(self, lower: int, upper: int, liquidity: int, position: int | None = None) -> int | None:
        """Open a position and fill it, or fill an open one; return its number, None if it was refused."""
        if position is None:
            code, position = plain(positions.open_position(self.pool, lower, upper))
            if code != positions.DONE:
                return None
            self.ranges[position] = RangeReference(self.roots[lower], self.roots[upper], 0)
            self.twin.positions.append(self.ranges[position])
        own = self.ranges[position]
        before = self.worth(position)
        code, *paid = plain(positions.add_liquidity(self.pool, position, liquidity))
        if code == positions.DONE:
            exact = RangeReference(own.low, own.high, liquidity).content(exact_root(self.pool))
            for given, due in zip(paid, exact, strict=True):
                assert due <= given < due * (1 + RELATIVE) + 1
            own.liquidity += liquidity
            self.turns += 1
            after = self.worth(position)
            assert all(abs(a - b) <= 1 + b * RELATIVE for a, b in zip(after[2:], before[2:], strict=True))
        self.check()
        return position

    def remove(self, position: int, liquidity: int) -> tuple[int, int]:
        """Take liquidity out of a position; return what is paid out."""
        own = self.ranges[position]
        code, tokens, usd = plain(positions.remove_liquidity(self.pool, position, liquidity))
        assert code == (positions.DONE if 0 < liquidity <= own.liquidity else positions.BAD_LIQUIDITY)
        if code == positions.DONE:
            exact = RangeReference(own.low, own.high, liquidity).content(exact_root(self.pool))
            for got, due in zip((tokens, usd), exact, strict=True):
                assert due * (1 - RELATIVE) - 1 < got <= due
            own.liquidity -= liquidity
            self.turns += 1
        self.check()
        return tokens, usd

    def collect(self, position: int) -> tuple[int, int]:
        """Pay out fees, which are those of the twin less dust; without liquidity the position is closed."""
        own, quoted = self.ranges[position], self.worth(position)
        code, *fees = plain(positions.collect(self.pool, position))
        assert code == positions.DONE
        assert all(abs(fee - q) <= 1 + q * RELATIVE for fee, q in zip(fees, quoted[2:], strict=True))
        for asset in (0, 1):
            least = own.fees[asset] * (1 - RELATIVE) - self.turns - self.apart[asset]
            assert least <= fees[asset] <= own.fees[asset] + self._protocol_dust() + self.apart[asset]
            own.fees[asset] = Fraction(0)
            self.unpaid[asset] -= fees[asset]
        if own.liquidity == 0:
            del self.ranges[position]
            self.twin.positions = [p for p in self.twin.positions if p is not own]
            assert positions.collect(self.pool, position)[0] == positions.NO_SUCH_POSITION
        self.check()
        return fees[0], fees[1]

    def collect_protocol(self) -> None:
        """Pay out the protocol's part."""
        for asset, paid in enumerate(plain(positions.collect_protocol(self.pool))):
            assert abs(self.twin.protocol[asset] - paid) <= self.turns + self.apart[asset]
            self.twin.protocol[asset] -= paid
            self.unpaid[asset] -= paid
        self.check()

    def swap(self, side: int, amount: int, limit: float) -> tuple[int, int, int]:
        """Swap; `limit` must be the square of a float."""
        quoted = plain(swaps.quote(self.pool, side, amount, limit))
        before = exact_root(self.pool)
        self.twin.root = before
        paid, received, fee = plain(swaps.swap(self.pool, side, amount, limit))
        assert quoted == (paid, received, fee)
        selling, after = side == SELL, exact_root(self.pool)
        bound = self.twin.last if math.isinf(limit) else Fraction(math.sqrt(limit))
        room = layout.LARGEST_AMOUNT - int(self.pool.state[layout.RESERVE + (0 if selling else 1)]) + paid
        expected = self.twin.swap(selling, amount, bound, room)
        self._compare((paid, received, fee), expected, before, selling)
        assert paid <= amount if amount > 0 else received <= -amount
        self._stays_inside(before, after, selling, bound, paid)
        net = paid - fee
        assert received <= (net * before**2 if selling else net / before**2)
        self.unpaid[0 if selling else 1] += fee
        self.apart[0 if selling else 1] += abs(fee - expected[2])
        self.turns += expected[3]
        self.check()
        return paid, received, fee

    def _compare(
        self, found: tuple[int, int, int], expected: tuple[int, int, int, int], before: Fraction, selling: bool
    ) -> None:
        """Check a fill: a unit more or less for every stretch, in either asset."""
        *exact, stretches = expected
        self.compared += 1
        self.equal += list(found) == exact
        roots = before, exact_root(self.pool), self.twin.root
        dearest, cheapest = max(roots) ** 2, min(roots) ** 2
        in_per_out, out_per_in = (1 / cheapest, dearest) if selling else (dearest, 1 / cheapest)
        scales = 1 + in_per_out, 1 + out_per_in, 1 + in_per_out
        for ours, theirs, scale in zip(found, exact, scales, strict=True):
            assert abs(ours - theirs) <= 2 * stretches * scale + (ours + theirs) * RELATIVE

    def _stays_inside(self, before: Fraction, after: Fraction, selling: bool, bound: Fraction, paid: int) -> None:
        assert after <= before if selling else after >= before
        if after != before:
            assert after >= bound if selling else after <= bound
        elif (before <= bound) if selling else (before >= bound):
            assert paid == 0

    def worth(self, position: int) -> tuple[int, int, int, int]:
        """Return what a position would pay out."""
        tokens, usd, token_fees, usd_fees = plain(valuation.worth(self.pool, position))
        return tokens, usd, token_fees, usd_fees

    def _protocol_dust(self) -> int:
        return self.turns if self.twin.protocol_part else 0

    def check(self) -> None:
        """Check that the reserves cover all positions and all fees not yet paid out, exactly, and all counters."""
        self.twin.root = exact_root(self.pool)
        state = self.pool.state
        for asset, content in enumerate(self.twin.contents()):
            reserve = int(state[layout.RESERVE + asset])
            assert reserve - content >= self.unpaid[asset] >= 0
            owed = sum(self.worth(position)[2 + asset] for position in self.ranges)
            assert owed + int(state[layout.PROTOCOL + asset]) <= self.unpaid[asset]
        assert state[layout.TOTAL] == sum(p.liquidity for p in self.twin.positions)
        lower, upper = (sum(p.liquidity for p in self.twin.active(selling)) for selling in (True, False))
        assert state[layout.LIQUIDITY] in {lower, upper}

    def withdraw_all(self, order: list[int]) -> tuple[int, int]:
        """Let everyone leave, in this order; return what stays in the pool."""
        for position in order:
            if self.ranges[position].liquidity:
                self.remove(position, self.ranges[position].liquidity)
            self.collect(position)
        self.collect_protocol()
        state = self.pool.state
        assert not self.pool.net.any()
        assert not self.pool.gross.any()
        assert not self.pool.words.any()
        assert not self.pool.summary.any()
        assert state[layout.LIQUIDITY] == state[layout.TOTAL] == 0
        return int(state[layout.RESERVE]), int(state[layout.RESERVE + 1])
