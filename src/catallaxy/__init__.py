"""Catallaxy: an agent-based simulator of decentralized-AI token economies.

>>> import catallaxy as cx
>>> result = cx.run("minimal", seed=7, steps=30)
>>> result.status
'complete'

Heavy libraries load when they are first needed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "AuditError",
    "CatallaxyError",
    "Engine",
    "Population",
    "PopulationSpec",
    "Result",
    "ResultsError",
    "Scenario",
    "ScenarioError",
    "SweepResult",
    "TokenEconomy",
    "load",
    "open_result",
    "open_sweep",
    "phases",
    "run",
    "shipped",
    "sweep",
    "trust_plugins",
]

_HOME = {
    "AuditError": "sim.errors",
    "CatallaxyError": "sim.errors",
    "Engine": "sim.engine.engine",
    "Population": "agents.population",
    "PopulationSpec": "agents.population",
    "Result": "sim.results.result",
    "ResultsError": "sim.errors",
    "Scenario": "sim.scenario.schema",
    "ScenarioError": "sim.errors",
    "SweepResult": "sim.sweeps.answers.sweep_result",
    "TokenEconomy": "sim.mesa.model",
    "load": "sim.scenario.loading",
    "open_result": "sim.results.result",
    "open_sweep": "sim.sweeps.answers.sweep_result",
    "phases": "sim.engine.phases",
    "run": "sim.experiments.running",
    "shipped": "sim.scenario.library",
    "sweep": "sim.sweeps.sweep",
    "trust_plugins": "agents.plugins",
}

if TYPE_CHECKING:
    from catallaxy.agents.plugins import trust_plugins
    from catallaxy.agents.population import Population, PopulationSpec
    from catallaxy.sim.engine.engine import Engine
    from catallaxy.sim.engine.phases import phases
    from catallaxy.sim.errors import AuditError, CatallaxyError, ResultsError, ScenarioError
    from catallaxy.sim.experiments.running import run
    from catallaxy.sim.mesa.model import TokenEconomy
    from catallaxy.sim.results.result import Result, open_result
    from catallaxy.sim.scenario.library import shipped
    from catallaxy.sim.scenario.loading import load
    from catallaxy.sim.scenario.schema import Scenario
    from catallaxy.sim.sweeps.answers.sweep_result import SweepResult, open_sweep
    from catallaxy.sim.sweeps.sweep import sweep


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
