"""The lending facility: what interest follows, who is paid first, who bears a shortfall, and that nothing is lost."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.agents.lending import INSURANCE, LENDERS, ClaimsError, Facility, LendingSpec, Shortfall
from catallaxy.agents.rates import Rate

YEAR = 365.25
AMOUNTS = st.integers(0, 2**60)


class Books:
    """Records what is booked."""

    def __init__(self) -> None:
        self.flows: list[tuple[str, str, str, str, int]] = []

    def post_usd(self, flow: str, payer: str, receiver: str, amount: int) -> None:
        self.flows.append(("USD", flow, payer, receiver, amount))

    def post(self, k: int, flow: str, payer: str, receiver: str, amount: int) -> None:
        self.flows.append((f"token {k}", flow, payer, receiver, amount))

    def received(self, instrument: str, sector: str) -> int:
        return sum(
            amount * ((receiver == sector) - (payer == sector))
            for name, _, payer, receiver, amount in self.flows
            if name == instrument
        )


def facility(usd: float = 100.0, insurance: float = 10.0, **terms: Any) -> Facility:
    return Facility(LendingSpec(usd=usd, insurance_usd=insurance, **terms), "traders", 1)


def rows(usd: int, tokens: int = 0) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array([[usd, tokens]], np.int64)


def test_interest_rises_with_utilisation_along_two_lines() -> None:
    spec = LendingSpec(base=Rate(0.01), to_kink=Rate(0.04), above_kink=Rate(0.75), kink=0.8)
    used = np.array([0.0, 0.4, 0.8, 0.9, 1.0])
    assert spec.interest(used, YEAR) == pytest.approx([0.01, 0.03, 0.05, 0.425, 0.80])
    assert spec.interest(used, YEAR / 2) == pytest.approx(spec.interest(used, YEAR) / 2)


def test_what_is_lent_raises_the_rate() -> None:
    lender, books = facility(usd=100.0), Books()
    before = lender.rates(1.0)[0, 0]
    lender.lend(books, rows(80_000_000))
    assert lender.rates(YEAR)[0].tolist() == pytest.approx([0.04, 0.0])
    assert lender.rates(1.0)[0, 0] > before == 0.0


@given(st.integers(0, 2**70), st.integers(0, 2**70), AMOUNTS, AMOUNTS)
def test_loans_are_granted_in_proportion_and_never_exceed_what_there_is(
    usd: int, tokens: int, idle_usd: int, idle_tokens: int
) -> None:
    lender = facility()
    lender.idle[0] = idle_usd, idle_tokens
    for asked, there, share in zip(
        (usd, tokens), (idle_usd, idle_tokens), lender.granted([[usd, tokens]])[0], strict=True
    ):
        if asked <= there:
            assert share == 1.0
        else:
            assert there * (1.0 - 1e-9) <= asked * share <= there


def test_interest_is_repaid_first() -> None:
    lender, books = facility(), Books()
    lender.lend(books, rows(50))
    lender.charge(rows(7))
    lender.take_back(books, rows(10))
    paid = {flow: amount for name, flow, _, _, amount in books.flows if name == "USD"}
    assert (paid["interest"], paid["repayments"]) == (7, 3)
    assert lender.owed[0, 0] == 47
    assert lender.interest[0, 0] == 0


@given(AMOUNTS, AMOUNTS, st.integers(0, 2**62), AMOUNTS)
def test_a_shortfall_is_paid_by_the_insurance_fund_and_then_by_the_lenders(
    owed: int, lost: int, worth: int, insured: int
) -> None:
    lender, books = facility(), Books()
    lost, lender.owed[0, 0], lender.interest[0, 0], lender.insurance[0] = min(lost, owed), owed, owed // 2, insured
    idle = int(lender.idle[0, 0])
    paid = lender.absorb(books, 0, Shortfall(lost, 0, worth))
    assert paid == min(worth, insured)
    assert lender.insurance[0] == insured - paid
    assert lender.idle[0, 0] == idle + paid
    assert lender.owed[0, 0] == owed - lost
    assert 0 <= lender.interest[0, 0] <= lender.owed[0, 0]
    assert books.received("USD", INSURANCE) == -paid == -books.received("USD", LENDERS)


@given(
    st.lists(
        st.tuples(st.sampled_from(["lend", "charge", "repay", "fine", "lose"]), st.integers(0, 10**9)), max_size=30
    )
)
def test_every_holding_is_what_the_books_say(events: list[tuple[str, int]]) -> None:
    lender, books = facility(usd=1000.0, insurance=1.0), Books()
    start = lender.holdings()
    for what, amount in events:
        owed, idle = int(lender.owed[0, 0]), int(lender.idle[0, 0])
        if what == "lend":
            lender.lend(books, rows(min(amount, idle)))
        elif what == "charge":
            lender.charge(rows(min(amount, owed)))
        elif what == "repay":
            lender.take_back(books, rows(min(amount, owed)))
        elif what == "fine":
            lender.fine(books, 0, amount)
        else:
            lender.absorb(books, 0, Shortfall(min(amount, owed), 0, min(amount, owed)))
        held = lender.holdings()
        assert held.keys() == start.keys() == {LENDERS, INSURANCE}
        for sector in held:
            assert held[sector].usd - start[sector].usd == books.received("USD", sector)
        assert min(lender.idle.min(), lender.owed.min(), lender.interest.min(), lender.insurance.min()) >= 0


def test_a_debt_that_the_lenders_do_not_know_of_is_noticed() -> None:
    lender = facility()
    economy = SimpleNamespace(step=3, names=("alpha",), symbols=("ALPHA",))
    lender.check(economy, rows(0))
    with pytest.raises(ClaimsError, match=r"step 3: 'traders' owe their lenders on 'alpha' \+5 base units of 'ALPHA'"):
        lender.check(economy, rows(0, 5))
