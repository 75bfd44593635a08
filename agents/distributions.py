"""Agent attributes that differ between agents.

Wherever a scenario gives an agent attribute it may write a number, or a distribution:
`{dist: lognormal, median: 2.0, sigma: 0.5}`. `Attribute` is the type of such a parameter and `column` declares one
whose every possible draw must lie in an allowed range.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import Field, GetJsonSchemaHandler, SerializeAsAny, ValidationError
from pydantic.functional_validators import AfterValidator, BeforeValidator
from pydantic_core import InitErrorDetails

from catallaxy.agents.complaints import complaint, did_you_mean
from catallaxy.agents.families import Bernoulli, Choice, Constant, Distribution, Uniform
from catallaxy.agents.truncated import Exponential, Lognormal, Normal, Pareto

__all__ = ["FAMILIES", "Attribute", "column"]

#: Every distribution by the name that YAML gives it.
FAMILIES: dict[str, type[Distribution]] = {
    "bernoulli": Bernoulli,
    "choice": Choice,
    "constant": Constant,
    "exponential": Exponential,
    "lognormal": Lognormal,
    "normal": Normal,
    "pareto": Pareto,
    "uniform": Uniform,
}


def _from_yaml(value: Any) -> Any:
    if isinstance(value, Distribution):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Constant(value=value)
    if not isinstance(value, Mapping) or "dist" not in value:
        known = ", ".join(FAMILIES)
        example = "{dist: lognormal, median: 2.0, sigma: 0.5}"
        raise complaint("attribute", f"give a number or a distribution such as {example}; `dist:` is one of {known}")
    name = str(value["dist"])
    if name not in FAMILIES:
        hint = did_you_mean(name, FAMILIES)
        raise complaint("unknown_distribution", f"unknown distribution {name!r}; known: {', '.join(FAMILIES)}{hint}")
    family = FAMILIES[name]
    _refuse_unknown_parameters(name, family, value)
    return family.model_validate(value)


def _refuse_unknown_parameters(name: str, family: type[Distribution], value: Mapping[str, Any]) -> None:
    known = [parameter for parameter in family.model_fields if parameter != "dist"]
    errors = [
        InitErrorDetails(
            type=complaint(
                "unknown_parameter",
                f"{name} has no parameter {key!r}; it takes {', '.join(known)}{did_you_mean(str(key), known)}",
            ),
            loc=(str(key),),
            input=given,
        )
        for key, given in value.items()
        if key not in family.model_fields
    ]
    if errors:
        raise ValidationError.from_exception_data(name, errors)


class _AttributeSchema:
    def __get_pydantic_json_schema__(self, _schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        families = [handler(family.__pydantic_core_schema__) for family in FAMILIES.values()]
        return {"anyOf": [{"type": "number"}, *families]}


#: Type of a parameter that holds one number for all agents, or a distribution over them; always a `Distribution`.
Attribute: TypeAlias = Annotated[SerializeAsAny[Distribution], BeforeValidator(_from_yaml), _AttributeSchema()]


def column(
    default: Any = ...,
    *,
    unit: str,
    doc: str,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    source: str | None = None,
) -> Any:
    """Declare one parameter of a `Spec` whose type is `Attribute`.

    Parameters
    ----------
    default : float, dict or Distribution, optional
        As in YAML; without it the key is required.
    unit : str
        Unit of the attribute.
    doc : str
        One sentence that says what the attribute means.
    ge, gt, le : float, optional
        Bounds that every possible draw must respect, not only the mean.
    source : str, optional
        Where an empirical default comes from.

    Returns
    -------
    Any
        A pydantic field description.
    """
    bounds = {"support_ge": ge, "support_gt": gt, "support_le": le}
    extra: dict[str, Any] = {"unit": unit, "source": source, **bounds}
    allowed = " and ".join(
        f"{sign} {bound:g}" for sign, bound in ((">=", ge), (">", gt), ("<=", le)) if bound is not None
    )

    def check(value: Distribution) -> Distribution:
        low, high = value.support()
        too_low = (ge is not None and low < ge) or (gt is not None and not _above(value, gt))
        if not too_low and (le is None or high <= le):
            return value
        if low == high:
            raise complaint("out_of_range", f"{low:g} is outside the allowed range: {allowed}")
        raise complaint(
            "out_of_range",
            f"draws from {low:g} to {high:g}, but every draw must be {allowed}; "
            f"choose low, high or other parameters so that none falls outside",
        )

    field = Field(
        default, description=doc, json_schema_extra={key: item for key, item in extra.items() if item is not None}
    )
    field.metadata.append(AfterValidator(check))
    return field


def _above(value: Distribution, bound: float) -> bool:
    low = value.support()[0]
    return low > bound or (low == bound and not value.reaches_low)
