"""The tables of published supplies: ours is computed anew from the presets, and differs by what the tables say."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from catallaxy.sim.scenario.library import shipped_protocols
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.supply import supply_schedules
from catallaxy.sim.tokenomics.supply import Assumptions, SupplyPath

PAGE = (Path(__file__).parents[2] / "docs" / "presets.md").read_text(encoding="utf-8")
CELLS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| `")]
ROWS, HALVINGS = [row for row in CELLS if len(row) == 7], [row for row in CELLS if len(row) == 5]
OPTION = re.compile(r"--(staked|burned|set) (.+?)(?= --|`)")
#: What a schedule says of one day.
STOCKS = ("issued", "unlocked", "circulating", "supply")


@cache
def path_of(preset: str, options: tuple[tuple[str, str], ...], end: date) -> SupplyPath:
    given = {name: float(value) for name, value in options if name != "set"}
    assumed = Assumptions(given.get("staked", 0.5), None, given.get("burned", 0.0))
    scenario = load(preset, sets=[value for name, value in options if name == "set"])
    (schedule,) = supply_schedules(scenario, end, assumed).values()
    return schedule.path


def ours(preset: str, what: str, when: str) -> float:
    """Return tokens: a stock on a day, or what was issued from a day to another."""
    days = [date.fromisoformat(day) for day in re.findall(r"\d{4}-\d\d-\d\d", when)]
    path = path_of(preset, tuple(OPTION.findall(what)), max(days[-1], date(2030, 1, 1)))
    values = [getattr(path, what.partition(",")[0])[path.dates.index(day)] / path.base for day in days]
    return float(values[-1] - (values[0] if len(values) > 1 else 0.0))


def shown(found: float, published: str) -> tuple[str, str]:
    """Return ours with the digits of what was published, and the difference in per cent."""
    digits = len(published.partition(".")[2])
    return f"{found:,.{digits}f}", f"{100.0 * (found / float(published.replace(',', '')) - 1.0):+.1f} %"


@pytest.mark.slow
@pytest.mark.whole
@pytest.mark.parametrize("preset", sorted({row[0] for row in ROWS}))
def test_ours_follow_from_the_presets(preset: str) -> None:
    for _, what, when, published, _, said, difference in (row for row in ROWS if row[0] == preset):
        assert what.partition(",")[0] in STOCKS
        found, change = shown(ours(preset.strip("`"), what, when), published)
        assert (found, change.replace("-0.0", "+0.0")) == (said, difference.rpartition(" (")[0] or difference)
        assert abs(float(change.split(" ")[0])) < 3.0 or difference.endswith(")"), "the reason is missing"


def test_each_preset_is_compared_or_said_to_have_nothing_published() -> None:
    compared = {row[0].strip("`") for row in ROWS}
    missing = set(shipped_protocols()) - compared
    said = PAGE.partition("Nothing is published")[2].partition("\n\n")[0]
    assert all(f"`{name}`" in said for name in missing), missing


def test_each_reason_is_given() -> None:
    asked = {number for row in ROWS for number in re.findall(r"\((\d+)\)$", row[6])}
    given = set(re.findall(r"^(\d+)\. ", PAGE, re.MULTILINE))
    assert asked == given


@pytest.mark.slow
@pytest.mark.parametrize("preset", sorted({row[0].strip("`") for row in HALVINGS}))
def test_halvings(preset: str) -> None:
    path = path_of(preset, (), date(2040, 1, 1))
    level, days = float(path.issued[1]), []
    for i in range(len(path.dates) - 1):
        if 3 * (path.issued[i + 1] - path.issued[i]) < 2 * level:
            days.append(path.dates[i].isoformat())
            level /= 2
    said = [row[4] for row in HALVINGS if row[0].strip("`") == preset]
    assert days[: len(said)] == said
