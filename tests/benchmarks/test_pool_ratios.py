"""The constant-product pool agrees with its twins in C and Python, and is faster than the latter."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import pytest
from bench.c_twin import compiler
from bench.pool_ratios import FLOWS, pool_library, pool_row, weighted_row

pytestmark = pytest.mark.jit


def built(folder: Path) -> ctypes.CDLL | None:
    """Return the C twin, or None where it cannot be built: the Python twin is compared all the same."""
    try:
        return pool_library(folder) if compiler() else None
    except subprocess.CalledProcessError:
        return None


@pytest.mark.parametrize("flow", FLOWS)
def test_the_pool_and_its_twins_pay_the_same(flow: str, tmp_path: Path) -> None:
    assert pool_row(flow, built(tmp_path), 20_000, 1)["swaps"] == 20_000


@pytest.mark.timing
def test_the_pool_is_far_from_plain_python_and_near_c(tmp_path: Path) -> None:
    row = pool_row("fee in", built(tmp_path), 100_000, 10)
    assert row["Python / kernel"] > 12.0
    assert row.get("kernel / C", 1.0) < 2.0
    assert weighted_row(20_000, 3)["M/s"] > 4.0
