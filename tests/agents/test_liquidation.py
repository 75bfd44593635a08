"""The liquidation queue, on accounts made by hand: rounds, order, shorts, shortfalls, and a cascade one can follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from catallaxy.agents.liquidation import Liquidations
from catallaxy.agents.margin_traders import MarginTraders
from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.engine.genesis import found
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.state.economy import Economy

Row = tuple[int, int, int, int]
UNIT = 10**9
pytestmark = pytest.mark.jit


def market(accounts: Sequence[Row], **changes: Any) -> tuple[Economy, MarginTraders]:
    """Return an economy with a pool of a million dollars and tokens, and traders with these accounts.

    An account is cash, tokens, dollars owed and tokens owed, in dollars and tokens. What they owe is owed to lenders.
    """
    kind = {"count": len(accounts), "lending": {"usd": 5e6}, **changes}
    economy = found(load("minimal", sets={"populations.users.count": 50, "populations.margin_traders": kind}))
    traders = economy.populations["margin_traders"]
    assert isinstance(traders, MarginTraders)
    table = np.array(accounts, np.int64).reshape(-1, 4) * (10**6, UNIT, 10**6, UNIT)
    for column, values in zip(traders.accounts[1:], table.T, strict=True):
        column[:] = values
    traders.facility.owed[0] = table[:, 2:].sum(axis=0)
    economy.accounts.genesis[0] += table[:, 1].sum()
    economy.ledger.open(economy.stocks())
    return economy, traders


def liquidated(economy: Economy, traders: MarginTraders, limit: int = 100) -> Liquidations:
    """Liquidate; check that the books close to the last unit and that lenders are owed what is owed."""
    done = traders.liquidator.run(economy, limit)
    traders.facility.check(economy, np.array([[traders.accounts.usd_debt.sum(), traders.accounts.token_debt.sum()]]))
    economy.ledger.audit(0, economy.stocks())
    assert all((column >= 0).all() for column in traders.accounts)
    return done


def lengths(traders: MarginTraders) -> list[int]:
    """Return every position in tokens, rounded towards zero."""
    position = traders.accounts.tokens - traders.accounts.token_debt
    return [int(p / UNIT) for p in position]


def test_nobody_is_touched_whose_margin_holds() -> None:
    economy, traders = market([(100, 0, 0, 0), (0, 100, 89, 0), (212, 0, 0, 100)])
    done = liquidated(economy, traders)
    assert done.rounds.tolist() == done.traded.tolist() == [0]
    assert economy.trading.mark(0) * UNIT / 1e6 == pytest.approx(1.0)


def test_one_liquidation_causes_the_next() -> None:
    """A sells 50,000 tokens into a pool of a million: the price falls by a tenth and takes B with it, but not C."""
    a, b, c = (0, 50_000, 46_000, 0), (0, 1_000, 820, 0), (0, 1_000, 700, 0)
    economy, traders = market([a, b, c], liquidation="full")
    done = liquidated(economy, traders)
    assert done.rounds.tolist() == [2]
    assert lengths(traders) == [0, 0, 1_000]
    alone, lucky = market([b, c], liquidation="full")
    assert liquidated(alone, lucky).rounds.tolist() == [0]


def test_a_partial_liquidation_sells_less_and_moves_the_price_less() -> None:
    account = (0, 50_000, 46_000, 0)
    prices, left = [], []
    for how in ("partial", "full"):
        economy, traders = market([account], liquidation=how)
        liquidated(economy, traders)
        prices.append(economy.trading.mark(0))
        left.append(lengths(traders)[0])
    assert prices[0] > prices[1]
    assert left[0] > left[1] == 0


def test_whose_liquidation_price_was_passed_first_sells_first_whatever_the_rows() -> None:
    accounts = [(0, 10_000, 9_100 + 100 * i, 0) for i in range(6)]
    ends = []
    for rows in (range(6), [3, 1, 5, 0, 4, 2]):
        economy, traders = market(accounts, liquidation="full", penalty=0.0)
        traders.permute(np.array(rows, np.intp))
        liquidated(economy, traders)
        by_id = np.argsort(traders.ids)
        ends.append((traders.usd[by_id].tolist(), economy.trading.mark(0)))
    assert ends[0] == ends[1]
    received = [cash + 10**6 * owed for cash, (_, _, owed, _) in zip(ends[0][0], accounts, strict=True)]
    assert received[:5] == sorted(received[:5])


def test_a_short_buys_back_and_drives_the_price_up() -> None:
    economy, traders = market([(5_400, 0, 0, 5_000)])
    done = liquidated(economy, traders)
    assert economy.trading.mark(0) * UNIT / 1e6 > 1.0
    assert -5_000 < lengths(traders)[0] < 0
    assert done.shortfall.tolist() == [0]
    assert done.rounds[0] >= 1


def test_a_short_that_is_closed_pays_for_the_price_that_it_drives_up() -> None:
    economy, traders = market([(54_000, 0, 0, 50_000)], liquidation="full", penalty=0.0)
    done = liquidated(economy, traders)
    assert lengths(traders) == [0]
    assert done.rounds.tolist() == [1]
    assert 50_000 * 1.05 < done.traded[0] / 1e6 < 50_000 * 1.06


@pytest.mark.parametrize("account", [(0, 100_000, 105_000, 0), (90_000, 0, 0, 100_000)], ids=["long", "short"])
def test_a_shortfall_falls_on_the_insurance_fund_and_then_on_the_lenders(account: Row) -> None:
    economy, traders = market([account], lending={"usd": 5e6, "insurance_usd": 1000.0})
    before = traders.facility.holdings()["lenders"].usd
    done = liquidated(economy, traders)
    assert lengths(traders) == [0]
    assert traders.facility.owed.tolist() == [[0, 0]]
    assert traders.facility.insurance.tolist() == [0]
    assert done.shortfall[0] - done.lender_loss[0] == 1000 * 10**6
    assert done.lender_loss[0] > 1000 * 10**6
    if account[2]:
        back = traders.facility.holdings()["lenders"].usd - before
        assert back == account[2] * 10**6 - done.lender_loss[0]


def test_penalties_fill_the_insurance_fund() -> None:
    economy, traders = market([(0, 10_000, 9_200, 0)], liquidation="full")
    done = liquidated(economy, traders)
    assert traders.facility.insurance[0] == pytest.approx(0.015 * done.traded[0], abs=1)


def test_the_rounds_are_limited_and_what_is_left_is_told() -> None:
    a, b = (0, 50_000, 46_000, 0), (0, 1_000, 820, 0)
    economy, traders = market([a, b], liquidation="full")
    done = liquidated(economy, traders, limit=1)
    assert done.rounds.tolist() == [1]
    assert done.unfinished.tolist() == [True]
    economy, traders = market([a, b], liquidation="full")
    assert not liquidated(economy, traders, limit=2).unfinished.any()


def test_many_accounts_share_a_few_trades(monkeypatch: pytest.MonkeyPatch) -> None:
    economy, traders = market([(0, 100, 92, 0)] * 500, liquidation="full")
    trades: list[int] = []
    trade = type(economy.trading).trade

    def counted(*args: Any, **kwargs: Any) -> Any:
        trades.append(1)
        return trade(*args, **kwargs)

    monkeypatch.setattr(type(economy.trading), "trade", counted)
    done = liquidated(economy, traders)
    assert done.rounds.tolist() == [1]
    assert len(trades) == 32


def test_every_venue_is_sold_to_where_it_pays_most() -> None:
    venues = [{"kind": "constant-product", "share": 0.5, "liquidity": 0.5}] * 2
    sets = {"networks.alpha.venues": venues, "populations.users.count": 50}
    kind = {"count": 20, "lending": {"usd": 5e6}, "liquidation": "full"}
    economy = found(load("minimal", sets={**sets, "populations.margin_traders": kind}))
    traders = economy.populations["margin_traders"]
    assert isinstance(traders, MarginTraders)
    traders.usd[:], traders.tokens[:], traders.accounts.usd_debt[:] = 0, 2_000 * UNIT, 1_900 * 10**6
    traders.facility.owed[0, 0] = traders.accounts.usd_debt.sum()
    economy.accounts.genesis[0] += traders.tokens.sum()
    economy.ledger.open(economy.stocks())
    liquidated(economy, traders)
    first, second = (economy.trading.price(0, venue) for venue in (0, 1))
    assert first == pytest.approx(second, rel=0.01)
    assert first * UNIT / 1e6 < 0.97


def at_a_venue(venue: dict[str, Any], accounts: Sequence[Row]) -> tuple[Engine, MarginTraders]:
    """Return an engine with one venue and these accounts, after a step in which it has opened."""
    kind = {"count": len(accounts), "lending": {"usd": 5e6}, "adjustment": 0, "inflow": {"per_year": 0}, "cash": 0}
    sets = {"networks.alpha.venues": [venue], "populations.users.count": 50, "populations.margin_traders": kind}
    engine = Engine(load("minimal", sets=sets))
    engine.step()
    traders = engine.economy.populations["margin_traders"]
    assert isinstance(traders, MarginTraders)
    table = np.array(accounts, np.int64) * (10**6, UNIT, 10**6, UNIT)
    for column, values in zip(traders.accounts[1:], table.T, strict=True):
        column[:] = values
    traders.facility.owed[0] = table[:, 2:].sum(axis=0)
    engine.economy.accounts.genesis[0] += table[:, 1].sum()
    engine.economy.ledger.open(engine.economy.stocks())
    return engine, traders


def test_a_book_takes_what_it_can_and_the_first_in_the_queue_sell_first() -> None:
    accounts = [(0, 100_000, 110_000 + 1_000 * i, 0) for i in range(40)]
    engine, traders = at_a_venue({"kind": "order-book"}, accounts)
    done = liquidated(engine.economy, traders)
    left = lengths(traders)
    assert done.unfinished.tolist() == [True]
    assert 0 < sum(left) < 4_000_000
    assert left == sorted(left, reverse=True)
    assert left[0] == 100_000
    assert left[-1] == 0


@pytest.mark.parametrize("venue", ["order-book", "call-auction"])
def test_what_no_venue_takes_at_once_closes_in_the_next_markets(venue: str) -> None:
    engine, traders = at_a_venue({"kind": venue}, [(0, 20_000, 21_000, 0), (19_000, 0, 0, 20_000)])
    for _ in range(30):
        engine.step()
    assert [abs(x) for x in lengths(traders)] == [0, 0]
    assert traders.facility.owed.tolist() == [[0, 0]]
    assert engine.record().series["shortfall"].sum() > 1_000.0
