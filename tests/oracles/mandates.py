"""Slow twin of `mandates`: one institution at a time."""

from __future__ import annotations

from dataclasses import dataclass

from oracles.diversification import wanted_share_reference


@dataclass(frozen=True)
class Institution:
    """One institution; amounts in micro-USD and base units."""

    usd: int
    tokens: int
    clarity: float
    optimism: float
    risk_aversion: float
    limit: float


@dataclass(frozen=True)
class Prospect:
    """What an institution sees of its token, and of the world."""

    gap: float
    variance: float
    price: float
    room: float
    riskless: float
    clarity: float


def wanted_value_reference(institution: Institution, prospect: Prospect) -> float:
    """Return the micro-dollars that an institution wants to have in the token."""
    if prospect.clarity < institution.clarity:
        return 0.0
    rise = min(1.0, prospect.gap + institution.optimism) - prospect.riskless
    share = wanted_share_reference(rise, institution.risk_aversion * prospect.variance)
    wealth = institution.usd + institution.tokens * prospect.price
    return min(min(share, institution.limit) * wealth, prospect.room)


def order_reference(institution: Institution, prospect: Prospect, speed: float) -> int:
    """Return the micro-dollars to spend, or minus the base units to sell."""
    gap = (wanted_value_reference(institution, prospect) - institution.tokens * prospect.price) * speed
    if gap >= 0.0:
        return min(int(min(gap, float(institution.usd))), institution.usd)
    return -min(int(min(-gap / prospect.price, float(institution.tokens))), institution.tokens)
