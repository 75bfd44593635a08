"""Liquidity shares against exact integers, and what must hold whatever providers and traders do."""

from __future__ import annotations

import math
from copy import deepcopy
from typing import Any

import numpy as np
from hypothesis import example, given, strategies as st

from catallaxy.numba_kernels import constant_product as cp, pool_shares, pool_state as layout, wide_products
from catallaxy.sim.markets.exact.constant_product import Pair
from oracles.pools import LARGEST, Answer, Holdings, deposit_reference, withdrawal_reference

ANSWERS: dict[Answer, int] = {
    "accepted": layout.ACCEPTED,
    "bad size": layout.BAD_SIZE,
    "no liquidity": layout.NO_LIQUIDITY,
    "reserve limit": layout.RESERVE_LIMIT,
    "too small": layout.TOO_SMALL,
}
AMOUNTS = st.one_of(
    st.integers(0, 20), st.integers(1, 10**6), st.integers(10**9, 10**15), st.integers(1, LARGEST), st.just(2**63 - 1)
)
NUMBERS = st.one_of(st.integers(0, 100), st.integers(0, 2**33), st.integers(0, LARGEST), st.just(LARGEST))


@given(NUMBERS, NUMBERS, NUMBERS)
@example(LARGEST, LARGEST, LARGEST)
@example(LARGEST, LARGEST, 1)
@example(LARGEST, LARGEST - 1, LARGEST)
@example(2**31, 2**31, 1)
def test_a_product_over_a_third_number_is_exact(a: int, b: int, c: int) -> None:
    exact = divmod(a * b, max(c, 1))
    found = wide_products.product_over(a, b, max(c, 1))
    assert found == (exact if exact[0] <= LARGEST else (LARGEST + 1, 0))


def deposit(pool: Holdings, tokens: int, usd: int, weight: float = 0.5) -> tuple[Holdings, int, int, int, int]:
    """Return the pool afterwards, the reason, the shares, and what they cost."""
    state, offers = np.array([pool.tokens, pool.usd, pool.shares]), np.array([[tokens, usd]])
    minted, taken, reasons = np.zeros(1, np.int64), np.zeros((1, 2), np.int64), np.zeros(1, np.int8)
    pool_shares.add_liquidity(state, weight, offers, minted, taken, reasons)
    return Holdings(*state.tolist()), int(reasons[0]), int(minted[0]), int(taken[0, 0]), int(taken[0, 1])


def withdraw(pool: Holdings, shares: int) -> tuple[Holdings, int, int, int]:
    """Return the pool afterwards, the reason, and what is paid."""
    state, paid, reasons = (
        np.array([pool.tokens, pool.usd, pool.shares]),
        np.zeros((1, 2), np.int64),
        np.zeros(1, np.int8),
    )
    pool_shares.remove_liquidity(state, np.array([shares]), paid, reasons)
    return Holdings(*state.tolist()), int(reasons[0]), int(paid[0, 0]), int(paid[0, 1])


STORIES = st.lists(
    st.tuples(st.sampled_from(["deposit", "withdraw", "swap"]), st.integers(0, 2), AMOUNTS, AMOUNTS), max_size=12
)


@given(STORIES)
def test_shares_sum_to_the_supply_and_equal_exact_integers(story: list[tuple[str, int, int, int]]) -> None:
    pool, held = Holdings(0, 0), [0, 0, 0]
    for kind, who, amount, other in story:
        if kind == "deposit":
            first = deposit(Holdings(0, 0), amount, other)[2]
            answer, *expected = deposit_reference(pool, amount, other, first)
            after, reason, shares, tokens, usd = deposit(pool, amount, other)
            assert (reason, [shares, tokens, usd]) == (ANSWERS[answer], expected)
            assert tokens <= amount
            assert usd <= other
            held[who] += shares
        elif kind == "withdraw":
            burned = held[who] if other % 2 else min(amount, held[who])
            answer, *expected = withdrawal_reference(pool, burned)
            after, reason, *paid = withdraw(pool, burned)
            assert (reason, paid) == (ANSWERS[answer], expected)
            held[who] -= burned if reason == layout.ACCEPTED else 0
        else:
            after, state = pool, np.array([pool.tokens, pool.usd, pool.shares])
            order = np.array([amount if other % 2 else -amount])
            cp.swap_batch(state, 0.003, layout.FEE_IN, order, order * 0, order.copy(), np.zeros(1, np.int8))
            after = Holdings(*state.tolist())
        assert sum(held) == after.shares
        assert (after.tokens > 0) == (after.usd > 0) == (after.shares > 0)
        assert after.tokens * pool.shares >= pool.tokens * after.shares or kind == "swap"
        assert after.usd * pool.shares >= pool.usd * after.shares or kind == "swap"
        pool = after


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, st.integers(1, LARGEST))
def test_depositing_and_withdrawing_at_once_gains_nothing(
    tokens: int, usd: int, more_tokens: int, more_usd: int, supply: int
) -> None:
    pool = Holdings(min(max(tokens, 1), LARGEST), min(max(usd, 1), LARGEST), supply)
    joined, reason, shares, *given_up = deposit(pool, more_tokens, more_usd)
    if reason != layout.ACCEPTED:
        assert joined == pool
        return
    left, reason, *paid = withdraw(joined, shares)
    assert paid[0] <= given_up[0]
    assert paid[1] <= given_up[1]
    assert left.shares == (pool.shares if reason == layout.ACCEPTED else joined.shares)


