"""Square-root price moves and single swap steps: published cases, exact fractions, rounding in the pool's favour."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, strategies as st

from catallaxy.sim.markets.exact.fixed_point import MAX_UINT128, Q96, add_delta
from catallaxy.sim.markets.exact.price_math import (
    amount0_delta,
    amount1_delta,
    next_sqrt_price_from_input,
    next_sqrt_price_from_output,
)
from catallaxy.sim.markets.exact.reverts import (
    LiquidityOverflow,
    LiquidityUnderflow,
    NothingToTrade,
    Revert,
    WordOverflow,
)
from catallaxy.sim.markets.exact.swap_step import compute_swap_step
from catallaxy.sim.markets.exact.tick_math import MAX_SQRT_RATIO, MIN_SQRT_RATIO
from oracles.uniswap_v3 import encode_price_sqrt, vectors

PRICES = vectors("price_math")
#: Square-root prices evenly over all magnitudes.
SQRT_PRICES = (
    st.integers(33, 160)
    .flatmap(lambda bits: st.integers(2 ** (bits - 1), 2**bits - 1))
    .filter(lambda price: MIN_SQRT_RATIO <= price < MAX_SQRT_RATIO)
)
LIQUIDITY = st.integers(1, 127).flatmap(lambda bits: st.integers(1, 2**bits))
AMOUNTS = st.integers(1, 127).flatmap(lambda bits: st.integers(1, 2**bits))


def case_name(case: Any) -> str:
    return str(case["case"]) if isinstance(case, dict) else ""


def sqrt_price(given_price: int | list[int]) -> int:
    return given_price if isinstance(given_price, int) else encode_price_sqrt(*given_price)


@pytest.mark.parametrize("case", PRICES["next_sqrt_price_from_input"], ids=case_name)
def test_published_moves_by_an_input(case: dict[str, Any]) -> None:
    arguments = case["sqrt_price"], case["liquidity"], case["amount"], case["zero_for_one"]
    if case["result"] is None:
        with pytest.raises(Revert):
            next_sqrt_price_from_input(*arguments)
    else:
        assert next_sqrt_price_from_input(*arguments) == case["result"]


@pytest.mark.parametrize("case", PRICES["next_sqrt_price_from_output"], ids=case_name)
def test_published_moves_by_an_output(case: dict[str, Any]) -> None:
    arguments = case["sqrt_price"], case["liquidity"], case["amount"], case["zero_for_one"]
    if case["result"] is None:
        with pytest.raises(Revert):
            next_sqrt_price_from_output(*arguments)
    else:
        assert next_sqrt_price_from_output(*arguments) == case["result"]


@pytest.mark.parametrize("case", PRICES["amounts"], ids=case_name)
def test_published_amounts_between_prices(case: dict[str, Any]) -> None:
    delta = {"amount0": amount0_delta, "amount1": amount1_delta}[case["token"]]
    ends = sqrt_price(case["from"]), sqrt_price(case["to"])
    for a, b in (ends, ends[::-1]):
        assert [delta(a, b, case["liquidity"], up) for up in (False, True)] == case["results"]


def test_published_amounts_at_large_prices() -> None:
    """From the same file as the cases of `price_math.json`."""
    ends = encode_price_sqrt(2**90, 1), encode_price_sqrt(2**96, 1)
    assert amount0_delta(*ends, 10**18, True) == amount0_delta(*ends, 10**18, False) + 1
    overflowing = next(c for c in PRICES["next_sqrt_price_from_input"] if c["case"].endswith("overflows"))
    assert amount0_delta(overflowing["result"], overflowing["sqrt_price"], overflowing["liquidity"], True) == 406


@pytest.mark.parametrize("case", vectors("swap_steps")["steps"], ids=case_name)
def test_published_swap_steps(case: dict[str, Any]) -> None:
    price, target = sqrt_price(case["price"]), sqrt_price(case["target"])
    liquidity, remaining = case["liquidity"], case["remaining"]
    step = compute_swap_step(price, target, liquidity, remaining, case["fee_pips"])
    assert (step.amount_in, step.amount_out, step.fee) == (case["amount_in"], case["amount_out"], case["fee"])
    if case["result"] is None and remaining > 0:
        moved = next_sqrt_price_from_input(price, liquidity, remaining - step.fee, target <= price)
    elif case["result"] is None:
        moved = next_sqrt_price_from_output(price, liquidity, -remaining, target <= price)
    else:
        moved = target if case["result"] == "target" else case["result"]
    assert step.sqrt_price == moved


@pytest.mark.parametrize(("liquidity", "delta", "changed"), [(1, 0, 1), (1, -1, 0), (1, 1, 2)])
def test_published_changes_of_liquidity(liquidity: int, delta: int, changed: int) -> None:
    """https://github.com/Uniswap/v3-core/blob/095f5a7897769f134caf2adf114f6b7eac7419bd/test/LiquidityMath.spec.ts"""
    assert add_delta(liquidity, delta) == changed


