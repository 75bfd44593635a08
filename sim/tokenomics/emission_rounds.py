"""Rules that decide once a round: what was decided flows evenly until the round ends (family (d))."""

from __future__ import annotations

from abc import abstractmethod
from datetime import date
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from catallaxy.agents.declaration import quantity
from catallaxy.agents.rates import DAYS, Rate
from catallaxy.sim.tokenomics.emission_context import EmissionContext, Issue
from catallaxy.sim.tokenomics.emission_flows import Span
from catallaxy.sim.tokenomics.emission_rule import RememberingRule
from catallaxy.sim.tokenomics.units import US_PER_DAY, exact

__all__ = ["ONE", "Round", "RoundRule", "State", "per_year", "staked_share", "yearly"]

ONE = 10**18
"""Scale of what controllers remember: numbers are whole multiples of 10**-18."""

State: TypeAlias = tuple[int, ...]

_YEAR_US = round(DAYS["per_year"] * US_PER_DAY)


class Round(NamedTuple):
    """A round of a rule: when it begins, microseconds since the first one, and how long it is."""

    begin_us: int
    length_us: int

    def share_of(self, yearly: int) -> int:
        """Return the part of a yearly amount that falls in the round, the year being 365.25 days."""
        return yearly * self.length_us // _YEAR_US

    def annualised(self, amount: int) -> int:
        """Return the yearly amount of which the round has a part."""
        return amount * _YEAR_US // self.length_us


class RoundRule(RememberingRule):
    """A rule that writes `decide`: how much a round mints, from the token's counts when it begins.

    Its memory is that amount and its own state, so that a round may be cut into steps anywhere. A run that begins
    inside a round decides with the counts of its first step.
    """

    every: Span = quantity(unit="time", doc="Length of a round.")
    starts: date | None = quantity(
        None, unit="date", doc="Date of the first round; the first day of the run when absent."
    )

    @abstractmethod
    def decide(self, now: EmissionContext, state: State, this: Round) -> tuple[int, State]:
        """Decide on one round.

        Parameters
        ----------
        now : EmissionContext
            The token's counts when the round begins.
        state : tuple of int
            What the rule decided to remember in the round before; empty in the first.
        this : Round
            The round.

        Returns
        -------
        tuple of int and tuple of int
            Base units minted over the round, and the next state.
        """

    def advance(self, now: EmissionContext) -> Issue:
        """Return what the rounds mint in the stretch of `now`, and the plan and state of the last one."""
        first = self.starts or now.origin or now.start
        offset = now.microseconds_since_start(first)
        begin, end = max(0, now.begin_us - offset), max(0, now.end_us - offset)
        planned, state = _remembered(now)
        minted = 0
        while begin < end:
            _, part, length = self.every.elapsed(first, begin)
            if part == 0 or planned is None:
                decided, state = self.decide(now.after(minted), state, Round(begin - part, length))
                planned = max(0, decided)
            until = min(length, part + end - begin)
            minted += planned * until // length - planned * part // length
            begin += until - part
        return Issue(minted, () if planned is None else (planned, *state))

    @property
    def reads(self) -> frozenset[str]:
        """The staked share."""
        return frozenset({"staked"})

    def most(self, first: EmissionContext, n_steps: int) -> int | None:
        """Return None: what agents do decides."""
        return None


def _remembered(now: EmissionContext) -> tuple[int | None, State]:
    numbers = tuple(number for number in now.memory if isinstance(number, int))
    return (numbers[0], numbers[1:]) if numbers else (None, ())


def staked_share(now: EmissionContext) -> int:
    """Return the share of the supply that is staked, between 0 and 1, in units of 10**-18."""
    return min(ONE, now.staked * ONE // now.supply) if now.supply > 0 else 0


@lru_cache(maxsize=1024)
def per_year(rate: Rate) -> int:
    """Return a rate per year of 365.25 days, by simple proportion, in units of 10**-18."""
    return round(exact(rate.amount) * exact(DAYS["per_year"]) / exact(DAYS[rate.base]) * ONE)


def yearly(now: EmissionContext, inflation: int, this: Round) -> int:
    """Return what a yearly inflation, in units of 10**-18, mints in one round, base units, rounded down."""
    return now.supply * inflation * this.length_us // (ONE * _YEAR_US)
