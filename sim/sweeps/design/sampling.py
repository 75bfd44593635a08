"""Points in the unit cube: Latin hypercube, Sobol' sequence, independent draws."""

from __future__ import annotations

import inspect
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["uniform"]

Floats: TypeAlias = npt.NDArray[np.float64]


def uniform(method: str, count: int, dimensions: int, seed: tuple[int, ...]) -> Floats:
    """Draw points evenly from the unit cube.

    Parameters
    ----------
    method : str
        "lhs", "sobol" or "random".
    count : int
        Points; a power of two for "sobol".
    dimensions : int
    seed : tuple of int
        Equal seeds give equal points.

    Returns
    -------
    float64[count, dimensions]

    Notes
    -----
    Latin hypercubes and scrambled Sobol' sequences are SciPy's (`scipy.stats.qmc`).
    """
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
    if method == "random":
        return generator.random((count, dimensions))
    from scipy.stats import qmc

    if method == "sobol":
        points: Floats = qmc.Sobol(dimensions, **_chance(qmc.Sobol, generator)).random_base2(count.bit_length() - 1)
    else:
        points = qmc.LatinHypercube(dimensions, **_chance(qmc.LatinHypercube, generator)).random(count)
    return points


def _chance(engine: Any, generator: np.random.Generator) -> dict[str, np.random.Generator]:
    """Return the generator under the name that this SciPy has for it (`seed` before 1.15)."""
    return {"rng" if "rng" in inspect.signature(engine).parameters else "seed": generator}
