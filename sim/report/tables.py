"""The tables of the report, as text cells."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from catallaxy.sim.analysis.key_figures import KPIS
from catallaxy.sim.report.numbers import compact, interval, share, unit_text
from catallaxy.sim.results.origin import ParameterRow
from catallaxy.sim.results.result import Result

__all__ = ["GUARD_LIMIT", "Table", "kpi_table", "table_group"]

#: Share of steps above which a binding guard is flagged (one step in a hundred).
GUARD_LIMIT = 0.01
_DOCS = {kpi.name: kpi.doc for kpi in KPIS}
_BETTER = {"up": "higher", "down": "lower", "neutral": "–"}


@dataclass(frozen=True)
class Table:
    """A table of text.

    Attributes
    ----------
    columns : tuple of str
    rows : tuple of tuple of str
    text_columns : int
        How many columns, from the left, hold text; the others are numbers.
    title : str
        Shown above the table when it is not empty.
    flagged : frozenset of int
        Rows to mark as worth a look.
    footer : tuple of str
        Last row, set apart; none when empty.
    turned : bool
        Write the column headings upwards.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: int = 1
    title: str = ""
    flagged: frozenset[int] = frozenset()
    footer: tuple[str, ...] = ()
    turned: bool = False


def table_group(name: str, result: Result, parameters: Sequence[ParameterRow]) -> list[Table]:
    """Return the tables of one group.

    Parameters
    ----------
    name : {"income", "gains", "dilution", "events", "parameters", "flows", "guards", "audit", "manifest"}
    result : Result
    parameters : sequence of ParameterRow
        Rows of the parameter table.

    Returns
    -------
    list of Table
        Empty when there is nothing to show.
    """
    return _parameters(parameters) if name == "parameters" else _GROUPS[name](result)


def kpi_table(result: Result) -> Table:
    """Return the headline key figures: one row per key figure, one column per network.

    Parameters
    ----------
    result : Result

    Returns
    -------
    Table
        A cell holds the mean over replicates and its 95 % interval.
    """
    cells = {
        (row.kpi, row.network): f"{compact(row.mean)} {interval(row.low, row.high)}".strip() for row in result.kpis
    }
    first = {row.kpi: row for row in result.kpis}
    rows = tuple(
        (
            kpi.replace("_", " "),
            _DOCS.get(kpi, ""),
            unit_text(row.unit),
            _BETTER.get(row.direction, ""),
            *(cells.get((kpi, network), "–") for network in result.networks),
        )
        for kpi, row in first.items()
    )
    return Table(("Indicator", "Meaning", "Unit", "Better", *result.networks), rows, text_columns=4)


def _income(result: Result) -> list[Table]:
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0] * 7)
    names = ("agents", "total_usd", "mean_usd", "p10_usd", "p50_usd", "p90_usd", "gini")
    rows = result.table("income").to_pylist()
    n = max(1, len(result.manifest["steps"]["done"]))
    for row in rows:
        key = (row["network"], row["population"])
        sums[key] = [old + row[name] / n for old, name in zip(sums[key], names, strict=True)]
    columns = ("Network", "Population", "Agents", "Total", "Mean", "10 %", "Median", "90 %", "Gini")
    body = tuple(
        (network, population.replace("_", " "), f"{values[0]:,.0f}", *(compact(value) for value in values[1:]))
        for (network, population), values in sorted(sums.items(), key=lambda item: result.networks.index(item[0][0]))
    )
    note = f", mean over {n} replicates" if n > 1 else ""
    return [Table(columns, body, text_columns=2, title=f"Income over the run, USD per agent{note}")] if body else []


def _means(result: Result, table: str, keys: tuple[str, ...], numbers: tuple[str, ...]) -> dict[tuple[str, ...], Any]:
    """Return the means over replicates of some columns, by the values of others; NaN where a replicate has none."""
    sums: dict[tuple[str, ...], list[float]] = defaultdict(lambda: [0.0] * len(numbers))
    n = max(1, len(result.manifest["steps"]["done"]))
    for row in result.table(table).to_pylist():
        key = tuple(row[name] for name in keys)
        sums[key] = [old + row[name] / n for old, name in zip(sums[key], numbers, strict=True)]
    return sums


def _gains(result: Result) -> list[Table]:
    numbers = ("agents", "income_usd", "costs_usd", "surplus_usd", "capital_usd", "return_per_year")
    means = _means(result, "gains", ("network", "population", "group"), numbers)
    columns = ("Network", "Population", "Group", "Agents", "Income", "Costs", "Surplus", "Capital", "Return a year")
    body = tuple(
        (
            network,
            population.replace("_", " "),
            group,
            f"{values[0]:,.0f}",
            *(_known(value) for value in values[1:-1]),
            share(values[-1]) if math.isfinite(values[-1]) else "–",
        )
        for (network, population, group), values in means.items()
    )
    return [Table(columns, body, text_columns=3, title="Gains over the run, USD")] if body else []