@pytest.mark.parametrize(
    ("liquidity", "delta", "error"),
    [(2**128 - 15, 15, LiquidityOverflow), (0, -1, LiquidityUnderflow), (3, -4, LiquidityUnderflow)],
)
def test_published_changes_of_liquidity_that_are_refused(liquidity: int, delta: int, error: type[Revert]) -> None:
    with pytest.raises(error):
        add_delta(liquidity, delta)


@given(SQRT_PRICES, SQRT_PRICES, st.integers(0, MAX_UINT128))
def test_amounts_are_exact_but_for_one_unit_in_the_pools_favour(a: int, b: int, liquidity: int) -> None:
    lower, upper = Fraction(min(a, b), Q96), Fraction(max(a, b), Q96)
    for delta, exact in (
        (amount0_delta, liquidity * (1 / lower - 1 / upper)),
        (amount1_delta, liquidity * (upper - lower)),
    ):
        down, up = delta(a, b, liquidity, False), delta(a, b, liquidity, True)
        assert down <= exact <= up
        assert exact - down < 1
        assert up - exact < 2


@given(SQRT_PRICES, LIQUIDITY, AMOUNTS, st.booleans())
def test_an_input_never_moves_the_price_too_far(price: int, liquidity: int, amount: int, zero_for_one: bool) -> None:
    exact = Fraction(price)
    exact = (
        exact / (1 + amount * exact / (liquidity << 96)) if zero_for_one else exact + Fraction(amount << 96, liquidity)
    )
    assume(exact < 2**160 - 1)
    moved = next_sqrt_price_from_input(price, liquidity, amount, zero_for_one)
    assert 0 <= (moved - exact if zero_for_one else exact - moved) < 1 + Fraction(price, liquidity << 96)


@given(SQRT_PRICES, LIQUIDITY, AMOUNTS, st.booleans())
def test_an_output_always_moves_the_price_far_enough(
    price: int, liquidity: int, amount: int, zero_for_one: bool
) -> None:
    exact = Fraction(price)
    left = 1 - amount * exact / (liquidity << 96)
    assume(zero_for_one or left > 0)
    exact = exact - Fraction(amount << 96, liquidity) if zero_for_one else exact / left
    assume(1 <= exact < 2**160 - 1)
    moved = next_sqrt_price_from_output(price, liquidity, amount, zero_for_one)
    assert 0 <= (exact - moved if zero_for_one else moved - exact) < 1


@given(
    SQRT_PRICES,
    SQRT_PRICES,
    st.one_of(st.just(0), LIQUIDITY),
    st.one_of(st.integers(-10, 10), AMOUNTS, AMOUNTS.map(lambda amount: -amount)),
    st.one_of(st.integers(0, 10**6 - 1), st.sampled_from([0, 500, 3000, 10000])),
)
def test_properties_of_a_step(price: int, target: int, liquidity: int, remaining: int, fee_pips: int) -> None:
    step = compute_swap_step(price, target, liquidity, remaining, fee_pips)
    assert min(step.amount_in, step.amount_out, step.fee) >= 0
    assert min(price, target) <= step.sqrt_price <= max(price, target)
    assert step.fee * (10**6 - fee_pips) >= step.amount_in * fee_pips
    if remaining < 0:
        assert step.amount_out <= -remaining
    else:
        assert step.amount_in + step.fee <= remaining
    if step.sqrt_price != target:
        assert step.amount_out == -remaining if remaining < 0 else step.amount_in + step.fee == remaining
    if liquidity == 0:
        assert step == (target, 0, 0, 0)


def test_an_input_whose_product_with_the_price_exceeds_256_bits_takes_the_coarser_formula() -> None:
    """L / (L / s + x), where L / s is cut off, in place of L s / (L + x s)."""
    price, scaled, amount = 2**159 + 10**30 + 1, (2**126 + 1) << 96, 2**100 + 1
    coarser = -(-scaled // (scaled // price + amount))
    assert coarser > -(-scaled * price // (scaled + amount * price))
    assert next_sqrt_price_from_input(price, scaled >> 96, amount, True) == coarser


def test_an_input_beyond_256_bits_is_refused() -> None:
    with pytest.raises(WordOverflow):
        next_sqrt_price_from_input(2**159, 2**127, 2**256 - 1, True)


def test_a_price_of_zero_holds_no_token0() -> None:
    with pytest.raises(NothingToTrade):
        amount0_delta(0, Q96, 1, True)
