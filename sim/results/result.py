"""The result of a run, in memory or read from its folder; both give the same answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property, partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.recording.record import RunRecord
from catallaxy.sim.results.folder import read_manifest
from catallaxy.sim.results.manifest import build_manifest
from catallaxy.sim.results.origin import ParameterRow, RunOrigin
from catallaxy.sim.results.parquet import read_table
from catallaxy.sim.results.summary import KpiRow, summarise
from catallaxy.sim.results.tables import TABLES, build_tables, column_values, table_bits
from catallaxy.sim.results.writer import SCENARIO_FILE

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from matplotlib.figure import Figure

__all__ = ["Result", "open_result"]

_SERIES = "ts."


def open_result(folder: Path | str) -> Result:
    """Open a results folder.

    Parameters
    ----------
    folder : Path or str
        What `catallaxy run` printed last.

    Returns
    -------
    Result
        Tables are read when they are asked for.

    Raises
    ------
    ResultsError
        When it is not a results folder, or was written by a newer version.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    if "kind" in manifest:
        raise ResultsError(f"{folder} holds a {manifest['kind']}, not a run")
    loaders = {name: partial(read_table, folder / f"{name}.parquet") for name in TABLES}
    return Result(manifest, loaders, lambda: (folder / SCENARIO_FILE).read_text(encoding="utf-8"), folder)


