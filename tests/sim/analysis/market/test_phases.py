"""Drawdowns and phases of hand-made paths."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st

from analysis_series import prices_of
from catallaxy.sim.analysis.market.drawdowns import drawdowns
from catallaxy.sim.analysis.market.phases import TurnRules, bry_boschan, zig_zag
from catallaxy.sim.analysis.market.prices import Prices
from catallaxy.sim.errors import PricesError

DAY = np.datetime64("2024-01-01")


def path(*close: float) -> Prices:
    return Prices("path", DAY + np.arange(len(close)), np.array(close, np.float64))


def ramps(*turns: tuple[int, float]) -> Prices:
    """Return daily prices that grow evenly between (day, price)."""
    days, levels = zip(*turns, strict=True)
    close = np.exp(np.interp(np.arange(days[-1] + 1), days, np.log(levels)))
    return Prices("ramps", DAY + np.arange(len(close)), close)


def test_drawdowns_are_the_falls_below_the_running_peak() -> None:
    deep, shallow = drawdowns(path(1, 4, 2, 3, 4, 5, 4.5, 4))
    assert (deep.peak, deep.trough, deep.recovery) == (DAY + 1, DAY + 2, DAY + 4)
    assert (deep.depth, deep.days) == (0.5, 3)
    assert (shallow.peak, shallow.trough, shallow.recovery, shallow.days) == (DAY + 5, DAY + 7, None, 2)
    assert shallow.depth == pytest.approx(0.2)
    assert drawdowns(path(1, 4, 2, 3, 4, 5, 4.5, 4), least=0.3) == (deep,)
    assert drawdowns(path(1, 2, 2, 3)) == ()


def test_a_zig_zag_turns_where_the_price_moves_by_the_factor() -> None:
    phases = zig_zag(path(2, 1, 2, 5, 3, 6, 2, 2.5, 2.2, 9), 2.5)
    found = [(phase.kind, int((phase.start - DAY).astype(int)), phase.factor, phase.complete) for phase in phases]
    assert found == [
        ("bull", 1, 6.0, True),
        ("bear", 5, pytest.approx(1 / 3), True),
        ("bull", 6, 4.5, False),
    ]
    assert [phase.days for phase in phases] == [4, 1, 3]
    assert zig_zag(path(1, 2, 1, 2), 2.5) == ()
    with pytest.raises(PricesError, match=r"lies above 1, as 2\.5; 1 does not"):
        zig_zag(path(1, 2), 1.0)


@given(st.integers(0, 10_000), st.floats(1.1, 3.0))
def test_phases_of_a_zig_zag_alternate_join_and_reach_the_factor(seed: int, factor: float) -> None:
    prices = prices_of(0.1 * np.random.default_rng(seed).normal(size=200))
    phases = zig_zag(prices, factor)
    for one, other in itertools.pairwise(phases):
        assert (one.end, one.kind) != (other.start, other.kind)
        assert one.end == other.start
    for phase in phases:
        assert max(phase.factor, 1 / phase.factor) >= factor * (1 - 1e-12) or not phase.complete


def test_bry_and_boschan_date_the_cycles_of_a_made_up_market() -> None:
    prices = ramps((0, 50), (400, 100), (800, 30), (860, 36), (920, 31), (1400, 200), (1900, 80), (2200, 90))
    phases = bry_boschan(prices)
    ends = [int((phase.end - DAY).astype(int)) for phase in phases]
    assert [phase.kind for phase in phases] == ["bull", "bear", "bull", "bear", "bull"]
    assert ends == [400, 800, 1400, 1900, 2200]
    assert [phase.complete for phase in phases] == [False, True, True, True, False]


def test_a_last_peak_that_later_prices_exceed_is_no_turn() -> None:
    prices = ramps((0, 60), (300, 40), (600, 20), (900, 60), (1050, 30), (1500, 50), (1600, 100), (1700, 110))
    phases = bry_boschan(prices)
    assert [phase.kind for phase in phases] == ["bear", "bull"]
    assert bry_boschan(ramps((0, 1), (500, 2))) == ()


def test_rules_can_be_shorter() -> None:
    prices = ramps((0, 50), (40, 100), (80, 30), (120, 90), (160, 40))
    assert bry_boschan(prices) == ()
    phases = bry_boschan(prices, TurnRules(window=20, edge=15, phase=10, cycle=40))
    assert [phase.days for phase in phases] == [40, 40, 40, 40]
