from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from catallaxy.sim.tokenomics.units import exact
from catallaxy.sim.tokenomics.vesting import Vesting, unlocked
from oracles import tokenomics as oracle

YEAR = 365.25


def test_everything_is_free_without_a_schedule() -> None:
    assert unlocked(Vesting(), 100, 0.0) == 100
    assert unlocked(Vesting(), 100, -0.001) == 0


def test_a_cliff_frees_what_had_accrued() -> None:
    # Allora: 12-month cliff in 36 months, 12/36 free at month 12 (docs.allora.network)
    investors = Vesting(cliff_days=YEAR, vesting_days=3 * YEAR)
    total = 260_500_000 * 10**9
    assert unlocked(investors, total, YEAR - 1e-6) == 0
    assert unlocked(investors, total, YEAR) == total // 3
    assert unlocked(investors, total, 3 * YEAR) == total


def test_or_the_ramp_begins_at_the_cliff() -> None:
    # io.net: investors wait 12 months, then 24 months linear (docs.io.net)
    investors = Vesting(cliff_days=YEAR, vesting_days=3 * YEAR, accrual="cliff")
    assert unlocked(investors, 240, YEAR) == 0
    assert unlocked(investors, 240, 2 * YEAR) == 120
    assert unlocked(investors, 240, 3 * YEAR) == 240


def test_filecoin_block_reward() -> None:
    # filecoin-project/specs-actors: 25 % of a reward at once, 75 % linearly over 180 days
    reward = Vesting(tge=0.25, vesting_days=180)
    assert [unlocked(reward, 400, day) for day in (0, 60, 120, 180)] == [100, 200, 300, 400]


def test_monthly_instalments() -> None:
    monthly = Vesting(vesting_days=YEAR, form="monthly")
    month = YEAR / 12
    assert [unlocked(monthly, 1200, day) for day in (0, month - 0.01, month, 2 * month, 11.99 * month, YEAR)] == [
        0,
        0,
        100,
        200,
        1100,
        1200,
    ]


def test_stepped_instalments() -> None:
    halves = Vesting(vesting_days=730, form="stepped", steps=4)
    assert [unlocked(halves, 40, day) for day in (182, 182.5, 365, 729, 730)] == [0, 10, 20, 30, 40]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"form": "stepped"}, "`steps` goes with `form: stepped`"),
        ({"steps": 3}, "`steps` goes with `form: stepped`"),
        ({"tge": 1.5}, "less than or equal to 1"),
        ({"cliff_days": -1}, "greater than or equal to 0"),
        ({"form": "linaer"}, "'linear', 'monthly' or 'stepped'"),
    ],
)
def test_bad_schedules_are_explained(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Vesting.model_validate(parameters)
    assert message in str(caught.value)


days = st.integers(0, 200_000).map(lambda hundredths: hundredths / 100)


@st.composite
def schedules(draw: st.DrawFn) -> Vesting:
    cliff, end = sorted((draw(days), draw(days)))
    form = draw(st.sampled_from(["linear", "monthly", "stepped"]))
    return Vesting(
        tge=draw(st.floats(0, 1)),
        cliff_days=cliff,
        vesting_days=end,
        form=form,
        steps=draw(st.integers(1, 40)) if form == "stepped" else None,
        accrual=draw(st.sampled_from(["start", "cliff"])),
    )


@given(schedules(), st.integers(0, 2**62), st.lists(days, min_size=2))
def test_never_falls_never_exceeds_and_ends_at_the_total(vesting: Vesting, total: int, times: list[float]) -> None:
    free = [unlocked(vesting, total, time) for time in sorted(times)]
    assert free == sorted(free)
    assert free[0] >= 0
    assert free[-1] <= total
    assert unlocked(vesting, total, vesting.vesting_days) == total


@given(schedules(), st.integers(0, 2**62), days)
def test_against_exact_fractions(vesting: Vesting, total: int, day: float) -> None:
    begin = exact(vesting.cliff_days) if vesting.accrual == "cliff" else Fraction(0)
    months = max(1, round((exact(vesting.vesting_days) - begin) / Fraction("30.4375")))
    instalments = {"linear": None, "monthly": months, "stepped": vesting.steps}[vesting.form]
    expected = oracle.vested(
        total,
        exact(day),
        exact(vesting.tge),
        exact(vesting.cliff_days),
        exact(vesting.vesting_days),
        instalments,
        vesting.accrual == "cliff",
    )
    assert expected - 2 < unlocked(vesting, total, day) <= expected
