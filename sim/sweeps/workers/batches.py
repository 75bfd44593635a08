"""Outcomes of runs as Arrow tables, ready to be stored."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from catallaxy.agents.population import Column
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.recording.snapshots import Snapshot
from catallaxy.sim.results.arrays import numbers, strings, texts
from catallaxy.sim.sweeps.columns import log_schema, runs_schema, series_schema
from catallaxy.sim.sweeps.outcome import FINAL, Batch
from catallaxy.sim.sweeps.plan import Context, Recording

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Outcome", "Packer", "Trajectory", "trajectory_of"]


@dataclass(frozen=True)
class Trajectory:
    """The kept steps of the kept metrics of one run.

    Attributes
    ----------
    steps : int32[m]
    dates : datetime64[D][m]
    networks : tuple of str
    values : dict of str to float64[m, K]
    """

    steps: npt.NDArray[np.int32]
    dates: npt.NDArray[np.datetime64]
    networks: tuple[str, ...]
    values: Mapping[str, npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Outcome:
    """How one attempt at a run ended.

    Attributes
    ----------
    row : int
        Number of the run in the plan.
    status : str
        One of `FINAL`.
    error, traceback : str
        Empty for a complete run.
    steps : int or None
        Completed steps; None where that differs from execution to execution.
    kpis : mapping of str to mapping of str to float
        `{name: {network: value}}`; empty unless the run is complete.
    trajectory : Trajectory or None
    snapshots : sequence of Snapshot
    attempt : int
    worker : str
        "host:pid".
    wall_s, cpu_s, peak_mb : float
        What it cost; NaN when unknown. The peak is that of the worker up to now.
    """

    row: int
    status: str
    error: str = ""
    traceback: str = ""
    steps: int | None = None
    kpis: Mapping[str, Mapping[str, float]] | None = None
    trajectory: Trajectory | None = None
    snapshots: Sequence[Snapshot] = ()
    attempt: int = 1
    worker: str = ""
    wall_s: float = math.nan
    cpu_s: float = math.nan
    peak_mb: float = math.nan


def trajectory_of(record: RunRecord, recording: Recording) -> Trajectory | None:
    """Keep what a sweep keeps of the series of a run: steps 0, n, 2n, ... and the last one.

    Parameters
    ----------
    record : RunRecord
    recording : Recording

    Returns
    -------
    Trajectory or None
        None when there is nothing to keep. A metric that the run did not record is NaN.
    """
    if not recording.series or not record.n_steps:
        return None
    last = record.n_steps - 1
    steps = np.unique(np.append(np.arange(0, last, recording.every), last)).astype(np.int32)
    nothing = np.full((record.n_steps, len(record.networks)), np.nan)
    values = {name: record.series.get(name, nothing)[steps] for name in recording.series}
    return Trajectory(steps, record.dates(steps), record.networks, values)


class Packer:
    """Turns outcomes into batches of one sweep.

    Parameters
    ----------
    context : Context
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self._runs, self._log = runs_schema(context), log_schema()
        self._series = series_schema(context)
        self._kpis = [tuple(name.split(".", 2)[1:]) for name in self._runs.names if name.startswith("kpi.")]
        self._code = {name: code for code, name in enumerate(context.networks)}

    def pack(self, outcomes: Sequence[Outcome]) -> Batch:
        """Return the outcomes as a batch.

        Parameters
        ----------
        outcomes : sequence of Outcome

        Returns
        -------
        Batch
        """
        tables = {"runs": self._runs_table(outcomes), "log": self._log_table(outcomes)}
        paths = [(outcome.row, outcome.trajectory) for outcome in outcomes if outcome.trajectory is not None]
        if paths:
            tables["series"] = self._series_table(paths)
        for name in self.context.recording.agents:
            taken = [(o.row, shot) for o in outcomes for shot in o.snapshots if shot.population == name]
            if taken:
                tables[f"agents/{name}"] = self._agents_table(taken)
        statuses = {outcome.row: outcome.status for outcome in outcomes}
        return Batch.of(statuses, tables)

    def _runs_table(self, outcomes: Sequence[Outcome]) -> pa.Table:
        import pyarrow as pa

        steps = [outcome.steps for outcome in outcomes]
        found = [_flat(outcome.kpis or {}) for outcome in outcomes]
        columns = [
            numbers([outcome.row for outcome in outcomes], pa.int32()),
            _statuses(outcomes),
            strings([outcome.error for outcome in outcomes]),
            numbers([step or 0 for step in steps], pa.int32(), np.array([step is not None for step in steps])),
        ]
        for key in self._kpis:
            valid = np.array([key in kpis for kpis in found])
            columns.append(numbers([kpis.get(key, 0.0) for kpis in found], pa.float64(), valid))
        return pa.Table.from_arrays(columns, schema=self._runs)

    def _log_table(self, outcomes: Sequence[Outcome]) -> pa.Table:
        import pyarrow as pa

        now = time.time_ns() // 1_000_000
        workers = list(dict.fromkeys(outcome.worker for outcome in outcomes))
        columns = [
            numbers([outcome.row for outcome in outcomes], pa.int32()),
            _statuses(outcomes),
            strings([outcome.error for outcome in outcomes]),
            strings([outcome.traceback for outcome in outcomes]),
            numbers([outcome.attempt for outcome in outcomes], pa.int32()),
            numbers([outcome.wall_s for outcome in outcomes], pa.float64()),
            numbers([outcome.cpu_s for outcome in outcomes], pa.float64()),
            numbers([outcome.peak_mb for outcome in outcomes], pa.float64()),
            texts([workers.index(outcome.worker) for outcome in outcomes], workers),
            numbers([now] * len(outcomes), self._log.field("finished").type),
        ]
        return pa.Table.from_arrays(columns, schema=self._log)

    def _series_table(self, paths: Sequence[tuple[int, Trajectory]]) -> pa.Table:
        import pyarrow as pa

        lengths = [len(path.steps) * len(path.networks) for _, path in paths]
        codes = [np.tile([self._code[name] for name in path.networks], len(path.steps)) for _, path in paths]
        columns = [
            numbers(np.repeat([row for row, _ in paths], lengths), pa.int32()),
            numbers(np.concatenate([np.repeat(p.steps, len(p.networks)) for _, p in paths]), pa.int32()),
            numbers(np.concatenate([np.repeat(p.dates, len(p.networks)) for _, p in paths]), pa.date32()),
            texts(np.concatenate(codes), self.context.networks),
        ]
        for name in self.context.recording.series:
            values = np.concatenate([path.values[name].ravel() for _, path in paths])
            columns.append(numbers(values, pa.float64()))
        return pa.Table.from_arrays(columns, schema=self._series)

    def _agents_table(self, taken: Sequence[tuple[int, Snapshot]]) -> pa.Table:
        """One row per run, step and agent: `row, step, agent, network, <column>..., <column>.<network>...`."""
        import pyarrow as pa

        tables = [self._agents_of(row, shot) for row, shot in taken]
        same = all(table.schema.equals(tables[0].schema) for table in tables)
        return pa.concat_tables(tables, promote_options="none" if same else "permissive").combine_chunks()

    def _agents_of(self, row: int, shot: Snapshot) -> pa.Table:
        import pyarrow as pa

        n = len(shot)
        columns = {
            "row": (numbers(np.full(n, row), pa.int32()), "-"),
            "step": (numbers(np.full(n, shot.step), pa.int32()), "step"),
            "agent": (numbers(shot.agents, pa.int64()), "-"),
        }
        for column, values in shot.columns:
            columns.update(self._agent_columns(shot, column, values))
        fields = [pa.field(name, array.type, metadata={"unit": unit}) for name, (array, unit) in columns.items()]
        return pa.Table.from_arrays([array for array, _ in columns.values()], schema=pa.schema(fields))

    def _agent_columns(
        self, shot: Snapshot, column: Column, values: npt.NDArray[Any]
    ) -> Iterable[tuple[str, tuple[pa.Array, str]]]:
        import pyarrow as pa

        if column.name == "network" and values.ndim == 1:
            code = np.array([self._code[name] for name in shot.networks])[values]
            yield column.name, (texts(code, self.context.networks, values >= 0), column.unit)
            return
        kind = pa.from_numpy_dtype(values.dtype)
        if values.ndim == 1:
            yield column.name, (numbers(values, kind), column.unit)
            return
        for name in self.context.networks:
            here = name in shot.networks
            array = numbers(values[shot.networks.index(name) if here else 0], kind, np.full(len(shot), here))
            yield f"{column.name}.{name}", (array, column.unit)


def _flat(kpis: Mapping[str, Mapping[str, float]]) -> dict[tuple[str, ...], float]:
    return {(name, network): value for name, row in kpis.items() for network, value in row.items()}


def _statuses(outcomes: Sequence[Outcome]) -> pa.DictionaryArray:
    return texts([FINAL.index(outcome.status) for outcome in outcomes], FINAL)
