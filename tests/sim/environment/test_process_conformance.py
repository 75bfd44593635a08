"""Every built-in process against the conformance class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catallaxy.sim.environment.processes import PROCESSES, Process
from catallaxy.sim.environment.stochastic import GeometricBrownian
from catallaxy.sim.environment.tables import CsvTable
from contracts.process_contract import ProcessContract

YEARLY = {"per_year": 3.0}
BUILT_IN: list[dict[str, Any]] = [
    {"kind": "constant", "value": 2.5},
    {"kind": "linear", "start": 5.0, "change": {"per_day": -0.1}},
    {"kind": "logistic", "start": 0.5, "limit": 12.0, "growth": YEARLY},
    {"kind": "ou", "mean": 2.0, "sd": 0.5, "reversion": YEARLY, "start": 3.0},
    {"kind": "ou", "mean": 2.0, "sd": 0.5, "reversion": YEARLY, "scale": "log"},
    {"kind": "gbm", "start": 1.5, "drift": YEARLY, "volatility": 0.5},
    {
        "kind": "regime",
        "levels": {"calm": 1.0, "tense": 3.0},
        "switching": {"calm": {"tense": {"per_week": 2.0}}, "tense": {"calm": {"per_week": 3.0}}},
        "start": "calm",
    },
    {"kind": "jump", "base": 2.0, "arrival": {"per_week": 3.0}, "size_sd": 0.5, "recovery": {"per_day": 0.1}},
    {"kind": "table", "points": {"2024-01-01": 1.0, "2024-01-20": 3.0}},
    {"kind": "csv", "file": "price.csv"},
]


class TestBuiltIn(ProcessContract):
    @pytest.fixture(params=BUILT_IN, ids=lambda parameters: parameters["kind"])
    def process(self, request: pytest.FixtureRequest) -> Process:
        Path("price.csv").write_text("date,value\n2024-01-01,2.0\n2024-02-01,3.0\n", encoding="utf-8")
        kind = PROCESSES.resolve(request.param["kind"])
        return kind.model_validate(request.param, context={"folder": Path.cwd()})


def test_every_kind_is_tested() -> None:
    assert {GeometricBrownian, CsvTable} <= {cls for _, cls in PROCESSES.items()}
    assert {parameters["kind"] for parameters in BUILT_IN} == set(PROCESSES)
