"""Any supply policy over ten years: rules drawn at random, composed, and held to what is always true of a token."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import Phase, given, settings

from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.state.economy import Economy
from random_rules import policies

pytestmark = [pytest.mark.jit, pytest.mark.whole]

#: Most tokens that emission may mint: a tenth of the genesis, so that many policies reach it.
ROOM = 1_000_000
FEW = {f"populations.{name}.count": 20 for name in ("data_providers", "compute_nodes", "users", "speculators")}
#: Counters of base units that only ever rise.
RISING = ("minted", "burned", "recycled", "reminted")


def ten_years(policy: dict[str, Any]) -> Engine:
    """Return a small economy with a policy; nodes lose stake now and then, so that slashes have something to share."""
    token = {"emission": policy["emission"], "staking": policy["staking"], "max_supply": None}
    fees = {name: policy[name] for name in ("sinks", "credits", "toll", "data_toll", "inference_toll", "registration")}
    sets = {f"networks.alpha.token.{name}": value for name, value in token.items()}
    sets |= {"networks.alpha.fees": fees, "networks.alpha.verification.false_positive": 0.05}
    engine = Engine(load("minimal", sets={**FEW, **sets, "dt_days": 30.4375, "steps": 120}))
    # A scenario whose schedule would pass its cap is refused, so the cap comes after.
    engine.economy.caps = (ROOM * int(engine.economy.base[0]),)
    return engine


def held(economy: Economy) -> int:
    """Count what all sectors hold of the token, except those that stand for what does not exist."""
    stocks = dict(zip(economy.ledger.sectors, economy.stocks()[1].tolist(), strict=True))
    assert min(amount for name, amount in stocks.items() if name != "minting") >= 0
    return sum(amount for name, amount in stocks.items() if name not in {"minting", "burned"})


def waiting(economy: Economy) -> int:
    """Count what waits in the queue, holder by holder and request by request where there are several."""
    stakes, unbonding = economy.staking[0], economy.speculators.unbonding[0]
    assert unbonding.min() >= 0
    if not stakes.plain:
        assert stakes.queue.amount.min() >= 0
        assert (stakes.queue.amount.sum(axis=0) == unbonding).all()
    return int(unbonding.sum())


@pytest.mark.slow
@settings(max_examples=12, phases=[Phase.generate])  # shrinking would take minutes
@given(policies)
def test_what_is_always_true_of_a_token(policy: dict[str, Any]) -> None:
    engine = ten_years(policy)
    economy, counts = engine.economy, dict.fromkeys(RISING, 0)
    genesis, room = int(economy.accounts.genesis[0]), ROOM * int(economy.base[0])
    while not engine.finished:
        engine.step()
        before, counts = counts, {name: int(getattr(economy.accounts, name)[0]) for name in RISING}
        assert all(counts[name] >= before[name] for name in RISING)
        assert counts["minted"] - counts["recycled"] <= room
        supply = genesis + counts["minted"] + counts["reminted"] - counts["burned"] - counts["recycled"]
        assert held(economy) == supply == economy.supply()[0]
        assert 0 <= supply <= genesis + room + counts["reminted"]
        queue = waiting(economy)
    assert queue == economy.unbonding()[0]
    flows = flows_of(engine)
    assert flows["emission", "minting"] == -counts["minted"]
    assert -flows["unstake", "staked"] == flows["unstake", "unbonding"]
    assert -flows["release", "unbonding"] == flows["release", "speculators"]
    left = ("release", "slash", "exit fees")
    assert queue == flows["unstake", "unbonding"] + sum(flows[name, "unbonding"] for name in left)


def flows_of(engine: Engine) -> Counter[tuple[str, str]]:
    """Add up the flows of the token over the run, by flow and sector."""
    totals: Counter[tuple[str, str]] = Counter()
    for row in engine.record().flows:
        if row.instrument == "ALPHA":
            totals[row.flow, row.sector] += row.amount
    engine.close()
    return totals
