"""The emission plug-in point: what a rule is told, and what it must answer.

Rules are evaluated in Python once per step and network, in exact integers: the same bits on every machine, and
chains' own rounding where it matters. Import `catallaxy.sim.tokenomics.emission` to have the built-in rules filed.
"""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace

from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.sim.tokenomics.units import US_PER_DAY

__all__ = ["EMISSIONS", "EmissionContext", "EmissionRule", "ScheduledRule", "check_emission"]


@dataclass(frozen=True, slots=True)
class EmissionContext:
    """What an emission rule sees: a stretch of time and the token's counts at the start of the step.

    Attributes
    ----------
    step : int
        Step number, from 0.
    dt_days : float
        Length of a step, days.
    start : datetime.date
        Calendar date of the start of step 0.
    base : int
        Base units per token; every amount below is in base units.
    genesis : int
        Created at genesis.
    issued : int
        Minted by emission so far, counted from genesis.
    burned : int
        Destroyed so far. Burned tokens stay issued.
    recycled : int
        Returned to the un-issued pool so far (Bittensor: registration fees). Recycled tokens can be issued again.
    supply : int
        In existence now.
    staked : int
        Staked now (feedback rules use it).
    cap : int or None
        Most that emission may ever mint; None when there is no cap.
    window : tuple of int or None
        Microseconds since the start of the run, [from, to), when only a part of the step counts; None for all of it.
    origin : datetime.date or None
        Date at which a schedule without its own starting date begins; None for the first day of the run.
    """

    step: int
    dt_days: float
    start: dt.date
    base: int
    genesis: int = 0
    issued: int = 0
    burned: int = 0
    recycled: int = 0
    supply: int = 0
    staked: int = 0
    cap: int | None = None
    window: tuple[int, int] | None = None
    origin: dt.date | None = None

    @property
    def begin_us(self) -> int:
        """First microsecond of the stretch, counted from the start of the run."""
        return self.window[0] if self.window else self._boundary(self.step)

    @property
    def end_us(self) -> int:
        """Microsecond at which the stretch ends (excluded)."""
        return self.window[1] if self.window else self._boundary(self.step + 1)

    @property
    def day(self) -> float:
        """Days since the start of the run."""
        return self.begin_us / US_PER_DAY

    @property
    def date(self) -> dt.date:
        """Calendar date."""
        return self.start + dt.timedelta(days=self.begin_us // US_PER_DAY)

    @property
    def room(self) -> int | None:
        """What the cap still allows, never below 0; None when there is no cap."""
        return None if self.cap is None else max(0, self.cap - self.issued + self.recycled)

    def part(self, begin_us: int, end_us: int, origin: dt.date | None = None) -> EmissionContext:
        """Return the same token over another stretch of time, with another origin if one is given."""
        return replace(self, window=(begin_us, end_us), origin=origin or self.origin)

    def after(self, minted: int) -> EmissionContext:
        """Return the same stretch once `minted` base units more have been issued."""
        return replace(self, issued=self.issued + minted, supply=self.supply + minted)

    def microseconds_since_start(self, day: dt.date) -> int:
        """Return the distance of a calendar date from the start of the run, microseconds (negative before it)."""
        return (day - self.start).days * US_PER_DAY

    def steps(self, n_steps: int) -> Iterator[EmissionContext]:
        """Yield the contexts of `n_steps` steps from this one on, with unchanged counts."""
        for step in range(self.step, self.step + n_steps):
            yield replace(self, step=step, window=None)

    def stretch(self, n_steps: int) -> EmissionContext:
        """Return `n_steps` steps from this one on as one stretch, with unchanged counts."""
        return replace(self, window=(self._boundary(self.step), self._boundary(self.step + n_steps)))

    def _boundary(self, step: int) -> int:
        return round(step * self.dt_days * US_PER_DAY)


class EmissionRule(Plugin):
    """How many tokens a protocol mints in each stretch of time.

    A rule writes `scheduled`. It keeps no state: the same context always gives the same number, and what it needs to
    remember is in the counts it is given.
    """

    @abstractmethod
    def scheduled(self, now: EmissionContext) -> int:
        """Return what the rule would mint in the stretch of `now` if there were no cap.

        Parameters
        ----------
        now : EmissionContext
            Stretch of time and counts.

        Returns
        -------
        int
            Amount, base units, not negative.
        """

    def amount(self, now: EmissionContext) -> int:
        """Return what is minted in the stretch of `now`: the scheduled amount, or what is left under the cap.

        Parameters
        ----------
        now : EmissionContext
            Stretch of time and counts.

        Returns
        -------
        int
            Amount, base units, between 0 and `now.room`. The cap bound when it is below `scheduled(now)`.
        """
        asked = max(0, self.scheduled(now))
        return asked if now.room is None else min(asked, now.room)

    def horizon_total(self, first: EmissionContext, n_steps: int) -> int:
        """Return what the rule would mint over `n_steps` steps if there were no cap.

        Parameters
        ----------
        first : EmissionContext
            The first step; nothing else moves the supply.
        n_steps : int
            Number of steps.

        Returns
        -------
        int
            Amount, base units.
        """
        total = 0
        for now in first.steps(n_steps):
            total += self.scheduled(now.after(total))
        return total

    @abstractmethod
    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""


EMISSIONS: Registry[EmissionRule] = Registry(
    "emission rule",
    EmissionRule,  # type: ignore[type-abstract]  # the registry never makes one of its base class
)
"""Emission rules by name."""


class ScheduledRule(EmissionRule):
    """A rule that is a function of time alone: it pays differences of an exact running total.

    Splitting a step in two, or joining two steps, therefore never changes what is minted.
    """

    starts: dt.date | None = quantity(
        None, unit="date", doc="Date on which the schedule begins; the first day of the run when absent."
    )

    @abstractmethod
    def cumulative(self, elapsed_us: int, first: dt.date, base: int) -> int:
        """Return what the schedule has minted since it began.

        Parameters
        ----------
        elapsed_us : int
            Microseconds since the schedule began, not negative.
        first : datetime.date
            Date on which it began.
        base : int
            Base units per token.

        Returns
        -------
        int
            Amount, base units; never falls with `elapsed_us`, and 0 at 0.
        """

    def first_date(self, now: EmissionContext) -> dt.date:
        """Return the date on which the schedule begins."""
        return self.starts or now.origin or now.start

    def scheduled(self, now: EmissionContext) -> int:
        """Return the rise of the running total over the stretch of `now`, base units."""
        first = self.first_date(now)
        offset = now.microseconds_since_start(first)
        begin, end = max(0, now.begin_us - offset), max(0, now.end_us - offset)
        return self.cumulative(end, first, now.base) - self.cumulative(begin, first, now.base)

    def horizon_total(self, first: EmissionContext, n_steps: int) -> int:
        """Return what the schedule mints over `n_steps` steps, in one evaluation, base units."""
        return self.scheduled(first.stretch(n_steps))


def check_emission(rule: EmissionRule, first: EmissionContext, n_steps: int) -> list[tuple[tuple[str | int, ...], str]]:
    """Find an emission schedule that runs past the cap.

    Parameters
    ----------
    rule : EmissionRule
        The rule of one token.
    first : EmissionContext
        Its first step.
    n_steps : int
        Length of the run, steps.

    Returns
    -------
    list of (tuple, str)
        `(path below the token, message)`; empty when all is well.
    """
    if first.room is None:
        return []
    asked = rule.horizon_total(first, n_steps)
    if asked <= first.room:
        return []
    message = (
        f"{rule.kind!r} would mint {asked / first.base:,.12g} tokens over {n_steps} steps, but the cap leaves "
        f"{first.room / first.base:,.12g}: {(asked - first.room) / first.base:,.6g} too many; "
        "lower the rate, raise the maximum supply, or shorten the run"
    )
    return [(("emission",), message)]
