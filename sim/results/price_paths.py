"""The prices that a run left, as series that the tools for real prices take."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catallaxy.agents.complaints import did_you_mean
from catallaxy.sim.analysis.market.prices import Days, Floats, Prices
from catallaxy.sim.errors import ResultsError
from catallaxy.sim.results.result import Result

__all__ = ["run_prices"]


def run_prices(result: Result, networks: Sequence[str] = ()) -> dict[str, Prices]:
    """Return the token prices of every replicate and network.

    Parameters
    ----------
    result : Result
    networks : sequence of str, optional
        All when empty.

    Returns
    -------
    dict of str to Prices
        By network, or `network/replicate` where there are several replicates; the volume is the value traded, USD.

    Raises
    ------
    ResultsError
        When the run did not record prices, or has no such network.
    """
    for name in networks:
        if name not in result.networks:
            known = ", ".join(result.networks)
            raise ResultsError(f"no network is called {name!r}; there are {known}{did_you_mean(name, result.networks)}")
    close = result.panel("price")
    volume = result.panel("volume_usd") if "volume_usd" in result.metrics else None
    dates, found = _dates(result, close.shape[1]), {}
    for replicate, network in np.ndindex(close.shape[0], close.shape[2]):
        if networks and result.networks[network] not in networks:
            continue
        done = int(np.isfinite(close[replicate, :, network]).sum())
        name = result.networks[network] + (f"/{replicate}" if close.shape[0] > 1 else "")
        traded: Floats | None = None if volume is None else volume[replicate, :done, network]
        found[name] = Prices(name, dates[:done], close[replicate, :done, network], traded)
    return found


def _dates(result: Result, n_steps: int) -> Days:
    """Return the dates of the longest replicate."""
    table = result.table("series")
    steps, dates = table["step"].to_numpy(), table["date"].to_numpy().astype("M8[D]")
    found = np.empty(n_steps, "M8[D]")
    found[steps] = dates
    return found
