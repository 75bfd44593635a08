"""Providers of data who cheat when it pays: little effort, copies, poison, and what inspections do about it.

A provider of a dishonest kind cheats while what that gains it in a step exceeds the chance of being found out times the
income that it would lose until its name has recovered (G. S. Becker, Journal of Political Economy 76, 1968, 169). There
is no stake: reputation is what is at risk, as in B. Klein & K. B. Leffler, Journal of Political Economy 89, 1981, 615.
"""

from __future__ import annotations

from typing import NamedTuple

from numba import float64, int64

from catallaxy.numba_kernels.compile import U64, Flags, Floats, IntMatrix, Ints, helper, kernel
from catallaxy.numba_kernels.random import agent_bits, uniform

__all__ = ["HONEST", "LOW_EFFORT", "POISONER", "SYBIL", "Fraud", "Inspection", "Sellers", "decide", "inspect", "survey"]

HONEST, LOW_EFFORT, SYBIL, POISONER = 0, 1, 2, 3
#: Data units are counted in thousandths.
_UNIT = 1000.0


class Fraud(NamedTuple):
    """What each kind of fraud does.

    `effort` is the share of effort and of worth that remains, `copies` what one datum is offered as, `copy_cost` USD
    per step and further copy, `bounty` USD per unit and step for poison, `harm` the units that a unit of it spoils,
    `risk` the chance a step of being found out times the steps until a name has recovered.
    """

    effort: float
    copies: float
    copy_cost: float
    bounty: float
    harm: float
    risk: float


class Sellers(NamedTuple):
    """Network and kind of each provider, its own data (units), its reputation."""

    network: Ints
    inclination: Flags
    own: Floats
    reputation: Floats


class Inspection(NamedTuple):
    """Chances of being inspected, of guilt being found, and of the innocent being found guilty; recovery in a step."""

    probability: float
    detection: float
    false_positive: float
    recovery: float


@helper
def _claims(kind: int, fraud: Fraud) -> float:
    """Return the units offered for each unit that there is."""
    return fraud.copies if kind == SYBIL else 1.0


@helper
def _cost(kind: int, honest: float, own: float, fraud: Fraud) -> float:
    """Return what a step costs a cheater, USD."""
    if kind == SYBIL:
        return honest + (fraud.copies - 1.0) * fraud.copy_cost
    return max(honest * fraud.effort - (fraud.bounty * own if kind == POISONER else 0.0), 0.0)


@helper
def _gain(kind: int, honest: float, own: float, income: float, fraud: Fraud) -> float:
    """Return what a step of cheating gains, USD, when a unit earns `income`."""
    if kind == SYBIL:
        return (fraud.copies - 1.0) * (own * income - fraud.copy_cost)
    return honest * (1.0 - fraud.effort) + (fraud.bounty * own if kind == POISONER else 0.0)


@helper
def _worth(kind: int, cheats: int, fraud: Fraud) -> float:
    """Return what an offered unit is worth to who trains on it."""
    if cheats == 0:
        return 1.0
    if kind == LOW_EFFORT:
        return fraud.effort
    return 1.0 / fraud.copies if kind == SYBIL else -fraud.harm


@kernel
def decide(
    sellers: Sellers, income_per_unit: Floats, fraud: Fraud, cheating: Flags, units: Floats, cost: Floats
) -> None:
    """Let providers of dishonest kinds weigh gain against risk; set what each offers and what that costs.

    Parameters
    ----------
    sellers : Sellers
    income_per_unit : float64[K], USD per unit and step
    fraud : Fraud
    cheating : int8[n], out
    units : float64[n], out
        On offer if the provider takes part, discounted by its reputation.
    cost : float64[n], USD per step, in/out
        In: of an honest provider.
    """
    for i in range(units.size):
        kind, own, honest = sellers.inclination[i], sellers.own[i], cost[i]
        income = income_per_unit[sellers.network[i]] * sellers.reputation[i]
        cheating[i], units[i] = 0, own * sellers.reputation[i]
        if kind == HONEST:
            continue
        claimed = own * _claims(kind, fraud)
        if _gain(kind, honest, own, income, fraud) > fraud.risk * claimed * income:
            cheating[i], units[i] = 1, claimed * sellers.reputation[i]
            cost[i] = _cost(kind, honest, own, fraud)


@kernel
def inspect(
    key: U64, ids: Ints, network: Ints, books: tuple[Flags, Flags, Floats], how: Inspection, tally: IntMatrix
) -> None:
    """Inspect some of those on offer, take the names of the guilty, and let all names recover.

    Parameters
    ----------
    key : uint64
        Step key of the stream.
    ids, network : int64[n]
    books : (int8[n], int8[n], float64[n])
        Who is on offer and who cheats; reputation, in/out.
    how : Inspection
    tally : int64[K, 2], out
        Cheaters found out, and innocents found guilty.
    """
    active, cheating, reputation = books
    tally[:, :] = 0
    for i in range(ids.size):
        reputation[i] += how.recovery * (1.0 - reputation[i])
        if active[i] == 0:
            continue
        guilt = how.detection if cheating[i] == 1 else how.false_positive
        if uniform(agent_bits(key, ids[i])) < how.probability * guilt:
            reputation[i] = 0.0
            tally[network[i], 0 if cheating[i] == 1 else 1] += 1


@kernel
def survey(sellers: Sellers, fraud: Fraud, active: Flags, cheating: Flags, units: Floats, tally: IntMatrix) -> None:
    """Count what is on offer and what of it is genuine.

    Parameters
    ----------
    sellers : Sellers
    fraud : Fraud
    active, cheating : int8[n]
    units : float64[n]
        Offered.
    tally : int64[K, 5], out
        Providers on offer and those of them who cheat; thousandths of a unit on offer, genuine, and worth (poison
        counts against it).
    """
    tally[:, :] = 0
    for i in range(units.size):
        if active[i] == 0:
            continue
        k, worth = sellers.network[i], _worth(sellers.inclination[i], cheating[i], fraud)
        offered = int64(units[i] * _UNIT)
        tally[k, 0] += 1
        tally[k, 1] += cheating[i]
        tally[k, 2] += offered
        tally[k, 3] += int64(float64(offered) * max(worth, 0.0))
        tally[k, 4] += int64(float64(offered) * worth)
