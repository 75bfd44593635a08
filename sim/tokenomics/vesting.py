"""How one group's tokens unlock: cliffs and linear, monthly or stepped vesting, in exact integers.

An unlock is a right to sell; whether the holder sells is the holder's decision, not the schedule's.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.tokenomics.units import microseconds, share_of

__all__ = ["Vesting", "unlocked", "unlocked_at"]

_MONTH_US = microseconds(days=30.4375)
_YEARS_100 = 36_525.0


class Vesting(Spec):
    """A vesting schedule, in days since the token's launch.

    `tge` of the tokens is free at launch. Nothing more is freed before `cliff_days`; everything is free from
    `vesting_days` on. With `accrual: start` the ramp runs from launch, so that the cliff frees at once what had
    accrued (a 12-month cliff in a 36-month schedule frees a third: Allora; OpenZeppelin's VestingWalletCliff). With
    `accrual: cliff` the ramp starts from nothing at the cliff ("12 months cliff, then linear": io.net).
    """

    tge: float = quantity(0.0, unit="1", doc="Share free at launch (token generation event).", ge=0.0, le=1.0)
    cliff_days: float = quantity(
        0.0, unit="day", doc="Time from launch before which nothing more is freed.", ge=0.0, le=_YEARS_100
    )
    vesting_days: float = quantity(
        0.0, unit="day", doc="Time from launch (cliff included) at which all is free.", ge=0.0, le=_YEARS_100
    )
    form: Literal["linear", "monthly", "stepped"] = quantity(
        "linear", unit="-", doc="Continuous, in equal monthly instalments, or in `steps` equal instalments."
    )
    steps: int | None = quantity(None, unit="1", doc="Number of equal instalments of a stepped schedule.", ge=1)
    accrual: Literal["start", "cliff"] = quantity(
        "start", unit="-", doc="Whether the ramp runs from launch or from the cliff."
    )

    @model_validator(mode="after")
    def _steps_with_stepped(self) -> Self:
        if (self.form == "stepped") != (self.steps is not None):
            raise complaint("vesting", "`steps` goes with `form: stepped`: give both or neither")
        return self


def unlocked(vesting: Vesting, group_total: int, days: float) -> int:
    """Return how much of a group's tokens is free `days` days after launch.

    Parameters
    ----------
    vesting : Vesting
        The schedule.
    group_total : int
        All of the group's tokens, base units, not negative.
    days : float
        Days since launch; before launch nothing is free.

    Returns
    -------
    int
        Amount, base units: never falls with `days`, at most `group_total`, and exactly that from `vesting_days` on.
    """
    return unlocked_at(vesting, group_total, microseconds(days=days))


def unlocked_at(vesting: Vesting, group_total: int, elapsed_us: int) -> int:
    """Return the same as `unlocked`, with the time in microseconds since launch."""
    if elapsed_us < 0:
        return 0
    cliff, end = microseconds(days=vesting.cliff_days), microseconds(days=vesting.vesting_days)
    if elapsed_us >= end:
        return group_total
    free = share_of(vesting.tge, group_total)
    if elapsed_us < cliff:
        return free
    ramp_begin = cliff if vesting.accrual == "cliff" else 0
    passed, length = elapsed_us - ramp_begin, end - ramp_begin
    instalments = _instalments(vesting, length)
    if instalments is not None:
        passed, length = passed * instalments // length, instalments
    return free + (group_total - free) * passed // length


def _instalments(vesting: Vesting, length_us: int) -> int | None:
    if vesting.form == "monthly":
        return max(1, round(length_us / _MONTH_US))
    return vesting.steps
