"""Every built-in key figure keeps the contract that those of users keep."""

from __future__ import annotations

from typing import cast

import pytest

from catallaxy.sim.analysis.key_figures import KPIS, Kpi
from contracts.kpi_contract import KpiContract


class TestBuiltIn(KpiContract):
    @pytest.fixture(params=KPIS, ids=lambda kpi: kpi.name)
    def kpi(self, request: pytest.FixtureRequest) -> Kpi:
        return cast("Kpi", request.param)
