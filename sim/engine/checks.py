"""Verification, as it is set up before compute is sold and paid for afterwards."""

from __future__ import annotations

import numpy as np

from catallaxy.agents.population import MICRO, Floats, Ints
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.trust.verification import Seen

__all__ = ["note_checks", "pay_for_audits", "set_terms"]

_MILLI = 1000.0


def set_terms(economy: Economy) -> None:
    """Set the terms of verification for the step, and let nodes reckon with what it costs them.

    Parameters
    ----------
    economy : Economy
    """
    watched = any(spec.verification.watches for spec in economy.specs)
    stakes, work = _at_stake(economy) if watched else np.zeros((2, economy.k))
    overhead, columns = economy.drivers["zk_overhead"], (economy.checks.suspicion, stakes, work)
    rows = zip(*columns, economy.quoted.emission_mean, strict=True)
    seen = [Seen(overhead, *map(float, row)) for row in rows]
    terms = [spec.verification.terms(economy.dt_days, view) for spec, view in zip(economy.specs, seen, strict=True)]
    economy.checks.set(terms, economy.policy["audit_scale"])
    economy.nodes.burden = economy.checks.burden()


def _at_stake(economy: Economy) -> tuple[Floats, Floats]:
    """Return the mean collateral of a node online and the running cost of its last step's sales, float64[K], USD."""
    nodes, metrics = economy.nodes, economy.metrics
    online = np.maximum(metrics["nodes_online"], 1.0)
    stakes = nodes.by_network(nodes.stake * nodes.online) * economy.price_micro() / MICRO / online
    burden = 0.0 if nodes.burden is None else nodes.burden
    return stakes, metrics["running_costs"] / (1.0 + burden) / online


def pay_for_audits(economy: Economy, sold: Ints) -> tuple[Floats, Floats]:
    """Let treasuries pay for checks of what was sold; where the money does not reach, fewer are made.

    Parameters
    ----------
    economy : Economy
    sold : int64[K], milli-GPU-hours

    Returns
    -------
    (float64[K], float64[K])
        Probability that a node is checked; what treasuries paid, USD.
    """
    checks, treasury = economy.checks, economy.accounts.treasury_usd
    hours = np.array([term.protocol_cost for term in checks.terms]) * checks.probability * sold / _MILLI
    if not hours.any():
        return checks.probability, np.zeros(economy.k)
    cost = hours * economy.drivers["cloud_gpu_price"] * MICRO
    affordable = np.where(cost > treasury, treasury / np.maximum(cost, 1e-9), 1.0)
    paid = np.minimum(cost, treasury).astype(np.int64)
    treasury -= paid
    economy.post_usd("verification", "treasury", "outside world", int(paid.sum()))
    return checks.probability * affordable, paid / MICRO


def note_checks(economy: Economy, probability: Floats, paid: Floats, condemned: Ints) -> None:
    """Record what verification reached and cost, where a network has a regime that costs something.

    Parameters
    ----------
    economy : Economy
    probability, paid : float64[K]
        As returned by `pay_for_audits`.
    condemned : int64[K]
        Honest nodes slashed.
    """
    if "verified_share" not in economy.metrics:
        return
    outside = np.array([term.outside_cost for term in economy.checks.terms])
    burden = np.zeros(economy.k) if economy.nodes.burden is None else economy.nodes.burden
    economy.note("verified_share", probability)
    economy.note("verification_cost", economy.metrics["running_costs"] * burden / (1.0 + burden) + paid + outside)
    economy.note("honest_slashed", condemned)
