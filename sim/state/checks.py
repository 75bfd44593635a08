"""What those who check work have learned, and the terms on which they do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catallaxy.agents.population import Floats
from catallaxy.sim.trust.verification import Terms

__all__ = ["CheckBook"]


class CheckBook:
    """The verification of each network in a step.

    Parameters
    ----------
    n : int
        Number of networks.

    Attributes
    ----------
    terms : list of Terms
        Of the step.
    probability : float64[n]
        Probability that a node's work of the step is checked, after dated events.
    suspicion : float64[n]
        Share of the nodes that those who check expect to cheat.
    """

    def __init__(self, n: int) -> None:
        self.terms = [Terms()] * n
        self.probability, self.suspicion = np.zeros((2, n))

    def set(self, terms: Sequence[Terms], scale: Floats) -> None:
        """Take the terms of a step, and the policy that multiplies the probability of checks, float64[n]."""
        self.terms = list(terms)
        self.probability = np.minimum(np.array([term.probability for term in terms]) * scale, 1.0)

    def learn(self, cheating: Floats) -> None:
        """Let those who check learn the share of nodes that cheated, float64[n]."""
        self.suspicion += np.array([term.learning for term in self.terms]) * (cheating - self.suspicion)

    def burden(self) -> Floats | None:
        """Return what verification costs nodes over their running costs, float64[n]; None where it costs nothing."""
        waiting = np.array([term.delay_cost for term in self.terms])
        burden: Floats = waiting + self.probability * np.array([term.node_cost for term in self.terms])
        return burden if burden.any() else None
