"""A commented starter file: a template with the meaning, unit and range of every parameter above it.

What the template leaves to its default stands there as a comment, ready to be uncommented.
"""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from catallaxy.sim.scenario.allowed import allowed_range
from catallaxy.sim.scenario.compose import compose
from catallaxy.sim.scenario.document import YamlPath, dotted
from catallaxy.sim.scenario.parameters import TAGS, Slot, default_tree, root_slot
from catallaxy.sim.scenario.writing import INDENT, flow_text, inline_text

__all__ = ["starter"]

_WIDTH = 110
_HEAD = """\
# A Catallaxy scenario, started from the template {template!r}.
#
#   catallaxy validate {file}      finds every mistake, with its line
#   catallaxy run {file}           runs it
#   catallaxy describe             explains every parameter
#   catallaxy schema               writes a JSON Schema that lets an editor complete the keys
#
# Lines that start with "# name: value" show defaults; take the "# " away to change them.
"""
_TAIL = """\

# Named changes to the above; a scenario is a list of them (catallaxy validate {file} --scenario short).
overrides:
  one-month: {{steps: 30}}
  other-seed: {{seed: 2}}
scenarios:
  short: [one-month, other-seed]
"""


def starter(model: type[BaseModel], path: Path, template: str = "minimal") -> str:
    """Return the text of a starter file.

    Parameters
    ----------
    model : type
        The root `Spec`.
    path : Path
        Where it will be written; it names the scenario.
    template : str, optional
        Shipped scenario or file to start from.

    Returns
    -------
    str
        YAML; the caller checks it before writing.

    Raises
    ------
    ScenarioError
        When the template is not known.
    """
    data = compose(template, model).data
    data["name"] = re.sub(r"[^A-Za-z0-9_.-]+", "-", path.stem).lstrip("_.-")[:64] or "scenario"
    body = "\n".join(_lines(root_slot(model), data, ()))
    return (
        _HEAD.format(template=template, file=shlex.quote(path.name))
        + body
        + "\n"
        + _TAIL.format(file=shlex.quote(path.name))
    )


def _lines(slot: Slot, data: dict[str, Any], path: YamlPath) -> Iterator[str]:
    members = slot.members(data)
    for key in [*members, *(key for key in data if key not in members)]:
        child = members.get(key) or slot.item_at(key)
        if child is None or key == "schema_version" or (key in TAGS and key not in data):
            continue
        if not path:
            yield ""
        if key not in TAGS:
            yield from _comment(child)
        if key in data:
            yield from _entry(f"{key}:", child, data[key], (*path, key))
        else:
            yield f"# {key}: {_default(child, (*path, key))}"


def _entry(head: str, slot: Slot, value: Any, path: YamlPath) -> Iterator[str]:
    short = flow_text(value)
    if short is not None and not (slot.is_item and slot.classes(value)):
        yield f"{head} {short}"
    elif isinstance(value, dict):
        yield head
        yield from (f"{INDENT}{line}" for line in _lines(slot, value, path))
    else:
        yield head
        yield from (f"{INDENT}- {inline_text(item)}" for item in value)


def _comment(slot: Slot) -> Iterator[str]:
    if slot.is_item:
        return
    unit = slot.unit if slot.unit not in ("", "-") else ""
    facts = "; ".join(part for part in (unit, allowed_range(slot)) if part)
    text = f"{slot.doc} [{facts}]" if facts else slot.doc
    yield from textwrap.wrap(text, _WIDTH, initial_indent="# ", subsequent_indent="#   ", break_on_hyphens=False)


def _default(slot: Slot, path: YamlPath) -> str:
    text = inline_text(default_tree(slot.default()))
    return text if text != "{}" and len(text) <= _WIDTH else f"{{}}  # catallaxy describe {dotted(path)}"
