"""Token mergers: the ratio is exact, the books balance, and the price stays above what conversion pays."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.token_units import base_units_of
from catallaxy.sim.tokenomics.merger import MergerSpec
from catallaxy.sim.tokenomics.units import LARGEST_SUPPLY

OPENS = datetime.date(2025, 1, 11)
GROUPS = [
    {"group": "community", "share": 0.9, "receiver": "speculators", "tge": 1.0},
    {"group": "liquidity", "share": 0.1, "receiver": "liquidity", "tge": 1.0},
]
BETA: dict[str, Any] = {"token": {"symbol": "BETA", "price": 3.0, "genesis": 5e6, "allocation": {"groups": GROUPS}}}
MERGER: dict[str, Any] = {"into": "beta", "ratio": 0.43335, "opens": "2025-01-11"}
TRADERS = {"count": 20, "cash": 1e6, "margin": 0.001}


def merging(merger: dict[str, Any] | None, **sets: Any) -> Scenario:
    both = {"networks.beta": BETA, "networks.alpha.token.merger": merger, "populations.arbitrageurs": TRADERS}
    return load("minimal", sets={"steps": 40, **both, **sets})


def merged(merger: dict[str, Any] | None, **sets: Any) -> RunRecord:
    record = simulate(merging(merger, **sets))
    assert record.status == "complete", record.error
    return record


def test_asi_ratios_mint_what_was_announced() -> None:
    """Supplies of AGIX (2e9) and OCEAN (1.41e9) at the ratios, against the announced mint (fetch.ai, 2024-05-03)."""
    minted = []
    for supply, ratio, announced in ((2_000_000_000, 0.433350, 866_700_367), (1_410_000_000, 0.433226, 610_849_199)):
        merger = MergerSpec(into="fet", ratio=ratio, opens=OPENS)
        minted.append(merger.converted(supply * 10**8, 10**8, 10**18) / 10**18)
        assert minted[-1] == pytest.approx(announced, rel=1e-6)
    assert sum(minted) == pytest.approx(1_477_549_566, rel=1e-6)
    assert 1_152_997_575 + sum(minted) == pytest.approx(2_630_547_141, rel=1e-6)


@given(st.integers(0, 2**60), st.integers(0, 2**60), st.floats(1e-6, 1e6))
def test_converting_in_parts_never_gives_more(first: int, second: int, ratio: float) -> None:
    merger = MergerSpec(into="beta", ratio=ratio, opens=OPENS)
    together = merger.converted(first + second, 10**9, 10**6)
    apart = merger.converted(first, 10**9, 10**6) + merger.converted(second, 10**9, 10**6)
    assert together - 1 <= apart <= together


@pytest.mark.jit
def test_what_is_burned_of_one_token_is_minted_of_the_other_at_the_ratio() -> None:
    record = merged(MERGER)
    converted = record.series["converted"]
    assert np.all(converted[:10] == 0.0)
    gone, given_for = -converted[-1, 0], converted[-1, 1]
    assert gone > 0.0
    assert given_for == pytest.approx(0.43335 * gone, rel=1e-7)
    names = ("supply", "minted_cum", "burned_cum", "converted")
    supply, minted, burned, changed = (record.series[name] for name in names)
    assert supply == pytest.approx(np.array([10e6, 5e6]) + minted - burned + changed, rel=1e-12)


@pytest.mark.jit
def test_the_price_stays_above_the_ratio_while_conversion_is_open() -> None:
    merger = {**MERGER, "closes": "2025-01-31"}
    price, free = (merged(m).series["price"] for m in (merger, None))
    ratio = price[:, 0] / price[:, 1] / 0.43335
    fees_and_margin = (1 - 0.003) ** 2 / 1.001
    assert free[10:30, 0].min() < 0.43335 * free[10:30, 1].max() * 0.95
    assert np.all(ratio[10:30] >= fees_and_margin * 0.995)
    assert np.array_equal(price[:10], free[:10])


@pytest.mark.jit
@pytest.mark.parametrize("change", [{"ratio": 0.6}, {"opens": "2025-01-20"}, {"closes": "2025-01-15"}], ids=str)
def test_every_parameter_changes_what_is_recorded(change: dict[str, Any]) -> None:
    plain, changed = (merged(m).series["converted"] for m in (MERGER, {**MERGER, **change}))
    assert not np.array_equal(plain, changed)


def both_ways(back: dict[str, Any]) -> dict[str, Any]:
    """Merge alpha into beta at 0.4, and beta into alpha."""
    beta = {"token": {**BETA["token"], "merger": {"into": "alpha", "opens": "2025-01-11", **back}}}
    return {"networks.beta": beta, "networks.alpha.token.max_supply": None}


@pytest.mark.parametrize(
    ("back", "refused"),
    [
        ({"ratio": 2.5}, False),
        ({"ratio": 2.5000001}, True),
        ({"ratio": 100.0, "opens": "2025-01-21"}, False),
        ({"ratio": 100.0, "opens": "2025-01-20"}, True),
        ({"ratio": 100.0, "opens": "2025-01-01", "closes": "2025-01-11"}, False),
        ({"ratio": 100.0, "opens": "2025-01-01", "closes": "2025-01-12"}, True),
    ],
    ids=str,
)
def test_going_round_a_circle_must_not_bring_more_tokens(back: dict[str, Any], refused: bool) -> None:
    forth = {"into": "beta", "ratio": 0.4, "opens": "2025-01-11", "closes": "2025-01-21"}
    if refused:
        with pytest.raises(ScenarioError, match="alpha > beta > alpha comes back as"):
            merging(forth, **both_ways(back))
    else:
        merging(forth, **both_ways(back))


@pytest.mark.jit
def test_ratios_that_undo_each_other_tie_both_prices() -> None:
    record = merged({**MERGER, "ratio": 0.4}, **both_ways({"ratio": 2.5}))
    price = record.series["price"]
    gap = price[10:, 0] / (0.4 * price[10:, 1])
    band = (1 - 0.003) ** 2 / 1.001 * 0.995
    assert np.all(gap >= band)
    assert np.all(gap <= 1.0 / band)


def test_the_ledger_makes_room_for_all_that_can_be_converted() -> None:
    units = [base_units_of(merging({**MERGER, "ratio": ratio}), "beta") for ratio in (0.1, 100.0)]
    most = 4 * 5e6 + 100 * 21e6
    assert units == [10**9, 10**8]
    assert most * units[1] < LARGEST_SUPPLY < most * units[0]


@pytest.mark.jit
def test_a_conversion_beyond_what_the_ledger_counts_stops_the_run() -> None:
    economy = Engine(merging({**MERGER, "opens": "2024-12-01"})).economy
    [passage] = economy.mergers.passages(0)
    assert passage.quote(0, 1, tokens=LARGEST_SUPPLY * 10).usd_out == 0
    assert passage.quote(0, 1, tokens=10**9).usd_out > 0
    economy.accounts.converted[1] = LARGEST_SUPPLY - int(economy.supply()[1])
    with pytest.raises(OverflowError, match="conversion of ALPHA has taken the supply of BETA to 1"):
        passage.take("arbitrageurs", 10**9)


def test_a_token_with_a_maximum_cannot_be_merged_into() -> None:
    with pytest.raises(ScenarioError, match="conversion mints BETA beyond its max_supply of 6e"):
        merged(MERGER, **{"networks.beta.token.max_supply": 6e6})
