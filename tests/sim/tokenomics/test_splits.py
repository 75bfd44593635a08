"""Splits among receivers are exact, in whatever amounts and shares."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from catallaxy.sim.tokenomics.sinks import RECEIVERS, SINKS, Split, check_sinks, divide, route_fees
from catallaxy.sim.tokenomics.units import exact


def build(kind: str, **parameters: Any) -> Any:
    return SINKS.build({"kind": kind, **parameters})


@st.composite
def splits(draw: st.DrawFn) -> Split:
    weights = draw(st.lists(st.integers(0, 1000), min_size=len(RECEIVERS), max_size=len(RECEIVERS)))
    weights[draw(st.integers(0, len(RECEIVERS) - 1))] += 1
    return Split(**{name: weight / sum(weights) for name, weight in zip(RECEIVERS, weights, strict=True)})


amounts = st.integers(0, 2**60)


@given(splits(), amounts)
def test_the_parts_sum_exactly_and_follow_the_shares(split: Split, amount: int) -> None:
    parts = split.parts(amount)
    assert sum(parts.values()) == amount
    assert set(parts) == set(split.shares())
    for name, part in parts.items():
        assert part >= 0
        assert abs(part - exact(split.shares()[name]) * amount) < 1 + amount * 1e-12


@given(splits(), splits(), st.floats(0, 0.5), st.floats(0, 0.5), st.floats(0, 0.6), amounts, st.floats(0, 0.4))
def test_fee_burn_and_providers_sum_to_spending_in_any_order(
    first: Split, second: Split, a: float, b: float, burned: float, gross: int, take: float
) -> None:
    sinks = [build("fee-split", share=a, to=first), build("fee-split", share=b, to=second)]
    sinks.append(build("usd-burn", share=burned))
    fee = int(exact(take) * gross)
    routing = route_fees(sinks, gross, fee)
    assert routing == route_fees(sinks[::-1], gross, fee)
    assert routing.burn_usd + fee + routing.providers_usd == gross
    assert routing.stakers_usd + routing.treasury_usd + sum(routing.others.values()) == fee
    assert min(routing.burn_usd, routing.treasury_usd, routing.providers_usd, *routing.others.values(), 0) == 0


def test_the_graph_gives_the_fisherman_half_of_a_slash_of_2_5_percent() -> None:
    # graphprotocol/contracts: slashing percentage 25,000 ppm, fisherman's share 500,000 ppm
    stake = 100_000 * 10**18 // 10**9
    slashed = stake * 25 // 1000
    parts = divide([build("slash-split", to={"compute": 0.5, "burn": 0.5})], "slashes", slashed)
    assert parts == {"burn": slashed // 2, "compute": slashed // 2}
    assert parts["compute"] == stake // 80


def test_the_graph_burns_1_percent_of_query_fees_and_pays_curators_10_percent() -> None:
    # graphprotocol/contracts: protocol fee 1 %, curation 10 %; those who are paid for signal are stakers here
    sinks = [build("usd-burn", share=0.01), build("fee-to-stakers", share=1.0)]
    routing = route_fees(sinks, 1_000_000, 100_000)
    assert (routing.burn_usd, routing.stakers_usd, routing.providers_usd) == (10_000, 100_000, 890_000)


@pytest.mark.parametrize(
    ("fees", "stake", "rebate"),
    [(100, 100, 45.1188364), (100, 500, 95.0212932), (1000, 100, 58.2354664), (1400, 5000, 1235.7531675)],
)
def test_the_graph_rebates_query_fees_by_stake(fees: int, stake: int, rebate: float) -> None:
    # graphprotocol/contracts, LibExponential: alpha 1, lambda 0.6
    parts = build("stake-rebate", share=1.0).parts(fees * 10**9, stake * 10**9)
    assert parts["compute"] / 1e9 == pytest.approx(rebate, rel=1e-6)
    assert sum(parts.values()) == fees * 10**9


def test_enough_stake_earns_the_whole_fee_and_none_earns_nothing() -> None:
    rule = build("stake-rebate", share=0.5)
    assert rule.parts(2_000, 25_001) == {"compute": 1_000, "burn": 0}
    assert rule.parts(2_000, 0) == {"compute": 0, "burn": 1_000}
    assert rule.parts(0, 10) == {"compute": 0, "burn": 0}


@given(amounts, amounts, amounts, st.floats(0, 1), st.floats(0, 10))
def test_more_stake_never_lowers_a_rebate(fees: int, one: int, other: int, alpha: float, slope: float) -> None:
    rule = build("stake-rebate", share=1.0, alpha=alpha, slope=slope)
    low, high = sorted((one, other))
    assert 0 <= rule.rebate(fees, low) <= rule.rebate(fees, high) <= fees


def test_buyback_comes_out_of_the_fee() -> None:
    routing = route_fees([build("buyback-and-burn", share=0.25)], 1_000, 100)
    assert (routing.burn_usd, routing.treasury_usd, routing.providers_usd) == (0, 75, 900)
    assert routing.others == {"burn": 25}


def test_recycled_and_burned_rewards_are_different_things() -> None:
    sinks = [build("reward-recycling", share=0.2), build("percentage-burn", share=0.1)]
    assert divide(sinks, "rewards", 1_000) == {"burn": 100, "recycle": 200}


def test_more_than_there_is_cannot_be_taken() -> None:
    sinks = [build("fee-split", to={"burn": 1.0}), build("fee-split", to={"compute": 1.0})]
    assert divide(sinks, "fees", 100) == {"burn": 100}
    [(path, message)] = check_sinks(sinks)
    assert path == ("sinks",)
    assert "sum to 1 (fee-split) + 1 (fee-split) = 2" in message


def test_rewards_cannot_be_paid_to_those_whom_the_reward_split_is_for() -> None:
    class Misplaced(SINKS.resolve("percentage-burn")):  # type: ignore[misc]
        paid_to = "stakers"

    [(path, message)] = check_sinks([Misplaced(kind="misplaced", share=0.1)])
    assert path == ("sinks", 0)
    assert message == "what is taken from rewards cannot be paid to 'stakers'; one of burn, recycle"


def test_sentences() -> None:
    split = build("fee-split", share=0.5, to={"burn": 0.75, "stakers": 0.25})
    assert split.describe() == "0.5 of protocol fees is divided: 0.75 to burn, 0.25 to stakers."


@pytest.mark.parametrize("to", [{"staker": 1.0}, {"burn": -0.1}, {"burn": 1.1}, {"burn": float("nan")}])
def test_bad_splits_are_refused(to: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        build("fee-split", to=to)
