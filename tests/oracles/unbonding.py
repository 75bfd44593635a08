"""Slow twins of `unbonding_queue`, `staking_rewards` and `delegation`: one holder at a time, queues as lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class Saver:
    """One holder: tokens in base units, its requests (amount, due), and its lock, in steps."""

    tokens: int
    staked: int
    requests: list[tuple[int, int]] = field(default_factory=list)
    until: int = 0
    length: int = 0
    unbonding: int = 0

    @property
    def total(self) -> int:
        return self.tokens + self.staked + sum(amount for amount, _ in self.requests)


@dataclass(frozen=True)
class Conditions:
    """Terms of a step, and how many requests may wait."""

    minimum: int
    cap: int
    speed: float
    step: int
    places: int


def adjust_reference(saver: Saver, wanted: float, terms: Conditions) -> tuple[int, int]:
    """Move a holder towards its target; return what it bonded and what it requested."""
    target = min(wanted * float(saver.tokens + saver.staked), float(terms.cap))
    target = target if target >= float(terms.minimum) else 0.0
    gap = (target - float(saver.staked)) * terms.speed
    bonded = min(int(gap), saver.tokens) if gap > 0.0 else 0
    requested = min(int(-gap), saver.staked) if gap < 0.0 else 0
    if saver.staked + bonded - requested < terms.minimum:
        bonded = min(terms.minimum - saver.staked, saver.tokens) if target > 0.0 else 0
        requested = 0 if target > 0.0 else saver.staked
    if saver.until > terms.step or len(saver.requests) == terms.places:
        requested = 0
    if requested:
        due = terms.step + saver.unbonding
        saver.requests.append((requested, max([due, *(due for _, due in saver.requests)])))
    if bonded and saver.length and saver.until <= terms.step:
        saver.until = terms.step + saver.length
    saver.tokens -= bonded
    saver.staked += bonded - requested
    return bonded, requested


def mature_reference(saver: Saver, step: int) -> int:
    """Pay out the oldest requests that are due; return the sum."""
    released = 0
    while saver.requests and saver.requests[0][1] <= step:
        released += saver.requests.pop(0)[0]
    saver.tokens += released
    return released


def counted_reference(staked: int, minimum: int, cap: int) -> int:
    """Return what counts of a stake."""
    return 0 if staked < minimum else min(staked, cap)


def drawn_reference(weights: Sequence[int], draws: Sequence[float]) -> list[int]:
    """Return how often each holder is drawn, holders being in the order of identifiers."""
    times, total = [0] * len(weights), sum(weights)
    for draw in draws if total else ():
        ticket = min(int(draw * float(total)), total - 1)
        holder = 0
        while ticket >= weights[holder]:
            ticket -= weights[holder]
            holder += 1
        times[holder] += 1
    return times


def chances_reference(attraction: Sequence[Fraction], own: int, stickiness: Fraction) -> list[Fraction]:
    """Return with which probability a holder that reconsiders has each validator afterwards."""
    pull = [value * (stickiness if v == own else 1) for v, value in enumerate(attraction)]
    return [value / sum(pull) for value in pull]
