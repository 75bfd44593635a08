"""Sections on the real economy: users, services, incomes, trust, shocks."""

from __future__ import annotations

from catallaxy.sim.report.charts import Panel
from catallaxy.sim.report.plans import Chart, SectionPlan, against, lines
from catallaxy.sim.report.stocks import income_bars

__all__ = [
    "ADOPTION",
    "BUILDERS",
    "COMPUTE",
    "DATA",
    "DISTRIBUTION",
    "INCOME",
    "OUTSIDE",
    "PAYMENTS",
    "SHARE",
    "SHOCKS",
    "TRUST",
]

ADOPTION = SectionPlan(
    "adoption",
    "Adoption and services",
    "Users choose between the networks and the centralized incumbents.",
    (
        lines(
            "adoption",
            Panel("adoption", "Adoption", "share of potential users", "users over potential users", percent=True),
            Panel("spend_mean", "Service spending", "spending", "what users paid for services (30-day mean)"),
            Panel("served_share", "Service continuity", "demand delivered", "demand delivered", percent=True),
        ),
        against(
            "service_price",
            "Mean price paid for a service unit (one million output tokens), against the incumbents'.",
            Panel("service_price", "network", "price"),
            Panel("incumbent_price", "incumbents", "price"),
            log=True,
        ),
    ),
)