def _dilution(result: Result) -> list[Table]:
    numbers = ("share_start", "share_end", "received_usd", "paid_usd", "net_usd")
    means = _means(result, "dilution", ("network", "holder"), numbers)
    columns = ("Network", "Holder", "Share at the start", "At the end", "Received", "Paid by dilution", "Net")
    body = tuple(
        (network, holder.replace("_", " "), share(values[0]), share(values[1]), *(compact(x) for x in values[2:]))
        for (network, holder), values in means.items()
    )
    return [Table(columns, body, text_columns=2, title="Who pays for inflation, USD")] if body else []


def _known(value: float) -> str:
    return compact(value) if math.isfinite(value) else "–"


def _events(result: Result) -> list[Table]:
    events = tuple((str(when), str(what)) for when, what in result.manifest["about"]["events"])
    return [Table(("When", "Event"), events, text_columns=2, title="Events")] if events else []


def _parameters(parameters: Sequence[ParameterRow]) -> list[Table]:
    marks = {True: "default", False: "set", None: ""}
    rows = tuple((p.path, p.value, unit_text(p.unit), marks[p.default], p.description, p.source) for p in parameters)
    return [Table(("Path", "Value", "Unit", "From", "Meaning", "Source"), rows, text_columns=6)] if rows else []


def _flows(result: Result) -> list[Table]:
    """One matrix per instrument; sums are exact integers and the mean over replicates is taken at the end."""
    amounts: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    table = result.table("flows")
    columns = [table[name].to_pylist() for name in ("instrument", "flow", "sector", "amount")]
    for instrument, flow, sector, amount in zip(*columns, strict=True):
        amounts[instrument][flow, sector] += amount
    return [_matrix(result, instrument, cells) for instrument, cells in amounts.items()]


def _matrix(result: Result, instrument: str, cells: dict[tuple[str, str], int]) -> Table:
    n = max(1, len(result.manifest["steps"]["done"]))
    scale = float(result.manifest["base_units"][instrument]) / n
    flows = list(dict.fromkeys(flow for flow, _ in cells))
    sectors = list(dict.fromkeys(sector for _, sector in cells))

    def text(amount: int) -> str:
        return compact(amount * scale) if amount else ""

    rows = tuple(
        (
            sector.replace("_", " "),
            *(text(cells.get((flow, sector), 0)) for flow in flows),
            _total(cells, scale, sector=sector),
        )
        for sector in sectors
    )
    footer = ("sum", *(_total(cells, scale, flow=flow) for flow in flows), _total(cells, scale))
    note = f", mean of {n} replicates" if n > 1 else ""
    title = f"{instrument}{note}"
    headings = [flow.replace("_", " ") for flow in flows]
    return Table(("Sector", *headings, "net change"), rows, title=title, footer=footer, turned=True)


def _total(cells: dict[tuple[str, str], int], scale: float, flow: str | None = None, sector: str | None = None) -> str:
    amount = sum(a for (f, s), a in cells.items() if (flow is None or f == flow) and (sector is None or s == sector))
    return compact(amount * scale) if amount else "0"


def _guards(result: Result) -> list[Table]:
    guards = result.manifest["guards"]
    rows = tuple((name, str(g["steps"]), share(g["share"]), share(g["worst_share"])) for name, g in guards.items())
    flagged = frozenset(i for i, g in enumerate(guards.values()) if g["worst_share"] > GUARD_LIMIT)
    columns = ("Guard", "Steps", "Share of steps", "Share in the worst replicate")
    return [Table(columns, rows, flagged=flagged)] if rows else []


def _audit(result: Result) -> list[Table]:
    audit = result.manifest["audit"]
    rows = (
        ("Steps checked", f"{audit['steps_checked']:,}"),
        ("Identities checked in each", f"{audit['identities_per_step']:,}"),
        ("Largest discrepancy (base units)", f"{audit['largest_discrepancy']:,}"),
    )
    return [Table(("Stock-flow audit", ""), rows)]


def _manifest(result: Result) -> list[Table]:
    m = result.manifest
    git = m["code"]["git"]
    commit = f"{git['sha']}{' + local changes' if git['dirty'] else ''}" if git else "not from a checkout"
    seeds = ", ".join(str(seed) for seed in m["seeds"])
    rows = [
        ("Scenario hash", m["scenario_hash"]),
        ("Result hash", m["hash"]),
        ("Root seed; seeds of replicates", f"{m['seed']}; {seeds}"),
        ("Code", f"catallaxy {m['code']['version']}"),
        ("Commit", commit),
        ("Python", m["python"]),
        ("Libraries", ", ".join(f"{name} {version}" for name, version in m["libraries"].items())),
        ("Machine", f"{m['platform']['cpu']}, {m['platform']['system']}"),
        ("Command", " ".join(m["argv"]) or "from Python"),
        ("Started", m["started"]),
        ("Seconds by phase", _phases(m["phase_seconds"])),
    ]
    return [Table(("", ""), tuple((name, str(value)) for name, value in rows), text_columns=2)]


def _phases(seconds: dict[str, Any]) -> str:
    return ", ".join(f"{name} {compact(value)}" for name, value in seconds.items()) or "not measured"


_GROUPS: dict[str, Callable[[Result], list[Table]]] = {
    "income": _income,
    "gains": _gains,
    "dilution": _dilution,
    "events": _events,
    "flows": _flows,
    "guards": _guards,
    "audit": _audit,
    "manifest": _manifest,
}
