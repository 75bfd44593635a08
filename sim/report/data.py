"""What the figures are drawn from: panels of a result, derived series, dates, and bands over replicates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from catallaxy.sim.recording.metrics import METRICS
from catallaxy.sim.results.result import Result

__all__ = ["Bands", "Floats", "ReportData", "bands"]

Floats = npt.NDArray[np.float64]
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_SMOOTHING_DAYS = 30.0
_UNITS = {m.name: m.unit for m in METRICS}


@dataclass(frozen=True)
class Bands:
    """Quantiles over replicates at every step, each float64[n_steps]; all equal when there is one replicate."""

    low: Floats
    lower: Floats
    median: Floats
    upper: Floats
    high: Floats


def bands(values: Floats) -> Bands:
    """Return the 5, 25, 50, 75 and 95 % quantiles over replicates.

    Parameters
    ----------
    values : float64[n_replicates, n_steps]
        NaN where a replicate had ended; it is then left out.

    Returns
    -------
    Bands
    """
    if len(values) == 1:
        return Bands(*[values[0]] * len(_QUANTILES))
    if not np.isnan(values).any():
        return Bands(*np.quantile(values, _QUANTILES, axis=0))
    alive = ~np.isnan(values).all(axis=0)
    quantiles = np.full((len(_QUANTILES), values.shape[1]), np.nan)
    quantiles[:, alive] = np.nanquantile(values[:, alive], _QUANTILES, axis=0)
    return Bands(*quantiles)


class ReportData:
    """A result, as the figures need it.

    Parameters
    ----------
    result : Result
        With or without replicates; partial runs too.
    """

    def __init__(self, result: Result) -> None:
        self.result = result
        self._panels: dict[str, Floats] = {}

    @property
    def networks(self) -> tuple[str, ...]:
        """Names of the networks."""
        return self.result.networks

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols of the networks' tokens."""
        return tuple(self.result.manifest["symbols"])

    @property
    def n_replicates(self) -> int:
        """Replicates recorded."""
        return len(self.result.manifest["steps"]["done"])

    @property
    def n_steps(self) -> int:
        """Steps of the longest replicate."""
        return max(self.result.manifest["steps"]["done"], default=0)

    @cached_property
    def dates(self) -> npt.NDArray[np.datetime64]:
        """Date and time of every step, datetime64[n_steps]."""
        start = np.datetime64(self.result.manifest["start"], "m")
        minutes = np.arange(self.n_steps) * (float(self.result.manifest["dt_days"]) * 1440.0)
        return start + minutes.astype("m8[m]")

    def has(self, *names: str) -> bool:
        """Return whether every series was recorded with at least one number in it."""
        return self.n_steps > 0 and all(self._available(name) for name in names)

    def panel(self, name: str) -> Floats:
        """Return a recorded or derived series, float64[n_replicates, n_steps, n_networks]."""
        if name not in self._panels:
            derived = _DERIVED.get(name)
            self._panels[name] = derived.compute(self) if derived else self.result.panel(name)
        return self._panels[name]

    def unit(self, name: str) -> str:
        """Return the unit of a recorded or derived series."""
        return _DERIVED[name].unit if name in _DERIVED else _UNITS.get(name, "")

    def bands(self, name: str, network: int) -> Bands:
        """Return the bands of one series of one network."""
        return bands(self.panel(name)[:, :, network])

    def mean(self, name: str, network: int) -> Floats:
        """Return the mean over the replicates that were still running, float64[n_steps]; means add up exactly."""
        values = self.panel(name)[:, :, network]
        alive = np.isfinite(values)
        means: Floats = np.where(alive, values, 0.0).sum(axis=0) / np.maximum(1, alive.sum(axis=0))
        return means

    def smoothed(self, name: str) -> Floats:
        """Return the trailing 30-day mean of a series (shorter at its start)."""
        values = self.panel(name)
        window = max(1, round(_SMOOTHING_DAYS / float(self.result.manifest["dt_days"])))
        sums = np.cumsum(values, axis=1)
        sums[:, window:] = sums[:, window:] - sums[:, :-window]
        lengths = np.minimum(np.arange(1.0, values.shape[1] + 1.0), window)
        means: Floats = sums / lengths[None, :, None]
        return means

    def _available(self, name: str) -> bool:
        needs = _DERIVED[name].needs if name in _DERIVED else (name,)
        recorded = all(need in self.result.metrics for need in needs)
        return recorded and bool(np.isfinite(self.panel(name)).any())


@dataclass(frozen=True)
class _Derived:
    """A series computed from recorded ones."""

    needs: tuple[str, ...]
    unit: str
    compute: Callable[[ReportData], Floats]


def _staked_share(data: ReportData) -> Floats:
    supply = data.panel("supply")
    shares: Floats = np.divide(data.panel("staked"), supply, out=np.full(supply.shape, np.nan), where=supply > 0.0)
    return shares


def _if_any(name: str) -> _Derived:
    """Return a series as it is, or without numbers when it is zero throughout and says nothing."""

    def compute(data: ReportData) -> Floats:
        values = data.panel(name)
        return values if bool((values != 0.0).any()) else np.full(values.shape, np.nan)

    return _Derived((name,), _UNITS[name], compute)


def _since_start(name: str) -> _Derived:
    """Return a flow summed since the start."""
    unit = _UNITS[name].removesuffix("/step")
    return _Derived((name,), unit, lambda data: np.cumsum(data.panel(name), axis=1))


_FLOWS = (
    "airdrop_sales",
    "bankruptcies",
    "builders_entered",
    "capital_inflow",
    "data_tolls_paid",
    "gpus_bought",
    "inference_tolls_paid",
    "insider_sales",
    "liquidated",
    "payment_costs",
    "payments",
    "pool_fees",
    "pool_loss",
    "registrations",
    "shared_with_compute",
    "shared_with_data",
    "tolls_paid",
    "trade_tax",
    "venture_capital",
)

_DERIVED = {
    **{f"{name}_cum": _since_start(name) for name in _FLOWS},
    "spread_if_any": _if_any("venue_spread"),
    "provided_if_any": _if_any("provided_usd"),
    "staked_share": _Derived(("staked", "supply"), "1", _staked_share),
    "noise_share": _Derived(
        ("fundamentalist_share", "chartist_share"),
        "1",
        lambda data: 1.0 - data.panel("fundamentalist_share") - data.panel("chartist_share"),
    ),
    "fees_mean": _Derived(("fees_usd",), "USD/step", lambda data: data.smoothed("fees_usd")),
    "emission_mean": _Derived(("emission_usd",), "USD/step", lambda data: data.smoothed("emission_usd")),
    "spend_mean": _Derived(("service_spend",), "USD/step", lambda data: data.smoothed("service_spend")),
    "burned_mean": _Derived(("burned",), "token/step", lambda data: data.smoothed("burned")),
    "reminted_mean": _Derived(("reminted",), "token/step", lambda data: data.smoothed("reminted")),
    "credits_used_mean": _Derived(("credits_used",), "USD/step", lambda data: data.smoothed("credits_used")),
    "licences_mean": _Derived(("licences_sold",), "licence/step", lambda data: data.smoothed("licences_sold")),
    "fraud_cum": _Derived(("fraud_caught",), "event", lambda data: np.cumsum(data.panel("fraud_caught"), axis=1)),
}
