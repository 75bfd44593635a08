"""Key figures of the token: price and supply."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from catallaxy.sim.analysis.key_figures.declaration import Kpi
from catallaxy.sim.analysis.key_figures.paths import (
    DAYS_PER_YEAR,
    final,
    final_ratio,
    longest,
    path,
    paths,
    ratio,
    run_mean,
    year_mean,
)
from catallaxy.sim.recording.record import RunRecord

__all__ = ["TOKEN_KPIS"]


def _price_ratio(record: RunRecord, network: int) -> float:
    price = path(record, "price", network)
    return ratio(float(price[-1]), float(price[0])) if len(price) else math.nan


def _max_drawdown(record: RunRecord, network: int) -> float:
    price = path(record, "price", network)
    peak = np.maximum.accumulate(price)
    falls = 1.0 - price[peak > 0.0] / peak[peak > 0.0]
    return float(falls.max()) if len(falls) else math.nan


def _underwater(record: RunRecord, network: int) -> float:
    price = path(record, "price", network)
    return longest(price < np.maximum.accumulate(price)) * record.dt_days if len(price) else math.nan


def _volatility(record: RunRecord, network: int) -> float:
    returns = path(record, "log_return", network)
    returns = returns[np.isfinite(returns)]
    if len(returns) < 2:
        return math.nan
    return float(returns.std(ddof=1)) * math.sqrt(DAYS_PER_YEAR / record.dt_days)


def _kurtosis(record: RunRecord, network: int) -> float:
    returns = path(record, "log_return", network)
    returns = returns[np.isfinite(returns)]
    away = returns - returns.mean() if len(returns) else returns
    variance = float((away * away).mean()) if len(returns) else 0.0
    return float((away**4).mean()) / variance**2 - 3.0 if variance > 0.0 else math.nan


def _misalignment(record: RunRecord, network: int) -> float:
    found = paths(record, network, "price", "fundamental")
    if found is None:
        return math.nan
    price, value = found
    known = (price > 0.0) & (value > 0.0)
    return float(np.abs(np.log(price[known] / value[known])).mean()) if known.any() else math.nan


def _largest_rise(record: RunRecord, network: int) -> float:
    price = path(record, "price", network)
    price = price[price > 0.0]
    return float((price / np.minimum.accumulate(price)).max()) if len(price) else math.nan


def _supply_growth(record: RunRecord, network: int) -> float:
    supply = path(record, "supply", network)
    years = (len(supply) - 1) * record.dt_days / DAYS_PER_YEAR
    return float((supply[-1] / supply[0]) ** (1.0 / years) - 1.0) if years > 0.0 and supply[0] > 0.0 else math.nan


_price = partial(Kpi, theme="price")
_supply = partial(Kpi, theme="supply")

TOKEN_KPIS: tuple[Kpi, ...] = (
    _price("price_final", "USD/token", "up", "Token price at the end.", partial(final, "price")),
    _price("price_ratio", "1", "up", "Price at the end over price at the start.", _price_ratio),
    _price(
        "price_to_fundamental",
        "1",
        "neutral",
        "Price over fundamental value at the end.",
        partial(final_ratio, "price", "fundamental"),
    ),
    _price(
        "max_drawdown", "1", "down", "Largest fall of the price from an earlier peak, as a share of it.", _max_drawdown
    ),
    _price("underwater_days", "day", "down", "Longest time that the price stayed below an earlier peak.", _underwater),
    _price("largest_rise", "1", "neutral", "Largest price over an earlier one.", _largest_rise),
    _price("volatility", "1/√year", "down", "Standard deviation of log returns, annualised.", _volatility),
    _price("kurtosis", "1", "neutral", "Excess kurtosis of log returns.", _kurtosis),
    _price(
        "misalignment", "1", "down", "Absolute log of the price over fundamental value, mean of the run.", _misalignment
    ),
    _price(
        "venue_spread",
        "1",
        "down",
        "Log of the highest price of the token's venues over the lowest, mean of the run.",
        partial(run_mean, "venue_spread"),
    ),
    _supply("supply_growth", "1/year", "down", "Compound growth of the token supply.", _supply_growth),
    _supply(
        "burned_to_minted",
        "1",
        "up",
        "Tokens burned over tokens minted since genesis.",
        partial(final_ratio, "burned_cum", "minted_cum"),
    ),
    _supply(
        "institution_share",
        "1",
        "neutral",
        "Tokens of institutions over circulating supply at the end.",
        partial(final_ratio, "institution_tokens", "circulating"),
    ),
    _supply(
        "velocity",
        "1/year",
        "neutral",
        "What users spend in a year over the market value of circulating supply, mean of last year; only with wallets.",
        partial(year_mean, "velocity"),
    ),
    _supply("staked_share", "1", "neutral", "Staked over supply at the end.", partial(final_ratio, "staked", "supply")),
)
