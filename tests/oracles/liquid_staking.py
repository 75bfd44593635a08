"""Slow twins of the kernels of liquid staking, one holder at a time."""

from __future__ import annotations

import math

__all__ = ["charge_reference", "choose_reference"]


def choose_reference(
    impatience: float, reward: float, fee: float, turnover: float, discount: float, waiting: float
) -> tuple[float, float]:
    """Return what a bond and what a receipt leave of the reward in a year."""
    return reward - turnover * impatience * waiting, reward * (1 - fee) - turnover * discount


def charge_reference(requests: list[int], asked: int, discount: float) -> tuple[list[int], int]:
    """Return a queue after the discount on its last request, and the discount, rounded up to the next unit."""
    cost = min(math.floor(asked * discount) + 1, asked) if discount > 0 else 0
    last = max(place for place, amount in enumerate(requests) if amount > 0)
    return [amount - cost if place == last else amount for place, amount in enumerate(requests)], cost
