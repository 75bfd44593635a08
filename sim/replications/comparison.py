"""Published numbers beside the simulator's, and whether they agree."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from catallaxy.agents.complaints import did_you_mean
from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.replications.paper import ExpectedSpec, Tag

__all__ = ["Row", "compare", "unmatched"]


@dataclass(frozen=True)
class Row:
    """One published number.

    Attributes
    ----------
    table : str
        What the numbers of its table are.
    quantity, unit : str
    published : float
    ours : Interval
    tolerance : float or None
        Largest difference that passes, in the unit; None when the number is shown only.
    tag : Tag
        How the published number is known.
    source : str
        Where it stands.
    """

    table: str
    quantity: str
    unit: str
    published: float
    ours: Interval
    tolerance: float | None
    tag: Tag
    source: str

    @property
    def passed(self) -> bool | None:
        """Whether the numbers agree; None when the published one is shown only."""
        if self.tolerance is None:
            return None
        difference = abs(self.ours.estimate - self.published)
        return bool(math.isfinite(difference) and difference <= self.tolerance)


def compare(expected: ExpectedSpec, ours: Mapping[str, Interval], *, quick: bool = False) -> tuple[Row, ...]:
    """Put what was published beside what was found.

    Parameters
    ----------
    expected : ExpectedSpec
    ours : mapping of str to Interval
        By quantity; every one that is expected.
    quick : bool, optional
        The samples were smaller than those that the tolerances were chosen for: widen each by the width of our
        interval, which is four standard errors.

    Returns
    -------
    tuple of Row
    """
    return tuple(_rows(expected, ours, quick))


def _rows(expected: ExpectedSpec, ours: Mapping[str, Interval], quick: bool) -> Iterator[Row]:
    for table in expected.tables:
        for quantity, published in table.values.items():
            found, reach = ours[quantity], table.reach(published)
            if reach is not None and quick:
                reach += found.high - found.low
            yield Row(table.title, quantity, table.unit, published, found, reach, table.tag, table.source)


def unmatched(expected: ExpectedSpec, ours: Collection[str]) -> str:
    """Return what is wrong where the quantities that are expected are not those that were estimated.

    Parameters
    ----------
    expected : ExpectedSpec
    ours : collection of str
        Quantities that were estimated.

    Returns
    -------
    str
        Empty when they are the same.
    """
    names, found = {name for table in expected.tables for name in table.values}, set(ours)
    for name in sorted(names - found):
        return f"{name!r} was not estimated{did_you_mean(name, found - names)}"
    for name in sorted(found - names):
        return f"{name!r} was estimated, but is not expected"
    return ""
