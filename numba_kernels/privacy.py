"""What sharing data costs people when others' data tell about them too, and when they hide behind noise.

Of what the data of provider i tell, the share `correlation * s` is known already once the share s of its domain's data
is shared, so that keeping them back protects that much less: the privacy cost falls to c (1 - correlation * s). Who
shares therefore lowers the price that others can ask (Acemoglu, Makhdoumi, Malekian & Ozdaglar 2022, American Economic
Journal: Microeconomics 14, 218).

With `Signals` the same follows from what data tell in that paper's example. Types of people of one domain are normal
with unit variance and correlation r, and data are types with noise of variance t. Once n others share, they have told
l = n r^2 / (1 - r + t + n r) of the variance of one's type. One's own data would tell v^2 / (v + t) more, with
v = 1 - l, and that is what keeping them back protects: (1 + t) v^2 / (v + t) of what they would tell alone.
"""

from __future__ import annotations

from typing import NamedTuple

from catallaxy.numba_kernels.compile import Flags, Floats, Ints, Matrix, helper, kernel

__all__ = [
    "People",
    "Protection",
    "Signals",
    "count_sharers",
    "exposure",
    "leak",
    "signal_exposure",
    "told_by_others",
    "told_by_own",
]

#: People who share are counted in this part of one, so that sums are whole numbers.
_PART = 1024.0


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


class Signals(NamedTuple):
    """Normal types and data: correlation of types in a domain, and variance of data's noise over that of types."""

    correlation: float
    noise: float


@helper
def _told_by_others(n: float, signals: Signals) -> float:
    """Return `told_by_others`, inside kernels."""
    rest = 1.0 - signals.correlation + signals.noise
    return n * signals.correlation * signals.correlation / (rest + n * signals.correlation)


@helper
def _told_by_own(n: float, signals: Signals) -> float:
    """Return `told_by_own`, inside kernels."""
    left = 1.0 - _told_by_others(n, signals)
    return left * left / (left + signals.noise)


@helper
def _sharing(active: int, hidden: int, leakage_left: float) -> float:
    """Return as how many people one counts who shares, in parts of one."""
    if active == 0:
        return 0.0
    return _PART * leakage_left // 1.0 if hidden == 1 else _PART


@kernel
def told_by_others(n: float, signals: Signals) -> float:
    """Return the share of the variance of one's type that the data of n others tell."""
    return _told_by_others(float(n), signals)


@kernel
def told_by_own(n: float, signals: Signals) -> float:
    """Return the share of the variance of one's type that one's own data tell beyond those of n others."""
    return _told_by_own(float(n), signals)


@kernel
def count_sharers(people: People, active: Flags, hidden: Flags, leakage_left: float, sharers: Matrix) -> None:
    """Count who shares.

    Parameters
    ----------
    people : People
    active, hidden : int8[n]
    leakage_left : float64
        As how many one counts who anonymizes.
    sharers : float64[K, D], out
        People of each domain who share, in parts of one.
    """
    sharers[:, :] = 0.0
    for i in range(active.size):
        sharers[people.network[i], people.domain[i]] += _sharing(active[i], hidden[i], leakage_left)


@kernel
def signal_exposure(
    people: People, taking: tuple[Flags, Flags], sharers: Matrix, signals: Signals, protection: Protection, cost: Floats
) -> None:
    """Set what taking part costs each provider, given what the data of others tell; anonymized where that is cheaper.

    Parameters
    ----------
    people : People
        `privacy` is what sharing costs while nobody else does.
    taking : (int8[n], int8[n])
        1 for those who shared in the step before, and for those who anonymize (in/out).
    sharers : float64[K, D]
        As written by `count_sharers` for the same `taking`.
    signals : Signals
    protection : Protection
    cost : float64[n], USD per step, out
    """
    active, hidden = taking
    alone = _told_by_own(0.0, signals)
    for i in range(cost.size):
        own = _sharing(active[i], hidden[i], protection.leakage_left)
        others = max(sharers[people.network[i], people.domain[i]] - own, 0.0) / _PART
        plain = people.privacy[i] * (_told_by_own(others, signals) / alone)
        veiled = plain * protection.privacy_left + protection.cost
        hidden[i] = 1 if veiled < plain else 0
        cost[i] = min(veiled, plain) + people.upkeep[i]


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
