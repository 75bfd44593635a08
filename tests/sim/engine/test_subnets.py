"""Subnets in runs: tokens and alpha are conserved to the last unit, and emission goes where the rule in force says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catallaxy.numba_kernels import subnet_columns as columns
from catallaxy.sim.engine.engine import Engine, simulate
from catallaxy.sim.engine.subnet_slots import close
from catallaxy.sim.errors import AuditError
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.state.subnets import Subnets

pytestmark = pytest.mark.jit

GROUPS = [
    {"group": "holders", "share": 0.3, "receiver": "community", "tge": 1.0},
    {"group": "stakers", "share": 0.55, "receiver": "subnet_stakers", "tge": 1.0},
    {"group": "pools", "share": 0.1, "receiver": "subnets", "tge": 1.0},
    {"group": "liquidity", "share": 0.05, "receiver": "liquidity", "tge": 1.0},
]
#: Subnets that come and go within a season.
LIVELY: dict[str, Any] = {
    "opening": {"count": 10, "price": {"dist": "lognormal", "median": 0.05, "sigma": 0.8}},
    "alpha": {"tempo_blocks": 3600},
    "earners": {"withheld": {"dist": "uniform", "low": 0, "high": 0.5}},
    "entry": {
        "limit": 12,
        "candidates": {"per_day": 0.5},
        "lock_start": 500,
        "lock_lowest": 200,
        "lock_interval_blocks": 20_000,
        "immunity_blocks": 72_000,
    },
}


def lively(steps: int, subnets: dict[str, Any] | None = None, **sets: Any) -> Scenario:
    changes = {
        "steps": steps,
        "networks.alpha.token.allocation.groups": GROUPS,
        "networks.alpha.token.emission": {
            "kind": "halving-by-issuance",
            "maximum": 21e6,
            "reward": 1,
            "block_seconds": 12,
        },
        "networks.alpha.subnets": {**LIVELY, **(subnets or {})},
        "populations.subnet_stakers": {"count": 80, "reconsider": {"per_week": 0.5}},
        "populations.users.count": 300,
    }
    return load("minimal", sets={**changes, **sets})


def book_of(engine: Engine) -> Subnets:
    book = engine.economy.subnets[0]
    assert book is not None
    return book


def finished(scenario: Scenario) -> RunRecord:
    record = simulate(scenario)
    assert record.status == "complete", record.error
    return record


@pytest.mark.slow
def test_tokens_and_alpha_are_conserved_over_a_year_in_which_subnets_come_and_go() -> None:
    engine = Engine(lively(365))
    book, economy = book_of(engine), engine.economy
    redeemed = 0.0
    while not engine.finished:
        engine.step()
        alpha = book.slots.issued - book.alpha - book.held.sum(axis=1)
        assert not alpha.any()
        assert min(book.slots.pools.min(), book.held.min(), book.stakers.root.min(), book.stakers.alpha.min()) >= 0
        assert book.tao[book.slots.live > 0].min() > 0
        assert economy.ledger.balance(1, "subnets") == book.tao.sum()
        redeemed += economy.metrics["subnet_closings"][0]
    record = engine.record()
    assert record.audit["passed"]
    assert redeemed > 3
    assert record.series["subnets"].max() == 12
    supply = record.series["supply"] - record.series["minted_cum"] + record.series["burned_cum"]
    assert supply == pytest.approx(10e6, rel=1e-12)


def test_all_emission_goes_to_pools_and_nothing_of_it_to_the_reward_pool() -> None:
    engine = Engine(lively(20))
    book, accounts = book_of(engine), engine.economy.accounts
    for _ in range(20):
        before = int(accounts.minted[0])
        engine.step()
        minted = int(accounts.minted[0]) - before
        assert minted == 7200 * 10**9
        assert book.tally[:, [columns.INJECTED, columns.SPENT]].sum() == minted
    emission = [row for row in engine.record().flows if row.flow == "emission"]
    assert {row.sector for row in emission} == {"minting", "subnets"}


def test_before_the_first_terms_emission_is_shared_out_as_without_subnets() -> None:
    starts = {"terms": [{"from": "2025-01-11", "shares": "price"}]}
    engine = Engine(lively(15, starts))
    series = engine.economy.metrics
    fed = []
    while not engine.finished:
        engine.step()
        fed.append(series["alpha_bought"][0] + int(book_of(engine).tally[:, columns.INJECTED].sum()))
    assert not any(fed[:10])
    assert all(fed[10:])
    rewards = {row.flow for row in engine.record().flows if row.sector == "reward pool"}
    assert {"emission", "alpha sales", "root dividends"} <= rewards


def test_where_the_rule_finds_no_subnet_nothing_is_minted_and_later_halvings_wait() -> None:
    nobody = {"terms": [{"shares": {"kind": "flow", "cutoff": 1e9}}]}
    record = finished(lively(10, nobody))
    assert record.series["minted_cum"][-1, 0] == 0.0
    assert np.isnan(record.series["subnet_hhi"]).all()
    assert record.series["supply"][-1, 0] == 10e6


def test_a_change_of_rule_takes_effect_on_its_day_and_not_before() -> None:
    day = {"terms": [{"shares": "price"}, {"from": "2025-02-10", "shares": "root-votes"}]}
    base, changed = finished(lively(60)), finished(lively(60, day))
    for name in base.series:
        same = base.series[name][:40].tobytes() == changed.series[name][:40].tobytes()
        assert same, name
    assert base.series["subnet_hhi"][40, 0] != changed.series["subnet_hhi"][40, 0]


def test_the_order_of_rows_does_not_matter() -> None:
    base, engine = finished(lively(120)), Engine(lively(120))
    stakers = book_of(engine).stakers
    stakers.permute(np.random.default_rng(3).permutation(len(stakers)))
    engine.run()
    record = engine.record()
    assert [name for name in base.series if base.series[name].tobytes() != record.series[name].tobytes()] == []
    assert record.flows == base.flows


def test_a_closed_pool_is_divided_among_those_who_held_its_alpha() -> None:
    engine = Engine(lively(1))
    engine.step()
    book, economy = book_of(engine), engine.economy
    j = int(np.argmax(book.held[:, columns.STAKERS]))
    outside, pot = int(book.held[j].sum()), int(book.tao[j])
    there = np.flatnonzero(book.stakers.place[0] == j)
    alpha, root = book.stakers.alpha[0][there].tolist(), book.stakers.root[0][there].tolist()
    owner = int(book.stakers.rows_of(book.owner[j : j + 1])[0])
    pool, tokens = int(economy.accounts.reward_pool[0]), int(economy.stocks()[1].sum())
    close(economy, book, j)
    for row, held, before in zip(there, alpha, root, strict=True):
        if row != owner:
            assert book.stakers.root[0][row] - before == pot * held // outside
    earners = int(economy.accounts.reward_pool[0]) - pool
    assert 0 < earners < pot
    assert (book.tao[j], book.slots.live[j], book.slots.issued[j]) == (0, 0, 0)
    assert not (book.stakers.place[0] == j).any()
    assert int(economy.stocks()[1].sum()) == tokens
    book.audit(1, "ALPHA")


def test_a_unit_of_alpha_out_of_nothing_stops_the_run() -> None:
    engine = Engine(lively(5))
    book = book_of(engine)
    engine.step()
    book.held[3, columns.MINERS] += 1
    with pytest.raises(AuditError, match=r"'pool and holders' holds \+1 base units of 'alpha 3 of ALPHA'"):
        engine.step()


def test_root_earns_in_proportion_to_its_weight_in_dividends() -> None:
    """Root's part of what stakers earn is w R / (w R + alpha), so a doubled weight brings less than doubled pay."""
    paid = []
    for weight in (0.05, 0.1):
        record = finished(lively(1, {"terms": [{"root_weight": weight}]}))
        paid.append(float(record.series["root_dividends"][0, 0]))
    assert 1.2 < paid[1] / paid[0] < 2.0
    assert finished(lively(1, {"terms": [{"root_gate": 1e6}]})).series["root_dividends"][0, 0] == 0.0


