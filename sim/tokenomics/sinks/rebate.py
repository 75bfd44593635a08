"""Rebates: providers earn a fee only as far as they have staked for it."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from typing import ClassVar

from catallaxy.agents.declaration import quantity
from catallaxy.sim.tokenomics.sinks.shares import ShareSink
from catallaxy.sim.tokenomics.sinks.sink import SINKS, PaidTo, TakenFrom
from catallaxy.sim.tokenomics.units import exact

__all__ = ["StakeRebate"]

_PRECISE = Context(prec=40)
#: From this exponent on the whole fee is paid, as on the chain.
_WHOLE = 15


@SINKS.register("stake-rebate")
class StakeRebate(ShareSink):
    """Pays compute nodes fees * (1 - alpha exp(-lambda stake / fees)) and burns the rest of what it takes.

    Fees and collateral of nodes both follow capacity, so that all nodes have nearly the same ratio of the two, and the
    formula is applied to their sums; the chain applies it to each. Source: graphprotocol/contracts, LibExponential:
    alpha 1, lambda 0.6, and everything is paid once the exponent is above 15.
    """

    summary: ClassVar[str] = "A share of protocol fees is paid to nodes as far as their stake allows; the rest burns."
    taken_from: ClassVar[TakenFrom] = "fees"
    paid_to: ClassVar[PaidTo] = "compute"
    use: ClassVar[str] = "protocol fees is paid to nodes as far as their stake allows, and otherwise burned"

    alpha: float = quantity(1.0, unit="1", doc="Share lost without any stake.", ge=0, le=1, source="The Graph.")
    slope: float = quantity(
        0.6, unit="1", doc="How fast the loss falls with stake over fees (lambda).", ge=0, le=1000, source="The Graph."
    )

    def rebate(self, fees: int, stake: int) -> int:
        """Return what is paid of fees, rounded down; both amounts in the same unit."""
        if fees == 0:
            return 0
        exponent = exact(self.slope) * stake / fees
        if exponent > _WHOLE:
            return fees
        lost = exact(self.alpha) * Fraction(_PRECISE.exp(-_decimal(exponent)))
        return int(fees * (1 - lost))

    def parts(self, amount: int, stake: int = 0) -> dict[PaidTo, int]:
        """Divide what is taken into rebate and burn; see `Sink.parts`."""
        taken = self.take(amount)
        paid = self.rebate(taken, stake)
        return {"compute": paid, "burn": taken - paid}

    def receivers(self) -> tuple[PaidTo, ...]:
        """Return the nodes and the burn."""
        return ("compute", "burn")


def _decimal(value: Fraction) -> Decimal:
    return _PRECISE.divide(Decimal(value.numerator), Decimal(value.denominator))
