"""The ledger: flows sum to zero, the audit finds whatever they do not explain, and periods add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.errors import AuditError
from catallaxy.sim.recording.record import FlowRow
from catallaxy.sim.recording.sectors import FIXED_SECTORS
from catallaxy.sim.state.ledger import FLOWS, USD, Ledger

INSTRUMENTS = ("USD", "AGO", "BAZ")
SECTORS = (*FIXED_SECTORS, "users", "speculators")
POSTS = st.lists(
    st.tuples(
        st.integers(0, len(INSTRUMENTS) - 1),
        st.sampled_from(FLOWS),
        st.sampled_from(SECTORS),
        st.sampled_from(SECTORS),
        st.integers(0, 2**55),
    ),
    max_size=30,
)
Posts = list[tuple[int, str, str, str, int]]


def opened() -> tuple[Ledger, np.ndarray]:
    """Return books over given stocks, and those stocks."""
    stocks = np.arange(len(INSTRUMENTS) * len(SECTORS), dtype=np.int64).reshape(len(INSTRUMENTS), -1) * 1000
    ledger = Ledger(INSTRUMENTS, SECTORS)
    ledger.open(stocks)
    return ledger, stocks.copy()


def book(ledger: Ledger, stocks: np.ndarray, posts: Posts) -> None:
    """Post flows, and move the stocks themselves by the same amounts."""
    for instrument, flow, payer, receiver, amount in posts:
        ledger.post(instrument, flow, payer, receiver, amount)
        stocks[instrument, SECTORS.index(payer)] -= amount
        stocks[instrument, SECTORS.index(receiver)] += amount


@given(POSTS, POSTS)
def test_every_flow_of_every_instrument_sums_to_zero(first: Posts, second: Posts) -> None:
    ledger, stocks = opened()
    for step, posts in enumerate((first, second)):
        book(ledger, stocks, posts)
        ledger.audit(step, stocks)
    ledger.close_period(1)
    totals: dict[tuple[str, str], int] = {}
    for row in ledger.rows:
        totals[row.instrument, row.flow] = totals.get((row.instrument, row.flow), 0) + row.amount
    assert set(totals.values()) <= {0}


@given(POSTS)
def test_the_books_know_every_balance(posts: Posts) -> None:
    ledger, stocks = opened()
    book(ledger, stocks, posts)
    for i in range(len(INSTRUMENTS)):
        assert [ledger.balance(i, sector) for sector in SECTORS] == stocks[i].tolist()
    ledger.audit(0, stocks)
    assert [ledger.balance(USD, sector) for sector in SECTORS] == stocks[USD].tolist()
    assert ledger.summary()["steps_checked"] == 1


@given(
    POSTS,
    st.integers(0, len(INSTRUMENTS) - 1),
    st.sampled_from(SECTORS),
    st.integers(-(2**60), 2**60).filter(bool),
    st.integers(0, 10_000),
)
def test_an_unexplained_unit_stops_the_audit_with_its_address(
    posts: Posts, instrument: int, sector: str, amount: int, step: int
) -> None:
    ledger, stocks = opened()
    book(ledger, stocks, posts)
    stocks[instrument, SECTORS.index(sector)] += amount
    with pytest.raises(AuditError) as caught:
        ledger.audit(step, stocks)
    error = caught.value
    assert (error.step, error.sector, error.instrument, error.amount) == (
        step,
        sector,
        INSTRUMENTS[instrument],
        amount,
    )
    assert all(str(part) in str(error) for part in (step, sector, INSTRUMENTS[instrument], f"{amount:+d}"))
    summary = ledger.summary()
    assert (summary["passed"], summary["steps_checked"]) == (False, 0)
    assert summary["largest_discrepancy"] == abs(amount)


def test_a_unit_that_moves_without_a_flow_is_missed_by_nobody() -> None:
    ledger, stocks = opened()
    stocks[1, SECTORS.index("users")] -= 7
    stocks[1, SECTORS.index("treasury")] += 7
    with pytest.raises(AuditError, match=r"'(users|treasury)' holds [+-]7 base units of 'AGO'"):
        ledger.audit(3, stocks)


def test_a_negative_flow_is_refused_and_books_nothing() -> None:
    ledger, stocks = opened()
    with pytest.raises(ValueError, match="licence fees from users to treasury: -1"):
        ledger.post(USD, "licence fees", "users", "treasury", -1)
    ledger.audit(0, stocks)
    ledger.close_period(0)
    assert ledger.rows == []


@pytest.mark.parametrize(
    ("flow", "payer", "receiver"),
    [("gifts", "users", "treasury"), ("burn", "strangers", "burned")],
)
def test_unknown_names_book_nothing(flow: str, payer: str, receiver: str) -> None:
    ledger, _ = opened()
    before = [ledger.balance(USD, sector) for sector in SECTORS]
    with pytest.raises(KeyError):
        ledger.post(USD, flow, payer, receiver, 1)
    assert [ledger.balance(USD, sector) for sector in SECTORS] == before


def test_a_period_totals_its_steps_and_starts_afresh() -> None:
    ledger, stocks = opened()
    for step in range(4):
        book(
            ledger,
            stocks,
            [(1, "emission", "minting", "reward pool", 10 + step), (USD, "grants", "treasury", "users", 1)],
        )
        ledger.audit(step, stocks)
        if step % 2:
            ledger.close_period(step)
    assert ledger.rows == [
        FlowRow(step, instrument, flow, sector, amount)
        for step, emitted in ((1, 21), (3, 25))
        for instrument, flow, sector, amount in (
            ("USD", "grants", "treasury", -2),
            ("USD", "grants", "users", 2),
            ("AGO", "emission", "minting", -emitted),
            ("AGO", "emission", "reward pool", emitted),
        )
    ]


def test_flows_of_a_step_that_was_not_audited_wait_for_the_next_period() -> None:
    ledger, stocks = opened()
    book(ledger, stocks, [(2, "stake", "speculators", "staked", 5)])
    ledger.close_period(0)
    assert ledger.rows == []
    ledger.audit(1, stocks)
    ledger.close_period(1)
    assert {row.sector: row.amount for row in ledger.rows} == {"speculators": -5, "staked": 5}


def test_a_sector_that_joins_later_is_audited_like_any_other() -> None:
    ledger, stocks = opened()
    ledger.post(USD, "grants", "treasury", "users", 3)
    ledger.add_sector("guests")
    ledger.post(USD, "new capital", "outside world", "guests", 11)
    stocks = np.pad(stocks, ((0, 0), (0, 1)))
    for sector, amount in (("treasury", -3), ("users", 3), ("outside world", -11), ("guests", 11)):
        stocks[USD, ledger.sectors.index(sector)] += amount
    ledger.audit(0, stocks)
    assert ledger.balance(USD, "guests") == 11
    assert ledger.summary()["identities_per_step"] == len(INSTRUMENTS) * (len(SECTORS) + 1)
