"""The command that says whether prices made a supercycle: verdict."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catallaxy.sim.cli.options import AsJson

if TYPE_CHECKING:
    from catallaxy.sim.cycles.rules import VerdictRules
    from catallaxy.sim.cycles.verdict import Verdict
    from catallaxy.sim.cycles.worlds import World

__all__ = ["commands"]

commands = typer.Typer()

_LASTING = (60, 120, 250, 500)

Row = dict[str, Any]


@commands.command()
def verdict(
    source: Annotated[Path, typer.Argument(metavar="FILE|FOLDER", help="A results folder, or a CSV file of prices.")],
    rules: Annotated[
        str, typer.Option(metavar="FILE", help="Thresholds: a file, or the name of a shipped one.")
    ] = "supercycle",
    gaps: Annotated[
        str, typer.Option(metavar="WHAT", help="What to do about days without a price: refuse, longest or carry.")
    ] = "refuse",
    level: Annotated[float, typer.Option(min=0.5, max=0.9999, help="Confidence of each interval.")] = 0.95,
    seed: Annotated[int, typer.Option(min=0, help="Chance of the bootstrap.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Classify every run: supercycle, cycle, stall, death spiral or no cycle; with probabilities over replicates."""
    from catallaxy.sim.cli.sweep_tables import json_text
    from catallaxy.sim.cycles.rules import load_rules
    from catallaxy.sim.cycles.verdict import judge

    asked = load_rules(rules)
    worlds = _worlds(source, asked, gaps)
    judged = [judge(world.tokens, asked, world.sizes, seed + number) for number, world in enumerate(worlds)]
    found = _tables(judged, worlds, asked, level)
    if as_json:
        typer.echo(json_text(found))
        return
    _show(found, len(worlds))


def _worlds(source: Path, rules: VerdictRules, gaps: str) -> list[World]:
    from catallaxy.sim.cycles.worlds import World, worlds_of

    if source.is_dir():
        from catallaxy.sim.results.result import open_result

        return worlds_of(open_result(source), rules.endings)
    from catallaxy.sim.analysis.market.price_files import read_prices
    from catallaxy.sim.analysis.market.prices import whole

    return [World({name: whole(prices, gaps) for name, prices in read_prices(source).items()})]


def _tables(judged: list[Verdict], worlds: list[World], rules: VerdictRules, level: float) -> dict[str, list[Row]]:
    from catallaxy.sim.cycles.summary import ending, lasting, probabilities, typical_path

    shares = [
        {"verdict": kind, "share": one.estimate, "low": one.low, "high": one.high, "worlds": one.n}
        for kind, one in probabilities(judged, level).items()
    ]
    ends = [ending(verdict, world, rules.endings) for verdict, world in zip(judged, worlds, strict=True)]
    survival = [
        {"days": days, "probability": one.estimate, "low": one.low, "high": one.high, "rises": one.n}
        for days, one in lasting(judged, _LASTING, level).items()
    ]
    ended = [{"series": name, "worlds": n} for name, n in Counter(end.series for end in ends if end).most_common()]
    path = typical_path(judged)
    days = [dict(zip(path, values, strict=True)) for values in zip(*(v.tolist() for v in path.values()), strict=True)]
    return {
        "verdicts": shares,
        "worlds": [_world_row(number, verdict) for number, verdict in enumerate(judged)],
        "survival of rises": survival,
        "what changed at the peak": ended,
        "typical path": days,
    }


def _world_row(number: int, verdict: Verdict) -> Row:
    rise = verdict.rise
    start, end = (str(rise.phase.start), str(rise.phase.end)) if rise else ("", "")
    nan = float("nan")
    return {
        "world": number,
        "verdict": verdict.kind,
        "rise_from": start,
        "to": end,
        "days": rise.phase.days if rise else 0,
        "amplitude": rise.phase.factor if rise else nan,
        "over_previous_peak": rise.over_previous_peak if rise else nan,
        "breadth": rise.breadth if rise else nan,
        "rotation": rise.rotation if rise else nan,
        "p_explosive": rise.p if rise else nan,
        "short_of": ", ".join(name for name, passed in rise.passed.items() if not passed) if rise else "",
    }


def _show(found: dict[str, list[Row]], worlds: int) -> None:
    from catallaxy.sim.cli.analyze_commands import print_rows

    for name, rows in found.items():
        if rows and name != "typical path" and not (name == "worlds" and worlds > 64):
            print_rows(name, rows)
    path = {row["day"]: row for row in found["typical path"]}
    for day in (-180, -90, 90, 180):
        if path and path[day]["n"]:
            when = f"{abs(day)} days {'before' if day < 0 else 'after'} the peak"
            typer.echo(
                f"{when} the index is at {path[day]['middle']:.2f} of it "
                f"(middle half {path[day]['low']:.2f} to {path[day]['high']:.2f}, {path[day]['n']:.0f} worlds)"
            )
