"""Declared parameters: the base of everything a scenario can say.

A `Spec` is a frozen pydantic model that forbids unknown keys. Its fields are made with `quantity`, which insists
on a unit and a sentence, so that the parameter dictionary, the JSON Schema and the error messages all come from
the same declaration.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticUndefined

__all__ = ["Spec", "quantity"]


class Spec(BaseModel):
    """A frozen, closed set of declared parameters.

    Unknown keys, NaN and infinities are rejected; an instance never changes after validation.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, validate_default=True)


def quantity(
    default: Any = PydanticUndefined,
    *,
    unit: str,
    doc: str,
    source: str | None = None,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    default_factory: Any = None,
) -> Any:
    """Declare one parameter of a `Spec`.

    Parameters
    ----------
    default : Any, optional
        The value used when the scenario is silent; without it the key is required.
    unit : str
        Unit of the value ("USD", "token", "1/year", "kW"); "1" for a pure number, "-" for text and choices.
    doc : str
        One sentence that says what the parameter means.
    source : str, optional
        Where an empirical default comes from.
    ge, gt, le, lt : float, optional
        Bounds on a number.
    default_factory : callable, optional
        Makes a fresh default when it is not a plain value.

    Returns
    -------
    Any
        A pydantic field description.
    """
    extra: dict[str, Any] = {"unit": unit}
    if source is not None:
        extra["source"] = source
    bounds: dict[str, Any] = {k: v for k, v in {"ge": ge, "gt": gt, "le": le, "lt": lt}.items() if v is not None}
    if default_factory is not None:
        return Field(default_factory=default_factory, description=doc, json_schema_extra=extra, **bounds)
    return Field(default, description=doc, json_schema_extra=extra, **bounds)
