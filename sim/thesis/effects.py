"""Effects of drivers: contrasts of a factorial design on common random numbers, and the same with shuffled labels."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catallaxy.sim.analysis.intervals import Interval, mean
from catallaxy.sim.analysis.market.prices import Floats
from catallaxy.sim.thesis.combinations import Combination

__all__ = ["SHUFFLES", "Effect", "Effects", "effects"]

SHUFFLES = 999
"""How often labels are shuffled."""


@dataclass(frozen=True)
class Effect:
    """What a driver, or two together, do to an outcome, over all settings of the others.

    Attributes
    ----------
    drivers : tuple of str
        One, or the two of an interaction.
    interval : Interval
        Of the mean over replicates (Student's t).
    p : float
        Share of shuffles, the real one included, in which any driver, or pair, has as large a t: the chance of being
        misled by the largest of them is held (P. H. Westfall & S. S. Young, *Resampling-Based Multiple Testing*, 1993).
    """

    drivers: tuple[str, ...]
    interval: Interval
    p: float


@dataclass(frozen=True)
class Effects:
    """All effects on one outcome.

    Attributes
    ----------
    main : tuple of Effect
    interactions : tuple of Effect
        Of two drivers; empty below resolution V, where they cannot be told apart.
    shuffled : tuple of Effect
        Main effects after one shuffle of the labels: the negative control. Their p is NaN.
    false_alarms : float
        Share of the intervals of main effects that leave 0 out, over all shuffles; NaN where nothing varies.
    """

    main: tuple[Effect, ...]
    interactions: tuple[Effect, ...]
    shuffled: tuple[Effect, ...]
    false_alarms: float


def effects(
    names: Sequence[str],
    combinations: Sequence[Combination],
    values: Floats,
    *,
    interactions: bool,
    level: float = 0.95,
    seed: int = 1,
    shuffles: int = SHUFFLES,
) -> Effects:
    """Measure what each driver does.

    Parameters
    ----------
    names : sequence of str
        Drivers.
    combinations : sequence of Combination
        Rows of a two-level design in which columns of the model are orthogonal.
    values : float64[combinations, replicates]
        Replicates share their chance over all combinations; one with a value that is not finite is left out.
    interactions : bool
        Whether the design tells interactions of two drivers apart.
    level : float, optional
    seed, shuffles : int, optional
        Chance of the shuffles, and their number.

    Returns
    -------
    Effects

    Notes
    -----
    The effect of a driver is the mean outcome with it less that without it, that of an interaction half the difference
    between the effect of one driver with and without the other (Box, Hunter & Hunter 2005, ch. 5). Both are worked out
    replicate by replicate, so that common chance cancels. Shuffling permutes the combinations within each replicate,
    which leaves the distribution as it is if no driver matters.
    """
    whole = values[:, np.isfinite(values).all(axis=0)]
    signs = np.where(np.array(combinations), 1.0, -1.0)
    pairs = list(itertools.combinations(range(len(names)), 2)) if interactions else []
    columns = [signs[:, i] for i in range(len(names))] + [signs[:, i] * signs[:, j] for i, j in pairs]
    labels = [(name,) for name in names] + [(names[i], names[j]) for i, j in pairs]
    contrasts = np.array(columns) * (2.0 / len(signs))
    found = contrasts @ whole
    chance = np.random.Generator(np.random.PCG64(seed))
    shuffled = [contrasts @ chance.permuted(whole, axis=0) for _ in range(shuffles)]
    largest = np.array([_largest(_t(drawn), len(names)) for drawn in shuffled])
    sizes = _t(found)
    measured = [
        Effect(label, mean(row, level), _p(float(size), largest[:, int(len(label) > 1)]))
        for label, row, size in zip(labels, found, sizes, strict=True)
    ]
    control = tuple(Effect((name,), mean(shuffled[0][i], level), np.nan) for i, name in enumerate(names))
    main = len(names)
    return Effects(tuple(measured[:main]), tuple(measured[main:]), control, _false_alarms(shuffled, main, level))


def _t(contrasts: Floats) -> Floats:
    """Return the size of Student's t of each contrast over replicates: 0 without an effect, infinite without chance."""
    size = np.abs(contrasts.mean(axis=1))
    error = (
        contrasts.std(axis=1, ddof=1) / np.sqrt(contrasts.shape[1]) if contrasts.shape[1] > 1 else np.zeros(len(size))
    )
    found: Floats = np.divide(size, error, out=np.where(size > 0.0, np.inf, 0.0), where=error > 0.0)
    return found


def _largest(sizes: Floats, main: int) -> tuple[float, float]:
    """Return the largest main effect and the largest interaction of a shuffle."""
    return float(sizes[:main].max()), float(sizes[main:].max(initial=0.0))


def _p(size: float, largest: Floats) -> float:
    reached = largest >= size * (1.0 - 1e-9)
    return float((1 + reached.sum()) / (1 + len(largest)))


def _false_alarms(shuffled: Sequence[Floats], main: int, level: float) -> float:
    from scipy import stats

    drawn = np.array(shuffled)[:, :main]
    n = drawn.shape[2]
    if n < 2 or not drawn.any():
        return float("nan")
    reach = float(stats.t.ppf(0.5 + level / 2.0, n - 1)) * drawn.std(axis=2, ddof=1) / np.sqrt(n)
    return float((np.abs(drawn.mean(axis=2)) > reach).mean())
