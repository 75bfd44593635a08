"""Emission that answers to the staked share of the supply: four feedback controllers (family (d))."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Self

from pydantic import model_validator

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import quantity
from catallaxy.agents.rates import Rate, rate
from catallaxy.sim.tokenomics.emission_context import EmissionContext
from catallaxy.sim.tokenomics.emission_decimals import DECIMAL, decayed, halving_speed
from catallaxy.sim.tokenomics.emission_rounds import ONE, Round, RoundRule, State, per_year, staked_share, yearly
from catallaxy.sim.tokenomics.emission_rule import EMISSIONS
from catallaxy.sim.tokenomics.units import exact, to_base

__all__ = ["StakingDrift", "StakingPid", "StakingStep", "StakingTargetYield"]

_PARTS = 10**9
"""Livepeer counts percentages in 10**-9 since LIP-40."""


@EMISSIONS.register("staking-step")
class StakingStep(RoundRule):
    """Livepeer: inflation rises by a fixed step in every round in which too little is staked, and falls otherwise.

    In each round `inflation += change` when staked / supply < target, `-= change` when it is above (never below
    `lowest`), and `supply * inflation` is minted, in integers of 10**-9 as in the contract. Arbitrum: start 218,500,
    change 500 (times 10**-9), target 0.5, rounds of 5,760 blocks, about 21 h.

    Source: livepeer/protocol, Minter.sol (commit f225b10c62ce), LIP-40.
    """

    summary: ClassVar[str] = "Inflation moves by a fixed step each round towards a staked share (Livepeer)."

    start: float = quantity(unit="share of supply/round", doc="Inflation before the first round.", ge=0.0, le=1.0)
    change: float = quantity(unit="share of supply/round", doc="Step by which inflation moves.", ge=0.0, le=1.0)
    target: float = quantity(0.5, unit="1", doc="Staked share of the supply at which inflation rests.", gt=0.0, lt=1.0)
    lowest: float = quantity(0.0, unit="share of supply/round", doc="Inflation never falls below.", ge=0.0, le=1.0)
    highest: float = quantity(1.0, unit="share of supply/round", doc="Inflation never rises above.", ge=0.0, le=1.0)

    @model_validator(mode="after")
    def _a_range(self) -> Self:
        _check_range(self.lowest, self.highest)
        return self

    def decide(self, now: EmissionContext, state: State, this: Round) -> tuple[int, State]:
        """Move inflation by one step and mint that share of the supply; see `RoundRule.decide`."""
        bonded = now.staked * _PARTS // now.supply if now.supply > 0 else 0
        gap = to_base(self.target, _PARTS) - bonded
        inflation = state[0] if state else to_base(self.start, _PARTS)
        inflation += to_base(self.change, _PARTS) * ((gap > 0) - (gap < 0))
        inflation = min(max(inflation, to_base(self.lowest, _PARTS)), to_base(self.highest, _PARTS))
        return now.supply * inflation // _PARTS, (inflation,)

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return (
            f"Every {self.every.sentence()} the supply grows by {self.start:.9g} at first, {self.change:.9g} more or "
            f"less each time that less or more than {self.target:g} of it is staked."
        )


@EMISSIONS.register("staking-target-yield")
class StakingTargetYield(RoundRule):
    """Allora: a target emission per token staked, with a ceiling, smoothed from round to round.

    Each round (a month) the target per token staked is `share * (left / staked) * (circulating / maximum)`, `left` what
    remains of the pool, at most `highest_yield / to_stakers`. Emission per token staked follows it by an exponential
    average, e = weight * target + (1 - weight) * e, and e * staked is minted over the round, never more than is left.

    Source: allora-network/allora-chain, x/emissions (commit c8a40c35b487) and its tests.
    """

    summary: ClassVar[str] = "A smoothed target emission per token staked, with a ceiling on the yield (Allora)."

    pool: float = quantity(unit="token", doc="Ecosystem allocation that is emitted.", gt=0.0)
    maximum: float = quantity(unit="token", doc="Largest supply, over which circulating supply is taken.", gt=0.0)
    share: float = quantity(0.025, unit="1/round", doc="Share of the pool that a round aims at.", ge=0.0, le=1.0)
    highest_yield: float = quantity(
        0.0095, unit="1/round", doc="Most that a round pays on a token staked.", ge=0.0, le=1e6
    )
    to_stakers: float = quantity(1.0, unit="1", doc="Share of emission that stakers receive.", gt=0.0, le=1.0)
    weight: float = quantity(0.1, unit="1", doc="Weight of the new target in the average.", gt=0.0, le=1.0)

    @property
    def reads(self) -> frozenset[str]:
        """What is staked, and the circulating supply."""
        return frozenset({"staked", "circulating"})

    def decide(self, now: EmissionContext, state: State, this: Round) -> tuple[int, State]:
        """Average the target with what was paid per token staked; see `RoundRule.decide`."""
        left = max(0, to_base(self.pool, now.base) - now.issued + now.recycled)
        if now.staked <= 0:
            return 0, state
        circulating = Fraction(now.circulating, to_base(self.maximum, now.base))
        target = exact(self.share) * Fraction(left, now.staked) * circulating
        target = min(target, exact(self.highest_yield) / exact(self.to_stakers))
        weight = exact(self.weight) if state else Fraction(1)
        paid = int((weight * target + (1 - weight) * Fraction(state[0] if state else 0, ONE)) * ONE)
        return min(left, paid * now.staked // ONE), (paid,)

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return (
            f"Every {self.every.sentence()} {self.share:g} of what is left of {self.pool:,.12g} tokens, times the "
            f"circulating share of {self.maximum:,.12g}, averaged with weight {self.weight:g} and at most "
            f"{self.highest_yield:g} on a token staked."
        )


@EMISSIONS.register("staking-drift")
class StakingDrift(RoundRule):
    """Akash: inflation drifts with the staked share, within a band around an ideal curve that decays.

    ideal(t) = start * 2**(-t / half-life); each round inflation moves by (1 - staked share / target) * change * time
    and is then held between (1 - band) and (1 + band) times the ideal. supply * inflation * time is minted. Akash:
    48.546257 % a year from 2021-03-08, half-life
    2.10306569 Julian years (768.1447 days), band 5 %, target 0.67.

    Source: akash-network/node, x/inflation (commit 3efe26bf3911).
    """

    summary: ClassVar[str] = "Inflation drifts with the staked share around an ideal curve that decays (Akash)."

    start: Rate = rate(unit="share of supply/time", doc="Ideal inflation on the first day.", le=10.0)
    half_life_days: float = quantity(unit="day", doc="Time in which ideal inflation halves.", gt=0.0, le=1e9)
    target: float = quantity(0.67, unit="1", doc="Staked share at which inflation does not drift.", gt=0.0, lt=1.0)
    change: Rate = rate({"per_year": 1.0}, unit="share of supply/time^2", doc="Drift per year with nothing staked.")
    band: float = quantity(0.05, unit="1", doc="Largest relative distance from the ideal.", ge=0.0, lt=1.0)

    def ideal(self, elapsed_us: int) -> int:
        """Return ideal inflation `elapsed_us` microseconds after the start, per year, in units of 10**-18."""
        left = DECIMAL.subtract(Decimal(1), decayed(halving_speed(self.half_life_days), elapsed_us))
        return int(DECIMAL.multiply(Decimal(per_year(self.start)), left))

    def decide(self, now: EmissionContext, state: State, this: Round) -> tuple[int, State]:
        """Let inflation drift, hold it within the band and mint; see `RoundRule.decide`."""
        ideal = self.ideal(this.begin_us)
        gap = ONE - staked_share(now) * ONE // to_base(self.target, ONE)
        inflation = (state[0] if state else ideal) + this.share_of(per_year(self.change)) * gap // ONE
        width = ideal * to_base(self.band, ONE) // ONE
        inflation = min(max(inflation, ideal - width), ideal + width)
        return yearly(now, inflation, this), (inflation,)

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return (
            f"Inflation of {per_year(self.start) / ONE:.6g} a year, halved every {self.half_life_days:,.6g} days, "
            f"higher or lower by up to {self.band:g} of it while less or more than {self.target:g} is staked."
        )


@EMISSIONS.register("staking-pid")
class StakingPid(RoundRule):
    """A PID controller of the staked share: yearly inflation from the gap, its sum over time, and its change.

    With gap g = target - staked share at the start of a round, inflation is
    `resting + proportional * g + integral * (sum of g * years) + derivative * (change of g / years)`, held between
    `lowest` and `highest`. While inflation is at a bound, the sum does not grow further in that direction.
    """

    summary: ClassVar[str] = "A PID controller sets inflation to reach a staked share."

    resting: Rate = rate(unit="share of supply/time", doc="Inflation at the target.", le=10.0)
    proportional: float = quantity(unit="1/year", doc="Inflation per unit of the gap.", ge=0.0, le=1e3)
    integral: float = quantity(0.0, unit="1/year^2", doc="Inflation per unit of the gap and year.", ge=0.0, le=1e3)
    derivative: float = quantity(0.0, unit="1", doc="Inflation per unit of the gap's change a year.", ge=0.0, le=1e3)
    target: float = quantity(0.5, unit="1", doc="Staked share of the supply that is aimed at.", gt=0.0, lt=1.0)
    lowest: float = quantity(0.0, unit="1/year", doc="Inflation never falls below.", ge=0.0, le=10.0)
    highest: float = quantity(1.0, unit="1/year", doc="Inflation never rises above.", ge=0.0, le=10.0)

    @model_validator(mode="after")
    def _a_range(self) -> Self:
        _check_range(self.lowest, self.highest)
        return self

    def decide(self, now: EmissionContext, state: State, this: Round) -> tuple[int, State]:
        """Set inflation from the gap and mint; see `RoundRule.decide`."""
        gap = to_base(self.target, ONE) - staked_share(now)
        before, last = state or (0, gap)
        total = before + this.share_of(gap)
        asked = self._asked(gap, total, this.annualised(gap - last))
        inflation = min(max(asked, to_base(self.lowest, ONE)), to_base(self.highest, ONE))
        winding_up = inflation != asked and (asked > inflation) == (gap > 0)
        return yearly(now, inflation, this), (before if winding_up else total, gap)

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return (
            f"Inflation of {per_year(self.resting) / ONE:.6g} a year when {self.target:g} of the supply is staked; "
            f"{self.proportional:g}, {self.integral:g} and {self.derivative:g} per unit of the gap, of its sum over "
            "years and of its change a year."
        )

    def _asked(self, gap: int, total: int, change: int) -> int:
        gains = (self.proportional, gap), (self.integral, total), (self.derivative, change)
        return per_year(self.resting) + sum(to_base(gain, ONE) * amount for gain, amount in gains) // ONE


def _check_range(lowest: float, highest: float) -> None:
    if lowest > highest:
        raise complaint("emission_rule", f"lowest ({lowest:g}) is above highest ({highest:g})")
