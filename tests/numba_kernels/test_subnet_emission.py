"""Emission to subnets: against exact fractions, and what must hold whatever the input."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from catallaxy.numba_kernels import subnet_emission as kernels
from oracles.subnets import (
    Rules,
    Subnet,
    alpha_reward_reference,
    average_price_reference,
    pass_tempo_reference,
    swap_reference,
)

RAO = 10**9
CAP = 21_000_000 * RAO
SHARES = st.sampled_from([0.0, 0.125, 0.25, 0.5, 1.0])
AMOUNTS = st.one_of(st.integers(0, 3), st.integers(0, 10**17))
#: Tokens and alpha in the pool, and alpha outside.
POOLS = st.tuples(AMOUNTS, st.integers(0, CAP // 2), st.integers(0, CAP // 2))
FLAGS = st.tuples(st.booleans(), st.booleans(), st.booleans())


def row(tao: int, alpha: int, issued: int, **columns: Any) -> kernels.Slots:
    """Return one subnet as a table of one row."""
    return kernels.Slots(
        np.array([[alpha, tao, 0]], np.int64),
        np.array([columns.get("live", 1)], np.int8),
        np.array([issued], np.int64),
        np.array([columns.get("age", 0)], np.int64),
        np.array([columns.get("average", 0.0)]),
        np.array([columns.get("burned", 0.0)]),
    )


def terms(**changes: Any) -> kernels.Terms:
    values: dict[str, Any] = {
        "maximum": CAP, "reward": RAO, "owner": 0.125, "miners": 0.5, "take": 0.125, "root": 0.0,
        "root_caps": False, "buys": True, "sells": True, "fee": 0.0,
    }  # fmt: skip
    return kernels.Terms(**{**values, **changes})


def clock(blocks: int, tempo: int = 360) -> kernels.Clock:
    return kernels.Clock(blocks, tempo, 3e-6, 201_600.0, 1.0)


def emitted(slots: kernels.Slots, tao: int, rules: kernels.Terms, time: kernels.Clock) -> Any:
    tally = np.zeros((1, kernels.TALLY), np.int64)
    kernels.emit(slots, np.array([tao], np.int64), rules, time, tally)
    return tally[0]


@given(st.one_of(st.integers(0, 22_000_000 * RAO), st.sampled_from([CAP // 2, CAP // 2 - 1, CAP - 1, CAP])))
def test_alpha_halves_as_its_twin(issued: int) -> None:
    assert kernels.alpha_reward(CAP, RAO, issued) == alpha_reward_reference(CAP, RAO, issued)


@given(AMOUNTS, AMOUNTS, AMOUNTS, st.sampled_from([0.0, 0.000503547722590982, 0.5, 0.999]))
def test_a_pool_pays_what_its_twin_does_and_never_more(x: int, y: int, given_in: int, fee: float) -> None:
    exact = swap_reference(x, y, given_in, Fraction(fee))
    paid = kernels.paid_out(x, y, given_in, fee)
    assert exact * (1.0 - 2.0**-45) - 1 <= paid <= exact
    assert paid < y or paid == 0


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS)
def test_injection_leaves_the_price_and_the_cap(tao_reserve: int, alpha_reserve: int, tao: int, cap: int) -> None:
    injected, paired = kernels.injection(tao_reserve, alpha_reserve, tao, cap)
    assert 0 <= injected <= tao
    assert 0 <= paired <= cap
    if tao_reserve and alpha_reserve:
        assert paired == cap or injected == tao
        assert abs(injected * alpha_reserve - paired * tao_reserve) <= max(tao_reserve, alpha_reserve)


@settings(deadline=None, max_examples=40)
@given(average=st.floats(0.0, 2.0), price=st.floats(0.0, 3.0), age=st.integers(0, 10**7), blocks=st.integers(0, 900))
def test_the_average_moves_as_block_by_block(average: float, price: float, age: int, blocks: int) -> None:
    exact = average_price_reference(Fraction(average), Fraction(price), age, blocks, Fraction(3e-6), 201_600)
    assert kernels.average_price(average, price, age, clock(blocks)) == pytest.approx(float(exact), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(
    start=POOLS, tao=AMOUNTS, blocks=st.integers(0, 800), shares=st.tuples(SHARES, SHARES, SHARES, SHARES),
    root=AMOUNTS, flags=FLAGS, fee=st.sampled_from([0.0, 0.25]),
)  # fmt: skip
def test_a_stretch_is_what_its_twin_says(
    start: tuple[int, int, int],
    tao: int,
    blocks: int,
    shares: tuple[float, float, float, float],
    root: int,
    flags: tuple[bool, bool, bool],
    fee: float,
) -> None:
    tao_reserve, alpha_reserve, outside = start
    owner, miners, take, burned = shares
    caps, buys, sells = flags
    slots = row(tao_reserve, alpha_reserve, alpha_reserve + outside, burned=burned)
    rules = terms(
        owner=owner, miners=miners, take=take, root=float(root), root_caps=caps, buys=buys, sells=sells, fee=fee
    )
    twin = Subnet(tao_reserve, alpha_reserve, alpha_reserve + outside, burned=Fraction(burned))
    exact = Rules(CAP, RAO, Fraction(owner), Fraction(miners), Fraction(take), root, caps, buys, sells, Fraction(fee))
    tally = emitted(slots, tao, rules, clock(blocks))
    tempos = -(-blocks // 360)
    for number in range(tempos):
        part = tao // tempos + (number < tao % tempos)
        pass_tempo_reference(twin, part, min(360, blocks - 360 * number), exact)
    for name in ("owner", "miners", "validators", "stakers", "paired", "bought", "sold", "fetched"):
        amount = int(tally[getattr(kernels, name.upper())])
        assert amount == pytest.approx(twin.given.get(name, 0), rel=1e-9, abs=2000), name
    assert slots.pools[0, kernels.TAO] == pytest.approx(twin.tao, rel=1e-9, abs=2000)
    assert slots.pools[0, kernels.ALPHA] == pytest.approx(twin.alpha, rel=1e-9, abs=2000)
    assert slots.issued[0] == pytest.approx(twin.issued, rel=1e-9, abs=2000)


@settings(deadline=None, max_examples=100)
@given(
    start=POOLS, tao=AMOUNTS, blocks=st.integers(0, 50_400), root=st.floats(0.0, 1e16),
    burned=st.floats(0.0, 1.0), flags=FLAGS,
)  # fmt: skip
def test_nothing_is_lost_and_the_cap_holds(
    start: tuple[int, int, int], tao: int, blocks: int, root: float, burned: float, flags: tuple[bool, bool, bool]
) -> None:
    tao_reserve, alpha_reserve, outside = start
    caps, buys, sells = flags
    slots = row(tao_reserve, alpha_reserve, alpha_reserve + outside, burned=burned, average=0.5)
    tally = emitted(slots, tao, terms(root=root, root_caps=caps, buys=buys, sells=sells), clock(blocks))
    into = tally[kernels.INJECTED] + tally[kernels.SPENT]
    assert into == (tao if blocks else 0)
    assert tally.min() >= 0
    assert slots.pools[0, kernels.TAO] == tao_reserve + into - tally[kernels.FETCHED]
    pool_gain = tally[kernels.PAIRED] - tally[kernels.BOUGHT] + tally[kernels.SOLD]
    assert slots.pools[0, kernels.ALPHA] == alpha_reserve + pool_gain
    given_out = tally[[kernels.OWNER, kernels.MINERS, kernels.VALIDATORS, kernels.STAKERS]].sum()
    assert slots.issued[0] == alpha_reserve + outside + pool_gain + given_out
    assert slots.issued[0] <= CAP
    assert 0.0 <= slots.average[0] <= 1.0
    assert slots.age[0] == blocks


@given(tao=st.integers(1, 10**14), more=st.integers(1, 10**14))
def test_more_tokens_never_lower_the_price(tao: int, more: int) -> None:
    prices = []
    for amount in (tao, tao + more):
        slots = row(1000 * RAO, 50_000 * RAO, 60_000 * RAO)
        emitted(slots, amount, terms(sells=False), clock(7200))
        prices.append(slots.pools[0, kernels.TAO] / slots.pools[0, kernels.ALPHA])
    assert prices[1] >= prices[0] * (1.0 - 1e-12)


def test_places_without_a_subnet_stay_as_they_are() -> None:
    slots = row(5, 6, 7, live=0)
    assert not emitted(slots, 10**9, terms(), clock(7200)).any()
    assert (slots.pools[0].tolist(), slots.issued[0], slots.age[0]) == ([6, 5, 0], 7, 0)


def test_subnets_do_not_see_each_other() -> None:
    alone = row(1000 * RAO, 50_000 * RAO, 60_000 * RAO)
    emitted(alone, RAO, terms(root=1e12), clock(7200))
    pair = kernels.Slots(
        *(np.concatenate([column, 2 * column]) for column in row(1000 * RAO, 50_000 * RAO, 60_000 * RAO))
    )
    pair.live[:] = 1
    kernels.emit(pair, np.array([RAO, 5]), terms(root=1e12), clock(7200), np.zeros((2, kernels.TALLY), np.int64))
    assert pair.pools[0].tolist() == alone.pools[0].tolist()
    assert pair.average[0] == alone.average[0]
