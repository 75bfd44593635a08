"""Slow twins of the kernels of privacy: one provider at a time, shares as fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

__all__ = ["exposure_reference", "shared_reference", "told_reference"]


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


def told_reference(n_others: int, own: bool, correlation: float, noise: float) -> float:
    """Return the variance of a type that data tell, by the conditional variance of a normal vector."""
    size = n_others + 1
    types = np.full((size, size), correlation) + (1 - correlation) * np.eye(size)
    seen = np.arange(0 if own else 1, size)
    if not len(seen):
        return 0.0
    data = types[np.ix_(seen, seen)] + noise * np.eye(len(seen))
    about = types[0, seen]
    return float(about @ np.linalg.solve(data, about))
