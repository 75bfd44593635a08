"""Single orders of Python agents: what is refused, what rests, what can be read back; and trades at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from catallaxy.agents.guests import Guests, OrderRefused, Ticket
from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.engine.guests import guests_of, open_account, place_order, venue_number
from catallaxy.sim.markets.venues import OrderPool
from catallaxy.sim.mesa.model import TokenEconomy
from catallaxy.sim.scenario.loading import load

pytestmark = pytest.mark.jit

SMALL = {"steps": 30, "populations.users.count": 300, "populations.speculators.count": 100}
VENUES = [
    {"kind": "constant-product", "share": 0.4, "liquidity": 0.4},
    {"kind": "order-book", "share": 0.3, "liquidity": 0.3},
    {"kind": "call-auction", "share": 0.3, "liquidity": 0.3},
]
BOOK, AUCTION = 1, 2


@pytest.fixture
def engine() -> Engine:
    return Engine(load("minimal", sets={**SMALL, "networks.alpha.venues": VENUES}))


@pytest.fixture
def trader(engine: Engine) -> int:
    return open_account(engine.economy, 1e4, {"alpha": 5000.0})


def place(
    engine: Engine, account: int, venue: int = BOOK, *, usd: Any = None, tokens: Any = None, **how: Any
) -> Ticket:
    return place_order(engine.economy, Ticket(account, 0, venue, **how), usd=usd, tokens=tokens)


def purse(engine: Engine, account: int) -> tuple[float, float]:
    guests: Guests = guests_of(engine.economy)
    return guests.usd[account] / 1e6, guests.tokens[0, account] / 1e9


@pytest.mark.parametrize("venue", [BOOK, AUCTION])
def test_a_generous_limit_is_filled_and_the_ticket_says_for_how_much(engine: Engine, trader: int, venue: int) -> None:
    ticket = place(engine, trader, venue, usd=1000.0, limit=1.5)
    engine.step()
    assert (ticket.state, ticket.reason) == ("done", "")
    assert -1000.0 <= ticket.usd / 1e6 < -600.0
    assert 0.8 < -ticket.usd / 1e6 / (ticket.tokens / 1e9) < 1.5 * 1.003
    assert purse(engine, trader) == (1e4 + ticket.usd / 1e6, 5000.0 + ticket.tokens / 1e9)
    fill = guests_of(engine.economy).last_fill(trader, 0)
    assert (fill.usd, fill.tokens) == (ticket.usd / 1e6, ticket.tokens / 1e9)
    engine.step()
    assert math.isnan(guests_of(engine.economy).last_fill(trader, 0).price)


def test_a_patient_order_rests_holds_its_money_and_can_be_cancelled(engine: Engine, trader: int) -> None:
    ticket = place(engine, trader, usd=1000.0, limit=0.3, lifetime=20)
    engine.step()
    assert ticket.state == "resting"
    assert ticket.number > 0
    assert purse(engine, trader)[0] == pytest.approx(9000.0, abs=5.0)
    with pytest.raises(OrderRefused, match="not covered"):
        place(engine, trader, usd=9500.0)
    guests_of(engine.economy).tickets.cancel(ticket)
    engine.step()
    assert (ticket.state, ticket.reason) == ("done", "cancelled by its agent")
    assert purse(engine, trader) == (1e4, 5000.0)
    with pytest.raises(OrderRefused, match="is done"):
        guests_of(engine.economy).tickets.cancel(ticket)


def test_an_order_expires_when_its_time_is_over(engine: Engine, trader: int) -> None:
    short, long = (place(engine, trader, tokens=100.0, limit=4.0, lifetime=n) for n in (1, 3))
    engine.step()
    assert (short.state, long.state) == ("resting", "resting")
    engine.step()
    assert (short.state, short.reason) == ("done", "the order's last step is over")
    assert long.state == "resting"
    engine.step()
    engine.step()
    assert long.state == "done"
    assert purse(engine, trader) == (1e4, 5000.0)


def test_special_orders_say_why_they_were_not_filled(engine: Engine, trader: int) -> None:
    expected = {
        "a post-only order would trade at once": place(engine, trader, usd=50.0, limit=1.4, kind="post-only"),
        "no counter-order within the limit was left": place(engine, trader, usd=50.0, limit=0.2, kind="ioc"),
        "the whole amount cannot be filled": place(engine, trader, tokens=4000.0, limit=6.0, kind="fok"),
        "lots are zero": place(engine, trader, usd=0.001, limit=1.0),
        "the price is outside the band": place(engine, trader, tokens=5.0, limit=1e6),
    }
    engine.step()
    for words, ticket in expected.items():
        assert ticket.state == "done"
        assert words in ticket.reason
        assert ticket.tokens == 0
    assert purse(engine, trader) == (1e4, 5000.0)


def test_an_auction_forgets_what_it_did_not_fill(engine: Engine, trader: int) -> None:
    ticket = place(engine, trader, AUCTION, tokens=100.0, limit=3.0)
    engine.step()
    assert ticket.state == "done"
    assert "no counter-order" in ticket.reason
    assert purse(engine, trader) == (1e4, 5000.0)


def test_a_resting_order_is_filled_later_and_at_its_own_price(engine: Engine, trader: int) -> None:
    engine.step()
    price = engine.economy.pools[0][BOOK].price * 1e3
    ticket = place(engine, trader, usd=100.0, limit=0.97 * price, lifetime=25, kind="post-only")
    while not engine.finished and ticket.state != "done":
        engine.step()
    assert (ticket.state, ticket.reason) == ("done", "")
    assert -ticket.usd / ticket.tokens * 1e3 == pytest.approx(0.97 * price, rel=2e-4)
    assert ticket.tokens == pytest.approx(100.0 / 0.97 / price * 1e9, rel=2e-2)


@pytest.mark.parametrize(
    ("venue", "words"),
    [
        ("constant-product", "venue 0 of 'alpha', constant-product, clears batches"),
        (
            "order-bock",
            "has no venue 'order-bock'; its venues, from 0: constant-product, order-book, call-auction; did you",
        ),
        (7, "has no venue 7"),
    ],
)
def test_a_venue_that_takes_no_single_orders_is_named(engine: Engine, venue: Any, words: str) -> None:
    with pytest.raises(OrderRefused, match=words):
        venue_number(engine.economy, 0, venue)
    assert venue_number(engine.economy, 0, None) == BOOK
    assert venue_number(engine.economy, 0, "call-auction") == AUCTION


def test_a_network_without_such_venues_says_what_to_add() -> None:
    plain = Engine(load("minimal", sets={"steps": 1}))
    with pytest.raises(OrderRefused, match="no venue of 'alpha' takes single orders"):
        venue_number(plain.economy, 0, None)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"kind": "fok", "venue": AUCTION}, "kind='fok' is not known at a venue of kind call-auction; allowed: limit"),
        ({"kind": "postonly"}, "did you mean 'post-only'"),
        ({"limit": -1.0}, "limit=-1.0 is not a price"),
        ({"limit": math.nan}, "is not a price"),
        ({"lifetime": -2}, "not a number of steps"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(engine: Engine, trader: int, how: dict[str, Any], words: str) -> None:
    with pytest.raises(OrderRefused, match=words):
        place(engine, trader, usd=5.0, **how)


def test_pending_tickets_claim_what_they_need(engine: Engine, trader: int) -> None:
    place(engine, trader, usd=9000.0)
    with pytest.raises(OrderRefused, match="not covered"):
        guests_of(engine.economy).order(trader, 0, usd=2000.0)
    guests_of(engine.economy).order(trader, 0, usd=1000.0)
    with pytest.raises(OrderRefused, match="not covered"):
        place(engine, trader, AUCTION, usd=1.0)
    engine.step()
    assert purse(engine, trader)[0] >= 0.0


def test_a_thousand_random_orders_lose_nothing(engine: Engine) -> None:
    chance = np.random.default_rng(7)
    accounts = [open_account(engine.economy, 1e3 * (1 + n % 7), {"alpha": 50.0 * n}) for n in range(40)]
    guests, tickets = guests_of(engine.economy), []
    while not engine.finished:
        for account in accounts:
            usd, tokens = purse(engine, account)
            how = {"limit": chance.choice([0.0, 0.8, 1.0, 1.2]), "lifetime": int(chance.integers(0, 4))}
            part, buys = chance.random() / 3, chance.random() < 0.5
            size = {"usd": usd * part} if buys else {"tokens": tokens * part}
            tickets.append(place(engine, account, int(chance.integers(BOOK, AUCTION + 1)), **size, **how))
        engine.step()
        assert guests.usd.min() >= 0
        assert guests.tokens.min() >= 0
    done = [ticket for ticket in tickets if ticket.state == "done"]
    assert len(done) > 900
    assert all(ticket.usd * ticket.tokens <= 0 for ticket in done)
    assert guests.tickets.open.keys() == {r for r, t in guests.tickets.open.items() if t.state == "resting"}


def test_trades_at_once_meet_resting_orders_and_their_owners_are_paid(engine: Engine, trader: int) -> None:
    ticket = place(engine, trader, tokens=1000.0, limit=1.15, lifetime=20)
    engine.step()
    economy = engine.economy
    assert ticket.state == "resting"
    pool = economy.pools[0][BOOK]
    assert isinstance(pool, OrderPool)
    before, speculators = pool.price, economy.speculators
    rich = int(speculators.usd.argmax())
    cash = int(speculators.usd[rich])
    quote = economy.trading.quote(0, BOOK, usd=cash)
    trade = economy.trading.trade(0, BOOK, "speculators", usd=cash)
    assert trade == quote
    assert 0 < trade.usd <= cash
    assert pool.price > before
    speculators.usd[rich] -= trade.usd
    speculators.tokens[0, rich] += trade.tokens_out
    economy.ledger.audit(economy.step, economy.stocks())
    assert economy.trading.trade(0, AUCTION, "speculators", usd=10**9).usd == 0
    engine.step()
    assert ticket.usd > 0
    assert purse(engine, trader)[0] == pytest.approx(1e4 + ticket.usd / 1e6)


def test_a_mesa_agent_follows_its_orders() -> None:
    import mesa

    class Patient(mesa.Agent):
        """Waits for a price."""

        def __init__(self, model: TokenEconomy) -> None:
            super().__init__(model)
            model.open_account(self, usd=1000.0)
            self.ticket = model.order(self, usd=500.0, limit=0.5, lifetime=9, venue="order-book")

        def step(self) -> None:
            """Lose patience."""
            if self.model.steps == 4:
                self.model.cancel(self.ticket)

    with TokenEconomy("minimal", sets={**SMALL, "networks.alpha.venues": VENUES}) as model:
        agent = Patient(model)
        for _ in range(6):
            model.step()
        assert agent.ticket.reason == "cancelled by its agent"
        assert model.cash(agent) == 1000.0
