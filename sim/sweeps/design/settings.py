"""Settings in their order: which undo earlier ones, and which must be part of the base of a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catallaxy.agents.rates import DAYS
from catallaxy.sim.scenario.document import Document
from catallaxy.sim.scenario.parameters import TAGS

__all__ = ["read_from_file", "structural", "undone"]

Names = tuple[str, ...]


def undone(paths: Sequence[str]) -> tuple[int, int] | None:
    """Return the first setting that a later one undoes, with that one; None when every setting has an effect.

    A setting undoes an earlier one of the same parameter or of a part of it, of another part of a mapping whose kind it
    sets, or of the same rate in another time base.

    Parameters
    ----------
    paths : sequence of str
        Dotted paths in the order in which they are set.

    Returns
    -------
    (int, int) or None
        Numbers of the earlier and of the later one.
    """
    names = [tuple(path.split(".")) for path in paths]
    for later in range(len(names)):
        for earlier in range(later):
            if _undoes(names[later], names[earlier]):
                return earlier, later
    return None


def _undoes(later: Names, earlier: Names) -> bool:
    around, last = later[:-1], later[-1]
    if earlier[: len(later)] == later:
        return True
    if last in TAGS:
        return earlier[: len(around)] == around and len(earlier) > len(around)
    return last in DAYS and earlier[:-1] == around and earlier[-1] in DAYS


def structural(paths: Sequence[str], values: Sequence[Any]) -> frozenset[int]:
    """Return the numbers of the settings that a base must contain: mappings, lists, and what they are laid over.

    Parameters
    ----------
    paths : sequence of str
        Dotted paths in the order in which they are set.
    values : sequence of Any

    Returns
    -------
    frozenset of int
    """
    return _with_foundations(paths, {i for i, value in enumerate(values) if isinstance(value, (dict, list))})


def read_from_file(paths: Sequence[str], chosen: frozenset[int], tree: Mapping[str, Any]) -> frozenset[int]:
    """Return the structural settings with those that change how a file is read.

    A resolved scenario holds what was read from a file and does not read it again, so such a setting must stand before
    the base is resolved.

    Parameters
    ----------
    paths : sequence of str
    chosen : frozenset of int
        What `structural` returned.
    tree : Mapping
        The base that it leads to, resolved.

    Returns
    -------
    frozenset of int
    """
    document = Document("", tree)
    found = {i for i, path in enumerate(paths) if _is_read(document, path)}
    return chosen if found <= chosen else _with_foundations(paths, chosen | found)


def _is_read(document: Document, path: str) -> bool:
    around = document.at(tuple(path.split(".")[:-1]))
    return isinstance(around, dict) and {"file", "points"} <= around.keys()


def _with_foundations(paths: Sequence[str], chosen: set[int] | frozenset[int]) -> frozenset[int]:
    names, found = [tuple(path.split(".")) for path in paths], set(chosen)
    for i in range(len(names) - 1, -1, -1):
        region = names[i][:-1] if names[i][-1] in TAGS else names[i]
        if any(j > i and names[j][: len(region)] == region for j in found):
            found.add(i)
    return frozenset(found)
