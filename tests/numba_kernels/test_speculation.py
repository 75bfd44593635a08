"""Speculators: the slow twin, conservation, wallets, order of rows, chunks, what moves orders, packed instructions."""

from __future__ import annotations

import platform
from itertools import pairwise
from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st
from llvmlite import binding

from catallaxy.numba_kernels import speculation
from catallaxy.numba_kernels.compile import BLOCK, CHUNK
from catallaxy.numba_kernels.speculation import CHARTIST, FUNDAMENTALIST, NOISE
from oracles.speculation import (
    Speculator,
    View,
    form_orders_reference,
    move_capital_reference,
    settle_order_reference,
    switch_strategies_reference,
)

Ints = npt.NDArray[np.int64]

KEYS = st.integers(0, 2**64 - 1)
AMOUNTS = st.one_of(st.integers(0, 10**12), st.integers(2**53, 2**56))
SHARES = st.floats(0.0, 1.0)
SIGNALS = st.one_of(st.floats(-3.0, 3.0), st.floats(-1e20, 1e20))
AGENTS = st.lists(
    st.builds(
        Speculator,
        id=st.integers(0, 2**40),
        value_bias=st.floats(-2.0, 2.0),
        reaction=st.floats(0.0, 5.0),
        noise=st.floats(0.0, 1.0),
        aggressiveness=SHARES,
        horizon=st.integers(0, 1),
        strategy=st.integers(0, 2),
        cash=AMOUNTS,
        tokens=AMOUNTS,
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda agent: agent.id,
)
VIEWS = st.builds(
    View,
    value_pull=st.floats(0.0, 10.0),
    gap=SIGNALS,
    trend_pull=st.floats(0.0, 100.0),
    trend_short=SIGNALS,
    trend_long=SIGNALS,
    shock_fundamentalist=SIGNALS,
    shock_chartist=SIGNALS,
    shock_noise=SIGNALS,
    cash_share=SHARES,
    price=st.floats(1e-15, 1e6),
)
INCREASES = st.floats(1e-6, 2.0)
CALM = View(0.35, 0.1, 2.0, 0.02, -0.01, 0.05, -0.03, 0.02, 0.5, 0.8)


class Crowd(NamedTuple):
    """Speculators as columns."""

    traits: speculation.Traits
    strategy: npt.NDArray[np.int8]
    usd: Ints
    tokens: Ints


def crowd_of(agents: list[Speculator]) -> Crowd:
    ids, bias, reaction, noise, aggressiveness, horizon, strategy, cash, tokens = zip(*agents, strict=True)
    floats = [np.array(values, np.float64) for values in (bias, reaction, noise, aggressiveness)]
    traits = speculation.Traits(np.array(ids, np.int64), *floats, np.array(horizon, np.int8))
    return Crowd(traits, np.array(strategy, np.int8), np.array(cash, np.int64), np.array(tokens, np.int64))


def many(n: int, seed: int = 5) -> list[Speculator]:
    rng = np.random.default_rng(seed)
    columns = (
        rng.permutation(10 * n)[:n],
        rng.normal(0.0, 0.5, n),
        rng.uniform(0.5, 1.5, n),
        rng.uniform(0.0, 0.3, n),
        rng.uniform(0.0, 1.0, n),
        rng.integers(0, 2, n),
        rng.integers(0, 3, n),
        rng.integers(0, 2**48, n),
        rng.integers(0, 2**48, n),
    )
    return [Speculator(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def orders_of(key: int, agents: list[Speculator], view: View, edges: tuple[int, ...] = ()) -> tuple[Ints, int, int]:
    """Return orders and totals, computed on the rows between neighbouring edges."""
    crowd, signals = crowd_of(agents), speculation.Signals(*view)
    order = np.full(len(agents), -7, np.int64)
    bounds = (0, *edges, len(agents))
    parts = [
        speculation.form_orders(
            rows, np.uint64(key), crowd.traits, crowd.strategy, signals, (crowd.usd, crowd.tokens), order
        )
        for rows in pairwise(bounds)
    ]
    return order, sum(bid for bid, _ in parts), sum(offered for _, offered in parts)


def settled(agents: list[Speculator], order: Ints, rates: tuple[float, float]) -> tuple[Crowd, int, int]:
    crowd = crowd_of(agents)
    return crowd, *speculation.settle((0, len(agents)), order, crowd.usd, crowd.tokens, *rates)


@given(KEYS, AGENTS, VIEWS)
def test_orders_equal_the_slow_twin(key: int, agents: list[Speculator], view: View) -> None:
    expected = form_orders_reference(key, agents, view)
    order, bid, offered = orders_of(key, agents, view)
    assert order.tolist() == expected
    assert (bid, offered) == (sum(q for q in expected if q > 0), -sum(q for q in expected if q < 0))


@given(KEYS, AGENTS, VIEWS)
def test_nobody_orders_more_than_it_holds(key: int, agents: list[Speculator], view: View) -> None:
    crowd = crowd_of(agents)
    order, _, _ = orders_of(key, agents, view)
    assert np.all(order <= crowd.usd)
    assert np.all(-order <= crowd.tokens)


def test_the_whole_of_a_large_wallet_is_never_exceeded() -> None:
    # As float64 these balances are rounded up, to more than there is.
    agents = [Speculator(i, 0.0, 1.0, 0.0, 1.0, 0, NOISE, 2**53 + 3, 2**53 + 3) for i in range(3)]
    bought, _, _ = orders_of(1, agents, CALM._replace(shock_noise=1e20, cash_share=1.0, price=4.0))
    sold, _, _ = orders_of(1, agents, CALM._replace(shock_noise=-1e20, cash_share=1.0, price=1e-15))
    assert bought.tolist() == [2**53 + 3] * 3
    assert sold.tolist() == [-(2**53) - 3] * 3


@given(KEYS, AGENTS, VIEWS, st.randoms(use_true_random=False))
def test_permuting_rows_permutes_orders_and_leaves_totals(
    key: int, agents: list[Speculator], view: View, random: object
) -> None:
    shuffled = random.sample(range(len(agents)), len(agents))
    order, *totals = orders_of(key, agents, view)
    moved, *same = orders_of(key, [agents[i] for i in shuffled], view)
    assert moved.tolist() == order[shuffled].tolist()
    assert same == totals


@given(KEYS, AGENTS, st.integers(0, 40))
def test_parts_add_up_to_the_whole(key: int, agents: list[Speculator], cut: int) -> None:
    whole = orders_of(key, agents, CALM)
    parts = orders_of(key, agents, CALM, (min(cut, len(agents)),))
    assert parts[0].tolist() == whole[0].tolist()
    assert parts[1:] == whole[1:]


@pytest.mark.jit
@pytest.mark.parametrize("n", [1, BLOCK - 1, BLOCK, BLOCK + 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 7])
def test_full_blocks_and_chunks_equal_the_slow_twin(n: int) -> None:
    agents = many(n)
    order, bid, offered = orders_of(99, agents, CALM)
    assert order.tolist() == form_orders_reference(99, agents, CALM)
    edges = tuple(range(BLOCK, n, BLOCK))
    assert orders_of(99, agents, CALM, edges)[1:] == (bid, offered)
    assert orders_of(99, agents, CALM, tuple(range(CHUNK, n, CHUNK)))[0].tolist() == order.tolist()


@given(KEYS, AGENTS, st.floats(-2.0, 2.0), INCREASES)
def test_a_larger_gap_makes_fundamentalists_buy_more(
    key: int, agents: list[Speculator], gap: float, more: float
) -> None:
    strategy = crowd_of(agents).strategy
    low, _, _ = orders_of(key, agents, CALM._replace(gap=gap))
    high, _, _ = orders_of(key, agents, CALM._replace(gap=gap + more))
    assert np.all(high >= low)
    assert np.array_equal(high[strategy != FUNDAMENTALIST], low[strategy != FUNDAMENTALIST])


@given(KEYS, AGENTS, st.floats(-0.5, 0.5), INCREASES)
def test_a_stronger_trend_moves_only_chartists_of_that_horizon(
    key: int, agents: list[Speculator], trend: float, more: float
) -> None:
    crowd = crowd_of(agents)
    low, _, _ = orders_of(key, agents, CALM._replace(trend_long=trend))
    high, _, _ = orders_of(key, agents, CALM._replace(trend_long=trend + more))
    follows = (crowd.strategy == CHARTIST) & (crowd.traits.horizon == 1)
    assert np.all(high >= low)
    assert np.array_equal(high[~follows], low[~follows])


@given(KEYS, AGENTS, SHARES, SHARES)
def test_a_larger_share_of_cash_makes_larger_orders(
    key: int, agents: list[Speculator], one: float, other: float
) -> None:
    low, _, _ = orders_of(key, agents, CALM._replace(cash_share=min(one, other)))
    high, _, _ = orders_of(key, agents, CALM._replace(cash_share=max(one, other)))
    assert np.all(np.abs(high) >= np.abs(low))
    assert np.all(high * np.sign(low) >= 0)


@given(KEYS, AGENTS, SHARES)
def test_aggressiveness_scales_orders(key: int, agents: list[Speculator], scale: float) -> None:
    calmer = [agent._replace(aggressiveness=agent.aggressiveness * scale) for agent in agents]
    assert np.all(np.abs(orders_of(key, calmer, CALM)[0]) <= np.abs(orders_of(key, agents, CALM)[0]))


@given(KEYS, AGENTS, VIEWS)
def test_no_order_exceeds_its_share_of_half_the_wealth(key: int, agents: list[Speculator], view: View) -> None:
    crowd = crowd_of(agents)
    order, _, _ = orders_of(key, agents, view)
    wealth = view.cash_share * crowd.usd.astype(np.float64) + crowd.tokens.astype(np.float64) * view.price
    value = np.where(order > 0, order, -order * view.price)
    assert np.all(value <= 0.5 * crowd.traits.aggressiveness * wealth * (1.0 + 1e-12))


@given(AGENTS, st.lists(st.integers(-(2**50), 2**50), min_size=40, max_size=40), st.floats(0, 1e3), st.floats(0, 1e3))
def test_fills_equal_the_slow_twin_and_conserve(
    agents: list[Speculator], orders: list[int], tokens_per_usd: float, usd_per_token: float
) -> None:
    before, n = crowd_of(agents), len(agents)
    order = np.clip(np.array(orders[:n], np.int64), -before.tokens, before.usd)
    after, got_tokens, got_usd = settled(agents, order, (tokens_per_usd, usd_per_token))
    received = [settle_order_reference(q, tokens_per_usd, usd_per_token) for q in order.tolist()]
    assert (got_tokens, got_usd) == (sum(t for t, _ in received), sum(u for _, u in received))
    assert (after.usd - before.usd).tolist() == [u - max(q, 0) for q, (_, u) in zip(order, received, strict=True)]
    assert (after.tokens - before.tokens).tolist() == [
        t - max(-q, 0) for q, (t, _) in zip(order, received, strict=True)
    ]
    assert min(after.usd.min(), after.tokens.min()) >= 0
    bid, offered = int(order[order > 0].sum()), -int(order[order < 0].sum())
    assert got_tokens <= bid * tokens_per_usd * (1.0 + 2.0**-40)
    assert got_usd <= offered * usd_per_token * (1.0 + 2.0**-40)


@given(AGENTS, st.lists(st.integers(0, 2**50), min_size=40, max_size=40), st.floats(0, 2), st.floats(0, 1))
def test_capital_equals_the_slow_twin_and_conserves(
    agents: list[Speculator], incomes: list[int], inflow: float, withdrawal: float
) -> None:
    before, n = crowd_of(agents), len(agents)
    after, income, invested = before.usd.copy(), np.array(incomes[:n], np.int64), np.arange(n)
    brought, taken = speculation.move_capital((0, n), after, invested, income, inflow, withdrawal)
    flows = [
        move_capital_reference(cash, pay, inflow, withdrawal)
        for cash, pay in zip(before.usd.tolist(), income.tolist(), strict=True)
    ]
    assert (brought, taken) == (sum(plus for plus, _ in flows), sum(minus for _, minus in flows))
    assert (after - before.usd).tolist() == [plus - minus for plus, minus in flows]
    assert np.array_equal(invested - np.arange(n), after - before.usd)
    assert after.min() >= 0


def test_everything_can_be_withdrawn_and_no_more() -> None:
    usd = np.array([2**53 + 3, 5, 0], np.int64)
    flows = speculation.move_capital((0, 3), usd, np.zeros(3, np.int64), np.zeros(3, np.int64), 1.0, 1.0)
    assert (usd.tolist(), flows) == ([0, 0, 0], (0, 2**53 + 8))


def switched(key: int, agents: list[Speculator], leaving: tuple[float, float]) -> tuple[list[int], tuple[int, int]]:
    crowd = crowd_of(agents)
    strategy = crowd.strategy.copy()
    camps = speculation.switch((0, len(agents)), np.uint64(key), crowd.traits.ids, strategy, *leaving)
    return strategy.tolist(), camps


@given(KEYS, AGENTS, SHARES, SHARES)
def test_switching_equals_the_slow_twin_and_keeps_everyone(
    key: int, agents: list[Speculator], to_chartist: float, to_fundamentalist: float
) -> None:
    before = [agent.strategy for agent in agents]
    after, camps = switched(key, agents, (to_chartist, to_fundamentalist))
    ids = [agent.id for agent in agents]
    assert after == switch_strategies_reference(key, ids, before, to_chartist, to_fundamentalist)
    assert camps == (after.count(FUNDAMENTALIST), after.count(CHARTIST))
    assert after.count(NOISE) == before.count(NOISE)


@given(KEYS, AGENTS, SHARES, SHARES)
def test_a_higher_probability_of_leaving_empties_the_camp(
    key: int, agents: list[Speculator], one: float, other: float
) -> None:
    _, few = switched(key, agents, (min(one, other), 0.0))
    _, many_left = switched(key, agents, (max(one, other), 0.0))
    assert many_left[0] <= few[0]
    assert many_left[1] >= few[1]


@given(KEYS, AGENTS)
def test_nobody_switches_at_zero_and_everyone_at_one(key: int, agents: list[Speculator]) -> None:
    before = [agent.strategy for agent in agents]
    assert switched(key, agents, (0.0, 0.0))[0] == before
    assert switched(key, agents, (1.1, 1.1))[0] == [{0: 1, 1: 0, 2: 2}[strategy] for strategy in before]


@pytest.mark.jit
def test_the_share_that_switches_is_the_probability() -> None:
    n = 200_000
    strategy, ids = np.zeros(n, np.int8), np.arange(n)
    _, chartists = speculation.switch((0, n), np.uint64(3), ids, strategy, 0.05, 0.0)
    assert chartists / n == pytest.approx(0.05, abs=4.5 * np.sqrt(0.05 * 0.95 / n))


@pytest.mark.jit
@pytest.mark.skipif(platform.machine().lower() not in {"x86_64", "amd64"}, reason="looks for x86 vector registers")
@pytest.mark.parametrize(
    ("kernel", "loops"),
    [
        # One instruction of each loop: draws, the bounded signal, the order limited by the wallet.
        (speculation.form_orders, ("vsqrtpd", "vdivpd", "vmaxpd", "vminpd", "vmulpd", "vaddpd")),
        (speculation.settle, ("vmulpd",)),
    ],
    ids=["form_orders", "settle"],
)
def test_hot_loops_use_packed_instructions(kernel: object, loops: tuple[str, ...]) -> None:
    if not binding.get_host_cpu_features().get("avx2"):
        pytest.skip("this processor cannot multiply several 64-bit numbers at once")
    orders_of(1, many(3), CALM)
    settled(many(3), np.zeros(3, np.int64), (1.0, 1.0))
    # Machine code that comes from the cache cannot be read, so it is compiled once more.
    fresh = numba.jit(**kernel.targetoptions)(kernel.py_func)
    fresh.compile(kernel.signatures[0])
    wide = [
        line.split() for line in fresh.inspect_asm(fresh.signatures[0]).splitlines() if "%ymm" in line or "%zmm" in line
    ]
    missing = set(loops) - {words[0] for words in wide}
    assert not missing, f"{kernel.__name__} no longer works on several agents at once: no packed {missing}"
