r"""Event studies: whether a token earned more around a date than the market and its own past make one expect.

Returns are explained by a market, :math:`r_t = \alpha + \beta m_t + e_t`, fitted on steps before each event. What is
left over, added up over a window around the event, is the cumulative abnormal return (CAR). Its classical standard
error takes the uncertainty of the fit into account,

.. math::
    s_{\mathrm{CAR}}^2 = s_e^2 \Bigl( L + \frac{L^2}{T} + \frac{(\sum m - L \bar m)^2}{\sum (m - \bar m)^2} \Bigr),

with L steps in the window and T in the fit. It knows neither heavy tails nor clustered volatility, so that the p-value
is taken from placebos: the same CAR at every other date of the series.

References
----------
A. C. MacKinlay, "Event Studies in Economics and Finance", *Journal of Economic Literature* 35 (1997), 13;
E. Boehmer, J. Musumeci and A. B. Poulsen, "Event-study methodology under conditions of event-induced variance",
*Journal of Financial Economics* 30 (1991), 253;
S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", *Scandinavian Journal of Statistics* 6 (1979), 65.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from catallaxy.sim.analysis.market.cross_section import aligned
from catallaxy.sim.analysis.market.prices import Floats, Prices
from catallaxy.sim.errors import PricesError

__all__ = ["WINDOWS", "Abnormal", "Event", "StudyDesign", "Together", "event_study", "together"]

WINDOWS = ((-30, -1), (0, 7), (0, 30), (0, 90))
"""First and last step of each window, counted from the event."""

_FEWEST_PLACEBOS = 19
"""Fewer dates could not make a p-value of 5 %."""


@dataclass(frozen=True)
class Event:
    """Something that happened on a day.

    Attributes
    ----------
    day : datetime64[D]
    label : str
    """

    day: np.datetime64
    label: str


@dataclass(frozen=True)
class StudyDesign:
    """What an event study compares.

    Attributes
    ----------
    windows : sequence of (int, int)
        First and last step of each window, counted from the event.
    estimation : int
        Steps on which the return that one may expect is fitted.
    apart : int
        Steps between the last of these and the event, so that what is known beforehand does not enter the fit.
    """

    windows: Sequence[tuple[int, int]] = WINDOWS
    estimation: int = 120
    apart: int = 30

    def __post_init__(self) -> None:
        wrong = [f"{first}:{last}" for first, last in self.windows if first > last]
        if wrong:
            raise PricesError(f"a window goes from an earlier to a later step, not {', '.join(wrong)}")
        if self.estimation < 30:
            raise PricesError(f"30 steps at least are needed to fit the return one may expect, not {self.estimation}")
        early = [f"{first}:{last}" for first, last in self.windows if first < -self.apart]
        if early:
            raise PricesError(
                f"window {', '.join(early)} begins before the {self.apart} steps that are kept apart from the fit"
            )


@dataclass(frozen=True)
class Abnormal:
    """What a token earned beyond expectation in one window around one event.

    Attributes
    ----------
    event : Event
    window : (int, int)
        First and last step.
    car : float
        Cumulative abnormal log return; NaN where the series does not cover the window and the fit.
    error : float
        Its classical standard error.
    p : float
        Share of dates, the event's own included, whose abnormal return is as far from zero.
    placebos : int
        Other dates that it was compared with.
    """

    event: Event
    window: tuple[int, int]
    car: float
    error: float
    p: float
    placebos: int


@dataclass(frozen=True)
class Together:
    """All events of one window together.

    Attributes
    ----------
    window : (int, int)
    events : int
        Events whose window the series covers.
    positive : int
        Those with an abnormal return above zero.
    mean : float
        Mean cumulative abnormal log return.
    t, p : float
        Standardised cross-sectional t (Boehmer et al. 1991) of `events` - 1 degrees of freedom and its two-sided
        p-value; NaN for fewer than two events.
    smallest : float
        Smallest p-value of a single event, corrected for their number (Holm 1979).
    """

    window: tuple[int, int]
    events: int
    positive: int
    mean: float
    t: float
    p: float
    smallest: float


def event_study(
    prices: Prices, events: Iterable[Event], design: StudyDesign | None = None, market: Prices | None = None
) -> list[Abnormal]:
    """Compute abnormal returns around events.

    Parameters
    ----------
    prices : Prices
        Without gaps.
    events : iterable of Event
        An event on a day without a price counts from the next day with one.
    design : StudyDesign, optional
    market : Prices, optional
        What explains returns; their own mean does when absent.

    Returns
    -------
    list of Abnormal
        By event, then window.

    Raises
    ------
    PricesError
        When the series is too short for any placebo.
    """
    design = design or StudyDesign()
    y, x, days = _returns(prices, market)
    at = {event: int(np.searchsorted(days, event.day)) for event in events}
    found: dict[tuple[int, int], tuple[Floats, Floats]] = {w: _everywhere(y, x, design, w) for w in design.windows}
    for window, (car, _) in found.items():
        if np.isfinite(car).sum() <= _FEWEST_PLACEBOS:
            raise PricesError(
                f"{prices.name}: {len(y)} returns are too few for a fit on {design.estimation} of them, "
                f"{design.apart} kept apart and a window of {window[0]}:{window[1]}"
            )
    return [_one(event, row, window, *found[window]) for event, row in at.items() for window in design.windows]


def together(found: Sequence[Abnormal]) -> list[Together]:
    """Sum up abnormal returns over events, by window.

    Parameters
    ----------
    found : sequence of Abnormal

    Returns
    -------
    list of Together
    """
    windows = list(dict.fromkeys(one.window for one in found))
    return [_together(w, [one for one in found if one.window == w and math.isfinite(one.car)]) for w in windows]


def _returns(prices: Prices, market: Prices | None) -> tuple[Floats, Floats, npt.NDArray[np.datetime64]]:
    """Return the token's and the market's log returns and their days."""
    if market is None:
        return prices.log_returns, np.zeros(len(prices) - 1), prices.dates[1:]
    both = aligned({"prices": prices, "market": market})
    return both["prices"].log_returns, both["market"].log_returns, both["prices"].dates[1:]


def _everywhere(y: Floats, x: Floats, design: StudyDesign, window: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return the abnormal return and its error as if there were an event at each return; NaN where not covered."""
    first, last = window
    n, t, length = len(y), design.estimation, last - first + 1
    car, error = np.full(n, np.nan), np.full(n, np.nan)
    events = np.arange(design.apart + t, n - max(last, 0))
    if not len(events):
        return car, error
    begins = events - design.apart - t
    past_x = np.lib.stride_tricks.sliding_window_view(x, t)[begins]
    past_y = np.lib.stride_tricks.sliding_window_view(y, t)[begins]
    mean_x, mean_y = past_x.mean(axis=1), past_y.mean(axis=1)
    off_x, off_y = past_x - mean_x[:, None], past_y - mean_y[:, None]
    spread = (off_x * off_x).sum(axis=1)
    moves = spread > 0.0
    beta = np.divide((off_x * off_y).sum(axis=1), spread, out=np.zeros(len(events)), where=moves)
    left = off_y - beta[:, None] * off_x
    variance = (left * left).sum(axis=1) / (t - 1 - moves)
    sum_y, sum_x = (np.concatenate(([0.0], np.cumsum(v))) for v in (y, x))
    gained_y = sum_y[events + last + 1] - sum_y[events + first]
    gained_x = sum_x[events + last + 1] - sum_x[events + first]
    beyond = gained_x - length * mean_x
    car[events] = gained_y - length * mean_y - beta * beyond
    leverage = np.divide(beyond * beyond, spread, out=np.zeros(len(events)), where=moves)
    error[events] = np.sqrt(variance * (length + length * length / t + leverage))
    return car, error


def _one(event: Event, row: int, window: tuple[int, int], car: Floats, error: Floats) -> Abnormal:
    if row >= len(car) or np.isnan(car[row]):
        return Abnormal(event, window, math.nan, math.nan, math.nan, 0)
    covered = car[np.isfinite(car)]
    p = float(np.mean(np.abs(covered) >= abs(car[row])))
    return Abnormal(event, window, float(car[row]), float(error[row]), p, len(covered) - 1)


def _together(window: tuple[int, int], found: Sequence[Abnormal]) -> Together:
    from scipy import stats

    n, cars = len(found), [one.car for one in found]
    positive = sum(car > 0.0 for car in cars)
    mean = float(np.mean(cars)) if n else math.nan
    smallest = min(1.0, n * min(one.p for one in found)) if n else math.nan
    t = p = math.nan
    if n > 1:
        standardised = np.array([one.car / one.error for one in found])
        t = float(standardised.mean() * math.sqrt(n) / standardised.std(ddof=1))
        p = float(2.0 * stats.t.sf(abs(t), n - 1))
    return Together(window, n, positive, mean, t, p, smallest)
