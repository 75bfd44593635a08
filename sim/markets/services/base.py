"""What each service market is: the plug-in points for compute, data and inference.

The populations hold offers and demands in arrays; a market turns them into prices and quantities for all networks at
once.
"""

from __future__ import annotations

from dataclasses import dataclass

from catallaxy.agents.data_providers import DataProviders
from catallaxy.agents.model_builders import ModelBuilders
from catallaxy.agents.plugins import Plugin, Registry
from catallaxy.agents.population import Floats, Ints

__all__ = [
    "COMPUTE_MARKETS",
    "DATA_MARKETS",
    "INFERENCE_MARKETS",
    "ComputeClearing",
    "ComputeMarket",
    "DataMarket",
    "InferenceMarket",
]


@dataclass(frozen=True)
class ComputeClearing:
    """Outcome of the compute market, per network.

    Attributes
    ----------
    marginal : int64[K]
        Highest tick that sells; -1 when none does.
    filled : float64[K]
        Share of the offers at the marginal tick that sell.
    price : float64[K], USD/GPU-hour
    """

    marginal: Ints
    filled: Floats
    price: Floats


class ComputeMarket(Plugin):
    """Base of every compute market."""

    def clear(self, supply: Ints, demand: Ints, ceiling: float, last_price: Floats) -> ComputeClearing:
        """Clear GPU-hours on every network.

        Parameters
        ----------
        supply : int64[K, ticks], milli-GPU-hours
            Offers by price tick.
        demand : int64[K], milli-GPU-hours
        ceiling : float, USD/GPU-hour
            Price at which buyers go elsewhere.
        last_price : float64[K], USD/GPU-hour
            Clearing price of the last step; kept where nothing trades.

        Returns
        -------
        ComputeClearing
        """
        raise NotImplementedError(f"compute market {self.kind!r} does not clear")


class DataMarket(Plugin):
    """Base of every data market."""

    def clear(self, providers: DataProviders, builders: ModelBuilders, transaction_cost: float) -> tuple[Ints, Ints]:
        """Trade licences; return micro-USD paid per network and the providers' tally (see `data_market.pay`)."""
        raise NotImplementedError(f"data market {self.kind!r} does not clear")


class InferenceMarket(Plugin):
    """Base of every inference market."""

    def clear(self, builders: ModelBuilders, spending: Ints, unit_cost: Floats, kept: Floats) -> Ints:
        """Serve users; return the builders' tally (see `model_market.serve`)."""
        raise NotImplementedError(f"inference market {self.kind!r} does not clear")


COMPUTE_MARKETS: Registry[ComputeMarket] = Registry("compute market", ComputeMarket)
DATA_MARKETS: Registry[DataMarket] = Registry("data market", DataMarket)
INFERENCE_MARKETS: Registry[InferenceMarket] = Registry("inference market", InferenceMarket)
