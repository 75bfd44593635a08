"""Rates that carry their time base.

A bare `0.05` in a scenario does not say whether it is a day's or a year's; `{per_year: 0.05}` does. A rate is
converted once, where it is used, and in one of three ways that economists keep apart: an amount that flows
(`Rate.flow`), the chance of an event (`Rate.probability`), compound growth (`Rate.growth`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.functional_validators import AfterValidator
from pydantic_core import CoreSchema, core_schema

from catallaxy import numba_kernels as nk
from catallaxy.agents.complaints import complaint, did_you_mean

__all__ = ["DAYS", "Rate", "rate"]

#: Length of each time base in days; the mean month and year of the Julian calendar.
DAYS = {"per_day": 1.0, "per_week": 7.0, "per_month": 30.4375, "per_year": 365.25}

_BASES = ", ".join(DAYS)


@dataclass(frozen=True, slots=True)
class Rate:
    """A number per unit of time.

    Attributes
    ----------
    amount : float
        How much per time base.
    base : str
        Time base, a key of `DAYS`.
    """

    amount: float
    base: str = "per_year"

    def __post_init__(self) -> None:
        if self.base not in DAYS:
            raise ValueError(f"unknown time base {self.base!r}; use one of {_BASES}{did_you_mean(self.base, DAYS)}")

    @property
    def per_day(self) -> float:
        """The rate per day, by simple proportion."""
        return self.amount / DAYS[self.base]

    @property
    def per_year(self) -> float:
        """The rate per year of 365.25 days, by simple proportion."""
        return self.amount * (DAYS["per_year"] / DAYS[self.base])

    def flow(self, dt_days: float) -> float:
        """Return the amount that flows in `dt_days` days: rate times time."""
        return self.amount * (dt_days / DAYS[self.base])

    def probability(self, dt_days: float) -> float:
        """Return the chance that an event with this hazard happens within `dt_days` days: 1 - exp(-rate * time)."""
        return _chance(self.flow(dt_days))

    def growth(self, dt_days: float) -> float:
        """Return the factor by which something grows in `dt_days` days: (1 + rate) ** (time / base)."""
        if self.amount in (0.0, -1.0):
            return 1.0 + self.amount
        return float(nk.elementary.power_scalar(1.0 + self.amount, dt_days / DAYS[self.base]))

    @classmethod
    def _from_yaml(cls, value: Any) -> Rate:
        if isinstance(value, Rate):
            return value
        if not isinstance(value, Mapping):
            raise complaint("rate_without_base", _bare_number(value))
        if len(value) != 1:
            raise complaint("rate_bases", f"a rate has exactly one time base of {_BASES}; found {len(value)}")
        base, amount = next(iter(value.items()))
        if base not in DAYS:
            hint = did_you_mean(str(base), DAYS)
            raise complaint("rate_base", f"unknown time base {str(base)!r}; use one of {_BASES}{hint}")
        if isinstance(amount, bool) or not isinstance(amount, int | float) or not math.isfinite(amount):
            raise complaint("rate_amount", f"{amount!r} is not a finite number; write, say, {{{base}: 0.05}}")
        return cls(float(amount), base)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._from_yaml,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda rate: {rate.base: rate.amount}),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {base: {"type": "number"} for base in DAYS},
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": False,
        }


@lru_cache(maxsize=1024)
def _chance(expected: float) -> float:
    return 1.0 - float(nk.elementary.exp_scalar(-expected))


def _bare_number(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value} has no time base; say per what: {{per_year: {value}}} (or {_BASES})"
    return f"{value!r} is not a rate; write a number with its time base: {{per_year: 0.05}} (or {_BASES})"


def rate(
    default: Any = ...,
    *,
    doc: str,
    unit: str = "1/time",
    ge: float | None = 0.0,
    le: float | None = None,
    source: str | None = None,
) -> Any:
    """Declare one parameter of a `Spec` whose type is `Rate` or `Rate | None`.

    Parameters
    ----------
    default : Rate, dict or None, optional
        `Rate(0.05, "per_year")` or `{"per_year": 0.05}`; without it the key is required.
    doc : str
        One sentence that says what the rate means.
    unit : str
        Unit, with the word "time" for the base that the scenario chooses.
    ge, le : float, optional
        Bounds on the value per year; None lifts them. Growth that may shrink needs `ge=-1`.
    source : str, optional
        Where an empirical default comes from.

    Returns
    -------
    Any
        A pydantic field description.
    """
    extra: dict[str, Any] = {"unit": unit}
    extra.update({k: v for k, v in {"per_year_ge": ge, "per_year_le": le, "source": source}.items() if v is not None})
    low, high = -math.inf if ge is None else ge, math.inf if le is None else le

    def check(value: Rate | None) -> Rate | None:
        if value is None or low <= value.per_year <= high:
            return value
        given = f"{{{value.base}: {value.amount:g}}}"
        raise complaint("rate_range", f"{given} is {value.per_year:g} per year; allowed: {low:g} to {high:g} per year")

    field = Field(default, description=doc, json_schema_extra=extra)
    field.metadata.append(AfterValidator(check))
    return field
