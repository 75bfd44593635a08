"""Columns of what emission does to a subnet, and places of stakers that are no subnet."""

from __future__ import annotations

__all__ = [
    "ALPHA",
    "BOUGHT",
    "FETCHED",
    "INJECTED",
    "KEEP",
    "MINERS",
    "OWNER",
    "PAIRED",
    "ROOT",
    "SOLD",
    "SPENT",
    "STAKERS",
    "TALLY",
    "TAO",
    "VALIDATORS",
]

#: Columns of a subnet's pool: its alpha, and the token; where `pool_state` has tokens and dollars.
ALPHA, TAO = 0, 1
#: Columns of what a stretch did to a subnet. Tokens: put into the pool, spent on alpha, paid out for root's alpha.
#: Alpha: put into the pool, bought back, sold for root, and given to owner, miners, validators and stakers.
OWNER, MINERS, VALIDATORS, STAKERS, INJECTED, PAIRED, SPENT, BOUGHT, SOLD, FETCHED = range(10)
TALLY = 10

#: Targets of a staker that are no slot: staying put, and root.
KEEP, ROOT = -2, -1
