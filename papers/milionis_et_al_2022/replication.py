"""A constant-product pool beside a market whose price it does not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.numba_kernels.pool_state import COLUMNS, TOKENS, USD
from catallaxy.papers.milionis_et_al_2022.kernels import LOST, VALUE_TIME, arbitrage, lose_to_arbitrage, open_trade
from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.analysis.ratios import ratio_of_sums
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found, exactly
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Parameters", "draw", "estimates", "measure", "parts"]

Ints = npt.NDArray[np.int64]

_HELD = "impermanent loss"
#: Base units and micro-USD in a pool at the start: the price is 1, and a unit is a part in 10**15.
_RESERVE = 10**15


class Parameters(Spec):
    """How the price moves, and for how long."""

    volatilities: tuple[float, ...] = quantity(unit="1/sqrt(year)", doc="Standard deviations of the log price.")
    years: float = quantity(unit="year", doc="Length of a path.", gt=0)
    step: float = quantity(unit="year", doc="Time between two trades of the arbitrageur.", gt=0)
    paths: int = quantity(unit="1", doc="Independent paths for each volatility.", ge=2)
    price_ratios: tuple[float, ...] = quantity(unit="1", doc="Prices at which the pool is compared with holding.")


def parts(parameters: Parameters) -> Sequence[str]:
    """Return a part for every volatility, and one for the impermanent loss."""
    return [*(_loss_at(volatility) for volatility in parameters.volatilities), _HELD]


def _loss_at(volatility: float) -> str:
    return f"loss at volatility {volatility:g}"


def _held_at(ratio: float) -> str:
    return f"{_HELD} at price ratio {ratio:g}"


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Let arbitrageurs trade on all paths of one volatility, or once at each price ratio; return what they left.

    `pools` and `holdings` are the reserves, and what the arbitrageurs have more or less, at the end; of the paths,
    `lost` and `value_time` are summed along the way.
    """
    if part == _HELD:
        pools, holdings = _at_price_ratios(parameters.price_ratios)
        return {"pools": pools, "holdings": holdings}
    volatility = next(volatility for volatility in parameters.volatilities if _loss_at(volatility) == part)
    pools, holdings = _fresh(parameters.paths)
    paths, n_steps = np.zeros((parameters.paths, 2)), round(parameters.years / parameters.step)
    lose_to_arbitrage(pools, holdings, volatility, parameters.step, n_steps, key, paths)
    return {"pools": pools, "holdings": holdings, "lost": paths[:, LOST], "value_time": paths[:, VALUE_TIME]}


def _fresh(count: int) -> tuple[Ints, Ints]:
    pools = np.zeros((count, COLUMNS), np.int64)
    pools[:, [TOKENS, USD]] = _RESERVE
    return pools, np.zeros((count, 2), np.int64)


def _at_price_ratios(ratios: Sequence[float]) -> tuple[Ints, Ints]:
    pools, holdings = _fresh(len(ratios))
    for pool, held, ratio in zip(pools, holdings, ratios, strict=True):
        arbitrage(pool, float(ratio), open_trade(), held)
    return pools, holdings


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return losses per year over the value of the pool, impermanent losses (%), and what must not happen."""
    losses = {
        name: ratio_of_sums(found[name]["lost"], found[name]["value_time"])
        for name in parts(parameters)
        if name != _HELD
    }
    held = {
        _held_at(ratio): exactly(_impermanent_loss(pool, ratio))
        for pool, ratio in zip(found[_HELD]["pools"], parameters.price_ratios, strict=True)
    }
    pools = np.concatenate([arrays["pools"] for arrays in found.values()])
    moved = pools[:, [TOKENS, USD]] + np.concatenate([arrays["holdings"] for arrays in found.values()]) - _RESERVE
    fell = sum(int(pool[TOKENS]) * int(pool[USD]) < _RESERVE**2 for pool in pools)
    guards = {
        "pools whose product fell": exactly(float(fell)),
        "largest amount created or destroyed": exactly(float(np.abs(moved).max())),
    }
    return {**losses, **held, **guards}


def _impermanent_loss(pool: Ints, ratio: float) -> float:
    """Return by how many percent a pool is worth more than what was put in, at a price over that at the start."""
    value, held = float(pool[USD]) + ratio * float(pool[TOKENS]), _RESERVE * (1.0 + ratio)
    return 100.0 * value / held - 100.0


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw the loss on every path against what the formula says, and the impermanent loss against the price."""
    figure, (left, right) = axes_grid(2, columns=2, height=3.8, dated=False)
    row_of = {row.quantity: row for row in rows}
    for number, volatility in enumerate(parameters.volatilities):
        name = _loss_at(volatility)
        over = found[name]["lost"] / found[name]["value_time"] / row_of[name].published
        _draw_paths(left, over, COLOURS[number], f"σ = {volatility:g}: mean {_over(row_of[name])}")
    left.axvline(1.0, color=GREY, linestyle="--", label="σ²/8")
    left.set_title("Loss versus rebalancing on each path")
    left.set_xlabel("Loss per year and value of the pool, over σ²/8")
    left.set_ylabel("Paths")
    left.set_ylim(top=1.3 * left.get_ylim()[1])
    left.legend(loc="upper right")
    _draw_impermanent_loss(
        right, parameters.price_ratios, [row_of[_held_at(ratio)] for ratio in parameters.price_ratios]
    )
    return figure


def _over(row: Row) -> str:
    half = (row.ours.high - row.ours.low) / 2.0 / row.published
    return f"{row.ours.estimate / row.published:.4f} ± {half:.4f}"


def _draw_paths(ax: Axes, values: npt.NDArray[np.float64], colour: str, label: str) -> None:
    ax.hist(values, bins=40, range=(0.85, 1.15), histtype="step", color=colour, linewidth=1.4, label=label)


def _draw_impermanent_loss(ax: Axes, ratios: Sequence[float], rows: Sequence[Row]) -> None:
    prices = np.linspace(1.0, max(ratios), 200)
    ax.plot(
        prices, 200.0 * np.sqrt(prices) / (1.0 + prices) - 100.0, color=GREY, linestyle="--", label="2√k/(1 + k) − 1"
    )
    ours = [row.ours.estimate for row in rows]
    ax.plot(ratios, ours, color=COLOURS[1], marker="o", linestyle="none", label="pool")
    ax.set_title("Impermanent loss")
    ax.set_xlabel("Price over price at the start, k")
    ax.set_ylabel("Pool over holding (%)")
    ax.legend(loc="upper right")