def test_opening_a_subnet_costs_the_lock_doubles_it_and_fills_the_pool() -> None:
    engine = Engine(lively(200))
    book, economy = book_of(engine), engine.economy
    spec = economy.specs[0].subnets
    assert spec is not None
    opened = 0
    while not engine.finished:
        before = book.opened
        cost = spec.entry.cost(book.lock, 7200 * economy.step - book.locked_at, book.base, 1.0)
        engine.step()
        if book.opened > before:
            opened += 1
            assert (book.lock, book.locked_at) == (cost, 7200 * (economy.step - 1))
            assert spec.entry.cost(book.lock, 0, book.base, 1.0) == 2 * cost
    assert opened > 5


def test_rules_for_two_networks_and_a_rule_of_ones_own_by_vote() -> None:
    """On two networks stakers hold two stakes, and a vote can put another rule in force."""
    beta = {"symbol": "BETA", "price": 2.0, "genesis": 5e6, "allocation": {"groups": GROUPS}}
    proposal = {"parameter": "networks.alpha.subnets.terms", "value": [{"shares": "root-votes"}]}
    record = finished(
        lively(
            45,
            **{
                "networks.beta": {
                    "token": {**beta, "emission": {"kind": "fixed-rate", "tokens": {"per_year": 1e5}}},
                    "subnets": {**LIVELY, "terms": [{"shares": "net-flow"}]},
                },
                "networks.alpha.governance": {
                    "cost": 0.01,
                    "quorum": 0.0,
                    "proposals": [{**proposal, "voted": "2025-01-20", "effect": 1.0}],
                },
            },
        )
    )
    assert record.series["vote_passed"][19, 0] == 1.0
    spread = record.series["subnet_hhi"][:, 0]
    assert spread[25:].max() < spread[:20].min()
    assert (record.series["subnets"][-1] >= 10).all()
    assert record.audit["passed"]


