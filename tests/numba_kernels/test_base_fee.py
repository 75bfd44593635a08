"""The base fee against published cases and its slow twin."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import base_fee
from oracles.base_fee import LARGEST, next_base_fee_reference

GWEI = 10**9
#: ethereum/go-ethereum, consensus/misc/eip1559/eip1559_test.go, at 093658c: base fee 1 gwei and a limit of 20 million
#: gas; gas used in millions and the base fee after it, with denominators 8 and 16.
PUBLISHED = {
    8: {10: 1_000_000_000, 9: 987_500_000, 11: 1_012_500_000, 20: 1_125_000_000, 0: 875_000_000},
    16: {10: 1_000_000_000, 9: 993_750_000, 11: 1_006_250_000, 20: 1_062_500_000, 0: 937_500_000},
}
FEES = st.one_of(st.integers(0, 20), st.integers(0, 10**12), st.integers(0, LARGEST), st.just(LARGEST))
LIMITS = st.one_of(st.integers(0, 20), st.integers(0, 10**8), st.integers(0, LARGEST), st.just(LARGEST))


@pytest.mark.parametrize(("denominator", "used"), [(d, used) for d, cases in PUBLISHED.items() for used in cases])
def test_published_cases(denominator: int, used: int) -> None:
    assert base_fee.next_base_fee(GWEI, used * 10**6, 20 * 10**6, 2, denominator) == PUBLISHED[denominator][used]


@given(FEES, LIMITS, st.floats(0.0, 1.0), st.integers(1, 10), st.integers(1, 100))
def test_the_base_fee_equals_its_twin(fee: int, limit: int, use: float, elasticity: int, denominator: int) -> None:
    used = min(int(use * limit), limit)
    found = base_fee.next_base_fee(fee, used, limit, elasticity, denominator)
    assert found == next_base_fee_reference(fee, used, limit, elasticity, denominator)
    assert 0 <= found <= LARGEST
    target = limit // elasticity
    if target and fee < LARGEST:
        assert (found > fee) == (used > target)
        assert found >= fee or used < target


@given(FEES, st.lists(st.integers(0, 40), max_size=20), st.integers(1, 4), st.integers(1, 20))
def test_a_path_is_its_blocks_one_after_the_other(fee: int, used: list[int], elasticity: int, denominator: int) -> None:
    fees = np.full(len(used), -1, np.int64)
    last = base_fee.base_fee_path(fee, np.array(used, np.int64), 40, elasticity, denominator, fees)
    expected = [fee]
    for use in used:
        expected.append(next_base_fee_reference(expected[-1], use, 40, elasticity, denominator))
    assert [*fees.tolist(), last] == expected


def test_a_fee_of_nothing_can_rise_again() -> None:
    assert base_fee.next_base_fee(0, 11, 20, 2, 8) == 1
    assert base_fee.next_base_fee(7, 0, 20, 2, 8) == 7
