"""A tax on trades of the token: a share of the dollars that change hands, whatever the venue's own fee."""

from __future__ import annotations

import math

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.tokenomics.sinks.split import Split

__all__ = ["TradeTax"]


class TradeTax(Spec):
    """A share of what buyers pay and of what sellers get; what the fee escrow spends on tokens is exempt."""

    rate: float = quantity(
        0.01,
        unit="1",
        doc="Share of the dollars of every trade.",
        ge=0,
        le=0.5,
        source="Virtuals: 1 % on trades of agents' tokens (Virtual-Protocol/protocol-contracts).",
    )
    to: Split = quantity(default_factory=lambda: Split(treasury=1.0), unit="-", doc="Who gets how much of it.")

    def due(self, usd: int) -> int:
        """Return the tax on micro-dollars that are paid or received, rounded up."""
        return min(math.ceil(usd * self.rate), usd)
