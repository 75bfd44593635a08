"""What one run leaves behind, before it is written anywhere."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from catallaxy.sim.recording.model_log import ModelBlock
from catallaxy.sim.recording.snapshots import Snapshot

__all__ = ["DilutionRow", "FlowRow", "GainRow", "IncomeRow", "RunRecord", "StakeRow"]


@dataclass(frozen=True)
class FlowRow:
    """One cell of the stock-flow matrix, summed over a period.

    Attributes
    ----------
    step : int
        Last step of the period.
    instrument : str
        "USD" or a token symbol.
    flow : str
        Name of the flow ("emission", "licence fees").
    sector : str
        Who received (positive) or paid (negative).
    amount : int
        Base units (micro-dollars, or token base units).
    """

    step: int
    instrument: str
    flow: str
    sector: str
    amount: int


@dataclass(frozen=True)
class IncomeRow:
    """Who earned what: cumulative income of one population on one network, in USD at the price of the day.

    `gini`, `hhi` and `nakamoto` say how unequally it was earned; see `sim/analysis/concentration.py`.
    """

    population: str
    network: str
    agents: int
    total_usd: float
    mean_usd: float
    p10_usd: float
    p50_usd: float
    p90_usd: float
    gini: float
    hhi: float = math.nan
    nakamoto: float = math.nan


@dataclass(frozen=True)
class StakeRow:
    """How the bonded tokens of one network are spread over those who have any, at the end.

    Attributes
    ----------
    network : str
    holders : int
        Agents of any population with stake.
    tokens : float
    gini, hhi, nakamoto : float
        See `sim/analysis/concentration.py`.
    """

    network: str
    holders: int
    tokens: float
    gini: float
    hhi: float
    nakamoto: float


@dataclass(frozen=True)
class GainRow:
    """What a group of a population has gained over the run; see docs/distribution.md.

    Attributes
    ----------
    population : str
    network : str
        "all" for those on no network in particular.
    group : str
        "all", a fifth of the members by income (speculators: by wealth at the start), or a segment of users.
    agents : int
    income_usd, costs_usd, surplus_usd : float
        Sums over the group; what users pay are their costs.
    capital_usd : float
        Mean over the run; NaN where there is none.
    return_per_year : float
        Profit after depreciation over capital, a year; NaN where there is no capital.
    """

    population: str
    network: str
    group: str
    agents: int
    income_usd: float
    costs_usd: float
    surplus_usd: float
    capital_usd: float = math.nan
    return_per_year: float = math.nan


@dataclass(frozen=True)
class DilutionRow:
    """What inflation gave to one holder of a network's tokens, and what it cost him; see `sim/state/dilution.py`.

    Attributes
    ----------
    network : str
    holder : str
        Sector of the ledger; stakes count with their owners.
    share_start, share_end : float
        Share of all tokens outside the reward pool.
    received_usd : float
        Value of the new tokens that were handed to it, at the price of the day.
    paid_usd : float
        Value of all new tokens that were handed out, times its share of the tokens that there were before.
    """

    network: str
    holder: str
    share_start: float
    share_end: float
    received_usd: float
    paid_usd: float

    @property
    def net_usd(self) -> float:
        """What it gained; the sum over holders is 0."""
        return self.received_usd - self.paid_usd


@dataclass
class RunRecord:
    """Everything that one run (scenario x seed) recorded.

    Attributes
    ----------
    series : dict of str to float64[n_steps, n_networks]
        Recorded metrics; `n_steps` is the number of completed steps.
    status : str
        "complete", "interrupted" or "failed".
    audit : dict
        Steps checked, identities per step, largest discrepancy (base units).
    guards : dict of str to int
        Steps on which each guard bound.
    phase_seconds : dict of str to float
        Wall-clock time by phase, seconds.
    error, traceback : str
        Why the run stopped: a line for its reader, and for whoever mends it; empty when it is complete.
    snapshots : list of Snapshot
        Rows of populations, when they were asked for.
    models : list of ModelBlock
        What every model was made of, where the scenario keeps a log.
    """

    seed: int
    replicate: int
    networks: tuple[str, ...]
    symbols: tuple[str, ...]
    start: date
    dt_days: float
    series: dict[str, npt.NDArray[np.float64]]
    flows: list[FlowRow] = field(default_factory=list)
    income: list[IncomeRow] = field(default_factory=list)
    stake: list[StakeRow] = field(default_factory=list)
    dilution: list[DilutionRow] = field(default_factory=list)
    gains: list[GainRow] = field(default_factory=list)
    kpis: dict[str, dict[str, float]] = field(default_factory=dict)
    audit: dict[str, Any] = field(default_factory=dict)
    guards: dict[str, int] = field(default_factory=dict)
    phase_seconds: dict[str, float] = field(default_factory=dict)
    wall_s: float = 0.0
    status: str = "complete"
    error: str = ""
    traceback: str = ""
    snapshots: list[Snapshot] = field(default_factory=list)
    models: list[ModelBlock] = field(default_factory=list)

    @property
    def n_steps(self) -> int:
        """Number of completed steps."""
        return len(next(iter(self.series.values()))) if self.series else 0

    def dates(self, steps: npt.NDArray[np.int32]) -> npt.NDArray[np.datetime64]:
        """Return the day on which each of some steps happens.

        Parameters
        ----------
        steps : int32[m]
            From 0.

        Returns
        -------
        datetime64[D][m]
        """
        days = np.floor(steps * self.dt_days).astype("m8[D]")
        dates: npt.NDArray[np.datetime64] = np.datetime64(self.start, "D") + days
        return dates
