"""Genesis: from a scenario and a seed to the opening state of an economy, with its books opened."""

from __future__ import annotations

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.lanes import Lanes
from catallaxy.agents.population import MICRO, Floats, Ints, Population, Site, of_kind
from catallaxy.agents.subnet_stakers import SubnetStakers
from catallaxy.sim.engine.phases.issuance import emissions
from catallaxy.sim.engine.phases.model_market import spending_wanted
from catallaxy.sim.engine.unlocks import deliver_unlock
from catallaxy.sim.environment.drivers import driver_paths
from catallaxy.sim.environment.events import apply_to_drivers, policy_events
from catallaxy.sim.environment.paths import DriverPaths
from catallaxy.sim.markets.venues import Pool, divide_liquidity
from catallaxy.sim.recording.sectors import SUBNETS
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.schema_network import NetworkSpec
from catallaxy.sim.scenario.token_units import allocated_supply, base_units_of, emission_cap
from catallaxy.sim.state.accounts import Accounts, Quoted
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.state.ledger import Ledger
from catallaxy.sim.state.stocks import sectors_of
from catallaxy.sim.state.subnets import Subnets, open_subnets
from catallaxy.sim.tokenomics.allocation import VestingSchedule, vesting_schedule
from catallaxy.sim.tokenomics.units import to_base

__all__ = ["found", "replicate_seed"]

#: One node in so many sells at the start, when demand is small: its running cost is the first price of compute.
_CHEAPEST = 50
#: Markup over unit cost that users expect before the first prices are posted.
_FIRST_MARKUP = 0.7


def replicate_seed(root: int, replicate: int) -> np.uint64:
    """Return the seed of one replicate: the same for the same (root, replicate), whatever else runs.

    Parameters
    ----------
    root : int
        Seed of the scenario.
    replicate : int
        From 0.

    Returns
    -------
    uint64
    """
    return np.uint64(np.random.SeedSequence(root, spawn_key=(replicate,)).generate_state(1, np.uint64)[0])


def found(scenario: Scenario, replicate: int = 0, threads: int = 1) -> Economy:
    """Create the economy of one replicate at step 0.

    Parameters
    ----------
    scenario : Scenario
    replicate : int
    threads : int
        Threads that row kernels may use.

    Returns
    -------
    Economy
    """
    seed = replicate_seed(scenario.seed, replicate)
    networks = tuple(scenario.networks.values())
    base = np.array([base_units_of(scenario, name) for name in scenario.networks], np.int64)
    prices = np.array([spec.token.price for spec in networks])
    lanes = Lanes(threads)
    populations = _populate(scenario, seed, base, prices, lanes)
    symbols = tuple(spec.token.symbol for spec in networks)
    economy = Economy(
        scenario=scenario,
        seed=seed,
        names=tuple(scenario.networks),
        symbols=symbols,
        specs=networks,
        base=base,
        caps=tuple(emission_cap(spec.token, int(b)) for spec, b in zip(networks, base, strict=True)),
        lanes=lanes,
        populations=populations,
        pools=tuple(() for _ in networks),
        vesting=tuple(_unlocks(scenario, spec, int(b)) for spec, b in zip(networks, base, strict=True)),
        paths=_outside(scenario, int(seed)),
        policy_events=policy_events(scenario.events, scenario.start, scenario.steps, scenario.dt_days),
        ledger=Ledger(("USD", *symbols), sectors_of(populations)),
        accounts=Accounts(len(networks)),
        quoted=_first_quotes(prices),
        policy=_policies(networks),
    )
    economy.accounts.genesis[:] = [to_base(spec.token.genesis, int(b)) for spec, b in zip(networks, base, strict=True)]
    economy.pools, economy.subnets = zip(*(_endow(economy, k) for k in range(economy.k)), strict=True)
    _first_expectations(economy)
    economy.start_circulating[:] = economy.tokens(economy.circulating())
    economy.speculators.endowment[:] = economy.speculators.wealth(economy.price_micro()).astype(np.int64)
    stakers = of_kind(populations.values(), SubnetStakers)
    if stakers is not None:
        stakers.endowment[:] = stakers.wealth(economy.price_micro()).astype(np.int64)
    stocks = economy.stocks()
    economy.ledger.open(stocks)
    economy.dilution.open(economy, stocks)
    return economy


def _outside(scenario: Scenario, seed: int) -> DriverPaths:
    start, dt_days = scenario.start, scenario.dt_days
    paths = driver_paths(scenario.drivers, seed=seed, n_steps=scenario.steps, dt_days=dt_days, start=start)
    return apply_to_drivers(paths, scenario.events, start, dt_days)


def _unlocks(scenario: Scenario, spec: NetworkSpec, base: int) -> VestingSchedule:
    supply = allocated_supply(spec.token, base)
    return vesting_schedule(spec.token.allocation, supply, scenario.start, scenario.dt_days, scenario.steps)


def _populate(scenario: Scenario, seed: np.uint64, base: Ints, prices: Floats, lanes: Lanes) -> dict[str, Population]:
    first_id, populations = 0, {}
    for name, spec in scenario.populations.items():
        site = Site(seed, first_id, len(prices), base, prices, scenario.dt_days, lanes)
        populations[name] = spec.build(name, site)
        first_id += spec.count
    return populations