def test_each_new_token_dilutes_once_and_stakers_gain_what_their_wealth_rose_by() -> None:
    engine = Engine(lively(30))
    engine.run()
    record, stakers = engine.record(), book_of(engine).stakers
    received, paid = (sum(getattr(row, name) for row in record.dilution) for name in ("received_usd", "paid_usd"))
    assert received == pytest.approx(paid)
    flows = [r for r in record.flows if r.flow in ("rewards", "staking rewards") and r.sector == "reward pool"]
    recycled = sum(
        r.amount for r in record.flows if r.flow in ("alpha sales", "root dividends") and r.sector == "reward pool"
    )
    minted, handed_out = 30 * 7200.0, -sum(r.amount for r in flows) / 1e9
    assert handed_out > 0.3 * minted
    tokens = minted + handed_out - recycled / 1e9
    prices = record.series["price"][:, 0]
    assert tokens * prices.min() < received < tokens * prices.max()
    gains = next(row for row in record.gains if row.population == stakers.name and row.group == "all")
    rise = stakers.wealth(engine.economy.price_micro()).sum() - stakers.endowment.sum()
    assert gains.surplus_usd == pytest.approx(rise / 1e6)
    assert gains.capital_usd == pytest.approx(stakers.endowment.sum() / 1e6)


def test_stakers_go_where_a_subnet_has_more_to_offer() -> None:
    shares = []
    for appeal in (0.0, 3.0):
        engine = Engine(lively(60, {"earners": {"appeal": 0.0, "appeal_news": 0.0}}))
        book = book_of(engine)
        book.appeal[2] = book.first_appeal[2] = appeal
        engine.run()
        value = book.held[:, columns.STAKERS] * book.price()
        shares.append(value[2] / value.sum())
    assert shares[1] > 2 * shares[0]


@pytest.mark.slow
@pytest.mark.whole
def test_flows_concentrate_emission_and_votes_spread_it_and_both_help_who_sells_alpha() -> None:
    """The reading of `scenarios/subnets.yaml`: ninety days after the change, same chance."""

    def quarter(*overrides: str) -> dict[str, float]:
        series = finished(load("subnets", overrides=overrides, sets={"steps": 355})).series
        names = ("subnet_hhi", "small_emission", "alpha_sold", "root_dividends", "price")
        return {name: float(np.mean(series[name][265:, 0])) for name in names}

    price, flow, votes = quarter(), quarter("flow"), quarter("votes")
    assert flow["subnet_hhi"] > 1.5 * price["subnet_hhi"] > 1.5 * votes["subnet_hhi"]
    assert votes["small_emission"] > 2 * price["small_emission"]
    for other in (flow, votes):
        assert other["alpha_sold"] > price["alpha_sold"]
        assert other["root_dividends"] > price["root_dividends"]
        assert other["price"] < price["price"]
