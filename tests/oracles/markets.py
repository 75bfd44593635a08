"""Slow twins of the service and token markets: sorted lists of offers, agents one at a time, and a root finder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from oracles import elementary

Floats = npt.NDArray[np.float64]

TICKS = 4096
TICK = 0.004
LOWEST_PRICE = 1e-5
#: How far above a tick's price a price may lie and still belong to it.
TOLERANCE = 4e-10


class Offer(NamedTuple):
    """A quantity at a price tick."""

    tick: int
    quantity: int


class Node(NamedTuple):
    """One compute node."""

    network: int
    region: int
    capacity: int
    power: float
    electricity: float
    upkeep: float
    outside: float
    online: int
    usd: int


class Provider(NamedTuple):
    """One data provider."""

    network: int
    units: float
    cost: float
    active: int
    tick: int


class Builder(NamedTuple):
    """One model builder."""

    network: int
    usd: int
    revenue: float
    units: float
    markup: float
    price: float
    quality: float
    compute: float
    data: float
    appeal: float = 0.0


def list_prices_reference() -> Floats:
    """Return the price of every tick, by the same exponential as the kernels."""
    return elementary.exp(-11.512925464970229 + TICK * np.arange(TICKS, dtype=np.float64))


def find_tick_reference(price: float, prices: Floats) -> int:
    """Return the first tick whose price reaches `price`."""
    for tick, offered in enumerate(prices):
        if offered * (1.0 + TOLERANCE) >= price:
            return tick
    return TICKS - 1


def clear_auction_reference(offers: Sequence[Offer], demand: int, ceiling: int) -> tuple[int, int]:
    """Return the marginal tick (-1 for none) and what is taken at it: sort the offers, then buy the cheapest first."""
    left, marginal, at_margin = demand, -1, 0
    for tick, quantity in sorted(offers):
        if tick > ceiling or left <= 0:
            break
        if quantity == 0:
            continue
        taken = min(quantity, left)
        at_margin = taken if tick > marginal else at_margin + taken
        marginal = tick
        left -= taken
    return marginal, at_margin


def running_cost_reference(node: Node, electricity_price: float) -> float:
    """Return the running cost of one GPU-hour, USD."""
    return node.power * node.electricity * electricity_price + node.upkeep


def decide_online_reference(node: Node, cost: float, terms: tuple[float, float, float], hurdle: float) -> bool:
    """Return whether a node goes online: it can pay a step's cost, and the earning reaches the hurdle.

    `terms` are the expected price, share of hours sold and reward; amounts are USD per GPU-hour.
    """
    price, busy, reward = terms
    margin = price - cost if price > cost else 0.0
    solvent = float(node.usd) > cost * float(node.capacity) * 1000.0 + 1.0
    return solvent and reward + busy * margin >= hurdle


def deliver_compute_reference(
    node: Node, share: float, price: float, electricity_price: float, saving: float
) -> tuple[int, int, int]:
    """Return milli-GPU-hours sold, revenue and expense (micro-USD) of a node that sells `share` of its capacity."""
    hours = int(float(node.capacity) * share)
    cost = running_cost_reference(node, electricity_price) * (1.0 - saving)
    return hours, int(float(hours) * price * 1000.0), math.ceil(float(hours) * cost * 1000.0)


def offer_data_reference(
    provider: Provider, income_per_unit: float, transaction_cost: float, hysteresis: float, unit_price: float
) -> tuple[int, int, int]:
    """Return (active, fee, thousandths of a unit on offer) of one provider."""
    hurdle = (provider.cost + transaction_cost) * (1.0 - hysteresis if provider.active else 1.0 + hysteresis)
    if income_per_unit * provider.units < hurdle:
        return 0, 0, 0
    return 1, int(provider.units * unit_price * 1e6), int(provider.units * 1000.0)


def license_data_reference(shelf: Sequence[tuple[int, int, int]], budget: int) -> tuple[int, int, int]:
    """Return (highest tick bought, paid, units) of one builder that takes the shelf tick by tick, cheapest first.

    `shelf` holds (tick, fee, units) of everything on offer on the builder's network.
    """
    paid = units = 0
    for tick in sorted({tick for tick, _, _ in shelf}):
        cost = sum(fee for t, fee, _ in shelf if t == tick)
        if paid + cost > budget:
            return tick - 1, paid, units
        paid += cost
        units += sum(u for t, _, u in shelf if t == tick)
    return TICKS - 1, paid, units


def move_posted_price_reference(tick: int, sold: int, n_builders: int, pace: int) -> int:
    """Return a provider's next tick: up when every builder bought, down when none did."""
    if sold == 0:
        return max(tick - pace, 0)
    return min(tick + pace, TICKS - 1) if sold == n_builders else tick


def measure_loss_reference(compute: float, data: float) -> float:
    """Return the smallest loss over model sizes: try 200,001 sizes on a logarithmic grid."""
    sizes = np.logspace(3, 16, 200_001)
    tokens = np.minimum(compute / (6.0 * sizes), data)
    sizes = compute / (6.0 * tokens)
    return float(np.min(1.8172 + 482.01 / sizes**0.3478 + 2085.43 / tokens**0.3658))


