"""Made-up series of prices."""

from __future__ import annotations

import numpy as np

from catallaxy.sim.analysis.market.prices import Floats, Prices


def prices_of(returns: Floats, name: str = "made-up", volume: Floats | None = None) -> Prices:
    """Return daily prices from 2020 on with these log returns."""
    n = len(returns) + 1
    dates = np.datetime64("2020-01-01") + np.arange(n)
    return Prices(name, dates, np.exp(np.concatenate(([0.0], np.cumsum(returns)))), volume)
