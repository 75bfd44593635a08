"""Filecoin's rewards per epoch, and what its two pools mint under three paths of the network's power."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found, exactly
from catallaxy.sim.report.canvas import COLOURS, axes_grid
from catallaxy.sim.tokenomics.emission import EMISSIONS, EmissionContext, EmissionRule, Memory, NetworkBaseline

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Parameters", "draw", "estimates", "measure", "parts"]

Floats = npt.NDArray[np.float64]

_REWARDS, _PACE, _FLAT, _REPLAY = "rewards of epochs", "power keeps up", "power stays", "power as it was"
_YEAR, _DAY_SECONDS = 365, 86_400
_PLENTY = 1e30
_ATTO, _NANO = 10**18, 10**9
#: Years and days for which minting is compared.
_YEARS = (1, 2, 4, 6, 12)
_LATE = (1, 4, 12)
_DAYS = (492, 857)
_SIMPLE_EPOCHS = (5_000, 100_000, 500_000, 1_000_000, 2_555_000)
_BASELINE_EPOCHS = (0, 5_000, 100_000, 500_000, 2_555_000)


class Parameters(Spec):
    """The two pools, the baseline, and how minting is stepped through."""

    simple_pool: float = quantity(unit="FIL", doc="Minted by time alone.", gt=0, le=1e9)
    baseline_pool: float = quantity(unit="FIL", doc="Minted by effective network time.", gt=0, le=1e9)
    half_life_days: float = quantity(unit="day", doc="Time in which both flows halve.", gt=0, le=1e6)
    baseline: float = quantity(unit="byte", doc="Power that the first epoch requires.", gt=0)
    doubling_days: float = quantity(unit="day", doc="Time in which the required power doubles.", ge=1)
    epoch_seconds: float = quantity(unit="s", doc="Length of an epoch.", ge=1, le=_DAY_SECONDS)
    years: int = quantity(unit="year", doc="Years of 365 days that are minted.", ge=max(_YEARS), le=60)
    steps_per_year: int = quantity(unit="1", doc="Steps in which they are minted.", ge=1, le=_YEAR)
    crossed_day: int = quantity(unit="day", doc="Day by which the network's power had met the baseline.", ge=1)
    minted_by_then: float = quantity(unit="FIL", doc="All that had been minted by then.", gt=0)
    last_day: int = quantity(unit="day", doc="Last day of the network's own path.", ge=max(_DAYS))

    def simple(self) -> EmissionRule:
        """Return the rule of simple minting."""
        return EMISSIONS.build(
            {"kind": "exponential-decay", "pool": self.simple_pool, "half_life_days": self.half_life_days}
        )

    def gated(self) -> NetworkBaseline:
        """Return the rule of baseline minting."""
        return NetworkBaseline(
            kind="network-baseline",
            pool=self.baseline_pool,
            half_life_days=self.half_life_days,
            baseline=self.baseline,
            doubling_days=self.doubling_days,
            epoch_seconds=self.epoch_seconds,
        )


def parts(parameters: Parameters) -> Sequence[str]:
    """Return the rewards of single epochs, and three paths of power."""
    return (_REWARDS, _PACE, _FLAT, _REPLAY)


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Return rewards (FIL); or days, what each pool has minted by then (FIL), and network time (days)."""
    p = parameters
    if part == _REWARDS:
        return {"simple": _simple_rewards(p), "baseline": _baseline_rewards(p)}
    if part == _REPLAY:
        simple = p.simple().horizon_total(_context(_NANO), p.crossed_day) / _NANO
        realized = _realized(p, p.minted_by_then - simple)
        days = np.unique([p.crossed_day, *_DAYS, *range(p.crossed_day, p.last_day + 1, _YEAR // p.steps_per_year)])
        return _minted(p, days, _PLENTY, (realized,))
    days = np.linspace(0.0, p.years * _YEAR, p.years * p.steps_per_year + 1).round().astype(np.int64)
    return _minted(p, days, _PLENTY if part == _PACE else p.baseline)


def _context(base: int, dt_days: float = 1.0) -> EmissionContext:
    return EmissionContext(step=0, dt_days=dt_days, start=date(2020, 8, 25), base=base)


def _simple_rewards(p: Parameters) -> Floats:
    first = _context(_ATTO, p.epoch_seconds / _DAY_SECONDS)
    return np.array([p.simple().amount(replace(first, step=epoch - 1)) / _ATTO for epoch in _SIMPLE_EPOCHS])


def _baseline_rewards(p: Parameters) -> Floats:
    first = replace(_context(_ATTO, p.epoch_seconds / _DAY_SECONDS), capacity=_PLENTY)
    rewards = []
    for epoch in _BASELINE_EPOCHS:
        _, memory = p.gated().issue(first.stretch(epoch))
        rewards.append(p.gated().amount(replace(first, step=epoch, memory=memory)) / _ATTO)
    return np.array(rewards)


def _minted(p: Parameters, days: npt.NDArray[np.int64], capacity: float, memory: Memory = ()) -> Arrays:
    """Mint from day to day at one capacity; what is remembered before the first day has been minted already."""
    gated, now = p.gated(), replace(_context(_NANO), capacity=capacity, memory=memory)
    before = _paid(gated, now)
    baseline, times = [before], [_network_days(gated, now)]
    for step in range(1, len(days)):
        minted, known = gated.issue(now.part(*_microseconds(days[step - 1 : step + 1])))
        now = now.remembering(known)
        baseline.append(baseline[-1] + minted / _NANO)
        times.append(_network_days(gated, now))
    simple = [p.simple().horizon_total(_context(_NANO), int(day)) / _NANO for day in days]
    return {"days": days, "simple": np.array(simple), "baseline": np.array(baseline), "time": np.array(times)}


def _microseconds(days: npt.NDArray[np.int64]) -> tuple[int, int]:
    begin, end = (int(day) * _DAY_SECONDS * 1_000_000 for day in days)
    return begin, end


def _known(now: EmissionContext) -> int:
    (minted,) = now.memory or (0,)
    return cast(int, minted)


def _paid(gated: NetworkBaseline, now: EmissionContext) -> float:
    return gated.paid(gated.effective_time(_known(now)), now.base) / now.base


def _network_days(gated: NetworkBaseline, now: EmissionContext) -> float:
    return float(gated.effective_time(_known(now))) * gated.epoch_seconds / _DAY_SECONDS


def _realized(p: Parameters, minted: float) -> int:
    """Return the power realized, as the rule counts it, once the baseline pool has minted so much."""
    gated, low, high = p.gated(), 0, 1 << 192
    while high - low > 1 << 100:
        middle = (low + high) // 2
        paid = gated.paid(gated.effective_time(middle), _NANO) / _NANO
        low, high = (middle, high) if paid < minted else (low, middle)
    return low


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return rewards of epochs, minting by year, and network time."""
    rewards, pace, flat, replay = (found[part] for part in parts(parameters))
    years, late, last = np.array(_YEARS) * _YEAR, np.array(_LATE) * _YEAR, np.array(_DAYS)
    quantities = {
        **_named("simple reward of epoch {:,}", _SIMPLE_EPOCHS, rewards["simple"]),
        **_named("baseline reward at network time {:,}", _BASELINE_EPOCHS, rewards["baseline"]),
        **_named("simple minting, year {}", _YEARS, _on(pace, "simple", years)),
        **_named("baseline minting, year {}", _YEARS, _on(pace, "baseline", years)),
        **_named("simple minting by day {}", _DAYS, _on(replay, "simple", last)),
        **_named("all minting by day {}", _DAYS, _on(replay, "simple", last) + _on(replay, "baseline", last)),
        **_named("network time at year {}, power above the baseline", _LATE, _on(pace, "time", late) / _YEAR),
        **_named("network time at year {}, power constant", _LATE, _on(flat, "time", late) / _YEAR),
        **_named("baseline minting, power constant, year {}", _LATE[-1:], _on(flat, "baseline", years[-1:])),
    }
    return {name: exactly(value) for name, value in quantities.items()}


def _named(pattern: str, points: Sequence[int], values: Floats) -> dict[str, float]:
    return {pattern.format(point): value for point, value in zip(points, values.tolist(), strict=True)}


def _on(path: Arrays, name: str, days: npt.NDArray[np.int64]) -> Floats:
    """Return the values of a path on days that it visits."""
    return np.asarray(path[name][np.searchsorted(path["days"], days)], np.float64)


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw what is minted, network time, and the network's own path beside what was published."""
    figure, (left, middle, right) = axes_grid(3, columns=3, height=3.4, dated=False)
    pace, flat, replay = (found[part] for part in (_PACE, _FLAT, _REPLAY))
    years = pace["days"] / _YEAR
    left.plot(years, pace["simple"] / 1e6, color=COLOURS[1], label="simple")
    left.plot(years, pace["baseline"] / 1e6, color=COLOURS[0], label="baseline, power keeps up")
    left.plot(years, flat["baseline"] / 1e6, color=COLOURS[0], linestyle="--", label="baseline, power constant")
    _label(left, "Minted", "Years", "Million FIL")
    left.set_ylim(top=750)
    middle.plot(years, pace["time"] / _YEAR, color=COLOURS[0], label="power keeps up")
    middle.plot(years, flat["time"] / _YEAR, color=COLOURS[0], linestyle="--", label="power constant")
    _label(middle, "Effective network time", "Years", "Years")
    _draw_replay(right, parameters, replay, rows)
    return figure


def _draw_replay(ax: Axes, p: Parameters, replay: Arrays, rows: Sequence[Row]) -> None:
    ax.plot(replay["days"], (replay["simple"] + replay["baseline"]) / 1e6, color=COLOURS[0], label="simulated")
    published = {row.quantity: row.published for row in rows}
    seen = [p.minted_by_then, *(published[f"all minting by day {day}"] for day in _DAYS)]
    ax.plot(
        (p.crossed_day, *_DAYS), np.array(seen) / 1e6, color="black", linestyle="none", marker="o", label="published"
    )
    _label(ax, "All minting, the network's own path", "Days since the start", "Million FIL")


def _label(ax: Axes, title: str, x: str, y: str) -> None:
    ax.set_title(title)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.legend(loc="upper left")
