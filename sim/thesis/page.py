"""The one-page verdict on a thesis: what was asked, whether it holds, and the figures that show it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.report.canvas import png
from catallaxy.sim.report.numbers import compact, interval
from catallaxy.sim.report.page import Picture, Section
from catallaxy.sim.report.tables import Table
from catallaxy.sim.report.templates import filled, image_markup
from catallaxy.sim.results.folder import replace_file
from catallaxy.sim.thesis.answer import REJECTED, SURVIVES
from catallaxy.sim.thesis.effects import Effect
from catallaxy.sim.thesis.figures import ablation_figure, effects_figure, paths_figure
from catallaxy.sim.thesis.outcomes import OUTCOMES
from catallaxy.sim.thesis.study import Study
from catallaxy.sim.thesis.tables import kind_rows, rule_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["write_page"]

_TEMPLATE = "thesis.html.j2"
_KINDS = {SURVIVES: "good", REJECTED: "bad"}
_STRONGEST = 8


def write_page(found: Study) -> Path:
    """Write `thesis.html`, and its figures as PNG beside it.

    Parameters
    ----------
    found : Study

    Returns
    -------
    Path
    """
    sections = [_paths(found), _effects(found), _ablation(found), _rules(found)]
    page = filled(
        _TEMPLATE,
        name=f"{found.scenario}: {found.spec.name}",
        question=found.spec.question,
        kind=_KINDS.get(found.answer.verdict, "warn"),
        headline=found.answer.headline,
        criteria=[("good" if one.holds else "bad", one.sentence) for one in found.answer.criteria],
        facts=_facts(found),
        sections=sections,
    )
    for section in sections:
        for picture in section.pictures:
            replace_file(found.folder / "figures" / f"{picture.key}.png", picture.png)
    replace_file(found.folder / "thesis.html", page.encode())
    return found.folder / "thesis.html"


def _facts(found: Study) -> list[tuple[str, str]]:
    worlds = sum(stage.worlds * len(stage.combinations) for stage, _ in found.stages)
    design = found.stages[2][0]
    return [
        ("Worlds", f"{worlds:,}" + (f", {found.failed_runs:,} failed" if found.failed_runs else "")),
        ("Networks", f"{len(found.networks)}"),
        ("Drivers", f"{len(found.spec.drivers)}"),
        ("Design", f"{len(design.combinations)} of {2 ** len(found.spec.drivers)} combinations"),
        ("Worlds of each", f"{design.worlds}"),
        ("Intervals", f"{100 * found.level:g} %"),
    ]


def _picture(key: str, draw: Callable[[Study], Figure], found: Study, says: str) -> Picture:
    image = png(draw(found))
    return Picture(key, image, image_markup(image, says), says)


def _paths(found: Study) -> Section:
    says = "Equally weighted index of the tokens: median, middle half and middle 90 % of the worlds."
    rows = kind_rows(found)
    names = list(dict.fromkeys(row["combination"] for row in rows))
    kinds = list(dict.fromkeys(row["verdict"] for row in rows))
    cells = {(row["combination"], row["verdict"]): _text(row["estimate"], row["low"], row["high"]) for row in rows}
    table = Table(("verdict", *names), tuple((kind, *(cells[name, kind] for name in names)) for kind in kinds))
    picture = _picture("paths", paths_figure, found, says)
    return Section(
        "paths", "With all drivers, and with none", "Shares of worlds, Wilson's intervals.", (picture,), (table,)
    )


def _effects(found: Study) -> Section:
    says = "Effect of each driver over all settings of the others; crosses: the same with shuffled labels."
    main = [effect.drivers for effect in found.effects[OUTCOMES[0].name].main]
    rows = tuple((name, *(_effect(found.effects[o.name].main[i]) for o in OUTCOMES)) for i, (name,) in enumerate(main))
    tables = (Table(("driver", *(outcome.short for outcome in OUTCOMES)), rows), *_interactions(found))
    text = (
        "Means with the driver less without it, replicate by replicate on common chance (Student's t). A star: no more "
        "than one shuffle of the labels in twenty shows a driver that seems to do as much."
    )
    return Section(
        "effects", "What each driver does", text, (_picture("effects", effects_figure, found, says),), tables
    )


def _interactions(found: Study) -> tuple[Table, ...]:
    rows = []
    for outcome in OUTCOMES:
        strongest = sorted(found.effects[outcome.name].interactions, key=lambda effect: effect.p)[:_STRONGEST]
        rows += [(outcome.short, " × ".join(e.drivers), _effect(e)) for e in strongest if e.p <= 1.0 - found.level]
    if not found.effects[OUTCOMES[0].name].interactions:
        return ()
    title = "Interactions with a star" + ("" if rows else ": none")
    return (Table(("outcome", "drivers", "interaction"), tuple(rows), text_columns=2, title=title),)


def _ablation(found: Study) -> Section:
    says = "All drivers (orange), none (green), all but one and one only (blue), with intervals."
    rows = tuple(
        (line.combination, *(_level(line.levels[outcome.name]) for outcome in OUTCOMES), str(line.levels["breadth"].n))
        for line in found.lines
    )
    table = Table(("worlds", *(outcome.short for outcome in OUTCOMES), "number"), rows)
    text = "Probabilities with Wilson's intervals, means with Student's. The same chance in every line."
    picture = _picture("ablation", ablation_figure, found, says)
    return Section("ablation", "Without each, and with each alone", text, (picture,), (table,))


def _rules(found: Study) -> Section:
    rows = tuple(
        (row["combination"], row["rule"].replace("_", " "), f"{row['passed']}", f"{row['asked']}", f"{row['worlds']}")
        for row in rule_rows(found)
    )
    columns = ("worlds", "rule of a supercycle", "passed", "asked", "of")
    text = "A rule is asked of worlds with a rise; the test for explosive episodes of those that pass all others."
    return Section("rules", "What it fails by", text, (), (Table(columns, rows, text_columns=2),))


def _effect(effect: Effect) -> str:
    star = " *" if effect.p <= 0.05 else ""
    return f"{_level(effect.interval)}{star}"


def _level(found: Interval) -> str:
    return _text(found.estimate, found.low, found.high)


def _text(estimate: float, low: float, high: float) -> str:
    return f"{compact(estimate)} {interval(low, high)}"
