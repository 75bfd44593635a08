"""Several centralized incumbents: what each offers, and how it answers the prices of the others."""

from __future__ import annotations

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.rates import Rate, rate

__all__ = ["IncumbentSpec"]


class IncumbentSpec(Spec):
    """One centralized incumbent."""

    share: float = quantity(
        unit="1",
        doc="Share of the incumbents' customers when all offers are equal; the shares of the incumbents sum to 1.",
        gt=0,
        le=1,
    )
    price: float = quantity(1.0, unit="1", doc="List price over the driver `incumbent_price`.", ge=0.001, le=1000)
    quality: float = quantity(1.0, unit="1", doc="Quality over the driver `incumbent_quality`.", ge=0.001, le=1000)
    openness: float = quantity(
        0.0,
        unit="1",
        doc="How far it is as private and as free from censorship as a network, to users who value that.",
        ge=0,
        le=1,
    )
    matching: Rate = rate(
        {"per_year": 0.0}, doc="Speed at which it closes the gap to the cheapest list price of the others.", ge=0
    )
    floor: float = quantity(
        0.2,
        unit="1",
        doc="Lowest price to which it follows others, over the driver `incumbent_price`.",
        source="Assumption: gross margins of providers of models, 50 to 75 % in 2024-25, leave at least a quarter of "
        "the list price as cost.",
        ge=0.001,
        le=1000,
    )
