"""What is found in several series, as rows of tables: what `catallaxy analyze` prints and writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.analysis.market.cross_section import beta, common_movement
from catallaxy.sim.analysis.market.prices import Prices
from catallaxy.sim.analysis.market.stylised_facts import FACTS, Bands, stylised_facts

__all__ = ["ACROSS", "Findings", "across_replicates", "fact_rows", "movement_rows"]

Row: TypeAlias = dict[str, Any]
Findings: TypeAlias = dict[str, list[Row]]
"""Rows by table; every row of a table has the same keys."""

ACROSS = ("min", "q25", "median", "q75", "max")
"""What is told of a statistic over replicates."""

_UNITS = {fact.name: fact.unit for fact in FACTS} | {"alpha": "1/step"}


def fact_rows(series: Mapping[str, Prices], bands: Bands) -> Iterator[Row]:
    """Yield the stylised facts of each series.

    Parameters
    ----------
    series : mapping of str to Prices
        Without gaps.
    bands : Bands

    Yields
    ------
    dict
        Series, statistic, unit, estimate, low, high, level, n, method.
    """
    for name, prices in series.items():
        yield from _interval_rows(name, stylised_facts(prices, bands))


def movement_rows(series: Mapping[str, Prices], bands: Bands, against: Prices | None = None) -> Iterator[Row]:
    """Yield how the series move together, and with a market.

    Parameters
    ----------
    series : mapping of str to Prices
    bands : Bands
    against : Prices, optional
        The market.

    Yields
    ------
    dict
        As in `fact_rows`; the series of what is about all of them is "all".
    """
    if len(series) > 1:
        yield from _interval_rows("all", common_movement(series, bands))
    for name, prices in series.items() if against is not None else ():
        assert against is not None
        yield from _interval_rows(f"{name} on {against.name}", beta(prices, against, bands))


def across_replicates(rows: Sequence[Row]) -> list[Row]:
    """Return how each statistic is spread over the replicates of a network.

    Parameters
    ----------
    rows : sequence of dict
        Of series that are called `network/replicate`.

    Returns
    -------
    list of dict
        Series, statistic, unit, n, and those of `ACROSS`.
    """
    groups: dict[tuple[str, str], list[float]] = {}
    for row in rows:
        groups.setdefault((row["series"].rpartition("/")[0], row["statistic"]), []).append(row["estimate"])
    found = []
    for (series, statistic), values in groups.items():
        finite = np.array(values)[np.isfinite(values)]
        quantiles = np.quantile(finite, (0.0, 0.25, 0.5, 0.75, 1.0)) if len(finite) else np.full(5, np.nan)
        spread = dict(zip(ACROSS, quantiles.tolist(), strict=True))
        found.append({"series": series, "statistic": statistic, "unit": _unit(statistic), "n": len(finite), **spread})
    return found


def _unit(statistic: str) -> str:
    return _UNITS.get(statistic, "1")


def _interval_rows(series: str, found: Mapping[str, Interval]) -> Iterator[Row]:
    for name, interval in found.items():
        numbers = {key: getattr(interval, key) for key in ("estimate", "low", "high", "level", "n", "method")}
        yield {"series": series, "statistic": name, "unit": _unit(name), **numbers}
