"""Speculators: fundamentalists, chartists and noise traders who hold a portfolio of tokens, and stake.

Decisions follow `catallaxy.numba_kernels.speculation`; camps change by discrete choice with herding, predisposition
and misalignment (Franke & Westerhoff 2012, JEDC 36:1193-1211, the DCA-HPM variant). Defaults are set so that the
daily returns of the flagship scenario fall in the bands measured on eight real tokens (`docs/calibration.md`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, TypeAlias

import numpy as np
from pydantic import SerializeAsAny

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.distributions import Attribute, column
from catallaxy.agents.gains import Gains
from catallaxy.agents.plugins import Registered
from catallaxy.agents.population import (
    AGENT_KINDS,
    MICRO,
    Column,
    Fills,
    Floats,
    Ints,
    Population,
    PopulationSpec,
    Site,
    part_of,
)
from catallaxy.agents.rates import Rate, rate
from catallaxy.agents.switching import SWITCHING, Camps, SwitchingRule
from catallaxy.agents.voters import Voters
from catallaxy.numba_kernels.streams import Stream

__all__ = ["Beliefs", "Speculators", "SpeculatorsSpec"]


AnySwitching: TypeAlias = Annotated[SerializeAsAny[SwitchingRule], Registered(SWITCHING)]


@dataclass(frozen=True)
class Beliefs:
    """What speculators see in one step, per network.

    Attributes
    ----------
    gap : float64[K]
        Log fundamental value minus log price.
    trend_short, trend_long : float64[K]
        Exponential averages of log returns, per step.
    shocks : float64[K, 3]
        Common shocks of fundamentalists, chartists and noise traders.
    cash_share : float64[K]
        Share of its cash that a portfolio earmarks for each token.
    price_micro : float64[K], micro-USD per base unit
    """

    gap: Floats
    trend_short: Floats
    trend_long: Floats
    shocks: Floats
    cash_share: Floats
    price_micro: Floats


@AGENT_KINDS.register("speculators")
class SpeculatorsSpec(PopulationSpec):
    """Declared parameters of speculators."""

    summary: ClassVar[str] = "Fundamentalists, chartists and noise traders with a portfolio over all tokens."

    cash: Attribute = column(
        {"dist": "pareto", "minimum": 8000, "tail": 1.6},
        unit="USD",
        doc="Cash at the start.",
        ge=0,
        source="Heavy-tailed wealth: stake and holdings Ginis of 0.67-0.98 in token networks (CryptoZach 2026).",
    )
    token_share: Attribute = column(1.0, unit="1", doc="Weight in the genesis tokens of speculators.", ge=0)
    value_bias: Attribute = column(
        {"dist": "normal", "mean": 0.0, "sd": 0.5}, unit="ln USD", doc="Disagreement about the fundamental value."
    )
    reaction: Attribute = column(
        {"dist": "uniform", "low": 0.5, "high": 1.5}, unit="1", doc="Strength of reaction to a signal.", ge=0
    )
    noise: Attribute = column(
        {"dist": "uniform", "low": 0.05, "high": 0.25}, unit="1", doc="Standard deviation of personal noise.", ge=0
    )
    aggressiveness: Attribute = column(
        {"dist": "uniform", "low": 0.01, "high": 0.08},
        unit="1/step",
        doc="Largest order, as a share of half the agent's wealth.",
        ge=0,
        le=1,
    )
    patience: Attribute = column(
        {"dist": "bernoulli", "p": 0.5}, unit="-", doc="Trend horizon: 0 short, 1 long.", ge=0, le=1
    )
    staking_willingness: Attribute = column(
        {"dist": "uniform", "low": 0.0, "high": 1.0},
        unit="1",
        doc="Largest share of tokens ever staked.",
        ge=0,
        le=1,
    )
    noise_traders: float = quantity(0.2, unit="1", doc="Share of agents that trade on noise only.", ge=0, le=1)
    chartists: float = quantity(0.3, unit="1", doc="Share of the others that start as chartists.", ge=0, le=1)
    value_pull: float = quantity(0.12, unit="1", doc="Pull of the gap to fundamental value (phi).", ge=0, le=10)
    trend_pull: float = quantity(0.13, unit="1", doc="Pull of the trend (chi).", ge=0, le=100)
    trend_tilt: float = quantity(
        10.0,
        unit="1",
        doc="Log weight of a token in the cash earmarked for tokens, per unit of long trend.",
        ge=0,
        le=1000,
    )
    short_trend_days: float = quantity(3.1, unit="day", doc="Averaging time of the short trend.", gt=0, le=365)
    long_trend_days: float = quantity(20.0, unit="day", doc="Averaging time of the long trend.", gt=0, le=1000)
    shock_fundamentalist: float = quantity(
        0.11, unit="1", doc="Daily standard deviation of the shock common to fundamentalists.", ge=0, le=10
    )
    shock_chartist: float = quantity(
        0.14, unit="1", doc="Daily standard deviation of the shock common to chartists.", ge=0, le=10
    )
    shock_noise: float = quantity(
        0.4, unit="1", doc="Daily standard deviation of the shock common to noise traders.", ge=0, le=10
    )
    news_response: float = quantity(4.8, unit="1", doc="Common signal per unit of surprise in log value.", ge=0, le=100)
    reserve_response: float = quantity(
        0.0,
        unit="1",
        doc="Common signal per unit of log return of the reserve asset, times the token's loading on it; 0 switches it "
        "off.",
        ge=0,
        le=100,
    )
    shared_shocks: float = quantity(
        0.0,
        unit="1",
        doc="Share of the variance of common shocks that all tokens share: how far those who follow one strategy take "
        "tokens for one asset.",
        ge=0,
        le=1,
    )
    attention_strength: float = quantity(
        0.45,
        unit="1",
        doc="How far common shocks scale with recent price moves; 0 switches the channel off.",
        ge=0,
        le=1,
    )
    attention_days: float = quantity(2.4, unit="day", doc="Averaging time of recent price moves.", gt=0, le=365)
    typical_move: float = quantity(
        0.045,
        unit="1/day^0.5",
        doc="Absolute daily log return at which attention is normal.",
        gt=0,
        le=1,
        source="Mean absolute daily return of eight deAI tokens, 2021-06..2025-06: 0.7 times a sd of 0.064.",
    )
    switching: Rate = rate({"per_day": 0.21}, doc="Flexibility: how often a camp is reconsidered.", ge=0)
    choice: AnySwitching = quantity({"kind": "leaning"}, unit="-", doc="How a camp is chosen.")
    inflow: Rate = rate({"per_year": 0.35}, doc="New money brought in, as a share of starting cash.", ge=0)
    inflow_response: float = quantity(0.5, unit="1", doc="Elasticity of new money to value over price.", ge=0, le=5)
    withdrawal: Rate = rate({"per_year": 0.30}, doc="Share of cash taken out as profit or for consumption.", ge=0)

    def build(self, name: str, site: Site) -> Speculators:
        """Make the population; see `PopulationSpec.build`."""
        return Speculators(name, site, self)


class Speculators(Population):
    """Speculators in token portfolios.

    Parameters
    ----------
    name : str
    site : Site
    spec : SpeculatorsSpec
    """

    COLUMNS: ClassVar[tuple[Column, ...]] = (
        Column("ids", "int64", "-", "Identifier."),
        Column("usd", "int64", "micro-USD", "Cash."),
        Column("tokens", "int64", "base unit", "Free tokens, one row per network."),
        Column("staked", "int64", "base unit", "Bonded tokens, one row per network."),
        Column("unbonding", "int64", "base unit", "Tokens waiting for release, one row per network."),
        Column("release", "int64", "step", "Step at which the waiting tokens are released."),
        Column("order", "int64", "micro-USD or base unit", "This step's order, one row per network."),
        Column("endowment", "int64", "micro-USD", "Wealth at the start."),
        Column("invested", "int64", "micro-USD", "Money brought in less money taken out, since the start."),
        Column("outside_income", "int64", "micro-USD/step", "New money that the agent can bring in."),
        Column("strategy", "int8", "-", "0 fundamentalist, 1 chartist, 2 noise trader."),
        Column("horizon", "int8", "-", "0 short trend, 1 long trend."),
        Column("value_bias", "float64", "ln USD", "Disagreement about the fundamental value."),
        Column("reaction", "float64", "1", "Strength of reaction."),
        Column("noise", "float64", "1", "Personal noise."),
        Column("aggressiveness", "float64", "1/step", "Largest order as a share of half the wealth."),
        Column("willingness", "float64", "1", "Largest share of tokens staked."),
    )

    def __init__(self, name: str, site: Site, spec: SpeculatorsSpec) -> None:
        super().__init__(name, site, spec.count)
        self.spec = spec

        def draw(field: str) -> Floats:
            return spec.draw(field, site, self.ids)

        self.usd: Ints = self.store("usd", (draw("cash") * MICRO).astype(np.int64))
        self.tokens, self.staked = self.token_rows("tokens"), self.token_rows("staked")
        self.unbonding, self.release = self.token_rows("unbonding"), self.token_rows("release")
        self.order = self.token_rows("order")
        self.endowment, self.invested = self.store("endowment", self.usd.copy()), self.zeros("invested")
        self.outside_income: Ints = self.store(
            "outside_income", (self.usd * spec.inflow.flow(site.dt_days)).astype(np.int64)
        )
        self.strategy = self.store("strategy", self._first_strategies(site))
        self.value_bias: Floats = self.store("value_bias", draw("value_bias"))
        self.reaction: Floats = self.store("reaction", draw("reaction"))
        self.noise: Floats = self.store("noise", draw("noise"))
        self.aggressiveness: Floats = self.store("aggressiveness", draw("aggressiveness"))
        self.willingness: Floats = self.store("willingness", draw("staking_willingness"))
        self.horizon = self.store("horizon", draw("patience").astype(np.int8))
        self.fundamentalists = int((self.strategy == nk.speculation.FUNDAMENTALIST).sum())
        self.camp_size = int((self.strategy < nk.speculation.NOISE).sum())
        self._profits = (0.0, 0.0)

    def _first_strategies(self, site: Site) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
        u = np.empty(self.n)
        nk.random.fill_uniform(nk.random.step_key(site.seed, int(Stream.STRATEGY_SWITCH), -1), self.ids, u)
        noise = self.spec.noise_traders
        chartist = noise + (1.0 - noise) * self.spec.chartists
        strategy = np.where(u < noise, nk.speculation.NOISE, np.where(u < chartist, nk.speculation.CHARTIST, 0))
        return strategy.astype(np.int8)

    def endow(self, k: int, amount: int) -> int:
        """Hand out more genesis tokens of network `k` by `token_share` and cash; return the base units handed out.

        Parameters
        ----------
        k : int
        amount : int
            Base units.

        Returns
        -------
        int
        """
        weight = self.spec.draw("token_share", self.site, self.ids)
        cash = self.usd.astype(np.float64) * weight
        total = float(int(np.sum(cash.astype(np.int64)))) or 1.0
        given = (cash * (amount / total) * (1.0 - 2.0**-40)).astype(np.int64)
        self.tokens[k] += given
        return int(given.sum())

    def bet(self, key: np.uint64, beliefs: Beliefs) -> tuple[list[int], list[int]]:
        """Form this step's orders on every network.

        Parameters
        ----------
        key : uint64
            Step key of the noise stream.
        beliefs : Beliefs

        Returns
        -------
        (list of int, list of int)
            Micro-USD bid and base units offered per network.
        """
        traits = nk.speculation.Traits(
            self.ids, self.value_bias, self.reaction, self.noise, self.aggressiveness, self.horizon
        )
        bid, offered = [], []
        for k in range(self.site.n_networks):
            signals = nk.speculation.Signals(
                value_pull=self.spec.value_pull,
                gap=float(beliefs.gap[k]),
                trend_pull=self.spec.trend_pull,
                trend_short=float(beliefs.trend_short[k]),
                trend_long=float(beliefs.trend_long[k]),
                shock_fundamentalist=float(beliefs.shocks[k, 0]),
                shock_chartist=float(beliefs.shocks[k, 1]),
                shock_noise=float(beliefs.shocks[k, 2]),
                cash_share=float(beliefs.cash_share[k]),
                price=float(beliefs.price_micro[k]),
            )
            wallet = (self.usd, self.tokens[k])
            network_key = nk.random.step_key(key, k, 0)
            form = nk.speculation.form_orders
            totals = self.site.lanes(form, self.n, network_key, traits, self.strategy, signals, wallet, self.order[k])
            bid.append(totals[0])
            offered.append(totals[1])
        return bid, offered

    def settle(self, fills: Fills) -> tuple[Sequence[int], Sequence[int]]:
        """Book fills; see `Population.settle`."""
        received = [
            self.site.lanes(
                nk.speculation.settle,
                self.n,
                self.order[k],
                self.usd,
                self.tokens[k],
                float(fills.tokens_per_usd[k]),
                float(fills.usd_per_token[k]),
            )
            for k in range(self.site.n_networks)
        ]
        return [tokens for tokens, _ in received], [usd for _, usd in received]

    def route(self, k: int, share: float, part: Ints) -> None:
        """Hand over a share of the orders; see `Population.route`."""
        part[:] = part_of(self.order[k], share)
        self.order[k] -= part

    def fill(self, k: int, usd: Ints, tokens: Ints) -> None:
        """Book what came of single orders; see `Population.fill`."""
        self.usd += usd
        self.tokens[k] += tokens

    def reconsider(self, key: np.uint64, squared_gap: float, profits: tuple[float, float] = (0.0, 0.0)) -> None:
        """Let fundamentalists and chartists change camp.

        Parameters
        ----------
        key : uint64
        squared_gap : float
            Mean squared log mispricing over networks.
        profits : (float, float), optional
            What following each camp's signal has just earned; see `Camps`.
        """
        rule, dt_days = self.spec.choice, self.site.dt_days
        if not rule.moves:
            return
        self._profits = rule.remembered(self._profits, profits, dt_days)
        share = self.fundamentalists / max(self.camp_size, 1)
        chosen = rule.fundamentalists(Camps(share, squared_gap, *self._profits))
        pace = self.spec.switching.probability(dt_days)
        to_fundamentalist = pace * chosen
        self.fundamentalists, _ = self.site.lanes(
            nk.speculation.switch, self.n, key, self.ids, self.strategy, pace - to_fundamentalist, to_fundamentalist
        )

    def move_capital(self, attention: float) -> tuple[int, int]:
        """Bring in new money and take out profits; return both flows (micro-USD).

        Parameters
        ----------
        attention : float
            Multiplier of normal inflow.
        """
        withdrawal = self.spec.withdrawal.probability(self.site.dt_days)
        flows: tuple[int, int] = self.site.lanes(
            nk.speculation.move_capital, self.n, self.usd, self.invested, self.outside_income, attention, withdrawal
        )
        return flows

    def wealth(self, price_micro: Floats) -> Floats:
        """Return cash and tokens of each at given prices, float64[n], micro-USD; open orders are left out."""
        wealth = self.usd.astype(np.float64)
        for k, price in enumerate(price_micro):
            wealth += (self.tokens[k] + self.staked[k] + self.unbonding[k]) * price
        return wealth

    def gains(self, price_micro: Floats, steps: int) -> Gains:
        """Rise of wealth net of new money, on wealth at the start and half of the new money (Dietz 1966)."""
        gain = (self.wealth(price_micro) - self.endowment - self.invested) / MICRO
        nowhere, capital = np.full(self.n, -1), (self.endowment + 0.5 * self.invested) / MICRO
        return Gains(nowhere, self.endowment, gain, np.zeros(self.n), gain, gain, capital)

    def bonds(self, k: int) -> nk.staking.Bonds:
        """Return the token positions on network `k`."""
        return nk.staking.Bonds(self.tokens[k], self.staked[k], self.unbonding[k], self.release[k])

    def usd_total(self) -> int:
        """Count the micro-dollars held."""
        return int(self.usd.sum())

    def token_totals(self) -> Ints:
        """Count the free base units held; see `Population.token_totals`."""
        totals: Ints = self.tokens.sum(axis=1)
        return totals

    def staked_totals(self) -> Ints:
        """Count the base units bonded; see `Population.staked_totals`."""
        totals: Ints = self.staked.sum(axis=1)
        return totals

    def stakes(self, k: int) -> Ints:
        """Return what each speculator has bonded on network `k`; see `Population.stakes`."""
        stakes: Ints = self.staked[k]
        return stakes

    def voters(self, k: int) -> Voters | None:
        """Return all of them; see `Population.voters`."""
        return Voters(self.ids, self.tokens[k], self.staked[k], self.staked[k], "stakers")

    def unbonding_totals(self) -> Ints:
        """Count the base units that wait to be released; see `Population.unbonding_totals`."""
        totals: Ints = self.unbonding.sum(axis=1)
        return totals
