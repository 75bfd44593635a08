"""Random streams: one number per independent use of chance.

A draw is a pure function of (seed, stream, step, agent), so adding a use of chance means adding a stream, and no
other stream's draws move. Never renumber: the numbers are part of the results format.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Stream"]


class Stream(IntEnum):
    """Identifiers of the independent random streams."""

    ATTRIBUTES = 1
    DRIVERS = 2
    ADOPTION = 3
    AUDIT = 4
    SPECULATOR_NOISE = 5
    COMMON_NOISE = 6
    STRATEGY_SWITCH = 7
    CHEATING = 8
    STAKING = 9
    BOOTSTRAP = 10
    ENTRY = 11
