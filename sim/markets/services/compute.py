"""Markets for GPU-hours: auctions by merit order, and a posted price that follows utilisation."""

from __future__ import annotations

import math
from functools import cache
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import field_validator

from catallaxy import numba_kernels as nk
from catallaxy.agents.complaints import complaint
from catallaxy.agents.declaration import Spec, quantity
from catallaxy.agents.population import Floats, Ints
from catallaxy.sim.markets.services.base import COMPUTE_MARKETS, Bidding, ComputeClearing, ComputeMarket

__all__ = ["Auction", "MeritOrder", "PayAsBid", "RegionsSpec", "UtilisationPrice"]

Truths = npt.NDArray[np.bool_]


class RegionsSpec(Spec):
    """Where buyers need GPU-hours, and how much they prefer those nearby."""

    demand: tuple[float, ...] = quantity(
        unit="1",
        doc="Relative weight of each region in the demand of every builder (any scale); region 0 is the first.",
    )
    premium: float = quantity(
        0.1,
        unit="1",
        doc="What buyers pay more for an hour in their own region, for latency and data transfer (in steps of 0.4 %).",
        ge=0,
        le=10,
    )

    @field_validator("demand")
    @classmethod
    def _some(cls, demand: tuple[float, ...]) -> tuple[float, ...]:
        if not demand or min(demand) < 0 or not 0 < sum(demand) < math.inf:
            raise complaint("weights", f"{list(demand)}: weights must not be negative and must sum to more than 0")
        return demand

    def split(self, demand: Ints, n_regions: int) -> Ints:
        """Return what is wanted in each of the first regions, int64[K, R]."""
        weights = np.zeros(max(n_regions, len(self.demand)))
        weights[: len(self.demand)] = self.demand
        wanted: Ints = (demand[:, np.newaxis] * (weights / weights.sum())[:n_regions]).astype(np.int64)
        return wanted


class Match(NamedTuple):
    """Which offers sell, and what prices that supports.

    Attributes
    ----------
    sold : int64[K, R, ticks], milli-GPU-hours
    lowest, highest : float64[K, R] and float, USD/GPU-hour
        Highest quote that sells; most that buyers pay.
    equilibrium : float64[K, R], USD/GPU-hour
        What the last hour needed is worth in each region; the highest price where offers fall short.
    trades, wanted : bool[K, 1]
        Something sells; there is demand.
    """

    sold: Ints
    lowest: Floats
    highest: float
    equilibrium: Floats
    trades: Truths
    wanted: Truths


class Auction(ComputeMarket):
    """What auctions share: the cheapest offers sell, within and across regions, and the cloud serves the rest."""

    discount: float = quantity(
        0.1, unit="1", doc="What buyers must save against the cloud to use the network.", ge=0, lt=1
    )
    gaps: float = quantity(
        0.0,
        unit="1",
        doc="Share of the hours on offer that nobody can use: set-up, time between jobs, hours of little demand.",
        ge=0,
        lt=1,
        source="Assumption; a fifth where the best year of a network is known: docs/calibration.md.",
    )
    regions: RegionsSpec | None = quantity(
        None, unit="-", doc="Preference of buyers for hours in their own region; none when it is left out."
    )

    def match(self, supply: Ints, demand: Ints, ceiling: float) -> Match:
        """Find what sells; the arguments are those of `clear`."""
        n_networks, n_regions, _ = supply.shape
        balance, premium = np.zeros((n_networks, n_regions), np.int64), 0
        if self.regions is not None:
            balance = self.regions.split(demand, n_regions)
            premium = nk.merit_order.tick_at(1.0 + self.regions.premium) - nk.merit_order.tick_at(1.0)
        if self.gaps > 0.0:
            supply = (supply * (1.0 - self.gaps)).astype(np.int64)
        top = nk.merit_order.tick_at(ceiling * (1.0 - self.discount)) - 1
        sold, left, (margin, dearest) = np.empty_like(supply), demand.copy(), np.empty((2, *balance.shape), np.int64)
        nk.merit_order.clear(supply, balance, left, top, premium, sold, margin, dearest)
        lowest, equilibrium = np.empty((2, n_networks, n_regions))
        nk.merit_order.prices_of(np.maximum(dearest, 0), lowest)
        nk.merit_order.prices_of(np.maximum(margin, 0), equilibrium)
        highest = nk.merit_order.price_of_tick(max(top, 0))
        trades: Truths = np.max(dearest, axis=1, keepdims=True) >= 0
        return Match(sold, lowest, highest, equilibrium, trades, margin[:, :1] >= 0)


@COMPUTE_MARKETS.register("merit-order")
class MeritOrder(Auction):
    """Uniform-price procurement auction: cheapest offers first, all paid the same; the cloud serves the rest.

    The price tends to the marginal offer while supply lasts, and to the ceiling when demand exceeds all offers below
    it: there buyers are indifferent between the network and the cloud, and scarce hardware earns a rent. The rent comes
    and goes gradually, because most capacity is contracted for longer than a step. With regions, each has a price.
    """

    summary: ClassVar[str] = "Uniform-price auction by merit order, with the cloud as outside supply."

    rent_pace: float = quantity(
        0.05, unit="1/step", doc="Share of the way to scarcity or marginal price that the price goes.", gt=0, le=1
    )

    def clear(self, supply: Ints, demand: Ints, ceiling: float, last_price: Floats) -> ComputeClearing:
        """Clear GPU-hours; see `ComputeMarket.clear`."""
        match = self.match(supply, demand, ceiling)
        moved = last_price + self.rent_pace * (match.equilibrium - last_price)
        price = np.where(match.trades, np.minimum(np.maximum(moved, match.lowest), match.highest), last_price)
        return ComputeClearing(match.sold, price[:, :, np.newaxis], price)


