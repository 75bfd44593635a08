"""The table of published supplies: ours is computed anew from the presets, and differs by what the table says."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.supply import supply_schedules
from catallaxy.sim.tokenomics.supply import Assumptions, SupplyPath

PAGE = (Path(__file__).parents[2] / "docs" / "presets.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| `")]
#: Staked share that the page's reasons name; half elsewhere, as the command has it.
STAKED = {"akash": 0.7}
MINTED, ISSUED = "minted that day", "issued since the first day"


@cache
def path_of(preset: str) -> SupplyPath:
    [schedule] = supply_schedules(load(preset), date(2026, 12, 31), Assumptions(STAKED.get(preset, 0.5))).values()
    return schedule.path


def ours(preset: str, what: str, day: date) -> float:
    """Return millions of tokens."""
    path = path_of(preset)
    i = path.dates.index(day)
    if what == MINTED:
        return (path.issued[i + 1] - path.issued[i]) / path.base / 1e6
    return (path.issued[i] + (path.unlocked[i] - path.burned[i] if what != ISSUED else 0)) / path.base / 1e6


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]} {row[2]}")
def test_ours_follow_from_the_presets(row: list[str]) -> None:
    preset, what, day, published, _, shown, difference = row
    assert what in {MINTED, ISSUED, "circulating"}
    found, digits = (
        ours(preset.strip("`"), what, date.fromisoformat(day)),
        4 if float(shown.replace(",", "")) < 1 else 2,
    )
    assert f"{found:,.{digits}f}" == shown
    change = float(difference.split("%")[0])
    assert 100.0 * (found / float(published.replace(",", "")) - 1.0) == pytest.approx(change, abs=0.3)
    assert abs(change) < 3.0 or difference.endswith(")"), "a difference of 3 % or more has its reason below the table"


def test_each_reason_is_given() -> None:
    asked = {row[6].rpartition("(")[2].rstrip(")") for row in ROWS if row[6].endswith(")")}
    given = set(re.findall(r"^(\d+)\. ", PAGE, re.MULTILINE))
    assert asked == given


def test_halvings_of_bittensor() -> None:
    path = path_of("bittensor")
    day = next(d for d, supply in zip(path.dates, path.supply, strict=True) if supply >= 10_500_000 * path.base)
    assert day.isoformat() in PAGE
