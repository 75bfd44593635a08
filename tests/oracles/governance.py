"""Votes as one would count them by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["decide_reference", "delegates_reference", "roots_reference", "tally_reference"]


def roots_reference(amounts: Sequence[int], cost: int) -> list[int]:
    """Return the most votes that each amount pays for at v squared times the cost."""
    return [math.isqrt(amount // cost) for amount in amounts]


def delegates_reference(
    draws: Sequence[tuple[float, float]], share: float, running: Sequence[float], rows: Sequence[int]
) -> list[int]:
    """Return whom each holder names, from its two uniform draws: whether, and whom."""
    named = []
    for row, (whether, whom) in enumerate(draws):
        if row in rows or whether >= share:
            named.append(-1)
            continue
        ticket = whom * running[-1]
        named.append(next((r for r, upper in zip(rows, running, strict=True) if ticket < upper), rows[-1]))
    return named


def decide_reference(
    votes: Sequence[int], gain: Sequence[float], delegate: Sequence[int], cost: float
) -> tuple[list[int], list[int]]:
    """Return the votes that each casts, and which way."""
    total = sum(votes)
    power = [own + sum(v for v, to in zip(votes, delegate, strict=True) if to == i) for i, own in enumerate(votes)]
    ballots = []
    for mine, worth in zip(power, gain, strict=True):
        votes_at_all = abs(worth) * float(mine) > cost * float(total)
        ballots.append((1 if worth > 0.0 else -1) if votes_at_all else 0)
    for i, to in enumerate(delegate):
        if ballots[i] == 0 and to >= 0:
            ballots[i] = ballots[to]
    return power, ballots


def tally_reference(votes: Sequence[int], ballots: Sequence[int], group: Sequence[int], groups: int) -> list[list[int]]:
    """Return the votes of each group: for, against, not cast."""
    counts = [[0, 0, 0] for _ in range(groups)]
    for own, ballot, of in zip(votes, ballots, group, strict=True):
        counts[of][{1: 0, -1: 1, 0: 2}[ballot]] += own
    return counts
