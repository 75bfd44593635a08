"""How people choose between ways of forecasting: leaning to one of two camps, and discrete choice among many.

The leaning to fundamentalism, with n the share of fundamentalists and g the log gap between price and value, is

    a = alpha_0 + alpha_n (2 n - 1) + alpha_p g^2

(predisposition, herding and misalignment; Franke & Westerhoff 2012, JEDC 36:1193-1211, the DCA-HPM variant), and a
share 1 / (1 + exp(-beta a)) of those who choose follows it. Among many ways with fitness U_h the shares are
exp(beta U_h) over their sum (Brock & Hommes 1998, JEDC 22:1235-1274).
"""

from __future__ import annotations

from typing import NamedTuple

from catallaxy.numba_kernels.compile import Floats, helper, kernel
from catallaxy.numba_kernels.elementary import exp

__all__ = ["Leanings", "choose", "lean", "lean_scalar", "logit"]


class Leanings(NamedTuple):
    """What leans people towards fundamentalism: alpha_0, alpha_n and alpha_p."""

    predisposition: float
    herding: float
    misalignment: float


@helper
def lean(leanings: Leanings, share: float, squared_gap: float) -> float:
    """Return the leaning to fundamentalism, a, where a share of people are fundamentalists."""
    return leanings.predisposition + leanings.herding * (2.0 * share - 1.0) + leanings.misalignment * squared_gap


@helper
def logit(appeal: float) -> float:
    """Return the share that chooses the first of two options of which it is so much more appealing."""
    return 1.0 / (1.0 + exp(-appeal))


@helper
def choose(fitness: Floats, intensity: float, shares: Floats) -> None:
    """Write the share of people that follows each of several ways, by multinomial logit.

    The largest fitness is taken off first, so that no exponential overflows.
    """
    highest = fitness[0]
    for h in range(1, fitness.size):
        highest = max(highest, fitness[h])
    total = 0.0
    for h in range(fitness.size):
        shares[h] = exp(intensity * (fitness[h] - highest))
        total += shares[h]
    for h in range(fitness.size):
        shares[h] /= total


@kernel
def lean_scalar(leanings: Leanings, share: float, squared_gap: float) -> float:
    """Return the leaning to fundamentalism; `lean`, callable from Python.

    Parameters
    ----------
    leanings : Leanings
    share : float64
        Share of fundamentalists among those who choose.
    squared_gap : float64
        Squared log gap between price and value.

    Returns
    -------
    float64
    """
    return lean(leanings, share, squared_gap)
