"""Tolls: prices that a network itself sets for its use, and moves with its use.

A toll is a rule; the price that it has reached is a number that the economy keeps.
"""

from __future__ import annotations

from typing import ClassVar

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.agents.rates import Rate, rate

__all__ = ["SERVICES", "TOLLS", "BaseFee", "NoToll", "Toll"]

_MICRO = 1_000_000
_MILLI = 1000


SERVICES = ("compute", "data", "inference")
"""What a toll can lie on. Units: GPU-hour, data unit licensed for a day, unit of inference."""


class Toll(Plugin):
    """A price per unit of a service that is sold on the network; sellers ask for it, and what it brings is burned."""

    fixed: ClassVar[frozenset[str]] = frozenset()
    """Parameters that a vote cannot change: those that only the start of a run reads."""

    def opening(self) -> int:
        """Return the price at the start, micro-dollars per unit."""
        raise NotImplementedError(f"toll {self.kind!r} has no opening price")

    def after(self, price: int, sold: int, begin_us: int, end_us: int) -> int:
        """Return the price that follows a stretch of time.

        Parameters
        ----------
        price : int
            Micro-dollars per unit.
        sold : int
            Sold in the stretch, thousandths of a unit.
        begin_us, end_us : int
            Microseconds since the start of the run.

        Returns
        -------
        int
        """
        raise NotImplementedError(f"toll {self.kind!r} does not say how its price moves")


TOLLS: Registry[Toll] = Registry("toll", Toll)
"""Tolls by name."""


@TOLLS.register("none")
class NoToll(Toll):
    """Use is free of tolls."""

    summary: ClassVar[str] = "No toll."

    def opening(self) -> int:
        """Return 0."""
        return 0

    def after(self, price: int, sold: int, begin_us: int, end_us: int) -> int:
        """Return 0."""
        return 0


@TOLLS.register("base-fee")
class BaseFee(Toll):
    """A base fee that rises while more than a target is used and falls while less is, as in EIP-1559.

    With the use u of a block, its limit L and the target T = L // elasticity, the next fee is
    b + max(b (u - T) // T // d, 1) above the target and b - b (T - u) // T // d below it. The fee buys tokens that are
    burned; what buyers pay above it, the tip, stays with the seller. Use beyond the limit counts as the limit. Source:
    Buterin et al. (2019), EIP-1559.
    """

    summary: ClassVar[str] = "A base fee per unit of a service, which follows use around a target and is burned."
    fixed: ClassVar[frozenset[str]] = frozenset({"start"})

    start: float = quantity(0.1, unit="USD/unit", doc="Fee at the start.", ge=0, le=1e6)
    limit: float = quantity(unit="unit/day", doc="Most of the service that counts as used.", gt=0, le=1e12)
    elasticity: int = quantity(2, unit="1", doc="Limit over target.", ge=1, le=1000, source="EIP-1559.")
    denominator: int = quantity(
        8, unit="1", doc="Inverse of the largest relative change at an update.", ge=1, le=10**6, source="EIP-1559."
    )
    updates: Rate = rate({"per_day": 1.0}, doc="How often the fee moves; evenly spaced.", ge=0)

    def opening(self) -> int:
        """Return the fee at the start; see `Toll.opening`."""
        return round(self.start * _MICRO)

    def next_fee(self, fee: int, used: int, limit: int) -> int:
        """Return the fee that follows a block.

        Parameters
        ----------
        fee : int
            Any unit of money per unit of use.
        used, limit : int
            Any unit of use; use beyond the limit counts as the limit.

        Returns
        -------
        int
        """
        after = nk.base_fee.next_base_fee(fee, min(used, limit), limit, self.elasticity, self.denominator)
        return int(after)

    def after(self, price: int, sold: int, begin_us: int, end_us: int) -> int:
        """Return the fee that follows a stretch of even use; see `Toll.after`."""
        day = 86_400_000_000
        limit = int(self.limit * _MILLI)
        used = sold * day // (end_us - begin_us)
        for _ in range(self._updates_until(end_us) - self._updates_until(begin_us)):
            price = self.next_fee(price, used, limit)
        return price

    def _updates_until(self, us: int) -> int:
        return int(self.updates.per_day * us / 86_400_000_000)
