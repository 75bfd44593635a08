"""What the report says of a scenario: its words, its events and every parameter it was run with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.fields import FieldInfo

from catallaxy.agents.declaration import Spec
from catallaxy.agents.families import Distribution
from catallaxy.agents.rates import DAYS, Rate
from catallaxy.sim.results.origin import About, ParameterRow
from catallaxy.sim.scenario.schema import Scenario
from catallaxy.sim.scenario.token_units import base_units_of

__all__ = ["about", "parameter_rows"]

_WORDS = {"name", "question", "description", "schema_version"}


def about(scenario: Scenario) -> About:
    """Return what a reader of the report must know about a scenario.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    About
    """
    return About(
        question=scenario.question,
        description=scenario.description,
        events=tuple((str(event.date), _event_text(event)) for event in scenario.events),
        parameters=tuple(row for row in parameter_rows(scenario) if row.path not in _WORDS),
        base_units={spec.token.symbol: 1.0 / base_units_of(scenario, name) for name, spec in scenario.networks.items()},
    )


def _event_text(event: Any) -> str:
    duration = f" for {event.for_days:g} days" if event.for_days is not None else ""
    text = f"{event.target}: {event.operation} {event.value:g}{duration}"
    return f"{text} ({event.note})" if event.note else text


def parameter_rows(spec: Spec, path: str = "") -> Iterator[ParameterRow]:
    """Walk a validated `Spec` and yield one row per parameter.

    Parameters
    ----------
    spec : Spec
    path : str, optional
        Dotted path of `spec` itself.

    Yields
    ------
    ParameterRow
    """
    for name, declared in type(spec).model_fields.items():
        where = f"{path}.{name}" if path else name
        yield from _rows(getattr(spec, name), where, declared)


def _rows(value: Any, path: str, declared: FieldInfo) -> Iterator[ParameterRow]:
    if isinstance(value, Distribution | Rate):
        yield _row(value, path, declared)
    elif isinstance(value, Spec):
        yield from parameter_rows(value, path)
    elif isinstance(value, Mapping) and any(isinstance(item, Spec) for item in value.values()):
        for key, item in value.items():
            yield from _rows(item, f"{path}.{key}", declared)
    elif isinstance(value, tuple) and any(isinstance(item, Spec) for item in value):
        for number, item in enumerate(value):
            yield from _rows(item, f"{path}.{number}", declared)
    elif value is not None and value != ():
        yield _row(value, path, declared)


def _row(value: Any, path: str, declared: FieldInfo) -> ParameterRow:
    extra = declared.json_schema_extra if isinstance(declared.json_schema_extra, dict) else {}
    default = declared.get_default(call_default_factory=True, validated_data={})
    return ParameterRow(
        path=path,
        value=_text(value),
        unit=str(extra.get("unit") or ""),
        description=declared.description or "",
        source=str(extra.get("source") or ""),
        default=_text(default) == _text(value),
    )


def _text(value: Any) -> str:
    if isinstance(value, Rate):
        return f"{value.amount:g} {value.base.replace('_', ' ')}"
    if isinstance(value, Distribution):
        value = value.model_dump(exclude_none=True)
    if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in DAYS:
        base, amount = next(iter(value.items()))
        return f"{amount:g} {base.replace('_', ' ')}"
    if isinstance(value, Mapping):
        rest = (f"{key} {_text(item)}" for key, item in value.items() if key != "dist")
        return f"{value.get('dist', '')}({', '.join(rest)})"
    return f"{value:g}" if isinstance(value, float | int) and not isinstance(value, bool) else str(value)
