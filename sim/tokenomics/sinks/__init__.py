"""Sinks and fees: the plug-in points with every built-in rule filed.

>>> from catallaxy.sim.tokenomics.sinks import SINKS
>>> SINKS.build({"kind": "usd-burn", "share": 0.95}).describe()
'0.95 of spending on services buys tokens that are burned.'
"""

from __future__ import annotations

from catallaxy.sim.tokenomics.sinks.credits import CREDITS, BurnAndMint, Credits, NoCredits
from catallaxy.sim.tokenomics.sinks.rebate import StakeRebate
from catallaxy.sim.tokenomics.sinks.registration import (
    REGISTRATIONS,
    DecayingCost,
    LockCost,
    NoRegistration,
    PricedRegistration,
    Registration,
    lock_cost,
)
from catallaxy.sim.tokenomics.sinks.routing import FeeRouting, check_sinks, divide, reward_burn, route_fees
from catallaxy.sim.tokenomics.sinks.shares import (
    BuybackAndBurn,
    FeeSplit,
    FeeToStakers,
    FeeToTreasury,
    PercentageBurn,
    RewardRecycling,
    ShareSink,
    SlashSplit,
    SplitSink,
    UsdBurn,
)
from catallaxy.sim.tokenomics.sinks.sink import RECEIVERS, SINKS, PaidTo, Sink, TakenFrom
from catallaxy.sim.tokenomics.sinks.split import Split
from catallaxy.sim.tokenomics.sinks.tolls import SERVICES, TOLLS, BaseFee, NoToll, Toll
from catallaxy.sim.tokenomics.sinks.trade_tax import TradeTax

__all__ = [
    "CREDITS",
    "RECEIVERS",
    "REGISTRATIONS",
    "SERVICES",
    "SINKS",
    "TOLLS",
    "BaseFee",
    "BurnAndMint",
    "BuybackAndBurn",
    "Credits",
    "DecayingCost",
    "FeeRouting",
    "FeeSplit",
    "FeeToStakers",
    "FeeToTreasury",
    "LockCost",
    "NoCredits",
    "NoRegistration",
    "NoToll",
    "PaidTo",
    "PercentageBurn",
    "PricedRegistration",
    "Registration",
    "RewardRecycling",
    "ShareSink",
    "Sink",
    "SlashSplit",
    "Split",
    "SplitSink",
    "StakeRebate",
    "TakenFrom",
    "Toll",
    "TradeTax",
    "UsdBurn",
    "check_sinks",
    "divide",
    "lock_cost",
    "reward_burn",
    "route_fees",
]
