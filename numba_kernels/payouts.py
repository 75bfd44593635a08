"""Pro-rata payouts and token sales of populations whose members belong to one network each."""

from __future__ import annotations

from numba import float64, int64

from catallaxy.numba_kernels.compile import Flags, Floats, IntMatrix, Ints, kernel

__all__ = ["bear", "pay_pro_rata", "restake", "sell_orders", "settle", "total_by_network"]

_MICRO = 1e6


@kernel
def total_by_network(network: Ints, value: Ints, total: Ints) -> None:
    """Sum an integer column by network.

    Parameters
    ----------
    network, value : int64[n]
    total : int64[K], out
    """
    total[:] = 0
    for i in range(network.size):
        total[network[i]] += value[i]


@kernel
def bear(active: Flags, cost: Floats, borne: Ints) -> None:
    """Add a step's cost to what each of those who take part has borne.

    Parameters
    ----------
    active : int8[n]
        1 for those who take part.
    cost : float64[n], USD
    borne : int64[n], micro-USD, in/out
    """
    for i in range(borne.size):
        if active[i] == 1:
            borne[i] += int64(cost[i] * _MICRO)


@kernel
def pay_pro_rata(network: Ints, weight: Ints, rate: Floats, balance: Ints, paid: Ints) -> None:
    """Pay each agent `rate` per unit of weight, rounded down.

    Parameters
    ----------
    network, weight : int64[n]
    rate : float64[K]
        Units paid per unit of weight on each network.
    balance : int64[n], in/out
    paid : int64[K], out
        Total paid on each network.
    """
    paid[:] = 0
    for i in range(network.size):
        k = network[i]
        amount = int64(float64(weight[i]) * rate[k])
        balance[i] += amount
        paid[k] += amount


@kernel
def restake(network: Ints, required: Ints, tokens: Ints, stake: Ints, moved: Ints) -> None:
    """Top collateral up to its requirement from the agent's free tokens.

    Parameters
    ----------
    network, required : int64[n]
    tokens, stake : int64[n], in/out
    moved : int64[K], out
        Base units bonded on each network.
    """
    moved[:] = 0
    for i in range(network.size):
        amount = min(max(required[i] - stake[i], 0), tokens[i])
        tokens[i] -= amount
        stake[i] += amount
        moved[network[i]] += amount


@kernel
def sell_orders(
    network: Ints, purse: tuple[Ints, Ints, Ints], habit: Floats, price: Floats, order: Ints, tally: IntMatrix
) -> None:
    """Sell tokens to cover cash needs first, then a habitual share of what is left.

    Parameters
    ----------
    network : int64[n]
    purse : (int64[n], int64[n], int64[n])
        Cash, cash target (micro-USD), tokens (base units); read only.
    habit : float64[n]
        Share of tokens sold per step whatever the cash position.
    price : float64[K], micro-USD per base unit, positive
    order : int64[n], out
        Minus the base units to sell.
    tally : int64[K, 2], out
        Bid (always 0) and offered, as `settle` expects.
    """
    usd, target, tokens = purse
    tally[:, :] = 0
    for i in range(order.size):
        k = network[i]
        held = float64(tokens[i])
        need = float64(max(target[i] - usd[i], 0)) / price[k]
        quantity = min(int64(min(max(need, habit[i] * held), held)), tokens[i])
        order[i] = -quantity
        tally[k, 1] += quantity


@kernel
def settle(
    network: Ints, order: Ints, purse: tuple[Ints, Ints], rates: tuple[Floats, Floats], tally: IntMatrix
) -> None:
    """Fill orders at the network's price, receivers rounded down.

    Parameters
    ----------
    network, order : int64[n]
        Order: micro-USD to spend if positive, base units to sell if negative.
    purse : (int64[n], int64[n]), in/out
        Cash and tokens.
    rates : (float64[K], float64[K])
        Base units per micro-USD spent, micro-USD per base unit sold.
    tally : int64[K, 2], out
        Base units and micro-USD handed out.
    """
    usd, tokens = purse
    tokens_per_usd, usd_per_token = rates
    tally[:, :] = 0
    for i in range(order.size):
        k = network[i]
        buy = max(order[i], 0)
        sell = max(-order[i], 0)
        plus_tokens = int64(float64(buy) * tokens_per_usd[k])
        plus_usd = int64(float64(sell) * usd_per_token[k])
        usd[i] += plus_usd - buy
        tokens[i] += plus_tokens - sell
        tally[k, 0] += plus_tokens
        tally[k, 1] += plus_usd
