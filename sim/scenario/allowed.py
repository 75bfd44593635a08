"""What is allowed, in words: types, ranges, choices, the nearest valid name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from catallaxy.sim.scenario.parameters import Slot

__all__ = [
    "BASIC",
    "allowed_range",
    "bounds",
    "did_you_mean",
    "expected",
    "limits",
    "mismatch",
    "nearest",
    "number",
    "shown",
    "type_name",
]

_WORDS = {
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "text": "text",
    "date": "a date",
    "null": "null",
    "list": "a list",
    "mapping": "a mapping",
}
BASIC: Mapping[Any, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "text",
    date: "date",
    datetime: "date",
    type(None): "null",
    None: "null",
}
"""Name of the YAML type that a Python type is written as."""
_FITS = {
    "integer": {"integer", "number"},
    "number": {"number", "integer"},
    "text": {"text", "date"},
}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")
_NUMBER_WITH_UNIT = re.compile(r"([-+]?[0-9][0-9_,.]*(?:[eE][-+]?[0-9]+)?)\s*([^0-9_,.]*)")


def shown(value: Any) -> str:
    """Return a value as a message shows it: short, and text in quotes."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name nearest to `name`, None when none is near."""
    near = difflib.get_close_matches(name, list(known), 1, 0.6)
    return near[0] if near else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` when a known name is near, else nothing."""
    near = nearest(name, known)
    return f"; did you mean {near!r}?" if near is not None else ""


def _names(slot: Slot) -> set[str] | None:
    """Return the names of the YAML types that one alternative takes; None when it may take any."""
    if slot.converts:
        return None
    if slot.choices():
        return {BASIC.get(type(choice), "text") for choice in slot.choices()}
    if slot.variants is not None:
        return {"mapping", "text"}
    if slot.section is not None or slot.is_mapping:
        return {"mapping"}
    if slot.item() is not None:
        return {"list"}
    name = BASIC.get(slot.annotation)
    return {name} if name else None


def _accepted(slot: Slot) -> set[str] | None:
    found: set[str] = set()
    for option in slot.alternatives():
        names = _names(option)
        if names is None:
            return None
        found |= names
    return found


def _yaml_type(value: Any) -> str:
    if isinstance(value, dict):
        return "mapping"
    return "list" if isinstance(value, list) else BASIC.get(type(value), "text")


def expected(slot: Slot) -> str:
    """Return what a slot takes, in words: "a number or a mapping"."""
    names = _accepted(slot)
    if names is None:
        return "another value"
    points = [option.variants.point for option in slot.alternatives() if option.variants]
    words = [text for name, text in _WORDS.items() if name in names]
    if points:
        words = [word for word in words if word not in ("text", "a mapping")]
        words += [f"the name of a known {point}, or a mapping with `kind:`" for point in points]
    return " or ".join(words)


def type_name(slot: Slot) -> str:
    """Return the type of a slot as the parameter dictionary prints it."""
    parts: list[str] = []
    for option in slot.alternatives():
        item = option.item()
        if option.variants is not None:
            parts.append(f"number or {option.variants.point}" if option.converts else option.variants.point)
        elif option.choices():
            parts.append("choice")
        elif item is not None:
            parts.append(f"{'mapping' if option.is_mapping else 'list'} of {type_name(item)}")
        else:
            default = "section" if option.section else getattr(option.annotation, "__name__", "any").lower()
            parts.append(BASIC.get(option.annotation, default))
    return " or ".join(dict.fromkeys(parts))


def mismatch(slot: Slot, value: Any) -> str | None:
    """Return what is wrong with the YAML type of a value, None when nothing is.

    pydantic would turn "7" into 7, true into 1.0 and 20240101 into a date of 1970; a scenario means what it says.

    Parameters
    ----------
    slot : Slot
        What is allowed.
    value : Any
        The YAML value.

    Returns
    -------
    str or None
    """
    names = _accepted(slot)
    given = _yaml_type(value)
    if names is None or names & _FITS.get(given, {given}):
        return _not_a_date(names, value) if names and isinstance(value, str) else None
    if value is None:
        return f"no value is given; expected {expected(slot)}{limits(slot)}"
    article = {"boolean": "a yes/no value", "integer": "a number", "text": "text"}
    said = "" if isinstance(value, (dict, list)) else f" is {article.get(given, _WORDS[given])}"
    return f"{shown(value)}{said}; expected {expected(slot)}{limits(slot)}{_hint(slot, names, value)}"


def _not_a_date(names: set[str], value: str) -> str | None:
    if names & {"text"} or "date" not in names or _DATE.fullmatch(value):
        return None
    return f"{value!r} is not a date; write it as 2024-12-31"


def _hint(slot: Slot, names: set[str], value: Any) -> str:
    if names == {"text"} and not isinstance(value, (dict, list)):
        return "; put it in quotes"
    if not isinstance(value, str):
        return ""
    if "boolean" in names and value.lower() in ("yes", "no", "on", "off", "y", "n"):
        return f"; write {'true' if value.lower() in ('yes', 'on', 'y') else 'false'}"
    found = _NUMBER_WITH_UNIT.fullmatch(value.strip())
    if not found or not names & {"number", "integer"}:
        return ""
    return _number_hint(slot, found[1].replace(",", "").replace("_", ""), found[2])


def _number_hint(slot: Slot, digits: str, suffix: str) -> str:
    if suffix == "%" and re.fullmatch(r"[-+]?[0-9]*\.?[0-9]*", digits):
        return f"; write {float(digits) / 100:.15g}"
    if suffix:
        return f"; write the number alone, in {slot.unit or 'the unit of the parameter'}"
    return f"; write {digits}, without quotes, commas or underscores"


def number(value: Any) -> str:
    """Return a bound as people write it: `1`, not `1.0`."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def bounds(slot: Slot) -> dict[str, Any]:
    """Return the declared bounds of a number by name ("ge", "gt", "le", "lt"), those on draws and rates included."""
    found: dict[str, Any] = {}
    for name in ("ge", "gt", "le", "lt"):
        declared = [getattr(item, name, None) for option in slot.alternatives() for item in option.metadata]
        declared += [slot.extra.get(f"support_{name}"), slot.extra.get(f"per_year_{name}")]
        given = [bound for bound in declared if bound is not None]
        if given:
            found[name] = given[-1]
    return found


def allowed_range(slot: Slot) -> str:
    """Return the range or the choices of a slot: `0 <= value <= 1`, `one of a, b`, or nothing."""
    choices: Sequence[Any] = [choice for option in slot.alternatives() for choice in option.choices()]
    if choices:
        return f"one of {', '.join(map(str, choices))}"
    found = {name: number(bound) for name, bound in bounds(slot).items()}
    if found:
        return _interval(found) + (" per year" if any(option.is_rate for option in slot.alternatives()) else "")
    kinds = [kind for option in slot.alternatives() if option.variants for kind in option.variants.classes]
    return f"one of {', '.join(kinds)}" if kinds else ""


def _interval(found: Mapping[str, str]) -> str:
    low = f"{found['ge']} <= " if "ge" in found else f"{found['gt']} < " if "gt" in found else ""
    high = f" <= {found['le']}" if "le" in found else f" < {found['lt']}" if "lt" in found else ""
    if low and not high:
        return f"value {'>=' if 'ge' in found else '>'} {found.get('ge', found.get('gt'))}"
    return f"{low}value{high}"


def limits(slot: Slot | None) -> str:
    """Return `; allowed 0 <= value <= 1 (unit: USD)`, or as much of it as is declared."""
    if slot is None:
        return ""
    allowed = allowed_range(slot)
    unit = f" (unit: {slot.unit})" if slot.unit not in ("", "-") else ""
    return f"; allowed {allowed}{unit}" if allowed else unit
