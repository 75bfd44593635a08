"""A made-up economy with the shape of a real record: for tests of everything that reads `RunRecord`."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import numpy.typing as npt

from catallaxy.sim.recording.record import DilutionRow, FlowRow, GainRow, IncomeRow, RunRecord, StakeRow
from catallaxy.sim.results.origin import About, ParameterRow, RunOrigin

NAMES = ("Agora", "Bazaar & Co <b>", "Catallax$y$")
SYMBOLS = ("AGO", "BAZ", "CAT")
POPULATIONS = {"data_providers": 12_000, "compute_nodes": 900, "model_builders": 60, "stakers": 4_000}
FLOWS = (
    ("emission", "issuance", ("compute_nodes", "data_providers", "stakers")),
    ("burn", "treasury", ("issuance",)),
    ("staking", "stakers", ("staking_pool",)),
    ("vesting", "vesting", ("insiders",)),
)
USD_FLOWS = (
    ("service payments", "users", ("model_builders",)),
    ("protocol fees", "model_builders", ("treasury",)),
    ("compute purchases", "model_builders", ("compute_nodes",)),
    ("licence fees", "model_builders", ("data_providers",)),
    ("token purchases", "speculators", ("liquidity_pool", "rounding")),
)
YAML = "name: synthetic\ntime: {steps: 1461}\n"


def make_record(steps: int = 1461, networks: int = 1, replicate: int = 0, seed: int = 7) -> RunRecord:
    """Return one record of `steps` daily steps and `networks` (1 to 3) networks."""
    rng = np.random.default_rng([seed, replicate])
    columns = [_network(rng, max(1, steps), k) for k in range(networks)]
    series = {name: np.column_stack([column[name] for column in columns])[:steps] for name in columns[0]}
    return RunRecord(
        seed=seed,
        replicate=replicate,
        networks=NAMES[:networks],
        symbols=SYMBOLS[:networks],
        start=date(2024, 1, 1),
        dt_days=1.0,
        series=series,
        flows=_flows(rng, steps, networks),
        income=_income(rng, networks),
        dilution=_dilution(networks),
        gains=_gains(networks),
        stake=[StakeRow(name, 4_000, 2.5e6, 0.6, 0.004, 310.0) for name in NAMES[:networks]],
        audit={"steps_checked": steps, "identities_per_step": 4 * networks + 2, "largest_discrepancy": 0},
        guards={"price_floor": 0, "pool_drain": steps // 40},
        phase_seconds={"issuance": 0.4, "token market": 1.9, "compute market": 0.8},
        wall_s=4.2,
    )


def make_records(replicates: int = 1, steps: int = 1461, networks: int = 1) -> list[RunRecord]:
    """Return several replicates."""
    return [make_record(steps, networks, replicate) for replicate in range(replicates)]


def make_origin(replicates: int = 1, steps: int = 1461) -> RunOrigin:
    """Return the request that would have produced them."""
    about = About(
        question="Can fees pay for the work before emission runs out?",
        description="A made-up economy that exercises every table and figure of the results.",
        notes=("Users pay in dollars; the protocol buys tokens.", "Nodes cover their electricity bill first."),
        events=(("2024-04-20", "Emission halves."), ("2025-12-14", "A <script>alert(1)</script> of a regulator.")),
        parameters=(
            ParameterRow("networks.0.token.supply", "21000000", "token", "Maximum supply.", "white paper", False),
            ParameterRow("time.dt_days", "1", "day", "Length of one step.", "", True),
        ),
    )
    started = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return RunOrigin("synthetic", YAML, "a1" * 12, 7, steps, started, replicates, ("catallaxy", "run"), 12.5, about)


def _walk(rng: np.random.Generator, steps: int, start: float, sd: float, drift: float = 0.0) -> npt.NDArray[np.float64]:
    return start * np.exp(np.cumsum(rng.normal(drift, sd, steps)))


def _network(rng: np.random.Generator, steps: int, k: int) -> dict[str, npt.NDArray[np.float64]]:
    t = np.linspace(0.0, 1.0, steps)
    price = _walk(rng, steps, 4.0 / 10**k, 0.055, 0.0005)
    minted = (7200.0 if k == 0 else 90_000.0 * k) * 0.5 ** np.floor(3 * t)
    burned = minted * (0.05 + 0.5 * t**2) * rng.uniform(0.7, 1.3, steps)
    supply = 6.1e6 * 10**k + np.cumsum(minted - burned)
    unvested = 0.22 * supply[0] * np.clip(1.0 - 1.6 * t, 0.0, None)
    circulating = supply * 0.93 - unvested
    staked = circulating * (0.25 + 0.3 * t)
    users = 1e6 / (1.0 + 80.0 * np.exp(-(6.0 - k) * t)) * rng.uniform(0.97, 1.03)
    spend = users * 0.05 * rng.uniform(0.8, 1.2, steps)
    cloud = np.linspace(3.2, 1.9, steps)
    nodes = np.round(300 + 500 * t + 25 * rng.normal(size=steps).cumsum() / np.sqrt(np.arange(1, steps + 1)))
    chartist = np.clip(0.35 + 0.1 * np.sin(25 * t) + 0.01 * rng.normal(size=steps).cumsum() / 3, 0.05, 0.6)
    fees, emission = 0.05 * spend, minted * price
    log_return = np.diff(np.log(price), prepend=np.log(price[0]))
    liquidated = np.where(log_return < -0.1, 1e6 * price, 0.0)
    return {
        "price": price,
        "fundamental": np.exp(np.convolve(np.log(price), np.ones(60) / 60, "same")) if steps > 60 else price * 0.9,
        "log_return": log_return,
        "volume_usd": price * 1e5 * rng.lognormal(0, 0.6, steps),
        "market_cap": price * circulating,
        "supply": supply,
        "circulating": circulating,
        "minted": minted,
        "burned": burned,
        "minted_cum": np.cumsum(minted),
        "burned_cum": np.cumsum(burned),
        "unvested": unvested,
        "staked": staked,
        "collateral": 0.1 * staked,
        "unbonding": 0.04 * staked,
        "staking_yield": 0.18 - 0.1 * t,
        "users": users,
        "adoption": users / 2e6,
        "service_spend": spend,
        "service_units": spend / 2.0,
        "service_price": 3.0 - 1.5 * t + 0.05 * rng.normal(size=steps),
        "incumbent_price": 4.0 - 1.2 * t,
        "price_surplus": 0.4 * spend,
        "user_surplus": 0.7 * spend,
        "market_share": 0.12 * users / 1e6,
        "served_share": np.clip(rng.normal(0.98, 0.02, steps), 0, 1),
        "compute_price": np.minimum(cloud, cloud * rng.uniform(0.5, 1.1, steps)),
        "cloud_price": cloud,
        "hardware_price": 30_000.0 * 0.8**t,
        "nodes_online": nodes,
        "gpu_hours_supplied": nodes * 22,
        "gpu_hours_sold": nodes * 22 * (0.3 + 0.5 * t),
        "utilisation": 0.3 + 0.5 * t,
        "running_costs": nodes * 22 * 0.7 * (0.3 + 0.5 * t),
        "providers_active": np.round(4000 + 6000 * t),
        "payments": np.round(130 + 200 * t),
        "gpus_owned": 600 + 100 * t,
        "fake_data": 0.2 - 0.1 * t,
        "model_quality": 0.6 + 0.1 * t,
        "builders_alive": np.round(8 + 4 * t),
        "bankruptcies": (np.arange(steps) % 200 == 0).astype(np.float64),
        "licences_sold": rng.poisson(40 + 100 * t).astype(np.float64),
        "licence_fees": spend * 0.08,
        "data_price": 0.02 + 0.01 * np.sin(9 * t),
        "fees_usd": fees,
        "emission_usd": emission,
        "fees_to_emission": fees / emission,
        "treasury_usd": 2e6 + np.cumsum(fees * 0.3),
        "treasury_tokens": np.full(steps, 1e5),
        "grants": fees * 0.1,
        "income_data": spend * 0.1,
        "income_compute": spend * 0.4 + emission * 0.6,
        "income_builders": spend * 0.9,
        "income_stakers": emission * 0.3,
        "cheating_share": np.clip(0.08 - 0.05 * t + 0.004 * rng.normal(size=steps), 0, 1),
        "fraud_caught": rng.poisson(0.8, steps).astype(np.float64),
        "fundamentalist_share": 0.9 - chartist,
        "chartist_share": chartist,
        "capital_inflow": rng.normal(20_000, 90_000, steps),
        "depth_usd": 2e6 * np.sqrt(price),
        "venue_spread": 0.01 + 0.2 * np.abs(log_return),
        "pool_fees": 400.0 * price,
        "pool_loss": 2e5 * log_return**2,
        "provided_usd": 3e5 * price,
        "payments_owed": 400.0 * t,
        "payment_costs": 2.0 + t,
        "data_known": 0.2 + 0.3 * t,
        "data_fresh": 0.9 - 0.2 * t,
        "insider_tokens": 1e6 * t,
        "insider_sales": 2000.0 * t,
        "airdrop_unclaimed": 1e5 * (1.0 - t),
        "airdrop_tokens": 1e5 * t,
        "airdrop_sales": 300.0 * t,
        "toll": 0.1 + 0.2 * t,
        "tolls_paid": 500.0 * t,
        "registration_price": 3.0 + np.sin(20.0 * t),
        "registrations": np.floor(2.0 * t),
        "trade_tax": 40.0 + 10.0 * t,
        "credits": 1e4 * (1.0 + t),
        "credits_used": 300.0 * t + 10.0,
        "reminted": 0.3 * burned,
        "collateral_ratio": 1.2 - 0.3 * t,
        "liquid_share": 0.4 * t,
        "exit_discount": 0.05 * np.sin(20.0 * t) ** 2,
        "vote_turnout": np.where(np.arange(steps) % 10 == 5, 0.3 + 0.2 * t, np.nan),
        "vote_in_favour": np.where(np.arange(steps) % 10 == 5, 0.6 - 0.2 * t, np.nan),
        "amendments": np.floor(4.0 * t),
        **{
            f"votes_of_{name}": np.where(np.arange(steps) % 10 == 5, part, np.nan)
            for name, part in {"holders": 0.6, "compute": 0.2, "data": 0.05, "builders": 0.1, "others": 0.05}.items()
        },
        "shock": np.where((t > 0.4) & (t < 0.6), 1.0, 0.0),
        "incumbent_paid": 3.0 - 1.4 * t,
        "public_attention": 1.0 + 0.3 * np.sin(9 * t),
        "permitted": 0.7 + 0.2 * t,
        "institutions_allowed": 0.4 + 0.2 * t,
        "layer2_use": 0.8 + 0.5 * t,
        "layer2_fee": 0.01 + 0.02 * t,
        "consensus_paid": 400.0 - 100.0 * t,
        "jobs_waiting": nodes * 40 * t,
        "jobs_to_cloud": nodes * 2 * t,
        "jobs_given_up": nodes * 0.01 * t,
        "job_wait": 1.0 + 4.0 * t,
        "working_balances": 20.0 * spend,
        "velocity": 2.0 + t,
        "institution_tokens": 0.02 * circulating * t,
        "demand_met": np.where((t > 0.4) & (t < 0.5), 0.6, 0.99),
        "incumbent_demand_met": np.where((t > 0.4) & (t < 0.6), 0.2, 1.0),
        "demand_cut_off": np.where((t > 0.4) & (t < 0.6), 0.1 * spend, 0.0),
        "capacity_cut_off": np.where((t > 0.4) & (t < 0.6), 0.3, 0.0),
        "subnet_tokens": 1e6 + 5e5 * t,
        "subnet_hhi": 0.05 + 0.2 * t,
        "long_interest": 3e6 * price,
        "short_interest": 1e6 * price,
        "funding_rate": 0.05 + 0.03 * t,
        "liquidated": liquidated,
        "liquidation_rounds": np.where(liquidated > 0.0, 4.0, 0.0),
        "shortfall": 0.01 * liquidated,
        "lender_loss": 0.002 * liquidated,
        "insurance_fund": 1e5 + 5e4 * t,
    }


def _flows(rng: np.random.Generator, steps: int, networks: int) -> list[FlowRow]:
    rows = []
    for month in range(max(1, steps // 30)):
        step = min(steps - 1, 30 * (month + 1))
        for instrument, flows in (("USD", USD_FLOWS), *((symbol, FLOWS) for symbol in SYMBOLS[:networks])):
            for flow, payer, receivers in flows:
                amounts = [int(rng.integers(10**9, 10**14)) for _ in receivers]
                rows += [FlowRow(step, instrument, flow, r, a) for r, a in zip(receivers, amounts, strict=True)]
                rows.append(FlowRow(step, instrument, flow, payer, -sum(amounts)))
    return rows


def _gains(networks: int) -> list[GainRow]:
    groups = {"all": (900, 9e5, 4e5, 5e5, 2e6, 0.25), "highest fifth": (180, 7e5, 3e5, 4e5, 1e6, 0.4)}
    earners = ("data_providers", "compute_nodes", "model_builders")
    rows = [GainRow(who, k, group, *row) for who in earners for k in NAMES[:networks] for group, row in groups.items()]
    return [*rows, GainRow("speculators", "all", "all", 4000, 1e6, 0.0, 1e6, 5e6, 0.2)]


def _dilution(networks: int) -> list[DilutionRow]:
    parts = {"compute_nodes": (0.1, 0.2, 9e5, 2e5), "vesting": (0.4, 0.1, 0.0, 4e5), "stakers": (0.5, 0.7, 1e5, 4e5)}
    return [DilutionRow(network, holder, *row) for network in NAMES[:networks] for holder, row in parts.items()]


def _income(rng: np.random.Generator, networks: int) -> list[IncomeRow]:
    rows = []
    for network in NAMES[:networks]:
        for population, agents in POPULATIONS.items():
            total = float(rng.lognormal(16, 0.5))
            mean = total / agents
            gini = float(rng.uniform(0.4, 0.9))
            spread = gini, 20.0 / agents, agents // 9
            rows.append(IncomeRow(population, network, agents, total, mean, mean / 20, mean / 2, mean * 2.2, *spread))
    return rows
