"""What a network lets its holders decide, how, and when: proposals, quorum, threshold, delegation, timelock."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, TypeAlias

from pydantic import SerializeAsAny

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.plugins import Registered
from catallaxy.sim.tokenomics.units import exact
from catallaxy.sim.tokenomics.voting import VOTING, VotingRule

__all__ = ["GovernanceSpec", "ProposalSpec"]

AnyVoting: TypeAlias = Annotated[SerializeAsAny[VotingRule], Registered(VOTING)]

_COMPOUND = "Compound: 400,000 of 10,000,000 COMP (GovernorBravoDelegate), Timelock of 2 days."


class ProposalSpec(Spec):
    """One proposal: another value for one parameter of the network."""

    parameter: str = quantity(unit="-", doc="Dotted path of the parameter, as --set writes it.")
    value: Any = quantity(unit="unit of the parameter", doc="Its new value: a number, a choice, or a whole rule.")
    voted: dt.date = quantity(unit="date", doc="Day on which holdings are counted and votes are cast.")
    effect: float = quantity(
        0.0,
        unit="1",
        doc="Log effect on the token's price that holders expect beside what they can work out.",
        ge=-3,
        le=3,
    )
    disagreement: float = quantity(
        0.0, unit="1", doc="Standard deviation over holders of the effect that each expects.", ge=0, le=3
    )
    note: str = quantity("", unit="-", doc="What the proposal is about, for the report.")


class GovernanceSpec(Spec):
    """Votes of a network's holders on its parameters."""

    voting: AnyVoting = quantity({"kind": "token-weighted"}, unit="-", doc="How many votes a holder has.")
    quorum: float = quantity(0.04, unit="1", doc="Share of all votes that must be cast.", ge=0, le=1, source=_COMPOUND)
    threshold: float = quantity(
        0.5, unit="1", doc="Share of the votes cast above which a proposal passes.", ge=0, lt=1, source=_COMPOUND
    )
    timelock_days: float = quantity(
        2.0, unit="day", doc="Time between a vote and what it decided.", ge=0, le=3650, source=_COMPOUND
    )
    cost: float = quantity(
        1.0, unit="USD", doc="Cost of casting a vote, time and attention included (assumption).", ge=0, le=1e9
    )
    horizon_days: float = quantity(
        365.0, unit="day", doc="Time over which holders add up what a proposal brings them (assumption).", gt=0, le=3650
    )
    delegation: float = quantity(0.2, unit="1", doc="Share of holders who name a delegate (assumption).", ge=0, le=1)
    delegates: int = quantity(10, unit="holder", doc="Holders with the most votes, who can be named.", ge=1, le=1000)
    proposals: tuple[ProposalSpec, ...] = quantity((), unit="-", doc="What is put to the vote.")

    def passes(self, cast: int, in_favour: int, total: int) -> bool:
        """Return whether a proposal passes, in exact arithmetic.

        Parameters
        ----------
        cast, in_favour, total : int
            Votes cast, those of them in favour, and all that there are.

        Returns
        -------
        bool
        """
        return 0 < cast >= exact(self.quorum) * total and in_favour > exact(self.threshold) * cast
