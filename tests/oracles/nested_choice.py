"""Slow twin of `nested_choice`: the formulas of a nested logit as books write them, one segment at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["inclusive_value", "nested_logit_reference"]


def inclusive_value(utilities: Sequence[float], shares: Sequence[float], dissimilarity: float) -> float:
    """Return the log of the weight of a nest."""
    total = math.fsum(w * math.exp(u / dissimilarity) for w, u in zip(shares, utilities, strict=True))
    return dissimilarity * math.log(total)


def nested_logit_reference(
    networks: Sequence[float],
    incumbents: Sequence[float],
    shares: Sequence[float],
    dissimilarity: tuple[float, float],
    available: float,
) -> tuple[list[float], list[float], float]:
    """Return the probabilities of networks, the shares of incumbents, and the networks' advantage."""
    ours = inclusive_value(networks, [1.0] * len(networks), dissimilarity[0])
    theirs = inclusive_value(incumbents, shares, dissimilarity[1])
    both = math.exp(ours) + available * math.exp(theirs)
    chosen = [math.exp(ours) / both * math.exp((u - ours) / dissimilarity[0]) for u in networks]
    among = [w * math.exp((v - theirs) / dissimilarity[1]) for w, v in zip(shares, incumbents, strict=True)]
    return chosen, among, math.exp(ours - theirs)
