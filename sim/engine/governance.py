"""Votes in a run: holders weigh a proposal, those who find it worth their while vote, and what passes takes effect.

A holder who receives the share s of what its group g is paid, and whose tokens are worth W, gains from a proposal

    s (P'_g - P_g) + W (effect + disagreement z - (N' - N) / C)

with P the payments and N the net issue over the horizon with (') and without it, C the circulating supply, and z a
standard normal draw of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import MICRO, Floats, Ints
from catallaxy.agents.voters import Voters
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.engine.interests import memory_under, prospects
from catallaxy.sim.scenario.schema_network import NetworkSpec
from catallaxy.sim.state.economy import Economy, burn_share_of
from catallaxy.sim.tokenomics.governance import GovernanceSpec, ProposalSpec
from catallaxy.sim.tokenomics.units import microseconds
from catallaxy.sim.tokenomics.voting import Holdings

__all__ = ["enact", "take_votes"]

#: Groups by which votes are recorded, and the part of rewards by which each is known.
_GROUPS = ("stakers", "compute", "data", "builders", "")
_SERIES = ("votes_of_holders", "votes_of_compute", "votes_of_data", "votes_of_builders", "votes_of_others")
_OF_THE_DAY = ("vote_passed", "vote_turnout", "vote_in_favour", *_SERIES)


def enact(economy: Economy) -> None:
    """Let what votes have decided take effect, when its timelock has run out.

    Parameters
    ----------
    economy : Economy
    """
    book = economy.governance
    if book is None:
        return
    for k, proposal in book.due(economy.step):
        spec = book.amended(k, proposal)
        economy.guard(f"{economy.names[k]}: a decision contradicted those in force and was void", spec is None)
        if spec is not None:
            book.enforce(k, proposal)
            _amend(economy, k, spec)
    economy.note("amendments", book.count)


def _amend(economy: Economy, k: int, spec: NetworkSpec) -> None:
    """Let network `k` go on under other rules, in everything that has read the old ones."""
    old = economy.specs[k]
    memory = memory_under(old.token.emission, spec.token.emission, economy.emission_memory[k])
    economy.emission_memory[k] = memory
    spec = spec.model_copy(update={"governance": old.governance})
    economy.specs = (*economy.specs[:k], spec, *economy.specs[k + 1 :])
    economy.base_policy["take_rate"][k] = spec.fees.take_rate
    economy.burn_share[k] = burn_share_of(spec)
    economy.staking[k].follow(spec.token.staking)
    economy.charges.follow(k, spec.fees, microseconds(days=economy.dt_days) * economy.step)
    if economy.credits is not None:
        economy.credits.follow(k, spec.fees.credits)


def take_votes(economy: Economy) -> None:
    """Take the votes of the step and note how they went.

    Parameters
    ----------
    economy : Economy
    """
    book = economy.governance
    if book is None:
        return
    for name in _OF_THE_DAY:
        economy.note(name, np.nan)
    for k, proposal in book.voted(economy.step):
        governance = economy.specs[k].governance
        electorate = _electorate(economy, k)
        if governance is not None and electorate is not None and _vote(economy, k, governance, proposal, electorate):
            book.pass_on(k, proposal, economy.step, -int(-governance.timelock_days // economy.dt_days))


@dataclass(frozen=True)
class _Electorate:
    """Everybody who may vote on a network, one row each.

    Attributes
    ----------
    ids, votes, group : int64[n]
    tokens : int64[n], base units
    share : float64[n]
        Part of what the group is paid.
    """

    ids: Ints
    votes: Ints
    group: Ints
    tokens: Ints
    share: Floats


def _electorate(economy: Economy, k: int) -> _Electorate | None:
    governance = economy.specs[k].governance
    members = [(population, population.voters(k)) for population in economy.populations.values()]
    present = [(population, voters) for population, voters in members if voters is not None and len(voters.ids)]
    if governance is None or not present:
        return None
    votes = []
    for population, voters in present:
        holder = population is economy.speculators
        locked = economy.staking[k].escrowed(economy.step) if holder else np.zeros(len(voters.ids), np.int64)
        votes.append(governance.voting.votes(Holdings(voters.free, voters.bonded, locked, int(economy.base[k]))))
    every = [voters for _, voters in present]
    return _Electorate(
        np.concatenate([voters.ids for voters in every]),
        np.concatenate(votes),
        np.concatenate([np.full(len(voters.ids), _group(voters), np.int64) for voters in every]),
        np.concatenate([voters.free + voters.bonded for voters in every]),
        np.concatenate([voters.claim / max(int(voters.claim.sum()), 1) for voters in every]),
    )


def _group(voters: Voters) -> int:
    return _GROUPS.index(voters.earns) if voters.earns in _GROUPS else len(_GROUPS) - 1


def _vote(
    economy: Economy, k: int, governance: GovernanceSpec, proposal: ProposalSpec, electorate: _Electorate
) -> bool:
    votes, total = electorate.votes, int(electorate.votes.sum())
    power, ballots = np.zeros_like(votes), np.zeros(len(votes), np.int8)
    gain, delegate = (
        _gains(economy, k, governance, proposal, electorate),
        _delegates(economy, k, governance, electorate),
    )
    nk.governance.decide(votes, gain, delegate, governance.cost, power, ballots)
    counts = np.zeros((len(_GROUPS), 3), np.int64)
    nk.governance.tally(votes, ballots, electorate.group, counts)
    in_favour, against, _ = (int(count) for count in counts.sum(axis=0))
    cast = in_favour + against
    passed = governance.passes(cast, in_favour, total)
    noted = {"vote_passed": float(passed), "vote_turnout": cast / max(total, 1)}
    if cast:
        noted["vote_in_favour"] = in_favour / cast
        noted |= {name: int(row[:2].sum()) / cast for name, row in zip(_SERIES, counts, strict=True)}
    for name, value in noted.items():
        economy.metrics[name][k] = value
    return passed


def _gains(
    economy: Economy, k: int, governance: GovernanceSpec, proposal: ProposalSpec, electorate: _Electorate
) -> Floats:
    opinion = np.zeros(len(electorate.ids))
    key = np.uint64(nk.random.step_key(economy.key(Stream.GOVERNANCE), k, 0))
    nk.random.fill_normal(key, electorate.ids, opinion)
    change = proposal.effect + proposal.disagreement * opinion
    gain = np.zeros(len(electorate.ids))
    assert economy.governance is not None
    amended = economy.governance.amended(k, proposal)
    if amended is not None:
        n_steps = max(round(governance.horizon_days / economy.dt_days), 1)
        now, then = (prospects(economy, k, spec, n_steps) for spec in (economy.specs[k], amended))
        change -= (then.net_issue - now.net_issue) / max(float(economy.circulating()[k]), 1.0)
        more = np.array([then.paid.get(group, 0.0) - now.paid.get(group, 0.0) for group in _GROUPS])
        gain += electorate.share * more[electorate.group]
    worth: Floats = electorate.tokens * (economy.price_micro()[k] / MICRO)
    return gain + worth * change


def _delegates(economy: Economy, k: int, governance: GovernanceSpec, electorate: _Electorate) -> Ints:
    """Draw whom each holder has named: the same holders delegate in every vote, to the largest of the day."""
    votes, ids = electorate.votes, electorate.ids
    delegate = np.full(len(ids), -1, np.int64)
    largest = np.lexsort((ids, -votes))[: governance.delegates]
    if votes[largest[0]] > 0:
        key = np.uint64(nk.random.step_key(economy.seed, int(Stream.GOVERNANCE), -1 - k))
        running = np.cumsum(votes[largest].astype(np.float64))
        nk.governance.name_delegates(key, ids, governance.delegation, running, largest.astype(np.int64), delegate)
    return delegate
