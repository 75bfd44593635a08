"""People of two opinions who meet, one at a time."""

from __future__ import annotations

import numpy as np

from catallaxy.numba_kernels.compile import U64, IntMatrix, kernel
from catallaxy.numba_kernels.random import agent_bits, uniform

__all__ = ["meet"]


@kernel
def meet(key: U64, n: int, alone: float, recruited: float, burn: int, counts: IntMatrix, steps: int) -> None:
    """Let one at a time change opinion alone, or by whom they meet; count how often so many hold the first opinion.

    Who meets one of the others at random changes with a probability of `alone` and `recruited` times the share of the
    others who disagree, together, where that is not above one.

    Parameters
    ----------
    key : uint64
        Run r draws under this key and r.
    n : int64
        People.
    alone : float64
        Probability of changing without meeting anybody (epsilon).
    recruited : float64
        Probability of taking over the opinion of who is met (1 - delta).
    burn : int64
        Meetings before those that count.
    counts : int64[runs, n + 1], in/out
    steps : int64
        Meetings that count, in each run.
    """
    holds = np.zeros(n, np.int8)
    for run in range(counts.shape[0]):
        own, first = agent_bits(key, run), 0
        for i in range(n):
            holds[i] = i % 2
            first += holds[i]
        for step in range(burn + steps):
            bits = agent_bits(own, step)
            who = int(uniform(bits) * n)
            disagree = n - first if holds[who] == 1 else first
            if uniform(agent_bits(bits, 0)) < alone + recruited * disagree / (n - 1):
                holds[who] = 1 - holds[who]
                first += 2 * holds[who] - 1
            if step >= burn:
                counts[run, first] += 1
