"""Who is cut off in a step: regions, nodes of a network, the incumbents, the cloud.

Every agent has a fixed place in the line of those that are cut off first, so that a deeper cut hits those that a
shallower one hits and some more, and the same ones as long as it lasts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from catallaxy.agents.population import Flags, Floats, Ints
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.environment.access import CUT_OFF_DRIVERS, PER_REGION, REGIONS, is_share

if TYPE_CHECKING:
    from catallaxy.sim.state.economy import Economy

__all__ = ["Access"]

#: Spreads identifiers evenly over [0, 1), independently of the other sequences that do.
_PLACE = 0.8191725133961645


class Access:
    """Shares that can take part, and who does.

    Parameters
    ----------
    economy : Economy

    Attributes
    ----------
    watched : bool
        Whether anything is ever cut off in the run, or named by an event.
    regions : dict of str to float64[R]
        What is left of each region's nodes, builders, users, and incumbents.
    nodes : float64[K]
        What is left of each network's nodes.
    incumbents, cloud : float
        Share of what the incumbents and the cloud could serve that they can serve now.
    """

    def __init__(self, economy: Economy) -> None:
        paths, events = economy.paths, economy.policy_events
        moved = any((paths[name] != 1.0).any() for name in CUT_OFF_DRIVERS)
        named = any(is_share(event.target) for event in events)
        driven = any(event.target.removeprefix("drivers.") in CUT_OFF_DRIVERS for event in economy.scenario.events)
        self.watched = moved or named or driven
        self.regions: dict[str, Floats] = {what: np.ones(REGIONS) for what in PER_REGION}
        self.nodes: Floats = np.ones(economy.k)
        self.incumbents = self.cloud = 1.0
        homes = np.array(economy.scenario.services.incumbent_homes)
        self._homes: Floats = homes / homes.sum()

    @property
    def anything_cut(self) -> bool:
        """Whether something is cut off in this step."""
        regional = any((shares < 1.0).any() for shares in self.regions.values())
        return regional or bool((self.nodes < 1.0).any()) or min(self.incumbents, self.cloud) < 1.0

    def restore(self) -> None:
        """Let everyone take part, before the events of a step are applied."""
        for shares in self.regions.values():
            shares[:] = 1.0

    def apply(self, economy: Economy) -> None:
        """Tell the populations who is cut off in this step.

        Parameters
        ----------
        economy : Economy
            With the drivers, policies and regional shares of the step.
        """
        for shares in (*self.regions.values(), economy.policy["node_access"]):
            bound = np.clip(shares, 0.0, 1.0)
            economy.guard("access: held between 0 and 1", bool((bound != shares).any()))
            shares[:] = bound
        self.nodes = economy.policy["node_access"].copy()
        self.cloud = economy.drivers["cloud_availability"]
        at_home = float((self._homes * self.regions["incumbents"][: len(self._homes)]).sum())
        self.incumbents = economy.drivers["incumbent_availability"] * self.cloud * at_home
        nodes, builders, users = economy.nodes, economy.builders, economy.users
        nodes.reachable = self._reachable(nodes.ids, nodes.region, "nodes", self.nodes[nodes.network])
        nodes.relocate(economy.key(Stream.RELOCATION), self.regions["nodes"])
        builders.reachable = self._reachable(builders.ids, builders.region, "builders")
        users.reachable = self._reachable(users.ids, users.region, "users")

    def _reachable(self, ids: Ints, region: Ints | Flags, what: str, others: Floats | float = 1.0) -> Flags | None:
        """Return 1 for every agent that can take part; None where all can."""
        share = self.regions[what]
        if share.min() >= 1.0 and np.min(others) >= 1.0:
            return None
        reachable: Flags = ((ids * _PLACE) % 1.0 < share[region] * others).astype(np.int8)
        return reachable
