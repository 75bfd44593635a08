"""The scenario language: YAML files, checked and composed into one frozen `Scenario`.

The names below load on first use, so that importing this package costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from catallaxy.sim.scenario.loading import load, resolved_yaml, scenario_hash
    from catallaxy.sim.scenario.schema import Scenario

__all__ = ["Scenario", "load", "resolved_yaml", "scenario_hash"]

_HOMES = {"Scenario": "schema", "load": "loading", "resolved_yaml": "loading", "scenario_hash": "loading"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
