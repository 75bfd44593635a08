"""Random streams: one number per independent use of chance.

A draw is a pure function of (seed, stream, step, agent), so adding a use of chance means adding a stream, and no
other stream's draws move. Never renumber: the numbers are part of the results format.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

__all__ = ["Stream", "step_key"]

_MASK = 0xFFFFFFFFFFFFFFFF
_GOLDEN = 0x9E3779B97F4A7C15
_STREAM = 0xD1342543DE82EF95


class Stream(IntEnum):
    """Identifiers of the independent random streams."""

    ATTRIBUTES = 1
    DRIVERS = 2
    ADOPTION = 3
    AUDIT = 4
    SPECULATOR_NOISE = 5
    COMMON_NOISE = 6
    STRATEGY_SWITCH = 7
    RANDOM_STAKER = 8
    LOCK_RENEWAL = 9
    DELEGATION = 10
    GOVERNANCE = 11
    NEWS = 12
    ORDER_LIMITS = 13
    ORDER_ARRIVAL = 14
    MARGIN_TRADER_NOISE = 15
    SUBNETS = 16
    LIQUID_STAKING = 17
    RELOCATION = 21
    DATA_FRAUD = 22
    BUILDER_ENTRY = 23
    OPEN_WEIGHTS = 24
    RESAMPLING = 25
    NULL_PATHS = 26


def _mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def step_key(seed: int | np.uint64, stream: int, step: int) -> np.uint64:
    """Return the key shared by all agents of one (seed, stream, step).

    Parameters
    ----------
    seed : int or uint64
    stream : int
        A `Stream`.
    step : int
        May be negative: draws made before the first step.

    Returns
    -------
    uint64
        Always a NumPy scalar, so that kernels are compiled for one type of key only.
    """
    k = _mix((int(seed) + _GOLDEN) & _MASK)
    k = _mix(k ^ ((int(stream) * _STREAM) & _MASK))
    return np.uint64(_mix((k + int(step) * _GOLDEN) & _MASK))
