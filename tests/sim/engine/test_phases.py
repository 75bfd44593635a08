"""The documented order of a step is the executed one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from catallaxy.sim.engine import phases as package
from catallaxy.sim.engine.engine import Engine
from catallaxy.sim.engine.phases import PHASES, phases
from catallaxy.sim.scenario.loading import load

ROOT = Path(__file__).parents[3]


def test_the_documented_table_is_the_executed_list() -> None:
    text = (ROOT / "docs" / "phases.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    assert [(int(number), name, doc) for number, name, doc in rows] == list(phases())


def test_the_engine_executes_the_list_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def spied(phase: package.Phase) -> package.Phase:
        def run(economy: object) -> None:
            seen.append(phase.name)
            phase.run(economy)  # type: ignore[arg-type]

        return package.Phase(phase.name, phase.doc, run)

    monkeypatch.setattr("catallaxy.sim.engine.engine.PHASES", tuple(spied(phase) for phase in PHASES))
    engine = Engine(load("minimal", sets={"steps": 2}))
    engine.run()
    assert seen == [name for _, name, _ in phases()] * 2


def test_every_phase_is_timed() -> None:
    engine = Engine(load("minimal", sets={"steps": 3}))
    engine.run()
    assert set(engine.phase_seconds) == {phase.name for phase in PHASES}
    assert all(seconds > 0 for seconds in engine.phase_seconds.values())
    assert sum(engine.phase_seconds.values()) <= engine.wall_s
