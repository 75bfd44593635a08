"""Subnets with tokens of their own: shares of emission, pools, averages, and who makes room for whom.

>>> from catallaxy.sim.tokenomics.subnets import AlphaSpec
>>> AlphaSpec().reward(issued=10_500_000 * 10**9, base=10**9)
500000000
"""

from __future__ import annotations

from catallaxy.sim.tokenomics.subnets.alpha import AlphaSpec
from catallaxy.sim.tokenomics.subnets.averages import FlowAverage, PriceAverage
from catallaxy.sim.tokenomics.subnets.section import SubnetsSpec
from catallaxy.sim.tokenomics.subnets.shares import SHARES, ShareRule, SubnetView, divide
from catallaxy.sim.tokenomics.subnets.slots import redeemed, to_prune
from catallaxy.sim.tokenomics.subnets.terms import SubnetTerms, in_order, terms_on

__all__ = [
    "SHARES",
    "AlphaSpec",
    "FlowAverage",
    "PriceAverage",
    "ShareRule",
    "SubnetTerms",
    "SubnetView",
    "SubnetsSpec",
    "divide",
    "in_order",
    "redeemed",
    "terms_on",
    "to_prune",
]
