"""Slow twins of the kernels of privacy: one provider at a time, shares as fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

__all__ = ["exposure_reference", "shared_reference"]


def exposure_reference(
    privacy: float, upkeep: float, known: float, correlation: float, protection: tuple[float, float]
) -> tuple[float, bool]:
    """Return the cost of taking part and whether the data are protected; `protection` is (cost, privacy left)."""
    at_stake = privacy * (1 - correlation * known)
    cost, left = protection
    if at_stake * left + cost < at_stake:
        return at_stake * left + cost + upkeep, True
    return at_stake + upkeep, False


def shared_reference(members: Sequence[tuple[float, bool, bool]], leakage_left: float) -> float:
    """Return the share of a domain's data that is shared; a member is (units, on offer, protected)."""
    there = sum(Fraction(int(units * 1000)) for units, _, _ in members)
    weights = {True: Fraction(leakage_left), False: Fraction(1)}
    told = sum(Fraction(int(units * 1000)) * weights[hidden] for units, active, hidden in members if active)
    return float(told / there) if there else 0.0
