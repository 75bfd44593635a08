from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from catallaxy.sim.tokenomics.sinks import SINKS, FeeRouting, Sink, check_sinks, reward_burn, route_fees
from catallaxy.sim.tokenomics.units import exact
from oracles import tokenomics as oracle


def sinks(*pairs: tuple[str, float]) -> list[Sink]:
    return [SINKS.build({"kind": kind, "share": share}) for kind, share in pairs]


def test_kinds() -> None:
    assert list(SINKS) == [
        "buyback-and-burn",
        "fee-split",
        "fee-to-stakers",
        "fee-to-treasury",
        "percentage-burn",
        "reward-recycling",
        "slash-split",
        "stake-rebate",
        "usd-burn",
    ]


def test_render_burns_95_percent_and_keeps_5() -> None:
    # RNP-001: a job's price burns RENDER less a fee of 5 %
    job = 1_000_000
    assert route_fees(sinks(("usd-burn", 0.95)), job, 50_000) == FeeRouting(950_000, 0, 50_000, 0)


def test_the_graph_delegation_tax() -> None:
    # graphprotocol/contracts: 0.5 % of a delegation is burned
    assert reward_burn(sinks(("percentage-burn", 0.005)), 1_000_000) == 5_000


def test_stakers_are_rounded_down_and_the_treasury_keeps_the_rest() -> None:
    split = sinks(("fee-to-stakers", 1 / 3), ("fee-to-treasury", 0.5))
    assert route_fees(split, 1_000, 100) == FeeRouting(0, 33, 67, 900)


def test_nothing_is_taken_without_sinks() -> None:
    assert route_fees([], 1_000, 100) == FeeRouting(0, 0, 100, 900)
    assert reward_burn([], 77) == 0


def test_the_fee_comes_before_the_burn() -> None:
    assert route_fees(sinks(("usd-burn", 1.0)), 1_000, 100) == FeeRouting(900, 0, 100, 0)


@pytest.mark.parametrize(("gross", "fee"), [(10, 11), (-1, 0), (5, -1)])
def test_impossible_amounts_are_refused(gross: int, fee: int) -> None:
    with pytest.raises(ValueError, match="between 0 and gross spending"):
        route_fees([], gross, fee)


KINDS = ("fee-to-stakers", "fee-to-treasury", "percentage-burn", "usd-burn")
shares = st.lists(st.tuples(st.sampled_from(KINDS), st.floats(0, 1)), max_size=6)


@given(shares, st.integers(0, 2**60), st.floats(0, 1))
def test_money_is_conserved_and_the_order_of_sinks_does_not_matter(
    pairs: list[tuple[str, float]], gross: int, fee_share: float
) -> None:
    fee = int(exact(fee_share) * gross)
    routing = route_fees(sinks(*pairs), gross, fee)
    parts = (routing.burn_usd, routing.stakers_usd, routing.treasury_usd, routing.providers_usd)
    assert min(parts) >= 0
    assert sum(parts) == gross
    assert routing.stakers_usd + routing.treasury_usd == fee
    assert routing == route_fees(sinks(*reversed(pairs)), gross, fee)
    expected = oracle.fee_parts(
        gross,
        fee,
        [exact(share) for kind, share in pairs if kind == "usd-burn"],
        [exact(share) for kind, share in pairs if kind == "fee-to-stakers"],
    )
    assert parts == tuple(expected[name] for name in ("burn", "stakers", "treasury", "providers"))


@given(shares, st.integers(0, 2**60))
def test_a_reward_burn_never_exceeds_the_reward(pairs: list[tuple[str, float]], reward: int) -> None:
    assert 0 <= reward_burn(sinks(*pairs), reward) <= reward


def test_check_counts_each_source_apart() -> None:
    fine = sinks(("usd-burn", 0.95), ("fee-to-stakers", 0.5), ("fee-to-treasury", 0.5), ("percentage-burn", 1.0))
    assert check_sinks(fine) == []
    [(path, message)] = check_sinks(sinks(("fee-to-stakers", 0.7), ("fee-to-treasury", 0.5)))
    assert path == ("sinks",)
    assert message == (
        "shares taken from fees sum to 0.7 (fee-to-stakers) + 0.5 (fee-to-treasury) = 1.2; at most 1 can be given away"
    )


def test_sentences() -> None:
    assert [sink.describe() for sink in sinks(("usd-burn", 0.95), ("percentage-burn", 0.01))] == [
        "0.95 of spending on services buys tokens that are burned.",
        "0.01 of token rewards is burned.",
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"kind": "usd-burn", "share": 1.2}, "less than or equal to 1"),
        ({"kind": "usd-burn"}, "Field required"),
        ({"kind": "usd-bun", "share": 0.1}, "did you mean 'usd-burn'"),
    ],
)
def test_bad_sinks_are_explained(value: dict[str, Any], message: str) -> None:
    with pytest.raises((ValidationError, ValueError)) as caught:
        SINKS.build(value)
    assert message in str(caught.value)
