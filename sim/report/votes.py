"""Chart of votes: whose they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from catallaxy.sim.report.canvas import axes_grid, colour, legend
from catallaxy.sim.report.charts import label_shares
from catallaxy.sim.report.data import ReportData

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["vote_groups"]

_GROUPS = ("holders", "compute", "data", "builders", "others")
#: A bar is this share of what is shown wide, or of the shortest time between two votes.
_WIDTH, _OF_THE_GAP = 0.03, 0.8


def vote_groups(data: ReportData) -> Figure:
    """Draw the parts of the votes cast that each group had, in the mean over replicates; a panel per voting network."""
    cast = np.isfinite(data.panel("votes_of_holders")).sum(axis=0) > 0
    shown = np.flatnonzero(cast.any(axis=0))
    figure, axes = axes_grid(len(shown), columns=3, height=3.0, named=len(_GROUPS))
    for ax, k in zip(axes, shown, strict=True):
        days = np.flatnonzero(cast[:, k])
        widest = min(_WIDTH * data.n_steps, _OF_THE_GAP * float(np.diff(days).min(initial=data.n_steps)))
        below, width = np.zeros(len(days)), widest * float(data.result.manifest["dt_days"])
        for i, group in enumerate(_GROUPS):
            part = data.mean(f"votes_of_{group}", int(k))[days]
            ax.bar(data.dates[days], part, width, bottom=below, color=colour(i), label=group)
            below += part
        ax.plot(data.dates[[0, -1]], [0.0, 0.0], linestyle="none")
        ax.set_title(data.networks[k])
        ax.set_ylim(0.0, 1.05)
        label_shares(ax)
        ax.set_ylabel("share of votes cast (%)")
    legend(figure, axes[0])
    return figure
