"""The parameter dictionary: every parameter with its type, unit, default, range, meaning and source.

It is read off the schema. A plug-in point is one row in its section, and its kinds with their parameters follow as
rows of their own (`emission rule:fixed-rate.tokens`), once, however many sections use the point.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from pydantic import BaseModel

from catallaxy.sim.errors import Problem, ScenarioError
from catallaxy.sim.scenario.allowed import allowed_range, did_you_mean, type_name
from catallaxy.sim.scenario.parameters import Slot, Variants, default_tree, root_slot
from catallaxy.sim.scenario.writing import flow_text

__all__ = ["Row", "describe"]

_ANY_NAME, _ANY_INDEX = "<name>", "<n>"
_LONGEST_DEFAULT = 60


@dataclass(frozen=True)
class Row:
    """One parameter.

    Attributes
    ----------
    path : str
        Dotted path; `<name>` and `<n>` stand for the names and numbers that a scenario chooses.
    type : str
        "number", "choice", "section", the name of a plug-in point, ...
    unit : str
    default : str
        As YAML; "required" when there is none.
    allowed : str
        Range or choices.
    description : str
    source : str
        Where the default comes from.
    """

    path: str
    type: str
    unit: str
    default: str
    allowed: str
    description: str
    source: str


@dataclass(frozen=True)
class _Entry:
    keys: tuple[str, ...]
    slot: Slot
    is_kind: bool = False

    def row(self) -> Row:
        slot, path = self.slot, ".".join(self.keys)
        if self.is_kind:
            return Row(path, "kind", "", "", "", _summary(slot.annotation), "")
        default = "" if slot.is_item else _default(slot)
        return Row(path, type_name(slot), slot.unit, default, allowed_range(slot), slot.doc, slot.source)


def describe(model: type[BaseModel], path: str = "") -> list[Row]:
    """Return the parameter dictionary, or the part of it below a path.

    Parameters
    ----------
    model : type
        The root `Spec`.
    path : str, optional
        A section or parameter (`networks.deai.token`, `populations.users.count`), or the name of a kind
        ("fixed-rate", "emission rule:fixed-rate").

    Returns
    -------
    list of Row

    Raises
    ------
    ScenarioError
        When nothing has this path; the message names the nearest one.
    """
    tree = list(_entries(root_slot(model), (), ()))
    kinds = [kind for point in _points(tree) for kind in _kind_entries(point)]
    if not path:
        return [entry.row() for entry in (*tree, *kinds)]
    wanted = path.split(".")
    found = [entry for entry in tree if _matches(entry.keys, wanted)]
    inner = {point.point for point in _points(found)}
    found += [entry for entry in kinds if entry.keys[0].partition(":")[0] in inner]
    found = found or [entry for entry in kinds if _names_kind(entry.keys, wanted)] or _inside_kind(tree, kinds, wanted)
    if not found:
        _refuse(path, [".".join(entry.keys) for entry in (*tree, *kinds)])
    return [entry.row() for entry in found]


def _entries(slot: Slot, keys: tuple[str, ...], inside: tuple[type, ...]) -> Iterator[_Entry]:
    for option in slot.alternatives():
        item, section = option.item(), option.section
        if item is not None:
            inner = (*keys, _ANY_NAME if option.is_mapping else _ANY_INDEX)
            yield _Entry(inner, item)
            yield from _entries(item, inner, inside)
        elif option.variants is None and section is not None and section not in inside:
            yield from _members(section, keys, (*inside, section))


def _members(section: type[BaseModel], keys: tuple[str, ...], inside: tuple[type, ...]) -> Iterator[_Entry]:
    for name, declared in section.model_fields.items():
        slot = Slot(declared.annotation, tuple(declared.metadata), declared)
        yield _Entry((*keys, name), slot)
        yield from _entries(slot, (*keys, name), inside)


def _points(entries: Sequence[_Entry]) -> list[Variants]:
    found: dict[str, Variants] = {}
    waiting = list(entries)
    while waiting:
        for option in waiting.pop(0).slot.alternatives():
            variants = option.variants
            if variants is not None and variants.point not in found:
                found[variants.point] = variants
                waiting += _kind_entries(variants)
    return list(found.values())


def _kind_entries(point: Variants) -> Iterator[_Entry]:
    for name, cls in point.classes.items():
        head = f"{point.point}:{name}"
        yield _Entry((head,), Slot(cls), is_kind=True)
        yield from (entry for entry in _members(cls, (head,), (cls,)) if entry.keys[1:] != (point.tag,))


def _matches(keys: Sequence[str], wanted: Sequence[str]) -> bool:
    pairs = zip(keys, wanted, strict=False)
    return len(keys) >= len(wanted) and all(key in (name, _ANY_NAME, _ANY_INDEX) for key, name in pairs)


def _names_kind(keys: Sequence[str], wanted: Sequence[str]) -> bool:
    head = keys[0] if ":" in wanted[0] else keys[0].partition(":")[2]
    return head == wanted[0] and list(keys[1 : len(wanted)]) == list(wanted[1:])


def _inside_kind(tree: Sequence[_Entry], kinds: Sequence[_Entry], wanted: Sequence[str]) -> list[_Entry]:
    """Return the parameters of kinds that a path means when it goes on below a plug-in point."""
    for length in range(len(wanted) - 1, 0, -1):
        upper = [e for e in tree if len(e.keys) == length and _matches(e.keys, wanted[:length])]
        points = {option.variants.point for entry in upper for option in entry.slot.alternatives() if option.variants}
        found = [
            entry
            for entry in kinds
            if entry.keys[0].partition(":")[0] in points and list(entry.keys[1:]) == list(wanted[length:])
        ]
        named = [entry for entry in found if entry.keys[0].partition(":")[2] == wanted[length - 1]]
        if found:
            return named or found
    return []


def _refuse(path: str, known: Sequence[str]) -> NoReturn:
    last = path.rpartition(".")[2]
    same = [other for other in known if other.rpartition(".")[2] == last]
    hint = f"; did you mean {same[0]!r}?" if same else did_you_mean(path, known)
    raise ScenarioError([Problem("describe", 0, 0, "", f"no such parameter {path!r}{hint}")])


def _default(slot: Slot) -> str:
    if slot.field is None or slot.field.is_required():
        return "required"
    default = slot.default()
    if isinstance(default, BaseModel) and not slot.alternatives()[0].variants:
        return ""
    text = flow_text(default_tree(default))
    if text is None:
        tree = default_tree(default)
        named = tree.get("kind", "") if isinstance(tree, dict) else ""
        return str(named) or f"{len(tree)} {'entry' if len(tree) == 1 else 'entries'}"
    return text if len(text) <= _LONGEST_DEFAULT else f"{text[: _LONGEST_DEFAULT - 3]}..."


def _summary(cls: type) -> str:
    own = str(getattr(cls, "summary", ""))
    return own or inspect.cleandoc(vars(cls).get("__doc__") or "").partition("\n")[0]