def _first_quotes(prices: Floats) -> Quoted:
    quoted = Quoted(len(prices))
    quoted.token_price[:] = prices
    quoted.genuine[:] = 1.0
    quoted.attention[:] = 1.0
    return quoted


def _policies(networks: tuple[NetworkSpec, ...]) -> dict[str, Floats]:
    ones = np.ones(len(networks))
    return {
        "take_rate": np.array([spec.fees.take_rate for spec in networks]),
        "emission_scale": ones.copy(),
        "audit_scale": ones.copy(),
        "node_access": ones.copy(),
        "news": np.zeros(len(networks)),
    }


def _endow(economy: Economy, k: int) -> tuple[tuple[Pool, ...], Subnets | None]:
    schedule, spec = economy.vesting[k], economy.specs[k]
    pooled = {"liquidity": 0, SUBNETS: 0}
    for receiver, total, opening in zip(schedule.receivers, schedule.total, schedule.opening, strict=True):
        economy.accounts.vesting[k] += int(total - opening)
        if receiver in pooled:
            pooled[receiver] = int(opening)
        else:
            deliver_unlock(economy, k, receiver, int(opening))
    _first_stakes(economy, k, spec.token.staking.start_share)
    economy.accounts.treasury_usd[k] = int(spec.treasury.start_usd * MICRO)
    return _open_pools(economy, k, pooled["liquidity"]), open_subnets(economy, k, spec, pooled[SUBNETS])


def _first_stakes(economy: Economy, k: int, share: float) -> None:
    speculators = economy.speculators
    staked = (speculators.tokens[k] * share).astype(np.int64)
    speculators.tokens[k] -= staked
    speculators.staked[k] += staked


def _open_pools(economy: Economy, k: int, liquidity: int) -> tuple[Pool, ...]:
    venues, price = economy.specs[k].venues, economy.price_micro()[k]
    parts = divide_liquidity(venues, liquidity)
    return tuple(venue.open(venue.opening_usd(part, price), part) for venue, part in zip(venues, parts, strict=True))


def _first_expectations(economy: Economy) -> None:
    economy.read_drivers()
    drivers, quoted, builders = economy.drivers, economy.quoted, economy.builders
    cloud = drivers["cloud_gpu_price"]
    costs = np.sort(economy.nodes.running_costs(drivers["electricity_price"]))
    first_price = min(costs[len(costs) // _CHEAPEST], cloud)
    economy.nodes.expected_price[:] = economy.nodes.last_price[:] = first_price
    economy.note("compute_price", first_price)
    economy.note("gpu_hours_supplied", np.bincount(economy.nodes.network, economy.nodes.capacity, economy.k) / 1000.0)
    quoted.unit_cost[:] = builders.spec.hours_per_unit * builders.spec.headroom * first_price
    on_network = economy.users.network
    spending = np.zeros(economy.k, np.int64)
    members = on_network >= 0
    nk.payouts.total_by_network(on_network[members], economy.users.spending[members], spending)
    quoted.service_price[:] = quoted.unit_cost * (1.0 + _FIRST_MARKUP)
    economy.users.tally[:-1, 1] = spending
    economy.start_usage[:] = np.maximum(spending_wanted(economy) / MICRO, 1.0)
    quoted.usage[:] = economy.start_usage
    builders.train(0, quoted.genuine)
    builders.expect(economy.start_usage, quoted.unit_cost)
    quoted.service_quality[:] = [builders.quality[builders.network == k].max(initial=0.1) for k in range(economy.k)]
    economy.nodes.fund(drivers["electricity_price"])
    economy.users.tally[:-1, 0] = np.bincount(on_network[members], minlength=economy.k)
    _expect_rewards(economy)


def _expect_rewards(economy: Economy) -> None:
    quoted, nodes, providers = economy.quoted, economy.nodes, economy.providers
    elsewhere = nodes.earned_elsewhere(economy.drivers["cloud_gpu_price"])
    staked = economy.staked()
    for k, (spec, issue) in enumerate(zip(economy.specs, emissions(economy), strict=True)):
        value = issue.amount * economy.price_micro()[k] / MICRO
        quoted.emission_mean[k] = value
        quoted.fees_mean[k] = economy.start_usage[k] * (spec.fees.take_rate + economy.burn_share[k])
        quoted.data_income[k] = value * spec.token.rewards.data / max(providers.potential[k], 1.0)
        here = nodes.network == k
        hours = nodes.capacity[here] / 1000.0
        quoted.compute_reward[k] = _entry_reward(elsewhere[here], hours, value * spec.token.rewards.compute)
        quoted.staking_yield[k] = _first_yield(economy, k, int(staked[k]), value * spec.token.rewards.stakers)


def _entry_reward(elsewhere: Floats, hours: Floats, budget: float) -> float:
    """Return the reward per GPU-hour at which the last node to enter breaks even on rewards alone (USD)."""
    order = np.argsort(elsewhere, kind="stable")
    reward = budget / np.maximum(np.cumsum(hours[order]), 1e-9)
    enters = np.flatnonzero(reward >= elsewhere[order])
    return float(reward[enters[-1]]) if len(enters) else float(reward[0])


def _first_yield(economy: Economy, k: int, staked: int, daily_value: float) -> float:
    value = staked * economy.price_micro()[k] / MICRO
    return min(daily_value * 365.25 / economy.dt_days / max(value, 1.0), 1.0) if value > 0 else 0.0
