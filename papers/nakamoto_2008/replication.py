"""Bitcoin's issuance, step by step, by the rule of halvings by time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from catallaxy.agents.declaration import Spec, quantity
from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.replications.comparison import Row
from catallaxy.sim.replications.protocol import Arrays, Found, exactly
from catallaxy.sim.report.canvas import COLOURS, axes_grid
from catallaxy.sim.tokenomics.emission import EMISSIONS, EmissionContext

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Parameters", "draw", "estimates", "measure", "parts"]

_PART = "issuance"
_SATOSHI = 10**8
_DAY = 86_400
#: Halvings at which the issuance is compared.
_COMPARED = 5


class Parameters(Spec):
    """The rewards, and how they are stepped through."""

    reward: float = quantity(unit="BTC/block", doc="Reward before the first halving.", gt=0, le=1e6)
    interval: int = quantity(unit="block", doc="Blocks between halvings.", ge=1, le=10**9)
    block_seconds: int = quantity(unit="s", doc="Time between blocks.", ge=1, le=_DAY)
    blocks: int = quantity(unit="block", doc="Blocks that are issued.", ge=1, le=10**9)
    blocks_per_step: int = quantity(unit="block", doc="Blocks of a step; they divide an interval.", ge=1, le=10**9)

    @property
    def limit(self) -> float:
        """What rewards that can be divided for ever sum to, BTC."""
        return 2.0 * self.reward * self.interval


def parts(parameters: Parameters) -> Sequence[str]:
    """Return the one coin."""
    return (_PART,)


def measure(parameters: Parameters, part: str, key: np.uint64) -> Arrays:
    """Issue step by step; return heights (block) and what has been issued by then (satoshi), int64[steps + 1]."""
    p = parameters
    rule = EMISSIONS.build(
        {
            "kind": "halving-by-time",
            "initial": {"per_block": p.reward, "block_seconds": p.block_seconds},
            "every": {"days": p.interval * p.block_seconds / _DAY},
        }
    )
    heights = np.arange(0, p.blocks + 1, p.blocks_per_step)
    issued = np.zeros(heights.size, np.int64)
    us = (heights * p.block_seconds * 1_000_000).tolist()
    now = EmissionContext(step=0, dt_days=1.0, start=date(2009, 1, 3), base=_SATOSHI)
    for step in range(1, heights.size):
        minted = rule.amount(replace(now, window=(us[step - 1], us[step]), issued=int(issued[step - 1])))
        issued[step] = issued[step - 1] + minted
    return {"heights": heights, "issued": issued}


def estimates(parameters: Parameters, found: Found) -> Mapping[str, Interval]:
    """Return the total, what rounding takes, issuance at halvings, and where rewards end."""
    heights, issued = found[_PART]["heights"], found[_PART]["issued"]
    at = dict(zip(heights.tolist(), issued.tolist(), strict=True))
    halvings = [parameters.interval * number for number in range(1, _COMPARED + 1)]
    lost = round(parameters.limit * _SATOSHI) - int(issued[-1])
    return {
        "issued in the end": exactly(int(issued[-1]) / _SATOSHI),
        "lost to rounding": exactly(lost / _SATOSHI),
        **{f"issued at block {height:,}": exactly(at[height] / _SATOSHI) for height in halvings},
        "first block without a reward": exactly(float(heights[np.argmax(issued == issued[-1])])),
    }


def draw(parameters: Parameters, found: Found, rows: Sequence[Row]) -> Figure:
    """Draw what has been issued, and what is still missing from the limit."""
    figure, (left, right) = axes_grid(2, columns=2, height=3.4, dated=False)
    millions = found[_PART]["heights"] / 1e6
    issued = found[_PART]["issued"] / _SATOSHI
    shown = millions <= 10 * parameters.interval / 1e6
    left.plot(millions[shown], issued[shown] / 1e6, color=COLOURS[0], label="issued")
    left.axhline(parameters.limit / 1e6, color="black", linestyle="--", label="21 million")
    left.set_title("Bitcoin issued")
    left.set_xlabel("Height (million blocks)")
    left.set_ylabel("Million BTC")
    left.legend(loc="lower right")
    right.plot(millions, parameters.limit - issued, color=COLOURS[0], label="21 million less what is issued")
    lost = parameters.limit - float(issued[-1])
    right.axhline(lost, color="black", linestyle="--", label=f"{lost:.4f} BTC: rounding")
    right.set_yscale("log")
    right.set_title("What is missing from the limit")
    right.set_xlabel("Height (million blocks)")
    right.set_ylabel("BTC")
    right.legend(loc="upper right")
    return figure
