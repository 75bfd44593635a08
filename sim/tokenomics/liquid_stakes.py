"""Stakes of which holders may have receipts that they can sell, instead of a bond that they must wait for."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.population import Flags, Floats
from catallaxy.agents.sellers import NEVER_TOO_MUCH
from catallaxy.numba_kernels.streams import Stream
from catallaxy.sim.tokenomics.stakes import Payout, Place, Stakes, View

if TYPE_CHECKING:
    from catallaxy.sim.tokenomics.staking import LiquidStaking, StakingRule

__all__ = ["LiquidStakes"]

_DAYS_PER_YEAR = 365.25


class LiquidStakes(Stakes):
    """Stakes of which each holder has either a bond or receipts.

    A receipt is counted as the tokens that are staked for it, so that receipts grow with rewards, as rebasing ones do.

    Parameters
    ----------
    rule : LiquidStaking
    place : Place
    """

    def __init__(self, rule: LiquidStaking, place: Place) -> None:
        super().__init__(rule, place)
        self._terms_of_receipts = rule
        key = nk.random.step_key(self.holders.site.seed, int(Stream.ATTRIBUTES), -1 - self.k)
        self.impatience: Floats = self._column("impatience", rule.impatience.draw(key, self.holders.ids))
        self.liquid: Flags = self._column("liquid", np.zeros(self.holders.n, np.int8))
        self._recent: deque[int] = deque([0] * self.period, maxlen=max(self.period, 1))
        self._fees = 0

    def follow(self, rule: StakingRule) -> None:
        """Go on under another rule; see `Stakes.follow`."""
        assert isinstance(rule, type(self._terms_of_receipts))
        super().follow(rule)
        self._terms_of_receipts = rule
        self._recent = deque(self._recent, maxlen=max(self.period, 1))

    def receipts(self) -> int:
        """Count the base units that are staked for receipts."""
        return int(self.holders.site.lanes(nk.liquid_staking.liquid_stake, self.holders.n, self.liquid, self._staked))

    def used(self) -> float:
        """Return the share of the exit pool that those who left within the unbonding time have taken, 0 to 1."""
        room = self._terms_of_receipts.pool * self.receipts()
        return min(sum(self._recent) / room, 1.0) if room > 0.0 else 1.0

    def discount(self) -> float:
        """Return the discount at which receipts are sold: what waiting is worth, in proportion to the pool's use."""
        rule = self._terms_of_receipts
        return rule.required_return.per_year * rule.unbonding_days / _DAYS_PER_YEAR * self.used()

    def adjust(self, step: int, view: View) -> tuple[int, int]:
        """Bond and unbond; who has receipts leaves at once while the exit pool lasts; see `Stakes.adjust`."""
        discount, full = self.discount(), self.used() >= 1.0
        self.locks.unbonding[:] = np.where((self.liquid == 1) & (not full), 0, self.period)
        before, leaving = self.holders.unbonding[self.k].copy(), self.liquid.copy()
        bonded, queued = super().adjust(step, view)
        gone = 0
        if not full:
            lanes, bonds = self.holders.site.lanes, self.holders.bonds(self.k)
            gone, self._fees = lanes(
                nk.liquid_staking.charge, self.holders.n, bonds, self.queue.amount, before, leaving, discount
            )
        self._recent.append(int(gone))
        return bonded, queued

    def leaving_fees(self) -> int:
        """Return the discounts of this step's sales, which the exit pool keeps; see `Stakes.leaving_fees`."""
        fees, self._fees = int(self._fees), 0
        return fees

    def _prepare(self, step: int, view: View) -> None:
        rule, holders = self._terms_of_receipts, self.holders
        terms = nk.liquid_staking.Terms(
            float(view.reward),
            rule.fee,
            rule.turnover.per_year,
            self.discount(),
            rule.unbonding_days / _DAYS_PER_YEAR,
        )
        draw = (self.key(Stream.LIQUID_STAKING, step), rule.reconsider.probability(self.place.dt_days))
        holders.site.lanes(
            nk.liquid_staking.choose,
            holders.n,
            draw,
            holders.ids,
            self.impatience,
            terms,
            self.liquid,
            self.multiple,
        )

    def pay(self, amount: int, step: int) -> Payout:
        """Share out a reward, the fee on that of receipts apart; see `Stakes.pay`."""
        holders, sharing = self.holders, self.bonded()
        lanes, total = holders.site.lanes, self._weigh(step)
        if total == 0:
            return Payout(sharing)
        fee, rate = self._terms_of_receipts.fee, amount / total * NEVER_TOO_MUCH
        taken = lanes(nk.liquid_staking.weigh, holders.n, self.liquid, fee, self.weight)
        bonds = holders.bonds(self.k)
        paid = lanes(nk.staking_rewards.pay_pro_rata, holders.n, bonds, self.weight, rate, self.rule.compounding)
        return Payout(sharing, int(paid[0]), int(paid[1]), fees=int(taken * rate))

    def notes(self) -> dict[str, float]:
        """Return the share of the stake that is liquid, and the discount; see `Stakes.notes`."""
        return {"liquid_share": self.receipts() / max(self.bonded(), 1), "exit_discount": self.discount()}
