"""The command that shows supply schedules without running agents: supply."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catallaxy.sim.cli.options import (
    AsJson,
    NamedScenario,
    Overrides,
    PluginPackages,
    ScenarioSource,
    Sets,
    composed,
)
from catallaxy.sim.cli.tables import print_table
from catallaxy.sim.errors import Problem, ScenarioError

if TYPE_CHECKING:
    from catallaxy.sim.tokenomics.supply import SupplyPath

__all__ = ["commands"]

commands = typer.Typer()

#: Growth by more than this factor in a year says nothing but that there were few tokens before.
_FROM_NOTHING = 100.0
_FORMATS = (".png", ".svg", ".csv")
_COLUMNS = ("from", "to", "unlocked", "issued", "burned", "recycled", "circulating", "supply", "minted", "growth")


@commands.command()
def supply(
    source: ScenarioSource,
    until: Annotated[str, typer.Option(metavar="YEAR|DATE", help="End of the schedule; of the year, if a year.")] = (
        "2040"
    ),
    network: Annotated[str | None, typer.Option(metavar="NAME", help="One network; all when absent.")] = None,
    staked: Annotated[float, typer.Option(min=0.0, max=1.0, help="Assumed staked share of the supply.")] = 0.5,
    capacity: Annotated[
        float | None,
        typer.Option(min=0.0, help="Assumed capacity, GPU-hours a day; as much as a baseline asks when absent."),
    ] = None,
    burned: Annotated[float, typer.Option(min=0.0, help="Assumed tokens burned a year.")] = 0.0,
    price: Annotated[
        float | None, typer.Option(min=0.0, help="Assumed price of a token, USD; that of the first day when absent.")
    ] = None,
    out: Annotated[
        list[Path] | None,
        typer.Option("--out", "-o", metavar="FILE", help="Figure (.png, .svg) or daily table (.csv). Repeatable."),
    ] = None,
    sets: Sets = None,
    scenario: NamedScenario = None,
    overrides: Overrides = None,
    plugins: PluginPackages = None,
    as_json: AsJson = False,
) -> None:
    """Print and draw the supply schedule of each token, from emission, sinks of rewards and vesting alone.

    What a rule reads of the economy is assumed, and the assumptions are printed. Without --out the figure goes to
    supply-NAME.png.
    """
    document = composed(source, scenario=scenario, overrides=overrides, sets=sets, plugins=plugins)
    from catallaxy.sim.scenario.loading import checked
    from catallaxy.sim.scenario.supply import supply_schedules
    from catallaxy.sim.tokenomics.supply import Assumptions

    resolved = checked(document)
    files = out or [Path(f"supply-{resolved.name}.png")]
    for file in files:
        if file.suffix not in _FORMATS:
            raise _refused(str(file), f"is neither a figure nor a table; end it in {', '.join(_FORMATS)}")
    assumed = Assumptions(staked, capacity, burned, price)
    schedules = supply_schedules(resolved, _day(until), assumed, network)
    if as_json:
        listed = [{"network": n, "assumed": s.assumed, "years": _years(s.path)} for n, s in schedules.items()]
        typer.echo(json.dumps(listed, indent=2, default=str))
    for name, schedule in schedules.items() if not as_json else ():
        typer.echo(f"{name} ({schedule.symbol}): {schedule.rule}")
        for sentence in schedule.assumed:
            typer.echo(f"Assumed: {sentence}")
        print_table(_COLUMNS, map(_cells, _years(schedule.path)), _COLUMNS[2:])
    for file in files:
        _write(file, {name: (s.symbol, s.path) for name, s in schedules.items()})
        typer.echo(f"Written: {file}", err=True)


def _refused(what: str, why: str) -> ScenarioError:
    return ScenarioError([Problem(what, 0, 0, "", why)])


def _day(until: str) -> date:
    """Return the day on which a schedule ends: the first of January after a year, or the date given."""
    try:
        return date(int(until) + 1, 1, 1) if until.isdecimal() else date.fromisoformat(until)
    except ValueError as error:
        raise _refused("--until", f"{until!r} is neither a year (2040) nor a date (2040-06-30)") from error


def _years(path: SupplyPath) -> list[dict[str, Any]]:
    """Return one row per calendar year, in tokens: stocks at its end, and what was minted in it."""
    stocks = {name: getattr(path, name) for name in _COLUMNS[2:-2]}
    rows = []
    for begin, end in path.years():
        minted = path.issued[end] - path.issued[begin]
        row: dict[str, Any] = {"from": path.dates[begin], "to": path.dates[end]}
        row |= {name: amounts[end] / path.base for name, amounts in stocks.items()}
        rows.append({**row, "minted": minted / path.base, "growth": minted / path.supply[begin]})
    return rows


def _cells(row: dict[str, Any]) -> list[str]:
    amounts = (f"{row[name]:,.0f}" for name in _COLUMNS[2:-1])
    growth = f"{row['growth']:.2%}" if row["growth"] < _FROM_NOTHING else "–"
    return [str(row["from"]), str(row["to"]), *amounts, growth]


def _write(file: Path, paths: dict[str, tuple[str, SupplyPath]]) -> None:
    if file.suffix == ".csv":
        content = "\n".join(_lines(paths)).encode() + b"\n"
    else:
        from catallaxy.sim.report.canvas import png, svg
        from catallaxy.sim.report.supply import supply_figure

        figure = supply_figure(paths)
        content = png(figure) if file.suffix == ".png" else svg(figure)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise _refused(str(file), f"cannot be written: {error.strerror}") from error


def _lines(paths: dict[str, tuple[str, SupplyPath]]) -> list[str]:
    """Return the daily table: exact decimal numbers of tokens."""
    lines = ["network,token,date,genesis,unlocked,issued,burned,recycled,circulating,supply"]
    for name, (symbol, path) in paths.items():
        columns = (path.unlocked, path.issued, path.burned, path.recycled, path.circulating, path.supply)
        for day, *amounts in zip(path.dates, *columns, strict=True):
            tokens = ",".join(_tokens(amount, path.base) for amount in (path.genesis, *amounts))
            lines.append(f"{name},{symbol},{day},{tokens}")
    return lines


def _tokens(amount: int, base: int) -> str:
    whole, part = divmod(amount, base)
    return f"{whole}.{part:0{len(str(base)) - 1}d}" if base > 1 else str(whole)
