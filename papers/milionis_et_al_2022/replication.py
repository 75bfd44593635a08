"""Pools beside a market whose price they do not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import Field

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.numba_kernels.concentrated_state import RESERVE
from catallaxy.numba_kernels.pool_state import COLUMNS as POOL_COLUMNS, TOKENS, USD
from catallaxy.papers.milionis_et_al_2022 import kernels
from catallaxy.papers.milionis_et_al_2022.kernels import FORMULA, LOST, VALUE_TIME
from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.analysis.ratios import ratio_of_sums
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found, exactly
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Parameters", "Pool", "draw", "estimates", "measure", "parts", "pools"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_HELD = "impermanent loss"
#: Half of the base units and micro-USD in a pool at the start: the price is 1, and a unit is a part in 10**15.
_RESERVE = 10**15
#: Liquidity of a range.
LIQUIDITY = 10**15
#: Lowest and highest price that a pool with a range can have.
_TABLE = 1e-3, 1e3
#: Parts of the prices between 0 and twice the upper end of a range, by which its loss is told apart.
_PROFILE = 80


class Parameters(Spec):
    """How the price moves, for how long, and beside which pools."""

    volatilities: tuple[Annotated[float, Field(gt=0)], ...] = quantity(
        unit="1/sqrt(year)", doc="Standard deviations of the log price."
    )
    weights: tuple[Annotated[float, Field(ge=0.01, le=0.99)], ...] = quantity(
        unit="1", doc="Weights of the token in the weighted pools, but one half."
    )
    ranges: tuple[Annotated[float, Field(gt=1, le=100)], ...] = quantity(
        unit="1", doc="Upper ends of the ranges of liquidity over the first price; the lower ends are one over that."
    )
    years: float = quantity(unit="year", doc="Length of a path.", gt=0)
    step: float = quantity(unit="year", doc="Time between two trades of the arbitrageur.", gt=0)
    paths: int = quantity(unit="1", doc="Independent paths for each pool and volatility.", ge=2)
    price_ratios: tuple[Annotated[float, Field(gt=0)], ...] = quantity(
        unit="1", doc="Prices at which the pool is compared with holding."
    )


class Pool(NamedTuple):
    """A pool beside a market of one volatility.

    Attributes
    ----------
    volatility : float, 1/sqrt(year)
    weight : float
        Of the token; of a range, nothing.
    high : float
        Upper end of a range; 0 when the liquidity is not concentrated.
    """

    volatility: float
    weight: float = 0.5
    high: float = 0.0

    @property
    def name(self) -> str:
        """What its loss is called."""
        of = f"range to {self.high:g}" if self.high else f"weight {self.weight:g}"
        return f"{'constant product' if self == Pool(self.volatility) else of}, volatility {self.volatility:g}"


def pools(parameters: Parameters) -> Iterator[Pool]:
    """Yield every pool beside every market: constant product, weighted, concentrated."""
    for volatility in parameters.volatilities:
        yield Pool(volatility)
    for volatility in parameters.volatilities:
        yield from (Pool(volatility, weight) for weight in parameters.weights)
    for volatility in parameters.volatilities:
        yield from (Pool(volatility, high=high) for high in parameters.ranges)


def held_at(ratio: float) -> str:
    """Return what the impermanent loss at a price ratio is called."""
    return f"{_HELD} at price ratio {ratio:g}"


def parts(parameters: Parameters) -> Sequence[str]:
    """Return a part for every pool beside every market, and one for the impermanent loss."""
    return [*(pool.name for pool in pools(parameters)), _HELD]


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Let arbitrageurs trade on all paths of one pool, or once at each price ratio; return what they left.

    `start` and `reserves` are what pools hold before and after, and `held` is what arbitrageurs have more or less. Of
    paths, `paths` are sums along each, and of ranges, `profile` the sums by price and `unpaid` a count of pools.
    """
    if part == _HELD:
        return _at_price_ratios(parameters.price_ratios)
    pool = next(pool for pool in pools(parameters) if pool.name == part)
    market = kernels.Market(pool.volatility, parameters.step, round(parameters.years / parameters.step), key)
    paths, held = np.zeros((parameters.paths, kernels.COLUMNS)), np.zeros((parameters.paths, 2), np.int64)
    if not pool.high:
        rows = fresh(parameters.paths, pool.weight)
        start = rows.copy()
        kernels.lose_to_arbitrage(rows, pool.weight, held, market, paths)
        return {"paths": paths, "held": held, "start": start, "reserves": rows}
    roots, profile, reserves = roots_of(pool.high), np.zeros((_PROFILE, kernels.COLUMNS)), np.zeros_like(held)
    unpaid = kernels.lose_in_range(roots, LIQUIDITY, reserves, held, market, paths, profile)
    put_in = kernels.open_range(roots, LIQUIDITY).state[RESERVE : RESERVE + 2]
    start = np.tile(put_in, (parameters.paths, 1))
    found = {"paths": paths, "held": held, "start": start, "reserves": reserves}
    return {**found, "profile": profile, "unpaid": np.array([unpaid])}


