"""What a key figure is: a number per run and network, with a name, a unit, a direction and a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

from catallaxy.sim.recording.record import RunRecord

__all__ = ["OWN", "Direction", "Kpi", "kpi"]

Direction = Literal["up", "down", "neutral"]
Function = Callable[[RunRecord, int], float]

OWN = "own"
"""Theme of the key figures that are not built in."""


@dataclass(frozen=True)
class Kpi:
    """One key figure.

    Attributes
    ----------
    name : str
        Column `kpi.<name>.<network>` of `runs.parquet`; a Python identifier.
    unit : str
        "1" for a pure number.
    direction : {"up", "down", "neutral"}
        Which way is better for the network's users and contributors.
    doc : str
        One sentence that says what is measured.
    function : callable (RunRecord, int) -> float
        Computes it for one run and the index of one network; NaN where it is undefined.
    theme : str
        What it is about; `docs/key-figures.md` is in this order.
    """

    name: str
    unit: str
    direction: Direction
    doc: str
    function: Function
    theme: str = OWN

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"{self.name!r} cannot name a key figure: use letters, digits and _, as in price_ratio")
        if self.direction not in get_args(Direction):
            allowed = ", ".join(get_args(Direction))
            raise ValueError(f"key figure {self.name}: direction {self.direction!r} is none of {allowed}")
        for part in ("unit", "doc"):
            if not getattr(self, part):
                raise ValueError(f"key figure {self.name} has no {part}; a pure number has the unit '1'")

    def __call__(self, record: RunRecord, network: int) -> float:
        """Compute it for one run and the index of one network."""
        return self.function(record, network)


def kpi(*, unit: str, direction: Direction = "neutral", doc: str = "") -> Callable[[Function], Kpi]:
    """Make a key figure of the function below, under the name of the function.

    Parameters
    ----------
    unit : str
        "1" for a pure number.
    direction : {"up", "down", "neutral"}, optional
        Which way is better.
    doc : str, optional
        What is measured; by default the first line of the function's docstring.

    Returns
    -------
    callable
        A decorator of functions (RunRecord, index of the network) -> float.

    Examples
    --------
    >>> @kpi(unit="USD", direction="up")
    ... def largest_cap(record, network):
    ...     "Largest market capitalisation of the run."
    ...     return record.series["market_cap"][:, network].max()
    >>> largest_cap.name, largest_cap.unit
    ('largest_cap', 'USD')
    """

    def declare(function: Function) -> Kpi:
        said = doc or (function.__doc__ or "").strip().partition("\n")[0]
        return Kpi(function.__name__, unit, direction, said, function)

    return declare
