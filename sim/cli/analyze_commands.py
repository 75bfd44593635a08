"""The command that looks at prices, real or simulated: analyze."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catallaxy.sim.cli.options import AsJson

if TYPE_CHECKING:
    from catallaxy.sim.analysis.market.bubbles import Bubbles, Null
    from catallaxy.sim.analysis.market.findings import Findings
    from catallaxy.sim.analysis.market.prices import Prices

__all__ = ["commands", "print_rows"]

commands = typer.Typer()

Row = dict[str, Any]


@commands.command()
def analyze(
    source: Annotated[Path, typer.Argument(metavar="FILE|FOLDER", help="A CSV file of prices, or a results folder.")],
    token: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="One of the file's series; all when absent. Repeatable.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(metavar="NAME", help="The series that is the market: beta and correlation with it.")
    ] = None,
    gaps: Annotated[
        str, typer.Option(metavar="WHAT", help="What to do about days without a price: refuse, longest or carry.")
    ] = "refuse",
    max_gap: Annotated[int | None, typer.Option(min=1, help="Most days between two prices; 5 for stocks.")] = None,
    price: Annotated[str | None, typer.Option(metavar="COLUMN", help="Column of prices, if unusual.")] = None,
    volume: Annotated[str | None, typer.Option(metavar="COLUMN", help="Column of volumes, if unusual.")] = None,
    resamples: Annotated[int, typer.Option(min=0, max=20_000, help="Resamples of the bootstrap.")] = 500,
    block: Annotated[float, typer.Option(min=1.0, help="Mean length of a block, steps.")] = 40.0,
    level: Annotated[float, typer.Option(min=0.5, max=0.9999, help="Confidence of each interval.")] = 0.95,
    seed: Annotated[int, typer.Option(min=0, help="Chance of the bootstrap.")] = 1,
    zigzag: Annotated[float, typer.Option(min=1.01, help="Factor from turn to turn of bull and bear phases.")] = 2.5,
    bubbles: Annotated[
        bool, typer.Option("--bubbles", help="Test for explosive episodes and date them (SADF, GSADF).")
    ] = False,
    null: Annotated[
        str, typer.Option(metavar="KIND", help="World without bubbles: wild (bootstrap) or monte-carlo.")
    ] = "wild",
    paths: Annotated[int, typer.Option(min=19, max=100_000, help="Simulated paths without bubbles.")] = 499,
    events: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Abnormal returns around the dates of a CSV file (date,event)."),
    ] = None,
    window: Annotated[
        list[str] | None, typer.Option(metavar="FIRST:LAST", help="Steps from an event, as -30:-1. Repeatable.")
    ] = None,
    econometrics: Annotated[
        bool, typer.Option("--econometrics", help="Test for unit roots and estimate GARCH (needs the package arch).")
    ] = False,
    figure: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw prices with their explosive episodes (.png, .svg)."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Write each table there as CSV.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure prices: stylised facts with intervals, co-movement, drawdowns, phases, bubbles, events, volatility."""
    from catallaxy.sim.analysis.market.bubbles import Null
    from catallaxy.sim.analysis.market.findings import drawdown_rows, fact_rows, movement_rows, phase_rows
    from catallaxy.sim.analysis.market.prices import whole
    from catallaxy.sim.analysis.market.stylised_facts import Bands

    bands = Bands(resamples, block, level, seed)
    found = {name: whole(series, gaps, max_gap) for name, series in _series(source, token, price, volume).items()}
    market = None if against is None else whole(_market(source, against, found, price), gaps, max_gap)
    findings: Findings = {"facts": list(fact_rows(found, bands))}
    if not source.is_dir() or not _replicated(found):
        findings["movement"] = list(movement_rows(_others(found, against), bands, market))
    findings["drawdowns"] = list(drawdown_rows(found))
    findings["phases"] = list(phase_rows(found, zigzag))
    if bubbles or figure is not None:
        findings |= _bubbles(found, Null(null, paths, level, seed), figure)
    if events is not None:
        findings |= _around(_others(found, against), events, window, market)
    if econometrics:
        findings |= _econometrics(found)
    _give(findings, out, as_json)


@commands.command()
def reality(
    folder: Annotated[Path, typer.Argument(help="A results folder; steps of a day.")],
    as_json: AsJson = False,
) -> None:
    """Put a run beside eight real tokens: fourteen statistics of daily prices, and where ours lie among them."""
    from catallaxy.sim.analysis.market.reality import INSIDE, QUARTILES, compared, observed
    from catallaxy.sim.cli.sweep_tables import json_text
    from catallaxy.sim.cycles.worlds import worlds_of
    from catallaxy.sim.results.result import open_result

    worlds = worlds_of(open_result(folder), {})
    rows = compared([observed(world.tokens, world.reserve) for world in worlds])
    if as_json:
        typer.echo(json_text(rows))
        return
    print_rows(f"{folder.name}: median of {len(worlds)} worlds beside real tokens", rows)
    places = [row["place"] for row in rows]
    middle, inside = places.count(QUARTILES), places.count(QUARTILES) + places.count(INSIDE)
    typer.echo(f"{inside} of {len(rows)} in the range of real tokens, {middle} of them in its middle half")


