"""Who pays for inflation: the sum over holders is zero, and each pays by what he holds."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.state.dilution import HANDED_OUT, DilutionBook
from catallaxy.sim.state.ledger import Ledger

SECTORS = ("outside world", "minting", "burned", "staked", "unbonding", "reward pool", "miners", "holders")


class Stub:
    """A population that has bonded some of its tokens."""

    def __init__(self, staked: int, unbonding: int) -> None:
        self.staked, self.unbonding = staked, unbonding

    def staked_totals(self) -> Any:
        return np.array([self.staked])

    def unbonding_totals(self) -> Any:
        return np.array([self.unbonding])


def economy(staked: int = 0, unbonding: int = 0) -> Any:
    return SimpleNamespace(
        ledger=Ledger(("USD", "AAA"), SECTORS),
        populations={"miners": Stub(0, 0), "holders": Stub(staked, unbonding)},
        quoted=SimpleNamespace(token_price=np.array([2.0])),
        base=np.array([10]),
        names=("A",),
    )


def stocks(**held: int) -> Any:
    return np.array([[0] * len(SECTORS), [held.get(name.replace(" ", "_"), 0) for name in SECTORS]], np.int64)


def test_holders_pay_by_what_they_hold_and_stakes_belong_to_their_owners() -> None:
    one, book = economy(staked=200, unbonding=100), DilutionBook(1)
    book.open(one, stocks(minting=-500, reward_pool=100, miners=100, staked=200, unbonding=100))
    one.ledger.post(1, "rewards", "reward pool", "miners", 40)
    one.quoted.token_price = np.array([9.0])
    book.close_step(one, stocks(minting=-500, reward_pool=60, miners=140, staked=200, unbonding=100))
    rows = {row.holder: row for row in book.rows(one)}
    assert (rows["miners"].received_usd, rows["miners"].paid_usd) == (8.0, 2.0)
    assert (rows["holders"].received_usd, rows["holders"].paid_usd) == (0.0, 6.0)
    assert (rows["holders"].share_start, rows["holders"].share_end) == (0.75, 300 / 440)
    assert set(rows) == {"miners", "holders"}


def test_tokens_that_are_only_minted_dilute_nobody_yet() -> None:
    one, book = economy(), DilutionBook(1)
    book.open(one, stocks(minting=-100, holders=100))
    one.ledger.post(1, "emission", "minting", "reward pool", 50)
    book.close_step(one, stocks(minting=-150, reward_pool=50, holders=100))
    assert book.received.sum() == book.paid.sum() == 0.0


@pytest.mark.jit
@pytest.mark.parametrize("name", ["three-networks", "helium"])
def test_what_some_gain_others_lose(name: str) -> None:
    engine = Engine(load(name, sets={"steps": 40}))
    engine.run()
    record = engine.record()
    for k, (network, symbol) in enumerate(zip(record.networks, record.symbols, strict=True)):
        rows = [row for row in record.dilution if row.network == network]
        received = math.fsum(row.received_usd for row in rows)
        assert math.fsum(row.net_usd for row in rows) == pytest.approx(0.0, abs=1e-9 * max(received, 1.0))
        assert math.fsum(row.share_end for row in rows) == pytest.approx(1.0)
        handed = [r for r in record.flows if r.instrument == symbol and r.flow in HANDED_OUT and r.amount > 0]
        assert (received > 0.0) == (sum(row.amount for row in handed) > 0), k
