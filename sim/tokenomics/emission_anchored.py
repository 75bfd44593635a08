"""Emission that is anchored to what the network is used for: what it burns, or what is locked in it."""

from __future__ import annotations

from fractions import Fraction
from itertools import repeat
from math import prod
from typing import ClassVar, Self

from pydantic import model_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import quantity
from catallaxy.agents.rates import Rate, rate
from catallaxy.sim.tokenomics.emission_context import EmissionContext
from catallaxy.sim.tokenomics.emission_rounds import Round, RoundRule, State, per_year, yearly
from catallaxy.sim.tokenomics.emission_rule import EMISSIONS
from catallaxy.sim.tokenomics.units import exact, to_base

__all__ = ["BurnAnchored", "ValueLocked"]

#: After so many moves the same way, the largest move grows no more.
_MOST_REPEATS = 50


@EMISSIONS.register("burn-anchored")
class BurnAnchored(RoundRule):
    """Render: emission per round that follows what was burned, in steps that are small at first.

    With B burned in the last round and g its growth over the round before, the anchor is B (1 + g) nodes pain, held
    between `floor` and `ceiling` times B. Emission stays as it is while the anchor is within `band` of it. Otherwise it
    moves towards the anchor: up by at most the factor 1 + r, down by at most 1/(1 + r), with r = `step` times
    (1 + `step_growth`)^n after n moves in the same direction.

    Source: rendernetwork/RNPs, RNP-020: burns of 12,125 with growth of -15.13 % and factors of 1.576 and 1.005 give an
    anchor of 16,293, within a tenth of a policy of 15,000; burns below 5,000 give 13,600.
    """

    summary: ClassVar[str] = "Emission that follows burning, with a dead band and limited steps (Render RNP-020)."

    start: float = quantity(unit="token/round", doc="Emission of the first two rounds.", ge=0.0)
    nodes: float = quantity(1.0, unit="1", doc="Factor for the growth of the number of nodes.", ge=0.0, le=1e3)
    pain: float = quantity(1.0, unit="1", doc="Factor that shares a shortfall between holders and nodes.", ge=0, le=1e3)
    floor: float = quantity(1.0, unit="1", doc="Least that is aimed at, over what was burned.", ge=0.0, le=1e3)
    ceiling: float = quantity(3.0, unit="1", doc="Most that is aimed at, over what was burned.", ge=0.0, le=1e3)
    band: float = quantity(0.1, unit="1", doc="Relative distance to the anchor at which nothing moves.", ge=0.0, le=1.0)
    step: float = quantity(0.1, unit="1", doc="Largest relative move, the first time.", ge=0.0, le=1.0)
    step_growth: float = quantity(
        0.1, unit="1", doc="Growth of the largest move each further time in the same direction.", ge=0.0, le=1.0
    )

    @model_validator(mode="after")
    def _a_range(self) -> Self:
        if self.ceiling < self.floor:
            raise complaint("range", f"ceiling, {self.ceiling:g}, is below floor, {self.floor:g}")
        return self

    @property
    def reads(self) -> frozenset[str]:
        """What has been burned."""
        return frozenset({"burned"})

    def decide(self, now: EmissionContext, state: State, this: Round) -> tuple[int, State]:
        """Compare emission with the anchor, and move it; see `RoundRule.decide`."""
        start = to_base(self.start, now.base)
        if not state:
            return start, (start, 0, now.burned, -1)
        policy, streak, seen, before = state
        burned = now.burned - seen
        if before >= 0:
            policy, streak = self.moved(policy, streak, burned, before)
        return policy, (policy, streak, now.burned, burned)

    def anchor(self, burned: int, before: int) -> Fraction:
        """Return what emission is compared with.

        Parameters
        ----------
        burned, before : int
            Burned in the last round, and in the one before it; growth counts as none where nothing was burned then.

        Returns
        -------
        Fraction
        """
        growth = Fraction(burned, before) if before > 0 else Fraction(1)
        wanted = burned * growth * exact(self.nodes) * exact(self.pain)
        return min(max(wanted, burned * exact(self.floor)), burned * exact(self.ceiling))

    def moved(self, policy: int, streak: int, burned: int, before: int) -> tuple[int, int]:
        """Return the next emission, base units, and how often it has moved the same way, negative for cuts.

        Parameters
        ----------
        policy, streak : int
            Emission and moves so far.
        burned, before : int
            See `anchor`.

        Returns
        -------
        (int, int)
        """
        anchor = self.anchor(burned, before)
        if abs(anchor - policy) <= exact(self.band) * policy:
            return policy, 0
        way = 1 if anchor > policy else -1
        repeats = abs(streak) if streak * way > 0 else 0
        faster = repeat(1 + exact(self.step_growth), min(repeats, _MOST_REPEATS))
        factor = 1 + prod(faster, start=exact(self.step))
        limit = policy * factor if way > 0 else policy / factor
        return int(min(anchor, limit) if way > 0 else max(anchor, limit)), way * (repeats + 1)

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return (
            f"Every {self.every.sentence()} {self.start:,.12g} tokens at first; then they follow burning, times "
            f"its growth and {self.nodes * self.pain:g}, once it is more than {self.band:g} away, by at most "
            f"{self.step:g} at a time and more when repeated."
        )


@EMISSIONS.register("value-locked")
class ValueLocked(RoundRule):
    """Vana: a yearly share of the supply that rises with the dollar value locked in the network.

    share = min(`base` + `rise` * floor(value locked / `per_usd`), `highest`); what is staked counts as locked, at the
    price of the day. Vana: 0.5 % a year, 0.5 % more for each 500 million dollars, at most 5 %, by quarters; so 1 % at
    500 million, 2.5 % at 2 billion and 5 % at 5 billion dollars.

    Source: vana-smart-contracts (commit ea6a85c7bbcc); docs.vana.org.
    """

    summary: ClassVar[str] = "A share of the supply a year that rises with the value locked (Vana)."

    base: Rate = rate({"per_year": 0.005}, doc="Share of the supply minted where nothing is locked.", ge=0, le=10)
    rise: Rate = rate({"per_year": 0.005}, doc="What each further `per_usd` locked adds.", ge=0, le=10)
    per_usd: float = quantity(5e8, unit="USD", doc="Value locked for which `rise` is added.", gt=0.0)
    highest: Rate = rate({"per_year": 0.05}, doc="Largest share.", ge=0, le=10)

    @property
    def reads(self) -> frozenset[str]:
        """What is staked, and its price."""
        return frozenset({"staked", "price"})

    def decide(self, now: EmissionContext, state: State, this: Round) -> tuple[int, State]:
        """Mint the share of the supply that the value locked stands for; see `RoundRule.decide`."""
        locked = Fraction(now.staked, now.base) * exact(now.price)
        times = int(locked / exact(self.per_usd))
        share = min(per_year(self.base) + per_year(self.rise) * times, per_year(self.highest))
        return yearly(now, share, this), state

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return (
            f"{self.base.per_year:.3%} of the supply a year, {self.rise.per_year:.3%} more for each "
            f"{self.per_usd:,.0f} dollars staked, at most {self.highest.per_year:.3%}; decided every "
            f"{self.every.sentence()}."
        )
