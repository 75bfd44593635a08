"""Phase 8: emission and fees are split, burned and paid."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.population import MICRO, Floats, Ints
from catallaxy.agents.sellers import NEVER_TOO_MUCH, Sellers
from catallaxy.sim.engine.credits import buy_credits, settle_credits
from catallaxy.sim.engine.receivers import pay_stakers_usd, pay_usd, recycle
from catallaxy.sim.engine.trade_taxes import distribute_trade_taxes
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.tokenomics.sinks import divide, route_fees

__all__ = ["run"]

_YEAR = 365.25
#: While less than this share of the tokens is staked, holders expect the reward of a staker at this share.
_SMALLEST_STAKE = 0.01
#: Largest reward per token staked and year that holders believe in.
_LARGEST_YIELD = 10.0
#: Share of a network's data that would enter first where none is on offer.
_FIRST_DATA = 0.1
#: Averaging time of fees and emission in `fees_to_emission`, days.
_RATIO_DAYS = 30.0


def run(economy: Economy) -> None:
    """Pay rewards out of the reward pool, route fees, and note what each group earned.

    Parameters
    ----------
    economy : Economy
    """
    _burn_from_rewards(economy)
    root_due = np.array([0 if book is None else book.root_due for book in economy.subnets], np.int64)
    available = economy.accounts.reward_pool - root_due
    value = economy.price_micro() / MICRO
    to_nodes = _pay(economy, economy.nodes, economy.nodes.reward_weight(), _cut(economy, available, "compute"))
    to_data = _pay(economy, economy.providers, economy.providers.weight, _cut(economy, available, "data"))
    to_builders = _pay(economy, economy.builders, economy.builders.weight, _cut(economy, available, "builders"))
    staked, for_stakers = economy.speculators.staked_totals(), _cut(economy, available, "stakers") + root_due
    to_stakers, sharing = _pay_stakers(economy, for_stakers)
    _pay_treasury(economy, _cut(economy, available, "treasury"))
    stakers_usd = distribute_trade_taxes(economy, staked) + _route_fees(economy, staked)
    settle_credits(economy)
    buy_credits(economy)
    economy.metrics["income_compute"] += to_nodes * value
    economy.metrics["income_data"] += to_data * value
    economy.metrics["income_builders"] += to_builders * value
    economy.note("income_stakers", to_stakers * value + stakers_usd / MICRO)
    _expect(economy, to_nodes * value, for_stakers * value + stakers_usd / MICRO, sharing)


def _cut(economy: Economy, available: Ints, group: str) -> Ints:
    shares = [getattr(spec.token.rewards, group) for spec in economy.specs]
    return np.array(
        [int(amount * share * NEVER_TOO_MUCH) for amount, share in zip(available, shares, strict=True)], np.int64
    )


def _burn_from_rewards(economy: Economy) -> None:
    for k, spec in enumerate(economy.specs):
        minted = int(economy.accounts.new_minted[k])
        taken = divide(spec.fees.sinks, "rewards", minted)
        if not taken:
            continue
        returned = taken.get("recycle", 0)
        economy.accounts.reward_pool[k] -= returned
        recycle(economy, k, returned, "reward pool")
        amount = taken.get("burn", 0)
        economy.accounts.reward_pool[k] -= amount
        economy.accounts.burned[k] += amount
        economy.post(k, "burn", "reward pool", "burned", amount)
        economy.metrics["burned"][k] += amount / economy.base[k]


def _pay(economy: Economy, population: Sellers, weight: Ints, amounts: Ints) -> Ints:
    paid = population.reward(weight, amounts, economy.price_micro())
    economy.accounts.reward_pool -= paid
    for k in range(economy.k):
        economy.post(k, "rewards", "reward pool", population.name, paid[k])
    return paid


def _pay_stakers(economy: Economy, amounts: Ints) -> tuple[Ints, Ints]:
    """Pay those who stake; return what holders were paid, and the stake among which it was shared."""
    holders, (paid, sharing) = economy.speculators.name, np.zeros((2, economy.k), np.int64)
    for k, stakes in enumerate(economy.staking):
        payout = stakes.pay(int(amounts[k]), economy.step)
        paid[k], sharing[k] = payout.holders, payout.sharing
        economy.post(k, "staking rewards", "reward pool", holders, payout.holders)
        economy.post(k, "stake", holders, "staked", payout.bonded)
        _pay_operators(economy, k, payout.fees)
        if payout.validators is not None:
            economy.accounts.reward_pool[k] -= _pay_validators(economy, k, payout.validators)
    economy.accounts.reward_pool -= paid
    return paid, sharing


def _pay_operators(economy: Economy, k: int, amount: int) -> None:
    """Give the treasury the fee on the rewards of liquid stake."""
    economy.accounts.reward_pool[k] -= amount
    economy.accounts.treasury_tokens[k] += amount
    economy.post(k, "staking rewards", "reward pool", "treasury", amount)


def _pay_validators(economy: Economy, k: int, amounts: Ints) -> int:
    nodes, value, total = economy.nodes, economy.price_micro()[k], int(amounts.sum())
    nodes.tokens += amounts
    nodes.income += (amounts * value).astype(np.int64)
    economy.metrics["income_compute"][k] += total * value / MICRO
    economy.post(k, "staking rewards", "reward pool", nodes.name, total)
    return total


def _pay_treasury(economy: Economy, amounts: Ints) -> None:
    economy.accounts.reward_pool -= amounts
    economy.accounts.treasury_tokens += amounts
    for k in range(economy.k):
        economy.post(k, "rewards", "reward pool", "treasury", amounts[k])


def _route_fees(economy: Economy, staked: Ints) -> Ints:
    accounts, paid = economy.accounts, np.zeros(economy.k, np.int64)
    collateral = economy.nodes.staked_totals() * economy.price_micro()
    free = accounts.fee_escrow - accounts.set_aside
    for k, spec in enumerate(economy.specs):
        gross = int(accounts.new_spending[k])
        collected = int(free[k])
        fee = min(int(gross * economy.policy["take_rate"][k]), collected)
        routing = route_fees(spec.fees.sinks, gross, fee, int(collateral[k]))
        paid[k] = pay_stakers_usd(economy, k, routing.stakers_usd, int(staked[k]))
        burn = min(routing.burn_usd, collected - fee)
        to_treasury = collected - burn - int(paid[k]) - pay_usd(economy, k, routing.others)
        accounts.fee_escrow[k] -= to_treasury
        accounts.treasury_usd[k] += to_treasury
        economy.post_usd("protocol fees", "fee escrow", "treasury", to_treasury)
        economy.metrics["fees_usd"][k] = (fee + burn) / MICRO
    return paid


def _expect(economy: Economy, node_value: Floats, staker_value: Floats, staked: Ints) -> None:
    quoted, metrics = economy.quoted, economy.metrics
    hours = np.maximum(metrics["gpu_hours_supplied"], 1.0)
    quoted.compute_reward += economy.nodes.spec.smoothing * (node_value / hours - quoted.compute_reward)
    quoted.data_income += economy.providers.spec.smoothing * (_data_prospect(economy) - quoted.data_income)
    at_least = _SMALLEST_STAKE * economy.circulating()
    stake_value = np.maximum(staked, at_least) * economy.price_micro() / MICRO
    annual = staker_value / stake_value * _YEAR / economy.dt_days
    smoothing = np.array([spec.token.staking.smoothing for spec in economy.specs])
    quoted.staking_yield += smoothing * (np.minimum(annual, _LARGEST_YIELD) - quoted.staking_yield)
    weight = min(1.0, economy.dt_days / _RATIO_DAYS)
    quoted.fees_mean += weight * (metrics["fees_usd"] - quoted.fees_mean)
    quoted.emission_mean += weight * (metrics["emission_usd"] - quoted.emission_mean)
    economy.note("staking_yield", quoted.staking_yield)
    minting = quoted.emission_mean > 0.0
    ratio = np.where(minting, quoted.fees_mean / np.where(minting, quoted.emission_mean, 1.0), np.nan)
    economy.note("fees_to_emission", ratio)


def _data_prospect(economy: Economy) -> Floats:
    """Earnings of a data unit on offer; where nothing is on offer, what builders would pay the first to enter."""
    units, builders = economy.metrics["data_units"], economy.builders
    budgets = np.bincount(builders.network, builders.budget, economy.k) / MICRO
    entrant = budgets / np.maximum(_FIRST_DATA * economy.providers.potential, 1.0)
    if economy.providers.toll is not None:
        entrant = np.maximum(entrant - builders.per_network * economy.providers.toll, 0.0)
    return np.where(units > 0, economy.metrics["income_data"] / np.maximum(units, 1.0), entrant)
