"""Every built-in sink passes the conformance class."""

from __future__ import annotations

from typing import Any

import pytest

from catallaxy.sim.tokenomics.sinks import SINKS, Sink
from contracts.sink_contract import SinkContract

TO = {"to": {"burn": 0.3, "compute": 0.3, "treasury": 0.4}}
MORE: dict[str, dict[str, Any]] = {"fee-split": TO, "slash-split": TO}


@pytest.mark.parametrize("kind", list(SINKS))
class TestBuiltIn(SinkContract):
    @pytest.fixture
    def sink(self, kind: str) -> Sink:
        return SINKS.build({"kind": kind, "share": 0.3, **MORE.get(kind, {})})
