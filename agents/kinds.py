"""Files the built-in kinds of agent under their names."""

from __future__ import annotations

from catallaxy.agents.airdrop_recipients import AirdropRecipientsSpec
from catallaxy.agents.arbitrageurs import ArbitrageursSpec
from catallaxy.agents.compute_nodes import ComputeNodesSpec
from catallaxy.agents.data_providers import DataProvidersSpec
from catallaxy.agents.insiders import InsidersSpec
from catallaxy.agents.institutions import InstitutionsSpec
from catallaxy.agents.liquidity_providers import LiquidityProvidersSpec
from catallaxy.agents.margin_traders import MarginTradersSpec
from catallaxy.agents.model_builders import ModelBuildersSpec
from catallaxy.agents.speculators import SpeculatorsSpec
from catallaxy.agents.subnet_stakers import SubnetStakersSpec
from catallaxy.agents.users import UsersSpec
from catallaxy.agents.wallets import WalletsSpec

__all__ = ["BUILT_IN", "OPTIONAL"]

#: The populations that every economy has, in the order in which identifiers are given out.
BUILT_IN: tuple[type, ...] = (DataProvidersSpec, ComputeNodesSpec, ModelBuildersSpec, UsersSpec, SpeculatorsSpec)

#: The kinds that a scenario may add.
OPTIONAL: tuple[type, ...] = (
    AirdropRecipientsSpec,
    ArbitrageursSpec,
    InsidersSpec,
    InstitutionsSpec,
    LiquidityProvidersSpec,
    MarginTradersSpec,
    SubnetStakersSpec,
    WalletsSpec,
)
