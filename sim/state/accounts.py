"""Accounts and counters of the networks: one row per network, integers in base units or micro-dollars."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from catallaxy.agents.population import Floats, Ints

__all__ = ["Accounts", "Quoted"]


@dataclass
class Accounts:
    """What the networks themselves hold and have counted.

    Attributes
    ----------
    n : int
        Number of networks.
    genesis, minted, burned : int64[K], base units
        Created at genesis, issued and destroyed since.
    recycled : int64[K], base units
        Returned, to be issued again.
    reminted : int64[K], base units
        Minted for credits.
    curve_issued : int64[K], base units
        Minted by bonding curves less burned by them.
    converted : int64[K], base units
        Minted in mergers for tokens of other networks, less converted into those.
    new_minted : int64[K], base units
        Issued in this step.
    new_spending : int64[K], micro-USD
        What users paid for services in this step.
    vesting, reward_pool : int64[K], base units
    insider_tokens, treasury_tokens : int64[K], base units
    insider_usd, treasury_usd, fee_escrow : int64[K], micro-USD
    escrow_burn, escrow_recycle, escrow_credits : int64[K], micro-USD
        Parts of the fee escrow that are set aside to buy tokens, for what is done with them then.
    trade_taxes : int64[K], micro-USD
        Levied on trades and not yet shared out; in the sector of the fee escrow.
    rounding_usd : int64[K], micro-USD
        What rounding left over.
    """

    n: int
    genesis: Ints = field(init=False)
    minted: Ints = field(init=False)
    burned: Ints = field(init=False)
    recycled: Ints = field(init=False)
    reminted: Ints = field(init=False)
    curve_issued: Ints = field(init=False)
    converted: Ints = field(init=False)
    new_minted: Ints = field(init=False)
    new_spending: Ints = field(init=False)
    vesting: Ints = field(init=False)
    reward_pool: Ints = field(init=False)
    insider_tokens: Ints = field(init=False)
    treasury_tokens: Ints = field(init=False)
    insider_usd: Ints = field(init=False)
    treasury_usd: Ints = field(init=False)
    fee_escrow: Ints = field(init=False)
    escrow_burn: Ints = field(init=False)
    escrow_recycle: Ints = field(init=False)
    escrow_credits: Ints = field(init=False)
    trade_taxes: Ints = field(init=False)
    rounding_usd: Ints = field(init=False)

    def __post_init__(self) -> None:
        for name in list(self.__dataclass_fields__)[1:]:
            setattr(self, name, np.zeros(self.n, np.int64))

    @property
    def set_aside(self) -> Ints:
        """What of the fee escrow is to buy tokens, int64[K], micro-USD."""
        return self.escrow_burn + self.escrow_recycle + self.escrow_credits


@dataclass
class Quoted:
    """Prices and expectations that carry over from one step to the next, per network.

    Attributes
    ----------
    token_price : float64[K], USD/token
    service_price, service_quality : float64[K]
        USD per unit; quality relative to the incumbents' frontier.
    compute_reward : float64[K], USD/GPU-hour
        Smoothed token reward.
    data_income : float64[K], USD per data unit and step
        Smoothed earnings of a unit on offer, fees and rewards.
    unit_cost : float64[K], USD/unit
        Compute cost of a service unit.
    genuine : float64[K]
        Share of the compute sold that was really done.
    usage : float64[K], USD/step
        Smoothed service spending.
    fees_mean, emission_mean : float64[K], USD/step
        30-step means.
    staking_yield : float64[K], 1/year
        Smoothed reward per token staked.
    trend_short, trend_long : float64[K]
        Exponential averages of log returns.
    attention : float64[K]
        Recent absolute returns, relative to the typical move.
    news : float64[K]
        Transient part of log value.
    surprise : float64[K]
        News of the step.
    reserve_news : float64[K]
        Log return of the reserve asset in the step, times the loading of the token's value on it.
    """

    n: int
    token_price: Floats = field(init=False)
    service_price: Floats = field(init=False)
    service_quality: Floats = field(init=False)
    compute_reward: Floats = field(init=False)
    data_income: Floats = field(init=False)
    unit_cost: Floats = field(init=False)
    genuine: Floats = field(init=False)
    usage: Floats = field(init=False)
    fees_mean: Floats = field(init=False)
    emission_mean: Floats = field(init=False)
    staking_yield: Floats = field(init=False)
    trend_short: Floats = field(init=False)
    trend_long: Floats = field(init=False)
    attention: Floats = field(init=False)
    news: Floats = field(init=False)
    surprise: Floats = field(init=False)
    reserve_news: Floats = field(init=False)

    def __post_init__(self) -> None:
        for name in list(self.__dataclass_fields__)[1:]:
            setattr(self, name, np.zeros(self.n))
