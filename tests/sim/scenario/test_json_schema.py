from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import pytest

from catallaxy.agents.declaration import Spec
from catallaxy.sim.scenario.json_schema import editor_schema
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.schema import Scenario

_KEYWORDS = {
    "$defs", "$ref", "$schema", "additionalProperties", "anyOf", "const", "description", "else", "enum",
    "exclusiveMaximum", "exclusiveMinimum", "format", "if", "items", "maxProperties", "maximum", "minProperties",
    "minimum", "pattern", "properties", "propertyNames", "required", "then", "title", "type",
}  # fmt: skip
_HOLD_SCHEMAS = ("additionalProperties", "else", "if", "items", "propertyNames", "then")


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    if not isinstance(schema, dict):
        return
    yield schema
    inner = [schema[key] for key in _HOLD_SCHEMAS if key in schema]
    inner += [*schema.get("anyOf", []), *schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    for item in inner:
        yield from subschemas(item)


def resolve(schema: dict[str, Any], reference: str) -> dict[str, Any]:
    name = reference.removeprefix("#/$defs/").replace("%20", " ")
    found: dict[str, Any] = schema["$defs"][name]
    return found


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return editor_schema(Scenario)


def test_it_is_well_formed(schema: dict[str, Any]) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for part in subschemas(schema):
        assert part.keys() <= _KEYWORDS
        if "$ref" in part:
            assert resolve(schema, part["$ref"])
        if part.get("type") == "object" and part is not schema:
            assert "additionalProperties" in part
            if part["additionalProperties"] is True:
                assert part["properties"] == {"kind": {"type": "string", "pattern": ":"}}
    assert json.loads(json.dumps(schema, allow_nan=False)) == schema


def accepts(schema: dict[str, Any], part: dict[str, Any], value: Any) -> bool:
    """Validate against the subset of JSON Schema that is used here, the obvious way."""
    checks = [_fits_type(part, value), _fits_limits(part, value), _fits_inside(schema, part, value)]
    if "$ref" in part:
        checks.append(accepts(schema, resolve(schema, part["$ref"]), value))
    if "if" in part:
        checks.append(accepts(schema, part["then" if accepts(schema, part["if"], value) else "else"], value))
    if "anyOf" in part:
        checks.append(any(accepts(schema, option, value) for option in part["anyOf"]))
    return all(checks)


def _fits_type(part: dict[str, Any], value: Any) -> bool:
    kinds: dict[str, Any] = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    kind = part.get("type")
    if kind in kinds:
        return isinstance(value, kinds[kind])
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return kind is None or (is_number and (kind == "number" or value == int(value)))


def _fits_limits(part: dict[str, Any], value: Any) -> bool:
    if value not in part.get("enum", [value]) or value != part.get("const", value):
        return False
    if isinstance(value, str):
        return re.search(part.get("pattern", ""), value) is not None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return True
    low, high = part.get("minimum", -math.inf), part.get("maximum", math.inf)
    return bool(low <= value <= high and part.get("exclusiveMinimum", -math.inf) < value)


def _fits_inside(schema: dict[str, Any], part: dict[str, Any], value: Any) -> bool:
    if isinstance(value, list):
        return all(accepts(schema, part.get("items", {}), item) for item in value)
    if not isinstance(value, dict):
        return True
    known, rest = part.get("properties", {}), part.get("additionalProperties", True)
    inner = [(known.get(key, rest), item) for key, item in value.items()]
    complete = set(part.get("required", ())) <= value.keys()
    return complete and all(accepts(schema, found, item) if isinstance(found, dict) else found for found, item in inner)


def test_shipped_scenarios_pass(schema: dict[str, Any]) -> None:
    assert accepts(schema, schema, load("minimal").model_dump(mode="json"))


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ({"extends": "minimal"}, True),
        ({"extends": "minimal", "networks": {"alpha": {"openness": 3}}}, True),
        ({"extends": "minimal", "overrides": {"a": {"steps": 3}}, "scenarios": {"s": ["a"]}}, True),
        ({"extends": "minimal", "networks": {"alpha": {"verification": "none"}}}, True),
        ({"extends": "minimal", "networks": {"alpha": {"verification": {"kind": "pkg.mod:Class", "x": 1}}}}, True),
        ({"extends": "minimal", "populations": {"users": {"spending": 2}}}, True),
        (
            {"extends": "minimal", "populations": {"users": {"spending": {"dist": "uniform", "low": 1, "high": 2}}}},
            True,
        ),
        ({"name": "x"}, False),
        ({"extends": "minimal", "sed": 3}, False),
        ({"extends": "minimal", "steps": 0}, False),
        ({"extends": "minimal", "steps": "3"}, False),
        ({"extends": "minimal", "overrides": {"a": {"stps": 3}}}, False),
        ({"extends": "minimal", "networks": {"alpha": {"verification": {"kind": "non"}}}}, False),
        ({"extends": "minimal", "networks": {"alpha": {"treasury": {"sales": 0.1}}}}, False),
        ({"extends": "minimal", "populations": {"users": {"spending": {"dist": "unifrm", "low": 1}}}}, False),
    ],
)
def test_files(value: dict[str, Any], good: bool, schema: dict[str, Any]) -> None:
    assert accepts(schema, schema, value) is good


def test_what_it_says_about_a_parameter(root: type[Spec]) -> None:
    schema = editor_schema(root)
    network = next(part for name, part in schema["$defs"].items() if name.endswith("Network"))
    assert network["required"] == ["supply"]
    assert network["properties"]["supply"] == {
        "description": "Genesis supply. [token]",
        "type": "number",
        "exclusiveMinimum": 0,
    }
    halving = next(part for name, part in schema["$defs"].items() if name.endswith("Halving"))
    assert halving["properties"]["kind"] == {"const": "halving"}
