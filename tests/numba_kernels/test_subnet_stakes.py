"""Stakers of subnets: the slow twin, the order of stakers, and who moves when something changes for the better."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.numba_kernels import subnet_stakes
from catallaxy.numba_kernels.random import step_key
from catallaxy.numba_kernels.subnet_columns import ALPHA, KEEP, ROOT, TAO
from oracles.randomness import agent_bits, mix
from oracles.subnet_stakes import Place, Staker, Terms, values_reference

KEYS = step_key(7, 16, 1), step_key(7, 16, 2)
TERMS = Terms(root_yield=0.05, taste=0.3, fee=0.0005, horizon=0.5)
PLACE = st.tuples(
    st.floats(1e-4, 1.0),
    st.floats(1e3, 1e15),
    st.floats(0.0, 1e15),
    st.floats(0.0, 1e15),
    st.floats(-2.0, 2.0),
    st.floats(-1.0, 1.0),
)
STAKER = st.tuples(st.integers(-1, 3), st.integers(0, 10**15), st.integers(1, 10**15), st.floats(0.0, 2.0))


def choices(stakers: list[Any], places: list[Any], ids: list[int], share: float = 1.0, **changes: float) -> list[int]:
    """Return where stakers want to be; the places are slots 0, 2, 4 ..., and between them are free ones."""
    columns = np.zeros((6, 2 * len(places)))
    columns[:, ::2] = np.array(places).T
    live = np.zeros(2 * len(places), np.int8)
    live[::2] = 1
    terms = {"root_yield": TERMS.root_yield, "taste": TERMS.taste, "fee": TERMS.fee, "horizon": TERMS.horizon}
    seen = subnet_stakes.Places(live, np.arange(live.size) + 10, *columns, **{**terms, **changes})
    slot = [ROOT if here < 0 else 2 * (here % len(places)) for here, *_ in stakers]
    who = subnet_stakes.Positions(
        np.array(ids),
        np.array(slot, np.int64),
        np.array([alpha if here >= 0 else 0 for here, alpha, _, _ in stakers], np.int64),
        np.array([root for _, _, root, _ in stakers], np.int64),
        np.array([weight for *_, weight in stakers]),
    )
    target = np.zeros(len(stakers), np.int64)
    subnet_stakes.choose(KEYS, share, who, seen, target)
    return target.tolist()


def liking(agent: int, serial: int) -> float:
    key = int(KEYS[1])
    bits = mix(agent_bits(key, [agent])[0] ^ agent_bits(mix(key), [serial + 1])[0])
    u = ((bits >> 12) + 0.5) / 2.0**52
    return -math.log(-math.log(u))


@given(st.lists(STAKER, min_size=1, max_size=4), st.lists(PLACE, min_size=1, max_size=4))
def test_choices_are_the_best_of_the_slow_twin(stakers: list[Any], places: list[Any]) -> None:
    ids = [100 + i for i in range(len(stakers))]
    by_slot = {2 * j: Place(*place) for j, place in enumerate(places)}
    for (here, alpha, root, weight), agent, found in zip(stakers, ids, choices(stakers, places, ids), strict=True):
        likes = {None: liking(agent, -1)} | {slot: liking(agent, slot + 10) for slot in by_slot}
        slot = None if here < 0 else 2 * (here % len(places))
        staker = Staker(slot, alpha if slot is not None else 0, root, weight, likes)
        values = values_reference(staker, by_slot, TERMS)
        chosen = values[None if found == ROOT else found]
        assert chosen == pytest.approx(max(values.values()), rel=1e-9, abs=1e-9)


@given(st.lists(STAKER, min_size=2, max_size=8), st.lists(PLACE, min_size=1, max_size=3), st.randoms())
def test_the_order_of_stakers_does_not_matter(stakers: list[Any], places: list[Any], chance: Any) -> None:
    order = list(range(len(stakers)))
    chance.shuffle(order)
    base = choices(stakers, places, order[:0] + list(range(len(stakers))), share=0.5)
    mixed = choices([stakers[i] for i in order], places, order, share=0.5)
    assert mixed == [base[i] for i in order]


@pytest.mark.jit
def test_stakers_who_are_all_alike_spread_by_a_logit() -> None:
    places = [(0.01, 1e15, 0.0, 1e12, 0.0, appeal) for appeal in (0.0, 0.3)]
    found = np.array(choices([(-1, 0, 10**6, 0.0)] * 20_000, places, list(range(20_000)), fee=0.0, root_yield=0.0))
    weight = np.array([1.0, 0.5, 0.5 * math.e])
    shares = [np.mean(found == slot) for slot in (ROOT, 0, 2)]
    assert shares == pytest.approx(weight / weight.sum(), abs=0.015)


@pytest.mark.jit
def test_a_larger_reward_elsewhere_a_smaller_cost_and_more_appeal_draw_stakers() -> None:
    stakers, ids = [(-1, 0, 10**12, 0.5)] * 2000, list(range(2000))

    def staying(place: tuple[float, ...], **changes: float) -> int:
        return choices(stakers, [place], ids, **changes).count(ROOT)

    base = staying((0.01, 1e13, 1e13, 1e14, 0.0, 0.0))
    assert staying((0.01, 1e13, 3e13, 1e14, 0.0, 0.0)) < base
    assert staying((0.01, 1e14, 1e13, 1e14, 0.0, 0.0)) < base
    assert staying((0.01, 1e13, 1e13, 1e14, 0.5, 0.0)) < base
    assert staying((0.01, 1e13, 1e13, 1e14, 0.0, 0.2)) < base
    assert staying((0.01, 1e13, 1e13, 1e14, 0.0, 0.0), root_yield=0.3) > base


def test_who_has_nothing_and_who_does_not_think_again_stays() -> None:
    place = (0.01, 1e13, 1e15, 1e14, 0.0, 0.0)
    assert choices([(-1, 0, 0, 0.5)] * 20, [place], list(range(20))) == [KEEP] * 20
    found = choices([(-1, 0, 10**12, 0.5)] * 500, [place], list(range(500)), share=0.1)
    assert found.count(KEEP) == pytest.approx(450, abs=25)


@given(st.lists(st.tuples(st.integers(1, 2**50), st.integers(1, 2**50), st.integers(0, 2**50)), min_size=1, max_size=5))
def test_swaps_conserve_what_is_traded_and_never_lower_the_product(trades: list[tuple[int, int, int]]) -> None:
    pools = np.zeros((len(trades), 3), np.int64)
    pools[:, ALPHA], pools[:, TAO] = [a for a, _, _ in trades], [t for _, t, _ in trades]
    before, given_in, got = pools.copy(), np.array([g for *_, g in trades], np.int64), np.zeros(len(trades), np.int64)
    subnet_stakes.swap(pools, (ALPHA, TAO), given_in, 0.0005, got)
    assert (pools[:, ALPHA] == before[:, ALPHA] + given_in).all()
    assert (pools[:, TAO] == before[:, TAO] - got).all()
    assert (pools[:, TAO] >= 1).all()
    for after, was in zip(pools.tolist(), before.tolist(), strict=True):
        assert after[ALPHA] * after[TAO] >= was[ALPHA] * was[TAO]