SHARE = SectionPlan(
    "share",
    "Market share against the incumbents",
    "What is missing to 100 % goes to the incumbents.",
    (
        lines(
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
)

COMPUTE = SectionPlan(
    "compute",
    "Compute market",
    "Nodes offer GPU-hours; the centralized cloud is the outside supply.",
    (
        against(
            "compute_price",
            "Clearing price of a GPU-hour, against the cloud's.",
            Panel("compute_price", "network", "price"),
            Panel("cloud_price", "cloud", "price"),
        ),
        lines(
            "compute",
            Panel("utilisation", "Utilisation", "capacity sold", "share of offered capacity sold", percent=True),
            Panel("nodes_online", "Nodes online", "online", "compute nodes online"),
        ),
        lines(
            "hardware",
            Panel("gpus_owned", "Hardware", "owned", "GPUs that nodes own"),
            Panel("gpus_bought_cum", "Purchases", "cumulative", "GPUs bought since the start"),
            Panel("hardware_value", "Worth", "worth / price", "what a GPU is worth to its owner over what one costs"),
        ),
    ),
)

BUILDERS = SectionPlan(
    "builders",
    "Model builders and their money",
    "Firms raise money from investors, fail when it runs out, and are followed by others while entry pays. Open models "
    "are there for all to build on; revenue that is shared goes to those whose data and compute made the models.",
    (
        lines(
            "builders",
            Panel("builders_alive", "Builders", "in business", "model builders in business"),
            Panel("builders_entered_cum", "Entries", "cumulative", "those that entered since the start"),
            Panel("bankruptcies_cum", "Bankruptcies", "cumulative", "those that failed since the start"),
        ),
        lines(
            "venture",
            Panel("venture_capital_cum", "Venture capital", "cumulative", "what investors paid since the start"),
            Panel("builders_cash", "Cash", "cash", "cash of all builders"),
            Panel("founders_share", "Founders' share", "mean", "founders' mean share of their firms", percent=True),
        ),
        lines(
            "open_models",
            Panel("open_model_share", "Open models", "share", "share of revenue that open models earn", percent=True),
            Panel("open_model_compute", "Open to all", "training", "training that anybody can build on"),
        ),
        lines(
            "shared_revenue",
            Panel("shared_with_data_cum", "Data", "cumulative", "revenue passed on to data providers since the start"),
            Panel("shared_with_compute_cum", "Compute", "cumulative", "revenue passed on to nodes since the start"),
        ),
    ),
)

DATA = SectionPlan(
    "data",
    "Data market",
    "Providers offer when payment covers privacy, marginal and transaction cost.",
    (
        lines(
            "data",
            Panel("data_price", "Price", "price", "mean price of a quality-weighted data unit"),
            Panel("providers_active", "Active providers", "on offer", "data providers on offer"),
            Panel("licences_mean", "Licences sold", "sold", "licences sold (30-day mean)"),
        ),
        lines(
            "data_fraud",
            Panel("fake_data", "Fake data", "share", "data on offer that are not what they seem", percent=True),
            Panel("data_reputation", "Names", "1 = never found guilty", "mean reputation of providers"),
        ),
    ),
)

INCOME = SectionPlan(
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
)

DISTRIBUTION = SectionPlan(
    "distribution",
    "Who gained, and who pays for inflation",
    "Users gain what they would have had to pay the incumbents beyond what they paid. The surplus of contributors "
    "is income less all costs, what their hardware would have earned elsewhere included; a return counts profit "
    "after depreciation. New tokens are a transfer to those who get them from all who hold some: the net gains sum "
    "to zero.",
    (
        lines(
            "surplus",
            Panel("user_surplus", "Users' surplus", "gain", "what users gain by their free choice"),
            Panel("price_surplus", "By the price alone", "gain", "what they gain by the price alone"),
        ),
    ),
    ("gains", "dilution"),
)

TRUST = SectionPlan(
    "trust",
    "Trust",
    "",
    (
        lines(
            "trust",
            Panel("cheating_share", "Cheating nodes", "share of nodes online", "online nodes that cheat", percent=True),
            Panel("fraud_cum", "Cheaters caught", "cumulative", "cheaters slashed since the start"),
        ),
        lines(
            "checks",
            Panel("verified_share", "Checked", "chance a step", "chance that work is checked", percent=True),
            Panel("verification_cost", "Cost of checks", "cost", "what checks cost those who check"),
        ),
    ),
)

SHOCKS = SectionPlan(
    "shocks",
    "Bans and outages",
    "Users who are cut off count as not served. The incumbents serve what their homes and the cloud allow.",
    (
        against(
            "demand_met",
            "Share of demand met by the network and by the incumbents.",
            Panel("demand_met", "network", "demand met"),
            Panel("incumbent_demand_met", "incumbents", "demand met"),
        ),
        lines(
            "cut_off",
            Panel("capacity_cut_off", "Nodes cut off", "share of capacity", "capacity cut off", percent=True),
            Panel("demand_cut_off", "Users cut off", "spending", "what users would spend who are cut off"),
        ),
    ),
)

OUTSIDE = SectionPlan(
    "outside",
    "Incumbents, talk, rules and technology",
    "What the networks meet outside: other suppliers, what people say, what rules allow, what a transaction costs.",
    (
        against(
            "incumbents",
            "What customers of the incumbents pay on average, against the list price.",
            Panel("incumbent_paid", "paid", "price"),
            Panel("incumbent_price", "list price", "price"),
            log=True,
        ),
        lines(
            "public_attention",
            Panel("public_attention", "Public attention", "normal = 1", "how much the network is talked about"),
        ),
        lines(
            "permitted",
            Panel("permitted", "Allowed to use it", "share of users", "users who may use a network", percent=True),
        ),
        lines(
            "institutions",
            Panel("institution_tokens", "Institutions", "tokens held", "tokens of institutions"),
            Panel("institutions_allowed", "Allowed to hold it", "share", "institutions that may hold it", percent=True),
        ),
        lines(
            "layer2",
            Panel("layer2_use", "Layer 2", "demand / throughput", "demand for transactions over the throughput"),
            Panel("layer2_fee", "Cost of a transaction", "cost", "cost of a transaction, congestion included"),
        ),
        lines("consensus", Panel("consensus_paid", "Consensus", "paid", "what nodes paid to take part in consensus")),
    ),
)

PAYMENTS = SectionPlan(
    "payments",
    "Payments for data, and privacy",
    "Earnings wait until they are worth a transaction. What is shared tells about others too, less where protected.",
    (
        lines(
            "payments",
            Panel("payments_cum", "Settlements", "cumulative", "settlements with data providers since the start"),
            Panel("payments_owed", "Owed", "owed", "what providers have earned and not settled"),
            Panel("payment_costs_cum", "Costs", "cumulative", "what settlements cost them since the start"),
        ),
        lines(
            "privacy",
            Panel("data_known", "Known", "share", "the share of people's data that is known", percent=True),
            Panel("data_fresh", "Told once", "share", "the share of shared data that nobody else's tell", percent=True),
            Panel("providers_protected", "Protected", "on offer", "providers who share under protection"),
        ),
    ),
)
