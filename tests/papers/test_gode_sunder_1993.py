"""Double auctions at random: the order book against a standing bid and ask, and the published numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels.order_book_state import LIVE
from catallaxy.numba_kernels.unit_orders import open_desk
from catallaxy.papers.gode_sunder_1993.kernels import hold_period
from catallaxy.papers.gode_sunder_1993.replication import Parameters, gains_in_equilibrium, parts, schedules
from catallaxy.sim.replications.library import find_replication
from catallaxy.sim.replications.running import replicate
from oracles.zero_intelligence import period_reference

NAME = "gode-sunder-1993"
HIGHEST = 30


@st.composite
def markets(draw: st.DrawFn) -> np.ndarray:
    """Draw what units are worth and cost, in ticks."""
    traders, units = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    ticks = st.lists(st.integers(0, HIGHEST), min_size=units, max_size=units)
    buyers, sellers = [draw(st.lists(ticks, min_size=traders, max_size=traders)) for _ in range(2)]
    rows = [sorted(row, reverse=True) for row in buyers] + [sorted(row) for row in sellers]
    return np.array(rows, np.int64)


@given(markets(), st.booleans(), st.integers(0, 2**63))
def test_the_book_trades_as_a_standing_bid_and_ask_do(limits: np.ndarray, constrained: bool, key: int) -> None:
    n_traders, n_units = limits.shape
    desk = open_desk(HIGHEST + 1, 60, n_traders)
    units, trades = np.zeros(n_traders, np.int64), np.zeros((n_traders // 2 * n_units, 3), np.int64)
    n_trades, surplus = hold_period(desk, limits, constrained, 60, np.uint64(key), units, trades)
    twin = period_reference(limits.tolist(), constrained, 60, HIGHEST, key)
    assert units.tolist() == twin.units
    assert [tuple(row) for row in trades[:n_trades].tolist()] == twin.trades
    assert surplus == sum(value - cost for _, value, cost in twin.trades)
    assert desk.book.state[LIVE] == 0
    if constrained:
        assert all(cost <= price <= value for price, value, cost in twin.trades)
        assert surplus <= gains_in_equilibrium(limits)[1]


def paper_parameters() -> Parameters:
    parameters = find_replication(NAME).parameters()
    assert isinstance(parameters, Parameters)
    return parameters


def test_linear_schedules_are_dealt_in_turns_and_gain_1050() -> None:
    parameters = paper_parameters()
    limits = schedules(parameters, parts(parameters)[0], np.uint64(0))
    prices = 1.0 + parameters.tick * limits
    assert prices[0].tolist() == pytest.approx([170, 140, 110, 80])
    assert prices[11].tolist() == pytest.approx([55, 85, 115, 145])
    assert gains_in_equilibrium(limits) == (14, round(1050 / parameters.tick))


def test_random_schedules_have_the_best_unit_first() -> None:
    parameters = paper_parameters()
    limits = schedules(parameters, parts(parameters)[2], np.uint64(3))
    assert np.all(np.diff(limits[:6], axis=1) <= 0)
    assert np.all(np.diff(limits[6:], axis=1) >= 0)
    assert 0 <= limits.min() < limits.max() <= parameters.ticks(np.array(200.0))


@pytest.mark.jit
def test_a_small_sample_agrees_and_another_seed_gives_other_trades() -> None:
    first, again, other = (replicate(NAME, seed=seed, quick=True) for seed in (1, 1, 2))
    assert first.passed
    assert other.passed
    assert first.rows == again.rows != other.rows


@pytest.mark.jit
@pytest.mark.slow
def test_the_published_efficiencies_come_out() -> None:
    outcome = replicate(NAME)
    assert outcome.passed
    ours = {row.quantity: row.ours.estimate for row in outcome.rows}
    assert ours["constrained, linear schedules"] > ours["constrained, random schedules"] > 95.0
