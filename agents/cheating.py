"""Whether compute nodes cheat: what is saved by faking work, against the stake and the rewards that may be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import Floats, Ints

if TYPE_CHECKING:
    from catallaxy.agents.compute_nodes import ComputeNodes

__all__ = ["Cheating"]

_MILLI = 1000.0


class Cheating:
    """The decision of opportunists, and what checks find (G. Becker, *Journal of Political Economy* 76, 1968, 169).

    Parameters
    ----------
    nodes : ComputeNodes
        Whose columns are read and changed.
    """

    def __init__(self, nodes: ComputeNodes) -> None:
        self._nodes = nodes
        k = nodes.site.n_networks
        self._decided, self._found = np.zeros((k, 2), np.int64), np.zeros((k, 3), np.int64)

    @property
    def _suspects(self) -> nk.verification.Suspects:
        n = self._nodes
        return nk.verification.Suspects(
            n.ids, n.network, n.online, n.opportunist, n.cheating, n.stake, n.reputation, n.outcome
        )

    def decide(
        self, regime: nk.verification.Regime, token_value: Floats, electricity_price: float, reward: Floats
    ) -> Ints:
        """Let opportunists weigh the saving against stake and reputation; return online and cheating nodes.

        Parameters
        ----------
        regime : Regime
        token_value : float64[K], USD per base unit
        electricity_price : float, USD/kWh
        reward : float64[K], USD/GPU-hour
            Expected token reward of those whose reputation is 1.

        Returns
        -------
        int64[K, 2]
        """
        nodes, spec = self._nodes, self._nodes.spec
        nk.verification.cheating_gain(nodes.fleet, nodes.sold, electricity_price, spec.cheat_saving, nodes.saving)
        if spec.foresight_days > 0.0:
            found = regime.probability * regime.detection * (1.0 - regime.memory)
            at_risk = found * reward * spec.foresight_days / nodes.site.dt_days / _MILLI
            nodes.saving -= at_risk[nodes.network] * nodes.reputation * nodes.capacity
        nk.verification.decide_to_cheat(self._suspects, regime, nodes.saving, token_value, self._decided)
        return self._decided

    def audit(self, key: np.uint64, regime: nk.verification.Regime) -> Ints:
        """Audit at random; return cheaters caught, honest nodes slashed and base units slashed, int64[K, 3]."""
        nk.verification.audit(key, self._suspects, regime, self._found)
        return self._found
