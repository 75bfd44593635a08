"""Voting rules: how many votes a holder has.

>>> from catallaxy.sim.tokenomics.voting import VOTING
>>> VOTING.build({"kind": "quadratic"}).describe()
'v votes cost v squared times 1 tokens.'
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.agents.population import Ints
from catallaxy.sim.tokenomics.units import to_base

__all__ = ["VOTING", "Holdings", "PerHead", "Quadratic", "TokenWeighted", "VoteEscrowWeight", "VotingRule"]


class Holdings(NamedTuple):
    """What holders have of a token when a vote is taken, one row each.

    Attributes
    ----------
    free, bonded : int64[n], base units
        Tokens that can be sold, and those that are bonded.
    locked : int64[n], base units
        What counts of a stake in vote escrow: tokens times the rest of their lock over the longest one.
    base : int
        Base units per token.
    """

    free: Ints
    bonded: Ints
    locked: Ints
    base: int


class VotingRule(Plugin):
    """Base of every voting rule: a holder's votes depend on what that holder has, and on nothing else."""

    summary: ClassVar[str] = ""
    needs_locks: ClassVar[bool] = False
    """Whether votes come from stakes in vote escrow."""

    kind: str = quantity(
        "token-weighted", unit="-", doc="Registered name, or package.module:Class of a trusted package."
    )

    def votes(self, holdings: Holdings) -> Ints:
        """Count the votes of every holder.

        Parameters
        ----------
        holdings : Holdings

        Returns
        -------
        int64[n]
            Whole numbers, not negative, whose sum stays below 2**62; more tokens never mean fewer votes.
        """
        raise NotImplementedError(f"voting rule {self.kind!r} does not count votes")

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return self.summary


VOTING: Registry[VotingRule] = Registry("voting rule", VotingRule)
"""Voting rules by name."""


@VOTING.register("token-weighted")
class TokenWeighted(VotingRule):
    """One token, one vote."""

    summary: ClassVar[str] = "One token, one vote."

    unbonded: float = quantity(
        1.0, unit="1", doc="Votes of a token that is not bonded; 0 where only stake votes.", ge=0, le=1
    )

    def votes(self, holdings: Holdings) -> Ints:
        """Count base units; see `VotingRule.votes`."""
        counted = np.minimum((holdings.free * self.unbonded).astype(np.int64), holdings.free)
        return holdings.bonded + (holdings.free if self.unbonded == 1.0 else counted)


@VOTING.register("quadratic")
class Quadratic(VotingRule):
    """Votes are the whole square root of what they cost: v votes take v squared times `price`.

    Source: Lalley and Weyl 2018, AEA Papers and Proceedings 108, 33-37; the tokens are held and not spent.
    """

    summary: ClassVar[str] = "Votes grow with the square root of tokens."

    price: float = quantity(
        1.0, unit="token/vote^2", doc="Tokens that one vote takes; four votes take 16.", gt=0, le=1e9
    )

    def votes(self, holdings: Holdings) -> Ints:
        """Take whole roots; see `VotingRule.votes`."""
        votes = np.zeros(len(holdings.free), np.int64)
        nk.governance.whole_roots(holdings.free + holdings.bonded, max(to_base(self.price, holdings.base), 1), votes)
        return votes

    def describe(self) -> str:
        """Return one sentence that says what the rule does."""
        return f"v votes cost v squared times {self.price:g} tokens."


@VOTING.register("per-head")
class PerHead(VotingRule):
    """One holder, one vote; whoever splits a holding over several accounts has several."""

    summary: ClassVar[str] = "One account, one vote."

    minimum: float = quantity(1.0, unit="token", doc="Fewest tokens with which an account may vote.", gt=0, le=1e12)

    def votes(self, holdings: Holdings) -> Ints:
        """Count heads; see `VotingRule.votes`."""
        least = max(to_base(self.minimum, holdings.base), 1)
        heads: Ints = (holdings.free + holdings.bonded >= least).astype(np.int64)
        return heads

    def describe(self) -> str:
        """Return one sentence that says what the rule does."""
        return f"One vote for every account with {self.minimum:g} tokens or more."


@VOTING.register("vote-escrow")
class VoteEscrowWeight(VotingRule):
    """Only locked tokens vote, in proportion to the time that is left of their lock, as in Curve's VotingEscrow."""

    summary: ClassVar[str] = "Tokens locked in vote escrow vote, in proportion to the rest of their lock."
    needs_locks: ClassVar[bool] = True

    def votes(self, holdings: Holdings) -> Ints:
        """Count what is left of locks; see `VotingRule.votes`."""
        return holdings.locked.copy()
