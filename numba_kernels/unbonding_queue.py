"""Bonding with a queue of unbonding requests, locks, and bounds on a stake; one network at a time.

A holder wants a share of its tokens bonded and closes a part of the gap each step. What it unbonds is a request at the
end of its queue, due after its own unbonding time; requests are paid out in the order in which they were made. While
its lock lasts, or when its queue is full, a holder unbonds nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import U64, Floats, IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.random import agent_bits, uniform
from catallaxy.numba_kernels.staking import Bonds

__all__ = ["Locks", "Queue", "Terms", "adjust", "mature", "renew"]


class Queue(NamedTuple):
    """Requests of every holder, the oldest in row 0 (base units; 0 where there is none), and when they are due."""

    amount: IntMatrix
    due: IntMatrix


class Locks(NamedTuple):
    """Per holder: the step at which its lock ends, how long a new lock lasts, and how long unbonding takes (steps)."""

    until: Ints
    length: Ints
    unbonding: Ints


class Terms(NamedTuple):
    """Terms of a step: smallest and largest stake (base units), share of the gap that is closed, and the step."""

    minimum: int
    cap: int
    speed: float
    step: int


@helper
def _move(free: int, staked: int, wanted: float, terms: Terms) -> tuple[int, int]:
    """Return what a holder bonds and what it would unbond."""
    target = min(wanted * float64(free + staked), float64(terms.cap))
    if target < float64(terms.minimum):
        target = 0.0
    gap = (target - float64(staked)) * terms.speed
    plus = min(int64(max(gap, 0.0)), free)
    minus = min(int64(max(-gap, 0.0)), staked)
    if staked + plus - minus < terms.minimum:
        plus = min(terms.minimum - staked, free) if target > 0.0 else 0
        minus = 0 if target > 0.0 else staked
    return plus, minus


@helper
def _empty_place(amount: IntMatrix, i: int) -> int:
    """Return the first empty place in a holder's queue, or its length when it is full."""
    for place in range(amount.shape[0]):
        if amount[place, i] == 0:
            return place
    return amount.shape[0]


@kernel
def adjust(
    rows: tuple[int, int], bonds: Bonds, queue: Queue, wanted: Floats, locks: Locks, terms: Terms
) -> tuple[int, int]:
    """Bond or request to unbond, towards each holder's target.

    Parameters
    ----------
    rows : (int64, int64)
    bonds : Bonds, in/out
    queue : Queue, in/out
    wanted : float64[n]
        Share of its tokens that each holder wants bonded.
    locks : Locks, in/out
        Who bonds without a lock makes one.
    terms : Terms

    Returns
    -------
    (int64, int64)
        Base units bonded and base units that entered the queue.
    """
    bonded = 0
    queued = 0
    for i in range(rows[0], rows[1]):
        plus, minus = _move(bonds.tokens[i], bonds.staked[i], wanted[i], terms)
        place = _empty_place(queue.amount, i)
        if minus > 0 and (locks.until[i] > terms.step or place == queue.amount.shape[0]):
            minus = 0
        if minus > 0:
            due = terms.step + locks.unbonding[i]
            queue.amount[place, i] = minus
            queue.due[place, i] = due if place == 0 else max(due, queue.due[place - 1, i])
            bonds.release[i] = queue.due[0, i]
        if plus > 0 and locks.length[i] > 0 and locks.until[i] <= terms.step:
            locks.until[i] = terms.step + locks.length[i]
        bonds.tokens[i] -= plus
        bonds.staked[i] += plus - minus
        bonds.unbonding[i] += minus
        bonded += plus
        queued += minus
    return bonded, queued


@kernel
def mature(rows: tuple[int, int], bonds: Bonds, queue: Queue, step: int) -> int:
    """Pay out the requests whose time has come, oldest first; return the base units released.

    Parameters
    ----------
    rows : (int64, int64)
    bonds : Bonds, in/out
    queue : Queue, in/out
    step : int64

    Returns
    -------
    int64
    """
    released = 0
    places = queue.amount.shape[0]
    for i in range(rows[0], rows[1]):
        if bonds.unbonding[i] == 0 or queue.due[0, i] > step:
            continue
        paid = 0
        out = 0
        while paid < places and queue.amount[paid, i] > 0 and queue.due[paid, i] <= step:
            out += queue.amount[paid, i]
            paid += 1
        for place in range(places):
            later = place + paid
            queue.amount[place, i] = queue.amount[later, i] if later < places else 0
            queue.due[place, i] = queue.due[later, i] if later < places else 0
        bonds.tokens[i] += out
        bonds.unbonding[i] -= out
        bonds.release[i] = queue.due[0, i]
        released += out
    return released


@kernel
def renew(
    rows: tuple[int, int], key: U64, ids: Ints, bonds: Bonds, wanted: Floats, locks: Locks, renewal: tuple[float, int]
) -> int:
    """Let holders who want to stay bonded renew their locks now and then; return how many did.

    Parameters
    ----------
    rows : (int64, int64)
    key : uint64
    ids : int64[n]
    bonds : Bonds
    wanted : float64[n]
        Share of its tokens that each holder wants bonded.
    locks : Locks, in/out
    renewal : (float64, int64)
        Probability that a holder thinks of it in this step, and the step.

    Returns
    -------
    int64
    """
    probability, step = renewal
    renewed = 0
    for i in range(rows[0], rows[1]):
        held = float64(bonds.tokens[i] + bonds.staked[i])
        stays = bonds.staked[i] > 0 and wanted[i] * held >= float64(bonds.staked[i])
        if stays and locks.length[i] > 0 and uniform(agent_bits(key, ids[i])) < probability:
            locks.until[i] = max(locks.until[i], step + locks.length[i])
            renewed += 1
    return renewed
