"""The weighted pool against sixty digits and the constant-product pool, and what must hold whatever the orders."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, strategies as st

from catallaxy.numba_kernels import constant_product as cp, pool_state as layout, weighted_pool
from oracles.pools import (
    LARGEST,
    Holdings,
    log_invariant_reference,
    sides,
    weighted_payment_reference,
    weighted_swap_reference,
)

CODES = {"in": layout.FEE_IN, "out": layout.FEE_OUT}
WHERE = st.sampled_from(["in", "out"])
FEES = st.one_of(st.sampled_from([0.0, 0.003, 0.01, 0.5]), st.floats(0.0, 0.99))
WEIGHTS = st.one_of(st.sampled_from([0.01, 0.2, 0.5, 0.8, 0.99]), st.floats(0.01, 0.99))
RESERVES = st.one_of(st.integers(1, 20), st.integers(1, 10**6), st.integers(10**9, 10**15), st.integers(1, LARGEST))
SIZES = st.one_of(st.integers(1, 20), st.integers(1, 10**9), st.integers(1, LARGEST), st.sampled_from([0, LARGEST]))
ORDERS = st.builds(lambda sign, size: sign * size, st.sampled_from([1, -1]), SIZES)
POOLS = st.builds(Holdings, RESERVES, RESERVES)
MAGNITUDES = st.one_of(st.floats(1e-18, 1e30), st.floats(-18.0, 30.0).map(lambda e: 10.0**e))
#: Share of itself by which a fill may stay below the exact amount, beside a unit.
SLACK = Fraction(1, 2**45)


def row(pool: Holdings) -> npt.NDArray[np.int64]:
    return np.array([pool.tokens, pool.usd, pool.shares], np.int64)


def swapped(
    pool: Holdings, weight: float, orders: list[int], fee: float, where: str, least: list[int] | None = None
) -> tuple[Holdings, list[int], list[int], tuple[int, int, int, int]]:
    """Return the pool afterwards, fills, reasons and totals."""
    state, n = row(pool), len(orders)
    received, reasons = np.full(n, -1, np.int64), np.full(n, -1, np.int8)
    limits = np.array(least or [0] * n, np.int64)
    totals = weighted_pool.swap_batch(
        state, weight, fee, CODES[where], np.array(orders, np.int64), limits, received, reasons
    )
    return Holdings(*state.tolist()), received.tolist(), reasons.tolist(), totals


def ratio_of(weight: float, order: int) -> Fraction:
    """Return the weight of what an order pays over that of what it gets."""
    tokens = Fraction(weight)
    return (1 - tokens) / tokens if order > 0 else tokens / (1 - tokens)


def fees_of(fee: float, where: str) -> tuple[Fraction, Fraction]:
    return (Fraction(fee), Fraction(0)) if where == "in" else (Fraction(0), Fraction(fee))


@given(POOLS, WEIGHTS, st.lists(ORDERS, max_size=8), FEES, WHERE)
@example(Holdings(10**6, 1), 0.99, [-LARGEST + 10**6, 1], 0.0, "in")
@example(Holdings(10**15, 10**15), 0.8, [10**3, -(10**3)], 0.0, "in")
def test_fills_are_the_exact_ones_rounded_against_the_trader(
    pool: Holdings, weight: float, orders: list[int], fee: float, where: str
) -> None:
    for order in orders:
        after, (fill,), (reason,), _ = swapped(pool, weight, [order], fee, where)
        if order == 0 or sides(pool, order)[0] + abs(order) > LARGEST:
            assert (after, fill) == (pool, 0)
            assert reason == (layout.BAD_SIZE if order == 0 else layout.RESERVE_LIMIT)
            continue
        x, y = (Fraction(side) for side in sides(pool, order))
        exact = weighted_swap_reference(x, y, Fraction(abs(order)), ratio_of(weight, order), fees_of(fee, where))
        assert max(exact * (1 - SLACK) - 1, 0) <= fill <= exact
        assert reason == (layout.ACCEPTED if fill > 0 else layout.TOO_SMALL)
        if fill == 0:
            assert after == pool
            continue
        assert after.tokens == pool.tokens + (-order if order < 0 else -fill)
        assert after.usd == pool.usd + (order if order > 0 else -fill)
        assert min(after.tokens, after.usd) >= 1
        assert log_invariant_reference(after, Fraction(weight)) >= log_invariant_reference(pool, Fraction(weight))
        pool = after


@given(POOLS, ORDERS, FEES, WHERE)
def test_equal_weights_are_the_constant_product_pool(pool: Holdings, order: int, fee: float, where: str) -> None:
    state, code = row(pool), CODES[where]
    fill, same = weighted_pool.receipt(state, 0.5, order, fee, code), cp.receipt(state, order, fee, code)
    assert abs(fill - same) <= 1 + 1e-13 * same
    x, y, amount = float(pool.tokens), float(pool.usd), float(abs(order))
    assert weighted_pool.amount_out(x, y, amount, 1.0, fee, code) == pytest.approx(
        cp.amount_out(x, y, amount, fee, code), rel=1e-12
    )
    out = 0.9 * (1.0 - fee) * y
    assert weighted_pool.amount_in(x, y, out, 1.0, fee, code) == pytest.approx(
        cp.amount_in(x, y, out, fee, code), rel=1e-12
    )
    assert weighted_pool.marginal_prices(state, 0.5, fee) == pytest.approx(cp.marginal_prices(state, fee), rel=1e-15)
    for price in (0.3 * y / x, 5.0 * y / x):
        ours, theirs = (
            weighted_pool.arbitrage_order(state, 0.5, price, fee, code),
            cp.arbitrage_order(state, price, fee, code),
        )
        assert abs(ours - theirs) <= 1 + 1e-12 * abs(theirs)


@given(POOLS, WEIGHTS, ORDERS, FEES, WHERE)
def test_a_payment_brings_what_was_wanted_and_is_hardly_more_than_exact(
    pool: Holdings, weight: float, wanted: int, fee: float, where: str
) -> None:
    paid = int(weighted_pool.payment(row(pool), weight, wanted, fee, CODES[where]))
    x, y = (Fraction(side) for side in sides(pool, wanted))
    exact = weighted_payment_reference(x, y, Fraction(abs(wanted)), ratio_of(weight, wanted), fees_of(fee, where))
    if wanted == 0 or exact is None:
        assert paid == 0
    elif paid > 0:
        assert exact < paid
        assert weighted_pool.receipt(row(pool), weight, paid if wanted > 0 else -paid, fee, CODES[where]) >= abs(wanted)
        if abs(wanted) < y * Fraction(1.0 - fee) * Fraction(99, 100):
            assert paid <= exact * (1 + Fraction(1, 2**30)) + 1
    else:
        gross = abs(wanted) / Fraction(1.0 - fee)
        assert x + exact * (1 + Fraction(1, 2**20)) > LARGEST or gross > y * (1 - Fraction(1, 2**30))


def test_payments_suffice_where_a_unit_is_less_than_rounding() -> None:
    random = np.random.default_rng(2)
    for _ in range(400):
        pool = Holdings(*(int(side) for side in random.integers(2**55, 2**59, 2)))
        wanted = int(random.integers(2**40, pool.tokens // 2)) * int(random.choice([1, -1]))
        wanted = max(wanted, -pool.usd // 2)
        weight = float(random.uniform(0.4, 0.6))
        paid = int(weighted_pool.payment(row(pool), weight, wanted, 0.003, layout.FEE_IN))
        assert weighted_pool.receipt(row(pool), weight, paid if wanted > 0 else -paid, 0.003, layout.FEE_IN) >= abs(
            wanted
        )


@given(MAGNITUDES, MAGNITUDES, MAGNITUDES, WEIGHTS, FEES, WHERE)
@example(1e30, 1e30, 1e-18, 0.8, 0.0, "in")
@example(1e-18, 1e30, 1e30, 0.01, 0.003, "out")
def test_real_numbers_of_any_magnitude(
    x: float, y: float, amount: float, weight: float, fee: float, where: str
) -> None:
    ratio = weight / (1.0 - weight)
    fees = fees_of(fee, where)
    out = weighted_pool.amount_out(x, y, amount, ratio, fee, CODES[where])
    exact = weighted_swap_reference(Fraction(x), Fraction(y), Fraction(amount), Fraction(ratio), fees)
    assert abs(Fraction(out) - exact) <= exact * Fraction(4e-15)
    if exact < Fraction(y) * (1 - fees[1]) / 2:
        asked = weighted_pool.amount_in(x, y, out, ratio, fee, CODES[where])
        assert asked == pytest.approx(amount, rel=1e-12)


@pytest.mark.parametrize(
    ("weight_in", "weight_out", "amount"),
    [(50.0, 40.0, 15e18), (50.0, 40.0, 10e6), (130.7, 1.0, 15e18), (0.00769, 1.0, 15e18)],
)
def test_cases_of_the_balancer_tests(weight_in: float, weight_out: float, amount: float) -> None:
    """Inputs of balancer/balancer-v2-monorepo, pkg/pool-weighted/test/WeightedMath.test.ts: reserves of 100e18."""
    ratio, none = weight_in / weight_out, (Fraction(0), Fraction(0))
    reserve, exact_ratio = Fraction(10**20), Fraction(ratio)
    out = weighted_pool.amount_out(1e20, 1e20, amount, ratio, 0.0, layout.FEE_IN)
    assert out == pytest.approx(
        float(weighted_swap_reference(reserve, reserve, Fraction(amount), exact_ratio, none)), rel=2e-15
    )
    exact = weighted_payment_reference(reserve, reserve, Fraction(amount), exact_ratio, none)
    asked = weighted_pool.amount_in(1e20, 1e20, amount, ratio, 0.0, layout.FEE_IN)
    assert exact is not None
    assert asked == pytest.approx(float(exact), rel=1e-13)


@given(POOLS, WEIGHTS, FEES)
def test_marginal_prices_are_the_slopes_at_zero(pool: Holdings, weight: float, fee: float) -> None:
    sold, middle, bought = weighted_pool.marginal_prices(row(pool), weight, fee)
    x, y, ratio = float(pool.tokens), float(pool.usd), weight / (1.0 - weight)
    assert middle == pytest.approx(y / x * ratio)
    for where in CODES.values():
        small = weighted_pool.amount_out(x, y, x * 1e-9, ratio, fee, where)
        assert small / (x * 1e-9) == pytest.approx(sold, rel=2e-7)
        small = weighted_pool.amount_out(y, x, y * 1e-9, 1.0 / ratio, fee, where)
        assert y * 1e-9 / small == pytest.approx(bought, rel=2e-7)


@given(
    st.integers(10**9, 10**15), st.integers(10**9, 10**15), WEIGHTS, st.floats(0.02, 50.0), st.floats(0.0, 0.1), WHERE
)
def test_no_other_order_earns_an_arbitrageur_more(
    tokens: int, usd: int, weight: float, move: float, fee: float, where: str
) -> None:
    pool = row(Holdings(tokens, usd))
    sold, middle, bought = weighted_pool.marginal_prices(pool, weight, fee)
    price = middle * move

    def profit(order: int) -> float:
        fill = weighted_pool.receipt(pool, weight, order, fee, CODES[where])
        return fill * price - order if order > 0 else fill + order * price

    best = weighted_pool.arbitrage_order(pool, weight, price, fee, CODES[where])
    assert best == 0 or (best > 0) == (price > bought)
    assert best != 0 or sold * (1.0 - 1e-6) < price < bought * (1.0 + 1e-6)
    tolerance = 4.0 * (1.0 + price) + 1e-12 * abs(best) * max(price, 1.0)
    for order in (best // 2, best * 9 // 10, best * 11 // 10, 2 * best, usd // 100, -(tokens // 100)):
        assert profit(order) <= profit(best) + tolerance


def test_a_batch_is_its_orders_one_after_the_other_and_what_is_refused_gets_a_reason() -> None:
    pool, orders = Holdings(10**12, 4 * 10**12), [10**9, -(10**8), 0, 300, -7, 10**11, 10**11, LARGEST, -(10**12)]
    alone, fills, reasons = pool, [], []
    for order in orders:
        alone, fill, reason, _ = swapped(alone, 0.8, [order], 0.003, "in")
        fills += fill
        reasons += reason
    least = [0] * len(orders)
    least[5] = fills[5] + 1
    assert swapped(pool, 0.8, orders, 0.003, "in")[:3] == (alone, fills, reasons)
    assert reasons == [0, 0, layout.BAD_SIZE, 0, 0, 0, 0, layout.RESERVE_LIMIT, 0]
    after, found, reasons, totals = swapped(pool, 0.8, orders, 0.003, "in", least)
    assert (found[5], reasons[5]) == (0, layout.OUTSIDE_LIMIT)
    assert (totals[0] - totals[2], totals[1] - totals[3]) == (after.usd - pool.usd, after.tokens - pool.tokens)
    assert totals[:2] == (10**9 + 300 + 10**11, 10**8 + 7 + 10**12)
    assert swapped(Holdings(5, 0), 0.8, [1, -1], 0.0, "in")[1:3] == ([0, 0], [layout.NO_LIQUIDITY] * 2)
    assert swapped(Holdings(1, 10**9), 0.8, [5], 0.0, "in")[1:3] == ([0], [layout.TOO_SMALL])


@pytest.mark.parametrize("weight", [0.2, 0.5, 0.8])
def test_the_price_falls_by_a_power_that_the_weights_give(weight: float) -> None:
    pool = Holdings(10**12, 10**12)
    after = swapped(pool, weight, [-(10**11)], 0.0, "in")[0]
    prices = [weighted_pool.marginal_prices(row(state), weight, 0.0)[1] for state in (pool, after)]
    assert prices[1] / prices[0] == pytest.approx(1.1 ** (-1.0 / (1.0 - weight)))
