"""The sections of the report, in order: what each figure needs, how it is drawn, and what its caption says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from catallaxy.sim.report.charts import Panel, network_lines, versus
from catallaxy.sim.report.data import ReportData
from catallaxy.sim.report.stocks import income_bars, strategy_shares, supply_over_time, supply_waterfall

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["SECTIONS", "Chart", "SectionPlan"]

_SUPPLY = ("supply", "circulating", "staked", "unbonding", "unvested")


@dataclass(frozen=True)
class Chart:
    """One figure of the report.

    Attributes
    ----------
    key : str
        File name without suffix, and salt of the SVG.
    needs : tuple of str
        Series without which it is left out.
    draw : callable (ReportData) -> Figure
    says : callable (ReportData) -> str
        First sentence of the caption: what is shown.
    shows : {"bands", "mean", "income"}
        What the lines or bars are over replicates; the caption says so.
    """

    key: str
    needs: tuple[str, ...]
    draw: Callable[[ReportData], Figure]
    says: Callable[[ReportData], str]
    shows: str = "bands"


@dataclass(frozen=True)
class SectionPlan:
    """One section: an id, a title, a sentence, its charts, and the names of the tables that follow them."""

    key: str
    title: str
    text: str
    charts: tuple[Chart, ...] = ()
    tables: tuple[str, ...] = ()


def _lines(key: str, *panels: Panel) -> Chart:
    """Return a chart of panels with one line per network, shown when its first series was recorded."""

    def says(data: ReportData) -> str:
        text = "; ".join(panel.says for panel in panels if data.has(panel.series))
        return f"{text[:1].upper()}{text[1:]}."

    return Chart(key, (panels[0].series,), partial(network_lines, panels=panels), says)


def _versus(key: str, says: str, series: Panel, reference: Panel, *, log: bool = False) -> Chart:
    draw = partial(versus, series=series, reference=reference, log=log)
    return Chart(key, (series.series, reference.series), draw, lambda _: says)


SECTIONS: tuple[SectionPlan, ...] = (
    SectionPlan(
        "price",
        "Price against fundamental value",
        "The fundamental is the consensus value that fundamentalists start from.",
        (
            _versus(
                "price",
                "Token price and fundamental value, logarithmic axis.",
                Panel("price", "price", "price"),
                Panel("fundamental", "fundamental", "fundamental"),
                log=True,
            ),
        ),
    ),
    SectionPlan(
        "venues",
        "Venues",
        "Arbitrage keeps the prices of a token's venues together as far as its costs allow; fees attract liquidity, "
        "and what pools lose to traders who know the price first drives it away.",
        (
            _lines(
                "venues",
                Panel("spread_if_any", "Spread", "log of dearest over cheapest", "the spread between venues"),
                Panel("depth_usd", "Depth", "dollars on all venues", "the dollars that stand ready to buy"),
            ),
            _lines(
                "liquidity",
                Panel("provided_if_any", "Liquidity of providers", "value", "what liquidity providers hold in pools"),
                Panel("pool_fees_cum", "Fees of pools", "cumulative", "fees that pools earned since the start"),
                Panel("pool_loss_cum", "Loss of pools", "cumulative", "what they lost to better-informed traders"),
            ),
        ),
    ),
    SectionPlan(
        "supply",
        "Supply",
        "Genesis + minted − burned = supply, beside what rules recycle, curves issue and mergers convert; the right "
        "half of the first chart says where that supply lies. "
        "Liquid tokens circulate and are neither staked nor unbonding; the reserve is issued but not distributed.",
        (
            Chart(
                "supply_waterfall",
                (*_SUPPLY, "minted_cum", "burned_cum"),
                supply_waterfall,
                lambda _: "Sources and uses of the token supply at the end of the run.",
                "mean",
            ),
            Chart("supply", _SUPPLY, supply_over_time, lambda _: "Where the token supply lies.", "mean"),
        ),
    ),
    SectionPlan(
        "adoption",
        "Adoption and services",
        "Users choose between the networks and the centralized incumbents.",
        (
            _lines(
                "adoption",
                Panel("adoption", "Adoption", "share of potential users", "users over potential users", percent=True),
                Panel("spend_mean", "Service spending", "spending", "what users paid for services (30-day mean)"),
                Panel("served_share", "Service continuity", "demand delivered", "demand delivered", percent=True),
            ),
            _versus(
                "service_price",
                "Mean price paid for a service unit (one million output tokens), against the incumbents'.",
                Panel("service_price", "network", "price"),
                Panel("incumbent_price", "incumbents", "price"),
                log=True,
            ),
        ),
    ),
    SectionPlan(
        "share",
        "Market share against the incumbents",
        "What is missing to 100 % goes to the incumbents.",
        (
            _lines(
                "market_share",
                Panel(
                    "market_share",
                    "Market share",
                    "share of spending",
                    "share of all AI spending of the modelled users",
                    percent=True,
                ),
                Panel(
                    "model_quality",
                    "Model quality",
                    "quality (incumbent frontier = 1)",
                    "revenue-weighted quality of the network's models",
                ),
            ),
        ),
    ),
    SectionPlan(
        "compute",
        "Compute market",
        "Nodes offer GPU-hours; the centralized cloud is the outside supply.",
        (
            _versus(
                "compute_price",
                "Clearing price of a GPU-hour, against the cloud's.",
                Panel("compute_price", "network", "price"),
                Panel("cloud_price", "cloud", "price"),
            ),
            _lines(
                "compute",
                Panel("utilisation", "Utilisation", "capacity sold", "share of offered capacity sold", percent=True),
                Panel("nodes_online", "Nodes online", "online", "compute nodes online"),
            ),
        ),
    ),
    SectionPlan(
        "data",
        "Data market",
        "Providers offer when payment covers privacy, marginal and transaction cost.",
        (
            _lines(
                "data",
                Panel("data_price", "Price", "price", "mean price of a quality-weighted data unit"),
                Panel("providers_active", "Active providers", "on offer", "data providers on offer"),
                Panel("licences_mean", "Licences sold", "sold", "licences sold (30-day mean)"),
            ),
        ),
    ),
    SectionPlan(
        "income",
        "Who earned what",
        "Cumulative income in USD at the price of the day it was received. The Gini coefficient is 0 when all agents "
        "of a population earned the same and near 1 when one earned everything.",
        (
            Chart(
                "income",
                (),
                income_bars,
                lambda _: "Income of each population over the run; the label is its share of the network's total.",
                "income",
            ),
        ),
        ("income",),
    ),
    SectionPlan(
        "distribution",
        "Who gained, and who pays for inflation",
        "Users gain what they would have had to pay the incumbents beyond what they paid. The surplus of contributors "
        "is income less all costs, what their hardware would have earned elsewhere included; a return counts profit "
        "after depreciation. New tokens are a transfer to those who get them from all who hold some: the net gains sum "
        "to zero.",
        (
            _lines(
                "surplus",
                Panel("user_surplus", "Users' surplus", "gain", "what users gain by their free choice"),
                Panel("price_surplus", "By the price alone", "gain", "what they gain by the price alone"),
            ),
        ),
        ("gains", "dilution"),
    ),
    SectionPlan(
        "fees",
        "Fees against emission",
        "Below 1 the network pays contributors mostly with new tokens; above 1 fees would cover them.",
        (
            _versus(
                "fees_emission",
                "Protocol fees and value of emission, 30-day means, logarithmic axis.",
                Panel("fees_mean", "fees", "value"),
                Panel("emission_mean", "emission", "value"),
                log=True,
            ),
            _lines(
                "fees_ratio",
                Panel(
                    "fees_to_emission",
                    "Fees / emission",
                    "ratio",
                    "fees over value of emission; the dotted line is parity",
                    parity=True,
                ),
            ),
        ),
    ),
    SectionPlan(
        "staking",
        "Staking",
        "",
        (
            _lines(
                "staking",
                Panel("staked_share", "Staked share", "share of supply", "staked tokens over supply", percent=True),
                Panel(
                    "staking_yield",
                    "Staking yield",
                    "reward per year",
                    "annualised reward per staked token",
                    percent=True,
                ),
            ),
        ),
    ),
    SectionPlan(
        "trust",
        "Trust",
        "",
        (
            _lines(
                "trust",
                Panel(
                    "cheating_share", "Cheating nodes", "share of nodes online", "online nodes that cheat", percent=True
                ),
                Panel("fraud_cum", "Cheaters caught", "cumulative", "cheaters slashed since the start"),
            ),
        ),
    ),
    SectionPlan(
        "speculation",
        "Speculation",
        "Price moves that are not earned by fees are paid for by somebody: the flow of new money is explicit.",
        (
            Chart(
                "strategies",
                ("fundamentalist_share", "chartist_share"),
                strategy_shares,
                lambda _: "What speculators follow.",
                "mean",
            ),
            _lines(
                "inflow",
                Panel(
                    "inflow_cum",
                    "Net capital inflow",
                    "cumulative",
                    "new money of speculators since the start, net of withdrawals",
                ),
                Panel("sentiment", "Sentiment", "share of wallet, buys positive", "their mean desired order"),
            ),
        ),
    ),
    SectionPlan(
        "leverage",
        "Leverage and liquidations",
        "Positions below maintenance margin are closed at the venues, in rounds: each round meets the price that the "
        "one before made. Debts that are left fall on the insurance fund, then on the lenders.",
        (
            _lines(
                "leverage",
                Panel("long_interest", "Long positions", "value", "value of margin traders' long positions"),
                Panel("short_interest", "Short positions", "value", "value of their short positions"),
                Panel(
                    "funding_rate", "Funding rate", "interest per year", "interest on borrowed dollars", percent=True
                ),
            ),
            _lines(
                "liquidations",
                Panel(
                    "liquidated_cum",
                    "Liquidations",
                    "cumulative",
                    "positions closed for want of margin since the start",
                ),
                Panel("liquidation_rounds", "Cascades", "length", "rounds of liquidation in a step"),
                Panel("insurance_fund", "Insurance fund", "held", "dollars of the insurance fund"),
            ),
        ),
    ),
    SectionPlan(
        "shocks",
        "Bans and outages",
        "Users who are cut off count as not served. The incumbents serve what their homes and the cloud allow.",
        (
            _versus(
                "demand_met",
                "Share of demand met by the network and by the incumbents.",
                Panel("demand_met", "network", "demand met"),
                Panel("incumbent_demand_met", "incumbents", "demand met"),
            ),
            _lines(
                "cut_off",
                Panel("capacity_cut_off", "Nodes cut off", "share of capacity", "capacity cut off", percent=True),
                Panel("demand_cut_off", "Users cut off", "spending", "what users would spend who are cut off"),
            ),
        ),
    ),
    SectionPlan(
        "subnets",
        "Subnets",
        "Emission is divided among subnets and feeds their pools; who earns alpha sells some of it there.",
        (
            _lines(
                "subnets",
                Panel("subnet_tokens", "Pools", "tokens", "tokens in the pools of subnets"),
                Panel("alpha_prices", "Alpha", "sum of prices", "the sum of the prices of alpha"),
                Panel("root_share", "Root", "share of stake", "root's share of what is staked", percent=True),
            ),
            _lines(
                "subnet_emission",
                Panel("subnet_hhi", "Concentration", "Herfindahl index", "the concentration of emission"),
                Panel("small_emission", "Small subnets", "share", "emission to the smaller half", percent=True),
                Panel("lock_cost", "Lock cost", "tokens", "the cost of opening a subnet"),
            ),
        ),
    ),
    SectionPlan("assumptions", "Assumptions", "", (), ("events",)),
    SectionPlan("parameters", "Parameters", "", (), ("parameters",)),
    SectionPlan(
        "flows",
        "Stock-flow matrix",
        "Who paid (negative) and who received (positive), summed over the run. Every column sums to zero: nothing "
        "appears or vanishes outside the ledger. The last column is the change in what a sector holds.",
        (),
        ("flows",),
    ),
    SectionPlan(
        "guards",
        "Guards that bound",
        "A guard is a limit that keeps a number in its meaningful range. One that binds often is shaping the result: "
        "more than 1 % of steps in any replicate is flagged.",
        (),
        ("guards",),
    ),
    SectionPlan("audit", "Audit", "", (), ("audit",)),
    SectionPlan("manifest", "Manifest", "On what this was computed; `catallaxy rerun` repeats it.", (), ("manifest",)),
)
