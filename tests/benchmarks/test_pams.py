"""PAMS, where there is one: the same lots as the kernel, at other prices; where there is none, a reason."""

from __future__ import annotations

import os
import sys

import pytest
from bench.fcn_ratios import fcn_row
from bench.pams_peer import INTERPRETER, find_pams
from bench.peers import against_pams

pytestmark = pytest.mark.jit
PAMS, REASON = find_pams()
needs_pams = pytest.mark.skipif(PAMS is None, reason=REASON)


@pytest.mark.parametrize("python", [sys.executable, "no-such-python"])
def test_without_pams_the_reason_says_how_to_get_it(python: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INTERPRETER, python)
    monkeypatch.setattr("bench.pams_peer._VERSION", "import no_such_module")
    pams, reason = find_pams()
    assert pams is None
    assert python in reason
    assert INTERPRETER in reason


@needs_pams
def test_a_relative_path_to_the_interpreter_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    assert PAMS is not None
    monkeypatch.setenv(INTERPRETER, os.path.relpath(PAMS.python))
    pams, _ = find_pams()
    assert pams is not None
    assert pams.sweep() == PAMS.sweep()


@needs_pams
def test_pams_trades_the_same_lots_and_pays_the_last_price_of_a_sweep() -> None:
    assert PAMS is not None
    found = against_pams(PAMS, 1_500)
    assert 0.05 < found["mispriced"] < 0.9
    assert found["error"] > 0.0
    assert PAMS.sweep() == [102.0, 102.0, 102.0]


@needs_pams
def test_traders_of_pams_fill_the_same_share_of_their_orders() -> None:
    row = fcn_row(100, 10, 100, PAMS, 1)
    assert row["PAMS, trades per order"] == pytest.approx(row["trades per order"], rel=0.2)
    assert row["PAMS resting"] == pytest.approx(row["resting"], rel=0.4)
