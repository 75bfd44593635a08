"""Token flows and intervals that say their time base, in exact calendar time.

A month is a calendar month and a year a calendar year, counted from the day on which the schedule began: "760,567
per month" pays exactly that in February and in March, and twelve months make one year whatever the leap days.
Within a month or a year the flow is even.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple, Self

from pydantic import model_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.tokenomics.units import US_PER_DAY, microseconds, to_base

__all__ = ["Elapsed", "Span", "TokenFlow", "add_months", "exactly_one", "months_elapsed"]


class Elapsed(NamedTuple):
    """Time that has passed, in periods: `whole` of them and `part_us` out of `length_us` of the next."""

    whole: int
    part_us: int
    length_us: int


def exactly_one(spec: Spec, names: tuple[str, ...]) -> str:
    """Return the one field of `names` that is given.

    Parameters
    ----------
    spec : Spec
        Declared parameters.
    names : tuple of str
        Fields of which exactly one may differ from None.

    Returns
    -------
    str
        Its name.

    Raises
    ------
    pydantic_core.PydanticCustomError
        When none is given, or more than one.
    """
    given = [name for name in names if getattr(spec, name) is not None]
    if len(given) != 1:
        raise complaint("emission_rule", f"give exactly one of {', '.join(names)}; got {', '.join(given) or 'none'}")
    return given[0]


@lru_cache(maxsize=4096)
def add_months(first: date, months: int) -> date:
    """Return the same day of the month `months` later, or the last day of that month when it is shorter."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1]))


def months_elapsed(first: date, elapsed_us: int, months: int) -> Elapsed:
    """Count periods of `months` calendar months since `first`.

    Parameters
    ----------
    first : datetime.date
        Start of the first period.
    elapsed_us : int
        Microseconds since then, not negative.
    months : int
        Calendar months in a period.

    Returns
    -------
    Elapsed
        Whole periods and the part of the next.
    """
    today = first + timedelta(days=elapsed_us // US_PER_DAY)
    whole = ((today.year - first.year) * 12 + today.month - first.month) // months
    if add_months(first, whole * months) > today:
        whole -= 1
    begin, end = add_months(first, whole * months), add_months(first, (whole + 1) * months)
    part = elapsed_us - (begin - first).days * US_PER_DAY
    return Elapsed(whole, part, (end - begin).days * US_PER_DAY)


class Span(Spec):
    """An interval of time: days, or calendar months or years counted from the day on which a schedule began."""

    days: float | None = quantity(None, unit="day", doc="Length in days.", ge=1e-3)
    months: int | None = quantity(None, unit="month", doc="Length in calendar months.", ge=1)
    years: int | None = quantity(None, unit="year", doc="Length in calendar years.", ge=1)

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        exactly_one(self, ("days", "months", "years"))
        return self

    def elapsed(self, first: date, elapsed_us: int) -> Elapsed:
        """Count intervals since `first` (see `months_elapsed`)."""
        if self.days is None:
            return months_elapsed(first, elapsed_us, self._months())
        length = microseconds(days=self.days)
        return Elapsed(elapsed_us // length, elapsed_us % length, length)

    def boundary(self, first: date, number: int) -> int:
        """Return the microseconds from `first` to the end of interval `number`, counted from 1."""
        if self.days is None:
            return (add_months(first, number * self._months()) - first).days * US_PER_DAY
        return number * microseconds(days=self.days)

    def sentence(self) -> str:
        """Return the interval in words ("2 years")."""
        unit = exactly_one(self, ("days", "months", "years"))
        value = getattr(self, unit)
        return f"{value:g} {unit if value != 1 else unit[:-1]}"

    def _months(self) -> int:
        return self.months if self.months is not None else 12 * (self.years or 0)


class TokenFlow(Spec):
    """A constant flow of tokens that says its time base."""

    per_block: float | None = quantity(
        None, unit="token/block", doc="Tokens per block, rounded down to base units as the chain does.", ge=0.0
    )
    block_seconds: float | None = quantity(None, unit="s", doc="Time between blocks; goes with per_block.", ge=1e-3)
    per_day: float | None = quantity(None, unit="token/day", doc="Tokens per day.", ge=0.0)
    per_month: float | None = quantity(None, unit="token/month", doc="Tokens per calendar month.", ge=0.0)
    per_year: float | None = quantity(None, unit="token/year", doc="Tokens per calendar year.", ge=0.0)

    @model_validator(mode="after")
    def _one_time_base(self) -> Self:
        exactly_one(self, ("per_block", "per_day", "per_month", "per_year"))
        if (self.per_block is None) != (self.block_seconds is None):
            raise complaint("emission_rule", "per_block and block_seconds go together: give both or neither")
        return self

    def paid(self, elapsed_us: int, first: date, base: int, halvings: int = 0) -> int:
        """Return what the flow has paid since it began.

        Parameters
        ----------
        elapsed_us : int
            Microseconds since the flow began, not negative.
        first : datetime.date
            Date on which it began; calendar months and years are counted from it.
        base : int
            Base units per token.
        halvings : int, optional
            Times that the flow has been halved.

        Returns
        -------
        int
            Amount, base units, rounded down.
        """
        if self.per_block is not None:
            blocks = elapsed_us // microseconds(seconds=self.block_seconds or 0.0)
            return blocks * (to_base(self.per_block, base) >> halvings)
        tokens, (whole, part, length) = self._periods(elapsed_us, first)
        return to_base(tokens, base) * (whole * length + part) // (length << halvings)

    def sentence(self) -> str:
        """Return the flow in words ("60,000,000 tokens per year")."""
        name = exactly_one(self, ("per_block", "per_day", "per_month", "per_year"))
        value = getattr(self, name)
        return f"{value:,.12g} {'token' if value == 1 else 'tokens'} {name.replace('_', ' ')}"

    def _periods(self, elapsed_us: int, first: date) -> tuple[float, Elapsed]:
        if self.per_day is not None:
            return self.per_day, Elapsed(0, elapsed_us, US_PER_DAY)
        if self.per_month is not None:
            return self.per_month, months_elapsed(first, elapsed_us, 1)
        return self.per_year or 0.0, months_elapsed(first, elapsed_us, 12)
