"""What the module `replication.py` of a folder defines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from catallaxy.agents.declaration import Spec
from catallaxy.sim.analysis.intervals import Interval
from catallaxy.sim.replications.comparison import Row

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["NAMES", "Arrays", "Found", "ReplicationModule", "exactly"]

Arrays: TypeAlias = Mapping[str, npt.NDArray[Any]]
"""What one part found."""
Found: TypeAlias = Mapping[str, Arrays]
"""What all parts found, by part."""

NAMES = ("Parameters", "parts", "measure", "estimates", "draw")
"""What a module must define."""


class ReplicationModule(Protocol):
    """A replication: independent parts, what they find, and what follows from it.

    Attributes
    ----------
    Parameters : type of Spec
        What `paper.yaml` can say under `parameters`.
    """

    Parameters: type[Spec]

    def parts(self, parameters: Any) -> Sequence[str]:
        """Return the names of the parts, which can run at the same time.

        Parameters
        ----------
        parameters : Spec
            An instance of `Parameters`.

        Returns
        -------
        sequence of str
        """

    def measure(self, parameters: Any, part: str, key: np.uint64) -> Arrays:
        """Run one part.

        Parameters
        ----------
        parameters : Spec
            An instance of `Parameters`.
        part : str
            One of `parts`.
        key : uint64
            For `numba_kernels.random`: it follows from the seed, the replication and the part, and is all the chance
            that the part may use.

        Returns
        -------
        mapping of str to ndarray
        """

    def estimates(self, parameters: Any, found: Found) -> Mapping[str, Interval]:
        """Return the quantities of `expected.yaml`.

        Parameters
        ----------
        parameters : Spec
            An instance of `Parameters`.
        found : mapping of str to mapping
            What `measure` returned, by part.

        Returns
        -------
        mapping of str to Interval
        """

    def draw(self, parameters: Any, found: Found, rows: Sequence[Row]) -> Figure:
        """Draw the figure.

        Parameters
        ----------
        parameters : Spec
            An instance of `Parameters`.
        found : mapping of str to mapping
            What `measure` returned, by part.
        rows : sequence of Row
            What was published beside what was estimated.

        Returns
        -------
        Figure
            Made with `catallaxy.sim.report.canvas`; the house style is set.
        """


def exactly(value: float) -> Interval:
    """Return a quantity that involves no chance, as an interval of no width."""
    return Interval(value, value, value, 0.95, 1, "exact")
