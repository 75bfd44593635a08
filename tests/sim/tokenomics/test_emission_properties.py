"""What holds for any composition of emission rules, whatever the economy does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
from hypothesis import given, settings, strategies as st

from catallaxy.sim.tokenomics.emission import EMISSIONS, EmissionContext, EmissionRule
from catallaxy.sim.tokenomics.sinks import CREDITS, REGISTRATIONS, SINKS, TOLLS
from catallaxy.sim.tokenomics.staking import STAKING
from catallaxy.sim.tokenomics.units import US_PER_DAY
from random_rules import (
    CREDIT_RULES,
    EMISSION_RULES,
    ENTRY_RULES,
    SINK_RULES,
    STAKING_RULES,
    TOLL_RULES,
    Rule,
    emissions,
)

START = date(2024, 1, 1)
BASE = 10**6
GENESIS = 10**7 * BASE
FIRST = EmissionContext(
    step=0, dt_days=30.4375, start=START, base=BASE, genesis=GENESIS, supply=GENESIS, circulating=GENESIS
)

#: What an economy does in a month: staked share, capacity, base units burned and recycled.
Month = tuple[float, float, int, int]
economies: st.SearchStrategy[list[Month]] = st.lists(
    st.tuples(st.floats(0.0, 1.0), st.floats(0, 1e5), st.integers(0, GENESIS // 500), st.integers(0, GENESIS // 2000)),
    min_size=120,
    max_size=120,
)


def ten_years(rule: EmissionRule, economy: list[Month], cap: int | None) -> tuple[list[int], list[int], list[int]]:
    """Mint month by month while staking, capacity and sinks move; return minted, gone and left over, base units."""
    issued = burned = recycled = 0
    memory = FIRST.memory
    minted, gone, supplies = [], [], [GENESIS]
    for now, (staked, capacity, burn, recycle) in zip(FIRST.steps(120), economy, strict=True):
        supply = supplies[-1]
        counts = {"issued": issued, "burned": burned, "recycled": recycled, "supply": supply, "circulating": supply}
        bonded = int(staked * supply)
        seen = replace(now, **counts, cap=cap, staked=bonded, capacity=capacity, price=1.0, memory=memory)
        amount, memory = rule.issue(seen)
        assert rule.issue(seen) == (amount, memory)
        burn = min(burn, supply)
        recycle = min(recycle, supply - burn, issued - recycled)
        issued, burned, recycled = issued + amount, burned + burn, recycled + recycle
        minted.append(amount)
        gone.append(burn + recycle)
        supplies.append(GENESIS + issued - burned - recycled)
        assert cap is None or issued - recycled <= cap
    return minted, gone, supplies


@settings(max_examples=80)
@given(emissions, economies, st.integers(0, 3 * GENESIS))
def test_any_composition_over_ten_years(parameters: Rule, economy: list[Month], cap: int) -> None:
    """Supply is what came less what went; it stays within what is possible, which widens as time goes by."""
    rule = EMISSIONS.build(parameters)
    for limit in (None, cap):
        minted, gone, supplies = ten_years(rule, economy, limit)
        assert min(minted) >= 0
        assert np.diff(supplies).tolist() == [came - went for came, went in zip(minted, gone, strict=True)]
        floors = GENESIS - np.cumsum(gone)
        assert (floors <= supplies[1:]).all()
        if limit is not None:
            assert max(supplies) <= GENESIS + limit


@settings(max_examples=60)
@given(emissions, st.integers(0, GENESIS // 500))
def test_no_schedule_mints_more_than_it_says_it_can(parameters: Rule, burn: int) -> None:
    """The bound that the check of the cap goes by never falls with time, and holds unless tokens are recycled."""
    rule = EMISSIONS.build(parameters)
    bounds = {months: rule.most(FIRST, months) for months in (1, 12, 60, 120)}
    known = {months: bound for months, bound in bounds.items() if bound is not None}
    assert len(known) in {0, len(bounds)}
    assert list(known.values()) == sorted(known.values())
    minted, _, _ = ten_years(rule, [(0.5, 1e5, burn, 0)] * 120, None)
    for months, bound in known.items():
        assert sum(minted[:months]) <= bound


def test_every_kind_of_rule_is_drawn() -> None:
    drawn = ((EMISSION_RULES, EMISSIONS), (SINK_RULES, SINKS), (STAKING_RULES, STAKING))
    for strategies, registry in (*drawn, (CREDIT_RULES, CREDITS), (TOLL_RULES, TOLLS), (ENTRY_RULES, REGISTRATIONS)):
        assert set(strategies) == set(registry)


@given(
    st.one_of(*(rules for kind, rules in EMISSION_RULES.items() if kind not in {"composite", "dated"})),
    st.lists(st.integers(0, 3000 * US_PER_DAY), min_size=2, max_size=12, unique=True).map(sorted),
    st.floats(0.0, 1.0),
    st.floats(0, 1e5),
)
def test_cutting_time_anywhere_changes_nothing(
    parameters: Rule, cuts: list[int], staked: float, capacity: float
) -> None:
    """Within a base unit per cut, with the counts that the economy would have shown."""
    rule = EMISSIONS.build(parameters)
    held = replace(FIRST, staked=int(staked * GENESIS), capacity=capacity, burned=GENESIS // 7, price=capacity / 1e4)
    whole = rule.issue(held.part(cuts[0], cuts[-1]))
    total, memory = 0, held.memory
    for begin, end in pairwise(cuts):
        amount, memory = rule.issue(held.after(total).part(begin, end).remembering(memory))
        total += amount
    assert abs(total - whole.amount) <= len(cuts)
    assert np.allclose(np.array(memory, float), np.array(whole.memory, float), rtol=1e-9, atol=len(cuts))
