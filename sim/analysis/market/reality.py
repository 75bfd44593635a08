"""Fourteen statistics of real tokens of decentralized AI, and where simulated ones lie among them.

The real ones are FET, RENDER, FIL, GRT, LPT, NMR, AR and HNT, daily closes from 2021-06-14 to 2025-06-12 (Binance;
CoinMarketCap for the older prices of HNT). Each band holds the smallest, the quartiles and the largest of the eight.
Two need more than one token: the correlation of pairs is that of the 28 pairs, the share of the first principal
component that of four years of 357 days. Volumes without gaps are known of four tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from catallaxy.sim.analysis.market.cross_section import beta, common_movement
from catallaxy.sim.analysis.market.drawdowns import drawdowns
from catallaxy.sim.analysis.market.prices import Prices
from catallaxy.sim.analysis.market.stylised_facts import Bands, stylised_facts

__all__ = ["INSIDE", "OUTSIDE", "QUARTILES", "REAL", "Real", "compared", "observed"]

QUARTILES, INSIDE, OUTSIDE = "middle half", "range", "outside"

_OF_ONE = ("sd", "kurtosis", "hill", "q99_abs", "acf_1", "acf_abs_1", "acf_abs_5", "acf_abs_20", "volume_volatility")
_NO_RESAMPLES = Bands(resamples=0)


@dataclass(frozen=True)
class Real:
    """One statistic of real tokens.

    Attributes
    ----------
    name, unit : str
        As `stylised_facts`, `beta` and `common_movement` name it; `max_drawdown` is the deepest one.
    band : (float, float, float, float, float)
        Smallest, quartiles, largest.
    """

    name: str
    unit: str
    band: tuple[float, float, float, float, float]

    def place(self, value: float) -> str:
        """Say whether a value lies in the middle half, in the range, or outside."""
        low, first, _, third, high = self.band
        if first <= value <= third:
            return QUARTILES
        return INSIDE if low <= value <= high else OUTSIDE


REAL = (
    Real("sd", "1/√day", (0.0531, 0.0582, 0.0639, 0.0674, 0.0709)),
    Real("kurtosis", "1", (3.26, 4.25, 5.77, 9.51, 20.52)),
    Real("hill", "1", (2.44, 2.71, 3.24, 3.39, 3.68)),
    Real("q99_abs", "1", (3.00, 3.11, 3.38, 3.59, 3.72)),
    Real("acf_1", "1", (-0.0587, -0.0447, -0.0385, -0.0201, -0.0066)),
    Real("acf_abs_1", "1", (0.141, 0.149, 0.158, 0.178, 0.222)),
    Real("acf_abs_5", "1", (0.042, 0.074, 0.088, 0.092, 0.122)),
    Real("acf_abs_20", "1", (-0.040, 0.003, 0.032, 0.062, 0.078)),
    Real("volume_volatility", "1", (0.369, 0.381, 0.409, 0.439, 0.456)),
    Real("max_drawdown", "1", (0.880, 0.950, 0.956, 0.963, 0.980)),
    Real("beta", "1", (0.973, 1.174, 1.267, 1.339, 1.400)),
    Real("correlation", "1", (0.494, 0.520, 0.575, 0.608, 0.671)),
    Real("pair_correlation", "1", (0.339, 0.446, 0.509, 0.559, 0.684)),
    Real("first_component", "1", (0.529, 0.536, 0.570, 0.627, 0.704)),
)
"""The statistics, with their bands."""


def observed(tokens: Mapping[str, Prices], reserve: Prices | None = None) -> dict[str, float]:
    """Measure one world.

    Parameters
    ----------
    tokens : mapping of str to Prices
        Daily prices.
    reserve : Prices, optional
        The reserve asset; beta and the correlation with it are left out without.

    Returns
    -------
    dict of str to float
        The median over tokens; statistics of several tokens are left out where there is one.
    """
    found: dict[str, list[float]] = {}
    for prices in tokens.values():
        facts = stylised_facts(prices, _NO_RESAMPLES)
        own = {name: facts[name].estimate for name in _OF_ONE if name in facts}
        own["max_drawdown"] = max((fall.depth for fall in drawdowns(prices)), default=0.0)
        if reserve is not None:
            line = beta(prices, reserve, _NO_RESAMPLES)
            own |= {name: line[name].estimate for name in ("beta", "correlation")}
        for name, value in own.items():
            found.setdefault(name, []).append(value)
    result = {name: float(np.median(values)) for name, values in found.items()}
    if len(tokens) > 1:
        result |= {name: one.estimate for name, one in common_movement(tokens, _NO_RESAMPLES).items()}
    return result


def compared(worlds: Sequence[Mapping[str, float]]) -> list[dict[str, Any]]:
    """Put worlds beside real tokens.

    Parameters
    ----------
    worlds : sequence of mapping of str to float
        What `observed` returned, for one at least.

    Returns
    -------
    list of dict
        One row per statistic that all worlds have: the real band, the quartiles of ours, and the `place` of our median.
    """
    rows = []
    for real in REAL:
        values = [world[real.name] for world in worlds if np.isfinite(world.get(real.name, np.nan))]
        if len(values) < len(worlds):
            continue
        first, middle, third = (float(q) for q in np.quantile(values, (0.25, 0.5, 0.75)))
        low, lower, centre, upper, high = real.band
        row = {"statistic": real.name, "unit": real.unit, "least": low, "first": lower, "median": centre}
        row |= {"third": upper, "most": high, "ours": middle, "ours_first": first, "ours_third": third}
        rows.append({**row, "place": real.place(middle)})
    return rows
