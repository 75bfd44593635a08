"""Commands that run things: run, rerun, report, phases, warmup."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from catallaxy.sim.cli.options import AsJson, NamedScenario, Overrides, PluginPackages, ScenarioSource, Sets, composed
from catallaxy.sim.errors import RunInterrupted

if TYPE_CHECKING:
    from catallaxy.sim.results.result import Result

__all__ = ["commands"]

commands = typer.Typer()

_FAILED = 1

Out: TypeAlias = Annotated[
    Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder that holds results folders.")
]
Threads: TypeAlias = Annotated[int, typer.Option(min=1, max=256, help="Threads within one run; results are the same.")]
Jobs: TypeAlias = Annotated[int, typer.Option("--jobs", "-j", min=1, max=1024, help="Replicates at the same time.")]
Quiet: TypeAlias = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress and no summary, only the results path.")
]


@commands.command()
def run(
    source: ScenarioSource,
    sets: Sets = None,
    scenario: NamedScenario = None,
    overrides: Overrides = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Root seed.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps to run.")] = None,
    replicates: Annotated[int | None, typer.Option("--replicates", "-r", min=1, help="Independent runs.")] = None,
    out: Out = Path("results"),
    threads: Threads = 1,
    jobs: Jobs = 1,
    force: Annotated[bool, typer.Option("--force", help="Run again although this result exists.")] = False,
    report: Annotated[bool, typer.Option(help="Write the HTML report and its figures.")] = True,
    profile: Annotated[bool, typer.Option("--profile", help="Show the time that each phase took.")] = False,
    quiet: Quiet = False,
    plugins: PluginPackages = None,
) -> None:
    """Run a scenario: progress, results folder, summary, report."""
    own = {"seed": seed, "steps": steps, "replicates": replicates}
    given = [f"{name}={value}" for name, value in own.items() if value is not None]
    document = composed(source, scenario=scenario, overrides=overrides, sets=[*(sets or []), *given], plugins=plugins)
    from catallaxy.sim.scenario.loading import checked

    loaded = checked(document)
    from catallaxy.sim.experiments.running import Request, run_scenario

    request = Request(threads, jobs, out, force, tuple(sys.argv))
    _note(f"{loaded.name}: {loaded.agents:,} agents, {loaded.steps:,} steps, {loaded.replicates} run(s)", quiet)
    with _progress(quiet) as progress:
        result = run_scenario(loaded, request, progress)
    _show(result, report=report, profile=profile, quiet=quiet)


@commands.command()
def rerun(
    folder: Annotated[Path, typer.Argument(help="A results folder.")],
    threads: Threads = 1,
    jobs: Jobs = 1,
    quiet: Quiet = False,
) -> None:
    """Run a results folder again and check that it gives the same bits; exit code 1 when it does not."""
    from catallaxy.sim.experiments.running import Request, rerun as run_again
    from catallaxy.sim.results.folder import read_manifest

    with _progress(quiet) as progress:
        _, same = run_again(folder, Request(threads, jobs, None, True, tuple(sys.argv)), progress)
    steps = read_manifest(folder)["steps"]["done"]
    if same:
        typer.echo(f"identical: {len(steps)} run(s), {sum(steps):,} steps, every bit of the series")
        return
    typer.echo("different: the series are not the same bit for bit; compare the versions in manifest.json", err=True)
    raise typer.Exit(_FAILED)


@commands.command()
def report(
    folder: Annotated[Path, typer.Argument(help="A results folder.")],
    to: Annotated[Path | None, typer.Option("--to", help="Where to write the HTML file.")] = None,
) -> None:
    """Write the HTML report of a results folder."""
    from catallaxy.sim.results.result import open_result

    typer.echo(open_result(folder).report(to))


@commands.command()
def phases(as_json: AsJson = False) -> None:
    """Print the phases of a step, in the order in which they are executed."""
    from catallaxy.sim.engine.phases import phases as listed

    if as_json:
        rows = [{"number": number, "name": name, "what": doc} for number, name, doc in listed()]
        typer.echo(json.dumps(rows, indent=2))
        return
    for number, name, doc in listed():
        typer.echo(f"{number:2d}  {name:24s} {doc}")


@commands.command()
def warmup(quiet: Quiet = False) -> None:
    """Compile every kernel once, so that later runs and parallel workers only load them."""
    import time

    from catallaxy import numba_kernels as nk
    from catallaxy.sim.experiments.running import Request, run_scenario
    from catallaxy.sim.scenario.loading import load

    _note("compiling kernels ...", quiet)
    started = time.perf_counter()
    for name in ("minimal", "three-networks", "liquidation-cascade", "many-venues"):
        run_scenario(load(name, sets={"steps": 2, "events": [], "replicates": 1}), Request())
    typer.echo(f"{time.perf_counter() - started:.1f} s; kernels are in {nk.cache_folder()}")


def _note(text: str, quiet: bool) -> None:
    if not quiet:
        typer.echo(text, err=True)


def _show(result: Result, *, report: bool, profile: bool, quiet: bool) -> None:
    from rich.console import Console

    from catallaxy.sim.report.terminal import print_summary

    console = Console()
    page = result.report() if report and result.manifest["steps"]["done"] else None
    if profile and not quiet:
        _show_profile(result)
    if not quiet:
        print_summary(result, console)
    if page is not None and not quiet:
        typer.echo(f"Report: {page}")
    if quiet:
        typer.echo(result.path)
    if result.status == "interrupted":
        raise typer.Exit(RunInterrupted.exit_code)
    if result.status == "failed":
        for problem in result.manifest["problems"]:
            typer.echo(f"run {problem['replicate']} failed: {problem['error']}", err=True)
        raise typer.Exit(_FAILED)


def _show_profile(result: Result) -> None:
    seconds = result.manifest["phase_seconds"]
    total = sum(seconds.values()) or 1.0
    for name, value in seconds.items():
        typer.echo(f"{name:24s} {value:8.3f} s  {100 * value / total:5.1f} %", err=True)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Show progress on standard error: a bar in a terminal, a plain line now and then elsewhere."""
    if quiet:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _plain_lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("compiling, then running", total=None)

        def advance(done: int, total: int) -> None:
            if done % max(1, total // 200) == 0 or done == total:
                bar.update(task, completed=done, total=total, description="running")

        yield advance


def _plain_lines() -> Callable[[int, int], None]:
    import time

    due = [0.0]

    def advance(done: int, total: int) -> None:
        if time.monotonic() >= due[0]:
            due[0] = time.monotonic() + 30.0
            typer.echo(f"step {done:,} of {total:,}", err=True)

    return advance
