from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from catallaxy.sim.tokenomics.allocation import AllocationSpec, check_allocation, vesting_schedule
from catallaxy.sim.tokenomics.vesting import unlocked

START = date(2024, 1, 1)
ALLORA = {  # explorer and docs.allora.network: shares of 1e9
    "groups": [
        {"group": "ecosystem", "share": 0.3595, "receiver": "treasury"},
        {"group": "investors", "share": 0.2605, "receiver": "insiders", "cliff_days": 365, "vesting_days": 1095},
        {"group": "preseed", "share": 0.05, "receiver": "insiders", "cliff_days": 365, "vesting_days": 1095},
        {"group": "team", "share": 0.175, "receiver": "insiders", "cliff_days": 365, "vesting_days": 1095},
        {"group": "foundation", "share": 0.10, "receiver": "treasury", "tge": 0.2, "vesting_days": 730},
        {"group": "participants", "share": 0.055, "receiver": "community"},
    ]
}


def table(**parameters: Any) -> AllocationSpec:
    return AllocationSpec.model_validate(parameters)


def line(group: str, share: float, receiver: str = "community", **more: Any) -> dict[str, Any]:
    return {"group": group, "share": share, "receiver": receiver, **more}


class TestAmounts:
    def test_allora(self) -> None:
        amounts = table(**ALLORA).amounts(10**9 * 10**9)
        assert [amount / 1e18 for amount in amounts] == [0.3595, 0.2605, 0.05, 0.175, 0.1, 0.055]

    @given(st.lists(st.integers(1, 10**6), min_size=1, max_size=12), st.integers(0, 2**60))
    def test_no_unit_is_lost_and_none_is_off_by_more_than_one(self, weights: list[int], supply: int) -> None:
        shares = [weight / sum(weights) for weight in weights]
        amounts = table(groups=[line(str(i), share) for i, share in enumerate(shares)]).amounts(supply)
        assert sum(amounts) == supply
        for amount, weight in zip(amounts, weights, strict=True):
            assert abs(amount - supply * weight / sum(weights)) <= 1 + supply * 1e-15

    def test_rounded_shares_still_hand_out_the_whole_supply(self) -> None:
        thirds = table(groups=[line(name, 0.3333333333) for name in "abc"])
        assert thirds.amounts(3 * 10**12) == (999_999_999_900, 999_999_999_900, 1_000_000_000_200)

    def test_shares_of_the_maximum_leave_the_rest_to_emission(self) -> None:
        split = table(
            shares_of="maximum",
            groups=[line("sale", 0.2), line("team", 0.3, "insiders"), line("mining", 0.5, "emission")],
        )
        assert split.amounts(1000) == (200, 300, 500)
        assert split.genesis(1000) == 500
        assert vesting_schedule(split, 1000, START, 1.0, 2).total.sum() == 500


class TestSchedule:
    def test_receivers_get_every_unit_on_its_day(self) -> None:
        supply = 10**18
        schedule = vesting_schedule(table(**ALLORA), supply, START, 1.0, 1200)
        assert schedule.receivers == ("treasury", "insiders", "community")
        assert schedule.unlocks.shape == (1200, 3)
        assert schedule.unlocks.dtype == np.int64
        insiders = schedule.unlocks[:, 1]
        assert insiders[:365].sum() == 0
        assert insiders[365] == pytest.approx(0.4855 * supply / 3, rel=1e-12)
        assert insiders[1095] > 0
        assert insiders[1096:].sum() == 0
        assert (schedule.opening + schedule.unlocks.sum(axis=0)).tolist() == schedule.total.tolist()
        assert schedule.total.sum() == supply

    def test_what_is_free_at_the_start_is_the_opening(self) -> None:
        schedule = vesting_schedule(table(**ALLORA), 10**18, START, 1.0, 10)
        assert schedule.opening.tolist() == [int(0.3795e18), 0, int(0.055e18)]
        assert schedule.unlocks[0].tolist() == [0, 0, 0]
        assert (schedule.locked + schedule.opening + schedule.unlocks.cumsum(axis=0) == schedule.total).all()

    def test_a_token_launched_before_the_run_has_vested_since(self) -> None:
        old = table(launched="2023-01-01", groups=[line("team", 1.0, "insiders", vesting_days=730)])
        schedule = vesting_schedule(old, 730, START, 1.0, 400)
        assert schedule.opening.tolist() == [365]
        assert set(schedule.unlocks[1:366, 0].tolist()) == {1}
        assert schedule.unlocks[366:].sum() == 0

    def test_a_token_launched_during_the_run_opens_then(self) -> None:
        later = table(launched="2024-01-04", groups=[line("sale", 1.0)])
        assert vesting_schedule(later, 50, START, 1.0, 6).unlocks[:, 0].tolist() == [0, 0, 0, 50, 0, 0]

    @given(st.integers(1, 2**60), st.sampled_from([0.5, 1.0, 7.0, 30.4375]))
    def test_every_step_has_unlocked_what_the_schedule_says(self, supply: int, dt_days: float) -> None:
        team = line("team", 1.0, "insiders", tge=0.1, cliff_days=90, vesting_days=360, form="monthly")
        spec = table(groups=[team])
        schedule = vesting_schedule(spec, supply, START, dt_days, 60)
        free = schedule.opening[0] + schedule.unlocks[:, 0].cumsum()
        assert free.tolist() == [unlocked(spec.groups[0], supply, step * dt_days) for step in range(60)]
        assert (schedule.unlocks >= 0).all()


