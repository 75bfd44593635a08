"""Messages for a user whose scenario is wrong: what is wrong, and the nearest valid name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import LiteralString

from pydantic_core import PydanticCustomError

__all__ = ["complaint", "did_you_mean"]


def complaint(kind: LiteralString, message: str) -> PydanticCustomError:
    """Return the error that a validator raises to show `message` as it stands.

    Parameters
    ----------
    kind : str
        Machine-readable name of the error ("rate_base").
    message : str
        What is wrong, the value given, what is allowed.

    Returns
    -------
    pydantic_core.PydanticCustomError
    """
    return PydanticCustomError(kind, "{message}", {"message": message})


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean 'x'?" for the valid name nearest to `name`, or an empty string."""
    near = difflib.get_close_matches(name, list(known), 1, 0.5)
    return f"; did you mean {near[0]!r}?" if near else ""
