"""Checking a read scenario against a schema: every problem at once, in plain English, at its place.

pydantic finds what is wrong; this module says it. Two things are checked beside it: that the YAML types are the
declared ones (pydantic would read "7" as 7 and true as 1.0), and the relations between fields, which a
`cross_check` function reports once the fields themselves are right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from catallaxy.sim.errors import Problem, ScenarioError
from catallaxy.sim.scenario.allowed import did_you_mean, limits, mismatch, number, shown
from catallaxy.sim.scenario.document import Document, YamlPath
from catallaxy.sim.scenario.known_paths import elsewhere
from catallaxy.sim.scenario.parameters import TAGS, Slot, root_slot

__all__ = ["CrossCheck", "check"]

M = TypeVar("M", bound=BaseModel)

CrossCheck = Callable[[M], list[tuple[YamlPath, str]]]
"""Reports what is wrong between fields, as (path, message)."""

_WRONG_TYPE = (
    "bool_",
    "dataclass_",
    "date_",
    "dict_",
    "enum",
    "finite_number",
    "float_",
    "int_",
    "is_instance",
    "list_",
    "literal_error",
    "mapping_",
    "missing_kind",
    "model_",
    "none_required",
    "string_type",
    "tuple_",
)
_WRONG_NAME = ("unknown_kind", "unknown_distribution", "_plugin")
_BOUNDS = {
    "greater_than": ("gt", "is not above"),
    "greater_than_equal": ("ge", "is below"),
    "less_than": ("lt", "is not below"),
    "less_than_equal": ("le", "is above"),
}
_NUMBERS = {"int_parsing_size": "is too large", "int_from_float": "is not a whole number"}
_KNOWN_KEYS_SHOWN = 15
_MOST_PROBLEMS = 200


def check(document: Document, model: type[M], cross_check: CrossCheck[M] | None = None) -> M:
    """Validate a document.

    Parameters
    ----------
    document : Document
        A composed scenario (no `extends`, `overrides` or `scenarios` keys).
    model : type
        The root `Spec`.
    cross_check : callable, optional
        Looks at a valid instance for relations between fields that do not hold.

    Returns
    -------
    Spec
        The validated scenario.

    Raises
    ------
    ScenarioError
        With every problem found (the first few hundred of a hopeless file), in the order of the file.
    """
    slot = root_slot(model)
    mistyped = dict(islice(_mismatches(slot, document.data), _MOST_PROBLEMS))
    problems = [document.problem(path, message) for path, message in mistyped.items()]
    instance: M | None = None
    try:
        instance = model.model_validate(document.data, context={"folder": document.folder})
    except ValidationError as error:
        problems += islice(_explained(error, slot, document, set(mistyped)), _MOST_PROBLEMS)
    if instance is None or problems:
        raise ScenarioError(_in_order(problems))
    found = cross_check(instance) if cross_check else []
    if found:
        raise ScenarioError(_in_order(document.problem(path, message) for path, message in found))
    return instance


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line, problem.column))


def _mismatches(slot: Slot, value: Any, path: YamlPath = ()) -> Iterator[tuple[YamlPath, str]]:
    message = mismatch(slot, value)
    if message:
        yield path, message
        return
    members = slot.members(value) if isinstance(value, dict) else {}
    keys: Iterable[str | int] = (
        value if isinstance(value, dict) else range(len(value) if isinstance(value, list) else 0)
    )
    for key in keys:
        inner = members.get(str(key)) or slot.item_at(key)
        if inner is not None:
            yield from _mismatches(inner, value[key], (*path, key))


def _explained(error: ValidationError, root: Slot, document: Document, mistyped: set[YamlPath]) -> Iterator[Problem]:
    found = [(_yaml_path(details, document), details) for details in error.errors(include_url=False)]
    said = Counter(path for path, _ in found)
    around = {path[:length] for path in said for length in range(len(path))}
    for path, details in found:
        if any(path[:length] in mistyped for length in range(len(path) + 1)):
            continue
        repeated = said[path] > 1 or path in around
        if repeated and details["type"].startswith(_WRONG_TYPE) and _is_union(root.find(path, document.data)):
            continue
        yield _problem(path, details, root, document)


def _is_union(slot: Slot | None) -> bool:
    return slot is not None and len(slot.alternatives()) > 1


def _yaml_path(details: ErrorDetails, document: Document) -> YamlPath:
    path: YamlPath = ()
    value = document.data
    for step in details["loc"]:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            continue
        path = (*path, step)
    if details["type"] == "missing":
        path = (*path, details["loc"][-1])
    return path


def _problem(path: YamlPath, details: ErrorDetails, root: Slot, document: Document) -> Problem:
    kind = details["type"]
    if kind == "missing":
        slot = root.find(path, document.data)
        what = f" (what it is: {slot.doc})" if slot and slot.doc else ""
        name = f"entry {path[-1]}" if isinstance(path[-1], int) else f"required key {path[-1]!r}"
        return document.problem(path, f"{name} is missing{what}")
    if kind == "extra_forbidden":
        return document.problem(path, _unknown_key(path, root, document), key=True)
    if kind.endswith(_WRONG_NAME):
        path = next(((*path, tag) for tag in TAGS if document.at((*path, tag)) is not None), path)
    is_key = details["loc"][-1:] == ("[key]",)
    value = path[-1] if is_key else document.at(path, details["input"])
    return document.problem(path, _wrong_value(value, details, root.find(path, document.data)), key=is_key)


def _unknown_key(path: YamlPath, root: Slot, document: Document) -> str:
    parent = root.find(path[:-1], document.data)
    known = list(parent.members(document.at(path[:-1]))) if parent else []
    hint = did_you_mean(str(path[-1]), known) or elsewhere(path, root, document)
    if not hint and known:
        more = ", ..." if len(known) > _KNOWN_KEYS_SHOWN else ""
        hint = f"; known here: {', '.join(known[:_KNOWN_KEYS_SHOWN])}{more}"
    return f"unknown key {str(path[-1])!r}{hint}"


def _wrong_value(given: Any, details: ErrorDetails, slot: Slot | None) -> str:
    kind, context = details["type"], details.get("ctx", {})
    value, allowed = shown(given), limits(slot)
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return f"{value} {words} {number(context[name])}{allowed}"
    if kind in _NUMBERS:
        return f"{value} {_NUMBERS[kind]}{allowed}"
    if kind in ("literal_error", "enum"):
        choices = [str(choice) for option in slot.alternatives() for choice in option.choices()] if slot else []
        return f"{value} is not known{allowed}{did_you_mean(value.strip(chr(39)), choices)}"
    if kind == "string_pattern_mismatch":
        return f"{value} is not written as it must be; allowed form {context['pattern']}"
    if kind in ("value_error", "assertion_error"):
        return str(context.get("error", details["msg"]))
    if kind.startswith("date"):
        return f"{value} is not a date of the calendar; write it as 2024-12-31"
    if "error" not in kind and kind.isidentifier() and not details["msg"].startswith(("Input", "Value")):
        return details["msg"]
    return f"{value}: {details['msg'][0].lower()}{details['msg'][1:]}{allowed}"