def _series(source: Path, tokens: Sequence[str] | None, price: str | None, volume: str | None) -> dict[str, Prices]:
    """Read a file of prices, or the prices of a run."""
    if not source.is_dir():
        from catallaxy.sim.analysis.market.price_files import read_prices

        return read_prices(source, tokens or (), price=price, volume=volume)
    from catallaxy.sim.results.price_paths import run_prices
    from catallaxy.sim.results.result import open_result

    return run_prices(open_result(source), tokens or ())


def _bubbles(found: dict[str, Prices], null: Null, figure: Path | None) -> Findings:
    from catallaxy.sim.analysis.market.bubbles import bubbles
    from catallaxy.sim.analysis.market.findings import bubble_rows, episode_rows

    tested = {name: bubbles(prices, null) for name, prices in found.items()}
    if figure is not None:
        _draw(figure, found, tested)
    return {"bubbles": list(bubble_rows(tested, null)), "episodes": list(episode_rows(tested))}


def _around(found: dict[str, Prices], file: Path, windows: list[str] | None, market: Prices | None) -> Findings:
    from catallaxy.sim.analysis.market.event_files import read_events, read_windows
    from catallaxy.sim.analysis.market.event_study import WINDOWS, StudyDesign
    from catallaxy.sim.analysis.market.findings import event_rows

    design = StudyDesign(read_windows(windows) if windows else WINDOWS)
    return event_rows(found, read_events(file), design, market)


def _econometrics(found: dict[str, Prices]) -> Findings:
    from catallaxy.sim.analysis.market.findings import unit_root_rows, volatility_rows

    return {"unit roots": list(unit_root_rows(found)), "volatility": list(volatility_rows(found))}


def _draw(file: Path, found: dict[str, Prices], tested: dict[str, Bubbles]) -> None:
    from catallaxy.sim.report.canvas import png, svg
    from catallaxy.sim.report.price_episodes import episodes_figure

    drawn = episodes_figure(found, tested)
    file.write_bytes(svg(drawn) if file.suffix == ".svg" else png(drawn))
    typer.echo(f"Written: {file}", err=True)


def _market(source: Path, name: str, found: dict[str, Prices], price: str | None) -> Prices:
    return found[name] if name in found else _series(source, [name], price, None)[name]


def _others(found: dict[str, Prices], against: str | None) -> dict[str, Prices]:
    return {name: series for name, series in found.items() if name != against}


def _replicated(names: Sequence[str] | dict[str, Prices]) -> bool:
    return any("/" in name for name in names)


def _give(findings: Findings, out: Path | None, as_json: bool) -> None:
    """Print the tables, as text or JSON, and write them."""
    from catallaxy.sim.cli.sweep_tables import json_text

    if out is not None:
        _write(findings, out)
    if as_json:
        typer.echo(json_text(findings))
        return
    for name, rows in findings.items():
        if rows and name in {"facts", "movement"}:
            _print_statistics(rows)
        elif rows:
            print_rows(name, rows)


def _print_statistics(rows: list[Row]) -> None:
    from catallaxy.sim.cli.tables import print_table

    if _replicated([row["series"] for row in rows]):
        from catallaxy.sim.analysis.market.findings import ACROSS, across_replicates

        spread = [
            [*_name(r), r["unit"], str(r["n"]), *(f"{r[q]:.4g}" for q in ACROSS)] for r in across_replicates(rows)
        ]
        print_table(("Series", "Statistic", "Unit", "Runs", *ACROSS), spread, ("Runs", *ACROSS))
        return
    cells = [
        (*_name(r), r["unit"], f"{r['estimate']:.4g}", f"[{r['low']:.4g}, {r['high']:.4g}]", str(r["n"])) for r in rows
    ]
    print_table(("Series", "Statistic", "Unit", "Estimate", "Interval", "n"), cells, ("Estimate", "Interval", "n"))


def print_rows(name: str, rows: list[Row]) -> None:
    """Print a table as it is, under its name; numbers with four digits."""
    from catallaxy.sim.cli.tables import print_table

    typer.echo(f"\n{name.capitalize()}")
    numbers = [key for key, value in rows[0].items() if isinstance(value, int | float) and not isinstance(value, bool)]
    columns = {key: key.replace("_", " ").capitalize() for key in rows[0]}
    print_table(columns.values(), ([_cell(value) for value in r.values()] for r in rows), [columns[n] for n in numbers])


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _name(row: Row) -> tuple[str, str]:
    return row["series"], row["statistic"]


def _write(findings: Findings, folder: Path) -> None:
    import csv

    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in findings.items():
        if rows:
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
    typer.echo(f"Written: {folder}", err=True)
