"""Verification regimes: how the protocol finds out that work was faked, and what that costs the cheater."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.agents.rates import Rate, rate

__all__ = ["REGIMES", "NoVerification", "RandomAudit", "Terms", "VerificationRegime"]


@dataclass(frozen=True)
class Terms:
    """One step of a regime.

    Attributes
    ----------
    probability : float
        Probability that a node is audited in the step.
    detection : float
        Probability that an audited cheater is found out.
    false_positive : float
        Probability that an audited honest node is found guilty.
    slash : float
        Share of the stake lost when found guilty.
    memory : float
        Weight of the past in a node's standing when it is audited.
    to_treasury : float
        Share of the slashed stake that goes to the treasury; the rest is burned.
    """

    probability: float = 0.0
    detection: float = 0.0
    false_positive: float = 0.0
    slash: float = 0.0
    memory: float = 1.0
    to_treasury: float = 0.0


class VerificationRegime(Plugin):
    """Base of every verification regime."""

    def terms(self, dt_days: float) -> Terms:
        """Return the regime's terms for a step of `dt_days`."""
        raise NotImplementedError(f"verification regime {self.kind!r} has no terms")


REGIMES: Registry[VerificationRegime] = Registry("verification regime", VerificationRegime)


@REGIMES.register("none")
class NoVerification(VerificationRegime):
    """Nobody checks."""

    summary: ClassVar[str] = "Nobody checks."

    def terms(self, dt_days: float) -> Terms:
        """Return terms under which nothing is ever found."""
        return Terms()


@REGIMES.register("random-audit")
class RandomAudit(VerificationRegime):
    """Nodes are audited at random; those found cheating lose part of their stake."""

    summary: ClassVar[str] = "Random audits with slashing."

    audit_rate: Rate = rate({"per_week": 1.0}, doc="Audits per node.", ge=0)
    detection: float = quantity(0.9, unit="1", doc="Probability that an audit finds a cheater out.", ge=0, le=1)
    false_positive: float = quantity(
        0.0005, unit="1", doc="Probability that an audit condemns an honest node.", ge=0, le=1
    )
    slash: float = quantity(0.1, unit="1", doc="Share of the stake lost when found guilty.", ge=0, le=1)
    memory: float = quantity(
        0.9, unit="1", doc="Weight of the past in a node's standing when an audit updates it.", ge=0, le=1
    )
    to_treasury: float = quantity(0.5, unit="1", doc="Share of slashed stake paid to the treasury.", ge=0, le=1)

    def terms(self, dt_days: float) -> Terms:
        """Return the terms of one step; see `VerificationRegime.terms`."""
        probability = self.audit_rate.probability(dt_days)
        return Terms(probability, self.detection, self.false_positive, self.slash, self.memory, self.to_treasury)
