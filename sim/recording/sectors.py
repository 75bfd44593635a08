"""The sectors of every economy's ledger, besides its populations and the institutions that come with them."""

from __future__ import annotations

__all__ = ["FIXED_SECTORS", "SUBNETS"]

#: The sector of the tokens in the pools of subnets, where there are some, and the receiver of genesis tokens for them.
SUBNETS = "subnets"

FIXED_SECTORS: tuple[str, ...] = (
    "outside world",
    "minting",
    "burned",
    "staked",
    "unbonding",
    "vesting",
    "insiders",
    "treasury",
    "reward pool",
    "fee escrow",
    "liquidity",
    "open orders",
    "rounding",
)
