"""Users join, leave and choose: one draw per user against the probabilities of its segment.

Joining follows Bass (1969), Management Science 15:215-227: the hazard of a user outside is p + q * (share of users),
split over networks by a logit choice; leaving is a churn hazard. The probabilities are computed per segment and
network; this kernel only draws.
"""

from __future__ import annotations

from numba import int64

from catallaxy.numba_kernels.compile import BLOCK, U64, Flags, IntMatrix, Ints, Matrix, kernel
from catallaxy.numba_kernels.random import agent_bits, uniform

__all__ = ["transition"]


@kernel
def transition(
    key: U64, ids: Ints, segment: Flags, network: Ints, spending: Ints, join: Matrix, leave: Matrix, tally: IntMatrix
) -> None:
    """Move users between the outside option (-1) and networks 0..K-1, and tally the outcome.

    Parameters
    ----------
    key : uint64
    ids : int64[n]
    segment : int8[n]
    network : int64[n], in/out
    spending : int64[n], micro-USD per step
        What each user spends on AI services.
    join : float64[S, K]
        Cumulative over networks: probability that an outside user of the segment joins network <= k.
    leave : float64[S, K]
        Probability that a user leaves.
    tally : int64[S, K + 1, 4], out
        Per segment and network: users, their spending, joined, left; the last row counts the users outside.
    """
    n_networks = join.shape[1]
    tally[:, :, :] = 0
    for lo in range(0, ids.size, BLOCK):
        hi = min(lo + BLOCK, ids.size)
        who = ids[lo:hi]
        kind = segment[lo:hi]
        place = network[lo:hi]
        spend = spending[lo:hi]
        for j in range(hi - lo):
            u = uniform(agent_bits(key, who[j]))
            s = kind[j]
            k = place[j]
            if k < 0:
                if u < join[s, n_networks - 1]:
                    k = 0
                    while u >= join[s, k]:
                        k += 1
                    tally[s, k, 2] += 1
            elif u < leave[s, k]:
                tally[s, k, 3] += 1
                k = -1
            place[j] = k
            row = k if k >= 0 else n_networks
            tally[s, row, 0] += 1
            tally[s, row, 1] += int64(spend[j])
