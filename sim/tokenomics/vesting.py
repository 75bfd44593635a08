"""How one group's tokens unlock: cliffs and linear, monthly or stepped vesting, in exact integers.

An unlock is a right to sell; whether the holder sells is the holder's decision, not the schedule's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from pydantic import model_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.tokenomics.units import microseconds, share_of

__all__ = ["Ramp", "Vesting", "unlocked"]

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


@dataclass(frozen=True, slots=True)
class Ramp:
    """A vesting schedule applied to an amount, in whole microseconds since launch and base units.

    Attributes
    ----------
    total : int
        All of the group's tokens, base units.
    free : int
        Free at launch, base units.
    cliff_us, begin_us, end_us : int
        Until when nothing more is freed, where the ramp starts from nothing, and where all is free.
    instalments : int or None
        Number of equal instalments between `begin_us` and `end_us`; None when the ramp is continuous.
    """

    total: int
    free: int
    cliff_us: int
    begin_us: int
    end_us: int
    instalments: int | None

    @classmethod
    def of(cls, vesting: Vesting, group_total: int) -> Ramp:
        """Return the ramp of `group_total` base units under a schedule."""
        cliff, end = microseconds(days=vesting.cliff_days), microseconds(days=vesting.vesting_days)
        begin = cliff if vesting.accrual == "cliff" else 0
        months = max(1, round((end - begin) / _MONTH_US))
        instalments = months if vesting.form == "monthly" else vesting.steps
        return cls(group_total, share_of(vesting.tge, group_total), cliff, begin, end, instalments)

    def at(self, elapsed_us: int) -> int:
        """Return what is free `elapsed_us` microseconds after launch, base units."""
        if elapsed_us < 0:
            return 0
        if elapsed_us >= self.end_us:
            return self.total
        if elapsed_us < self.cliff_us:
            return self.free
        passed, length = elapsed_us - self.begin_us, self.end_us - self.begin_us
        if self.instalments is not None:
            passed, length = passed * self.instalments // length, self.instalments
        return self.free + (self.total - self.free) * passed // length


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
    return Ramp.of(vesting, group_total).at(microseconds(days=days))
