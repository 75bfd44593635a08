"""The EIP-1559 base fee as a rule: the chain's own integers, and what must hold for any use."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.tokenomics.sinks import TOLLS, BaseFee, Toll
from contracts.toll_contract import TollContract

DAY = 86_400_000_000


def rule(**parameters: Any) -> BaseFee:
    built = TOLLS.build({"kind": "base-fee", "limit": 1000.0, **parameters})
    assert isinstance(built, BaseFee)
    return built


@pytest.mark.parametrize(("used", "fee"), [(10_000_000, 10**9), (9_000_000, 987_500_000), (11_000_000, 1_012_500_000)])
def test_ethereum(used: int, fee: int) -> None:
    # go-ethereum, consensus/misc/eip1559/eip1559_test.go, TestCalcBaseFee: limit 20,000,000, base fee 10**9
    assert rule().next_fee(10**9, used, 20_000_000) == fee


def test_full_and_empty_blocks_move_it_by_an_eighth() -> None:
    assert rule().next_fee(800, 100, 100) == 900
    assert rule().next_fee(800, 0, 100) == 700
    assert rule().next_fee(0, 100, 100) == 1
    assert rule().next_fee(800, 10**9, 100) == 900


def test_a_step_of_several_days_is_several_updates() -> None:
    # 750 GPU-hours a day, half above the target: + 1/16 per update
    fee, days = rule(), 3
    price = 1_000_000
    for day in range(days):
        price = fee.after(price, 750_000, day * DAY, (day + 1) * DAY)
    assert fee.after(1_000_000, days * 750_000, 0, days * DAY) == price == 1_199_462
    assert rule(updates={"per_day": 0.5}).after(price, 750_000, 0, DAY) == price
    assert rule(updates={"per_day": 0.5}).after(price, 750_000, DAY, 2 * DAY) > price


fees, uses = st.integers(0, 10**15), st.integers(0, 10**9)


@given(fees, uses, uses, st.integers(1, 10**9), st.integers(1, 16), st.integers(1, 100))
def test_it_rises_with_use_and_never_below_zero(
    fee: int, one: int, other: int, limit: int, elasticity: int, denominator: int
) -> None:
    fixed = rule(elasticity=elasticity, denominator=denominator)
    low, high = sorted((one, other))
    assert 0 <= fixed.next_fee(fee, low, limit) <= fixed.next_fee(fee, high, limit)


@given(fees, st.integers(0, 10**9))
def test_the_next_fee_stays_within_an_eighth(fee: int, used: int) -> None:
    after = rule().next_fee(fee, used, 10**9)
    assert fee - fee // 8 <= after <= fee + max(fee // 8, 1)


def test_no_toll_is_nothing() -> None:
    free = TOLLS.build("none")
    assert free.opening() == free.after(5, 10, 0, DAY) == 0


class TestBuiltIn(TollContract):
    @pytest.fixture(params=["none", "base-fee"])
    def rule(self, request: pytest.FixtureRequest) -> Toll:
        return TOLLS.build({"kind": request.param, **({"limit": 500.0} if request.param == "base-fee" else {})})


class TestSurge(TollContract):
    """A toll that anybody could write: a dollar while more than a hundred units a day are used."""

    class Surge(Toll):
        summary: ClassVar[str] = "A dollar while much is used."

        def opening(self) -> int:
            return 0

        def after(self, price: int, sold: int, begin_us: int, end_us: int) -> int:
            return 1_000_000 if sold * DAY > 100_000 * (end_us - begin_us) else 0

    @pytest.fixture
    def rule(self) -> Toll:
        return self.Surge(kind="surge")
