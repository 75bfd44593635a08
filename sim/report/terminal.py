"""The summary that `catallaxy run` prints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy.sim.recording.metrics import metric
from catallaxy.sim.report.numbers import compact, share, unit_text
from catallaxy.sim.report.tables import GUARD_LIMIT
from catallaxy.sim.results.result import Result

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = ["HEADLINES", "print_summary"]

#: Metrics of the summary table, in order.
HEADLINES = (
    "price",
    "market_cap",
    "supply",
    "staked",
    "adoption",
    "service_spend",
    "market_share",
    "compute_price",
    "utilisation",
    "providers_active",
    "fees_to_emission",
    "cheating_share",
)

_COLUMNS = ("Start", "End", "Min", "Max")
#: Characters that all columns need; a narrower terminal gets the first two.
_WIDE = 76


def print_summary(result: Result, console: Console) -> None:
    """Print start, end, smallest and largest value of the headline metrics, the audit, the guards and the folder.

    Parameters
    ----------
    result : Result
        Complete or partial; with replicates the medians over them are shown.
    console : rich.console.Console
    """
    from rich.text import Text

    console.print(_table(result, _COLUMNS if console.width >= _WIDE else _COLUMNS[:2]))
    for sentence, good in (_status_line(result), _audit_line(result), *_guard_lines(result)):
        console.print(Text(sentence, style="green" if good else "bold yellow"))
    if result.path is not None:
        console.print(Text(f"Results: {result.path}"), soft_wrap=True)
        released = sum(end["blocks"] for end in result.manifest.get("models", ()))
        if released:
            console.print(Text(f"Models released: {released:,} (catallaxy provenance {result.path})"), soft_wrap=True)


def _table(result: Result, columns: Sequence[str]) -> Table:
    from rich.table import Table
    from rich.text import Text

    n = len(result.manifest["steps"]["done"])
    title = f"{result.name}: {max(result.manifest['steps']['done'], default=0):,} steps"
    table = Table(title=Text(title + (f", median of {n} replicates" if n > 1 else "")), title_justify="left")
    table.add_column("Metric")
    for name in columns:
        table.add_column(name, justify="right")
    table.add_column("Unit")
    for k, network in enumerate(result.networks):
        if len(result.networks) > 1:
            table.add_section()
            table.add_row(Text(network, style="bold"))
        for name in HEADLINES:
            if name in result.metrics:
                values = [compact(x) for x in _extremes(result.panel(name)[:, :, k])][: len(columns)]
                table.add_row(name.replace("_", " "), *values, unit_text(metric(name).unit))
    return table


def _extremes(values: npt.NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Return start, end, minimum and maximum, each the median over replicates; NaN where nothing was recorded."""
    each = []
    for replicate in values:
        finite = replicate[np.isfinite(replicate)]
        if len(finite):
            each.append((finite[0], finite[-1], finite.min(), finite.max()))
    if not each:
        return math.nan, math.nan, math.nan, math.nan
    start, end, low, high = np.median(np.array(each), axis=0).tolist()
    return start, end, low, high


def _status_line(result: Result) -> tuple[str, bool]:
    if result.status == "complete":
        return f"Run complete in {compact(float(result.manifest['wall_s']))} s.", True
    problems = "; ".join(p["error"] or p["status"] for p in result.manifest["problems"])
    return f"Run {result.status}; what was recorded is kept. {problems}".strip(), False


def _audit_line(result: Result) -> tuple[str, bool]:
    audit = result.manifest["audit"]
    if audit["passed"]:
        checked = f"{audit['steps_checked']:,} steps x {audit['identities_per_step']:,} identities"
        return f"Audit passed: {checked}, no discrepancy.", True
    if audit["passed"] is None:
        return "No step was audited.", False
    size = audit["largest_discrepancy"]
    return f"Audit failed: the books do not close{f'; they are off by {size:,} base units' if size else ''}.", False


def _guard_lines(result: Result) -> list[tuple[str, bool]]:
    bound = {name: g["worst_share"] for name, g in result.manifest["guards"].items() if g["steps"]}
    if not bound:
        return [("No guard bound.", True)]
    worst = max(bound.values())
    text = ", ".join(f"{name} {share(value)}" for name, value in bound.items())
    return [(f"Guards that bound (share of steps): {text}.", worst <= GUARD_LIMIT)]
