"""Figures of docs/presets.md: the supply that follows from three presets, as `catallaxy supply` draws it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from catallaxy.sim.report.supply import supply_figure
from catallaxy.sim.scenario.loading import load
from catallaxy.sim.scenario.supply import supply_schedules
from catallaxy.sim.tokenomics.supply import Assumptions, SupplyPath

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["DRAWN", "Supplies", "supplies"]


class Supplies(NamedTuple):
    """Supply until 2040 of presets.

    Attributes
    ----------
    paths : dict of str to (str, SupplyPath)
        Symbol and schedule by preset.
    """

    paths: dict[str, tuple[str, SupplyPath]]


def supplies() -> Supplies:
    """Return the schedules of Bittensor, Filecoin and Helium.

    Returns
    -------
    Supplies
    """
    paths = {}
    for name in ("bittensor", "filecoin", "helium"):
        (schedule,) = supply_schedules(load(name), date(2041, 1, 1), Assumptions()).values()
        paths[name] = (schedule.symbol, schedule.path)
    return Supplies(paths)


def _draw(data: Supplies) -> Figure:
    return supply_figure(data.paths)


DRAWN: dict[str, tuple[Callable[[], Supplies], Callable[[Supplies], Figure]]] = {"supply": (supplies, _draw)}
