from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.tokenomics.units import base_units, exact, microseconds, share_of, to_base


@pytest.mark.parametrize(
    ("supply", "base"),
    [
        (0, 10**9),
        (21_000_000, 10**9),
        (1_000_000_000, 10**9),
        (1_152_921_504, 10**9),
        (1_152_921_505, 10**8),  # 2**62 / 4 / 1e9 = 1,152,921,504.6
        (42_000_000_000, 10**7),  # Aethir
        (1e15, 10**3),
        (1e18, 1),
    ],
)
def test_base_units_are_the_finest_that_fit(supply: float, base: int) -> None:
    assert base_units(supply) == base


@given(st.integers(0, 10**18))
def test_four_times_the_supply_fits_and_ten_times_finer_does_not(supply: int) -> None:
    base = base_units(supply)
    assert 4 * supply * base < 2**62
    assert base == 10**9 or 4 * supply * base * 10 >= 2**62


def test_a_supply_that_cannot_be_held_is_refused() -> None:
    with pytest.raises(ValueError, match=r"2e\+18 tokens does not fit the ledger; the largest is 1.153e\+18"):
        base_units(2e18)
    with pytest.raises(ValueError, match="negative"):
        base_units(-1)


def test_the_written_decimal_is_what_counts() -> None:
    assert exact(0.1) == Fraction(1, 10)
    assert exact(120.73) * 100 == 12073
    assert to_base(0.1, 10**9) == 100_000_000
    assert to_base(9_126_804, 10**9) == 9_126_804 * 10**9


def test_half_a_base_unit_goes_to_the_even_neighbour() -> None:
    assert [to_base(value, 10) for value in (0.05, 0.15, 0.25, 0.35)] == [0, 2, 2, 4]


@given(st.integers(0, 2**52))
def test_tokens_and_back(amount: int) -> None:
    base = base_units(21e6)
    assert base == 10**9
    assert abs(to_base(amount / base, base) - amount) <= 1


@given(st.floats(0, 1), st.integers(0, 2**62))
def test_a_share_is_rounded_down(share: float, amount: int) -> None:
    taken = share_of(share, amount)
    assert taken <= exact(share) * amount < taken + 1


def test_time_is_whole_microseconds() -> None:
    assert microseconds(days=1) == 86_400_000_000
    assert microseconds(seconds=12) == 12_000_000
    assert microseconds(days=1 / 24) == 3_600_000_000
