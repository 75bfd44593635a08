"""Rules that answer to the economy, against the numbers that the protocols themselves publish or test."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from catallaxy.agents.rates import Rate
from catallaxy.sim.tokenomics.emission import (
    EMISSIONS,
    EmissionContext,
    EmissionRule,
    NetworkBaseline,
    Span,
    StakingDrift,
)
from catallaxy.sim.tokenomics.emission_baseline import network_time
from catallaxy.sim.tokenomics.emission_rounds import ONE
from contracts.emission_contract import run

EPOCH = 30 / 86_400  # Filecoin, days
GOLDEN = Path(__file__).parents[4] / "shared" / "data" / "vectors"


def rule(**parameters: Any) -> EmissionRule:
    return EMISSIONS.build(parameters)


def context(base: int = 10**9, start: date = date(2024, 1, 1), dt_days: float = 1.0, **counts: Any) -> EmissionContext:
    return EmissionContext(step=0, dt_days=dt_days, start=start, base=base, **counts)


def golden(name: str) -> list[tuple[int, ...]]:
    path = GOLDEN / f"filecoin_{name}.golden.csv"
    if not path.exists():
        pytest.skip("the full table of specs-actors is not part of the repository; a sample of it is tested above")
    with path.open(encoding="utf-8") as file:
        return [tuple(map(int, row)) for row in list(csv.reader(file))[1:]]


class TestFilecoinBaselineMinting:
    """filecoin-project/specs-actors, TestBaselineReward.golden and TestComputeRTeta: 770M FIL, epochs of 30 s."""

    parameters: ClassVar[dict[str, Any]] = {"kind": "network-baseline", "pool": 770_000_000, "half_life_days": 2190}
    clock = NetworkBaseline(**parameters, baseline=1)
    growing = NetworkBaseline(**parameters, baseline=2_888_888_880_000_000_000, doubling_days=365)

    def reward(self, begin: int) -> int:
        """What an epoch at full capacity pays when network time, in units of 2**-128 epochs, is `begin`."""
        return self.clock.amount(context(base=10**18, dt_days=EPOCH, capacity=1.0, memory=(begin,)))

    @pytest.mark.parametrize(
        ("theta", "atto"),
        [
            (0, 84_621_274_052_457_285_111),
            (1_701_411_834_604_692_317_316_873_037_158_763_279_502_223, 84_574_788_381_047_331_439),
            (3_402_823_669_209_384_634_633_746_074_317_526_559_004_446, 84_528_328_245_977_625_901),
            (5_104_235_503_814_076_951_950_619_111_476_289_838_506_669, 84_481_893_633_220_089_447),
        ],
    )
    def test_reward_by_network_time(self, theta: int, atto: int) -> None:
        assert abs(self.reward(theta) - atto) <= 1

    def test_the_whole_golden_table(self) -> None:
        rows = golden("TestBaselineReward")
        assert len(rows) == 512
        for begin, end, atto in rows:
            assert abs(end - begin - (1 << 128)) < 1 << 64
            assert abs(self.reward(begin) - atto) <= 1

    def test_the_whole_golden_table_of_simple_minting(self) -> None:
        simple = rule(kind="exponential-decay", pool=330_000_000, half_life_days=2190)
        rows = golden("TestSimpleReward")
        assert len(rows) == 512
        first = context(base=10**18, dt_days=EPOCH)
        for epoch, atto in rows[1:]:
            assert abs(simple.amount(replace(first, step=epoch - 1)) - atto) <= 1

    @pytest.mark.parametrize(
        ("epoch", "exbibytes"), [(0, 2.50571168), (1_051_200, 5.01142336), (3_153_600, 20.04569343)]
    )
    def test_baseline(self, epoch: int, exbibytes: float) -> None:
        assert self.growing.baseline_at(epoch) / 2**60 == pytest.approx(exbibytes, rel=1e-6)

    @pytest.mark.parametrize(
        ("epoch", "baseline", "realized", "required", "effective"),
        [
            (1, 4096, 2048 + 4096 * 0.5, 2048 + 4096, 0.5),
            (1, 4096, 2048 + 4096 * 0.25, 2048 + 4096, 0.25),
            (16, 17 * 2048, 2048 * (136 + 17 / 4), 2048 * (136 + 17), 15.25),
        ],
    )
    def test_network_time(self, epoch: int, baseline: int, realized: float, required: int, effective: float) -> None:
        found = network_time(Decimal(epoch), Decimal(baseline), Decimal(realized), Decimal(required))
        assert found == Decimal(effective)

    def test_keeps_pace_with_the_clock_above_the_baseline_and_stops_without_capacity(self) -> None:
        plenty = context(capacity=1e30, dt_days=365.0)
        issue = self.growing.issue(plenty)
        assert float(self.growing.effective_time(issue.memory[0])) == pytest.approx(1_051_200, rel=1e-15)  # type: ignore[arg-type]
        assert issue.amount == self.growing.paid(Decimal(1_051_200), plenty.base)
        later = replace(plenty, step=1, capacity=0.0, memory=issue.memory)
        assert self.growing.issue(later) == (0, issue.memory)

    def test_epoch_by_epoch(self) -> None:
        """One epoch at a time, in floats: the loop that the chain runs."""
        capacity, baseline = 3.0, 2.0
        small = NetworkBaseline(
            kind="network-baseline",
            pool=1e6,
            half_life_days=20,
            baseline=baseline,
            doubling_days=30,
            epoch_seconds=86_400,
        )
        realized, required, epoch = 0.0, baseline, 0
        for day in range(60):
            realized += min(baseline * 2 ** (day / 30), capacity)
            while required < realized:
                epoch += 1
                required += baseline * 2 ** (epoch / 30)
        effective = epoch + 1 - (required - realized) / (baseline * 2 ** (epoch / 30))
        assert effective < 50
        expected = 1e6 * (1 - 2 ** (-effective / 20))
        assert small.amount(context(dt_days=60.0, capacity=capacity)) / 10**9 == pytest.approx(expected, rel=1e-9)

    def test_capacity_from_a_driver_or_a_table(self) -> None:
        own = rule(**self.parameters, baseline=100)
        driven = rule(**self.parameters, baseline=100, driver="storage")
        rows = [{"from": "2023-01-01", "capacity": 50}, {"from": "2024-01-02", "capacity": 70}]
        replay = rule(**self.parameters, baseline=100, rows=rows)
        at = {capacity: own.amount(context(capacity=capacity)) for capacity in (50.0, 70.0)}
        assert driven.amount(context(capacity=9.0, drivers={"storage": 70.0})) == at[70.0]
        assert replay.amount(context(capacity=9.0)) == at[50.0]
        both = [
            run(rule(**self.parameters, baseline=100, rows=rows), context(dt_days=days), n)
            for days, n in ((1, 2), (2, 1))
        ]
        assert sum(both[0]) == sum(both[1]) > 2 * at[50.0]


class TestLivepeer:
    """livepeer/protocol: test/unit/Minter.js, LIP-40 (parts per 10**9) and LIP-100 (yearly figures)."""

    @pytest.mark.parametrize(
        ("change", "staked", "inflation"),
        [
            (0.0003e-2, 600, 0.0452e-2),
            (0.00005e-2, 600, 0.04545e-2),
            (0.0003e-2, 400, 0.0458e-2),
            (0.0003e-2, 500, 0.0455e-2),
            (0.05e-2, 600, 0.0),
        ],
    )
    def test_one_step(self, change: float, staked: int, inflation: float) -> None:
        minter = rule(kind="staking-step", start=0.0455e-2, change=change, every={"days": 1})
        issue = minter.issue(context(supply=1000 * 10**9, staked=staked * 10**9))
        assert issue.memory[1] == round(inflation * 10**9)
        assert issue.amount == 1000 * round(inflation * 10**9)

    @pytest.mark.parametrize(("parts", "yearly"), [(750_000, 0.36717), (50_000, 0.021076)])
    def test_a_year(self, parts: int, yearly: float) -> None:
        minter = rule(kind="staking-step", start=parts / 10**9, change=0.0, every={"days": 0.875})
        first = context(supply=10**16)
        assert sum(run(minter, first, 365)) / first.supply == pytest.approx(yearly, rel=3e-5)

    def test_rounds_on_arbitrum(self) -> None:
        minter = rule(kind="staking-step", start=218_500e-9, change=500e-9, every={"days": 0.875})
        memory = minter.issue(context(supply=10**16, staked=4 * 10**15, dt_days=7.0)).memory
        assert memory[1] == 218_500 + 8 * 500


class TestAllora:
    """allora-network/allora-chain, x/emissions/keeper/emissions_test.go."""

    def emission(self, **parameters: Any) -> EmissionRule:
        given = {"pool": 200_000, "maximum": 12_000_000, "share": 0.015, "every": {"months": 1}, **parameters}
        return rule(kind="staking-target-yield", **given)

    def counts(self, **changes: Any) -> EmissionContext:
        base = 10**9
        return context(dt_days=31.0, staked=400 * base, circulating=10_000_000 * base, supply=10**7 * base, **changes)

    def test_target(self) -> None:
        issue = self.emission(highest_yield=10).issue(self.counts())
        assert issue.memory[1] == 6.25 * ONE
        assert issue.amount == 2_500 * 10**9

    def test_average(self) -> None:
        # target 1,000 after 800 with weight 0.1 is 820
        allora = self.emission(share=1, pool=480_000, weight=0.1, highest_yield=1e6)
        assert allora.issue(self.counts(memory=(0, 800 * ONE))).memory[1] == 820 * ONE

    def test_ceiling(self) -> None:
        allora = self.emission(highest_yield=0.009488792934583046, to_stakers=0.5)
        memory = allora.issue(self.counts()).memory
        assert memory[1] / ONE == pytest.approx(0.01897758586916609, rel=1e-15)  # type: ignore[operator]

    def test_never_more_than_is_left(self) -> None:
        greedy = self.emission(share=1, highest_yield=1e6, weight=1)
        everywhere = replace(self.counts(), circulating=24_000_000 * 10**9)
        assert sum(run(greedy, everywhere, 30)) == 200_000 * 10**9

    def test_nothing_is_paid_while_nothing_is_staked(self) -> None:
        assert self.emission().amount(replace(self.counts(), staked=0)) == 0


class TestAkash:
    """akash-network/node x/inflation: 48.546257 % a year from 2021-03-08, halved in 2.10306569 years."""

    akash = StakingDrift(
        kind="staking-drift",
        start=Rate(0.48546257),
        half_life_days=2.10306569 * 365.25,
        every=Span(days=1),
        starts=date(2021, 3, 8),
    )

    @pytest.mark.parametrize(
        ("year", "inflation"), [(0, 48.546257), (1, 34.915), (2, 25.112), (3, 18.061), (4, 12.990)]
    )
    def test_ideal(self, year: int, inflation: float) -> None:
        assert self.akash.ideal(round(year * 365.25 * 86_400e6)) / ONE * 100 == pytest.approx(inflation, abs=6e-4)

    @pytest.mark.parametrize(("staked", "band"), [(10**14, 1.05), (9 * 10**14, 0.95)])
    def test_is_held_in_the_band(self, staked: int, band: float) -> None:
        first = context(start=date(2022, 3, 8), supply=10**15, staked=staked)
        memory: Any = ()
        for now in first.steps(200):
            memory = self.akash.issue(now.remembering(memory)).memory
        ideal = self.akash.ideal((365 + 199) * 86_400_000_000)
        assert memory[1] == pytest.approx(ideal * band, rel=1e-12)

    def test_drift_with_nothing_staked(self) -> None:
        slow = self.akash.model_copy(update={"band": 0.9})
        first = context(start=date(2021, 3, 8), supply=10**15)
        memory: Any = slow.issue(first).memory
        assert (memory[1] - slow.ideal(0)) / ONE == pytest.approx(1 / 365.25, rel=1e-9)


class TestPid:
    def follow(self, steps: int, **gains: float) -> tuple[list[float], list[float]]:
        """A staked share that rises with inflation: where it settles, and the inflation that holds it there."""
        pid = rule(kind="staking-pid", resting={"per_year": 0.02}, every={"days": 1}, target=0.6, **gains)
        supply, share, memory = 10**15, 0.2, ()
        shares, inflations = [], []
        for step in range(steps):
            now = context(supply=supply, staked=int(share * supply), memory=memory)
            amount, memory = pid.issue(replace(now, step=step))  # type: ignore[assignment]
            inflations.append(amount / supply * 365.25)
            share += 0.05 * (min(1.0, 5 * inflations[-1]) - share)
            shares.append(share)
        return shares, inflations

    def test_the_sum_of_the_gap_brings_the_share_to_its_target(self) -> None:
        shares, inflations = self.follow(2_000, proportional=0.1, integral=2.0, highest=0.5)
        assert shares[-1] == pytest.approx(0.6, abs=1e-3)
        assert inflations[-1] == pytest.approx(0.12, abs=1e-3)

    def test_without_it_a_gap_is_left(self) -> None:
        shares, _ = self.follow(2_000, proportional=0.1)
        assert shares[-1] == pytest.approx((0.02 + 0.1 * 0.6) * 5 / 1.5, abs=1e-3)

    def test_the_sum_does_not_wind_up_at_a_bound(self) -> None:
        pid = rule(
            kind="staking-pid", resting={"per_year": 0.0}, proportional=1, integral=1, highest=0.1, every={"days": 1}
        )
        memory: Any = ()
        for now in context(supply=10**15).steps(500):
            memory = pid.issue(now.remembering(memory)).memory
        assert memory[1] == 0
        assert memory[0] == 10**14 * 86_400_000_000 // 31_557_600_000_000

    def test_the_change_of_the_gap_counts(self) -> None:
        calm, quick = ({"proportional": 0.1, "derivative": gain} for gain in (0.0, 0.01))
        assert self.follow(3, **calm)[1][0] == self.follow(3, **quick)[1][0]
        assert self.follow(3, **calm)[1][2] != self.follow(3, **quick)[1][2]


class TestHeliumNetEmissions:
    """helium/HIP 0020 and helium-program-library: 34.24 HNT per 30-minute epoch, averaged over 7 epochs."""

    base = 10**8
    again = rule(kind="reissue-burned", ceiling=34.24, every={"days": 1 / 48})

    def epochs(self, burned: list[int]) -> list[int]:
        memory: Any = ()
        amounts = []
        for step, total in enumerate(burned):
            now = context(base=self.base, dt_days=1 / 48, burned=total, memory=memory)
            amount, memory = self.again.issue(replace(now, step=step))
            amounts.append(amount)
        return amounts

    def test_the_average_of_the_program(self) -> None:
        assert self.epochs([0, 7 * self.base, 7 * self.base, 7 * self.base]) == [
            0, self.base, self.base * 6 // 7, self.base * 6 // 7 * 6 // 7
        ]  # fmt: skip

    def test_the_ceiling(self) -> None:
        amounts = self.epochs([1000 * self.base * epoch for epoch in range(50)])
        assert max(amounts) == amounts[-1] == 3_424_000_000

    def test_what_was_burned_before_the_run_is_not_minted_again(self) -> None:
        assert self.epochs([500 * self.base] * 3) == [0, 0, 0]
