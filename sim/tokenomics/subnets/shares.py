"""How a chain divides its emission among subnets: the rules that Bittensor has had, and the user's own.

>>> from catallaxy.sim.tokenomics.subnets import SHARES
>>> SHARES.build({"kind": "flow", "exponent": 2}).describe()
'In proportion to the moving average of net inflow above 0 tokens a block, to the power 2.'
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from catallaxy import numba_kernels as nk
from catallaxy.agents.declaration import quantity
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.agents.population import Flags, Floats, Ints

__all__ = [
    "SHARES",
    "Flow",
    "NetFlow",
    "Price",
    "PriceAfterBurn",
    "RootVotes",
    "ShareRule",
    "SubnetView",
    "divide",
]


@dataclass(frozen=True)
class SubnetView:
    """What a share rule sees: one entry per slot, whatever it says where there is no subnet.

    Attributes
    ----------
    live : int8[N]
        1 where there is a subnet.
    votes : float64[N], token
        Stake on root that votes for it.
    price : float64[N], token per alpha
        Moving average of its price.
    inflow : float64[N], token per block
        Moving average of what its stakers paid into its pool, net of what they and its earners took out.
    cost : float64[N], token per block
        Moving average of what the chain put into its pool, net of what root took out.
    burned : float64[N]
        Share of its miners' alpha that was withheld.
    """

    live: Flags
    votes: Floats
    price: Floats
    inflow: Floats
    cost: Floats
    burned: Floats


class ShareRule(Plugin):
    """Base of the rules that divide emission: a rule writes `weights`, and keeps no state."""

    @abstractmethod
    def weights(self, view: SubnetView) -> Floats:
        """Return a number per slot to which emission is proportional.

        Parameters
        ----------
        view : SubnetView

        Returns
        -------
        float64[N]
            Those below zero count as zero, and so do those where there is no subnet.
        """

    def shares(self, view: SubnetView) -> Floats:
        """Return the share of every slot, float64[N]: they sum to 1, or all are 0 and nothing is emitted."""
        weights = np.where(view.live > 0, np.maximum(self.weights(view), 0.0), 0.0)
        largest = float(weights.max(initial=0.0))
        if not (0.0 < largest < np.inf):
            return np.zeros(len(view.live))
        scaled = weights / largest
        shares: Floats = scaled / _total(scaled)
        return shares

    @abstractmethod
    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""


SHARES: Registry[ShareRule] = Registry(
    "share rule",
    ShareRule,  # type: ignore[type-abstract]  # the registry never makes one of its base class
)
"""Share rules by name."""


@SHARES.register("root-votes")
class RootVotes(ShareRule):
    """Those who stake on root vote, by stake: Bittensor before 2025-02-13, where root's validators set weights."""

    summary: ClassVar[str] = "Emission follows the votes of root's stakers."

    def weights(self, view: SubnetView) -> Floats:
        """Return the votes; see `ShareRule.weights`."""
        return view.votes

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return "In proportion to the stake on root that votes for a subnet."


@SHARES.register("price")
class Price(ShareRule):
    """The moving average of the price: dynamic TAO from 2025-02-13, and again since June 2026."""

    summary: ClassVar[str] = "Emission follows the moving average of alpha's price."

    def weights(self, view: SubnetView) -> Floats:
        """Return the prices; see `ShareRule.weights`."""
        return view.price

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return "In proportion to the moving average of the price of alpha."


@SHARES.register("price-after-burn")
class PriceAfterBurn(ShareRule):
    """The moving average of the price, times the share of its miners' alpha that a subnet does pay: since 2026-06-30.

    Source: opentensor/subtensor, subnet_emissions.rs and pull request 2800.
    """

    summary: ClassVar[str] = "Emission follows the price, less where miners are not paid."

    def weights(self, view: SubnetView) -> Floats:
        """Return price times what is left to miners; see `ShareRule.weights`."""
        return view.price * (1.0 - view.burned)

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return "In proportion to the moving average of the price, times the share of miners' alpha that is paid."


