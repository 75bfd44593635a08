"""A scenario as a row changes it: found by path in the resolved scenario, whatever rule stands there."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from catallaxy.agents.complaints import did_you_mean
from catallaxy.sim.environment.drivers import DRIVERS
from catallaxy.sim.errors import CatallaxyError
from catallaxy.sim.scenario.document import YamlPath, dotted
from catallaxy.sim.statics.statics_file import Change

__all__ = ["NotApplicable", "changed"]

Tree = dict[str, Any]

_ANY, _OWN = "*", "@"
_BASES = "per_"
_OPERATIONS = {"add": "added to", "multiply": "multiplied"}


class NotApplicable(CatallaxyError):
    """A scenario has nothing that a row could change."""


def changed(tree: Mapping[str, Any], changes: Mapping[str, Change]) -> Tree:
    """Return a resolved scenario with some changes made.

    Parameters
    ----------
    tree : Mapping
        A scenario as `Scenario.model_dump(mode="json")` gives it; left as it is.
    changes : mapping of str to Change
        By dotted path, `*` standing for every name or number. `drivers.<name>` changes the path of a driver, by an
        event that lasts from the first day to the last, and so do `regions.<number>.<who>` and
        `networks.<name>.node_access`. `populations.<name>` can be set where there is no such population.

    Returns
    -------
    dict

    Raises
    ------
    NotApplicable
        When the scenario has no such path, or a value that cannot be changed so; the message says which.
    """
    result: Tree = copy.deepcopy(dict(tree))
    for path, change in changes.items():
        steps = tuple(path.split("."))
        if steps[0] == "drivers" and len(steps) == 2:
            _add_event(result, steps[1], change)
            continue
        if steps[0] == "regions" or steps[-1] == "node_access":
            _cut_off(result, path, change)
            continue
        if steps[0] == "populations" and len(steps) == 2 and change.operation == "set":
            result["populations"].setdefault(steps[1], {})
        for found in list(_matching(result, steps)):
            holder = _holder(result, found)
            holder[found[-1]] = _applied(holder[found[-1]], change, dotted(found))
    return result


def _add_event(tree: Tree, driver: str, change: Change) -> None:
    known = [item.name for item in DRIVERS]
    if driver not in known:
        raise NotApplicable(f"there is no driver {driver!r}{did_you_mean(driver, known)}")
    if change.operation == "wrap":
        raise NotApplicable(f"drivers.{driver} is a path of numbers; set, add or multiply it")
    value = getattr(change, change.operation)
    event = {"date": tree["start"], "target": f"drivers.{driver}", change.operation: value}
    tree["events"] = [*tree["events"], event]


def _cut_off(tree: Tree, path: str, change: Change) -> None:
    """Let what is left of a region, or of a network's nodes, change for the whole run."""
    if change.operation not in ("set", "add", "multiply"):
        raise NotApplicable(f"{path} is a share; set, add or multiply it")
    networks = list(tree["networks"]) if path.startswith("networks.*.") else [""]
    for network in networks:
        target = path.replace("*", network, 1)
        event = {"date": tree["start"], "target": target, change.operation: getattr(change, change.operation)}
        tree["events"] = [*tree["events"], event]


def _matching(value: Any, steps: tuple[str, ...], path: YamlPath = ()) -> Iterator[YamlPath]:
    """Yield the paths that a pattern means, the parts before an asterisk existing."""
    if not steps:
        yield path
        return
    keys: list[str | int] = (
        list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    )
    step = steps[0]
    chosen = keys if step == _ANY else [key for key in keys if str(key) == step]
    if not chosen:
        where = f"{dotted(path)} has" if path else "the scenario has"
        what = "nothing" if step == _ANY else f"no {step!r}"
        raise NotApplicable(f"{where} {what}{did_you_mean(step, map(str, keys))}")
    for key in chosen:
        yield from _matching(value[key], steps[1:], (*path, key))


def _holder(tree: Any, path: YamlPath) -> Any:
    for step in path[:-1]:
        tree = tree[step]
    return tree


def _applied(value: Any, change: Change, path: str) -> Any:
    if change.operation == "set":
        return copy.deepcopy(change.set)
    if change.operation == "wrap":
        return _wrapped(change.wrap, value)
    rate = isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(_BASES)
    if rate:
        return {base: _applied(amount, change, path) for base, amount in value.items()}
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotApplicable(f"{path} is no number that could be {_OPERATIONS[change.operation]}")
    if change.add is not None:
        return value + change.add
    assert change.multiply is not None
    return value * change.multiply


def _wrapped(template: Any, own: Any) -> Any:
    """Return a template in which `@` has become the value; a list that stands in a list is laid out in it."""
    if template == _OWN:
        return copy.deepcopy(own)
    if isinstance(template, dict):
        return {key: _wrapped(item, own) for key, item in template.items()}
    if isinstance(template, list):
        items: list[Any] = []
        for item in template:
            items.extend(_wrapped(item, own) if item == _OWN and isinstance(own, list) else [_wrapped(item, own)])
        return items
    return template
