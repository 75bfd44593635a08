"""The emission plug-in point: what a rule is told, and what it must answer.

Rules are evaluated in Python once per step and network, in exact integers: the same bits on every machine, and
chains' own rounding where it matters. Import `catallaxy.sim.tokenomics.emission` to have the built-in rules filed.
"""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod

from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.sim.tokenomics.emission_context import EmissionContext, Issue

__all__ = ["ECONOMY", "EMISSIONS", "EmissionRule", "RememberingRule", "ScheduledRule", "check_emission"]


ECONOMY = frozenset({"staked", "circulating", "capacity", "burned", "price"})
"""What a rule can answer to besides drivers."""


class EmissionRule(Plugin):
    """How many tokens a protocol mints in each stretch of time.

    A rule writes `scheduled`. An instance keeps no state: the same context always gives the same number. A rule that
    has to remember something derives from `RememberingRule`; the economy keeps its memory and hands it back.
    """

    @property
    def reads(self) -> frozenset[str]:
        """What the amounts answer to: `staked`, `circulating`, `capacity`, `burned`, and names of drivers."""
        return frozenset()

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

    def advance(self, now: EmissionContext) -> Issue:
        """Return what the rule would mint in the stretch of `now` if there were no cap, and its memory afterwards."""
        return Issue(self.scheduled(now), ())

    def issue(self, now: EmissionContext) -> Issue:
        """Return what is minted in the stretch of `now`, and the rule's memory afterwards.

        Parameters
        ----------
        now : EmissionContext
            Stretch of time, counts and memory.

        Returns
        -------
        Issue
            The scheduled amount or what is left under the cap, between 0 and `now.room`, base units; and the memory
            for the stretch that follows.
        """
        scheduled, memory = self.advance(now)
        asked, room = max(0, scheduled), now.room
        return Issue(asked if room is None else min(asked, room), memory)

    def amount(self, now: EmissionContext) -> int:
        """Return the amount of `issue(now)`, base units."""
        return self.issue(now).amount

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
        total, memory = 0, first.memory
        for now in first.steps(n_steps):
            minted, memory = self.advance(now.after(total).remembering(memory))
            total += minted
        return total

    def most(self, first: EmissionContext, n_steps: int) -> int | None:
        """Return the most that the rule can ask for over `n_steps` steps, whatever agents do.

        Parameters
        ----------
        first : EmissionContext
            The first step.
        n_steps : int
            Number of steps.

        Returns
        -------
        int or None
            Amount, base units; None when only the cap bounds it.
        """
        return self.horizon_total(first, n_steps)

    @abstractmethod
    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""


EMISSIONS: Registry[EmissionRule] = Registry(
    "emission rule",
    EmissionRule,  # type: ignore[type-abstract]  # the registry never makes one of its base class
)
"""Emission rules by name."""


class RememberingRule(EmissionRule):
    """A rule with a memory: it writes `advance`, which reads `now.memory` and returns the next one."""

    @abstractmethod
    def advance(self, now: EmissionContext) -> Issue:
        """Return what the rule would mint in the stretch of `now` if there were no cap, and its memory afterwards.

        Parameters
        ----------
        now : EmissionContext
            Stretch of time, counts, and the memory returned for the stretch before; empty at first.

        Returns
        -------
        Issue
            Amount, base units, not negative; and the memory.
        """

    def scheduled(self, now: EmissionContext) -> int:
        """Return the amount of `advance(now)`, base units."""
        return self.advance(now).amount


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
    asked = rule.most(first, n_steps)
    if asked is None or asked <= first.room:
        return []
    message = (
        f"{rule.kind!r} would mint {asked / first.base:,.12g} tokens over {n_steps} steps, but the cap leaves "
        f"{first.room / first.base:,.12g}: {(asked - first.room) / first.base:,.12g} too many; "
        "lower the rate, raise the maximum supply, or shorten the run"
    )
    return [(("emission",), message)]
