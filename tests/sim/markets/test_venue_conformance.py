"""Every built-in venue against the conformance class."""

from __future__ import annotations

from typing import Any

import pytest

from catallaxy.sim.markets.venues import VENUES, OrderVenue, Venue
from contracts.order_venue_contract import OrderVenueContract
from contracts.venue_contract import VenueContract

BUILT_IN: list[dict[str, Any]] = [
    {"kind": "constant-product"},
    {"kind": "constant-product", "fee": 0.0},
    {"kind": "constant-product", "fee": 0.2, "share": 0.5},
    {"kind": "constant-product", "fee_on": "output"},
    {"kind": "weighted"},
    {"kind": "weighted", "weight": 0.3, "fee": 0.05, "fee_on": "output"},
    {"kind": "concentrated"},
    {"kind": "concentrated", "fee": 0.0, "tick_spacing": 1, "ranges": [{"width": 0.01, "share": 0.9}]},
    {"kind": "bonding-curve"},
    {"kind": "bonding-curve", "reserve_ratio": 0.05, "fee": 0.0},
    {"kind": "bonding-curve", "reserve_ratio": 1.0, "fee": 0.1},
    {"kind": "launch-curve"},
    {"kind": "launch-curve", "paid_in": 0.5, "fee": 0.0, "graduation": 0.9},
    {"kind": "launch-curve", "leftover": "pooled"},
    {"kind": "bonding-curve", "fee": 0.2, "fee_to": "treasury"},
    {"kind": "launch-curve", "fee": 0.2, "fee_to": "treasury"},
    {"kind": "price-impact"},
    {"kind": "price-impact", "impact": 5.0, "largest_move": 0.1},
]
SINGLY: list[dict[str, Any]] = [
    {"kind": "order-book"},
    {"kind": "order-book", "lifetime": 3, "fee": 0.0},
    {"kind": "order-book", "ticks_at_start": 100, "fee": 0.1, "levels": 3, "level_step": 0.2, "quoted": 1.0},
    {"kind": "call-auction"},
    {"kind": "call-auction", "rationing": "by-time", "ticks_at_start": 500, "skew": 3.0},
]


class TestBuiltIn(VenueContract):
    @pytest.fixture(params=BUILT_IN, ids=str)
    def venue(self, request: pytest.FixtureRequest) -> Venue:
        return VENUES.build(request.param)


class TestSingly(OrderVenueContract):
    @pytest.fixture(params=SINGLY, ids=str)
    def venue(self, request: pytest.FixtureRequest) -> OrderVenue:
        venue = VENUES.build(request.param)
        assert isinstance(venue, OrderVenue)
        return venue


def test_every_kind_is_tested() -> None:
    assert {parameters["kind"] for parameters in BUILT_IN + SINGLY} == set(VENUES)
