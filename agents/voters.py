"""What the members of a population bring to a vote on a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from catallaxy.agents.population import Ints

__all__ = ["Voters"]


class Voters(NamedTuple):
    """The members of a population that are on a network, one row each.

    Attributes
    ----------
    ids : int64[m]
    free, bonded : int64[m], base units
        Tokens of the network that a member can sell, and those that it has bonded.
    claim : int64[m]
        What is paid to members as `earns` is shared in proportion to this.
    earns : str
        Part of the network's rewards that members receive ("compute", "data", "builders", "stakers"), "" for none.
    """

    ids: Ints
    free: Ints
    bonded: Ints
    claim: Ints
    earns: str = ""
