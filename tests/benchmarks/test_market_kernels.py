"""The order book, its settlement and the call auction agree with twins in C, Python and NumPy, and are fast."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import pytest
from bench.c_twin import compiler
from bench.market_kernels import auction_row, book_row
from bench.market_twins import build_library
from bench.order_flow import BOOKS, PEERS, BookFlow

pytestmark = pytest.mark.jit


def built(name: str, folder: Path) -> ctypes.CDLL | None:
    """Return the C twin, or None where it cannot be built: the other twins are compared all the same."""
    try:
        return build_library(name, folder) if compiler() else None
    except subprocess.CalledProcessError:
        return None


@pytest.mark.parametrize("flow", [*BOOKS, PEERS, BookFlow("tiny", 8, 5, 2, 3)], ids=lambda flow: flow.name)
def test_the_book_and_its_twins_make_the_same_trades(flow: BookFlow, tmp_path: Path) -> None:
    assert book_row(flow, built("order_book", tmp_path), 20_000, 1)["trades"] > 1_000


@pytest.mark.parametrize(("n", "ticks"), [(3, 2), (50, 4_096), (5_000, 300), (5_000, 65_536)])
def test_the_auction_and_its_twins_fill_the_same_orders(n: int, ticks: int, tmp_path: Path) -> None:
    assert auction_row(n, ticks, built("call_auction", tmp_path), 1)["orders"] == n


@pytest.mark.timing
def test_the_book_is_far_from_plain_python_and_near_c(tmp_path: Path) -> None:
    row = book_row(BOOKS[0], built("order_book", tmp_path), 100_000, 4)
    assert row["Python / kernel"] > 25.0
    assert row.get("kernel / C", 1.0) < 2.0
    assert row.get("settled kernel / C", 1.0) < 2.0
    assert row["settled, ns"] < 1.3 * row["kernel, ns"]


@pytest.mark.timing
def test_the_auction_is_far_from_sorting_and_near_c(tmp_path: Path) -> None:
    row = auction_row(100_000, 4_096, built("call_auction", tmp_path), 4)
    assert row["NumPy / kernel"] > 5.0
    assert row.get("kernel / C", 1.0) < 2.0
