"""Every number that a scenario can set changes what a run records: no parameter is there for show."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from catallaxy.agents.declaration import Spec
from catallaxy.agents.families import Distribution
from catallaxy.agents.population import AGENT_KINDS
from catallaxy.agents.rates import Rate
from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.environment.drivers import DRIVERS
from catallaxy.sim.errors import ScenarioError
from catallaxy.sim.markets.services import COMPUTE_MARKETS, DATA_MARKETS, INFERENCE_MARKETS
from catallaxy.sim.markets.venues import VENUES, Venue
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.tokenomics.governance import GovernanceSpec
from catallaxy.sim.tokenomics.sinks import RECEIVERS
from catallaxy.sim.tokenomics.staking import STAKING, StakingRule
from catallaxy.sim.tokenomics.subnets import SubnetsSpec
from catallaxy.sim.tokenomics.voting import VOTING
from catallaxy.sim.trust.verification import REGIMES

pytestmark = pytest.mark.whole

BUSY = Path(__file__).with_name("busy.yaml")

#: Parts that are left out, with the reason.
ELSEWHERE = {
    "schema_version": "the version of the language, of which there is one",
    "replicates": "the number of runs; this test looks at one run",
    "drivers": "one case per driver below; the numbers of a process are tested in tests/sim/environment",
    "events": "the dates and values of events are tested in tests/sim/environment",
    "networks.alpha.token.allocation": "shares and vesting constrain each other; tested in tests/sim/tokenomics",
    "networks.beta": "declared like the network alpha",
}
#: What must change as well for the new value to be legal, or must hold for the parameter to have anything to act on.
ALONG: dict[str, dict[str, Any]] = {
    "networks.alpha.token.rewards.compute": {"networks.alpha.token.rewards.treasury": 0.3},
    "networks.alpha.token.rewards.data": {"networks.alpha.token.rewards.treasury": 0.2},
    "networks.alpha.token.rewards.builders": {"networks.alpha.token.rewards.treasury": 0.15},
    "networks.alpha.token.rewards.stakers": {"networks.alpha.token.rewards.treasury": 0.2},
    "networks.alpha.token.rewards.treasury": {"networks.alpha.token.rewards.compute": 0.45},
    "networks.alpha.venues.0.share": {"networks.alpha.venues.1.share": 0.4},
    "networks.alpha.venues.1.share": {"networks.alpha.venues.0.share": 0.5},
    "networks.alpha.venues.0.liquidity": {"networks.alpha.venues.1.liquidity": 0.12},
    "networks.alpha.venues.2.share": {"networks.alpha.venues.0.share": 0.5},
    "networks.alpha.venues.3.share": {"networks.alpha.venues.0.share": 0.5},
    "populations.arbitrageurs.count": {"populations.arbitrageurs.cash": 1.0},
    "services.incumbents.old.share": {"services.incumbents.new.share": 0.65, "services.incumbents.old.share": 0.35},
    "services.incumbents.new.share": {"services.incumbents.old.share": 0.85, "services.incumbents.new.share": 0.15},
    "populations.users.segments.firms.share": {"populations.users.segments.people.share": 0.8},
    "populations.users.segments.people.share": {"populations.users.segments.firms.share": 0.7},
}
for sink in (5, 6):
    into = f"networks.alpha.fees.sinks.{sink}.to."
    for receiver in RECEIVERS:
        ALONG[into + receiver] = {into + "burn": 0.2} if receiver == "treasury" else {into + "treasury": 0.25}
#: Drivers that no built-in rule reads; the description of each says so.
FOR_PLUGINS: set[str] = set()


def numbers(spec: Spec, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield path and value of every number below a specification, but for the parts in `ELSEWHERE`."""
    for name in type(spec).model_fields:
        where = f"{path}.{name}" if path else name
        yield from below(getattr(spec, name), where)


