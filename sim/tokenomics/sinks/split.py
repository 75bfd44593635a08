"""A split of an amount among receivers, exact to the last unit."""

from __future__ import annotations

from fractions import Fraction

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.tokenomics.sinks.sink import RECEIVERS, PaidTo
from catallaxy.sim.tokenomics.units import exact

__all__ = ["Split"]


class Split(Spec):
    """Shares of receivers; they sum to 1."""

    burn: float = quantity(0.0, unit="1", doc="Share that is burned; dollars buy tokens first.", ge=0, le=1)
    recycle: float = quantity(
        0.0, unit="1", doc="Share that can be issued again; dollars buy tokens first.", ge=0, le=1
    )
    stakers: float = quantity(0.0, unit="1", doc="Share of holders who stake, by stake.", ge=0, le=1)
    compute: float = quantity(0.0, unit="1", doc="Share of compute nodes, by capacity and standing.", ge=0, le=1)
    data: float = quantity(0.0, unit="1", doc="Share of data providers, by data on offer.", ge=0, le=1)
    builders: float = quantity(0.0, unit="1", doc="Share of model builders, by usage.", ge=0, le=1)
    lenders: float = quantity(0.0, unit="1", doc="Share of those who lend to margin traders.", ge=0, le=1)
    insiders: float = quantity(0.0, unit="1", doc="Share of team and investors.", ge=0, le=1)
    treasury: float = quantity(0.0, unit="1", doc="Share of the treasury.", ge=0, le=1)

    def shares(self) -> dict[PaidTo, float]:
        """Return the shares that are not zero, by receiver."""
        every: dict[PaidTo, float] = {name: getattr(self, name) for name in RECEIVERS}
        return {name: share for name, share in every.items() if share}

    def parts(self, amount: int) -> dict[PaidTo, int]:
        """Divide an amount by rounded running totals, so that the parts sum to it exactly.

        Parameters
        ----------
        amount : int
            Base units or micro-dollars, not negative.

        Returns
        -------
        dict of str to int
            Each part differs from its share by less than one unit.
        """
        shares = self.shares()
        total, whole = Fraction(0), sum(map(exact, shares.values()), Fraction(0))
        found: dict[PaidTo, int] = {}
        given = 0
        for name, share in shares.items():
            total += exact(share)
            upto = int(amount * total / whole)
            found[name] = upto - given
            given = upto
        return found
