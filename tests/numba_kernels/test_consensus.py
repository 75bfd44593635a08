"""Stake-weighted majorities: the slow twin, and what more validators and more stake must do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels.consensus import majority_chance
from oracles.consensus import add_majorities_reference, condemn_by_clipping_reference

STAKES = st.lists(st.integers(0, 40), min_size=0, max_size=9)
CHANCE = st.floats(0.0, 1.0)


def chance_of(stakes: list[int], chance: float, threshold: int) -> float:
    return float(majority_chance(np.array(stakes, np.int64), chance, threshold, np.full(threshold, -9.0)))


@given(STAKES, CHANCE, st.integers(0, 100))
def test_majorities_equal_the_slow_twin(stakes: list[int], chance: float, threshold: int) -> None:
    expected = add_majorities_reference(stakes, chance, threshold)
    assert chance_of(stakes, chance, threshold) == pytest.approx(expected, abs=1e-12)


@given(STAKES, CHANCE, CHANCE, st.integers(1, 100))
def test_a_likelier_word_and_one_more_validator_never_make_a_majority_rarer(
    stakes: list[int], chance: float, other: float, threshold: int
) -> None:
    low, high = sorted((chance, other))
    assert chance_of(stakes, low, threshold) <= chance_of(stakes, high, threshold) + 1e-12
    assert chance_of(stakes, low, threshold) <= chance_of([*stakes, 7], low, threshold) + 1e-12


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.lists(st.integers(1, 40), max_size=3), CHANCE, CHANCE)
def test_a_majority_is_who_clips_a_good_name_to_nothing(
    scoring: list[int], copying: list[int], chance: float, share: float
) -> None:
    whole = sum(scoring) + sum(copying)
    kappa = int(share * (whole - 1))
    expected = condemn_by_clipping_reference(scoring, copying, chance, kappa)
    assert chance_of(scoring, chance, whole - kappa) == pytest.approx(expected, abs=1e-12)