@SHARES.register("flow")
class Flow(ShareRule):
    """The moving average of what stakers pay in less what is taken out: Bittensor's taoflow, from 2025-11-05.

    With S the averages, z = max(S - L, 0), L = max(`cutoff`, min(S, 0)), and shares are in proportion to z to the power
    `exponent`. Source: opentensor/subtensor @14bc6f9f964b, subnet_emissions.rs, `get_shares_flow`.
    """

    summary: ClassVar[str] = "Emission follows the net inflow of stakers' tokens."

    cutoff: float = quantity(
        0.0,
        unit="token/block",
        doc="Inflow at and below which a subnet gets nothing; where it is negative, at least the lowest inflow.",
        ge=-1e12,
        le=1e12,
        source="opentensor/subtensor @14bc6f9f964b: TaoFlowCutoff.",
    )
    exponent: float = quantity(
        1.0,
        unit="1",
        doc="Power to which the inflow above the cutoff is raised.",
        gt=0,
        le=10,
        source="opentensor/subtensor @14bc6f9f964b: FlowNormExponent.",
    )

    def weights(self, view: SubnetView) -> Floats:
        """Return the inflow above the cutoff, to the power; see `ShareRule.weights`."""
        inflow = np.where(view.live > 0, self.demand(view), 0.0)
        above = np.maximum(inflow - max(self.cutoff, float(inflow.min(initial=0.0))), 0.0)
        above = np.where(view.live > 0, above, 0.0)
        largest = float(above.max(initial=0.0))
        if self.exponent == 1.0 or largest == 0.0:
            return above
        power = nk.elementary.power_scalar
        return np.array([power(z / largest, self.exponent) if z > 0.0 else 0.0 for z in above])

    def demand(self, view: SubnetView) -> Floats:
        """Return the flow that counts, float64[N], token per block."""
        return view.inflow

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        power = "" if self.exponent == 1.0 else f", to the power {self.exponent:g}"
        return f"In proportion to the moving average of net inflow above {self.cutoff:g} tokens a block{power}."


@SHARES.register("net-flow")
class NetFlow(Flow):
    """Inflow less what the subnet costs the chain: Bittensor from 2026-05-20.

    A cost above zero is scaled by min(1, sum of the inflows above zero / sum of the costs above zero), so that all
    costs together are at most all inflows; one below zero counts in full. Source: opentensor/subtensor @14bc6f9f964b,
    subnet_emissions.rs.
    """

    summary: ClassVar[str] = "Emission follows the net inflow of stakers' tokens, less what the chain put in."

    def demand(self, view: SubnetView) -> Floats:
        """Return inflow less cost, float64[N], token per block."""
        inflow = _positive_total(view.inflow, view.live)
        cost = _positive_total(view.cost, view.live)
        scale = min(1.0, inflow / cost) if cost > 0.0 else 0.0
        return view.inflow - np.where(view.cost > 0.0, scale * view.cost, view.cost)

    def describe(self) -> str:
        """Return one sentence that says what the rule does with its parameters."""
        return f"{super().describe()[:-1]}, inflow being net of what the chain put in."


def _positive_total(values: Floats, live: Flags) -> float:
    return _total(np.where(live > 0, np.maximum(values, 0.0), 0.0))


def _total(values: Floats) -> float:
    """Add up in the order of slots, which gives the same bits on every machine."""
    return float(np.cumsum(values)[-1]) if len(values) else 0.0


def divide(amount: int, shares: Floats) -> Ints:
    """Divide an amount by shares without losing a unit: differences of rounded running totals.

    Parameters
    ----------
    amount : int
        Base units.
    shares : float64[N]
        They sum to 1, or all are 0.

    Returns
    -------
    int64[N]
        Base units; they sum to `amount`, or to 0.
    """
    running = np.cumsum(shares)
    total = float(running[-1]) if len(running) else 0.0
    if total == 0.0:
        return np.zeros(len(shares), np.int64)
    bounds = np.minimum(np.rint(running / total * amount), amount).astype(np.int64)
    bounds[running == total] = amount
    return np.diff(bounds, prepend=0)
