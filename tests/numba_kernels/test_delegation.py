"""Delegation: chances of the choice, commission, and slashing that reaches delegators."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import delegation, random, staking
from oracles.unbonding import chances_reference

STAKES = st.lists(st.tuples(st.integers(0, 2**55), st.integers(-1, 3)), min_size=1, max_size=30)
FOUR = st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4)
N = 40_000


def chosen(attraction: list[float], own: int, stickiness: float, reconsiders: float = 1.0) -> list[float]:
    """Return the shares of validators among many holders that had one validator."""
    appeal, validator, ids = np.array(attraction), np.full(N, own, np.int64), np.arange(N)
    choice = delegation.Choice(appeal, np.cumsum(appeal), stickiness, reconsiders)
    switched = delegation.choose((0, N), random.step_key(5, 10, 0), ids, validator, choice)
    assert switched == (validator != own).sum()
    return [float((validator == v).mean()) for v in range(len(attraction))]


@pytest.mark.parametrize(
    ("attraction", "own", "stickiness"),
    [([1.0, 2.0, 3.0, 4.0], -1, 1.0), ([1.0, 2.0, 0.0, 1.0], 1, 3.0), ([0.5, 0.0, 0.0, 0.0], 2, 9.0)],
)
def test_choices_have_the_chances_of_the_logit(attraction: list[float], own: int, stickiness: float) -> None:
    expected = chances_reference([Fraction(value) for value in attraction], own, Fraction(stickiness))
    for share, chance in zip(chosen(attraction, own, stickiness), expected, strict=True):
        assert share == pytest.approx(float(chance), abs=4 * (0.25 / N) ** 0.5)
        assert share > 0.0 or chance == 0


def test_who_does_not_reconsider_stays_unless_its_validator_is_out() -> None:
    assert chosen([1.0, 1.0, 0.0, 1.0], 1, 1.0, reconsiders=0.0)[1] == 1.0
    assert chosen([1.0, 1.0, 0.0, 0.0], 2, 1.0, reconsiders=0.0)[2] == 0.0
    half = chosen([0.0, 1.0, 1.0, 0.0], 1, 1.0, reconsiders=0.5)
    assert half[2] == pytest.approx(0.25, abs=0.02)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8), st.integers(-1, 7), st.floats(1.0, 1e6), st.integers(0))
def test_only_the_active_set_is_chosen_in_any_order_of_rows(
    attraction: list[float], own: int, stickiness: float, seed: int
) -> None:
    if not any(attraction):
        return
    appeal, ids = np.array(attraction), np.arange(50)
    validator = np.full(50, own if own < len(attraction) else -1, np.int64)
    choice = delegation.Choice(appeal, np.cumsum(appeal), stickiness, 1.0)
    key, backwards = random.step_key(seed % 2**60, 10, 0), validator.copy()
    delegation.choose((0, 50), key, ids, validator, choice)
    delegation.choose((0, 20), key, ids[::-1].copy(), backwards, choice)
    delegation.choose((20, 50), key, ids[::-1].copy(), backwards, choice)
    assert (appeal[validator] > 0.0).all()
    assert (backwards[::-1] == validator).all()


@given(STAKES, FOUR, st.floats(0.0, 1.0))
def test_pay_and_slash_equal_their_twins(
    stakes: list[tuple[int, int]], shares: list[float], compounding: float
) -> None:
    bonds, rows = staking.Bonds(*np.zeros((4, len(stakes)), np.int64)), (0, len(stakes))
    bonds.staked[:] = [stake for stake, _ in stakes]
    validator, weight, rate = np.array([v for _, v in stakes], np.int64), bonds.staked.copy(), np.array(shares)
    total = np.empty(4, np.int64)
    delegation.add_up(weight, validator, total)
    assert total.tolist() == [sum(stake for stake, own in stakes if own == v) for v in range(4)]
    paid, bonded = delegation.pay(rows, bonds, weight, validator, rate, compounding)
    rewards = [int(float(stake) * shares[v]) if v >= 0 else 0 for stake, v in stakes]
    assert (bonds.tokens + bonds.staked - weight).tolist() == rewards
    assert paid == sum(rewards)
    assert bonded == (bonds.staked - weight).sum()
    before = bonds.staked.copy()
    lost = delegation.slash(rows, bonds.staked, validator, rate)
    losses = [int(float(stake) * shares[v]) if v >= 0 else 0 for stake, (_, v) in zip(before, stakes, strict=True)]
    assert (before - bonds.staked).tolist() == [min(loss, int(s)) for loss, s in zip(losses, before, strict=True)]
    assert lost == (before - bonds.staked).sum()
    assert bonds.staked.min() >= 0
