"""What became of every world of a stage: its verdict, and the numbers that drivers may move."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from catallaxy.sim.analysis.market.prices import Floats, Prices
from catallaxy.sim.cycles.rules import VerdictRules
from catallaxy.sim.cycles.verdict import Verdict, judge
from catallaxy.sim.errors import PricesError
from catallaxy.sim.sweeps.answers.sweep_result import SweepResult

__all__ = ["OUTCOMES", "RECORDED", "SUPERCYCLE", "Outcome", "Worlds", "worlds_of"]

RECORDED = ("price", "market_cap")
"""Series that verdicts need."""


@dataclass(frozen=True)
class Outcome:
    """One number of a world.

    Attributes
    ----------
    name, unit : str
    title, short : str
        What it is, for a figure and for the head of a column.
    """

    name: str
    unit: str
    title: str
    short: str


SUPERCYCLE = "supercycle"

OUTCOMES = (
    Outcome(SUPERCYCLE, "1", "probability of a supercycle", "P(supercycle)"),
    Outcome("log_amplitude", "ln", "largest rise of the index, natural logarithm", "largest rise, ln"),
    Outcome("breadth", "1", "share of tokens that took part in it", "breadth"),
    Outcome("data_income", "USD/year", "income of data owners, last year", "data income, USD/year"),
)
"""What effects are measured on. A world without a rise has amplitude 0 and breadth 0."""


@dataclass(frozen=True)
class Worlds:
    """The worlds of one stage.

    Attributes
    ----------
    verdicts : list of list of (Verdict or None)
        By combination and replicate; None where the run failed.
    values : dict of str to float64[combinations, replicates]
        By outcome; NaN where the run failed.
    """

    verdicts: list[list[Verdict | None]]
    values: dict[str, Floats] = field(default_factory=dict)


def worlds_of(result: SweepResult, rules: VerdictRules) -> Worlds:
    """Judge every world of a sweep.

    Parameters
    ----------
    result : SweepResult
        Of a stage, with `RECORDED` series.
    rules : VerdictRules

    Returns
    -------
    Worlds
    """
    shape = len(result.plan.points), result.plan.replicates
    done = result.values.flags(np.array(result.table("runs")["status"].to_pylist()) == "complete")
    paths = _Paths(result)
    verdicts: list[list[Verdict | None]] = [[None] * shape[1] for _ in range(shape[0])]
    values = {outcome.name: np.full(shape, np.nan) for outcome in OUTCOMES}
    income = np.nansum([result.values.matrix("data_income", network) for network in result.networks], axis=0)
    for point, replicate in np.argwhere(done):
        found = paths.judged(int(point), int(replicate), rules)
        verdicts[point][replicate] = found
        rise = found.rise if found else None
        values[SUPERCYCLE][point, replicate] = float(found is not None and found.kind == "supercycle")
        values["log_amplitude"][point, replicate] = np.log(rise.phase.factor) if rise else 0.0
        values["breadth"][point, replicate] = rise.breadth if rise and np.isfinite(rise.breadth) else 0.0
        values["data_income"][point, replicate] = income[point, replicate]
    return Worlds(verdicts, values)


class _Paths:
    """Recorded prices and market values by run; rows of one run lie together, step by step."""

    def __init__(self, result: SweepResult) -> None:
        import pyarrow.compute as pc

        table = result.table("series")
        self.networks = result.networks
        self.replicates = result.plan.replicates
        order = pc.sort_indices(table, [(name, "ascending") for name in ("point", "replicate", "step")])
        self.table = table.take(order)
        runs = self._integers("point") * self.replicates + self._integers("replicate")
        self._starts = np.searchsorted(runs, np.arange(len(result.plan) + 1))

    def _integers(self, name: str) -> npt.NDArray[np.int64]:
        return np.asarray(self.table[name].to_numpy(), np.int64)

    def judged(self, point: int, replicate: int, rules: VerdictRules) -> Verdict | None:
        """Return the verdict on one run; one whose prices never move is a world without a cycle."""
        row = point * self.replicates + replicate
        start, stop = self._starts[row : row + 2]
        part = self.table.slice(start, stop - start)
        owners = np.array(part["network"].to_pylist())
        dates, price, cap = (part[name].to_numpy() for name in ("date", "ts.price", "ts.market_cap"))
        tokens: dict[str, Prices] = {}
        sizes: dict[str, Floats] = {}
        for network in self.networks:
            own = owners == network
            tokens[network] = Prices(network, dates[own].astype("M8[D]"), price[own])
            sizes[network] = cap[own]
        try:
            return judge(tokens, rules, sizes, seed=1 + replicate)
        except PricesError:
            return None
