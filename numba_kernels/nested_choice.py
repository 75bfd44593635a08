"""Choice between networks and centralized incumbents by a nested logit, for every segment of users.

Two nests: offers within one are closer substitutes than offers of different nests (D. McFadden, "Modelling the Choice
of Residential Location", in A. Karlqvist et al. (eds), *Spatial Interaction Theory and Planning Models*, 1978). With
the dissimilarity l of a nest, in (0, 1], its inclusive value is

    I = l ln sum_j w_j exp(u_j / l)

and the probability of an offer is exp(I) / (sum over nests of exp(I)), times its weight in the nest. The weights w_j of
incumbents sum to 1, so that with equal offers the nest is worth what one of them is, and each has its share w_j.
"""

from __future__ import annotations

from typing import NamedTuple

from catallaxy.numba_kernels.compile import Floats, Matrix, helper, kernel
from catallaxy.numba_kernels.elementary import exp, log

__all__ = ["Nests", "choose"]


class Nests(NamedTuple):
    """Dissimilarity of the offers within each nest: 1 for a plain logit, near 0 for perfect substitutes."""

    networks: float
    incumbents: float


@helper
def _inclusive(utilities: Matrix, s: int, share: Floats, dissimilarity: float, inside: Matrix) -> float:
    """Return the inclusive value of a nest, and fill in the shares of its offers.

    Parameters
    ----------
    utilities : float64[S, J]
    s : int64
    share : float64[J]
    dissimilarity : float64
    inside : float64[S, J], out

    Returns
    -------
    float64
    """
    most = utilities[s, 0]
    for j in range(share.size):
        most = max(most, utilities[s, j])
    total = 0.0
    for j in range(share.size):
        inside[s, j] = share[j] * exp((utilities[s, j] - most) / dissimilarity)
        total += inside[s, j]
    for j in range(share.size):
        inside[s, j] /= total
    return most + dissimilarity * log(total)


@kernel
def choose(
    networks: Matrix,
    incumbents: Matrix,
    weights: tuple[Floats, Floats],
    nests: Nests,
    available: float,
    chosen: Matrix,
    among: Matrix,
    advantage: Floats,
) -> None:
    """Compute the probabilities of all offers.

    Parameters
    ----------
    networks, incumbents : float64[S, K], float64[S, J]
        Utility of each offer to each segment; K and J are 1 at least.
    weights : (float64[K], float64[J])
        Of the offers within their nests, positive.
    nests : Nests
    available : float64
        Share of the demand that the incumbents can serve.
    chosen : float64[S, K], out
        Probability of each network.
    among : float64[S, J], out
        Shares of the incumbents in what is not the networks'.
    advantage : float64[S], out
        Weight of the networks over that of the incumbents when they can serve everyone.
    """
    for s in range(networks.shape[0]):
        gain = _inclusive(networks, s, weights[0], nests.networks, chosen)
        gain -= _inclusive(incumbents, s, weights[1], nests.incumbents, among)
        advantage[s] = exp(gain)
        for k in range(networks.shape[1]):
            chosen[s, k] *= advantage[s] / (available + advantage[s])
