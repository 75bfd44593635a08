"""What sharing data costs people when others' data tell about them too, and when they hide behind noise.

Of what the data of provider i tell, the share `correlation * s` is known already once the share s of its domain's data
is shared, so that keeping them back protects that much less: the privacy cost falls to c (1 - correlation * s). Who
shares therefore lowers the price that others can ask (Acemoglu, Makhdoumi, Malekian & Ozdaglar 2022, American Economic
Journal: Microeconomics 14, 218).
"""

from __future__ import annotations

from typing import NamedTuple

from catallaxy.numba_kernels.compile import Flags, Floats, Ints, Matrix, kernel

__all__ = ["People", "Protection", "exposure", "leak"]


class People(NamedTuple):
    """Who providers are: network and domain (numbers), units of data, privacy cost and upkeep (USD per step)."""

    network: Ints
    domain: Ints
    units: Floats
    privacy: Floats
    upkeep: Floats


class Protection(NamedTuple):
    """Anonymization: its cost (USD per step), the share of privacy cost that it leaves, and the share that it leaks."""

    cost: float
    privacy_left: float
    leakage_left: float


@kernel
def exposure(
    people: People, shared: Matrix, correlation: float, protection: Protection, hidden: Flags, cost: Floats
) -> None:
    """Set what taking part costs each provider, anonymized where that is cheaper.

    Parameters
    ----------
    people : People
    shared : float64[K, D]
        Share of each domain's data that is shared.
    correlation : float64
        Share of what data tell that others' data of the domain tell too, once all are shared.
    protection : Protection
    hidden : int8[n], out
        1 for those who anonymize.
    cost : float64[n], USD per step, out
    """
    for i in range(cost.size):
        known = correlation * shared[people.network[i], people.domain[i]]
        plain = people.privacy[i] * (1.0 - known)
        veiled = plain * protection.privacy_left + protection.cost
        hidden[i] = 1 if veiled < plain else 0
        cost[i] = min(veiled, plain) + people.upkeep[i]


@kernel
def leak(people: People, active: Flags, hidden: Flags, leakage_left: float, potential: Matrix, shared: Matrix) -> None:
    """Measure the share of each domain's data that is shared.

    Sums run over whole thousandths of a unit, so that the order of rows does not matter.

    Parameters
    ----------
    people : People
    active, hidden : int8[n]
    leakage_left : float64
        Weight of the data of those who anonymize.
    potential, shared : float64[K, D], out
        Data that there are, in thousandths of a unit, and the share of them that is shared.
    """
    potential[:, :] = 0.0
    shared[:, :] = 0.0
    for i in range(active.size):
        k, d = people.network[i], people.domain[i]
        amount = people.units[i] * 1000.0 // 1.0
        potential[k, d] += amount
        if active[i] == 1:
            shared[k, d] += amount * 1024.0 * leakage_left // 1.0 if hidden[i] == 1 else amount * 1024.0
    for k in range(shared.shape[0]):
        for d in range(shared.shape[1]):
            shared[k, d] /= max(potential[k, d] * 1024.0, 1.0)
