"""The command that puts published numbers beside the simulator's: replicate."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catallaxy.sim.cli.tables import print_table

if TYPE_CHECKING:
    from catallaxy.sim.replications.comparison import Row
    from catallaxy.sim.replications.library import Replication

__all__ = ["commands"]

commands = typer.Typer()

_FAILED = 1
_VERDICTS = {True: "pass", False: "FAIL", None: "shown"}


@commands.command()
def replicate(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Shipped replications (see --list), or folders of your own."),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", "-l", help="List the shipped replications.")] = False,
    seed: Annotated[int | None, typer.Option(min=0, help="Root seed; the paper.yaml's when absent.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=1024, help="Parts at the same time.")] = 1,
    quick: Annotated[
        bool, typer.Option("--quick", help="Smaller samples, and tolerances wider by their uncertainty.")
    ] = False,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder that holds results folders.")
    ] = Path("results"),
) -> None:
    """Reproduce published results: a table, a figure, and exit code 1 when a number is not within its tolerance."""
    if listed:
        _list()
    elif names:
        passed = [_replicate(found, seed=seed, jobs=jobs, quick=quick, out=out) for found in _found(names)]
        if not all(passed):
            raise typer.Exit(_FAILED)
    else:
        typer.echo("name a replication, or list them with --list", err=True)
        raise typer.Exit(2)


def _list() -> None:
    from catallaxy.sim.replications.library import shipped_replications

    rows = [(name, paper.replicates) for name, paper in ((n, r.paper()) for n, r in shipped_replications().items())]
    print_table(("Name", "What is replicated"), rows)


def _found(names: list[str]) -> list[Replication]:
    from catallaxy.sim.replications.library import find_replication

    return [find_replication(name) for name in names]


def _replicate(replication: Replication, *, seed: int | None, jobs: int, quick: bool, out: Path) -> bool:
    from catallaxy.sim.replications.running import replicate as run
    from catallaxy.sim.replications.writing import write_outcome

    paper, _, _ = replication.declared(quick=quick)
    typer.echo(f"{replication.name}: {paper.title}\n{paper.reference}", err=True)
    outcome = run(replication, seed=seed, quick=quick, jobs=jobs)
    folder = write_outcome(outcome, out, tuple(sys.argv))
    _show(outcome.rows)
    tested = [row for row in outcome.rows if row.passed is not None]
    agreed = sum(row.passed is True for row in tested)
    widened = "; --quick widened the tolerances" if quick else ""
    typer.echo(f"{agreed} of {len(tested)} numbers within their tolerance, in {outcome.wall_s:.1f} s{widened}")
    typer.echo(f"Results: {folder}")
    return outcome.passed


def _show(rows: tuple[Row, ...]) -> None:
    for (title, unit, tag, source), group in groupby(rows, lambda row: (row.table, row.unit, row.tag, row.source)):
        here = list(group)
        typer.echo(f"\n{title}{'' if unit == '1' else f' ({unit})'}; {tag}: {source}")
        right = ("Published", "Ours", "95 % interval", "Tolerance")
        print_table(("Quantity", *right, "Verdict"), [_cells(row) for row in here], right)
    typer.echo()


def _cells(row: Row) -> tuple[str, ...]:
    interval = "exact" if row.ours.method == "exact" else f"[{row.ours.low:.5g}, {row.ours.high:.5g}]"
    tolerance = "" if row.tolerance is None else f"± {row.tolerance:.3g}"
    numbers = f"{row.published:.5g}", f"{row.ours.estimate:.5g}", interval, tolerance
    return row.quantity, *numbers, _VERDICTS[row.passed]
