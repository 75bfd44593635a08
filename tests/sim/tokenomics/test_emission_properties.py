"""What holds for any composition of emission rules, whatever the economy does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.tokenomics.emission import EMISSIONS, EmissionContext
from catallaxy.sim.tokenomics.units import US_PER_DAY

START = date(2024, 1, 1)
BASE = 10**6
GENESIS = 10**7 * BASE
FIRST = EmissionContext(
    step=0, dt_days=30.4375, start=START, base=BASE, genesis=GENESIS, supply=GENESIS, circulating=GENESIS
)

shares = st.floats(0.0, 1.0)
inside = st.floats(0.01, 0.99)
rounds = st.one_of(
    st.builds(lambda n: {"days": n}, st.integers(2, 90)), st.builds(lambda n: {"months": n}, st.integers(1, 12))
)
starts = st.dates(date(2021, 1, 1), date(2033, 1, 1)).map(str)
schedules = st.one_of(
    st.builds(lambda x: {"kind": "fixed-rate", "tokens": {"per_month": x}}, st.floats(0, 1e5)),
    st.builds(
        lambda x, n, d: {"kind": "halving-by-time", "pool": x, "every": {"days": n}, "starts": d},
        st.floats(0, 1e7),
        st.integers(20, 900),
        starts,
    ),
    st.builds(
        lambda x, h: {"kind": "exponential-decay", "pool": x, "half_life_days": h}, st.floats(0, 1e7), st.floats(9, 4e3)
    ),
    st.just({"kind": "halving-by-issuance", "maximum": 12e6, "reward": 5, "block_seconds": 600}),
)
reactions = st.one_of(
    st.builds(
        lambda pool, half_life, doubling, first: {
            "kind": "network-baseline",
            "pool": pool,
            "half_life_days": half_life,
            "baseline": first,
            "doubling_days": doubling,
            "epoch_seconds": 3600,
        },
        st.floats(0, 1e7),
        st.floats(30, 4e3),
        st.one_of(st.none(), st.floats(20, 4e3)),
        st.floats(0.1, 1e4),
    ),
    st.builds(
        lambda start, change, target, every: {
            "kind": "staking-step",
            "start": start,
            "change": change,
            "target": target,
            "every": every,
            "highest": 0.02,
        },
        st.floats(0, 1e-2),
        st.floats(0, 1e-3),
        inside,
        rounds,
    ),
    st.builds(
        lambda share, cap, weight, every: {
            "kind": "staking-target-yield",
            "pool": 1e6,
            "maximum": 5e7,
            "share": share,
            "highest_yield": cap,
            "weight": weight,
            "every": every,
        },
        shares,
        st.floats(0, 0.1),
        inside,
        rounds,
    ),
    st.builds(
        lambda target, band, every, since: {
            "kind": "staking-drift",
            "start": {"per_year": 0.3},
            "half_life_days": 700,
            "target": target,
            "band": band,
            "every": every,
            "starts": since,
        },
        inside,
        st.floats(0, 0.9),
        rounds,
        starts,
    ),
    st.builds(
        lambda p, i, d, every: {
            "kind": "staking-pid",
            "resting": {"per_year": 0.05},
            "proportional": p,
            "integral": i,
            "derivative": d,
            "highest": 0.3,
            "every": every,
        },
        shares,
        shares,
        st.floats(0, 0.1),
        rounds,
    ),
    st.builds(
        lambda ceiling, n, every: {"kind": "reissue-burned", "ceiling": ceiling, "smoothing": n, "every": every},
        st.floats(0, 1e5),
        st.floats(1, 30),
        rounds,
    ),
)
single = st.one_of(schedules, reactions)
composed = st.one_of(
    single,
    st.builds(lambda rules: {"kind": "composite", "rules": rules}, st.lists(single, min_size=1, max_size=3)),
    st.builds(
        lambda a, b, c, begin, gap: {
            "kind": "dated",
            "rules": [
                {"rule": {"kind": "composite", "rules": [a, b]}},
                {"from": str(begin), "rule": b},
                {"from": str(begin + timedelta(days=gap)), "rule": c},
            ],
        },
        single,
        single,
        single,
        st.dates(date(2023, 1, 1), date(2030, 1, 1)),
        st.integers(1, 1500),
    ),
)
economies = st.lists(st.tuples(shares, st.floats(0, 1e5), st.integers(0, GENESIS // 500)), min_size=120, max_size=120)


def ten_years(rule: Any, economy: list[tuple[float, float, int]], cap: int | None) -> tuple[list[int], list[int]]:
    """Mint month by month while staking, capacity and burning move; return amounts minted and supplies."""
    issued = burned = 0
    memory = FIRST.memory
    minted, supplies = [], [GENESIS]
    for now, (staked, capacity, gone) in zip(FIRST.steps(120), economy, strict=True):
        supply = GENESIS + issued - burned
        counts = {"issued": issued, "burned": burned, "supply": supply, "circulating": supply, "cap": cap}
        seen = replace(now, **counts, staked=int(staked * supply), capacity=capacity, memory=memory)
        amount, memory = rule.issue(seen)
        assert rule.issue(seen) == (amount, memory)
        issued, burned = issued + amount, burned + min(gone, supply)
        minted.append(amount)
        supplies.append(GENESIS + issued - burned)
    return minted, supplies


@settings(max_examples=60)
@given(composed, economies, st.integers(0, 3 * GENESIS))
def test_any_composition_over_ten_years(parameters: dict[str, Any], economy: list[Any], cap: int) -> None:
    rule = EMISSIONS.build(parameters)
    minted, supplies = ten_years(rule, economy, None)
    assert min(minted) >= 0
    most = rule.most(FIRST, 120)
    assert most is None or "fixed-rate" in str(parameters) or sum(minted) <= most
    for before, after, amount, (_, _, gone) in zip(supplies, supplies[1:], minted, economy, strict=False):
        assert after == before + amount - min(gone, before)
    capped, _ = ten_years(rule, economy, cap)
    assert sum(capped) <= cap
    assert min(capped) >= 0


@given(
    single,
    st.lists(st.integers(0, 3000 * US_PER_DAY), min_size=2, max_size=12, unique=True).map(sorted),
    shares,
    st.floats(0, 1e5),
)
def test_cutting_time_anywhere_changes_nothing(
    parameters: dict[str, Any], cuts: list[int], staked: float, capacity: float
) -> None:
    """Within a base unit per cut, with the counts that the economy would have shown."""
    rule = EMISSIONS.build(parameters)
    held = replace(FIRST, staked=int(staked * GENESIS), capacity=capacity, burned=GENESIS // 7)
    whole = rule.issue(held.part(cuts[0], cuts[-1]))
    total, memory = 0, held.memory
    for begin, end in pairwise(cuts):
        amount, memory = rule.issue(held.after(total).part(begin, end).remembering(memory))
        total += amount
    assert abs(total - whole.amount) <= len(cuts)
    assert np.allclose(np.array(memory, float), np.array(whole.memory, float), rtol=1e-9, atol=len(cuts))


@pytest.mark.jit
@pytest.mark.slow
@settings(max_examples=8)
@given(composed)
def test_the_books_of_an_economy_over_ten_years(parameters: dict[str, Any]) -> None:
    """Every step is audited by the ledger; supply is genesis plus minted less burned to the last digit recorded."""
    alpha = {"emission": parameters, "max_supply": 60e6, "rewards": {"compute": 0.4}}
    few = {name: {"count": 20} for name in ("data_providers", "compute_nodes", "users", "speculators")}
    sets = {"networks.alpha.token." + name: value for name, value in alpha.items()}
    sets |= {"populations." + name: value for name, value in few.items()}
    scenario = load("minimal", sets={**sets, "dt_days": 30.4375, "steps": 120})
    record = simulate(scenario)
    assert record.status == "complete", record.error
    series = {name: record.series[name][:, 0] for name in ("supply", "minted_cum", "burned_cum", "minted")}
    np.testing.assert_allclose(series["supply"], 10e6 + series["minted_cum"] - series["burned_cum"], rtol=1e-12)
    assert series["minted"].min() >= 0
    assert series["minted_cum"][-1] <= 50e6
