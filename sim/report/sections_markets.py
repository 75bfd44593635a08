"""Sections on token markets: prices, venues, speculators, leverage."""

from __future__ import annotations

from catallaxy.sim.report.charts import Panel
from catallaxy.sim.report.plans import Chart, SectionPlan, against, lines
from catallaxy.sim.report.stocks import strategy_shares

__all__ = ["LEVERAGE", "PRICE", "SPECULATION", "VENUES"]

PRICE = SectionPlan(
    "price",
    "Price against fundamental value",
    "The fundamental is the consensus value that fundamentalists start from.",
    (
        against(
            "price",
            "Token price and fundamental value, logarithmic axis.",
            Panel("price", "price", "price"),
            Panel("fundamental", "fundamental", "fundamental"),
            log=True,
        ),
    ),
)

VENUES = SectionPlan(
    "venues",
    "Venues",
    "Arbitrage keeps the prices of a token's venues together as far as its costs allow; fees attract liquidity, "
    "and what pools lose to traders who know the price first drives it away.",
    (
        lines(
            "venues",
            Panel("spread_if_any", "Spread", "log of dearest over cheapest", "the spread between venues"),
            Panel("depth_usd", "Depth", "dollars on all venues", "the dollars that stand ready to buy"),
        ),
        lines(
            "liquidity",
            Panel("provided_if_any", "Liquidity of providers", "value", "what liquidity providers hold in pools"),
            Panel("pool_fees_cum", "Fees of pools", "cumulative", "fees that pools earned since the start"),
            Panel("pool_loss_cum", "Loss of pools", "cumulative", "what they lost to better-informed traders"),
        ),
    ),
)

SPECULATION = SectionPlan(
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
        lines(
            "inflow",
            Panel(
                "capital_inflow_cum",
                "Net capital inflow",
                "cumulative",
                "new money of speculators since the start, net of withdrawals",
            ),
            Panel("sentiment", "Sentiment", "share of wallet, buys positive", "their mean desired order"),
        ),
    ),
)

LEVERAGE = SectionPlan(
    "leverage",
    "Leverage and liquidations",
    "Positions below maintenance margin are closed at the venues, in rounds: each round meets the price that the "
    "one before made. Debts that are left fall on the insurance fund, then on the lenders.",
    (
        lines(
            "leverage",
            Panel("long_interest", "Long positions", "value", "value of margin traders' long positions"),
            Panel("short_interest", "Short positions", "value", "value of their short positions"),
            Panel("funding_rate", "Funding rate", "interest per year", "interest on borrowed dollars", percent=True),
        ),
        lines(
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
)
