"""Every path that the schema knows in a given scenario, to find the one that a user meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catallaxy.sim.scenario.document import Document, YamlPath, dotted
from catallaxy.sim.scenario.parameters import Slot, default_tree, inside

__all__ = ["elsewhere", "paths_in_use"]


def elsewhere(path: YamlPath, root: Slot, document: Document) -> str:
    """Return `; did you mean ...?` for the parameter of the same name in another section, else nothing.

    Parameters
    ----------
    path : YamlPath
        The path that the schema does not know.
    root : Slot
        The schema.
    document : Document
        The scenario, for the names of its networks and the kinds of its plug-ins.

    Returns
    -------
    str
    """
    same = [other for other in paths_in_use(root, document.data) if other[-1] == path[-1] and other != path]
    if not same:
        return ""
    return f"; did you mean {dotted(max(same, key=lambda other: len(set(other) & set(path))))!r}?"


def paths_in_use(slot: Slot, value: Any, path: YamlPath = (), entered: tuple[Any, ...] = ()) -> Iterator[YamlPath]:
    """Yield every path that the schema knows, going through the lists and mappings of a value.

    Parameters
    ----------
    slot : Slot
        Where to start.
    value : Any
        The YAML value that stands there; defaults are used where it is silent.
    path : YamlPath
        Path of the slot.
    entered : tuple
        Classes already entered, so that a plug-in that contains plug-ins ends.
    """
    if value is None:
        value = default_tree(slot.default())
    for name, member in slot.members(value).items():
        yield (*path, name)
        classes = member.classes(inside(value, name))
        if not set(classes) & set(entered):
            yield from paths_in_use(member, inside(value, name), (*path, name), (*entered, *classes))
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        item = slot.child(key, value)
        if item is not None and item.is_item:
            yield (*path, key)
            yield from paths_in_use(item, inside(value, key), (*path, key), entered)
