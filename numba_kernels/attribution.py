"""Who contributed to which model: licences and compute of a step, handed to the builders that bought them.

Licences are nested: builders take the cheapest data first, so a provider that sold c licences sold them to the c
builders of its network that bought most. Compute is bought from a pool: every node's sales go to builders in proportion
to the hours that each buys to train.
"""

from __future__ import annotations

from numba import int64

from catallaxy.numba_kernels.compile import Floats, IntMatrix, Ints, kernel

__all__ = ["attribute_compute", "attribute_licences"]


@kernel
def attribute_licences(
    network: Ints, sales: tuple[Ints, Ints, Ints], buyers: tuple[Ints, Ints], units: IntMatrix, fees: IntMatrix
) -> None:
    """Add a step's licences to what each builder has from each provider.

    Parameters
    ----------
    network : int64[n]
        Network of each provider.
    sales : (int64[n], int64[n], int64[n])
        Licences sold, data of one licence (1e-3 unit), and what all were paid (micro-USD).
    buyers : (int64[b], int64[b])
        Network of each builder, and its place among those of its network by purchases, from 0.
    units : int64[b, n], 1e-3 unit, in/out
    fees : int64[b, n], micro-USD, in/out
        Equal parts for all buyers; what does not divide is left out.
    """
    licences, size, received = sales
    home, place = buyers
    for i in range(network.size):
        if licences[i] == 0:
            continue
        fee = received[i] // licences[i]
        for b in range(home.size):
            if home[b] == network[i] and place[b] < licences[i]:
                units[b, i] += size[i]
                fees[b, i] += fee


@kernel
def attribute_compute(
    network: Ints, sales: tuple[Ints, Ints], buyers: tuple[Ints, Floats], hours: IntMatrix, paid: IntMatrix
) -> None:
    """Add a step's compute to what each builder has trained on at each node.

    Parameters
    ----------
    network : int64[n]
        Network of each node.
    sales : (int64[n], int64[n])
        Milli-GPU-hours sold, and what they were paid (micro-USD).
    buyers : (int64[b], float64[b])
        Network of each builder, and the share of the network's sales on which it trains.
    hours : int64[b, n], milli-GPU-hours, in/out
        Rounded down, like `paid`.
    paid : int64[b, n], micro-USD, in/out
    """
    sold, received = sales
    home, share = buyers
    for i in range(network.size):
        if sold[i] == 0 and received[i] == 0:
            continue
        for b in range(home.size):
            if home[b] == network[i]:
                hours[b, i] += int64(float(sold[i]) * share[b])
                paid[b, i] += int64(float(received[i]) * share[b])
