"""The terms on which a chain emits to its subnets, and from when: each change of the rules is one entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal, TypeAlias

from pydantic import AliasChoices, Field, SerializeAsAny

from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.plugins import Registered
from catallaxy.sim.tokenomics.subnets.shares import SHARES, ShareRule

__all__ = ["SubnetTerms", "in_order", "terms_on"]

AnyShares: TypeAlias = Annotated[SerializeAsAny[ShareRule], Registered(SHARES)]


class SubnetTerms(Spec):
    """One set of terms, in force from a day on until the next."""

    since: dt.date | None = Field(
        None,
        validation_alias=AliasChoices("from", "since"),
        description="Day from which the terms hold (`from:` in YAML); only the first ones may leave it out.",
        json_schema_extra={"unit": "date"},
    )
    shares: AnyShares = quantity({"kind": "price"}, unit="-", doc="How emission is divided among subnets.")
    cap: Literal["emission", "root-proportion"] = quantity(
        "emission",
        unit="-",
        doc="Most alpha that goes into a pool: as much as is emitted outside it, or root's proportion of that.",
    )
    excess: Literal["liquidity", "buys"] = quantity(
        "buys",
        unit="-",
        doc="What becomes of tokens that exceed the cap: they go into the pool alone, or buy alpha that is retired.",
    )
    root_weight: float = quantity(
        0.18,
        unit="1",
        doc="Weight of a token staked on root against one alpha, in the dividends of a subnet.",
        ge=0,
        le=10,
        source="Bittensor: 0.18 at launch; 0.0527 in the runtime of 2026 (opentensor/subtensor @14bc6f9f964b).",
    )
    root_gate: float = quantity(
        0.0,
        unit="token/alpha",
        doc="Sum of the average prices up to which root's alpha is not sold, but never issued.",
        ge=0,
        le=1e9,
        source="opentensor/subtensor, get_network_root_sell_flag: 1.",
    )


def in_order(terms: Sequence[SubnetTerms]) -> tuple[SubnetTerms, ...]:
    """Return terms that follow one another in time; refuse any others with a message."""
    if not terms:
        raise complaint("subnet_terms", "subnets need at least one set of terms; write `terms: [{shares: price}]`")
    if any(entry.since is None for entry in terms[1:]):
        raise complaint("subnet_terms", "every set of terms after the first needs a date: add `from:`")
    dates = [entry.since for entry in terms if entry.since is not None]
    for before, after in pairwise(dates):
        if after <= before:
            raise complaint("subnet_terms", f"terms overlap: {after} is not after {before}; list them in order of time")
    return tuple(terms)


def terms_on(terms: Sequence[SubnetTerms], day: dt.date) -> SubnetTerms | None:
    """Return the terms that hold on a day; None before the first."""
    held = [entry for entry in terms if entry.since is None or entry.since <= day]
    return held[-1] if held else None
