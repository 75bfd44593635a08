"""Emission of what was burned before: net emissions."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from catallaxy.agents.declaration import quantity
from catallaxy.sim.tokenomics.emission_context import EmissionContext
from catallaxy.sim.tokenomics.emission_rounds import Round, RoundRule, State
from catallaxy.sim.tokenomics.emission_rule import EMISSIONS
from catallaxy.sim.tokenomics.units import exact, to_base

__all__ = ["ReissueBurned"]


@EMISSIONS.register("reissue-burned")
class ReissueBurned(RoundRule):
    """Helium's net emissions: tokens burned are minted again, smoothed over rounds and up to a ceiling per round.

    With B burned in the round before, the average moves to (average * (smoothing - 1) + B) / smoothing, in integers as
    in the program, and min(average, ceiling) is minted. What is above the ceiling stays burned. It goes beside a
    schedule in a `composite`. Helium: ceiling 1,643.8356 HNT a day (1 % of the first year's 60M), smoothing 7.

    Sources: helium/HIP 0020; helium-program-library (commit 145947eedf2b).
    """

    summary: ClassVar[str] = "Burned tokens are minted again, up to a ceiling per round (Helium net emissions)."

    ceiling: float = quantity(unit="token/round", doc="Most that is minted again in a round.", ge=0.0)
    smoothing: float = quantity(7.0, unit="round", doc="Rounds over which burning is averaged.", ge=1.0, le=1e6)

    @property
    def reads(self) -> frozenset[str]:
        """What has been burned."""
        return frozenset({"burned"})

    def decide(self, now: EmissionContext, state: State, this: Round) -> tuple[int, State]:
        """Average what was burned since the last round, and mint it up to the ceiling; see `RoundRule.decide`."""
        seen, average = state or (now.burned, 0)
        length = exact(self.smoothing)
        average = int(Fraction(average * (length - 1) + now.burned - seen) / length)
        return min(average, to_base(self.ceiling, now.base)), (now.burned, average)

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return (
            f"Every {self.every.sentence()} tokens burned are minted again, averaged over {self.smoothing:g} rounds "
            f"and at most {self.ceiling:,.12g}."
        )
