"""Phase 7: cheating is decided and found out."""

from __future__ import annotations

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import MICRO
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.engine.receivers import pay_tokens
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.tokenomics.sinks import divide
from catallaxy.sim.trust.verification import Terms

__all__ = ["run"]


def run(economy: Economy) -> None:
    """Let opportunists weigh the odds, audit at random, and slash.

    Parameters
    ----------
    economy : Economy
    """
    nodes, quoted = economy.nodes, economy.quoted
    terms = [spec.verification.terms(economy.dt_days) for spec in economy.specs]
    regime = _regime(economy, terms)
    token_value = economy.price_micro() / MICRO
    counted = nodes.decide_to_cheat(regime, token_value, economy.drivers["electricity_price"])
    share = np.where(counted[:, 0] > 0, counted[:, 1] / np.maximum(counted[:, 0], 1), 0.0)
    quoted.genuine[:] = 1.0 - share
    posted = nodes.stake.copy()
    tally = nodes.audit(economy.key(Stream.AUDIT), regime)
    slashed = tally[:, 2] + np.array([stakes.slash(posted) for stakes in economy.staking])
    economy.note("burned", 0.0)
    for k, term in enumerate(terms):
        amount = int(slashed[k])
        _slash(economy, k, amount - _split(economy, k, amount), term.to_treasury)
    economy.note("cheating_share", share)
    economy.note("fraud_caught", tally[:, 0])
    economy.note("slashed", economy.tokens(slashed))


def _regime(economy: Economy, terms: list[Terms]) -> nk.verification.Regime:
    scale = economy.policy["audit_scale"]
    return nk.verification.Regime(
        np.minimum(np.array([term.probability for term in terms]) * scale, 1.0),
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


def _slash(economy: Economy, k: int, amount: int, to_treasury: float) -> None:
    reward = int(amount * to_treasury)
    economy.accounts.treasury_tokens[k] += reward
    economy.accounts.burned[k] += amount - reward
    economy.post(k, "slash", "staked", "treasury", reward)
    economy.post(k, "slash", "staked", "burned", amount - reward)
    economy.metrics["burned"][k] += (amount - reward) / economy.base[k]
