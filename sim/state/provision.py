"""Liquidity of pools on a curve: what it earns and loses, who owns it, and how agents put it in and take it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from catallaxy.agents.population import MICRO
from catallaxy.sim.errors import AuditError
from catallaxy.sim.markets.venues import Curve, CurvePool

if TYPE_CHECKING:
    from catallaxy.sim.state.economy import Economy

__all__ = ["Liquidity", "Provision"]


class Liquidity(NamedTuple):
    """What a provider sees of a pool.

    Attributes
    ----------
    usd, tokens, shares : int
        Reserves, and the shares that own them.
    price : float
        Micro-dollars per base unit at the margin.
    earned : float
        Log growth through fees since the start.
    exposure : float
        Expected loss to better-informed traders per unit of value and of the log price's variance.
    """

    usd: int
    tokens: int
    shares: int
    price: float
    earned: float
    exposure: float

    @property
    def value(self) -> float:
        """What the pool holds, micro-dollars at its own price."""
        return self.usd + self.tokens * self.price


class Provision:
    """What liquidity providers may do.

    Parameters
    ----------
    economy : Economy
    """

    def __init__(self, economy: Economy) -> None:
        self._economy = economy
        self._before: dict[tuple[int, int], Liquidity] = {}

    def venues(self, k: int) -> list[int]:
        """Return the numbers of the venues of network `k` that take liquidity."""
        return [venue for venue, rule in enumerate(self._economy.specs[k].venues) if isinstance(rule, Curve)]

    def _pool(self, k: int, venue: int) -> tuple[Curve, CurvePool]:
        rule, pool = self._economy.specs[k].venues[venue], self._economy.pools[k][venue]
        if not isinstance(rule, Curve) or not isinstance(pool, CurvePool):
            raise TypeError(f"venue {venue} of {self._economy.names[k]}, {rule.kind!r}, has no shares of liquidity")
        return rule, pool

    def liquidity(self, k: int, venue: int) -> Liquidity:
        """Return what a provider sees of a pool."""
        rule, pool = self._pool(k, venue)
        return Liquidity(pool.usd, pool.tokens, pool.shares, pool.price, pool.earned, rule.exposure(pool))

    def deposit(self, k: int, venue: int, provider: str, shares: int, usd: int, tokens: int) -> None:
        """Put liquidity in and book it; the caller moves the provider's own balances.

        Parameters
        ----------
        k, venue : int
        provider : str
            Sector.
        shares : int
            New shares of the pool.
        usd, tokens : int
            What is given: at least what they stand for.
        """
        rule, pool = self._pool(k, venue)
        rule.issue(pool, shares, usd, tokens)
        self._economy.post_usd("liquidity provision", provider, "liquidity", usd)
        self._economy.post(k, "liquidity provision", provider, "liquidity", tokens)

    def withdraw(self, k: int, venue: int, provider: str, shares: int) -> tuple[int, int]:
        """Take liquidity out and book it; return micro-dollars and base units.

        Parameters
        ----------
        k, venue : int
        provider : str
            Sector.
        shares : int

        Returns
        -------
        (int, int)
        """
        rule, pool = self._pool(k, venue)
        usd, tokens = rule.withdraw(pool, shares)
        self._economy.post_usd("liquidity withdrawal", "liquidity", provider, usd)
        self._economy.post(k, "liquidity withdrawal", "liquidity", provider, tokens)
        return usd, tokens

    def audit(self) -> None:
        """Check that the shares of every pool belong to someone.

        Raises
        ------
        AuditError
            Naming the pool and how many more shares are owned than there are.
        """
        economy = self._economy
        for k in range(economy.k):
            for venue in self.venues(k):
                _, pool = self._pool(k, venue)
                owned = sum(population.pool_shares(k, venue) for population in economy.populations.values())
                if owned + pool.house != pool.shares:
                    name = f"shares of venue {venue} of {economy.names[k]}"
                    raise AuditError(economy.step, "liquidity", name, owned + pool.house - pool.shares)

    def note(self) -> None:
        """Record what the pools of every network have earned and lost in the step, and what agents own of them."""
        economy = self._economy
        for k in range(economy.k):
            fees = loss = provided = 0.0
            for venue in self.venues(k):
                now, house = self.liquidity(k, venue), self._pool(k, venue)[1].house
                earned, lost = income(self._before.get((k, venue), now), now)
                fees += earned
                loss += lost
                provided += now.value * (1.0 - house / max(now.shares, 1))
                self._before[k, venue] = now
            for name, amount in (("pool_fees", fees), ("pool_loss", loss), ("provided_usd", provided)):
                economy.metrics[name][k] = amount / MICRO


def income(before: Liquidity, now: Liquidity) -> tuple[float, float]:
    """Return what the liquidity that is there now has earned in fees and lost to rebalancing, micro-dollars.

    Holding the tokens of a share through a change of price brings x (p' - p). What the value of a share has grown less
    than that and the fees together is the loss.
    """
    if min(before.shares, now.shares) < 1:
        return 0.0, 0.0
    fees = (now.earned - before.earned) * now.value
    held = before.tokens / before.shares * now.shares
    grown = now.value - before.value / before.shares * now.shares
    return fees, held * (now.price - before.price) + fees - grown
