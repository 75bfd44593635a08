"""Slow twin of `consensus`: every way in which validators can speak."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence


def add_majorities_reference(stakes: Sequence[int], chance: float, threshold: int) -> float:
    """Return the probability of all sets of validators that hold at least `threshold`."""
    return math.fsum(
        math.prod(chance if speaks else 1.0 - chance for speaks in said)
        for said in itertools.product((0, 1), repeat=len(stakes))
        if sum(stake for stake, speaks in zip(stakes, said, strict=True) if speaks) >= threshold
    )
