"""Pools on a curve whose liquidity is owned in shares.

A deposit brings both assets in the pool's proportions, rounded up, a withdrawal takes them out, rounded down, so no
share ever loses to another. The first shares belong to the house: those who held the token's liquidity at genesis.
"""

from __future__ import annotations

from dataclasses import dataclass

from catallaxy.sim.markets.venues.batch_curve import BatchCurve
from catallaxy.sim.markets.venues.venue import Pool

__all__ = ["Curve", "CurvePool"]

#: Most shares of a pool, so that they can be counted in 64 bits.
_LARGEST_SUPPLY = 2**62 - 1


@dataclass
class CurvePool(Pool):
    """A pool on a curve.

    Attributes
    ----------
    shares : int
        Shares of its liquidity.
    house : int
        Those that the house owns.
    earned : float
        Log growth, through fees, of what a share stands for, since the start.
    """

    shares: int = 0
    house: int = 0
    earned: float = 0.0

    @property
    def value(self) -> float:
        """What the pool holds, micro-USD at its own price."""
        return self.usd + self.tokens * self.price


class Curve(BatchCurve):
    """Base of pools on a curve, whose liquidity anyone may provide."""

    def exposure(self, pool: CurvePool) -> float:
        """Return what the pool loses to better-informed traders, per unit of its value and of the log price's variance.

        Loss-versus-rebalancing of Milionis, Moallemi, Roughgarden & Zhang (2022, arXiv 2208.06046), equation 9.
        """
        raise NotImplementedError(f"venue {self.kind!r} does not say what it loses")

    def deposit(self, pool: CurvePool, usd: int, tokens: int) -> tuple[int, int, int]:
        """Take liquidity: as much of both assets as the pool's proportions allow.

        Parameters
        ----------
        pool : CurvePool
            Changed in place.
        usd, tokens : int
            Most micro-dollars and base units to give.

        Returns
        -------
        (int, int, int)
            Micro-dollars and base units taken, and the shares given for them; all 0 if they do not suffice for one.
        """
        if min(pool.usd, pool.tokens, pool.shares) < 1:
            return 0, 0, 0
        shares = min(usd * pool.shares // pool.usd, tokens * pool.shares // pool.tokens)
        shares = min(shares, _LARGEST_SUPPLY - pool.shares)
        taken = _rounded_up(shares * pool.usd, pool.shares), _rounded_up(shares * pool.tokens, pool.shares)
        self.issue(pool, shares, *taken)
        return (*taken, shares)

    def issue(self, pool: CurvePool, shares: int, usd: int, tokens: int) -> None:
        """Give new shares for at least what they stand for; what is more stays in the pool.

        Parameters
        ----------
        pool : CurvePool
            Changed in place.
        shares : int
        usd, tokens : int
            Micro-dollars and base units that come in.

        Raises
        ------
        ValueError
            When they are less than what the shares stand for, or there would be too many shares.
        """
        if usd * pool.shares < shares * pool.usd or tokens * pool.shares < shares * pool.tokens:
            raise ValueError(f"{shares} of {pool.shares} shares cost more than {usd} micro-USD and {tokens} base units")
        if not 0 <= shares <= _LARGEST_SUPPLY - pool.shares:
            raise ValueError(f"cannot issue {shares} shares when there are {pool.shares}")
        pool.usd += usd
        pool.tokens += tokens
        self._enlarge(pool, shares)
        pool.shares += shares

    def withdraw(self, pool: CurvePool, shares: int) -> tuple[int, int]:
        """Take shares back for what they stand for.

        Parameters
        ----------
        pool : CurvePool
            Changed in place.
        shares : int
            At most those that the house does not own.

        Returns
        -------
        (int, int)
            Micro-dollars and base units paid out.
        """
        if not 0 <= shares <= pool.shares - pool.house:
            raise ValueError(f"cannot withdraw {shares} of {pool.shares} shares, {pool.house} of them the house's")
        if shares == 0:
            return 0, 0
        usd, tokens = self._release(pool, shares)
        pool.usd -= usd
        pool.tokens -= tokens
        pool.shares -= shares
        return usd, tokens

    def _enlarge(self, pool: CurvePool, shares: int) -> None:
        """Put to work what has come in for new shares; where all reserves are at work, there is nothing to do."""

    def _release(self, pool: CurvePool, shares: int) -> tuple[int, int]:
        """Set free what shares stand for, and return it."""
        return shares * pool.usd // pool.shares, shares * pool.tokens // pool.shares


def _rounded_up(amount: int, parts: int) -> int:
    return -(-amount // parts)
