"""Rules of subnets against Bittensor's own numbers, in rao where the chain counts in rao, and their conformance."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from catallaxy import numba_kernels as nk
from catallaxy.sim.tokenomics.emission import HalvingByIssuance
from catallaxy.sim.tokenomics.subnets import (
    SHARES,
    AlphaSpec,
    FlowAverage,
    PriceAverage,
    ShareRule,
    SubnetTerms,
    SubnetView,
    divide,
    in_order,
    redeemed,
    terms_on,
    to_prune,
)
from catallaxy.sim.tokenomics.subnets.section import EntrySpec
from contracts.share_contract import ShareContract

RAO = 10**9
ALPHA = AlphaSpec()


def view(n: int, **columns: list[float]) -> SubnetView:
    """Return what a rule sees, zeros unless given."""
    values: dict[str, Any] = {name: np.zeros(n) for name in ("votes", "price", "inflow", "cost", "burned")}
    values |= {name: np.array(column, np.float64) for name, column in columns.items() if name != "live"}
    return SubnetView(np.array(columns.get("live", [1] * n), np.int8), **values)


def shares(kind: str, seen: SubnetView, **parameters: Any) -> list[float]:
    return SHARES.build({"kind": kind, **parameters}).shares(seen).tolist()


class TestShares:
    """opentensor/subtensor @14bc6f9f964b, pallets/subtensor/src/tests/coinbase.rs and subnet_emissions.rs."""

    @pytest.mark.parametrize(
        ("prices", "emission", "parts"),
        [
            ([1.0, 1.0, 1.0], 3_333_333, [1_111_111, 1_111_111, 1_111_111]),  # test_coinbase_tao_issuance_multiple
            ([1.0, 2.0], 100_000_000, [33_333_333, 66_666_666]),  # ..._different_prices, to 1 rao
            ([0.3], 1_234_567, [1_234_567]),  # ..._base
            ([0.3], 1, [1]),  # ..._base_low
        ],
    )
    def test_emission_follows_prices_in_rao(self, prices: list[float], emission: int, parts: list[int]) -> None:
        found = divide(emission, SHARES.build("price").shares(view(len(prices), price=prices)))
        assert np.abs(found - np.array(parts)).max() <= 1
        assert found.sum() == emission

    @pytest.mark.parametrize(
        ("inflow", "cutoff", "expected"),
        [
            ([1000.0, 3000.0, 6000.0], 0.0, [0.1, 0.3, 0.6]),
            ([1e-9, 2e-9], 0.0, [1 / 3, 2 / 3]),  # get_shares_low_flows_sum_one_and_ordering
            ([9e11, 1.8e12], 0.0, [1 / 3, 2 / 3]),  # get_shares_high_flows_...
            ([-100.0, 500.0], 0.0, [0.0, 1.0]),  # get_shares_negative_vs_positive_flow
            ([-100.0, -200.0], 0.0, [0.0, 0.0]),  # get_shares_both_negative_flows_zero_emission
            ([1000.0, 2000.0], 2000.0, [0.0, 0.0]),  # get_shares_both_below_cutoff_zero_emission
            ([1000.0, 2000.00001], 2000.0, [0.0, 1.0]),  # get_shares_one_below_cutoff_other_full_emission
            ([1000.0, 5000.0], 2000.0, [0.0, 1.0]),
            ([-100.0, -300.0, -400.0], -1000.0, [0.75, 0.25, 0.0]),  # get_shares_both_negative_above_cutoff
        ],
    )
    def test_emission_follows_flows(self, inflow: list[float], cutoff: float, expected: list[float]) -> None:
        seen = view(len(inflow), inflow=inflow)
        assert shares("flow", seen, cutoff=cutoff) == pytest.approx(expected, rel=1e-9, abs=1e-12)

    @pytest.mark.parametrize(
        ("exponent", "expected"),
        [(1.0, [0.2, 0.3, 0.5]), (2.0, [0.105263158, 0.236842105, 0.657894737])],  # pow_normalise
    )
    def test_flows_are_raised_to_a_power(self, exponent: float, expected: list[float]) -> None:
        assert shares("flow", view(3, inflow=[2, 3, 5]), exponent=exponent) == pytest.approx(expected, abs=1e-9)

    @pytest.mark.parametrize("exponent", [1.0, 1.1, 1.3, 1.5, 1.7, 1.9, 2.0])
    def test_fractional_powers_are_within_a_percent_of_the_chain(self, exponent: float) -> None:
        # inplace_pow_normalize_fractional_exponent: z**p / sum of z**p, to 1 %
        total = 2**exponent + 3**exponent + 5**exponent
        expected = [z**exponent / total for z in (2, 3, 5)]
        assert shares("flow", view(3, inflow=[2, 3, 5]), exponent=exponent) == pytest.approx(expected, rel=1e-9)

    def test_costs_are_scaled_to_demand_and_gains_are_not(self) -> None:
        # user 60 + 40 against cost 150 + 50: scaled by one half, 60 - 75 < 0 and 40 - 25 = 15
        assert shares("net-flow", view(2, inflow=[60, 40], cost=[150, 50])) == [0.0, 1.0]
        # costs below demand count in full, 60 - 30 = 30 and 40 - 10 = 30; a negative cost is a gain, 20 + 10 = 30
        assert shares("net-flow", view(3, inflow=[60, 40, 20], cost=[30, 10, -10])) == pytest.approx([1 / 3] * 3)
        # nobody pays in: no positive cost is deducted
        assert shares("net-flow", view(2, inflow=[-5, -5], cost=[10, -20])) == [0.0, 1.0]

    def test_what_miners_are_not_paid_lowers_a_share_that_others_get(self) -> None:
        seen = view(3, price=[0.4, 0.4, 0.2], burned=[0.0, 0.5, 1.0])
        assert shares("price", seen) == pytest.approx([0.4, 0.4, 0.2])
        assert shares("price-after-burn", seen) == pytest.approx([2 / 3, 1 / 3, 0.0])

    def test_votes_count_by_stake_and_empty_slots_get_nothing(self) -> None:
        assert shares("root-votes", view(3, votes=[1, 3, 4], live=[1, 1, 0])) == pytest.approx([0.25, 0.75, 0.0])


class TestAverages:
    """opentensor/subtensor @14bc6f9f964b, tests/coinbase.rs (price) and lib.rs (flow)."""

    def test_fourteen_updates_28_days_after_registration(self) -> None:
        rule, average = PriceAverage(smoothing=0.1), 0.0  # test_coinbase_moving_prices
        for _ in range(14):
            average = rule.after(average, 1.0, 7_200 * 28 - 1)
        assert average == pytest.approx(0.512325, abs=0.001)

    def test_slow_at_first_and_at_full_weight_later(self) -> None:
        rule = PriceAverage(smoothing=0.5)
        assert 0.0 < rule.after(0.0, 1.0, 10) < 0.001  # test_update_moving_price_initial
        assert rule.after(0.0, 1.0, 144_000_000) == pytest.approx(0.5, abs=0.001)  # ..._after_time

    def test_prices_above_the_ceiling_count_as_the_ceiling(self) -> None:
        assert PriceAverage().after(0.2, 7.0, 10**6, 7200) == PriceAverage().after(0.2, 1.0, 10**6, 7200)
        assert PriceAverage(smoothing=1.0).after(0.0, 1.0, 7_200_000) == pytest.approx(1.0, abs=0.05)

    def test_half_life_of_flows(self) -> None:
        rule = FlowAverage()
        assert rule.smoothing == pytest.approx(3.209009576e-06, rel=1e-6)
        assert rule.smoothing * 2**63 == pytest.approx(29_597_889_189_277, rel=1e-6)
        faded = rule.after(np.array([8.0, -4.0]), np.array([0, 0]), 216_000)
        assert faded.tolist() == pytest.approx([4.0, -2.0])

    @given(st.floats(-1e9, 1e9), st.integers(-(10**15), 10**15), st.integers(1, 500))
    def test_flows_average_as_block_by_block(self, average: float, flow: int, blocks: int) -> None:
        rule, expected = FlowAverage(half_life_blocks=100), average
        for _ in range(blocks):
            expected += rule.smoothing * (flow / blocks - expected)
        found = rule.after(np.array([average]), np.array([flow]), blocks)
        assert found[0] == pytest.approx(expected, rel=1e-9, abs=1e-6)


class TestAlpha:
    """opentensor/subtensor @14bc6f9f964b, run_coinbase.rs and block_emission.rs; vectors of the split in 1e-8."""

    @pytest.mark.parametrize(
        ("issued", "reward"),
        [(0, 1.0), (10_499_999, 1.0), (10_500_001, 0.5), (15_749_999, 0.5), (15_750_001, 0.25), (21_000_000, 0.0)],
    )
    def test_halves_as_the_token_does(self, issued: int, reward: float) -> None:
        token = HalvingByIssuance(kind="halving-by-issuance", maximum=21e6, reward=1, block_seconds=12)
        assert ALPHA.reward(issued * RAO, RAO) == reward * RAO == token.block_reward(issued * RAO, RAO)

    def block(self, **changes: Any) -> np.ndarray[Any, Any]:
        """Return what a block brings to a subnet that has 1 alpha for every token in its pool."""
        slots = nk.subnet_emission.Slots(
            np.array([[changes.get("alpha", 10**6 * RAO), changes.get("tao", 10**6 * RAO), 0]], np.int64),
            np.ones(1, np.int8),
            np.array([2 * 10**6 * RAO]),
            np.zeros(1, np.int64),
            np.zeros(1),
            np.zeros(1),
        )
        rules = ALPHA.rules(changes.get("terms", SubnetTerms()), RAO, changes.get("root", 0), 1.0)
        tally = np.zeros((1, nk.subnet_emission.TALLY), np.int64)
        emission = np.array([changes.get("emission", 0)], np.int64)
        nk.subnet_emission.emit(slots, emission, rules, PriceAverage().clock(1, 360), tally)
        return tally[0]

    def test_is_split_18_41_41(self) -> None:
        k, tally = nk.subnet_emission, self.block()
        assert tally[k.OWNER] / RAO == pytest.approx(0.17999542, abs=1e-8)
        assert tally[k.MINERS] / RAO == pytest.approx(0.41000229, abs=1e-8)
        assert (tally[k.VALIDATORS] + tally[k.STAKERS]) / RAO == pytest.approx(0.41000229, abs=1e-8)
        assert tally[: k.STAKERS + 1].sum() == RAO

    def test_root_gets_its_proportion_of_what_validators_pass_on(self) -> None:
        k, tally = nk.subnet_emission, self.block(root=10**7 * RAO)
        proportion = 0.18 * 10**7 / (0.18 * 10**7 + 2 * 10**6)
        assert tally[k.SOLD] / (tally[k.SOLD] + tally[k.STAKERS]) == pytest.approx(proportion, rel=1e-6)
        assert tally[k.FETCHED] == pytest.approx(tally[k.SOLD] * (1.0 - ALPHA.fee), rel=1e-5)

    def test_tokens_go_in_at_the_price_up_to_the_emission_of_alpha(self) -> None:
        k = nk.subnet_emission
        # test_coinbase_subnet_terms_with_alpha_in_lte_alpha_emission: 34,566,756 rao at price 1
        below = self.block(emission=34_566_756)
        assert (below[k.INJECTED], below[k.PAIRED], below[k.SPENT]) == (34_566_756, 34_566_756, 0)
        # ..._gt_alpha_emission: at price 0.01 more than the cap allows, the rest is excess
        above = self.block(emission=RAO, tao=10**4 * RAO)
        assert (above[k.PAIRED], above[k.INJECTED], above[k.SPENT]) == (RAO, RAO // 100, RAO - RAO // 100)
        # test_get_subnet_terms_alpha_emissions_cap: 1e8 rao below and 1e10 rao above root's proportion of it
        terms = SubnetTerms(cap="root-proportion")
        root, proportion = 10**8 * RAO, 0.18 * 10**8 / (0.18 * 10**8 + 2 * 10**6)
        assert self.block(emission=10**8, root=root, terms=terms)[k.PAIRED] == 10**8
        assert self.block(emission=10**10, root=root, terms=terms)[k.PAIRED] == pytest.approx(proportion * RAO, abs=1)

    def test_the_swap_fee_is_33_of_65535(self) -> None:
        assert ALPHA.fee == pytest.approx(0.000503547722590982, rel=1e-12)

    def test_the_fee_stays_in_the_pool(self) -> None:
        assert ALPHA.paid_out(10**6 * RAO, 10**6 * RAO, RAO) == pytest.approx(RAO * (1 - ALPHA.fee), rel=2e-6)


class TestSlots:
    """opentensor/subtensor, root.rs `get_network_to_prune` and remove_stake.rs."""

    live, age = np.ones(4, np.int8), np.array([500, 900, 900, 100])

    def test_the_lowest_average_price_that_is_not_immune_makes_room(self) -> None:
        average = np.array([0.3, 0.2, 0.4, 0.1])
        assert to_prune(self.live, average, self.age, 400) == 1
        assert to_prune(self.live, average, self.age, 0) == 3
        assert to_prune(np.array([1, 0, 1, 0], np.int8), average, self.age, 0) == 0
        assert to_prune(self.live, average, self.age, 1000) is None

    def test_of_equals_the_oldest_makes_room(self) -> None:
        assert to_prune(self.live, np.full(4, 0.2), self.age, 0) == 1

    @given(st.integers(0, 2**62), st.lists(st.integers(0, 2**55), min_size=1, max_size=20))
    def test_holders_get_their_part_of_the_pot_and_never_more_than_it(self, pot: int, holdings: list[int]) -> None:
        parts = [redeemed(pot, alpha, sum(holdings)) for alpha in holdings]
        assert pot - len(holdings) < sum(parts) <= pot or not any(holdings)


def test_the_lock_cost_falls_back_in_half_the_time_after_a_halving() -> None:
    # root.rs, get_lock_reduction_interval: 14 * 7,200 blocks times the emission of a block over 1 TAO
    entry = EntrySpec(lock_block_emission=1.0)
    assert [entry.interval(emission) for emission in (1.0, 0.5, 0.25, 0.0)] == [100_800, 50_400, 25_200, 1]
    assert entry.cost(1000 * RAO, 50_400, RAO, 0.5) == 1_000_000_042_400
    assert entry.cost(1000 * RAO, 50_400, RAO, 1.0) == 1_500_000_046_400
    assert EntrySpec().cost(1000 * RAO, 50_400, RAO, 0.5) == EntrySpec().cost(1000 * RAO, 50_400, RAO, 1.0)


def test_terms_follow_one_another() -> None:
    dates = [None, dt.date(2025, 11, 5), dt.date(2026, 5, 20)]
    terms = in_order([SubnetTerms.model_validate({"from": day}) for day in dates])
    assert terms_on(terms, dt.date(2024, 1, 1)) is terms[0]
    assert terms_on(terms, dt.date(2025, 11, 5)) is terms[1]
    assert terms_on(terms, dt.date(2026, 5, 19)) is terms[1]
    assert terms_on(terms[1:], dt.date(2025, 11, 4)) is None


def test_every_share_rule_is_named_and_described() -> None:
    assert {*SHARES} == {"root-votes", "price", "flow", "net-flow", "price-after-burn"}
    with pytest.raises(ValidationError, match=r"unknown share rule 'prices'; known: .*did you mean 'price'"):
        SubnetTerms.model_validate({"shares": "prices"})


@pytest.mark.parametrize("kind", [*SHARES])
class TestBuiltInRules(ShareContract):
    @pytest.fixture
    def rule(self, kind: str) -> ShareRule:
        return SHARES.build(kind)


class TestFlowsAboveACutoff(ShareContract):
    @pytest.fixture
    def rule(self) -> ShareRule:
        return SHARES.build({"kind": "net-flow", "cutoff": -100.0, "exponent": 1.5})
