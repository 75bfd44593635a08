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


def clip_weights_reference(stakes: Sequence[int], weights: Sequence[float], kappa: int) -> float:
    """Return Yuma's consensus on one node: the largest weight that validators with more than `kappa` stake give it."""
    behind = {weight: sum(s for s, w in zip(stakes, weights, strict=True) if w >= weight) for weight in weights}
    return max((weight for weight, stake in behind.items() if stake > kappa), default=0.0)


def condemn_by_clipping_reference(scoring: Sequence[int], copying: Sequence[int], chance: float, kappa: int) -> float:
    """Return the probability that a node of good name is clipped to nothing.

    Those who score give it 0 when they see something and 1 otherwise; those who copy give what all gave before, 1.
    """
    stakes, found = [*scoring, *copying], 0.0
    for seen in itertools.product((0, 1), repeat=len(scoring)):
        weights = [1.0 - s for s in seen] + [1.0] * len(copying)
        if clip_weights_reference(stakes, weights, kappa) == 0.0:
            found += math.prod(chance if s else 1.0 - chance for s in seen)
    return found
