"""Stakes delegated to validators: the compute nodes with the most stake behind them validate, for a commission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import Floats, Ints
from catallaxy.agents.sellers import NEVER_TOO_MUCH
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.tokenomics.stakes import Payout, Place, Stakes, View

if TYPE_CHECKING:
    from catallaxy.sim.tokenomics.staking import DelegatedStaking, StakingRule

__all__ = ["DelegatedStakes", "Validators"]

#: Largest difference in the exponent of the choice that is told apart.
_MOST = 50.0


@dataclass(frozen=True)
class Validators:
    """The validators of a network, in the order of identifiers.

    Attributes
    ----------
    own, delegated : int64[V], base units
        Collateral, and what holders have delegated.
    counted : int64[V], base units
        What counts of both together when rewards are shared; 0 of those that are not active.
    """

    own: Ints
    delegated: Ints
    counted: Ints

    @property
    def total(self) -> Ints:
        """Own and delegated stake, int64[V]."""
        return self.own + self.delegated

    @property
    def yields(self) -> Floats:
        """What is left of the gross yield before commission, float64[V]: less than 1 above the saturation point."""
        return self.counted / np.maximum(self.total, 1)


class DelegatedStakes(Stakes):
    """Stakes of which each holder delegates all to one validator.

    Parameters
    ----------
    rule : DelegatedStaking
    place : Place
    """

    def __init__(self, rule: DelegatedStaking, place: Place) -> None:
        super().__init__(rule, place)
        self.delegation = rule
        self.nodes = place.nodes
        self.first_id = int(place.nodes.ids.min())
        self.validator: Ints = self._column("validator", np.full(self.holders.n, -1, np.int64))
        key = nk.random.step_key(self.holders.site.seed, int(Stream.ATTRIBUTES), -1 - self.k)
        self.commission: Floats = rule.commission.draw(key, np.sort(place.nodes.ids))

    def follow(self, rule: StakingRule) -> None:
        """Go on under another rule; see `Stakes.follow`."""
        assert isinstance(rule, type(self.delegation))
        super().follow(rule)
        self.delegation = rule

    def _by_id(self, values: Ints) -> Ints:
        """Return what the nodes of this network have, in the order of identifiers; 0 for those of other networks."""
        ordered = np.zeros_like(values)
        here = self.nodes.network == self.k
        ordered[self.nodes.ids[here] - self.first_id] = values[here]
        return ordered

    def survey(self) -> Validators:
        """Count who has how much stake, and find the active set: the largest, ties to the lower identifier."""
        own, delegated = self._by_id(self.nodes.stake), np.zeros(self.nodes.n, np.int64)
        self._weigh(0)
        nk.delegation.add_up(self.weight, self.validator, delegated)
        total = np.where(own > 0, own + delegated, 0)
        largest = np.argsort(-total, kind="stable")[: self.delegation.active_set]
        counted = np.zeros_like(total)
        counted[largest] = self._backed(own, total)[largest]
        most = int(int(counted.sum()) * self.delegation.saturation)
        return Validators(own, delegated, np.minimum(counted, most))

    def _backed(self, own: Ints, total: Ints) -> Ints:
        """Return how much of all stake counts, given the validators' own."""
        ratio = self.delegation.delegation_ratio
        if ratio is None:
            return total
        backed: Ints = np.minimum(own + (own * ratio).astype(np.int64), total)
        return backed

    def _prepare(self, step: int, view: View) -> None:
        found = self.survey()
        kept = (1.0 - self.commission) * found.yields
        if found.counted.any():
            self._choose(step, found.counted > 0, view.reward * kept)
        chosen = self.validator >= 0
        self.multiple[:] = np.where(chosen, kept[np.maximum(self.validator, 0)], 0.0)

    def _choose(self, step: int, active: npt.NDArray[np.bool_], yields: Floats) -> None:
        rule, exp = self.delegation, nk.elementary.exp_scalar
        best = float(yields[active].max())
        appeal = np.zeros(len(yields))
        for v in np.flatnonzero(active):
            appeal[v] = exp(max(rule.intensity * (float(yields[v]) - best), -_MOST))
        choice = nk.delegation.Choice(
            appeal,
            np.cumsum(appeal),
            float(exp(min(rule.intensity * rule.switching_cost, _MOST))),
            rule.reconsider.probability(self.place.dt_days),
        )
        holders = self.holders
        key = self.key(Stream.DELEGATION, step)
        holders.site.lanes(nk.delegation.choose, holders.n, key, holders.ids, self.validator, choice)

    def pay(self, amount: int, step: int) -> Payout:
        """Share out a reward among the active set by stake; each keeps its commission and passes on the rest."""
        found, holders = self.survey(), self.holders
        total = int(found.counted.sum())
        if total == 0:
            return Payout()
        share = amount * (found.counted / total)
        if self.rule.paid == "random-staker":
            drawn, reward = self._drawn(step, np.arange(self.nodes.n), found.counted, amount)
            share = (drawn * reward).astype(np.float64)
        rate = share / np.maximum(found.total, 1) * NEVER_TOO_MUCH
        passed_on = rate * (1.0 - self.commission)
        paid = holders.site.lanes(
            nk.delegation.pay,
            holders.n,
            holders.bonds(self.k),
            self.weight,
            self.validator,
            passed_on,
            self.rule.compounding,
        )
        kept = (found.own * rate).astype(np.int64) + (found.delegated * (rate * self.commission)).astype(np.int64)
        return Payout(total, int(paid[0]), int(paid[1]), kept[self.nodes.ids - self.first_id])

    def slash(self, posted: Ints) -> int:
        """Take from delegators the share that their validator lost of its collateral; see `Stakes.slash`."""
        before = self._by_id(posted)
        lost = before - self._by_id(self.nodes.stake)
        if not lost.any():
            return 0
        share = lost / np.maximum(before, 1)
        holders = self.holders
        return int(holders.site.lanes(nk.delegation.slash, holders.n, self._staked, self.validator, share))
