"""What a proposal means to those who vote on it: what they are paid with it and without it, and what their tokens lose.

With and without the proposal, the rules of the network are asked what they would pay from now on, at today's price and
today's spending, to each group; a member's part is its share of what the group is paid today.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from catallaxy.agents.population import MICRO
from catallaxy.sim.engine.phases.issuance import context_of
from catallaxy.sim.scenario.schema_network import NetworkSpec
from catallaxy.sim.state.economy import Economy
from catallaxy.sim.tokenomics.emission import EmissionRule
from catallaxy.sim.tokenomics.emission_context import Memory
from catallaxy.sim.tokenomics.sinks import divide, route_fees

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Prospects", "memory_under", "prospects"]


@dataclass(frozen=True)
class Prospects:
    """What the rules of a network bring from now on, over the horizon of its holders.

    Attributes
    ----------
    paid : mapping of str to float
        USD by group ("compute", "data", "builders", "stakers").
    net_issue : float
        Tokens minted less those burned or recycled, base units.
    """

    paid: Mapping[str, float]
    net_issue: float


def prospects(economy: Economy, k: int, spec: NetworkSpec, n_steps: int) -> Prospects:
    """Ask the rules of a network what they would bring at today's price and spending.

    Parameters
    ----------
    economy : Economy
    k : int
    spec : NetworkSpec
        Rules of network `k`: those in force, or others.
    n_steps : int
        Length of the horizon.

    Returns
    -------
    Prospects
    """
    value = float(economy.price_micro()[k]) / MICRO
    minted = _minted(economy, k, spec.token.emission, n_steps)
    taken = divide(spec.fees.sinks, "rewards", minted)
    gone = taken.get("burn", 0) + taken.get("recycle", 0)
    paid: dict[str, float] = defaultdict(float)
    for group, share in spec.token.rewards.model_dump().items():
        paid[group] += (minted - gone) * share * value
    spending = int(economy.quoted.usage[k] * MICRO)
    collateral = int(int(economy.nodes.staked_totals()[k]) * economy.price_micro()[k])
    routing = route_fees(spec.fees.sinks, spending, int(spending * spec.fees.take_rate), collateral)
    in_usd = n_steps / MICRO
    paid["stakers"] += routing.stakers_usd * in_usd
    paid["builders"] += routing.providers_usd * in_usd
    for group, amount in routing.others.items():
        paid[group] += amount * in_usd
    bought = routing.burn_usd + routing.others.get("burn", 0) + routing.others.get("recycle", 0)
    return Prospects(dict(paid), float(minted - gone) - bought * in_usd / value)


def _minted(economy: Economy, k: int, rule: EmissionRule, n_steps: int) -> int:
    now = context_of(economy, k)
    memory = memory_under(economy.specs[k].token.emission, rule, economy.emission_memory[k])
    ahead = replace(now, step=now.step + 1, memory=memory)
    asked = int(rule.horizon_total(ahead, n_steps) * economy.policy["emission_scale"][k])
    return asked if ahead.room is None else min(asked, ahead.room)


def memory_under(old: EmissionRule, new: EmissionRule, memory: Memory) -> Memory:
    """Return what a new emission rule remembers: what the old one did if built of the same kinds, else nothing."""
    return memory if _kinds(old.model_dump(mode="json")) == _kinds(new.model_dump(mode="json")) else ()


def _kinds(tree: object) -> list[object]:
    if isinstance(tree, dict):
        return [tree.get("kind"), *(kind for item in tree.values() for kind in _kinds(item))]
    return [kind for item in tree for kind in _kinds(item)] if isinstance(tree, list) else []
