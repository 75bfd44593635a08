"""What each service market is: the plug-in points for compute, data and inference.

The populations hold offers and demands in arrays; a market turns them into prices and quantities for all networks at
once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from catallaxy.agents.data_providers import DataProviders
from catallaxy.agents.model_builders import ModelBuilders
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.agents.population import Floats, Ints

__all__ = [
    "COMPUTE_MARKETS",
    "DATA_MARKETS",
    "INFERENCE_MARKETS",
    "Bidding",
    "ComputeClearing",
    "ComputeMarket",
    "DataMarket",
    "InferenceMarket",
]


@dataclass(frozen=True)
class ComputeClearing:
    """Outcome of the compute market. Offers of one region at one tick share pro rata in what sells there.

    Attributes
    ----------
    sold : int64[K, R, ticks], milli-GPU-hours
        What sells of the offers, by network, region and price tick.
    paid : float64[K, R, 1] or float64[K, R, ticks], USD/GPU-hour
        What sellers are paid: one price per region, or one per tick. Buyers pay the average.
    reference : float64[K, R], USD/GPU-hour
        Price that nodes learn from, and that the market is given back in the next step.
    """

    sold: Ints
    paid: Floats
    reference: Floats


class Bidding(NamedTuple):
    """How nodes quote in a market: of the gain of the price they expect over their cost, two shares.

    Attributes
    ----------
    asked : float
        What they add to their cost when they quote.
    kept : float
        What a sale brings them.
    """

    asked: float = 0.0
    kept: float = 1.0


class ComputeMarket(Plugin):
    """Base of every compute market."""

    @property
    def bidding(self) -> Bidding:
        """How nodes quote; their cost, unless a market says otherwise, and a sale brings the whole gain."""
        return Bidding()

    def clear(self, supply: Ints, demand: Ints, ceiling: float, last_price: Floats) -> ComputeClearing:
        """Clear GPU-hours on every network; the arguments are not changed.

        Parameters
        ----------
        supply : int64[K, R, ticks], milli-GPU-hours
            Offers by region and price tick (`numba_kernels.merit_order`).
        demand : int64[K], milli-GPU-hours
        ceiling : float, USD/GPU-hour
            Price at which buyers go elsewhere.
        last_price : float64[K, R], USD/GPU-hour
            Reference price of the last step.

        Returns
        -------
        ComputeClearing
        """
        raise NotImplementedError(f"compute market {self.kind!r} does not clear")


class DataMarket(Plugin):
    """Base of every data market."""

    def clear(self, providers: DataProviders, builders: ModelBuilders, transaction_cost: float) -> tuple[Ints, Ints]:
        """Trade licences.

        The market moves the money of both populations, sets what each builder has `licensed`, and leaves no one with a
        debt.

        Parameters
        ----------
        providers : DataProviders
            With this step's offers.
        builders : ModelBuilders
            With this step's budgets.
        transaction_cost : float, USD
            What a provider pays to receive its money.

        Returns
        -------
        paid : int64[K], micro-USD
            By builders.
        tally : int64[K, 4]
            Active providers, licences sold, fees received, transaction costs paid (micro-USD).
        """
        raise NotImplementedError(f"data market {self.kind!r} does not clear")


class InferenceMarket(Plugin):
    """Base of every inference market."""

    def clear(self, builders: ModelBuilders, spending: Ints, unit_cost: Floats, kept: Floats) -> Ints:
        """Serve users, whose money goes to the builders but for what the protocol keeps.

        Parameters
        ----------
        builders : ModelBuilders
        spending : int64[K], micro-USD
            What users want to spend.
        unit_cost : float64[K], USD/unit
            Compute cost of a service unit.
        kept : float64[K]
            Share of a payment that reaches the builder.

        Returns
        -------
        int64[K, 5]
            Spending served, revenue of builders (micro-USD), service units (times 1e6), spending-weighted quality
            (micro-USD), spending wanted (micro-USD).
        """
        raise NotImplementedError(f"inference market {self.kind!r} does not clear")


COMPUTE_MARKETS: Registry[ComputeMarket] = Registry("compute market", ComputeMarket)
DATA_MARKETS: Registry[DataMarket] = Registry("data market", DataMarket)
INFERENCE_MARKETS: Registry[InferenceMarket] = Registry("inference market", InferenceMarket)
