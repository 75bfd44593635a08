"""Looking at all margin accounts and visiting lists by liquidation price find the same ones."""

from __future__ import annotations

import pytest
from bench.liquidation import liquidation_row


@pytest.mark.jit
@pytest.mark.parametrize("n", [1, 40, 5_000])
def test_both_ways_find_the_same_accounts(n: int) -> None:
    row = liquidation_row(n, 1)
    assert row["accounts"] == n
    assert row["found"] > 0 or n == 1
