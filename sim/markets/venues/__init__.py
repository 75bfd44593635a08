"""Token venues: where orders become trades. One module per kind; a kind is known once it is imported here."""

from __future__ import annotations

from catallaxy.sim.markets.venues.batch_curve import BatchCurve
from catallaxy.sim.markets.venues.bonding_curve import BondedPool, BondingCurve
from catallaxy.sim.markets.venues.call_auction import CallAuction
from catallaxy.sim.markets.venues.concentrated import Concentrated
from catallaxy.sim.markets.venues.constant_product import ConstantProduct
from catallaxy.sim.markets.venues.curve import Curve, CurvePool
from catallaxy.sim.markets.venues.issuing_curve import IssuingCurve, IssuingPool
from catallaxy.sim.markets.venues.launch_curve import LaunchCurve, LaunchPool
from catallaxy.sim.markets.venues.order_book import OrderBook
from catallaxy.sim.markets.venues.order_pool import OrderPool
from catallaxy.sim.markets.venues.order_venue import OrderVenue
from catallaxy.sim.markets.venues.price_impact import PriceImpact
from catallaxy.sim.markets.venues.venue import VENUES, Clearing, Pool, Trade, Venue, divide_liquidity
from catallaxy.sim.markets.venues.weighted import Weighted

__all__ = [
    "VENUES",
    "BatchCurve",
    "BondedPool",
    "BondingCurve",
    "CallAuction",
    "Clearing",
    "Concentrated",
    "ConstantProduct",
    "Curve",
    "CurvePool",
    "IssuingCurve",
    "IssuingPool",
    "LaunchCurve",
    "LaunchPool",
    "OrderBook",
    "OrderPool",
    "OrderVenue",
    "Pool",
    "PriceImpact",
    "Trade",
    "Venue",
    "Weighted",
    "divide_liquidity",
]
