r"""Key figures of those who contribute: compute nodes, data providers, and how evenly income and stake are spread.

**Return of compute nodes.** Over the last year,

.. math::
    \mathrm{ROI} = \frac{\overline{Y_t - C_t - G_t\,(q_{t-1} - q_t)}}{\overline{G_t\,q_t + B_t\,p_t}}
    \cdot \frac{365.25}{\Delta t},

with income :math:`Y` (sales, and rewards at the price of the day), running costs :math:`C` (electricity and upkeep of
the hours sold, wear included), GPUs online :math:`G`, the price of a GPU :math:`q` and collateral :math:`B` at the
token price :math:`p`. The fall of the hardware price is the economic depreciation: what is lost by holding an asset
whose replacement becomes cheaper (H. Hotelling, "A General Mathematical Theory of Depreciation", *Journal of the
American Statistical Association* 20 (1925), 340). Capital counts at what it would cost to replace; gains and losses on
collateral and on tokens kept are not operating income and do not count.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from catallaxy.sim.analysis.key_figures.declaration import Kpi
from catallaxy.sim.analysis.key_figures.paths import (
    DAYS_PER_YEAR,
    final,
    last_year,
    mean,
    paths,
    per_year,
    ratio,
    total,
    year_mean,
    year_ratio,
    year_steps,
)
from catallaxy.sim.recording.record import RunRecord

__all__ = ["CONTRIBUTOR_KPIS"]

_HOURS_PER_DAY = 24.0
_INCOMES = ("income_data", "income_compute", "income_builders", "income_stakers")
_OF_NODES = ("income_compute", "running_costs", "gpu_hours_supplied", "hardware_price", "collateral", "price")


def _provider_roi(record: RunRecord, network: int) -> float:
    found = paths(record, network, *_OF_NODES)
    if found is None:
        return math.nan
    income, costs, hours, hardware, collateral, price = found
    gpus = hours / (_HOURS_PER_DAY * record.dt_days)
    depreciation = -gpus * np.diff(hardware, prepend=hardware[0])
    capital, year = gpus * hardware + collateral * price, slice(-year_steps(record), None)
    per_step = ratio(mean((income - costs - depreciation)[year]), mean(capital[year]))
    return per_step * DAYS_PER_YEAR / record.dt_days


def _compute_margin(record: RunRecord, network: int) -> float:
    return 1.0 - year_ratio("running_costs", "income_compute", record, network)


def _hardware_growth(record: RunRecord, network: int) -> float:
    found = paths(record, network, "gpus_owned")
    return math.nan if found is None else ratio(float(found[0][-1]), float(found[0][0]))


def _data_income_share(record: RunRecord, network: int) -> float:
    sums = [total(last_year(record, name, network)) for name in _INCOMES]
    return ratio(sums[0], math.fsum(x for x in sums if math.isfinite(x)))


def _income_per_provider(record: RunRecord, network: int) -> float:
    return ratio(per_year("income_data", record, network), year_mean("providers_active", record, network))


def _payments_per_provider(record: RunRecord, network: int) -> float:
    found = per_year("payments", record, network)
    return ratio(found, year_mean("providers_active", record, network)) if math.isfinite(found) else math.nan


def _of_income(population: str, measure: str, record: RunRecord, network: int) -> float:
    wanted = (population, record.networks[network])
    rows = (row for row in record.income if (row.population.lower().replace(" ", "_"), row.network) == wanted)
    row = next(rows, None)
    return math.nan if row is None else float(getattr(row, measure))


def _of_stake(measure: str, record: RunRecord, network: int) -> float:
    row = next((row for row in record.stake if row.network == record.networks[network]), None)
    return math.nan if row is None else float(getattr(row, measure))


_compute = partial(Kpi, theme="compute")
_data = partial(Kpi, theme="data")
_spread = partial(Kpi, theme="concentration")

CONTRIBUTOR_KPIS: tuple[Kpi, ...] = (
    _compute("nodes_final", "node", "up", "Compute nodes online at the end.", partial(final, "nodes_online")),
    _compute(
        "utilisation",
        "1",
        "up",
        "GPU-hours sold over supplied, mean of last year.",
        partial(year_ratio, "gpu_hours_sold", "gpu_hours_supplied"),
    ),
    _compute(
        "compute_supply",
        "GPU-hour/year",
        "up",
        "GPU-hours that nodes offered, last year.",
        partial(per_year, "gpu_hours_supplied"),
    ),
    _compute(
        "job_wait",
        "day",
        "down",
        "Training that waits over what is done a day, mean of last year; only where jobs queue.",
        partial(year_mean, "job_wait"),
    ),
    _compute(
        "hardware_growth",
        "1",
        "up",
        "GPUs that nodes own at the end over those after the first step; nothing where they do not invest.",
        _hardware_growth,
    ),
    _compute(
        "compute_price_ratio",
        "1",
        "down",
        "Compute price over the cloud's, mean of last year.",
        partial(year_ratio, "compute_price", "cloud_price"),
    ),
    _compute(
        "compute_margin", "1", "up", "Share of nodes' income left after running costs, last year.", _compute_margin
    ),
    _compute(
        "provider_roi",
        "1/year",
        "up",
        "Return of compute nodes on hardware online and collateral, after running costs and depreciation, last year.",
        _provider_roi,
    ),
    _data(
        "providers_final", "provider", "up", "Data providers on offer at the end.", partial(final, "providers_active")
    ),
    _data(
        "data_price",
        "USD/unit/step",
        "down",
        "Mean price of a quality-weighted unit of data, last year.",
        partial(year_mean, "data_price"),
    ),
    _data(
        "data_income", "USD/year", "up", "Income of all data providers, last year.", partial(per_year, "income_data")
    ),
    _data(
        "data_income_per_provider",
        "USD/year",
        "up",
        "Income of a data provider on offer, mean of last year.",
        _income_per_provider,
    ),
    _data(
        "payments_per_provider",
        "payment/year",
        "up",
        "Settlements that a data provider on offer had, mean of last year; nothing without batching.",
        _payments_per_provider,
    ),
    _data(
        "data_income_share",
        "1",
        "up",
        "Data providers' share of all contributors' income, last year.",
        _data_income_share,
    ),
    _spread(
        "gini_data",
        "1",
        "down",
        "Gini coefficient of income among data providers.",
        partial(_of_income, "data_providers", "gini"),
    ),
    _spread(
        "gini_compute",
        "1",
        "down",
        "Gini coefficient of income among compute nodes.",
        partial(_of_income, "compute_nodes", "gini"),
    ),
    _spread(
        "gini_builders",
        "1",
        "down",
        "Gini coefficient of income among model builders.",
        partial(_of_income, "model_builders", "gini"),
    ),
    _spread(
        "gini_stake", "1", "down", "Gini coefficient of stake among those who have any.", partial(_of_stake, "gini")
    ),
    _spread(
        "hhi_compute",
        "1",
        "down",
        "Herfindahl-Hirschman index of income among compute nodes.",
        partial(_of_income, "compute_nodes", "hhi"),
    ),
    _spread(
        "hhi_data",
        "1",
        "down",
        "Herfindahl-Hirschman index of income among data providers.",
        partial(_of_income, "data_providers", "hhi"),
    ),
    _spread(
        "hhi_builders",
        "1",
        "down",
        "Herfindahl-Hirschman index of income among model builders, that is of the network's market for models.",
        partial(_of_income, "model_builders", "hhi"),
    ),
    _spread(
        "hhi_stake", "1", "down", "Herfindahl-Hirschman index of stake, of all populations.", partial(_of_stake, "hhi")
    ),
    _spread(
        "nakamoto_compute",
        "node",
        "up",
        "Fewest compute nodes that together earned more than half of what all nodes earned.",
        partial(_of_income, "compute_nodes", "nakamoto"),
    ),
    _spread(
        "nakamoto_data",
        "provider",
        "up",
        "Fewest data providers that together earned more than half of what all providers earned.",
        partial(_of_income, "data_providers", "nakamoto"),
    ),
    _spread(
        "nakamoto_builders",
        "builder",
        "up",
        "Fewest model builders that together earned more than half of what all builders earned.",
        partial(_of_income, "model_builders", "nakamoto"),
    ),
    _spread(
        "nakamoto_stake",
        "agent",
        "up",
        "Fewest agents that together hold more than half of the stake.",
        partial(_of_stake, "nakamoto"),
    ),
)
