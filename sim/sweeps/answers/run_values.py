"""The table "runs" of a sweep as matrices over points and replicates, and the groups that a summary is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from catallaxy.agents.complaints import did_you_mean
from catallaxy.sim.errors import ResultsError
from catallaxy.sim.sweeps.answers.column_arrays import Flags, Floats, floats
from catallaxy.sim.sweeps.plan import Plan

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Group", "RunValues", "chosen"]

_PARAM = "param."


@dataclass(frozen=True)
class Group:
    """Some points of a sweep that are summed up together.

    Attributes
    ----------
    labels : dict of str to object
        Values of parameters that they have in common.
    points : tuple of int
    point : int or None
        Number of the point when the group is one.
    """

    labels: dict[str, Any]
    points: tuple[int, ...]
    point: int | None = None


class RunValues:
    """What the runs of a sweep gave, by point and replicate.

    Parameters
    ----------
    plan : Plan
    runs : pyarrow.Table
        Collected table "runs": all runs of the plan, or those that have finished.
    """

    def __init__(self, plan: Plan, runs: pa.Table) -> None:
        self.plan = plan
        self.runs = runs
        self._shape = len(plan.points), plan.replicates
        self._columns = [name.split(".", 2)[1:] for name in runs.column_names if name.startswith("kpi.")]

    @cached_property
    def _rows(self) -> npt.NDArray[np.int64]:
        point, replicate = (floats(self.runs[name]).astype(np.int64) for name in ("point", "replicate"))
        rows: npt.NDArray[np.int64] = point * self.plan.replicates + replicate
        return rows

    @property
    def kpis(self) -> tuple[str, ...]:
        """Names of the key figures."""
        return tuple(dict.fromkeys(kpi for kpi, _ in self._columns))

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks."""
        return tuple(dict.fromkeys(network for _, network in self._columns))

    @property
    def shares_chance(self) -> bool:
        """Whether a replicate has the same chance at every point."""
        return self.plan.seeding == "common"

    def unit(self, kpi: str, network: str) -> str:
        """Return the unit of a key figure."""
        metadata = self.runs.schema.field(f"kpi.{kpi}.{network}").metadata or {}
        return str(metadata.get(b"unit", b"").decode())

    def matrix(self, kpi: str, network: str) -> Floats:
        """Return a key figure of one network, float64[points, replicates]; NaN where there is none."""
        return self._spread(floats(self.runs[f"kpi.{kpi}.{network}"]), np.nan)

    @cached_property
    def finished(self) -> Flags:
        """Which runs are in the table, whatever their status; bool[points, replicates]."""
        return self.flags(np.ones(len(self.runs), np.bool_))

    def flags(self, of_runs: Flags) -> Flags:
        """Arrange one flag per row of the table as bool[points, replicates]; False where there is no row."""
        return self._spread(of_runs, False)

    def _spread(self, values: npt.NDArray[Any], missing: Any) -> npt.NDArray[Any]:
        every = np.full(self._shape[0] * self._shape[1], missing, values.dtype)
        every[self._rows] = values
        return every.reshape(self._shape)

    def groups(self, by: Sequence[str] | str | None) -> list[Group]:
        """Return the points, grouped by the values of some parameters.

        Parameters
        ----------
        by : sequence of str, str or None
            Names of parameters, with or without `param.`; None for every point by itself, () for all points together.

        Returns
        -------
        list of Group
            In the order of the design.
        """
        points = self.plan.points
        if by is None:
            labels = [{name: point.params.get(name) for name in self.plan.params} for point in points]
            return [Group(label, (i,), i) for i, label in enumerate(labels)]
        wanted = self.param_names([by] if isinstance(by, str) else by)
        members: dict[tuple[Any, ...], list[int]] = {}
        for i, point in enumerate(points):
            members.setdefault(tuple(point.params.get(name) for name in wanted), []).append(i)
        return [Group(dict(zip(wanted, key, strict=True)), tuple(rows)) for key, rows in members.items()]

    def param_names(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return names of parameters without `param.`; ResultsError when the sweep does not vary one of them."""
        return tuple(chosen("parameter", name.removeprefix(_PARAM), self.plan.params) for name in names)

    def chosen_kpis(self, kpi: Sequence[str] | str | None) -> tuple[str, ...]:
        """Return names of key figures, all when None; ResultsError when one was not computed."""
        return _choice("key figure", kpi, self.kpis)

    def chosen_networks(self, network: Sequence[str] | str | None) -> tuple[str, ...]:
        """Return names of networks, all when None; ResultsError when the sweep has none of that name."""
        return _choice("network", network, self.networks)


def chosen(what: str, name: str, known: Sequence[str]) -> str:
    """Return a name when it is known.

    Parameters
    ----------
    what : str
        What it names, in words.
    name : str
    known : sequence of str

    Returns
    -------
    str

    Raises
    ------
    ResultsError
        With the nearest name, or all of them.
    """
    if name in known:
        return name
    hint = did_you_mean(name, known) or f"; known: {', '.join(known) or 'none'}"
    raise ResultsError(f"the sweep has no {what} {name!r}{hint}")


def _choice(what: str, wanted: Sequence[str] | str | None, known: tuple[str, ...]) -> tuple[str, ...]:
    if wanted is None:
        return known
    return tuple(chosen(what, name, known) for name in ([wanted] if isinstance(wanted, str) else wanted))
