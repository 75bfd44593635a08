"""Validators who score nodes, by stake-weighted majority, and who may copy each other's scores instead of looking."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.population import Floats, Ints
from catallaxy.agents.rates import Rate, rate
from catallaxy.sim.trust.verification import REGIMES, Seen, Terms, VerificationRegime

__all__ = ["ValidatorConsensus"]

#: Stakes are counted in this many parts of all stake.
_PARTS = 10_000


@REGIMES.register("validator-consensus")
class ValidatorConsensus(VerificationRegime):
    """Validators score nodes; a node is condemned when those with a majority of the stake say so.

    Whoever scores bears a cost, whoever copies the last scores does not, and loses a share of its dividends where
    copies are stale. So those with the larger stakes score, the others copy, and copies condemn nobody.
    """

    summary: ClassVar[str] = "Stake-weighted majority of validators, who may copy each other."

    watches: ClassVar[bool] = True

    validators: int = quantity(
        64, unit="1", doc="Validators.", ge=1, le=1000, source="Bittensor: the 64 largest stakes of a subnet."
    )
    concentration: float = quantity(
        1.0, unit="1", doc="Exponent of Zipf's law of their stakes: 0 when all have the same.", ge=0, le=5
    )
    majority: float = quantity(
        0.5, unit="1", doc="Share of the stake that condemns.", gt=0, le=1, source="Bittensor: kappa is 0.5."
    )
    dividends: float = quantity(
        0.41, unit="1", doc="Share of the emission that validators get.", ge=0, le=1, source="Bittensor: 41 %."
    )
    scoring_cost: float = quantity(50.0, unit="USD/day", doc="What scoring costs a validator.", ge=0, le=1e9)
    copy_loss: float = quantity(
        0.1, unit="1", doc="Share of its dividends that a copier loses because its scores are old.", ge=0, le=1
    )
    coverage: Rate = rate({"per_day": 2.0}, doc="How often a validator that scores looks at a node's work.", ge=0)
    detection: float = quantity(0.9, unit="1", doc="Probability that a look finds a cheater out.", ge=0, le=1)
    false_positive: float = quantity(0.01, unit="1", doc="Probability that a look condemns an honest node.", ge=0, le=1)
    slash: float = quantity(0.1, unit="1", doc="Share of the stake lost when condemned.", ge=0, le=1)
    memory: float = quantity(
        0.9, unit="1", doc="Weight of the past in a node's standing when it is scored.", ge=0, le=1
    )
    to_treasury: float = quantity(0.5, unit="1", doc="Share of slashed stake paid to the treasury.", ge=0, le=1)

    def terms(self, dt_days: float, seen: Seen) -> Terms:
        """Return the terms of one step; see `VerificationRegime.terms`.

        A check is that a majority looks; whether it condemns is what a majority sees.
        """
        stakes = self.stakes()
        gain = self.copy_loss * self.dividends * seen.emission_usd * stakes / _PARTS
        scoring = stakes[gain > self.scoring_cost * dt_days]
        look = self.coverage.probability(dt_days)
        reached, seen_by, wronged = (
            _majority(tuple(scoring.tolist()), chance, self.majority)
            for chance in (look, look * self.detection, look * self.false_positive)
        )
        return Terms(
            reached,
            min(seen_by / reached, 1.0) if reached > 0.0 else 0.0,
            min(wronged / reached, 1.0) if reached > 0.0 else 0.0,
            self.slash,
            self.memory,
            self.to_treasury,
            outside_cost=self.scoring_cost * dt_days * len(scoring),
        )

    def stakes(self) -> Ints:
        """Return the stakes, largest first, int64[validators], in ten-thousandths of all stake, rounded down."""
        ranks = np.arange(1, self.validators + 1, dtype=np.float64)
        nk.transforms.log_each(ranks)
        weights: Floats = -self.concentration * ranks
        nk.transforms.exp_each(weights)
        whole: Ints = (weights / math.fsum(weights.tolist()) * _PARTS).astype(np.int64)
        return whole


@lru_cache(maxsize=256)
def _majority(stakes: tuple[int, ...], chance: float, share: float) -> float:
    needed = max(1, round(share * _PARTS))
    if sum(stakes) < needed:
        return 0.0
    found = nk.consensus.majority_chance(np.array(stakes, np.int64), chance, needed, np.empty(needed))
    return float(found)