@COMPUTE_MARKETS.register("pay-as-bid")
class PayAsBid(Auction):
    """Discriminatory procurement auction: cheapest offers first, each paid what it quotes.

    Whoever quotes its cost would then earn nothing, so nodes ask for a part of the gain that the price of the marginal
    offer would bring them; buyers pay the average. When demand exceeds all offers, nodes learn that buyers would have
    borne the ceiling.
    """

    summary: ClassVar[str] = "Auction by merit order in which every offer is paid its own quote."

    shading: float = quantity(
        0.8,
        unit="1",
        doc="Share of the gain from cost to the expected marginal price that nodes ask for.",
        ge=0,
        le=1,
        source="Bids near the expected marginal price: Kahn, Cramton, Porter & Tabors 2001, Electricity Journal 14(6).",
    )

    @property
    def bidding(self) -> Bidding:
        """Nodes ask for, and keep, a part of the gain; see `ComputeMarket.bidding`."""
        return Bidding(self.shading, self.shading)

    def clear(self, supply: Ints, demand: Ints, ceiling: float, last_price: Floats) -> ComputeClearing:
        """Clear GPU-hours; see `ComputeMarket.clear`."""
        match = self.match(supply, demand, ceiling)
        learned = np.where(match.wanted, match.equilibrium, last_price)
        return ComputeClearing(match.sold, np.broadcast_to(_grid(), supply.shape).copy(), learned)


@COMPUTE_MARKETS.register("posted-price")
class UtilisationPrice(ComputeMarket):
    """The protocol posts one price per network: it rises when much of what is offered sells and falls when little does.

    p' = p (1 + clip(response * e, +-largest_change)), where e is how far utilisation lies outside target +- tolerance.
    All nodes whose quote the price covers offer, and share in the demand pro rata; the cloud serves the rest, and
    everything while the posted price does not save buyers enough. With target 1/2, no tolerance, response 1/4 and
    largest change 1/8 this is the base fee of EIP-1559; with tolerance 0.1, response 0.05 and largest change 0.02 it is
    the rule of Gonka.
    """

    summary: ClassVar[str] = "Price posted by the protocol, moved towards a target utilisation."

    discount: float = quantity(
        0.1, unit="1", doc="What buyers must save against the cloud to use the network.", ge=0, lt=1
    )
    target: float = quantity(0.5, unit="1", doc="Utilisation at which the price stays.", gt=0, lt=1)
    tolerance: float = quantity(
        0.1,
        unit="1",
        doc="Distance from the target that moves no price.",
        ge=0,
        lt=1,
        source="Gonka: stable between 40 and 60 % (gonka-ai/gonka).",
    )
    response: float = quantity(
        0.25,
        unit="1/step",
        doc="Relative price change per unit of utilisation beyond the tolerance.",
        gt=0,
        le=10,
        source="EIP-1559: an eighth for a deviation of the size of the target.",
    )
    largest_change: float = quantity(
        0.125, unit="1/step", doc="Largest relative price change in a step.", gt=0, lt=1, source="EIP-1559."
    )
    lowest_price: float = quantity(
        0.05, unit="USD/GPU-hour", doc="Price below which the posted price never falls.", gt=0
    )

    def clear(self, supply: Ints, demand: Ints, ceiling: float, last_price: Floats) -> ComputeClearing:
        """Clear GPU-hours; see `ComputeMarket.clear`."""
        posted = np.maximum(last_price[:, 0], self.lowest_price)
        wanted = np.where(posted <= ceiling * (1.0 - self.discount), demand, 0)
        sold, offered = np.empty_like(supply), np.empty_like(demand)
        nk.merit_order.sell_at_one_price(supply, posted, wanted, sold, offered)
        used = np.where(offered > 0, np.minimum(wanted / np.maximum(offered, 1), 1.0), np.where(wanted > 0, 1.0, 0.0))
        beyond = used - np.clip(used, self.target - self.tolerance, self.target + self.tolerance)
        change = np.clip(self.response * beyond, -self.largest_change, self.largest_change)
        moved = np.where((offered > 0) | (demand > 0), posted * (1.0 + change), posted)
        per_region = np.ones((1, supply.shape[1]))
        paid = posted[:, np.newaxis] * per_region
        return ComputeClearing(
            sold, paid[:, :, np.newaxis], np.maximum(moved, self.lowest_price)[:, np.newaxis] * per_region
        )


@cache
def _grid() -> Floats:
    """Return the price of every tick, float64[TICKS]."""
    price = np.empty((1, nk.merit_order.TICKS))
    nk.merit_order.prices_of(np.arange(nk.merit_order.TICKS)[np.newaxis], price)
    grid: Floats = price[0]
    return grid
