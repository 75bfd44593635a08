"""Slow twin of the base fee: the rule as EIP-1559 writes it, in integers of any size."""

from __future__ import annotations

LARGEST = 2**62 - 1


def next_base_fee_reference(base_fee: int, used: int, limit: int, elasticity: int, denominator: int) -> int:
    """Return the base fee after a block, as EIP-1559 writes it."""
    target = limit // elasticity
    if target in {0, used}:
        return base_fee
    if used > target:
        return min(base_fee + max(base_fee * (used - target) // target // denominator, 1), LARGEST)
    return base_fee - base_fee * (target - used) // target // denominator