class Result:
    """What a run of a scenario produced, over all its replicates.

    Made by `catallaxy.run` and by `open_result`.

    Attributes
    ----------
    manifest : dict
        The content of `manifest.json` (without `files` when the result was not saved).
    path : Path or None
        The results folder; None when the result was not saved.
    """

    def __init__(
        self,
        manifest: dict[str, Any],
        loaders: Mapping[str, Callable[[], pa.Table]],
        scenario: Callable[[], str],
        path: Path | None,
    ) -> None:
        self.manifest = manifest
        self.path = path
        self._loaders = loaders
        self._scenario = scenario
        self._loaded: dict[str, pa.Table] = {}

    @classmethod
    def from_records(cls, origin: RunOrigin, records: Sequence[RunRecord], path: Path | None = None) -> Result:
        """Make a result from records in memory.

        Parameters
        ----------
        origin : RunOrigin
            What was asked.
        records : sequence of RunRecord
            One per replicate.
        path : Path, optional
            The folder to which they were written, if they were.

        Returns
        -------
        Result
        """
        ordered = sorted(records, key=lambda record: record.replicate)
        built = cache(lambda: build_tables(origin.scenario_hash, ordered))
        loaders = {name: partial(_pick, built, name) for name in TABLES}
        return cls(build_manifest(origin, ordered), loaders, lambda: origin.scenario_yaml, path)

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return str(self.manifest["name"])

    @property
    def status(self) -> str:
        """Say how the run ended: "complete", "interrupted" or "failed"."""
        return str(self.manifest["status"])

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the token networks."""
        return tuple(self.manifest["networks"])

    @property
    def scenario(self) -> str:
        """The resolved scenario, as YAML that can be run again on its own."""
        return self._scenario()

    @property
    def parameters(self) -> tuple[ParameterRow, ...]:
        """The parameter table that was stored with the run."""
        return tuple(ParameterRow(**row) for row in self.manifest["about"]["parameters"])

    @cached_property
    def series(self) -> pd.DataFrame:
        """Recorded metrics: one row per run, step and network; `catallaxy describe` explains the columns."""
        table = self.table("series")
        plain = table.rename_columns([name.removeprefix(_SERIES) for name in table.column_names])
        return _frame(plain)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Key figures: one row per key figure and network, with unit, mean, 95 % interval and number of replicates."""
        import pandas as pd

        columns = ["kpi", "network", "unit", "direction", "mean", "low", "high", "n"]
        return pd.DataFrame([vars(row) for row in self.kpis], columns=columns)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row per replicate: seed, status, error, steps, seconds and key figures."""
        return _frame(self.table("runs"))

    @cached_property
    def income(self) -> pd.DataFrame:
        """Who earned what: one row per run, population and network, in USD at the price of the day."""
        return _frame(self.table("income"))

    @cached_property
    def gains(self) -> pd.DataFrame:
        """Who gained what on which capital: one row per run, population, network and group."""
        return _frame(self.table("gains"))

    @cached_property
    def dilution(self) -> pd.DataFrame:
        """Who pays for inflation: one row per run, network and holder of its tokens."""
        return _frame(self.table("dilution"))

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Stock-flow matrix in base units: one row per run, period, instrument, flow and sector."""
        return _frame(self.table("flows"))

    @cached_property
    def kpis(self) -> list[KpiRow]:
        """The rows of `summary` as plain objects."""
        return summarise(self.table("runs"))

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """Names of the recorded metrics."""
        return tuple(n.removeprefix(_SERIES) for n in self.table("series").column_names if n.startswith(_SERIES))

    def table(self, name: str) -> pa.Table:
        """Return one table as it is stored.

        Parameters
        ----------
        name : {"runs", "series", "flows", "income", "gains", "dilution"}

        Returns
        -------
        pyarrow.Table
        """
        if name not in self._loaded:
            self._loaded[name] = self._loaders[name]()
        return self._loaded[name]

    def panel(self, metric: str) -> npt.NDArray[np.float64]:
        """Return one metric of all replicates.

        Parameters
        ----------
        metric : str
            One of `metrics`.

        Returns
        -------
        float64[n_replicates, n_steps, n_networks]
            NaN after the last step of a replicate that ended early.

        Raises
        ------
        ResultsError
            When the metric was not recorded.
        """
        if metric not in self.metrics:
            raise ResultsError(_no_metric(metric, self.metrics))
        values = column_values(self.table("series")[_SERIES + metric])
        done, width = self.manifest["steps"]["done"], len(self.networks)
        panel = np.full((len(done), max(done), width), np.nan)
        start = 0
        for replicate, steps in enumerate(done):
            stop = start + steps * width
            panel[replicate, :steps] = values[start:stop].reshape(steps, width)
            start = stop
        return panel

    def same_bits(self, other: Result) -> bool:
        """Return whether two results have the same series, bit for bit.

        Parameters
        ----------
        other : Result

        Returns
        -------
        bool
            NaN equals NaN with the same bits, unlike in `pyarrow.Table.equals`; 0.0 and -0.0 differ.
        """
        mine, theirs = self.table("series"), other.table("series")
        return bool(mine.schema.equals(theirs.schema)) and table_bits(mine) == table_bits(theirs)

    def plot(self, metric: str = "price", *, log: bool | None = None) -> Figure:
        """Draw one metric over time, one panel per network, with bands over replicates.

        Parameters
        ----------
        metric : str, optional
            One of `metrics`.
        log : bool, optional
            Logarithmic axis; by default for prices and values in USD that are always positive.

        Returns
        -------
        matplotlib.figure.Figure
            Not registered with pyplot; a notebook shows it when it is the last value of a cell.
        """
        from catallaxy.sim.report.single import metric_figure

        return metric_figure(self, metric, log=log)

    def report(self, path: Path | str | None = None) -> Path:
        """Write the HTML report, and its figures as PNG beside it.

        Parameters
        ----------
        path : Path or str, optional
            The HTML file; by default `report.html` in the results folder, or in `<name>-report/` of the current
            folder when the result was not saved.

        Returns
        -------
        Path
            The HTML file.

        Raises
        ------
        ResultsError
            When it cannot be written.
        """
        from catallaxy.sim.report.page import write_report

        return write_report(self, None if path is None else Path(path))

    def __repr__(self) -> str:
        done = self.manifest["steps"]["done"]
        where = f"path={str(self.path)!r}" if self.path else "not saved"
        networks = ", ".join(self.networks)
        return f"<Result {self.name!r}: {self.status}, {len(done)} x {max(done, default=0)} steps, {networks}; {where}>"

    def _repr_html_(self) -> str:
        table = self.summary.to_html(index=False, float_format=lambda x: f"{x:.4g}", na_rep="–")
        return f"<p>{escape(repr(self))}</p>{table}"


def _pick(built: Callable[[], dict[str, pa.Table]], name: str) -> pa.Table:
    return built()[name]


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(date_as_object=False)
    return frame


def _no_metric(metric: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(metric, known, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"metric {metric!r} was not recorded.{hint} Recorded: {', '.join(known) or 'nothing'}."
