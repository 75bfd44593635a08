"""Burn-and-mint with credits against Akash's own numbers, and what must hold for any."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.tokenomics.sinks import CREDITS, BurnAndMint
from catallaxy.sim.tokenomics.sinks.credits import Status
from contracts.credits_contract import CreditsContract

AKT = 10**6  # uakt
DOLLARS = 10**6  # micro-dollars


def rule(**parameters: Any) -> BurnAndMint:
    built = CREDITS.build({"kind": "burn-and-mint", **parameters})
    assert isinstance(built, BurnAndMint)
    return built


class TestAkash:
    """Akash AEP-76, and burn_mint_test.go and keeper_test.go of akash-network/node."""

    @pytest.mark.parametrize(
        ("price", "minted", "net"), [(1.5, 666.666667, -210.526316), (0.9, 1111.111111, 233.918129)]
    )
    def test_a_thousand_dollars_bought_at_1_14_and_settled(self, price: float, minted: float, net: float) -> None:
        burned = rule().tokens_for(1000 * DOLLARS, 1.14, AKT)
        settled = rule().settle(1000 * DOLLARS, price, AKT)
        assert burned / AKT == pytest.approx(877.192982, abs=1.1e-6)
        assert settled.minted / AKT == pytest.approx(minted, abs=1.1e-6)
        assert (settled.minted - burned) / AKT == pytest.approx(net, abs=2.1e-6)
        assert settled.paid == settled.minted

    def test_finer_base_units_meet_the_published_digits(self) -> None:
        base = 10**9
        burned = rule().tokens_for(1000 * DOLLARS, 1.14, base)
        assert burned / base == pytest.approx(877.192982, abs=1e-6)
        for price, minted, net in ((1.5, 666.666667, -210.526316), (0.9, 1111.111111, 233.918129)):
            got = rule().settle(1000 * DOLLARS, price, base).minted
            assert got / base == pytest.approx(minted, abs=1e-6)
            assert (got - burned) / base == pytest.approx(net, abs=1e-6)

    def test_spread_at_settlement(self) -> None:
        assert rule(settlement_spread_bps=100).settle(1_000_000, 3.0, AKT) == (333_333, 330_000)

    @pytest.mark.parametrize(
        ("bps", "blocks"), [(9500, 10), (9490, 11), (9480, 12), (9450, 16), (9400, 25), (9200, 174), (9100, 452)]
    )
    def test_epochs_back_off(self, bps: int, blocks: int) -> None:
        assert rule().epoch(Fraction(bps, 10_000)) == blocks

    def test_epochs_are_short_above_the_warning_and_bounded_below(self) -> None:
        assert rule().epoch(None) == rule().epoch(Fraction(3)) == rule().epoch(Fraction(96, 100)) == 10
        assert rule().epoch(Fraction(0)) == rule().epoch(Fraction(9, 10)) == 1173
        assert rule().epoch_us(None) == 60_000_000

    def test_breaker(self) -> None:
        assert rule().status(None) == rule().status(Fraction(95, 100)) == "healthy"
        assert rule().status(Fraction(9499, 10_000)) == rule().status(Fraction(9, 10)) == "warning"
        assert rule().status(Fraction(8999, 10_000)) == "halted"


def test_helium_data_credits_cost_a_thousandth_of_a_cent_and_mint_nothing() -> None:
    # helium/HIP 0020: 1 DC = $0.00001; at $4 an HNT (10**8 bones) brings 400,000 of them
    helium = rule(credit_usd=0.00001, settled=0.0)
    credited = helium.credited(10**8, 4.0, 10**8)
    assert credited / DOLLARS / helium.credit_usd == pytest.approx(400_000)
    assert helium.credited(3, 4.0, 10**8) == 0
    assert helium.settle(credited, 4.0, 10**8) == (0, 0)


prices = st.floats(1e-6, 1e6)
spreads = st.integers(0, 10_000)


@given(st.integers(0, 10**15), prices, st.sampled_from([1, 10**6, 10**9]))
def test_users_pay_up_and_get_no_more_than_they_paid_for(usd: int, price: float, base: int) -> None:
    bought = rule()
    tokens = bought.tokens_for(usd, price, base)
    assert bought.settle(usd, price, base).minted <= tokens <= usd * base / (price * 1e6) * (1 + 1e-12) + 1
    assert bought.credited(tokens, price, base) <= usd + price * 1e6 / base + 1
    assert bought.credited(tokens, price, base) >= usd - 1


@given(st.integers(0, 10**15), prices, spreads, spreads, st.floats(0, 1))
def test_spreads_and_rounding_never_favour_the_user(usd: int, price: float, buy: int, sell: int, share: float) -> None:
    spread = rule(purchase_spread_bps=buy, settlement_spread_bps=sell, settled=share)
    minted, paid = spread.settle(usd, price, 10**9)
    assert 0 <= paid <= minted <= rule().settle(usd, price, 10**9).minted
    assert paid >= minted * (10_000 - sell) // 10_000
    tokens = rule().tokens_for(usd, price, 10**9)
    assert 0 <= spread.credited(tokens, price, 10**9) <= rule().credited(tokens, price, 10**9)


def test_sentences() -> None:
    assert CREDITS.build("none").describe() == "Users pay in dollars."
    assert rule(settled=0.5).describe() == (
        "Credits of $1 pay 1 of providers' revenue; tokens are minted for 0.5 of those used."
    )


class TestBuiltIn(CreditsContract):
    @pytest.fixture(
        params=[{}, {"credit_usd": 0.00001, "settled": 0.0}, {"settlement_spread_bps": 100, "settled": 0.7}]
    )
    def rule(self, request: pytest.FixtureRequest) -> BurnAndMint:
        return rule(**request.param)


class TestCautious(CreditsContract):
    """Credits that anybody could write: they are sold only where there is twice the collateral."""

    class Cautious(BurnAndMint):
        def status(self, ratio: Fraction | None) -> Status:
            return "halted" if ratio is not None and ratio < 2 else "healthy"

    @pytest.fixture
    def rule(self) -> BurnAndMint:
        return self.Cautious(kind="cautious")
