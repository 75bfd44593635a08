"""The exact constant-product pair against the published numbers of Uniswap v2, and what must hold whatever happens."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, strategies as st

from catallaxy.sim.markets.exact.constant_product import (
    LOCKED,
    MINIMUM_LIQUIDITY,
    PROTOCOL,
    Pair,
    Refused,
    amount_in,
    amount_out,
    quote,
)

WHOLE = 10**18
SIXTH = Fraction(1, 6)
PUBLISHED: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("uniswap_v2.yaml").read_text(encoding="utf-8"))

AMOUNTS = st.one_of(st.integers(1, 50), st.integers(1, 10**6), st.integers(1, 10**30))
FEES = st.sampled_from([Fraction(0), Fraction(3, 1000), Fraction(1, 100), Fraction(1, 3), Fraction(999, 1000)])


def pair_of(whole: list[int], protocol_share: Fraction | None = None) -> Pair:
    """Return a pair with one deposit, given in whole tokens, of `me`."""
    pair = Pair(protocol_share=protocol_share)
    pair.mint("me", whole[0] * WHOLE, whole[1] * WHOLE)
    return pair


def pair_with_protocol_fee() -> Pair:
    """Return the periphery's second pair: the fee is switched on between two equal deposits."""
    pair = pair_of(PUBLISHED["liquidity_value"]["deposit"])
    pair.protocol_share = SIXTH
    pair.mint("nobody", *(amount * WHOLE for amount in PUBLISHED["liquidity_value"]["deposit"]))
    return pair


def traded(pair: Pair, worth: list[int]) -> Pair:
    """Return the pair after an arbitrageur who knows which amounts are worth the same."""
    asset, amount = pair.arbitrage(*worth)
    if amount:
        pair.sell(asset, amount)
    return pair


@pytest.mark.parametrize("case", PUBLISHED["input_price"])
def test_input_price(case: dict[str, Any]) -> None:
    pair, paid = pair_of(case["reserves"]), case["paid"] * WHOLE
    assert amount_out(paid, *pair.reserves) == case["out"]
    with pytest.raises(Refused, match="product of the reserves would fall"):
        pair.swap((paid, 0), (0, case["out"] + 1))
    pair.swap((paid, 0), (0, case["out"]))
    assert pair.reserves == (case["reserves"][0] * WHOLE + paid, case["reserves"][1] * WHOLE - case["out"])


@pytest.mark.parametrize("case", PUBLISHED["optimistic"])
def test_optimistic(case: dict[str, Any]) -> None:
    pair = pair_of(case["reserves"])
    with pytest.raises(Refused, match="product of the reserves would fall"):
        pair.swap((case["paid"], 0), (case["out"] + 1, 0))
    pair.swap((case["paid"], 0), (case["out"], 0))
    assert pair.reserves[0] == case["reserves"][0] * WHOLE + case["paid"] - case["out"]


def test_mint() -> None:
    case = PUBLISHED["mint"]
    pair = pair_of(case["deposit"])
    assert pair.shares == {LOCKED: case["locked"], "me": case["shares"] * WHOLE - case["locked"]}
    assert pair.reserves == tuple(amount * WHOLE for amount in case["deposit"])


def test_burn() -> None:
    case = PUBLISHED["burn"]
    pair = pair_of(case["deposit"])
    paid = pair.burn("me", pair.shares["me"])
    assert pair.reserves == tuple(case["left"])
    assert paid == tuple(whole * WHOLE - left for whole, left in zip(case["deposit"], case["left"], strict=True))
    assert (pair.supply, pair.shares["me"]) == (case["shares_left"], 0)


@pytest.mark.parametrize("share", [None, SIXTH])
def test_protocol_fee(share: Fraction | None) -> None:
    case = PUBLISHED["protocol_fee"]
    pair = pair_of(case["deposit"], share)
    assert pair.sell(1, case["paid"] * WHOLE) == case["out"]
    pair.burn("me", pair.shares["me"])
    if share is None:
        assert (pair.supply, pair.last_product) == (MINIMUM_LIQUIDITY, 0)
    else:
        assert pair.shares == {LOCKED: MINIMUM_LIQUIDITY, PROTOCOL: case["minted"], "me": 0}
        assert pair.reserves == tuple(case["left"])


def test_the_router_quotes() -> None:
    for case in PUBLISHED["quote"]:
        assert quote(case["amount"], *case["reserves"]) == case["result"]
    case = PUBLISHED["amount_out"]
    assert amount_out(case["amount"], *case["reserves"]) == case["result"]
    case = PUBLISHED["amount_in"]
    assert amount_in(case["wanted"], *case["reserves"]) == case["result"]


@pytest.mark.parametrize("function", [quote, amount_out, amount_in])
@pytest.mark.parametrize("arguments", [(0, 100, 200), (1, 0, 200), (1, 100, 0), (-1, 100, 200)])
def test_the_router_refuses_nothing_and_empty_pairs(function: Any, arguments: tuple[int, int, int]) -> None:
    with pytest.raises(Refused, match="must be above 0"):
        function(*arguments)


def test_the_whole_reserve_is_not_for_sale() -> None:
    with pytest.raises(Refused, match="200 are wanted of a reserve of 200"):
        amount_in(200, 100, 200)


def test_value_of_liquidity() -> None:
    cases = PUBLISHED["liquidity_value"]
    pair = pair_of(cases["deposit"])
    for case in cases["at_once"]:
        assert pair.value_of(case["shares"] * WHOLE) == tuple(case["worth"])
    for name, before in (("after_a_sale", pair), ("with_protocol_fee", pair_with_protocol_fee())):
        case = cases[name]
        before.sell(0, case["paid"] * WHOLE)
        assert before.reserves[1] == case["reserve"]
        assert before.value_of(case["shares"] * WHOLE) == tuple(case["worth"])


