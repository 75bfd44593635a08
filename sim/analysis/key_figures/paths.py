"""Paths of one run, and numbers made of them: the vocabulary in which key figures are written.

"Last year" is the last 365.25 days of the run, or the whole run when it is shorter. What cannot be computed (a series
was not recorded, or nothing happened) is NaN, never 0. The functions whose last arguments are a record and a network
become key figures by `functools.partial`.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from catallaxy.sim.recording.record import RunRecord

__all__ = [
    "DAYS_PER_YEAR",
    "final",
    "final_ratio",
    "last",
    "last_year",
    "longest",
    "mean",
    "path",
    "paths",
    "per_year",
    "ratio",
    "run_mean",
    "total",
    "year_mean",
    "year_ratio",
    "year_steps",
]

DAYS_PER_YEAR = 365.25
Floats = npt.NDArray[np.float64]


def path(record: RunRecord, name: str, network: int) -> Floats:
    """Return one series, float64[n_steps]; empty when it was not recorded."""
    values = record.series.get(name)
    return np.empty(0) if values is None else values[:, network]


def paths(record: RunRecord, network: int, *names: str) -> tuple[Floats, ...] | None:
    """Return several series; None when there are no steps or one of the series was not recorded."""
    found = tuple(path(record, name, network) for name in names)
    return found if all(len(values) for values in found) else None


def year_steps(record: RunRecord) -> int:
    """Return how many steps a year has."""
    return max(1, round(DAYS_PER_YEAR / record.dt_days))


def last_year(record: RunRecord, name: str, network: int) -> Floats:
    """Return the last year of one series."""
    return path(record, name, network)[-year_steps(record) :]


def mean(values: Floats) -> float:
    """Return the mean of the finite values."""
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else math.nan


def total(values: Floats) -> float:
    """Return the sum of the finite values."""
    finite = values[np.isfinite(values)]
    return float(finite.sum()) if len(finite) else math.nan


def last(values: Floats) -> float:
    """Return the last value."""
    return float(values[-1]) if len(values) else math.nan


def ratio(above: float, below: float) -> float:
    """Return a ratio to something positive."""
    return above / below if below > 0.0 else math.nan


def longest(flags: npt.NDArray[np.bool_]) -> int:
    """Return the length of the longest uninterrupted stretch of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0


def final(name: str, record: RunRecord, network: int) -> float:
    """Return a series at the end."""
    return last(path(record, name, network))


def final_ratio(above: str, below: str, record: RunRecord, network: int) -> float:
    """Return the ratio of two series at the end."""
    return ratio(final(above, record, network), final(below, record, network))


def year_mean(name: str, record: RunRecord, network: int) -> float:
    """Return the mean of a series over the last year."""
    return mean(last_year(record, name, network))


def year_ratio(above: str, below: str, record: RunRecord, network: int) -> float:
    """Return the ratio of the sums of two series over the last year."""
    return ratio(total(last_year(record, above, network)), total(last_year(record, below, network)))


def run_mean(name: str, record: RunRecord, network: int) -> float:
    """Return the mean of a series over the run."""
    return mean(path(record, name, network))


def per_year(name: str, record: RunRecord, network: int) -> float:
    """Return the mean of a flow over the last year, as an amount per year."""
    return year_mean(name, record, network) * DAYS_PER_YEAR / record.dt_days
