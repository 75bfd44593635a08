"""Built-in rules against the numbers that the protocols themselves publish or test."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from catallaxy.sim.tokenomics.emission import EMISSIONS, EmissionContext, EmissionRule, HalvingByIssuance
from oracles import tokenomics as oracle

RAO = 10**9
EPOCH = 30 / 86_400  # Filecoin, days


def rule(**parameters: Any) -> EmissionRule:
    return EMISSIONS.build(parameters)


def context(base: int = RAO, start: date = date(2024, 1, 1), dt_days: float = 1.0, **counts: int) -> EmissionContext:
    return EmissionContext(step=0, dt_days=dt_days, start=start, base=base, **counts)


def tokens(emission: EmissionRule, first: EmissionContext, step: int = 0, steps: int = 1) -> float:
    return emission.horizon_total(replace(first, step=step), steps) / first.base


class TestBittensor:
    """opentensor/subtensor, coinbase/block_emission.rs."""

    tao = HalvingByIssuance(kind="halving-by-issuance", maximum=21_000_000, reward=1, block_seconds=12)

    @pytest.mark.parametrize(
        ("issued", "reward"),
        [
            (0, 1.0),
            (10_499_999, 1.0),
            (10_500_000, 0.5),
            (10_500_001, 0.5),
            (15_749_999, 0.5),
            (15_750_000, 0.25),
            (15_750_001, 0.25),
            (18_375_001, 0.125),
            (19_687_501, 0.0625),
            (20_343_751, 0.03125),
            (21_000_000, 0.0),
        ],
    )
    def test_reward_by_issuance(self, issued: int, reward: float) -> None:
        assert self.tao.block_reward(issued * RAO, RAO) == reward * RAO

    def test_thresholds_are_exact_to_the_rao(self) -> None:
        for number, threshold in enumerate((10_500_000, 15_750_000, 18_375_000, 19_687_500, 20_343_750)):
            assert self.tao.block_reward(threshold * RAO - 1, RAO) == RAO >> number
            assert self.tao.block_reward(threshold * RAO, RAO) == RAO >> (number + 1)

    def test_a_halving_every_10_500_000_blocks_without_recycling(self) -> None:
        days_of_blocks = replace(context(), dt_days=10_500_000 * 12 / 86_400)
        amounts = [tokens(self.tao, days_of_blocks, 0, n) for n in (1, 2, 3, 4)]
        assert amounts == [10_500_000, 15_750_000, 18_375_000, 19_687_500]

    def test_7200_a_day_and_3600_after_the_halving(self) -> None:
        assert self.tao.amount(context()) == 7_200 * RAO
        assert self.tao.amount(context(issued=10_500_000 * RAO)) == 3_600 * RAO

    def test_the_halving_falls_inside_a_step(self) -> None:
        near = 10_500_000 * RAO - 100 * RAO
        assert self.tao.amount(context(issued=near)) == 100 * RAO + 7_100 * RAO // 2

    @pytest.mark.parametrize("issued", [0, 10_499_999 * RAO + 7, 15_749_990 * RAO, 21_000_000 * RAO - 3])
    def test_against_the_chain_block_by_block(self, issued: int) -> None:
        minted = self.tao.amount(context(dt_days=0.05, issued=issued))
        assert issued + minted == oracle.bittensor_block_by_block(issued, 360)

    def test_recycling_delays_the_halving_and_burning_does_not(self) -> None:
        past = context(issued=10_510_000 * RAO)
        assert self.tao.amount(past) == 3_600 * RAO
        assert self.tao.amount(replace(past, recycled=20_000 * RAO)) == 7_200 * RAO
        assert self.tao.amount(replace(past, burned=20_000 * RAO)) == 3_600 * RAO

    def test_never_past_its_own_maximum(self) -> None:
        century = context(dt_days=36_525.0)
        assert 0.999 * 21e6 < tokens(self.tao, century) <= 21e6
        small = rule(kind="halving-by-issuance", maximum=10, reward=7, block_seconds=86_400)
        assert tokens(small, context(base=1), steps=50) == 10


class TestFilecoinSimpleMinting:
    """filecoin-project/specs-actors, TestSimpleReward.golden: attoFIL per epoch; 330M FIL, half-life 6 * 365 days."""

    simple = rule(kind="exponential-decay", pool=330_000_000, half_life_days=2190)

    @pytest.mark.parametrize(
        ("epoch", "atto"),
        [
            (5_000, 36_246_341_860_983_438_171),
            (10_000, 36_226_430_372_336_764_970),
            (100_000, 35_869_888_188_091_460_688),
            (235_000, 35_341_643_676_568_374_790),
            (500_000, 34_327_235_211_163_899_311),
            (2_555_000, 27_387_841_182_142_501_307),
        ],
    )
    def test_reward_to_the_18th_digit(self, epoch: int, atto: int) -> None:
        period_that_ends = context(base=10**18, dt_days=EPOCH)
        assert abs(self.simple.amount(replace(period_that_ends, step=epoch - 1)) - atto) <= 1

    def test_reward_at_epoch_0(self) -> None:
        # The chain's epoch 0 is the period before time 0: e**l times the first period after it.
        after = Decimal(self.simple.amount(context(base=10**18, dt_days=EPOCH)))
        before = after * (Decimal(2).ln() / (6 * 1_051_200)).exp()
        assert abs(before - 36_266_264_293_777_134_739) <= 2

    @pytest.mark.parametrize(
        ("epochs", "total"),
        [(190_080, 6_821_989.54), (276_480, 9_876_096.11), (1_051_200, 36_003_423.01), (6_307_200, 165_000_000.0)],
    )
    def test_cumulative(self, epochs: int, total: float) -> None:
        assert tokens(self.simple, context(), steps=epochs // 2880) == pytest.approx(total, rel=1e-6)

    def test_half_of_the_pool_after_six_years(self) -> None:
        assert tokens(self.simple, context(), steps=2190) == 165_000_000.0


class TestHelium:
    """HIP 20: 60M a year from 2019-08-01, halved every 2 years."""

    hnt = rule(kind="halving-by-time", initial={"per_year": 60e6}, every={"years": 2}, starts="2019-08-01")

    def test_year_by_year(self) -> None:
        years = []
        for year in range(2019, 2029):
            days = (date(year + 1, 8, 1) - date(year, 8, 1)).days
            years.append(tokens(self.hnt, context(start=date(year, 8, 1)), steps=days))
        assert years == [60e6, 60e6, 30e6, 30e6, 15e6, 15e6, 7.5e6, 7.5e6, 3.75e6, 3.75e6]

    def test_half_hour_epochs_of_year_one(self) -> None:
        epoch = context(start=date(2020, 8, 1), dt_days=1 / 48)
        assert int(tokens(self.hnt, epoch)) == 3_424

    def test_all_of_it_is_240_million(self) -> None:
        assert tokens(self.hnt, context(start=date(2019, 8, 1)), steps=365 * 100) == pytest.approx(240e6, rel=1e-9)

    def test_nothing_before_it_starts(self) -> None:
        assert tokens(self.hnt, context(start=date(2019, 1, 1)), steps=212) == 0
        assert tokens(self.hnt, context(start=date(2019, 1, 1)), steps=213) > 0


class TestOcean:
    """oceanprotocol/contracts VestingWalletHalving.sol; df-py test_vesting_schedule.py."""

    value = 503_370_000
    start = date(2025, 3, 13)
    ocean = rule(kind="halving-by-time", pool=value, every={"days": 1460}, starts="2025-03-13")

    @pytest.mark.parametrize(
        ("monday", "week"),
        [
            (date(2025, 3, 13), 1_206_708.9),
            (date(2029, 2, 22), 1_206_708.9),
            (date(2029, 3, 15), 603_354.452),
            (date(2033, 3, 17), 301_677.22),
            (date(2041, 3, 14), 75_419.3),
            (date(2045, 3, 14), 37_709.65),
        ],
    )
    def test_weekly(self, monday: date, week: float) -> None:
        assert tokens(self.ocean, context(start=monday), steps=7) == pytest.approx(week, rel=1e-6)

    def test_is_not_the_smooth_half_life(self) -> None:
        smooth = rule(kind="exponential-decay", pool=self.value, half_life_days=1460)
        assert tokens(smooth, context(), steps=7) == pytest.approx(1_670_077, rel=1e-3)

    def test_against_the_contract(self) -> None:
        first = context(start=self.start)
        for days in (1, 1459, 1460, 1461, 4000, 30_000):
            vested = oracle.ocean_vested(self.value * RAO, days * 86_400, 1460 * 86_400)
            assert self.ocean.horizon_total(first, days) == vested

    def test_weekly_before_the_halving_wallet(self) -> None:
        # df-py test_vesting_schedule.py: 150,000, 300,000 and 600,000 a week, then the wallet of 503.37M
        weekly = [("2023-03-16", 150_000), ("2024-03-14", 300_000), ("2024-09-12", 600_000)]
        rows = [{"from": day, "per_day": amount / 7} for day, amount in weekly]
        wallet = {"kind": "halving-by-time", "pool": self.value, "every": {"days": 1460}}
        farming = rule(
            kind="dated",
            rules=[{"rule": {"kind": "table", "rows": rows}}, {"from": "2025-03-13", "rule": wallet}],
        )
        for day, amount in [("2023-03-09", 0), *weekly, ("2025-03-13", 1_206_708.9), ("2029-03-15", 603_354.452)]:
            paid = tokens(farming, context(start=date.fromisoformat(day)), steps=7)
            assert paid == pytest.approx(amount, rel=1e-6)


class TestRender:
    """rendernetwork/RNPs RNP-006, RNP-018 and the published table: RENDER a month by year."""

    monthly = (760_567, 492_132, 492_132, 380_284, 335_544)
    totals = (9_126_804, 5_905_584, 5_905_584, 4_563_408, 4_026_528)
    rows = tuple({"from": f"{2023 + year}-11-01", "per_month": flow} for year, flow in enumerate(monthly))
    render = rule(kind="table", rows=rows)

    def test_every_month_pays_its_line(self) -> None:
        for number in range(60):
            year, month = 2023 + (10 + number) // 12, (10 + number) % 12 + 1
            begin = date(year, month, 1)
            end = date(year + month // 12, month % 12 + 1, 1)
            paid = tokens(self.render, context(start=begin), steps=(end - begin).days)
            assert paid == self.monthly[number // 12]

    def test_year_totals_and_what_is_left(self) -> None:
        years = [
            tokens(self.render, context(start=date(y, 11, 1)), steps=(date(y + 1, 11, 1) - date(y, 11, 1)).days)
            for y in range(2023, 2028)
        ]
        assert years == list(self.totals)
        assert 107_374_182 - sum(years) == 77_846_274  # the published table says 77,846,282

    def test_rows_by_day(self) -> None:
        table = rule(kind="table", rows=[{"day": 0, "per_day": 10}, {"day": 3, "per_day": 1}, {"day": 5, "per_day": 0}])
        assert [tokens(table, context(), step) for step in range(7)] == [10, 10, 10, 1, 1, 0, 0]


class TestConstantFlows:
    def test_the_graph(self) -> None:
        # graphprotocol/contracts: 114.6935 + 6.0365 GRT per 12 s block
        graph = rule(kind="fixed-rate", tokens={"per_block": 120.73, "block_seconds": 12})
        assert tokens(graph, context(), steps=365) == 317_278_440

    def test_the_graph_until_2023(self) -> None:
        # 1.000000012184945188 per 13 s block is 3.00000 % in 365 days
        legacy = rule(kind="fixed-rate", share={"per_year": 0.03})
        supply = 10_000_000_000 * 10**18
        year = legacy.amount(context(base=10**18, dt_days=365.25, supply=supply))
        assert abs(year - 300_000_000 * 10**18) <= 1
        block = context(base=10**18, dt_days=13 / 86_400 * 365.25 / 365, supply=supply)
        assert legacy.amount(block) / supply == pytest.approx(1.2184945188e-8, rel=1e-8)

    def test_story(self) -> None:
        # piplabs/story x/mint: 24,625,000 a year over 6,311,520 blocks of 5 s
        by_year = rule(kind="fixed-rate", tokens={"per_year": 24_625_000})
        by_block = rule(kind="fixed-rate", tokens={"per_block": 3.901596, "block_seconds": 5})
        assert tokens(by_year, context(), steps=1461) == 4 * 24_625_000
        assert tokens(by_block, context(), steps=1461) == pytest.approx(4 * 24_625_000, rel=1e-6)

    #: autonolas-tokenomics TokenomicsConstants.sol: caps on supply by year, then 2 % a year.
    caps = (
        526_500_000, 543_648_331, 568_172_625, 593_432_648, 619_450_471,
        646_248_829, 673_851_138, 702_281_516, 731_564_805, 761_726_593,
    )  # fmt: skip

    def olas(self) -> EmissionRule:
        flows = [b - a for a, b in pairwise(self.caps)]
        rows = [{"from": f"{2022 + year}-07-01", "per_year": flow} for year, flow in enumerate(flows)]
        growth = {"kind": "fixed-rate", "share": {"per_year": 0.02}}
        return rule(
            kind="dated",
            rules=[{"rule": {"kind": "table", "rows": rows}}, {"from": "2031-07-01", "rule": growth}],
        )

    def test_olas_cap_by_cap(self) -> None:
        olas, supply = self.olas(), self.caps[0] * RAO
        for year, cap in enumerate(self.caps[1:]):
            begin = date(2022 + year, 7, 1)
            days = (date(2023 + year, 7, 1) - begin).days
            supply += olas.horizon_total(context(start=begin), days)
            assert supply == cap * RAO

    def test_olas_after_ten_years(self) -> None:
        supply = self.caps[-1] * RAO
        supply += self.olas().amount(context(start=date(2031, 7, 1), dt_days=365.25, supply=supply))
        assert supply / RAO == pytest.approx(776_961_124.86, abs=0.01)

    def test_aethir(self) -> None:
        # 6.3e9 ATH to 91,759 checker nodes over 1,460 days
        checkers = rule(kind="fixed-rate", tokens={"per_day": 6.3e9 / 1460})
        assert tokens(checkers, context()) / 91_759 == pytest.approx(47.0261, abs=1e-4)

    def test_fixed_supply(self) -> None:
        assert rule(kind="fixed-supply").amount(context()) == 0


class TestExponentialDecay:
    @pytest.mark.parametrize(
        ("epoch", "reward"),
        [
            (0, 285_000.0),
            (1, 284_864.657146),
            (100, 271_778.984843),
            (1_460, 142_449.732098),
            (2_920, 71_199.740964),
            (10_000, 2_465.733133),
        ],
    )
    def test_gonka(self, epoch: int, reward: float) -> None:
        # gonka bitcoin_rewards.go: 285,000 * exp(-0.000475 n) per daily epoch
        gonka = rule(kind="exponential-decay", first_period=285_000, decay={"per_day": 0.000475})
        assert tokens(gonka, context(), epoch) == pytest.approx(reward, abs=1e-6)

    def test_gonka_in_all(self) -> None:
        gonka = rule(kind="exponential-decay", first_period=285_000, decay={"per_day": 0.000475})
        assert tokens(gonka, context(dt_days=36_525.0)) == pytest.approx(600_142_511.28, abs=20)

    def test_arweave(self) -> None:
        # arweave ar_inflation.erl: yearly sums, tolerance 0.001 %; blocks of 2 minutes, 262,800 a year
        arweave = rule(kind="exponential-decay", pool=11_000_000, half_life_days=365)
        for year in range(10):
            assert tokens(arweave, context(), 365 * year, 365) == pytest.approx(5_500_000 / 2**year, rel=1e-5)
        block = context(base=10**12, dt_days=1 / 720)
        for height, reward in ((262_800, 14.5065049), (525_600, 7.2532525), (1_314_000, 0.9066566)):
            assert tokens(arweave, block, height) == pytest.approx(reward, rel=1e-5)

    def test_io_net(self) -> None:
        # docs.io.net: 3,333,333.33 in month 1, 1.02 % less every month, 240 months; -ln(1 - 0.0102) = 0.0102523765
        io = rule(
            kind="exponential-decay",
            first_period=3_333_333.33,
            period_days=30.4375,
            decay={"per_month": 0.010252376464351353},
        )
        assert tokens(io, context(dt_days=30.4375), 1) == pytest.approx(3_333_333.33 * (1 - 0.0102), rel=1e-9)
        assert tokens(io, context(dt_days=30.4375), 0, 240) == pytest.approx(298_893_386.6, rel=1e-6)

    def test_io_net_by_the_hour(self) -> None:
        # docs.io.net and what was observed from 2024-07 on (1kx-network/depin_tokenomics): 1.2 % apart at most
        io = rule(
            kind="exponential-decay",
            first_period=3_333_333.33,
            period_days=365 / 12,
            decay={"per_day": 0.010252376464351353 * 12 / 365},
        )
        published = (4566.2, 4519.6, 4473.5, 4427.9, 4382.7, 4338.0, 4293.8, 4250.0)
        observed = (4566, 4557, 4511, 4464, 4420, 4374, 4257, 4214)
        for month in range(8):
            hourly = tokens(io, context(dt_days=365 / 12), month) / 730
            assert hourly == pytest.approx(published[month], abs=0.05)
            assert hourly == pytest.approx(observed[month], rel=0.012)

    def test_against_floats(self) -> None:
        decay = rule(kind="exponential-decay", pool=1e6, decay={"per_day": 0.01})
        for begin, end in ((0, 1), (10, 400), (1_000, 2_000)):
            expected = oracle.exponential_total(1e6, 0.01, begin, end)
            assert tokens(decay, context(), begin, end - begin) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_bitcoin_cap() -> None:
    # Consensus rule: 50 BTC a block, halved every 210,000 blocks, whole satoshi: 20,999,999.9769 BTC in all
    interval = 210_000 * 600 / 86_400
    bitcoin = rule(kind="halving-by-time", initial={"per_block": 50, "block_seconds": 600}, every={"days": interval})
    assert bitcoin.horizon_total(context(base=10**8, dt_days=interval), 34) == 2_099_999_997_690_000


def test_stepped_halving_against_days() -> None:
    halving = rule(kind="halving-by-time", initial={"per_day": 1000}, every={"days": 90})
    for days in (1, 90, 91, 500, 1000):
        expected = oracle.stepped_halving_total(1000.0, 90, days)
        assert tokens(halving, context(), steps=days) == pytest.approx(expected, rel=1e-9)
