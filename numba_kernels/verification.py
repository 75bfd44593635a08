"""Cheating decided by expected gain, and random audits that slash it.

An opportunistic node cheats when the running cost it saves exceeds the stake it expects to lose: saving * cost >
p * d * s * stake (Becker 1968, Journal of Political Economy 76:169-217).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import float64, int64

from catallaxy.numba_kernels.compile import U64, Flags, Floats, IntMatrix, Ints, kernel
from catallaxy.numba_kernels.compute_market import Fleet, running_cost
from catallaxy.numba_kernels.random import agent_bits, mix, uniform

__all__ = ["CONDEMNED", "Regime", "Suspects", "audit", "cheating_gain", "decide_to_cheat"]

#: Outcome of a check that finds a node guilty; 1 is that of one that finds nothing, 0 that there was none.
CONDEMNED = 2
_SECOND_DRAW = np.uint64(0xA0761D6478BD642F)


class Suspects(NamedTuple):
    """Columns of the nodes that verification reads and writes."""

    ids: Ints
    network: Ints
    online: Flags
    opportunist: Flags
    cheating: Flags
    stake: Ints
    reputation: Floats
    outcome: Flags


class Regime(NamedTuple):
    """An audit regime on one step, per network; `memory` is the weight of the past in a node's reputation."""

    probability: Floats
    detection: Floats
    false_positive: Floats
    slash: Floats
    memory: Floats


@kernel
def decide_to_cheat(suspects: Suspects, regime: Regime, saving: Floats, token_value: Floats, tally: IntMatrix) -> None:
    """Set the cheating flag of every opportunistic node that is online.

    Parameters
    ----------
    suspects : Suspects, in/out
    regime : Regime
    saving : float64[n], USD per step
        Running cost that cheating saves.
    token_value : float64[K], USD per base unit
    tally : int64[K, 2], out
        Nodes online and nodes cheating.
    """
    tally[:, :] = 0
    for i in range(suspects.ids.size):
        k = suspects.network[i]
        at_risk = regime.probability[k] * regime.detection[k] * regime.slash[k]
        expected_loss = at_risk * float64(suspects.stake[i]) * token_value[k]
        cheats = suspects.opportunist[i] == 1 and suspects.online[i] == 1 and saving[i] > expected_loss
        suspects.cheating[i] = 1 if cheats else 0
        tally[k, 0] += suspects.online[i]
        tally[k, 1] += suspects.cheating[i]


@kernel
def audit(key: U64, suspects: Suspects, regime: Regime, tally: IntMatrix) -> None:
    """Audit nodes at random and slash the stake of those found cheating, rightly or wrongly.

    Parameters
    ----------
    key : uint64
    suspects : Suspects, in/out
    regime : Regime
    tally : int64[K, 3], out
        Cheaters caught, honest nodes slashed, base units slashed.
    """
    tally[:, :] = 0
    for i in range(suspects.ids.size):
        suspects.outcome[i] = 0
        if suspects.online[i] == 0:
            continue
        k = suspects.network[i]
        bits = agent_bits(key, suspects.ids[i])
        if uniform(bits) >= regime.probability[k]:
            continue
        cheats = suspects.cheating[i] == 1
        guilty = uniform(mix(bits ^ _SECOND_DRAW)) < (regime.detection[k] if cheats else regime.false_positive[k])
        memory = regime.memory[k]
        suspects.reputation[i] = memory * suspects.reputation[i] + (0.0 if guilty else 1.0 - memory)
        suspects.outcome[i] = CONDEMNED if guilty else 1
        if guilty:
            loss = min(int64(float64(suspects.stake[i]) * regime.slash[k]), suspects.stake[i])
            suspects.stake[i] -= loss
            tally[k, 0] += suspects.cheating[i]
            tally[k, 1] += 1 - suspects.cheating[i]
            tally[k, 2] += loss


@kernel
def cheating_gain(fleet: Fleet, sold: Ints, electricity_price: float, cheat_saving: float, saving: Floats) -> None:
    """Find the running cost that each node would save by faking what it sold in the last step.

    Parameters
    ----------
    fleet : Fleet
    sold : int64[n], milli-GPU-hours
    electricity_price : float64, USD/kWh
    cheat_saving : float64
        Share of the running cost saved.
    saving : float64[n], USD per step, out
    """
    for i in range(sold.size):
        cost = running_cost(fleet.power[i], fleet.electricity[i], fleet.upkeep[i], electricity_price)
        saving[i] = float64(sold[i]) * 1e-3 * cost * cheat_saving