class TestCheck:
    def test_silent_when_all_is_well(self) -> None:
        assert check_allocation(table(**ALLORA), 1e9, None) == []
        split = table(shares_of="maximum", groups=[line("all", 0.625), line("mining", 0.375, "emission")])
        assert check_allocation(split, 500e6, 800e6) == []

    @pytest.mark.parametrize(
        ("spec", "genesis", "maximum", "path", "message"),
        [
            (
                {"groups": [line("sale", 0.5), line("team", 0.47)]},
                1e9,
                None,
                ("allocation", "groups"),
                "sum to 0.97, 0.03 short: add the missing group; 0.5 (sale) + 0.47 (team)",
            ),
            (
                {"groups": [line("sale", 0.6), line("team", 0.5)]},
                1e9,
                None,
                ("allocation", "groups"),
                "sum to 1.1, 0.1 too much: more would unlock than exists",
            ),
            (
                {"groups": [line("sale", 0.9), line("team", 0.1, cliff_days=400, vesting_days=365)]},
                1e9,
                None,
                ("allocation", "groups", 1, "cliff_days"),
                "the cliff of 'team' (400 days) comes after the end of its vesting (365 days from launch)",
            ),
            ({"groups": [line("a", 1.0)]}, 2e9, 1e9, ("genesis",), "above the maximum supply of 1,000,000,000"),
            (
                {"shares_of": "maximum", "groups": [line("a", 0.5), line("m", 0.5, "emission")]},
                4e8,
                1e9,
                ("allocation", "groups"),
                "hold 500,000,000 tokens, but genesis is 400,000,000: +100,000,000",
            ),
            (
                {"shares_of": "maximum", "groups": [line("a", 1.0)]},
                1e9,
                None,
                ("allocation", "shares_of"),
                "needs a maximum supply",
            ),
            (
                {"groups": [line("a", 0.5), line("m", 0.5, "emission")]},
                1e9,
                None,
                ("allocation", "groups", 1, "receiver"),
                "use shares_of: maximum",
            ),
            (
                {"groups": [line("a", 0.5), line("a", 0.5)]},
                1e9,
                None,
                ("allocation", "groups", 1, "group"),
                "'a' names 2 groups; names must differ",
            ),
        ],
    )
    def test_problems_are_explained(
        self,
        spec: dict[str, Any],
        genesis: float,
        maximum: float | None,
        path: tuple[str | int, ...],
        message: str,
    ) -> None:
        found = dict(check_allocation(table(**spec), genesis, maximum))
        assert message in found[path]

    def test_empty_table(self) -> None:
        with pytest.raises(ValidationError, match="the genesis table is empty"):
            table(groups=[])

    def test_unknown_receiver(self) -> None:
        with pytest.raises(ValidationError, match="'liquidity', 'speculators'"):
            table(groups=[line("a", 1.0, "insider")])
