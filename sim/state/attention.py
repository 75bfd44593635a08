r"""Public attention in a run.

With a the log of attention over what is normal, n the branching ratio and m the memory,

.. math::
    a' = a\, e^{-(1 - n) \Delta t / m} + c_r\, \Delta \ln p + c_u\, \Delta \ln U .

The mean of a self-exciting (Hawkes) process with exponential memory fades like that (A. G. Hawkes, *Biometrika* 58
(1971), 83): one surprise is worth 1/(1 - n) times as much in the long run as without contagion.
"""

from __future__ import annotations

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import Floats
from catallaxy.sim.environment.attention import AttentionSpec

__all__ = ["Attention"]

#: Largest log of attention over what is normal: twenty times as much, or a twentieth.
_MOST = 3.0


class Attention:
    """Public attention for each network, and what the narrative and it multiply.

    Parameters
    ----------
    spec : AttentionSpec
    n_networks : int
    dt_days : float
        Length of a step.

    Attributes
    ----------
    level : float64[K]
        Log of attention over what is normal.
    """

    def __init__(self, spec: AttentionSpec, n_networks: int, dt_days: float) -> None:
        self.spec = spec
        self.level: Floats = np.zeros(n_networks)
        self._users: Floats | None = None
        self._keep = nk.elementary.exp_scalar(-(1.0 - spec.contagion) * dt_days / spec.memory_days)

    def revise(self, log_return: Floats, users: Floats) -> bool:
        """Let attention fade and follow what has happened; return whether it was held within its range.

        Parameters
        ----------
        log_return : float64[K]
        users : float64[K], person
        """
        spec, now = self.spec, np.maximum(users, 1.0)
        before = now if self._users is None else self._users
        growth = np.array([nk.elementary.log_scalar(float(ratio)) for ratio in now / before])
        self._users = now.copy()
        free = self.level * self._keep + spec.from_returns * log_return + spec.from_adoption * growth
        self.level = np.clip(free, -_MOST, _MOST)
        return bool((self.level != free).any())

    def on_adoption(self, narrative: float) -> tuple[float, Floats]:
        """Return what the narrative multiplies the hazard of innovation by, and attention the whole hazard.

        Parameters
        ----------
        narrative : float
            The driver.

        Returns
        -------
        (float, float64[K])
        """
        return _elastic(narrative, self.spec.narrative_to_adoption), self._raised(self.spec.to_adoption)

    def on_capital(self, narrative: float) -> float:
        """Return what both multiply speculators' new money by; attention counts as the mean over networks."""
        raised = self._raised(self.spec.to_capital)
        return _elastic(narrative, self.spec.narrative_to_capital) * float(raised.sum() / len(raised))

    def _raised(self, elasticity: float) -> Floats:
        return np.array([nk.elementary.exp_scalar(elasticity * float(level)) for level in self.level])


def _elastic(value: float, elasticity: float) -> float:
    if elasticity == 1.0:
        return value
    return float(nk.elementary.power_scalar(max(value, 1e-9), elasticity))
