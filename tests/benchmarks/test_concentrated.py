"""Concentrated liquidity agrees with its twins in C and Python, is near the one and far from the other."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.concentrated import FLOWS, SwapFlow, build_concentrated, swap_row

pytestmark = pytest.mark.jit


@pytest.mark.parametrize("flow", [*FLOWS, SwapFlow("tiny", 2, 50)], ids=lambda flow: flow.name)
def test_the_pool_and_its_twins_fill_the_same_swaps(flow: SwapFlow, tmp_path: Path) -> None:
    row = swap_row(flow, build_concentrated(tmp_path), 5_000, 1)
    assert row["crossed, a swap"] < 4.0


def test_the_flows_cross_from_no_tick_to_several(tmp_path: Path) -> None:
    crossed = [swap_row(flow, None, 5_000, 1)["crossed, a swap"] for flow in FLOWS]
    assert crossed[0] == 0.0
    assert crossed[0] < crossed[1] < 0.5 < crossed[2] < 1.0 < crossed[3]


@pytest.mark.timing
def test_the_pool_is_far_from_plain_python_and_near_c(tmp_path: Path) -> None:
    row = swap_row(FLOWS[1], build_concentrated(tmp_path), 100_000, 4)
    assert row["Python / kernel"] > 6.0
    assert row.get("kernel / C", 1.0) < 2.0