@pytest.mark.parametrize("case", PUBLISHED["arbitrage"])
def test_reserves_after_arbitrage(case: dict[str, Any]) -> None:
    pair = traded(pair_of(PUBLISHED["liquidity_value"]["deposit"]), case["worth"])
    assert pair.reserves == tuple(case["left"])


def test_reserves_after_arbitrage_where_the_amounts_are_huge() -> None:
    case, huge = PUBLISHED["arbitrage"][-1], (2**256 - 1) // 1000
    pair = traded(pair_of(PUBLISHED["liquidity_value"]["deposit"]), [huge, huge])
    assert pair.reserves == tuple(case["left"])


@pytest.mark.parametrize("sale", ["", "_sale_and"])
@pytest.mark.parametrize("fee", ["", "_with_protocol_fee"])
def test_value_after_arbitrage(sale: str, fee: str) -> None:
    for case in PUBLISHED[f"value_after{sale}_arbitrage{fee}"]:
        pair = pair_with_protocol_fee() if fee else pair_of(PUBLISHED["liquidity_value"]["deposit"])
        if sale:
            pair.sell(0, (20 if fee else 10) * WHOLE)
        assert traded(pair, case["worth"]).value_of(5 * WHOLE) == tuple(case["value"])


@given(AMOUNTS, AMOUNTS, AMOUNTS, FEES)
def test_a_quote_is_the_most_that_the_pair_gives_and_the_least_that_it_takes(
    amount: int, reserve_in: int, reserve_out: int, fee: Fraction
) -> None:
    out = amount_out(amount, reserve_in, reserve_out, fee)
    exact = Fraction(reserve_out) * amount * (1 - fee) / (reserve_in + amount * (1 - fee))
    assert out == exact.__floor__()
    if 0 < out < reserve_out:
        needed = amount_in(out, reserve_in, reserve_out, fee)
        assert needed <= amount + 1
        assert amount_out(needed, reserve_in, reserve_out, fee) >= out


@given(
    st.lists(
        st.tuples(st.sampled_from(["mint", "burn", "sell"]), st.sampled_from(["a", "b"]), AMOUNTS, AMOUNTS), max_size=12
    ),
    FEES,
    st.sampled_from([None, SIXTH, Fraction(1, 2)]),
)
def test_no_share_ever_loses_and_refusals_change_nothing(
    story: list[tuple[str, str, int, int]], fee: Fraction, protocol_share: Fraction | None
) -> None:
    pair = Pair(fee, protocol_share)
    pair.mint("a", 10**6, 10**7)
    for kind, owner, amount, other in story:
        before = (pair.reserves, dict(pair.shares), pair.last_product)
        product, supply = pair.product, pair.supply + pair.protocol_due()
        try:
            if kind == "mint":
                pair.mint(owner, amount, other)
            elif kind == "burn":
                pair.burn(owner, amount)
            else:
                pair.sell(other % 2, amount)
        except Refused:
            assert before == (pair.reserves, pair.shares, pair.last_product)
            continue
        assert min(pair.reserves) > 0
        assert min(pair.shares.values()) >= 0
        assert pair.product * supply**2 >= product * pair.supply**2


@pytest.mark.parametrize("share", [SIXTH, Fraction(2, 5), Fraction(1)])
def test_the_protocol_owns_its_share_of_the_growth_before_anyone_else_comes(share: Fraction) -> None:
    pair = pair_of([1000, 1000], share)
    root = isqrt(pair.product)
    for _ in range(20):
        pair.sell(0, 300 * WHOLE)
        pair.sell(1, 300 * WHOLE)
    growth, due = isqrt(pair.product) - root, pair.protocol_due()
    owned = Fraction(due, pair.supply + due) * (root + growth)
    assert abs(owned - share * growth) <= 2
    before, supply = pair.reserves, pair.supply + due
    shares = pair.mint("other", before[0] // 7, before[1] // 7)
    assert shares == min(before[0] // 7 * supply // before[0], before[1] // 7 * supply // before[1])
    assert pair.shares[PROTOCOL] == due


@given(AMOUNTS, AMOUNTS)
def test_depositing_and_withdrawing_at_once_gains_nothing(amount_0: int, amount_1: int) -> None:
    pair = pair_of([5, 10])
    try:
        shares = pair.mint("other", amount_0, amount_1)
    except Refused:
        return
    paid = pair.value_of(shares)
    assert paid[0] <= amount_0
    assert paid[1] <= amount_1


def test_what_is_wrong_is_said() -> None:
    pair = pair_of([5, 10])
    for action, message in (
        (lambda: pair.mint("me", 0, 5), "0 and 5; both must be above 0"),
        (lambda: Pair().mint("me", 1000, 1000), "worth no share"),
        (lambda: pair.burn("other", 1), "other gives back 1 shares and holds 0"),
        (lambda: pair.burn("me", 0), "gives back 0 shares"),
        (lambda: pair.swap((1, 0), (0, 0)), "nothing is paid out"),
        (lambda: pair.swap((0, 0), (0, 1)), "nothing is paid in"),
        (lambda: pair.swap((-1, 0), (0, 1)), "none may be negative"),
        (lambda: pair.swap((1, 0), (0, 10 * WHOLE)), "to be paid out of"),
        (lambda: pair.sell(0, 0), "must be above 0"),
        (lambda: pair_of([10, 1]).sell(0, 5), "worth less than one unit"),
    ):
        with pytest.raises(Refused, match=message):
            action()
