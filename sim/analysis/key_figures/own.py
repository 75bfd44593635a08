"""Key figures of the user: found by `package.module:name` in packages that the user trusts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from catallaxy.agents.plugins import import_trusted
from catallaxy.sim.analysis.key_figures.declaration import OWN, Kpi

__all__ = ["own_kpi"]

_POINT = "key figure"


def own_kpi(reference: str, known: Mapping[str, Kpi]) -> Kpi:
    """Import one key figure of the user.

    Parameters
    ----------
    reference : str
        `package.module:name`.
    known : mapping of str to Kpi
        Key figures whose names are taken.

    Returns
    -------
    Kpi

    Raises
    ------
    ValueError
        When it cannot be imported, is not a key figure, or its name is taken; the message says what to do.
    """
    if reference in known:
        raise ValueError("is built in and computed for every run; leave it out of the list")
    if ":" not in reference:
        raise ValueError("name a key figure of your own as package.module:name")
    try:
        found = import_trusted(_POINT, reference)
    except PydanticCustomError as error:
        raise ValueError(error.message()) from error
    if not isinstance(found, Kpi):
        raise ValueError(_no_kpi(found))
    if found.name in known:
        whose = "another one of yours" if known[found.name].theme == OWN else "a built-in one"
        raise ValueError(f"the name {found.name!r} is that of {whose}; give yours another name")
    return found


def _no_kpi(found: Any) -> str:
    if callable(found):
        return (
            'put @kpi(unit="…", direction="up") above the function (from catallaxy.sim.analysis.key_figures import kpi)'
        )
    return f"is of type {type(found).__name__}, not a key figure: a Kpi, or a function decorated with kpi"
