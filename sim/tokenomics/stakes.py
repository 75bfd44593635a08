"""The stakes of a run: what a staking rule does, step by step, with the tokens of those who hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.compute_nodes import ComputeNodes
from catallaxy.agents.population import Floats, Ints
from catallaxy.agents.sellers import NEVER_TOO_MUCH
from catallaxy.agents.speculators import Speculators
from catallaxy.numba_kernels.streams import Stream

if TYPE_CHECKING:
    from catallaxy.sim.tokenomics.staking import StakingRule

__all__ = ["Payout", "Place", "Stakes", "View"]

#: More base units than any token has.
_MOST_TOKENS = 2**62
_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Place:
    """Where stakes are held: those who hold and those who validate, the network, and its base units per token.

    `plain` is false where votes may change a rule for which the shorter path will do into one for which it will not.
    """

    holders: Speculators
    nodes: ComputeNodes
    k: int
    base: int
    plain: bool = True

    @property
    def dt_days(self) -> float:
        """Length of a step, days."""
        return self.holders.site.dt_days


@dataclass(frozen=True)
class View:
    """What holders see in one step: the yield (1/year), log value less log price, and log returns per step."""

    reward: float
    gap: float
    trend_short: float
    trend_long: float


@dataclass(frozen=True)
class Payout:
    """Rewards of one step, base units.

    Attributes
    ----------
    sharing : int
        Stake among which they were shared.
    holders : int
        To holders.
    bonded : int
        Of that, bonded at once.
    validators : int64[m] or None
        To each compute node that validates.
    fees : int
        To the treasury.
    """

    sharing: int = 0
    holders: int = 0
    bonded: int = 0
    validators: Ints | None = None
    fees: int = 0


class Stakes:
    """The stakes of one network under a rule whose rewards follow what each holder has bonded.

    Parameters
    ----------
    rule : StakingRule
    place : Place

    Attributes
    ----------
    weight : int64[n], base units
        What counts of every stake in this step.
    multiple : float64[n]
        Reward per token that each holder expects, over the mean.
    """

    def __init__(self, rule: StakingRule, place: Place) -> None:
        self.rule, self.place = rule, place
        self.holders, self.k = place.holders, place.k
        self.period, self.bounds = self._terms(rule)
        self.plain = rule.plain and place.plain
        if not self.plain:
            self._open()

    def _terms(self, rule: StakingRule) -> tuple[int, tuple[int, int]]:
        """Return the steps of unbonding, and the smallest and the largest stake that counts, base units."""
        base = self.place.base
        cap = _MOST_TOKENS if rule.cap is None else min(int(rule.cap * base), _MOST_TOKENS)
        return round(rule.unbonding_days / self.place.dt_days), (min(int(rule.minimum * base), _MOST_TOKENS), cap)

    def follow(self, rule: StakingRule) -> None:
        """Go on under another rule of the same kind, which differs in none of its `fixed` parameters.

        Parameters
        ----------
        rule : StakingRule
        """
        self.rule = rule
        self.period, self.bounds = self._terms(rule)
        if not self.plain and "unbonding_days" not in rule.fixed:
            self.locks.unbonding[:] = self.period

    def escrowed(self, step: int) -> Ints:
        """Count what each holder's stake in vote escrow is worth in a vote, int64[n]; here there is no escrow."""
        return np.zeros(self.holders.n, np.int64)

    def _open(self) -> None:
        n, empty = self.holders.n, (self.rule.requests, self.holders.n)
        self.queue = nk.unbonding_queue.Queue(
            self._column("request", np.zeros(empty, np.int64)), self._column("due", np.zeros(empty, np.int64))
        )
        self.locks = nk.unbonding_queue.Locks(*(self._column(f"lock{i}", np.zeros(n, np.int64)) for i in range(3)))
        self.locks.unbonding[:] = self.period
        self.multiple: Floats = self._column("multiple", np.ones(n))
        self.wanted: Floats = self._column("wanted", np.zeros(n))
        self.weight: Ints = self._column("weight", np.zeros(n, np.int64))
        self._scratch = np.zeros((2, n), np.int64)

    def _column(self, name: str, values: np.ndarray) -> np.ndarray:
        """Keep one value per holder where a change in the order of rows reaches it."""
        return self.holders.store(f"staking {self.k} {name}", values)

    @property
    def _staked(self) -> Ints:
        staked: Ints = self.holders.staked[self.k]
        return staked

    def key(self, stream: Stream, step: int) -> np.uint64:
        """Return the key of this network's draws in one step."""
        key = nk.random.step_key(self.holders.site.seed, int(stream), step)
        return np.uint64(nk.random.step_key(key, self.k, 0))

    def bonded(self) -> int:
        """Count the base units that are bonded."""
        return int(self._staked.sum())

    def mature(self, step: int) -> int:
        """Release what is due; return the base units."""
        holders, bonds = self.holders, self.holders.bonds(self.k)
        lanes = holders.site.lanes
        if self.plain:
            return int(lanes(nk.staking.mature, holders.n, bonds, step))
        return int(lanes(nk.unbonding_queue.mature, holders.n, bonds, self.queue, step))

    def adjust(self, step: int, view: View) -> tuple[int, int]:
        """Bond and unbond; return base units bonded and base units that entered the queue.

        Parameters
        ----------
        step : int
        view : View

        Returns
        -------
        (int, int)
        """
        rule, holders = self.rule, self.holders
        lanes, bonds = holders.site.lanes, holders.bonds(self.k)
        half, speed = rule.half_yield.per_year, rule.speed.probability(self.place.dt_days)
        if self.plain:
            attraction = float(view.reward / (view.reward + half))
            moved = lanes(
                nk.staking.adjust, holders.n, bonds, holders.willingness, attraction, speed, step + self.period
            )
            return int(moved[0]), int(moved[1])
        self._prepare(step, view)
        self._want(view)
        self._renew(step)
        terms = nk.unbonding_queue.Terms(*self.bounds, speed, step)
        moved = lanes(nk.unbonding_queue.adjust, holders.n, bonds, self.queue, self.wanted, self.locks, terms)
        return int(moved[0]), int(moved[1])

    def leaving_fees(self) -> int:
        """Return what those who unbonded in this step left behind, base units, once; here they leave nothing."""
        return 0

    def notes(self) -> dict[str, float]:
        """Return what is recorded of the stakes beside what every rule has; see `StakingRule.records`."""
        return {}

    def _prepare(self, step: int, view: View) -> None:
        """Set `multiple`, and choose whatever a rule has holders choose; here there is nothing to choose."""

    def _renew(self, step: int) -> None:
        """Renew locks; here there are none."""

    def _want(self, view: View) -> None:
        holders, a_year = self.holders, _DAYS_PER_YEAR / self.place.dt_days
        outlook = nk.staking.Outlook(
            float(view.reward),
            self.rule.half_yield.per_year,
            self.rule.appreciation,
            float(view.gap),
            float(view.trend_short) * a_year,
            float(view.trend_long) * a_year,
        )
        tastes = nk.staking.Tastes(holders.strategy, holders.horizon, holders.value_bias, holders.willingness)
        holders.site.lanes(nk.staking.prospects, holders.n, tastes, self.multiple, outlook, self.wanted)

    def _weigh(self, step: int) -> int:
        """Set `weight`; return the sum."""
        lanes = self.holders.site.lanes
        return int(lanes(nk.staking_rewards.effective, self.holders.n, self._staked, self.bounds, self.weight))

    def blocks(self, step: int) -> tuple[int, int]:
        """Return the first block of a step and how many there are."""
        flow = self.rule.blocks.flow(self.place.dt_days)
        return int(flow * step), int(flow * (step + 1)) - int(flow * step)

    def pay(self, amount: int, step: int) -> Payout:
        """Share out a reward.

        Parameters
        ----------
        amount : int
            Base units; what is not paid stays where it is.
        step : int

        Returns
        -------
        Payout
        """
        holders, bonds = self.holders, self.holders.bonds(self.k)
        lanes, sharing = holders.site.lanes, self.bonded()
        if self.plain:
            rate = amount / sharing * NEVER_TOO_MUCH if sharing > 0 else 0.0
            return Payout(sharing, int(lanes(nk.staking.reward, holders.n, self._staked, bonds.tokens, rate)))
        total = self._weigh(step)
        if total == 0:
            return Payout(sharing)
        if self.rule.paid == "random-staker":
            drawn, reward = self._drawn(step, holders.ids, self.weight, amount)
            paid = lanes(nk.staking_rewards.pay_drawn, holders.n, bonds, drawn, reward, self.rule.compounding)
        else:
            rate = amount / total * NEVER_TOO_MUCH
            paid = lanes(nk.staking_rewards.pay_pro_rata, holders.n, bonds, self.weight, rate, self.rule.compounding)
        return Payout(sharing, int(paid[0]), int(paid[1]))

    def _drawn(self, step: int, ids: Ints, weight: Ints, amount: int) -> tuple[Ints, int]:
        """Draw who is paid for each block of the step; return how often each is, and the reward of a block."""
        blocks, key = self.blocks(step), self.key(Stream.RANDOM_STAKER, step)
        running, drawn = np.zeros((2, len(ids)), np.int64)
        nk.staking_rewards.draw_stakers(key, np.argsort(ids), weight, blocks, running, drawn)
        return drawn, amount // max(blocks[1], 1)

    def slash(self, posted: Ints) -> int:
        """Take from holders what the validators' misconduct costs them; here it costs them nothing.

        Parameters
        ----------
        posted : int64[m], base units
            Collateral of every compute node before it was slashed.

        Returns
        -------
        int
            Base units.
        """
        return 0
