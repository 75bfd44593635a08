"""Rewrite the baselines: run this when results are meant to change, and say so under *Output* in CHANGELOG.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from catallaxy.sim.engine.engine import simulate
from catallaxy.sim.scenario.loading import load

FOLDER = Path(__file__).parent
#: Scenario and parameters of each baseline.
CASES: dict[str, dict[str, Any]] = {
    "minimal": {"steps": 365},
    "three-networks": {"steps": 180},
    "deai-2026": {"steps": 90},
    "liquidation-cascade": {"steps": 200},
    "many-venues": {"steps": 180},
}
#: Steps whose values are kept, as shares of the run.
MOMENTS = (0.0, 0.25, 0.5, 1.0)


def measure(name: str) -> dict[str, Any]:
    """Run a baseline case and return a few digits of every metric at a few moments."""
    record = simulate(load(name, sets=CASES[name]))
    if record.status != "complete":
        raise RuntimeError(f"{name}: {record.error}")
    last = record.n_steps - 1
    steps = [round(moment * last) for moment in MOMENTS]
    values = {
        metric: [[float(f"{value:.10g}") for value in array[step]] for step in steps]
        for metric, array in record.series.items()
    }
    return {"steps": steps, "networks": list(record.networks), "metrics": values}


def path_of(name: str) -> Path:
    """Return the file that holds a baseline."""
    return FOLDER / f"{name}.yaml"


if __name__ == "__main__":
    for case in CASES:
        path_of(case).write_text(
            yaml.safe_dump(measure(case), sort_keys=True, default_flow_style=None), encoding="utf-8"
        )
        print(f"wrote {path_of(case).name}")
