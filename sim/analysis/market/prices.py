"""Prices as a series of observations at equal distances, and what keeps a series from being one.

A day without a price is a gap. What a gap means is for the analyst to say, so it is refused unless a way to close it is
named: a return over ten days is no daily return, and a price that is carried forward has returns of zero.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from catallaxy.agents.complaints import did_you_mean
from catallaxy.sim.errors import PricesError

__all__ = ["GAPS", "LEAST", "Days", "Floats", "Prices", "checked", "whole"]

Floats: TypeAlias = npt.NDArray[np.float64]
Days: TypeAlias = npt.NDArray[np.datetime64]

GAPS = ("refuse", "longest", "carry")
"""What may be done about a gap: refuse it, take the longest piece without one, or carry the last price forward."""

LEAST = 100
"""Fewest observations of a series that is analysed: tails and memory of fewer are guesses."""


@dataclass(frozen=True, eq=False)
class Prices:
    """Prices of one token, or of anything else.

    Attributes
    ----------
    name : str
    dates : datetime64[D][n]
        Ascending.
    close : float64[n]
        Positive, any currency.
    volume : float64[n] or None
        Traded in each step, any unit; NaN where it is not known. None when nothing is known of it.
    """

    name: str
    dates: Days
    close: Floats
    volume: Floats | None = None

    def __post_init__(self) -> None:
        if not len(self.dates) == len(self.close) == len(self.close if self.volume is None else self.volume):
            raise PricesError(f"{self.name}: dates, prices and volumes must be equally many")
        bad = np.flatnonzero(~(np.isfinite(self.close) & (self.close > 0.0)))
        if len(bad):
            raise PricesError(
                f"{self.name}: the price of {self.dates[bad[0]]} is {self.close[bad[0]]:g}; a price is a positive "
                f"number ({len(bad)} of {len(self.close)} are none)"
            )

    def __len__(self) -> int:
        return len(self.close)

    @property
    def step_days(self) -> int:
        """Days between two observations: the most common distance; 1 for a single observation."""
        distances = np.diff(self.dates).astype(np.int64)
        return int(np.bincount(distances).argmax()) if len(distances) else 1

    @property
    def log_returns(self) -> Floats:
        """Changes of the log price from one observation to the next, float64[n - 1]."""
        return np.diff(np.log(self.close))

    def between(self, start: int, stop: int) -> Prices:
        """Return the observations from `start` to before `stop`."""
        volume = None if self.volume is None else self.volume[start:stop]
        return replace(self, dates=self.dates[start:stop], close=self.close[start:stop], volume=volume)


def whole(prices: Prices, gaps: str = "refuse", max_gap: int | None = None, least: int = LEAST) -> Prices:
    """Return a series without gaps that is long enough and moves.

    Parameters
    ----------
    prices : Prices
    gaps : {"refuse", "longest", "carry"}, optional
        What to do about gaps.
    max_gap : int, optional
        Most days from one observation to the next; the most common distance when absent. Weekends and holidays of a
        stock exchange need 5.
    least : int, optional
        Fewest observations.

    Returns
    -------
    Prices

    Raises
    ------
    PricesError
        When there are gaps and they are refused, too few observations, or the price never changes.
    """
    if gaps not in GAPS:
        raise PricesError(f"gaps can be {', '.join(GAPS)}, not {gaps!r}{did_you_mean(gaps, GAPS)}")
    allowed = prices.step_days if max_gap is None else max_gap
    distances = np.diff(prices.dates).astype(np.int64)
    breaks = np.flatnonzero(distances > allowed)
    if len(breaks) and gaps == "refuse":
        raise PricesError(_gap_message(prices, breaks, distances))
    if len(breaks):
        prices = _longest(prices, breaks) if gaps == "longest" else _carried(prices)
    return checked(prices, least)


def checked(prices: Prices, least: int = LEAST) -> Prices:
    """Return a series that is long enough and moves, gaps or not.

    Parameters
    ----------
    prices : Prices
    least : int, optional
        Fewest observations.

    Returns
    -------
    Prices
        The same.

    Raises
    ------
    PricesError
        When there are too few observations, or the price never changes.
    """
    if len(prices) < least:
        raise PricesError(f"{prices.name}: {len(prices)} observations are too few; {least} are needed")
    if np.ptp(prices.close) == 0.0:
        raise PricesError(
            f"{prices.name}: the price is {prices.close[0]:g} from {prices.dates[0]} to {prices.dates[-1]}; a price "
            "that never changes has no statistics"
        )
    return prices


def _gap_message(prices: Prices, breaks: npt.NDArray[np.int64], distances: npt.NDArray[np.int64]) -> str:
    first, worst = breaks[0], int(distances[breaks].max())
    return (
        f"{prices.name}: no price between {prices.dates[first]} and {prices.dates[first + 1]}; {len(breaks)} gaps, the "
        f"longest of {worst} days, where prices are usually {prices.step_days} days apart. Take the longest piece "
        "without a gap (--gaps longest), carry the last price forward (--gaps carry), or allow gaps of some days "
        "(--max-gap 5)"
    )


def _longest(prices: Prices, breaks: npt.NDArray[np.int64]) -> Prices:
    edges = np.concatenate(([0], breaks + 1, [len(prices)]))
    widest = int(np.diff(edges).argmax())
    return prices.between(int(edges[widest]), int(edges[widest + 1]))


def _carried(prices: Prices) -> Prices:
    """Return the series on every step from its first date to its last, with the last price known at each."""
    days = np.arange(prices.dates[0], prices.dates[-1] + np.timedelta64(1, "D"), np.timedelta64(prices.step_days, "D"))
    last = np.searchsorted(prices.dates, days, side="right") - 1
    volume = None
    if prices.volume is not None:
        volume = np.where(prices.dates[last] == days, prices.volume[last], np.nan)
    return Prices(prices.name, days, prices.close[last], volume)
