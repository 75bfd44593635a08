"""The command line: `catallaxy COMMAND`.

Each file of commands is a `typer.Typer` of its own that is added here. Such a file imports nothing heavy at module
level (`catallaxy --help` must cost less than 0.3 s of CPU): numbers, tables and figures are imported inside commands.
Data goes to standard output; messages and progress go to standard error.
"""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

from catallaxy.sim.cli import (
    analyze_commands,
    provenance_commands,
    replicate_commands,
    run_commands,
    scenario_commands,
    statics_commands,
    supply_commands,
    sweep_commands,
    thesis_commands,
    verdict_commands,
)
from catallaxy.sim.cli.options import PluginPackages, trust
from catallaxy.sim.errors import CatallaxyError

__all__ = ["app", "entry"]

_INTERRUPTED = 130

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]}
)
app.add_typer(scenario_commands.commands)
app.add_typer(run_commands.commands)
app.add_typer(analyze_commands.commands)
app.add_typer(provenance_commands.commands)
app.add_typer(replicate_commands.commands)
app.add_typer(statics_commands.commands)
app.add_typer(supply_commands.commands)
app.add_typer(thesis_commands.commands)
app.add_typer(verdict_commands.commands)
app.add_typer(sweep_commands.commands, name="sweep")
app.add_typer(sweep_commands.shortcuts)


def _print_version(wanted: bool) -> None:
    if wanted:
        from catallaxy import __version__

        typer.echo(f"catallaxy {__version__}")
        raise typer.Exit


@app.callback()
def _catallaxy(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    plugins: PluginPackages = None,
) -> None:
    """Simulate decentralized-AI token economies."""
    trust(plugins)


def entry() -> None:
    """Run the command line; errors made on purpose become their message and exit code, and SIGTERM acts like Ctrl-C.

    Raises
    ------
    SystemExit
        Always: 0 on success, 1 when a run failed, 2 for bad input, 130 when interrupted.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        app(prog_name="catallaxy")
    except CatallaxyError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    entry()
