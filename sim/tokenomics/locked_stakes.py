"""Stakes that count for more the longer they are locked: multipliers, and vote escrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import Floats, Ints
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.tokenomics.stakes import Place, Stakes, View

if TYPE_CHECKING:
    from catallaxy.sim.tokenomics.staking import LockMultiplier, StakingRule, VoteEscrow

__all__ = ["EscrowedStakes", "MultipliedStakes"]


def _steps(days: Floats, dt_days: float) -> Ints:
    steps: Ints = np.rint(days / dt_days).astype(np.int64)
    return steps


def _days_of(place: Place, rule: LockMultiplier | VoteEscrow) -> Floats:
    """Draw for how long each holder locks, days."""
    key = nk.random.step_key(place.holders.site.seed, int(Stream.ATTRIBUTES), -1 - place.k)
    return rule.lock_days.draw(key, place.holders.ids)


class MultipliedStakes(Stakes):
    """Every holder chose how long unbonding takes it, and its stake counts for more the longer that is.

    Parameters
    ----------
    rule : LockMultiplier
    place : Place
    """

    def __init__(self, rule: LockMultiplier, place: Place) -> None:
        super().__init__(rule, place)
        days = _days_of(place, rule)
        self.locks.unbonding[:] = _steps(days, place.dt_days)
        self.multiplier: Floats = self._column("multiplier", 1.0 + days / rule.days_per_unit)

    def _prepare(self, step: int, view: View) -> None:
        total, staked = self._weigh(step), self.bonded()
        self.multiple[:] = self.multiplier * (staked / total if total > 0 else 1.0)

    def _weigh(self, step: int) -> int:
        lanes, rewards = self.holders.site.lanes, nk.staking_rewards
        return int(lanes(rewards.multiplied, self.holders.n, self._staked, self.bounds, self.multiplier, self.weight))


class EscrowedStakes(Stakes):
    """Stakes are locked, and count in proportion to the rest of the lock.

    Parameters
    ----------
    rule : VoteEscrow
    place : Place
    """

    def __init__(self, rule: VoteEscrow, place: Place) -> None:
        super().__init__(rule, place)
        self._escrow = rule
        self.longest = max(round(rule.longest_days / place.dt_days), 1)
        self.renewal = rule.renewal.probability(place.dt_days)
        self.locks.length[:] = np.clip(_steps(_days_of(place, rule), place.dt_days), 1, self.longest)
        self.locks.until[:] = self.locks.length

    def follow(self, rule: StakingRule) -> None:
        """Go on under another rule; see `Stakes.follow`."""
        assert isinstance(rule, type(self._escrow))
        super().follow(rule)
        self._escrow = rule
        self.renewal = rule.renewal.probability(self.place.dt_days)

    def escrowed(self, step: int) -> Ints:
        """Count tokens times the rest of their lock; see `Stakes.escrowed`."""
        self._weigh(step)
        return self.weight.copy()

    def _prepare(self, step: int, view: View) -> None:
        """Expect of a lock what it is worth on average while it lasts: half of what it is worth at first."""
        total, staked = self._weigh(step), self.bonded()
        self.multiple[:] = 0.5 * self.locks.length / self.longest * (staked / total if total > 0 else 1.0)

    def _renew(self, step: int) -> None:
        holders = self.holders
        holders.site.lanes(
            nk.unbonding_queue.renew,
            holders.n,
            self.key(Stream.LOCK_RENEWAL, step),
            holders.ids,
            holders.bonds(self.k),
            self.wanted,
            self.locks,
            (self.renewal, step),
        )

    def _weigh(self, step: int) -> int:
        lanes, rewards = self.holders.site.lanes, nk.staking_rewards
        clock = (step, self.longest)
        return int(
            lanes(rewards.escrowed, self.holders.n, self._staked, self.bounds, self.locks.until, clock, self.weight)
        )
