"""The scenario language as JSON Schema, for editors that complete and check YAML while it is typed.

It is written from the same slots as the messages. A file that `extends` another one, and every override, is a part
of a scenario: there nothing is required. Relations between fields are beyond JSON Schema; `validate` checks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel

from catallaxy.agents.rates import DAYS
from catallaxy.sim.scenario.allowed import BASIC, bounds
from catallaxy.sim.scenario.parameters import Slot, Variants

__all__ = ["editor_schema"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES: Mapping[str, Mapping[str, Any]] = {
    "boolean": {"type": "boolean"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "text": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "null": {"type": "null"},
}
_LIMITS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_NAMES = {"type": "array", "items": {"type": "string"}}


def editor_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a scenario file.

    Parameters
    ----------
    model : type
        The root `Spec`.

    Returns
    -------
    dict
        Objects are closed (`additionalProperties: false`) except where names are the user's own.
    """
    return _Writer(model).whole()


class _Writer:
    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model
        self.definitions: dict[str, Any] = {}

    def whole(self) -> dict[str, Any]:
        override = self._section(self.model, partial=True)
        composition = {
            "extends": {"type": "string", "description": "A file beside this one, or a shipped scenario, to build on."},
            "overrides": {
                "type": "object",
                "additionalProperties": override,
                "description": "Named partial scenarios.",
            },
            "scenarios": {"type": "object", "additionalProperties": _NAMES, "description": "Named lists of overrides."},
        }
        files = {}
        for name, partial in (("file", False), ("extending file", True)):
            closed = dict(self.definitions[self._section(self.model, partial)["$ref"].rpartition("/")[2]])
            closed["properties"] = composition | closed["properties"]
            self.definitions[name] = closed
            files[name] = {"$ref": f"#/$defs/{name.replace(' ', '%20')}"}
        return {
            "$schema": _DIALECT,
            "title": "Catallaxy scenario",
            "type": "object",
            "if": {"required": ["extends"]},
            "then": files["extending file"],
            "else": files["file"],
            "$defs": self.definitions,
        }

    def _section(self, cls: type[BaseModel], partial: bool, tag: tuple[str, str] | None = None) -> dict[str, Any]:
        name = f"{cls.__module__}.{cls.__qualname__}{'-part' if partial else ''}"
        if name not in self.definitions:
            self.definitions[name] = {}
            slots = {
                key: Slot(declared.annotation, tuple(declared.metadata), declared)
                for key, declared in cls.model_fields.items()
            }
            properties = {key: self._documented(slot, partial) for key, slot in slots.items()}
            found = {"type": "object", "properties": properties, "additionalProperties": False}
            if tag is not None:
                properties[tag[0]] = {"const": tag[1]}
            required = [key for key, declared in cls.model_fields.items() if declared.is_required()]
            if required and not partial:
                found["required"] = [key for key in required if tag is None or key != tag[0]]
            self.definitions[name].update(found)
        return {"$ref": f"#/$defs/{name}"}

    def _documented(self, slot: Slot, partial: bool) -> dict[str, Any]:
        unit = f" [{slot.unit}]" if slot.unit not in ("", "-") else ""
        return {"description": f"{slot.doc}{unit}", **self._slot(slot, partial)}

    def _slot(self, slot: Slot, partial: bool) -> dict[str, Any]:
        options = [self._option(option, partial) for option in slot.alternatives()]
        if any(option.variants and option.converts for option in slot.alternatives()):
            options.insert(0, {"type": "number"})
        return options[0] if len(options) == 1 else {"anyOf": options}

    def _option(self, slot: Slot, partial: bool) -> dict[str, Any]:
        item = slot.item()
        if slot.variants is not None:
            return self._variants(slot.variants, partial, named=slot.is_item)
        if slot.choices():
            return {"enum": list(slot.choices())}
        if slot.is_rate:
            return self._rate()
        if item is not None and slot.is_mapping:
            names = Slot(get_args(slot.annotation)[0]).alternatives()[0]
            open_names = {"propertyNames": {"pattern": names.pattern}} if names.pattern else {}
            return {"type": "object", "additionalProperties": self._slot(item, partial), **open_names}
        if item is not None:
            return {"type": "array", "items": self._slot(item, partial)}
        if slot.section is not None:
            return self._section(slot.section, partial)
        return self._basic(slot)

    def _basic(self, slot: Slot) -> dict[str, Any]:
        kind = BASIC.get(slot.annotation)
        found = dict(_TYPES[kind]) if kind else {}
        if kind in ("number", "integer"):
            found |= {_LIMITS[name]: bound for name, bound in bounds(slot).items()}
        return found | ({"pattern": slot.pattern} if slot.pattern and kind == "text" else {})

    def _variants(self, variants: Variants, partial: bool, named: bool) -> dict[str, Any]:
        name = f"{variants.point.replace(' ', '-')}{'-named' if named else ''}{'-part' if partial else ''}"
        if name not in self.definitions:
            self.definitions[name] = {}
            free = partial or named
            kinds = [
                {**section, **({} if free or kind == variants.usual else {"required": [variants.tag]})}
                for kind, cls in variants.classes.items()
                for section in [self._section(cls, partial, (variants.tag, kind))]
            ]
            self.definitions[name]["anyOf"] = [*kinds, *(_by_name(variants) if variants.registry else [])]
        return {"$ref": f"#/$defs/{name}"}

    def _rate(self) -> dict[str, Any]:
        self.definitions["rate"] = {
            "type": "object",
            "properties": {base: {"type": "number"} for base in DAYS},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
        return {"$ref": "#/$defs/rate"}


def _by_name(variants: Variants) -> list[dict[str, Any]]:
    foreign = {"type": "string", "pattern": ":"}
    return [
        {"enum": list(variants.classes)},
        foreign,
        {"type": "object", "properties": {"kind": foreign}, "required": ["kind"], "additionalProperties": True},
    ]
