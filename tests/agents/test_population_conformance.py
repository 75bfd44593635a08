"""Every built-in kind of agent against the conformance class."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.agents.kinds import BUILT_IN, OPTIONAL
from catallaxy.agents.margin_traders import MarginTradersSpec
from catallaxy.agents.population import AGENT_KINDS, MICRO, Fills, Population, PopulationSpec, Site
from catallaxy.numba_kernels.leverage import Views
from contracts.population_contract import NAME, PopulationContract

TWO_SEGMENTS = {"private": {"share": 0.3, "openness": 1.0}, "business": {"share": 0.7, "quality": 3.0}}
KINDS: list[dict[str, Any]] = [
    {"kind": "data_providers", "count": 300},
    {"kind": "compute_nodes", "count": 200},
    {"kind": "model_builders", "count": 40},
    {"kind": "users", "count": 500, "segments": TWO_SEGMENTS, "start_share": 0.2},
    {"kind": "speculators", "count": 250, "cash": {"dist": "pareto", "minimum": 100, "tail": 1.6}},
    {"kind": "arbitrageurs", "count": 20},
    {"kind": "liquidity_providers", "count": 30},
    {"kind": "insiders", "count": 30},
    {"kind": "institutions", "count": 30},
    {"kind": "airdrop_recipients", "count": 30},
    {"kind": "subnet_stakers", "count": 60},
    {"kind": "wallets", "count": 30},
]


class TestBuiltIn(PopulationContract):
    @pytest.fixture(params=KINDS, ids=lambda parameters: parameters["kind"])
    def spec(self, request: pytest.FixtureRequest) -> PopulationSpec:
        return AGENT_KINDS.build(request.param)


class TestMarginTraders(PopulationContract):
    """They hold longs and shorts, owe, and have borrowed for new orders."""

    @pytest.fixture
    def spec(self) -> MarginTradersSpec:
        return MarginTradersSpec(kind="margin_traders", count=250, adjustment=1, lending={"usd": 1e6})

    @pytest.fixture
    def endowed(self, spec: MarginTradersSpec, site: Site) -> Population:
        traders = spec.build(NAME, site)
        traders.facility.idle[:, 1] = 10**14
        price = site.prices * MICRO / site.base_units
        for key, pull in ((1, 0.5), (2, -0.5)):
            views = Views(np.full(2, pull), np.full(2, -pull), np.zeros(2), price)
            traders.facility.idle -= traders.decide(np.uint64(key), views)
            if key == 1:
                traders.settle(Fills(0.99 / price, 0.99 * price))
        owed = traders.accounts.usd_debt, traders.accounts.token_debt
        assert all((debt > 0).sum() > 20 for debt in owed)
        assert (traders.order > 0).sum() > 20 < (traders.order < 0).sum()
        return traders


def test_every_kind_is_tested() -> None:
    kinds = {kind for kind, cls in AGENT_KINDS.items() if cls in {*BUILT_IN, *OPTIONAL}}
    assert {"margin_traders", *(parameters["kind"] for parameters in KINDS)} == kinds
