"""Open weights: models that anybody may run and build on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.population import Flags, Floats, Population
from catallaxy.numba_kernels.streams import Stream

__all__ = ["Commons", "OpenWeightsSpec"]


class OpenWeightsSpec(Spec):
    """Which builders publish their weights, and what that does to prices and to others."""

    share: float = quantity(
        0.3,
        unit="1",
        doc="Share of builders that publish the weights of their models.",
        ge=0,
        le=1,
        source="Assumption: of the notable models of 2024 that Epoch AI lists, about a third to a half are open.",
    )
    hosting_margin: float = quantity(
        0.1,
        unit="1",
        doc="Largest markup over unit cost on a model whose weights are open, as anybody may host it.",
        ge=0.05,
        le=5,
        source="Assumption: hosts of the same open model charge prices close to each other.",
    )
    spillover: float = quantity(
        0.9,
        unit="1",
        doc="Share of the training and data in an open model that others have when they build on it.",
        ge=0,
        le=1,
        source="Assumption: a fork inherits the weights and has to learn how they were made.",
    )


class Commons:
    """The best that is public: compute and data embodied in open models, and who publishes.

    Parameters
    ----------
    builders : Population
        Gets the column `publishes`.
    spec : OpenWeightsSpec or None
        None where models become public by bankruptcy only.

    Attributes
    ----------
    publishes : int8[n]
    compute, data : float
        FLOP and tokens that anybody can build on.
    """

    def __init__(self, builders: Population, spec: OpenWeightsSpec | None) -> None:
        self._spec, u = spec, np.empty(len(builders))
        key = nk.random.step_key(builders.site.seed, int(Stream.OPEN_WEIGHTS), -1)
        nk.random.fill_uniform(key, builders.ids, u)
        share = 0.0 if spec is None else spec.share
        self.publishes: Flags = builders.store("publishes", (u < share).astype(np.int8))
        self.compute, self.data = 0.0, 0.0

    def limit_markups(self, markup: Floats) -> None:
        """Let competition among hosts take the rent from open models (markups are changed in place)."""
        if self._spec is not None:
            np.minimum(markup, self._spec.hosting_margin, out=markup, where=self.publishes == 1)

    def publish(self, compute: Floats, data: Floats, alive: Flags | None, obsolescence: float) -> None:
        """Publish the models of those who do that, and let everybody in business build on the best.

        Parameters
        ----------
        compute, data : float64[n], FLOP and tokens, in/out
        alive : int8[n] or None
            1 for those in business; None where all are.
        obsolescence : float
            Share of earlier training that is obsolete after a step.
        """
        self.compute *= 1.0 - obsolescence
        self.data *= 1.0 - obsolescence
        works = np.ones(len(compute), np.bool_) if alive is None else alive == 1
        if self._spec is not None:
            self.release(compute, data, (self.publishes == 1) & works, self._spec.spillover)
        np.maximum(compute, self.compute, out=compute, where=works)
        np.maximum(data, self.data, out=data, where=works)

    def release(self, compute: Floats, data: Floats, whose: npt.NDArray[np.bool_], share: float) -> None:
        """Make a share of what is in the models of some builders public.

        Parameters
        ----------
        compute, data : float64[n], FLOP and tokens
        whose : bool[n]
        share : float
        """
        self.compute = max(self.compute, share * float(compute[whose].max(initial=0.0)))
        self.data = max(self.data, share * float(data[whose].max(initial=0.0)))
