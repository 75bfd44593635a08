"""Phase 7: cheating is decided and found out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import MICRO, Floats
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.engine.checks import note_checks, pay_for_audits
from catallaxy.sim.engine.receivers import pay_tokens
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.tokenomics.sinks import divide
from catallaxy.sim.trust.verification import Terms

__all__ = ["run"]


def run(economy: Economy) -> None:
    """Let opportunists weigh the odds, check at random, and slash.

    Parameters
    ----------
    economy : Economy
    """
    nodes, quoted, checks = economy.nodes, economy.quoted, economy.checks
    probability, paid = pay_for_audits(economy, nodes.by_network(nodes.sold))
    regime = _regime(probability, checks.terms)
    token_value = economy.price_micro() / MICRO
    electricity = economy.drivers["electricity_price"]
    counted = nodes.cheats.decide(regime, token_value, electricity, quoted.compute_reward)
    share = np.where(counted[:, 0] > 0, counted[:, 1] / np.maximum(counted[:, 0], 1), 0.0)
    quoted.genuine[:] = 1.0 - share
    checks.learn(share)
    posted = nodes.stake.copy()
    tally = nodes.cheats.audit(economy.key(Stream.AUDIT), regime)
    slashed = tally[:, 2] + np.array([stakes.slash(posted) for stakes in economy.staking])
    economy.note("burned", 0.0)
    for k, terms in enumerate(checks.terms):
        amount = int(slashed[k])
        _slash(economy, k, amount - _split(economy, k, amount), terms)
    economy.note("cheating_share", share)
    economy.note("fraud_caught", tally[:, 0])
    economy.note("slashed", economy.tokens(slashed))
    note_checks(economy, probability, paid, tally[:, 1])


def _regime(probability: Floats, terms: Sequence[Terms]) -> nk.verification.Regime:
    return nk.verification.Regime(
        probability,
        np.array([term.detection for term in terms]),
        np.array([term.false_positive for term in terms]),
        np.array([term.slash for term in terms]),
        np.array([term.memory for term in terms]),
    )


def _split(economy: Economy, k: int, amount: int) -> int:
    """Pay what the network's sinks give to others than the regime does, and burn their part; return the sum."""
    parts = divide(economy.specs[k].fees.sinks, "slashes", amount)
    if not parts:
        return 0
    wanted = sum(parts.values())
    burned = wanted - pay_tokens(economy, k, "slash", "staked", parts)
    economy.accounts.burned[k] += burned
    economy.post(k, "slash", "staked", "burned", burned)
    economy.metrics["burned"][k] += burned / economy.base[k]
    return wanted


def _slash(economy: Economy, k: int, amount: int, terms: Terms) -> None:
    """Share out slashed stake: to the treasury, to the nodes who check, and what is left to the fire."""
    reward = int(amount * terms.to_treasury)
    bounty = min(int(amount * terms.to_nodes), amount - reward)
    paid = pay_tokens(economy, k, "slash", "staked", {"compute": bounty}) if bounty else 0
    burned = amount - reward - paid
    economy.accounts.treasury_tokens[k] += reward
    economy.accounts.burned[k] += burned
    economy.post(k, "slash", "staked", "treasury", reward)
    economy.post(k, "slash", "staked", "burned", burned)
    economy.metrics["burned"][k] += burned / economy.base[k]
