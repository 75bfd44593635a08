"""docs/drivers.md names every driver once, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from catallaxy.sim.environment.drivers import DRIVERS

PAGE = Path(__file__).parents[2] / "docs" / "drivers.md"


def test_the_table_has_every_driver() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    table = rows[: next(i for i, line in enumerate(rows) if "`payments`" in line)]
    named = re.findall(r"`(\w+)`", " ".join(line.split("|")[1] for line in table))
    assert sorted(named) == sorted(driver.name for driver in DRIVERS)