def evaluate_loss_reference(compute: float, data: float) -> float:
    """Return the loss at the optimal size, from the first-order condition, with the C library's powers."""
    a, b, alpha, beta = 482.01, 2085.43, 0.3478, 0.3658
    size = (alpha * a / (beta * b)) ** (1.0 / (alpha + beta)) * (compute / 6.0) ** (beta / (alpha + beta))
    tokens = min(compute / (6.0 * size), data)
    return float(1.8172 + a / (compute / (6.0 * tokens)) ** alpha + b / tokens**beta)


def plan_spending_reference(
    builder: Builder, how: tuple[float, float, float, float, float, float], ceiling: float
) -> tuple[int, int, int]:
    """Return data budget (micro-USD), inference and training compute (milli-GPU-hours) of one builder."""
    data_share, largest_data_share, training_share, hours_per_unit, headroom, cash_share = how
    cash = max(float(builder.usd) * cash_share * (1.0 - 2.0**-40) - 2.0, 0.0)
    data = min(data_share * builder.revenue * 1e6, largest_data_share * cash)
    serving = builder.units * hours_per_unit * headroom * 1000.0
    learning = training_share * builder.revenue * 1e6 / (ceiling * 1000.0)
    cost = (serving + learning) * (ceiling * 1000.0)
    fit = min(1.0, (cash - data) / max(cost, 1e-9))
    return int(data), int(serving * fit), int(learning * fit)


def pay_compute_reference(hours: int, served: float, price: float, cloud: float) -> tuple[int, int]:
    """Return micro-USD paid to the nodes and to the cloud for `hours` milli-GPU-hours."""
    local = float(hours) * served
    to_nodes = math.ceil(local * price * 1000.0 * (1.0 + 2.0**-50))
    return to_nodes, math.ceil((float(hours) - local) * cloud * 1000.0)


def share_users_reference(builders: Sequence[Builder], prices: Floats, thetas: tuple[float, float]) -> Floats:
    """Return the logit market shares of the builders of one network."""
    utilities = [
        thetas[0] * math.log(builder.quality) - thetas[1] * math.log(price) + builder.appeal
        for builder, price in zip(builders, prices, strict=True)
    ]
    weights = np.array([math.exp(utility - max(utilities)) for utility in utilities])
    return weights / math.fsum(weights)


def serve_users_reference(
    builder: Builder, wanted: float, inference: int, kept: float, hours_per_unit: float
) -> tuple[int, int, bool]:
    """Return spending served, revenue (micro-USD), and whether capacity fell short, of one builder."""
    limit = float(inference) * 1e-3 / hours_per_unit * builder.price * 1e6
    gross = int(min(wanted, limit))
    return gross, int(float(gross) * kept), wanted > limit


def queue_users_reference(builders: Sequence[tuple[int, int]], spending: int) -> list[tuple[Fraction, bool]]:
    """Return what each builder of one network is asked for, and whether that is all it can serve, or more.

    `builders` holds (price tick, most it can sell). Users try one tick after the other.
    """
    asked = [(Fraction(0), False)] * len(builders)
    left = spending
    for tick in sorted({tick for tick, _ in builders}):
        here = [b for b, (t, _) in enumerate(builders) if t == tick]
        capacity = sum(builders[b][1] for b in here)
        for b in here:
            limit = builders[b][1]
            if left < capacity:
                asked[b] = (Fraction(limit * left, capacity), False)
            else:
                asked[b] = (limit + Fraction(left - capacity, len(here)), True)
        left = max(left - capacity, 0)
    return asked


def move_markup_reference(markup: float, share: float, scarcity: float, theta_price: float, pace: float) -> float:
    """Return the markup after one step towards the one that maximises profit in the logit."""
    elasticity = theta_price * (1.0 - share)
    best = 1.0 / (elasticity - 1.0) if elasticity > 1.2 else 5.0
    moved = markup + pace * (best * scarcity - markup)
    return min(max(moved, 0.05), 5.0)


def clear_pool_reference(pool: tuple[float, float], bid: float, offered: float, fee: float) -> float:
    """Return the uniform price of a batch against x*y = k, by bisection on what the pool itself would charge.

    At the price p the buyers bring `bid` dollars and the sellers want `offered * p`; the pool takes the difference on
    its curve. The batch clears where the pool's average price for that difference is p (or, inside the fee band, where
    there is no difference).
    """
    tokens, usd = pool
    keep = 1.0 - fee

    def charge(price: float) -> float:
        net_usd = bid - offered * price
        if net_usd > 0.0:
            return (usd + keep * net_usd) / (tokens * keep)
        return usd * keep / (tokens + keep * (offered - bid / price))

    low, high = 1e-30, 1e30
    for _ in range(400):
        middle = math.sqrt(low * high)
        if charge(middle) > middle:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)