@given(AMOUNTS, AMOUNTS, st.floats(0.01, 0.99))
def test_a_first_deposit_gets_the_weighted_mean_and_leaves_with_everything(
    tokens: int, usd: int, weight: float
) -> None:
    tokens, usd = min(max(tokens, 1), LARGEST), min(max(usd, 1), LARGEST)
    pool, reason, shares, *taken = deposit(Holdings(0, 0), tokens, usd, weight)
    assert (reason, taken) == (layout.ACCEPTED, [tokens, usd])
    mean = math.exp(weight * math.log(tokens) + (1.0 - weight) * math.log(usd))
    assert abs(shares - mean) <= 1.0 + 1e-12 * mean
    equal = deposit(Holdings(0, 0), tokens, usd)[2]
    assert abs(equal - math.isqrt(tokens * usd)) <= 1.0 + 2.0**-51 * equal
    assert withdraw(pool, shares) == (Holdings(0, 0), layout.ACCEPTED, tokens, usd)


def test_deposits_and_withdrawals_are_the_exact_pairs() -> None:
    pair, pool = Pair(), deposit(Holdings(0, 0), 3 * 10**9, 12 * 10**9)[0]
    pair.mint("a", 3 * 10**9, 12 * 10**9)
    assert pool.shares == pair.supply
    for tokens, usd in ((10**8, 4 * 10**8), (12345, 10**9), (10**9, 98765)):
        assert deposit(pool, tokens, usd)[2] == deepcopy(pair).mint("b", tokens, usd)
    for shares in (2, 12345, 10**9):
        assert withdraw(pool, shares)[2:] == pair.value_of(shares)


def test_many_requests_are_carried_out_in_turn() -> None:
    state = np.zeros(3, np.int64)
    offers = np.array([[100, 400], [50, 500], [0, 5], [1000, 40], [7, 1]])
    minted, taken, reasons = np.zeros(5, np.int64), np.zeros((5, 2), np.int64), np.zeros(5, np.int8)
    pool_shares.add_liquidity(state, 0.5, offers, minted, taken, reasons)
    assert minted.tolist() == [200, 100, 0, 20, 0]
    assert taken.tolist() == [[100, 400], [50, 200], [0, 0], [10, 40], [0, 0]]
    assert reasons.tolist() == [0, 0, layout.BAD_SIZE, 0, layout.TOO_SMALL]
    assert state.tolist() == [160, 640, 320]
    paid, reasons = np.zeros((5, 2), np.int64), np.zeros(5, np.int8)
    pool_shares.remove_liquidity(state, np.array([1, 2, 118, 201, 200]), paid, reasons)
    assert paid.tolist() == [[0, 0], [1, 4], [59, 236], [0, 0], [100, 400]]
    assert reasons.tolist() == [layout.TOO_SMALL, 0, 0, layout.BAD_SIZE, 0]
    pool_shares.remove_liquidity(state, np.array([1, 0, 0, 0, 0]), paid, reasons)
    assert reasons.tolist() == [layout.NO_LIQUIDITY] * 5
    assert not state.any()


def test_a_pool_never_holds_more_than_it_can_count() -> None:
    full: Any = Holdings(LARGEST, 10, 10)
    assert deposit(full, 10, 10)[1] == layout.TOO_SMALL
    assert deposit(full, LARGEST, 10)[:2] == (full, layout.RESERVE_LIMIT)
    assert deposit(Holdings(1, 1, LARGEST), 1, 1)[1] == layout.RESERVE_LIMIT
    assert deposit(Holdings(1, 1, 10), LARGEST, LARGEST)[1] == layout.RESERVE_LIMIT
    assert deposit(Holdings(0, 0), 2**62, 1)[1] == layout.RESERVE_LIMIT
    assert deposit(Holdings(0, 0), LARGEST, LARGEST)[2] == LARGEST
