"""Key performance indicators: one number per run and network, each with a unit, a direction and a sentence.

"Last year" is the last 365.25 days of the run, or the whole run when it is shorter. An indicator that cannot be
computed (its series was not recorded, or nothing happened) is NaN, never 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt

from catallaxy.sim.recording.record import RunRecord

__all__ = ["DAYS_PER_YEAR", "KPIS", "Direction", "Kpi", "evaluate"]

DAYS_PER_YEAR = 365.25
Direction = Literal["up", "down", "neutral"]
_Floats = npt.NDArray[np.float64]
_INCOMES = ("income_data", "income_compute", "income_builders", "income_stakers")


@dataclass(frozen=True)
class Kpi:
    """One named indicator.

    Attributes
    ----------
    name : str
        Column `kpi.<name>.<network>` of `runs.parquet`.
    unit : str
        "1" for a pure number.
    direction : {"up", "down", "neutral"}
        Which way is better for the network's users and contributors.
    doc : str
        One sentence that says what is measured.
    function : callable (RunRecord, int) -> float
        Computes it for one run and the index of one network.
    """

    name: str
    unit: str
    direction: Direction
    doc: str
    function: Callable[[RunRecord, int], float]


def evaluate(record: RunRecord) -> dict[str, dict[str, float]]:
    """Compute every indicator of one run.

    Parameters
    ----------
    record : RunRecord
        A complete or partial run.

    Returns
    -------
    dict of str to dict of str to float
        `{kpi: {network: value}}`, NaN where an indicator is undefined.
    """
    return {kpi.name: {name: kpi.function(record, k) for k, name in enumerate(record.networks)} for kpi in KPIS}


def _path(record: RunRecord, name: str, network: int) -> _Floats:
    """Return one series, float64[n_steps]; empty when it was not recorded."""
    values = record.series.get(name)
    return np.empty(0) if values is None else values[:, network]


def _last_year(record: RunRecord, name: str, network: int) -> _Floats:
    return _path(record, name, network)[-max(1, round(DAYS_PER_YEAR / record.dt_days)) :]


def _mean(values: _Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else math.nan


def _sum(values: _Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.sum()) if len(finite) else math.nan


def _last(values: _Floats) -> float:
    return float(values[-1]) if len(values) else math.nan


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0.0 else math.nan


def _final(name: str, record: RunRecord, network: int) -> float:
    return _last(_path(record, name, network))


def _final_ratio(above: str, below: str, record: RunRecord, network: int) -> float:
    return _ratio(_final(above, record, network), _final(below, record, network))


def _year_mean(name: str, record: RunRecord, network: int) -> float:
    return _mean(_last_year(record, name, network))


def _year_ratio(above: str, below: str, record: RunRecord, network: int) -> float:
    return _ratio(_sum(_last_year(record, above, network)), _sum(_last_year(record, below, network)))


def _run_mean(name: str, record: RunRecord, network: int) -> float:
    return _mean(_path(record, name, network))


def _price_ratio(record: RunRecord, network: int) -> float:
    price = _path(record, "price", network)
    return _ratio(float(price[-1]), float(price[0])) if len(price) else math.nan


def _max_drawdown(record: RunRecord, network: int) -> float:
    price = _path(record, "price", network)
    peak = np.maximum.accumulate(price)
    falls = 1.0 - price[peak > 0.0] / peak[peak > 0.0]
    return float(falls.max()) if len(falls) else math.nan


def _volatility(record: RunRecord, network: int) -> float:
    returns = _path(record, "log_return", network)
    returns = returns[np.isfinite(returns)]
    if len(returns) < 2:
        return math.nan
    return float(returns.std(ddof=1)) * math.sqrt(DAYS_PER_YEAR / record.dt_days)


def _supply_growth(record: RunRecord, network: int) -> float:
    supply = _path(record, "supply", network)
    years = (len(supply) - 1) * record.dt_days / DAYS_PER_YEAR
    return float((supply[-1] / supply[0]) ** (1.0 / years) - 1.0) if years > 0.0 and supply[0] > 0.0 else math.nan


def _year_spending(record: RunRecord, network: int) -> float:
    return _year_mean("service_spend", record, network) * DAYS_PER_YEAR / record.dt_days


def _data_income_share(record: RunRecord, network: int) -> float:
    sums = [_sum(_last_year(record, name, network)) for name in _INCOMES]
    return _ratio(sums[0], math.fsum(x for x in sums if math.isfinite(x)))


def _treasury_min(record: RunRecord, network: int) -> float:
    dollars, tokens = _path(record, "treasury_usd", network), _path(record, "treasury_tokens", network)
    price = _path(record, "price", network)
    if not len(dollars) or len(dollars) != len(tokens) or len(dollars) != len(price):
        return math.nan
    return float(np.min(dollars + tokens * price))


def _inflow_total(record: RunRecord, network: int) -> float:
    return _sum(_path(record, "capital_inflow", network))


def _income_gini(population: str, record: RunRecord, network: int) -> float:
    wanted = (population, record.networks[network])
    rows = (row for row in record.income if (row.population.lower().replace(" ", "_"), row.network) == wanted)
    row = next(rows, None)
    return math.nan if row is None else row.gini


KPIS: tuple[Kpi, ...] = (
    Kpi("price_final", "USD/token", "up", "Token price at the end.", partial(_final, "price")),
    Kpi("price_ratio", "1", "up", "Price at the end over price at the start.", _price_ratio),
    Kpi(
        "price_to_fundamental",
        "1",
        "neutral",
        "Price over fundamental value at the end.",
        partial(_final_ratio, "price", "fundamental"),
    ),
    Kpi(
        "max_drawdown", "1", "down", "Largest fall of the price from an earlier peak, as a share of it.", _max_drawdown
    ),
    Kpi("volatility", "1/√year", "down", "Standard deviation of log returns, annualised.", _volatility),
    Kpi("supply_growth", "1/year", "down", "Compound growth of the token supply.", _supply_growth),
    Kpi(
        "burned_to_minted",
        "1",
        "up",
        "Tokens burned over tokens minted since genesis.",
        partial(_final_ratio, "burned_cum", "minted_cum"),
    ),
    Kpi(
        "fees_to_emission",
        "1",
        "up",
        "Protocol fees over value of emission, last year.",
        partial(_year_ratio, "fees_usd", "emission_usd"),
    ),
    Kpi("staked_share", "1", "neutral", "Staked over supply at the end.", partial(_final_ratio, "staked", "supply")),
    Kpi("adoption_final", "1", "up", "Users over potential users at the end.", partial(_final, "adoption")),
    Kpi(
        "market_share",
        "1",
        "up",
        "Share of all AI spending of the modelled users, mean of last year.",
        partial(_year_mean, "market_share"),
    ),
    Kpi("service_spend", "USD/year", "up", "What users paid for AI services, last year.", _year_spending),
    Kpi(
        "service_price_ratio",
        "1",
        "down",
        "Mean service price over the incumbents', mean of last year.",
        partial(_year_ratio, "service_price", "incumbent_price"),
    ),
    Kpi(
        "served_share",
        "1",
        "up",
        "Service demand that was delivered, mean of the run.",
        partial(_run_mean, "served_share"),
    ),
    Kpi(
        "utilisation",
        "1",
        "up",
        "GPU-hours sold over supplied, mean of last year.",
        partial(_year_ratio, "gpu_hours_sold", "gpu_hours_supplied"),
    ),
    Kpi(
        "compute_price_ratio",
        "1",
        "down",
        "Compute price over the cloud's, mean of last year.",
        partial(_year_ratio, "compute_price", "cloud_price"),
    ),
    Kpi("nodes_final", "node", "up", "Compute nodes online at the end.", partial(_final, "nodes_online")),
    Kpi(
        "providers_final", "provider", "up", "Data providers on offer at the end.", partial(_final, "providers_active")
    ),
    Kpi(
        "data_income_share",
        "1",
        "up",
        "Data providers' share of all contributors' income, last year.",
        _data_income_share,
    ),
    Kpi(
        "gini_data",
        "1",
        "down",
        "Gini coefficient of income among data providers.",
        partial(_income_gini, "data_providers"),
    ),
    Kpi(
        "gini_compute",
        "1",
        "down",
        "Gini coefficient of income among compute nodes.",
        partial(_income_gini, "compute_nodes"),
    ),
    Kpi(
        "gini_builders",
        "1",
        "down",
        "Gini coefficient of income among model builders.",
        partial(_income_gini, "model_builders"),
    ),
    Kpi(
        "cheating_share", "1", "down", "Online nodes that cheat, mean of the run.", partial(_run_mean, "cheating_share")
    ),
    Kpi(
        "treasury_min",
        "USD",
        "up",
        "Smallest value of the treasury, dollars and tokens at the day's price.",
        _treasury_min,
    ),
    Kpi(
        "capital_inflow", "USD", "neutral", "New money of speculators over the run, net of withdrawals.", _inflow_total
    ),
)
