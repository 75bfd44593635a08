"""The recorded series: one value per step and network, each with a unit and a sentence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

__all__ = ["METRICS", "Metric", "metric", "metrics_of"]


@dataclass(frozen=True)
class Metric:
    """One column of `series.parquet`.

    Attributes
    ----------
    name : str
        Column name (written as `ts.<name>`).
    unit : str
    doc : str
    group : str
        Part of the economy it belongs to; the report groups by it.
    """

    name: str
    unit: str
    doc: str
    group: str


METRICS: tuple[Metric, ...] = (
    Metric("price", "USD/token", "Token price after the market phase.", "token market"),
    Metric("fundamental", "USD/token", "Consensus fundamental value that fundamentalists start from.", "token market"),
    Metric("log_return", "1", "Natural-log price change of the step.", "token market"),
    Metric("volume_usd", "USD/step", "Value traded on all venues of the token.", "token market"),
    Metric("depth_usd", "USD", "USD reserves of the liquidity providers on all venues.", "token market"),
    Metric("venue_spread", "1", "Log of the highest over the lowest price among the token's venues.", "token market"),
    Metric("pool_fees", "USD/step", "Trading fees that pools on a curve earned.", "token market"),
    Metric(
        "pool_loss",
        "USD/step",
        "What pools on a curve lost to those who knew the price first: rebalancing at market prices would have "
        "earned so much more (loss-versus-rebalancing).",
        "token market",
    ),
    Metric("provided_usd", "USD", "Value in pools on a curve that belongs to agents.", "token market"),
    Metric("market_cap", "USD", "Price times circulating supply.", "token market"),
    Metric("reserve_price", "1", "Price of the reserve asset (majors), relative to its start.", "token market"),
    Metric("supply", "token", "Genesis plus minted minus burned.", "supply"),
    Metric("circulating", "token", "Supply outside vesting and the undistributed reward pool.", "supply"),
    Metric("minted", "token/step", "Newly issued by the emission rules.", "supply"),
    Metric("burned", "token/step", "Destroyed by sinks and slashing.", "supply"),
    Metric("minted_cum", "token", "All issued since genesis.", "supply"),
    Metric("burned_cum", "token", "All destroyed since genesis.", "supply"),
    Metric("unvested", "token", "Still locked in vesting schedules.", "supply"),
    Metric("unlocked", "token/step", "Vested in this step.", "supply"),
    Metric("staked", "token", "Bonded stake of all populations.", "staking"),
    Metric("collateral", "token", "Bonded stake that compute nodes posted.", "staking"),
    Metric("unbonding", "token", "Waiting in the unbonding queue.", "staking"),
    Metric("staking_yield", "1/year", "Annualised staking reward per token staked.", "staking"),
    Metric("slashed", "token/step", "Stake lost to slashing.", "staking"),
    Metric("users", "person", "Users of the network.", "adoption"),
    Metric("adoption", "1", "Users as a share of all potential users.", "adoption"),
    Metric("joined", "person/step", "Users that joined.", "adoption"),
    Metric("left", "person/step", "Users that left.", "adoption"),
    Metric("permitted", "1", "Share of users who may use a network, as clear as the rules are.", "compliance"),
    Metric("public_attention", "1", "How much the network is talked about; 1 is normal.", "attention"),
    Metric("service_spend", "USD/step", "What users paid for AI services.", "services"),
    Metric(
        "service_units", "unit/step", "AI service units delivered (a unit is one million output tokens).", "services"
    ),
    Metric("service_price", "USD/unit", "Mean price paid per service unit.", "services"),
    Metric("incumbent_price", "USD/unit", "The centralized incumbents' price per service unit.", "services"),
    Metric("incumbent_paid", "USD/unit", "Mean price that customers of the incumbents pay.", "incumbents"),
    Metric(
        "incumbent_hhi", "1", "Sum of squares of the incumbents' shares of their customers' spending.", "incumbents"
    ),
    Metric("market_share", "1", "Share of all AI spending of the modelled users that goes to the network.", "services"),
    Metric("served_share", "1", "Service demand that was delivered.", "services"),
    Metric(
        "model_quality",
        "1",
        "Revenue-weighted quality of the network's models; 1 is the incumbents' frontier.",
        "services",
    ),
    Metric(
        "price_surplus",
        "USD/step",
        "What users gain by paying the network's price instead of the incumbents' for what they are served.",
        "services",
    ),
    Metric(
        "user_surplus",
        "USD/step",
        "What users gain by their free choice of the network over the incumbents, all that they care for counted in "
        "money; nothing where a segment does not mind the price.",
        "services",
    ),
    Metric("compute_price", "USD/GPU-hour", "Mean price paid for a GPU-hour on the network.", "compute"),
    Metric("cloud_price", "USD/GPU-hour", "Price of the centralized cloud.", "compute"),
    Metric("hardware_price", "USD/GPU", "Price of one GPU of H100 performance.", "compute"),
    Metric("nodes_online", "node", "Compute nodes online.", "compute"),
    Metric("gpu_hours_supplied", "GPU-hour/step", "Capacity offered.", "compute"),
    Metric("gpu_hours_demanded", "GPU-hour/step", "Compute demanded by model builders.", "compute"),
    Metric("gpu_hours_sold", "GPU-hour/step", "Compute cleared on the network.", "compute"),
    Metric("utilisation", "1", "Sold over supplied.", "compute"),
    Metric("running_costs", "USD/step", "Electricity and upkeep that nodes paid for the hours they sold.", "compute"),
    Metric("jobs_waiting", "GPU-hour", "Training that waits for room on the network.", "queue"),
    Metric("jobs_to_cloud", "GPU-hour/step", "Training that went to the cloud, at once or after a wait.", "queue"),
    Metric("jobs_given_up", "GPU-hour/step", "Training that waited and could not be paid for in the end.", "queue"),
    Metric(
        "job_wait",
        "day",
        "Training that waits over what is done a day: the mean wait (Little's law); nothing where none is done.",
        "queue",
    ),
    Metric("gpus_owned", "GPU", "GPUs of all nodes, online or not.", "investment"),
    Metric("gpus_bought", "GPU/step", "GPUs that nodes bought.", "investment"),
    Metric("gpus_sold", "GPU/step", "Used GPUs that nodes sold.", "investment"),
    Metric("gpus_broken", "GPU/step", "GPUs that broke for good.", "investment"),
    Metric("hardware_spending", "USD/step", "What nodes paid for hardware.", "investment"),
    Metric("owners_capital", "USD/step", "Money that owners brought for it.", "investment"),
    Metric(
        "hardware_value",
        "1",
        "Value of the GPUs that nodes own over the price of new ones (Tobin's q); nothing where they own none.",
        "investment",
    ),
    Metric("providers_active", "provider", "Data providers on offer.", "data"),
    Metric("licences_sold", "licence/step", "Data licences sold.", "data"),
    Metric("data_price", "USD/unit", "Mean price of one quality-weighted data unit.", "data"),
    Metric("licence_fees", "USD/step", "What data providers were paid for licences.", "data"),
    Metric("data_units", "unit", "Quality-weighted data on offer.", "data"),
    Metric("payments", "payment/step", "Settlements of what data providers were owed.", "payments"),
    Metric("payments_layer1", "payment/step", "Those of them on layer 1.", "payments"),
    Metric("payments_owed", "USD", "What data providers are owed and have not settled.", "payments"),
    Metric("payment_costs", "USD/step", "What settlements cost data providers.", "payments"),
    Metric("data_known", "1", "Share of people's data that is shared, protected data by what they leak.", "privacy"),
    Metric("data_fresh", "1", "Share of what shared data tell that is told once.", "privacy"),
    Metric("providers_protected", "provider", "Data providers on offer who share under protection.", "privacy"),
    Metric("layer2_use", "1", "Demand for transactions at the uncongested fee, over the throughput.", "layer 2"),
    Metric("layer2_fee", "USD", "Cost of a transaction, congestion included.", "layer 2"),
    Metric("consensus_paid", "USD/step", "What nodes paid to take part in consensus.", "consensus"),
    Metric(
        "fake_data",
        "1",
        "Share of the data on offer that is not what it is sold as; nothing without offers.",
        "honesty",
    ),
    Metric(
        "data_worth",
        "1",
        "What builders learn from the data on offer over what they would if none was fake.",
        "honesty",
    ),
    Metric("providers_cheating", "provider", "Data providers on offer who cheat.", "honesty"),
    Metric("data_fraud_caught", "event/step", "Data providers found out.", "honesty"),
    Metric("data_wronged", "event/step", "Honest data providers found guilty.", "honesty"),
    Metric("data_reputation", "1", "Mean reputation of data providers.", "honesty"),
    Metric("builders_alive", "builder", "Model builders in business.", "venture"),
    Metric("builders_cash", "USD", "Cash of all model builders.", "venture"),
    Metric("bankruptcies", "builder/step", "Model builders that failed.", "venture"),
    Metric("builders_entered", "builder/step", "Model builders that entered.", "venture"),
    Metric("venture_capital", "USD/step", "What investors paid for shares of model builders.", "venture"),
    Metric("founders_capital", "USD/step", "What founders of new model builders brought.", "venture"),
    Metric("founders_share", "1", "Founders' mean share of builders in business; nothing without any.", "venture"),
    Metric("builder_overhead", "USD/step", "Fixed costs that model builders paid.", "venture"),
    Metric("dividends", "USD/step", "What owners of model builders took out.", "venture"),
    Metric("risk_appetite", "1", "Appetite for risk of those who finance model builders.", "venture"),
    Metric(
        "open_model_share",
        "1",
        "Share of builders' revenue that open models earn; nothing without revenue.",
        "open weights",
    ),
    Metric("open_model_compute", "FLOP", "Training that anybody can build on, beyond `open_share`.", "open weights"),
    Metric("shared_with_data", "USD/step", "Revenue that builders passed on to data providers.", "revenue sharing"),
    Metric("shared_with_compute", "USD/step", "Revenue that builders passed on to nodes.", "revenue sharing"),
    Metric("fees_usd", "USD/step", "Protocol fees: the protocol's take of service spending.", "protocol"),
    Metric("emission_usd", "USD/step", "Value of the tokens minted.", "protocol"),
    Metric(
        "fees_to_emission",
        "1",
        "Fees over emission value, both averaged over 30 days (exponentially); nothing where none is minted.",
        "protocol",
    ),
    Metric("treasury_usd", "USD", "Treasury, dollars.", "protocol"),
    Metric("treasury_tokens", "token", "Treasury, tokens.", "protocol"),
    Metric("grants", "USD/step", "Dollars that the treasury granted to model builders.", "protocol"),
    Metric("income_data", "USD/step", "Licence fees and rewards of data providers.", "income"),
    Metric("income_compute", "USD/step", "Compute sales and rewards of nodes.", "income"),
    Metric("income_builders", "USD/step", "Revenue and rewards of model builders, before costs.", "income"),
    Metric("income_stakers", "USD/step", "Staking rewards.", "income"),
    Metric("cheating_share", "1", "Nodes online that cheat.", "trust"),
    Metric("fraud_caught", "event/step", "Cheaters slashed.", "trust"),
    Metric("verified_share", "1", "Probability that a node's work of the step was checked.", "verification"),
    Metric("verification_cost", "USD/step", "What checks and proofs cost nodes and the treasury.", "verification"),
    Metric("honest_slashed", "event/step", "Honest nodes slashed.", "verification"),
    Metric("models_released", "model/step", "Versions of models released, with a block in the log.", "provenance"),
    Metric("fundamentalist_share", "1", "Speculators that follow value.", "speculation"),
    Metric("chartist_share", "1", "Speculators that follow the trend.", "speculation"),
    Metric(
        "capital_inflow",
        "USD/step",
        "New money of speculators net of withdrawals, an equal part for each network.",
        "speculation",
    ),
    Metric("sentiment", "1", "What speculators bid less what they offer, over their cash.", "speculation"),
    Metric("long_interest", "USD", "Value of the tokens that margin traders hold net of what they owe.", "leverage"),
    Metric("short_interest", "USD", "Value of the tokens that margin traders owe net of what they hold.", "leverage"),
    Metric("margin_debt", "USD", "What margin traders owe, dollars and tokens at the day's price.", "leverage"),
    Metric("funding_rate", "1/year", "Interest on dollars lent to margin traders.", "leverage"),
    Metric("token_borrow_rate", "1/year", "Interest on tokens lent to margin traders.", "leverage"),
    Metric("liquidated", "USD/step", "Value of the positions closed for want of margin.", "leverage"),
    Metric(
        "liquidation_rounds", "round/step", "Rounds of liquidation, each at the price of the one before.", "leverage"
    ),
    Metric("shortfall", "USD/step", "Debts of margin traders that nobody will repay.", "leverage"),
    Metric("lender_loss", "USD/step", "Shortfall that the insurance fund could not pay.", "leverage"),
    Metric("insurance_fund", "USD", "Dollars of the insurance fund.", "leverage"),
    Metric("institution_tokens", "token", "Tokens of institutions.", "institutions"),
    Metric("institution_purchases", "token/step", "Tokens that institutions bought net of sales.", "institutions"),
    Metric(
        "institutions_allowed", "1", "Institutions that may hold the token, by how clear rules are.", "institutions"
    ),
    Metric("working_balances", "USD", "Value of the tokens that users keep to pay with.", "wallets"),
    Metric(
        "velocity", "1/year", "What users spend, as if for a year, over the value of circulating supply.", "wallets"
    ),
    Metric("insider_sales", "token/step", "Free tokens that team and investors sold.", "insiders"),
    Metric("insider_tokens", "token", "Free tokens of team and investors.", "insiders"),
    Metric("airdrop_claimed", "token/step", "Airdropped tokens that were claimed.", "airdrop"),
    Metric("airdrop_unclaimed", "token", "Airdropped tokens that can still be claimed.", "airdrop"),
    Metric("airdrop_sales", "token/step", "Tokens that airdrop recipients sold.", "airdrop"),
    Metric("airdrop_tokens", "token", "Tokens of airdrop recipients.", "airdrop"),
    Metric("trade_tax", "USD/step", "Tax levied on trades of the token.", "trade tax"),
    Metric("liquid_share", "1", "Share of holders' stake for which they have receipts.", "liquid staking"),
    Metric("exit_discount", "1", "Discount at which receipts are sold.", "liquid staking"),
    Metric("recycled_cum", "token", "All taken back since the start, to be issued again.", "recycling"),
    Metric("curve_issued", "token", "Minted by bonding curves less burned by them, since the start.", "bonding"),
    Metric("curve_fees", "USD/step", "Fees on trades along bonding and launch curves paid to the treasury.", "bonding"),
    Metric(
        "converted",
        "token",
        "Minted for tokens of other networks less converted into those, since the start.",
        "merger",
    ),
    Metric(
        "vote_passed", "1", "1 where the proposal of the day passed, 0 where not; nothing without one.", "governance"
    ),
    Metric("vote_turnout", "1", "Votes cast over all votes, where there was a vote.", "governance"),
    Metric("vote_in_favour", "1", "Votes in favour over votes cast, where any were.", "governance"),
    Metric("votes_of_holders", "1", "Share of the votes cast that speculators had.", "governance"),
    Metric("votes_of_compute", "1", "Share of the votes cast that compute nodes had.", "governance"),
    Metric("votes_of_data", "1", "Share of the votes cast that data providers had.", "governance"),
    Metric("votes_of_builders", "1", "Share of the votes cast that model builders had.", "governance"),
    Metric("votes_of_others", "1", "Share of the votes cast that other populations had.", "governance"),
    Metric("amendments", "proposal", "Proposals that have come into force.", "governance"),
    Metric("subnets", "subnet", "Subnets of the network.", "subnets"),
    Metric("subnet_tokens", "token", "Tokens in the pools of subnets.", "subnets"),
    Metric("alpha_prices", "token/alpha", "Sum of the prices of all alphas.", "subnets"),
    Metric("alpha_staked", "token", "Alpha that stakers hold, at its prices.", "subnets"),
    Metric("root_share", "1", "Root's stake over root's stake and the value of stakers' alpha.", "subnets"),
    Metric("root_yield", "1/year", "Tokens that root's alpha fetched, over root's stake; smoothed.", "subnets"),
    Metric("alpha_yield", "1/year", "Alpha paid to stakers over alpha that they hold, at its prices.", "subnets"),
    Metric(
        "subnet_hhi", "1", "Sum of squares of subnets' shares of emission; nothing where none is emitted.", "subnets"
    ),
    Metric(
        "small_emission", "1", "Share of emission that goes to the half of subnets with the smaller pools.", "subnets"
    ),
    Metric("small_sales", "1", "Share of them in the tokens for which owners, miners and validators sell.", "subnets"),
    Metric("alpha_bought", "token/step", "Emission that bought alpha instead of going into pools with it.", "subnets"),
    Metric("alpha_sold", "token/step", "Tokens that owners, miners and validators got for alpha.", "subnets"),
    Metric("root_dividends", "token/step", "Tokens that root got for its alpha.", "subnets"),
    Metric(
        "subnet_inflow",
        "token/step",
        "Tokens that stakers and earners put into pools, net of what they took.",
        "subnets",
    ),
    Metric("lock_cost", "token", "What it would cost to open a subnet.", "subnets"),
    Metric("subnet_registrations", "subnet/step", "Subnets opened.", "subnets"),
    Metric("subnet_closings", "subnet/step", "Subnets closed to make room.", "subnets"),
    Metric(
        "shock", "1", "1 while a region, nodes, the incumbents or the cloud are cut off, or a part of them.", "access"
    ),
    Metric("demand_met", "1", "Service demand that was delivered, that of users who are cut off included.", "access"),
    Metric("incumbent_demand_met", "1", "Demand for the incumbents' services that they can serve.", "access"),
    Metric("demand_cut_off", "USD/step", "What users would spend who cannot reach their network.", "access"),
    Metric("capacity_cut_off", "1", "Share of all nodes' capacity that cannot serve.", "access"),
    Metric("toll", "USD/GPU-hour", "What the network charges for the use of compute.", "toll on compute"),
    Metric("tolls_paid", "USD/step", "What nodes paid of it.", "toll on compute"),
    Metric("data_toll", "USD/unit/day", "What the network charges for a unit of data licensed.", "toll on data"),
    Metric("data_tolls_paid", "USD/step", "What data providers paid of it.", "toll on data"),
    Metric("inference_toll", "USD/unit", "What the network charges for a unit of inference.", "toll on inference"),
    Metric("inference_tolls_paid", "USD/step", "What model builders paid of it.", "toll on inference"),
    Metric("registration_price", "token", "What a compute node paid to come online.", "registration"),
    Metric("registrations", "node/step", "Compute nodes that came online and paid for it.", "registration"),
    Metric("credits", "credit", "Credits of users and providers.", "credits"),
    Metric("credits_used", "USD/step", "What users paid for in credits.", "credits"),
    Metric("reminted", "token/step", "Minted for credits.", "credits"),
    Metric(
        "collateral_ratio",
        "1",
        "Value of the tokens burned for credits and not minted again, over the credits outstanding; nothing where "
        "there are none.",
        "credits",
    ),
)

#: Groups that are recorded only where a population or a network says so (`Population.RECORDS`, `NetworkSpec.records`).
_BY_REQUEST = frozenset(
    {
        "access",
        "attention",
        "compliance",
        "consensus",
        "layer 2",
        "incumbents",
        "leverage",
        "insiders",
        "institutions",
        "airdrop",
        "recycling",
        "toll on compute",
        "toll on data",
        "toll on inference",
        "registration",
        "credits",
        "bonding",
        "merger",
        "trade tax",
        "governance",
        "liquid staking",
        "payments",
        "privacy",
        "honesty",
        "investment",
        "open weights",
        "provenance",
        "queue",
        "revenue sharing",
        "subnets",
        "venture",
        "verification",
    }
)

_BY_NAME = {m.name: m for m in METRICS}


def metrics_of(groups: Collection[str] = ()) -> tuple[Metric, ...]:
    """Return the metrics that an economy records: those of every economy, and those of groups that are asked for.

    Parameters
    ----------
    groups : collection of str, optional

    Returns
    -------
    tuple of Metric
        In the order of `METRICS`.
    """
    return tuple(m for m in METRICS if m.group not in _BY_REQUEST or m.group in groups)


def metric(name: str) -> Metric:
    """Return the metric called `name`; KeyError when there is none."""
    return _BY_NAME[name]
