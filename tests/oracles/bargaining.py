"""Slow twin of the data market with bargaining: every pair of provider and builder, in fractions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple


class Pair(NamedTuple):
    """What one provider and one builder of its network agree on: thousandths of a unit, micro-dollars."""

    provider: int
    builder: int
    units: int
    reserved: Fraction
    worth: Fraction
    payment: Fraction


def lowest_fee_reference(cost: float, transaction_cost: float, n_builders: int) -> Fraction:
    """Return what a provider needs from each builder to cover its costs (USD per step), micro-dollars."""
    return (Fraction(cost) + Fraction(transaction_cost)) * 10**6 / n_builders


def bargain_reference(
    providers: Sequence[tuple[int, int, Fraction]], builders: Sequence[tuple[int, int]], power: float
) -> list[Pair]:
    """Return what every pair of one network agrees on; those without a surplus agree on nothing.

    `providers` holds (number, thousandths of a unit, lowest fee), `builders` (number, budget in micro-dollars).
    """
    on_offer = sum(units for _, units, _ in providers)
    agreed = []
    for b, budget in builders:
        for i, units, reserved in providers:
            worth = Fraction(budget * units, on_offer)
            if worth >= reserved:
                agreed.append(Pair(i, b, units, reserved, worth, reserved + Fraction(power) * (worth - reserved)))
    return agreed
