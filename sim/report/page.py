"""The report: one self-contained HTML page, and its figures as PNG beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catallaxy.sim.report.canvas import png, style
from catallaxy.sim.report.data import ReportData
from catallaxy.sim.report.numbers import compact
from catallaxy.sim.report.plans import Chart, SectionPlan
from catallaxy.sim.report.sections import SECTIONS
from catallaxy.sim.report.tables import GUARD_LIMIT, Table, kpi_table, table_group
from catallaxy.sim.report.templates import filled, image_markup
from catallaxy.sim.results.folder import replace_file
from catallaxy.sim.results.origin import ParameterRow
from catallaxy.sim.results.result import Result

__all__ = ["Picture", "Section", "render_report", "write_report"]

_TEMPLATE = "report.html.j2"
_SHOWN_SEEDS = 4
_LONG_SEED = 10**6


@dataclass(frozen=True)
class Picture:
    """A drawn figure: its PNG, and the markup that shows it in the page."""

    key: str
    png: bytes
    markup: str
    caption: str


@dataclass(frozen=True)
class Section:
    """A section ready to be printed."""

    key: str
    title: str
    text: str
    pictures: tuple[Picture, ...]
    tables: tuple[Table, ...]


def write_report(result: Result, path: Path | None = None, parameters: Sequence[ParameterRow] | None = None) -> Path:
    """Write the page, and every figure as PNG in `figures/` beside it.

    Parameters
    ----------
    result : Result
        Complete or partial.
    path : Path, optional
        The HTML file; by default `report.html` in the results folder, or in `<name>-report/` of the current folder
        when the result was not saved.
    parameters : sequence of ParameterRow, optional
        Rows of the parameter table; by default those stored with the result.

    Returns
    -------
    Path
        The HTML file.

    Raises
    ------
    ResultsError
        When a file cannot be written.
    """
    path = path or (result.path or Path(f"{result.name}-report")) / "report.html"
    html, pictures = render_report(result, parameters)
    for picture in pictures:
        replace_file(path.parent / "figures" / f"{picture.key}.png", picture.png)
    replace_file(path, html.encode())
    return path


def render_report(result: Result, parameters: Sequence[ParameterRow] | None = None) -> tuple[str, list[Picture]]:
    """Return the page and its figures; the same result always gives the same bytes.

    Parameters
    ----------
    result : Result
    parameters : sequence of ParameterRow, optional
        Rows of the parameter table; by default those stored with the result.

    Returns
    -------
    tuple of str, list of Picture
    """
    rows = result.parameters if parameters is None else tuple(parameters)
    with style():
        sections = [section for plan in SECTIONS if (section := _section(plan, result, rows))]
    html = filled(
        _TEMPLATE,
        name=result.name,
        about=result.manifest["about"],
        banners=_banners(result),
        facts=_facts(result),
        kpis=kpi_table(result),
        replicates=len(result.manifest["steps"]["done"]),
        sections=sections,
    )
    return html, [picture for section in sections for picture in section.pictures]


def _section(plan: SectionPlan, result: Result, parameters: Sequence[ParameterRow]) -> Section | None:
    data = ReportData(result)
    pictures = tuple(_picture(chart, data) for chart in plan.charts if _drawable(chart, data))
    tables = tuple(table for name in plan.tables for table in table_group(name, result, parameters))
    about = result.manifest["about"]
    spoken = plan.key == "assumptions" and (about["notes"] or about["description"])
    if not (pictures or tables or spoken or plan.key == "guards"):
        return None
    return Section(plan.key, plan.title, plan.text, pictures, tables)


def _drawable(chart: Chart, data: ReportData) -> bool:
    if chart.shows == "income":
        return bool(data.result.table("income").num_rows)
    return data.has(*chart.needs)


def _picture(chart: Chart, data: ReportData) -> Picture:
    image = png(chart.draw(data))
    says = chart.says(data)
    caption = f"{says} {_over_replicates(chart, data.result)}"
    return Picture(chart.key, image, image_markup(image, says), caption)


def _over_replicates(chart: Chart, result: Result) -> str:
    """Return the sentence that says what a figure shows over replicates, how many there are, and their seeds."""
    n = len(result.manifest["steps"]["done"])
    if n == 1:
        return f"One run, {_seeds(result)}."
    if chart.shows != "bands":
        return f"Mean of {n} replicates, {_seeds(result)}."
    return f"Median of {n} replicates, {_seeds(result)}; bands hold the middle 50 % (dark) and 90 % (light) of them."


def _seeds(result: Result) -> str:
    """Return the seeds when they are few and short, and the root seed from which they were derived otherwise."""
    seeds = list(dict.fromkeys(result.manifest["seeds"]))
    if len(seeds) > _SHOWN_SEEDS or max(seeds) >= _LONG_SEED:
        return f"root seed {result.manifest['seed']}"
    return f"seed{'s' if len(seeds) > 1 else ''} {', '.join(str(seed) for seed in seeds)}"


def _banners(result: Result) -> list[tuple[str, str]]:
    """Return (kind, sentence) for the state of the run, the audit and the guards; kind is good, warn or bad."""
    manifest = result.manifest
    banners = [_status_banner(manifest), _audit_banner(manifest["audit"])]
    bound = [name for name, guard in manifest["guards"].items() if guard["worst_share"] > GUARD_LIMIT]
    if bound:
        banners.append(("warn", f"Guards bound on more than 1 % of steps: {', '.join(bound)}."))
    return banners


def _status_banner(manifest: dict[str, Any]) -> tuple[str, str]:
    if manifest["status"] == "complete":
        return "good", "Run complete."
    done, asked = manifest["steps"]["done"], manifest["steps"]["requested"]
    errors = "; ".join(f"replicate {p['replicate']}: {p['error'] or p['status']}" for p in manifest["problems"])
    reach = f"{min(done, default=0)} of {asked} steps in the shortest of {len(done)} replicates"
    more = "" if len(done) == manifest["replicates"]["requested"] else f", {manifest['replicates']['requested']} asked"
    return "bad", f"Partial result, run {manifest['status']}: {reach}{more}. {errors}".strip()


def _audit_banner(audit: dict[str, Any]) -> tuple[str, str]:
    if audit["passed"]:
        return "good", f"Audit passed: the books closed exactly on all {audit['steps_checked']:,} steps checked."
    if audit["passed"] is None:
        return "warn", "No step was audited."
    size = audit["largest_discrepancy"]
    return "bad", f"Audit failed: the books do not close{f'; they are off by {size:,} base units' if size else ''}."


def _facts(result: Result) -> list[tuple[str, str]]:
    m = result.manifest
    done = m["steps"]["done"]
    span = f"{m['start']} to {m['end']}" if m["start"] else "nothing recorded"
    return [
        ("Replicates", f"{len(done)}, {_seeds(result)}" if done else "none"),
        ("Steps", f"{max(done, default=0):,} of {m['steps']['requested']:,}"),
        ("Dates", span),
        ("Networks", ", ".join(f"{n} ({s})" for n, s in zip(m["networks"], m["symbols"], strict=True)) or "none"),
        ("Wall time", f"{compact(float(m['wall_s']))} s"),
        ("Code", f"catallaxy {m['code']['version']}"),
    ]
