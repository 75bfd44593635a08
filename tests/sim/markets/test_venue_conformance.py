"""Every built-in venue against the conformance class."""

from __future__ import annotations

from typing import Any

import pytest

from catallaxy.sim.markets.venues import VENUES, Venue
from contracts.venue_contract import VenueContract

BUILT_IN: list[dict[str, Any]] = [
    {"kind": "constant-product"},
    {"kind": "constant-product", "fee": 0.0},
    {"kind": "constant-product", "fee": 0.2, "share": 0.5},
    {"kind": "price-impact"},
    {"kind": "price-impact", "impact": 5.0, "largest_move": 0.1},
]


class TestBuiltIn(VenueContract):
    @pytest.fixture(params=BUILT_IN, ids=str)
    def venue(self, request: pytest.FixtureRequest) -> Venue:
        return VENUES.build(request.param)


def test_every_kind_is_tested() -> None:
    assert {parameters["kind"] for parameters in BUILT_IN} == set(VENUES)