def roots_of(high: float) -> Floats:
    """Return the square roots of the four ticks of a pool with a range, whose ends are equally far from the price 1."""
    return np.sqrt([_TABLE[0], 1.0 / high, high, _TABLE[1]])


def fresh(count: int, weight: float) -> Ints:
    """Return pools at the price 1."""
    rows = np.zeros((count, POOL_COLUMNS), np.int64)
    rows[:, TOKENS] = round(2 * _RESERVE * weight)
    rows[:, USD] = 2 * _RESERVE - rows[:, TOKENS]
    return rows


def _at_price_ratios(ratios: Sequence[float]) -> Arrays:
    rows, held = fresh(len(ratios), 0.5), np.zeros((len(ratios), 2), np.int64)
    start = rows.copy()
    for row, holdings, ratio in zip(rows, held, ratios, strict=True):
        kernels.arbitrage(row, 0.5, float(ratio), kernels.open_trade(), holdings)
    return {"held": held, "start": start, "reserves": rows}


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return losses per year over the value of the pool, impermanent losses (%), and what must not happen."""
    losses: dict[str, Interval] = {}
    for pool in pools(parameters):
        paths = found[pool.name]["paths"]
        losses[pool.name] = ratio_of_sums(paths[:, LOST], paths[:, VALUE_TIME])
        if pool.high:
            losses[f"{pool.name}, over the formula"] = ratio_of_sums(paths[:, LOST], paths[:, FORMULA])
    held = {
        held_at(ratio): exactly(_impermanent_loss(reserves, ratio))
        for reserves, ratio in zip(found[_HELD]["reserves"], parameters.price_ratios, strict=True)
    }
    return {**losses, **held, **_guards(parameters, found)}


def _guards(parameters: Parameters, found: Found) -> dict[str, Interval]:
    whole = [*((pool, found[pool.name]) for pool in pools(parameters) if not pool.high), (Pool(0.0), found[_HELD])]
    fell = sum(_fell(pool.weight, arrays["start"], arrays["reserves"]) for pool, arrays in whole)
    unpaid = sum(int(found[pool.name]["unpaid"][0]) for pool in pools(parameters) if pool.high)
    moved = [arrays["reserves"][:, :2] + arrays["held"] - arrays["start"][:, :2] for arrays in found.values()]
    return {
        "pools whose invariant fell": exactly(float(fell)),
        "ranges that could not be paid out": exactly(float(unpaid)),
        "largest amount created or destroyed": exactly(float(max(np.abs(rows).max() for rows in moved))),
    }


def _fell(weight: float, start: Ints, reserves: Ints) -> int:
    """Return in how many pools the product of the reserves, each to the power of its weight, is less than before."""
    tokens, usd = Fraction(str(weight)).as_integer_ratio()
    usd -= tokens
    before, after = ([int(row[TOKENS]) ** tokens * int(row[USD]) ** usd for row in rows] for rows in (start, reserves))
    return sum(now < then for now, then in zip(after, before, strict=True))


def _impermanent_loss(reserves: Ints, ratio: float) -> float:
    """Return by how many percent a pool is worth more than what was put in, at a price over that at the start."""
    value, held = float(reserves[USD]) + ratio * float(reserves[TOKENS]), _RESERVE * (1.0 + ratio)
    return 100.0 * value / held - 100.0


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw the loss of each kind of pool against what the formula says, and the impermanent loss against the price."""
    figure, panels = axes_grid(4, columns=2, height=3.6, dated=False)
    row_of = {row.quantity: row for row in rows}
    _draw_impermanent_loss(panels[1], parameters.price_ratios, row_of)
    _draw_paths(panels[0], found, [pool for pool in pools(parameters) if not pool.high and pool.weight == 0.5])
    panels[0].set_title("Constant product: loss over σ²/8 of the value")
    _draw_paths(panels[2], found, [pool for pool in pools(parameters) if pool.weight != 0.5])
    panels[2].set_title("Weighted: loss over w(1 − w)σ²/2 of the value")
    most = max(parameters.volatilities)
    _draw_profile(panels[3], found, [pool for pool in pools(parameters) if pool.high and pool.volatility == most])
    panels[3].set_title(f"Concentrated: loss by price, volatility {most:g}")
    return figure


