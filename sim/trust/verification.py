"""Verification regimes: how the protocol finds out that work was faked, what that costs him, and what it costs others.

Nobody checks; the protocol audits at random; nodes check each other for a bounty; nodes prove what they did.
docs/trust.md explains the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import model_validator

from catallaxy import numba_kernels as nk
from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.agents.rates import Rate, rate

__all__ = [
    "NOTHING_SEEN",
    "REGIMES",
    "NoVerification",
    "OptimisticChallenge",
    "RandomAudit",
    "Seen",
    "Terms",
    "VerificationRegime",
    "ZkProof",
]

_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Seen:
    """What a regime may look at when it sets its terms.

    Attributes
    ----------
    zk_overhead : float
        Cost of a zero-knowledge proof over the cost of the computation that it proves.
    suspicion : float
        Share of the nodes that those who check expect to cheat.
    stake_usd : float
        Mean collateral of a node online, USD.
    work_usd : float
        Mean running cost of what a node online sold in the last step, USD.
    emission_usd : float
        Value of the tokens issued in a step, 30-step mean, USD.
    """

    zk_overhead: float = 1000.0
    suspicion: float = 0.0
    stake_usd: float = 0.0
    work_usd: float = 0.0
    emission_usd: float = 0.0


NOTHING_SEEN = Seen()


@dataclass(frozen=True)
class Terms:
    """One step of a regime.

    Attributes
    ----------
    probability : float
        Probability that a node's work of the step is checked.
    detection : float
        Probability that a check finds a cheater out.
    false_positive : float
        Probability that a check finds an honest node guilty.
    slash : float
        Share of the stake lost when found guilty.
    memory : float
        Weight of the past in a node's standing when it is checked.
    to_treasury, to_nodes : float
        Shares of the slashed stake that go to the treasury and to the network's nodes; the rest is burned.
    protocol_cost : float
        GPU-hours that the treasury buys from the cloud to check one.
    node_cost : float
        What checking a GPU-hour costs nodes, over what running it costs.
    delay_cost : float
        What waiting to be paid costs nodes, over their running costs.
    outside_cost : float
        What a step costs checkers who are not agents, USD; it is recorded, and nobody pays it.
    learning : float
        Weight of the step in what those who check expect.
    """

    probability: float = 0.0
    detection: float = 0.0
    false_positive: float = 0.0
    slash: float = 0.0
    memory: float = 1.0
    to_treasury: float = 0.0
    to_nodes: float = 0.0
    protocol_cost: float = 0.0
    node_cost: float = 0.0
    delay_cost: float = 0.0
    outside_cost: float = 0.0
    learning: float = 0.1


class VerificationRegime(Plugin):
    """Base of every verification regime."""

    #: Whether the regime looks at more than drivers: what nodes stake, sell and are suspected of.
    watches: ClassVar[bool] = False

    def terms(self, dt_days: float, seen: Seen) -> Terms:
        """Return the regime's terms for a step of `dt_days`, given what is seen at its beginning."""
        raise NotImplementedError(f"verification regime {self.kind!r} has no terms")

    def records(self) -> tuple[str, ...]:
        """Return the groups of metrics that are recorded only where there is such a regime."""
        return ("verification",)


REGIMES: Registry[VerificationRegime] = Registry("verification regime", VerificationRegime)


@REGIMES.register("none")
class NoVerification(VerificationRegime):
    """Nobody checks."""

    summary: ClassVar[str] = "Nobody checks."

    def terms(self, dt_days: float, seen: Seen) -> Terms:
        """Return terms under which nothing is ever found."""
        return Terms()

    def records(self) -> tuple[str, ...]:
        """Return nothing: there is nothing to record; see `VerificationRegime.records`."""
        return ()


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
    recomputation: float = quantity(
        0.0,
        unit="1",
        doc="GPU-hours that the treasury buys from the cloud to audit one; it audits as much as it can pay.",
        ge=0,
        le=100,
    )

    def terms(self, dt_days: float, seen: Seen) -> Terms:
        """Return the terms of one step; see `VerificationRegime.terms`."""
        return Terms(
            self.audit_rate.probability(dt_days),
            self.detection,
            self.false_positive,
            self.slash,
            self.memory,
            self.to_treasury,
            protocol_cost=self.recomputation,
        )

    def records(self) -> tuple[str, ...]:
        """Return the costs of audits, where they cost; see `VerificationRegime.records`."""
        return ("verification",) if self.recomputation > 0.0 else ()


