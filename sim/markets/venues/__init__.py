"""Token venues: where orders become trades. One module per kind; a kind is known once it is imported here."""

from __future__ import annotations

from catallaxy.sim.markets.venues.constant_product import ConstantProduct
from catallaxy.sim.markets.venues.price_impact import PriceImpact
from catallaxy.sim.markets.venues.venue import VENUES, Clearing, Pool, Trade, Venue

__all__ = ["VENUES", "Clearing", "ConstantProduct", "Pool", "PriceImpact", "Trade", "Venue"]
