"""The base fee under stationary demand: its first steps, where it settles, and how full blocks are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.papers.monnot_2020.kernels import UNIT, Demand, Space, sell_blocks
from catallaxy.sim.analysis.intervals import Interval, mean
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found, exactly
from catallaxy.sim.report.canvas import COLOURS, GREY, axes_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["Parameters", "draw", "estimates", "measure", "parts"]

Floats = npt.NDArray[np.float64]

_PART = "stationary demand"
#: Blocks at the beginning whose fees were published.
_FIRST = 5
#: Room in the pool, in users of a block.
_POOL = 100


class Parameters(Spec):
    """Demand, blocks, and how long the market is watched."""

    arrivals: float = quantity(unit="user/block", doc="Users who come, on average.", gt=0, le=1e5)
    highest_value: float = quantity(unit="gwei", doc="Value of inclusion, evenly spread from 0.", gt=0, le=1e6)
    highest_cost: float = quantity(unit="gwei/block", doc="Cost of waiting, evenly spread from 0.", ge=0, le=1e6)
    wait: float = quantity(unit="block", doc="How long users expect to wait.", ge=0, le=1e6)
    tip: float = quantity(unit="gwei", doc="What users pay miners beside the base fee.", ge=0, le=1e6)
    gas_limit: int = quantity(unit="gas", doc="Most gas in a block.", ge=1, le=10**12)
    gas: int = quantity(unit="gas", doc="Gas of a transaction.", ge=1, le=10**12)
    elasticity: int = quantity(unit="1", doc="Gas limit over the target.", ge=1, le=100)
    denominator: int = quantity(unit="1", doc="Inverse of the largest relative step.", ge=1, le=10**6)
    first_fee: float = quantity(unit="gwei", doc="Base fee of the first block.", gt=0, le=1e6)
    blocks: int = quantity(unit="block", doc="Blocks of a run.", ge=_FIRST)
    settled: int = quantity(unit="block", doc="Blocks that are not counted when the base fee is averaged.", ge=0)
    runs: int = quantity(unit="1", doc="Independent runs.", ge=2)

    @property
    def balancing_fee(self) -> float:
        """The base fee at which as many users gain as fit into the target, gwei."""
        joining = self.gas_limit / self.elasticity / self.gas / self.arrivals
        return self.highest_value * (1.0 - joining) - self.tip - 0.5 * self.wait * self.highest_cost


def parts(parameters: Parameters) -> Sequence[str]:
    """Return the one market."""
    return (_PART,)


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Sell blocks in all runs; return base fees (gwei) and gas over the target, float64[runs, blocks]."""
    p = parameters
    demand = Demand(p.arrivals, p.highest_value, p.highest_cost, p.wait, p.tip)
    space = Space(p.gas_limit, p.gas, p.elasticity, p.denominator, round(p.first_fee * UNIT))
    fees, used = np.zeros((2, p.runs, p.blocks), np.int64)
    waiting = np.zeros(int(_POOL * p.arrivals))
    if sell_blocks(key, demand, space, waiting, fees, used) > len(waiting):
        raise ValueError(f"more than {len(waiting):,} users wait at once; demand is too high for these blocks")
    return {"fees": fees / UNIT, "used": used / (p.gas_limit // p.elasticity)}


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return the first base fees, and means over settled blocks."""
    fees, used = found[_PART]["fees"], found[_PART]["used"]
    late = slice(parameters.settled + 1, None)
    growth = fees[:, 1:11] / fees[:, :10] - 1.0
    return {
        **{f"base fee of block {block}": exactly(float(np.median(fees[:, block]))) for block in range(_FIRST)},
        "least rise of the base fee in the first ten blocks": exactly(100.0 * float(growth.min())),
        "mean base fee": mean(fees[:, late].mean(axis=1)),
        "gas used over the target": mean(used[:, late].mean(axis=1)),
    }


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw base fees and gas over time, and the distribution of settled base fees."""
    figure, (left, middle, right) = axes_grid(3, columns=3, height=3.4, dated=False)
    fees, used = found[_PART]["fees"], found[_PART]["used"]
    _draw_path(left, fees, "Base fee", "gwei")
    left.axhline(parameters.balancing_fee, color="black", linestyle="--", label="balancing fee")
    left.legend(loc="lower right")
    _draw_path(middle, used, "Gas used", "Gas over the target")
    middle.axhline(1.0, color="black", linestyle="--", label="target")
    middle.legend(loc="upper right")
    right.hist(fees[:, parameters.settled + 1 :].ravel(), bins=40, color=COLOURS[0], alpha=0.6, label="all blocks")
    right.axvline(parameters.balancing_fee, color="black", linestyle="--", label="balancing fee")
    right.set_title("Base fee of settled blocks")
    right.set_xlabel("gwei")
    right.set_ylabel("Blocks")
    right.set_ylim(top=1.3 * right.get_ylim()[1])
    right.legend(loc="upper right")
    return figure


def _draw_path(ax: Axes, values: Floats, title: str, unit: str) -> None:
    blocks = np.arange(values.shape[1])
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95), axis=0)
    ax.fill_between(blocks, low, high, color=COLOURS[0], alpha=0.2, linewidth=0, label="5-95 %")
    ax.plot(blocks, middle, color=COLOURS[0], label="median")
    ax.plot(blocks, values[0], color=GREY, linewidth=0.7, label="one run")
    ax.set_title(title)
    ax.set_xlabel("Block")
    ax.set_ylabel(unit)
