"""Emission rules: the plug-in point with every built-in rule filed.

>>> from catallaxy.sim.tokenomics.emission import EMISSIONS
>>> EMISSIONS.build({"kind": "fixed-rate", "tokens": {"per_year": 24_625_000}}).describe()
'24,625,000 tokens per year, for ever.'
"""

from __future__ import annotations

from catallaxy.sim.tokenomics.emission_anchored import BurnAnchored, ValueLocked
from catallaxy.sim.tokenomics.emission_baseline import CapacityRow, NetworkBaseline
from catallaxy.sim.tokenomics.emission_burned import ReissueBurned
from catallaxy.sim.tokenomics.emission_composed import CompositeEmission, DatedEmission, DatedRule
from catallaxy.sim.tokenomics.emission_context import EmissionContext, Issue, Memory
from catallaxy.sim.tokenomics.emission_controllers import StakingDrift, StakingPid, StakingStep, StakingTargetYield
from catallaxy.sim.tokenomics.emission_curves import EmissionTable, ExponentialDecay, FixedRate, FixedSupply, TableRow
from catallaxy.sim.tokenomics.emission_flows import Span, TokenFlow
from catallaxy.sim.tokenomics.emission_halving import HalvingByIssuance, HalvingByTime
from catallaxy.sim.tokenomics.emission_rounds import Round, RoundRule
from catallaxy.sim.tokenomics.emission_rule import (
    ECONOMY,
    EMISSIONS,
    EmissionRule,
    RememberingRule,
    ScheduledRule,
    check_emission,
)

__all__ = [
    "ECONOMY",
    "EMISSIONS",
    "BurnAnchored",
    "CapacityRow",
    "CompositeEmission",
    "DatedEmission",
    "DatedRule",
    "EmissionContext",
    "EmissionRule",
    "EmissionTable",
    "ExponentialDecay",
    "FixedRate",
    "FixedSupply",
    "HalvingByIssuance",
    "HalvingByTime",
    "Issue",
    "Memory",
    "NetworkBaseline",
    "ReissueBurned",
    "RememberingRule",
    "Round",
    "RoundRule",
    "ScheduledRule",
    "Span",
    "StakingDrift",
    "StakingPid",
    "StakingStep",
    "StakingTargetYield",
    "TableRow",
    "TokenFlow",
    "ValueLocked",
    "check_emission",
]
