"""The constant-product pool against exact fractions and the exact pair, and what must hold whatever the orders."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, strategies as st

from catallaxy.numba_kernels import constant_product as cp, pool_state as layout
from catallaxy.sim.markets.exact.constant_product import amount_in, amount_out
from oracles.pools import LARGEST, Holdings, payment_reference, sides, swap_reference

CODES = {"in": layout.FEE_IN, "out": layout.FEE_OUT}
WHERE = st.sampled_from(["in", "out"])
FEES = st.one_of(st.sampled_from([0.0, 0.003, 0.01, 0.5, 0.999]), st.floats(0.0, 0.99))
RESERVES = st.one_of(st.integers(1, 20), st.integers(1, 10**6), st.integers(10**9, 10**15), st.integers(1, LARGEST))
SIZES = st.one_of(st.integers(1, 20), st.integers(1, 10**9), st.integers(1, LARGEST), st.sampled_from([0, LARGEST]))
ORDERS = st.builds(lambda sign, size: sign * size, st.sampled_from([1, -1]), SIZES)
POOLS = st.builds(Holdings, RESERVES, RESERVES)
MAGNITUDES = st.one_of(st.floats(1e-18, 1e30), st.floats(-18.0, 30.0).map(lambda e: 10.0**e))
#: Units and share of itself by which a fill may stay below the exact amount.
SLACK = Fraction(1, 2**47)


def row(pool: Holdings) -> npt.NDArray[np.int64]:
    return np.array([pool.tokens, pool.usd, pool.shares], np.int64)


def swapped(
    pool: Holdings, orders: list[int], fee: float, where: str, least: list[int] | None = None
) -> tuple[Holdings, list[int], list[int], tuple[int, int, int, int]]:
    """Return the pool afterwards, fills, reasons and totals."""
    state, n = row(pool), len(orders)
    received, reasons = np.full(n, -1, np.int64), np.full(n, -1, np.int8)
    limits = np.array(least or [0] * n, np.int64)
    totals = cp.swap_batch(state, fee, CODES[where], np.array(orders, np.int64), limits, received, reasons)
    return Holdings(*state.tolist()), received.tolist(), reasons.tolist(), totals


def expected_reason(pool: Holdings, order: int, fill: Fraction) -> int:
    """Return why an order without a limit is refused."""
    if order == 0:
        return layout.BAD_SIZE
    if min(pool.tokens, pool.usd) < 1:
        return layout.NO_LIQUIDITY
    if sides(pool, order)[0] + abs(order) > LARGEST:
        return layout.RESERVE_LIMIT
    return layout.TOO_SMALL if fill < 1 else layout.ACCEPTED


@given(POOLS, st.lists(ORDERS, max_size=12), FEES, WHERE)
@example(Holdings(1, 1), [1, -1, 10**9], 0.0, "in")
@example(Holdings(LARGEST, 1), [LARGEST - 1, -LARGEST, -1], 0.0, "in")
def test_fills_are_the_exact_ones_rounded_against_the_trader(
    pool: Holdings, orders: list[int], fee: float, where: str
) -> None:
    for order in orders:
        after, (fill,), (reason,), _ = swapped(pool, [order], fee, where)
        exact = swap_reference(*sides(pool, order), abs(order), Fraction(fee), where)
        if math.floor(exact * (1 - SLACK)) == math.floor(exact):
            assert reason == expected_reason(pool, order, exact)
        if reason != layout.ACCEPTED:
            assert (after, fill) == (pool, 0)
            continue
        assert exact * (1 - SLACK) - 1 <= fill <= exact
        assert after.tokens == pool.tokens + (-order if order < 0 else -fill)
        assert after.usd == pool.usd + (order if order > 0 else -fill)
        assert min(after.tokens, after.usd) >= 1
        assert after.tokens * after.usd >= pool.tokens * pool.usd
        pool = after


@given(POOLS, st.lists(ORDERS, max_size=12), FEES, WHERE)
def test_a_batch_is_its_orders_one_after_the_other(pool: Holdings, orders: list[int], fee: float, where: str) -> None:
    orders = [order for order in orders if abs(order) < 2**58]
    alone, fills, reasons = pool, [], []
    for order in orders:
        alone, fill, reason, _ = swapped(alone, [order], fee, where)
        fills += fill
        reasons += reason
    after, *found, totals = swapped(pool, orders, fee, where)
    assert (after, found) == (alone, [fills, reasons])
    done = [(o, f) for o, f, r in zip(orders, fills, reasons, strict=True) if r == layout.ACCEPTED]
    assert totals == (
        sum(o for o, _ in done if o > 0),
        -sum(o for o, _ in done if o < 0),
        sum(f for o, f in done if o < 0),
        sum(f for o, f in done if o > 0),
    )


@given(POOLS, ORDERS, FEES, WHERE, st.integers(-2, 2))
def test_nobody_gets_less_than_the_limit(pool: Holdings, order: int, fee: float, where: str, beyond: int) -> None:
    state = row(pool)
    offered = cp.receipt(state, order, fee, CODES[where])
    assert state.tolist() == row(pool).tolist()
    after, fills, reasons, _ = swapped(pool, [order], fee, where, [offered + beyond])
    if offered == 0:
        assert fills == [0]
    elif beyond > 0:
        assert (after, fills, reasons) == (pool, [0], [layout.OUTSIDE_LIMIT])
    else:
        assert (fills, reasons) == ([offered], [layout.ACCEPTED])


@given(POOLS, ORDERS, FEES, WHERE)
@example(Holdings(100, 100), 1, 0.003, "in")
def test_a_payment_brings_what_was_wanted_and_is_hardly_more_than_exact(
    pool: Holdings, wanted: int, fee: float, where: str
) -> None:
    paid = int(cp.payment(row(pool), wanted, fee, CODES[where]))
    exact = payment_reference(*sides(pool, wanted), abs(wanted), Fraction(fee), where)
    reserve_in, reserve_out = sides(pool, wanted)
    if wanted == 0 or exact is None:
        assert paid == 0
    elif paid > 0:
        assert exact < paid
        assert cp.receipt(row(pool), paid if wanted > 0 else -paid, fee, CODES[where]) >= abs(wanted)
        if exact < 1000 * reserve_in:
            assert paid <= exact * (1 + Fraction(1, 2**34)) + 1
    else:
        assert reserve_in + exact * (1 + Fraction(1, 2**30)) > LARGEST or abs(wanted) > reserve_out * (1 - 1e-3) * (
            1 - fee
        )


def test_payments_suffice_where_a_unit_is_less_than_rounding() -> None:
    random = np.random.default_rng(2)
    for _ in range(400):
        pool = Holdings(*(int(side) for side in random.integers(2**55, 2**59, 2)))
        wanted = int(random.integers(2**40, pool.tokens // 2)) * int(random.choice([1, -1]))
        wanted = max(wanted, -pool.usd // 2)
        paid = int(cp.payment(row(pool), wanted, 0.003, layout.FEE_IN))
        assert cp.receipt(row(pool), paid if wanted > 0 else -paid, 0.003, layout.FEE_IN) >= abs(wanted)


@given(MAGNITUDES, MAGNITUDES, MAGNITUDES, FEES, WHERE)
def test_real_numbers_of_any_magnitude(x: float, y: float, amount: float, fee: float, where: str) -> None:
    keep = Fraction(1.0 - fee)
    out = cp.amount_out(x, y, amount, fee, CODES[where])
    kept = Fraction(amount) * (keep if where == "in" else 1)
    exact = Fraction(y) * kept / (Fraction(x) + kept) * (1 if where == "in" else keep)
    assert abs(Fraction(out) - exact) <= exact * Fraction(1e-15)
    asked = cp.amount_in(x, y, out, fee, CODES[where])
    if kept < 100 * x:
        assert asked == pytest.approx(amount, rel=1e-12)


@given(MAGNITUDES, MAGNITUDES, FEES, WHERE)
def test_what_the_pool_does_not_have_has_no_price(x: float, y: float, fee: float, where: str) -> None:
    assert cp.amount_in(x, y, y, fee, CODES[where]) == math.inf
    assert cp.amount_in(x, y, 0.0, fee, CODES[where]) == 0.0


@given(st.integers(1, 10**15), st.integers(1, 10**15), st.integers(1, 10**15))
def test_the_kernels_agree_with_the_exact_pair(amount: int, reserve_in: int, reserve_out: int) -> None:
    pool = row(Holdings(reserve_out, reserve_in))
    assert 0 <= amount_out(amount, reserve_in, reserve_out) - cp.receipt(pool, amount, 0.003, layout.FEE_IN) <= 8
    wanted = min(amount, max(reserve_out // 2, 1))
    if wanted < reserve_out:
        exact = amount_in(wanted, reserve_in, reserve_out)
        assert -1 <= cp.payment(pool, wanted, 0.003, layout.FEE_IN) - exact <= exact * 2**-42 + 1


def test_published_swaps_in_real_numbers_and_in_billionths() -> None:
    """Uniswap/v2-core, test/UniswapV2Pair.spec.ts, getInputPrice."""
    for paid, x, y, out in (
        (1, 5, 10, 1662497915624478906), (1, 10, 5, 453305446940074565), (2, 5, 10, 2851015155847869602),
        (2, 10, 5, 831248957812239453), (1, 10, 10, 906610893880149131), (1, 100, 100, 987158034397061298),
        (1, 1000, 1000, 996006981039903216),
    ):  # fmt: skip
        assert cp.amount_out(x * 1e18, y * 1e18, paid * 1e18, 0.003, layout.FEE_IN) == pytest.approx(out, rel=4e-16)
        billionths = row(Holdings(y * 10**9, x * 10**9))
        assert cp.receipt(billionths, paid * 10**9, 0.003, layout.FEE_IN) == out // 10**9


@given(POOLS, FEES)
def test_marginal_prices_are_the_slopes_at_zero(pool: Holdings, fee: float) -> None:
    sold, middle, bought = cp.marginal_prices(row(pool), fee)
    x, y = float(pool.tokens), float(pool.usd)
    assert middle == pytest.approx(y / x)
    for where in CODES.values():
        assert cp.amount_out(x, y, x * 1e-9, fee, where) / (x * 1e-9) == pytest.approx(sold, rel=3e-9)
        assert y * 1e-9 / cp.amount_out(y, x, y * 1e-9, fee, where) == pytest.approx(bought, rel=3e-9)


@given(st.integers(10**9, 10**15), st.integers(10**9, 10**15), st.floats(0.02, 50.0), FEES, WHERE)
def test_no_other_order_earns_an_arbitrageur_more(tokens: int, usd: int, move: float, fee: float, where: str) -> None:
    pool = Holdings(tokens, usd)
    price = usd / tokens * move

    def profit(order: int) -> float:
        fill = cp.receipt(row(pool), order, fee, CODES[where])
        return fill * price - order if order > 0 else fill + order * price

    best = cp.arbitrage_order(row(pool), price, fee, CODES[where])
    sold, _, bought = cp.marginal_prices(row(pool), fee)
    assert (best > 0) == (price > bought * (1 + 1e-8)) or price == pytest.approx(bought, rel=1e-7)
    assert (best < 0) == (price < sold * (1 - 1e-8)) or price == pytest.approx(sold, rel=1e-7)
    tolerance = 4.0 * (1.0 + price)
    for factor in (0.5, 0.9, 1.1, 2.0):
        assert profit(int(best * factor)) <= profit(best) + tolerance
    for other in (usd // 100, -(tokens // 100)):
        assert profit(other) <= profit(best) + tolerance
    if best:
        after, _, _, _ = swapped(pool, [best], fee, where)
        reached = cp.marginal_prices(row(after), fee)[2 if best > 0 else 0]
        if fee == 0.0:
            assert reached == pytest.approx(price, rel=1e-6)


@given(POOLS, st.integers(1, 10**12), FEES, WHERE)
def test_more_given_brings_more_and_a_round_trip_gains_nothing(
    pool: Holdings, amount: int, fee: float, where: str
) -> None:
    fills = [cp.receipt(row(pool), size, fee, CODES[where]) for size in (amount, amount + 1, 2 * amount, 1000 * amount)]
    assert all(low <= high for low, high in pairwise(fills) if high)
    after, (got,), _, _ = swapped(pool, [amount], fee, where)
    assert cp.receipt(row(after), -got, fee, CODES[where]) <= amount


def test_what_cannot_be_swapped_gets_a_reason_and_changes_nothing() -> None:
    lowest = -(2**63)
    for pool, order, least, reason in (
        (Holdings(5, 5), 0, 0, layout.BAD_SIZE),
        (Holdings(5, 5), lowest, 0, layout.BAD_SIZE),
        (Holdings(0, 0), 7, 0, layout.NO_LIQUIDITY),
        (Holdings(5, 0), -7, 0, layout.NO_LIQUIDITY),
        (Holdings(5, 5), LARGEST, 0, layout.RESERVE_LIMIT),
        (Holdings(5, LARGEST), 1, 0, layout.RESERVE_LIMIT),
        (Holdings(1, 10**6), 5, 0, layout.TOO_SMALL),
        (Holdings(1000, 1000), 100, 91, layout.OUTSIDE_LIMIT),
    ):
        assert swapped(pool, [order], 0.0, "in", [least]) == (pool, [0], [reason], (0, 0, 0, 0))
    assert len(layout.REASONS) == layout.OUTSIDE_LIMIT + 1
    assert swapped(Holdings(5, 5), [], 0.0, "in") == (Holdings(5, 5), [], [], (0, 0, 0, 0))


def test_the_fee_stays_in_the_pool_wherever_it_is_taken() -> None:
    pool = Holdings(10**12, 10**12)
    for where in CODES:
        after, _, _, _ = swapped(pool, [10**11, -(10**11)], 0.01, where)
        assert after.tokens * after.usd > 1.001 * pool.tokens * pool.usd
