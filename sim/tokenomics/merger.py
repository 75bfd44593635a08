"""Token mergers: from one day on, until another, a token can be exchanged for new units of another at a fixed ratio."""

from __future__ import annotations

import datetime

from pydantic import model_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.tokenomics.units import exact

__all__ = ["MergerSpec"]


class MergerSpec(Spec):
    """Conversion of a token into another: it is burned, and the other one is minted."""

    into: str = quantity(unit="-", doc="Network whose token is given for this one.")
    ratio: float = quantity(
        unit="token/token",
        doc="Tokens of the other network per token.",
        gt=0,
        le=1e6,
        source="ASI: 0.433350 FET per AGIX, 0.433226 per OCEAN (fetch.ai, 2024-05-03).",
    )
    opens: datetime.date = quantity(unit="-", doc="First day of conversion.")
    closes: datetime.date | None = quantity(
        None, unit="-", doc="First day on which nothing is converted any more; converted for good if left out."
    )

    @model_validator(mode="after")
    def _opens_first(self) -> MergerSpec:
        if self.closes is not None and self.closes <= self.opens:
            raise complaint("closes", f"conversion closes on {self.closes}, not after it opens on {self.opens}")
        return self

    def is_open(self, day: datetime.date) -> bool:
        """Return whether tokens are converted on a day."""
        return self.opens <= day and (self.closes is None or day < self.closes)

    def converted(self, amount: int, base: int, base_into: int) -> int:
        """Return what is given for an amount, rounded down.

        Parameters
        ----------
        amount : int
            Base units of the token.
        base, base_into : int
            Base units per token, of the token and of the other one.

        Returns
        -------
        int
            Base units of the other token.
        """
        ratio = exact(self.ratio)
        return amount * ratio.numerator * base_into // (ratio.denominator * base)