@REGIMES.register("optimistic-challenge")
class OptimisticChallenge(VerificationRegime):
    """Work counts as done unless a node that repeats it challenges it, for a part of the cheater's stake.

    Watchers differ in their costs: the share of them for whom a check pays is 1 / (1 + r^(-1/dispersion)), with r the
    bounty that they expect over what a check costs at the median.
    """

    summary: ClassVar[str] = "Nodes check each other for a bounty, while it pays."

    watches: ClassVar[bool] = True

    least: float = quantity(0.02, unit="1", doc="Share of the work that is checked whether or not it pays.", ge=0, le=1)
    most: float = quantity(0.9, unit="1", doc="Share of the work that is checked when it pays everybody.", ge=0, le=1)
    dispersion: float = quantity(
        0.5, unit="1", doc="Scale of the log-logistic spread of watchers' costs around the median.", gt=0, le=10
    )
    recomputation: float = quantity(
        1.0, unit="1", doc="Median cost of a check over the running cost of the work that it repeats.", ge=0, le=100
    )
    bounty: float = quantity(
        0.5,
        unit="1",
        doc="Share of slashed stake paid to the nodes who check.",
        ge=0,
        le=1,
        source="The Graph: half of what is slashed goes to the fisherman.",
    )
    detection: float = quantity(0.95, unit="1", doc="Probability that a check finds a cheater out.", ge=0, le=1)
    false_positive: float = quantity(
        0.0005, unit="1", doc="Probability that a check condemns an honest node.", ge=0, le=1
    )
    slash: float = quantity(0.25, unit="1", doc="Share of the stake lost when found guilty.", ge=0, le=1)
    memory: float = quantity(
        0.9, unit="1", doc="Weight of the past in a node's standing when a check updates it.", ge=0, le=1
    )
    to_treasury: float = quantity(0.0, unit="1", doc="Share of slashed stake paid to the treasury.", ge=0, le=1)
    learning: float = quantity(
        0.1, unit="1/step", doc="Weight of the last step in the share of cheaters that watchers expect.", gt=0, le=1
    )
    window_days: float = quantity(
        7.0,
        unit="day",
        doc="Time for challenges, over which nodes wait for their money.",
        ge=0,
        le=365,
        source="Seven days on Optimism and Arbitrum.",
    )
    interest: float = quantity(
        0.1, unit="1/year", doc="Interest at which nodes bridge their running costs over that time.", ge=0, le=10
    )

    @model_validator(mode="after")
    def _in_order(self) -> OptimisticChallenge:
        if self.least > self.most:
            raise complaint("empty_range", f"least={self.least:g} must not lie above most={self.most:g}")
        if self.bounty + self.to_treasury > 1.0:
            total = self.bounty + self.to_treasury
            raise complaint("shares", f"bounty and to_treasury share out {total:g} of the slashed stake; at most 1")
        return self

    def terms(self, dt_days: float, seen: Seen) -> Terms:
        """Return the terms of one step; see `VerificationRegime.terms`."""
        expected = seen.suspicion * self.detection * self.slash * self.bounty * seen.stake_usd
        return Terms(
            self.least + (self.most - self.least) * self._taking_part(expected, self.recomputation * seen.work_usd),
            self.detection,
            self.false_positive,
            self.slash,
            self.memory,
            self.to_treasury,
            to_nodes=self.bounty,
            node_cost=self.recomputation,
            delay_cost=self.interest * self.window_days / _DAYS_PER_YEAR,
            learning=self.learning,
        )

    def _taking_part(self, bounty: float, cost: float) -> float:
        """Return the share of watchers for whom a check that costs so much at the median is worth the bounty."""
        if bounty <= 0.0:
            return 0.0
        relative = nk.elementary.power_scalar(cost / bounty, 1.0 / self.dispersion) if cost > 0.0 else 0.0
        return float(1.0 / (1.0 + relative))


@REGIMES.register("zk-proof")
class ZkProof(VerificationRegime):
    """Nodes prove a random share of their work in zero knowledge: as much as a budget for proofs covers.

    With overhead z (the driver `zk_overhead`) and budget b, both over the running cost of the work, the share
    min(1, b/z) is proven. What is proven was done; whoever cannot prove what is drawn is slashed.
    """

    summary: ClassVar[str] = "Nodes prove a random share of their work, as much as a budget covers."

    budget: float = quantity(
        0.5, unit="1", doc="What proofs may cost over the running cost of all work.", ge=0, le=1000
    )
    slash: float = quantity(0.5, unit="1", doc="Share of the stake lost when a proof is missing.", ge=0, le=1)
    false_positive: float = quantity(
        0.0, unit="1", doc="Probability that the proof of an honest node is lost or late.", ge=0, le=1
    )
    memory: float = quantity(
        0.9, unit="1", doc="Weight of the past in a node's standing when a proof is due.", ge=0, le=1
    )
    to_treasury: float = quantity(0.5, unit="1", doc="Share of slashed stake paid to the treasury.", ge=0, le=1)

    def terms(self, dt_days: float, seen: Seen) -> Terms:
        """Return the terms of one step; see `VerificationRegime.terms`."""
        proven = min(1.0, self.budget / seen.zk_overhead) if seen.zk_overhead > 0.0 else 1.0
        return Terms(
            proven, 1.0, self.false_positive, self.slash, self.memory, self.to_treasury, node_cost=seen.zk_overhead
        )
