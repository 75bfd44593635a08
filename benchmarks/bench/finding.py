"""What a benchmark found: a table, the targets it answers, and how they were met."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

__all__ = ["Finding", "Target", "at_least", "at_most", "show"]


@dataclass(frozen=True)
class Target:
    """A number that was promised.

    Attributes
    ----------
    what : str
    value : float
        As measured.
    limit : float
    met : bool
    promise : str
        The limit in words ("at most 2").
    """

    what: str
    value: float
    limit: float
    met: bool
    promise: str


def at_least(what: str, value: float, limit: float) -> Target:
    """Return the target that `value` is `limit` or more."""
    return Target(what, value, limit, value >= limit, f"at least {limit:,.4g}")


def at_most(what: str, value: float, limit: float) -> Target:
    """Return the target that `value` is `limit` or less."""
    return Target(what, value, limit, value <= limit, f"at most {limit:,.4g}")


@dataclass
class Finding:
    """Result of one benchmark.

    Attributes
    ----------
    title : str
    rows : list of dict
        One per line of the table; the keys are the headings, units included.
    targets : list of Target
    notes : list of str
        What was skipped and why, and what a reader must know.
    """

    title: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return the finding as plain JSON values."""
        return asdict(self)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def show(finding: Finding, console: Console) -> None:
    """Print a finding.

    Parameters
    ----------
    finding : Finding
    console : rich.console.Console
    """
    headings = list(dict.fromkeys(heading for row in finding.rows for heading in row))
    table = Table(title=finding.title, title_justify="left", title_style="bold")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    for row in finding.rows:
        table.add_row(*(_shown(row.get(heading, "")) for heading in headings))
    console.print(table)
    for target in finding.targets:
        mark = "[green]met[/]" if target.met else "[red]MISSED[/]"
        console.print(f"  {mark}  {target.what}: {_shown(target.value)} ({target.promise})")
    for note in finding.notes:
        console.print(f"  {note}", style="dim")
    console.print()
