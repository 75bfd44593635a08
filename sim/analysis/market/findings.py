"""What is found in several series, as rows of tables: what `catallaxy analyze` prints and writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeAlias

import numpy as np

from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.analysis.market.bubbles import LEVELS, Bubbles, Null
from catallaxy.sim.analysis.market.cross_section import beta, common_movement
from catallaxy.sim.analysis.market.drawdowns import drawdowns
from catallaxy.sim.analysis.market.econometrics import unit_roots, volatility
from catallaxy.sim.analysis.market.event_study import Event, StudyDesign, event_study, together
from catallaxy.sim.analysis.market.phases import bry_boschan, zig_zag
from catallaxy.sim.analysis.market.prices import Prices
from catallaxy.sim.analysis.market.stylised_facts import FACTS, Bands, stylised_facts

__all__ = [
    "ACROSS",
    "Findings",
    "across_replicates",
    "bubble_rows",
    "drawdown_rows",
    "episode_rows",
    "event_rows",
    "fact_rows",
    "movement_rows",
    "phase_rows",
    "unit_root_rows",
    "volatility_rows",
]

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


def drawdown_rows(series: Mapping[str, Prices], least: float = 0.2) -> Iterator[Row]:
    """Yield the falls of each series from an earlier peak by at least a share, the deepest first.

    Parameters
    ----------
    series : mapping of str to Prices
    least : float, optional

    Yields
    ------
    dict
        Series, peak, trough, recovery, depth, days.
    """
    for name, prices in series.items():
        for fall in drawdowns(prices, least):
            recovery = "" if fall.recovery is None else str(fall.recovery)
            dates = {"peak": str(fall.peak), "trough": str(fall.trough), "recovery": recovery}
            yield {"series": name, **dates, "depth": fall.depth, "days": fall.days}


def phase_rows(series: Mapping[str, Prices], factor: float) -> Iterator[Row]:
    """Yield the phases of each series by both rules.

    Parameters
    ----------
    series : mapping of str to Prices
    factor : float
        Of the zig-zag.

    Yields
    ------
    dict
        Series, rule, kind, start, end, days, factor, complete.
    """
    for name, prices in series.items():
        for rule, phases in (("zig-zag", zig_zag(prices, factor)), ("Bry-Boschan", bry_boschan(prices))):
            for phase in phases:
                dates = {"start": str(phase.start), "end": str(phase.end), "days": phase.days}
                ends = {"factor": phase.factor, "complete": phase.complete}
                yield {"series": name, "rule": rule, "kind": phase.kind, **dates, **ends}


def bubble_rows(tested: Mapping[str, Bubbles], null: Null) -> Iterator[Row]:
    """Yield the statistics of each series with their critical values.

    Parameters
    ----------
    tested : mapping of str to Bubbles
    null : Null
        How they were tested.

    Yields
    ------
    dict
        Series, test, statistic, critical values at 90, 95 and 99 %, p, null, paths, shortest window.
    """
    for name, found in tested.items():
        tests = (
            ("SADF", found.sadf, found.sadf_critical, found.sadf_p),
            ("GSADF", found.gsadf, found.gsadf_critical, found.gsadf_p),
        )
        for test, statistic, critical, p in tests:
            values = {f"critical_{100 * level:.0f}": float(x) for level, x in zip(LEVELS, critical, strict=True)}
            made = {"null": null.kind, "paths": null.paths, "shortest_window": found.rows}
            yield {"series": name, "test": test, "statistic": statistic, **values, "p": p, **made}


def episode_rows(tested: Mapping[str, Bubbles]) -> Iterator[Row]:
    """Yield the explosive episodes of each series.

    Parameters
    ----------
    tested : mapping of str to Bubbles

    Yields
    ------
    dict
        Series, kind, start, peak, end, days, factor.
    """
    for name, found in tested.items():
        for episode in found.episodes:
            dates = {key: str(getattr(episode, key)) for key in ("start", "peak", "end")}
            yield {"series": name, "kind": episode.kind, **dates, "days": episode.days, "factor": episode.factor}


def event_rows(
    series: Mapping[str, Prices], events: Sequence[Event], design: StudyDesign, against: Prices | None = None
) -> Findings:
    """Return the abnormal returns of each series around events, and of all events together.

    Parameters
    ----------
    series : mapping of str to Prices
    events : sequence of Event
    design : StudyDesign
    against : Prices, optional
        The market.

    Returns
    -------
    Findings
        Table `events`: series, date, event, window, car, error, p, placebos, without events that the series does not
        cover. Table `events together`: series, window, events, positive, mean, t, p, smallest p corrected.
    """
    each, all_of_them = [], []
    for name, prices in series.items():
        found = event_study(prices, events, design, against)
        for one in (one for one in found if one.placebos):
            what = {"series": name, "date": str(one.event.day), "event": one.event.label, "window": _window(one.window)}
            each.append(what | {"car": one.car, "error": one.error, "p": one.p, "placebos": one.placebos})
        for window in together(found):
            counts = {"events": window.events, "positive": window.positive}
            tests = {"mean": window.mean, "t": window.t, "p": window.p, "smallest_p_corrected": window.smallest}
            all_of_them.append({"series": name, "window": _window(window.window)} | counts | tests)
    return {"events": each, "events together": all_of_them}


def unit_root_rows(series: Mapping[str, Prices]) -> Iterator[Row]:
    """Yield tests of each log price for a unit root.

    Parameters
    ----------
    series : mapping of str to Prices

    Yields
    ------
    dict
        Series, test, null, statistic, p, lags.
    """
    for name, prices in series.items():
        for test in unit_roots(prices):
            tested = {"series": name, "test": test.name, "null": test.null}
            yield tested | {"statistic": test.statistic, "p": test.p, "lags": test.lags}


def volatility_rows(series: Mapping[str, Prices]) -> Iterator[Row]:
    """Yield the estimates of a model of each series' volatility.

    Parameters
    ----------
    series : mapping of str to Prices

    Yields
    ------
    dict
        Series, and the fields of `VolatilityModel`.
    """
    for name, prices in series.items():
        yield {"series": name} | asdict(volatility(prices))


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


def _window(window: tuple[int, int]) -> str:
    return f"{window[0]}:{window[1]}"


def _unit(statistic: str) -> str:
    return _UNITS.get(statistic, "1")


def _interval_rows(series: str, found: Mapping[str, Interval]) -> Iterator[Row]:
    for name, interval in found.items():
        numbers = {key: getattr(interval, key) for key in ("estimate", "low", "high", "level", "n", "method")}
        yield {"series": series, "statistic": name, "unit": _unit(name), **numbers}
