"""The result of a sweep, read from its folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catallaxy.sim.errors import ResultsError
from catallaxy.sim.results.parquet import read_table
from catallaxy.sim.sweeps.answers.column_arrays import is_value
from catallaxy.sim.sweeps.answers.equivalence import Equivalence, equivalence_rows
from catallaxy.sim.sweeps.answers.goals import Goal
from catallaxy.sim.sweeps.answers.run_values import RunValues, chosen
from catallaxy.sim.sweeps.answers.summary import comparison_rows, goal_rows, summary_rows
from catallaxy.sim.sweeps.design.plan_file import read_plan
from catallaxy.sim.sweeps.manifest import PLAN_FILE, sweep_folder
from catallaxy.sim.sweeps.plan import Plan

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from matplotlib.figure import Figure

__all__ = ["SweepResult", "open_sweep"]

_SUFFIX = ".parquet"
_SERIES = "ts."
_SHOWN_ROWS = 20

Names = Sequence[str] | str | None


def open_sweep(folder: str | Path) -> SweepResult:
    """Open the folder of a sweep.

    Parameters
    ----------
    folder : str or Path
        What `catallaxy sweep run` printed last.

    Returns
    -------
    SweepResult
        Of all runs that have been collected; tables are read when they are asked for.

    Raises
    ------
    ResultsError
        When it is not the folder of a sweep, or nothing has been collected yet.
    """
    path = sweep_folder(folder)
    if not (path / f"runs{_SUFFIX}").is_file():
        raise ResultsError(
            f"{path} holds no tables yet; `catallaxy sweep collect {path}` makes them of the runs that are done, and "
            f"`catallaxy sweep run {path}` does the missing runs first"
        )
    return SweepResult(path, read_plan(path / PLAN_FILE))


class SweepResult:
    """What a sweep produced.

    Parameters
    ----------
    path : Path
        Folder of the sweep.
    plan : Plan

    Attributes
    ----------
    path : Path
    plan : Plan
    """

    def __init__(self, path: Path, plan: Plan) -> None:
        self.path = path
        self.plan = plan
        self._loaded: dict[str, pa.Table] = {}

    def __len__(self) -> int:
        return len(self.table("runs"))

    @property
    def name(self) -> str:
        """Name of the sweep."""
        return self.plan.name

    @property
    def status(self) -> str:
        """Say how far it is: "complete" when every planned run is there and none failed, else "partial"."""
        return "complete" if self._n_complete == len(self.plan) else "partial"

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables, for `table`."""
        files = [*self.path.glob(f"*{_SUFFIX}"), *self.path.glob(f"agents/*{_SUFFIX}")]
        names = (file.relative_to(self.path).with_suffix("").as_posix() for file in files if file.name != PLAN_FILE)
        return tuple(sorted(names))

    @property
    def kpis(self) -> tuple[str, ...]:
        """Names of the key figures."""
        return self.values.kpis

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the token networks."""
        return self.values.networks

    @cached_property
    def values(self) -> RunValues:
        """Key figures as arrays over points and replicates."""
        return RunValues(self.plan, self.table("runs"))

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row per run: `run_id, point, replicate, seed, param.*, status, error, steps, kpi.<name>.<network>`."""
        return _frame(self.table("runs"))

    @cached_property
    def series(self) -> pd.DataFrame:
        """Recorded paths: one row per run, kept step and network; metrics under their own names."""
        table = self.table("series")
        return _frame(table.rename_columns([name.removeprefix(_SERIES) for name in table.column_names]))

    @cached_property
    def points(self) -> pd.DataFrame:
        """Values of the parameters, one row per point; the index is `point`."""
        import pandas as pd

        rows = [[point.params.get(name) for name in self.plan.params] for point in self.plan.points]
        index = pd.RangeIndex(len(rows), name="point")
        return pd.DataFrame(rows, columns=list(self.plan.params), index=index).infer_objects()

    @cached_property
    def failures(self) -> pd.DataFrame:
        """Runs whose last attempt failed: why, with which traceback, seed and settings."""
        import pandas as pd

        from catallaxy.sim.sweeps.store.failures import Failure, read_failures

        found = [asdict(failure) for failure in read_failures(self.path)]
        return pd.DataFrame(found, columns=[field.name for field in fields(Failure)])

    def table(self, name: str) -> pa.Table:
        """Return one table as it is stored.

        Parameters
        ----------
        name : str
            One of `tables`: "runs", "log", and when recorded "series" and "agents/<population>".

        Returns
        -------
        pyarrow.Table

        Raises
        ------
        ResultsError
            When the sweep has no such table.
        """
        if name not in self._loaded:
            self._loaded[name] = read_table(self.path / f"{chosen('table', name, self.tables)}{_SUFFIX}")
        return self._loaded[name]

    def summary(
        self,
        kpi: Names = None,
        network: Names = None,
        by: Names = None,
        level: float = 0.95,
        method: str = "student",
    ) -> pd.DataFrame:
        """Sum up key figures over the runs of each point, or of each value of some parameters.

        Parameters
        ----------
        kpi, network : str or sequence of str, optional
            Which; all by default.
        by : str or sequence of str, optional
            Parameters whose values are told apart; every point by itself by default, all runs together with ().
        level : float, optional
            Confidence of the intervals of the mean.
        method : {"student", "bootstrap", "percentile"}, optional
            How they are made.

        Returns
        -------
        pandas.DataFrame
            The columns that `summary.summary_rows` explains: `n`, `mean`, `sd`, `low`, `high` and more.
        """
        return _rows(summary_rows(self.values, kpi=kpi, network=network, by=by, level=level, method=method))

    def compare(
        self,
        baseline: int | Mapping[str, Any] = 0,
        kpi: Names = None,
        network: Names = None,
        level: float = 0.95,
        method: str = "student",
    ) -> pd.DataFrame:
        """Compare every point with a baseline, replicate by replicate when they share their chance.

        Parameters
        ----------
        baseline : int or mapping, optional
            The number of a point, or values of some parameters: each point is then compared with the one that has
            these values and agrees with it on all other parameters.
        kpi, network, level, method : optional
            As in `summary`.

        Returns
        -------
        pandas.DataFrame
            The columns that `summary.comparison_rows` explains: `difference`, `low`, `high`, `paired` and more.
        """
        rows = comparison_rows(self.values, baseline, kpi=kpi, network=network, level=level, method=method)
        return _rows(rows)

    def goals(self, by: Names = None, level: float = 0.95) -> pd.DataFrame:
        """Return how likely a run is to reach each goal of the sweep, and all of them.

        Parameters
        ----------
        by, level : optional
            As in `summary`.

        Returns
        -------
        pandas.DataFrame
            The columns that `summary.goal_rows` explains; empty when the sweep has no goals.
        """
        return _rows(goal_rows(self.values, self.declared_goals, by=by, level=level))

    def equivalence(
        self, factor: str, effect: str | None = None, kpi: Names = None, network: Names = None, margin: float = 0.1
    ) -> pd.DataFrame:
        """Say which results survive when a parameter that should not matter takes another value, as a venue's kind.

        Parameters
        ----------
        factor : str
            That parameter; its first value is the reference.
        effect : str, optional
            A parameter whose effect is compared; the levels of key figures by default.
        kpi, network : optional
            As in `summary`.
        margin : float, optional
            Largest difference that does not matter, as a share of the mean.

        Returns
        -------
        pandas.DataFrame
            The columns that `equivalence.equivalence_rows` explains: `mean`, `difference`, `found`, `verdict` and more.
        """
        asked = Equivalence(factor, effect, margin)
        return _rows(equivalence_rows(self.values, asked, kpi=kpi, network=network))

    @cached_property
    def declared_goals(self) -> tuple[Goal, ...]:
        """Goals that the sweep file declares."""
        return tuple(Goal.model_validate(dict(goal)) for goal in self.plan.goals)

    def plot(
        self,
        kpi: str,
        x: str | None = None,
        hue: str | None = None,
        network: Names = None,
        level: float = 0.95,
        method: str = "student",
    ) -> Figure:
        """Draw the mean of a key figure against a parameter, with its interval; one panel per network.

        Parameters
        ----------
        kpi : str
        x : str, optional
            Parameter of the horizontal axis; the first one by default.
        hue : str, optional
            Parameter whose values have a line each.
        network, level, method : optional
            As in `summary`.

        Returns
        -------
        matplotlib.figure.Figure
            Not registered with pyplot; a notebook shows it when it is the last value of a cell.
        """
        from catallaxy.sim.sweeps.answers.sweep_figure import Axis, kpi_figure

        return kpi_figure(self.values, kpi, Axis(x, hue), network=network, level=level, method=method)

    @cached_property
    def _n_complete(self) -> int:
        return int(is_value(self.table("runs")["status"], "complete").sum())

    def __repr__(self) -> str:
        plan, kept = self.plan, len(self)
        done = f"{kept:,} of {len(plan):,} runs" if kept < len(plan) else f"{kept:,} runs"
        failed = f", {kept - self._n_complete:,} failed" if kept > self._n_complete else ""
        design = f"{len(plan.points):,} points x {plan.replicates:,} replicates"
        return f"<SweepResult {plan.name!r}: {self.status}, {done}{failed}, {design}; path={str(self.path)!r}>"

    def _repr_html_(self) -> str:
        shown = self.goals() if self.declared_goals else self.points.reset_index()
        more = f"<p>{len(shown) - _SHOWN_ROWS:,} more rows</p>" if len(shown) > _SHOWN_ROWS else ""
        table = shown.head(_SHOWN_ROWS).to_html(index=False, float_format=lambda x: f"{x:.4g}", na_rep="–")
        return f"<p>{escape(repr(self))}</p><p>{escape(self.plan.question)}</p>{table}{more}"


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas(date_as_object=False)
    return frame


def _rows(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(list(rows))
