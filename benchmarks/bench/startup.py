"""Time to a first result: fresh processes, with an empty kernel cache and with a filled one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.children import Cost, catallaxy, environment, run_child
from bench.finding import Finding, Target, at_most
from bench.full_step import steppers
from catallaxy.sim.scenario.loading import load

__all__ = ["startup"]

_LIMITS = {
    ("minimal", "warm"): 3.0,
    ("deai-2026", "cold"): 60.0,
    ("deai-2026", "warm"): 15.0,
}


def _best(command: list[str], env: dict[str, str], folder: Path, turns: int) -> Cost:
    return min((run_child(command, env, folder) for _ in range(turns)), key=lambda cost: cost.wall)


def _first_result(scenario: str, folder: Path, turns: int) -> dict[str, Cost]:
    env = environment(folder / f"cache-{scenario}")
    command = catallaxy("run", scenario, "--quiet", "--force")
    return {
        "cold": run_child(command, env, folder),
        "warm": _best(command, env, folder, turns),
        "warm, no report": _best([*command, "--no-report"], env, folder, turns),
    }


def _audit_share(scenario: str, run: Cost) -> float:
    loaded = load(scenario)
    (stepper,) = steppers(loaded, [loaded.agents], 4)
    return stepper.audit_seconds * loaded.steps / run.cpu


def startup(quick: bool) -> Finding:
    """Measure `catallaxy --help`, `minimal` and `deai-2026` from the command line, with their reports.

    Cold is an empty kernel cache; warm is the best of three runs on a filled one.

    Parameters
    ----------
    quick : bool
        Leave out `deai-2026`.

    Returns
    -------
    Finding
    """
    finding = Finding("Time to a first result, fresh processes")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        usage = run_child(catallaxy("--help"), environment(folder), folder)
        usage = min(usage, _best(catallaxy("--help"), environment(folder), folder, 4), key=lambda cost: cost.cpu)
        finding.rows.append({"command": "catallaxy --help", "wall, s": usage.wall, "CPU, s": usage.cpu})
        finding.targets.append(at_most("CPU seconds of catallaxy --help", usage.cpu, 0.5))
        for scenario in ("minimal",) if quick else ("minimal", "deai-2026"):
            costs = _first_result(scenario, folder, 3)
            finding.rows += [
                {"command": f"run {scenario}, {how}", "wall, s": cost.wall, "CPU, s": cost.cpu}
                for how, cost in costs.items()
            ]
            compiling = costs["cold"].cpu - costs["warm"].cpu
            finding.rows.append({"command": f"  compiling, all that {scenario} needs", "CPU, s": compiling})
            finding.targets += _targets(scenario, costs)
            share = _audit_share(scenario, costs["warm, no report"])
            finding.targets.append(at_most(f"audit, share of the CPU time of {scenario}, no report", share, 0.03))
    return finding


def _targets(scenario: str, costs: dict[str, Cost]) -> list[Target]:
    return [
        at_most(f"wall seconds of {scenario}, {how}", cost.wall, _LIMITS[scenario, how])
        for how, cost in costs.items()
        if (scenario, how) in _LIMITS
    ]
