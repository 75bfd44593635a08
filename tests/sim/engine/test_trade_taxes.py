"""Taxes on trades: what is levied, on whom, where it goes, and that the books close at every kind of venue."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.tokenomics.sinks import RECEIVERS, TradeTax

POOLS = [
    {"kind": "constant-product", "share": 0.4, "liquidity": 0.4},
    {"kind": "price-impact", "share": 0.2, "liquidity": 0.2},
    {"kind": "weighted", "share": 0.2, "liquidity": 0.2},
    {"kind": "concentrated", "share": 0.2, "liquidity": 0.2},
]


def run(tax: dict[str, Any] | None, steps: int = 40, **sets: Any) -> RunRecord:
    record = simulate(load("minimal", sets={"steps": steps, "networks.alpha.fees": {"trade_tax": tax}, **sets}))
    assert record.status == "complete", record.error
    assert record.audit["passed"]
    return record


def flow(record: RunRecord, name: str, sector: str) -> int:
    return sum(row.amount for row in record.flows if (row.flow, row.sector) == (name, sector))


@given(st.integers(0, 2**60), st.floats(0.0, 0.5))
def test_a_tax_is_rounded_up_and_leaves_something(usd: int, rate: float) -> None:
    due = TradeTax(rate=rate).due(usd)
    assert usd * rate - 1e-15 * usd <= due <= min(usd * rate * (1 + 1e-15) + 1, usd)


@pytest.mark.jit
def test_the_tax_is_its_share_of_what_changes_hands() -> None:
    record = run({"rate": 0.02})
    taxed = record.series["trade_tax"].sum() * 1e6
    spent = -sum(
        row.amount
        for row in record.flows
        if (row.flow, row.instrument) == ("token purchases", "USD") and row.sector not in ("liquidity", "fee escrow")
    )
    received = sum(
        row.amount
        for row in record.flows
        if (row.flow, row.instrument) == ("token sales", "USD") and row.sector != "liquidity"
    )
    assert taxed == pytest.approx(0.02 * spent + 0.02 / 0.98 * received, rel=1e-6)
    assert flow(record, "trade taxes", "fee escrow") == pytest.approx(taxed)


@pytest.mark.jit
def test_every_receiver_gets_its_share() -> None:
    to = {"burn": 0.2, "stakers": 0.2, "compute": 0.2, "builders": 0.2, "treasury": 0.2}
    record = run({"rate": 0.05, "to": to}, **{"networks.alpha.fees.take_rate": 0.0})
    levied = record.series["trade_tax"][:-1].sum() * 1e6
    for sector in ("compute_nodes", "model_builders", "treasury"):
        assert flow(record, "protocol fees", sector) == pytest.approx(0.2 * levied, rel=1e-4)
    assert flow(record, "staking rewards", "fee escrow") == pytest.approx(-0.2 * levied, rel=1e-4)
    assert record.series["burned"].sum() > 0.0
    assert not run(None, **{"networks.alpha.fees.take_rate": 0.0}).series["burned"].sum()


@pytest.mark.jit
@pytest.mark.parametrize("rate", [0.0, 1e-7, 0.01, 0.5])
def test_the_books_close_at_every_kind_of_pool_beside_arbitrage_and_liquidations(rate: float) -> None:
    others = {
        "networks.alpha.venues": POOLS,
        "populations.arbitrageurs": {"count": 5},
        "populations.liquidity_providers": {"count": 20},
        "populations.margin_traders": {"count": 50, "adjustment": 1, "lending": {"usd": 1e6}},
        "populations.insiders": {"count": 5},
    }
    record = run({"rate": rate}, **others)
    assert np.all(record.series["trade_tax"] > 0.0) == (rate > 0.0)


@pytest.mark.jit
def test_a_tax_of_nothing_changes_nothing() -> None:
    free, none = run({"rate": 0.0}), run(None)
    assert all(np.array_equal(none.series[name], free.series[name], equal_nan=True) for name in none.series)
    assert "trade_tax" not in none.series


LENT = {"populations.margin_traders": {"count": 10, "lending": {"usd": 1e5}}}


@pytest.fixture(scope="module")
def to_the_treasury() -> RunRecord:
    return run({"rate": 0.02}, 15, **LENT)


@pytest.mark.jit
@pytest.mark.parametrize("receiver", [name for name in RECEIVERS if name != "treasury"])
def test_every_receiver_changes_what_is_recorded(to_the_treasury: RunRecord, receiver: str) -> None:
    changed = run({"rate": 0.02, "to": {receiver: 1.0}}, 15, **LENT)
    before = to_the_treasury.series
    assert any(not np.array_equal(before[name], changed.series[name], equal_nan=True) for name in before)


@pytest.mark.jit
def test_arbitrage_leaves_wider_gaps_under_a_tax() -> None:
    venues = [{"kind": "constant-product", "share": s, "liquidity": 0.5} for s in (0.9, 0.1)]
    sets = {"networks.alpha.venues": venues, "populations.arbitrageurs": {"count": 5, "cash": 1e6}}
    spread = [run({"rate": rate}, steps=100, **sets).series["venue_spread"].mean() for rate in (0.0, 0.01, 0.05)]
    assert spread[0] < spread[1] < spread[2]


@pytest.mark.jit
def test_trading_at_once_pays_what_the_quote_says() -> None:
    engine = Engine(load("minimal", sets={"networks.alpha.fees": {"trade_tax": {"rate": 0.1}}}))
    trading, accounts = engine.economy.trading, engine.economy.accounts
    free = engine.economy.specs[0].venues[0].quote(engine.economy.pools[0][0], usd=900_000)
    quote = trading.quote(0, 0, usd=1_000_000)
    assert (quote.usd, quote.tokens_out) == (1_000_000, free.tokens_out)
    assert trading.trade(0, 0, "treasury", usd=1_000_000) == quote
    assert accounts.trade_taxes[0] == 100_000
    sale = trading.quote(0, 0, tokens=quote.tokens_out)
    assert trading.trade(0, 0, "treasury", tokens=quote.tokens_out) == sale
    assert accounts.trade_taxes[0] - 100_000 == pytest.approx(sale.usd_out / 9, abs=1)
