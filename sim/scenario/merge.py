"""Laying one partial scenario over another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catallaxy.agents.rates import DAYS
from catallaxy.sim.scenario.document import Document, Place, YamlPath, walk
from catallaxy.sim.scenario.parameters import TAGS

__all__ = ["merge"]


def merge(under: Document, over: Document) -> Document:
    """Lay one document over another.

    Mappings merge key by key; lists and scalars replace; a mapping whose `kind` (or `dist`) changes replaces the
    whole mapping under it, because the parameters of the old kind mean nothing to the new one. So does a rate
    (`{per_month: 1}` over `{per_year: 12}`), which has one time base.

    Parameters
    ----------
    under, over : Document
        The base and what is laid over it.

    Returns
    -------
    Document
        With the place of every value in the file that supplied it.
    """
    places: dict[YamlPath, Place] = {}
    return Document(over.name, _merged(under, over, (), places), places, over.folder)


def _merged(under: Document, over: Document, path: YamlPath, places: dict[YamlPath, Place]) -> Any:
    low, high = under.at(path), over.at(path)
    if not (isinstance(low, dict) and isinstance(high, dict)) or _changes(low, high):
        return _copied(over, high, path, places)
    places[path] = over.place(path)
    found: dict[str, Any] = {}
    for key in [*low, *(key for key in high if key not in low)]:
        inside = (*path, key)
        if key in low and key in high:
            found[key] = _merged(under, over, inside, places)
        else:
            owner = over if key in high else under
            found[key] = _copied(owner, owner.at(inside), inside, places)
    return found


def _changes(low: Mapping[str, Any], high: Mapping[str, Any]) -> bool:
    if any(side and side.keys() <= DAYS.keys() for side in (low, high)):
        return True
    return any(tag in high and high[tag] != low.get(tag) for tag in TAGS)


def _copied(document: Document, value: Any, path: YamlPath, places: dict[YamlPath, Place]) -> Any:
    places.update({inside: document.place(inside) for inside, _ in walk(value, path)})
    return value
