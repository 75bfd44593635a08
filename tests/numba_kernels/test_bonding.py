"""The power bonding curve against sixty digits, and against the square-root curve that can be written down."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import example, given, strategies as st

from catallaxy.numba_kernels import bonding
from oracles.pools import minted_reference, redeemed_reference

RATIOS = st.one_of(st.sampled_from([0.05, 0.5, 1.0]), st.floats(0.05, 1.0))
MAGNITUDES = st.floats(-18.0, 30.0).map(lambda e: 10.0**e)
SHARES = st.one_of(st.just(0.0), st.floats(1e-15, 3.0))


@given(MAGNITUDES, MAGNITUDES, SHARES, RATIOS)
@example(1.0, 1.0, 0.0, 0.5)
def test_dollars_mint_what_sixty_digits_say(reserve: float, outstanding: float, share: float, ratio: float) -> None:
    usd = share * reserve
    expected = minted_reference(Fraction(reserve), Fraction(outstanding), Fraction(usd), Fraction(ratio))
    assert bonding.minted(reserve, outstanding, usd, ratio) == pytest.approx(float(expected), rel=1e-13)


@given(MAGNITUDES, MAGNITUDES, SHARES, RATIOS)
@example(1.0, 1.0, 1.0, 0.05)
def test_tokens_redeem_what_sixty_digits_say(reserve: float, outstanding: float, share: float, ratio: float) -> None:
    tokens = share * outstanding
    expected = redeemed_reference(Fraction(reserve), Fraction(outstanding), Fraction(tokens), Fraction(ratio))
    assert bonding.redeemed(reserve, outstanding, tokens, ratio) == pytest.approx(float(expected), rel=1e-12)


@given(MAGNITUDES, MAGNITUDES, st.floats(1e-12, 2.0))
def test_a_ratio_of_a_half_is_a_price_in_proportion_to_supply(reserve: float, outstanding: float, share: float) -> None:
    minted = bonding.minted(reserve, outstanding, share * reserve, 0.5)
    assert minted == pytest.approx(outstanding * share / (math.sqrt(1.0 + share) + 1.0), rel=1e-13)


@given(MAGNITUDES, RATIOS)
def test_the_last_part_of_the_reserve_stays(reserve: float, ratio: float) -> None:
    most = bonding.largest_redemption(1e15, ratio)
    paid = bonding.redeemed(reserve, 1e15, most, ratio)
    assert paid == pytest.approx(reserve * 63 / 64, rel=1e-12)
    assert bonding.redeemed(reserve, 1e15, 10 * most, ratio) == paid


@given(MAGNITUDES, MAGNITUDES, st.floats(1e-9, 2.0), RATIOS)
def test_what_was_minted_redeems_what_was_paid(reserve: float, outstanding: float, share: float, ratio: float) -> None:
    usd = share * reserve
    minted = bonding.minted(reserve, outstanding, usd, ratio)
    paid = bonding.redeemed(reserve + usd, outstanding + minted, minted, ratio)
    assert paid == pytest.approx(usd, rel=1e-5)