def below(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if path in ELSEWHERE:
        return
    if isinstance(value, int | float | Rate | Distribution):
        yield path, value
    elif isinstance(value, Spec):
        yield from numbers(value, path)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from below(item, f"{path}.{key}")
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from below(item, f"{path}.{number}")


def others(value: Any) -> list[Any]:
    """Return values to put in place of one, as a scenario writes them: half, a little more, much less and much more."""
    if isinstance(value, Rate):
        return [{value.base: amount} for amount in others(value.amount)]
    if isinstance(value, Distribution):
        mean = value.expected()
        return others(mean if math.isfinite(mean) else 1.0)
    if isinstance(value, int):
        return [value + 1]
    return [factor * value for factor in (0.5, 1.2, 0.001, 1000.0)] if value else [0.5, 5.0]


#: Kinds of service market that the scenario does not use, as it would write them.
OTHER_MARKETS: list[tuple[str, dict[str, Any]]] = [
    ("compute", {"kind": "pay-as-bid", "regions": {"demand": [1, 30], "premium": 0.3}}),
    ("compute", {"kind": "posted-price"}),
    ("data", {"kind": "bargaining"}),
]
#: Kinds of staking that the scenario does not use, as it would write them.
OTHER_STAKING: list[dict[str, Any]] = [
    {"kind": "lock-multiplier", "lock_days": {"dist": "uniform", "low": 1, "high": 20}, "days_per_unit": 20},
    {"kind": "vote-escrow", "lock_days": {"dist": "uniform", "low": 3, "high": 12}, "longest_days": 30},
    {
        "kind": "liquid",
        "impatience": {"dist": "lognormal", "median": 3.0, "sigma": 1.0},
        "turnover": {"per_year": 10},
        "reconsider": {"per_day": 0.2},
    },
    {"kind": "delegated", "active_set": 5, "saturation": 0.3, "delegation_ratio": 20, "reconsider": {"per_day": 0.1}},
]
#: Ways to choose a camp that the scenario does not use, as it would write them.
OTHER_CHOICES: list[dict[str, Any]] = [{"kind": "profits"}, {"kind": "contagion", "alone": 0.8}]
#: Venues that the scenario does not use and that mint or burn, as it would write them.
OTHER_VENUES: list[dict[str, Any]] = [
    {"kind": "bonding-curve"},
    {"kind": "launch-curve", "paid_in": 0.5, "graduation": 0.999},
]
#: Populations that the scenario does not have because accounts stand for them, as it would write them.
OTHER_POPULATIONS: list[dict[str, Any]] = [
    {"kind": "insiders", "count": 10, "cash": 2000},
    {"kind": "airdrop_recipients", "count": 40, "accounts_per_agent": 100, "window_days": 20},
]
#: What must be changed for them to have anything to do.
FOR_POPULATIONS = {"airdrop_recipients": {"networks.alpha.token.allocation.groups.3.receiver": "airdrop"}}
#: Those that have nothing to set.
PLAIN_MARKETS = [("inference", {"kind": "cheapest"})]


def differing(base: RunRecord, path: str, changes: dict[str, Any]) -> list[str]:
    """Return the series that differ, in steps that both runs took, after a change; none when it is not legal."""
    try:
        scenario = load(BUSY, sets=changes)
    except ScenarioError:
        return []
    record = simulate(scenario)
    assert record.status == "complete", f"{path}: {record.error}"
    same = slice(0, min(base.n_steps, record.n_steps))
    moved = [name for name in base.series if base.series[name][same].tobytes() != record.series[name][same].tobytes()]
    return moved or (["length"] if base.n_steps != record.n_steps else [])


PARAMETERS = dict(numbers(load(BUSY)))


@pytest.fixture(scope="module")
def base() -> RunRecord:
    record = simulate(load(BUSY))
    assert record.status == "complete", record.error
    return record


@pytest.mark.jit
@pytest.mark.parametrize("path", PARAMETERS)
def test_a_parameter_changes_what_is_recorded(base: RunRecord, path: str) -> None:
    along = ALONG.get(path, {})
    assert any(differing(base, path, {path: value, **along}) for value in others(PARAMETERS[path])), (
        f"no legal value other than {PARAMETERS[path]!r} changes any series: what is {path} for?"
    )


@cache
def with_market(number: int) -> tuple[RunRecord, dict[str, Any], dict[str, Any]]:
    """Run with another market; return the run, what was set, and the numbers of that market."""
    part, market = [*OTHER_MARKETS, *PLAIN_MARKETS][number]
    sets = {f"services.{part}": market}
    scenario = load(BUSY, sets=sets)
    record = simulate(scenario)
    assert record.status == "complete", record.error
    return record, sets, dict(numbers(getattr(scenario.services, part), f"services.{part}"))


MARKET_PARAMETERS = [
    (number, path)
    for number, (part, market) in enumerate(OTHER_MARKETS)
    for path in dict(numbers(getattr(load(BUSY, sets={f"services.{part}": market}).services, part), f"services.{part}"))
]


@pytest.mark.jit
@pytest.mark.parametrize(("number", "path"), MARKET_PARAMETERS)
def test_a_parameter_of_another_market_changes_what_is_recorded(number: int, path: str) -> None:
    record, sets, values = with_market(number)
    assert any(differing(record, path, {**sets, path: value}) for value in others(values[path])), path


@pytest.mark.jit
@pytest.mark.parametrize("number", range(len(OTHER_MARKETS) + len(PLAIN_MARKETS)))
def test_another_market_changes_what_is_recorded(base: RunRecord, number: int) -> None:
    record, _, _ = with_market(number)
    assert any(base.series[name].tobytes() != record.series[name].tobytes() for name in base.series)


CHOICE_AT = "populations.speculators.choice"
CHOICE_PARAMETERS = [
    (number, path)
    for number, choice in enumerate(OTHER_CHOICES)
    for path in dict(numbers(load(BUSY, sets={CHOICE_AT: choice}).populations["speculators"].choice, CHOICE_AT))
]


@pytest.mark.jit
@pytest.mark.parametrize(("number", "path"), CHOICE_PARAMETERS)
def test_a_parameter_of_another_choice_changes_what_is_recorded(number: int, path: str) -> None:
    sets = {CHOICE_AT: OTHER_CHOICES[number]}
    scenario = load(BUSY, sets=sets)
    value = dict(numbers(scenario.populations["speculators"].choice, CHOICE_AT))[path]
    record = simulate(scenario)
    assert any(differing(record, path, {**sets, path: other}) for other in others(value)), path


STAKING_AT = "networks.alpha.token.staking"


@cache
def with_staking(number: int) -> tuple[RunRecord, dict[str, Any]]:
    """Run with another kind of staking; return the run and the numbers that are its own."""
    scenario = load(BUSY, sets={STAKING_AT: OTHER_STAKING[number]})
    record = simulate(scenario)
    assert record.status == "complete", record.error
    common = {f"{STAKING_AT}.{name}" for name in StakingRule.model_fields}
    own = dict(numbers(scenario.networks["alpha"].token.staking, STAKING_AT))
    return record, {path: value for path, value in own.items() if path not in common}


STAKING_PARAMETERS = [
    (number, f"{STAKING_AT}.{name}")
    for number, rule in enumerate(OTHER_STAKING)
    for name in type(STAKING.build(rule)).model_fields
    if name not in StakingRule.model_fields
]


@pytest.mark.jit
@pytest.mark.parametrize(("number", "path"), STAKING_PARAMETERS)
def test_a_parameter_of_other_staking_changes_what_is_recorded(number: int, path: str) -> None:
    record, values = with_staking(number)
    assert any(differing(record, path, {STAKING_AT: OTHER_STAKING[number], path: v}) for v in others(values[path])), (
        path
    )


@pytest.mark.jit
def test_every_kind_of_staking_changes_what_is_recorded(base: RunRecord) -> None:
    assert {rule["kind"] for rule in OTHER_STAKING} == {*STAKING} - {load(BUSY).networks["alpha"].token.staking.kind}
    for number in range(len(OTHER_STAKING)):
        assert base.series["staked"].tobytes() != with_staking(number)[0].series["staked"].tobytes()


REGIME_AT = "networks.alpha.verification"
#: Kinds of verification that the network does not use, as a scenario would write them.
OTHER_REGIMES: list[dict[str, Any]] = [
    {"kind": "optimistic-challenge", "false_positive": 0.05, "to_treasury": 0.2},
    {"kind": "zk-proof", "budget": 10.0, "false_positive": 0.2},
    {"kind": "validator-consensus", "scoring_cost": 5.0, "false_positive": 0.3, "copy_loss": 0.5},
]


@cache
def with_regime(number: int) -> tuple[RunRecord, dict[str, Any]]:
    """Run with another regime; return the run and its numbers."""
    scenario = load(BUSY, sets={REGIME_AT: OTHER_REGIMES[number]})
    record = simulate(scenario)
    assert record.status == "complete", record.error
    return record, dict(numbers(scenario.networks["alpha"].verification, REGIME_AT))


REGIME_PARAMETERS = [
    (number, f"{REGIME_AT}.{name}")
    for number, rule in enumerate(OTHER_REGIMES)
    for name in type(REGIMES.build(rule)).model_fields
    if name != "kind"
]


@pytest.mark.jit
@pytest.mark.parametrize(("number", "path"), REGIME_PARAMETERS)
def test_a_parameter_of_another_regime_changes_what_is_recorded(number: int, path: str) -> None:
    record, values = with_regime(number)
    assert any(differing(record, path, {REGIME_AT: OTHER_REGIMES[number], path: v}) for v in others(values[path])), path


def population_at(number: int) -> str:
    return f"populations.{OTHER_POPULATIONS[number]['kind']}"


def population_sets(number: int) -> dict[str, Any]:
    kind = OTHER_POPULATIONS[number]
    return {population_at(number): kind, **FOR_POPULATIONS.get(kind["kind"], {})}


@cache
def with_population(number: int) -> tuple[RunRecord, dict[str, Any]]:
    """Run with one population more; return the run and the numbers of that population."""
    where = population_at(number)
    scenario = load(BUSY, sets=population_sets(number))
    record = simulate(scenario)
    assert record.status == "complete", record.error
    return record, dict(numbers(scenario.populations[where.partition(".")[2]], where))


POPULATION_PARAMETERS = [
    (number, f"{population_at(number)}.{name}")
    for number, kind in enumerate(OTHER_POPULATIONS)
    for name in type(AGENT_KINDS.build(kind)).model_fields
    if name not in ("kind", "unclaimed")
]


@pytest.mark.jit
@pytest.mark.parametrize(("number", "path"), POPULATION_PARAMETERS)
def test_a_parameter_of_another_population_changes_what_is_recorded(number: int, path: str) -> None:
    record, values = with_population(number)
    assert any(differing(record, path, {**population_sets(number), path: v}) for v in others(values[path])), path


GOVERNANCE_AT = "networks.alpha.governance"
VOTING_AT = f"{GOVERNANCE_AT}.voting"
#: Three votes: one near its threshold, one short of its quorum, one that passes.
GOVERNANCE: dict[str, Any] = {
    "quorum": 0.9,
    "cost": 2.0,
    "timelock_days": 3,
    "delegation": 0.3,
    "voting": {"kind": "token-weighted", "unbonded": 0.9},
    "proposals": [
        {
            "parameter": "networks.alpha.verification.detection",
            "value": 0.5,
            "voted": "2024-01-06",
            "effect": -0.01,
            "disagreement": 0.05,
        },
        {
            "parameter": "networks.alpha.verification.false_positive",
            "value": 0.2,
            "voted": "2024-01-12",
            "effect": 0.002,
        },
        {"parameter": "networks.alpha.fees.take_rate", "value": 0.01, "voted": "2024-01-20", "effect": 1.0},
    ],
}
#: Values that nothing becomes of, because they are voted down.
REJECTED = {f"{GOVERNANCE_AT}.proposals.{number}.value" for number in (0, 1)}
OTHER_VOTING: list[dict[str, Any]] = [{"kind": "quadratic", "price": 5.0}, {"kind": "per-head", "minimum": 2000.0}]


@cache
def with_governance(number: int) -> tuple[RunRecord, dict[str, Any], dict[str, Any]]:
    """Run with votes; return the run, what was set, and the numbers that are theirs."""
    voting = [GOVERNANCE["voting"], *OTHER_VOTING][number]
    sets = {GOVERNANCE_AT: {**GOVERNANCE, "voting": voting}}
    scenario = load(BUSY, sets=sets)
    record = simulate(scenario)
    assert record.status == "complete", record.error
    return record, sets, dict(below(scenario.networks["alpha"].governance, GOVERNANCE_AT))


GOVERNANCE_PARAMETERS = [
    *(
        (0, path)
        for path in dict(below(GovernanceSpec.model_validate(GOVERNANCE), GOVERNANCE_AT))
        if path not in REJECTED
    ),
    *((1 + n, path) for n, rule in enumerate(OTHER_VOTING) for path in dict(below(VOTING.build(rule), VOTING_AT))),
]


@pytest.mark.jit
@pytest.mark.parametrize(("number", "path"), GOVERNANCE_PARAMETERS)
def test_a_parameter_of_votes_changes_what_is_recorded(number: int, path: str) -> None:
    record, sets, values = with_governance(number)
    assert any(differing(record, path, {**sets, path: value}) for value in others(values[path])), path


SUBNETS_AT, STAKERS_AT = "networks.alpha.subnets", "populations.subnet_stakers"
#: Subnets on the first network, whose rule of division changes once and whose slots are full.
WITH_SUBNETS: dict[str, Any] = {
    "networks.alpha.token.allocation.groups": [
        {"group": "community", "share": 0.4, "receiver": "speculators", "tge": 1.0},
        {"group": "lenders", "share": 0.02, "receiver": "lenders", "tge": 1.0},
        {"group": "stakers", "share": 0.28, "receiver": "subnet_stakers", "tge": 1.0},
        {"group": "pools", "share": 0.1, "receiver": "subnets", "tge": 1.0},
        {"group": "liquidity", "share": 0.1, "receiver": "liquidity", "tge": 1.0},
        {"group": "treasury", "share": 0.1, "receiver": "treasury", "tge": 1.0},
    ],
    "networks.alpha.fees.sinks": [],
    SUBNETS_AT: {
        "terms": [
            {"shares": "price", "root_gate": 0.01},
            {"from": "2024-01-21", "shares": {"kind": "flow", "cutoff": -1.0, "exponent": 1.2}},
        ],
        "opening": {"count": 8, "age_days": 0.0},
        "average": {"ceiling": 0.02},
        "earners": {"withheld": 0.2},
        "entry": {
            "limit": 10,
            "candidates": {"per_day": 3},
            "optimism": {"dist": "lognormal", "median": 1.0, "sigma": 2.0},
            "lock_start": 300,
            "lock_lowest": 100,
            "lock_interval_blocks": 7200,
            "lock_block_emission": 0.4,
            "immunity_blocks": 72_000,
        },
    },
    STAKERS_AT: {"count": 60, "reconsider": {"per_week": 1}},
    "steps": 30,
    "populations.users.count": 200,
    "populations.margin_traders.count": 20,
}


@cache
def with_subnets() -> tuple[RunRecord, dict[str, Any]]:
    """Run with subnets; return the run and the numbers that are theirs."""
    scenario = load(BUSY, sets=WITH_SUBNETS)
    record = simulate(scenario)
    assert record.status == "complete", record.error
    theirs = dict(below(scenario.networks["alpha"].subnets, SUBNETS_AT))
    return record, theirs | dict(below(scenario.populations["subnet_stakers"], STAKERS_AT))


SUBNET_PARAMETERS = [
    path
    for at, spec in (
        (SUBNETS_AT, SubnetsSpec.model_validate(WITH_SUBNETS[SUBNETS_AT])),
        (STAKERS_AT, AGENT_KINDS.build({"kind": "subnet_stakers", **WITH_SUBNETS[STAKERS_AT]})),
    )
    for path in dict(below(spec, at))
]


@pytest.mark.jit
@pytest.mark.parametrize("path", SUBNET_PARAMETERS)
def test_a_parameter_of_subnets_changes_what_is_recorded(path: str) -> None:
    record, values = with_subnets()
    assert any(differing(record, path, {**WITH_SUBNETS, path: value}) for value in others(values[path])), path


VENUES_AT = "networks.beta.venues"


@cache
def with_curve(number: int) -> tuple[RunRecord, dict[str, Any]]:
    """Run with a curve that mints or burns; return the run and the numbers that are its own."""
    scenario = load(BUSY, sets={VENUES_AT: [OTHER_VENUES[number]]})
    record = simulate(scenario)
    assert record.status == "complete", record.error
    own = dict(numbers(scenario.networks["beta"].venues[0], f"{VENUES_AT}.0"))
    return record, {path: value for path, value in own.items() if path.rpartition(".")[2] not in Venue.model_fields}


CURVE_PARAMETERS = [
    (number, f"{VENUES_AT}.0.{name}")
    for number, rule in enumerate(OTHER_VENUES)
    for name in type(VENUES.build(rule)).model_fields
    if name not in Venue.model_fields and name not in ("leftover", "fee_to")
]


@pytest.mark.jit
@pytest.mark.parametrize(("number", "path"), CURVE_PARAMETERS)
def test_a_parameter_of_a_curve_changes_what_is_recorded(number: int, path: str) -> None:
    record, values = with_curve(number)
    assert any(differing(record, path, {VENUES_AT: [OTHER_VENUES[number]], path: v}) for v in others(values[path])), (
        path
    )


@pytest.mark.jit
def test_what_becomes_of_leftovers_changes_what_is_recorded() -> None:
    launch = OTHER_VENUES[1]
    record, _ = with_curve(1)
    assert differing(record, "leftover", {VENUES_AT: [{**launch, "leftover": "pooled"}]})


@pytest.mark.jit
@pytest.mark.parametrize("number", range(len(OTHER_VENUES)))
def test_who_gets_the_fee_of_a_curve_changes_what_is_recorded(number: int) -> None:
    record, _ = with_curve(number)
    moved = differing(record, "fee_to", {VENUES_AT: [{**OTHER_VENUES[number], "fee_to": "treasury"}]})
    assert {"curve_fees", "treasury_usd"} <= {*moved}


def test_every_kind_of_market_is_looked_at() -> None:
    services = load(BUSY).services
    for part, registry in (("compute", COMPUTE_MARKETS), ("data", DATA_MARKETS), ("inference", INFERENCE_MARKETS)):
        kinds = {market["kind"] for other, market in (*OTHER_MARKETS, *PLAIN_MARKETS) if other == part}
        assert kinds | {getattr(services, part).kind} == set(registry)


@pytest.mark.jit
@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.name)
def test_a_driver_moves_the_economy_or_says_that_it_is_for_plugins(base: RunRecord, driver: Any) -> None:
    moved = [differing(base, driver.name, {f"drivers.{driver.name}": value}) for value in (0.05, 0.5, 3.0)]
    assert any(moved) == (driver.name not in FOR_PLUGINS)
    assert driver.doc.endswith("; read by plug-ins only.") == (driver.name in FOR_PLUGINS)


def test_what_is_left_out_exists() -> None:
    document = load(BUSY).model_dump()
    for path in ELSEWHERE:
        found = document
        for part in path.split("."):
            found = found[part]
    assert {*ALONG} <= {*PARAMETERS}