def _draw_paths(ax: Axes, found: Found, shown: Sequence[Pool]) -> None:
    for number, pool in enumerate(shown):
        paths = found[pool.name]["paths"]
        ratio = ratio_of_sums(paths[:, LOST], paths[:, FORMULA])
        mean = f"{ratio.estimate:.4f} ± {ratio.high - ratio.estimate:.4f}"
        label = f"{pool.name.removeprefix('constant product, ')}:\n{mean}"
        over = paths[:, LOST] / paths[:, FORMULA]
        ax.hist(over, bins=40, range=(0.85, 1.15), histtype="step", color=COLOURS[number], linewidth=1.4, label=label)
    ax.axvline(1.0, ymax=1.0 / 1.6, color=GREY, linestyle="--")
    ax.set_xlabel("Loss on a path over the loss by the formula")
    ax.set_ylabel("Paths")
    ax.set_xlim(0.85, 1.15)
    ax.set_ylim(top=1.6 * ax.get_ylim()[1])
    ax.legend(loc="upper left", ncols=2)


def _draw_impermanent_loss(ax: Axes, ratios: Sequence[float], row_of: Mapping[str, Row]) -> None:
    prices = np.linspace(1.0, max(ratios), 200)
    held = 200.0 * np.sqrt(prices) / (1.0 + prices) - 100.0
    ax.plot(prices, held, color=GREY, linestyle="--", label="2√k/(1 + k) − 1")
    ours = [row_of[held_at(ratio)].ours.estimate for ratio in ratios]
    ax.plot(ratios, ours, color=COLOURS[1], marker="o", linestyle="none", label="pool")
    ax.set_title("Constant product: impermanent loss")
    ax.set_xlabel("Price over price at the start, k")
    ax.set_ylabel("Pool over holding (%)")
    ax.legend(loc="upper right")


def _draw_profile(ax: Axes, found: Found, shown: Sequence[Pool]) -> None:
    for number, pool in enumerate(shown):
        profile, width = found[pool.name]["profile"], 2.0 * pool.high / _PROFILE
        inside = np.linspace(1.0 / pool.high, pool.high, 200)
        value = 2.0 * np.sqrt(inside) - inside / np.sqrt(pool.high) - np.sqrt(1.0 / pool.high)
        label = "σ²√p/4 of the liquidity, over value" if number == 0 else None
        ax.plot(inside, 0.25 * pool.volatility**2 * np.sqrt(inside) / value, color=GREY, linestyle="--", label=label)
        seen = np.flatnonzero(profile[:, VALUE_TIME] > 0.001 * profile[:, VALUE_TIME].sum())
        ax.plot((seen + 0.5) * width, profile[seen, LOST] / profile[seen, VALUE_TIME], color=COLOURS[number],
                marker="o", markersize=3.0, linestyle="none", label=f"range to {pool.high:g}")  # fmt: skip
    ax.set_xlabel("Price over price at the start, p")
    ax.set_ylabel("Loss per year over value")
    ax.set_ylim(top=1.25 * ax.get_ylim()[1])
    ax.legend(loc="upper right")
