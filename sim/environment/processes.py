"""Driver processes: the plug-in point, and the processes without chance.

A process says how one driver (a price, an index) moves over the run. Its path is computed before the first step, so
a process may be written in plain NumPy. The value of a step is the value at the beginning of the step; step 0 has
the starting value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

import numpy as np
from pydantic import GetJsonSchemaHandler, SerializeAsAny, ValidationInfo, model_validator
from pydantic.functional_validators import BeforeValidator

from catallaxy import numba_kernels as nk
from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.agents.rates import Rate, rate
from catallaxy.sim.environment.paths import Draws, Floats, Horizon

__all__ = ["PROCESSES", "UNIT", "AnyProcess", "Constant", "Linear", "Logistic", "Process"]

#: Unit of every parameter that is measured like the driver itself.
UNIT = "unit of the driver"


class Process(Plugin):
    """How one driver moves over the run; a subclass gives `path`."""

    low: float | None = quantity(None, unit=UNIT, doc="Guard: the path is held at this value when it falls below.")
    high: float | None = quantity(None, unit=UNIT, doc="Guard: the path is held at this value when it rises above.")

    def path(self, horizon: Horizon, draws: Draws) -> Floats:
        """Return the driver's value in every step, before guards; every process defines it.

        Parameters
        ----------
        horizon : Horizon
            The steps of the run.
        draws : Draws
            This driver's chance; a process without chance ignores it.

        Returns
        -------
        float64[n_steps]
            A fresh array, in the unit of the driver.
        """
        raise NotImplementedError(f"process {self.kind!r} has no path")

    def anchors(self) -> tuple[float, ...]:
        """Return the values that the path starts from, returns to or moves between: the driver must allow them."""
        return ()

    def bounds(self) -> tuple[float, float]:
        """Return the guards, infinite where there is none."""
        return (-math.inf if self.low is None else self.low), (math.inf if self.high is None else self.high)

    @model_validator(mode="after")
    def _guards_in_order(self) -> Process:
        low, high = self.bounds()
        if low > high:
            raise complaint("empty_range", f"low={low:g} must not lie above high={high:g}")
        return self


PROCESSES: Registry[Process] = Registry("process", Process)


@PROCESSES.register("constant")
class Constant(Process):
    """The same value in every step; YAML may write a plain number instead."""

    summary = "the same value throughout"

    value: float = quantity(unit=UNIT, doc="The value.")

    def path(self, horizon: Horizon, draws: Draws) -> Floats:
        """Return `value` in every step; see `Process.path`."""
        return np.full(horizon.n_steps, self.value)

    def anchors(self) -> tuple[float, ...]:
        """Return `value`."""
        return (self.value,)


@PROCESSES.register("linear")
class Linear(Process):
    """A straight line: x(t) = start + change * t."""

    summary = "a straight line"

    start: float = quantity(unit=UNIT, doc="Value in the first step.")
    change: Rate = rate(unit="unit of the driver/time", doc="Slope; may be negative.", ge=None)

    def path(self, horizon: Horizon, draws: Draws) -> Floats:
        """Return the line at the beginning of each step; see `Process.path`."""
        return self.start + self.change.per_day * horizon.days

    def anchors(self) -> tuple[float, ...]:
        """Return `start`."""
        return (self.start,)


@PROCESSES.register("logistic")
class Logistic(Process):
    """Growth that saturates: dx/dt = growth * x * (1 - x / limit); falls towards the limit from above it."""

    summary = "growth that saturates at a limit"

    start: float = quantity(unit=UNIT, doc="Value in the first step.", gt=0)
    limit: float = quantity(unit=UNIT, doc="Value approached in the long run.", gt=0)
    growth: Rate = rate(doc="Growth rate while far below the limit (continuous compounding).", le=1000)

    def path(self, horizon: Horizon, draws: Draws) -> Floats:
        """Return limit / (1 + (limit / start - 1) * exp(-growth * t)); see `Process.path`."""
        fading = -self.growth.per_day * horizon.days
        nk.transforms.exp_each(fading)
        return self.limit / (1.0 + (self.limit / self.start - 1.0) * fading)

    def anchors(self) -> tuple[float, ...]:
        """Return `start` and `limit`."""
        return self.start, self.limit


def _from_yaml(value: Any, info: ValidationInfo) -> Process:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Constant(kind="constant", value=value)
    if isinstance(value, Mapping) and isinstance(value.get("kind"), str):
        return PROCESSES.resolve(value["kind"]).model_validate(value, context=info.context)
    return PROCESSES.build(value)


class _ProcessOrNumber:
    registry = PROCESSES

    def __get_pydantic_json_schema__(self, _schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "number"}, *PROCESSES.json_schema(handler)["anyOf"]]}


#: Type of a field that holds a process; a plain number means a constant. The context of validation is handed on.
AnyProcess: TypeAlias = Annotated[SerializeAsAny[Process], BeforeValidator(_from_yaml), _ProcessOrNumber()]
