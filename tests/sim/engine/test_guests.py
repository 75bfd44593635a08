"""Guests in a running economy: their money is booked, and the audit holds with them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from catallaxy.agents.guests import OrderRefused
from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.engine.guests import GUESTS, guests_of, network_number, open_account
from catallaxy.sim.errors import AuditError
from catallaxy.sim.scenario.loading import load

SMALL = {"steps": 40, "populations.users.count": 300, "populations.speculators.count": 100}


@pytest.fixture
def engine() -> Engine:
    return Engine(load("minimal", sets=SMALL))


def test_guests_join_when_they_are_wanted(engine: Engine) -> None:
    engine.step()
    assert GUESTS not in engine.economy.populations
    guests = guests_of(engine.economy)
    assert guests_of(engine.economy) is guests
    assert engine.economy.ledger.sectors[-1] == GUESTS
    assert guests.site.first_id == engine.scenario.agents
    engine.run()


def test_a_name_that_is_taken_is_refused() -> None:
    taken = Engine(load("minimal", sets={**SMALL, "populations.guests": {"kind": "users", "count": 3}}))
    with pytest.raises(ValueError, match="already a sector named 'guests'"):
        guests_of(taken.economy)


def test_the_audit_holds_with_guests_that_trade(engine: Engine) -> None:
    economy, chance = engine.economy, np.random.default_rng(3)
    engine.step()
    accounts = [open_account(economy, 1e4 * n, {"alpha": 100.0 * n}) for n in range(20)]
    guests = guests_of(economy)
    while not engine.finished:
        for account in accounts:
            if chance.random() < 0.5:
                guests.order(account, 0, usd=chance.random() * guests.usd[account] / 1e6)
            else:
                guests.order(account, 0, tokens=chance.random() * guests.tokens[0, account] / 1e9)
        engine.step()
        assert guests.usd.min() >= 0
        assert guests.tokens.min() >= 0
    rows = [row for row in engine.record().flows if row.sector == GUESTS]
    assert sum(row.amount for row in rows if row.instrument == "USD") == guests.usd_total()
    assert sum(row.amount for row in rows if row.instrument == "ALPHA") == guests.token_totals()[0]
    assert {row.flow for row in rows} == {"new capital", "grants", "token purchases", "token sales"}


def test_a_large_buyer_moves_the_price(engine: Engine) -> None:
    alone = Engine(engine.scenario)
    guests_of(engine.economy).order(open_account(engine.economy, 2e5), 0, usd=2e5)
    engine.step()
    alone.step()
    assert engine.economy.quoted.token_price[0] > alone.economy.quoted.token_price[0]
    fill = guests_of(engine.economy).last_fill(0, 0)
    assert fill.usd == -2e5
    assert alone.economy.quoted.token_price[0] < fill.price


def test_tokens_come_from_the_treasury_and_not_from_nowhere(engine: Engine) -> None:
    held = int(engine.economy.accounts.treasury_tokens[0])
    open_account(engine.economy, tokens={"alpha": 1000.0})
    assert int(engine.economy.accounts.treasury_tokens[0]) == held - 1000 * int(engine.economy.base[0])
    for amount in (1e9, math.nan):
        with pytest.raises(OrderRefused, match="cannot give"):
            open_account(engine.economy, tokens={"alpha": amount})
    engine.step()


def test_money_from_nowhere_stops_the_run(engine: Engine) -> None:
    guests = guests_of(engine.economy)
    account = open_account(engine.economy, 5.0)
    guests.usd[account] += 7
    with pytest.raises(AuditError, match="7 base units of 'USD' that no recorded flow explains"):
        engine.step()


def test_a_network_is_known_by_its_name() -> None:
    several = Engine(load("three-networks", sets={"steps": 1})).economy
    assert [network_number(several, name) for name in several.names] == [0, 1, 2]
    with pytest.raises(OrderRefused, match=f"name one of {several.names[0]}, "):
        network_number(several, None)
    with pytest.raises(OrderRefused, match=f"did you mean '{several.names[0]}'"):
        network_number(several, several.names[0] + "x")
