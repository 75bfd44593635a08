"""Sections on tokens: supply, fees, charges, stakes, votes, subnets."""

from __future__ import annotations

from catallaxy.sim.report.charts import Panel
from catallaxy.sim.report.plans import Chart, SectionPlan, against, lines
from catallaxy.sim.report.stocks import supply_over_time, supply_waterfall
from catallaxy.sim.report.votes import vote_groups

_SUPPLY = ("supply", "circulating", "staked", "unbonding", "unvested")

__all__ = ["CHARGES", "FEES", "GOVERNANCE", "HOLDERS", "STAKING", "SUBNETS", "SUPPLY"]

SUPPLY = SectionPlan(
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
)

FEES = SectionPlan(
    "fees",
    "Fees against emission",
    "Below 1 the network pays contributors mostly with new tokens; above 1 fees would cover them.",
    (
        against(
            "fees_emission",
            "Protocol fees and value of emission, 30-day means, logarithmic axis.",
            Panel("fees_mean", "fees", "value"),
            Panel("emission_mean", "emission", "value"),
            log=True,
        ),
        lines(
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
)

STAKING = SectionPlan(
    "staking",
    "Staking",
    "",
    (
        lines(
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
        lines(
            "liquid_staking",
            Panel("liquid_share", "Receipts", "share of stake", "the share of stake with receipts", percent=True),
            Panel("exit_discount", "Discount", "discount", "the discount at which receipts are sold", percent=True),
        ),
    ),
)

SUBNETS = SectionPlan(
    "subnets",
    "Subnets",
    "Emission is divided among subnets and feeds their pools; who earns alpha sells some of it there.",
    (
        lines(
            "subnets",
            Panel("subnet_tokens", "Pools", "tokens", "tokens in the pools of subnets"),
            Panel("alpha_prices", "Alpha", "sum of prices", "the sum of the prices of alpha"),
            Panel("root_share", "Root", "share of stake", "root's share of what is staked", percent=True),
        ),
        lines(
            "subnet_emission",
            Panel("subnet_hhi", "Concentration", "Herfindahl index", "the concentration of emission"),
            Panel("small_emission", "Small subnets", "share", "emission to the smaller half", percent=True),
            Panel("lock_cost", "Lock cost", "tokens", "the cost of opening a subnet"),
        ),
    ),
)

HOLDERS = SectionPlan(
    "holders",
    "Insiders and airdrops",
    "Insiders sell towards the share of their wealth that they want to hold; airdrops are claimed where it pays.",
    (
        lines(
            "insiders",
            Panel("insider_tokens", "Insiders' tokens", "free", "free tokens of team and investors"),
            Panel("insider_sales_cum", "Insiders' sales", "cumulative", "what they sold since the start"),
        ),
        lines(
            "airdrops",
            Panel("airdrop_unclaimed", "Not claimed", "tokens", "airdropped tokens that can still be claimed"),
            Panel("airdrop_tokens", "Recipients' tokens", "held", "what recipients hold"),
            Panel("airdrop_sales_cum", "Recipients' sales", "cumulative", "what they sold since the start"),
        ),
    ),
)

CHARGES = SectionPlan(
    "charges",
    "Tolls, registrations, taxes and credits",
    "A base fee rises while more than its target is used; entry gets dearer with each entry and cheaper with time.",
    (
        lines(
            "toll_compute",
            Panel("toll", "Base fee on compute", "fee", "the base fee on compute"),
            Panel("tolls_paid_cum", "Paid by nodes", "cumulative", "what nodes paid of it since the start"),
        ),
        lines(
            "toll_data",
            Panel("data_toll", "Base fee on data", "fee", "the base fee on data"),
            Panel("data_tolls_paid_cum", "Paid by providers", "cumulative", "what data providers paid since the start"),
        ),
        lines(
            "toll_inference",
            Panel("inference_toll", "Base fee on inference", "fee", "the base fee on inference"),
            Panel("inference_tolls_paid_cum", "Paid by builders", "cumulative", "what builders paid since the start"),
        ),
        lines(
            "registrations",
            Panel("registration_price", "Price of entry", "price", "what a compute node pays to come online"),
            Panel("registrations_cum", "Registrations", "cumulative", "nodes that have paid it since the start"),
        ),
        lines("trade_tax", Panel("trade_tax_cum", "Tax on trades", "cumulative", "the tax on trades since the start")),
        lines(
            "credits",
            Panel("credits", "Credits", "held", "credits of users and providers"),
            Panel("credits_used_mean", "Use", "paid in credits", "what users paid in credits (30-day mean)"),
            Panel("collateral_ratio", "Collateral", "ratio", "the value burned for credits over credits", parity=True),
        ),
        against(
            "burn_and_mint",
            "Tokens burned, for credits and by other rules, and tokens minted for credits; 30-day means.",
            Panel("burned_mean", "burned", "tokens"),
            Panel("reminted_mean", "minted for credits", "tokens"),
        ),
    ),
)

GOVERNANCE = SectionPlan(
    "governance",
    "Governance",
    "Holders vote where what they gain, times the chance to decide, is worth the trouble. Each dot is a vote.",
    (
        lines(
            "votes",
            Panel("vote_turnout", "Turnout", "votes cast", "votes cast over all votes", percent=True, dots=True),
            Panel("vote_in_favour", "In favour", "votes cast", "votes in favour of it", percent=True, dots=True),
            Panel("amendments", "In force", "amendments", "proposals that have come into force"),
        ),
        Chart(
            "voters",
            ("votes_of_holders",),
            vote_groups,
            lambda _: "Whose votes were cast: those of speculators, of those who work for the network, of others.",
            "mean",
        ),
    ),
)
