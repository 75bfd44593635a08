"""Votes: what holdings count for, who delegates to whom, who finds voting worth its cost, and the tally.

A holder of v votes out of V that would gain g dollars if its side won expects g v / V of its vote, and casts it when
that is above the cost c (Downs 1957, An Economic Theory of Democracy, ch. 13-14, with the chance to decide taken to
be the share of the votes). Votes are whole numbers, so that tallies do not depend on the order of holders.
"""

from __future__ import annotations

import math

from numba import float64, int64

from catallaxy.numba_kernels.compile import U64, Flags, Floats, IntMatrix, Ints, kernel
from catallaxy.numba_kernels.random import agent_bits, mix, uniform

__all__ = ["decide", "name_delegates", "tally", "whole_roots"]


@kernel
def whole_roots(amount: Ints, cost: int, votes: Ints) -> None:
    """Count the most votes v that each holder can pay for when v votes cost v squared times `cost`.

    Parameters
    ----------
    amount : int64[n], base units
        Not negative.
    cost : int64, base units
        Cost of one vote, positive.
    votes : int64[n], out
    """
    for i in range(amount.size):
        squares = amount[i] // cost
        root = int64(math.sqrt(float64(squares)))
        while root * root > squares:
            root -= 1
        while (root + 1) * (root + 1) <= squares:
            root += 1
        votes[i] = root


@kernel
def name_delegates(key: U64, ids: Ints, share: float, running: Floats, rows: Ints, delegate: Ints) -> None:
    """Let holders name a delegate, drawn in proportion to the delegates' votes; delegates themselves name none.

    Parameters
    ----------
    key : uint64
    ids : int64[n]
    share : float64
        Probability that a holder delegates.
    running : float64[d]
        Running sum of the delegates' votes; the last one is positive.
    rows : int64[d]
        Their rows.
    delegate : int64[n], out
        Row of each holder's delegate, -1 for none.
    """
    for i in range(ids.size):
        delegate[i] = -1
        bits = agent_bits(key, ids[i])
        if uniform(bits) >= share:
            continue
        ticket = uniform(mix(bits)) * running[running.size - 1]
        chosen = 0
        while chosen < running.size - 1 and running[chosen] <= ticket:
            chosen += 1
        delegate[i] = rows[chosen]
    for d in range(rows.size):
        delegate[rows[d]] = -1


@kernel
def decide(votes: Ints, gain: Floats, delegate: Ints, cost: float, power: Ints, ballots: Flags) -> None:
    """Let holders vote their interest where that is worth its cost, and delegates vote for those who do not.

    Parameters
    ----------
    votes : int64[n]
    gain : float64[n], USD
        What each holder gains if the proposal passes; negative for a loss.
    delegate : int64[n]
        Row of each holder's delegate, -1 for none; delegates have none.
    cost : float64, USD
        Cost of voting.
    power : int64[n], out
        Own votes, and those that delegators have entrusted.
    ballots : int8[n], out
        1 in favour, -1 against, 0 for votes that are not cast.
    """
    total = 0
    for i in range(votes.size):
        power[i] = votes[i]
        total += votes[i]
    for i in range(votes.size):
        if delegate[i] >= 0:
            power[delegate[i]] += votes[i]
    for i in range(votes.size):
        worthwhile = abs(gain[i]) * float64(power[i]) > cost * float64(total)
        ballots[i] = (1 if gain[i] > 0.0 else -1) if worthwhile else 0
    for i in range(votes.size):
        if ballots[i] == 0 and delegate[i] >= 0:
            ballots[i] = ballots[delegate[i]]


@kernel
def tally(votes: Ints, ballots: Flags, group: Ints, counts: IntMatrix) -> None:
    """Count votes by group: for, against, and not cast.

    Parameters
    ----------
    votes : int64[n]
    ballots : int8[n]
    group : int64[n]
        Number of each holder's group.
    counts : int64[G, 3], out
    """
    counts[:, :] = 0
    for i in range(votes.size):
        place = 0 if ballots[i] > 0 else 1 if ballots[i] < 0 else 2
        counts[group[i], place] += votes[i]
